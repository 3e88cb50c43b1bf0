"""Tyk's text access log: logfmt pairs in alphabetical order, any of which a template may leave out."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from tests.sql.requests.lines import preview, write

FIELDS = {
    "time": '"2026-06-09T12:00:01Z"',
    "level": "info",
    "api_id": "b1a41c9a",
    "api_key": "9f86d081",
    "api_name": "quotes",
    "api_type": "oas",
    "client_ip": "198.51.100.7",
    "host": '"api.harbor.example:8080"',
    "latency_gateway": "1",
    "latency_total": "250",
    "method": "GET",
    "org_id": "678e6771",
    "original_path": "/quotes/v1/88213",
    "path": "/v1/88213",
    "prefix": "access-log",
    "protocol": "HTTP/1.1",
    "remote_addr": '"10.0.0.9:63251"',
    "status": "200",
    "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736",
    "upstream_addr": '"http://quotes.internal/v1/88213"',
    "upstream_latency": "240",
    "user_agent": "harbor-go/3.1",
}


def line(**changes):
    """An access line with fields exchanged, added or, where None, left out; in Tyk's order."""
    fields = {**FIELDS, **changes}
    first = {name: fields.pop(name) for name in ("time", "level")}
    return " ".join(f"{k}={v}" for k, v in [*first.items(), *sorted(fields.items())] if v is not None)


def one(tmp_path, **changes):
    """The only event of a file with one line."""
    seen = preview(write(tmp_path, line(**changes)))
    assert seen.summary["format"] == "tyk_access", seen
    assert len(seen.events) == 1, seen
    return seen.events[0]


def test_every_column(tmp_path):
    event = one(tmp_path)
    key = event.pop("credential_ref")
    assert key.startswith("key:")
    assert "9f86d081" not in key
    assert {name: value for name, value in event.items() if value is not None} == {
        "occurred_at": "2026-06-09T12:00:00.750Z",  # the stamp is the end
        "surface": "api",
        "request_id": "4bf92f3577b34da6a3ce929d0e0e4736",
        "method": "GET",
        "path": "/quotes/v1/88213",
        "path_template": "/quotes/v1/{id}",
        "service": "quotes",
        "status": 200,
        "latency_ms": 250.0,
        "upstream_latency_ms": 240.0,
        "client_ip": "198.51.100.7",
        "user_agent": "harbor-go/3.1",
        "line_no": 1,
    }


def test_a_template_leaves_fields_out(tmp_path):
    left = {name: None for name in FIELDS if name not in ("time", "level", "path", "prefix", "remote_addr")}
    event = one(tmp_path, **left, remote_addr='"[2001:db8::7]:63251"')
    said = {name: value for name, value in event.items() if value is not None}
    assert said.keys() == {"occurred_at", "surface", "path", "path_template", "client_ip", "line_no"}
    assert (said["client_ip"], said["path"], said["occurred_at"]) == (
        "2001:db8::7",
        "/v1/88213",
        "2026-06-09T12:00:01.000Z",
    )


@pytest.mark.parametrize("key", ["00000000", "----", ""])
def test_a_call_without_a_key(tmp_path, key):
    assert one(tmp_path, api_key=key)["credential_ref"] is None


def test_a_value_that_holds_what_looks_like_a_field(tmp_path):
    event = one(
        tmp_path,
        original_path='"/a prefix=main status=500 b"',
        user_agent='"say \\"hi\\" method=POST; \\\\ latency_total=9"',
    )
    assert (event["path"], event["status"], event["method"], event["latency_ms"]) == (
        "/a prefix=main status=500 b",
        200,
        "GET",
        250,
    )
    assert event["user_agent"] == 'say "hi" method=POST; \\ latency_total=9'
    assert (
        preview(write(tmp_path, line(), line(prefix="main", user_agent='"x prefix=access-log"'))).summary["rejected"]
        == 1
    )


def test_a_query_in_a_path_stays_out(tmp_path):
    assert one(tmp_path, original_path='"/v1/rates?api_key=sk_live_abcdef"')["path"] == "/v1/rates"


@pytest.mark.parametrize("days_ago", [0, 1, 40, 300, 360])
def test_a_time_without_a_year_is_the_last_such_day(tmp_path, days_ago):
    moment = datetime.now(UTC).replace(microsecond=0) - timedelta(days=days_ago)
    event = one(tmp_path, time=f'"{moment:%b %d %H:%M:%S}"', latency_total="0")
    assert datetime.fromisoformat(event["occurred_at"]) == moment


def test_a_time_with_an_offset(tmp_path):
    assert one(tmp_path, time='"2026-06-09T14:00:01+02:00"')["occurred_at"] == "2026-06-09T12:00:00.750Z"


@pytest.mark.parametrize(
    ("changes", "refusal", "upstream"),
    [
        ({"status": "429", "error_source": "RateLimitAndQuotaCheck", "response_flag": "RLT", "upstream_latency": "0"}, "rate_limit", None),
        ({"status": "403", "error_source": "RateLimitAndQuotaCheck", "response_flag": "QEX", "upstream_latency": "0"}, "quota", None),
        ({"status": "401", "error_source": "AuthKey", "response_flag": "AMF", "upstream_latency": "0"}, "auth", None),
        ({"status": "500", "error_source": "ReverseProxy", "response_flag": "UCF", "upstream_latency": "0"}, "upstream", 0),
        ({"status": "500", "error_source": "Upstream", "response_flag": "URS", "upstream_status": "500"}, None, 240),
        ({"status": "404"}, None, 240),
        ({"status": "404", "api_id": None, "api_name": None, "org_id": None}, "no_route", 240),
        ({"status": "404", "api_id": None, "api_name": None, "org_id": None, "api_type": None}, None, 240),
        ({"status": "499"}, "client_gone", 240),
        ({"upstream_latency": "-1", "latency_total": "-1"}, None, None),
    ],
)  # fmt: skip
def test_refusals(tmp_path, changes, refusal, upstream):
    event = one(tmp_path, **changes)
    assert (event["refusal"], event["upstream_latency_ms"]) == (refusal, upstream)


def test_rejected_lines_and_their_reasons(tmp_path):
    lines = {
        line(): None,
        'time="2026-06-09T12:00:00Z" level=info msg="Tyk API Gateway v5.13.1" prefix=main': "application log",
        line()[:120]: "cut short",
        "x " + line(): "does not begin with its time",
        line(time='"yesterday"'): "no time",
        line(method=None, status=None, path=None, original_path=None): "template",
        "": None,
        "goroutine 12 [running]:": "stack trace",
        "hello": "not an access line",
        line(status="201"): None,
    }
    seen = preview(write(tmp_path, *lines))
    assert seen.summary == {"format": "tyk_access", "lines": 10, "accepted": 2, "rejected": 7, "blank": 1}
    reasons = {r["line_no"]: r["reason"] for r in seen.rejected}
    for line_no, want in enumerate(lines.values(), 1):
        assert (want is None) == (line_no not in reasons)
        assert want is None or want in reasons[line_no], (line_no, reasons[line_no])
    assert "9f86d081" not in json.dumps(seen.rejected)


def test_lines_that_end_in_carriage_returns(tmp_path):
    seen = preview(write(tmp_path, line(), line(), end="\r\n"))
    assert seen.summary == {"format": "tyk_access", "lines": 2, "accepted": 2, "rejected": 0, "blank": 0}
    assert seen.events[0]["user_agent"] == "harbor-go/3.1"
