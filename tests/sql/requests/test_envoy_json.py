"""JSON access logs of Envoy, Istio and Envoy Gateway, with either family of keys."""

import json

import pytest

from sql.requests import EVENT_COLUMNS
from tests.sql.requests.lines import COMBINED_LINE, aws, kong, merged, preview, write
from tests.sql.test_ingest import both_ways

ISTIO = {
    "start_time": "2026-06-09T12:00:00.250Z",
    "method": "GET",
    "path": "/v1/rates/42?zone=4",
    "protocol": "HTTP/2",
    "response_code": 200,
    "response_flags": "-",
    "response_code_details": "via_upstream",
    "connection_termination_details": None,
    "upstream_transport_failure_reason": None,
    "bytes_received": 7,
    "bytes_sent": 512,
    "duration": 14,
    "upstream_service_time": "12",
    "x_forwarded_for": "203.0.113.8, 10.0.0.4",
    "user_agent": "harbor-go/3.1",
    "request_id": "7c9e6679-7425-40de-944b-e07fc1f90ae7",
    "authority": "api.harbor.example",
    "upstream_host": "10.8.0.4:8080",
    "upstream_cluster": "outbound|8080||rates.shop.svc.cluster.local",
    "downstream_remote_address": "10.0.0.4:51022",
    "route_name": "rates-write",
}
RENAMED = {
    "path": "x-envoy-origin-path",
    "upstream_service_time": "x-envoy-upstream-service-time",
    "x_forwarded_for": "x-forwarded-for",
    "user_agent": "user-agent",
    "request_id": "x-request-id",
    "authority": ":authority",
}
GATEWAY = {RENAMED.get(key, key): value for key, value in ISTIO.items()} | {
    "upstream_cluster": "httproute/shop/rates/rule/0"
}
TEXTS = {key: "-" if value is None else str(value) for key, value in GATEWAY.items()}
FAMILIES = {"istio": ISTIO, "gateway": GATEWAY, "gateway, all texts": TEXTS}


def one(tmp_path, record):
    """The only event of a file with one record."""
    seen = preview(write(tmp_path, json.dumps(record)))
    assert seen.summary == {"format": "envoy_json", "lines": 1, "accepted": 1, "rejected": 0, "blank": 0}, seen
    return seen.events[0]


@pytest.mark.parametrize("family", FAMILIES)
def test_either_family_of_keys_says_the_same(tmp_path, family):
    event = one(tmp_path, FAMILIES[family])
    assert tuple(event) == EVENT_COLUMNS
    assert {name: value for name, value in event.items() if value is not None} == {
        "occurred_at": "2026-06-09T12:00:00.250Z",
        "surface": "api",
        "request_id": "7c9e6679-7425-40de-944b-e07fc1f90ae7",
        "method": "GET",
        "path": "/v1/rates/42",
        "path_template": "/v1/rates/{id}",
        "route": "rates-write",
        "service": FAMILIES[family]["upstream_cluster"],
        "status": 200,
        "latency_ms": 14.0,
        "upstream_latency_ms": 12.0,
        "request_bytes": 7,
        "response_bytes": 512,
        "client_ip": "203.0.113.8",
        "user_agent": "harbor-go/3.1",
        "line_no": 1,
    }


@pytest.mark.parametrize("none", [None, "-"])
@pytest.mark.parametrize("family", ["istio", "gateway"])
def test_a_dash_and_null_are_none(tmp_path, family, none):
    kept = ("start_time", "response_code", "duration", "protocol", "downstream_remote_address", "method")
    event = one(tmp_path, {key: value if key in kept else none for key, value in FAMILIES[family].items()})
    assert {name: value for name, value in event.items() if value is not None} == {
        "occurred_at": "2026-06-09T12:00:00.250Z",
        "surface": "api",
        "method": "GET",
        "status": 200,
        "latency_ms": 14.0,
        "client_ip": "10.0.0.4",
        "line_no": 1,
    }


def test_a_client_that_went_away(tmp_path):
    event = one(tmp_path, ISTIO | {"response_code": 0, "response_flags": "DC", "method": None, "path": None})
    assert (event["status"], event["refusal"], event["method"], event["path"]) == (0, "client_gone", None, None)


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"response_code": 404, "response_flags": "NR"}, "no_route"),
        ({"response_code": 404}, None),
        ({"response_code": "429", "response_flags": "RL"}, "rate_limit"),
        ({"response_code": 403, "response_flags": "UAEX"}, "auth"),
        ({"response_code": 503, "response_flags": "UF,URX"}, "upstream"),
        ({"response_code": 500}, None),
        ({"response_code": 500, "upstream_host": "-"}, "upstream"),
    ],
)
def test_refusals(tmp_path, changes, refusal):
    assert one(tmp_path, ISTIO | changes)["refusal"] == refusal


def test_an_inbound_cluster_without_a_name_gets_the_host(tmp_path):
    event = one(tmp_path, ISTIO | {"upstream_cluster": "inbound|8080||", "authority": "rates.shop:8080"})
    assert event["service"] == "inbound|8080||rates.shop"


def test_of_a_key_in_the_query_string_a_hash_is_kept(tmp_path):
    seen = preview(write(tmp_path, json.dumps(ISTIO | {"path": "/v1/rates?api_key=sk_live_abcdef"})))
    assert seen.events[0]["credential_ref"].startswith("key:")
    assert "sk_live" not in json.dumps(seen.events)


def test_what_is_no_request_is_rejected_with_its_reason(tmp_path):
    tcp = merged(ISTIO, {"method": None, "path": None, "protocol": None, "response_code": 0})
    lines = {
        json.dumps(tcp): "a TCP connection, not a request",
        json.dumps(tcp | {"method": "-", "path": "-", "protocol": "-"}): "a TCP connection, not a request",
        json.dumps(ISTIO)[:200]: "not a JSON object",
        json.dumps(ISTIO | {"start_time": "noon"}): "start_time is no time that is known: noon",
        json.dumps({"level": "info", "msg": "ready"}): "no start_time",
        json.dumps({"start_time": ISTIO["start_time"]}): "no response_code and no method",
        kong(): "no start_time",
    }
    seen = preview(write(tmp_path, *[json.dumps(ISTIO)] * 9, *lines, ""))
    assert seen.summary == {"format": "envoy_json", "lines": 17, "accepted": 9, "rejected": 7, "blank": 1}
    for rejected, reason in zip(seen.rejected, lines.values(), strict=True):
        assert reason in rejected["reason"]


def test_an_array_is_several_records(tmp_path):
    seen = preview(write(tmp_path, json.dumps([ISTIO, GATEWAY]), json.dumps(ISTIO)))
    assert [event["line_no"] for event in seen.events] == [1, 1, 2]


@pytest.mark.parametrize(
    "other", [kong(), aws(), COMBINED_LINE, '{"timestamp": "2026-06-09T12:00:00Z", "response_code": 200}']
)
def test_lines_of_other_formats_are_none_of_this_one(tmp_path, other):
    path = write(tmp_path, other)
    assert preview(path).summary["format"] != "envoy_json"
    assert preview(path, "--format", "envoy_json").summary["accepted"] == 0


def test_real_lines(cases):
    seen = preview(cases / "envoy_istio" / "crowdsec_envoy.log")
    assert seen.summary == {"format": "envoy_json", "lines": 4, "accepted": 3, "rejected": 1, "blank": 0}
    assert [event["status"] for event in seen.events] == [200, 301, 404]
    assert [event["refusal"] for event in seen.events] == [None, None, None]
    assert seen.events[0]["occurred_at"] == "2025-12-31T16:37:40.479Z"
    assert [event["line_no"] for event in seen.events] == [1, 2, 3]


def test_the_quick_and_the_careful_way_give_the_same_rows(tmp_path, monkeypatch):
    odd = [
        ISTIO | {"duration": "x"},
        ISTIO | {"bytes_sent": 1e300},
        ISTIO | {"response_code": {}},
        {"start_time": 5},
        ISTIO | {"x_forwarded_for": ["a"]},
    ]
    records = [*FAMILIES.values(), *FAMILIES.values(), *odd, *FAMILIES.values(), *FAMILIES.values()] * 2
    texts = [json.dumps(record) for record in records] + [json.dumps(ISTIO)[:99], f"[{json.dumps(ISTIO)}]"]
    quick, careful = both_ways(tmp_path, monkeypatch, texts)
    assert quick == careful
    assert quick["lines"] == len(texts)
    assert quick["accepted"] >= 27
