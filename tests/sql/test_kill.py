"""Killed with SIGKILL at any moment and run again, a refresh gives the snapshot of an undisturbed run."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sql import snapshot
from tests.demo_home import command
from tests.sql import small_home

pytestmark = pytest.mark.slow

KILLS = 10
AS_OF = "2026-06-30"
LOGS = "access-2026-06"
MANY, KEPT_OF = 100, 40


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Path:
    """The demo company with all its sources, each of them small, not yet refreshed: it is read about eight times."""
    home = tmp_path_factory.mktemp("kill") / "home"
    command("data_sources", "demo", "--home", home, "--requests", 2_000, "--seed", 3, "--as-of", AS_OF)
    for log in set(home.glob("logs/*/*")) - set(home.glob(f"logs/*/{LOGS}*")):
        log.unlink()
    for path in (*home.glob("vendors/*/*.jsonl"), *home.glob("sheets/*.csv")):
        lines = path.read_bytes().splitlines(keepends=True)
        if len(lines) > MANY:
            path.write_bytes(b"".join(lines[:1] + lines[KEPT_OF::KEPT_OF]))
    assert len({log.parent for log in home.glob("logs/*/*")}) == 3
    return home


def start(home: Path) -> subprocess.Popen:
    as_outside_of_tests = {name: value for name, value in os.environ.items() if name != "API_PROGRAM_THREADS"}
    return subprocess.Popen(
        [sys.executable, "-m", "sql", "refresh", "--home", str(home)],
        cwd=small_home.ROOT,
        env=as_outside_of_tests,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


def forget(home: Path) -> None:
    """Remove all that refreshes made, except the salt; the files of the sources stay where they are."""
    for made in ("lake", "snapshots"):
        shutil.rmtree(home / made, ignore_errors=True)
    for made in home.glob("store.db*"):
        made.unlink()


def test_ten_kills_and_a_run_are_as_good_as_one_run(home):
    began = time.monotonic()
    process = start(home)
    _, said = process.communicate(timeout=600)
    took = time.monotonic() - began
    status = process.returncode
    assert status in (0, 1), said  # 1: a log of the demo may be one broken line
    expected = small_home.contents(snapshot.current(home))
    assert len(expected["usage_day"]) > 200
    forget(home)

    draw = random.Random(11)
    interrupted = 0
    while interrupted < KILLS:
        process = start(home)
        try:
            process.wait(timeout=draw.uniform(0.05, 0.95) * took)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            interrupted += 1
        process.communicate()
        if found := snapshot.current(home):
            small_home.assert_same(small_home.contents(found), expected)
            forget(home)
    process = start(home)
    _, errors = process.communicate(timeout=600)
    assert (process.returncode, errors) == (status, said)
    small_home.assert_same(small_home.contents(snapshot.current(home)), expected)
    left = [path for path in (home / "lake" / ".writing").glob("*") if path.suffix != ".lock"]
    assert not left, "what killed runs left behind is cleared away"
