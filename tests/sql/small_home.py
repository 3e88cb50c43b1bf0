"""A small home of real files: Kong and combined logs over three months with bad and blank lines, and a sheet of developers."""

import atexit
import json
import random
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from data_sources import program as programs
from data_sources.store import open_store
from sql.refresh import Refreshed, refresh

ROOT = Path(__file__).parents[2]
AS_OF = datetime(2026, 3, 20)
FIRST = datetime(2026, 1, 5, tzinfo=UTC)
ROUTES = [("rates", "rates-quote", "/v1/rates"), ("rates", "rates-zones", "/v1/zones"), ("tracking", "track", "/v1/t")]
PROGRAM = """
[program]
name = "Small"
internal_domains = ["house.example"]

[[source]]
name = "gateway"
kind = "logs"
paths = ["logs/kong/*.log"]

[[source]]
name = "site"
kind = "logs"
paths = ["logs/site/*.log"]
surface = "docs"

[[source]]
name = "people"
kind = "csv"
table = "developer"
path = "developers.csv"

[[tier_rule]]
tier = "internal"
when = "internal_domain"

[[tier_rule]]
tier = "public"
when = "always"
"""


def make(home: Path, calls: int = 400, seed: int = 1) -> Path:
    """Write the files of a home; nothing is read yet."""
    for folder in ("logs/kong", "logs/site"):
        (home / folder).mkdir(parents=True)
    (home / "program.toml").write_text(PROGRAM)
    (home / "developers.csv").write_text(
        "id,email,name,verified_at,created_at\n"
        + "".join(f"dev_{n},ann{n}@firm{n % 7}.example,Ann {n},2026-01-01,2026-01-01\n" for n in range(20))
    )
    write_kong(home, "a.log", [*kong_lines(calls, seed), "", "{not json", '{"request": {"method": "GET"}}'])
    write_site(home, "access.log", site_lines(calls // 4, seed))
    return home


def kong_lines(count: int, seed: int, first: datetime = FIRST, days: float = 70) -> list[str]:
    """Kong records at random moments of the days from `first` on."""
    draw = random.Random(seed)
    return [json.dumps(_kong(draw, first + timedelta(seconds=draw.random() * days * 86400))) for _ in range(count)]


def _kong(draw: random.Random, at: datetime) -> dict[str, Any]:
    service, route, path = draw.choice(ROUTES)
    person = int(20 * draw.random() ** 2)
    known = draw.random() < 0.9
    record: dict[str, Any] = {
        "request": {
            "id": f"{draw.getrandbits(64):x}",
            "method": draw.choice(["GET", "GET", "POST", "DELETE"]),
            "uri": f"{path}/{draw.randrange(1000)}" if known else f"/wp/{draw.choice('abc')}",
            "size": draw.randrange(100, 900),
            "headers": {"user-agent": "okhttp/4.12.0"},
        },
        "response": {"status": 200, "size": draw.randrange(100, 9000), "headers": {}},
        "latencies": {"request": draw.randrange(1, 400), "proxy": -1, "kong": 1},
        "client_ip": f"198.51.100.{draw.randrange(200)}",
        "started_at": int(at.timestamp() * 1000),
    }
    if not known:
        record["response"]["status"] = 404
        return record
    record["service"], record["route"] = {"name": service}, {"name": route}
    record["response"]["status"] = draw.choice([200, 200, 200, 201, 302, 400, 401, 404, 405, 429, 500, 503])
    if record["response"]["status"] not in (401, 429):
        record["latencies"]["proxy"] = draw.randrange(1, 300)
    if person:
        record["consumer"] = {"custom_id": f"app_{person}", "username": f"u{person}"}
        record["authenticated_entity"] = {"id": f"key_{person}"}
    return record


def site_lines(count: int, seed: int) -> list[str]:
    """Lines of a documentation site in combined format."""
    draw = random.Random(seed)
    lines = []
    for _ in range(count):
        at = FIRST + timedelta(seconds=int(draw.random() * 70 * 86400))
        page, status = draw.choice([("/docs/start", 200), ("/docs/keys", 304), ("/pricing", 200), ("/old", 404)])
        lines.append(
            f'203.0.113.{draw.randrange(90)} - - [{at:%d/%b/%Y:%H:%M:%S +0000}] "GET {page} HTTP/1.1" '
            f'{status} {draw.randrange(50, 5000)} "-" "Mozilla/5.0"'
        )
    return lines


def write_kong(home: Path, name: str, lines: list[str]) -> None:
    """Append lines to one of the Kong logs."""
    _append(home / "logs" / "kong" / name, lines)


def write_site(home: Path, name: str, lines: list[str]) -> None:
    """Append lines to one of the site's logs."""
    _append(home / "logs" / "site" / name, lines)


def _append(path: Path, lines: list[str]) -> None:
    with path.open("a") as file:
        file.writelines(f"{line}\n" for line in lines)


def refreshed(home: Path, **options: Any) -> Refreshed:
    """Refresh in this process, as of the day of these tests."""
    return refresh(home, as_of=AS_OF, **options)


@cache
def ready() -> Path:
    """A small home that was refreshed, made once a process and removed at its end. Read only: a test that writes has a `copy`."""
    folder = Path(tempfile.mkdtemp(prefix="small-home-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    home = make(folder / "home")
    assert not refreshed(home).failures
    return home


def copy(home: Path) -> Path:
    """A small home that was refreshed, to write to: all of it, a copy of the one that is `ready`."""
    return shutil.copytree(ready(), home)


def store_and_program(home: Path):
    """The home's store and program."""
    return open_store(home), programs.load(home)


def command(*arguments: object) -> subprocess.CompletedProcess:
    """Run `python -m sql …` and return what it printed, whatever its exit status."""
    return subprocess.run(
        [sys.executable, "-m", "sql", *map(str, arguments)], cwd=ROOT, capture_output=True, text=True, check=False
    )


VOLATILE_TABLES = ("snapshot_info", "raw_stream_run")
VOLATILE_COLUMNS = ("synced_at", "read_at", "last_read_at", "first_seen_at", "rejected_at", "last_changed_at", "inode")


def contents(snapshot: Any) -> dict[str, list[str]]:
    """Every table of a snapshot as its sorted rows, without where it is and when it was read or built."""
    _, tables = snapshot.execute(
        "select table_name from information_schema.tables where table_schema = 'main' and table_type = 'BASE TABLE'"
    )
    home = str(snapshot.path.parents[1])
    result = {}
    for (table,) in sorted(tables):
        if table in VOLATILE_TABLES:
            continue
        columns, rows = snapshot.execute(f'select * from "{table}"')
        kept = [n for n, column in enumerate(columns) if column not in VOLATILE_COLUMNS]
        if table == "raw_rejected_record":
            kept = [n for n in kept if columns[n] != "id"]
        result[table] = sorted(repr([row[n] for n in kept]).replace(home, "") for row in rows)
    return result


def assert_same(found: dict[str, list[str]], expected: dict[str, list[str]], but: tuple[str, ...] = ()) -> None:
    """Both `contents` hold the same rows, but for these tables; an error names each table that differs and only the rows that do."""
    assert found.keys() == expected.keys()
    differing = {}
    for table in sorted(expected.keys() - set(but)):
        if found[table] != expected[table]:
            more, less = Counter(found[table]), Counter(expected[table])
            differing[table] = {"found": [*(more - less)][:5], "expected": [*(less - more)][:5]}
    assert not differing, differing
