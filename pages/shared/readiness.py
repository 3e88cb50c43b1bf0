"""How ready an enterprise is to sign, item by item, and what people say about it: stored with who and when, undoable."""

from datetime import date
from typing import Any

import pandas as pd
import streamlit as st

from data_sources import judgements, program
from pages.shared import access, enterprise_words, ledger, paper, reads, states, tables, words

CHOICES = {**enterprise_words.ITEMS, enterprise_words.NOT_ONE: "Sales-led path: it is no enterprise"}
SAID = {state: label for state, label in enterprise_words.STATES.items() if state != "not_known"}


def items(account: str) -> pd.DataFrame:
    """The items as the snapshot has them, and over them what people have said since. Columns as enterprise_readiness."""
    built = reads.read("enterprise_readiness", account=account).copy()
    said = {one.item: one for one in reversed(held(account))}
    for index, row in built.iterrows():
        one = said.get(row["item"])
        if one is not None:
            waited = (reads.current().as_of.date() - one.on_day).days if one.on_day and one.state == "waiting" else None
            built.loc[index, "state"] = one.state
            built.loc[index, "dated_at"] = pd.Timestamp(one.on_day) if one.on_day else pd.NaT
            built.loc[index, "days_waiting"] = waited
            built.loc[index, "whose_move"] = None
            built.loc[index, "owner"] = one.owner or row["owner"]
            built.loc[index, "evidence"] = f"{one.author} said so {words.day(one.decided_at)}" + (f": {one.reason}" if one.reason else "")  # fmt: skip
        elif row["by_person"]:
            built.loc[index, "evidence"] = "taken back; the next build says what the records say"
    return built


def held(account: str) -> list[Any]:
    """What people said about the account's items and did not take back, the newest first."""
    return ledger.judged(judgements.ReadinessDecision, account)


def draw(account: str, found: pd.DataFrame) -> None:
    """The checklist, and on the screen the form to say how far an item is."""
    if found.empty:
        states.empty("Nothing makes this account an enterprise: no negotiated contract, no sale, no step, no signs.")
    else:
        tables.table(
            found.assign(
                state_name=found["state"].map(enterprise_words.STATES),
                move=[enterprise_words.MOVES.get(move) for move in found["whose_move"]],
            ),
            {
                "label": tables.text("Item", pinned=True),
                "state_name": tables.text("State"),
                "dated_at": tables.when("Since or on"),
                "days_waiting": tables.number("Days waiting", form="%.0f"),
                "move": tables.text("Whose move"),
                "owner": tables.text("Owner"),
                "evidence": tables.text("What shows it", width="large"),
            },
            name="enterprise_readiness",
            alt="Items of readiness with state, date, days waiting, whose move and owner",
        )
    if paper.asked():
        return
    with st.expander("Say how far an item is", icon=":material/edit:"):
        _form(account)
    for one in held(account):
        _said(one)


def _form(account: str) -> None:
    with st.form("readiness", clear_on_submit=True, border=False):
        with st.grid(4, min_column_width=170, gap="small"):
            item = st.selectbox("Item", list(CHOICES), format_func=CHOICES.get, key="readiness_item")
            state = st.selectbox("State", list(SAID), format_func=SAID.get, key="readiness_state")
            day = st.date_input("Done on, or since", value=None, key="readiness_day", max_value=date(2100, 1, 1))
            owner = st.text_input("Owner", max_chars=120, key="readiness_owner")
        reason = st.text_input("Why, or where it is written", max_chars=500, key="readiness_reason")
        if st.form_submit_button("Save", icon=":material/check:", key="save_readiness"):
            save(account, item, state, day, owner, reason)
    st.caption("It is kept for good, shown here at once, and enters the lists with the next build.")


def save(account: str, item: str, state: str, day: date | None, owner: str, reason: str) -> None:
    """Store what the visitor says. Of the sales-led path only `not_needed` can be said."""
    ledger.the_store().judge(
        judgements.ReadinessDecision(
            account_id=account,
            item=item,
            state="not_needed" if item == enterprise_words.NOT_ONE else state,
            on_day=day,
            owner=(owner or "").strip() or None,
            reason=(reason or "").strip() or None,
            author=access.who(),
            decided_at=program.now(),
        )
    )
    st.rerun()


def _said(one: Any) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center", gap="small"):
        with st.container(gap="xxsmall", width="stretch"):
            on = f" on {words.day(one.on_day)}" if one.on_day else ""
            why = f" · {words.plain(one.reason)}" if one.reason else ""
            st.markdown(f"**{CHOICES.get(one.item, one.item)}**: {SAID.get(one.state, one.state).lower()}{on}{why}")
            st.caption(f"{words.plain(one.author)}, {words.moment(one.decided_at)}")
        st.button("Undo", key=f"undo_readiness_{one.id}", icon=":material/undo:", on_click=_undo, args=(one.id, one.account_id))  # fmt: skip


def _undo(id: int, account: str) -> None:
    for one in held(account):
        if one.id == id:
            one.undone_at = program.now()
            ledger.the_store().judge(one)
