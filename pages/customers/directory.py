"""Who the customers are: every account of the chosen tiers, those that no organization stands behind, and who moved where."""

import pandas as pd
import streamlit as st

from pages.shared import charts, drawn, figures, filters, flow, links, reads, states, tables, words

PARTS = {"accounts": "Accounts", "flow": "Who moved where"}


def of_kind(frame, kind: str | None):
    """The rows of one kind of account."""
    return frame if kind is None else frame[frame["kind"] == kind]


def by_stage(frame, tier: str):
    """Accounts of one tier by the stage that they are in, in the tier's order."""
    counted = frame.groupby("stage", as_index=False).size().rename(columns={"size": "accounts"})
    order = {stage: position for position, stage in enumerate(reads.stages(tier))}
    return counted.assign(position=counted["stage"].map(order)).dropna().sort_values("position")


def cards(frame, before) -> list[dict]:
    """The figures above the list."""

    def total(table, column):
        return None if table is None or table.empty else float(table[column].sum())

    n = words.plural(len(frame), "account")
    common = {"metric": "directory", "n": n}
    calls = frame["calls"].sum()
    resolved = frame.loc[frame["why_unresolved"].isna(), "calls"].sum() / calls if calls else None
    return [
        {"label": "Accounts", "value": words.count(len(frame)), **common},
        {"label": "Developers", "value": words.count(frame["developers"].sum()), **common},
        {
            "label": "Calls",
            "value": words.count(calls),
            "now": total(frame, "calls"),
            "before": total(before, "calls"),
            "good": "up",
            **common,
        },
        {
            "label": "Calls resolved",
            "value": words.share(resolved, 1),
            "metric": "coverage",
            "n": words.plural(calls, "call"),
            "lacking": "nothing was called",
        },
        {
            "label": "Contribution",
            "value": words.money(frame["contribution"].sum(min_count=1), currency, sign=True),
            "now": total(frame, "contribution"),
            "before": total(before, "contribution"),
            "good": "up",
            "lacking": "nothing is priced for these accounts",
            **common,
        },
    ]


def flagged(frame) -> str:
    """How many accounts carry which flag: 359 No economic buyer · 13 Merge held back."""
    flags = frame["flags"].dropna().str.split(" · ").explode().value_counts()
    return " · ".join(f"{words.count(number)} {flag[0].lower()}{flag[1:]}" for flag, number in flags.items())


def by_tier(frame) -> pd.DataFrame:
    """One row a tier, written for reading: who is in it, what they use and bring, how much resolves, how many are flagged."""
    rows = []
    for tier, held in frame.groupby("tier"):
        calls = held["calls"].sum()
        resolved = held.loc[held["why_unresolved"].isna(), "calls"].sum()
        rows.append(
            {
                "Tier": words.TIERS[tier],
                "Accounts": words.count(len(held)),
                "Developers": words.count(held["developers"].sum()),
                "Applications": words.count(held["applications"].sum()),
                "Calls": words.count(calls),
                "Revenue": words.money(held["revenue"].sum(min_count=1), currency).replace("$", r"\$"),
                "Calls resolved": words.share(resolved / calls if calls else None),
                "Flagged": words.count(held["flags"].notna().sum()),
            }
        )
    order = {name: position for position, name in enumerate(words.TIERS.values())}
    return pd.DataFrame(sorted(rows, key=lambda row: order[row["Tier"]]))


def accounts() -> None:
    """Figures, one chart and the list of the accounts that the filters leave."""
    found = of_kind(reads.read("directory", **asked, **view.dates), kind)
    earlier = None
    if view.before_from:
        earlier = of_kind(reads.read("directory", **asked, date_from=view.before_from, date_to=view.before_to), kind)
    if found.empty:
        states.nothing("accounts", search=None, kind=None, flag=None)
        return
    figures.row(cards(found, earlier))
    with st.container(border=True):
        if view.tier:
            st.markdown(f"##### Where {words.TIERS[view.tier].lower()} accounts are", anchors=False)
            stages = by_stage(found, view.tier)
            most = words.stage(stages.loc[stages["accounts"].idxmax(), "stage"]) if len(stages) else "none"
            drawn.chart(charts.by_stage, stages, view.tier, alt=f"Accounts by stage; most are at: {most}")
        else:
            st.markdown("##### Accounts by tier", anchors=False)
            tiers = found.groupby("tier", as_index=False).size().rename(columns={"size": "accounts"})
            most = words.TIERS.get(tiers.loc[tiers["accounts"].idxmax(), "tier"], "")
            drawn.chart(
                charts.bars_by_tier, tiers, "accounts", "Accounts", alt=f"Accounts by tier; the most are {most}"
            )
            st.table(
                by_tier(found),
                border="horizontal",
                hide_index=True,
                alt="Accounts, developers, applications, calls, revenue, resolved calls and flags by tier",
            )
    if flags := flagged(found):
        st.caption(f":material/flag: {flags}")
    tables.table(
        found.assign(
            tier_name=found["tier"].map(words.TIERS),
            stage_name=found["stage"].map(words.stage),
        ),
        {
            "name": tables.text("Account"),
            "tier_name": tables.text("Tier"),
            "stage_name": tables.text("Stage"),
            "bucket": tables.text("Bucket"),
            "developers": tables.number("Developers"),
            "applications": tables.number("Applications"),
            "calls": tables.number("Calls"),
            "revenue": tables.money("Revenue"),
            "contribution": tables.money("Contribution"),
            "certainty": tables.part("Sure", "How sure it is whose it is: its weakest link to the organization"),
            "flags": tables.text("Flags", width="medium"),
            "why_unresolved": tables.text("No organization because"),
            "kind": tables.text("Kind"),
            "domain": tables.text("Domain"),
            "ladder": tables.text("Ladder"),
            "error_share": tables.part("Errors", "4xx and 5xx among the calls; throttled ones are not errors"),
            "cost_to_serve": tables.money("Cost to serve"),
            "reason_label": tables.text("Stalled because"),
            "last_call_at": tables.when("Last call"),
            "owner": tables.text("Owner"),
        },
        name="directory",
        alt="Accounts with their tier, stage, developers, applications, calls, money, certainty and flags",
        account="name",
    )
    figures.about("directory", "coverage", n=words.plural(len(found), "account"))


def unresolved() -> None:
    """What belongs to no known organization, the most calls first, and why."""
    found = reads.read("unresolved", **asked, **view.dates)
    if found.empty:
        states.nothing("calls, people or money without a known organization", search=None, kind=None, flag=None)
        return
    covered = reads.read("coverage", **view.dates).iloc[0]
    calls, n = found["calls"].sum(), words.plural(len(found), "row")
    common = {"metric": "unresolved", "n": n}
    figures.row(
        [
            {"label": "Calls", "value": words.count(calls), **common},
            {
                "label": "of all calls",
                "value": words.share(calls / covered["calls"] if covered["calls"] else None, 1),
                "lacking": "nothing was called",
                **common,
            },
            {"label": "Developers", "value": words.count(found["developers"].sum()), **common},
            {
                "label": "Revenue",
                "value": words.money(found["revenue"].sum(min_count=1), currency),
                "lacking": "there is no billing source",
                **common,
            },
        ]
    )
    whys = found.groupby("why_label", as_index=False).agg(calls=("calls", "sum"), accounts=("calls", "size"))
    whys = whys.sort_values(["calls", "accounts"], ascending=False)
    with st.container(border=True):
        st.markdown("##### Why no organization is known", anchors=False)
        top = whys.iloc[0]
        drawn.chart(
            charts.by_why,
            whys,
            alt=f"Calls by why no organization is known; the most: {top['why_label']}, {words.plural(top['calls'], 'call')}",
        )
    links.link(links.IDENTITY_REVIEW, "Links that a person could confirm", icon=":material/join_inner:", tier="all")
    tables.table(
        found.assign(tier_name=found["tier"].map(words.TIERS)),
        {
            "name": tables.text("Account"),
            "why_label": tables.text("Why"),
            "detail": tables.text("Which"),
            "calls": tables.number("Calls"),
            "revenue": tables.money("Revenue"),
            "developers": tables.number("Developers"),
            "applications": tables.number("Applications"),
            "what_settles_it": tables.text("What would tell"),
            "tier_name": tables.text("Tier"),
            "last_call_at": tables.when("Last call"),
        },
        name="unresolved",
        alt="What belongs to no known organization, with why, calls, revenue and what would tell",
        account="name",
    )
    figures.about("unresolved", "coverage", n=n)


view = filters.view()
currency = reads.currency()
kind = filters.chosen("kind")
asked = {
    "tier": view.tier,
    "service": view.service,
    "flag": filters.chosen("flag"),
    "search": filters.asked("search"),
}
if filters.tabs("part", PARTS, "accounts") == "flow":
    flow.part()
elif kind == "unresolved":
    unresolved()
else:
    accounts()
