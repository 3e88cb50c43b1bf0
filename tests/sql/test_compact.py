"""Many small files of a day become few: the same rows, nothing counted again, whatever happens meanwhile."""

import random
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from data_sources.lakes import FolderLake
from data_sources.store import open_store
from sql import checks, compact, rejects, snapshot
from sql.engines import duckdb as engine
from tests.sql import lakes, small_home
from tests.sql.small_home import command


@pytest.fixture(scope="module")
def ready() -> Path:
    return lakes.ready()


@pytest.fixture
def home(ready, tmp_path) -> Path:
    return shutil.copytree(ready, tmp_path / "home")


def counted_files(home: Path) -> dict[str, int]:
    found = (path for path in (home / "lake").rglob("*.parquet") if "requests" not in path.parts)
    return {str(path): path.stat().st_mtime_ns for path in found if "rejected" not in path.parts}


def merged(home: Path) -> compact.Compacted:
    store = open_store(home)
    try:
        return compact.compact(FolderLake(home / "lake"), store)
    finally:
        store.engine.dispose()


def start(command: str, home: Path) -> subprocess.Popen:
    as_of = ["--as-of", "2026-03-20"] if command == "refresh" else []
    return subprocess.Popen(
        [sys.executable, "-m", "sql", command, "--home", home, *as_of],
        cwd=small_home.ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def test_a_file_a_day_with_the_same_rows_and_nothing_counted_again(home):
    events, lines, counted = lakes.events(home), lakes.rejected(home), counted_files(home)
    assert len(lakes.on_disk(home, "requests")) == 24
    done = command("compact", "--home", home)
    assert (done.returncode, done.stderr) == (0, "")
    assert "merged 30 files into 5" in done.stdout
    assert len(lakes.on_disk(home, "requests")) == 4
    assert len(lakes.on_disk(home, "rejected")) == 1
    lakes.assert_is_sound(home)
    assert (lakes.events(home), lakes.rejected(home)) == (events, lines)
    again = command("compact", "--home", home)
    assert (again.returncode, again.stdout.strip()) == (0, "nothing to merge")
    refreshed = small_home.refreshed(home)
    assert (refreshed.built.skipped, refreshed.built.counted, refreshed.lines) == (True, 0, 0)
    assert counted_files(home) == counted


def test_counted_from_merged_files_every_roll_up_is_the_same(home, ready):
    merged(home)
    for folder in (home / "lake").iterdir():
        if folder.name not in ("requests", "rejected", ".writing"):
            shutil.rmtree(folder)
    small_home.refreshed(home, from_scratch=True)
    assert lakes.counts(home) == lakes.counts(ready)


def test_a_log_that_grows_afterwards_moves_its_days_alone(home):
    whole = shutil.copytree(home, home.parent / "never compacted")
    merged(home)
    counted = set(counted_files(home))
    for one in (home, whole):
        lakes.grow(one, 2, calls=12, days=0.9, seed=7)
        assert small_home.refreshed(one).accepted == 12
    new = {Path(name).parent.name for name in set(counted_files(home)) - counted}
    assert new == {"day=2026-01-30", "month=2026-01"}
    assert lakes.counts(home) == lakes.counts(whole)
    lakes.assert_is_sound(home)
    done = merged(home)
    assert (done.files, done.into) == (4, 2)  # the merged file of the day and the new part; of the rejected lines, too
    assert _without_chunks(lakes.events(home)) == _without_chunks(lakes.events(whole))


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_whenever_it_runs_the_counts_are_those_of_a_home_without_it(ready, tmp_path, seed):
    draw = random.Random(seed)
    homes = [shutil.copytree(ready, tmp_path / name) for name in ("with", "without")]
    for step in range(3):
        number, calls, days = draw.randrange(9), draw.randrange(1, 40), draw.choice([0.9, 2, 6])
        for one in homes:
            lakes.grow(one, number, calls, days, seed=step)
            assert small_home.refreshed(one).accepted == calls
        if draw.random() < 0.7:
            merged(homes[0])
    merged(homes[0])
    assert lakes.counts(homes[0]) == lakes.counts(homes[1])
    assert _without_chunks(lakes.events(homes[0])) == _without_chunks(lakes.events(homes[1]))
    lakes.assert_is_sound(homes[0])


def _without_chunks(events: list[tuple]) -> list[str]:
    """What was read of files of other inodes is named otherwise."""
    return sorted(repr(row[:-1]) for row in events)


@pytest.mark.slow
def test_killed_before_each_of_its_steps_and_run_again(ready, tmp_path):
    events, lines, counts = lakes.events(ready), lakes.rejected(ready), lakes.counts(ready)
    run = "main(['compact', '--home', home])"
    step, kills = 1, 0
    while True:
        home = shutil.copytree(ready, tmp_path / str(step))
        was_killed = lakes.killed_at(step, home, "from sql.__main__ import main\nfrom sql import compact, refresh", run)
        assert (lakes.events(home), lakes.rejected(home)) == (events, lines), f"read after a kill at step {step}"
        if not was_killed:
            break
        kills += 1
        if step % 4 == 0:
            small_home.refreshed(home)
        merged(home)
        lakes.assert_is_sound(home)
        assert (lakes.events(home), lakes.rejected(home)) == (events, lines)
        assert len(lakes.on_disk(home, "requests")) == 4
        step += 3 if kills > 12 else 1
    assert kills > 20
    assert small_home.refreshed(home).built.skipped
    assert lakes.counts(home) == counts


@pytest.mark.slow
@pytest.mark.parametrize("first", ["compact", "refresh"])
def test_beside_a_refresh_one_waits_for_the_other_and_readers_see_every_line(home, first):
    whole = shutil.copytree(home, home.parent / "never compacted")
    lines = len(lakes.rejected(home))
    for one in (home, whole):
        lakes.grow(one, 3, calls=25, seed=5)
    second = "refresh" if first == "compact" else "compact"
    running = [start(first, home)]
    time.sleep(1.5)
    running.append(start(second, home))
    store = open_store(home)
    looks = 0
    while any(process.poll() is None for process in running):
        assert all(result.passed for result in checks.run_on_lake(FolderLake(home / "lake"), store))
        assert rejects.read(FolderLake(home / "lake"), rejects.files(store)).counted in (0, lines, lines + 1)
        assert snapshot.current(home).execute("select count(*) from usage_day")[1][0][0] > 0
        looks += 1
        time.sleep(0.1)
    said = [process.communicate()[0] for process in running]
    assert [process.returncode for process in running] == [0, 0], said
    assert looks > 3
    merged(home)
    small_home.refreshed(whole)
    assert lakes.counts(home) == lakes.counts(whole)
    lakes.assert_is_sound(home)


def test_the_lock_is_respected(home):
    from sql.refresh import locked

    with locked(home):
        refused = command("compact", "--home", home, "--no-wait")
    assert refused.returncode == 3
    assert "is running" in refused.stderr
    assert len(lakes.on_disk(home, "requests")) == 24


def test_without_a_program_it_says_what_to_do(tmp_path):
    done = command("compact", "--home", tmp_path)
    assert done.returncode == 2
    assert "python -m data_sources init" in done.stderr
    assert not list(tmp_path.iterdir())


def test_large_files_are_left_alone_and_it_ends_with_one_small_one_a_day(home, monkeypatch):
    sizes = sorted(path.stat().st_size for path in (home / "lake" / "requests").rglob("*.parquet"))
    monkeypatch.setattr(compact, "SMALL_BYTES", sizes[-1])
    monkeypatch.setattr(compact, "MERGED_BYTES", 2 * sizes[-1])
    largest = next(path for path in (home / "lake" / "requests").rglob("*.parquet") if path.stat().st_size == sizes[-1])
    merged(home)
    assert largest.exists()
    for day in (home / "lake" / "requests").iterdir():
        assert sum(path.stat().st_size < sizes[-1] for path in day.iterdir()) <= 1
    assert merged(home).files == 0


def test_a_file_that_is_lost_stops_its_day_only_and_is_named(home):
    lost = sorted((home / "lake" / "requests" / "day=2026-01-31").iterdir())[2]
    lost.unlink()
    done = command("compact", "--home", home)
    assert done.returncode == 1
    assert "merged 24 files into 4" in done.stdout
    assert "2026-01-31" in done.stderr
    assert lost.name in done.stderr
    assert len(lakes.on_disk(home, "requests")) == 3 + 5


def test_what_an_older_version_wrote_has_nulls_in_columns_that_came_since(home):
    path = sorted((home / "lake" / "requests" / "day=2026-02-01").iterdir())[0]
    with engine.connect() as con:
        con.execute(f"create table old as select * exclude (client_country) from {engine.parquet([path])}")
        con.execute(f"copy old to {engine.quoted(str(path))} (format parquet)")
    events = lakes.events(home)
    merged(home)
    assert lakes.events(home) == events


def test_rejected_lines_of_two_sources_stay_apart_and_are_shown_as_before(home):
    small_home.write_site(home, "access.log", ["once upon a time", "and then"])
    small_home.write_site(home, "other.log", [*small_home.site_lines(3, 1), "never"])
    small_home.refreshed(home)
    store = open_store(home)

    def shown(source):
        found = rejects.read(FolderLake(home / "lake"), rejects.files(store, source)).lines
        return sorted(found[["file", "line_no", "reason", "text"]].itertuples(index=False, name=None))

    before = {source: shown(source) for source in ("gateway", "site", None)}
    assert len(before["site"]) >= 1
    merged(home)
    assert len(lakes.on_disk(home, "rejected")) == 2
    assert {source: shown(source) for source in before} == before
    assert sum(file.lines for file in rejects.files(store)) == len(before[None])
