"""Everything about one account: who it is, the chain behind it, what it does, costs and brings, and where it stands."""

from typing import Any

import streamlit as st

from pages.shared import account_parts, filters, judging, reads, states, words

PARTS = {
    "activity": "Activity",
    "money": "Money",
    "stages": "Stages",
    "people": "People and links",
    "support": "Support",
    "timeline": "Timeline",
    "notes": "Owner and notes",
}


def pick() -> None:
    """Without an account in the URL: search for one."""
    st.markdown("##### Which account?", anchors=False)
    sought = filters.search("search", "Name, domain or e-mail", 420)
    view = filters.view()
    found = reads.read("directory", search=sought, **view.dates)
    account_parts.choices(found.sort_values("calls", ascending=False).head(50) if len(found) else found)


def profile(row: Any, account: str) -> None:
    """Name, tier, stage and owner, with the chain from developer to contract."""
    with st.container(border=True):
        account_parts.title(row)
        account_parts.chain(row, account)


account = filters.asked("account")
if not account:
    pick()
else:
    rows = reads.read("account_profile", account=account)
    if rows.empty:
        states.unknown_account(account)
    else:
        one = next(rows.itertuples())
        profile(one, account)
        account_parts.figures_of(one, account)
        if account_parts.is_stalled(one):
            account_parts.stalled(one)
        part = filters.tabs("part", PARTS, "activity")
        if part == "notes":
            judging.draw(account)
        else:
            getattr(account_parts, part)(account)
        st.caption(f"{words.plain(account)} · {filters.view().in_words}")
