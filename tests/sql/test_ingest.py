"""From log files to the lake: every line counted once, whatever happens; nothing secret lands."""

import gzip
import json
import os
import random
import signal
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path

import pytest
from sqlmodel import select

from data_sources.ledger import LogChunk, LogFile
from data_sources.program import ProgramError, load
from sql.engines import duckdb as engine
from sql.ingest import ingest
from sql.requests import EVENT_COLUMNS, read
from tests.new_store import new_store
from tests.sql.requests.lines import STARTED_MS, aws, kong

NOW = datetime(2026, 6, 10, 6)
ROOT = Path(__file__).parents[2]
DAY_MS = 86_400_000
PROGRAM = """
[program]
name = "Harbor"
currency = "usd"
[[source]]
name = "gateway"
kind = "logs"
paths = ["logs/*.log*"]
"""
COMBINED = '198.51.100.7 - - [09/Jun/2026:12:00:01 +0000] "GET /docs?key=abc HTTP/1.1" 200 51 "-" "curl/8"'


class Home:
    """A home with logs, and what its lake and ledger hold."""

    def __init__(self, path: Path, program: str = PROGRAM) -> None:
        self.path = path
        (path / "logs").mkdir(parents=True)
        (path / "program.toml").write_text(program)
        self.store = new_store(path)

    def log(self, name: str, *lines: str) -> Path:
        path = self.path / "logs" / name
        with path.open("ab") as file:
            file.write("".join(line + "\n" for line in lines).encode())
        return path

    def ingest(self):
        return ingest(self.store, load(self.path), None, NOW)

    def chunks(self) -> list[LogChunk]:
        with self.store.session() as session:
            return list(session.exec(select(LogChunk).order_by(LogChunk.path, LogChunk.start_offset)))

    def rows(self, kind: str = "requests") -> list[dict]:
        """The rows of the files that the ledger names, ordered."""
        if kind == "requests":
            names = [name for chunk in self.chunks() for name in chunk.files or ()]
        else:
            names = [chunk.rejected_file for chunk in self.chunks() if chunk.rejected_file]
        if not names:
            return []
        with engine.connect() as con:
            result = con.execute(
                "select * from read_parquet(?, hive_partitioning = false, union_by_name = false) order by chunk_id, line_no",
                [[str(self.path / "lake" / name) for name in names]],
            )
            columns = [column[0] for column in result.description]
            return [dict(zip(columns, row, strict=True)) for row in result.fetchall()]


@pytest.fixture
def home(tmp_path):
    return Home(tmp_path / "home")


def call(number: int, **changes) -> str:
    """A Kong line of its own: a request a minute."""
    return kong(**{"started_at": STARTED_MS + 60_000 * number, "request": {"id": f"{number:032x}"}, **changes})


def test_lines_are_accepted_rejected_or_blank_and_the_ledger_says_which(home):
    home.log("a.log", call(0), "broken", "", call(1), f"[{call(2)},{call(3)}]")
    summary = home.ingest()
    assert (summary.lines, summary.accepted, summary.rejected, summary.blank) == (6, 4, 1, 1)
    (chunk,) = home.chunks()
    assert (chunk.lines, chunk.accepted, chunk.rejected, chunk.blank) == (6, 4, 1, 1)
    assert chunk.days == ["2026-06-09"]
    assert (chunk.format, chunk.source, chunk.path, chunk.first_line_no) == ("kong", "gateway", "logs/a.log", 1)
    assert (chunk.first_at, chunk.last_at) == (
        datetime(2026, 6, 9, 12, 0, 0, 250_000),
        datetime(2026, 6, 9, 12, 3, 0, 250_000),
    )
    assert [row["line_no"] for row in home.rows()] == [1, 4, 5, 5]
    (reject,) = home.rows("rejected")
    assert (reject["file"], reject["line_no"], reject["text"], reject["source"]) == (
        "logs/a.log",
        2,
        "broken",
        "gateway",
    )


def test_the_columns_and_types_of_the_lake(home):
    home.log("a.log", call(0, client_ip=None))
    home.ingest()
    (name,) = home.chunks()[0].files
    assert name.startswith("requests/day=2026-06-09/")
    with engine.connect() as con:
        described = con.execute(
            f"describe select * from read_parquet('{home.path / 'lake' / name}', hive_partitioning = false)"
        ).fetchall()
    types = {column[0]: column[1] for column in described}
    assert tuple(types) == (*EVENT_COLUMNS, "chunk_id")
    expected = {"occurred_at": "TIMESTAMP", "status": "INTEGER", "latency_ms": "DOUBLE", "upstream_latency_ms": "DOUBLE",
                "request_bytes": "BIGINT", "response_bytes": "BIGINT", "line_no": "BIGINT",
                "limit_calls": "BIGINT", "limit_left": "BIGINT"}  # fmt: skip
    assert types == {name: expected.get(name, "VARCHAR") for name in types}


PARTIES = """
[[party]]
name = "Rival"
kind = "competitor"
networks = ["198.51.100.0/24", "2001:db8::/32"]
[[party]]
name = "Rival's own floor"
kind = "competitor"
networks = ["198.51.100.64/26"]
"""


def test_a_network_is_looked_up_before_the_address_is_hashed(tmp_path):
    home = Home(tmp_path / "home", PROGRAM + PARTIES)
    addresses = [
        "198.51.100.7",
        "198.51.100.70",
        "203.0.113.1",
        "2001:db8::9",
        "::ffff:198.51.100.8",
        None,
        "no address",
    ]
    home.log("a.log", *(call(n, client_ip=address) for n, address in enumerate(addresses)))
    home.ingest()
    assert [row["client_network"] for row in home.rows()] == ["Rival", "Rival's own floor", None, "Rival", "Rival", None, None]  # fmt: skip
    assert {row["client_country"] for row in home.rows()} == {None}
    kept = b"".join(path.read_bytes() for path in (home.path / "lake").rglob("*.parquet"))
    assert b"198.51.100" not in kept


def test_a_country_is_looked_up_where_the_program_names_a_database(tmp_path, cases):
    database = cases / "reference" / "GeoLite2-Country-Test.mmdb"
    if not database.is_file():
        pytest.skip("no test database of countries beside the cases: countries of addresses were not tested")
    home = Home(tmp_path / "home", PROGRAM.replace("[[source]]", 'country_database = "countries.mmdb"\n[[source]]'))
    (home.path / "countries.mmdb").write_bytes(database.read_bytes())
    addresses = ["2.125.160.216", "2.125.160.217:443", "[2001:2e8::1]", "2a02:d7c0::5", "203.0.113.1", None]
    home.log("a.log", *(call(n, client_ip=address) for n, address in enumerate(addresses)))
    home.ingest()
    assert [row["client_country"] for row in home.rows()] == ["GB", "GB", "JP", "FR", None, None]


def test_a_database_of_countries_that_is_none_is_named(tmp_path):
    text = PROGRAM.replace("[[source]]", 'country_database = "countries.mmdb"\n[[source]]')
    home = Home(tmp_path / "home", text)
    with pytest.raises(ProgramError, match=r"there is no file .*countries\.mmdb"):
        home.ingest()
    (home.path / "countries.mmdb").write_text("not a database")
    with pytest.raises(ProgramError, match="is no MaxMind database"):
        home.ingest()


def test_every_format_writes_the_same_columns_and_types(home):
    for name, line in (("k.log", call(0)), ("a.log", aws()), ("c.log", COMBINED)):
        home.log(name, line)
    home.ingest()
    with engine.connect() as con:
        shapes = {
            tuple(
                con.execute(
                    f"describe select * from read_parquet('{home.path / 'lake' / name}', hive_partitioning = false)"
                ).fetchall()
            )
            for chunk in home.chunks()
            for name in chunk.files
        }
    assert len(home.chunks()) == 3
    assert len(shapes) == 1


def test_the_settings_of_a_source_are_on_its_events(tmp_path):
    extra = 'surface = "docs"\nenvironment = "sandbox"\nservice = "documentation"\n'
    home = Home(tmp_path / "home", PROGRAM + extra)
    home.log("a.log", COMBINED)
    home.ingest()
    (row,) = home.rows()
    assert (row["source"], row["surface"], row["environment"], row["service"]) == (
        "gateway",
        "docs",
        "sandbox",
        "documentation",
    )


def test_addresses_and_people_are_hashed_with_the_salt_of_the_home(tmp_path):
    hashes = []
    for name in ("one", "two"):
        home = Home(tmp_path / name)
        home.log("a.log", call(0), call(1), call(2, client_ip="198.51.100.99"))
        home.log(
            "b.log",
            aws(
                authorizer={"claims": {"client_id": "cl", "sub": "ann@acme.example"}}, identity={"apiKey": "abcdefgh12"}
            ),
        )
        home.ingest()
        rows = home.rows()
        assert len({row["client_ip"] for row in rows}) == 3
        hashes.append(
            {row["client_ip"] for row in rows}
            | {row["end_user_ref"] for row in rows}
            | {row["credential_ref"] for row in rows}
        )
    assert hashes[0] & hashes[1] == {None, "key-55"}


def test_no_secret_lands_anywhere(home):
    secrets = (
        "sk_live_abcdef",
        "carrier=all",
        "198.51.100.23",
        "203.0.113.77",
        "hunter2",
        "abcdefgh12",
        "person-1",
        "ann:pw",
    )
    home.log("k.log", call(0), call(1)[:330], call(2, started_at="x"), '{"headers":{"Cookie":"sid=hunter2"}}',
             "GET http://ann:pw@x.example/?carrier=all 203.0.113.77 Authorization: Bearer hunter2hunter2")  # fmt: skip
    home.log(
        "a.log",
        aws(identity={"apiKey": "abcdefgh12"}, authorizer={"principalId": "p", "claims": {"sub": "person-1"}}),
        aws()[:60] + ' "apiKey":"abcdefgh12',
    )
    home.log("c.log", COMBINED.replace("key=abc", "carrier=all"), COMBINED.replace("key=abc", "carrier=all")[:-5])
    summary = home.ingest()
    assert (summary.accepted, summary.rejected) == (3, 6)
    kept = json.dumps([home.rows(), home.rows("rejected")], default=str)
    assert [secret for secret in secrets if secret in kept] == []


def test_the_quick_and_the_careful_way_give_the_same_rows(tmp_path, monkeypatch):
    generator = random.Random(7)
    texts = []
    for number in range(3000):
        changes = {
            "client_ip": generator.choice(["198.51.100.1", "2001:db8::1", None]),
            "latencies": generator.choice([{"proxy": -1}, {"request": "12.5"}, None, {"request": 1e300}, {"request": "x"}]),
            "response": {"status": generator.choice([200, "204", 404, 429, 500, "-", 1.0]), "size": generator.choice(["7", 8, None, -1, "x"])},
            "consumer": generator.choice([None, {"custom_id": 12}, {"custom_id": "é☃"}, "text"]),
            "route": generator.choice([None, {"name": None}, []]),
            "request": {"uri": generator.choice(["/a/1?b", "/é/2", "*", "", None, "/v1/x_1/abc-12345"]), "id": generator.choice([None, "i", 5])},
            "session": generator.choice([None, {}]),
            "started_at": generator.choice([STARTED_MS + number, str(STARTED_MS + number), STARTED_MS + number + 0.5, STARTED_MS - DAY_MS]),
        }  # fmt: skip
        texts.append(kong(**changes))
        if number % 50 == 0:
            texts.append(
                generator.choice(["broken", f"[{kong()},{kong()}]", '{"started_at": -1}', kong()[:-20], "[]", "null"])
            )
    quick, careful = both_ways(tmp_path, monkeypatch, texts)
    assert quick == careful
    assert quick["accepted"] > 2900


def both_ways(tmp_path, monkeypatch, texts: list[str]) -> list[dict]:
    """What an ingest of these lines comes to with the quick way and without it."""
    found = []
    for name, share in (("quick", read.CAREFUL_SHARE), ("careful", -1.0)):
        monkeypatch.setattr(read, "CAREFUL_SHARE", share)
        home = Home(tmp_path / name)
        (home.path / "salt").write_bytes(b"s" * 32)
        home.log("a.log", *texts)
        home.ingest()
        kinds = {
            kind: sorted(repr({k: v for k, v in row.items() if k != "chunk_id"}) for row in home.rows(kind))
            for kind in ("requests", "rejected")
        }
        chunk = home.chunks()[0]
        found.append(
            kinds
            | {"lines": chunk.lines, "accepted": chunk.accepted, "blank": chunk.blank, "days": chunk.days}
            | {"first_at": chunk.first_at, "last_at": chunk.last_at}
        )
    return found


@pytest.mark.parametrize(
    "odd",
    [
        "",
        "   ",
        "\x1e",
        "\x1f",
        COMBINED.replace("curl/8", "curl\x1f8"),
        COMBINED.replace("curl/8", "cu\rrl"),
        COMBINED + "\r",
        COMBINED.replace("curl/8", 'say \\"hi\\"'),
        COMBINED.replace("curl/8", 'a"b'),
        COMBINED.replace("curl/8", "é" * 100),
        COMBINED.replace("/docs", "/" + "x" * (2 << 20)),
        COMBINED[:-9],
        "'quoted', comma, #comment",
    ],
    ids=lambda text: repr(text[:90]),
)
def test_odd_text_lines_come_out_the_same_both_ways(tmp_path, monkeypatch, odd):
    days = [COMBINED.replace("09/Jun", f"{day:02}/Jun") for day in (9, 10, 9, 11)]
    texts = [*days * 5, odd, *days * 5, odd, *days]
    quick, careful = both_ways(tmp_path, monkeypatch, texts)
    assert quick == careful
    assert quick["lines"] == len(texts)
    assert quick["accepted"] >= 11 * len(days)


def test_blank_lines_do_not_shift_line_numbers(home):
    home.log("a.log", "", call(0), "", "", call(1), "   ", call(2))
    home.ingest()
    assert [row["line_no"] for row in home.rows()] == [2, 5, 7]
    assert home.chunks()[0].blank == 4


def test_only_what_is_new_is_read(home):
    path = home.log("a.log", call(0), call(1))
    assert home.ingest().lines == 2
    assert home.ingest().lines == 0
    home.log("a.log", call(2))
    assert home.ingest().lines == 1
    path.rename(path.with_name("a.log.1"))
    home.log("a.log", call(3))
    assert home.ingest().lines == 1
    path.with_name("a.log.2.gz").write_bytes(gzip.compress(path.with_name("a.log.1").read_bytes()))
    path.with_name("a.log.1").unlink()
    assert home.ingest().lines == 0
    assert len(home.rows()) == 4
    assert sorted(row["request_id"] for row in home.rows()) == [f"{n:032x}" for n in range(4)]


def test_copies_of_a_file_in_one_run_count_once(home):
    texts = [call(number) for number in range(20)]
    path = home.log("a.log", *texts)
    path.with_name("a.log.1.gz").write_bytes(gzip.compress(path.read_bytes()))
    summary = home.ingest()
    assert (summary.lines, summary.errors) == (20, [])
    home.log("a.log", call(20))
    assert home.ingest().lines == 1


def test_days_are_utc_days_each_in_a_file(home):
    home.log("a.log", *[kong(started_at=STARTED_MS + day * DAY_MS) for day in (0, 2, 0, 1, 0)])
    summary = home.ingest()
    assert summary.days == {"2026-06-09", "2026-06-10", "2026-06-11"}
    (chunk,) = home.chunks()
    assert [name.split("/")[1] for name in chunk.files] == [f"day=2026-06-{day:02}" for day in (9, 10, 11)]
    assert sorted(row["line_no"] for row in home.rows()) == [1, 2, 3, 4, 5]


def test_one_bad_file_does_not_stop_the_others(home):
    home.log("good.log", call(0))
    (home.path / "logs" / "notes.log").write_text("once upon a time\n")
    (home.path / "logs" / "cut.log.gz").write_bytes(
        gzip.compress(("".join(call(n) + "\n" for n in range(2000))).encode())[:-900]
    )
    summary = home.ingest()
    reasons = {Path(error.path).name: error for error in summary.errors}
    assert set(reasons) == {"notes.log", "cut.log.gz"}
    assert "plain text" in reasons["notes.log"].reason
    assert "ends in the middle" in reasons["cut.log.gz"].reason
    assert reasons["cut.log.gz"].line_no == summary.accepted
    assert f"line {summary.accepted:,}" in str(reasons["cut.log.gz"])
    assert summary.accepted > 500


def test_a_log_of_nothing_but_a_cut_line_is_of_the_format_of_the_others(home):
    home.log("a.log", call(0))
    home.log("b.log", call(1)[:40])
    summary = home.ingest()
    assert (summary.accepted, summary.rejected, summary.errors) == (1, 1, [])
    home.log("a-later.log", call(2)[:40])
    again = home.ingest()
    assert (again.accepted, again.rejected, again.errors) == (0, 1, [])
    home.log("c.log", '{"level": "info", "msg": "started"}')
    (error,) = home.ingest().errors
    assert "no access log that is known" in error.reason


def test_an_unknown_format_of_a_source_names_what_there_is(tmp_path):
    home = Home(tmp_path / "home", PROGRAM + 'format = "gopher"\n')
    home.log("a.log", call(0))
    (error,) = home.ingest().errors
    assert "kong" in error.reason
    assert "gopher" in error.reason


def test_the_inbox_takes_logs_and_leaves_sheets(home):
    inbox = home.path / "inbox"
    inbox.mkdir()
    (inbox / "export.txt").write_text(call(0) + "\n" + call(1))
    (inbox / "developers.csv").write_text("id,email\n1,a@b.example\n")
    summary = home.ingest()
    assert (summary.accepted, summary.errors) == (2, [])
    assert {row["source"] for row in home.rows()} == {"inbox"}


def test_a_file_that_grows_while_it_is_read_is_read_once(home, monkeypatch):
    path = home.log("a.log", call(0), call(1))
    reads = []

    def growing(self, form, chunk, quick=None, plainly=read.Reader.read):
        reads.append(chunk.text_path)
        if len(reads) == 1:
            home.log("a.log", call(2))
        return plainly(self, form, chunk, quick)

    monkeypatch.setattr(read.Reader, "read", growing)
    assert home.ingest().lines == 2
    assert reads[0] == path
    assert reads[1] != path
    assert home.ingest().lines == 1
    assert len(home.rows()) == 3


def test_many_chunks_of_one_file_are_stored_in_order(home, monkeypatch):
    from data_sources import files, plain

    monkeypatch.setattr(files, "CHUNK_BYTES", 64 << 10)
    monkeypatch.setattr(plain, "BLOCK_BYTES", 16 << 10)
    home.log("a.log", *[call(number) for number in range(1500)])
    summary = home.ingest()
    assert summary.chunks > 10
    chunks = home.chunks()
    assert [chunk.start_offset for chunk in chunks[1:]] == [chunk.end_offset for chunk in chunks[:-1]]
    assert chunks[-1].first_line_no + chunks[-1].lines - 1 == 1500
    assert sorted(row["line_no"] for row in home.rows()) == list(range(1, 1501))
    with home.store.session() as session:
        assert [log.lines_read for log in session.exec(select(LogFile))] == [1500]


def test_nothing_is_left_aside(home):
    home.log("a.log", call(0), "broken")
    (home.path / "lake" / ".writing" / "ingest" / "1").mkdir(parents=True)
    home.ingest()
    assert [path.name for path in (home.path / "lake" / ".writing").iterdir()] == ["ingest.lock"]


RUN = "import sys; from sql.ingest import ingest; from data_sources.store import open_store; from data_sources.program import load; " \
      "ingest(open_store(sys.argv[1]), load(sys.argv[1]))"  # fmt: skip


def start(home: Home) -> subprocess.Popen:
    """An ingest in a process of its own."""
    return subprocess.Popen([sys.executable, "-c", RUN, str(home.path)], cwd=ROOT)


@pytest.mark.slow
def test_killed_at_any_moment_and_run_again_counts_every_line_once(home):
    expected = 0
    for number in range(6):
        texts = [call(number * 10_000 + n) for n in range(4000)]
        home.log(f"{number}.log", *texts, "broken")
        expected += len(texts)
    begun = time.monotonic()
    process = start(home)
    process.wait()
    whole = time.monotonic() - begun
    rows = home.rows()
    again = Home(home.path.parent / "again")
    (again.path / "salt").write_bytes((home.path / "salt").read_bytes())
    for path in (home.path / "logs").iterdir():
        os.link(path, again.path / "logs" / path.name)
    generator = random.Random(3)
    for _ in range(6):
        process = start(again)
        time.sleep(generator.uniform(0.3, 1.0) * whole)
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert start(again).wait() == 0
    assert len(rows) == expected
    ids = [row["request_id"] for row in again.rows()]
    assert len(ids) == len(set(ids)) == expected
    assert len(again.rows("rejected")) == 6
    assert sum(chunk.lines for chunk in again.chunks()) == expected + 6


@pytest.mark.slow
def test_two_at_once_count_every_line_once(home):
    for number in range(4):
        home.log(f"{number}.log", *[call(number * 10_000 + n) for n in range(3000)])
    processes = [start(home) for _ in range(2)]
    assert [process.wait() for process in processes] == [0, 0]
    ids = [row["request_id"] for row in home.rows()]
    assert len(ids) == len(set(ids)) == 12_000
