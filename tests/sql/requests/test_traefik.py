"""Traefik's JSON access log, versions 1 to 3, with each surprise that it has."""

import json
import random

import pytest

from sql.requests import EVENT_COLUMNS
from tests.sql.requests.lines import merged, preview, write
from tests.sql.test_ingest import both_ways

TRAEFIK = {
    "ClientAddr": "198.51.100.31:50112",
    "ClientHost": "198.51.100.31",
    "ClientPort": "50112",
    "ClientUsername": "-",
    "DownstreamContentSize": 918,
    "DownstreamStatus": 201,
    "Duration": 40356,
    "OriginContentSize": 918,
    "OriginDuration": 31200,
    "OriginStatus": 201,
    "Overhead": 9156,
    "RequestAddr": "api.harbor.example",
    "RequestContentSize": 64,
    "RequestHost": "api.harbor.example",
    "RequestMethod": "POST",
    "RequestPath": "/v1/parcels/4711?weight=3",
    "RequestPort": "-",
    "RequestProtocol": "HTTP/2.0",
    "RequestScheme": "https",
    "RetryAttempts": 0,
    "RouterName": "parcels@kubernetescrd",
    "ServiceAddr": "10.1.0.4:8080",
    "ServiceName": "parcels-v1@kubernetescrd",
    "ServiceURL": {"Scheme": "http", "Host": "10.1.0.4:8080"},
    "StartLocal": "2026-06-09T14:00:00.250123456+02:00",
    "StartUTC": "2026-06-09T12:00:00.250123456Z",
    "downstream_Content-Type": "application/json",
    "entryPointName": "websecure",
    "level": "info",
    "msg": "",
    "request_User-Agent": "harbor-go/3.1",
    "request_Referer": "https://www.acme.example/shop?q=1",
    "time": "2026-06-09T12:00:01Z",
}


def traefik(**changes):
    """A Traefik line: a successful call with changes."""
    return json.dumps(merged(TRAEFIK, changes), separators=(",", ":"))


def one(tmp_path, **changes):
    """The only event of a file with one Traefik line."""
    seen = preview(write(tmp_path, traefik(**changes)))
    assert seen.summary["format"] == "traefik", seen
    assert len(seen.events) == 1, seen
    return seen.events[0]


def test_every_column_of_a_successful_call(tmp_path):
    event = one(tmp_path)
    assert tuple(event) == EVENT_COLUMNS
    said = {
        "occurred_at": "2026-06-09T12:00:00.250Z",
        "surface": "api",
        "method": "POST",
        "path": "/v1/parcels/4711",
        "path_template": "/v1/parcels/{id}",
        "route": "parcels@kubernetescrd",
        "service": "parcels-v1@kubernetescrd",
        "status": 201,
        "latency_ms": 0.040356,
        "upstream_latency_ms": 0.0312,
        "request_bytes": 64,
        "response_bytes": 918,
        "client_ip": "198.51.100.31",
        "user_agent": "harbor-go/3.1",
        "line_no": 1,
        "referrer_host": "www.acme.example",
    }
    assert event == {name: said.get(name) for name in EVENT_COLUMNS}


def test_version_1_has_other_names(tmp_path):
    event = one(
        tmp_path, RouterName=None, ServiceName=None, FrontendName="Host-api-1", BackendName="backend-parcels",
        ServiceURL=None, BackendURL={"Host": "10.1.0.4"}, DownstreamStatusLine="201 Created",
    )  # fmt: skip
    assert (event["route"], event["service"], event["status"]) == ("Host-api-1", "backend-parcels", 201)
    event = one(
        tmp_path, RouterName=None, ServiceName=None, FrontendName="backend not found", BackendName="Traefik", DownstreamStatus=404
    )  # fmt: skip
    assert (event["route"], event["refusal"]) == (None, "no_route")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "2026-06-09T12:00:00.250Z"),
        ({"StartUTC": None}, "2026-06-09T12:00:00.250Z"),
        ({"StartUTC": None, "StartLocal": "2026-06-09T06:30:00.5-05:30"}, "2026-06-09T12:00:00.500Z"),
        ({"StartUTC": None, "StartLocal": None}, "2026-06-09T12:00:01.000Z"),
        ({"StartUTC": None, "StartLocal": None, "time": "2026-06-09T14:00:01+02:00"}, "2026-06-09T12:00:01.000Z"),
    ],
)
def test_the_start_in_utc_then_local_then_the_time_of_the_record(tmp_path, changes, expected):
    assert one(tmp_path, **changes)["occurred_at"] == expected


def test_a_call_that_no_service_answered_has_the_status_the_client_got_and_no_upstream_time(tmp_path):
    event = one(tmp_path, OriginStatus=0, DownstreamStatus=204, OriginDuration=0)
    assert (event["status"], event["upstream_latency_ms"], event["refusal"]) == (204, None, None)
    event = one(tmp_path, OriginStatus=None, OriginDuration=None, DownstreamStatus=308)
    assert (event["status"], event["upstream_latency_ms"], event["latency_ms"]) == (308, None, 0.040356)


def test_a_duration_below_the_origin_s_stays_as_it_is(tmp_path):
    event = one(tmp_path, Duration=1_000_000, OriginDuration=1_500_000)
    assert (event["latency_ms"], event["upstream_latency_ms"]) == (1.0, 1.5)


def test_retries_are_one_call(tmp_path):
    seen = preview(write(tmp_path, traefik(RetryAttempts=3, OriginStatus=200, DownstreamStatus=200)))
    assert [(event["status"], event["refusal"]) for event in seen.events] == [(200, None)]


@pytest.mark.parametrize(
    ("changes", "client"),
    [
        ({"ClientHost": "203.0.113.7,10.0.0.1"}, "203.0.113.7"),
        ({"ClientHost": "203.0.113.7, 10.0.0.1"}, "203.0.113.7"),
        ({"ClientHost": None}, "198.51.100.31"),
        ({"ClientHost": "2001:db8::7"}, "2001:db8::7"),
        ({"ClientHost": "-", "ClientAddr": "[2001:db8::8]:443"}, "2001:db8::8"),
        ({"request_X-Forwarded-For": "192.0.2.9, 198.51.100.31"}, "192.0.2.9"),
        ({"request_X-Forwarded-For": "REDACTED"}, "198.51.100.31"),
    ],
)
def test_the_client_s_address(tmp_path, changes, client):
    assert one(tmp_path, **changes)["client_ip"] == client


def test_kept_headers_and_those_taken_out(tmp_path):
    event = one(tmp_path, ClientUsername="acme", **{"request_X-Request-Id": "req-9", "request_User-Agent": "REDACTED"})
    assert (event["consumer_ref"], event["request_id"], event["user_agent"]) == ("acme", "req-9", None)


def test_absent_fields_are_null(tmp_path):
    names = ("Duration", "OriginDuration", "RequestContentSize", "DownstreamContentSize", "RouterName", "ServiceName",
             "ClientHost", "ClientAddr", "request_User-Agent", "RequestPath")  # fmt: skip
    event = one(tmp_path, **dict.fromkeys(names))
    for column in ("latency_ms", "upstream_latency_ms", "request_bytes", "response_bytes", "route", "service", "client_ip",
                   "user_agent", "path", "credential_ref", "consumer_ref"):  # fmt: skip
        assert event[column] is None, column


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"DownstreamStatus": 401}, "auth"),
        ({"DownstreamStatus": 422}, "validation"),
        ({"DownstreamStatus": 404}, None),
        ({"DownstreamStatus": 404, "RouterName": None, "ServiceName": None, "OriginStatus": None}, "no_route"),
        ({"DownstreamStatus": 429}, "rate_limit"),
        ({"DownstreamStatus": 429, "downstream_Retry-After": "7200"}, "quota"),
        ({"DownstreamStatus": 502, "OriginStatus": 502}, "upstream"),
        ({"DownstreamStatus": 500, "OriginStatus": 500}, None),
        ({"DownstreamStatus": 500, "OriginStatus": 0}, "upstream"),
        ({"DownstreamStatus": 499, "OriginStatus": 499}, "client_gone"),
    ],
)
def test_refusals(tmp_path, changes, refusal):
    assert one(tmp_path, **changes)["refusal"] == refusal


def test_lines_between_the_records_are_rejected_with_their_reason(tmp_path):
    lines = [
        traefik(),
        "DEBUG: GeoBlock: 2026/06/09 12:00:00 request allowed [198.51.100.31] for country [NL]",
        'time="2026-06-09T12:00:00Z" level=debug msg="Creating middleware" middlewareName=auth',
        json.dumps({"level": "debug", "msg": "Serving default certificate", "time": "2026-06-09T12:00:00Z"}),
        traefik()[:150],
        "",
        traefik(StartUTC="soon"),
        json.dumps({"DownstreamStatus": 200, "RequestMethod": "GET"}),
        json.dumps({"StartUTC": "2026-06-09T12:00:00Z"}),
        traefik(),
    ]
    seen = preview(write(tmp_path, *lines))
    assert seen.summary == {"format": "traefik", "lines": 10, "accepted": 2, "rejected": 7, "blank": 1}
    reasons = {r["line_no"]: r["reason"] for r in seen.rejected}
    assert "plugins" in reasons[2]
    assert "plugins" in reasons[3]
    assert "own log (level debug)" in reasons[4]
    assert "cut short" in reasons[5]
    assert "soon" in reasons[7]
    assert "without a time" in reasons[8]
    assert "no DownstreamStatus" in reasons[9]


def test_no_secret_lands(tmp_path):
    secrets = {
        "request_X-Api-Key": "hb_9f8e7d6c5b",
        "request_Authorization": "Bearer tk_1a2b3c4d5e",
        "request_Cookie": "session=ck_00112233",
        "downstream_Set-Cookie": "session=ck_44556677",
        "origin_X-Auth-Token": "at_8899aabb",
    }
    event = one(tmp_path, **secrets)
    assert event["credential_ref"].startswith("key:")
    assert one(tmp_path, RequestPath="/v1/x?api_key=hb_9f8e7d6c5b")["credential_ref"] == event["credential_ref"]
    seen = preview(
        write(
            tmp_path,
            traefik(**secrets, RequestPath="/v1/x?api_key=hb_9f8e7d6c5b"),
            traefik(**secrets, StartUTC="x"),
            traefik(**secrets)[:-9],
        )
    )
    assert (len(seen.events), len(seen.rejected)) == (1, 2)
    shown = json.dumps([seen.events, seen.rejected])
    for secret in ("hb_9f8e7d6c5b", "tk_1a2b3c4d5e", "ck_00112233", "ck_44556677", "at_8899aabb", "weight=3"):
        assert secret not in shown, secret


def test_the_quick_and_the_careful_way_give_the_same_rows(tmp_path, monkeypatch):
    draw = random.Random(3)
    lines = [
        traefik(
            StartUTC=draw.choice([TRAEFIK["StartUTC"], "2026-06-10T01:02:03Z", None]),
            DownstreamStatus=draw.choice([200, "204", 404, 500, "x", 1e9, None]),
            Duration=draw.choice([5, "7", -1, 1e300, "x", None]),
            ServiceURL=draw.choice(["http://a", {"Host": "a"}, None]),
            ClientHost=draw.choice(["1.2.3.4,5.6.7.8", "::1", "", 7, None]),
            RouterName=draw.choice(["a@b", "a@b -> c@d", None, [], {}]),
        )
        for _ in range(1500)
    ]
    for place in range(0, 1500, 60):
        lines[place] = draw.choice(
            ["", "DEBUG plugin", f"[{traefik()},{traefik()}]", traefik()[:-30], "[]", "{}", "null"]
        )
    quick, careful = both_ways(tmp_path, monkeypatch, lines)
    assert quick == careful
    assert quick["accepted"] > 1300


def test_lines_of_another_project(cases):
    seen = preview(cases / "traefik" / "crowdsec_traefik_json.log")
    assert seen.summary["format"] == "traefik"
    assert seen.rejected == []
    assert [e["status"] for e in seen.events] == [200] * 3
    assert [e["latency_ms"] for e in seen.events] == [0.357313, 0.564849, 2.001375]
    assert [e["user_agent"] for e in seen.events] == ["Nikto", "Nikto", None]
    assert [e["client_ip"] for e in seen.events] == ["172.17.0.1", "172.17.0.1", "192.168.65.1"]
    assert seen.events[2]["service"] == "whoami@file"
