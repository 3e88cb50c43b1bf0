"""Outreach in its three directions: where the effort goes, what followed it, what it cost, and the form that logs it."""

import pandas as pd
import streamlit as st

from pages.shared import (
    deciding,
    drawn,
    figures,
    filters,
    jobs,
    outreach,
    outreach_charts,
    outreach_form,
    outreach_parts,
    reads,
    states,
    words,
)

PARTS = {"balance": "Balance", "followed": "What followed", "channels": "Channels", "log": "Log outreach"}


def cards() -> list[dict]:
    """Hours, how far the directions are from a third each, cost, and what an activated developer cost."""
    named = balance[balance["direction"].notna()]
    hours, before = named["hours"].astype(float).sum(), named["hours_share_before"].notna().any()
    widest = named.loc[named["hours_share"].astype(float).fillna(0).idxmax()]
    costs = reads.read("outreach_activated", **view.dates)
    total = costs[costs["is_total"]].iloc[0] if len(costs) else None
    done = int(balance["activities"].sum())
    lacking = int(balance["without_hours"].sum())
    less = f", of {words.count(lacking)} the hours are not known" if lacking else ""
    return [
        {
            "label": "Hours of outreach",
            "value": words.count(round(hours)) if done > lacking else words.MISSING,
            "beside": words.plural(done, "activity", "activities"),
            "metric": "outreach_balance",
            "n": f"{words.plural(done, 'activity', 'activities')}{less}",
            "lacking": "nobody tells the hours of any activity of this period",
        },
        {
            "label": f"Most: {outreach.DIRECTIONS[widest['direction']].lower()}" if hours else "Largest direction",
            "value": words.share(widest["hours_share"]),
            "now": widest["hours_share"],
            "before": widest["hours_share_before"] if before else None,
            "metric": "outreach_balance",
            "n": f"{hours:,.0f} hours",
            "lacking": "nobody tells the hours of any activity of this period",
        },
        {
            "label": "Cost of outreach",
            "value": words.money(named["cost"].astype(float).sum(min_count=1) if done else None, currency),
            "beside": f"{words.count(balance['without_cost'].sum())} of unknown cost",
            "metric": "outreach_activities",
            "lacking": "no cost of this period is known",
        },
        {
            "label": "Cost per activated developer",
            "value": words.money(None if total is None else total["median_cost"], currency),
            "beside": "median, mature only",
            "metric": "outreach_activated",
            "n": words.plural(0 if total is None else total["activities_counted"], "activity", "activities"),
            "lacking": "no mature activity of this period with a known cost activated anybody",
        },
    ]


def spread() -> None:
    """Where the effort goes."""
    named = balance[balance["direction"].notna()]
    if named["hours_share"].isna().all():
        states.empty("Nobody tells the hours of any activity of this period.")
    else:
        shown = named.assign(
            share=named["hours_share"].astype(float),
            hours=named["hours"].astype(float).fillna(0),
            cost_share=named["cost_share"].astype(float),
        )
        said = ", ".join(
            f"{outreach.DIRECTIONS[one.direction].lower()} {words.share(one.share)}" for one in shown.itertuples()
        )
        with st.container(border=True):
            st.markdown("##### Hours by direction, against one third each", anchors=False)
            columns = ["direction", "share", "hours", "cost_share"]
            drawn.chart(outreach_charts.balance, shown[columns], alt=f"Hours of outreach by direction: {said}")
            lacking = int(balance["without_hours"].sum())
            least = shown.loc[shown["share"].idxmin()]
            st.caption(
                f"{outreach.DIRECTIONS[least.direction]} has the least: {words.share(least.share)}, {abs(least.hours_gap) * 100:.0f} points short of a "
                "third."
                + (f" Of {words.plural(lacking, 'activity', 'activities')} nobody tells the hours." if lacking else "")
            )
    other = balance[balance["direction"].isna()]
    if len(other):
        n = int(other["activities"].iloc[0])
        st.caption(
            f"{words.plural(n, 'activity', 'activities')} name none of the three directions, and are in no share."
        )
    done = outreach.activities()
    within = pd.to_datetime(done["day"]).between(
        pd.Timestamp(view.date_from), pd.Timestamp(view.date_to), inclusive="left"
    )
    st.markdown("##### What was done", anchors=False)
    if not within.any():
        states.empty("Nothing was done in this period.")
        return
    outreach_form.activities(done[within])


def channels() -> None:
    """What each channel brought and cost."""
    outreach_parts.activated(view.dates, currency)
    outreach_parts.channels()


def log() -> None:
    """The form."""
    known = reads.read("sign_ups_by_day")["channel"].dropna().unique()
    partners = reads.read("partners", **view.dates)
    outreach_form.draw(sorted(known), dict(zip(partners["account_id"], partners["name"], strict=True)))


view = filters.view()
currency = reads.currency()
balance = reads.read("outreach_balance", **view.compared)
figures.row(cards())
part = filters.tabs("part", PARTS, "balance")
{"balance": spread, "followed": lambda: outreach_parts.followed(view.dates), "channels": channels, "log": log}[part]()
if jobs.jobs().running:
    st.caption(":material/sync: A build is running; this page moves on to its result.")
deciding.watch()
figures.about(
    "outreach_balance", "outreach_activities", "outreach_followed", "outreach_activated", "channel_cohorts",
    n=words.plural(balance["activities"].sum(), "activity", "activities"),
)  # fmt: skip
