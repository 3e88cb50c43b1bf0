"""Costs that no bill tells of: entered with a pool, an amount and days, kept with who and why, undoable, then built."""

import streamlit as st

from data_sources import judgements
from pages.shared import reads, typed, words

FIELDS = ("cost_pool", "cost_amount", "cost_currency", "cost_days", "cost_reason")
SHOWN = 20


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
    held = typed.entered(judgements.CostEntered)
    typed.show(held[:SHOWN], set(reads.read("costs_typed")["id"]), _said)
    if not held:
        st.caption("Nothing was entered yet.")


def _said(one: judgements.CostEntered) -> str:
    return f"**{words.plain(one.pool)}: {typed.amount(one)}**, {words.day(one.starts_on)} to {words.day(one.ends_on)}"


def _save() -> None:
    pool, amount, currency, days, reason = (st.session_state.get(field) for field in FIELDS)
    code = currency.strip().lower()
    typed.save(
        judgements.CostEntered,
        reason,
        pool=pool.strip(),
        currency=code,
        amount=words.minor(amount, code),
        starts_on=days[0],
        ends_on=days[1],
    )
    st.session_state[FIELDS[1]], st.session_state[FIELDS[4]] = None, ""
