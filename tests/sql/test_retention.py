"""Old request events go, what was counted of them stays, and what cannot be counted again is not."""

import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from data_sources.lakes import FolderLake
from data_sources.ledger import LogChunk, LogFile
from data_sources.program import now
from data_sources.store import open_store
from sql import checks, compact, count, load, rejects, retention, snapshot
from sql.lake import closed_days, request_days
from tests.sql import lakes, small_home
from tests.sql.small_home import command

DAYS = ["2026-01-30", "2026-01-31", "2026-02-01", "2026-02-02"]


@pytest.fixture(scope="module")
def ready() -> Path:
    return lakes.ready()


@pytest.fixture
def home(ready, tmp_path) -> Path:
    return shutil.copytree(ready, tmp_path / "home")


@pytest.fixture(scope="module")
def edge(ready, tmp_path_factory) -> Path:
    """The same home after January's first day was dropped: its month lost one of two."""
    home = shutil.copytree(ready, tmp_path_factory.mktemp("edge") / "home")
    lakes.set_retention(home, days_back_to("2026-01-31"))
    done = small_home.refreshed(home)
    assert done.dropped.days == ("2026-01-30",)
    return home


@pytest.fixture
def at_edge(edge, tmp_path) -> Path:
    return shutil.copytree(edge, tmp_path / "home")


def days_back_to(day: str) -> int:
    return (small_home.AS_OF - datetime.fromisoformat(day)).days


def dropped(home: Path, first_kept: str, **options) -> retention.Dropped:
    store = open_store(home)
    try:
        moment = options.pop("moment", small_home.AS_OF)
        return retention.drop(FolderLake(home / "lake"), store, days_back_to(first_kept), moment, **options)
    finally:
        store.engine.dispose()


def days_on_disk(home: Path) -> list[str]:
    return sorted(folder.name[4:] for folder in (home / "lake" / "requests").iterdir())


def test_a_refresh_drops_what_is_older_and_says_so(home, ready):
    lakes.set_retention(home, days_back_to("2026-02-02"))
    done = command("refresh", "--home", home, "--as-of", "2026-03-20")
    assert done.returncode == 0, done.stderr
    assert "drop: dropping the request events of 3 days before 2026-02-02" in done.stdout
    assert "dropped the request events of 3 days, 2026-01-30 to 2026-02-01 (18 files, " in done.stdout
    assert days_on_disk(home) == DAYS[3:]
    lakes.assert_is_sound(home)
    assert lakes.counts(home) == lakes.counts(ready)
    again = command("refresh", "--home", home, "--as-of", "2026-03-20")
    assert "0 new log lines" in again.stdout
    assert "nothing new to build" in again.stdout
    assert "drop" not in again.stdout
    assert command("check", "--home", home).returncode == 0


def test_the_ledger_keeps_what_was_read_and_knows_what_is_gone(home):
    store = open_store(home)
    before = checks.ledger_chunks(store)
    dropped(home, "2026-02-01")
    after = checks.ledger_chunks(store)
    for name in ("id", "days", "lines", "accepted", "rejected", "blank", "rejected_file"):
        assert [getattr(c, name) for c in after] == [getattr(c, name) for c in before]
    assert {file.split("/")[1][4:] for c in after for file in c.files} == set(DAYS[2:])
    assert [day for day, events in request_days(store).items() if events.is_closed] == DAYS[:2]
    assert closed_days(store) == set(DAYS[:2])


@pytest.mark.postgres
def test_postgresql_knows_the_days_of_which_a_part_is_gone(home, postgres_url, tmp_path, monkeypatch):
    kept = open_store(home)
    dropped(home, "2026-02-01")
    monkeypatch.setenv("DATABASE_URL", postgres_url)
    store = open_store(tmp_path)
    with kept.session() as before, store.session() as session:
        for table in (LogFile, LogChunk):
            session.add_all(table(**row.model_dump()) for row in before.exec(select(table)).all())
            session.flush()
        session.commit()
    assert closed_days(store) == set(DAYS[:2])


def test_a_day_of_just_that_age_is_kept_and_an_as_of_ahead_drops_nothing_early(home):
    assert dropped(home, "2026-01-30").days == ()
    assert dropped(home, "2026-01-31").days == ("2026-01-30",)
    lakes.set_retention(home, 3_000)
    done = command("refresh", "--home", home, "--as-of", "2036-01-01")
    assert done.returncode == 0, done.stderr
    assert days_on_disk(home) == DAYS[1:]


def test_a_month_that_lost_a_day_is_never_counted_from_the_rest(at_edge, ready):
    small_home.refreshed(at_edge, from_scratch=True)
    assert lakes.counts(at_edge) == lakes.counts(ready)
    lakes.grow(at_edge, 21, calls=15, days=4, seed=3)  # over all four days, of which one is gone
    done = small_home.refreshed(at_edge)
    assert 0 < done.rejected - 1 < 15
    assert any(said.startswith("2026-01: address_month,") for said in done.built.older)
    after, before = lakes.counts(at_edge), lakes.counts(ready)
    for name, rollup in count.rollups().items():
        if rollup.partition == "month":
            january = [[row for row in rows[name] if "date(2026, 1, 1)" in row] for rows in (after, before)]
            assert january[0] == january[1]
    calls = snapshot.current(at_edge).execute("select day, sum(calls) from usage_day group by day order by day")[1]
    assert sum(row[1] for row in calls) == 180 + done.accepted
    assert not done.built.failing_checks
    lakes.assert_is_sound(at_edge)


def test_lines_of_a_dropped_day_are_rejected_with_the_reason(at_edge):
    day = datetime(2026, 1, 30, tzinfo=UTC)
    small_home.write_kong(at_edge, "late.log", ["{bad", *small_home.kong_lines(5, 9, day, 0.9)])
    done = small_home.refreshed(at_edge)
    assert (done.lines, done.accepted, done.rejected) == (6, 0, 6)
    store = open_store(at_edge)
    found = rejects.read(FolderLake(at_edge / "lake"), rejects.files(store))
    late = found.lines[found.lines["file"] == "logs/kong/late.log"]
    assert list(late["line_no"]) == [6, 5, 4, 3, 2, 1]
    assert "retention_days" in late["reason"].iloc[0]
    assert late["text"].iloc[0] is None
    assert snapshot.current(at_edge).execute("select sum(calls) from usage_day")[1] == [(180,)]
    assert command("check", "--home", at_edge).returncode == 0
    assert small_home.refreshed(at_edge).lines == 0


def test_a_changed_definition_counts_what_is_there_and_says_what_stays(at_edge, ready, monkeypatch):
    old = count.rollups()
    changed = {
        name: replace(one, sql=f"select *, 7 as added from ({one.sql}) as counted")
        if name in ("usage_day", "latency_month")
        else one
        for name, one in old.items()
    }
    changed["new_day"] = count.Rollup("new_day", "day", "select day, count(*) as calls from request group by day")
    for module in (count, load):
        monkeypatch.setattr(module, "rollups", lambda *_: changed)
    done = small_home.refreshed(at_edge)
    assert sorted(done.built.older) == [
        "2026-01-30: new_day counted not at all: they came after the events were dropped",
        "2026-01-30: usage_day counted by an older definition, or without lines that came later",
        "2026-01: latency_month counted by an older definition, or without lines that came later",
    ]
    found = snapshot.current(at_edge)
    assert found.execute("select distinct day, added from usage_day order by day")[1] == [
        (datetime.fromisoformat(day).date(), None if day == DAYS[0] else 7) for day in DAYS
    ]
    assert found.execute("select sum(calls) from usage_day")[1] == [(180,)]
    assert {row[1] for row in found.execute("select month, added from latency_month")[1]} == {None, 7}
    assert len(found.execute("select day from new_day")[1]) == 3
    small_home.refreshed(at_edge, from_scratch=True)
    assert small_home.contents(snapshot.current(at_edge))["usage_day"] == small_home.contents(found)["usage_day"]
    monkeypatch.undo()
    small_home.refreshed(at_edge)
    assert lakes.counts(at_edge) == lakes.counts(ready)


def test_what_is_not_counted_is_not_dropped(home):
    next((home / "lake" / "usage_day" / "day=2026-01-31").iterdir()).unlink()
    assert dropped(home, "2026-02-01").days == ("2026-01-30",)
    next((home / "lake" / "latency_month" / "month=2026-02").iterdir()).unlink()
    assert dropped(home, "2026-02-03").days == ()


def test_where_a_log_could_not_be_read_its_days_wait_a_week(home):
    first_kept, now_ = "2026-02-03", now()
    options = {"moment": now_, "has_errors": True}
    store = open_store(home)
    age = (now_ - datetime.fromisoformat(first_kept)).days
    assert retention.drop(FolderLake(home / "lake"), store, age, **options).days == ()
    options["moment"] = now_ + timedelta(days=8)
    assert retention.drop(FolderLake(home / "lake"), store, age + 8, **options).days == tuple(DAYS)


def test_rejected_lines_go_as_long_after_they_were_read(home):
    assert dropped(home, "2026-02-03").days == tuple(DAYS)
    assert len(lakes.rejected(home)) == 6
    lakes.assert_is_sound(home)
    store = open_store(home)
    named = rejects.files(store)
    retention.drop(FolderLake(home / "lake"), store, 10, now() + timedelta(days=11))
    assert lakes.on_disk(home, "rejected") == set()
    assert rejects.files(store) == ()
    assert rejects.read(FolderLake(home / "lake"), named).counted == 0
    assert sum(chunk.rejected for chunk in checks.ledger_chunks(store)) == 6
    lakes.assert_is_sound(home)
    assert small_home.refreshed(home).lines == 0


def test_merged_days_are_dropped_whole_and_the_rest_is_merged_on(home, ready):
    store = open_store(home)
    compact.compact(FolderLake(home / "lake"), store)
    assert dropped(home, "2026-02-01").removed.files == 2
    assert compact.compact(FolderLake(home / "lake"), store).files == 0
    lakes.assert_is_sound(home)
    small_home.refreshed(home, from_scratch=True)
    assert lakes.counts(home) == lakes.counts(ready)


@pytest.mark.slow
def test_killed_before_each_of_its_steps_and_run_again(ready, tmp_path):
    before = lakes.counts(ready)
    imports = (
        "from datetime import datetime\nfrom pathlib import Path\nfrom data_sources.lakes import FolderLake\n"
        "from data_sources.store import open_store\nfrom sql import retention"
    )
    run = f"retention.drop(FolderLake(Path(home) / 'lake'), open_store(home), {days_back_to('2026-01-31')}, datetime(2026, 3, 20))"
    step = 1
    while True:
        home = shutil.copytree(ready, tmp_path / str(step))
        stray = home / "lake" / "usage_day" / "day=2026-01-30" / "00000000000000000000.parquet"
        stray.write_bytes(b"an older count that a build had no time to remove")
        was_killed = lakes.killed_at(step, home, imports, run)
        store = open_store(home)
        assert all(result.passed for result in checks.run_on_lake(FolderLake(home / "lake"), store))
        store.engine.dispose()
        if not was_killed:
            break
        dropped(home, "2026-01-31")
        assert days_on_disk(home) == DAYS[1:]
        assert not stray.exists()
        lakes.assert_is_sound(home)
        if step % 4 == 0:
            small_home.refreshed(home, from_scratch=True)
            assert lakes.counts(home) == before
        step += 1
    assert step > 6
