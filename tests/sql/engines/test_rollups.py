"""Every roll-up has the same rows whichever engine counts it."""

from pathlib import Path

import pytest

from sql.engines.duckdb_counter import DuckDBCounter
from tests.sql.engines import parity


@pytest.fixture(scope="module")
def lake(tmp_path_factory) -> tuple[Path, list[Path]]:
    """A lake's folder, and the request files in it."""
    folder = tmp_path_factory.mktemp("a lake")
    files = parity.write_files(folder, parity.events(), parity.base())
    return folder, [folder / file for day in files.values() for file in day]


@pytest.fixture(scope="module")
def expected(lake):
    folder, files = lake
    return parity.counted(DuckDBCounter(parity.base(), folder), files, folder / "duckdb")


@pytest.fixture(scope="module")
def on_sail(lake, sail):
    from sql.engines.spark_counter import SparkCounter

    folder, files = lake
    return parity.counted(SparkCounter.connect(parity.program(sail), parity.base(), folder), files, folder / "sail")


def test_the_events_reach_every_rollup(expected):
    assert all(rows for rows, _ in expected.values())
    assert sorted(expected) == sorted(parity.ROLLUPS)


def test_duckdb_counts_numbers_as_it_counts_texts(lake, expected, monkeypatch):
    folder, files = lake
    monkeypatch.setattr(DuckDBCounter, "few_bytes", 0)
    assert parity.counted(DuckDBCounter(parity.base(), folder), files, folder / "numbers") == expected


def test_a_day_by_itself_is_counted_as_among_others(lake, expected, monkeypatch):
    folder, files = lake
    monkeypatch.setattr(DuckDBCounter, "few_bytes", 0)
    day = "2026-01-30"
    of_day = [file for file in files if f"day={day}" in str(file)]
    counted = parity.counted(DuckDBCounter(parity.base(), folder), of_day, folder / "one day")
    of_days = [name for name in parity.ROLLUPS if not name.endswith("_month")]
    for name in of_days:
        rows, columns = expected[name]
        assert counted[name] == ([row for row in rows if str(row[0]) == day], columns)


@pytest.mark.parametrize("rollup", parity.ROLLUPS)
def test_sail_counts_as_duckdb_does(rollup, expected, on_sail):
    parity.assert_equal(on_sail[rollup], expected[rollup])
