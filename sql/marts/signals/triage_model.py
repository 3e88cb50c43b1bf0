"""One row per version of the model of free accounts and number of days: learned from what became of earlier ones, or the stated prior where too few
have paid. A version that is kept is used again until enough is new, so that scores move for a reason."""

import hashlib
import json
from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa

from sql.marts.signals import cohorts

READS = ("triage_input", "triage_account", "triage_trait", "raw_triage_model", "snapshot_info")
CREATES = ("triage_model", "triage_held_out")

MINIMUM = 50  # conversions
MORE = 0.1  # of the conversions that a version was learned from, and
MORE_AT_LEAST = 10  # so many, are enough to learn anew
EVERY_DAYS = 20  # a cut, when scores that were given are held against what came of them
MOST_CUTS = 6
PRIOR = "prior"
PRIOR_RATE = 0.05  # of free accounts pay, before anything is known

COLUMNS = {
    "version": pa.string(),
    "window_day": pa.int32(),
    "kind": pa.string(),
    "learned_on": pa.date32(),
    "is_current": pa.bool_(),
    "intercept": pa.float64(),
    "base_rate": pa.float64(),
    "accounts": pa.int64(),
    "conversions": pa.int64(),
    "entered_from": pa.date32(),
    "entered_to": pa.date32(),
    "traits": pa.string(),
    "pace": pa.string(),
}
HELD_OUT = {
    "account_id": pa.string(),
    "window_day": pa.int32(),
    "cut_on": pa.date32(),
    "probability": pa.float64(),
    "known_rate": pa.float64(),
    "paid": pa.bool_(),
}


def build(con: Any, now: Any) -> None:
    """Make `triage_model` and `triage_held_out(account_id, window_day, cut_on, probability, known_rate, paid)`: each later account with the
    probability that a model learned at the cut before would have given it; `known_rate` is the share that was known to pay."""
    today = con.execute("select cast(as_of as date) from snapshot_info").fetchone()[0]
    traits = con.execute("select trait, prior_weight, prior_mean, trust from triage_trait order by position").fetchall()
    names = [name for name, *_ in traits]
    trust = np.array([float(one) for *_, one in traits])
    found = {day: cohorts.read(con, day, names) for day in cohorts.DAYS}
    kept = _kept(con, today, names)
    current = _current(kept, found)
    if current is None:
        fresh = _learned(found, names, trust, today)
        current = fresh[0]["version"] if fresh else None
        had = {(row["version"], row["window_day"]) for row in kept}
        kept += [row for row in fresh if (row["version"], row["window_day"]) not in had]
    rows = [row | {"kind": "learned", "is_current": row["version"] == current} for row in kept]
    have = {row["window_day"] for row in rows if row["is_current"]}
    rows += [_prior(found[day], traits, today, day, day not in have) for day in cohorts.DAYS]
    _table(con, "triage_model", COLUMNS, rows)
    held = [one for day in cohorts.DAYS for one in _held_out(found[day], trust, today)]
    _table(con, "triage_held_out", HELD_OUT, held)


def _kept(con: Any, today: date, traits: list[str]) -> list[dict[str, Any]]:
    """The versions that are kept, of these traits and learned by today, the newest first; of one day the one that knew of most payers."""
    rows = con.execute("select * from raw_triage_model where learned_on <= $today", {"today": today})
    found = rows.to_arrow_table().to_pylist()
    return sorted(
        (row for row in found if [one["trait"] for one in json.loads(row["traits"])] == traits),
        key=lambda row: (row["learned_on"], row["conversions"], row["version"]),
        reverse=True,
    )


def _current(kept: list[dict[str, Any]], found: dict[int, cohorts.Found]) -> str | None:
    """The newest version, unless enough is new since: then None."""
    if not kept:
        return None
    mine = {row["window_day"]: row["conversions"] for row in kept if row["version"] == kept[0]["version"]}
    for day, cohort in found.items():
        known, learned = int(cohort.paid.sum()), mine.get(day, 0)
        if known >= MINIMUM and known >= learned + max(MORE_AT_LEAST, MORE * learned):
            return None
    return kept[0]["version"]


def _learned(
    found: dict[int, cohorts.Found], traits: list[str], trust: np.ndarray, today: date
) -> list[dict[str, Any]]:
    """A new version from all that is known today, of each number of days after which enough have paid."""
    rows = []
    for day, cohort in found.items():
        if int(cohort.paid.sum()) < MINIMUM:
            continue
        from sql.marts.signals import learn  # takes a second, which a program with few payers need not wait

        model = learn.learn(cohort.known, trust)
        pace = learn.share_paid_by(cohort.known)
        rows.append(
            {
                "window_day": day,
                "learned_on": today,
                "intercept": model.intercept,
                "base_rate": float(model.probability(cohort.known.traits).mean()),
                "accounts": model.accounts,
                "conversions": model.conversions,
                "entered_from": cohort.entered.min().item(),
                "entered_to": cohort.entered.max().item(),
                "traits": json.dumps(
                    [
                        {"trait": name, "weight": float(weight), "mean": float(mean)}
                        for name, weight, mean in zip(traits, model.weights, model.means, strict=True)
                    ]
                ),
                "pace": json.dumps([float(share) for share in pace]),
            }
        )
    mark = hashlib.sha256(json.dumps(rows, default=str).encode()).hexdigest()[:6]
    return [{"version": f"{today:%Y-%m-%d} {mark}"} | row for row in rows]


def _prior(cohort: cohorts.Found, traits: list[tuple], today: date, day: int, is_current: bool) -> dict[str, Any]:
    """The stated weights around the stated averages; half of those who pay are taken to do so in the first half of the window."""
    known = cohort.known.traits
    weights, means = (np.array([float(trait[n]) for trait in traits]) for n in (1, 2))
    return {
        "version": PRIOR,
        "window_day": day,
        "kind": "prior",
        "learned_on": today,
        "is_current": is_current,
        "intercept": float(np.log(PRIOR_RATE / (1 - PRIOR_RATE)) - means @ weights),
        "base_rate": PRIOR_RATE,
        "accounts": len(known),
        "conversions": int(cohort.paid.sum()),
        "entered_from": cohort.entered.min().item() if len(known) else None,
        "entered_to": cohort.entered.max().item() if len(known) else None,
        "traits": json.dumps(
            [{"trait": name, "weight": float(weight), "mean": float(mean)} for name, weight, mean, _ in traits]
        ),
        "pace": json.dumps([age / cohorts.WITHIN_DAYS for age in range(cohorts.WITHIN_DAYS + 1)]),
    }


def _held_out(cohort: cohorts.Found, trust: np.ndarray, today: date) -> list[dict[str, Any]]:
    """What models learned at earlier cuts would have said of those who came after, whose window is over by now."""
    rows = []
    for number in range(MOST_CUTS):
        since = cohorts.WITHIN_DAYS - cohort.day + EVERY_DAYS * (number + 1)
        cut = today - timedelta(days=since)
        known = cohort.at(cut)
        if int(known.paid.sum()) < MINIMUM:
            break
        from sql.marts.signals import learn

        model = learn.learn(known, trust)
        after = cohort.until_days(cut)
        chosen = (after > 0) & (after <= EVERY_DAYS) & (cohort.age >= cohorts.WITHIN_DAYS)
        chances = model.probability(cohort.known.traits[chosen])
        rate = float(model.probability(known.traits).mean())
        rows += [
            {
                "account_id": account,
                "window_day": cohort.day,
                "cut_on": cut,
                "probability": float(chance),
                "known_rate": rate,
                "paid": bool(paid),
            }
            for account, chance, paid in zip(cohort.accounts[chosen], chances, cohort.paid[chosen], strict=True)
        ]
    return rows


def _table(con: Any, name: str, columns: dict[str, pa.DataType], rows: list[dict[str, Any]]) -> None:
    schema = pa.schema(list(columns.items()))
    con.register("new_rows", pa.Table.from_pylist([{c: row.get(c) for c in columns} for row in rows], schema))
    con.execute(f"create or replace table {name} as select * from new_rows")
    con.unregister("new_rows")
