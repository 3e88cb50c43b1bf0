"""Traefik's common log: combined with a router, a server and whole milliseconds after it."""

import json
from datetime import datetime

import pytest

from tests.sql.requests.lines import preview, write

LINE = '198.51.100.7 - ann [09/Jun/2026:14:00:01 +0200] "GET /v1/quotes/88213?api_key=sk_live_abcdef HTTP/1.1" 200 5120 "https://acme.example/?q=1" "harbor-go/3.1" 77 "quotes@docker" "http://10.0.3.2:8080" 41ms'


def one(tmp_path, line):
    """The only event of a file with one line."""
    seen = preview(write(tmp_path, line))
    assert seen.summary["format"] == "traefik_clf", seen
    assert len(seen.events) == 1, seen
    return seen.events[0]


def test_every_column(tmp_path):
    said = {name: value for name, value in one(tmp_path, LINE).items() if value is not None}
    assert said == {
        "occurred_at": "2026-06-09T12:00:01.000Z",  # the stamp is the start
        "surface": "api",
        "method": "GET",
        "path": "/v1/quotes/88213",
        "path_template": "/v1/quotes/{id}",
        "route": "quotes@docker",
        "service": "http://10.0.3.2:8080",
        "status": 200,
        "latency_ms": 41.0,
        "response_bytes": 5120,
        "consumer_ref": "ann",
        "client_ip": "198.51.100.7",
        "user_agent": "harbor-go/3.1",
        "line_no": 1,
        "referrer_host": "acme.example",
    }


@pytest.mark.parametrize(
    ("was", "tail", "route", "service", "latency"),
    [
        ("version 1: a frontend", ' 9 "Host-api-harbor-example-0" "http://10.0.3.2:80" 3ms', "Host-api-harbor-example-0", "http://10.0.3.2:80", 3),
        ("a chain", ' 9 "edge@file -> eu@file -> quotes@docker" "http://10.0.3.2:80" 3ms', "edge@file -> eu@file -> quotes@docker", "http://10.0.3.2:80", 3),
        ("nothing matched", ' 9 "-" "-" 0ms', None, None, 0),  # less than a millisecond
        ("dashes without quotes", " - - - 123000ms", None, None, 123000),
        ("a name with spaces", ' - "quotes of old" - 7ms', "quotes of old", None, 7),
        ("a password in the server", ' 9 "q@file" "http://ann:s3cret@quotes.internal:80/v2" 7ms', "q@file", "quotes.internal/v2", 7),
    ],
)  # fmt: skip
def test_router_server_and_time(tmp_path, was, tail, route, service, latency):
    event = one(tmp_path, LINE[: LINE.index(" 77 ")] + tail)
    assert (event["route"], event["service"], event["latency_ms"]) == (route, service, latency), was
    assert "s3cret" not in json.dumps(event)


@pytest.mark.parametrize(
    ("status", "router", "refusal"),
    [("401", "q@file", "auth"), ("404", "-", "no_route"), ("404", "q@file", None), ("429", "q@file", "rate_limit"), ("499", "q@file", "client_gone"),
     ("502", "q@file", "upstream"), ("-", "-", None), ("0", "q@file", None)],
)  # fmt: skip
def test_refusals(tmp_path, status, router, refusal):
    event = one(tmp_path, LINE.replace(" 200 5120 ", f" {status} - ").replace("quotes@docker", router))
    assert event["status"] == (int(status) if status not in "-0" else None)
    assert (event["refusal"], event["response_bytes"]) == (refusal, None)


@pytest.mark.parametrize("written", ['foo \\" bar', 'foo " bar'])
def test_quotes_in_a_user_agent(tmp_path, written):
    event = one(tmp_path, LINE.replace("harbor-go/3.1", written))
    assert (event["user_agent"], event["route"], event["latency_ms"]) == ('foo " bar', "quotes@docker", 41)


def test_a_user_with_spaces(tmp_path):
    assert one(tmp_path, LINE.replace("- ann ", "- Ann of Acme "))["consumer_ref"] == "Ann of Acme"


def test_rejected_lines_and_their_reasons(tmp_path):
    lines = {
        LINE: None,
        LINE[: LINE.index(" 77 ")]: "combined log line",
        LINE[:-8]: "cut short",
        'time="2026-06-09T12:00:00Z" level=info msg="Starting provider *docker.Provider"': "own log",
        "2026-06-09T12:00:00Z ERR error=\"accept tcp: use of closed connection\" entryPointName=web": "own log",
        '{"ClientAddr":"198.51.100.7:1","DownstreamStatus":200}': "JSON",
        "goroutine 1 [running]:": "stack trace",
        "": None,
        LINE.replace("Jun", "Foo"): "no time",
        LINE.replace("quotes", "rates"): None,
        LINE.replace("quotes", "labels"): None,
        "hello": "not an access line",
    }  # fmt: skip
    seen = preview(write(tmp_path, *lines))
    assert seen.summary == {"format": "traefik_clf", "lines": 12, "accepted": 3, "rejected": 8, "blank": 1}
    reasons = {r["line_no"]: r["reason"] for r in seen.rejected}
    for line_no, want in enumerate(lines.values(), 1):
        assert (want is None) == (line_no not in reasons)
        assert want is None or want in reasons[line_no], (line_no, reasons[line_no])
    assert "sk_live" not in json.dumps(seen.rejected)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_combined_does_not_read_traefiks_lines(tmp_path, end):
    path = write(tmp_path, LINE, LINE.replace("harbor-go/3.1", 'foo " bar'), end=end)
    assert preview(path).summary == {"format": "traefik_clf", "lines": 2, "accepted": 2, "rejected": 0, "blank": 0}
    assert preview(path, "--format", "combined").summary["accepted"] == 0


def test_cases_of_traefiks_own_tests(cases, tmp_path):
    records = [json.loads(line) for line in (cases / "traefik" / "traefik_go_clf.cases.jsonl").read_text().splitlines()]
    assert len(records) == 10
    events = {event["line_no"]: event for event in preview(write(tmp_path, *[r["line"] for r in records])).events}
    same = {
        "method": "method",
        "path": "path",
        "route": "route",
        "status": "status",
        "consumer": "consumer_ref",
        "latency_total_ms": "latency_ms",
        "latency_upstream_ms": "upstream_latency_ms",
        "bytes_in": "request_bytes",
        "bytes_out": "response_bytes",
        "client_ip": "client_ip",
        "user_agent": "user_agent",
        "service": "service",
        "request_id": "request_id",
    }
    for line_no, record in enumerate(records, 1):
        want, event = record["canonical"], events.pop(line_no, None)
        # null: Traefik's genericCLF lines, which are combined ones
        assert (event is None) == (want is None or want.get("_reject", False)), record["id"]
        if event:
            assert {ours: event[ours] for ours in same.values()} == {
                ours: want[theirs] for theirs, ours in same.items()
            }
            assert datetime.fromisoformat(event["occurred_at"]) == datetime.fromisoformat(want["timestamp"])
    generic = [r["line"] for r in records if r["canonical"] is None]
    assert preview(write(tmp_path, *generic)).summary == {
        "format": "combined",
        "lines": 3,
        "accepted": 3,
        "rejected": 0,
        "blank": 0,
    }


def test_lines_of_another_project(cases):
    seen = preview(cases / "traefik" / "crowdsec_traefik_clf.log")
    assert seen.summary == {"format": "traefik_clf", "lines": 9, "accepted": 7, "rejected": 0, "blank": 2}
    assert [(e["status"], e["latency_ms"], e["route"], e["service"]) for e in seen.events] == [
        (200, 0, "test@docker", "http://172.17.0.3:80"),
        (200, 0, "test@docker", "http://172.17.0.3:80"),
        (200, 0, "test@docker", "http://172.17.0.3:80"),
        (200, 1, "test@docker", "http://172.17.0.3:80"),
        (None, 0, None, None),
        (200, 42, "test@docker -> leaf@docker", "http://172.17.0.3:80"),
        (200, 25, "root@docker -> intermediate1@docker -> intermediate2@docker -> leaf@docker", "http://172.17.0.4:80"),
    ]
