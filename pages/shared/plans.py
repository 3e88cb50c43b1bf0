"""What is planned for a tier and month: typed in here with who and why, undoable, then built; or from a sheet."""

from datetime import date
from typing import Any

import streamlit as st
from sqlmodel import desc, select

from data_sources import judgements, program
from pages.shared import access, deciding, ledger, reads, words

LINES = {
    "revenue": "Revenue",
    "infrastructure": "Infrastructure",
    "support": "Support",
    "outreach": "Outreach",
    "fees": "Payment fees",
    "cost_to_serve": "Cost to serve",
    "contribution": "Contribution",
}
FIELDS = ("plan_month", "plan_tier", "plan_line", "plan_amount", "plan_reason")
SHOWN = 12


def entered() -> list[Any]:
    """Every plan that was typed in and not undone, the newest first."""
    model = judgements.PlanEntered
    with ledger.the_store().session() as session:
        asked = select(model).where(model.undone_at.is_(None)).order_by(desc(model.decided_at), desc(model.id))
        return list(session.exec(asked))


def draw(tier: str | None) -> None:
    """The form for a figure of the plan, and what was typed in last with its undo."""
    with st.expander("Type in a plan", icon=":material/edit_calendar:"):
        st.caption(
            "One figure for a month, a tier and a line. Many at once: a CSV with month, tier, line and amount, as a source "
            "of the table plan_figure."
        )
        with st.grid(4, min_column_width=150, gap="small"):
            st.date_input(
                "Month", value=reads.current().as_of.date().replace(day=1), key=FIELDS[0], format="YYYY-MM-DD"
            )
            tiers = list(words.TIERS)
            st.selectbox(
                "Tier", tiers, index=tiers.index(tier) if tier else 2, format_func=words.TIERS.get, key=FIELDS[1]
            )
            st.selectbox("Line", list(LINES), format_func=LINES.get, key=FIELDS[2])
            st.number_input(
                f"Amount ({reads.currency().upper()})", value=None, step=100.0, format="%.2f", key=FIELDS[3]
            )
        st.text_input(
            "Why", key=FIELDS[4], max_chars=300, placeholder="Where the figure comes from; kept with your name"
        )
        amount, reason = st.session_state.get(FIELDS[3]), (st.session_state.get(FIELDS[4]) or "").strip()
        st.button(
            "Save the plan",
            key="save_plan",
            icon=":material/save:",
            disabled=amount is None or not reason,
            on_click=_save,
        )
        built = set(reads.read("plan_typed")["id"])
        for one in entered()[:SHOWN]:
            _shown(one, one.id in built)


def _shown(one: Any, is_built: bool) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center", gap="small"):
        amount = words.money(words.major(one.amount, one.currency), one.currency, exact=True).replace("$", r"\$")
        waits = "" if is_built else " · the build that applies it is still to come"
        with st.container(gap="xxsmall", width="stretch"):
            st.markdown(
                f"**{one.month:%b %Y} · {words.TIERS.get(one.tier, one.tier)} · {LINES.get(one.line, one.line)}: {amount}**"
                f" · {words.plain(one.reason)}"
            )
            st.caption(f"{words.plain(one.author)}, {words.moment(one.decided_at)}{waits}")
        st.button("Undo", key=f"undo_plan_{one.id}", icon=":material/undo:", on_click=_undo, args=(one.id,))


def _save() -> None:
    month, tier, line, amount, reason = (st.session_state.get(field) for field in FIELDS)
    currency = reads.currency()
    decimals = 0 if currency in words.NO_MINOR_UNIT else 2
    made = judgements.PlanEntered(
        month=date(month.year, month.month, 1),
        tier=tier,
        line=line,
        currency=currency,
        amount=round(amount * 10**decimals),
        reason=reason.strip(),
        author=access.who(),
        decided_at=program.now(),
    )
    ledger.the_store().judge(made)
    st.session_state[FIELDS[3]], st.session_state[FIELDS[4]] = None, ""
    deciding.keep_up()


def _undo(id: int) -> None:
    for one in entered():
        if one.id == id:
            one.undone_at = program.now()
            ledger.the_store().judge(one)
    deciding.keep_up()
