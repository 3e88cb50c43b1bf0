"""Azure API Management's GatewayLogs, with each surprise that they have."""

import json

import pytest

from tests.sql.requests.lines import aws, kong, merged, preview, write

APIM = {
    "Level": 4,
    "isRequestSuccess": True,
    "time": "2026-06-09T12:00:00.2507779Z",
    "operationName": "Microsoft.ApiManagement/GatewayLogs",
    "category": "GatewayLogs",
    "durationMs": 61,
    "callerIpAddress": "198.51.100.23",
    "correlationId": "7c1d0c8e-52a6-4c1e-8f0a-2a9a6f4a7d11",
    "location": "West Europe",
    "properties": {
        "method": "POST",
        "url": "https://harbor.azure-api.net/v1/quotes/88213?subscription-key=sk_live_abcdef",
        "responseCode": 201,
        "backendResponseCode": 201,
        "backendUrl": "https://quotes.internal.example/88213?code=sk_live_backend",
        "requestSize": 412,
        "responseSize": 1530,
        "cache": "none",
        "backendTime": 40,
        "clientTime": 30,
        "apiId": "quotes",
        "operationId": "create-quote",
        "productId": "gold",
        "userId": "jo-1",
        "apimSubscriptionId": "acme-live",
        "apiRevision": "3",
    },
    "resourceId": "/SUBSCRIPTIONS/0/RESOURCEGROUPS/RG/PROVIDERS/MICROSOFT.APIMANAGEMENT/SERVICE/HARBOR",
}


def apim(**changes):
    return json.dumps(merged(APIM, changes), separators=(",", ":"))


def one(tmp_path, **changes):
    seen = preview(write(tmp_path, apim(**changes)))
    assert seen.status == 0, seen
    assert len(seen.events) == 1, seen
    return seen.events[0]


def test_every_column_of_a_successful_call(tmp_path):
    assert one(tmp_path) == {
        "occurred_at": "2026-06-09T12:00:00.250Z",
        "source": None,
        "surface": "api",
        "environment": None,
        "request_id": "7c1d0c8e-52a6-4c1e-8f0a-2a9a6f4a7d11",
        "method": "POST",
        "path": "/v1/quotes/88213",
        "path_template": "/v1/quotes/{id}",
        "route": "create-quote",
        "service": "quotes",
        "status": 201,
        "latency_ms": 61.0,
        "upstream_latency_ms": 40.0,
        "request_bytes": 412,
        "response_bytes": 1530,
        "credential_ref": "acme-live",
        "consumer_ref": None,
        "application_ref": None,
        "developer_ref": "jo-1",
        "plan_ref": "gold",
        "end_user_ref": None,
        "client_ip": "198.51.100.23",
        "user_agent": None,
        "refusal": None,
        "limit_window": None,
        "limit_calls": None,
        "limit_left": None,
        "line_no": 1,
        "referrer_host": None,
        "client_country": None,
        "client_network": None,
    }


def test_backend_and_client_time_may_exceed_the_whole(tmp_path):
    event = one(tmp_path, durationMs=243, properties={"backendTime": 54, "clientTime": 190})
    assert (event["latency_ms"], event["upstream_latency_ms"]) == (243, 54)


@pytest.mark.parametrize(
    ("changes", "upstream"),
    [
        ({"backendTime": 0, "backendResponseCode": None}, None),
        ({"backendTime": 0}, 0),
        ({"backendTime": None, "backendResponseCode": None}, None),
    ],
)
def test_a_backend_that_was_not_called_has_no_time_but_a_zero_is_a_zero(tmp_path, changes, upstream):
    assert one(tmp_path, properties=changes)["upstream_latency_ms"] == upstream


def test_the_admin_key_stays_apart_from_customers(tmp_path):
    event = one(tmp_path, properties={"apimSubscriptionId": "master", "productId": None, "userId": None})
    assert (event["credential_ref"], event["plan_ref"], event["developer_ref"]) == ("master", None, None)


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("https://harbor.example", "/"),
        ("https://harbor.example?next=/admin", "/"),
        ("https://harbor.example/a/b#top", "/a/b"),
        ("https://harbor.example/a?next=https://x.example/b", "/a"),
        ("http://harbor.example:8080/v1/x?y", "/v1/x"),
        (None, None),
    ],
)
def test_the_path_of_the_url(tmp_path, url, path):
    assert one(tmp_path, properties={"url": url})["path"] == path


def test_logged_headers_tell_the_agent_and_the_client_behind_a_proxy(tmp_path):
    headers = {
        "user-agent": "harbor-go/3.1",
        "X-Forwarded-For": "203.0.113.9, 10.0.0.4",
        "Authorization": "Bearer sk_live_abcdef",
    }
    event = one(tmp_path, properties={"requestHeaders": headers})
    assert (event["user_agent"], event["client_ip"]) == ("harbor-go/3.1", "203.0.113.9")
    assert "sk_live" not in json.dumps(event)


@pytest.mark.parametrize(
    ("status", "reason", "refusal"),
    [
        (401, "SubscriptionKeyNotFound", "auth"),
        (401, "SubscriptionKeyInvalid", "auth"),
        (401, "TokenExpired", "auth"),
        (403, "CallerIpNotAllowed", "auth"),
        (403, "QuotaExceeded", "quota"),
        (429, "RateLimitExceeded", "rate_limit"),
        (404, "OperationNotFound", "no_route"),
        (404, None, None),
        (400, None, "validation"),
        (500, "BackendConnectionFailure", "upstream"),
        (500, "ExpressionValueEvaluationFailure", None),
        (504, "Timeout", "upstream"),
        (0, "ClientConnectionFailure", "client_gone"),
        (200, "ClientConnectionFailure", None),
    ],
)
def test_refusals(tmp_path, status, reason, refusal):
    error = {"source": "x", "reason": reason} if reason else None
    event = one(tmp_path, properties={"responseCode": status, "lastError": error})
    assert (event["status"], event["refusal"]) == (status, refusal)


def test_properties_may_be_a_text_of_json_with_other_names(tmp_path):
    old = {
        "Method": "GET", "Url": "https://harbor.azure-api.net/v1/quotes/7?subscription-key=sk_live_abcdef", "ResponseCode": 404,
        "BackendResponseCode": 404, "ApiId": "quotes", "OperationId": "get-quote", "ProductId": "gold", "SubscriptionId": "acme-live",
        "UserId": "jo-1", "RequestSize": 10, "ResponseSize": 20,
    }  # fmt: skip
    record = {**APIM, "properties": json.dumps(old)}
    new = {**APIM, "properties": json.dumps(APIM["properties"])}
    seen = preview(write(tmp_path, json.dumps(record), json.dumps(new), json.dumps({"records": [record, APIM]})))
    assert [(e["method"], e["path"], e["status"], e["credential_ref"]) for e in seen.events] == [
        ("GET", "/v1/quotes/7", 404, "acme-live"),
        ("POST", "/v1/quotes/88213", 201, "acme-live"),
        ("GET", "/v1/quotes/7", 404, "acme-live"),
        ("POST", "/v1/quotes/88213", 201, "acme-live"),
    ]
    assert {**seen.events[1], "line_no": 1} == one(tmp_path)
    assert seen.summary == {"format": "azure_apim", "lines": 4, "accepted": 4, "rejected": 0, "blank": 0}


def test_a_line_of_several_records_counts_as_many(tmp_path):
    socket = {
        **APIM,
        "category": "WebSocketConnectionLogs",
        "operationName": "Microsoft.ApiManagement/WebSocketConnectionLogs",
    }
    wrapped = json.dumps({"records": [APIM, socket, APIM]})
    seen = preview(write(tmp_path, wrapped, '{"records": []}', apim()))
    assert [event["line_no"] for event in seen.events] == [1, 1, 3]
    assert [r["line_no"] for r in seen.rejected] == [1]
    assert seen.summary == {"format": "azure_apim", "lines": 5, "accepted": 3, "rejected": 1, "blank": 1}


def test_an_event_hub_hands_over_arrays_of_what_holds_records(tmp_path):
    line = json.dumps([{"records": [APIM, APIM]}, {"records": []}, {"records": [APIM]}])
    seen = preview(write(tmp_path, line, apim()))
    assert [event["line_no"] for event in seen.events] == [1, 1, 1, 2]
    assert seen.summary == {"format": "azure_apim", "lines": 5, "accepted": 4, "rejected": 0, "blank": 1}


def test_what_is_no_request_is_rejected_with_its_reason(tmp_path):
    lines = [
        apim(),
        apim(category="WebSocketConnectionLogs"),
        apim(category="DeveloperPortalAuditLogs"),
        apim(category="GatewayLlmLogs"),
        apim(category="AzureFirewallNetworkRule"),
        apim(category=None, operationName=None),
        apim(time=None),
        apim(time="soon"),
        apim(properties=dict.fromkeys(APIM["properties"])),
        apim()[:200],
        "",
    ]
    seen = preview(write(tmp_path, *lines))
    reasons = [r["reason"] for r in seen.rejected]
    for reason, said in zip(
        reasons,
        ["WebSocket", "audit record", "language model", "AzureFirewallNetworkRule", "no category", "no time", "no ISO time: soon",
         "without properties", "cut short"],
        strict=True,
    ):  # fmt: skip
        assert said in reason
    assert seen.summary == {"format": "azure_apim", "lines": 11, "accepted": 1, "rejected": 9, "blank": 1}
    assert "sk_live" not in json.dumps([seen.events, seen.rejected])


def test_lines_of_other_formats_are_not_read(tmp_path):
    seen = preview(write(tmp_path, kong(), aws(), '{"records": [{"category": "x"}]}'), "--format", "azure_apim")
    assert seen.summary["accepted"] == 0
    assert preview(write(tmp_path, kong())).summary["format"] == "kong"
