"""Tyk Pump's CSV files."""

import json

import pytest

from tests.sql.requests.lines import preview
from tests.sql.requests.test_sheets import put, sheet

MINUS_ONE = "18446744073709551615"
CALL = {
    "Method": "POST",
    "Host": "api.harbor.example",
    "Path": "/quotes/{id}",
    "RawPath": "/v1/quotes/88213",
    "ContentLength": "412",
    "UserAgent": "harbor-go/3.1",
    "Day": "9",
    "Month": "June",
    "Year": "2026",
    "Hour": "12",
    "ResponseCode": "201",
    "APIKey": "5a1c0d3e",
    "TimeStamp": "2026-06-09 12:00:00.25 +0000 UTC",
    "APIVersion": "Non Versioned",
    "APIName": "quotes",
    "APIID": "a1",
    "OrgID": "o1",
    "OauthID": "",
    "RequestTime": "43",
    "RawRequest": "UE9TVCAvdjEvcXVvdGVz",
    "RawResponse": "",
    "IPAddress": "198.51.100.23",
    "GeoData.Country.ISOCode": "",
    "GeoData.City.GeoNameID": "0",
    "GeoData.City.Names": "",
    "GeoData.Location.Latitude": "18446744073709551611",
    "GeoData.Location.Longitude": "0",
    "GeoData.Location.TimeZone": "",
    "NetworkStats.OpenConnections": "0",
    "NetworkStats.ClosedConnection": "0",
    "NetworkStats.BytesIn": "0",
    "NetworkStats.BytesOut": "0",
    "Latency.Total": "43",
    "Latency.Upstream": "38",
    "Tags": "key-5a1c0d3e;org-o1",
    "Alias": "acme",
    "TrackPath": "false",
    "ExpireAt": "0001-01-01 00:00:00 +0000 UTC",
}


def seen_of(tmp_path, **changes):
    """What is seen of a file with one call."""
    return preview(put(tmp_path, sheet([list(CALL), list({**CALL, **changes}.values())])), "--format", "tyk_csv")


def one(tmp_path, **changes):
    seen = seen_of(tmp_path, **changes)
    assert len(seen.events) == 1, seen
    return seen.events[0]


def test_everything_that_a_call_says(tmp_path):
    seen = preview(put(tmp_path, sheet([list(CALL), list(CALL.values())])))
    assert seen.summary == {"format": "tyk_csv", "lines": 2, "accepted": 1, "rejected": 0, "blank": 1}
    expected = {
        "occurred_at": "2026-06-09T12:00:00.250Z",
        "request_id": None,
        "method": "POST",
        "path": "/v1/quotes/88213",
        "path_template": "/v1/quotes/{id}",
        "route": None,
        "service": "quotes",
        "status": 201,
        "latency_ms": 43,
        "upstream_latency_ms": 38,
        "request_bytes": 412,
        "response_bytes": None,
        "consumer_ref": "acme",
        "client_ip": "198.51.100.23",
        "user_agent": "harbor-go/3.1",
        "refusal": None,
    }
    (event,) = seen.events
    assert {name: event[name] for name in expected} == expected
    assert event["credential_ref"].startswith("key:")
    assert "5a1c0d3e" not in json.dumps(event)


@pytest.mark.parametrize("key", ["00000000", ""])
def test_keyless_calls_have_no_credential(tmp_path, key):
    assert one(tmp_path, APIKey=key)["credential_ref"] is None


def test_one_key_is_one_credential_and_two_are_two(tmp_path):
    first, again, other = (one(tmp_path, APIKey=key)["credential_ref"] for key in ("abcd1234", "abcd1234", "abcd1235"))
    assert first == again != other


def test_numbers_below_zero_wrap_and_are_unknown(tmp_path):
    event = one(tmp_path, ContentLength=MINUS_ONE, **{"Latency.Upstream": MINUS_ONE})
    assert (event["request_bytes"], event["upstream_latency_ms"]) == (None, None)


def test_before_latency_there_was_the_request_time(tmp_path):
    event = one(tmp_path, **{"Latency.Total": "0", "Latency.Upstream": "0"})
    assert (event["latency_ms"], event["upstream_latency_ms"]) == (43, None)
    event = one(tmp_path, RequestTime="0", **{"Latency.Total": "0", "Latency.Upstream": "0"})
    assert (event["latency_ms"], event["upstream_latency_ms"]) == (0, 0)


def test_an_older_pump_has_no_latency_columns(tmp_path):
    call = {name: value for name, value in CALL.items() if not name.startswith("Latency")}
    (event,) = preview(put(tmp_path, sheet([list(call), list(call.values())]))).events
    assert (event["latency_ms"], event["upstream_latency_ms"]) == (43, None)


@pytest.mark.parametrize(
    ("said", "moment"),
    [
        ("2026-06-09 14:00:00.123456789 +0200 CEST", "2026-06-09T12:00:00.123Z"),
        ("2026-06-09 06:30:00 -0530 -0530", "2026-06-09T12:00:00.000Z"),
        ("2026-06-09 12:00:00.5 +0000 UTC m=+0.004", "2026-06-09T12:00:00.500Z"),
    ],
)
def test_times_as_go_writes_them(tmp_path, said, moment):
    assert one(tmp_path, TimeStamp=said)["occurred_at"] == moment


def test_the_year_one_is_no_time(tmp_path):
    (reject,) = seen_of(tmp_path, TimeStamp="0001-01-01 00:00:00 +0000 UTC").rejected
    assert reject["reason"].startswith("TimeStamp is no time of a call: 0001-01-01")
    for secret in ("5a1c0d3e,", CALL["RawRequest"]):
        assert secret not in reject["text"]


def test_a_tracked_path_is_a_route(tmp_path):
    event = one(tmp_path, TrackPath="true")
    assert (event["route"], event["path_template"], event["path"]) == (
        "/quotes/{id}",
        "/quotes/{id}",
        "/v1/quotes/88213",
    )


@pytest.mark.parametrize(
    ("status", "refusal"), [("401", "auth"), ("429", "rate_limit"), ("404", None), ("504", "upstream")]
)
def test_refusals(tmp_path, status, refusal):
    assert one(tmp_path, ResponseCode=status)["refusal"] == refusal
