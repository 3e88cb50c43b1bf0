"""AWS API Gateway's access logs in the console's CLF, CSV and XML templates, of REST, HTTP and WebSocket APIs."""

import json
import re

import pytest

from sql.requests import formats
from tests.sql.requests.lines import preview, write

ID, OTHER = "7c1d9f04-33aa-4c55-8e0b-9a1f20c7be31", "JKJaXmPLvHcESHA="
TIME = "09/Jun/2026:14:00:00 +0200"
CLF = f'203.0.113.9 - - [{TIME}]"GET /parcels/{{id}} HTTP/1.1" 200 518 {ID}'
CSV = f"203.0.113.9,-,-,{TIME},GET,/parcels/{{id}},HTTP/1.1,200,518,{ID}"
XML = (
    f'<request id="{ID}"> <ip>203.0.113.9</ip> <caller>-</caller> <user>-</user> <requestTime>{TIME}</requestTime> '
    "<httpMethod>GET</httpMethod> <resourcePath>/parcels/{id}</resourcePath> <status>200</status> "
    "<protocol>HTTP/1.1</protocol> <responseLength>518</responseLength> </request>"
)
LINES = {"aws_api_gateway_clf": CLF, "aws_api_gateway_csv": CSV, "aws_api_gateway_xml": XML}
EXPECTED = {
    "occurred_at": "2026-06-09T12:00:00.000Z",
    "surface": "api",
    "request_id": ID,
    "method": "GET",
    "path": None,
    "path_template": "/parcels/{id}",
    "route": "/parcels/{id}",
    "status": 200,
    "response_bytes": 518,
    "client_ip": "203.0.113.9",
}


def one(tmp_path, line):
    """The format and the only event of a file with one line."""
    seen = preview(write(tmp_path, line))
    assert len(seen.events) == 1, seen
    return seen.summary["format"], seen.events[0]


@pytest.mark.parametrize("form", LINES)
def test_a_rest_call_says_a_route_and_no_path_latency_agent_or_caller(tmp_path, form):
    name, event = one(tmp_path, LINES[form])
    assert name == form
    assert {key: event[key] for key in EXPECTED} == EXPECTED
    said = {key for key, value in event.items() if value is not None}
    assert said == set(EXPECTED) - {"path"} | {"line_no"}


@pytest.mark.parametrize("form", LINES)
def test_the_extended_id_of_newer_templates_and_a_signed_caller(tmp_path, form):
    line = LINES[form].replace("<caller>-</caller> <user>-<", "<caller>AROAX:app</caller> <user>AIDAY<")
    line = line.replace(" - - ", " AROAX:app AIDAY ").replace(",-,-,", ",AROAX:app,AIDAY,")
    if form.endswith("xml"):
        line = line.replace("<ip>", f"<extendedRequestId>{OTHER}</extendedRequestId> <ip>")
    else:
        line += f"{' ' if form.endswith('clf') else ','}{OTHER}"
    name, event = one(tmp_path, line)
    assert (name, event["request_id"], event["consumer_ref"], event["status"]) == (form, ID, "AIDAY", 200)


@pytest.mark.parametrize(
    ("form", "line"),
    [
        ("aws_api_gateway_clf", f'203.0.113.9 - - [{TIME}] "GET GET /v2/pets/{{id}} HTTP/1.1" 403 23 {OTHER}'),
        ("aws_api_gateway_csv", f"203.0.113.9,{TIME},GET,GET /v2/pets/{{id}},HTTP/1.1,403,23,{OTHER}"),
        (
            "aws_api_gateway_xml",
            f'<request id="{OTHER}"> <ip>203.0.113.9</ip> <requestTime>{TIME}</requestTime> <httpMethod>GET</httpMethod> '
            "<routeKey>GET /v2/pets/{id}</routeKey> <status>403</status> <protocol>HTTP/1.1</protocol> "
            "<responseLength>23</responseLength> </request>",
        ),
    ],
)
def test_an_http_api_has_a_route_key(tmp_path, form, line):
    name, event = one(tmp_path, line)
    assert name == form
    told = [event[key] for key in ("method", "route", "path_template", "path", "status", "response_bytes", "refusal")]
    assert told == ["GET", "GET /v2/pets/{id}", "/v2/pets/{id}", None, 403, 23, "auth"]
    assert event["request_id"] == OTHER


@pytest.mark.parametrize(
    ("form", "line"),
    [
        ("aws_api_gateway_clf", f'203.0.113.9 - - [{TIME}] "CONNECT $connect LG1_xfR1oAMCF9w=" 101 {OTHER}'),
        ("aws_api_gateway_csv", f"203.0.113.9,-,-,{TIME},CONNECT,$connect,LG1_xfR1oAMCF9w=,101,{OTHER}"),
        (
            "aws_api_gateway_xml",
            f'<request id="{OTHER}"> <ip>203.0.113.9</ip> <caller>-</caller> <user>-</user> <requestTime>{TIME}</requestTime> '
            "<eventType>CONNECT</eventType> <routeKey>$connect</routeKey> <status>101</status> "
            "<connectionId>LG1_xfR1oAMCF9w=</connectionId> </request>",
        ),
    ],
)
def test_a_websocket_has_no_method_and_no_bytes(tmp_path, form, line):
    name, event = one(tmp_path, line)
    assert name == form
    told = [event[key] for key in ("method", "route", "path_template", "status", "response_bytes", "request_id")]
    assert told == [None, "$connect", None, 101, None, OTHER]


@pytest.mark.parametrize("form", LINES)
def test_a_dash_is_null_and_no_lost_line(tmp_path, form):
    line = re.sub("(?<!0)200|518", "-", LINES[form]).replace("GET /parcels/{id} ", "GET - ")
    line = line.replace("/parcels/{id}", "-")
    name, event = one(tmp_path, line)
    assert (name, event["status"], event["response_bytes"], event["route"], event["method"]) == (
        form,
        None,
        None,
        None,
        "GET",
    )


@pytest.mark.parametrize(
    ("form", "reason"),
    [
        ("aws_api_gateway_clf", "no request id"),
        ("aws_api_gateway_csv", "not the columns"),
        ("aws_api_gateway_xml", "not the elements"),
    ],
)
def test_what_is_no_call_is_rejected_with_its_reason(tmp_path, form, reason):
    line = LINES[form]
    seen = preview(write(tmp_path, line, line[:90], "", line.replace("/Jun/", "/Jux/"), "Starting up"))
    summary = {"format": form, "lines": 5, "accepted": 1, "rejected": 3, "blank": 1}
    assert seen.summary == summary
    reasons = {reject["line_no"]: reject["reason"] for reject in seen.rejected}
    assert reason in reasons[2]
    assert "no time that can be read" in reasons[4]
    assert "API Gateway" in reasons[5]


def test_a_combined_log_and_its_own_request_id_stay_combined(tmp_path):
    common = f'198.51.100.7 - - [{TIME}] "GET /a HTTP/1.1" 200 51'
    for more in ("", " 81234567", ' "-" "curl/8"', f' "-" "curl/8" {ID}', " 9f1c3d5e7a9b0c2d4e6f8a1b3c5d7e9f"):
        name, event = one(tmp_path, common + more)
        assert (name, event["path"]) == ("combined", "/a"), more


def test_combined_claims_no_line_of_api_gateway(tmp_path):
    path = write(tmp_path, CLF.replace(']"', '] "'), CLF.replace(']"', '] "') + f" {OTHER}")
    seen = preview(path, "--format", "combined")
    assert [reject["reason"] for reject in seen.rejected] == [
        "a line of AWS API Gateway in its CLF template, not a combined log"
    ] * 2
    assert seen.events == []


def test_the_templates_that_the_documentation_prints(cases, tmp_path):
    values = {"requestId": ID, "identity.sourceIp": "203.0.113.1", "identity.caller": "-", "identity.user": "-",
              "requestTime": TIME, "httpMethod": "PUT", "resourcePath": "/x/{y}", "status": "204",
              "protocol": "HTTP/1.1", "responseLength": "0"}  # fmt: skip
    found = {}
    for line in (cases / "aws_apigateway" / "console_formats.txt").read_text().splitlines()[1:]:
        kind, _, template = line.partition(":")
        for name in sorted(values, key=len, reverse=True):
            template = template.replace(f"$context.{name}", values[name])
        name, event = one(tmp_path, template.strip())
        found[kind.strip()] = name
        assert (event["method"], event["status"], event["route"], event["response_bytes"]) == ("PUT", 204, "/x/{y}", 0)
        assert json.dumps(event).count("/x/{y}") == 2, "as route and template, not as path"
    assert found == {"CLF": "aws_api_gateway_clf", "CSV": "aws_api_gateway_csv", "JSON": "aws_api_gateway"}


@pytest.mark.parametrize("form", LINES)
def test_no_other_format_reads_these_lines(tmp_path, form):
    path = write(tmp_path, LINES[form], LINES[form].replace(']"', '] "'))
    readers = {name for name in formats() if preview(path, "--format", name).events}
    assert readers == {form}
