"""What is planned for a tier and month: typed in here with who and why, undoable, then built; or from a sheet."""

from datetime import date

import streamlit as st

from data_sources import judgements
from pages.shared import reads, typed, words

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
        held = typed.entered(judgements.PlanEntered)
        typed.show(held[:SHOWN], set(reads.read("plan_typed")["id"]), _said)


def _said(one: judgements.PlanEntered) -> str:
    return f"**{one.month:%b %Y} · {words.TIERS.get(one.tier, one.tier)} · {LINES.get(one.line, one.line)}: {typed.amount(one)}**"


def _save() -> None:
    month, tier, line, amount, reason = (st.session_state.get(field) for field in FIELDS)
    typed.save(
        judgements.PlanEntered,
        reason,
        month=date(month.year, month.month, 1),
        tier=tier,
        line=line,
        currency=reads.currency(),
        amount=words.minor(amount, reads.currency()),
    )
    st.session_state[FIELDS[3]], st.session_state[FIELDS[4]] = None, ""
