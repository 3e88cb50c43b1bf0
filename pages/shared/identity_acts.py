"""What people say about who an account is: merge, split, rename, its domain, one of ours; with what each would change."""

from collections.abc import Callable
from typing import Any

import pandas as pd
import streamlit as st

from pages.shared import account_words, deciding, filters, identity_decided, identity_words, paper, reads, tables, words
from sql import identity

ACTS = {
    "merge": "It is the same organization as another account",
    "split": "A record does not belong here",
    "rename": "It is called something else",
    "set_domain": "Its domain is another one",
    "mark_internal": "It is a team of ours",
}
SAVES = {
    "merge": "Merge the two",
    "split": "Split it off",
    "rename": "Rename it",
    "set_domain": "Set the domain",
    "mark_internal": "Mark as internal",
}
FIELDS = ("act_search", "act_other", "act_record", "act_name", "act_domain", "act_team", "act_reason")
KEYS = ("domain", "email", "team")
CHOICES = 30


def draw(account: str) -> None:
    """The records that make up the account, what somebody may say of it, and what was said."""
    records = reads.read("account_records", account=account)
    if records.empty:
        st.caption(":material/inbox: No record stands behind it: these are calls and money of nobody we know.")
        return
    anchor, account_id = records["anchor"].iloc[0], records["account_id"].iloc[0]
    if not paper.asked():
        st.markdown("##### What do you know?", anchors=False)
        with st.container(border=True, key="identity_act"):
            _act(records, anchor, account_id)
    st.markdown("##### What was decided", anchors=False)
    identity_decided.draw(deciding.of_account(set(records["node"])), "account_decisions")
    st.markdown("##### Its records", anchors=False)
    shown = records.assign(kind=records["kind"].map(account_words.record))
    tables.table(
        shown.drop(columns="id") if paper.asked() else shown,
        {
            "kind": tables.text("Kind"),
            "name": tables.text("Name"),
            "email": tables.text("E-mail"),
            "source": tables.text("Source"),
            "id": tables.text("Id"),
            "evidence": tables.text("Belongs here by"),
            "confidence": tables.part("Confidence"),
        },
        name="account_records",
        alt="Records of the account with the evidence that brought each here",
    )
    if not paper.asked():
        deciding.watch()


def note(account_id: str) -> None:
    """Decisions about the account that no build has applied yet; nothing where there is none."""
    moving = [one for one in deciding.kept() if one.moving]
    if not moving:
        return
    known = deciding.known([one.decision for one in moving])
    for one in moving:
        ends = {known[node].account_id for node in identity.nodes(one.decision) if node in known}
        if account_id in ends:
            said = identity_words.says(one.decision, known)
            st.info(
                f"{said[:1].upper()}{said[1:]}: decided by {identity_words.by(one.decision)}. "
                f"{identity_words.stands(one).capitalize()}.",
                icon=":material/pending:",
            )


def _act(records: pd.DataFrame, anchor: str, account_id: str) -> None:
    action = st.selectbox(
        "What do you know?", list(ACTS), format_func=ACTS.get, key="act", label_visibility="collapsed"
    )
    left, right, value = _WHAT[action](records, anchor, account_id)
    if left is None:
        return
    asked = identity.decision(action, left, right, value, author="", decided_at=None)
    st.markdown(f":material/arrow_forward: {identity_words.changed(asked, deciding.effect(asked))}.")
    st.text_input("Reason", key="act_reason", max_chars=500, placeholder="Reason, if there is one")
    st.button(
        SAVES[action],
        type="primary",
        icon=identity_words.TITLES[action][1],
        key="act_save",
        on_click=_save,
        args=(action, left, right, value),
    )


def _save(action: str, left: str, right: str | None, value: str | None) -> None:
    deciding.save(action, left, right, value, st.session_state.get("act_reason"))
    for field in FIELDS:
        st.session_state.pop(field, None)


def _merge(records: pd.DataFrame, anchor: str, account_id: str) -> tuple[str | None, str | None, str | None]:
    sought = st.text_input(
        "Which account?", key="act_search", placeholder="Name, domain or e-mail", icon=":material/search:"
    ).strip()
    if not sought:
        return None, None, None
    found = reads.read("directory", search=sought, **filters.view().dates)
    found = found[(found["account_id"] != account_id) & (found["kind"] != "nobody")]
    if found.empty:
        st.caption("No other account has that in its name, domain or e-mail.")
        return None, None, None
    found = found.sort_values("calls", ascending=False).head(CHOICES)
    labels = {
        row.account_id: " · ".join(
            str(part)
            for part in (row.name, row.domain, words.TIERS.get(row.tier), words.plural(row.calls, "call"))
            if not words.missing(part)
        )
        for row in found.itertuples()
    }
    other = st.selectbox("Account", list(labels), format_func=labels.get, key="act_other")
    end = identity.anchors(reads.current(), [other]).get(other)
    return (anchor, end, None) if end else (None, None, None)


def _split(records: pd.DataFrame, anchor: str, account_id: str) -> tuple[str | None, str | None, str | None]:
    own = records[~records["kind"].isin(KEYS)]
    if len(own) < 2:
        st.caption("It has one record only: there is nothing to split off.")
        return None, None, None
    labels = {
        row.node: " · ".join(
            str(part) for part in (account_words.record(row.kind), row.name, row.source) if not words.missing(part)
        )
        for row in own.itertuples()
    }
    node = st.selectbox("Which record?", list(labels), format_func=labels.get, key="act_record")
    others = [anchor, *(one for one in own["node"] if one != node)]
    return node, next(one for one in others if one != node), None


def _rename(records: pd.DataFrame, anchor: str, account_id: str) -> tuple[str | None, str | None, str | None]:
    name = st.text_input("Name", key="act_name", max_chars=200).strip()
    return (anchor, None, name) if name else (None, None, None)


def _set_domain(records: pd.DataFrame, anchor: str, account_id: str) -> tuple[str | None, str | None, str | None]:
    said = st.text_input("Domain", key="act_domain", max_chars=253, placeholder="example.com").strip()
    if not said:
        return None, None, None
    domain, why_not = identity.linkable_domain(reads.current(), said)
    if domain is None:
        st.caption(f":material/block: {words.plain(why_not)}")
        return None, None, None
    if domain != said.lower():
        st.caption(f"What people can register of it is **{words.plain(domain)}**.")
    return anchor, None, domain


def _mark_internal(records: pd.DataFrame, anchor: str, account_id: str) -> tuple[str | None, str | None, str | None]:
    team = st.text_input("Team", key="act_team", max_chars=120).strip()
    return (anchor, None, team) if team else (None, None, None)


_WHAT: dict[str, Callable[..., Any]] = {
    "merge": _merge,
    "split": _split,
    "rename": _rename,
    "set_domain": _set_domain,
    "mark_internal": _mark_internal,
}
