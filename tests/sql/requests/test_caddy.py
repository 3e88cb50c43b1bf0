"""Caddy's JSON access log, as its encoder settings write it, and what its other loggers write into the same file."""

import json
import random

import pytest

from sql.requests import EVENT_COLUMNS
from tests.sql.requests.lines import merged, preview, write
from tests.sql.test_ingest import both_ways

CADDY = {
    "level": "info",
    "ts": 1781006400.2501235,
    "logger": "http.log.access.log0",
    "msg": "handled request",
    "request": {
        "remote_ip": "10.0.0.2",
        "remote_port": "50112",
        "client_ip": "198.51.100.41",
        "proto": "HTTP/2.0",
        "method": "PUT",
        "host": "API.harbor.example:8443",
        "uri": "/v1/labels/8812?copy=2",
        "headers": {
            "User-Agent": ["harbor-js/2.0", "again"],
            "Referer": ["https://www.acme.example/shop?q=1"],
            "Authorization": ["REDACTED"],
        },
        "tls": {"resumed": False, "version": 772, "server_name": "api.harbor.example"},
    },
    "bytes_read": 118,
    "user_id": "acme",
    "duration": 0.0125,
    "size": 2048,
    "status": 200,
    "resp_headers": {"Server": ["Caddy"], "X-Request-Id": ["req-17"]},
}


def caddy(**changes):
    """A Caddy line: a successful call with changes."""
    return json.dumps(merged(CADDY, changes), separators=(",", ":"))


def one(tmp_path, **changes):
    """The only event of a file with one Caddy line."""
    seen = preview(write(tmp_path, caddy(**changes)))
    assert seen.summary["format"] == "caddy", seen
    assert len(seen.events) == 1, seen
    return seen.events[0]


def test_every_column_of_a_successful_call(tmp_path):
    event = one(tmp_path)
    assert tuple(event) == EVENT_COLUMNS
    said = {
        "occurred_at": "2026-06-09T12:00:00.250Z",
        "surface": "api",
        "request_id": "req-17",
        "method": "PUT",
        "path": "/v1/labels/8812",
        "path_template": "/v1/labels/{id}",
        "service": "api.harbor.example",
        "status": 200,
        "latency_ms": 12.5,
        "request_bytes": 118,
        "response_bytes": 2048,
        "consumer_ref": "acme",
        "client_ip": "198.51.100.41",
        "user_agent": "harbor-js/2.0",
        "line_no": 1,
        "referrer_host": "www.acme.example",
    }
    assert event == {name: said.get(name) for name in EVENT_COLUMNS}


@pytest.mark.parametrize(
    "ts",
    [
        1781006400.25,
        1781006400250.0,
        1781006400250000000,
        "2026-06-09T12:00:00.250Z",
        "2026-06-09T14:00:00.250+0200",
        "2026-06-09T14:00:00.25+02:00",
        "2026/06/09 12:00:00.250",
        "2026/06/09 12:00:00.250000000",
    ],
)
def test_each_way_to_write_the_time(tmp_path, ts):
    assert one(tmp_path, ts=ts)["occurred_at"] == "2026-06-09T12:00:00.250Z"


@pytest.mark.parametrize(
    "ts", [1781006400, "2026/06/09 12:00:00", "09/Jun/2026:14:00:00 +0200", "2026-06-09T12:00:00Z"]
)
def test_times_to_the_second(tmp_path, ts):
    assert one(tmp_path, ts=ts)["occurred_at"] == "2026-06-09T12:00:00.000Z"


@pytest.mark.parametrize("key", ["time", "timestamp"])
def test_the_time_under_another_key(tmp_path, key):
    assert one(tmp_path, **{"ts": None, key: 1781006400.25})["occurred_at"] == "2026-06-09T12:00:00.250Z"


@pytest.mark.parametrize(
    ("duration", "latency"),
    [
        (0.000929675, 0.929675),
        (61.5, 61500),
        (0, 0),
        ("1.5s", 1500),
        ("929.675µs", 0.929675),
        ("12.5ms", 12.5),
        ("250ns", 0.00025),
        ("1m1.5s", 61500),
        (929675, None),
        (13, None),
        ("soon", None),
        (None, None),
    ],
)
def test_durations_are_seconds_or_say_their_unit_and_are_never_guessed(tmp_path, duration, latency):
    event = one(tmp_path, duration=duration)
    assert event["latency_ms"] == (None if latency is None else pytest.approx(latency))
    assert event["upstream_latency_ms"] is None


@pytest.mark.parametrize(
    ("request_", "client"),
    [
        ({}, "198.51.100.41"),
        ({"client_ip": None}, "10.0.0.2"),
        ({"client_ip": None, "remote_ip": None, "remote_addr": "203.0.113.4:27615"}, "203.0.113.4"),
        ({"client_ip": None, "remote_ip": None, "remote_addr": "[2001:db8::4]:27615"}, "2001:db8::4"),
        ({"headers": {"X-Forwarded-For": ["192.0.2.9, 10.0.0.2"]}}, "192.0.2.9"),
        ({"headers": {"X-Forwarded-For": ["REDACTED"]}}, "198.51.100.41"),
        ({"client_ip": None, "remote_ip": None}, None),
    ],
)
def test_the_client_s_address(tmp_path, request_, client):
    assert one(tmp_path, request=request_)["client_ip"] == client


def test_the_keys_of_the_first_versions_of_caddy_2(tmp_path):
    line = json.dumps(
        {"level": "info", "ts": 1781006400.25, "logger": "http.log.access", "msg": "handled request",
         "request": {"method": "GET", "uri": "/v1/rates", "proto": "HTTP/2.0", "remote_addr": "203.0.113.4:27615",
                     "host": "api.harbor.example", "headers": {"User-Agent": ["curl/7.68"]}},
         "common_log": "203.0.113.4 - bea [09/Jun/2026:12:00:00 +0000] \"GET /v1/rates HTTP/2.0\" 304 0",
         "duration": 0.00022, "size": 0, "status": 304, "resp_headers": {"Server": ["Caddy"]}}
    )  # fmt: skip
    (event,) = preview(write(tmp_path, line)).events
    assert (event["client_ip"], event["consumer_ref"], event["status"]) == ("203.0.113.4", "bea", 304)
    assert (event["request_bytes"], event["response_bytes"], event["latency_ms"]) == (None, 0, 0.22)


def test_headers_that_a_filter_wrote_as_text_or_took_out(tmp_path):
    event = one(tmp_path, request={"headers": {"User-Agent": "harbor-js/2.0", "Referer": []}})
    assert (event["user_agent"], event["referrer_host"]) == ("harbor-js/2.0", None)
    event = one(tmp_path, request={"headers": {"User-Agent": ['say "hi"', "x"]}}, user_id="", size=-1)
    assert (event["user_agent"], event["consumer_ref"], event["response_bytes"]) == ('say "hi"', None, None)
    assert one(tmp_path, request={"headers": {"User-Agent": None}})["user_agent"] is None


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"status": 401}, "auth"),
        ({"status": 400}, "validation"),
        ({"status": 404}, None),
        ({"status": 429}, "rate_limit"),
        ({"status": 429, "resp_headers": {"Retry-After": ["3"]}}, "rate_limit"),
        ({"status": 429, "resp_headers": {"Retry-After": ["86400"]}}, "quota"),
        ({"status": 502}, "upstream"),
        ({"status": 500}, None),
        ({"status": 0}, "client_gone"),
        ({"status": 499}, "client_gone"),
    ],
)
def test_refusals(tmp_path, changes, refusal):
    event = one(tmp_path, **changes)
    assert (event["status"], event["refusal"]) == (changes["status"], refusal)


def test_other_loggers_are_rejected_by_name(tmp_path):
    lines = [
        caddy(),
        json.dumps({"level": "info", "ts": 1781006400.1, "logger": "tls.obtain", "msg": "acquiring lock", "identifier": "x"}),
        json.dumps({"level": "debug", "ts": 1781006400.1, "logger": "http.handlers.reverse_proxy", "msg": "upstream roundtrip",
                    "duration": 0.01, "request": CADDY["request"], "headers": {}, "status": 200}),
        json.dumps({"level": "error", "ts": 1781006400.1, "logger": "http.log.error.log0", "msg": "dial tcp: refused",
                    "request": CADDY["request"], "duration": 0.01, "status": 502, "err_id": "a1"}),
        json.dumps({"level": "info", "ts": 1781006400.1, "msg": "serving initial configuration"}),
        "2026/06/09 12:00:00.100 INFO using config from file",
        caddy()[:200],
        caddy(ts="yesterday"),
        caddy(ts=None),
        caddy(status=None),
        "",
        caddy(logger=None),
        caddy(logger="site"),
    ]  # fmt: skip
    seen = preview(write(tmp_path, *lines))
    assert seen.summary == {"format": "caddy", "lines": 13, "accepted": 3, "rejected": 9, "blank": 1}
    reasons = {r["line_no"]: r["reason"] for r in seen.rejected}
    assert "logger tls.obtain" in reasons[2]
    assert "logger http.handlers.reverse_proxy" in reasons[3]
    assert "http.log.error.log0" in reasons[4]
    assert "access record of its own" in reasons[4]
    assert "no request" in reasons[5]
    assert "plain text" in reasons[6]
    assert "cut short" in reasons[7]
    assert "yesterday" in reasons[8]
    assert "no ts" in reasons[9]
    assert "no status" in reasons[10]


def test_no_secret_lands(tmp_path):
    headers = {
        "X-Api-Key": ["hb_9f8e7d6c5b"],
        "Authorization": ["Bearer tk_1a2b3c4d5e", "Basic bs_6f7e8d9c0b"],
        "Cookie": ["session=ck_00112233"],
    }
    event = one(tmp_path, request={"headers": headers})
    assert event["credential_ref"].startswith("key:")
    keyed = one(tmp_path, request={"uri": "/v1/x?api_key=hb_9f8e7d6c5b"})
    assert keyed["credential_ref"] == event["credential_ref"]
    odd = {
        "request": {"headers": headers, "uri": "/v1/x?api_key=hb_9f8e7d6c5b"},
        "resp_headers": {"Set-Cookie": ["s=ck_44556677"]},
    }
    seen = preview(write(tmp_path, caddy(**odd), caddy(**odd, ts="x"), caddy(**odd)[:-9], caddy(**odd)[:470]))
    assert (len(seen.events), len(seen.rejected)) == (1, 3)
    shown = json.dumps([seen.events, seen.rejected])
    for secret in ("hb_9f8e7d6c5b", "tk_1a2b3c4d5e", "bs_6f7e8d9c0b", "ck_00112233", "ck_44556677"):
        assert secret not in shown, secret


def test_the_quick_and_the_careful_way_give_the_same_rows(tmp_path, monkeypatch):
    draw = random.Random(5)
    lines = [
        caddy(
            ts=draw.choice([1781006400.25, 1781106400, "2026-06-10T01:02:03Z", "2026/06/09 12:00:00", "x"]),
            status=draw.choice([200, "204", 404, 500, "x", 1e9]),
            duration=draw.choice([0.5, "7ms", -1, 1e300, "x", 7, None]),
            resp_headers=draw.choice([{"Retry-After": "9"}, {"Retry-After": ["9"]}, "x", [], None]),
            request={
                "headers": draw.choice([{"User-Agent": ["é☃", 'q"']}, {"User-Agent": "a"}, {"User-Agent": []}, {"User-Agent": {}}, "x"]),
                "uri": draw.choice(["/a/1?b", "*", "", None, "/v1/x_1/abc-12345"]),
            },
        )
        for _ in range(1500)
    ]  # fmt: skip
    for place in range(0, 1500, 60):
        lines[place] = draw.choice(["", "INFO text", f"[{caddy()},{caddy()}]", caddy()[:-30], "[]", "{}", "null"])
    quick, careful = both_ways(tmp_path, monkeypatch, lines)
    assert quick == careful
    assert quick["accepted"] > 1000
