"""Servers that speak Spark's protocol."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import pytest

from sql.requests.read import Reader


@pytest.fixture(scope="session")
def sail(tmp_path_factory) -> str:
    """The address of a Sail server on a free loopback port, stopped at the end."""
    for package in ("pyspark", "pysail", "sqlglot"):
        if find_spec(package) is None:
            pytest.skip(f"{package} is not installed: the counts on Spark's protocol were not tested")
    with sail_server(tmp_path_factory.mktemp("sail")) as address:
        yield address


@contextmanager
def sail_server(folder: Path) -> Iterator[str]:
    """The address of a Sail server on a free loopback port; its log is in the folder."""
    port = free_port()
    log = folder / "log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [Path(sys.executable).with_name("sail"), "spark", "server", "--ip", "127.0.0.1", "--port", str(port)],
            stdout=out,
            stderr=out,
        )
    try:
        wait_for_port(port, process, log)
        yield f"sc://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=30)


@pytest.fixture
def accepted_beside(monkeypatch) -> list[int]:
    """How many lines of each chunk DuckDB accepted after Spark had left them."""
    seen: list[int] = []
    counted = Reader._counts

    def counts(self, form, physical, done):
        result = counted(self, form, physical, done)
        if done and self.lines:
            seen.append(result.careful_accepted)
        return result

    monkeypatch.setattr(Reader, "_counts", counts)
    return seen


def free_port() -> int:
    """A loopback port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for_port(port: int, process: subprocess.Popen, log: Path, seconds: float = 60) -> None:
    """Until somebody listens; fails with the log's end where the process ended or took too long."""
    until = time.monotonic() + seconds
    while time.monotonic() < until and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise AssertionError(f"nobody listens on port {port}:\n{log.read_text(errors='replace')[-2000:]}")
