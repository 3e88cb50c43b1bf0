"""Killed with SIGKILL at any moment and run again, a refresh gives the snapshot of an undisturbed run."""

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


@pytest.fixture(scope="module")
def unread(tmp_path_factory) -> Path:
    """The demo company, very small, not yet refreshed."""
    home = tmp_path_factory.mktemp("unread") / "home"
    command("data_sources", "demo", "--home", home, "--requests", 8_000, "--seed", 3, "--as-of", AS_OF)
    return home


def start(home: Path) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-m", "sql", "refresh", "--home", str(home)],
        cwd=small_home.ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_ten_kills_and_a_run_are_as_good_as_one_run(unread, tmp_path):
    calm, killed = tmp_path / "calm", tmp_path / "killed"
    shutil.copytree(unread, calm)
    shutil.copytree(unread, killed)
    began = time.monotonic()
    process = start(calm)
    _, errors = process.communicate(timeout=600)
    took = time.monotonic() - began
    status, said = process.returncode, errors.replace(str(calm), "")
    assert status in (0, 1), errors  # 1: the demo holds a log that is one broken line
    expected = small_home.contents(snapshot.current(calm))

    draw = random.Random(11)
    interrupted = 0
    while interrupted < KILLS:
        process = start(killed)
        try:
            process.wait(timeout=draw.uniform(0.05, 0.95) * took)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            interrupted += 1
        process.communicate()
        if found := snapshot.current(killed):
            _same(small_home.contents(found), expected)
            shutil.rmtree(killed)
            shutil.copytree(unread, killed)
    process = start(killed)
    _, errors = process.communicate(timeout=600)
    assert (process.returncode, errors.replace(str(killed), "")) == (status, said)
    _same(small_home.contents(snapshot.current(killed)), expected)
    writing = killed / "lake" / ".writing"
    assert not writing.exists() or not list(writing.iterdir())


def _same(found: dict[str, list[str]], expected: dict[str, list[str]]) -> None:
    assert found.keys() == expected.keys()
    for table, rows in expected.items():
        assert found[table] == rows, table
