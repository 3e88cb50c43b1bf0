"""What followed a contact: by reason, beside stalls that nobody had written about by then."""

from typing import Any

import pandas as pd
import streamlit as st

from pages.shared import reads, tables, words
from pages.shared.states import empty

FEWEST = 30


def card(tier: str | None, reason: str | None) -> dict[str, Any]:
    """The share of the contacted that moved on, and that of the comparable; what `figures.figure` takes."""
    value, beside, held = summed(reads.read("move_outcomes", tier=tier, reason=reason))
    return {
        "label": "Contacted, then moved on",
        "value": value,
        "beside": beside,
        "metric": "move_outcomes",
        "n": f"{held}. No proof that writing helps. Of the filters it follows tier and reason only",
        "lacking": "nobody was contacted thirty days ago or longer",
    }


def summed(found: pd.DataFrame) -> tuple[str, str, str]:
    """All reasons together as a figure, what stands beside it, and what it rests on. Takes rows of `move_outcomes`; each matched contact weighs the same."""
    mature, moved = found["mature"].sum(), found["moved"].sum()
    matched, compared = found["matched"].sum(), found["compared"].sum()
    held = f"{words.count(moved)} of {words.plural(mature, 'account')} within 30 days of the first contact"
    value, beside = words.share(moved / mature) if mature else words.MISSING, ""
    if min(matched, compared) >= FEWEST:
        weights = found["matched"] / matched
        ours, theirs = (
            (found[name].astype(float).fillna(0) * weights).sum() for name in ("matched_share", "compared_share")
        )
        value, beside = words.share(ours), f"comparable {words.share(theirs)}"
        held += f"; compared are {words.count(matched)} of them with {words.plural(compared, 'stall')} that nobody had written about"
    elif mature:
        beside = "too few to compare"
        held += f"; {words.count(matched)} have {words.plural(compared, 'comparable stall')}"
    return value, beside, held


def draw(tier: str | None, reason: str | None) -> None:
    """The table by reason, and what it can and cannot say."""
    st.markdown("##### What followed a contact", anchors=False)
    found = reads.read("move_outcomes", tier=tier, reason=reason)
    if found.empty:
        empty(
            "Nobody was contacted yet. From thirty days after the first contacts on, this says how many of them moved on, "
            "beside comparable accounts that nobody wrote to."
        )
        return
    tables.table(
        found.assign(points=pd.to_numeric(found["difference"]) * 100),
        {
            "reason_label": tables.text("Reason", pinned=True),
            "mature": tables.number("Contacted"),
            "moved": tables.number("Moved on"),
            "moved_share": tables.part("Share"),
            "matched": tables.number("Comparable"),
            "matched_share": tables.part("Contacted, comparable: moved on"),
            "compared": tables.number("Not contacted"),
            "compared_share": tables.part("Not contacted: moved on"),
            "points": tables.number("Difference (points)", form="%+.0f"),
            "in_progress": tables.number("In progress"),
        },
        name="move_outcomes",
        alt="By reason: who was contacted, who moved on within 30 days, and the same of comparable accounts that were not",
    )
    st.caption(
        ":material/info: Contacted thirty days ago or longer, and moved on within thirty days of the first contact; younger "
        f"contacts are in progress. The difference is hidden below {FEWEST} on either side, and it is no proof that writing helps: people "
        "write to those that look promising. Compared are stalls of the same tier and reason that had lasted as long, and "
        f"that nobody had written about by then. {words.plural(found['contacted'].sum(), 'contact')} in all."
    )
