"""Azure API Management's gateway logs as Log Analytics exports them."""

import json

import pytest

from tests.sql.requests.test_sheets import put, sheet

from tests.sql.requests.lines import preview  # isort: skip

CALL = {
    "TenantId": "2c9c1d7e-1111-4222-8333-94445555abcd",
    "TimeGenerated [UTC]": "6/9/2026, 12:00:00.250 PM",
    "CorrelationId": "c0ffee00-1111-4222-8333-944455556666",
    "CallerIpAddress": "198.51.100.23",
    "Method": "POST",
    "Url": "https://quotes.azure.example:443/v1/quotes/88213?subscription-key=0123456789abcdef0123456789abcdef",
    "ResponseCode": "201",
    "TotalTime": "243",
    "BackendTime": "54",
    "ClientTime": "190",
    "RequestSize": "412",
    "ResponseSize": "1530",
    "ApiId": "quotes",
    "OperationId": "quotes-create",
    "ProductId": "starter",
    "UserId": "dev-17",
    "ApimSubscriptionId": "sub-8",
    "LastErrorReason": "",
    "RequestHeaders": "",
}


def one(tmp_path, **changes):
    """The only event of a file with one call."""
    seen = preview(put(tmp_path, sheet([list(CALL), list({**CALL, **changes}.values())])))
    assert (seen.summary["format"], len(seen.events)) == ("azure_apim_csv", 1), seen
    return seen.events[0]


def test_everything_that_a_call_says(tmp_path):
    expected = {
        "occurred_at": "2026-06-09T12:00:00.250Z",
        "request_id": "c0ffee00-1111-4222-8333-944455556666",
        "method": "POST",
        "path": "/v1/quotes/88213",
        "path_template": "/v1/quotes/{id}",
        "route": "quotes-create",
        "service": "quotes",
        "status": 201,
        "latency_ms": 243,
        "upstream_latency_ms": 54,
        "request_bytes": 412,
        "response_bytes": 1530,
        "credential_ref": "sub-8",
        "consumer_ref": "dev-17",
        "developer_ref": "dev-17",
        "plan_ref": "starter",
        "client_ip": "198.51.100.23",
        "user_agent": None,
        "refusal": None,
    }
    event = one(tmp_path)
    assert {name: event[name] for name in expected} == expected
    assert "0123456789abcdef" not in json.dumps(event)


@pytest.mark.parametrize(
    ("said", "moment"),
    [
        ("6/9/2026, 12:00:00 AM", "2026-06-09T00:00:00.000Z"),
        ("12/31/2026, 1:02:03.999 PM", "2026-12-31T13:02:03.999Z"),
        ("2026-06-09T12:00:00.1234567Z", "2026-06-09T12:00:00.123Z"),
        ("2026-06-09 12:00:00+02:00", "2026-06-09T10:00:00.000Z"),
    ],
)
def test_times(tmp_path, said, moment):
    assert one(tmp_path, **{"TimeGenerated [UTC]": said})["occurred_at"] == moment


def test_the_day_comes_after_the_month(tmp_path):
    rows = [
        list(CALL),
        list({**CALL, "TimeGenerated [UTC]": "31/12/2026, 1:02:03.999 PM"}.values()),
        list(CALL.values()),
    ]
    seen = preview(put(tmp_path, sheet(rows)))
    assert [reject["reason"] for reject in seen.rejected] == [
        "TimeGenerated is no time that is known: 31/12/2026, 1:02:03.999 PM"
    ]


def test_the_administrators_key_is_nobodys(tmp_path):
    event = one(tmp_path, ApimSubscriptionId="master", UserId="1")
    assert (event["credential_ref"], event["consumer_ref"], event["developer_ref"], event["plan_ref"]) == (
        "master", None, None, None)  # fmt: skip


def test_the_backend_may_take_longer_than_the_whole(tmp_path):
    event = one(tmp_path, TotalTime="50", BackendTime="54")
    assert (event["latency_ms"], event["upstream_latency_ms"]) == (50, 54)


def test_what_is_not_said_is_unknown(tmp_path):
    event = one(
        tmp_path, TotalTime="", BackendTime="", RequestSize="", UserId="", ApimSubscriptionId="", ResponseCode="499"
    )
    for column in ("latency_ms", "upstream_latency_ms", "request_bytes", "consumer_ref", "credential_ref"):
        assert event[column] is None, column
    assert (event["status"], event["refusal"]) == (499, "client_gone")


def test_headers_that_are_logged_name_the_agent_and_the_first_address(tmp_path):
    headers = json.dumps({"User-Agent": "harbor-go/3.1", "X-Forwarded-For": "203.0.113.9, 10.0.0.1", "Ocp-Apim": "k"})
    event = one(tmp_path, RequestHeaders=headers)
    assert (event["user_agent"], event["client_ip"]) == ("harbor-go/3.1", "203.0.113.9")


@pytest.mark.parametrize(
    ("status", "reason", "refusal"),
    [
        ("401", "SubscriptionKeyInvalid", "auth"),
        ("403", "QuotaExceeded", "quota"),
        ("403", "CallerIpNotAllowed", "auth"),
        ("429", "RateLimitExceeded", "rate_limit"),
        ("404", "OperationNotFound", "no_route"),
        ("404", "", None),
        ("500", "BackendConnectionFailure", None),
        ("503", "", "upstream"),
        ("200", "QuotaExceeded", None),
    ],
)
def test_refusals(tmp_path, status, reason, refusal):
    assert one(tmp_path, ResponseCode=status, LastErrorReason=reason)["refusal"] == refusal
