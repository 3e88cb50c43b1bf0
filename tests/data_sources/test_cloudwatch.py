"""Logs in CloudWatch, read from moto's server over HTTP: each event once, however late it comes or a run ends."""

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from data_sources import aws as aws_session
from data_sources import cloudwatch
from data_sources.check import check
from data_sources.failures import SourceError
from data_sources.ledger import Cursor, LogChunk
from tests.data_sources.test_s3 import RUN, denying, ids
from tests.data_sources.vendors import aws_server
from tests.data_sources.vendors.aws_api_gateway import SECRET
from tests.sql.requests.lines import aws
from tests.sql.requests.test_aws_api_gateway_text import CLF, ID

GROUP = "/aws/apigateway/edge"
ROOT = Path(__file__).parents[2]
MINUTE, HOUR = 60_000, 3_600_000


@pytest.fixture(scope="module")
def url():
    with aws_server.moto() as address:
        yield address


@pytest.fixture
def logs(url):
    """A client, with an empty log group of two streams."""
    aws_server.emptied(url)
    client = aws_server.client(url, "logs")
    client.create_log_group(logGroupName=GROUP)
    for stream in ("rest/a", "http/b"):
        client.create_log_stream(logGroupName=GROUP, logStreamName=stream)
    yield client
    client.close()


@pytest.fixture
def place(tmp_path, url, logs):
    return aws_server.Home(tmp_path / "home", url, f"cloudwatch:{GROUP}")


def now_ms() -> int:
    return int(datetime.now(UTC).timestamp() * 1000)


def put(logs, *numbers: int, ago: int = 10 * MINUTE, stream: str = "rest/a", line=None) -> None:
    begin = now_ms() - ago
    events = [
        {
            "timestamp": begin + n % 1000,
            "message": line or aws(requestId=f"{n:06}", requestTime="09/Jun/2026:12:00:00 +0000"),
        }
        for n in sorted(numbers, key=lambda n: n % 1000)
    ]
    logs.put_log_events(logGroupName=GROUP, logStreamName=stream, logEvents=events)


def test_each_event_is_read_once_and_late_ones_are_found(place, logs):
    put(logs, 1, 2, 3)
    put(logs, 4, stream="http/b", ago=HOUR)
    read = place.ingest()
    assert (read.accepted, read.errors) == (4, [])
    assert place.ingest().lines == 0
    put(logs, 5, ago=3 * HOUR)
    put(logs, 6, 7, ago=5 * MINUTE)
    assert place.ingest().accepted == 3
    for _ in range(2):
        assert place.later(minutes=30).lines == 0
    assert place.requests() == ids(1, 2, 3, 4, 5, 6, 7)
    assert {chunk.path.split(" ")[0] for chunk in place.ledger(LogChunk)} == {f"cloudwatch:{GROUP}"}
    assert place.spool() == []


def test_the_day_of_an_event_is_that_of_its_request(place, logs):
    put(logs, 1)
    assert place.ingest().days == {"2026-06-09"}


def test_ids_are_kept_for_the_hours_that_are_read_again(place, logs):
    put(logs, 1, 2)
    place.ingest()
    kept = {row.stream for row in place.ledger(Cursor) if " ids until " in row.stream}
    assert len(kept) == 1
    place.later(hours=3)
    assert {row.stream for row in place.ledger(Cursor) if " ids until " in row.stream} == kept
    place.later(hours=7)
    assert [row.stream for row in place.ledger(Cursor)] == [f"cloudwatch:{GROUP}"]
    assert place.later(hours=8).lines == 0
    assert place.requests() == ids(1, 2)


def test_one_beginning_of_streams(tmp_path, url, logs):
    place = aws_server.Home(tmp_path / "home", url, f"cloudwatch:{GROUP}:http/")
    put(logs, 1)
    put(logs, 2, stream="http/b")
    place.ingest()
    assert place.requests() == ids(2)


def test_text_messages(place, logs):
    put(logs, 1, 2, line=CLF)
    assert place.ingest().accepted == 2
    assert place.requests() == [ID, ID]


def test_many_events_come_page_by_page_and_stretch_by_stretch(place, logs, monkeypatch):
    asked = []
    call = aws_session.Session.call

    def small(self, operation, permission=None, **params):
        asked.append(params)
        return call(self, operation, permission, **params, limit=7)

    for day in range(6):
        put(logs, *range(100 * day, 100 * day + 30), ago=day * 24 * HOUR + HOUR)
    monkeypatch.setattr(aws_session.Session, "call", small)
    assert place.ingest().accepted == 180
    assert len(asked) > 25
    starts = [params["startTime"] for params in asked if "nextToken" not in params]
    ends = [params["endTime"] for params in asked if "nextToken" not in params]
    assert starts[1:] == [end + 1 for end in ends[:-1]], "stretches that neither overlap nor leave a gap"
    assert place.requests() == ids(*(100 * day + n for day in range(6) for n in range(30)))


@pytest.mark.parametrize(
    ("code", "words"),
    [("AccessDeniedException", "missing permission logs:FilterLogEvents"), ("ExpiredTokenException", "ExpiredToken")],
)
def test_what_is_denied_names_the_permission_and_no_secret(place, logs, monkeypatch, code, words):
    put(logs, 1)
    made = aws_session.client

    def refusing(*given):
        client, secrets = made(*given)
        client.meta.events.register("before-call.cloudwatch-logs", denying(code, "FilterLogEvents"))
        return client, secrets

    monkeypatch.setattr(aws_session, "client", refusing)
    (error,) = place.ingest().errors
    assert (error.path, words in error.reason, SECRET in error.reason) == (f"cloudwatch:{GROUP}", True, False)
    checked = check(place.program, place.program.sources[0], datetime.now(UTC).replace(tzinfo=None))
    assert (checked.ok, words in checked.findings[0].text) == (False, True)
    monkeypatch.undo()
    assert place.ingest().accepted == 1


def test_a_group_that_is_not_there(tmp_path, url, logs):
    place = aws_server.Home(tmp_path / "home", url, "cloudwatch:/nobody", f"cloudwatch:{GROUP}")
    put(logs, 1)
    read = place.ingest()
    assert read.accepted == 1
    assert ["ResourceNotFound" in error.reason for error in read.errors] == [True]


def test_check_shows_an_event(place, logs):
    now = datetime.now(UTC).replace(tzinfo=None)
    assert check(place.program, place.program.sources[0], now).findings[0].text.startswith("no events in the last day")
    put(logs, 1)
    checked = check(place.program, place.program.sources[0], now)
    assert (checked.reachable, checked.authorised, checked.ok) == (True, True, True)
    assert '"requestId": "000001"' in checked.findings[0].text
    assert place.ledger(Cursor) == []


def test_a_failure_in_the_middle_keeps_what_was_whole(place, logs, monkeypatch):
    put(logs, *range(10), ago=5 * 24 * HOUR)
    put(logs, *range(100, 110), ago=HOUR)
    pages = cloudwatch._pages

    def failing(session, of, begin, until):
        for page in pages(session, of, begin, until):
            if until > now_ms() - MINUTE:
                yield page[:3]
                raise SourceError("gone")
            yield page

    monkeypatch.setattr(cloudwatch, "LONGEST_STRETCH", timedelta(days=2))
    monkeypatch.setattr(cloudwatch, "_pages", failing)
    read = place.ingest()
    assert (read.accepted, [error.reason for error in read.errors]) == (10, ["gone"])
    monkeypatch.setattr(cloudwatch, "_pages", pages)
    assert place.ingest().accepted == 10
    assert place.requests() == ids(*range(10), *range(100, 110))
    assert place.spool() == []


def test_what_waits_in_the_spool_is_read_and_not_fetched_again(place, logs, monkeypatch):
    put(logs, 1, 2)
    place.ingest()
    done = cloudwatch._settle
    for stop in ("before it is noted", "after it was noted"):
        put(logs, {"before it is noted": 3, "after it was noted": 4}[stop])

        def stopped(*given, stop=stop):
            if stop == "after it was noted":
                done(*given)
            raise KeyboardInterrupt

        monkeypatch.setattr(cloudwatch, "_settle", stopped)
        with pytest.raises(KeyboardInterrupt):
            place.ingest()
        monkeypatch.setattr(cloudwatch, "_settle", done)
        if stop == "before it is noted":
            assert len(place.spool()) == 2
    put(logs, 5)
    place.ingest()
    assert place.requests() == ids(1, 2, 3, 4, 5)
    assert place.spool() == []


def test_a_stretch_that_waits_unread_is_not_fetched_again(place, logs, monkeypatch):
    put(logs, *range(50), ago=40 * HOUR)
    put(logs, *range(100, 150), ago=20 * HOUR)

    def stopped(*_):
        raise KeyboardInterrupt

    fetched = cloudwatch._fetched
    monkeypatch.setattr(cloudwatch, "_fetched", stopped)
    with pytest.raises(KeyboardInterrupt):
        place.ingest()
    assert len(place.spool()) == 2
    monkeypatch.setattr(cloudwatch, "_fetched", fetched)
    assert place.ingest().accepted == 100
    assert place.requests() == ids(*range(50), *range(100, 150))


def test_killed_at_any_moment_and_run_again(place, logs):
    for hour in range(20):
        put(logs, *range(hour * 1000, hour * 1000 + 200), ago=hour * 12 * HOUR + HOUR)
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
    assert place.requests() == ids(*(hour * 1000 + n for hour in range(20) for n in range(200)))
    assert place.spool() == []
