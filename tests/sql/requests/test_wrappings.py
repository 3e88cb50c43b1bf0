"""What AWS puts around log lines: every format is read inside of it, each message once."""

import base64
import gzip
import json

import pytest

from data_sources import envelopes, plain
from tests.sql.requests.lines import aws, kong, preview, write
from tests.sql.requests.test_aws_api_gateway_text import CLF, CSV, XML
from tests.sql.test_ingest import Home

COMBINED = '198.51.100.7 - - [09/Jun/2026:12:00:01 +0000] "GET /docs?k=a\\"b HTTP/1.1" 200 51 "-" "curl/8"'
INSIDE = {
    "kong": kong(),
    "aws_api_gateway": aws(resourcePath="/a/{x}{y}"),
    "aws_api_gateway_clf": CLF,
    "aws_api_gateway_csv": CSV,
    "aws_api_gateway_xml": XML,
    "combined": COMBINED,
}
CONTROL = {
    "messageType": "CONTROL_MESSAGE",
    "logEvents": [{"id": "", "timestamp": 1, "message": "CWL CONTROL MESSAGE: Checking health"}],
}


def subscription(*messages: str) -> dict:
    events = [{"id": f"{n:056}", "timestamp": 1_781_006_400_000 + n, "message": m} for n, m in enumerate(messages)]
    return {"messageType": "DATA_MESSAGE", "owner": "1", "logGroup": "g", "logStream": "s",
            "subscriptionFilters": ["f"], "logEvents": events}  # fmt: skip


def found(*messages: str) -> dict:
    events = [
        {
            "logStreamName": "s",
            "timestamp": 1_781_006_400_000 + n,
            "message": m,
            "ingestionTime": 9,
            "eventId": f"{n:056}",
        }
        for n, m in enumerate(messages)
    ]
    return {"events": events, "searchedLogStreams": [{"logStreamName": "s", "searchedCompletely": True}]}


def packed(held: dict) -> str:
    return base64.b64encode(gzip.compress(json.dumps(held).encode())).decode()


def tabled(*messages: str) -> str:
    lines = [f"EVENTS\t{n:056}\t1781006409000\tstream/1\t{m}\t1781006400000\n" for n, m in enumerate(messages)]
    return "".join(lines) + "SEARCHEDLOGSTREAMS\tstream/1\tTrue\n"


WRAPPINGS = {
    "export": lambda *m: "".join(f"2026-06-09T18:30:00.{n:03}Z {one}\n" for n, one in enumerate(m)),
    "subscription": lambda *m: json.dumps(subscription(*m)) + "\n",
    "subscriptions joined by Firehose": lambda *m: "".join(json.dumps(subscription(one)) for one in m),
    "subscription, base64": lambda *m: "".join(packed(subscription(one)) + "\n" for one in m),
    "what a function is given": lambda *m: json.dumps({"awslogs": {"data": packed(subscription(*m))}}) + "\n",
    "Kinesis records": lambda *m: json.dumps({"Records": [{"Data": packed(subscription(one))} for one in m]}) + "\n",
    "a query's answer": lambda *m: json.dumps(found(*m)) + "\n",
    "a query's answer laid out": lambda *m: json.dumps(found(*m), indent=4) + "\n",
    "a query's answer as text": tabled,
    "aws logs tail": lambda *m: "".join(f"2026-06-09T18:30:00.123000+00:00 stream/1 {one}\n" for one in m),
}


def put(folder, content: str | bytes, name="a.log"):
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize("form", INSIDE)
@pytest.mark.parametrize("wrapping", WRAPPINGS)
def test_every_format_is_read_in_every_wrapping(tmp_path, form, wrapping):
    line = INSIDE[form]
    bare = preview(write(tmp_path, line, line, "broken \\ 'line'", line)).events
    seen = preview(put(tmp_path, WRAPPINGS[wrapping](line, line, "broken \\ 'line'", line)))
    assert seen.summary == {"format": form, "lines": 4, "accepted": 3, "rejected": 1, "blank": 0}
    assert seen.events == bare
    assert [(r["line_no"], r["text"]) for r in seen.rejected] == [(3, "broken \\ 'line'")]


@pytest.mark.parametrize("form", ["kong", "aws_api_gateway"])
def test_json_without_newlines_between(tmp_path, form):
    line = INSIDE[form]
    bare = preview(write(tmp_path, line, line, line)).events
    for text in (line * 3, f"{line} {line}{line}\n", f"{line}{line}\n{line}"):
        seen = preview(put(tmp_path, text))
        assert (seen.summary["accepted"], seen.summary["lines"]) == (3, 3), text
        assert seen.events == bare


def test_joined_json_with_bare_dashes(tmp_path):
    line = '{"requestId":"r","requestTime":"09/Jun/2026:12:00:00 +0000","routeKey":"GET /x","status":-,"responseLatency":-}'
    seen = preview(put(tmp_path, line * 4))
    assert seen.summary == {"format": "aws_api_gateway", "lines": 4, "accepted": 4, "rejected": 0, "blank": 0}
    home = Home(tmp_path / "home")
    path = home.path / "logs" / "a.log"
    path.write_text(line * 4 + aws())
    assert home.ingest().accepted == 5
    with path.open("a") as file:
        file.write(line + line + line[:60])
    home.ingest()
    with path.open("a") as file:
        file.write(line[60:] + aws())
    home.ingest()
    assert len(home.rows()) == 9


def test_joined_json_that_is_damaged_loses_one_record(tmp_path):
    line = INSIDE["aws_api_gateway"]
    seen = preview(put(tmp_path, line + line[:70].replace("{", "{x", 1) + "}" + line + line[:40]))
    assert (seen.summary["accepted"], seen.summary["rejected"], seen.summary["lines"]) == (2, 2, 4)
    assert [r["line_no"] for r in seen.rejected] == [2, 4]


def test_joined_json_is_cut_between_documents_whatever_a_block_holds(tmp_path, monkeypatch):
    lines = [aws(requestId=f"r-{n}", path=f"/p/{n}}}{{", user="é") for n in range(200)]
    path = put(tmp_path, "".join(lines))
    for size in (97, 1_000, 5_555):
        monkeypatch.setattr(plain, "BLOCK_BYTES", size)
        seen = preview(path)
        assert [event["request_id"] for event in seen.events] == [f"r-{n}" for n in range(200)], size
        assert seen.summary["lines"] == 200
    monkeypatch.setattr(plain, "LONGEST_LINE", 10_000)
    seen = preview(put(tmp_path, "".join([*lines[:5], "{x}", *lines[5:]])))
    assert seen.summary == {"format": "aws_api_gateway", "lines": 201, "accepted": 200, "rejected": 1, "blank": 0}


def test_joined_json_that_grows_goes_on_where_it_was_left(tmp_path):
    home = Home(tmp_path / "home")
    path = home.path / "logs" / "a.log"
    lines = [aws(requestId=f"r-{n}") for n in range(6)]
    for text, accepted in (
        (lines[0] + lines[1] + lines[2][:50], 2),
        (lines[2][50:] + lines[3], 2),
        ("", 0),
        (lines[4], 1),
        (lines[5][:-1], 0),
        ("}", 1),
    ):
        with path.open("a") as file:
            file.write(text)
        assert home.ingest().accepted == accepted
    assert sorted(row["request_id"] for row in home.rows()) == [f"r-{n}" for n in range(6)]
    assert [row["line_no"] for row in sorted(home.rows(), key=lambda row: row["request_id"])] == [1, 2, 3, 4, 5, 6]


def test_a_wrapped_log_that_grows_counts_its_messages(tmp_path):
    home = Home(tmp_path / "home")
    path = home.path / "logs" / "a.log"
    path.write_text(WRAPPINGS["subscription"](CLF, CLF))
    assert home.ingest().accepted == 2
    with path.open("a") as file:
        file.write(WRAPPINGS["subscription"]("broken", CLF) + json.dumps(CONTROL) + "\n")
    summary = home.ingest()
    assert (summary.lines, summary.accepted, summary.rejected, summary.blank) == (3, 1, 1, 1)
    assert [row["line_no"] for row in home.rows("rejected")] == [3]


def test_a_control_message_and_an_empty_answer_are_blank(tmp_path):
    data = json.dumps(subscription(aws(), aws()))
    seen = preview(put(tmp_path, f"{json.dumps(CONTROL)}\n{data}\n{packed(CONTROL)}\n"))
    assert seen.summary == {"format": "aws_api_gateway", "lines": 4, "accepted": 2, "rejected": 0, "blank": 2}
    seen = preview(put(tmp_path, f"{json.dumps(found(aws()))}\n{json.dumps(found())}\n"))
    assert seen.summary == {"format": "aws_api_gateway", "lines": 2, "accepted": 1, "rejected": 0, "blank": 1}


def test_an_envelope_further_on_is_read_too(tmp_path):
    empty = json.dumps({"messageType": "DATA_MESSAGE", "logEvents": []})
    seen = preview(write(tmp_path, aws(), json.dumps(subscription(aws(), aws())), json.dumps(CONTROL), empty))
    assert [event["line_no"] for event in seen.events] == [1, 2, 2]
    assert seen.summary == {"format": "aws_api_gateway", "lines": 5, "accepted": 3, "rejected": 0, "blank": 2}


def test_gzip_in_gzip_as_firehose_writes_it(tmp_path):
    members = b"".join(gzip.compress(json.dumps(subscription(aws(), aws())).encode()) for _ in range(3))
    for content in (members, gzip.compress(members)):
        seen = preview(put(tmp_path, content, "a.gz"))
        assert (seen.summary["accepted"], seen.summary["lines"]) == (6, 6)


def test_a_record_longer_than_what_is_looked_at_first(tmp_path):
    many = [aws(requestId=f"r-{n}", path="/x" * (n % 50)) for n in range(9_000)]
    for content in (json.dumps(subscription(*many)), packed(subscription(*many)) + "\n"):
        path = put(tmp_path, content)
        assert envelopes.wrapping(plain.head(path, 4 << 10).content) == "lines"
        seen = preview(path)
        assert seen.summary == {
            "format": "aws_api_gateway",
            "lines": 9_000,
            "accepted": 9_000,
            "rejected": 0,
            "blank": 0,
        }


def test_a_message_of_several_lines_is_one(tmp_path):
    laid_out = aws().replace(", ", ",\n  ")
    for wrapping in ("subscription", "a query's answer laid out"):
        seen = preview(put(tmp_path, WRAPPINGS[wrapping](laid_out, laid_out + "\r\n")))
        assert (seen.summary["accepted"], seen.summary["lines"]) == (2, 2), wrapping


@pytest.mark.parametrize(
    "line",
    [
        "H4sIAAAA this is no base64",
        "H4sIAAAAAAAAA5WQ",
        '{"messageType":"DATA_MESSAGE","logEvents":[{"mess',
        '{"records":[{"time":"2026-06-09T12:00:00Z","category":"GatewayLogs"}]}',
        '{"awslogs":{"data":7}}',
        '{"Records":[{"kinesis":"x"}, 7]}',
        '{"events":{"message":1}}',
    ],
)
def test_what_cannot_be_unwrapped_stays_as_it_is(line):
    assert envelopes.spread(line.encode() + b"\n", "lines") == line.encode() + b"\n"


def test_a_bomb_is_not_unpacked(monkeypatch):
    monkeypatch.setattr(envelopes, "LARGEST_RECORD", 1_000)
    bomb = base64.b64encode(gzip.compress(bytes(100_000)))
    assert envelopes.spread(bomb + b"\n", "lines") == bomb + b"\n"


@pytest.mark.parametrize(
    "line",
    [
        COMBINED,
        kong(),
        "2026-06-09T12:00:00.123456789Z stdout F " + kong(),
        "2026-06-09T12:00:00.123Z stdout F " + kong(),
        '[2026-06-09T12:00:00.123Z] "GET / HTTP/1.1" 200',
        "2026-06-09T12:00:00.123456+00:00 lb1 haproxy[14]: 203.0.113.9:4711",
        f"[{aws()},{aws()}]",
        '{"time":"x","events":1}',
        "",
    ],
)
def test_what_is_not_wrapped_is_left_alone(line):
    assert envelopes.wrapping(line.encode() + b"\n") is None
