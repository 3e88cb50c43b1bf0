"""What they ask for that we do not have, whom our limits turn away, what they ask for in tickets, and what was left out as noise."""

import pandas as pd
import streamlit as st

from data_sources import scanners
from pages.shared import drawn, figures, filters, reads, signal_charts, states, tables, words

PARTS = {"missing": "Missing", "limits": "Refusals and limits", "tickets": "Asked for in tickets", "noise": "Left out"}
REASONS = {"no_route": "No such path", "405": "Method not allowed", "501": "Not implemented"}
BASES = {
    "named by the log": "named by the log",
    "inferred by address": "inferred by address",
    "not known": "nobody we know",
}
STATES = {
    "used up": "Used up",
    "about to hit": "About to hit",
    "refused": "Refused",
    "below": "Below",
    "not seen lately": "Not seen lately",
}
DRAWN = 12
METRICS = (
    "unmet_demand",
    "unmet_summary",
    "unmet_accounts",
    "refusals_by_plan",
    "limit_use",
    "feature_requests",
    "scanner_noise",
)


def cards() -> list[dict]:
    """How many ask for what, what refusals may be worth, and how much was noise."""
    who = f"{words.plural(one.accounts, 'account')}, {words.count(one.inferred_accounts)} of them inferred by address"
    refused = plans["refused_quota"].sum() + plans["refused_rate"].sum()
    priced = plans[plans["refused_revenue"].notna()]
    in_price = priced["refused_quota"].sum() + priced["refused_rate"].sum()
    return [
        {
            "label": "Missing, and asked for",
            "value": words.plural(one.paths, "path"),
            "metric": "unmet_summary",
            "n": words.plural(one.calls, "call"),
        },
        {
            "label": "Accounts that ask",
            "value": words.count(one.accounts),
            "metric": "unmet_summary",
            "n": f"{who}; beside them {words.plural(one.unnamed_callers, 'address', 'addresses')} of nobody known",
            "now": one.accounts,
            "before": one.accounts_before,
        },
        {
            "label": "of whom pay",
            "value": words.count(one.paying_accounts),
            "metric": "unmet_summary",
            "n": who,
            "now": one.paying_accounts,
            "before": one.paying_before,
            "lacking": "no billing source",
        },
        {
            "label": "Refused revenue, at most",
            "value": words.money(priced["refused_revenue"].sum() if len(priced) else None, currency),
            "metric": "refusals_by_plan",
            "n": f"{words.count(in_price)} of {words.plural(refused, 'refused call')}: those below a plan with a price and "
            "a number of calls. An upper bound.",
            "beside": f"{words.plural(refused, 'call')} refused",
            "lacking": "no plan above has a price and a number of calls",
        },
        {
            "label": "Left out as noise",
            "value": words.plural(one.removed_calls, "call"),
            "metric": "scanner_noise",
            "n": f"{words.plural(one.removed_paths, 'path')} by {words.plural(one.removed_callers, 'address', 'addresses')}",
        },
    ]


def named(frame: pd.DataFrame) -> pd.DataFrame:
    """The paths with their methods, and their reasons in words."""
    return frame.assign(
        label=[f"{row.methods or ''} {row.path}".strip() for row in frame.itertuples()],
        reason_name=frame["reason"].map(REASONS),
    )


def who_asks(key: str) -> None:
    """The accounts behind one path, each a click from its page."""
    mine = named(unmet[unmet["key"] == key])
    asking = reads.read("unmet_accounts", value=key, tier=view.tier, **view.dates)
    if mine.empty or asking.empty:
        return
    path = mine.iloc[0]
    with st.container(border=True, key="who_asks"):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            st.markdown(f"##### Who asks for {words.plain(path.label)}", anchors=False)
            st.button("Close", icon=":material/close:", type="tertiary", on_click=_close, key="close_path")
        known = asking[asking["account_id"].notna()]
        rest = asking[asking["account_id"].isna()]
        said = (
            f"{path.reason_name}. First asked for on {words.day(path.first_day)}, last on {words.day(path.last_day)}."
        )
        if len(rest):
            callers = words.plural(rest["callers"].sum(), "address", "addresses")
            said += f" Beside these accounts {callers} of nobody known, {words.plural(rest['calls'].sum(), 'call')}."
        st.caption(said)
        if known.empty:
            states.empty("No account is known to ask for it.")
            return
        tables.table(
            known.assign(
                tier_name=known["tier"].map(words.TIERS),
                basis_name=known["basis"].map(BASES),
                pays=known["is_payer"].map({True: "pays", False: None}),
            ),
            {
                "name": tables.text("Account"),
                "pays": tables.text("Pays"),
                "tier_name": tables.text("Tier"),
                "calls": tables.number("Calls"),
                "basis_name": tables.text(
                    "How we know", "The log names it; or its address called with its key in that month"
                ),
                "share": tables.part("Its share", "Of the other calls from its addresses in that month, at the least"),
                "revenue": tables.money("Revenue", "Of the period"),
                "first_day": tables.when("From"),
                "last_day": tables.when("To"),
                "owner": tables.text("Owner"),
                "sample_path": tables.text("One path", "Without what may be a secret"),
            },
            name="unmet_accounts",
            alt="Accounts that ask for this path, whether they pay, how many calls and how we know",
            account="name",
        )


def _close() -> None:
    st.query_params.pop("asked", None)


def missing() -> None:
    """What is asked for and missing: the chart, the list, and who asks for the one that was chosen."""
    if unmet.empty:
        states.nothing("calls for what we do not have", asked=None, how=None)
        return
    frame = named(unmet)
    counted = frame["reason"].value_counts()
    kinds = {
        reason: f"{label} {words.count(counted[reason])}" for reason, label in REASONS.items() if reason in counted
    }
    how = filters.tabs("how", {"all": "All", **kinds}, "all", label="How it fails")
    frame = frame if how == "all" else frame[frame["reason"] == how]
    top = frame.head(DRAWN)
    first = top.iloc[0]
    if top["accounts"].sum():
        with st.container(border=True):
            st.markdown("##### Who asks for what is not there", anchors=False)
            drawn.chart(
                signal_charts.unmet,
                top[["label", "paying_accounts", "accounts", "unnamed_callers", "calls"]],
                alt=f"Accounts by path that there is not; the most wanted: {first.label}, asked for by "
                f"{words.plural(first.accounts, 'account')}",
            )
    if key := filters.asked("asked"):
        who_asks(key)
    keys = list(frame["key"])
    tables.table(
        frame.assign(who=[words.count(n) if n else "nobody known" for n in frame["accounts"]]),
        {
            "path": tables.text("Path", "Ids, dates and mailboxes replaced"),
            "methods": tables.text("Method"),
            "reason_name": tables.text("Answer"),
            "paying_accounts": tables.number("Paying"),
            "company_accounts": tables.number("Companies"),
            "who": tables.text("All accounts"),
            "inferred_accounts": tables.number("Inferred", "Accounts that only their address tells of"),
            "unnamed_callers": tables.number("Unnamed callers", "Addresses of which no account is known"),
            "calls": tables.number("Calls"),
            **({"accounts_before": tables.number("Accounts before")} if view.before_from else {}),
            "revenue": tables.money("Revenue of those", "Of the period; never to be added up over paths"),
            "first_day": tables.when("First asked"),
            "last_day": tables.when("Last"),
        },
        name="unmet_demand",
        alt="Paths that were asked for and are missing, by paying accounts, companies, accounts and unnamed callers",
        action=("who", "Shows who asks", lambda row: st.query_params.update(asked=keys[row])),
        save=frame.drop(columns=["label"]),
    )
    st.caption(
        "A click on the number of all accounts shows who they are. A gateway identifies nobody where no route matched. Such a "
        "call is an account's here only where its address called with "
        "the key of exactly one account in that month; the rest are unnamed callers. Who asks most is not who needs it most."
    )


def limits() -> None:
    """Who is turned away on which plan, and who is near."""
    st.markdown("##### Turned away, by plan", anchors=False)
    if plans.empty:
        states.empty("Nobody called in this period.")
        return
    tables.table(
        plans.assign(
            plan=plans["plan"].fillna("no plan known"), next_plan=plans["next_plan"].fillna("none with a price")
        ),
        {
            "plan": tables.text("Plan"),
            "accounts": tables.number("Accounts"),
            "refused_accounts": tables.number("of whom refused"),
            "refused_quota": tables.number("Over quota", "429 of a long window"),
            "refused_rate": tables.number("Over rate", "429 of a short window"),
            "refused_share": tables.part("Of their calls"),
            **({"refused_before": tables.number("Refused before")} if view.before_from else {}),
            "next_plan": tables.text("Next plan"),
            "next_unit_price": tables.money("A call there", form="%.5f"),
            "refused_revenue": tables.money("Refused revenue, at most", form="%,.2f"),
        },
        name="refusals_by_plan",
        alt="Calls refused over a quota or rate by plan, and what they might be worth on the next plan, at most",
    )
    st.caption(
        "At most: clients try again after a refusal, and not everyone would pay. A plan above without a price or a number of "
        "calls gives no figure."
    )
    st.markdown("##### Near a limit", anchors=False)
    near = reads.read("limit_use", tier=view.tier, **view.dates)
    if near.empty:
        states.empty("No answer in this log says how much of a limit is left, so it cannot be known who is near one.")
        return
    counted = near.groupby("state")["account_id"].nunique()
    said = [
        f"{words.plural(counted.get(key, 0), 'account')} {label}"
        for key, label in (
            ("about to hit", "about to hit one"),
            ("used up", "with one used up"),
            ("refused", "refused"),
        )
    ]
    st.caption(
        f"{words.listed(said)}, of {words.plural(near['account_id'].nunique(), 'account')} whose answers say it."
    )
    tables.table(
        near.assign(
            state_name=near["state"].map(STATES),
            tier_name=near["tier"].map(words.TIERS),
            limit_name=[f"{words.count(row.limit_calls)} a {row.limit_window}" for row in near.itertuples()],
        ),
        {
            "name": tables.text("Account"),
            "state_name": tables.text("State"),
            "limit_name": tables.text("Limit"),
            "used": tables.part(
                "Used", "On the latest day seen; above 100 % was refused, at the most: clients try again"
            ),
            "at_pace": tables.part("By month's end", "At this pace"),
            "peak": tables.part("Peak", "Of the period"),
            "refused": tables.number("Refused calls"),
            "seen_on": tables.when("Seen on"),
            "plan": tables.text("Plan"),
            "next_plan": tables.text("Next plan"),
            "tier_name": tables.text("Tier"),
            "owner": tables.text("Owner"),
        },
        name="limit_use",
        alt="Accounts by how much of their limit is used, who is about to hit one first",
        account="name",
    )


def tickets() -> None:
    """What they ask for in words."""
    asked = reads.read("feature_requests", tier=view.tier, **view.dates)
    if asked.empty:
        states.empty("No ticket of this period asks for a feature.")
        return
    tables.table(
        asked,
        {
            "name": tables.text("Account"),
            "subject": tables.text("Asked for", "The ticket's subject"),
            "paying_accounts": tables.number("Paying"),
            "accounts": tables.number("All accounts"),
            "tickets": tables.number("Tickets"),
            "open": tables.number("Not solved"),
            "last_asked": tables.when("Last asked"),
        },
        name="feature_requests",
        alt="Features asked for in tickets, by how many accounts asked",
        account="name",
    )
    st.caption(
        "The account is the last that asked. Only subjects are read: a wish that the subject does not name is missed."
    )


def noise() -> None:
    """What was left out, by what, and where the lists are."""
    found = reads.read("scanner_noise", **view.dates)
    if found.empty:
        states.empty("Nothing was left out in this period.")
    else:
        tables.table(
            found,
            {
                "noise": tables.text("What"),
                "calls": tables.number("Calls"),
                "callers": tables.number("Addresses"),
                "paths": tables.number("Paths"),
                "accounts": tables.number("From accounts", "Accounts that some came from, who may want to know"),
                "sample_path": tables.text("One path", "Without what may be a secret"),
            },
            name="scanner_noise",
            alt="Calls that were left out, by kind of noise",
        )
    st.caption(f"The lists can be read and changed: {words.plain(scanners.RULES.place(reads.home()))}.")


view = filters.view()
currency = reads.currency()
one = reads.read("unmet_summary", tier=view.tier, **view.compared).iloc[0]
unmet = reads.read("unmet_demand", tier=view.tier, **view.compared)
plans = reads.read("refusals_by_plan", tier=view.tier, **view.compared)
figures.row(cards())
part = filters.tabs("part", PARTS, "missing")
{"missing": missing, "limits": limits, "tickets": tickets, "noise": noise}[part]()
figures.about(*METRICS, n=words.plural(one.calls, "call"))
