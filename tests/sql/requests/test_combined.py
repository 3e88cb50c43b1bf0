"""nginx's and Apache's combined and common logs, as real servers write them."""

import json
from datetime import datetime

import pytest

from tests.sql.requests.lines import preview, write

STAMP = "[09/Jun/2026:12:00:01 +0000]"
LINE = f'198.51.100.7 - ann@acme.example {STAMP} "GET /docs/rates/42?token=abc HTTP/1.1" 200 5120 "https://acme.example/?q=1" "Mozilla/5.0 (X11)"'


def one(tmp_path, line):
    """The only event of a file with one line."""
    seen = preview(write(tmp_path, line))
    assert seen.summary["format"] == "combined", seen
    assert len(seen.events) == 1, seen
    return seen.events[0]


def test_every_column(tmp_path):
    event = one(tmp_path, LINE)
    said = {name: value for name, value in event.items() if value is not None}
    assert said == {
        "occurred_at": "2026-06-09T12:00:01.000Z",
        "method": "GET",
        "path": "/docs/rates/42",
        "path_template": "/docs/rates/{id}",
        "status": 200,
        "response_bytes": 5120,
        "consumer_ref": "ann@acme.example",
        "client_ip": "198.51.100.7",
        "user_agent": "Mozilla/5.0 (X11)",
        "line_no": 1,
        "referrer_host": "acme.example",
    }


@pytest.mark.parametrize(
    ("referrer", "host"),
    [
        ("https://www.Google.com/search?q=who+am+i", "www.google.com"),
        ("http://ann:secret@intra.example:8080/x", "intra.example"),
        ("https://docs.example", "docs.example"),
        ("https://198.51.100.9/page", None),
        ("javascript:void(0)", None),
        ("-", None),
        ("", None),
    ],
)
def test_of_a_referrer_the_host_alone_is_kept(tmp_path, referrer, host):
    line = LINE.split('"')
    line[3] = referrer
    assert one(tmp_path, '"'.join(line))["referrer_host"] == host


def test_common_log_and_a_dash_of_bytes_is_zero(tmp_path):
    event = one(tmp_path, f'2001:db8::9 - - {STAMP} "HEAD / HTTP/1.0" 304 -')
    assert (event["client_ip"], event["response_bytes"], event["user_agent"], event["consumer_ref"]) == (
        "2001:db8::9",
        0,
        None,
        None,
    )


@pytest.mark.parametrize(
    ("tail", "latency", "upstream", "start"),
    [
        (" 0.250", 250, None, "2026-06-09T12:00:00.750Z"),
        (' "0.250"', 250, None, "2026-06-09T12:00:00.750Z"),
        (' "-" 1.004 0.998', 1004, 998, "2026-06-09T11:59:59.996Z"),
        (' "-" 0.033 "0.000, 1.000"', 33, 1000, "2026-06-09T12:00:00.967Z"),
        (' "-" 0.033 0.010 : 0.020', 33, 30, "2026-06-09T12:00:00.967Z"),
        (' "-" rt=0.100 uct="0.000" uht="0.090" urt="0.095"', 100, 95, "2026-06-09T12:00:00.900Z"),
        (' "-" request_time=0.100 upstream_response_time=-', 100, None, "2026-06-09T12:00:00.900Z"),
        (" 250123", 250.123, None, "2026-06-09T12:00:01.000Z"),  # Apache %D: microseconds, and the stamp is the start
        (' "2.75"', None, None, "2026-06-09T12:00:01.000Z"),  # a gzip ratio is no time
        (' "-" some words 12', None, None, "2026-06-09T12:00:01.000Z"),
    ],
)
def test_what_follows_the_user_agent(tmp_path, tail, latency, upstream, start):
    event = one(tmp_path, LINE + tail)
    assert (event["latency_ms"], event["upstream_latency_ms"], event["occurred_at"]) == (latency, upstream, start)
    assert event["user_agent"] == "Mozilla/5.0 (X11)"


@pytest.mark.parametrize(
    ("column", "address"),
    [
        ("203.0.113.8", "203.0.113.8"),
        ("203.0.113.8, 10.0.0.1", "203.0.113.8"),
        ("2001:db8::1, 10.0.0.1", "2001:db8::1"),
        ("-", "198.51.100.7"),
        ("unknown", "198.51.100.7"),
    ],
)
def test_the_leftmost_forwarded_address_is_the_client(tmp_path, column, address):
    assert one(tmp_path, f'{LINE} "{column}" 0.010')["client_ip"] == address


def test_a_virtual_host_before_the_line_is_the_service(tmp_path):
    event = one(tmp_path, f"docs.harbor.example:443 {LINE}")
    assert (event["service"], event["client_ip"], event["consumer_ref"]) == (
        "docs.harbor.example",
        "198.51.100.7",
        "ann@acme.example",
    )


@pytest.mark.parametrize(
    ("request_line", "method", "path"),
    [
        ("\\x16\\x03\\x01\\x00\\xEE\\x01", None, None),
        ("", None, None),
        ("-", None, None),
        ("GET /a b/c.pdf HTTP/1.1", "GET", "/a b/c.pdf"),
        ("GET http://harbor.example/x?y=1 HTTP/1.1", "GET", "/x"),
        ("OPTIONS * HTTP/1.0", "OPTIONS", "*"),
        ("GET /old", "GET", "/old"),
        ('GET /say/\\"hi\\" HTTP/1.1', "GET", '/say/\\"hi\\"'),
    ],
)
def test_request_lines(tmp_path, request_line, method, path):
    event = one(tmp_path, f'198.51.100.7 - - {STAMP} "{request_line}" 400 0 "-" "-"')
    assert (event["method"], event["path"], event["user_agent"]) == (method, path, None)


@pytest.mark.parametrize("written", ['a \\"b\\" c', "a \\x22b\\x22 c"])
def test_quotes_in_a_user_agent(tmp_path, written):
    assert one(tmp_path, LINE.replace("Mozilla/5.0 (X11)", written))["user_agent"] == 'a "b" c'


def test_a_user_with_spaces(tmp_path):
    assert one(tmp_path, LINE.replace("ann@acme.example", "Ann of Acme"))["consumer_ref"] == "Ann of Acme"


@pytest.mark.parametrize(("status", "refusal"), [("401", "auth"), ("404", "no_route"), ("429", "rate_limit"), ("499", "client_gone"),
                                                 ("503", "upstream"), ("500", None), ("-", None)])  # fmt: skip
def test_refusals(tmp_path, status, refusal):
    assert one(tmp_path, LINE.replace(" 200 ", f" {status} "))["refusal"] == refusal


def test_rejected_lines_and_their_reasons(tmp_path):
    lines = [
        LINE,
        LINE[:-9],  # cut in the user agent
        LINE[:70],  # cut in the request
        '- - - [-] "-" - -',
        '2026/06/09 12:00:00 [error] 7#7: *1 open() failed, client: 198.51.100.7, request: "GET /?token=abc HTTP/1.1"',
        "[Tue Jun 09 12:00:00.123 2026] [core:error] [pid 7] AH00126: Invalid URI",
        "",
        '198.51.100.7 - - [99/Foo/2026:12:00:01 +0000] "GET / HTTP/1.1" 200 1',
        "\tat com.harbor.Docs.show(Docs.java:12)",
        "Traceback (most recent call last):",
        "Server listening on 0.0.0.0 port 8080",
        "[2026-06-09 12:00:00] ERROR: cannot open the index",
        "hello",
    ]
    seen = preview(write(tmp_path, *lines))
    assert seen.summary == {"format": "combined", "lines": 13, "accepted": 1, "rejected": 11, "blank": 1}
    reasons = {r["line_no"]: r["reason"] for r in seen.rejected}
    assert "user agent" in reasons[2]
    assert "cut short" in reasons[3]
    assert "no time" in reasons[4]
    assert "nginx's error log" in reasons[5]
    assert "Apache's error log" in reasons[6]
    assert "no time" in reasons[8]
    assert reasons[9] == reasons[10] == "not an access line: part of a stack trace"
    assert reasons[11] == "not an access line: a server that starts or stops"
    assert reasons[12] == "not an access line: a program's own log"
    assert reasons[13] == "not a combined or common log line"
    assert "token=abc" not in json.dumps(seen.rejected)


def test_a_container_line_far_down_in_a_log_of_bare_lines_is_named(tmp_path):
    seen = preview(write(tmp_path, *[LINE] * 25, "2026-06-09T12:00:00Z stdout F 198.51.100.7 - - "))
    assert [(r["line_no"], r["reason"]) for r in seen.rejected] == [
        (26, "a container log line: not an access line by itself")
    ]


def test_lines_that_end_in_carriage_returns(tmp_path):
    seen = preview(write(tmp_path, LINE, "", LINE, end="\r\n"))
    assert seen.summary == {"format": "combined", "lines": 3, "accepted": 2, "rejected": 0, "blank": 1}
    assert seen.events[0]["user_agent"] == "Mozilla/5.0 (X11)"


def test_kong_proxy_logs_of_another_project(cases):
    seen = preview(cases / "kong" / "datadog_kong_proxy_access.log")
    expected = json.loads((cases / "kong" / "datadog_kong_proxy_access.expected.json").read_text())
    events = {event["line_no"]: event for event in seen.events}
    for line_no, want in enumerate(expected, 1):
        event = events.pop(line_no, None)
        assert (event is None) == want.get("_reject", False)
        if event:
            moment = datetime.fromisoformat(event["occurred_at"]).timestamp() * 1000
            assert moment == want["timestamp_ms"]
            got = (
                event["client_ip"],
                event["consumer_ref"],
                event["method"],
                event["path"],
                event["status"],
                event["response_bytes"],
            )
            assert got == tuple(want[k] for k in ("client_ip", "user", "method", "path", "status", "bytes_written"))
            assert event["user_agent"] == want.get("user_agent")


@pytest.mark.parametrize("name", ["vrl_common", "vrl_nginx"])
def test_lines_that_another_project_expects(cases, tmp_path, name):
    records = [json.loads(line) for line in (cases / "nginx_apache" / f"{name}.cases.jsonl").read_text().splitlines()]
    path = write(tmp_path, *[record["line"] for record in records])
    events = {event["line_no"]: event for event in preview(path).events}
    for line_no, record in enumerate(records, 1):
        want, event = record["expected"], events.get(line_no)
        readable = record["format"] in ("common", "combined", "main") and "timestamp" in want
        assert (event is not None) == readable, record["id"]
        if not readable:
            continue
        assert event["occurred_at"].replace(".000Z", "Z") == want["timestamp"], record["id"]
        assert event["status"] == want.get("status")
        assert event["response_bytes"] == want.get("size", want.get("body_bytes_size", 0))
        forwarded = want.get("http_x_forwarded_for", "").split(",")[0]
        assert event["client_ip"] == (forwarded or want.get("client") or want.get("remote_addr") or want.get("host"))
        assert event["consumer_ref"] == (want.get("user") or want.get("remote_user"))
        agent = want.get("agent") or want.get("http_user_agent")
        assert event["user_agent"] == (None if agent == "-" else agent)
