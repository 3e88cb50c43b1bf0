"""Gravitee's metrics of v4 and v2 APIs, in both JSON outputs, and the other records that its reporters write."""

import json
import random

import pytest

from sql.requests import EVENT_COLUMNS
from tests.sql.requests.lines import merged, preview, write
from tests.sql.test_ingest import both_ways

V4 = {
    "gateway": "5b8e1f0a-gw",
    "_id": "2f6d0c9e-1111-4a7b-8c3d-0123456789ab",
    "type": "v4-metrics",
    "date": "2026.06.09",
    "@timestamp": "2026-06-09T12:00:00.250Z",
    "request-id": "2f6d0c9e-1111-4a7b-8c3d-0123456789ab",
    "client-identifier": "sub-0042",
    "transaction-id": "2f6d0c9e-2222-4a7b-8c3d-0123456789ab",
    "api-id": "api-labels",
    "api-name": "Labels",
    "plan-id": "plan-silver",
    "application-id": "app-0031",
    "subscription-id": "sub-0042",
    "http-method": 7,
    "local-address": "10.0.0.2",
    "remote-address": "198.51.100.51",
    "host": "api.harbor.example",
    "uri": "/labels/v2/8812?copy=2",
    "path-info": "/8812",
    "user-agent": "",
    "request-content-length": 118,
    "request-ended": "true",
    "entrypoint-id": "http-proxy",
    "endpoint": "https://labels.internal/",
    "endpoint-response-time-ms": 61,
    "status": 201,
    "response-content-length": 2048,
    "gateway-response-time-ms": 66,
    "gateway-latency-ms": 5,
}
V2 = {
    "gateway": "5b8e1f0a-gw",
    "@timestamp": "2026-06-09T12:00:00.250Z",
    "type": "request",
    "date": "2026.06.09",
    "_id": "2f6d0c9e-1111-4a7b-8c3d-0123456789ab",
    "transaction": "2f6d0c9e-2222-4a7b-8c3d-0123456789ab",
    "method": 7,
    "uri": "/labels/v2/8812?copy=2",
    "status": 201,
    "response-time": 66,
    "api-response-time": 61,
    "proxy-latency": 5,
    "request-content-length": 118,
    "response-content-length": 2048,
    "plan": "plan-silver",
    "api": "api-labels",
    "application": "app-0031",
    "local-address": "10.0.0.2",
    "remote-address": "198.51.100.51",
    "endpoint": "https://labels.internal/",
    "path": "/8812",
    "host": "api.harbor.example",
    "user-agent": "",
    "security-type": "API_KEY",
    "security-token": "gk_9f8e7d6c5b4a",
    "subscription": "sub-0042",
    "custom": {"zone": "north"},
}
V4_JSON = {
    "timestamp": 1781006400250,
    "requestId": "2f6d0c9e-1111-4a7b-8c3d-0123456789ab",
    "transactionId": "2f6d0c9e-2222-4a7b-8c3d-0123456789ab",
    "apiId": "api-labels",
    "apiName": "Labels",
    "apiType": "proxy",
    "planId": "plan-silver",
    "applicationId": "app-0031",
    "subscriptionId": "sub-0042",
    "httpMethod": "POST",
    "remoteAddress": "198.51.100.51",
    "uri": "/labels/v2/8812?copy=2",
    "userAgent": "",
    "requestContentLength": 118,
    "requestEnded": True,
    "endpoint": "https://labels.internal/",
    "endpointResponseTimeMs": 61,
    "status": 201,
    "responseContentLength": 2048,
    "gatewayResponseTimeMs": 66,
    "errorKey": None,
}
V2_JSON = {
    "timestamp": 1781006400250,
    "proxyResponseTimeMs": 66,
    "proxyLatencyMs": 5,
    "apiResponseTimeMs": 61,
    "requestId": "2f6d0c9e-1111-4a7b-8c3d-0123456789ab",
    "api": "api-labels",
    "application": "app-0031",
    "plan": "plan-silver",
    "remoteAddress": "198.51.100.51",
    "httpMethod": "POST",
    "uri": "/labels/v2/8812?copy=2",
    "requestContentLength": 118,
    "responseContentLength": 2048,
    "status": 201,
    "userAgent": "",
    "securityType": "API_KEY",
    "securityToken": "gk_9f8e7d6c5b4a",
    "subscription": "sub-0042",
}


def line(record=V4, **changes):
    """A record as a line, with changes."""
    return json.dumps(merged(record, changes), separators=(",", ":"))


def one(tmp_path, record=V4, **changes):
    """The only event of a file with one record."""
    seen = preview(write(tmp_path, line(record, **changes)))
    assert seen.summary["format"] == "gravitee", seen
    assert len(seen.events) == 1, seen
    return seen.events[0]


@pytest.mark.parametrize("record", [V4, V2, V4_JSON, V2_JSON], ids=["v4", "v2", "v4 json", "v2 json"])
def test_every_column_of_a_call_whatever_the_output(tmp_path, record):
    event = one(tmp_path, record)
    assert tuple(event) == EVENT_COLUMNS
    said = {
        "occurred_at": "2026-06-09T12:00:00.250Z",
        "surface": "api",
        "request_id": "2f6d0c9e-1111-4a7b-8c3d-0123456789ab",
        "method": "POST",
        "path": "/labels/v2/8812",
        "path_template": "/labels/v2/{id}",
        "service": "api-labels",
        "status": 201,
        "latency_ms": 66,
        "upstream_latency_ms": 61,
        "request_bytes": 118,
        "response_bytes": 2048,
        "credential_ref": "sub-0042",
        "application_ref": "app-0031",
        "plan_ref": "plan-silver",
        "client_ip": "198.51.100.51",
        "line_no": 1,
    }
    assert event == {name: said.get(name) for name in EVENT_COLUMNS}


@pytest.mark.parametrize(
    ("code", "method"),
    [(1, "CONNECT"), (2, "DELETE"), (3, "GET"), (4, "HEAD"), (5, "OPTIONS"), (6, "PATCH"), (7, "POST"), (8, "PUT"),
     (9, "TRACE"), (0, None), (77, None), ("GET", "GET"), ("OTHER", None), (None, None)],
)  # fmt: skip
def test_a_method_is_a_number(tmp_path, code, method):
    assert one(tmp_path, **{"http-method": code})["method"] == method
    assert one(tmp_path, V2, method=code)["method"] == method


def test_lengths_and_times_that_are_not_known_are_null(tmp_path):
    gone = {"request-content-length": -1, "response-content-length": None, "endpoint-response-time-ms": -1}
    event = one(tmp_path, **gone, **{"gateway-response-time-ms": 0})
    assert (event["request_bytes"], event["response_bytes"], event["upstream_latency_ms"]) == (None, None, None)
    assert event["latency_ms"] == 0
    assert one(tmp_path, V4_JSON, requestContentLength=-1)["request_bytes"] is None


def test_a_user_agent_that_is_kept(tmp_path):
    assert one(tmp_path, **{"user-agent": "harbor-go/3.1"})["user_agent"] == "harbor-go/3.1"


def test_the_mapped_path_is_the_route(tmp_path):
    event = one(tmp_path, **{"mapped-path": "/:labelId"})
    assert (event["route"], event["path_template"]) == ("/:labelId", "/labels/v2/{id}")


def test_a_keyless_call_is_nobody_s(tmp_path):
    event = one(tmp_path, **{"application-id": "1", "subscription-id": None, "plan-id": "plan-open"})
    assert (event["application_ref"], event["credential_ref"], event["plan_ref"]) == (None, None, "plan-open")


def test_a_security_token_is_only_ever_a_hash(tmp_path):
    for record in (V2, V2_JSON):
        event = one(tmp_path, record, subscription=None)
        assert event["credential_ref"].startswith("key:")
        assert "gk_9f8e7d6c5b4a" not in json.dumps(event)
        seen = preview(
            write(tmp_path, line(record), line(record, **{"@timestamp": "x", "timestamp": "x"}), line(record)[:-4])
        )
        assert len(seen.rejected) == 2
        shown = json.dumps([seen.events, seen.rejected])
        assert "gk_9f8e7d6c5b4a" not in shown
        assert "copy=2" not in shown


def test_a_user_of_an_application_is_an_end_user(tmp_path):
    event = one(tmp_path, user="ann")
    assert (event["application_ref"], event["end_user_ref"], event["consumer_ref"]) == ("app-0031", "ann", None)
    event = one(tmp_path, user="ann", **{"application-id": None})
    assert (event["end_user_ref"], event["consumer_ref"]) == (None, "ann")


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"status": 401, "error-key": "API_KEY_MISSING"}, "auth"),
        ({"status": 400}, "validation"),
        ({"status": 404}, None),
        ({"status": 404, "api-id": "1"}, "no_route"),
        ({"status": 404, "api-id": None}, "no_route"),
        ({"status": 429, "error-key": "RATE_LIMIT_TOO_MANY_REQUESTS"}, "rate_limit"),
        ({"status": 429, "error-key": "QUOTA_TOO_MANY_REQUESTS"}, "quota"),
        ({"status": 429}, "rate_limit"),
        ({"status": 504, "error-key": "REQUEST_TIMEOUT"}, "upstream"),
        ({"status": 500}, None),
    ],
)
def test_refusals(tmp_path, changes, refusal):
    assert one(tmp_path, **changes)["refusal"] == refusal


def test_a_call_that_goes_on_is_counted_at_its_end(tmp_path):
    first = {"request-ended": "false", "status": None, "gateway-response-time-ms": None}
    seen = preview(
        write(tmp_path, line(**first), line(), line(V4_JSON, requestEnded=False), line(V4_JSON, requestEnded=True))
    )
    assert [event["line_no"] for event in seen.events] == [2, 4]
    assert {r["line_no"] for r in seen.rejected} == {1, 3}
    assert all("still goes on" in r["reason"] for r in seen.rejected)


def test_records_of_other_types_are_rejected_by_name(tmp_path):
    at = {"@timestamp": "2026-06-09T12:00:00.250Z", "gateway": "gw", "date": "2026.06.09"}
    lines = [
        line(),
        json.dumps({"type": "log", **at, "api": "a", "client-request": {"method": "GET", "uri": "/x?key=gk_1"}}),
        json.dumps({"type": "v4-log", **at, "api-id": "a", "request-ended": "true", "entrypoint-request": {"method": "GET"}}),
        json.dumps({"type": "monitor", **at, "hostname": "h", "jvm": {"uptime_in_millis": 9}}),
        json.dumps({"type": "health-check", **at, "api": "a", "available": True, "response-time": 12}),
        json.dumps({"type": "v4-message-metrics", **at, "request-id": "r", "api-id": "a", "connector-id": "sse", "count": 4}),
        json.dumps({"index": {"_index": "gravitee-v4-metrics", "_id": "1"}}),
        json.dumps({"timestamp": 1781006400250, "requestId": "r", "apiId": "a", "requestEnded": True, "entrypointRequest": {}}),
        json.dumps({"timestamp": 1781006400250, "requestId": "r", "apiId": "a", "connectorId": "sse", "operation": "subscribe"}),
        json.dumps({"timestamp": 1781006400250, "api": "a", "steps": [], "success": True, "responseTime": 4}),
        json.dumps({"level": "info", "message": "started"}),
        line()[:90],
        line(**{"@timestamp": None}),
        line(**{"@timestamp": "noon"}),
        "",
    ]  # fmt: skip
    seen = preview(write(tmp_path, *lines))
    assert seen.summary == {"format": "gravitee", "lines": 15, "accepted": 1, "rejected": 13, "blank": 1}
    reasons = {r["line_no"]: r["reason"] for r in seen.rejected}
    for number, said in [
        (2, ": log"), (3, ": v4-log"), (4, ": monitor"), (5, ": health-check"), (6, ": v4-message-metrics"), (7, ": index"),
        (8, ": log"), (9, ": message metrics"), (10, ": health check"), (11, "no response time"), (12, "cut short"),
        (13, "without a time"), (14, "noon"),
    ]:  # fmt: skip
        assert said in reasons[number], reasons[number]


def test_the_quick_and_the_careful_way_give_the_same_rows(tmp_path, monkeypatch):
    draw = random.Random(7)
    lines = [
        line(
            draw.choice([V4, V2, V4_JSON, V2_JSON]),
            uri=draw.choice(["/a/1?b", "*", "", None, "/v1/x_1/abc-12345"]),
            status=draw.choice([200, "204", 404, 500, "x", 1e9, None]),
            custom=draw.choice([{}, "x", [1], None]),
            **{"user-agent": draw.choice(["é☃", "", None, 7])},
        )
        for _ in range(1500)
    ]
    for place in range(0, 1500, 60):
        lines[place] = draw.choice(["", "text", f"[{line()},{line(V2)}]", line()[:-30], "[]", "{}", "null"])
    quick, careful = both_ways(tmp_path, monkeypatch, lines)
    assert quick == careful
    assert quick["accepted"] > 1400
