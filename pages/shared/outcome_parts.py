"""What followed a contact: by reason, beside stalls that nobody had written about by then."""

import pandas as pd
import streamlit as st

from pages.shared import reads, tables, words
from pages.shared.states import empty

FEWEST = 30


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
            "matched_share": tables.part("their share"),
            "compared": tables.number("Not contacted"),
            "compared_share": tables.part("share of these"),
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
