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
    assert process.returncode == 0, errors
    expected = small_home.contents(snapshot.current(calm))

    draw = random.Random(11)
    interrupted = 0
    for _ in range(KILLS):
        process = start(killed)
        try:
            process.wait(timeout=draw.uniform(0.1, 0.9) * took)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
            interrupted += 1
        process.stderr.close()
        found = snapshot.current(killed)
        assert found is None or small_home.contents(found) == expected, "what is published is always whole"
        if found:
            shutil.rmtree(killed)
            shutil.copytree(unread, killed)
    assert interrupted >= KILLS // 2
    process = start(killed)
    _, errors = process.communicate(timeout=600)
    assert process.returncode == 0, errors
    after = small_home.contents(snapshot.current(killed))
    assert after.keys() == expected.keys()
    for table, rows in expected.items():
        assert after[table] == rows, table
    assert not (killed / "lake" / ".writing").exists() or not list((killed / "lake" / ".writing").iterdir())
