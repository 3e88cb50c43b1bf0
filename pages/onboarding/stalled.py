"""Who is stuck, why, what it is worth and whose move it is: the work list of evangelists and sales."""

from typing import Any

import streamlit as st

from pages.shared import charts, drawn, figures, filters, links, reads, states, tables, words

CARDS = 3


def cards(frame) -> list[dict]:
    """How many, worth what, for how long, and how many are nobody's."""
    n = words.plural(len(frame), "stalled account")
    common = {"metric": "stalled", "n": n}
    risk = frame["value_at_risk"].astype(float).sum(min_count=1)
    unowned = int((frame["owner"].isna() | (frame["owner"] == "")).sum())
    return [
        {"label": "Stalled accounts", "value": words.count(len(frame)), **common},
        {
            "label": "Value at risk",
            "value": words.money(risk, currency),
            "lacking": "too few of this tier have converted to say what one is worth",
            **common,
        },
        {"label": "Median wait", "value": f"{words.plural(round(frame['days'].median()), 'day')}", **common},
        {"label": "Without an owner", "value": words.count(unowned), **common},
    ]


def urgent(row: Any) -> None:
    """One account to act on first."""
    with st.container(border=True, height="stretch", gap="small"):
        st.markdown(f"#### {charts.mark(row.tier)} {words.plain(row.name)}", anchors=False)
        worth = words.money(row.value_at_risk, currency).replace("$", r"\$")
        st.markdown(f"**{worth} at risk** · {words.plural(round(row.days), 'day')} at {words.stage_at(row.stage)}")
        st.markdown(f":orange[{words.plain(row.reason_label)}]")
        if not words.missing(row.evidence) and row.evidence:
            st.caption(words.plain(row.evidence))
        if not words.missing(row.next_action) and row.next_action:
            st.markdown(f":material/arrow_forward: {words.plain(row.next_action)}")
        st.space("stretch")
        links.link(links.ACCOUNT, "Open the account", icon=":material/badge:", account=row.account_id)


def went_back() -> None:
    """Who was in production or paid, and does not any more: not all of them are stalled."""
    found = reads.read("went_back", tier=view.tier)
    st.markdown("##### Went back", anchors=False)
    if found.empty:
        states.empty("Nobody who was in production or paid has gone back.")
        return
    st.caption(
        "In production or paying once, and not any more. A lapsed production may be in the list above; a lost payer is not."
    )
    tables.table(
        found.assign(
            tier_name=found["tier"].map(words.TIERS),
            **{column: found[column].map(words.stage) for column in ("from_stage", "stage")},
        ),
        {
            "name": tables.text("Account"),
            "tier_name": tables.text("Tier"),
            "from_stage": tables.text("From"),
            "stage": tables.text("To"),
            "went_back_at": tables.when("Since"),
            "days": tables.number("Days"),
            "revenue": tables.money("Paid so far"),
            "owner": tables.text("Owner"),
            "event": tables.text("What shows it"),
        },
        name="went_back",
        alt="Accounts that stand lower than they have been, what they paid, and since when",
        account="name",
    )


view = filters.view()
currency = reads.currency()
asked = {"tier": view.tier, "stage": filters.chosen("stage")}
found = reads.read("stalled", **asked, reason=filters.chosen("reason"), search=filters.asked("search"))

if found.empty:
    states.nothing("stalled accounts", stage=None, reason=None, search=None)
else:
    figures.row(cards(found))
    with st.container(border=True):
        st.markdown("##### Why they stall", anchors=False)
        why = reads.read("stall_reasons", **asked)
        top = why.groupby("reason_label")["accounts"].sum()
        drawn.chart(charts.reasons, why, alt=f"Stalled accounts by reason; the most: {top.idxmax()}, {top.max()}")
    first = found.sort_values("value_at_risk", ascending=False, na_position="last").head(CARDS)
    st.markdown("##### Worth the most", anchors=False)
    with st.grid(CARDS, min_column_width=260, gap="small"):
        for row in first.itertuples():
            urgent(row)
    st.markdown("##### All of them", anchors=False)
    tables.table(
        found.assign(tier_name=found["tier"].map(words.TIERS), stage_name=found["stage"].map(words.stage)),
        {
            "name": tables.text("Account"),
            "tier_name": tables.text("Tier"),
            "stage_name": tables.text("Stage"),
            "days": tables.number("Days", form="%.0f"),
            "threshold_days": tables.number("Stalled after", form="%.0f"),
            "reason_label": tables.text("Reason"),
            "value_at_risk": tables.money("Value at risk"),
            "owner": tables.text("Owner"),
            "whose_move": tables.text("Whose move"),
            "next_action": tables.text("Next"),
            "evidence": tables.text("What it rests on"),
        },
        name="stalled",
        alt="Stalled accounts with stage, days, reason, value at risk and next action",
        account="name",
    )
    figures.about("stalled", "stall_reasons", "went_back", n=words.plural(len(found), "account"))
went_back()
