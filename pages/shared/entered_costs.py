"""Costs that no bill tells of: entered with a pool, an amount and days, kept with who and why, undoable, then built."""

from typing import Any

import streamlit as st
from sqlmodel import desc, select

from data_sources import judgements, program
from pages.shared import access, deciding, ledger, reads, words

FIELDS = ("cost_pool", "cost_amount", "cost_currency", "cost_days", "cost_reason")
SHOWN = 20


def entered() -> list[Any]:
    """Every cost that was entered and not undone, the newest first."""
    model = judgements.CostEntered
    with ledger.the_store().session() as session:
        asked = select(model).where(model.undone_at.is_(None)).order_by(desc(model.decided_at), desc(model.id))
        return list(session.exec(asked))


def draw(pools: list[str]) -> None:
    """The form for a cost, and what was entered with its undo."""
    st.caption(
        "An amount is spread evenly over its days, to the cent, and shared out as its pool is. A pool that is not in "
        "program.toml stays unallocated."
    )
    today = reads.current().as_of.date()
    with st.grid(4, min_column_width=170, gap="small"):
        st.selectbox("Pool", pools, key=FIELDS[0], accept_new_options=True, index=0 if pools else None)
        st.number_input("Amount", value=None, min_value=0.0, step=100.0, format="%.2f", key=FIELDS[1])
        st.text_input("Currency", value=reads.currency().upper(), max_chars=3, key=FIELDS[2])
        st.date_input("From and to", value=(today.replace(day=1), today), key=FIELDS[3], format="YYYY-MM-DD")
    st.text_input("Why", key=FIELDS[4], max_chars=300, placeholder="What it is; kept with your name")
    pool, amount, currency, days, reason = (st.session_state.get(field) for field in FIELDS)
    ready = (
        pool and amount and len(str(currency or "").strip()) == 3 and days and len(days) == 2 and (reason or "").strip()
    )
    st.button(
        "Enter the cost", key="enter_cost", type="primary", icon=":material/add:", disabled=not ready, on_click=_save
    )
    built = set(reads.read("costs_typed")["id"])
    held = entered()
    for one in held[:SHOWN]:
        _shown(one, one.id in built)
    if not held:
        st.caption("Nothing was entered yet.")


def _shown(one: Any, is_built: bool) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center", gap="small", key=f"entered_{one.id}"):
        amount = words.money(words.major(one.amount, one.currency), one.currency, exact=True).replace("$", r"\$")
        waits = "" if is_built else " · the build that applies it is still to come"
        with st.container(gap="xxsmall", width="stretch"):
            st.markdown(
                f"**{words.plain(one.pool)}: {amount}**, {words.day(one.starts_on)} to {words.day(one.ends_on)} · {words.plain(one.reason)}"
            )
            st.caption(f"{words.plain(one.author)}, {words.moment(one.decided_at)}{waits}")
        st.button("Undo", key=f"undo_cost_{one.id}", icon=":material/undo:", on_click=_undo, args=(one.id,))


def _save() -> None:
    pool, amount, currency, days, reason = (st.session_state.get(field) for field in FIELDS)
    code = currency.strip().lower()
    made = judgements.CostEntered(
        pool=pool.strip(),
        currency=code,
        amount=round(amount * (1 if code in words.NO_MINOR_UNIT else 100)),
        starts_on=days[0],
        ends_on=days[1],
        reason=reason.strip(),
        author=access.who(),
        decided_at=program.now(),
    )
    ledger.the_store().judge(made)
    st.session_state[FIELDS[1]], st.session_state[FIELDS[4]] = None, ""
    deciding.keep_up()


def _undo(id: int) -> None:
    for one in entered():
        if one.id == id:
            one.undone_at = program.now()
            ledger.the_store().judge(one)
    deciding.keep_up()
