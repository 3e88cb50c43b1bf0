"""KrakenD Enterprise's access log in JSON."""

import json

import pytest

from sql.requests import EVENT_COLUMNS
from tests.sql.requests.lines import aws, kong, merged, preview, write

RECORD = {
    "prefix": "[KRAKEND]",
    "time": "2026/06/09 - 12:00:01.250",
    "status_code": 200,
    "latency": "0.013",
    "client_ip": "203.0.113.8",
    "method": "GET",
    "path": "/v1/rates/42",
}


def one(tmp_path, **changes):
    """The only event of a file with one record."""
    seen = preview(write(tmp_path, json.dumps(merged(RECORD, changes))))
    assert seen.summary == {"format": "krakend_json", "lines": 1, "accepted": 1, "rejected": 0, "blank": 0}, seen
    return seen.events[0]


def test_every_column(tmp_path):
    event = one(tmp_path)
    assert tuple(event) == EVENT_COLUMNS
    assert {name: value for name, value in event.items() if value is not None} == {
        "occurred_at": "2026-06-09T12:00:01.237Z",
        "surface": "api",
        "method": "GET",
        "path": "/v1/rates/42",
        "path_template": "/v1/rates/{id}",
        "status": 200,
        "latency_ms": 13.0,
        "client_ip": "203.0.113.8",
        "line_no": 1,
    }


@pytest.mark.parametrize(
    ("latency", "expected"), [("1.5", 1500), (0.25, 250), ("2.000s", 2000), ("", None), (None, None)]
)
def test_a_latency_is_in_seconds(tmp_path, latency, expected):
    assert one(tmp_path, latency=latency)["latency_ms"] == expected


def test_of_a_key_in_the_query_string_a_hash_is_kept(tmp_path):
    event = one(tmp_path, path="/v1/rates?api_key=sk_live_abcdef", status_code="404")
    assert event["credential_ref"].startswith("key:")
    assert "sk_live" not in json.dumps(event)
    assert event["refusal"] == "no_route"


def test_what_is_no_request_is_rejected_with_its_reason(tmp_path):
    lines = {
        json.dumps(RECORD | {"time": "noon"}): "time is not as KrakenD writes it: noon",
        json.dumps(RECORD | {"time": "2026-06-09T12:00:01Z"}): "time is not as KrakenD writes it",
        json.dumps(merged(RECORD, {"status_code": None})): "no status_code or path",
        json.dumps(RECORD)[:50]: "not a JSON object",
        kong(): "no time",
        aws(): "no time",
    }
    seen = preview(write(tmp_path, *[json.dumps(RECORD)] * 9, *lines, ""))
    assert seen.summary == {"format": "krakend_json", "lines": 16, "accepted": 9, "rejected": 6, "blank": 1}
    for rejected, reason in zip(seen.rejected, lines.values(), strict=True):
        assert reason in rejected["reason"]
