"""AWS API Gateway's JSON access logs: REST, HTTP and WebSocket, and their surprises."""

import json

import pytest

from tests.sql.requests.lines import aws, preview, write


def one(tmp_path, line):
    """The only event of a file with one line."""
    seen = preview(write(tmp_path, line))
    assert seen.summary["format"] == "aws_api_gateway", seen
    assert len(seen.events) == 1, seen
    return seen.events[0]


def test_the_template_of_the_console_says_no_latency_and_no_caller(tmp_path):
    event = one(tmp_path, aws())
    expected = {
        "occurred_at": "2026-06-09T12:00:00.000Z",
        "request_id": "0f6f2c1e-7a31-4d0e-9c1e-2b7a4a1f9d10",
        "method": "GET",
        "path": None,
        "path_template": "/parcels/{id}",
        "route": "/parcels/{id}",
        "service": None,
        "status": 200,
        "latency_ms": None,
        "upstream_latency_ms": None,
        "request_bytes": None,
        "response_bytes": 518,
        "credential_ref": None,
        "consumer_ref": None,
        "client_ip": "203.0.113.9",
        "user_agent": None,
        "refusal": None,
        "limit_window": None,
        "limit_calls": None,
        "limit_left": None,
        "line_no": 1,
    }
    assert {name: event[name] for name in expected} == expected


def test_a_rest_template_with_everything(tmp_path):
    event = one(
        tmp_path,
        aws(
            requestTimeEpoch="1781006400250",
            path="/prod/parcels/77?x=1",
            apiId="a1b2c3",
            stage="prod",
            responseLatency="120",
            integrationLatency="95",
            userAgent="okhttp/4.9",
            identity={"apiKeyId": "k-77", "sourceIp": "198.51.100.4"},
            authorizer={"principalId": "partner-9"},
        ),
    )
    assert event["occurred_at"] == "2026-06-09T12:00:00.250Z"
    assert (event["path"], event["path_template"]) == ("/prod/parcels/77", "/parcels/{id}")
    assert (event["service"], event["latency_ms"], event["upstream_latency_ms"]) == ("a1b2c3/prod", 120, 95)
    assert (event["credential_ref"], event["consumer_ref"], event["user_agent"]) == ("k-77", "partner-9", "okhttp/4.9")
    assert event["client_ip"] == "203.0.113.9"


@pytest.mark.parametrize(
    ("route_key", "method", "template"),
    [
        ("GET /v2/parcels/{id}", "GET", "/v2/parcels/{id}"),
        ("$default", None, None),
        ("ANY /files/{proxy+}", None, "/files/{proxy+}"),
    ],
)
def test_an_http_api_has_a_route_key(tmp_path, route_key, method, template):
    event = one(tmp_path, aws(resourcePath=None, httpMethod=None, routeKey=route_key, requestId="JKJaXmPLvHcESHA="))
    assert (event["route"], event["method"], event["path_template"], event["path"]) == (
        route_key,
        method,
        template,
        None,
    )
    assert event["request_id"] == "JKJaXmPLvHcESHA="


def test_a_websocket_has_no_method(tmp_path):
    line = json.dumps(
        {"requestId": "LG1_xFyzIAMFZsw=", "ip": "203.0.113.9", "caller": "-", "user": "-", "eventType": "CONNECT",
         "requestTime": "09/Jun/2026:12:00:00 +0000", "routeKey": "$connect", "status": "101",
         "connectionId": "LG1_xfR1oAMCF9w="}
    )  # fmt: skip
    event = one(tmp_path, line)
    assert (event["route"], event["method"], event["path"], event["status"]) == ("$connect", None, None, 101)


def test_a_bare_dash_is_null_and_not_a_lost_line(tmp_path):
    line = (
        '{"requestId":"r-1","ip":"203.0.113.9","requestTime":"09/Jun/2026:12:00:00 +0000","routeKey":"-","status":-,'
        '"responseLatency": - ,"integrationLatency":-, "userAgent":"a \\": -, b", "responseLength":-}'
    )
    event = one(tmp_path, line)
    for column in ("status", "latency_ms", "upstream_latency_ms", "response_bytes", "route"):
        assert event[column] is None, column
    assert event["user_agent"] == 'a ": -, b'


def test_unquoted_numbers_and_an_epoch_under_request_time(tmp_path):
    event = one(
        tmp_path,
        '{"requestId":"r-2","requestTime":"1781006400250","routeKey":"GET /x","status":429,"responseLatency":7}',
    )
    assert (event["occurred_at"], event["status"], event["latency_ms"]) == ("2026-06-09T12:00:00.250Z", 429, 7)
    assert event["refusal"] == "rate_limit"


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"status": "403"}, "auth"),
        ({"status": "429", "error": {"message": "Limit Exceeded", "responseType": "QUOTA_EXCEEDED"}}, "quota"),
        ({"status": "429", "error": {"message": "Too Many Requests", "responseType": "THROTTLED"}}, "rate_limit"),
        ({"status": "404"}, None),
        ({"status": "404", "resourcePath": None, "routeKey": "-"}, "no_route"),
        ({"status": "500", "integrationLatency": "12"}, None),
        ({"status": "500", "integrationLatency": "-"}, "upstream"),
        ({"status": "504"}, "upstream"),
        ({"status": "-"}, None),
    ],
)
def test_refusals(tmp_path, changes, refusal):
    assert one(tmp_path, aws(**changes))["refusal"] == refusal


def test_a_raw_key_is_never_shown(tmp_path):
    event = one(tmp_path, aws(identity={"apiKey": "dGhpcyBpcyBhIGtleQ", "apiKeyId": "-"}))
    assert event["credential_ref"].startswith("key:")
    assert "dGhpcyBpcyBhIGtleQ" not in json.dumps(event)


def test_claims_name_the_client_and_then_the_person(tmp_path):
    event = one(tmp_path, aws(authorizer={"claims": {"client_id": "cl-1", "sub": "person-1"}}))
    assert (event["consumer_ref"], event["end_user_ref"]) == ("cl-1", "person-1")
    event = one(tmp_path, aws(authorizer={"claims": {"sub": "person-1"}}))
    assert (event["consumer_ref"], event["end_user_ref"]) == ("person-1", None)


def test_cloudwatch_wrappings(tmp_path):
    envelope = json.dumps({"messageType": "DATA_MESSAGE", "logEvents": [{"id": "1", "timestamp": 9, "message": aws()},
                                                                         {"id": "2", "timestamp": 9, "message": aws(status="403")}]})  # fmt: skip
    control = json.dumps(
        {"messageType": "CONTROL_MESSAGE", "logEvents": [{"id": "", "timestamp": 1, "message": "CWL CONTROL MESSAGE"}]}
    )
    exported = "2026-06-09T18:30:00.000Z " + aws(requestTime="09/Jun/2026:01:02:03 +0000")
    seen = preview(write(tmp_path, envelope, control, exported))
    assert [(e["line_no"], e["status"]) for e in seen.events] == [(1, 200), (2, 403), (4, 200)]
    assert seen.events[2]["occurred_at"] == "2026-06-09T01:02:03.000Z"  # not when CloudWatch took it
    assert (seen.summary["lines"], seen.summary["blank"], seen.rejected) == (4, 1, [])  # a control message is no log


def test_order_does_not_matter_and_all_times_are_utc(tmp_path):
    lines = [
        aws(requestTime=f"09/Jun/2026:{hour}:30:00 {zone}")
        for hour, zone in (("23", "-0530"), ("02", "+0545"), ("00", "+0000"))
    ]
    assert [e["occurred_at"] for e in preview(write(tmp_path, *lines)).events] == [
        "2026-06-10T05:00:00.000Z",
        "2026-06-08T20:45:00.000Z",
        "2026-06-09T00:30:00.000Z",
    ]


def test_the_offset_of_an_iso_time_counts(tmp_path):
    lines = [aws(requestTime=f"2026-06-09T12:00:00{zone}") for zone in ("+02:00", "-0530", "Z", "")]
    assert [e["occurred_at"][11:19] for e in preview(write(tmp_path, *lines)).events] == [
        "10:00:00", "17:30:00", "12:00:00", "12:00:00"]  # fmt: skip


def test_other_json_is_rejected(tmp_path):
    seen = preview(write(tmp_path, aws(), '{"level":"info","msg":"started"}', aws()[:80], aws(requestTime="yesterday")))
    assert len(seen.events) == 1
    reasons = [r["reason"] for r in seen.rejected]
    assert "no requestTime" in reasons[0]
    assert "cut short" in reasons[1]
    assert "yesterday" in reasons[2]


def test_the_template_that_the_documentation_prints(cases, tmp_path):
    line = next(
        x for x in (cases / "aws_apigateway" / "console_formats.txt").read_text().splitlines() if x.startswith("JSON")
    )
    values = {"requestId": "r", "identity.sourceIp": "203.0.113.1", "identity.caller": "-", "identity.user": "-",
              "requestTime": "10/Jun/2026:15:36:28 +0000", "httpMethod": "PUT", "resourcePath": "/x/{y}", "status": "204",
              "protocol": "HTTP/1.1", "responseLength": "0"}  # fmt: skip
    line = line.partition(":")[2]
    for name in sorted(values, key=len, reverse=True):
        line = line.replace(f"$context.{name}", values[name])
    event = one(tmp_path, line)
    assert (event["method"], event["status"], event["route"], event["response_bytes"]) == ("PUT", 204, "/x/{y}", 0)
