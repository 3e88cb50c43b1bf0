"""What many tests share: the cases, a PostgreSQL of their own, one demo home built once a run; and who runs what.

`pytest -n 2` shares the tests between two processes by file, as fixtures of a module are made once a process.
"""

import fcntl
import os
import shutil
import socket
import subprocess
import tempfile
import uuid
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

ROOT = Path(__file__).parents[1]
CASES = ROOT.parent / "shared" / "cases"
BROWSER = "tests/end_to_end/"
DEMO_REQUESTS = 60_000
DEMO_AS_OF = "2026-06-30"

if "PYTEST_XDIST_WORKER" in os.environ:
    # the processes that share the tests have the cores already
    os.environ.setdefault("API_PROGRAM_THREADS", "1")
    os.environ.setdefault("OMP_NUM_THREADS", "1")


@pytest.fixture(scope="session")
def cases() -> Path:
    """The folder of other projects' records; a test that needs it is skipped where it is absent."""
    if not CASES.is_dir():
        pytest.skip("../shared/cases is not beside this checkout: real records from other projects were not tested")
    return CASES


@pytest.fixture(scope="session")
def demo_home(tmp_path_factory) -> Path:
    """The demo company, small, refreshed through the real connectors. Read only: a test that writes copies it."""
    from tests.demo_home import build

    return once_a_run(tmp_path_factory, "demo", lambda home: build(home, DEMO_REQUESTS, DEMO_AS_OF))


def once_a_run(tmp_path_factory, name: str, make: Callable[[Path], object]) -> Path:
    """A home that the first process that asks makes; the others wait for it. A half-made one is made anew."""
    room = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        room = room.parent
    home, made = room / name / "home", room / name / "made"
    with (room / f"{name}.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            shutil.rmtree(home.parent, ignore_errors=True)
            home.parent.mkdir()
            make(home)
            made.touch()
    return home


@pytest.fixture
def postgres_url(postgres_server):
    """The URL of an empty database of the test's own."""
    name = f"test_{uuid.uuid4().hex}"
    with psycopg.connect(postgres_server, autocommit=True) as server:
        server.execute(f"create database {name}")
    yield postgres_server.removesuffix("postgres") + name
    with psycopg.connect(postgres_server, autocommit=True) as server:
        server.execute(f"drop database if exists {name} with (force)")


@pytest.fixture(scope="session")
def postgres_server():
    """The URL of a private PostgreSQL cluster on a free loopback port, stopped at the end."""
    programs = _postgres_programs()
    if programs is None:
        pytest.skip("PostgreSQL's server programs are not installed: the tests against it were not run")
    # A folder of its own: what pytest makes is closed to the user that PostgreSQL must run as.
    folder = Path(tempfile.mkdtemp(prefix="postgres-"))
    as_user = []
    if os.geteuid() == 0:
        as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
        shutil.chown(folder, "postgres", "postgres")
    port = _free_port()
    data = folder / "data"
    subprocess.run([*as_user, programs / "initdb", "-D", data, "-U", "test", "--auth=trust", "-E", "UTF8"], check=True,
                   stdout=subprocess.DEVNULL, cwd=folder)  # fmt: skip
    options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off"
    subprocess.run([*as_user, programs / "pg_ctl", "-D", data, "-o", options, "-l", folder / "log", "-w", "start"],
                   check=True, stdout=subprocess.DEVNULL, cwd=folder)  # fmt: skip
    try:
        yield f"postgresql://test@127.0.0.1:{port}/postgres"
    finally:
        subprocess.run([*as_user, programs / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop"], check=True,
                       stdout=subprocess.DEVNULL, cwd=folder)  # fmt: skip
        shutil.rmtree(folder, ignore_errors=True)


def pytest_collection_modifyitems(config, items) -> None:
    """What takes longest goes first where processes share the tests, so that none of them works alone at the end."""
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: ("browser" not in item.keywords, "slow" not in item.keywords))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Tests of one file go to one process, and all of the browser: it looks at one dashboard, and only one at a time."""
    from xdist.scheduler import LoadScopeScheduling

    class ByFile(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file = nodeid.split("::", 1)[0]
            return BROWSER if file.startswith(BROWSER) else file

    config.option.loadscopereorder = False  # by their number; ours is the order that they are listed in
    return ByFile(config, log)


def _postgres_programs() -> Path | None:
    if shutil.which("initdb"):
        return Path(shutil.which("initdb")).parent
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return found[-1].parent if found else None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
