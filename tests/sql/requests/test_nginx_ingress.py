"""The Kubernetes nginx ingress controller's default log, with one entry a try in its last columns."""

import json

import pytest

from tests.sql.requests.lines import preview, write

ID = "7a61b0c2d3e4f5a6b7c8d9e0f1a2b3c4"
HEAD = '198.51.100.7 - ann [09/Jun/2026:12:00:01 +0000] "GET /v1/quotes/88213?api_key=sk_live_abcdef HTTP/2.0" 200 5120 "https://acme.example/?q=1" "harbor-go/3.1"'
LINE = f"{HEAD} 512 0.041 [shop-quotes-80] [] 10.8.0.4:8080 5120 0.040 200 {ID}"


def one(tmp_path, line):
    """The only event of a file with one line."""
    seen = preview(write(tmp_path, line))
    assert seen.summary["format"] == "nginx_ingress", seen
    assert len(seen.events) == 1, seen
    return seen.events[0]


def test_every_column(tmp_path):
    said = {name: value for name, value in one(tmp_path, LINE).items() if value is not None}
    assert said == {
        "occurred_at": "2026-06-09T12:00:00.959Z",  # the stamp is the end
        "surface": "api",
        "request_id": ID,
        "method": "GET",
        "path": "/v1/quotes/88213",
        "path_template": "/v1/quotes/{id}",
        "route": "shop-quotes-80",
        "service": "shop-quotes-80",
        "status": 200,
        "latency_ms": 41.0,
        "upstream_latency_ms": 40.0,
        "request_bytes": 512,
        "response_bytes": 5120,
        "consumer_ref": "ann",
        "client_ip": "198.51.100.7",
        "user_agent": "harbor-go/3.1",
        "line_no": 1,
        "referrer_host": "acme.example",
    }


@pytest.mark.parametrize(
    ("tail", "latency", "upstream"),
    [
        ("0.033 [shop-quotes-80] [] 10.8.0.4:80, 10.8.0.5:80 0, 731 0.000, 0.036 502, 403", 33, 36),  # longer than the request
        ("1.002 [shop-quotes-80] [] 10.8.0.4:80, 10.8.0.5:80 : 10.9.0.1:80 0, 0 : 12 0.000, 1.000 : - 502, 504 : 403", 1002, 1000),
        ("0.500 [shop-quotes-80] [] 10.8.0.4:80 : 10.9.0.1:80 7 : 12 0.200 : 0.250 404 : 403", 500, 450),
        ("0.500 [shop-quotes-80] [] 10.8.0.4:80, 10.8.0.5:80 -, - -, - -, 403", 500, None),
        ("0.000 [shop-quotes-80] [] - - - -", 0, None),
        ("0.041 [shop-quotes-80] 10.8.0.4:80 5120 0.040 403", 41, 40),  # before there were alternative upstreams
        ("0.041 [shop-quotes-80] [] [2001:db8::4]:80 5120 0.040 403", 41, 40),
    ],
)  # fmt: skip
def test_tries_are_one_call(tmp_path, tail, latency, upstream):
    event = one(tmp_path, f"{HEAD.replace(' 200 ', ' 403 ')} 512 {tail} {ID}")
    assert (event["status"], event["refusal"]) == (403, "auth")
    assert (event["latency_ms"], event["upstream_latency_ms"], event["request_id"]) == (latency, upstream, ID)
    assert (event["request_bytes"], event["response_bytes"], event["route"]) == (512, 5120, "shop-quotes-80")


@pytest.mark.parametrize(
    ("upstream", "status", "route", "service", "refusal"),
    [
        ("[shop-quotes-80] [shop-quotes-canary-80]", 200, "shop-quotes-80", "shop-quotes-canary-80", None),
        ("[shop-quotes-80] []", 404, "shop-quotes-80", "shop-quotes-80", None),  # the service said so
        ("[upstream-default-backend] []", 404, None, "upstream-default-backend", "no_route"),
        ("[] []", 400, None, None, "validation"),
        ("[-] [-]", 400, None, None, "validation"),
        ("[shop-quotes-80] []", 429, "shop-quotes-80", "shop-quotes-80", "rate_limit"),
        ("[shop-quotes-80] []", 499, "shop-quotes-80", "shop-quotes-80", "client_gone"),
        ("[shop-quotes-80] []", 504, "shop-quotes-80", "shop-quotes-80", "upstream"),
    ],
)
def test_upstreams_and_refusals(tmp_path, upstream, status, route, service, refusal):
    event = one(tmp_path, LINE.replace("[shop-quotes-80] []", upstream).replace(" 200 5120 ", f" {status} 5120 "))
    assert (event["route"], event["service"], event["status"], event["refusal"]) == (route, service, status, refusal)


def test_the_oldest_default_format(tmp_path):
    line = (
        LINE.replace("198.51.100.7 - ann", "10.0.0.9 - [198.51.100.7] - ann").replace(" [] ", " ").replace(f" {ID}", "")
    )
    event = one(tmp_path, line)
    assert (event["client_ip"], event["consumer_ref"], event["request_id"]) == ("198.51.100.7", "ann", None)
    assert (event["latency_ms"], event["upstream_latency_ms"]) == (41, 40)


@pytest.mark.parametrize(
    ("request_line", "method", "path"),
    [
        ("\\x16\\x03\\x01\\x00", None, None),
        ("", None, None),
        ("GET /a b HTTP/1.1", "GET", "/a b"),
        ("PROPFIND / HTTP/1.1", "PROPFIND", "/"),
    ],
)
def test_request_lines(tmp_path, request_line, method, path):
    line = LINE.replace("GET /v1/quotes/88213?api_key=sk_live_abcdef HTTP/2.0", request_line)
    event = one(tmp_path, line.replace(" 200 5120 ", " 400 150 "))
    assert (event["method"], event["path"], event["status"]) == (method, path, 400)


def test_quotes_in_a_user_agent_and_spaces_in_a_user(tmp_path):
    event = one(tmp_path, LINE.replace("harbor-go/3.1", 'say \\"hi\\" [x] 1.0').replace("- ann [", "- Ann of Acme ["))
    assert (event["user_agent"], event["consumer_ref"], event["latency_ms"]) == ('say "hi" [x] 1.0', "Ann of Acme", 41)


def test_rejected_lines_and_their_reasons(tmp_path):
    lines = {
        LINE: None,
        HEAD: "combined log line without",
        HEAD + ' "203.0.113.8" 0.041': "not the controller's default",
        HEAD + " 512 0.041 [shop-quotes-80] [] 10.8.0.4:8080": "cut short",
        HEAD[:70]: "cut short",
        'I0609 12:00:00.123456       7 controller.go:190] "Configuration changes detected, backend reload required"': "own log",
        '2026/06/09 12:00:00 [error] 31#31: *7 upstream timed out, client: 198.51.100.7, request: "GET /?token=abc HTTP/1.1"': "nginx's error log",
        "NGINX Ingress controller": "not an access line",
        "": None,
        LINE.replace("Jun", "Foo"): "no time",
        LINE.replace("quotes", "rates"): None,
        LINE.replace("quotes", "labels"): None,
    }  # fmt: skip
    seen = preview(write(tmp_path, *lines))
    assert seen.summary == {"format": "nginx_ingress", "lines": 12, "accepted": 3, "rejected": 8, "blank": 1}
    reasons = {r["line_no"]: r["reason"] for r in seen.rejected}
    for line_no, want in enumerate(lines.values(), 1):
        assert (want is None) == (line_no not in reasons)
        assert want is None or want in reasons[line_no], (line_no, reasons[line_no])
    assert "token=abc" not in json.dumps(seen.rejected)


def test_combined_does_not_read_the_controllers_lines(tmp_path):
    seen = preview(write(tmp_path, LINE, LINE), "--format", "combined")
    assert seen.summary == {"format": "combined", "lines": 2, "accepted": 0, "rejected": 2, "blank": 0}
    assert "nginx_ingress" in seen.rejected[0]["reason"]


def test_it_does_not_read_combined_lines(tmp_path):
    assert preview(write(tmp_path, HEAD, HEAD)).summary["format"] == "combined"
