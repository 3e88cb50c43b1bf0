"""What every connector of a vendor API must do. The suite names none: it runs over all that the registry finds."""

import os
import random
import signal
import subprocess
import sys
import time
import traceback
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from data_sources import program as programs
from data_sources.check import check
from data_sources.failures import Patience
from data_sources.ledger import Cursor, RejectedRecord, Run, StreamRun
from data_sources.records import RECORD_TABLES
from data_sources.registry import connectors
from data_sources.sync import sync_all
from tests.data_sources.vendors import api_kinds, vendor_of
from tests.data_sources.vendors.server import TOKEN
from tests.new_store import new_store

NOW = datetime(2026, 3, 22)
LATER = NOW + timedelta(hours=1)
BRISK = Patience(attempts=4, first_wait=0.001, read=5, total=20, longest_wait=5)
ROOT = Path(__file__).parents[2]


class Place:
    """A home whose only source is one small vendor."""

    def __init__(self, home: Path, vendor, url: str) -> None:
        settings = "\n".join(f'{name} = "{value}"' for name, value in vendor.settings(url).items())
        (home / "secrets").mkdir(parents=True)
        (home / "secrets" / "vendor").write_text(TOKEN)
        (home / "salt").write_bytes(bytes(32))  # so that two homes have the same names for the same raw keys
        (home / "program.toml").write_text(f'[program]\nname = "t"\n\n[[source]]\nname = "it"\n{settings}\n')
        self.home, self.vendor, self.url = home, vendor, url
        self.program, self.store = programs.load(home), new_store(home)

    def sync(self, now: datetime = NOW, patience: Patience = BRISK):
        (result,) = sync_all(self.store, self.program, now, patience=patience)
        return result

    def records(self) -> dict:
        """All records as {table: {id: content without synced_at}}."""
        held = {}
        with self.store.session() as session:
            for name, model in RECORD_TABLES.items():
                rows = [dict(row) for row in session.exec(select(model)).all()]
                held[name] = {row.pop("id"): {k: v for k, v in row.items() if k != "synced_at"} for row in rows}
        return held

    def one(self, model, record: str):
        with self.store.session() as session:
            return session.get(model, ("it", record))

    def all(self, model) -> list:
        with self.store.session() as session:
            return list(session.exec(select(model)).all())


@pytest.fixture(params=api_kinds())
def place(request, tmp_path):
    vendor = vendor_of(request.param)
    with vendor.serve() as url:
        yield Place(tmp_path / "home", vendor, url)


def expected(place) -> dict:
    """The ids of all records by table; raw keys, which a vendor may list, are known by their hash in the home."""
    return {
        model.__tablename__: {place.vendor.named(model, one, place.home) for one in ids}
        for model, ids in place.vendor.ids().items()
    }


def test_there_are_connectors_to_test():
    assert {"hubspot", "kong", "stripe", "zendesk"} <= set(api_kinds()) <= set(connectors())


def test_everything_is_read_over_all_pages(place):
    result = place.sync()
    assert result.errors == []
    assert {name: set(rows) for name, rows in place.records().items() if rows} == expected(place)
    assert len(place.vendor.requests) > len(place.vendor.streams), "the vendor never had to page"


def test_every_stream_says_what_it_writes(place):
    place.sync()
    streams = connectors()[place.vendor.kind].streams(place.program.sources[0])
    written = {model.__tablename__ for stream in streams for model in stream.tables}
    assert written == set(expected(place))
    assert all(stream.permission for stream in streams)


def test_an_unchanged_vendor_changes_nothing(place):
    place.sync()
    before, versions = place.records(), place.store.records_versions()
    result = place.sync(LATER)
    assert (result.errors, result.changed) == ([], 0)
    assert (place.records(), place.store.records_versions()) == (before, versions)


def test_a_change_is_seen_next_time(place):
    place.sync()
    model, record, column, value = place.vendor.change()
    result = place.sync(LATER)
    assert result.errors == []
    assert 1 <= result.changed <= 2, "the record, and at most the key that repeats it"
    assert getattr(place.one(model, record), column) == value


def test_a_deleted_record_is_seen_next_time(place):
    place.sync()
    model, record, as_it_should = place.vendor.remove()
    assert place.sync(LATER).errors == []
    assert as_it_should(place.one(model, record))
    assert place.sync(LATER + timedelta(hours=1)).changed == 0


FAULTS = {
    "busy": (429, {"Retry-After": "0"}, {"error": "slow down"}),
    "busy until a date": (
        429,
        {"Retry-After": "Sun, 22 Mar 2026 00:00:00 GMT", "Date": "Sun, 22 Mar 2026 00:00:00 GMT"},
        {},
    ),
    "failing": (503, {}, b"<html><h1>Bad gateway</h1></html>"),
    "dropping": "drop",
    "breaking off": "break",
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
def test_a_passing_fault_is_waited_out(place, fault):
    answered = place.vendor.answer
    count = 0

    def now_and_then(_path):
        nonlocal count
        count += 1
        return fault if count % 3 == 1 else None

    place.vendor.always = now_and_then
    assert place.sync().errors == []
    assert {name: set(rows) for name, rows in place.records().items() if rows} == expected(place)
    assert answered


def test_a_vendor_that_stays_busy_fails_with_the_reason(place):
    place.vendor.always = lambda _path: (429, {"Retry-After": "3600"}, {})
    started = time.monotonic()
    result = place.sync()
    assert result.errors
    assert all("429" in error or "not read" in error for error in result.errors)
    assert "3600 s" in result.errors[0]
    assert time.monotonic() - started < 10


def test_a_failure_in_the_middle_is_made_up_for_by_the_next_run(place, tmp_path):
    place.sync()
    undisturbed, total = place.records(), len(place.vendor.requests)
    for failing_after in range(1, total, max(1, total // 7)):
        vendor = vendor_of(place.vendor.kind)
        with vendor.serve() as url:
            other = Place(tmp_path / f"home{failing_after}", vendor, url)
            vendor.always = lambda _path, v=vendor, n=failing_after: (500, {}, {}) if len(v.requests) > n else None
            assert other.sync(patience=Patience(attempts=1)).errors
            vendor.always = None
            assert other.sync(LATER).errors == []
            assert other.records() == undisturbed, f"after {failing_after} requests"


def test_cursors_are_stored_after_what_they_cover(place):
    """Whatever page fails, a cursor never speaks of data that is not there: nothing is skipped by going on."""
    place.vendor.always = lambda _path: (500, {}, {}) if len(place.vendor.requests) == 2 else None
    assert place.sync(patience=Patience(attempts=1)).errors
    place.vendor.always = None
    place.sync(LATER)
    assert {name: set(rows) for name, rows in place.records().items() if rows} == expected(place)


def test_an_expired_token_is_named_and_tried_once(place):
    (place.home / "secrets" / "vendor").write_text("tok_expired_99887766")
    result = place.sync()
    streams = {request[0] for request in place.vendor.requests}
    assert len(place.vendor.requests) == len(streams), "a 401 is final"
    assert all("401" in error or "not read, because" in error for error in result.errors)
    assert place.records() == {name: {} for name in RECORD_TABLES}
    found = check(place.program, place.program.sources[0], NOW)
    assert (found.reachable, found.authorised, found.ok) == (True, False, False)


def test_a_missing_permission_stops_its_stream_alone(place):
    streams = connectors()[place.vendor.kind].streams(place.program.sources[0])
    denied = next(
        stream for stream in streams if stream.tables and not any(stream.name in s.needs for s in streams[:-1])
    )
    place.vendor.forbidden = {denied.path}
    result = place.sync()
    failed = {stream.stream for stream in result.streams if stream.error}
    dependants = {stream.name for stream in streams if denied.name in stream.needs}
    assert denied.name in failed
    assert failed <= {denied.name} | dependants
    assert any(stream.records for stream in result.streams)
    found = check(place.program, place.program.sources[0], NOW)
    words = next(finding for finding in found.findings if finding.stream == denied.name)
    assert not words.ok
    assert denied.permission in words.text
    place.vendor.forbidden = set()
    assert place.sync(LATER).errors == []
    assert {name: set(rows) for name, rows in place.records().items() if rows} == expected(place)


def test_a_page_sent_twice_is_stored_once(place):
    answer, sent = place.vendor.answer, {}

    def twice(path, query):
        body = answer(path, query)
        lists = [value for value in body.values() if isinstance(value, list)] if isinstance(body, dict) else []
        for items in lists:
            if items and isinstance(items[0], dict):
                items += [dict(item) for item in sent.get(path, items)]
                sent[path] = items[:2]
        return body

    place.vendor.answer = twice
    assert place.sync().errors == []
    assert {name: set(rows) for name, rows in place.records().items() if rows} == expected(place)


def test_paging_in_a_circle_ends(place):
    answer, first = place.vendor.answer, {}

    def circling(path, query):
        return first.setdefault(path, answer(path, query))

    place.vendor.answer = circling
    result = place.sync()
    assert any("circle" in error or "stands still" in error for error in result.errors)
    assert len(place.vendor.requests) < 200


def test_a_payload_without_an_id_is_rejected_alone(place):
    lost = place.vendor.spoil("gone")
    result = place.sync()
    assert result.errors == []
    (rejected,) = place.all(RejectedRecord)
    assert rejected.reason.endswith(": missing")
    assert rejected.stream
    assert rejected.text
    assert all(lost not in ids for ids in place.records().values())
    assert sum(stream.rejected for stream in result.streams) == 1


def test_a_payload_of_another_shape_is_rejected_alone_and_forgotten_when_mended(place):
    before = vendor_of(place.vendor.kind)
    odd = place.vendor.spoil("odd")
    assert place.sync().errors == []
    (rejected,) = place.all(RejectedRecord)
    assert (rejected.record_id, rejected.source) == (odd, "it")
    assert "expected" in rejected.reason
    place.sync(LATER)
    assert len(place.all(RejectedRecord)) == 1, "the same rejection is not written again"
    place.vendor.lists = before.lists
    with place.store.session() as session:
        for cursor in session.exec(select(Cursor)).all():
            session.delete(cursor)
    assert place.sync(LATER).errors == []
    assert place.all(RejectedRecord) == []


def test_a_new_field_is_no_problem(place):
    place.vendor.spoil("new")
    assert place.sync().errors == []
    assert place.all(RejectedRecord) == []
    assert {name: set(rows) for name, rows in place.records().items() if rows} == expected(place)


@pytest.mark.parametrize("body", [b"", b"<html>login</html>", b"[]", b"null", b'"text"', b'{"data": 5}', b"\xff\xfe"])
def test_an_answer_that_is_not_documented_is_an_error_not_a_crash(place, body):
    place.vendor.always = lambda _path: (200, {}, body)
    result = place.sync()
    assert result.errors
    assert not any("unexpected" in error for error in result.errors), result.errors
    assert place.records() == {name: {} for name in RECORD_TABLES}


def test_the_token_never_leaves_the_host(place):
    elsewhere = vendor_of(place.vendor.kind)
    with elsewhere.serve() as other:
        place.vendor.always = lambda path: (302, {"Location": other + path}, {})
        result = place.sync()
        assert elsewhere.requests == []
    assert result.errors
    assert "not the configured host" in result.errors[0]
    assert all(TOKEN not in path + str(query) for path, query, _ in place.vendor.requests), "a token in a URL"


def test_a_redirect_on_the_same_host_is_followed(place):
    place.vendor.faults = [(307, {"Location": "/moved"}, {}), (404, {}, {})]
    result = place.sync()
    assert place.vendor.requests[1][0] == "/moved"
    assert sum(bool(stream.error) for stream in result.streams) <= 2


def test_the_token_is_in_no_error(place, capsys):
    header = {k: v for k, v in _sent_headers(place).items() if TOKEN in v or k == "authorization"}
    echoed = f"you sent {header} and {TOKEN} " + "x" * 280
    for status in (400, 401, 403, 404, 429, 500):
        place.vendor.always = lambda _path, s=status: (s, {"Retry-After": "0"}, {"error": {"message": echoed}})
        result = place.sync(patience=Patience(attempts=1))
        found = check(place.program, place.program.sources[0], NOW, Patience(attempts=1))
        said = [str(result), str(found), *result.errors]
        with place.store.session() as session:
            said += [
                str(dict(row)) for model in (Run, StreamRun, RejectedRecord) for row in session.exec(select(model))
            ]
        for secret in [TOKEN, *(value.split(" ")[-1] for value in header.values())]:
            assert all(secret not in text for text in said), status
            assert all(secret[:12] not in text for text in said), status
    assert TOKEN not in capsys.readouterr().err


def test_the_token_is_in_no_traceback(place):
    place.vendor.always = lambda _path: "drop"
    source = place.program.sources[0]
    from data_sources.sync import desk_of, opened

    desk = desk_of(None, place.program, source, NOW)
    with opened(source, place.program, desk, None, patience=Patience(attempts=1)):
        stream = connectors()[source.kind].streams(source)[0]
        with pytest.raises(Exception, match="connection") as caught:
            list(stream.read(desk, None))
    assert TOKEN not in "".join(traceback.format_exception(caught.value))
    assert TOKEN not in repr(caught.value)


def _sent_headers(place) -> dict:
    place.sync()
    return dict(place.vendor.requests[-1][2])


def test_proxies_are_ignored_on_loopback(place, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    assert place.sync().errors == []


def test_a_netrc_entry_does_not_replace_the_token(place, monkeypatch, tmp_path):
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login other password other\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    assert place.sync().errors == []


def test_a_vendor_that_is_not_there_is_unreachable(place):
    place.program.sources[0].url = "http://127.0.0.1:1"
    result = place.sync(patience=Patience(attempts=1))
    assert "refused" in result.errors[0]
    found = check(place.program, place.program.sources[0], NOW)
    assert (found.reachable, found.ok) == (False, False)


def test_check_of_a_good_source_shows_its_first_record(place):
    found = check(place.program, place.program.sources[0], NOW)
    assert (found.reachable, found.authorised, found.ok) == (True, True, True)
    assert found.would_read
    assert any(finding.first for finding in found.findings)
    assert all(TOKEN not in finding.text for finding in found.findings)
    assert place.records() == {name: {} for name in RECORD_TABLES}


def test_progress_is_told_of_every_stream(place):
    told = []
    sync_all(place.store, place.program, NOW, lambda source, stream, records: told.append((source, stream, records)))
    streams = connectors()[place.vendor.kind].streams(place.program.sources[0])
    assert {stream for _, stream, _ in told} == {stream.name for stream in streams}
    assert max(records for _, _, records in told) > 1


def test_the_ledger_keeps_every_stream(place):
    result = place.sync()
    (run,) = place.all(Run)
    assert (run.kind, run.status, run.started_at) == ("sync", "ok", NOW)
    rows = place.all(StreamRun)
    assert {row.stream: row.records for row in rows} == {one.stream: one.records for one in result.streams}
    assert all(row.status == "ok" and row.finished_at for row in rows)


@pytest.mark.slow
def test_killed_at_any_moment_and_run_again_ends_the_same(place, tmp_path):
    place.sync(datetime.now())
    undisturbed = place.records()
    vendor = vendor_of(place.vendor.kind)
    with vendor.serve() as url:
        other = Place(tmp_path / "killed", vendor, url)
        command = [sys.executable, "-m", "data_sources", "sync", "--home", str(other.home)]
        vendor.always = lambda _path: time.sleep(0.02)
        for _ in range(3):
            started = len(vendor.requests)
            running = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            enough = started + random.randrange(1, 12)
            while len(vendor.requests) < enough and running.poll() is None:
                time.sleep(0.005)
            if running.poll() is None:
                os.kill(running.pid, signal.SIGKILL)
            running.wait()
        vendor.always = None
        assert subprocess.run(command, cwd=ROOT, capture_output=True, text=True).returncode == 0
        assert other.records() == undisturbed
