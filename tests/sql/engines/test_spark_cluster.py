"""On a real Spark cluster the counts are DuckDB's, also where a worker is killed while it counts."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from data_sources.lakes import FolderLake
from sql import count, snapshot
from sql.engines.duckdb_counter import DuckDBCounter
from sql.requests import formats
from tests.sql import small_home
from tests.sql.engines import parity
from tests.sql.engines.cluster import Cluster, missing
from tests.sql.engines.test_lines import assert_alike, assert_odd_lines_alike, going_on, with_a_key_twice
from tests.sql.engines.test_refresh_on_spark import AS_OF, files, forget_counts, on, read_killed_and_read_again

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(missing() is not None, reason=f"{missing()}: the counts on a Spark cluster were not tested"),
]
SECONDS = 600


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    running = Cluster(tmp_path_factory.mktemp("cluster"))
    yield running
    running.close()


@pytest.fixture
def home(tmp_path, cluster) -> Path:
    """A home whose request events were read and not counted, in a folder whose name has what addresses escape."""
    home = small_home.copy(tmp_path / "a home & 100%")
    forget_counts(home)
    on(home, cluster.address)
    return home


def start(home: Path) -> subprocess.Popen:
    command = [sys.executable, "-m", "sql", "refresh", "--home", home, "--as-of", AS_OF, "--from-scratch"]
    return subprocess.Popen(command, cwd=small_home.ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)


def counts_in(home: Path) -> set[str]:
    found = (file for rollup in count.rollups() for file in (home / "lake" / rollup).glob("*/*.parquet"))
    return {str(file.relative_to(home)) for file in found}


def wait_until_it_counts(process: subprocess.Popen, home: Path) -> None:
    """Until the first roll-up is in its place and others are not."""
    until = time.monotonic() + SECONDS
    while not counts_in(home):
        assert process.poll() is None, process.stderr.read()
        assert time.monotonic() < until
        time.sleep(0.05)


def assert_as_duckdb_counts(home: Path) -> None:
    assert files(home) == files(small_home.ready())
    small_home.assert_same(
        small_home.contents(snapshot.current(home)), small_home.contents(snapshot.current(small_home.ready()))
    )


def test_every_rollup_is_duckdbs(tmp_path, cluster):
    from sql.engines.spark_counter import SparkCounter

    written = parity.write_files(tmp_path, parity.events(1000), parity.base())
    requests = [file for day in written.values() for file in day]
    lake = FolderLake(tmp_path)
    expected = parity.counted(DuckDBCounter(parity.base(), lake, tmp_path), requests, tmp_path / "duckdb")
    counter = SparkCounter.connect(parity.program(cluster.address), parity.base(), lake, tmp_path)
    found = parity.counted(counter, requests, tmp_path / "spark")
    for rollup in parity.ROLLUPS:
        parity.assert_equal(found[rollup], expected[rollup])


def test_every_format_is_read_as_on_duckdb(tmp_path, cluster, accepted_beside):
    assert_alike(tmp_path, list(formats()), cluster.address, accepted_beside)


def test_a_line_that_goes_on_behind_its_record_is_read_as_on_duckdb(tmp_path, cluster, accepted_beside):
    assert_odd_lines_alike(tmp_path, going_on, ["kong", "otel", "azure_apim"], cluster.address, accepted_beside)


def test_a_key_that_is_there_twice_is_read_as_on_duckdb(tmp_path, cluster, accepted_beside):
    assert_odd_lines_alike(tmp_path, with_a_key_twice, ["caddy", "azure_apim"], cluster.address, accepted_beside)


def test_a_worker_killed_while_it_counts_changes_nothing(home, cluster):
    process = start(home)
    wait_until_it_counts(process, home)
    cluster.kill_worker()
    _, said = process.communicate(timeout=SECONDS)
    assert process.returncode == 0, said
    assert cluster.executors_lost() == 1
    assert_as_duckdb_counts(home)
    cluster.add_worker()


def test_a_refresh_killed_while_it_reads_lines_reads_them_once(tmp_path, cluster):
    read_killed_and_read_again(tmp_path / "home", cluster.address)
