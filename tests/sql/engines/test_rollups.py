"""Every roll-up has the same rows whichever engine counts it."""

import pytest

from data_sources.lakes import FolderLake
from sql.engines.duckdb_counter import DuckDBCounter
from tests.sql.engines import parity


@pytest.fixture(scope="module")
def lake(tmp_path_factory) -> tuple[FolderLake, list[str]]:
    """A lake, and the request files in it."""
    folder = tmp_path_factory.mktemp("a lake")
    files = parity.write_files(folder, parity.events(), parity.base())
    return FolderLake(folder), [file for day in files.values() for file in day]


@pytest.fixture(scope="module")
def expected(lake):
    lake, files = lake
    return parity.counted(DuckDBCounter(parity.base(), lake, lake.here), files, lake.here / "duckdb")


@pytest.fixture(scope="module")
def on_sail(lake, sail):
    from sql.engines.spark_counter import SparkCounter

    lake, files = lake
    counter = SparkCounter.connect(parity.program(sail), parity.base(), lake, lake.here)
    return parity.counted(counter, files, lake.here / "sail")


def test_the_events_reach_every_rollup(expected):
    assert all(rows for rows, _ in expected.values())
    assert sorted(expected) == sorted(parity.ROLLUPS)


def test_duckdb_counts_numbers_as_it_counts_texts(lake, expected, monkeypatch):
    lake, files = lake
    monkeypatch.setattr(DuckDBCounter, "few_bytes", 0)
    counter = DuckDBCounter(parity.base(), lake, lake.here)
    assert parity.counted(counter, files, lake.here / "numbers") == expected


def test_a_day_by_itself_is_counted_as_among_others(lake, expected, monkeypatch):
    lake, files = lake
    monkeypatch.setattr(DuckDBCounter, "few_bytes", 0)
    day = "2026-01-30"
    of_day = [file for file in files if f"day={day}" in file]
    counted = parity.counted(DuckDBCounter(parity.base(), lake, lake.here), of_day, lake.here / "one day")
    of_days = [name for name in parity.ROLLUPS if not name.endswith("_month")]
    for name in of_days:
        rows, columns = expected[name]
        assert counted[name] == ([row for row in rows if str(row[0]) == day], columns)


@pytest.mark.parametrize("rollup", parity.ROLLUPS)
def test_sail_counts_as_duckdb_does(rollup, expected, on_sail):
    parity.assert_equal(on_sail[rollup], expected[rollup])
