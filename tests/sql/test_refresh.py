"""A refresh: one at a time, each source failing alone, every run in the ledger, exit statuses that scripts can use."""

import fcntl
import json
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from sqlmodel import select

from data_sources.ledger import Run
from sql import snapshot
from sql.refresh import Busy, locked
from tests.sql import small_home
from tests.sql.small_home import command


@pytest.fixture
def home(tmp_path) -> Path:
    return small_home.make(tmp_path / "home")


@pytest.fixture
def ready(tmp_path) -> Path:
    """The same, refreshed once."""
    return small_home.copy(tmp_path / "home")


def runs(home: Path, kind: str) -> list[Run]:
    store, _ = small_home.store_and_program(home)
    with store.session() as session:
        return list(session.exec(select(Run).where(Run.kind == kind).order_by(Run.started_at)))


def test_it_reads_everything_and_says_what(home):
    done = command("refresh", "--home", home, "--as-of", "2026-03-20")
    assert done.returncode == 0, done.stderr
    assert "503 new log lines (500 accepted, 2 rejected), 20 records changed: built" in done.stdout.replace(
        "504", "503"
    )
    again = command("refresh", "--home", home, "--as-of", "2026-03-20")
    assert again.returncode == 0
    assert "0 new log lines" in again.stdout
    assert "nothing new to build" in again.stdout
    (first, second) = runs(home, "refresh")
    assert (first.status, second.status, first.snapshot) == ("ok", "ok", second.snapshot)


def test_lines_that_grew_are_read_from_where_they_ended(ready):
    small_home.write_kong(ready, "a.log", small_home.kong_lines(7, 9))
    done = small_home.refreshed(ready)
    assert done.lines == 7
    assert snapshot.current(ready).execute("select sum(calls) from usage_day")[1] == [(507,)]


def test_a_source_that_fails_does_not_stop_the_rest(home):
    (home / "developers.csv").write_text("colour\nblue\n")
    done = command("refresh", "--home", home, "--as-of", "2026-03-20")
    assert done.returncode == 1
    assert "failed: people" in done.stderr
    found = snapshot.current(home)
    assert found.execute("select sum(calls) from usage_day")[1] == [(500,)]
    (run,) = runs(home, "refresh")
    assert run.status == "partial"
    assert "people" in run.message


def test_new_rejected_lines_alone_are_news(ready):
    small_home.write_kong(ready, "a.log", ["{broken", "{broken too"])
    done = small_home.refreshed(ready)
    assert (done.rejected, done.built.skipped) == (2, False)
    assert snapshot.current(ready).execute("select sum(rejected) from raw_log_chunk")[1] == [(4,)]


@pytest.mark.postgres
def test_the_store_may_be_postgresql(home, postgres_url, monkeypatch):
    small_home.refreshed(home)
    on_sqlite = small_home.contents(snapshot.current(home))
    shutil.rmtree(home / "lake")
    shutil.rmtree(home / "snapshots")
    monkeypatch.setenv("DATABASE_URL", postgres_url)
    assert not small_home.refreshed(home).failures
    assert small_home.refreshed(home).built.skipped
    on_postgres = small_home.contents(snapshot.current(home))
    small_home.assert_same(on_postgres, on_sqlite, but=("build_input",))


def test_a_store_that_does_not_answer_is_said(home, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody:hidden@127.0.0.1:1/none")
    done = command("refresh", "--home", home)
    assert done.returncode == 2
    assert "record store cannot be used" in done.stderr
    assert "hidden" not in done.stderr + done.stdout
    assert "Traceback" not in done.stderr


def test_without_a_program_it_says_what_to_do(tmp_path):
    done = command("refresh", "--home", tmp_path)
    assert done.returncode == 2
    assert "python -m data_sources init" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_second_refresh_waits_or_says_that_one_is_running(ready):
    with (ready / "lock").open("a+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        refused = command("refresh", "--home", ready, "--no-wait")
        assert refused.returncode == 3
        assert "is running" in refused.stderr
        waiting = subprocess.Popen(
            [sys.executable, "-m", "sql", "refresh", "--home", ready, "--as-of", "2026-03-20"],
            cwd=small_home.ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert "waiting for it to end" in waiting.stdout.readline()
        assert waiting.poll() is None
    rest, _ = waiting.communicate(timeout=120)
    assert waiting.returncode == 0
    assert "nothing new" in rest


def test_the_lock_is_free_again_after_an_error(tmp_path):
    with pytest.raises(RuntimeError, match="boom"), locked(tmp_path):
        raise RuntimeError("boom")
    with locked(tmp_path, wait=False), pytest.raises(Busy), locked(tmp_path, wait=False):
        pass


def test_two_at_once_give_the_answer_of_one(home):
    threads = [threading.Thread(target=small_home.refreshed, args=(home,)) for _ in range(2)]
    for thread in threads:
        thread.start()
        time.sleep(0.05)
    for thread in threads:
        thread.join()
    assert snapshot.current(home).execute("select sum(calls) from usage_day")[1] == [(500,)]
    assert len(list((home / "snapshots").glob("[!.]*.duckdb"))) == 1


def test_a_run_that_was_killed_is_ended_by_the_next(home):
    store, _ = small_home.store_and_program(home)
    with store.session() as session:
        session.add(Run(id="dead", kind="refresh", started_at=small_home.AS_OF))
    small_home.refreshed(home)
    dead = next(run for run in runs(home, "refresh") if run.id == "dead")
    assert (dead.status, dead.message) == ("failed", "it was stopped before its end")


def test_check_and_build_commands(home):
    assert command("check", "--home", home).returncode == 2
    small_home.refreshed(home)
    fine = command("check", "--home", home)
    assert fine.returncode == 0, fine.stdout + fine.stderr
    next((home / "lake" / "requests").rglob("*.parquet")).unlink()
    lost = command("check", "--home", home)
    assert lost.returncode == 1
    assert "lake_files" in lost.stdout
    assert "nothing new" in command("build", "--home", home, "--as-of", "2026-03-20").stdout


def test_progress_is_printed_where_there_is_no_terminal(home):
    out = command("refresh", "--home", home, "--as-of", "2026-03-20").stdout
    stages = [line.split(":")[0] for line in out.splitlines()]
    assert [stage for stage in ("sync", "ingest", "count", "build") if stage in stages] == [
        "sync",
        "ingest",
        "count",
        "build",
    ]


def test_json_and_table_and_render():
    home = small_home.ready()
    board = json.loads(command("query", "tier_board", "--home", home, "--json").stdout)
    assert [row["tier"] for row in board] == ["internal", "partner", "open", "public"]
    assert "Tier board" in command("query", "tier_board", "--home", home).stdout
    assert "create or replace temp view request" in command("render", "usage_day").stdout
    assert command("render", "usage_days").returncode == 2
