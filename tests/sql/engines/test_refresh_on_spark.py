"""A refresh whose roll-ups Spark counts gives the home that DuckDB gives, and says what is wrong where Spark is not to be had."""

import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from data_sources.program import ProgramError
from sql import count, snapshot
from sql.build import BuildError
from sql.engines import counters
from tests.sql import small_home
from tests.sql.engines.conftest import free_port

AS_OF = f"{small_home.AS_OF:%Y-%m-%d}"


@pytest.fixture
def home(tmp_path) -> Path:
    """A home whose request events were read and not counted, in a folder whose name has what addresses escape."""
    home = small_home.copy(tmp_path / "a home & 100%")
    forget_counts(home)
    return home


def forget_counts(home: Path) -> None:
    for rollup in count.rollups():
        for file in (home / "lake" / rollup).rglob("*.parquet"):
            file.unlink()


def counted_in(home: Path) -> dict[str, int]:
    """The counts of a home, and when each was written."""
    found = (file for rollup in count.rollups() for file in (home / "lake" / rollup).glob("*/*.parquet"))
    return {str(file.relative_to(home)): file.stat().st_mtime_ns for file in found}


def on(home: Path, address: str) -> None:
    """Let the home's roll-ups be counted at this address."""
    file = home / "program.toml"
    file.write_text(
        file.read_text().replace('name = "Small"', f'name = "Small"\nengine = "spark"\nspark = "{address}"')
    )


def files(home: Path) -> set[str]:
    return {str(file.relative_to(home)) for file in (home / "lake").rglob("*") if file.is_file()}


def test_a_refresh_on_sail_gives_what_duckdb_gives(home, sail):
    on(home, sail)
    done = small_home.command("refresh", "--home", home, "--as-of", AS_OF, "--from-scratch")
    assert done.returncode == 0, done.stderr
    assert files(home) == files(small_home.ready())
    counted = snapshot.current(home)
    assert counted.name != snapshot.current(small_home.ready()).name
    small_home.assert_same(small_home.contents(counted), small_home.contents(snapshot.current(small_home.ready())))


def test_a_new_line_counts_its_days_on_spark_beside_those_of_duckdb(tmp_path, sail):
    homes = tmp_path / "duckdb", tmp_path / "sail"
    small_home.copy(homes[0])
    small_home.write_kong(homes[0], "a.log", small_home.kong_lines(5, seed=9))
    shutil.copytree(homes[0], homes[1])
    on(homes[1], sail)
    for home in homes:
        assert small_home.refreshed(home).built.counted > 0
    assert files(homes[1]) == files(homes[0])
    small_home.assert_same(
        small_home.contents(snapshot.current(homes[1])), small_home.contents(snapshot.current(homes[0]))
    )


@pytest.mark.slow
def test_a_refresh_killed_while_sail_counts_goes_on_where_it_was(home, sail):
    on(home, sail)
    command = [sys.executable, "-m", "sql", "refresh", "--home", home, "--as-of", AS_OF, "--from-scratch"]
    process = subprocess.Popen(command, cwd=small_home.ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    until = time.monotonic() + 300
    while not counted_in(home):
        assert process.poll() is None
        assert time.monotonic() < until
        time.sleep(0.02)
    process.kill()
    process.wait()
    kept = counted_in(home)
    assert len(kept) < len(counted_in(small_home.ready()))
    small_home.refreshed(home, from_scratch=True)
    assert files(home) == files(small_home.ready())
    assert {file: when for file, when in counted_in(home).items() if file in kept} == kept
    small_home.assert_same(
        small_home.contents(snapshot.current(home)), small_home.contents(snapshot.current(small_home.ready()))
    )


def read_killed_and_read_again(home: Path, address: str) -> None:
    """A refresh on DuckDB, forgotten; one on Spark that is killed while it reads the logs; and the one after that: the same, and nothing twice."""
    small_home.make(home)
    small_home.refreshed(home)
    expected = small_home.contents(snapshot.current(home))
    for made in ("lake", "snapshots"):
        shutil.rmtree(home / made)
    for made in home.glob("store.db*"):
        made.unlink()
    on(home, address)
    command = [sys.executable, "-m", "sql", "refresh", "--home", home, "--as-of", AS_OF]
    process = subprocess.Popen(
        command, cwd=small_home.ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    until = time.monotonic() + 300
    while not list((home / "lake" / ".writing").glob("ingest/*/*/lines.parquet")):
        assert process.poll() is None, process.stderr.read()
        assert time.monotonic() < until
        time.sleep(0.01)
    process.kill()
    process.communicate()
    assert not list((home / "lake" / "requests").rglob("*.parquet"))
    done = small_home.refreshed(home)
    assert not done.failures
    small_home.assert_same(small_home.contents(snapshot.current(home)), expected, but=("build_input",))
    assert not [left for left in (home / "lake" / ".writing").iterdir() if left.suffix != ".lock"]


@pytest.mark.slow
def test_a_refresh_killed_while_sail_reads_lines_reads_them_once(tmp_path, sail):
    read_killed_and_read_again(tmp_path / "home", sail)


def test_where_nobody_answers_the_last_snapshot_stays(home):
    address = f"sc://127.0.0.1:{free_port()}"
    on(home, address)
    before = snapshot.current(home).name
    with pytest.raises(BuildError, match=f"spark = '{address}' in program.toml: nobody answers there"):
        small_home.refreshed(home)
    assert snapshot.current(home).name == before
    assert not (home / "lake" / ".writing" / "counts").exists()


def test_without_the_packages_it_says_what_to_install(home, monkeypatch):
    monkeypatch.setattr(counters, "PACKAGES", ("duckdb", "a_package_that_is_nowhere"))
    on(home, "sc://127.0.0.1:1")
    with pytest.raises(ProgramError, match=r"a_package_that_is_nowhere.* pip install -r (\S+)") as caught:
        small_home.refreshed(home)
    named = str(caught.value).rsplit(" ", 1)[1]
    assert "pyspark-client==" in (small_home.ROOT / named).read_text()


def test_the_client_is_not_loaded_where_duckdb_counts(home):
    loaded = "import sys\nfrom sql.__main__ import main\nmain(sys.argv[1:])\nprint('loaded', {*sys.modules} & {'pyspark', 'sqlglot', 'grpc'})"
    done = subprocess.run(
        [sys.executable, "-c", loaded, "refresh", "--home", home, "--as-of", AS_OF],
        cwd=small_home.ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.splitlines()[-1] == "loaded set()"
    assert files(home) == files(small_home.ready())
