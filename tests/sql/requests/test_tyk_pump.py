"""Tyk Pump's analytics records as text: the syslog pump's maps, and the stdout pump's maps and structures."""

import json
import re

import pytest

from sql.requests import EVENT_COLUMNS
from tests.sql.requests.lines import preview, write
from tests.sql.requests.test_tyk import tyk
from tests.sql.test_ingest import both_ways

KEY = "eyJvcmciOiJoYXJib3IiLCJpZCI6IjlmOGU3ZDZjIn0="
RAW = "UE9TVCAvIEhUVFAvMS4xDQpBdXRob3JpemF0aW9uOiB0eWtfc2VjcmV0"


def syslog(key=KEY, status=201, took=66, length=118, alias="acme", path="/v2/labels/8812", name="Labels and more", tags="",
           stamp="2026-06-09 12:00:00.250123 +0000 UTC", agent="Mozilla/5.0 (X11; Linux x86_64) go/3", address="198.51.100.61"):  # fmt: skip
    """A line of the syslog pump, whose numbers say that their verb was the wrong one."""
    return (
        f"<6>2026-06-09T12:00:01Z pump-0 gateway[1]: map[alias:{alias} api_id:b84fe1a0 api_key:{key} api_name:{name} "
        f"api_version:Non Versioned content_length:%!s(int64={length}) host:labels.internal ip_address:{address} method:POST "
        f"oauth_id: org_id:5e9d9544 path:{path} raw_path:{path} raw_request:{RAW} raw_response: "
        f"request_time_ms:%!s(int64={took}) response_code:%!s(int={status}) {tags}timestamp:{stamp} user_agent:{agent}]"
    )


def stdout(key=KEY, status=201, total=66, upstream=61, tracked="false", path="/v2/labels/8812", colours=False,
           latency="", version="Non Versioned"):  # fmt: skip
    """A line of the stdout pump's text."""
    name = "\x1b[36mtyk-analytics-record\x1b[0m" if colours else "tyk-analytics-record"
    return (
        f'time="Jun 09 12:00:01" level=info prefix=stdout-pump {name}={{ POST labels.internal {path} /v2/labels/8812 118 '
        f"Mozilla/5.0 (X11; Linux x86_64) go/3 9 June 2026 14 {status} {key} 2026-06-09 14:00:00.25 +0200 CEST {version} "
        f"Labels and more b84fe1a0 5e9d9544  {total} {RAW}  198.51.100.61 {{{{}} {{0 map[]}} {{0 0 }}}} {{0 0 0 0}} "
        f"{{{total} {upstream}{latency}}} [key-{key} org-5e9d9544] acme {tracked} 2126-06-09 12:00:00 +0000 UTC }}"
    )


def one(tmp_path, text):
    """The only event of a file with one line."""
    seen = preview(write(tmp_path, text))
    assert seen.summary["format"] == "tyk_pump", seen
    assert len(seen.events) == 1, seen
    return seen.events[0]


@pytest.mark.parametrize(
    ("text", "upstream"),
    [
        (syslog(), None),
        (syslog(tags="tags:[a b] "), None),
        (re.sub(r"%!s\(int(?:64)?=([0-9]+)\)", r"\1", syslog()), None),
        (stdout(), 61),
        (stdout(colours=True, latency=" 5"), 61),
        (stdout(version="v2"), 61),
    ],
    ids=["syslog", "with tags", "stdout map", "stdout", "coloured", "versioned"],
)  # fmt: skip
def test_every_column_of_a_successful_call(tmp_path, text, upstream):
    event = one(tmp_path, text)
    assert tuple(event) == EVENT_COLUMNS
    said = {
        "occurred_at": "2026-06-09T12:00:00.250Z",
        "surface": "api",
        "method": "POST",
        "path": "/v2/labels/8812",
        "path_template": "/v2/labels/{id}",
        "service": "Labels and more",
        "status": 201,
        "latency_ms": 66,
        "upstream_latency_ms": upstream,
        "request_bytes": 118,
        "credential_ref": event["credential_ref"],
        "consumer_ref": "acme",
        "client_ip": "198.51.100.61",
        "user_agent": "Mozilla/5.0 (X11; Linux x86_64) go/3",
        "line_no": 1,
    }
    assert event == {name: said.get(name) for name in EVENT_COLUMNS}


def test_a_key_has_the_name_that_it_has_in_the_json(tmp_path):
    (event,) = preview(write(tmp_path, tyk(api_key=KEY))).events
    assert one(tmp_path, syslog())["credential_ref"] == event["credential_ref"]
    assert one(tmp_path, stdout())["credential_ref"] == event["credential_ref"]


@pytest.mark.parametrize("make", [syslog, stdout])
def test_keyless_and_turned_away(tmp_path, make):
    event = one(tmp_path, make(key="00000000"))
    assert event["credential_ref"] is None
    gone = {"took": 0} if make is syslog else {"total": 0, "upstream": 0}
    event = one(tmp_path, make(status=403, **gone))
    assert (event["refusal"], event["latency_ms"], event["upstream_latency_ms"]) == ("auth", None, None)
    assert one(tmp_path, make(status=200, **gone))["latency_ms"] == 0


def test_what_is_not_said_is_null(tmp_path):
    event = one(tmp_path, syslog(length=-1, alias="", agent="", address="", name=""))
    for column in ("request_bytes", "consumer_ref", "user_agent", "client_ip"):
        assert event[column] is None, column
    assert event["service"] == "b84fe1a0"


def test_a_tracked_path_is_the_route(tmp_path):
    event = one(tmp_path, stdout(tracked="true", path="/v2/labels/{id}"))
    assert (event["route"], event["path"]) == ("/v2/labels/{id}", "/v2/labels/8812")


def test_rejects_say_why_and_keep_no_secret(tmp_path):
    lines = [
        syslog(path="/v2/labels/8812?api_key=hb_9f8e7d6c"),
        syslog()[:150],
        stdout()[:260],
        stdout(colours=True)[:270],
        syslog(stamp="0001-01-01 00:00:00 +0000 UTC"),
        "[Jun 09 12:00:01]  INFO main: ## Tyk Pump, v1.13 ##",
        "",
    ]
    seen = preview(write(tmp_path, *lines), "--format", "tyk_pump")
    assert seen.summary == {"format": "tyk_pump", "lines": 7, "accepted": 1, "rejected": 5, "blank": 1}
    reasons = {r["line_no"]: r["reason"] for r in seen.rejected}
    for number, said in [
        (2, "cut short"),
        (3, "cut short"),
        (4, "cut short"),
        (5, "without a timestamp"),
        (6, "plain text"),
    ]:
        assert said in reasons[number], reasons[number]
    shown = json.dumps([seen.events, seen.rejected])
    for secret in (KEY, KEY[:20], RAW[:20], "hb_9f8e7d6c"):
        assert secret not in shown, secret


def test_the_quick_and_the_careful_way_give_the_same_rows(tmp_path, monkeypatch):
    lines = []
    for number in range(600):
        lines.append(syslog(status=200 + number % 300, key=f"k{number}", took=number))
        lines.append(stdout(status=200 + number % 300, key=f"k{number}", colours=number % 2 == 0))
        if number % 40 == 0:
            lines.append(["", "text", syslog()[:99], stdout()[:200]][number // 40 % 4])
    quick, careful = both_ways(tmp_path, monkeypatch, lines)
    assert quick == careful
    assert quick["accepted"] == 1200
