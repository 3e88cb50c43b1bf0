"""The preview command: exit status, streams, limits, and what it says of files that are no logs."""

import bz2
import gzip
import json
import subprocess
import sys
from pathlib import Path

import pytest
import zstandard

from sql.looks import line_shape
from sql.preview import preview_bytes
from sql.requests import formats
from tests.sql.requests.lines import aws, kong, preview, write

ROOT = Path(__file__).parents[2]
COMBINED = '198.51.100.7 - - [09/Jun/2026:12:00:01 +0000] "GET /docs HTTP/1.1" 200 51 "-" "curl/8"'


def command(*arguments):
    """Run `python -m sql preview`."""
    done = [sys.executable, "-m", "sql", "preview", *map(str, arguments)]
    return subprocess.run(done, cwd=ROOT, capture_output=True, text=True, check=False)


def test_as_a_command(tmp_path):
    path = write(tmp_path, kong(), "broken")
    done = command(path, "--json")
    kinds = [next(iter(json.loads(line))) for line in done.stdout.splitlines()]
    assert (done.returncode, kinds) == (0, ["event", "rejected", "summary"])
    done = command(path)
    assert done.returncode == 0
    assert "/v1/quotes/88213" in done.stdout
    assert "1 accepted, 1 rejected" in done.stdout


def test_an_unknown_format_lists_those_there_are(tmp_path):
    done = command(write(tmp_path, kong()), "--format", "gopher", "--json")
    assert done.returncode == 2
    assert ", ".join(formats()) in done.stderr
    assert json.loads(done.stdout.splitlines()[-1])["summary"]["accepted"] == 0


@pytest.mark.parametrize(
    ("content", "looks"),
    [
        (b"", "empty"),
        (b"\n \n", "blanks"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "PNG"),
        (bytes(range(256)) * 20, "binary"),
        (b"PAR1\x15\x04\x15", "Parquet"),
        (b"PK\x03\x04\x14\x00xl/workbook.xml", "spreadsheet"),
        (b"2026/06/09 12:00:00 [error] 7#7: *1 open() failed\n", "error log"),
        (b'{"level":"info","msg":"started"}\n', "keys level, msg"),
        (b'{\n  "started_at": 1,\n  "request": {}\n}\n', "several lines"),
        (b"email,name,plan\na@b.example,A,free\nc@d.example,C,pro\n", "CSV sheet with the columns email, name, plan"),
        (b"<!doctype html><title>x</title>\n", "HTML"),
        (b"once upon a time\n", "plain text"),
        (b'{"session":{"sent":1},"started_at":1781006400000}\n', "TCP streams"),
    ],
)
def test_what_is_no_log_is_described(tmp_path, content, looks):
    path = tmp_path / "file"
    path.write_bytes(content)
    seen = preview(path)
    assert seen.status == 2
    assert seen.summary == {"format": None, "lines": 0, "accepted": 0, "rejected": 0, "blank": 0}
    assert looks in seen.message
    assert str(path) in seen.message


def test_a_file_that_is_not_there(tmp_path):
    seen = preview(tmp_path / "nothing.log")
    assert seen.status == 2
    assert "nothing.log: No such file" in seen.message
    assert preview(tmp_path).status == 2


def test_the_wrong_format_reads_nothing_and_says_so(tmp_path):
    seen = preview(write(tmp_path, kong(), kong()), "--format", "combined")
    assert (seen.status, seen.summary["rejected"]) == (2, 2)
    assert "combined" in seen.message


@pytest.mark.parametrize("compress", [gzip.compress, bz2.compress, zstandard.compress])
def test_compressed_files(tmp_path, compress):
    path = tmp_path / "a.log"
    path.write_bytes(compress(f"{COMBINED}\n{COMBINED}".encode()))
    assert preview(path).summary["accepted"] == 2


def test_a_damaged_file_gives_its_good_part_and_the_reason(tmp_path):
    lines = "".join(kong(request={"id": f"{n:032x}"}) + "\n" for n in range(500))
    path = tmp_path / "a.log.gz"
    path.write_bytes(gzip.compress(lines.encode())[:-1500])
    seen = preview(path)
    assert seen.status == 0
    assert 0 < seen.summary["accepted"] < 500
    assert "ends in the middle" in seen.message


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-be"])
def test_encodings(tmp_path, encoding):
    text = "".join(COMBINED.replace("curl/8", f"Größe {n} Ċ☃") + "\r\n" for n in range(3))
    path = tmp_path / "a.log"
    path.write_bytes((b"\xfe\xff" if encoding == "utf-16-be" else b"") + text.encode(encoding))
    seen = preview(path)
    assert [event["user_agent"] for event in seen.events] == ["Größe 0 Ċ☃", "Größe 1 Ċ☃", "Größe 2 Ċ☃"]


def test_bytes_that_are_no_utf8_do_not_cost_the_line(tmp_path):
    path = tmp_path / "a.log"
    path.write_bytes(COMBINED.replace("curl/8", "caf\xe9").encode("latin-1") + b"\n\0\0\0" + COMBINED.encode() + b"\n")
    assert [event["user_agent"] for event in preview(path).events] == ["caf\ufffd", "curl/8"]


def test_mixed_lines_go_to_the_format_that_reads_most(tmp_path):
    path = write(tmp_path, "2026/06/09 12:00:00 [warn] 7#7: slow", aws(), aws(), "", kong())
    seen = preview(path)
    assert seen.summary == {"format": "aws_api_gateway", "lines": 5, "accepted": 2, "rejected": 2, "blank": 1}


def test_limit_is_in_lines(tmp_path):
    seen = preview(write(tmp_path, *[kong()] * 9), "--limit", "4")
    assert (len(seen.events), seen.summary["lines"]) == (4, 4)


def test_uploaded_bytes():
    found = preview_bytes("a.log", f"{COMBINED}\nnonsense\n".encode(), limit=10)
    assert (found.format, found.accepted, found.rejected, found.message) == ("combined", 1, 1, None)
    assert list(found.events["path"]) == ["/docs"]
    assert list(found.rejects["line_no"]) == [2]
    found = preview_bytes("a.pdf", b"%PDF-1.7")
    assert (found.format, found.accepted, len(found.events)) == (None, 0, 0)
    assert "PDF" in found.message


@pytest.mark.parametrize(
    ("first", "second", "alike"),
    [
        ('{"a": 1, "b": {"c": 2}}\n{', '{"b": 7, "a": "x"}', True),
        ('{"a": 1}', '{"b": 1}', False),
        ('10.0.0.1 - - [01/Jun/2026:00:00:01 +0000] "GET /"', '10.2.3.4 - bob [02/Jul/2026:10:00:01 +0000] "POST /x"', False),
        ('10.0.0.1 - - [01/Jun/2026:00:00:01 +0000] "GET /"', '10.2.3.4 - - [02/Jul/2026:10:00:01 +0000] "-"', True),
        ('{"a": 1', '{"a": 1', False),
        ("\n", "\n", False),
    ],
)  # fmt: skip
def test_lines_written_alike_have_one_shape(first, second, alike):
    shapes = {line_shape(first.encode()), line_shape(second.encode())}
    assert (len(shapes) == 1 and None not in shapes) == alike
