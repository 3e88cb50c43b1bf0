"""Logs that are sheets: headers, delimiters, quotes, line ends; every line counted, the quick way as the careful way."""

import csv
import gzip
import io
import random
import re
from pathlib import Path

import pytest

from data_sources import files, plain
from data_sources.ledger import LogFile
from sql.engines import duckdb as engine
from sql.looks import looks_like
from sql.requests import EVENT_COLUMNS, by_name
from sql.requests.read import Quick, Reader, recognise
from tests.sql.requests.lines import aws, kong, preview, write
from tests.sql.test_ingest import NOW, PROGRAM, Home

HEADER = [
    "TimeGenerated [UTC]",
    "Method",
    "Url",
    "ResponseCode",
    "TotalTime",
    "CallerIpAddress",
    "ApimSubscriptionId",
    "Note",
]
KEY = "Zx81kQ7sT0vB4nM2"


def row(number: int = 0, **changes: str) -> list[str]:
    """The cells of a call, one a minute."""
    cells = dict(
        zip(
            HEADER,
            [f"2026-06-09T12:{number % 60:02d}:00Z", "GET", f"https://api.harbor.example/rates/{number}?lang=en,fr", "200", "43",
             "198.51.100.23", f"quay-{number % 7}", ""],
            strict=True,
        )
    )  # fmt: skip
    return list({**cells, **changes}.values())


def sheet(rows: list[list[str]], delimiter: str = ",", end: str = "\n", always_quoted: bool = False) -> bytes:
    """Rows as a sheet."""
    out = io.StringIO()
    quoting = csv.QUOTE_ALL if always_quoted else csv.QUOTE_MINIMAL
    csv.writer(out, delimiter=delimiter, lineterminator=end, quoting=quoting).writerows(rows)
    return out.getvalue().encode()


def put(folder: Path, content: bytes, name: str = "export.csv") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def counts(seen) -> tuple[int, int, int, int]:
    """Lines, accepted, rejected, blank; which must add up."""
    found = tuple(seen.summary[name] for name in ("lines", "accepted", "rejected", "blank"))
    assert found[0] == sum(found[1:])
    return found


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("always_quoted", [False, True])
def test_delimiters_quotes_and_line_ends(tmp_path, delimiter, end, always_quoted):
    rows = [HEADER, row(0), row(1, Note=f'said "no" {delimiter} twice'), row(2)]
    seen = preview(put(tmp_path, sheet(rows, delimiter, end, always_quoted)))
    assert counts(seen) == (4, 3, 0, 1)
    assert seen.summary["format"] == "azure_apim_csv"
    assert [(e["line_no"], e["path"], e["credential_ref"]) for e in seen.events] == [
        (2, "/rates/0", "quay-0"),
        (3, "/rates/1", "quay-1"),
        (4, "/rates/2", "quay-2"),
    ]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_mark_before_the_header_is_no_part_of_it(tmp_path, encoding):
    seen = preview(put(tmp_path, sheet([HEADER, row()]).decode().encode(encoding)))
    assert counts(seen) == (2, 1, 0, 1)


def test_headers_in_lower_case_and_in_any_order(tmp_path):
    rows = [list(reversed(cells)) for cells in ([name.lower() for name in HEADER], row(5))]
    (event,) = preview(put(tmp_path, sheet(rows))).events
    assert (event["path"], event["status"], event["latency_ms"]) == ("/rates/5", 200, 43)


def test_what_is_no_row_is_rejected_with_its_own_reason(tmp_path):
    content = sheet([HEADER, row(0)]) + b"2026-06-09T12:01:00Z,GET,/x\n" + sheet([[*row(1), "more"]]) + b"\n"
    content += sheet([row(2, Note="two\nlines")]) + sheet([row(3)])
    seen = preview(put(tmp_path, content))
    assert counts(seen) == (8, 2, 4, 2)
    assert [(r["line_no"], r["reason"]) for r in seen.rejected] == [
        (3, "3 cells where the header names 8"),
        (4, "9 cells where the header names 8"),
        (6, "a quoted cell does not end on this line: it holds a line break, or was cut short"),
        (7, "1 cell where the header names 8"),
    ]


def test_a_header_that_comes_again_is_blank(tmp_path):
    part = sheet([HEADER, row(0), row(1)])
    assert counts(preview(put(tmp_path, part + part))) == (6, 4, 0, 2)


def test_local_times_are_not_taken_for_utc(tmp_path):
    rows = [["TimeGenerated [Local Time]", *HEADER[1:]], row()]
    seen = preview(put(tmp_path, sheet(rows)))
    assert seen.summary["accepted"] == 0
    seen = preview(put(tmp_path, sheet(rows)), "--format", "azure_apim_csv")
    assert "its header line lacks TimeGenerated [UTC]" in seen.message


def test_no_credential_is_kept_of_a_rejected_line(tmp_path):
    header = [*HEADER, "Api Key", "Authorization", "Anything"]
    rows = [
        header,
        [*row(0, **{"TimeGenerated [UTC]": "soon"}), "abc", "Basic x", KEY],
        [*row(1), "abc", "Basic x", KEY, KEY],
        [*row(2, **{"TimeGenerated [UTC]": KEY}), "abc", "Basic x", "word"],
    ]
    content = sheet(rows) + f'2026-06-09T12:00:00Z,"GET,{KEY},abc,Basic x\n'.encode()
    seen = preview(put(tmp_path, content), "--format", "azure_apim_csv")
    assert counts(seen)[1:3] == (0, 4)
    kept = str(seen.rejected)
    for secret in (KEY, "abc", "Basic x"):
        assert secret not in kept
    assert "https://api.harbor.example/rates/0?[redacted]" in kept, "what is no credential helps to see what is wrong"
    assert "2026-06-09T12:00:00Z" in kept


def both_ways(tmp_path, content: bytes):
    """The counts and events of a sheet, the quick way and the careful way alone."""
    path = put(tmp_path, content, "both.csv")
    head = plain.head(path, files.HEAD_BYTES)
    form = by_name("azure_apim_csv").for_file(plain.text_of(head))
    log = LogFile(
        id="x",
        source="",
        path=str(path),
        head_fingerprint="",
        head_bytes=0,
        read_offset=0,
        lines_read=0,
        first_seen_at=NOW,
    )
    (chunk,) = files.chunks(log, path, head, tmp_path / "spool", True)
    columns = ", ".join(
        name for name in EVENT_COLUMNS if name not in ("source", "environment", "client_country", "client_network")
    )
    with engine.connect(threads=1) as con:
        con.execute("set preserve_insertion_order = false")
        reader, quick = Reader(con), Quick(tmp_path / "quick", columns)
        careful = reader.read(form, chunk)
        careful_rows = con.execute(f"select {columns} from careful where problem is null order by line_no").fetchall()
        rejected = con.execute(
            "select line_no, problem, line from careful where problem is not null order by 1"
        ).fetchall()
        counted = reader.read(form, chunk, quick)
        events = f"select {columns} from careful where problem is null"
        if quick.files:
            events += f" union all select {columns} from {quick.events}"
        quick_rows = con.execute(f"select * from ({events}) order by line_no").fetchall()
        rejected_too = con.execute(
            "select line_no, problem, line from careful where problem is not null order by 1"
        ).fetchall()
    assert (counted.lines, counted.accepted, counted.rejected, counted.blank) == (
        careful.lines, careful.accepted, careful.rejected, careful.blank)  # fmt: skip
    assert counted.lines == counted.accepted + counted.rejected + counted.blank
    assert quick_rows == careful_rows
    assert rejected_too == rejected
    quick.discard()
    return counted


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_clean_sheet_is_read_the_quick_way(tmp_path, end):
    rows = [
        HEADER,
        *(row(n, Note='a "b", c' if n % 3 else "") for n in range(500)),
        row(9, ResponseCode="x", Url=""),
        *(row(n) for n in range(9)),
    ]
    counted = both_ways(tmp_path, sheet(rows, end=end))
    assert (counted.lines, counted.accepted, counted.careful_accepted, counted.rejected) == (511, 509, 0, 1)


ODD = [
    b"\n", b"\r\n", b"   \n", b'"\n', b'a "quote" inside,b\n', b",,,,,,,\n", b"\x00\xff,\xfe\n", b",".join([b"x"] * 8) + b"\n",
    sheet([row(3, Note="two\nlines")]), sheet([row(4, Note="three\n\nlines")]), sheet([row(5)])[:30] + b"\n", sheet([HEADER]),
    sheet([row(6, Url='/a "b"')]).replace(b'""', b'"'), sheet([[*row(7), ""]]), sheet([row(8)], end="\r\n"), b' "a" ,b\n',
    sheet([row(9)], always_quoted=True).replace(b'","', b'" ,"'), sheet([row(9)], always_quoted=True).replace(b'","', b'", "'), sheet([row(9)], always_quoted=True)[:-1] + b" \n", sheet([row(9)], always_quoted=True)[:-1] + b"x\n",
    sheet([row(9, Note="a\rb")]), sheet([row(10, Note="\x1f\x1e")]), sheet([row(11, Note=" padded ")]),
]  # fmt: skip


@pytest.mark.parametrize("seed", range(18))
def test_whatever_stands_in_a_sheet_both_ways_agree(tmp_path, seed):
    chance = random.Random(seed)
    end = "\r\n" if seed % 4 == 0 else "\n"
    content = sheet([HEADER], end=end)
    for number in range(300):
        content += sheet([row(number, Note=chance.choice(["", "a,b", 'say "x"', "ü"]))], end=end)
        if chance.random() < (0.02, 0.3, 0.004)[seed % 3]:
            content += chance.choice(ODD)
    if seed % 2:
        content += chance.choice(ODD)
    both_ways(tmp_path, content)


@pytest.mark.parametrize("seed", range(8))
def test_odd_lines_slow_down_only_the_stretch_that_they_are_in(tmp_path, monkeypatch, seed):
    monkeypatch.setattr(files, "SCANNED_BYTES", 6_000)
    monkeypatch.setattr(plain, "BLOCK_BYTES", 6_000)
    chance = random.Random(seed)
    odd = set(chance.sample(range(4_000), 6))
    content = sheet([HEADER])
    for number in range(4_000):
        content += (chance.choice(ODD) if number in odd else b"") + sheet(
            [row(number, Note=chance.choice(["", "a,b"]))]
        )
    counted = both_ways(tmp_path, content)
    assert counted.accepted >= 4_000
    assert counted.careful_accepted < 800


def test_one_record_over_two_lines_at_the_very_end(tmp_path):
    rows = [HEADER, *(row(n) for n in range(50)), row(1, Note="two\nlines")]
    counted = both_ways(tmp_path, sheet(rows))
    assert (counted.accepted, counted.rejected, counted.blank) == (50, 2, 1)


@pytest.fixture
def home(tmp_path):
    return Home(tmp_path / "home")


def test_a_sheet_that_grows_is_read_on_by_the_header_at_its_beginning(home):
    path = home.path / "logs" / "export.log.csv"
    path.write_bytes(sheet([HEADER]))
    first = home.ingest()
    assert (first.lines, first.blank, first.errors) == (1, 1, []), "only a header yet"
    for number in range(3):
        with path.open("ab") as file:
            file.write(sheet([row(2 * number), row(2 * number + 1)]))
        assert (home.ingest().accepted, len(home.chunks())) == (2, number + 2)
    assert sorted((e["line_no"], e["path"]) for e in home.rows()) == [(n + 2, f"/rates/{n}") for n in range(6)]
    assert {chunk.format for chunk in home.chunks()} == {"azure_apim_csv"}


def test_a_sheet_in_several_chunks(home, monkeypatch):
    monkeypatch.setattr(files, "CHUNK_BYTES", 4_000)
    monkeypatch.setattr(plain, "BLOCK_BYTES", 1_000)
    content = sheet([HEADER, *(row(n, Note="a,b") for n in range(4000))])
    (home.path / "logs" / "export.log").write_bytes(b"\xef\xbb\xbf" + content)
    summary = home.ingest()
    assert (summary.lines, summary.accepted, summary.blank, summary.errors) == (4001, 4000, 1, [])
    assert len(home.chunks()) > 3
    assert sorted(e["line_no"] for e in home.rows()) == list(range(2, 4002))


def test_a_sheet_that_is_a_log_is_taken_from_the_inbox_and_others_are_left(home):
    inbox = home.path / "inbox"
    inbox.mkdir()
    (inbox / "gateway.csv").write_bytes(sheet([HEADER, row(0), row(1)]))
    (inbox / "packed.csv.gz").write_bytes(gzip.compress(sheet([HEADER, row(2)])))
    (inbox / "developers.csv").write_text("id,email\n1,a@b.example\n")
    (inbox / "keys.tsv").write_text("BackendTime\tnone of a log\n1\t2\n")
    summary = home.ingest()
    assert (summary.accepted, summary.files, summary.errors) == (3, 2, [])


def test_two_sheets_of_as_many_columns_are_told_apart(home):
    other = [
        "client_received_start_timestamp",
        "request_verb",
        "request_path",
        "response_status_code",
        "client_id",
        "a",
        "b",
        "c",
    ]
    (home.path / "logs" / "1.log").write_bytes(
        sheet([HEADER, row(0)]).replace(b"TimeGenerated [UTC]", b"TimeGenerated")
    )
    (home.path / "logs" / "2.log").write_bytes(sheet([other, ["1781006400250", "GET", "/x", "200", KEY, "", "", ""]]))
    summary = home.ingest()
    assert (summary.accepted, summary.errors) == (2, [])
    assert sorted(chunk.format for chunk in home.chunks()) == ["apigee_csv", "azure_apim_csv"]
    assert KEY not in str(home.rows())


def test_a_format_that_is_named_says_what_a_header_lacks(tmp_path):
    home = Home(tmp_path / "named", PROGRAM + 'format = "tyk_csv"\n')
    (home.path / "logs" / "1.log").write_bytes(sheet([HEADER, row(0)]))
    (error,) = home.ingest().errors
    assert error.reason == "not read as tyk_csv: its header line lacks RawPath, TimeStamp, APIKey"


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("TimeGenerated [Local Time],Method,Url,ResponseCode", "a CSV log of a kind that is not known"),
        ("when;http_method;request_path;code", "a CSV log with semicolons of a kind that is not known"),
        ("id,email,created_at", "a CSV sheet with the columns id, email, created_at"),
        ("organization,payment method,amount", "a CSV sheet with the columns organization"),
    ],
)
def test_what_a_sheet_looks_like_that_no_format_reads(header, said):
    assert looks_like("x.csv", f"{header}\n1,2;3,4;5\n".encode()).startswith(said)


def test_the_example_of_a_sheet_without_a_header_reads_as_it():
    text = by_name("gravitee_csv").sql
    example = re.search(r"-- example: (.*?)\nwith ", text, re.DOTALL)[1].replace("\n--   ", " ")
    with engine.connect(threads=1) as con:
        found = recognise(Reader(con), example.encode())
        assert (found.name, Reader(con).read_sample(found, example.encode()).accepted) == ("gravitee_csv", 1)


OTHERS = [
    kong(),
    aws(),
    '198.51.100.7 - - [09/Jun/2026:12:00:01 +0000] "GET /docs;v=1?key=abc HTTP/1.1" 200 51 "-" "curl/8"',
    "id,email,created_at",
    '"a";"b";"c"',
]


@pytest.mark.parametrize("name", ["azure_apim_csv", "apigee_csv", "tyk_csv", "gravitee_csv"])
@pytest.mark.parametrize("line", OTHERS)
def test_lines_of_other_formats_are_none_of_a_sheet(tmp_path, name, line):
    path = write(tmp_path, line, line)
    assert preview(path, "--format", name).summary["accepted"] == 0
    assert preview(path).summary["format"] != name
