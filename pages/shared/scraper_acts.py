"""What people say of callers that look like scrapers: laid over the queue at once, for everybody, saved and undone without a build.

`sql/marts/signals/scraper_review.sql` says the same of what a build has loaded; a test holds the two together.
"""

from collections.abc import Iterable
from typing import Any

import pandas as pd

from data_sources import judgements, program
from pages.shared import access, ledger, reads

TO_LOOK_AT = "to look at"
STATUSES = {TO_LOOK_AT: "To look at", "watched": "Watched", "dismissed": "Dismissed"}


def queue(**asked: Any) -> pd.DataFrame:
    """The rows of the metric `scraper_queue` as they stand with all that was decided until now."""
    found = reads.read("scraper_queue", **asked)
    said = _said()
    verdicts = [said.get(subject) for subject in found["subject"]]
    found = found.assign(
        status=[_status(*row) for row in zip(found["asks"], found["parts"], verdicts, strict=True)],
        verdict_id=pd.array([one and one.id for one in verdicts], "Int64"),
        author=[one and one.author for one in verdicts],
        reason=[one and one.reason for one in verdicts],
        decided_at=pd.to_datetime([one.decided_at if one else None for one in verdicts]),
    )
    return found[found["asks"] | found["verdict_id"].notna()].reset_index(drop=True)


def _said() -> dict[str, Any]:
    """The verdict that holds, by the subject of today: the newest that is not undone."""
    today = reads.read("scraper_verdicts")
    names = dict(zip(today["id"], today["subject"], strict=True))
    held: dict[str, Any] = {}
    for one in ledger.everything(judgements.ScraperVerdict):
        if one.undone_at is None:
            held.setdefault(names.get(one.id, one.subject), one)
    return held


def _status(asks: bool, parts: str, verdict: Any) -> str:
    """What a row stands at: a verdict asks again when a part stands out that did not when it was made."""
    if verdict is None or (asks and not set(parts.split(",")) <= set(verdict.parts.split(","))):
        return TO_LOOK_AT
    return verdict.verdict


def save(rows: pd.DataFrame, verdict: str, reason: str | None) -> list[int]:
    """Keep a verdict on these rows of the queue; returns the numbers of the judgements."""
    made = [
        judgements.ScraperVerdict(
            subject=row.subject,
            verdict=verdict,
            parts=row.parts,
            reason=(reason or "").strip() or None,
            author=access.who(),
            decided_at=program.now(),
        )
        for row in rows.itertuples()
    ]
    return ledger.the_store().judge_all(made) if made else []


def undo(ids: Iterable[int]) -> int:
    """Take verdicts back; returns how many held."""
    return ledger.the_store().undo(judgements.ScraperVerdict, ids, program.now())
