"""Envoy's and Istio's text access logs, in each layout that they have had."""

import json
from datetime import datetime

import pytest

from sql.requests import EVENT_COLUMNS
from tests.sql.requests.lines import COMBINED_LINE, aws, kong, preview, write
from tests.sql.test_ingest import both_ways

STAMP = "[2026-06-09T12:00:00.250Z]"
FORWARDED = '"203.0.113.8, 10.0.0.4" "harbor-go/3.1" "7c9e6679-7425-40de-944b-e07fc1f90ae7" "api.harbor.example" "10.8.0.4:8080"'
TAIL = "outbound|8080||rates.shop.svc.cluster.local 10.8.0.9:41022 10.8.0.9:8443 10.0.0.4:51022 api.harbor.example"
REQUEST = '"GET /v1/rates/42?zone=4 HTTP/2"'
PLAIN = f"{STAMP} {REQUEST} 200 - 7 512 14 12 {FORWARDED}"
ISTIO = f'{STAMP} {REQUEST} 200 - via_upstream - "-" 7 512 14 12 {FORWARDED} {TAIL} rates-write'
LAYOUTS = {
    "envoy": PLAIN,
    "envoy with details": f'{STAMP} {REQUEST} 200 - via_upstream - "-" 7 512 14 12 {FORWARDED}',
    "envoy with details, no transport failure": f"{STAMP} {REQUEST} 200 - via_upstream - 7 512 14 12 {FORWARDED}",
    "istio": ISTIO,
    "istio 1.1": f'{STAMP} {REQUEST} 200 - "-" 7 512 14 12 {FORWARDED} {TAIL}',
    "istio 1.5": f'{STAMP} {REQUEST} 200 - "-" "-" 7 512 14 12 {FORWARDED} {TAIL} default',
}


def one(tmp_path, line):
    """The only event of a file with one line."""
    seen = preview(write(tmp_path, line))
    assert seen.summary == {"format": "envoy", "lines": 1, "accepted": 1, "rejected": 0, "blank": 0}, seen
    return seen.events[0]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_says_the_same(tmp_path, layout):
    event = one(tmp_path, LAYOUTS[layout])
    assert tuple(event) == EVENT_COLUMNS
    said = {name: value for name, value in event.items() if value is not None}
    is_istio = layout.startswith("istio")
    routes = {"istio": {"route": "rates-write"}, "istio 1.5": {"route": "default"}}
    assert said == {
        "occurred_at": "2026-06-09T12:00:00.250Z",
        "surface": "api",
        "request_id": "7c9e6679-7425-40de-944b-e07fc1f90ae7",
        "method": "GET",
        "path": "/v1/rates/42",
        "path_template": "/v1/rates/{id}",
        "service": "outbound|8080||rates.shop.svc.cluster.local" if is_istio else "api.harbor.example",
        "status": 200,
        "latency_ms": 14.0,
        "upstream_latency_ms": 12.0,
        "request_bytes": 7,
        "response_bytes": 512,
        "client_ip": "203.0.113.8",
        "user_agent": "harbor-go/3.1",
        "line_no": 1,
        **routes.get(layout, {}),
    }


def test_a_dash_is_none(tmp_path):
    event = one(
        tmp_path,
        f'{STAMP} "GET / HTTP/1.1" 200 - - - "-" 0 0 3 - "-" "-" "-" "-" "-" - - - - - -',
    )
    columns = (
        "upstream_latency_ms",
        "client_ip",
        "user_agent",
        "request_id",
        "service",
        "route",
        "credential_ref",
        "refusal",
    )
    assert {event[column] for column in columns} == {None}
    assert (event["latency_ms"], event["request_bytes"], event["response_bytes"]) == (3, 0, 0)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_client_that_went_away_before_it_asked(tmp_path, layout):
    line = LAYOUTS[layout].replace(REQUEST, '"- - HTTP/1.1"').replace(" 200 - ", " 0 DC ").replace(" 14 12 ", " 14 - ")
    event = one(tmp_path, line)
    assert (event["method"], event["path"], event["path_template"], event["status"]) == (None, None, None, 0)
    assert (event["refusal"], event["upstream_latency_ms"]) == ("client_gone", None)


@pytest.mark.parametrize(
    ("forwarded", "address"),
    [
        ("203.0.113.8", "203.0.113.8"),
        ("203.0.113.8, 10.0.0.1, 10.0.0.2", "203.0.113.8"),
        ("203.0.113.8,10.0.0.1", "203.0.113.8"),
        ("203.0.113.8:5511, 10.0.0.1", "203.0.113.8"),
        ("2001:db8::7, 10.0.0.1", "2001:db8::7"),
        ("[2001:db8::7]:443", "2001:db8::7"),
        ("-", "10.0.0.4"),
    ],
)
def test_the_client_is_the_leftmost_forwarded_address_else_the_peer(tmp_path, forwarded, address):
    assert one(tmp_path, ISTIO.replace("203.0.113.8, 10.0.0.4", forwarded))["client_ip"] == address


def test_a_peer_of_version_6(tmp_path):
    line = ISTIO.replace("203.0.113.8, 10.0.0.4", "-").replace("10.0.0.4:51022", "[2001:db8::9]:51022")
    assert one(tmp_path, line)["client_ip"] == "2001:db8::9"


@pytest.mark.parametrize("layout", LAYOUTS)
def test_quotes_in_what_a_client_sends(tmp_path, layout):
    event = one(tmp_path, LAYOUTS[layout].replace("harbor-go/3.1", 'a "b" c').replace("/v1/rates/42", '/v1/"rates"/42'))
    assert (event["user_agent"], event["path"]) == ('a "b" c', '/v1/"rates"/42')
    assert (event["status"], event["latency_ms"], event["client_ip"]) == (200, 14, "203.0.113.8")


@pytest.mark.parametrize(
    ("status", "refusal"),
    [
        ("200 -", None),
        ("401 -", "auth"),
        ("403 UAEX", "auth"),
        ("404 -", None),
        ("404 NR", "no_route"),
        ("404 DC,NR", "no_route"),
        ("422 -", "validation"),
        ("429 RL", "rate_limit"),
        ("499 DC", "client_gone"),
        ("500 -", None),
        ("503 UF,URX", "upstream"),
        ("504 UT", "upstream"),
    ],
)
def test_refusals(tmp_path, status, refusal):
    assert one(tmp_path, ISTIO.replace("200 -", status))["refusal"] == refusal


def test_an_answer_of_500_from_nowhere_is_the_upstreams(tmp_path):
    assert one(tmp_path, ISTIO.replace("200 -", "500 -").replace('"10.8.0.4:8080"', '"-"'))["refusal"] == "upstream"


def test_what_went_wrong_may_hold_spaces(tmp_path):
    line = ISTIO.replace(
        '200 - via_upstream - "-"',
        '503 UF upstream_reset{connection_failure} - "TLS_error: |268435703:SSL routines 4 5:"',
    )
    event = one(tmp_path, line)
    assert (event["status"], event["request_bytes"], event["latency_ms"]) == (503, 7, 14)


@pytest.mark.parametrize(
    ("cluster", "service"),
    [
        ("inbound|8080||", "inbound|8080||api.harbor.example"),
        ("inbound|8080|http|rates.shop.svc.cluster.local", "inbound|8080|http|rates.shop.svc.cluster.local"),
        ("PassthroughCluster", "outbound|||api.harbor.example"),
        ("InboundPassthroughClusterIpv4", "inbound|||api.harbor.example"),
        ("BlackHoleCluster", "BlackHoleCluster"),
        ("-", "api.harbor.example"),
    ],
)
def test_the_service_is_the_cluster_with_its_side(tmp_path, cluster, service):
    assert one(tmp_path, ISTIO.replace("outbound|8080||rates.shop.svc.cluster.local", cluster))["service"] == service


def test_the_service_of_envoy_is_the_host_without_its_port(tmp_path):
    assert (
        one(tmp_path, PLAIN.replace("api.harbor.example", "API.harbor.example:8443"))["service"] == "api.harbor.example"
    )


@pytest.mark.parametrize("request_line", ["GET https://api.harbor.example/v1/x?y=1 HTTP/1.1", "GET /v1/x#top HTTP/1.1"])
def test_a_path_has_no_host_query_or_fragment(tmp_path, request_line):
    assert one(tmp_path, PLAIN.replace(REQUEST, f'"{request_line}"'))["path"] == "/v1/x"


def test_of_a_key_in_the_query_string_a_hash_is_kept(tmp_path):
    def keyed(query: str):
        return preview(write(tmp_path, ISTIO.replace("zone=4", query)))

    seen = keyed("zone=4&api_key=sk_live_abcdef&x=1")
    other = keyed("API-KEY=sk_live_abcdef")
    assert seen.events[0]["credential_ref"].startswith("key:")
    assert seen.events[0]["credential_ref"] == other.events[0]["credential_ref"]
    assert keyed("api_key=").events[0]["credential_ref"] is None
    cut = preview(write(tmp_path, ISTIO, ISTIO.replace("zone=4", "api_key=sk_live_abcdef")[:100]))
    assert len(cut.rejected) == 1
    for shown in (seen, other, cut):
        assert "sk_live" not in json.dumps([shown.events, shown.rejected])


def test_what_is_no_request_is_rejected_with_its_reason(tmp_path):
    tcp = f'{STAMP} "- - -" 0 - - - "-" 79 83 142 - "-" "-" "-" "-" "10.44.1.27:9000" {TAIL} -'
    lines = {
        tcp: "a TCP connection, not a request",
        ISTIO[:150]: "cut short, or laid out in a way of its own",
        ISTIO.replace("2026-06-09", "2026-13-09"): "no time that can be read: [2026-13-09T12:00:00.250Z]",
        "[2026-06-09 12:00:00.250][1][info][main] [source/server/server.cc:946] starting main dispatch loop": "own log",
        "2026-06-09T12:00:00.250100Z\tinfo\tReadiness succeeded in 1.2s": "own log",
        "some words": "not an Envoy or Istio access log line",
        aws(): "not an Envoy or Istio access log line",
    }
    seen = preview(write(tmp_path, *[ISTIO] * 9, *lines, "", " "))
    assert seen.summary == {"format": "envoy", "lines": 18, "accepted": 9, "rejected": 7, "blank": 2}
    for rejected, reason in zip(seen.rejected, lines.values(), strict=True):
        assert reason in rejected["reason"]


@pytest.mark.parametrize(
    "other", [kong(), aws(), COMBINED_LINE, '[GIN] 2026/06/09 - 12:00:01 | 200 | 1ms | ::1 | GET "/"']
)
def test_lines_of_other_formats_are_none_of_this_one(tmp_path, other):
    path = write(tmp_path, other)
    assert preview(path).summary["format"] not in ("envoy", None)
    assert preview(path, "--format", "envoy").summary["accepted"] == 0


def test_numbers_out_of_range_cost_the_value_not_the_line(tmp_path):
    event = one(tmp_path, PLAIN.replace(" 7 512 ", f" {10**30} 512 ").replace(" 200 ", " 99999999999 "))
    assert (event["request_bytes"], event["response_bytes"], event["status"]) == (None, 512, None)


def test_real_lines(cases):
    seen = preview(cases / "envoy_istio" / "datadog_envoy_text.log")
    assert seen.summary == {"format": "envoy", "lines": 2, "accepted": 2, "rejected": 0, "blank": 0}
    outbound, inbound = seen.events
    assert outbound["request_id"] == inbound["request_id"]
    # Body bytes received come first, and the whole time before the upstream's.
    for event, times in ((outbound, (11, 10)), (inbound, (5, 2))):
        assert (event["latency_ms"], event["upstream_latency_ms"]) == times
        assert (event["request_bytes"], event["response_bytes"], event["status"]) == (0, 135, 418)
        assert datetime.fromisoformat(event["occurred_at"]).year == 2019
    assert [event["service"].split("|")[0] for event in seen.events] == ["outbound", "inbound"]


def test_the_quick_and_the_careful_way_give_the_same_rows(tmp_path, monkeypatch):
    odd = [
        ISTIO.replace("harbor-go/3.1", 'a "b" é'),
        ISTIO[:90],
        "",
        ISTIO.replace("- - HTTP", "x") + "\r",
        PLAIN.replace("0.250Z", "0.1+02:00"),
    ]
    quick, careful = both_ways(
        tmp_path, monkeypatch, [*LAYOUTS.values(), *LAYOUTS.values(), *odd, *LAYOUTS.values()] * 2
    )
    assert quick == careful
    assert (quick["lines"], quick["accepted"], quick["blank"]) == (46, 42, 2)
