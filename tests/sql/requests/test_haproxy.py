"""HAProxy's HTTP log: timers, captures, lines cut short, and the lines of other kinds beside it."""

import json

import pytest

from tests.sql.requests.lines import preview, write

PREFIX = "Jun  9 12:00:00 edge-1 haproxy[4107]: "
LINE = (
    "198.51.100.7:41822 [09/Jun/2026:12:00:01.250] web~ quotes/q2 5/0/2/40/48 200 1530 - - ---- 12/9/3/1/0 0/0 "
    '"GET /v1/quotes/88213?api_key=sk_live_abcdef HTTP/1.1"'
)


def line(**changes):
    """The line above with parts of it exchanged: old text as `was…`, or by the names below."""
    text = LINE
    was = {
        "peer": "198.51.100.7:41822",
        "server": "quotes/q2",
        "timers": "5/0/2/40/48",
        "status": "200 1530",
        "state": "----",
        "captured": "0/0 ",
        "request": '"GET /v1/quotes/88213?api_key=sk_live_abcdef HTTP/1.1"',
    }
    for name, new in changes.items():
        assert text.count(was[name]) == 1, name
        text = text.replace(was[name], new)
    return text


def one(tmp_path, text):
    """The only event of a file with one line."""
    seen = preview(write(tmp_path, text))
    assert seen.summary["format"] == "haproxy", seen
    assert len(seen.events) == 1, seen
    return seen.events[0]


@pytest.mark.parametrize(
    "prefix",
    ["", PREFIX, "<134>" + PREFIX, "2026-06-09T12:00:00+02:00 edge-1 haproxy[4107]: ", "<134>1 2026-06-09T12:00:00Z edge-1 haproxy 4107 - - "],
)  # fmt: skip
def test_every_column(tmp_path, prefix):
    said = {name: value for name, value in one(tmp_path, prefix + LINE).items() if value is not None}
    assert said == {
        "occurred_at": "2026-06-09T12:00:01.250Z",  # no zone: UTC
        "surface": "api",
        "method": "GET",
        "path": "/v1/quotes/88213",
        "path_template": "/v1/quotes/{id}",
        "route": "web",
        "service": "quotes",
        "status": 200,
        "latency_ms": 48.0,
        "upstream_latency_ms": 40.0,
        "response_bytes": 1530,
        "client_ip": "198.51.100.7",
        "line_no": 1,
    }


@pytest.mark.parametrize(
    ("changes", "latency", "upstream", "size"),
    [
        ({"timers": "5/-1/-1/-1/48"}, 48, None, 1530),
        ({"timers": "0/0/0/0/0"}, 0, 0, 1530),
        ({"timers": "-1/-1/-1/-1/-1"}, None, None, 1530),
        ({"timers": "5/0/2/40/+48", "status": "200 +312"}, None, 40, None),  # logasap: written before the end
    ],
)
def test_timers_in_milliseconds(tmp_path, changes, latency, upstream, size):
    event = one(tmp_path, line(**changes))
    assert (event["latency_ms"], event["upstream_latency_ms"], event["response_bytes"]) == (latency, upstream, size)


def test_more_before_the_timers(tmp_path):
    assert one(tmp_path, line(timers="edge-eu 7 5/0/2/40/48"))["latency_ms"] == 48


@pytest.mark.parametrize(
    ("changes", "status", "refusal", "service"),
    [
        (
            {"state": "cR--", "status": "408 212", "server": "web/<NOSRV>", "request": '"<BADREQ>"'},
            408,
            "client_gone",
            None,
        ),
        (
            {"state": "CR--", "status": "-1 0", "server": "quotes/<NOSRV>", "request": '"<BADREQ>"'},
            None,
            "client_gone",
            "quotes",
        ),
        ({"state": "CD--"}, 200, "client_gone", "quotes"),
        ({"state": "sH--", "status": "504 194"}, 504, "upstream", "quotes"),
        ({"state": "SC--", "status": "503 212", "server": "quotes/<NOSRV>"}, 503, "upstream", "quotes"),
        ({"state": "PR--", "status": "403 188", "server": "web/<NOSRV>"}, 403, "auth", None),
        ({"state": "PR--", "status": "429 188", "server": "quotes/<NOSRV>"}, 429, "rate_limit", "quotes"),
        ({"status": "404 188"}, 404, None, "quotes"),  # the backend said so
        ({"status": "404 188", "server": "web/<NOSRV>"}, 404, "no_route", None),
        ({"status": "500 188"}, 500, None, "quotes"),
    ],
)
def test_how_a_call_ended(tmp_path, changes, status, refusal, service):
    event = one(tmp_path, line(**changes))
    assert (event["status"], event["refusal"], event["service"]) == (status, refusal, service)


@pytest.mark.parametrize(
    ("request_line", "method", "path"),
    [
        ('"<BADREQ>"', None, None),
        ('"GET https://api.harbor.example:8443/v1/rates?x=1 HTTP/2.0"', "GET", "/v1/rates"),
        ('"OPTIONS * HTTP/1.1"', "OPTIONS", "*"),
        ('"GET /v1/rates"', "GET", "/v1/rates"),
        ('"GET /v1/labels HTTP/1.1" 0/0/0/0/0 api.harbor.example/TLSv1.3/TLS_AES_128_GCM_SHA256', "GET", "/v1/labels"),
        ('"GET /v1/labels HTTP/1.1" 0/A000086/0/0/1 -/TLSv1.2/(NONE)', "GET", "/v1/labels"),
        ('"GET /v1/labels/of/a/long/pa', "GET", None),  # what is missing might be a part of the path
        ('"GET /v1/labels?token=' + "a" * 700, "GET", "/v1/labels"),
        ('"GET /v1/' + "a" * 1100 + '"', "GET", None),
    ],
)
def test_request_lines(tmp_path, request_line, method, path):
    event = one(tmp_path, line(request=request_line))
    assert (event["method"], event["path"]) == (method, path)


@pytest.mark.parametrize(
    ("peer", "captured", "client", "agent"),
    [
        ("198.51.100.7:41822", "{api.harbor.example|harbor-go/3.1}", "198.51.100.7", "harbor-go/3.1"),
        ("10.2.0.9:41822", "{api.harbor.example|Mozilla/5.0 (X11; Linux)|203.0.113.8, 10.0.0.1} {}", "203.0.113.8", "Mozilla/5.0 (X11; Linux)"),
        ("127.0.0.1:41822", "{203.0.113.9}", "203.0.113.9", None),
        ("192.168.4.1:41822", "{2001:db8::77|}", "2001:db8::77", None),
        ("198.51.100.7:41822", "{203.0.113.9}", "198.51.100.7", None),  # it might be the host that was asked for
        ("2001:db8::5:41822", "{} {nginx/1.25.3}", "2001:db8::5", None),  # what the answer said of its server
        ("::ffff:198.51.100.7:41822", "{sk_live_abcdef|Bearer eyJhbGciOiJIUzI1NiJ9.e30.c2ln}", "198.51.100.7", None),
        ("unix:1", "{|||}", None, None),
    ],
)  # fmt: skip
def test_of_captured_headers_the_agent_and_an_address_are_kept(tmp_path, peer, captured, client, agent):
    event = one(tmp_path, line(peer=peer, captured=f"0/0 {captured} "))
    assert (event["client_ip"], event["user_agent"]) == (client, agent)
    assert "sk_live" not in json.dumps(event)
    assert "eyJ" not in json.dumps(event)


def test_captured_cookies_never_land(tmp_path):
    event = one(tmp_path, LINE.replace(" - - ----", " sid=first second sid=third --VN"))
    assert event["status"] == 200
    assert not any("first" in str(value) or "third" in str(value) for value in event.values())


def test_rejected_lines_and_their_reasons(tmp_path):
    lines = {
        LINE: None,
        PREFIX + "198.51.100.7:41823 [09/Jun/2026:12:00:02.443] tcp-in db/pg1 0/0/5007 212 -- 0/0/0/0/3 0/0": "TCP log",
        PREFIX
        + "198.51.100.7:41823 [09/Jun/2026:12:00:02.443] tcp-in db/<NOSRV> -1/-1/7 0 SC 1/1/0/0/0 0/0": "TCP log",
        PREFIX + "Connect from 198.51.100.7:41823 to 10.0.3.31:8012 (web/HTTP)": "Connect from",
        PREFIX + "198.51.100.7:41823 [09/Jun/2026:12:00:02.443] web/1: SSL handshake failure": "before any request",
        PREFIX + "Server quotes/q2 is DOWN, reason: Layer4 timeout, check duration: 2001ms.": "own proxies",
        PREFIX + "Proxy web started.": "own proxies",
        "[NOTICE]   (1) : New worker (8) forked": "own proxies",
        PREFIX + line(captured="0/0 {api.harbor.exa", request=""): "cut short",
        LINE[:60]: "cut short",
        "": None,
        "        at com.harbor.Quotes.price(Quotes.java:31)": "stack trace",
        "Jun  9 12:00:00 edge-1 sshd[99]: Accepted publickey for ann": "HTTP log",
        LINE.replace("09/Jun", "99/Foo"): "no time",
        LINE.replace("09/Jun", "9/6"): "HTTP log",
        LINE.replace("/v1/quotes", "/v2/quotes"): None,
    }
    seen = preview(write(tmp_path, *lines))
    assert seen.summary == {"format": "haproxy", "lines": 16, "accepted": 2, "rejected": 13, "blank": 1}
    reasons = {r["line_no"]: r["reason"] for r in seen.rejected}
    for line_no, want in enumerate(lines.values(), 1):
        assert (want is None) == (line_no not in reasons)
        assert want is None or want in reasons[line_no], (line_no, reasons[line_no])
    assert "sk_live" not in json.dumps(seen.rejected)


def test_lines_that_end_in_carriage_returns(tmp_path):
    seen = preview(write(tmp_path, LINE, line(request='"GET /old'), "", end="\r\n"))
    assert seen.summary == {"format": "haproxy", "lines": 3, "accepted": 2, "rejected": 0, "blank": 1}


def test_lines_of_other_projects(cases):
    seen = preview(cases / "haproxy" / "haproxy_more.log")
    assert seen.summary == {"format": "haproxy", "lines": 4, "accepted": 4, "rejected": 0, "blank": 0}
    columns = (
        "occurred_at",
        "client_ip",
        "path",
        "status",
        "latency_ms",
        "upstream_latency_ms",
        "response_bytes",
        "service",
    )
    assert [tuple(event[name] for name in columns) for event in seen.events] == [
        ("2013-12-09T12:59:46.633Z", "77.24.148.74", "/path/to/image", 200, 99627, 48082, 83285, "default"),
        ("2015-11-03T06:25:25.105Z", "5.196.2.38", "/component---src-pages-index-js-4b15624544f97cf0bb8f.js", 304, 5027, 428, 320, "def"),
        ("2018-07-30T09:03:52.726Z", "1.2.3.4", "/serv/login.php", 304, 2, 0, 168, "docs_microservice"),
        ("2009-02-06T12:14:14.655Z", "10.0.1.2", "/index.html", 200, 109, 69, 2750, "static"),
    ]  # fmt: skip
