"""Apigee's analytics export as CSV."""

import json

import pytest

from tests.sql.requests.lines import STARTED_MS, preview
from tests.sql.requests.test_sheets import put, sheet

KEY = "Kx7dQ2mB9sW4zR1t"
CALL = {
    "organization": "harbor",
    "environment": "prod",
    "apiproxy": "quotes-v1",
    "gateway_flow_id": "rrt012ab-7-1-1",
    "client_received_start_timestamp": str(STARTED_MS),
    "client_sent_end_timestamp": str(STARTED_MS + 43),
    "target_sent_start_timestamp": str(STARTED_MS + 2),
    "target_received_end_timestamp": str(STARTED_MS + 40),
    "request_verb": "GET",
    "request_path": "/quotes/v1/88213",
    "request_uri": "/quotes/v1/88213?apikey=" + KEY,
    "proxy_basepath": "/quotes/v1",
    "response_status_code": "200",
    "client_id": KEY,
    "access_token": "",
    "developer": "harbor@@@d-17",
    "developer_app": "harbor-web",
    "developer_email": "jo@acme.example",
    "api_product": "gold",
    "client_ip": "10.0.0.4",
    "x_forwarded_for_ip": "198.51.100.23",
    "useragent": "harbor-go/3.1",
    "request_size": "0",
    "response_size": "1530",
    "ax_execution_fault_code": "(not set)",
}


def one(tmp_path, delimiter=",", **changes):
    """The only event of an export of one call."""
    rows = [list(CALL), list({**CALL, **changes}.values())]
    seen = preview(put(tmp_path, sheet(rows, delimiter)))
    assert (seen.summary["format"], len(seen.events)) == ("apigee_csv", 1), seen
    return seen.events[0]


@pytest.mark.parametrize("delimiter", [",", "|", "\t"])
def test_everything_that_a_call_says(tmp_path, delimiter):
    expected = {
        "occurred_at": "2026-06-09T12:00:00.250Z",
        "request_id": "rrt012ab-7-1-1",
        "method": "GET",
        "path": "/quotes/v1/88213",
        "path_template": "/quotes/v1/{id}",
        "route": "/quotes/v1",
        "service": "quotes-v1",
        "status": 200,
        "latency_ms": 43,
        "upstream_latency_ms": 38,
        "request_bytes": 0,
        "response_bytes": 1530,
        "consumer_ref": "harbor-web",
        "application_ref": "harbor-web",
        "developer_ref": "jo@acme.example",
        "plan_ref": "gold",
        "client_ip": "198.51.100.23",
        "user_agent": "harbor-go/3.1",
        "refusal": None,
    }
    event = one(tmp_path, delimiter)
    assert {name: event[name] for name in expected} == expected
    assert event["credential_ref"].startswith("key:")
    assert KEY not in json.dumps(event)


def test_a_call_without_a_target_has_no_upstream_time(tmp_path):
    for nothing in ("", "0", "(not set)"):
        event = one(tmp_path, target_sent_start_timestamp=nothing, target_received_end_timestamp=nothing)
        assert (event["latency_ms"], event["upstream_latency_ms"]) == (43, None)


def test_not_set_is_unknown(tmp_path):
    nothing = dict.fromkeys(
        (
            "developer_app",
            "developer_email",
            "developer",
            "client_id",
            "api_product",
            "useragent",
            "x_forwarded_for_ip",
        ),
        "(not set)",
    )
    event = one(tmp_path, **nothing)
    for column in ("credential_ref", "consumer_ref", "application_ref", "developer_ref", "plan_ref", "user_agent"):
        assert event[column] is None, column
    assert event["client_ip"] == "10.0.0.4"
    assert one(tmp_path, developer_email="(not set)")["developer_ref"] == "d-17"


@pytest.mark.parametrize(
    ("status", "fault", "refusal"),
    [
        ("429", "policies.ratelimit.QuotaViolation", "quota"),
        ("429", "policies.ratelimit.SpikeArrestViolation", "rate_limit"),
        ("401", "oauth.v2.InvalidApiKey", "auth"),
        ("404", "messaging.adaptors.http.flow.ApplicationNotFound", "no_route"),
        ("404", "(not set)", None),
        ("503", "messaging.adaptors.http.flow.ServiceUnavailable", "upstream"),
    ],
)
def test_refusals(tmp_path, status, fault, refusal):
    assert one(tmp_path, response_status_code=status, ax_execution_fault_code=fault)["refusal"] == refusal


def test_a_key_is_not_kept_of_a_rejected_line(tmp_path):
    rows = [
        list(CALL),
        list(CALL.values()),
        list({**CALL, "client_received_start_timestamp": "later", "client_id": "ab"}.values()),
    ]
    (reject,) = preview(put(tmp_path, sheet(rows))).rejected
    assert reject["reason"] == "client_received_start_timestamp is no time that is known: later"
    assert ",ab," not in reject["text"]
    assert KEY not in reject["text"]
