"""Files whose every line holds many records: read at speed, they give what the careful way gives."""

import hashlib
import json
from datetime import datetime

import pytest

from data_sources.program import load
from data_sources.store import salt
from sql.engines import duckdb as engine
from sql.ingest import ingest
from sql.requests import EVENT_COLUMNS, by_name, read
from tests.new_store import new_store
from tests.sql.requests.lines import STARTED_MS
from tests.sql.requests.test_apigee import APIGEE
from tests.sql.requests.test_azure_apim import APIM
from tests.sql.requests.test_otel import MS, NEW, START, attributes, logs, span, spans

PROGRAM = """
[program]
name = "Harbor"
currency = "usd"
[[source]]
name = "gateway"
kind = "logs"
paths = ["logs/*.log"]
"""


def azure(number, **changes):
    return {**APIM, "correlationId": f"call-{number}", **changes}


def apigee(number, **changes):
    return {
        **APIGEE,
        "gateway_flow_id": f"call-{number}",
        "client_received_start_timestamp": STARTED_MS + number,
        **changes,
    }


def records(*items):
    return {"records": list(items)}


def call(number, **changes):
    return span(span_id=f"{number:016x}", traceId=f"{number:032x}", start=START + number * MS, **changes)


def client(number):
    below = {"parent": f"{number:016x}", "traceId": f"{number:032x}"}
    return span(
        {"http.request.method": "GET"}, 3, f"{number + 900:016x}", start=START + number * MS, took=9 * MS, **below
    )


def entry(number, **changes):
    return {
        "timeUnixNano": str(START + number * MS),
        "traceId": f"{number:032x}",
        "attributes": attributes(NEW),
        **changes,
    }


FORMS = {
    "azure_apim": (lambda n: records(azure(n), azure(n + 1)), lambda n: records(azure(n), azure(n, category="WebSocketConnectionLogs"))),
    "apigee": (lambda n: records(apigee(n), apigee(n + 1)), lambda n: records(apigee(n), apigee(n, recordType="trace"))),
    "otel": (lambda n: spans(client(n), call(n), call(n + 1)), lambda n: spans(client(n), call(n), span({"rpc.system": "grpc"}))),
    "otel logs": (lambda n: logs(entry(n), entry(n + 1)), lambda n: logs(entry(n), entry(n, attributes=[]))),
}  # fmt: skip


def home_of(folder, lines, program=PROGRAM):
    (folder / "logs").mkdir(parents=True)
    (folder / "program.toml").write_text(program)
    (folder / "logs" / "a.log").write_text("".join(text + "\n" for text in lines))
    return folder


def ingested(home):
    """The counts of an ingest and what it left: events and rejects, ordered, without what names the chunk."""
    summary = ingest(new_store(home), load(home), None, datetime(2026, 6, 10, 6))
    assert not summary.errors

    def rows(pattern, columns, order):
        files = sorted((home / "lake").glob(pattern))
        if not files:
            return []
        with engine.connect() as con:
            return con.execute(f"select {columns} from {engine.parquet(files)} order by {order}").fetchall()

    columns = ", ".join(EVENT_COLUMNS)
    events = rows("requests/*/*.parquet", columns, "line_no, occurred_at, request_id")
    rejects = rows("rejected/*.parquet", "line_no, reason", "line_no, reason")
    return (summary.lines, summary.accepted, summary.rejected, summary.blank), events, rejects


@pytest.fixture
def ways(monkeypatch):
    """How often a file was read at speed, and how often a line was read with care."""
    seen = {"quick": 0, "careful": 0}
    quick, insert = read.Reader._quick_parts, read.Reader._insert

    def quickly(self, *given):
        done = quick(self, *given)
        seen["quick"] += done is not None
        return done

    def carefully(self, form, batches):
        batches = list(batches)
        seen["careful"] += sum(batch.num_rows for batch in batches)
        return insert(self, form, batches)

    monkeypatch.setattr(read.Reader, "_quick_parts", quickly)
    monkeypatch.setattr(read.Reader, "_insert", carefully)
    monkeypatch.setattr("sql.ingest.recognise", lambda *_: None)
    return seen


def forced(form):
    return PROGRAM + f'format = "{form.split()[0]}"\n'


@pytest.mark.parametrize("form", FORMS)
def test_at_speed_and_with_care_the_same_is_read(tmp_path, monkeypatch, ways, form):
    good, bad = FORMS[form]
    lines = [json.dumps(good(10 * number)) for number in range(20)]
    lines[7] = json.dumps(bad(70))
    quickly = ingested(home_of(tmp_path / "quick", lines, forced(form)))
    assert ways == {"quick": 1, "careful": 1}
    monkeypatch.setattr(read.Reader, "_quick_parts", lambda *_: None)
    monkeypatch.setattr("sql.ingest.salt", lambda _: salt(tmp_path / "quick"))
    carefully = ingested(home_of(tmp_path / "careful", lines, forced(form)))
    assert quickly == carefully
    blank = 20 if form == "otel" else 0
    assert quickly[0] == (40 + blank, 39, 1, blank)
    assert [line_no for line_no, _ in quickly[2]] == [8]


@pytest.mark.parametrize("form", FORMS)
def test_lines_that_hold_nothing_or_are_cut_are_counted_where_they_are(tmp_path, ways, form):
    good, _ = FORMS[form]
    lines = [json.dumps(good(10 * number)) for number in range(20)]
    member = next(iter(good(0)))
    lines[3], lines[11] = json.dumps({member: []}), lines[11][:120]
    counts, events, rejects = ingested(home_of(tmp_path / "home", lines, forced(form)))
    line_no = EVENT_COLUMNS.index("line_no")
    assert ways == {"quick": 1, "careful": 2}
    assert sorted({row[line_no] for row in events}) == [n for n in range(1, 21) if n not in (4, 12)]
    assert [(n, "cut short" in reason) for n, reason in rejects] == [(12, True)]
    blank = 18 if form == "otel" else 0
    assert counts == (36 + blank + 2, 36, 1, blank + 1)


@pytest.mark.parametrize("form", FORMS)
def test_a_blank_line_shifts_no_number(tmp_path, ways, form):
    good, bad = FORMS[form]
    lines = [json.dumps(bad(0)), "", *(json.dumps(good(10 * number)) for number in range(1, 19))]
    counts, events, rejects = ingested(home_of(tmp_path / "home", lines, forced(form)))
    line_no = EVENT_COLUMNS.index("line_no")
    assert sorted({row[line_no] for row in events}) == [1, *range(3, 21)]
    assert [n for n, _ in rejects] == [1]
    assert counts[1:3] == (37, 1)
    assert sum(counts[1:]) == counts[0]


@pytest.mark.parametrize("form", ["azure_apim", "apigee", "otel"])
def test_the_types_of_the_lake_are_those_of_every_format(tmp_path, form):
    home = home_of(tmp_path / "home", [json.dumps(FORMS[form][0](1))])
    ingested(home)
    with engine.connect() as con:
        described = con.execute(
            f"describe select * from {engine.parquet((home / 'lake').glob('requests/*/*.parquet'))}"
        ).fetchall()
    expected = {"occurred_at": "TIMESTAMP", "status": "INTEGER", "latency_ms": "DOUBLE", "upstream_latency_ms": "DOUBLE",
                "request_bytes": "BIGINT", "response_bytes": "BIGINT", "line_no": "BIGINT",
                "limit_calls": "BIGINT", "limit_left": "BIGINT"}  # fmt: skip
    assert {name: type for name, type, *_ in described} == {
        name: expected.get(name, "VARCHAR") for name in (*EVENT_COLUMNS, "chunk_id")
    }


def test_what_the_source_says_of_its_environment_goes_first(tmp_path):
    lines = [json.dumps(spans(call(1)))]
    environment = EVENT_COLUMNS.index("environment")
    assert [row[environment] for row in ingested(home_of(tmp_path / "a", lines))[1]] == ["production"]
    said = PROGRAM + 'environment = "sandbox"\n'
    assert [row[environment] for row in ingested(home_of(tmp_path / "b", lines, said))[1]] == ["sandbox"]


def test_a_key_is_the_hash_that_a_registry_can_make_of_the_same_key(tmp_path):
    home = home_of(tmp_path / "home", [json.dumps(APIGEE)])
    ((*row,),) = ingested(home)[1]
    digest = hashlib.sha256((salt(home).hex() + APIGEE["client_id"]).encode()).hexdigest()[:32]
    assert row[EVENT_COLUMNS.index("credential_ref")] == f"key:{digest}"
    held = b"".join(path.read_bytes() for path in (home / "lake").rglob("*.parquet"))
    assert b"live_abcdef" not in held


def test_a_first_line_longer_than_the_head_of_a_file_is_read(tmp_path):
    many = [call(number) for number in range(1500)]
    counts, _, _ = ingested(home_of(tmp_path / "home", [json.dumps(spans(*many))]))
    assert counts == (1500, 1500, 0, 0)


@pytest.mark.parametrize(
    ("form", "first", "member"),
    [
        ("azure_apim", b'{"records": [{"time": 1', "records"),
        ("apigee", b'{"organization": "o", "environment": "e", "records":[', "records"),
        ("azure_apim", b'{"time": "x", "body": "\\"records\\": [1]"}', None),
        ("azure_apim", b'{"time": "x"}\n{"records": [', None),
        ("otel", b' {"resourceLogs":[', "resourceLogs"),
        ("kong", b'{"records": [', None),
    ],
)
def test_the_member_that_holds_the_records_is_seen_in_the_first_line(form, first, member):
    assert by_name(form).wrapper_of(first) == member
