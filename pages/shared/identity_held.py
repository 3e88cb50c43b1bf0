"""Merges that were held back because they looked wrong: what it was, the accounts left apart, and what somebody says to it."""

from typing import Any

import streamlit as st

from pages.shared import deciding, identity_words, links, reads, states, tables, words
from sql import identity

SHOWN_AT_FIRST = 10


def draw(kept: list[Any]) -> None:
    """Those of the snapshot, the largest first; `kept` are the decisions that may have answered some."""
    found = reads.read("identity_held")
    if found.empty:
        states.empty("Nothing was held back: no merge would have brought together what looks apart.")
        return
    st.caption("None of these merges was made: they would have made one account of what looks like several.")
    named = {one for column in ("account_id", "other_account_id") for one in found[column].dropna()}
    anchors = identity.anchors(reads.current(), named)
    answers = {frozenset(identity.nodes(one.decision)): one for one in kept if one.holds and one.decision.right_id}
    shown = st.session_state.get("held_shown", SHOWN_AT_FIRST)
    for n, row in enumerate(found.head(shown).itertuples()):
        pair = [anchors.get(one) for one in (row.account_id, row.other_account_id) if not words.missing(one)]
        _one(n, row, pair if len(pair) == 2 and all(pair) else [], answers.get(frozenset(pair)))
    if len(found) > shown:
        more = min(SHOWN_AT_FIRST, len(found) - shown)
        st.button(f"Show {more} more of {len(found)}", key="held_more", type="tertiary", on_click=_more, args=(shown,))
    tables.download(found, "identity_held")


def _more(shown: int) -> None:
    st.session_state["held_shown"] = shown + SHOWN_AT_FIRST


def _one(n: int, row: Any, pair: list[str], answer: Any) -> None:
    """One merge that was not made; `pair` are the anchors of the two accounts, empty where there are more."""
    with st.container(border=True, gap="xsmall", key=f"held_{n}"):
        st.markdown(f"**{words.plain(row.kind).capitalize()}**{', by ' if pair else ': '}{words.plain(row.what)}")
        st.caption(
            f"{words.plural(row.records, 'record')} · {words.plural(row.organizations, 'organization')} · "
            f"{words.plain(row.accounts)}"
        )
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            if not pair:
                links.link(links.DIRECTORY, "The accounts", icon=":material/groups:", tier="all", search=row.what)
                return
            for account_id, name in (
                (row.account_id, row.account_name),
                (row.other_account_id, row.other_account_name),
            ):
                shown = words.plain(deciding.named(account_id, name))
                links.link(links.ACCOUNT, shown, icon=":material/badge:", account=account_id)
            if answer:
                title, icon = identity_words.TITLES[answer.decision.action]
                st.caption(f"{icon} {title} by {identity_words.by(answer.decision)} · {identity_words.stands(answer)}")
                undo = {"icon": ":material/undo:", "on_click": deciding.undo, "args": (answer.decision.id,)}
                st.button("Undo", key=f"held_undo_{n}", **undo)
            else:
                st.button("They are one", key=f"merge_{n}", on_click=deciding.save, args=("merge", *pair))
                st.button("Leave them apart", key=f"apart_{n}", on_click=deciding.save, args=("reject", *pair))
        if not answer:
            asked = identity.decision("merge", *pair, author="", decided_at=None)
            st.caption(f"If they are one: {identity_words.changed(asked, deciding.effect(asked))}.")
