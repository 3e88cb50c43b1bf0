"""What free accounts cost, what became of them, what it takes for free to pay for itself, and who ought to talk to someone."""

from typing import Any

import pandas as pd
import streamlit as st

from pages.shared import drawn, figures, filters, links, money_charts, reads, states, tables, words

PARTS = {
    "cohorts": "What they became",
    "months": "What they cost",
    "support": "What they ask",
    "talk": "Who ought to talk",
}
NO_COST = "no cloud bill or support rate covers this"
TOPICS = {
    "use": "How to use it",
    "commercial": "Price, plan or quota",
    "security": "Security",
    "legal": "Terms",
    "procurement": "Procurement",
    "billing": "Billing",
}


def cards(row: Any) -> list[dict]:
    """What free costs, what it is of the revenue, how many pay against how many would have to, and what one costs to win."""
    free = words.plural(row.free_accounts, "free account")
    mature = words.plural(row.mature_entrants, "mature account")
    common = {"metric": "freemium_summary", "lacking": NO_COST}
    return [
        {"label": "Cost of free accounts", "value": words.money(row.free_cost, currency), "n": free, **common},
        {
            "label": "For an account a month",
            "value": words.money(row.cost_per_account_month, currency),
            "n": free,
            **common,
        },
        {"label": "Of all revenue", "value": words.share(row.burden, 1), "n": free, **common},
        {
            "label": "Paid within the window",
            "value": words.share(row.conversion, 2),
            "n": mature,
            **common,
            "lacking": "no account has had the whole window yet",
        },
        {
            "label": "Would have to pay",
            "value": words.share(row.break_even, 2),
            "n": f"{words.plural(row.payers, 'paying account')}, {free}",
            **common,
            "lacking": "those who pay bring less than they cost, or what they cost is not known",
        },
    ]


def verdict(row: Any) -> str:
    """One sentence: whether free pays for itself, in numbers."""
    if words.missing(row.conversion) or words.missing(row.break_even):
        return ""
    said = f"**{words.share(row.conversion, 2)}** pay within the window; **{words.share(row.break_even, 2)}** would have to"
    ends = (
        "free pays for itself."
        if row.conversion >= row.break_even
        else "free costs more than it brings in this period."
    )
    more = []
    if not words.missing(row.cac):
        more.append(f"winning one costs {words.money(row.cac, currency)}")
    if not words.missing(row.payback_months):
        more.append(f"paid back in {row.payback_months:.1f} months")
    if not words.missing(row.ltv):
        more.append(f"worth {words.money(row.ltv, currency)} while it stays")
    tail = f" {words.listed(more).capitalize()}." if more else ""
    return f"{said}: {ends}{tail}".replace("$", r"\$")


def cohorts() -> None:
    """What became of those who began in each month."""
    frame = reads.read("freemium_cohorts", tier=view.tier, window_days=window)
    if frame.empty:
        states.empty("No account has begun free yet.")
        return
    young = int((~frame["is_mature"]).sum())
    with st.container(border=True):
        st.markdown("##### What became of those who began free", anchors=False)
        st.caption(
            f"Pale: the {words.plural(young, 'youngest month', 'youngest months')}, still in progress." if young else ""
        )
        drawn.chart(
            money_charts.cohorts,
            frame,
            alt="Share of each month's free accounts that paid, are still free, are gone, never used it",
            over="cohort",
        )
    tables.table(
        frame.sort_values("cohort", ascending=False).assign(
            state=frame["is_mature"].map({True: "mature", False: "in progress"})
        ),
        {
            "cohort": tables.when("Began in", form="MMM YYYY"),
            "entrants": tables.number("Began free"),
            "state": tables.text("State"),
            "converted": tables.number("Paid in the window"),
            "conversion": tables.part("Conversion"),
            "paid": tables.number("Paid so far"),
            "still_free": tables.number("Still free"),
            "gone": tables.number("Gone", help="No success for 60 days"),
            "never_used": tables.number("Never used"),
            "paid_first": tables.number(
                "Paid first", help="Paid before the first success: no conversion, not among those who began free"
            ),
            "free_cost": tables.money("Cost while free"),
            "cost_per_conversion": tables.money("For one that paid"),
            "contribution": tables.money("Contribution since"),
            "payback_month": tables.number("Paid back in month", help="Counted from the month in which they began"),
        },
        name="freemium_cohorts",
        alt="Free accounts by the month in which they began, what became of them, what they cost and brought",
    )


def months() -> None:
    """What free accounts cost by month."""
    frame = reads.read("freemium_by_month", tier=view.tier)
    if frame.empty:
        states.empty("No account has been free yet.")
        return
    with st.container(border=True):
        st.markdown("##### What free accounts cost", anchors=False)
        drawn.chart(
            money_charts.free_cost,
            frame,
            currency,
            alt="Cost of free accounts a month, by infrastructure, support and outreach",
            over="month",
        )
    tables.table(
        frame.sort_values("month", ascending=False),
        {
            "month": tables.when("Month", form="MMM YYYY"),
            "free_accounts": tables.number("Free accounts"),
            **{column: tables.money(name) for column, (name, _) in money_charts.FREE_COSTS.items()},
            "cost": tables.money("Together"),
            "cost_per_account": tables.money("For an account", form="%,.2f"),
            "burden": tables.part("Of all revenue"),
            "conversions": tables.number("Began to pay"),
        },
        name="freemium_by_month",
        alt="Free accounts and what they cost by month, the newest first",
    )


def support() -> None:
    """What free accounts ask for."""
    frame = reads.read("freemium_support", tier=view.tier, **view.dates)
    if frame.empty:
        states.empty("No free account asked for help in this period.")
        return
    tables.table(
        frame.assign(topic=frame["topic"].map(TOPICS)),
        {
            "topic": tables.text("About"),
            "tickets": tables.number("Tickets"),
            "accounts": tables.number("Accounts"),
            "minutes": tables.number("Minutes"),
            "cost": tables.money("Cost"),
        },
        name="freemium_support",
        alt="Support given to free accounts by topic, the commonest first",
    )


def talk() -> None:
    """Free accounts with signs of a company at work."""
    frame = reads.read("freemium_talk", tier=view.tier, **view.dates)
    if frame.empty:
        states.empty("No free account shows such a sign.")
        return
    alone = int(frame["owner"].isna().sum())
    st.caption(f"{words.plural(len(frame), 'account')}; nobody of ours looks after {words.count(alone)} of them.")
    tables.table(
        frame.assign(tier_name=frame["tier"].map(words.TIERS)),
        {
            "name": tables.text("Account"),
            "signs": tables.text("Signs", width="large"),
            "owner": tables.text("Owner"),
            "tier_name": tables.text("Tier"),
            "calls": tables.number("Calls"),
            "cost": tables.money("Cost"),
            "started_on": tables.when("Since"),
        },
        name="freemium_talk",
        alt="Free accounts that ought to talk to someone, most signs first",
        account="name",
    )


view = filters.view()
window = int(filters.chosen("window") or 90)
currency = reads.currency()
summary: pd.DataFrame = reads.read("freemium_summary", tier=view.tier, window_days=window, **view.dates)
row = next(summary.itertuples())
if not row.free_accounts and not row.payers:
    states.nothing("free accounts")
else:
    figures.row(cards(row))
    if said := verdict(row):
        st.markdown(said)
    if view.tier in ("internal", "partner"):
        st.caption("Internal teams and partners are never free accounts: choose open, public or all tiers.")
    part = filters.tabs("part", PARTS, "cohorts")
    {"cohorts": cohorts, "months": months, "support": support, "talk": talk}[part]()
    figures.about("freemium_summary", "freemium_cohorts", "freemium_by_month", "freemium_support", "freemium_talk")
    links.link(links.CONTRIBUTION, "All of them in Contribution", icon=":material/payments:")
