"""Decisions about identity as a list: what each says, who made it and when, where it stands, what it changed, and its undo."""

from typing import Any

import pandas as pd
import streamlit as st

from pages.shared import deciding, identity_words, links, paper, reads, tables, words
from sql import identity

SHOWN_AT_FIRST = 20


def draw(kept: list[Any], name: str) -> None:
    """The decisions one below the other, each with its undo, and all of them as CSV. `name` keeps two lists on a page apart."""
    if not kept:
        st.caption(":material/inbox: Nobody has decided anything yet.")
        return
    known = deciding.known([one.decision for one in kept])
    counts = {row.id: row for row in reads.read("identity_decisions").itertuples()}
    more = st.session_state.get(f"more_{name}", SHOWN_AT_FIRST)
    for one in kept[:more]:
        _one(one, known, counts, name)
    if len(kept) > more:
        st.button(
            f"Show {min(SHOWN_AT_FIRST, len(kept) - more)} more of {len(kept)}",
            key=f"more_of_{name}",
            type="tertiary",
            on_click=_more,
            args=(name, more),
        )
    if not paper.asked():
        tables.download(as_table(kept), name)


def as_table(kept: list[Any]) -> pd.DataFrame:
    """The decisions as rows, in the store's own words."""
    rows = []
    for one in kept:
        left, right = identity.nodes(one.decision)
        fields = ("id", "action", "value", "author", "decided_at", "reason", "undone_at")
        rows.append(
            {field: getattr(one.decision, field) for field in fields} | {"left": left, "right": right, "is": one.state}
        )
    return pd.DataFrame(rows)


def _one(kept: Any, known: dict[str, Any], counts: dict[int, Any], name: str) -> None:
    decision = kept.decision
    title, icon = identity_words.TITLES[decision.action]
    said = identity_words.says(decision, known)
    with st.container(
        border=True, horizontal=True, vertical_alignment="center", gap="small", key=f"{name}_{decision.id}"
    ):
        with st.container(gap="xxsmall", width="stretch"):
            text = f"{said[:1].upper()}{said[1:]}"
            st.markdown(f"{icon} {title}: " + (text if kept.holds else f"~~{text}~~"))
            st.caption(f"{identity_words.by(decision)} · {identity_words.stands(kept)}{_changes(kept, counts)}")
            if not paper.asked():
                _accounts(decision, known)
        if kept.holds and not paper.asked():
            st.button(
                "Undo",
                key=f"undo_{name}_{decision.id}",
                icon=":material/undo:",
                on_click=deciding.undo,
                args=(decision.id,),
            )


def _changes(kept: Any, counts: dict[int, Any]) -> str:
    """What it changes: by the snapshot's own count where that has applied it, else as it is foreseen."""
    if kept.state == deciding.APPLIED and kept.decision.id in counts:
        said = identity_words.counted(counts[kept.decision.id])
    elif kept.state == deciding.WAITS:
        said = identity_words.changed(kept.decision, deciding.effect(kept.decision))
    else:
        return ""
    return f" · {said}" if said else ""


def _accounts(decision: Any, known: dict[str, Any]) -> None:
    """Ways to the accounts that it is about."""
    named = [known[node] for node in identity.nodes(decision) if node in known]
    found = {one.account_id: deciding.named(one.account_id, one.account_name) for one in named}
    if found:
        with st.container(horizontal=True, gap="small"):
            for account_id, name in found.items():
                links.link(links.ACCOUNT, f":small[{words.plain(name)}]", icon=":material/badge:", account=account_id)


def _more(name: str, shown: int) -> None:
    st.session_state[f"more_{name}"] = shown + SHOWN_AT_FIRST
