"""Who the customers are: every account of the chosen tiers, its people, calls, money and stage."""

import streamlit as st

from pages.shared import charts, drawn, figures, filters, reads, states, tables, words


def of_kind(frame, kind: str | None):
    """The rows of one kind of account; unresolved is everything that no organization stands behind."""
    if kind == "unresolved":
        return frame[frame["kind"] != "organization"]
    return frame if kind is None else frame[frame["kind"] == kind]


def by_stage(frame, tier: str):
    """Accounts of one tier by the stage that they are in, in the tier's order."""
    counted = frame.groupby("stage", as_index=False).size().rename(columns={"size": "accounts"})
    order = {stage: position for position, stage in enumerate(reads.stages(tier))}
    return counted.assign(position=counted["stage"].map(order)).dropna().sort_values("position")


def cards(frame, before) -> list[dict]:
    """The figures above the list."""
    old = None if before is None else before

    def total(table, column):
        return None if table is None or table.empty else float(table[column].sum())

    active, active_before = (None if t is None else int((t["calls"] > 0).sum()) for t in (frame, old))
    n = words.plural(len(frame), "account")
    common = {"metric": "directory", "n": n}
    return [
        {"label": "Accounts", "value": words.count(len(frame)), **common},
        {
            "label": "of which called",
            "value": words.count(active),
            "now": active,
            "before": active_before,
            "good": "up",
            **common,
        },
        {"label": "Developers", "value": words.count(frame["developers"].sum()), **common},
        {
            "label": "Calls",
            "value": words.count(frame["calls"].sum()),
            "now": total(frame, "calls"),
            "before": total(old, "calls"),
            "good": "up",
            **common,
        },
        {
            "label": "Contribution",
            "value": words.money(frame["contribution"].sum(min_count=1), currency, sign=True),
            "now": total(frame, "contribution"),
            "before": total(old, "contribution"),
            "good": "up",
            "lacking": "nothing is priced for these accounts",
            **common,
        },
    ]


view = filters.view()
currency = reads.currency()
kind, sought = filters.chosen("kind"), filters.asked("search")
asked = {"tier": view.tier, "service": view.service, "search": sought}
found = of_kind(reads.read("directory", **asked, **view.dates), kind)
earlier = None
if view.before_from:
    earlier = of_kind(reads.read("directory", **asked, date_from=view.before_from, date_to=view.before_to), kind)

if found.empty:
    states.nothing("accounts", search=None, kind=None)
else:
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
    tables.table(
        found.assign(
            tier_name=found["tier"].map(words.TIERS),
            stage_name=found["stage"].map(words.stage),
        ),
        {
            "name": tables.text("Account"),
            "tier_name": tables.text("Tier"),
            "kind": tables.text("Kind"),
            "domain": tables.text("Domain"),
            "stage_name": tables.text("Stage"),
            "bucket": tables.text("Bucket"),
            "developers": tables.number("Developers"),
            "applications": tables.number("Applications"),
            "calls": tables.number("Calls"),
            "error_share": tables.part("Errors", "4xx and 5xx among the calls; throttled ones are not errors"),
            "revenue": tables.money("Revenue"),
            "cost_to_serve": tables.money("Cost to serve"),
            "contribution": tables.money("Contribution"),
            "reason_label": tables.text("Stalled because"),
            "last_call_at": tables.when("Last call"),
            "owner": tables.text("Owner"),
        },
        name="directory",
        alt="Accounts with their tier, stage, developers, calls and money",
        account="name",
    )
    figures.about("directory", n=words.plural(len(found), "account"))
