"""What each tier brings and costs, and what is left: revenue less cost to serve, down to the account and the bill."""

import pandas as pd
import streamlit as st

from pages.shared import charts, drawn, figures, filters, links, plans, reads, statements, states, tables, words

PARTS = {
    "accounts": "By account",
    "statements": "Statements",
    "variance": "Against before and plan",
    "months": "By month",
    "what_if": "What if",
}
NO_PRICE = "no bill, cost or rate covers this in this period"


def summed(frame: pd.DataFrame, column: str) -> float | None:
    """The sum of a column; None where every cell is missing."""
    total = frame[column].astype(float).sum(min_count=1)
    return None if words.missing(total) else float(total)


def less(revenue: float | None, cost: float | None) -> float | None:
    """What is left of the revenue; None where either is not known."""
    return None if revenue is None or cost is None else revenue - cost


def cards(tiers: pd.DataFrame, ledger: pd.DataFrame) -> list[dict]:
    """Revenue, cost, contribution, its share of revenue, and what no account could be charged with.

    The three tie out on the screen: with all tiers, what is left has paid for the internal teams, too.
    """
    revenue, cost = summed(tiers, "revenue"), summed(tiers, "cost_to_serve")
    revenue_before, cost_before = summed(tiers, "revenue_before"), summed(tiers, "cost_to_serve_before")
    left, before = less(revenue, cost), less(revenue_before, cost_before)
    unallocated, whole = summed(ledger, "unallocated"), summed(ledger, "ledger")
    n = words.plural(tiers["accounts"].sum(), "account")
    common = {"metric": "contribution_by_tier", "n": n, "lacking": NO_PRICE}
    part = left / revenue if revenue and left is not None else None
    return [
        {
            "label": "Revenue",
            "value": words.money(revenue, currency),
            "now": revenue,
            "before": revenue_before,
            "good": "up",
            **common,
        },
        {"label": "Cost to serve", "value": words.money(cost, currency), "now": cost, "before": cost_before, **common},
        {
            "label": "Contribution",
            "value": words.money(left, currency, sign=True),
            "now": left,
            "before": before,
            "good": "up",
            **common,
        },
        {"label": "Left of revenue", "value": words.share(part), **common, "lacking": "there is no revenue"},
        {
            "label": "Unallocated cost",
            "value": words.money(unallocated, currency),
            "metric": "cost_tie_out",
            "n": f"{words.money(whole, currency)} billed",
            "lacking": "no bill was read for this period",
        },
    ]


def by_tier(tiers: pd.DataFrame) -> None:
    """What each tier brings against what it costs, and what of it is not known."""
    with st.container(border=True):
        st.markdown("##### What they bring and what they cost", anchors=False)
        said = ", ".join(
            f"{words.TIERS[r.tier]} {words.money(r.contribution, currency, sign=True)}" for r in tiers.itertuples()
        )
        drawn.chart(charts.money_by_tier, tiers, currency, alt=f"Revenue and cost by tier; contribution: {said}")
        for row in tiers.itertuples():
            if not words.missing(row.unpriced_reason) and row.unpriced_reason:
                st.caption(f":material/info: {words.TIERS[row.tier]}: {words.plain(row.unpriced_reason)}")


def by_account() -> None:
    """The accounts, and how few of them carry the rest."""
    frame = reads.read("contribution_by_account", tier=view.tier, **view.dates)
    if frame.empty:
        states.nothing("accounts with money")
        return
    losing = int((frame["contribution"].astype(float) < 0).sum())
    with st.container(border=True):
        st.markdown("##### How few carry the rest", anchors=False)
        st.caption(
            f"{words.count(losing)} of {words.plural(len(frame), 'account')} cost more than they bring. {carried()}"
        )
        drawn.chart(
            charts.concentration,
            frame,
            currency,
            alt=f"Running contribution, best account first; {losing} of {len(frame)} accounts take from it",
        )
    columns = {"name": tables.text("Account"), "tier_name": tables.text("Tier"), "calls": tables.number("Calls")}
    columns |= {"revenue": tables.money("Revenue")}
    columns |= {column: tables.money(name) for column, (name, _) in charts.COSTS.items()}
    columns |= {"cost_to_serve": tables.money("Cost to serve"), "contribution": tables.money("Contribution")}
    columns |= {"why": tables.text("Why it costs more than it brings")}
    only = st.toggle("Only those that cost more than they bring", key="only_losing")
    frame = frame[frame["contribution"].astype(float) < 0].iloc[::-1] if only else frame
    tables.table(
        frame.assign(tier_name=frame["tier"].map(words.TIERS)),
        columns,
        name="contribution_by_account",
        alt="Accounts with revenue, each cost and contribution, the best first",
        account="name",
    )


def carried() -> str:
    """How much of the revenue the largest accounts carry, in a sentence."""
    frame = reads.read("concentration", tier=view.tier, **view.dates).set_index("top")
    parts = [
        f"the first {name} {words.share(frame.loc[top, 'revenue_share'])} of revenue and {words.share(frame.loc[top, 'calls_share'])} of calls"
        for top, name in (("1", "one"), ("10", "ten"))
        if top in frame.index and not words.missing(frame.loc[top, "revenue_share"])
    ]
    return f"By size, {words.listed(parts)}." if parts else ""


def variance() -> None:
    """What came out otherwise than before and than planned, and the form for a plan."""
    frame = reads.read("variance", tier=view.tier, **view.compared)
    frame = frame[frame["actual"].notna() | frame["plan"].notna()]
    for column in ("actual", "before", "plan"):
        frame[column] = frame[column].astype(float)
    frame["against_before"] = frame["actual"] - frame["before"]
    frame["against_plan"] = frame["actual"] - frame["plan"]
    planned = int(frame["plan"].notna().sum())
    if not planned:
        st.caption("Nothing is planned for these days yet, or not for every month of them: type a plan in below.")
    tables.table(
        frame.assign(tier_name=frame["tier"].map(words.TIERS), line_name=frame["line"].map(plans.LINES)),
        {
            "tier_name": tables.text("Tier"),
            "line_name": tables.text("Line"),
            "actual": tables.money("Actual"),
            "before": tables.money("Before"),
            "against_before": tables.money("Against before", form="%+,.0f"),
            "plan": tables.money("Plan", help="Of a month that lies only partly in the period, its days count"),
            "against_plan": tables.money("Against plan", form="%+,.0f"),
        },
        name="variance",
        alt="Actual money by tier and line, against the period before and against plan",
    )
    plans.draw(view.tier)


def by_month() -> None:
    """The same by month."""
    frame = reads.read("contribution_by_month", tier=view.tier)
    if frame.empty:
        states.nothing("months with money")
        return
    with st.container(border=True):
        whole = charts.whole_months(frame, reads.current().as_of)
        drawn.chart(
            charts.contribution_over_time,
            whole,
            currency,
            alt="Contribution a month by tier, whole months",
            over="month",
        )
    tables.table(
        frame.assign(tier_name=frame["tier"].map(words.TIERS)).sort_values(["month", "tier"], ascending=[False, True]),
        {
            "month": tables.when("Month", form="MMM YYYY"),
            "tier_name": tables.text("Tier"),
            "revenue": tables.money("Revenue"),
            "cost_to_serve": tables.money("Cost to serve"),
            "contribution": tables.money("Contribution"),
        },
        name="contribution_by_month",
        alt="Revenue, cost and contribution by month and tier",
    )


view = filters.view()
currency = reads.currency()
tiers = reads.read("contribution_by_tier", **view.compared)
if view.tier:
    tiers = tiers[tiers["tier"] == view.tier]
ledger = reads.read("cost_tie_out", **view.dates)
figures.row(cards(tiers, ledger))
known = reads.read("money_known").iloc[0]
if known["has_billing"] or known["has_costs"] or known["has_support"]:
    by_tier(tiers)
else:
    states.unconnected(
        "money", "What they bring comes from a biller, what they cost from a cloud bill and a help desk."
    )
if view.tier == "internal":
    st.caption(
        "Internal teams are judged by cost and efficiency, not revenue: see the cost of 1,000 calls on the Internal page."
    )
with st.container(horizontal=True):
    links.link(links.REVENUE, "The bills behind this revenue", icon=":material/receipt_long:", part="bills")
    links.link(links.COSTS, "Where the costs come from", icon=":material/receipt:")
part = filters.tabs("part", PARTS, "accounts")
draw = {
    "accounts": by_account,
    "statements": lambda: statements.draw(view, currency),
    "variance": variance,
    "months": by_month,
    "what_if": lambda: statements.what_if(currency),
}
draw[part]()
figures.about(
    "contribution_by_tier",
    "contribution_by_account",
    "contribution_by_month",
    "concentration",
    "variance",
    "open_mix",
    "public_reach",
    "what_if",
    "cost_tie_out",
)
if view.tier:
    links.link(links.CONTRIBUTION, "All tiers", icon=":material/arrow_back:", tier="all")
