"""Logs inside a container's log: what Kubernetes and Docker put around each line comes off, for every format, and no line is lost."""

import gzip
import json

import pytest

from data_sources import plain
from sql.requests import read
from tests.sql.requests.lines import COMBINED_LINE, aws, preview, write
from tests.sql.test_ingest import Home, both_ways, call

STAMP = "2026-06-09T12:00:00.123456789Z"
ENVOY = '[2026-06-09T12:00:00.250Z] "GET /v1/rates HTTP/2" 200 - 7 512 14 12 "203.0.113.8" "harbor/3" "id" "api.example" "10.8.0.4:80"'
GIN = '[GIN] 2026/06/09 - 12:00:01 | 200 | 12.53ms | 203.0.113.8 | GET "/v1/rates"'
LINES = {"combined": COMBINED_LINE, "kong": call(3), "aws_api_gateway": aws(), "envoy": ENVOY, "krakend": GIN}


def cri(line: str, flag: str = "F", stream: str = "stdout", stamp: str = STAMP) -> str:
    """A line as containerd and CRI-O write it."""
    return f"{stamp} {stream} {flag} {line}"


def docker(line: str, end: str = "\n", stream: str = "stdout") -> str:
    """A line as Docker's json-file driver writes it."""
    return json.dumps({"log": line + end, "stream": stream, "time": STAMP}, separators=(",", ":"))


WRAPPERS = {
    "cri": cri,
    "docker": docker,
    "cri of an offset": lambda line: cri(line, stamp="2026-06-09T14:00:00.1+02:00"),
}


@pytest.fixture
def home(tmp_path):
    return Home(tmp_path / "home")


@pytest.mark.parametrize("wrapper", WRAPPERS)
@pytest.mark.parametrize("form", LINES)
def test_every_format_reads_what_is_inside(tmp_path, form, wrapper):
    bare = preview(write(tmp_path, LINES[form]))
    wrapped = preview(write(tmp_path, WRAPPERS[wrapper](LINES[form])))
    assert bare.summary["accepted"] == 1
    assert (wrapped.summary["format"], wrapped.events) == (form, bare.events)


@pytest.mark.parametrize("wrapper", [cri, docker])
def test_quick_and_careful_way_give_the_same_rows(tmp_path, monkeypatch, wrapper):
    bare = [call(n, request={"uri": "/é/☃?x=1"}) for n in range(200)] + [
        "broken",
        "",
        call(300)[:-9],
        f"[{call(301)},{call(302)}]",
    ]
    quick, careful = both_ways(tmp_path / "wrapped", monkeypatch, [wrapper(line) for line in bare])
    assert quick == careful
    assert (quick["lines"], quick["accepted"], quick["blank"]) == (205, 202, 1)
    assert quick == both_ways(tmp_path / "bare", monkeypatch, bare)[0]


def test_the_quick_way_is_taken(home, monkeypatch):
    given = []
    insert = read.Reader._insert
    monkeypatch.setattr(
        read.Reader, "_insert", lambda self, form, batches: given.append(1) or insert(self, form, batches)
    )
    home.log("a.log", *(cri(call(n)) for n in range(50)))
    home.ingest()
    assert home.chunks()[0].accepted == 50
    # recognising alone reads a sample: a chunk that is clean gives the careful way nothing
    assert len(given) <= 1


@pytest.mark.parametrize("wrapper", ["cri", "docker"])
def test_parts_are_joined_where_the_last_one_is(home, wrapper):
    line = call(1)
    if wrapper == "cri":
        parts = [cri(line[:100], "P"), cri("noise", stream="stderr"), cri(line[100:300], "P"), cri(line[300:], "F")]
        around = [cri(call(n)) for n in (0, 2)]
    else:
        parts = [
            docker(line[:100], ""),
            docker("noise", stream="stderr"),
            docker(line[100:300], ""),
            docker(line[300:]),
        ]
        around = [docker(call(n)) for n in (0, 2)]
    home.log("a.log", around[0], *parts, around[1])
    summary = home.ingest()
    assert (summary.lines, summary.accepted, summary.rejected, summary.blank) == (6, 3, 1, 2)
    assert [(row["line_no"], row["request_id"]) for row in home.rows()] == [
        (1, f"{0:032x}"),
        (5, f"{1:032x}"),
        (6, f"{2:032x}"),
    ]
    assert [row["text"] for row in home.rows("rejected")] == ["noise"]


def test_a_part_waits_for_its_end(home):
    path = home.log("a.log", cri(call(0)), cri(call(1)[:100], "P"))
    summary = home.ingest()
    assert (summary.lines, summary.accepted) == (1, 1)
    home.log("a.log", cri(call(1)[100:]), cri(call(2)))
    summary = home.ingest()
    assert (summary.lines, summary.accepted, summary.blank) == (3, 2, 1)
    assert home.chunks()[-1].end_offset == path.stat().st_size
    assert sorted(row["line_no"] for row in home.rows()) == [1, 3, 4]


@pytest.mark.parametrize("wrapper", ["cri", "docker"])
def test_a_part_whose_end_never_comes_is_rejected_and_says_so(home, wrapper):
    half = cri(call(1)[:90], "P") if wrapper == "cri" else docker(call(1)[:90], "")
    whole = cri(call(0)) if wrapper == "cri" else docker(call(0))
    (home.path / "logs" / "a.log.gz").write_bytes(gzip.compress(f"{whole}\n{half}\n".encode()))
    summary = home.ingest()
    assert (summary.lines, summary.accepted, summary.rejected) == (2, 1, 1)
    (reject,) = home.rows("rejected")
    assert reject["reason"] == "a part of a line that the container runtime cut: its end is not here"
    assert "sk_live" not in reject["text"]


def test_a_part_may_reach_over_the_ends_of_blocks_and_chunks(home, monkeypatch):
    monkeypatch.setattr(plain, "BLOCK_BYTES", 700)
    monkeypatch.setattr("data_sources.files.CHUNK_BYTES", 900)
    lines = []
    for n in range(12):
        text = call(n)
        lines += [cri(text[:200], "P"), cri(text[200:500], "P"), cri(text[500:])]
    home.log("a.log", *lines)
    summary = home.ingest()
    assert (summary.lines, summary.accepted, summary.rejected, summary.blank) == (36, 12, 0, 24)
    assert len(home.chunks()) > 3
    assert [row["line_no"] for row in sorted(home.rows(), key=lambda row: row["line_no"])] == list(range(3, 37, 3))


def test_lines_that_are_not_wrapped_stay_as_they_are(home):
    home.log("a.log", cri(call(0)), call(1), "2026-06-09T12:00:00Z stdout words", cri(call(2)), "", cri(""))
    summary = home.ingest()
    assert (summary.lines, summary.accepted, summary.rejected, summary.blank) == (6, 3, 1, 2)


def test_a_log_of_both_kinds_of_lines_says_the_same_of_both(tmp_path):
    seen = preview(write(tmp_path, COMBINED_LINE, cri(COMBINED_LINE), COMBINED_LINE))
    first, second, _ = seen.events
    assert second == first | {"line_no": 2}


def test_what_docker_escapes_comes_out_whole(tmp_path):
    line = COMBINED_LINE.replace("curl/8", 'a\\"b\\" é\t☃')
    (event,) = preview(write(tmp_path, docker(line))).events
    assert event["user_agent"] == 'a"b" é\t☃'
    assert preview(write(tmp_path, docker(COMBINED_LINE).replace("curl", "\\ud800\\u0000"))).summary["accepted"] == 1
