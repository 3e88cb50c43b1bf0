"""The parts of the Account page: each reads its own metric and draws it."""

from typing import Any

import pandas as pd
import streamlit as st

from pages.shared import (
    account_words,
    charts,
    drawn,
    figures,
    filters,
    links,
    move_form,
    move_parts,
    moves,
    paper,
    reads,
    tables,
    words,
)
from pages.shared.states import empty

KINDS = {
    "organization": "Organization",
    "developer": "Developer without an organization",
    "nobody": "Calls without a known developer",
}


def get(row: Any, name: str) -> Any:
    """A column of a row, None where the metric does not have it."""
    value = getattr(row, name, None)
    return None if words.missing(value) else value


def title(row: Any) -> None:
    """The account's name with what it is."""
    badges = [f":gray-badge[{KINDS.get(get(row, 'kind'), 'Account')}]"]
    said = dict.fromkeys([get(row, "bucket"), get(row, "ladder")])  # a partner's are both "partner", as is the tier
    badges += [f":gray-badge[{words.plain(word)}]" for word in said if word and word != row.tier]
    st.markdown(
        f"## {words.plain(row.name)}\n{charts.mark(row.tier)} **{words.TIERS[row.tier]}** &nbsp; {' '.join(badges)}",
        anchors=False,
    )
    facts = [
        words.plain(get(row, "domain")) if get(row, "domain") else "",
        f"signed up {words.day(get(row, 'signed_up_at'))}" if get(row, "signed_up_at") else "",
        f"came by {words.plain(get(row, 'channel'))}" if get(row, "channel") else "",
        f"owner: {words.plain(get(row, 'owner'))}" if get(row, "owner") else "no owner",
        f"tier because: {words.plain(account_words.rule(row.tier_rule))}" if get(row, "tier_rule") else "",
    ]
    st.caption(" · ".join(fact for fact in facts if fact))


def who_pays(row: Any) -> None:
    """The relation in words, and what it rests on."""
    rests = {
        "most calls": "as most of its calls of the last 90 days say",
        "most applications": "as most of its applications say; none of them calls",
        "how it pays": "as it pays itself; it has no application",
    }.get(get(row, "relation_rule"), "")
    said = account_words.relation(get(row, "relation"), get(row, "two_step"))
    st.markdown(
        f":material/account_balance_wallet: **{said}**" + (f" :small[:gray[{rests}]]" if rests else ""),
    )


def findings(account: str) -> None:
    """What somebody should know about it, the gravest first; nothing where there is nothing."""
    found = reads.read("account_findings", account=account)
    if found.empty:
        return
    with st.container(border=True, gap="xsmall", key="findings"):
        st.markdown("##### Findings", anchors=False)
        for one in found.itertuples():
            tone = "orange" if one.severity == "high" else "gray"
            since = f", since {words.day(one.since)}" if not words.missing(one.since) else ""
            st.markdown(
                f":{tone}-badge[{account_words.SEVERITIES[one.severity]}] **{words.plain(one.label)}**{since}  \n"
                f":small[:gray[{words.plain(one.evidence)}]]"
            )
        if "held_back" in set(found["finding"]) and not paper.asked():
            links.link(
                links.IDENTITY_REVIEW, "Decide about what was held back", icon=":material/join_inner:", part="held"
            )


def figures_of(row: Any, account: str) -> None:
    """Calls, errors, contribution and stage, for the period."""
    view = filters.view()
    calls = reads.read("calls_by_day", account=account, service=view.service, **view.dates)
    before = (
        reads.read(
            "calls_by_day", account=account, service=view.service, date_from=view.before_from, date_to=view.before_to
        )
        if view.before_from
        else calls.iloc[:0]
    )
    months = reads.read("account_months", account=account)
    currency = reads.currency()
    total, earlier = calls["calls"].sum(), before["calls"].sum() if view.before_from else None
    bad = (calls["client_errors"].sum() + calls["server_errors"].sum()) / total if total else None
    recent = months[pd.to_datetime(months["month"]) >= pd.Timestamp(view.date_from).replace(day=1)]
    n = words.plural(total, "call")
    figures.row(
        [
            {
                "label": "Calls",
                "value": words.count(total),
                "metric": "calls_by_day",
                "n": n,
                "now": total,
                "before": earlier,
                "good": "up",
            },
            {
                "label": "Errors",
                "value": words.share(bad, 1),
                "metric": "calls_by_day",
                "n": n,
                "lacking": "there were no calls in this period",
            },
            {
                "label": "Revenue",
                "value": words.money(recent["revenue"].sum(min_count=1), currency),
                "metric": "account_months",
                "n": words.plural(len(recent), "month"),
                "lacking": "no invoice of this account in these months",
            },
            {
                "label": "Contribution",
                "value": words.money(recent["contribution"].sum(min_count=1), currency, sign=True),
                "metric": "account_months",
                "n": words.plural(len(recent), "month"),
                "lacking": "nothing is priced for this account",
            },
            {
                "label": "Stage",
                "value": words.stage(get(row, "stage")),
                "metric": "account_stages",
                "lacking": "no stage was reached yet",
            },
        ]
    )


def is_stalled(row: Any) -> bool:
    """Whether the account is in its stage for longer than those who moved on."""
    return bool(get(row, "stalled"))


def work(row: Any) -> None:
    """Where an account stands that is stalled, or that was contacted and moved on: whose it is, until when, and the form for it."""
    item = moves.row(row.account_id)
    if is_stalled(row):
        stalled(row, item)
    elif item is not None:
        with st.container(border=True):
            st.markdown(f"#### :material/trending_flat: {moves.STATUSES[item.status]}", anchors=False)
            _done(item)


def _done(item: Any) -> None:
    move_parts.standing(item)
    if not paper.asked():
        with st.expander("Assign, set status, next action and day", icon=":material/edit:"):
            move_parts.decide(item.account_id)
        move_form.just_decided(item.account_id)


def stalled(row: Any, item: Any) -> None:
    """Why it stalls, what that rests on, what it is worth, whose move it is and what is done. `item` is its row of the work list."""
    with st.container(border=True):
        days = get(row, "days")
        waited = f", for {words.plural(round(days), 'day')}" if days is not None else ""
        why = words.plain(get(row, "reason_label") or words.reason(get(row, "reason")))
        st.markdown(
            f"#### :orange[:material/hourglass_top: Stalled at {words.stage_at(get(row, 'stage'))}{waited}: {why}]",
            anchors=False,
        )
        move_parts.rests_on(row)
        if item is not None:
            if get(item, "next_action"):
                st.markdown(f"**Next:** {words.plain(item.next_action)}")
            _done(item)


def choices(found: pd.DataFrame) -> None:
    """Accounts to choose from."""
    if found.empty:
        st.caption("No account has that in its name, domain or e-mail.")
        return
    tables.table(
        found.assign(tier_name=found["tier"].map(words.TIERS), stage_name=found["stage"].map(words.stage)),
        {
            "name": tables.text("Account"),
            "tier_name": tables.text("Tier"),
            "domain": tables.text("Domain"),
            "stage_name": tables.text("Stage"),
            "calls": tables.number("Calls"),
        },
        name="choices",
        alt="Accounts to choose from, the busiest first",
        account="name",
    )


def activity(account: str) -> None:
    """Calls a day, and what was refused."""
    view = filters.view()
    calls = reads.read("calls_by_day", account=account, service=view.service, **view.dates)
    if calls.empty or not calls["calls"].sum():
        empty("It made no calls in this period.")
    else:
        share = words.share(calls["ok"].sum() / calls["calls"].sum())
        drawn.chart(charts.activity, calls, alt=f"Calls a day by outcome; {share} were answered", over="day")
    refused = reads.read("account_refusals", account=account, **view.dates)
    st.markdown("##### What was refused or failed", anchors=False)
    if refused.empty:
        empty("Nothing was refused in this period.")
    else:
        tables.table(
            refused,
            {
                "service": tables.text("Service"),
                "route": tables.text("Route"),
                "status_class": tables.text("Status"),
                "refusal": tables.text("Refused because"),
                "calls": tables.number("Calls"),
                "share": tables.part("Share of its calls"),
                "sample_path": tables.text("Sample"),
            },
            name="refusals",
            alt="Refused and failed calls by route and reason",
        )
    st.markdown("##### Applications", anchors=False)
    applications = reads.read("account_applications", account=account)
    if applications.empty:
        empty("No application is known.")
        return
    tables.table(
        applications,
        {
            "application": tables.text("Application"),
            "credential": tables.text("Credential"),
            "plan": tables.text("Plan"),
            "environment": tables.text("Environment"),
            "calls": tables.number("Calls"),
            "ok": tables.number("Answered"),
            "last_call_at": tables.when("Last call"),
        },
        name="applications",
        alt="Applications with plan, calls and last call",
    )


def money(account: str) -> None:
    """Revenue, costs and contribution by month, and the invoices."""
    months, currency = reads.read("account_months", account=account), reads.currency()
    if months.empty:
        empty("No money is known of this account: no bill, no priced usage, no ticket.")
    else:
        whole = words.money(months["contribution"].sum(min_count=1), currency, sign=True)
        drawn.chart(
            charts.money_by_month, months, currency, alt=f"Revenue and costs by month; {whole} in all", over="month"
        )
        columns = {"month": tables.when("Month", form="MMM YYYY"), "calls": tables.number("Calls")}
        columns |= {"revenue": tables.money("Revenue")}
        columns |= {column: tables.money(name) for column, (name, _) in charts.COSTS.items()}
        columns |= {"contribution": tables.money("Contribution")}
        tables.table(months, columns, name="months", alt="Money by month")
    invoices = reads.read("account_invoices", account=account)
    st.markdown("##### Invoices", anchors=False)
    if invoices.empty:
        empty("No invoice.")
        return
    tables.table(
        invoices.assign(
            total=[words.major(*pair) for pair in zip(invoices["total"], invoices["currency"], strict=True)],
            currency=invoices["currency"].str.upper(),
        ),
        {
            "number": tables.text("Number"),
            "status": tables.text("Status"),
            "total": tables.number("Total", form="%,.2f"),
            "currency": tables.text("Currency"),
            "paid_at": tables.when("Paid"),
            "net_revenue": tables.money("Net revenue"),
        },
        name="invoices",
        alt="Invoices with status, total and net revenue",
    )


def stages(account: str) -> None:
    """The stages that were reached, when, and by which event."""
    reached = reads.read("account_stages", account=account)
    if reached.empty:
        empty("No stage was reached yet.")
        return
    tables.table(
        reached.assign(stage_name=reached["stage"].map(words.stage)),
        {
            "stage_name": tables.text("Stage"),
            "reached_at": tables.when("Reached"),
            "event": tables.text("By"),
            "days_to_next": tables.number("Days to the next", form="%.0f"),
        },
        name="stages",
        alt="Stages with the day that each was reached",
    )
    moves = reads.read("account_stage_moves", account=account)
    if (moves["direction"] == "forward").all():
        return
    st.markdown("##### Back, and forward again", anchors=False)
    tables.table(
        moves.assign(**{end: moves[end].map(words.stage) for end in ("from_stage", "to_stage")}),
        {
            "occurred_at": tables.when("When"),
            "direction": tables.text("Way"),
            "from_stage": tables.text("From"),
            "to_stage": tables.text("To"),
            "event": tables.text("By"),
            "event_ref": tables.text("Record"),
        },
        name="stage_moves",
        alt="Every change of stage, forwards and back",
    )
    figures.about("account_stages", "account_stage_moves")
