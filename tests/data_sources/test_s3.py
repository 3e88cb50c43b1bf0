"""Logs in S3, read from moto's server over HTTP: once each, whatever happens to the objects or to a run."""

import gzip
import json
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from data_sources import s3
from data_sources.check import check
from data_sources.ledger import Cursor, LogChunk, LogFile
from data_sources.program import ProgramError, load
from sql import snapshot
from tests.data_sources.vendors import aws_server
from tests.data_sources.vendors.aws_api_gateway import SECRET
from tests.sql.requests.lines import aws
from tests.sql.small_home import command

BUCKET = "edge-logs"
ROOT = Path(__file__).parents[2]


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
def place(tmp_path, url, bucket):
    return aws_server.Home(tmp_path / "home", url, f"s3://{BUCKET}/api/**/*.gz")


def text(*numbers: int) -> bytes:
    return "".join(aws(requestId=f"{n:06}") + "\n" for n in numbers).encode()


def put(client, key: str, *numbers: int, plain: bool = False) -> None:
    body = text(*numbers)
    client.put_object(Bucket=BUCKET, Key=key, Body=body if plain else gzip.compress(body, mtime=0))


def ids(*numbers: int) -> list[str]:
    return sorted(f"{n:06}" for n in numbers)


@pytest.fixture
def asked(monkeypatch):
    """The operations that were called, with their settings."""
    calls = []
    call, failing = s3.aws.Session.call, s3.aws.Session.failing

    def noted(self, operation, permission=None, **params):
        calls.append((operation, params))
        return call(self, operation, permission, **params)

    def noted_too(self, operation, permission=None):
        if operation == "get_object":
            calls.append((operation, {}))
        return failing(self, operation, permission)

    monkeypatch.setattr(s3.aws.Session, "call", noted)
    monkeypatch.setattr(s3.aws.Session, "failing", noted_too)
    return calls


def test_each_object_is_read_once_under_its_own_name(place, bucket, asked):
    put(bucket, "api/2026/06/09/a.gz", 1, 2)
    put(bucket, "api/2026/06/10/b.gz", 3)
    put(bucket, "api/2026/06/10/readme.txt", 90, plain=True)
    put(bucket, "other/2026/06/10/c.gz", 91)
    read = place.ingest()
    assert (read.lines, read.accepted, read.files, read.errors) == (3, 3, 2, [])
    assert sorted(chunk.path for chunk in place.ledger(LogChunk)) == [
        f"s3://{BUCKET}/api/2026/06/09/a.gz",
        f"s3://{BUCKET}/api/2026/06/10/b.gz",
    ]
    assert place.spool() == []
    put(bucket, "api/2026/06/10/d.gz", 4)
    asked.clear()
    again = place.ingest()
    assert (again.accepted, again.files) == (1, 1)
    assert [name for name, _ in asked] == ["list_objects_v2", "get_object"]
    assert place.requests() == ids(1, 2, 3, 4)
    assert place.ingest().files == 0


def test_an_object_that_grew_goes_on_and_another_in_its_place_is_read_whole(place, bucket):
    put(bucket, "api/a.gz", 1, 2)
    place.ingest()
    put(bucket, "api/a.gz", 1, 2, 3, 4)
    assert place.ingest().accepted == 2
    assert place.requests() == ids(1, 2, 3, 4)
    put(bucket, "api/a.gz", 7, 8)
    assert place.ingest().accepted == 2
    put(bucket, "api/a.gz", 1, 2)
    assert place.ingest().accepted == 0, "a version that was read before"
    assert place.requests() == ids(1, 2, 3, 4, 7, 8)
    assert {log.path for log in place.ledger(LogFile)} == {f"s3://{BUCKET}/api/a.gz"}


def test_objects_that_begin_alike_are_different_logs(place, bucket):
    line = b'198.51.100.7 - - [09/Jun/2026:12:00:01 +0000] "GET /a HTTP/1.1" 200 51 "-" "curl/8"\n'
    for key, times in (("api/a.gz", 1), ("api/b.gz", 1), ("api/c.gz", 3)):
        bucket.put_object(Bucket=BUCKET, Key=key, Body=gzip.compress(line * times))
    assert place.ingest().accepted == 5


def test_an_object_that_is_overwritten_while_it_is_fetched_is_never_mixed(place, bucket, monkeypatch):
    put(bucket, "api/a.gz", *range(10))
    listed = s3._listed

    def overwritten(*given):
        for item in listed(*given):
            put(bucket, "api/a.gz", *range(20, 32))
            yield item

    monkeypatch.setattr(s3, "_listed", overwritten)
    read = place.ingest()
    assert (read.accepted, read.errors) == (12, [])
    assert place.requests() == ids(*range(20, 32))
    monkeypatch.undo()
    assert place.ingest().accepted == 0


def test_many_objects_are_listed_page_by_page(place, bucket, monkeypatch, asked):
    for n in range(53):
        put(bucket, f"api/2026/06/09/{n:03}.gz", n)
    monkeypatch.setattr(s3, "PAGE", 10)
    assert place.ingest().accepted == 53
    assert sum(name == "list_objects_v2" for name, _ in asked) == 6
    assert place.requests() == ids(*range(53))


def test_more_than_a_thousand_objects(place, bucket):
    for n in range(1_003):
        bucket.put_object(Bucket=BUCKET, Key=f"api/{n:05}.gz", Body=b"")
    put(bucket, "api/01003.gz", 5)
    assert place.ingest().accepted == 1


def test_settled_days_are_not_listed_again_but_once_a_day_all_are(place, bucket, monkeypatch, asked):
    for stem in ("api/a/", "api/b/"):
        for n in range(20):
            put(bucket, f"{stem}2026/06/{n + 1:02}/x.gz", n + (100 if stem == "api/b/" else 0))
    monkeypatch.setattr(s3, "PAGE", 5)
    place.ingest()
    place.later(days=3)
    asked.clear()
    put(bucket, "api/a/2026/06/20/y.gz", 50)
    put(bucket, "api/aa/2026/06/01/x.gz", 51)
    put(bucket, "api/b/2026/06/21/x.gz", 52)
    put(bucket, "api/a/2026/06/03/late.gz", 53)
    assert place.later(days=3, hours=1).accepted == 3, "what is far back waits for the next whole listing"
    assert sum(name == "list_objects_v2" for name, _ in asked) < 7
    assert place.later(days=4, hours=2).accepted == 1
    assert len(place.requests()) == 44


def test_names_without_dates_are_listed_whole(place, bucket):
    put(bucket, "api/m.gz", 1)
    place.later(days=3)
    place.later(days=3, hours=1)
    put(bucket, "api/b.gz", 2)
    assert place.later(days=3, hours=2).accepted == 1


@pytest.mark.parametrize(
    ("key", "stem"),
    [
        ("2026/06/09/a.gz", ""),
        ("x/2026-06-09-12-a.gz", "x/"),
        ("x/year=2026/month=06/day=09/a.gz", "x/year="),
        ("x/dt=20260609/a.gz", "x/dt="),
        ("AWSLogs/202012345678/eu/2026/06/09/a.gz", "AWSLogs/202012345678/eu/"),
        ("x/access-2026-06-09T12.gz", "x/access-"),
        ("x/a.gz", None),
        ("x/2026.gz", None),
    ],
)
def test_what_stands_before_a_date(key, stem):
    assert s3._stem(key) == stem


@pytest.mark.parametrize(
    ("pattern", "key", "matches"),
    [
        ("a/*.gz", "a/x.gz", True),
        ("a/*.gz", "a/b/x.gz", False),
        ("a/**/*.gz", "a/x.gz", True),
        ("a/**/*.gz", "a/b/c/x.gz", True),
        ("a/", "a/b/c", True),
        ("", "anything/at.all", True),
        ("a/2026/0[56]/?.gz", "a/2026/06/x.gz", True),
        ("a/2026/0[56]/?.gz", "a/2026/07/x.gz", False),
        ("a/[!x]*", "a/xy", False),
        ("a+b(c)/*", "a+b(c)/d", True),
    ],
)
def test_globs_over_keys(pattern, key, matches):
    assert s3._matches(pattern, key) is matches
    assert key.startswith(s3._prefix(pattern))


def test_plain_empty_and_damaged_objects(tmp_path, url, bucket):
    place = aws_server.Home(tmp_path / "home", url, f"s3://{BUCKET}/")
    put(bucket, "a.log", 1, 2, plain=True)
    bucket.put_object(Bucket=BUCKET, Key="b.log", Body=b"")
    bucket.put_object(Bucket=BUCKET, Key="c.gz", Body=gzip.compress(b""))
    bucket.put_object(Bucket=BUCKET, Key="d.log", Body=text(3)[:-1])
    bucket.put_object(Bucket=BUCKET, Key="e.gz", Body=gzip.compress(text(*range(2000)))[:-200])
    bucket.put_object(Bucket=BUCKET, Key="f.txt", Body=b"nothing that is known\n")
    first = place.ingest()
    assert first.accepted >= 3
    assert [(error.path, error.reason.split(",")[0]) for error in first.errors] == [
        (f"s3://{BUCKET}/e.gz", "the gzip data ends in the middle")
    ]
    assert first.rejected == 1, "the one line of an object among others of a known format"
    again = place.ingest()
    assert (again.lines, again.errors) == (0, [])
    assert place.spool() == []


def test_an_object_that_nobody_reads_is_told_and_not_kept(tmp_path, url, bucket):
    place = aws_server.Home(tmp_path / "home", url, f"s3://{BUCKET}/")
    bucket.put_object(Bucket=BUCKET, Key="f.txt", Body=b"nothing that is known\n")
    for _ in range(2):
        (error,) = place.ingest().errors
        assert (error.path, "no log format reads it" in error.reason) == (f"s3://{BUCKET}/f.txt", True)
        assert place.spool() == []


def test_a_control_message_before_any_log_is_no_error(place, bucket):
    control = json.dumps(
        {"messageType": "CONTROL_MESSAGE", "logEvents": [{"id": "", "message": "CWL CONTROL MESSAGE"}]}
    )
    bucket.put_object(Bucket=BUCKET, Key="api/2026/06/09/0.gz", Body=gzip.compress(control.encode()))
    for _ in range(2):
        read = place.ingest()
        assert (read.accepted, read.rejected, read.errors) == (0, 0, [])


def test_paths_that_overlap_read_each_object_once(tmp_path, url, bucket):
    place = aws_server.Home(tmp_path / "home", url, f"s3://{BUCKET}/a/", f"s3://{BUCKET}/a/*.gz", f"s3://{BUCKET}/b/")
    for n in range(12):
        put(bucket, f"{'ab'[n % 2]}/{n:02}.gz", n)
    read = place.ingest()
    assert (read.accepted, read.errors) == (12, [])
    assert place.requests() == ids(*range(12))
    assert place.spool() == []


def test_a_missing_bucket_leaves_the_other_paths(tmp_path, url, bucket):
    place = aws_server.Home(tmp_path / "home", url, "s3://nobodys-bucket/x/", f"s3://{BUCKET}/", "logs/*.log")
    put(bucket, "a.gz", 1)
    (place.home / "logs").mkdir()
    (place.home / "logs" / "b.log").write_bytes(text(2))
    read = place.ingest()
    assert place.requests() == ids(1, 2)
    (error,) = read.errors
    assert error.path == "s3://nobodys-bucket/x/"
    assert "NoSuchBucket" in error.reason


def denying(code: str, operation: str):
    """Makes botocore answer an operation with an error of AWS, as its parser hands it over."""

    def answer(model, **_):
        if model.name == operation:
            import botocore.awsrequest

            status = 400 if code == "ExpiredToken" else 403
            response = botocore.awsrequest.AWSResponse("http://x", status, {}, None)
            return response, {"Error": {"Code": code, "Message": f"said of {SECRET}"},
                              "ResponseMetadata": {"HTTPStatusCode": status}}  # fmt: skip
        return None

    return answer


@pytest.mark.parametrize(
    ("code", "operation", "words"),
    [
        ("AccessDenied", "ListObjectsV2", "missing permission s3:ListBucket"),
        ("AccessDenied", "GetObject", "missing permission s3:GetObject"),
        ("ExpiredToken", "ListObjectsV2", "ExpiredToken"),
        ("InvalidObjectState", "GetObject", "archived"),
    ],
)
def test_what_is_denied_names_the_permission_and_no_secret(place, bucket, monkeypatch, code, operation, words):
    put(bucket, "api/a.gz", 1)
    made = s3.aws.client

    def refusing(*given):
        client, secrets = made(*given)
        client.meta.events.register("before-call.s3", denying(code, operation))
        return client, secrets

    monkeypatch.setattr(s3.aws, "client", refusing)
    read = place.ingest()
    assert read.lines == 0
    (error,) = read.errors
    assert words in error.reason
    assert SECRET not in str(error)
    (finding,) = check(place.program, place.program.sources[0], datetime(2026, 6, 9)).findings
    assert (finding.ok, words in finding.text, SECRET in finding.text) == (False, True, False)
    monkeypatch.undo()
    assert place.ingest().accepted == 1


def test_credentials_that_are_nobodys(tmp_path, url, bucket, monkeypatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    place = aws_server.Home(tmp_path / "home", url, f"s3://{BUCKET}/")
    settings = (place.home / "program.toml").read_text()
    for change, words in (
        ("", "Unable to locate credentials"),
        ('profile = "nobody"', "profile (nobody) could not be found"),
        ('key = "secret:gone"', "there is no file gone"),
    ):
        (place.home / "program.toml").write_text(settings.replace('key = "secret:aws"', change))
        (error,) = place.ingest().errors
        assert words in error.reason


def test_check_tells_what_is_there(place, bucket):
    put(bucket, "api/2026/06/09/a.gz", 1, 2)
    checked = check(place.program, place.program.sources[0], datetime(2026, 6, 9))
    assert (checked.reachable, checked.authorised, checked.ok) == (True, True, True)
    (finding,) = checked.findings
    assert "1 object(s)" in finding.text
    assert "api/2026/06/09/a.gz" in finding.text
    assert '{"requestId": "000001"' in finding.text
    assert place.ledger(LogFile) == []
    bucket.delete_object(Bucket=BUCKET, Key="api/2026/06/09/a.gz")
    checked = check(place.program, place.program.sources[0], datetime(2026, 6, 9))
    assert (checked.ok, "no such object" in checked.findings[0].text) == (False, True)


def test_an_address_where_nobody_answers(tmp_path):
    place = aws_server.Home(tmp_path / "home", "http://127.0.0.1:9", f"s3://{BUCKET}/")
    patience = s3.remote.Patience(attempts=1, connect=1, read=1)
    checked = check(place.program, place.program.sources[0], datetime(2026, 6, 9), patience)
    assert (checked.reachable, checked.ok) == (False, False)


@pytest.mark.parametrize(
    "path", ["s3://", "s3://bucket", "s3://b*/x", "cloudwatch:", "cloudwatch:a:b:c", "s3:bucket/x"]
)
def test_a_misspelt_path_is_a_mistake_of_the_program(tmp_path, path):
    (tmp_path / "program.toml").write_text(
        f'[program]\nname = "t"\n[[source]]\nname = "x"\nkind = "logs"\npaths = ["{path}"]\n'
    )
    with pytest.raises(ProgramError, match="expected s3://bucket/prefix"):
        load(tmp_path)


RUN = (
    "import sys\nfrom datetime import datetime\nfrom data_sources.program import load\nfrom data_sources.store import open_store\n"
    "from sql.ingest import ingest\ningest(open_store(sys.argv[1]), load(sys.argv[1]))\n"
)


def test_killed_at_any_moment_and_run_again(place, bucket):
    """Objects of Firehose: subscription records without newlines, compressed twice."""
    for n in range(40):
        events = [{"id": "1", "message": aws(requestId=f"{n * 50 + k:06}")} for k in range(50)]
        record = json.dumps({"messageType": "DATA_MESSAGE", "logEvents": events}).encode()
        bucket.put_object(
            Bucket=BUCKET, Key=f"api/2026/06/{n % 28 + 1:02}/{n}.gz", Body=gzip.compress(gzip.compress(record) * 2)
        )
    killed = 0
    for wait in (0.5, 0.8, 1.1, 1.4, 1.7, 2.0, 2.3):
        process = subprocess.Popen([sys.executable, "-c", RUN, str(place.home)], cwd=ROOT)
        try:
            process.wait(wait)
        except subprocess.TimeoutExpired:
            os.kill(process.pid, signal.SIGKILL)
            killed += 1
        process.wait()
    assert killed >= 3
    place.ingest()
    assert place.requests() == sorted(ids(*range(2_000)) * 2)
    assert all(chunk.accepted + chunk.rejected + chunk.blank == chunk.lines for chunk in place.ledger(LogChunk))
    assert place.spool() == []
    assert len(place.ledger(Cursor)) == 1
    assert datetime.now(UTC).replace(tzinfo=None) - place.ledger(Cursor)[0].updated_at < timedelta(minutes=5)


def test_a_refresh_counts_what_lies_in_the_bucket(place, bucket):
    put(bucket, "api/2026/06/09/a.gz", 1, 2)
    put(bucket, "api/2026/06/10/b.gz", 3)
    bucket.put_object(Bucket=BUCKET, Key="api/2026/06/10/cut.gz", Body=gzip.compress(text(4), mtime=0)[:-20])
    first = command("refresh", "--home", place.home)
    assert first.returncode == 1, first.stdout + first.stderr
    assert f"s3://{BUCKET}/api/2026/06/10/cut.gz" in first.stderr
    assert SECRET not in first.stdout + first.stderr
    found = snapshot.current(place.home)
    assert found.execute("select sum(calls) from usage_day")[1] == [(3,)]
    put(bucket, "api/2026/06/10/cut.gz", 4)
    second = command("refresh", "--home", place.home)
    assert second.returncode == 0, second.stdout + second.stderr
    assert "1 new log lines" in second.stdout
    found = snapshot.current(place.home)
    assert found.execute("select sum(calls) from usage_day")[1] == [(4,)]
    assert "nothing new to build" in command("refresh", "--home", place.home).stdout
