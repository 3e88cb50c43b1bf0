"""A lake in a bucket, on moto's server over HTTP: the same as in a folder, whoever counts and whatever breaks."""

import os
import random
import shutil
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count as count_from
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import requests

from data_sources import bucket_lake
from data_sources.__main__ import main as data_sources_main
from data_sources.bucket_lake import BucketLake
from data_sources.lakes import FolderLake, LakeError, open_lake
from data_sources.program import load
from data_sources.store import open_store
from sql import checks, rejects, snapshot
from sql.build import BuildError
from sql.refresh import compact_only
from tests.data_sources.vendors import aws_server
from tests.data_sources.vendors.aws_api_gateway import ACCESS, SECRET
from tests.sql import lakes, small_home
from tests.sql.engines.cluster import Cluster, missing
from tests.sql.engines.conftest import sail_server

BUCKET, PREFIX = "acme-api-lake", "health"
OF_FILES = ("build_input", "raw_log_chunk", "raw_log_file", "rollup_partition")  # what a file is known by is in them


@pytest.fixture(scope="module")
def url():
    with aws_server.moto() as address:
        yield address


@pytest.fixture
def bucket(url):
    """A client, with an empty bucket."""
    with aws_server.bucket(url, BUCKET) as client:
        yield client


@pytest.fixture
def home(tmp_path, url, bucket) -> Path:
    """A home of a few days, not refreshed yet, whose lake is in the bucket."""
    home = unread(tmp_path / "home")
    in_bucket(home, url)
    return home


@pytest.fixture
def moved(tmp_path, url, bucket) -> Path:
    """A home of a few days that was refreshed and then moved: its lake's files are in the bucket, and none on this machine."""
    home = shutil.copytree(lakes.ready(), tmp_path / "moved")
    for file in (home / "lake").rglob("*.parquet"):
        bucket.upload_file(str(file), BUCKET, f"{PREFIX}/{file.relative_to(home / 'lake')}")
    shutil.rmtree(home / "lake")
    in_bucket(home, url)
    return home


def unread(home: Path) -> Path:
    """The home that is `ready`, as it was before it was refreshed."""
    return shutil.copytree(lakes.ready(), home, ignore=shutil.ignore_patterns("lake", "snapshots", "store.db*", "lock"))


def in_bucket(home: Path, url: str, path: str = f"s3://{BUCKET}/{PREFIX}") -> None:
    (home / "secrets").mkdir(exist_ok=True)
    (home / "secrets" / "lake").write_text(f"{ACCESS}:{SECRET}")
    with (home / "program.toml").open("a") as file:
        file.write(
            f'\n[lake]\npath = "{path}"\nregion = "{aws_server.REGION}"\nendpoint = "{url}"\nkey = "secret:lake"\n'
        )


def stored(client) -> set[str]:
    """The names of all files in the bucket's lake but the home's mark."""
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=BUCKET)
    keys = {item["Key"] for page in pages for item in page.get("Contents", [])}
    return {key.removeprefix(f"{PREFIX}/") for key in keys} - {".home"}


def expected_files() -> set[str]:
    lake = lakes.ready() / "lake"
    return {str(file.relative_to(lake)) for file in lake.rglob("*.parquet")}


def own_files(names: set[str]) -> set[str]:
    """Names without those of chunks, which have the home's path in them."""
    return {name for name in names if not name.startswith(("requests/", "rejected/"))}


def contents(home: Path) -> dict[str, list[str]]:
    return small_home.contents(snapshot.current(home))


def failing_checks(home: Path) -> list[str]:
    store = open_store(home)
    found = [str(result) for result in checks.run_on_lake(open_lake(home, load(home)), store) if not result.passed]
    store.engine.dispose()
    return found


def in_files(home: Path) -> set[str]:
    return {str(file.relative_to(home / "lake")) for file in (home / "lake").rglob("*.parquet")}


def assert_as_in_a_folder(home: Path, client) -> None:
    """Snapshot and files are those of the same home with a folder."""
    small_home.assert_same(contents(home), contents(lakes.ready()), but=OF_FILES)
    assert {name.rpartition("/")[0] for name in stored(client)} == {
        name.rpartition("/")[0] for name in expected_files()
    }
    assert len(stored(client)) == len(expected_files())
    assert not failing_checks(home)


def test_a_refresh_gives_what_it_gives_in_a_folder(home, bucket):
    done = small_home.command("refresh", "--home", home, "--as-of", "2026-03-20")
    assert done.returncode == 0, done.stderr
    assert_as_in_a_folder(home, bucket)
    assert in_files(home) == own_files(stored(bucket)), "events and rejected lines are in the bucket alone"
    again = small_home.command("refresh", "--home", home, "--as-of", "2026-03-20")
    assert "nothing new to build" in again.stdout, again.stderr
    checked = small_home.command("check", "--home", home)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_new_lines_count_their_days_again_and_old_counts_go(moved, bucket, tmp_path):
    folder = shutil.copytree(lakes.ready(), tmp_path / "folder")
    for each in (moved, folder):
        lakes.grow(each, 1, calls=5, days=1, seed=9)
        assert small_home.refreshed(each).built.counted > 0
    small_home.assert_same(contents(moved), contents(folder), but=OF_FILES)
    assert len(stored(bucket)) == len(in_files(folder))
    assert not failing_checks(moved)


def test_another_machine_goes_on_from_the_bucket(moved):
    before = contents(moved)
    shutil.rmtree(moved / "snapshots")
    assert small_home.refreshed(moved).built.counted == 0
    small_home.assert_same(contents(moved), before, but=OF_FILES)


def test_rejected_lines_are_read_where_they_are_asked_for(moved):
    home = moved
    store, ready_store = open_store(home), open_store(lakes.ready())
    found = rejects.read(open_lake(home, load(home)), rejects.files(store)).lines
    expected = rejects.read(FolderLake(lakes.ready() / "lake"), rejects.files(ready_store)).lines
    assert len(found) == len(expected) > 0
    assert sorted(found["reason"]) == sorted(expected["reason"])
    for each in (store, ready_store):
        each.engine.dispose()


def test_small_files_are_merged_and_old_days_dropped(moved, bucket):
    home, counts = moved, lakes.counts(moved)
    merged = compact_only(home)
    assert (merged.files, merged.into, merged.errors) == (24 + 6, 4 + 1, [])
    assert not failing_checks(home)
    lakes.set_retention(home, (small_home.AS_OF - datetime(2026, 2, 1)).days)
    done = small_home.refreshed(home)
    assert done.dropped.days == ("2026-01-30", "2026-01-31")
    assert not failing_checks(home)
    days = {name.split("/")[1] for name in stored(bucket) if name.startswith("requests/")}
    assert days == {"day=2026-02-01", "day=2026-02-02"}
    assert lakes.counts(home) == counts


def test_list_and_check_say_where_the_lake_is(moved, url, capsys):
    assert data_sources_main(["list", "--home", str(moved)]) == 0
    assert f"request events and counts lie in s3://{BUCKET}/{PREFIX}" in capsys.readouterr().out
    data_sources_main(["check", "--home", str(moved)])
    assert f"[lake]: reachable: yes, events of 4 days in s3://{BUCKET}/{PREFIX}" in capsys.readouterr().out
    file = moved / "program.toml"
    file.write_text(file.read_text().replace(BUCKET, "no-such-bucket"))
    assert data_sources_main(["check", "--home", str(moved)]) == 1
    said = capsys.readouterr().out
    assert "[lake]: reachable: NO, s3://no-such-bucket/health/: AWS, list_objects_v2: HTTP 404: NoSuchBucket" in said


def test_the_lake_of_another_home_is_left_alone(moved, bucket, url, tmp_path):
    small_home.refreshed(moved)
    before = stored(bucket)
    other = unread(tmp_path / "other")
    (other / "salt").unlink()
    in_bucket(other, url)
    with pytest.raises(BuildError, match=f"s3://{BUCKET}/{PREFIX}/ is the lake of another home"):
        small_home.refreshed(other)
    with pytest.raises(BuildError, match="is the lake of another home"):
        compact_only(other)
    assert stored(bucket) == before


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("s3://no-such-bucket/x", "s3://no-such-bucket/x/: AWS, put_object: HTTP 404: NoSuchBucket"),
        (f"s3://{BUCKET}", None),
    ],
)
def test_a_bucket_that_is_not_there_is_said(tmp_path, url, bucket, path, said):
    home = unread(tmp_path / "home")
    in_bucket(home, url, path)
    if said is None:
        assert not small_home.refreshed(home).failures
        return
    done = small_home.command("refresh", "--home", home)
    assert done.returncode == 1
    assert said in done.stderr
    assert SECRET not in done.stdout + done.stderr
    assert snapshot.current(home) is None


def test_where_nobody_answers_the_last_snapshot_stays(moved, url, monkeypatch):
    home = moved
    before = snapshot.current(home).name
    file = home / "program.toml"
    file.write_text(file.read_text().replace(url, "http://127.0.0.1:9"))
    monkeypatch.setattr(bucket_lake, "PATIENCE", bucket_lake.Patience(attempts=1, connect=1))
    with pytest.raises(BuildError, match=r"s3://acme-api-lake/health/: AWS, get_object: Could not connect"):
        small_home.refreshed(home)
    assert snapshot.current(home).name == before


def test_a_lost_file_is_found(moved, bucket):
    home = moved
    lost = sorted(name for name in stored(bucket) if name.startswith("requests/"))[0]
    bucket.delete_object(Bucket=BUCKET, Key=f"{PREFIX}/{lost}")
    assert any(lost in said for said in failing_checks(home))
    for name in own_files(stored(bucket)):
        bucket.delete_object(Bucket=BUCKET, Key=f"{PREFIX}/{name}")
    with pytest.raises(BuildError, match=f"{lost}: the ledger names it, and it is not in the lake"):
        small_home.refreshed(home, from_scratch=True)


class _Flaky(BaseHTTPRequestHandler):
    """Hands requests on to the server; tells some to slow down, and ends some answers halfway."""

    upstream: str
    ends_after: float = float("inf")
    number = count_from(1)
    tally: Counter[str] = Counter()

    def _hand_on(self) -> None:
        turn = next(self.number)
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if turn > self.ends_after:
            self._answer(500, {}, b"<Error><Code>InternalError</Code></Error>")
            return
        if turn % 23 == 0:
            self.tally["slowed down"] += 1
            self._answer(503, {}, b"<Error><Code>SlowDown</Code><Message>Please reduce your rate</Message></Error>")
            return
        headers = {name: value for name, value in self.headers.items() if name not in ("Host", "Expect")}
        answer = requests.request(
            self.command, self.upstream + self.path, headers=headers, data=body, timeout=30, stream=True
        )
        whole = answer.raw.read()
        is_cut = self.command == "GET" and turn % 13 == 0 and len(whole) > 1
        self.tally["cut"] += is_cut
        self._answer(answer.status_code, answer.headers, whole[: len(whole) // 2] if is_cut else whole, len(whole))
        self.close_connection = True

    def _answer(self, status: int, headers, body: bytes, length: int | None = None) -> None:
        self.send_response(status)
        for name, value in headers.items():
            if name not in ("Content-Length", "Transfer-Encoding", "Connection"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = _hand_on

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def flaky(home, url, monkeypatch) -> Iterator[type[_Flaky]]:
    """Stands between the home and its bucket."""
    monkeypatch.setattr(_Flaky, "upstream", url, raising=False)
    monkeypatch.setattr(_Flaky, "number", count_from(1))
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Flaky)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    file = home / "program.toml"
    file.write_text(file.read_text().replace(url, f"http://127.0.0.1:{server.server_port}"))
    yield _Flaky
    server.shutdown()
    server.server_close()


@pytest.mark.slow
def test_a_bucket_that_throttles_and_breaks_off_gives_the_same(home, bucket, flaky):
    assert not small_home.refreshed(home).failures
    shutil.rmtree(home / "lake")
    shutil.rmtree(home / "snapshots")
    assert small_home.refreshed(home).built.counted == 0
    assert_as_in_a_folder(home, bucket)
    assert flaky.tally["slowed down"] > 10
    assert flaky.tally["cut"] > 10


@pytest.mark.slow
@pytest.mark.parametrize("turn", [4, 12, 150])  # while it reads lines, and while it counts
def test_a_bucket_that_goes_away_ends_the_refresh_and_the_next_one_goes_on(home, bucket, flaky, monkeypatch, turn):
    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(bucket_lake, "PATIENCE", bucket_lake.QUICK)
        meanwhile.setattr(flaky, "ends_after", turn)
        with pytest.raises(BuildError, match="s3://acme-api-lake/health/: AWS, "):
            small_home.refreshed(home)
    assert not small_home.refreshed(home).failures
    assert_as_in_a_folder(home, bucket)


def test_what_an_engine_wrote_for_a_killed_run_goes(home, bucket):
    late = f"{PREFIX}/.writing/ingest/of-a-killed-run/chunk/quick/day=2026-01-30/part.parquet"
    bucket.put_object(Bucket=BUCKET, Key=late, Body=b"lines with addresses")
    small_home.refreshed(home)
    assert not [name for name in stored(bucket) if ".writing" in name]


def test_rows_are_known_by_the_footer_alone(home, bucket, tmp_path, monkeypatch):
    lake, name = open_lake(home, load(home)), "requests/day=2026-01-01/x.parquet"
    file = tmp_path / "wide.parquet"
    pq.write_table(pa.table({f"column_{n}": range(1000) for n in range(100)}), file)
    size, fetched = file.stat().st_size, []
    read = BucketLake._read

    def noted(self, name, out, **asked):
        read(self, name, out, **asked)
        fetched.append(out.tell())

    monkeypatch.setattr(BucketLake, "_read", noted)
    monkeypatch.setattr(bucket_lake, "FOOTER_BYTES", 100)
    lake.put({name: file})
    assert lake.rows([name]) == {name: 1000}
    assert fetched[0] == 100
    assert sum(fetched) < size / 4


def test_what_is_not_there_is_said_or_left_out(home, bucket, tmp_path):
    lake, name = open_lake(home, load(home)), "rejected/x.parquet"
    (tmp_path / "x").write_bytes(b"no Parquet file")
    lake.put({name: tmp_path / "x"})
    with lake.lent_if_there([name, "rejected/y.parquet"]) as there:
        assert there.keys() == {name}
        assert there[name].read_bytes() == b"no Parquet file"
    assert not (home / "lake" / "rejected").exists()
    with pytest.raises(LakeError, match=r"NoSuchKey.*y\.parquet"):
        lake.fetched(["rejected/y.parquet"])
    with pytest.raises(LakeError, match=r"s3://acme-api-lake/health/rejected/x\.parquet: "):
        lake.rows([name])


def test_what_a_killed_run_had_borrowed_goes_and_what_is_in_use_stays(moved, bucket):
    home = moved
    lake = open_lake(home, load(home))
    name = sorted(name for name in stored(bucket) if name.startswith("requests/"))[0]
    left = home / "lake" / ".writing" / "lent-of-a-killed-one"
    left.mkdir(parents=True)
    with lake.lent([name]) as (first,), lake.lent([name]) as (second,):
        assert first.exists()
        assert second.exists()
        assert first != second
        assert not left.exists()
    assert not first.exists()
    assert not second.exists()


def spark_on(home: Path, address: str) -> None:
    file = home / "program.toml"
    file.write_text(
        file.read_text().replace('name = "Small"', f'name = "Small"\nengine = "spark"\nspark = "{address}"')
    )


@pytest.fixture
def sail_on_bucket(tmp_path, url, monkeypatch) -> Iterator[str]:
    """A Sail server that reaches the bucket with credentials of its own."""
    pytest.importorskip("pysail", reason="pysail is not installed: Spark on a bucket was not tested")
    for name, value in {
        "AWS_ENDPOINT": url,
        "AWS_ALLOW_HTTP": "true",
        "AWS_REGION": aws_server.REGION,
        "AWS_ACCESS_KEY_ID": ACCESS,
        "AWS_SECRET_ACCESS_KEY": SECRET,
    }.items():
        monkeypatch.setenv(name, value)
    (tmp_path / "sail").mkdir()
    with sail_server(tmp_path / "sail") as address:
        for name in ("AWS_ENDPOINT", "AWS_ALLOW_HTTP", "AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            monkeypatch.delenv(name)
        yield address


@pytest.fixture
def cluster_on_bucket(tmp_path, url) -> Iterator[str]:
    """A cluster of Apache Spark that reaches the bucket with credentials of its own, and with the jars of hadoop-aws in the folder SPARK_S3_JARS."""
    jars = os.environ.get("SPARK_S3_JARS")
    if jars is None or missing() is not None:
        pytest.skip(f"{missing() or 'SPARK_S3_JARS names no folder'}: Apache Spark on a bucket was not tested")
    s3a = {
        "endpoint": url,
        "endpoint.region": aws_server.REGION,
        "access.key": ACCESS,
        "secret.key": SECRET,
        "path.style.access": "true",
        "aws.credentials.provider": "org.apache.hadoop.fs.s3a.SimpleAWSCredentialsProvider",
    }
    settings = {f"spark.hadoop.fs.s3a.{name}": value for name, value in s3a.items()}
    settings |= {f"spark.{process}.extraClassPath": f"{jars}/*" for process in ("driver", "executor")}
    cluster = Cluster(tmp_path, settings=settings)
    try:
        yield cluster.address
    finally:
        cluster.close()


@pytest.mark.parametrize("engine", ["sail_on_bucket", pytest.param("cluster_on_bucket", marks=pytest.mark.slow)])
def test_spark_reads_and_counts_in_the_bucket(home, bucket, engine, request):
    spark_on(home, request.getfixturevalue(engine))
    done = small_home.command("refresh", "--home", home, "--as-of", "2026-03-20")
    assert done.returncode == 0, done.stderr
    assert_as_in_a_folder(home, bucket)
    assert not [name for name in stored(bucket) if ".writing" in name]


@pytest.mark.slow
@pytest.mark.parametrize("engine", [None, "sail_on_bucket", "cluster_on_bucket"])
def test_killed_and_run_again_it_is_the_same(home, bucket, engine, request):
    if engine:
        spark_on(home, request.getfixturevalue(engine))
    command = [sys.executable, "-m", "sql", "refresh", "--home", home, "--as-of", "2026-03-20"]
    draw = random.Random(5)
    kills = 0
    for _ in range(6):
        process = subprocess.Popen(
            command, cwd=small_home.ROOT, env=dict(os.environ), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            process.wait(draw.uniform(0.5, 4))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            kills += 1
    assert kills
    assert not small_home.refreshed(home).failures
    assert_as_in_a_folder(home, bucket)
    assert not [left for left in (home / "lake" / ".writing").iterdir() if left.suffix != ".lock"]
