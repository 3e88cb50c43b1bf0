"""A hundred million requests on one machine: read and counted slice by slice, as nights go by, beside DuckDB's bare read of the same lines.

A slice is written, read by the peer, read and counted by ours, and removed before the next one, so that the disk never holds more than one.
"""

import json
import shutil
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

from tests.benchmarks.ingest import peer_query, queried, timed
from tests.benchmarks.scale_lines import A_DAY, DAYS, KEYS, REQUESTS

FIRST_SLICES = (1, 9)  # days after which a slice ends: one million requests, ten million
DAYS_A_SLICE = 5
AS_OF = "2026-06-30"
PROGRAM = f"""
[program]
name = "Benchmark"
as_of = {AS_OF}

[[source]]
name = "gateway"
kind = "logs"
paths = ["logs/*.log"]

[[source]]
name = "people"
kind = "csv"
table = "developer"
path = "developers.csv"

[[source]]
name = "applications"
kind = "csv"
table = "application"
path = "applications.csv"

[[tier_rule]]
tier = "public"
when = "always"
"""
NIGHT = """
import json, resource, sys, time
from itertools import pairwise
from pathlib import Path
from data_sources.lakes import open_lake
from data_sources.program import load
from data_sources.store import open_store
from sql import count
from sql.ingest import ingest
from sql.lake import request_days
def cpu():
    return sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
began, used = time.perf_counter(), cpu()
home = Path(sys.argv[1])
store, program = open_store(home), load(home)
lake = open_lake(home, program)
read = ingest(store, program)
ingested = time.perf_counter()
wanted = count.partitions(request_days(store))
there = count.counted(lake)
count.count(lake, wanted, program, there)
count.delete_superseded(lake, wanted, there)
counted = time.perf_counter()
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({"lines": read.lines, "rejected": read.rejected, "errors": [str(error) for error in read.errors],
    "ingest_s": ingested - began, "count_s": counted - ingested, "cpu_s": cpu() - used, "peak_mb": peak}))
"""
BUILD = """
import json, resource, sys, time
from data_sources import program
from data_sources.store import open_store
from data_sources.sync import sync_all
from sql.refresh import build_only
home = sys.argv[1]
synced = sync_all(open_store(home), program.load(home), program.now())
assert not [error for result in synced for error in result.errors]
began = time.perf_counter()
build_only(home)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({"build_s": time.perf_counter() - began, "peak_mb": peak}))
"""
QUERIES = """
import json, sys
from itertools import pairwise
from pathlib import Path
from tests.benchmarks.pages import query_times
print(json.dumps(query_times(Path(sys.argv[1]))))
"""


@dataclass
class Totals:
    """Seconds of all slices so far: of whole processes (`ours`, `peer`) and inside ours; and how much memory they took."""

    requests: int = 0
    ours: float = 0.0
    peer: float = 0.0
    ingest: float = 0.0
    count: float = 0.0
    cpu: float = 0.0
    peak_mb: float = 0.0
    spill_mb: float = 0.0
    cost_after: dict[int, float] = field(default_factory=dict)


def run(scale: float = 1.0) -> dict[str, Any]:
    """At `scale` × 100 million requests of 20,000 keys over `scale` × 90 days. Returns

    - vs_bare_read ≥ 0.35: seconds of DuckDB's typed read of the same lines (all fields added up, all cores) over those of our ingest and
      roll-ups, whole processes; ingest_vs_bare_read of the ingest alone;
    - peak_mb < 4000: the largest resident size of those processes; spill_mb: what they had on disk for want of memory, at most;
    - growth_10m, growth_100m ≤ 1.1: processor seconds a request up to there over those of the first million. Each slice comes on
      top of all before it, so this is what a longer history costs. Null where `scale` does not reach it;
    - build_s, build_peak_mb: making the marts of all that;
    - worst_query_s ≤ 0.1: the slowest of all metrics' queries over the last 90 days.
    """
    days = max(1, round(DAYS * scale))
    total = Totals()
    with tempfile.TemporaryDirectory() as folder:
        home = _home(Path(folder) / "home")
        for first, until in _slices(days):
            _slice(home, first * A_DAY, min(until * A_DAY, REQUESTS) - first * A_DAY, total)
            total.cost_after[until] = total.cpu / total.requests
            print(_progress(until, total), flush=True)
        lake = sum(file.stat().st_size for file in (home / "lake").rglob("*.parquet")) / total.requests
        built = said(timed([sys.executable, "-c", BUILD, str(home)])[1])
        queries = said(timed([sys.executable, "-c", QUERIES, str(home)])[1])
    for name, seconds in sorted(queries.items(), key=lambda pair: -pair[1])[:8]:
        print(f"{name:<32} {seconds * 1000:7.1f} ms")
    first_million = total.cost_after[1]
    return {
        "requests": total.requests,
        "vs_bare_read": round(total.peer / total.ours, 3),
        "ingest_vs_bare_read": round(total.peer / total.ingest, 3),
        "peak_mb": round(total.peak_mb),
        "spill_mb": round(total.spill_mb),
        "worst_query_s": round(max(queries.values()), 3),
        "growth_10m": round(total.cost_after[9] / first_million, 2) if 9 in total.cost_after else None,
        "growth_100m": round(total.cost_after[DAYS] / first_million, 2) if DAYS in total.cost_after else None,
        "ingest_s": round(total.ingest, 1),
        "count_s": round(total.count, 1),
        "peer_s": round(total.peer, 1),
        "build_s": round(built["build_s"], 1),
        "build_peak_mb": round(built["peak_mb"]),
        "lake_bytes_a_request": round(lake, 1),
    }


def _slices(days: int) -> list[tuple[int, int]]:
    """From which day to which each slice goes: the first million, up to ten million, then some days each."""
    ends = [end for end in FIRST_SLICES if end < days]
    while not ends or ends[-1] < days:
        ends.append(min(days, (ends[-1] if ends else 0) + (DAYS_A_SLICE if ends else FIRST_SLICES[0])))
    return list(pairwise([0, *ends]))


def _home(home: Path) -> Path:
    """A home with a developer and an application for each key, four developers to a company."""
    home.mkdir()
    (home / "program.toml").write_text(PROGRAM)
    made = "2026-03-01"
    people = (f"dev_{n},ann{n}@firm{n // 4}.example,Ann {n},{made},{made}\n" for n in range(KEYS))
    (home / "developers.csv").write_text("id,email,name,verified_at,created_at\n" + "".join(people))
    applications = (f"app_{n:05},dev_{n},{made}\n" for n in range(KEYS))
    (home / "applications.csv").write_text("id,developer_id,created_at\n" + "".join(applications))
    return home


def _slice(home: Path, first: int, lines: int, total: Totals) -> None:
    logs = home / "logs"
    made = timed([sys.executable, "-m", "tests.benchmarks.scale_lines", str(logs), str(first), str(lines)])[1]
    total.peer += queried(home, peer_query(logs))
    with _watched(home / "lake" / ".writing") as most:
        seconds, told = timed([sys.executable, "-c", NIGHT, str(home)])
    read = said(told)
    assert (read["lines"], read["rejected"], read["errors"]) == (lines, int(made), []), read
    total.requests += lines
    total.ours += seconds
    total.ingest += read["ingest_s"]
    total.count += read["count_s"]
    total.cpu += read["cpu_s"]
    total.peak_mb = max(total.peak_mb, read["peak_mb"])
    total.spill_mb = max(total.spill_mb, most[0] / 1e6)
    shutil.rmtree(logs)


@contextmanager
def _watched(writing: Path) -> Iterator[list[int]]:
    """The most bytes that were in the folders named spill while this lasts, looked at twice a second."""
    most, ended = [0], threading.Event()

    def watch() -> None:
        while not ended.wait(0.5):
            size = 0
            for path in writing.glob("**/spill/**/*.tmp"):
                with suppress(FileNotFoundError):
                    size += path.stat().st_size
            most[0] = max(most[0], size)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield most
    finally:
        ended.set()
        watcher.join()


def said(output: str) -> dict[str, Any]:
    """What a process of a benchmark said in its last line."""
    return json.loads(output.splitlines()[-1])


def _progress(days: int, total: Totals) -> str:
    return (
        f"{days} days, {total.requests:,} requests: bare read {total.peer:.1f} s, ours {total.ours:.1f} s (ingest {total.ingest:.1f}, "
        f"roll-ups {total.count:.1f}), {1e6 * total.cost_after[days]:.2f} µs of a processor each, "
        f"{total.peak_mb:.0f} MB, {total.spill_mb:.0f} MB spilled"
    )
