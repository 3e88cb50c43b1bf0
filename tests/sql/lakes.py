"""What tests of the lake's upkeep share: what is in it, and a process that is killed at its n-th touch of it."""

import atexit
import shutil
import signal
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from data_sources.lakes import FolderLake
from data_sources.store import open_store
from sql import checks, snapshot
from sql.count import rollups
from sql.engines import duckdb as engine
from sql.lake import request_days
from tests.sql import small_home

FIRST = datetime(2026, 1, 30, tzinfo=UTC)
KILLED = """
import os, signal, sys

left, home = int(sys.argv[1]), sys.argv[2]


def touched(event, arguments):
    global left
    if event in ("os.remove", "os.rename", "os.rmdir", "os.mkdir", "open") and f"{home}/lake" in str(arguments[0]):
        left -= 1
        if not left:
            os.kill(os.getpid(), signal.SIGKILL)


"""


def killed_at(step: int, home: Path, imports: str, code: str) -> bool:
    """Run code, which finds the folder as `home`, and kill it with SIGKILL before it touches the lake for the n-th time; False
    where it ended first."""
    done = subprocess.run(
        [sys.executable, "-c", f"{imports}\n{KILLED}\nsys.addaudithook(touched)\n{code}", str(step), str(home)],
        cwd=small_home.ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode in (0, -signal.SIGKILL), done.stderr
    return done.returncode != 0


@cache
def ready() -> Path:
    """A home as `make` makes it, once a process and removed at its end. Read only: a test that writes has a copy."""
    folder = Path(tempfile.mkdtemp(prefix="lake-home-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return make(folder / "home")


def make(home: Path, logs: int = 6, days: float = 4, calls: int = 30) -> Path:
    """A home of several small logs over the same few days, two in January 2026 and two in February, each with a bad line; refreshed."""
    small_home.make(home, 0)
    (home / "logs/kong/a.log").unlink()
    for number in range(logs):
        grow(home, number, calls, days)
    assert not small_home.refreshed(home).failures
    return home


def grow(home: Path, number: int, calls: int = 30, days: float = 4, seed: int = 0) -> None:
    """More lines at the end of one of its logs."""
    lines = small_home.kong_lines(calls, 100 * seed + number, FIRST, days)
    small_home.write_kong(home, f"b{number}.log", [*lines, "{bad"])


def set_retention(home: Path, days: int) -> None:
    """Say in program.toml for how many days events are kept."""
    path = home / "program.toml"
    path.write_text(path.read_text().replace("[program]\n", f"[program]\nretention_days = {days}\n"))


def events(home: Path) -> list[tuple]:
    """Every request event of the files that the ledger names, ordered."""
    store = open_store(home)
    files = sorted({file for day in request_days(store).values() for file in day.files})
    store.engine.dispose()
    return _rows(home, files, "chunk_id, line_no, occurred_at, request_id")


def rejected(home: Path) -> list[tuple]:
    """Every rejected line of the files that the ledger names, ordered."""
    return _rows(home, sorted(named(home, "rejected")), "chunk_id, line_no")


def _rows(home: Path, files: list[str], order: str) -> list[tuple]:
    if not files:
        return []
    with engine.connect() as con:
        paths = [home / "lake" / file for file in files]
        return con.execute(f"select * from {engine.parquet(paths, by_name=True)} order by {order}").fetchall()


def named(home: Path, folder: str) -> set[str]:
    """The files of a folder of the lake that the ledger names."""
    store = open_store(home)
    found = {
        file for chunk in checks.ledger_chunks(store) for file in (*(chunk.files or ()), chunk.rejected_file) if file
    }
    store.engine.dispose()
    return {file for file in found if file.startswith(f"{folder}/")}


def on_disk(home: Path, folder: str) -> set[str]:
    """The files of a folder of the lake."""
    return {path.relative_to(home / "lake").as_posix() for path in (home / "lake" / folder).rglob("*.parquet")}


def assert_is_sound(home: Path) -> None:
    """The lake has what the ledger names, line for line, and nothing else of requests and rejected lines."""
    store = open_store(home)
    failed = [str(result) for result in checks.run_on_lake(FolderLake(home / "lake"), store) if not result.passed]
    store.engine.dispose()
    assert not failed
    for folder in ("requests", "rejected"):
        assert on_disk(home, folder) == named(home, folder)
    left = [path for path in (home / "lake" / ".writing").glob("*") if path.suffix != ".lock"]
    assert not left


def counts(home: Path) -> dict[str, list[str]]:
    """Every roll-up of the current snapshot, row by row."""
    found = small_home.contents(snapshot.current(home))
    return {name: found[name] for name, rollup in rollups().items() if not rollup.is_part}
