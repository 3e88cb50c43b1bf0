"""Tyk Pump's analytics records, bare and as the stdout pump wraps them, with each surprise that they have."""

import json
import random

import pytest

from sql.engines import duckdb as engine
from sql.requests import EVENT_COLUMNS
from tests.sql.requests.lines import merged, preview, write
from tests.sql.test_ingest import both_ways

RAW = "UE9TVCAvIEhUVFAvMS4xDQpBdXRob3JpemF0aW9uOiB0eWtfc2VjcmV0"
KEY = "eyJvcmciOiJoYXJib3IiLCJpZCI6IjlmOGU3ZDZjIn0="
TYK = {
    "method": "POST",
    "host": "labels.internal",
    "path": "/v2/labels/8812",
    "raw_path": "/v2/labels/8812",
    "content_length": 118,
    "user_agent": "harbor-go/3.1",
    "day": 9,
    "month": 6,
    "year": 2026,
    "hour": 12,
    "response_code": 201,
    "api_key": KEY,
    "timestamp": "2026-06-09T12:00:00.250123Z",
    "api_version": "Non Versioned",
    "api_name": "Labels",
    "api_id": "b84fe1a04e5648927971c0557971565c",
    "org_id": "5e9d9544a1dcd60001d0ed20",
    "oauth_id": "",
    "request_time": 66,
    "raw_request": RAW,
    "raw_response": RAW,
    "ip_address": "198.51.100.61",
    "geo": {"country": {"iso_code": ""}, "city": {"geoname_id": 0, "names": None}},
    "network": {"open_connections": 0, "closed_connections": 0, "bytes_in": 0, "bytes_out": 0},
    "latency": {"total": 66, "upstream": 61},
    "tags": [f"key-{KEY}", "org-5e9d9544a1dcd60001d0ed20"],
    "alias": "acme",
    "track_path": False,
    "expireAt": "2026-06-16T12:00:00Z",
    "api_schema": "",
}


def tyk(**changes):
    """A bare analytics record: a successful call with changes."""
    return json.dumps(merged(TYK, changes), separators=(",", ":"))


def wrapped(name="tyk-analytics-record", **changes):
    """What the stdout pump prints of it with `format: json`."""
    record = merged(TYK, changes)
    return json.dumps(
        {name: record, "level": "info", "msg": "", "prefix": "stdout-pump", "time": "0001-01-01T00:00:00Z"}
    )


def one(tmp_path, text):
    """The only event of a file with one line."""
    seen = preview(write(tmp_path, text))
    assert seen.summary["format"] == "tyk", seen
    assert len(seen.events) == 1, seen
    return seen.events[0]


@pytest.mark.parametrize(
    "make", [tyk, wrapped, lambda: wrapped("analytics-record")], ids=["bare", "stdout", "old name"]
)
def test_every_column_of_a_successful_call(tmp_path, make):
    event = one(tmp_path, make())
    assert tuple(event) == EVENT_COLUMNS
    said = {
        "occurred_at": "2026-06-09T12:00:00.250Z",
        "surface": "api",
        "method": "POST",
        "path": "/v2/labels/8812",
        "path_template": "/v2/labels/{id}",
        "service": "Labels",
        "status": 201,
        "latency_ms": 66,
        "upstream_latency_ms": 61,
        "request_bytes": 118,
        "credential_ref": event["credential_ref"],
        "consumer_ref": "acme",
        "client_ip": "198.51.100.61",
        "user_agent": "harbor-go/3.1",
        "line_no": 1,
    }
    assert event == {name: said.get(name) for name in EVENT_COLUMNS}
    assert event["credential_ref"].startswith("key:")


def test_a_key_has_one_name_everywhere_and_a_call_without_one_has_none():
    with engine.connect() as con:
        said = con.execute("select tyk_key('6129dc1e8b64c6b4'), 'key:' || keyed_hash('6129dc1e8b64c6b4')").fetchone()
        assert said[0] == said[1]
        assert con.execute("select tyk_key('00000000'), tyk_key(''), tyk_key(null)").fetchone() == (None, None, None)


@pytest.mark.parametrize("key", ["00000000", "", None])
def test_keyless_traffic_has_no_credential(tmp_path, key):
    event = one(tmp_path, tyk(api_key=key, alias="", tags=["key-00000000"]))
    assert (event["credential_ref"], event["consumer_ref"]) == (None, None)


def test_an_oauth_client_is_the_application(tmp_path):
    event = one(tmp_path, tyk(oauth_id="client-9", alias=""))
    assert (event["application_ref"], event["consumer_ref"]) == ("client-9", "client-9")
    event = one(tmp_path, tyk(oauth_id="client-9"))
    assert (event["application_ref"], event["consumer_ref"]) == ("client-9", "acme")


@pytest.mark.parametrize(
    ("changes", "path", "route"),
    [
        ({"original_path": "/labels/v2/labels/8812", "listen_path": "/labels/"}, "/labels/v2/labels/8812", None),
        ({"listen_path": "/labels/"}, "/labels/v2/labels/8812", None),
        ({"listen_path": "/v2/"}, "/v2/labels/8812", None),
        ({"listen_path": "/"}, "/v2/labels/8812", None),
        ({"path": "/v2/labels/{id}", "track_path": True}, "/v2/labels/8812", "/v2/labels/{id}"),
        ({"path": "/v2/labels/{id}", "raw_path": None}, "/v2/labels/{id}", None),
        ({"raw_path": "/v2/labels/8812?token=tk_1"}, "/v2/labels/8812", None),
    ],
)
def test_paths_and_tracked_paths(tmp_path, changes, path, route):
    event = one(tmp_path, tyk(**changes))
    assert (event["path"], event["route"]) == (path, route)


@pytest.mark.parametrize(
    ("changes", "times"),
    [
        ({"latency": None}, (66, None)),
        ({"latency": {"total": 0, "upstream": 0}, "request_time": 0}, (0, 0)),
        ({"latency": {"total": 0, "upstream": 0}, "response_code": 403}, (None, None)),
        ({"latency": {"total": 5, "upstream": 0}, "response_code": 403}, (5, 0)),
        ({"latency": {"total": 66, "upstream": 61, "gateway": 5}}, (66, 61)),
        ({"latency": None, "request_time": -1}, (None, None)),
    ],
)
def test_times_are_milliseconds_and_an_error_of_the_gateway_has_none(tmp_path, changes, times):
    event = one(tmp_path, tyk(**changes))
    assert (event["latency_ms"], event["upstream_latency_ms"]) == times


def test_a_length_of_minus_one_is_unknown(tmp_path):
    assert one(tmp_path, tyk(content_length=-1))["request_bytes"] is None
    assert one(tmp_path, tyk(content_length=0))["request_bytes"] == 0


def test_the_client_is_the_leftmost_address(tmp_path):
    assert one(tmp_path, tyk(ip_address="203.0.113.7, 10.0.0.1"))["client_ip"] == "203.0.113.7"
    assert one(tmp_path, tyk(ip_address="2001:db8::7"))["client_ip"] == "2001:db8::7"


def test_an_offset_counts(tmp_path):
    assert one(tmp_path, tyk(timestamp="2026-06-09T14:00:00.25+02:00"))["occurred_at"] == "2026-06-09T12:00:00.250Z"


def test_the_names_of_the_elasticsearch_pump(tmp_path):
    line = json.dumps(
        {"@timestamp": "2026-06-09T12:00:00.25Z", "http_method": "GET", "request_uri": "/v2/labels/1", "request_uri_full":
         "/v2/labels/1", "response_code": 200, "ip_address": "198.51.100.61", "api_key": "6129dc1e8b64c6b4", "api_name": "Labels",
         "api_id": "a1", "oauth_id": "", "request_time_ms": 9, "alias": ""}
    )  # fmt: skip
    event = one(tmp_path, line)
    assert (event["method"], event["path"], event["status"], event["latency_ms"]) == ("GET", "/v2/labels/1", 200, 9)


@pytest.mark.parametrize(
    ("status", "refusal"),
    [
        (401, "auth"),
        (403, "auth"),
        (400, "validation"),
        (404, None),
        (429, "rate_limit"),
        (502, "upstream"),
        (500, None),
    ],
)
def test_refusals(tmp_path, status, refusal):
    assert one(tmp_path, tyk(response_code=status))["refusal"] == refusal


def test_what_is_no_analytics_record_is_rejected_with_its_reason(tmp_path):
    lines = [
        tyk(),
        json.dumps({"level": "info", "msg": "Purged 3 records...", "prefix": "stdout-pump", "time": "2026-06-09T12:00:01Z"}),
        f'time="2026-06-09T12:00:01Z" level=info prefix=stdout-pump tyk-analytics-record="{{POST h /v2 /v2 118 go 9 June 2026 12 201 {KEY}}}"',
        "[Jun  9 12:00:01]  INFO main: ## Tyk Pump, v1.13 ##",
        tyk()[:120],
        tyk(timestamp="0001-01-01T00:00:00Z"),
        tyk(timestamp=None),
        tyk(timestamp="today"),
        tyk(response_code=None),
        "",
        wrapped(timestamp="0001-01-01T00:00:00Z"),
        json.dumps({"response_code": 200, "timestamp": "2026-06-09T12:00:00Z"}),
    ]  # fmt: skip
    seen = preview(write(tmp_path, *lines))
    assert seen.summary == {"format": "tyk", "lines": 12, "accepted": 1, "rejected": 10, "blank": 1}
    reasons = {r["line_no"]: r["reason"] for r in seen.rejected}
    for number, said in [
        (2, "own log"), (3, "format tyk_pump"), (4, "plain text"), (5, "cut short"), (6, "without a timestamp"),
        (7, "without a timestamp"), (8, "today"), (9, "no response_code"), (11, "without a timestamp"), (12, "no API and no key"),
    ]:  # fmt: skip
        assert said in reasons[number], reasons[number]
    assert KEY not in json.dumps(seen.rejected)


def test_no_secret_lands(tmp_path):
    odd = {"raw_path": "/v2/x?api_key=hb_9f8e7d6c5b"}
    lines = [
        tyk(**odd),
        tyk(**odd, timestamp="x"),
        tyk(**odd)[:-3],
        wrapped(**odd),
        wrapped(**odd, timestamp="x"),
        tyk()[:560],
    ]
    seen = preview(write(tmp_path, *lines))
    assert (len(seen.events), len(seen.rejected)) == (2, 4)
    shown = json.dumps([seen.events, seen.rejected])
    for secret in (KEY, KEY[:20], RAW, RAW[:20], "hb_9f8e7d6c5b"):
        assert secret not in shown, secret


def test_the_quick_and_the_careful_way_give_the_same_rows(tmp_path, monkeypatch):
    draw = random.Random(9)
    lines = [
        draw.choice([tyk, wrapped])(
            response_code=draw.choice([200, "204", 404, 500, "x", 1e9, None]),
            latency=draw.choice([{"total": 1, "upstream": 0}, {"total": "7"}, "x", [], None]),
            tags=draw.choice([[], None, "x"]),
            api_key=draw.choice([KEY, "00000000", "", None, 7]),
            raw_path=draw.choice(["/a/1?b", "*", "", None, "/v1/x_1/abc-12345"]),
            listen_path=draw.choice(["/", "/a/", None]),
            track_path=draw.choice([True, False, None]),
        )
        for _ in range(1500)
    ]
    for place in range(0, 1500, 60):
        lines[place] = draw.choice(["", "text", f"[{tyk()},{wrapped()}]", tyk()[:-30], "[]", "{}", "null"])
    quick, careful = both_ways(tmp_path, monkeypatch, lines)
    assert quick == careful
    assert quick["accepted"] > 1200
