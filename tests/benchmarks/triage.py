"""How well free accounts are told apart against the demo's hidden truth, on cohorts that no model had seen, and how fast at size."""

import json
import sys
import tempfile
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.metrics import roc_auc_score

from data_sources.program import Plan, Program, ProgramSection, TierRule
from sql import snapshot
from tests import demo_home
from tests.benchmarks import _warehouse, relationships
from tests.benchmarks.onboarding import lines, matched

ACCOUNTS = 100_000
REQUESTS, AS_OF, SEED = 60_000, "2026-06-30", 7
NOW = datetime(2026, 7, 1)
DAYS = (3, 7, 14, 30)
WITHIN = timedelta(days=180)


def run(scale: float = 1.0) -> dict:
    """auc_day14 within 0.05 of oracle_auc_day14; brier < brier_base_rate and brier_company_domain; calibration_error ≤ 0.05; seconds_100k < 30.

    All after 14 days, on accounts of later cohorts: each with the probability that a model would have given it which was learned, before its
    days were over, from what was known then. Who paid, and when, is the demo's truth; so is the oracle's chance, which knows each
    account's persona and how far it had come. brier_base_rate is the score of the share that paid, for everyone; brier_company_domain of the
    shares with and without an address at a company's domain; both are known only afterwards, and so hard to beat. calibration_error is
    the expected calibration error: the mean distance of what was said and what came, over tenths by probability. seconds_100k is the
    building of every triage mart, its features, training, tests and scores, over 100,000 free accounts.
    """
    with tempfile.TemporaryDirectory() as folder:
        figures = score(demo_home.build(Path(folder) / "demo", REQUESTS, AS_OF, SEED))
    apart = _warehouse.apart("tests.benchmarks.triage", int(ACCOUNTS * scale))
    return figures | {"seconds_100k": apart["seconds"], "peak_mb": apart["peak_mb"]}


def score(home: Path) -> dict[str, Any]:
    """The figures of a home with `.truth`; prints those after other days."""
    con = snapshot.current(home).cursor()
    truth = {row["account"]: row for row in lines(home / ".truth" / "accounts.jsonl")}
    mine = dict(con.execute("select developer_id, account_id from developer_account").fetchall())
    best = matched(mine, {row["developer"]: row["account"] for row in lines(home / ".truth" / "developers.jsonl")})
    mine = {ours: account for account, ours in best.items()}
    by_day = {day: quality(con, day, mine, truth) for day in DAYS}
    for day, figures in by_day.items():
        print(f"after {day} days: {json.dumps(figures)}", flush=True)
    figures = by_day[14]
    return {"auc_day14": figures.pop("auc"), "oracle_auc_day14": figures.pop("oracle_auc")} | figures


def quality(con: Any, day: int, mine: dict[str, str], truth: dict[str, dict]) -> dict[str, float]:
    """AUC, the oracle's, Brier scores, calibration error and lift of the accounts that no model had seen."""
    rows = con.execute(
        "select account_id, probability, domain is not null, paid from triage_held_out join triage_fact using (account_id, window_day)"
        " where window_day = $day order by account_id",
        {"day": day},
    ).fetchall()
    rows = [row for row in rows if row[0] in mine and truth[mine[row[0]]]["chance_of_paying"]]
    true = [truth[mine[account]] for account, *_ in rows]
    paid = np.array([_paid(row) for row in true], dtype=float)
    said = np.array([row[1] for row in rows])
    domain = np.array([row[2] for row in rows], dtype=bool)
    by_domain = np.where(domain, paid[domain].mean(), paid[~domain].mean())
    order = np.argsort(-said, kind="stable")
    tenths = np.array_split(order, 10)
    return {
        "auc": _round(roc_auc_score(paid, said)),
        "oracle_auc": _round(roc_auc_score(paid, [row["chance_of_paying"][str(day)] for row in true])),
        "brier": _round(np.mean((said - paid) ** 2)),
        "brier_base_rate": _round(np.mean((paid.mean() - paid) ** 2)),
        "brier_company_domain": _round(np.mean((by_domain - paid) ** 2)),
        "calibration_error": _round(sum(len(t) * abs(said[t].mean() - paid[t].mean()) for t in tenths) / len(said)),
        "lift": _round(paid[tenths[0]].mean() / paid.mean()),
        "tested": len(rows),
        "tested_paid": int(paid.sum()),
        "label_agrees": _round(np.mean([row[3] == bool(p) for row, p in zip(rows, paid, strict=True)])),
    }


def _paid(row: dict[str, Any]) -> bool:
    """Whether an account of the truth paid within 180 days of the day on which it signed up."""
    began, paid = row["reached"]["signed_up"], row["reached"].get("paying")
    return (
        paid is not None and datetime.fromisoformat(paid) < datetime.fromisoformat(f"{began[:10]}T00:00:00Z") + WITHIN
    )


def _round(value: float) -> float:
    return round(float(value), 4)


def measure(accounts: int, folder: Path) -> dict[str, Any]:
    """Make free accounts, build what the triage rests on, then the triage; returns seconds and peak memory."""
    con = _warehouse.empty(folder, "triage", _program(), NOW)
    print(json.dumps(relationships.make(con, accounts)), flush=True)
    con.execute(
        "insert into caller_address_month by name select date_trunc('month', day) as month, caller_id, md5('a' || n // 3) as address,"
        " min(day) as first_day, count(*) as calls from called group by all"
    )
    figures = _warehouse.timed(con, NOW, lambda model: model.name.startswith("triage"))
    for row in con.execute(
        "select window_day, kind, accounts, conversions from triage_model where is_current"
    ).fetchall():
        print(row, flush=True)
    print(con.execute("select count(*) from triage_held_out").fetchone()[0], "held out", flush=True)
    return figures


def _program() -> Program:
    """Everyone is in the open tier."""
    return Program(
        program=ProgramSection(name="Benchmark"),
        tier_rule=[TierRule(tier="open", when="always")],
        plan=[Plan(name="free", free=True), Plan(name="growth", monthly_price=99)],
    )


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        print(json.dumps(measure(int(sys.argv[1]), Path(place))))
