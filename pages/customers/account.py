"""Everything about one account: who it is, the chain behind it, what it does, costs and brings, and where it stands."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from pages.shared import (
    account_chain,
    account_lists,
    account_parts,
    deciding,
    filters,
    identity_acts,
    judging,
    paper,
    reads,
    states,
    triage_parts,
)

PARTS: dict[str, tuple[str, Callable[[str], None]]] = {
    "chain": ("Chain", account_chain.draw),
    "activity": ("Activity", account_parts.activity),
    "money": ("Money", account_parts.money),
    "stages": ("Stages", account_parts.stages),
    "people": ("People", account_lists.people),
    "support": ("Tickets", account_lists.support),
    "contracts": ("Contracts", account_lists.contracts),
    "timeline": ("Timeline", account_lists.timeline),
    "identity": ("Who it is", identity_acts.draw),
    "notes": ("Owner, tier, notes", judging.draw),
}


def pick() -> None:
    """Without an account in the URL: search for one."""
    st.markdown("##### Which account?", anchors=False)
    sought = filters.search("search", "Name, domain or e-mail", 420)
    view = filters.view()
    found = reads.read("directory", search=sought, **view.dates)
    account_parts.choices(found.sort_values("calls", ascending=False).head(50) if len(found) else found)


def profile(row: Any) -> None:
    """Name, tier, stage and owner, and who pays."""
    with st.container(border=True):
        owner = judging.owner(row.account_id)
        account_parts.title(row._replace(name=deciding.named(row.account_id, row.name), owner=owner))
        account_parts.who_pays(row)
        identity_acts.note(row.account_id)


def summary(row: Any, account: str) -> None:
    """What stands above the parts: the figures, why it stalls, and the findings."""
    account_parts.figures_of(row, account)
    account_parts.work(row)
    triage_parts.line(row.account_id)
    account_parts.findings(account)


def printed(row: Any, account: str) -> None:
    """All parts one below the other, as the printer gets them."""
    with paper.sheet():
        profile(row)
        summary(row, account)
        for name, (title, draw) in PARTS.items():
            with paper.section(title):
                if name == "notes":
                    judging.written(account)
                else:
                    draw(account)


def seen(row: Any, account: str) -> None:
    """What stands above, and the part that is chosen."""
    profile(row)
    summary(row, account)
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        part = filters.tabs("part", {name: title for name, (title, _) in PARTS.items()}, "chain")
        paper.link("account", account=account)
    _, draw = PARTS[part]
    draw(account)
    st.caption(filters.view().in_words)


account = filters.asked("account")
if not account:
    pick()
else:
    rows = reads.read("account_profile", account=account)
    if rows.empty:
        states.unknown_account(account)
    elif paper.asked():
        printed(next(rows.itertuples()), account)
    else:
        seen(next(rows.itertuples()), account)
