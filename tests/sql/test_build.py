"""Builds: only what changed is counted and loaded, a failed one leaves the last good one, and models go in their order."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from data_sources import stall_reasons, ticket_topics
from data_sources.lakes import FolderLake
from data_sources.program import ProgramError
from data_sources.records import Organization
from sql import checks, count, models, snapshot
from sql.build import BuildError, build
from sql.engines import duckdb as engine
from sql.engines.duckdb_counter import DuckDBCounter
from tests.sql import small_home

NOW = datetime(2026, 3, 20, 8)


@pytest.fixture
def home(tmp_path) -> Path:
    return small_home.copy(tmp_path / "home")


@pytest.fixture
def original(tmp_path) -> Path:
    """A home that was refreshed where it lies: the ledger of a copy names the place that it was copied from."""
    home = small_home.make(tmp_path / "home")
    small_home.refreshed(home)
    return home


def counted_files(home: Path) -> dict[str, int]:
    return {
        str(path.relative_to(home)): path.stat().st_mtime_ns
        for path in (home / "lake").rglob("*.parquet")
        if path.parts[-3] not in ("requests", "rejected") and "rejected" not in path.parts
    }


def test_nothing_new_builds_nothing(home):
    before = snapshot.current(home)
    again = small_home.refreshed(home)
    assert again.built.skipped
    assert again.built.counted == 0
    assert snapshot.current(home).name == before.name


def test_only_touched_days_are_counted_again(home):
    before = counted_files(home)
    day = datetime(2026, 2, 10, tzinfo=UTC)
    small_home.write_kong(home, "b.log", small_home.kong_lines(30, 5, day, 0.9))
    done = small_home.refreshed(home)
    assert (done.lines, done.accepted) == (30, 30)
    after = counted_files(home)
    new = {name for name in after if after[name] != before.get(name)}
    assert {Path(name).parent.name for name in new} == {"day=2026-02-10", "month=2026-02"}
    assert {Path(name).parent.name for name in set(before) - set(after)} == {"day=2026-02-10", "month=2026-02"}


def test_a_refresh_in_steps_is_the_same_as_one_from_scratch(home):
    for n in range(3):
        small_home.write_kong(
            home, "a.log", small_home.kong_lines(20, 40 + n, small_home.FIRST + timedelta(days=30 * n), 9)
        )
        (home / "developers.csv").write_text(
            (home / "developers.csv").read_text() + f"dev_9{n},x{n}@y.example,X,,2026-02-01\n"
        )
        small_home.refreshed(home)
    in_steps = small_home.contents(snapshot.current(home))
    small_home.refreshed(home, from_scratch=True)
    small_home.assert_same(small_home.contents(snapshot.current(home)), in_steps)


def test_a_deleted_count_is_counted_again(original):
    before = small_home.contents(snapshot.current(original))
    victim = next((original / "lake" / "usage_day").rglob("*.parquet"))
    victim.unlink()
    assert small_home.refreshed(original, from_scratch=True).built.counted == 1
    assert victim.exists()
    small_home.assert_same(small_home.contents(snapshot.current(original)), before)


def test_many_batches_count_as_one_does(original, monkeypatch):
    before = small_home.contents(snapshot.current(original))
    for rollup in count.rollups():
        for path in (original / "lake" / rollup).rglob("*.parquet") if (original / "lake" / rollup).exists() else ():
            path.unlink()
    monkeypatch.setattr(DuckDBCounter, "batch_bytes", 2_000)
    small_home.refreshed(original, from_scratch=True)
    small_home.assert_same(small_home.contents(snapshot.current(original)), before)


def test_a_month_is_counted_over_its_days_counts(original):
    before = small_home.contents(snapshot.current(original))
    for path in (original / "lake").glob("*_month/month=*/*.parquet"):
        path.unlink()
    requests = original / "lake" / "requests"
    requests.rename(original / "requests-away")
    try:
        assert small_home.refreshed(original, from_scratch=True).built.counted == 3
    finally:
        (original / "requests-away").rename(requests)
    small_home.assert_same(small_home.contents(snapshot.current(original)), before)


def test_a_home_with_records_alone_builds(tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    (home / "program.toml").write_text(small_home.PROGRAM)
    store, program = small_home.store_and_program(home)
    store.upsert(Organization, [{"source": "crm", "id": "o1", "name": "Firm"}], NOW)
    built = build(home, store, program, NOW)
    _, rows = snapshot.current(home).execute(
        "select (select count(*) from usage_day), (select count(*) from raw_organization)"
    )
    assert rows == [(0, 1)]
    assert not built.skipped


def test_a_changed_judgement_or_program_builds_again(home):
    text = (home / "program.toml").read_text()
    (home / "program.toml").write_text(text.replace('name = "Small"', 'name = "Smaller"'))
    assert not small_home.refreshed(home).built.skipped
    _, rows = snapshot.current(home).execute("select value from program_setting where key = 'name'")
    assert rows == [("Smaller",)]


@pytest.mark.parametrize("rules", [stall_reasons.RULES, ticket_topics.RULES], ids=lambda rules: rules.name)
def test_changed_rules_beside_the_program_build_again(home, rules):
    text = rules.default.read_text()
    (home / rules.name).write_text(text)
    assert small_home.refreshed(home).built.skipped, "the same rules"
    (home / rules.name).write_text(text.replace('label = "', 'label = "Our ', 1))
    assert not small_home.refreshed(home).built.skipped
    table = {"reason": "program_stall_reason", "topic": "program_ticket_topic"}[rules.part]
    _, rows = snapshot.current(home).execute(f"select label from {table} where position = 1")
    assert rows[0][0].startswith("Our ")


def test_wrong_rules_are_said_before_anything_is_begun(home):
    good = snapshot.current(home)
    (home / "stall_reasons.toml").write_text(
        stall_reasons.RULES.default.read_text().replace("calls_ever ==", "calls_evr ==")
    )
    small_home.write_kong(home, "b.log", small_home.kong_lines(5, 5))
    store, program = small_home.store_and_program(home)
    for begin in (lambda: small_home.refreshed(home), lambda: build(home, store, program, NOW)):
        with pytest.raises(ProgramError, match=r"stall_reasons.toml, line \d+: .*key_no_call.*'calls_evr'"):
            begin()
    after = snapshot.current(home)
    assert (after.name, after.failed) == (good.name, None)
    done = small_home.command("refresh", "--home", home)
    assert done.returncode == 2
    assert "did you mean 'calls_ever'" in done.stderr
    (home / "stall_reasons.toml").unlink()
    assert small_home.refreshed(home).lines == 5, "the log was not touched"


def test_a_failing_check_keeps_the_last_good_snapshot(home, tmp_path, monkeypatch):
    good = snapshot.current(home)
    (tmp_path / "checks").mkdir()
    (tmp_path / "checks" / "never.sql").write_text("-- check: never\n-- question: Is there nothing?\nselect 1 as one")
    monkeypatch.setattr(checks, "ROOT", tmp_path)
    monkeypatch.setattr(checks.run, "__defaults__", (tmp_path,))
    store, program = small_home.store_and_program(home)
    with pytest.raises(BuildError, match="never: 1 rows"):
        build(home, store, program, NOW, small_home.AS_OF, from_scratch=True)
    after = snapshot.current(home)
    assert after.name == good.name
    assert "never" in after.failed
    monkeypatch.undo()
    small_home.refreshed(home)
    assert snapshot.current(home).failed is None
    assert not list((home / "snapshots").glob(".building*"))


def test_a_warning_is_published_and_said(tmp_path):
    (tmp_path / "checks").mkdir()
    (tmp_path / "checks" / "odd.sql").write_text(
        "-- check: odd\n-- question: Are all even?\n-- severity: warn\nselect range from range(20) where range % 2 = 1"
    )
    con = engine.connect()
    (result,) = checks.run(con, tmp_path)
    assert (result.bad_rows, result.fatal, result.passed) == (10, False, False)
    checks.store_results(con, [result])
    assert con.execute("select name, bad_rows from check_result").fetchall() == [("odd", 10)]


def tree(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        path = folder / name.replace("__", "/")
        path = path.with_suffix(".py" if "def build" in text else ".sql")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def test_models_are_built_after_what_they_read(tmp_path):
    root = tree(
        tmp_path,
        staging__thing="select 1 as n",
        marts__who__a_last="with thing as (select * from middle) select n + 1 as n from thing",
        marts__who__middle='READS = ("thing",)\n\n\ndef build(con, now):\n    con.execute("create table middle as select n + 1 as n from thing")\n',
    )
    con = engine.connect()
    seen = []
    models.build(con, NOW, models.find(root), lambda model, n, of: seen.append((model.name, n, of)))
    assert seen == [("thing", 0, 3), ("middle", 1, 3), ("a_last", 2, 3)]
    assert con.execute("select n from a_last").fetchall() == [(3,)]
    kinds = con.execute("select table_name, table_type from information_schema.tables order by 1").fetchall()
    assert kinds == [("a_last", "BASE TABLE"), ("middle", "BASE TABLE"), ("thing", "VIEW")]


def test_a_broken_model_is_named(tmp_path):
    con = engine.connect()
    broken = tree(tmp_path / "one", marts__money__broken="select no_such_column from (select 1 as n)")
    with pytest.raises(models.ModelError, match=r"marts/money/broken\.sql: .*no_such_column"):
        models.build(con, NOW, models.find(broken))
    circle = tree(tmp_path / "two", marts__who__a="select * from b", marts__who__b="select * from a")
    with pytest.raises(models.ModelError, match="circle"):
        models.build(con, NOW, models.find(circle))
    twice = tree(tmp_path / "three", staging__a="select 1", marts__who__a="select 2")
    with pytest.raises(models.ModelError, match="both make the table a"):
        models.find(twice)


def test_a_pivot_is_ordered_by_its_words(tmp_path):
    root = tree(tmp_path, marts__a__wide="pivot narrow on k using sum(v)", marts__a__narrow="select 'x' as k, 1 as v")
    con = engine.connect()
    models.build(con, NOW, models.find(root))
    assert con.execute("select x from wide").fetchall() == [(1,)]


def test_lake_checks_find_a_lost_file(home):
    store, _ = small_home.store_and_program(home)
    lake = FolderLake(home / "lake")
    assert all(result.passed for result in checks.run_on_lake(lake, store))
    os.unlink(next((lake.here / "requests").rglob("*.parquet")))
    found = {result.name: result.bad_rows for result in checks.run_on_lake(lake, store)}
    assert found["lake_files"] == 1
    assert found["lake_rows"] == 1
