"""Which endpoints carry the money, what people build of them, in which versions and with which SDKs, and what errors cost whom."""

import pandas as pd
import streamlit as st

from pages.shared import drawn, figures, filters, reads, signal_charts, states, tables, words

PARTS = {
    "endpoints": "Endpoints",
    "together": "Used together",
    "versions": "Versions and SDKs",
    "retire": "To be retired",
    "errors": "Errors and waiting",
}
WHAT = {"version": "API version", "service": "Service", "route": "Route", "agent": "SDK"}
DRAWN = 12
METRICS = (
    "endpoint_value",
    "route_pairs",
    "versions_in_use",
    "agents_in_use",
    "retiring",
    "retiring_accounts",
    "error_cost",
    "trouble_accounts",
)


def endpoint(service: str | None, route: str | None) -> str:
    """A route with its service before it."""
    return " · ".join(str(part) for part in (service, route) if not words.missing(part))


def cards() -> list[dict]:
    """How many endpoints carry how much, what grew, and what is still on what is to go."""
    calls, before = used["calls"].sum(), used["calls_before"].sum()
    whole = found["revenue"].sum(min_count=1)
    share = used["revenue"].max() / whole if len(used) and whole else None
    at_stake = retiring["revenue"].max() if len(retiring) else None
    top = used.loc[used["revenue"].idxmax()] if len(used) and used["revenue"].notna().any() else None
    writes = (used["write_share"] * used["calls"]).sum()
    return [
        {
            "label": "Endpoints in use",
            "value": words.count((used["ok"] > 0).sum()),
            "metric": "endpoint_value",
            "n": f"{words.plural((used['calls'] > 0).sum(), 'endpoint')} called",
            "beside": f"{words.count(gone)} called before and not now" if (gone := (used["calls"] == 0).sum()) else "",
        },
        {
            "label": "Calls",
            "value": words.count(calls),
            "metric": "endpoint_value",
            "n": words.plural(calls, "call"),
            "now": calls,
            "before": before if view.before_from else None,
            "good": "up",
        },
        {
            "label": "Revenue that they carry",
            "value": words.money(used["revenue"].sum(min_count=1), currency),
            "metric": "endpoint_value",
            "n": f"{words.money(whole, currency)} in all".replace("$", r"\$"),
            "beside": f"{words.share(share)} by {top.route}" if share and top is not None else "",
            "lacking": "no billing source",
        },
        {
            "label": "Write share",
            "value": words.share(writes / calls if calls else None),
            "metric": "endpoint_value",
            "n": words.plural(calls, "call"),
            "lacking": "nobody called",
        },
        {
            "label": "Revenue on what retires",
            "value": words.money(at_stake, currency),
            "metric": "retiring",
            "beside": str(retiring.iloc[0]["pattern"]) if len(retiring) else "",
            "n": f"the largest of {words.plural(len(retiring), 'thing')} that program.toml wants to retire",
            "lacking": "program.toml names nothing to retire, or no billing source",
        },
    ]


def endpoints() -> None:
    """The chart and the list of endpoints."""
    frame = used.assign(name=[endpoint(row.service, row.route) for row in used.itertuples()])
    frame["name"] = frame["name"].astype(str)
    money_known = frame["revenue"].notna().any()
    by = "revenue" if money_known else "accounts"
    top = frame[frame["ok"] > 0].sort_values(by, ascending=False).head(DRAWN)
    if len(top):
        with st.container(border=True):
            st.markdown("##### What carries the money" if money_known else "##### What reaches the most", anchors=False)
            top = top.assign(
                label=[
                    " · ".join(part for part in (worth(row, money_known), growth(row)) if part)
                    for row in top.itertuples()
                ],
                name=[row.name if top["route"].eq(row.route).sum() > 1 else row.route for row in top.itertuples()],
            )
            alt = f"Endpoints by {'shared revenue' if money_known else 'accounts'}; the first: {top.iloc[0]['name']}, {top.iloc[0]['label']}"
            if money_known:
                columns = ["name", "revenue", "revenue_touched", "accounts", "growth", "label"]
                drawn.chart(signal_charts.endpoints, top[columns], currency, alt=alt)
            else:
                drawn.chart(signal_charts.endpoints_by_use, top[["name", "accounts", "calls", "label"]], alt=alt)
    unused = found[found["route"].isna()]
    listed = pd.concat([frame, unused.assign(name="paid without a successful call")])
    tables.table(
        listed,
        {
            "name": tables.text("Endpoint"),
            "revenue": tables.money("Revenue", "Of each account, shared over its routes by successful calls"),
            "revenue_touched": tables.money(
                "Of all who use it", "Whole revenue of every account that uses it; never to be added up"
            ),
            "calls": tables.number("Calls"),
            **({"growth": tables.part("Growth")} if view.before_from else {}),
            "accounts": tables.number("Accounts"),
            **({"accounts_before": tables.number("Accounts before")} if view.before_from else {}),
            "paying_accounts": tables.number("Paying"),
            "write_share": tables.part("Writes"),
            "client_errors": tables.number("4xx"),
            "server_errors": tables.number("5xx"),
            "p50_ms": tables.number("Half within ms", form="%,.0f"),
            "p95_ms": tables.number("95 % within ms", form="%,.0f"),
            "versions": tables.text("Version"),
        },
        name="endpoint_value",
        alt="Endpoints with shared revenue, calls, growth, accounts, write share, errors and latency",
    )
    st.caption(
        "Each account's revenue is shared over the routes it uses in proportion to its successful calls, so the rows add up to the "
        "revenue of all. That a call is worth as much as another is a convention."
    )


def worth(row, money_known: bool) -> str:
    """The shared revenue, or the accounts where nobody tells of money."""
    return words.money(row.revenue, currency) if money_known else words.plural(row.accounts, "account")


def growth(row) -> str:
    """The change of calls, short; empty where there is none to compare with."""
    return "" if words.missing(row.growth) else words.arrow(float(row.growth))


def together() -> None:
    """Which routes the same accounts use, and which came first."""
    pairs = reads.read("route_pairs", tier=view.tier, service=view.service, **view.dates)
    if pairs.empty:
        states.empty("Too few accounts use two routes to say what goes together.")
        return
    first = pairs.iloc[0]
    st.caption(
        f"Most tied: {words.plain(endpoint(None, first.a_route))} and {words.plain(endpoint(None, first.b_route))}, used together "
        f"{first.lift:.1f} times as often as by chance. Together is no cause. Order is by the day of the first success; what "
        "follows what within a day is not in the counts, and cannot be known from them."
    )
    tables.table(
        pairs.assign(
            a=[endpoint(row.a_service, row.a_route) for row in pairs.itertuples()],
            b=[endpoint(row.b_service, row.b_route) for row in pairs.itertuples()],
        ),
        {
            "a": tables.text("Endpoint"),
            "b": tables.text("used with"),
            "accounts": tables.number("Accounts with both (n)"),
            "support": tables.part("Support", "Of all accounts that were answered"),
            "lift": tables.number("Lift", "Times as often as by chance; 1 is chance", form="%.1f"),
            "paying_accounts": tables.number("Paying"),
            "a_first": tables.number("First came first"),
            "same_day": tables.number("Same day"),
            "b_first": tables.number("Second came first"),
            "median_days": tables.number("Days between", "The median, where the order is known", form="%.0f"),
        },
        name="route_pairs",
        alt="Pairs of routes used by the same accounts with support, lift and which came first",
    )


def versions() -> None:
    """API versions and SDKs, with who uses nothing else."""
    st.markdown("##### API versions", anchors=False)
    by_version = reads.read("versions_in_use", tier=view.tier, service=view.service, **view.compared)
    tables.table(
        by_version.assign(version=by_version["version"].fillna("not in the path")),
        {
            "service": tables.text("Service"),
            "version": tables.text("Version"),
            "ok": tables.number("Answered"),
            **_use("on this version alone"),
        },
        name="versions_in_use",
        alt="API versions by service with calls, accounts and the revenue of those",
    )
    st.markdown("##### SDKs and clients", anchors=False)
    agents = reads.read("agents_in_use", tier=view.tier, service=view.service, **view.compared)
    tables.table(
        agents.assign(agent=agents["agent"].fillna("the log does not say")),
        {"agent": tables.text("Program"), "version": tables.text("Version"), **_use("with this alone")},
        name="agents_in_use",
        alt="SDKs and clients by version with calls, accounts and the revenue of those",
    )
    st.caption("By user agent, which is what the caller says; many SDKs send the name of their HTTP library.")


def _use(alone: str) -> dict:
    return {
        "calls": tables.number("Calls"),
        **({"calls_before": tables.number("Calls before")} if view.before_from else {}),
        "accounts": tables.number("Accounts"),
        "only_accounts": tables.number(alone.capitalize()),
        "paying_accounts": tables.number("Paying"),
        "revenue_touched": tables.money("Revenue of those"),
        "last_day": tables.when("Last"),
    }


def retire() -> None:
    """What is to go, and who is still on it."""
    if retiring.empty:
        states.empty(
            "program.toml names nothing to retire: a [[retire]] with what and value does, as sample_program.toml shows."
        )
        return
    tables.table(
        retiring.assign(what_name=retiring["what"].map(WHAT)),
        {
            "pattern": tables.text("To be retired"),
            "what_name": tables.text("What"),
            "due_on": tables.when("By"),
            "instead": tables.text("Instead"),
            "revenue": tables.money("Revenue still on it"),
            "accounts": tables.number("Accounts"),
            "paying_accounts": tables.number("Paying"),
            "calls": tables.number("Calls"),
            **({"calls_before": tables.number("Calls before")} if view.before_from else {}),
            "last_day": tables.when("Last"),
        },
        name="retiring",
        alt="What is to be retired with the accounts and the revenue that are still on it",
    )
    accounts = reads.read("retiring_accounts", tier=view.tier, **view.dates)
    st.markdown("##### Who is still on it", anchors=False)
    if accounts.empty:
        states.empty("Nobody in this period.")
        return
    tables.table(
        accounts.assign(
            tier_name=accounts["tier"].map(words.TIERS), pays=accounts["is_payer"].map({True: "pays", False: None})
        ),
        {
            "name": tables.text("Account"),
            "pattern": tables.text("On"),
            "revenue": tables.money("Revenue"),
            "pays": tables.text("Pays"),
            "calls": tables.number("Calls"),
            "share": tables.part("Of its calls"),
            "last_day": tables.when("Last"),
            "due_on": tables.when("By"),
            "tier_name": tables.text("Tier"),
            "owner": tables.text("Owner"),
        },
        name="retiring_accounts",
        alt="Accounts that still use what is to be retired, the ones that bring the most first",
        account="name",
    )


def errors() -> None:
    """What fails and waits, by what it touches: ours and theirs apart."""
    cost = reads.read("error_cost", tier=view.tier, service=view.service, **view.dates)
    classes = {"5xx": "Ours (5xx)", "4xx": "The caller's (4xx)"}
    chosen = filters.tabs("class", classes, "5xx", label="Whose errors")
    mine = cost[cost["error_class"] == chosen]
    if mine.empty:
        states.empty("No such error in this period.")
    else:
        tables.table(
            mine.assign(name=[endpoint(row.service, row.route) for row in mine.itertuples()]),
            {
                "name": tables.text("Endpoint"),
                "calls": tables.number(f"Calls with {chosen}"),
                "share": tables.part("Of its calls"),
                "accounts": tables.number("Accounts touched"),
                "paying_accounts": tables.number("Paying"),
                "revenue_touched": tables.money("Revenue of those", "At stake, not lost; never to be added up"),
                "p95_ms": tables.number("95 % within ms", form="%,.0f"),
            },
            name="error_cost",
            alt=f"Endpoints by the accounts and revenue that their {chosen} errors touch",
        )
    st.markdown("##### Whom it touches", anchors=False)
    people = reads.read("trouble_accounts", tier=view.tier, service=view.service, **view.dates)
    if people.empty:
        states.empty("Nobody called in this period.")
        return
    tables.table(
        people.assign(tier_name=people["tier"].map(words.TIERS)),
        {
            "name": tables.text("Account"),
            "revenue": tables.money("Revenue"),
            "calls": tables.number("Calls"),
            "server_errors": tables.number("5xx"),
            "server_share": tables.part("5xx of calls"),
            "client_errors": tables.number("4xx"),
            "client_share": tables.part("4xx of calls"),
            "p95_ms": tables.number("95 % within ms", form="%,.0f"),
            "p95_all_ms": tables.number("of all callers", form="%,.0f"),
            "tier_name": tables.text("Tier"),
            "owner": tables.text("Owner"),
        },
        name="trouble_accounts",
        alt="Accounts with our errors first, their own errors apart, and how long their calls take",
        account="name",
    )


view = filters.view()
currency = reads.currency()
found = reads.read("endpoint_value", tier=view.tier, service=view.service, **view.compared)
used = found[found["route"].notna()]
retiring = reads.read("retiring", tier=view.tier, **view.compared)
if used.empty:
    states.nothing("calls")
else:
    figures.row(cards())
    part = filters.tabs("part", PARTS, "endpoints")
    {"endpoints": endpoints, "together": together, "versions": versions, "retire": retire, "errors": errors}[part]()
figures.about(*METRICS, n=words.plural(used["calls"].sum(), "call"))
