"""How long customers wait for us, which promises we keep, and what answering costs: tier by tier, down to the open ticket."""

import pandas as pd
import streamlit as st

from pages.shared import drawn, durations, figures, filters, links, reads, states, support_chart, tables, words

TIMES = {"calendar": "Calendar time", "business": "Business time"}
PARTS = {
    "tiers": "By tier",
    "accounts": "By account",
    "topics": "By topic",
    "backlog": "Open tickets",
    "promises": "Promises",
    "groups": "By group",
}
TIERS = {**words.TIERS, "all": "All tiers"}
NO_SCHEDULE = "no schedule with a known time zone holds for these tickets"


def took(what: str) -> str:
    """The column of a wait in the chosen time: first_reply → first_reply or first_reply_business."""
    return f"{what}_business" if business else what


def cards(row: pd.Series) -> list[dict]:
    """First reply, resolution, promises, backlog and cost of the chosen tier, or of all."""
    judged = row["sla_achieved"] + row["sla_breached"]
    common = {"metric": "support_by_tier"}

    def wait(label: str, what: str, of: str) -> dict:
        n, p90 = row[f"{took(what)}_n"], durations.spoken(row[f"{took(what)}_p90"], business=business)
        known = f"{words.plural(n, of)}; nine of ten within {p90}"
        return {
            "label": label,
            "value": durations.spoken(row[f"{took(what)}_median"], business=business),
            "now": row[f"{took(what)}_median"],
            "before": row[f"{took(what)}_median_before"],
            "good": "down",
            "n": known if n else "0",
            "lacking": NO_SCHEDULE if business and row[f"{what}_n"] else f"no {of} in this period",
            **common,
        }

    return [
        wait("Median first reply", "first_reply", "answered ticket"),
        wait("Median to solve", "resolution", "solved ticket"),
        {
            "label": "Promises kept",
            "value": words.share(row["sla_attainment"], 1),
            "now": row["sla_attainment"],
            "before": row["sla_attainment_before"],
            "good": "up",
            "n": f"{words.count(row['sla_achieved'])} kept, {words.count(row['sla_breached'])} broken; "
            f"{words.count(row['sla_running'])} still running are in neither",
            "lacking": "no promise that began in this period was kept or broken" if not judged else "",
            **common,
        },
        {
            "label": "Open tickets",
            "value": words.count(row["backlog"]),
            "now": row["backlog"],
            "before": row["backlog_before"],
            "good": "down",
            "n": f"half of them no older than {durations.spoken(row['backlog_median_days'] * durations.DAY)}",
            **common,
        },
        {
            "label": "Support cost",
            "value": words.money(row["support_cost"], currency),
            "now": row["support_cost"],
            "before": row["support_cost_before"],
            "n": f"{words.count(row['handling_minutes'] / 60)} hours of work",
            "lacking": "program.toml has no support rate",
            **common,
        },
    ]


def wait_columns(what: str, label: str, frame: pd.DataFrame) -> dict:
    """Median, 90th percentile and n of a wait as columns of a table, in hours; adds them to the frame."""
    for part in ("median", "p90"):
        frame[f"{what}_{part}_hours"] = durations.in_hours(frame[f"{took(what)}_{part}"])
    return {
        f"{what}_median_hours": tables.number(f"{label}, median (h)", form="%.1f"),
        f"{what}_p90_hours": tables.number("9 of 10 within (h)", form="%.1f"),
        f"{took(what)}_n": tables.number("n"),
    }


def promise_columns() -> dict:
    """Attainment with what it rests on."""
    return {
        "sla_attainment": tables.part("Promises kept"),
        "sla_achieved": tables.number("kept"),
        "sla_breached": tables.number("broken"),
        "sla_running": tables.number("running"),
    }


def every_figure(frame: pd.DataFrame, first: dict, last: dict, name: str, alt: str, **more: str) -> None:
    """All figures of support, a row a tier or account."""
    frame = frame.copy()
    columns = {**first, "tickets": tables.number("Tickets"), "tickets_before": tables.number("before")}
    columns |= wait_columns("first_reply", "First reply", frame)
    columns |= {"solved": tables.number("Solved")}
    columns |= wait_columns("resolution", "Solved after", frame)
    columns |= wait_columns("wait", "Waited for us", frame)
    columns |= {"one_touch_share": tables.part("One touch"), "reopened": tables.number("Reopened")}
    columns |= promise_columns()
    columns |= {"backlog": tables.number("Open"), "backlog_oldest_days": tables.number("oldest (days)", form="%.0f")}
    columns |= {
        "tickets_per_1000_calls": tables.number("per 1,000 calls", form="%.2f"),
        "tickets_before_first_call": tables.number("before first call"),
        **last,
        "handling_minutes": tables.number("Work (min)", form="%,.0f"),
        "support_cost": tables.money("Cost"),
        "cost_per_ticket": tables.money("Cost a ticket", form="%,.2f"),
    }
    tables.table(frame, columns, name=name, alt=alt, **more)


def by_tier() -> None:
    """Every figure of every tier."""
    every_figure(
        tiers.assign(tier_name=tiers["tier"].map(TIERS)),
        {"tier_name": tables.text("Tier", pinned=True)},
        {"tickets_per_active_account": tables.number("per active account", form="%.2f")},
        "support_by_tier",
        "Tickets, waits, promises, backlog, load and cost by tier",
    )


def by_account() -> None:
    """Every figure of every account that needed us."""
    found = reads.read("support_by_account", tier=view.tier, **view.compared)
    if found.empty:
        states.nothing("accounts with tickets")
        return
    every_figure(
        found.assign(tier_name=found["tier"].map(words.TIERS)),
        {"name": tables.text("Account"), "tier_name": tables.text("Tier")},
        {"calls": tables.number("Calls")},
        "support_by_account",
        "Tickets, waits, promises, backlog, load and cost by account, the costliest first",
        account="name",
    )


def by_topic() -> None:
    """What they ask for."""
    found = reads.read("support_topics", tier=view.tier, **view.compared)
    if found.empty:
        states.nothing("tickets")
        return
    unknown = found[found["topic"] == "unknown"]
    columns = {
        "topic_label": tables.text("Topic", pinned=True),
        "tickets": tables.number("Tickets"),
        "share": tables.part("of all"),
        "tickets_before": tables.number("before"),
        "accounts": tables.number("Accounts"),
    }
    columns |= wait_columns("first_reply", "First reply", found)
    columns |= wait_columns("resolution", "Solved after", found)
    columns |= {
        "one_touch_share": tables.part("One touch"),
        "backlog": tables.number("Open"),
        "handling_minutes": tables.number("Work (min)", form="%,.0f"),
        "support_cost": tables.money("Cost"),
    }
    tables.table(found, columns, name="support_topics", alt="Tickets by topic with waits, open ones and cost")
    st.caption("A ticket with two topics counts in both.")
    no_rule(unknown)


def no_rule(unknown: pd.DataFrame) -> None:
    """How many tickets no topic was found for, some of their subjects, and the way to the rules."""
    tickets, share = (unknown.iloc[0]["tickets"], unknown.iloc[0]["share"]) if len(unknown) else (0, 0)
    known = reads.read("ticket_topics", tier=view.tier, **view.dates)
    subjects = reads.listed(known[known["topic"] == "unknown"].iloc[0]["sample_subjects"])
    said = ", ".join(f"“{words.plain(subject)}”" for subject in subjects[:3])
    st.caption(
        f":material/help: No rule knows {words.plural(tickets, 'ticket')} of this period, {words.share(share, 1)}"
        + (f": {said}." if said else ".")
    )
    links.link(links.RULES, "The rules for topics", icon=":material/rule:", part="topics")


def backlog() -> None:
    """Who still waits, the longest first."""
    found = reads.read("support_backlog", tier=view.tier)
    if found.empty:
        states.empty("No ticket is open.")
        return
    column = "waited_business_minutes" if business else "waited_minutes"
    found["waited_hours"] = durations.in_hours(found[column])
    tables.table(
        found.assign(tier_name=found["tier"].map(words.TIERS), promised=found["promise"].str.capitalize()),
        {
            "name": tables.text("Account"),
            "tier_name": tables.text("Tier"),
            "ticket_id": tables.text("Ticket"),
            "subject": tables.text("Subject"),
            "status": tables.text("Status"),
            "priority": tables.text("Priority"),
            "group_name": tables.text("Group"),
            "created_at": tables.when("Opened"),
            "age_days": tables.number("Age (days)", form="%.0f"),
            "waited_hours": tables.number("Waited for us (h)", form="%,.0f"),
            "promised": tables.text("Promise"),
            "support_cost": tables.money("Cost so far", form="%,.2f"),
        },
        name="support_backlog",
        alt="Open tickets, the oldest first, with age, waiting time and promise",
        account="name",
    )


def promises() -> None:
    """What was promised, and how often it was kept."""
    found = reads.read("support_promises", tier=view.tier, **view.compared)
    if found.empty:
        states.empty("No promise began in this period: the help desk has no SLA policy, or no ticket that one covers.")
        return
    found["what"] = [str(metric).replace("_", " ").capitalize() for metric in found["sla_metric"]]
    tables.table(
        found,
        {
            "what": tables.text("Promise", pinned=True),
            "attainment": tables.part("Kept"),
            "attainment_before": tables.part("before"),
            "achieved": tables.number("kept"),
            "breached": tables.number("broken"),
            "running": tables.number("running"),
            "median_target_minutes": tables.number("Median target (min)", form="%,.0f"),
        },
        name="support_promises",
        alt="Promises by what is promised: kept, broken and running",
    )


def by_group() -> None:
    """Which team works how much, at what rate."""
    found = reads.read("support_by_group", tier=view.tier, **view.compared)
    if found.empty:
        states.nothing("work on tickets")
        return
    tables.table(
        found.assign(group_name=found["group_name"].fillna("No group")),
        {
            "group_name": tables.text("Group", pinned=True),
            "tickets": tables.number("Tickets"),
            "handling_minutes": tables.number("Work (min)", form="%,.0f"),
            "recorded_share": tables.part("of it recorded"),
            "per_hour": tables.money("An hour", form="%,.2f"),
            "support_cost": tables.money("Cost"),
            "support_cost_before": tables.money("before"),
        },
        name="support_by_group",
        alt="Work on tickets and its cost by group of the help desk",
    )


DRAWN = {
    "tiers": by_tier,
    "accounts": by_account,
    "topics": by_topic,
    "backlog": backlog,
    "promises": promises,
    "groups": by_group,
}

view = filters.view()
currency = reads.currency()
tiers = reads.read("support_by_tier", tier=view.tier, **view.compared)
whole = tiers[tiers["tier"] == (view.tier or "all")].iloc[0]
if not reads.read("money_known").iloc[0]["has_support"]:
    states.unconnected(
        "help desk",
        "Tickets and the work on them come from Zendesk, Freshdesk, Jira Service Management, Intercom or GitHub issues.",
    )
elif not whole["tickets"] + whole["solved"] + whole["backlog"] + abs(whole["handling_minutes"]):
    states.nothing("tickets")
else:
    business = filters.tabs("time", TIMES, "calendar", label="Time") == "business"
    figures.row(cards(whole))
    with st.container(border=True):
        st.markdown("##### How long they wait for a first reply", anchors=False)
        names = {f"{took('first_reply')}_{part}": part for part in ("median", "p90", "n")}
        shown = tiers[(tiers["tier"] != "all") & tiers[f"{took('first_reply')}_median"].notna()].rename(columns=names)
        if shown.empty:
            states.empty(f"Nothing to draw: {NO_SCHEDULE if business else 'no ticket was answered in this period'}.")
        else:
            said = "; ".join(
                f"{words.TIERS[row.tier]} {durations.spoken(row.median, business=business)}"
                for row in shown.itertuples()
            )
            drawn.chart(
                support_chart.waits,
                shown[["tier", "median", "p90", "n"]],
                "Waiting for a first reply",
                business,
                alt=f"Median wait for a first reply by tier: {said}",
            )
        unscheduled = int(whole["first_reply_n"] - whole["first_reply_business_n"]) if business else 0
        if unscheduled and not shown.empty:
            st.caption(f":material/info: {words.plural(unscheduled, 'ticket')} without a known schedule not counted.")
    if not words.missing(whole["unpriced_reason"]) and whole["unpriced_reason"]:
        st.caption(f":material/info: {words.plain(whole['unpriced_reason'])}")
    part = filters.tabs("part", PARTS, "tiers")
    DRAWN[part]()
    figures.about(
        "support_by_tier",
        "support_by_account",
        "support_topics",
        "ticket_topics",
        "support_backlog",
        "support_promises",
        "support_by_group",
    )
if view.tier:
    links.link("pages/money/support.py", "All tiers", icon=":material/arrow_back:", tier="all")
