"""Request files with everything that engines may read differently, and all roll-ups of them as rows."""

import math
import random
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from data_sources.program import Program
from sql import count
from sql.engines import duckdb as engine
from sql.engines.counters import Base, Counter

Row = tuple[Any, ...]

ROLLUPS = [name for name, rollup in count.rollups().items() if rollup.partition != "none"]
FIRST = datetime(2026, 1, 30)
DAYS = 4
PATHS = [
    "/v1/rates",
    "/v1/rates/",
    "/v1/rates//",
    "/",
    "",
    "//",
    "*",
    "/v2.1/parcels/1001",
    "/v2.1/parcels/1002/",
    "/v2.1/parcels/999999999999999999",
    "/v2.1/parcels/9999999999999999999",
    "/V3/é/ü%40x/ab@c.example",
    "/api/日本/😀/7",
    "/v1/token/abcDEF123456789012345/rotate",
    "/v1/apikey/9f8e7d6c5b4a/usage?key=1",
    "/wp-login.php",
    "/v1/a b/c\td",
    "/v1/line\nfeed/12\n",
    "/v1/sk_live_abcdefgh12345678",
    "/reset/ABCDEFGHIJ/KEY-x",
    "/v1/\u212aey/\u017fecret.x",
    "/docs/intro",
    "/docs/style.CSS",
    "/docs/{id}.pdf",
    "/v1/" + "deep/" * 60 + "end",
    "/v1/" + "x" * 300,
    "/c0ffee00-0000-4000-8000-0123456789ab",
    "/v1/$1/\\1/100%",
]
AGENTS = [
    "Mozilla/5.0 (X11; Linux) Firefox/120.0",
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "python-requests/2.31.0",
    "okhttp/4.9.3",
    "acme-sdk/1.2.3.4 (key=abcdefghijkl)",
    "acme sdk v2 beta",
    "PostmanRuntime/7.36.0",
    "curl/8.5.0 from 10.11.12.13 by me@acme.example",
    "-",
    "",
    " ",
    "Bearer abcdefghijkl",
    "агент/1.0",
    "my-Spider-é",
    "robot",
    "éCrawler 1",
    "x\r\n",
    '{"api_key": "abc\\"def"} token=zzz',
    "sdk/1.0 \\1 $1 fe80::1:2",
    "0123456789abcdef0123456789abcdef0123",
]
LATENCIES = [None, 0.0, 0.0004, 0.001, 0.5, 1.0, 1.02, 1.0404, 2.5, 12.0, 99.9995, 1234.5678, 1e7]
SIDES = ["rates", "rates", "tracking", None, "outbound|80||rates", "inbound|80||rates", "inbound|||", "outbound|x"]
OLD_COLUMNS = ("limit_window", "limit_calls", "limit_left", "referrer_host", "client_country", "client_network")


def events(number: int = 4000, seed: int = 5) -> list[dict[str, Any]]:
    """Request events over the end of a month: nulls wherever the lake has them, echoes of sidecars, times at the edges of days."""
    draw = random.Random(seed)
    made = []
    for line_no in range(number):
        day = FIRST + timedelta(days=draw.randrange(DAYS))
        second = draw.choice([0, 86_399, draw.randrange(86_400), 3_600 * draw.randrange(24)])
        event = {
            "occurred_at": day + timedelta(seconds=second, microseconds=draw.choice([0, 0, 1, 999_999, 500_000])),
            "source": draw.choice(["gateway", "gateway", "mesh", "Straße"]),
            "surface": draw.choice(["api", "api", "api", "docs", "portal", None]),
            "environment": draw.choice(["production", "sandbox", None]),
            "request_id": draw.choice([None, f"r{draw.randrange(number)}"]),
            "method": draw.choice(["GET", "GET", "POST", "DELETE", "purge", None]),
            "path": draw.choice([*PATHS, None]),
            "status": draw.choice(
                [200, 200, 200, 101, 204, 304, 400, 401, 404, 404, 405, 429, 429, 500, 501, 503, 0, None]
            ),
            "service": draw.choice(SIDES),
            "latency_ms": draw.choice([*LATENCIES, draw.random() * 1000]),
            "upstream_latency_ms": draw.choice([None, None, draw.random() * 100, 0.0005, 0.0015]),
            "request_bytes": draw.choice([None, 0, draw.randrange(10**9)]),
            "response_bytes": draw.choice([None, draw.randrange(10**12)]),
            "credential_ref": draw.choice([None, "key:1", "key:2", ""]),
            "consumer_ref": draw.choice([None, None, "c\x1fd", "日本"]),
            "application_ref": draw.choice([None, None, "app"]),
            "developer_ref": draw.choice([None, None, "dev@x"]),
            "plan_ref": draw.choice([None, "gold"]),
            "end_user_ref": draw.choice([None, f"u{draw.randrange(40)}"]),
            "client_ip": draw.choice([None, f"h{draw.randrange(30)}"]),
            "user_agent": draw.choice([*AGENTS, None]),
            "refusal": draw.choice(
                [None, None, None, "auth", "quota", "rate_limit", "validation", "no_route", "upstream", "client_gone"]
            ),
            "limit_window": draw.choice([None, "second", "minute", "hour", "day", "month", "year"]),
            "limit_calls": draw.choice([None, 0, 3, 100, 1000]),
            "limit_left": draw.choice([None, 0, 1, 2]),
            "referrer_host": draw.choice([None, "search.example", "blog.example"]),
            "client_country": draw.choice([None, "DE", "US"]),
            "client_network": draw.choice([None, "scrapers"]),
            "line_no": line_no,
            "chunk_id": "c",
        }
        event["path_template"] = event["path"] and event["path"].rstrip("0123456789") + draw.choice(["", "{id}"])
        event["route"] = draw.choice([None, "route", event["path_template"]])
        made.append(event)
        if str(event["service"]).startswith("outbound|") and draw.random() < 0.5:
            made.append(event | {"service": "inbound|80||rates", "status": 200})
    return made


def write_files(folder: Path, made: list[dict[str, Any]], base: Base) -> dict[str, list[str]]:
    """Write the events as request files of a lake, a day in two, one of them by a version that knew fewer columns."""
    files: dict[str, list[str]] = {}
    con = engine.connect()
    con.execute(f"create table event as {base.no_request}")
    con.register("made", pa.Table.from_pylist(made))
    con.execute("insert into event by name from made")
    for number in range(DAYS):
        day = (FIRST + timedelta(days=number)).strftime("%Y-%m-%d")
        for part, kept in enumerate(("*", f"* exclude ({', '.join(OLD_COLUMNS)})")):
            name = f"requests/day={day}/{part}.parquet"
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            where = f"strftime(occurred_at, '%Y-%m-%d') = '{day}' and line_no % 2 = {part}"
            con.execute(
                f"copy (select {kept} from event where {where}) to {engine.quoted(str(folder / name))} ({engine.PARQUET})"
            )
            files.setdefault(day, []).append(name)
    con.close()
    return files


def base() -> Base:
    """What the project's roll-ups rest on."""
    return Base(count.base_sql("no_request"), count.base_sql("lake_request"), count.base_sql("request"))


def counted(counter: Counter, files: list[str], aside: Path) -> dict[str, tuple[list[Row], list[tuple[str, str]]]]:
    """Of every roll-up that files count, its rows in order, and its columns and types, as its Parquet files hold them. `aside` is made
    in the lake's folder."""
    aside.mkdir()
    found, days = {}, {}

    def write(partition: str) -> None:
        for name, rollup in count.rollups().items():
            if rollup.partition == partition:
                written = counter.write(rollup.sql, partition, aside / name)
                found[name] = read(list(written.values()))
                days[name] = [str(path.relative_to(aside.parent)) for path in written.values()]
                assert {str(row[0]) for row in found[name][0]} == set(written)

    with closing(counter):
        with counter.reading(files):
            write("day")
        parts = {part for rollup in count.rollups().values() for part in rollup.parts}
        with counter.reading_counts({part: days[part] for part in sorted(parts)}):
            write("month")
    return found


def read(files: list[str]) -> tuple[list[Row], list[tuple[str, str]]]:
    """The rows of Parquet files in order, and the columns and types."""
    con = engine.connect()
    relation = engine.parquet(files)
    columns = [tuple(row[:2]) for row in con.execute(f"describe from {relation}").fetchall()]
    return sorted(con.execute(f"from {relation}").fetchall(), key=repr), columns


def program(address: str) -> Program:
    """A program whose roll-ups are counted at this address."""
    return Program.model_validate({"program": {"name": "Parity", "engine": "spark", "spark": address}})


def assert_equal(
    found: tuple[list[Row], list[tuple[str, str]]], expected: tuple[list[Row], list[tuple[str, str]]]
) -> None:
    """The same columns, types and rows; doubles to the ninth digit, all else exactly."""
    assert found[1] == expected[1]
    assert len(found[0]) == len(expected[0])
    for mine, theirs in zip(found[0], expected[0], strict=True):
        same = [
            one == other or (isinstance(one, float) and math.isclose(one, other, rel_tol=1e-9))
            for one, other in zip(mine, theirs, strict=True)
        ]
        assert all(same), f"{mine}\n{theirs}"
