"""Showback: what each of our own teams costs for what it uses, by team and API. No revenue."""

import pandas as pd
import streamlit as st

from pages.shared import drawn, figures, filters, money_charts, reads, states, tables, words

NO_COST = "no cloud bill or support rate covers this"
SUMS = ["calls", "ok", "infrastructure_cost", "support_cost", "cost", "calls_before", "ok_before", "cost_before"]


def per_1000(cost: pd.Series, ok: pd.Series) -> pd.Series:
    """The cost of 1,000 successful calls; missing where there is none."""
    return cost.astype(float) * 1000 / ok.astype(float).where(ok.astype(float) > 0)


def by_team(frame: pd.DataFrame) -> pd.DataFrame:
    """One row a team: its sums, the cost of 1,000 successful calls now and before, and its share of the cost."""
    teams = frame.groupby(["account_id", "name", "developers"], dropna=False, as_index=False)[SUMS].sum(min_count=1)
    teams["per_1000"] = per_1000(teams["cost"], teams["ok"])
    teams["per_1000_before"] = per_1000(teams["cost_before"], teams["ok_before"])
    teams["change"] = teams["per_1000"] / teams["per_1000_before"] - 1
    teams["part"] = teams["cost"].astype(float) / float(teams["cost"].sum() or 1)
    return teams.sort_values("cost", ascending=False, na_position="last")


def cards(teams: pd.DataFrame) -> list[dict]:
    """The cost, its efficiency, and whom it serves."""
    sums = {
        name: None if words.missing(total := teams[name].astype(float).sum(min_count=1)) else float(total)
        for name in SUMS
    }
    now = sums["cost"] * 1000 / sums["ok"] if sums["cost"] is not None and sums["ok"] else None
    before = (
        sums["cost_before"] * 1000 / sums["ok_before"]
        if sums["cost_before"] is not None and sums["ok_before"]
        else None
    )
    served = int((teams["ok"] > 0).sum())
    common = {"metric": "internal_teams", "n": words.plural(len(teams), "team"), "lacking": NO_COST}
    return [
        {
            "label": "Cost of own teams",
            "value": words.money(sums["cost"], currency),
            "now": sums["cost"],
            "before": sums["cost_before"],
            **common,
        },
        {
            "label": "For 1,000 successful calls",
            "value": words.money(now, currency),
            "now": now,
            "before": before,
            "good": "down",
            **common,
        },
        {
            "label": "Successful calls",
            "value": words.count(sums["ok"]),
            "now": sums["ok"],
            "before": sums["ok_before"],
            **common,
        },
        {"label": "Teams served", "value": words.count(served), **common},
    ]


view = filters.view()
currency = reads.currency()
frame = reads.read("internal_teams", **view.compared)
if frame.empty:
    states.nothing("internal teams")
else:
    teams = by_team(frame)
    figures.row(cards(teams))
    known = teams.dropna(subset=["per_1000"])
    if len(known):
        dearest = known.sort_values("per_1000", ascending=False).iloc[0]
        with st.container(border=True):
            st.markdown("##### What 1,000 successful calls cost", anchors=False)
            st.caption("The orange mark is the period before." if view.before_from else "")
            drawn.chart(
                money_charts.teams,
                known[["name", "per_1000", "per_1000_before"]],
                currency,
                alt=f"Cost of 1,000 successful calls by team; the dearest is {dearest['name']}, {words.money(dearest['per_1000'], currency)}",
            )
    part = filters.tabs("part", {"teams": "By team", "services": "By team and API"}, "teams")
    columns = {
        "name": tables.text("Team"),
        "service": tables.text("API", help="Empty: support, outreach and fees, which no API has"),
        "cost": tables.money("Cost", form="%,.2f"),
        "per_1000": tables.money("For 1,000 successes", form="%,.2f"),
        "change": tables.part("Change"),
        "part": tables.part("Of the cost"),
        "infrastructure_cost": tables.money("Infrastructure", form="%,.2f"),
        "support_cost": tables.money("Support", form="%,.2f"),
        "ok": tables.number("Successful calls"),
        "calls": tables.number("Calls"),
        "developers": tables.number("Developers"),
    }
    rows = teams
    if part == "services":
        rows = frame.assign(per_1000=per_1000(frame["cost"], frame["ok"]))
        rows["change"] = rows["per_1000"] / per_1000(rows["cost_before"], rows["ok_before"]) - 1
        rows["part"] = rows["cost"].astype(float) / float(rows["cost"].sum() or 1)
    tables.table(
        rows,
        columns,
        name=f"internal_{part}",
        alt="Own teams with their cost, the cost of 1,000 successful calls and its change, the dearest first",
        account="name",
    )
    figures.about("internal_teams")
