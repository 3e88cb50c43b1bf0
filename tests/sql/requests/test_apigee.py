"""Apigee's analytics records, with each surprise that they have."""

import json

import pytest

from sql.engines import duckdb as engine
from tests.sql.requests.lines import STARTED_MS, aws, kong, merged, preview, write

APIGEE = {
    "organization": "harbor",
    "environment": "prod",
    "recordType": "APIAnalytics",
    "apiproxy": "quotes",
    "apiproxy_revision": "7",
    "gateway_flow_id": "rt-harbor-31-1",
    "request_verb": "POST",
    "request_path": "/v1/quotes/88213",
    "request_uri": "/v1/quotes/88213?apikey=sk_live_abcdef",
    "proxy_basepath": "/v1/quotes",
    "proxy_pathsuffix": "/88213",
    "response_status_code": 201,
    "request_size": 412,
    "response_size": 1530,
    "client_received_start_timestamp": STARTED_MS,
    "client_received_end_timestamp": STARTED_MS + 1,
    "target_sent_start_timestamp": STARTED_MS + 5,
    "target_sent_end_timestamp": STARTED_MS + 6,
    "target_received_start_timestamp": STARTED_MS + 40,
    "target_received_end_timestamp": STARTED_MS + 45,
    "client_sent_start_timestamp": STARTED_MS + 50,
    "client_sent_end_timestamp": STARTED_MS + 61,
    "client_ip": "10.0.0.4",
    "x_forwarded_for_ip": "198.51.100.23",
    "useragent": "harbor-go/3.1",
    "client_id": "sk_live_abcdef",
    "access_token": "tok_live_abcdef",
    "developer_app": "acme-live",
    "developer_email": "jo@acme.example",
    "api_product": "gold",
}


def apigee(**changes):
    return json.dumps(merged(APIGEE, changes), separators=(",", ":"))


def one(tmp_path, **changes):
    seen = preview(write(tmp_path, apigee(**changes)))
    assert seen.status == 0, seen
    assert len(seen.events) == 1, seen
    return seen.events[0]


def hashed(key):
    with engine.connect() as con:
        return con.execute(f"select 'key:' || keyed_hash({engine.quoted(key)})").fetchone()[0]


def test_every_column_of_a_successful_call(tmp_path):
    event = one(tmp_path)
    assert event == {
        "occurred_at": "2026-06-09T12:00:00.250Z",
        "source": None,
        "surface": "api",
        "environment": "production",
        "request_id": "rt-harbor-31-1",
        "method": "POST",
        "path": "/v1/quotes/88213",
        "path_template": "/v1/quotes/{id}",
        "route": "/v1/quotes/{id}",
        "service": "quotes",
        "status": 201,
        "latency_ms": 61.0,
        "upstream_latency_ms": 40.0,
        "request_bytes": 412,
        "response_bytes": 1530,
        "credential_ref": hashed("sk_live_abcdef"),
        "consumer_ref": None,
        "application_ref": "acme-live",
        "developer_ref": "jo@acme.example",
        "plan_ref": "gold",
        "end_user_ref": None,
        "client_ip": "198.51.100.23",
        "user_agent": "harbor-go/3.1",
        "refusal": None,
        "limit_window": None,
        "limit_calls": None,
        "limit_left": None,
        "line_no": 1,
        "referrer_host": None,
        "client_country": None,
        "client_network": None,
    }
    assert "live_abcdef" not in json.dumps(event)


def test_what_is_not_set_is_null(tmp_path):
    names = (
        "client_id",
        "developer_app",
        "developer_email",
        "api_product",
        "useragent",
        "x_forwarded_for_ip",
        "apiproxy",
    )
    event = one(tmp_path, **dict.fromkeys(names, "(not set)"))
    for column in ("credential_ref", "application_ref", "developer_ref", "plan_ref", "user_agent", "service"):
        assert event[column] is None, column
    assert event["client_ip"] == "10.0.0.4"


def test_the_client_is_the_leftmost_forwarded_address(tmp_path):
    assert one(tmp_path, x_forwarded_for_ip="203.0.113.9, 10.0.0.1")["client_ip"] == "203.0.113.9"


@pytest.mark.parametrize("target", [{"start": None, "end": None}, {"start": 0, "end": 0}])
def test_a_call_without_a_target_has_no_upstream_time(tmp_path, target):
    event = one(tmp_path, target_sent_start_timestamp=target["start"], target_received_end_timestamp=target["end"])
    assert (event["upstream_latency_ms"], event["latency_ms"]) == (None, 61)


def test_no_time_of_sending_is_no_latency(tmp_path):
    assert one(tmp_path, client_sent_end_timestamp=0)["latency_ms"] is None


def test_exports_write_times_as_text_and_numbers_as_text(tmp_path):
    export = {
        "client_received_start_timestamp": "2026-06-09 12:00:00.250 UTC",
        "client_sent_end_timestamp": "2026-06-09 12:00:00.311 UTC",
        "target_sent_start_timestamp": "2026-06-09T12:00:00.255Z",
        "target_received_end_timestamp": "2026-06-09T12:00:00.295Z",
        "response_status_code": "201",
        "request_size": "412",
        "response_size": "1530",
    }
    assert one(tmp_path, **export) == one(tmp_path)
    assert one(tmp_path, client_received_start_timestamp=str(STARTED_MS)) == one(tmp_path)


def test_exports_may_hold_times_taken_instead_of_moments(tmp_path):
    gone = dict.fromkeys(name for name in APIGEE if name.startswith(("target_", "client_sent")))
    event = one(tmp_path, **gone, total_response_time=61, target_response_time=40)
    assert (event["latency_ms"], event["upstream_latency_ms"]) == (61, 40)


@pytest.mark.parametrize(
    ("name", "environment"),
    [("prod", "production"), ("eu-live-1", "production"), ("test", "sandbox"), ("pre-prod", "sandbox"), ("nonprod", "sandbox"),
     ("eval", "sandbox"), ("blue", None), ("latest", None), ("product-team", None), (None, None)],
)  # fmt: skip
def test_an_environment_is_production_or_sandbox_where_its_name_says_so(tmp_path, name, environment):
    assert one(tmp_path, environment=name)["environment"] == environment


@pytest.mark.parametrize(
    ("status", "fault", "refusal"),
    [
        (401, "steps.oauth.v2.FailedToResolveAPIKey", "auth"),
        (429, "policies.ratelimit.QuotaViolation", "quota"),
        (500, "policies.ratelimit.QuotaViolation", "quota"),
        (429, "policies.ratelimit.SpikeArrestViolation", "rate_limit"),
        (429, None, "rate_limit"),
        (404, "messaging.adaptors.http.flow.ApplicationNotFound", "no_route"),
        (404, None, None),
        (400, None, "validation"),
        (504, "messaging.adaptors.http.flow.GatewayTimeout", "upstream"),
        (500, "steps.javascript.ScriptExecutionFailed", None),
        (499, None, "client_gone"),
        (200, None, None),
    ],
)
def test_refusals(tmp_path, status, fault, refusal):
    event = one(tmp_path, response_status_code=status, ax_edge_execution_fault_code=fault)
    assert (event["status"], event["refusal"]) == (status, refusal)


def test_an_upload_is_one_line_of_several_records(tmp_path):
    upload = json.dumps(
        {"organization": "harbor", "environment": "prod", "records": [APIGEE, {"recordType": "x"}, APIGEE]}
    )
    seen = preview(write(tmp_path, upload, '{"records":[]}', apigee()))
    assert [event["line_no"] for event in seen.events] == [1, 1, 3]
    assert seen.summary == {"format": "apigee", "lines": 5, "accepted": 3, "rejected": 1, "blank": 1}


def test_what_is_no_call_is_rejected_with_its_reason(tmp_path):
    lines = [
        apigee(),
        apigee(recordType="trace"),
        apigee(client_received_start_timestamp=None),
        apigee(client_received_start_timestamp="soon"),
        apigee(client_received_start_timestamp=0),
        apigee(request_verb=None, request_path=None, request_uri=None, response_status_code=None),
        apigee()[:300],
        "",
    ]
    seen = preview(write(tmp_path, *lines))
    said = [
        "another kind",
        "no client_received_start",
        "no time that is known: soon",
        "no time that is known",
        "neither",
        "cut short",
    ]
    for reject, words in zip(seen.rejected, said, strict=True):
        assert words in reject["reason"]
    assert seen.summary == {"format": "apigee", "lines": 8, "accepted": 1, "rejected": 6, "blank": 1}


def test_lines_of_other_formats_are_not_read(tmp_path):
    assert preview(write(tmp_path, kong(), aws()), "--format", "apigee").summary["accepted"] == 0
    assert preview(write(tmp_path, aws())).summary["format"] == "aws_api_gateway"
