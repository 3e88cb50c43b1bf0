"""KrakenD's access log: the lines of its router, Gin."""

import json

import pytest

from sql.requests import EVENT_COLUMNS
from tests.sql.requests.lines import COMBINED_LINE, aws, kong, preview, write
from tests.sql.test_ingest import both_ways

LINE = '[GIN] 2026/06/09 - 12:00:01 | 200 |     12.53ms |    203.0.113.8 | GET      "/v1/rates/42?zone=4"'
COLOURED = (
    "[GIN] 2026/06/09 - 12:00:01 |\x1b[97;42m 200 \x1b[0m|     12.53ms |    203.0.113.8 |\x1b[97;44m GET     \x1b[0m "
    '"/v1/rates/42?zone=4"'
)
BARE = "[GIN] 2026/06/09 - 12:00:01 | 200 |     12.53ms |    203.0.113.8 | GET      /v1/rates/42?zone=4"


def one(tmp_path, line):
    """The only event of a file with one line."""
    seen = preview(write(tmp_path, line))
    assert seen.summary == {"format": "krakend", "lines": 1, "accepted": 1, "rejected": 0, "blank": 0}, seen
    return seen.events[0]


@pytest.mark.parametrize("line", [LINE, COLOURED, BARE, LINE + "\r", f"krakend_1  | {LINE}"])
def test_every_column(tmp_path, line):
    event = one(tmp_path, line)
    assert tuple(event) == EVENT_COLUMNS
    assert {name: value for name, value in event.items() if value is not None} == {
        "occurred_at": "2026-06-09T12:00:00.987Z",
        "surface": "api",
        "method": "GET",
        "path": "/v1/rates/42",
        "path_template": "/v1/rates/{id}",
        "status": 200,
        "latency_ms": 12.53,
        "client_ip": "203.0.113.8",
        "line_no": 1,
    }


@pytest.mark.parametrize(
    ("duration", "milliseconds", "start"),
    [
        ("943ns", 0.000943, "12:00:01.000"),
        ("4.529µs", 0.004529, "12:00:01.000"),
        ("4.529μs", 0.004529, "12:00:01.000"),
        ("500us", 0.5, "12:00:00.999"),
        ("12ms", 12, "12:00:00.988"),
        ("1.5s", 1500, "11:59:59.500"),
        ("2m3.5s", 123500, "11:57:57.500"),
        ("2m0s", 120000, "11:58:01.000"),
        ("1h0m2s", 3602000, "10:59:59.000"),
        ("0s", 0, "12:00:01.000"),
        ("soon", None, "12:00:01.000"),
    ],
)
def test_a_duration_has_its_unit_with_it(tmp_path, duration, milliseconds, start):
    event = one(tmp_path, LINE.replace("12.53ms", duration))
    assert event["latency_ms"] == (None if milliseconds is None else pytest.approx(milliseconds))
    assert event["occurred_at"] == f"2026-06-09T{start}Z"


@pytest.mark.parametrize(
    ("target", "path"),
    [
        ('"/a|b/c?d=e|f"', "/a|b/c"),
        ('"/say/\\"hi\\""', '/say/"hi"'),
        ('"/a b"', "/a b"),
        ('"/"', "/"),
        ('"/x" | 4bf92f3577b34da6 | eu-1', "/x"),
    ],
)
def test_targets(tmp_path, target, path):
    assert one(tmp_path, LINE.replace('"/v1/rates/42?zone=4"', target))["path"] == path


def test_an_address_may_be_missing_or_of_version_6(tmp_path):
    assert one(tmp_path, LINE.replace("203.0.113.8", "           "))["client_ip"] is None
    assert one(tmp_path, LINE.replace("203.0.113.8", "::1"))["client_ip"] == "::1"


@pytest.mark.parametrize(("status", "refusal"), [("401", "auth"), ("404", "no_route"), ("429", "rate_limit"), ("499", "client_gone"),
                                                 ("503", "upstream"), ("500", None), ("201", None)])  # fmt: skip
def test_refusals(tmp_path, status, refusal):
    assert one(tmp_path, LINE.replace(" 200 ", f" {status} "))["refusal"] == refusal


def test_of_a_key_in_the_query_string_a_hash_is_kept(tmp_path):
    keyed = LINE.replace("zone=4", "api_key=sk_live_abcdef")
    seen = preview(write(tmp_path, keyed, keyed.replace("GIN] 2026", "GIN] 20x6")))
    assert seen.events[0]["credential_ref"].startswith("key:")
    assert len(seen.rejected) == 1
    assert "sk_live" not in json.dumps([seen.events, seen.rejected])


def test_what_is_no_request_is_rejected_with_its_reason(tmp_path):
    lines = {
        "[GIN-debug] Listening and serving HTTP on :8080": "a line of KrakenD's own log",
        "2026/06/09 12:00:01 KRAKEND DEBUG: [SERVICE: Gin] Debug enabled": "a line of KrakenD's own log",
        '{"@timestamp":"2026-06-09T12:00:01.619+00:00", "level": "INFO", "message": "x", "module": "KRAKEND"}': "own log",
        "Error #01: context deadline exceeded": "the error of the call before it",
        LINE[:40]: "cut short",
        LINE.replace("06/09", "13/09"): "no time that can be read: 2026/13/09 - 12:00:01",
        LINE.replace("200", "ok"): "laid out in a way of its own",
        "some | words | with | four | bars": "not a line of KrakenD's access log",
    }
    seen = preview(write(tmp_path, *[LINE] * 9, *lines, ""))
    assert seen.summary == {"format": "krakend", "lines": 18, "accepted": 9, "rejected": 8, "blank": 1}
    for rejected, reason in zip(seen.rejected, lines.values(), strict=True):
        assert reason in rejected["reason"]


@pytest.mark.parametrize("other", [kong(), aws(), COMBINED_LINE])
def test_lines_of_other_formats_are_none_of_this_one(tmp_path, other):
    path = write(tmp_path, other)
    assert preview(path).summary["format"] != "krakend"
    assert preview(path, "--format", "krakend").summary["accepted"] == 0


def test_the_quick_and_the_careful_way_give_the_same_rows(tmp_path, monkeypatch):
    odd = [LINE.replace("12.53ms", "soon"), LINE[:50], "", COLOURED + "\r", "[GIN-debug] x"]
    quick, careful = both_ways(tmp_path, monkeypatch, [*[LINE, COLOURED, BARE] * 5, *odd, LINE])
    assert quick == careful
    assert (quick["lines"], quick["accepted"], quick["blank"]) == (21, 18, 1)
