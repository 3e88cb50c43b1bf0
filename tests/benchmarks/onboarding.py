"""How well stalls and their reasons are found against the demo's hidden truth, and how fast at size."""

import json
import sys
import tempfile
from collections import Counter, defaultdict
from datetime import datetime
from pathlib import Path
from typing import Any

from data_sources.program import Plan, Program, ProgramSection, TierRule
from sql import snapshot
from tests import demo_home
from tests.benchmarks import _warehouse, relationships

ORGANIZATIONS = 200_000
REQUESTS, AS_OF = 60_000, "2026-06-30"
NOW = datetime(2026, 7, 1)
FOLDER = "onboarding"


def run(scale: float = 1.0) -> dict:
    """stalled_precision ≥ 0.90, stalled_recall ≥ 0.85, reason_accuracy ≥ 0.85; seconds < 60 and peak_mb < 4000 at 200,000 organizations.

    An account is truly stalled where its story never leaves a stage; its reason counts where the story has one cause only. Each account of the
    truth is compared with the one of ours that holds most of its developers. Measured in seconds is the building of every mart in
    sql/marts/onboarding over loaded records and known accounts.
    """
    with tempfile.TemporaryDirectory() as folder:
        figures = score(demo_home.build(Path(folder) / "demo", REQUESTS, AS_OF))
    return figures | _warehouse.apart("tests.benchmarks.onboarding", int(ORGANIZATIONS * scale))


def score(home: Path) -> dict[str, float]:
    """Precision and recall of stalls and the share of reasons found, on a home with `.truth`; prints the confusion matrix."""
    truth = {row["account"]: row for row in lines(home / ".truth" / "accounts.jsonl")}
    con = snapshot.current(home).cursor()
    mine = dict(con.execute("select developer_id, account_id from developer_account").fetchall())
    stalls = {row[0]: row[1:] for row in con.execute("select account_id, stalled, reason from stall").fetchall()}
    best = matched(mine, {row["developer"]: row["account"] for row in lines(home / ".truth" / "developers.jsonl")})
    true = {account for account, row in truth.items() if row["stall"]}
    found = {account for account, ours in best.items() if stalls.get(ours, (False, None))[0]}
    judged = [account for account in true & found if not truth[account]["second_reason"]]
    pairs = Counter((truth[account]["reason"], stalls[best[account]][1]) for account in judged)
    _print_matrix(pairs)
    return {
        "stalled_precision": round(len(true & found) / max(1, len(found)), 4),
        "stalled_recall": round(len(true & found) / max(1, len(true)), 4),
        "reason_accuracy": round(sum(n for (a, b), n in pairs.items() if a == b) / max(1, len(judged)), 4),
        "stalled": len(true),
        "one_cause": len(judged),
    }


def lines(path: Path) -> list[dict[str, Any]]:
    """The rows of one of the files of `.truth`."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def matched(mine: dict[str, str], truth: dict[str, str]) -> dict[str, str]:
    """Each true account with the account of ours that holds most of its developers."""
    held: dict[str, Counter] = defaultdict(Counter)
    for developer, account in truth.items():
        held[account][mine[developer]] += 1
    return {
        account: max(ours.items(), key=lambda item: (item[1], item[0].startswith("org:"), item[0]))[0]
        for account, ours in held.items()
    }


def _print_matrix(pairs: Counter) -> None:
    reasons = sorted({reason for pair in pairs for reason in pair if reason})
    numbers = {reason: n for n, reason in enumerate(reasons, 1)}
    print("reasons, true (rows) against found (columns), of stalls with one cause:")
    print(" " * 28 + "".join(f"{numbers[reason]:5}" for reason in reasons))
    for true in reasons:
        row = "".join(f"{pairs.get((true, found), 0) or '·':>5}" for found in reasons)
        print(f"{numbers[true]:3} {true:24}{row}", flush=True)


def measure(organizations: int, folder: Path) -> dict[str, Any]:
    """Make the records, build what the onboarding marts rest on, then them; returns seconds, peak memory and how much there was."""
    con = _warehouse.empty(folder, "onboarding", _program(), NOW)
    made = relationships.make(con, organizations)
    print(json.dumps(made), flush=True)
    figures = _warehouse.timed(con, NOW, lambda model: model.path.parent.name == FOLDER)
    stalled = con.execute("select count(*) filter (where stalled), count(*) from stall").fetchone()
    print(f"{stalled[0]:,} stalled of {stalled[1]:,} that have a next stage", flush=True)
    return figures | {"dated_events": sum(made.values())}


def _program() -> Program:
    """Everyone is in the open tier; three plans, of which the last is no self-service."""
    return Program(
        program=ProgramSection(name="Benchmark"),
        tier_rule=[TierRule(tier="open", when="always")],
        plan=[
            Plan(name="free", free=True),
            Plan(name="growth", monthly_price=99),
            Plan(name="enterprise", self_serve=False),
        ],
    )


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        print(json.dumps(measure(int(sys.argv[1]), Path(place))))
