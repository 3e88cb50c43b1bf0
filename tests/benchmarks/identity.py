"""How well and how fast records become organizations: precision and recall on hidden truth, seconds and memory at size."""

import json
import resource
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from data_sources.program import Program, ProgramSection
from data_sources.records import RECORD_TABLES
from data_sources.store import open_store
from sql import load, models, snapshot
from sql.engines import duckdb as engine
from sql.marts.who.resolve import Resolution, turn_of
from tests import demo_home
from tests.benchmarks import _warehouse, companies

SIZES = {"seconds_50k": 50_000, "seconds_100k": 100_000, "seconds_200k": 200_000}
WANTED = {"account_member", "account_name", "identity_held", "decision_effect"}
DEMO_REQUESTS = 60_000
AS_OF = "2026-06-30"
EVIDENCE = f"""
select left_node, right_node, evidence, confidence, {turn_of("identity_evidence")} as turn
from identity_evidence
order by turn, confidence desc, evidence, left_node, right_node, left_value
"""


def run(scale: float = 1.0) -> dict:
    """precision ≥ 0.98 and recall ≥ 0.90 on the demo; seconds_200k < 60, peak_mb < 4000, and about linear.

    Pairwise over developers: of the pairs that are put together, how many belong together, and of those that belong, how
    many are. `other_*` is the same on records of another making. Each size is a process of its own: from loaded records to
    accounts with their names, with 0.3 organizations, 0.1 customers of the biller and 0.5 help-desk users a developer.
    """
    with tempfile.TemporaryDirectory() as folder:
        home = demo_home.build(Path(folder) / "demo", DEMO_REQUESTS, AS_OF)
        con, truth = snapshot.current(home).cursor(), demo_truth(home)
        figures = pairwise(
            truth, dict(con.execute("select developer_id, account_id from developer_account").fetchall())
        )
        print(f"demo: precision {figures['precision']}, recall {figures['recall']}", flush=True)
        _print_kinds(con, truth, figures)
    for name, developers in SIZES.items():
        found = _sized(int(developers * scale))
        figures[name] = found.pop("seconds")
        if name == "seconds_200k":
            figures |= found
    return figures


def demo_truth(home: Path) -> dict[str, str]:
    """Developer → true account, of a demo home."""
    lines = (home / ".truth" / "developers.jsonl").read_text(encoding="utf-8").splitlines()
    return {row["developer"]: row["account"] for row in map(json.loads, lines)}


def pairwise(truth: dict[str, str], ours: dict[str, str]) -> dict[str, float]:
    """Precision and recall over pairs of developers."""

    def pairs(groups: Iterable[Any]) -> int:
        return sum(n * (n - 1) // 2 for n in Counter(groups).values())

    both = pairs((truth[developer], ours[developer]) for developer in truth)
    return {
        "precision": round(both / max(1, pairs(ours[developer] for developer in truth)), 4),
        "recall": round(both / max(1, pairs(truth.values())), 4),
    }


def _print_kinds(con: Any, truth: dict[str, str], whole: dict[str, float]) -> None:
    """What each kind of evidence brings: links, and precision and recall gained by it against all the others."""
    links = con.execute(EVIDENCE).to_arrow_table()
    kinds = Counter(links["evidence"].to_pylist())
    ids = dict(con.execute("select node, developer_id from developer_account").fetchall())
    print(f"{'evidence':34} {'links':>8} {'precision':>10} {'recall':>8}")
    for kind, count in sorted(kinds.items()):
        others = links.filter([evidence != kind for evidence in links["evidence"].to_pylist()])
        found = Resolution.of(con, others)
        ours = {ids[name]: root for name, root in zip(found.names, found.roots.tolist(), strict=True) if name in ids}
        without = pairwise(truth, ours)
        gains = [whole[key] - without[key] for key in ("precision", "recall")]
        print(f"{kind:34} {count:8,} {gains[0]:+10.4f} {gains[1]:+8.4f}", flush=True)


def _sized(developers: int) -> dict:
    found = _warehouse.apart("tests.benchmarks.identity", developers)
    print(f"{developers:,} developers: {json.dumps(found)}", flush=True)
    return found


def resolve(developers: int, folder: Path, seed: int = 5) -> dict[str, float]:
    """Make records of this many developers, resolve them, and return seconds, peak memory, precision and recall."""
    made = companies.make(developers, seed)
    store = open_store(folder)
    for table, rows in made.rows.items():
        store.upsert(RECORD_TABLES[table], rows, datetime(2026, 6, 30))
    con = engine.connect(folder / "identity.duckdb", memory_limit="2GB")
    load.prepare(con)
    load.records(con, store)
    load.program(con, Program(program=ProgramSection(name="Benchmark")))
    records = {f"raw_{table}" for table in RECORD_TABLES}
    chosen = models.between(models.find(), con, records, WANTED)
    setting = [model for model in models.find() if model.name in ("setting", "identity_decision")]
    began = time.perf_counter()
    models.build(con, datetime(2026, 6, 30), [*setting, *(model for model in chosen if model not in setting)])
    seconds = time.perf_counter() - began
    members = dict(con.execute("select id, cluster from identity_member where kind = 'developer'").fetchall())
    found = pairwise(made.truth, members)
    con.close()
    return {
        "seconds": round(seconds, 1),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "other_precision": found["precision"],
        "other_recall": found["recall"],
    }


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        print(json.dumps(resolve(int(sys.argv[1]), Path(place))))
