"""What recurs every month and what moved it, what was collected and what was earned, down to the bill."""

from datetime import timedelta

import pandas as pd
import streamlit as st

from pages.shared import drawn, figures, filters, money_charts, reads, states, tables, words

PARTS = {"movements": "What moved it", "months": "By month", "earned": "Collected and earned", "bills": "Bills"}
CHART = "mrr_waterfall"
COLUMNS = {"currency": "currency_effect", "tier": "tier_change"}
NO_BILLER = "no biller is connected"


def steps(months: pd.DataFrame) -> dict[str, float]:
    """The movements of all months together, signed; changes of tier and of currency only where there are any."""
    found = {}
    for name, (_, sign) in money_charts.MOVEMENTS.items():
        total = float(months[COLUMNS.get(name, name)].astype(float).sum()) * sign
        if name not in COLUMNS or abs(total) >= 0.005:
            found[name] = total
    return found


def retained(**dates: object) -> float | None:
    """Net revenue retention of the accounts that had MRR when the months began; None where none had."""
    found = reads.read("mrr_retention", tier=view.tier, **dates)
    return float(found["nrr"].iloc[0]) if len(found) else None


def cards(months: pd.DataFrame, before: pd.DataFrame, paid: pd.DataFrame, paid_before: pd.DataFrame) -> list[dict]:
    """MRR, what it grew by, how much of it was kept, and what was collected and earned."""
    now = float(months["mrr"].iloc[-1]) if len(months) else None
    then = float(before["mrr"].iloc[-1]) if len(before) else None
    grown = sum(steps(months).values()) if len(months) else None
    n = words.plural(months["payers"].iloc[-1], "payer") if len(months) else ""
    trend = [float(value) for value in reads.read("mrr_by_month", tier=view.tier)["mrr"]][-12:]
    common = {"metric": "mrr_by_month", "n": n, "lacking": NO_BILLER}
    retention, retained_before = retained(**view.dates), retained(**earlier) if view.before_from else None
    return [
        {"label": "MRR", "value": words.money(now, currency), "now": now, "before": then, "good": "up", **common}
        | ({"trend": trend} if len(trend) > 2 else {}),
        {"label": "Grown by", "value": words.money(grown, currency, sign=True), **common},
        {
            "label": "Net revenue retention",
            "value": words.share(retention, 1),
            "now": retention,
            "before": retained_before,
            "good": "up",
            **common,
            "metric": "mrr_retention",
            "lacking": "nothing recurred at the beginning of these months",
        },
        _sum("Collected", "contribution_by_tier", *(total(tiers, column) for column in ("revenue", "revenue_before"))),
        _sum("Earned", "revenue_by_month", total(paid, "recognised"), total(paid_before, "recognised")),
    ]


def total(frame: pd.DataFrame, column: str) -> float | None:
    """The sum of a column; None where every cell is missing."""
    found = frame[column].astype(float).sum(min_count=1)
    return None if words.missing(found) else float(found)


def _sum(label: str, metric: str, now: float | None, before: float | None) -> dict:
    return {
        "label": label,
        "value": words.money(now, currency),
        "metric": metric,
        "now": now,
        "before": before,
        "good": "up",
        "n": "days of the period" if label == "Collected" else "the whole months of the period",
        "lacking": NO_BILLER,
    }


def inside(frame: pd.DataFrame, since: object, until: object) -> pd.DataFrame:
    """The rows of months that begin before `until` and end after `since`, none of them ahead."""
    months = pd.to_datetime(frame["month"])
    first = pd.Timestamp(since).replace(day=1)
    return frame[(months >= first) & (months < pd.Timestamp(until)) & ~frame["is_ahead"]]


def chosen() -> str | None:
    """The movement whose bar was clicked last, kept in the URL."""
    said = filters.asked("movement")
    return said if said in money_charts.MOVEMENTS else None


def choose() -> None:
    """Keep the clicked bar's movement in the URL; a click beside the bars lets go of it."""
    selection = (st.session_state.get(CHART) or {}).get("selection", {}).get("movement") or []
    name = selection[0].get("movement") if selection else None
    if name in money_charts.MOVEMENTS:
        st.query_params["movement"] = name
        st.query_params.pop("part", None)
    elif "movement" in st.query_params:
        del st.query_params["movement"]


def movements() -> None:
    """The subscriptions behind the movements, or behind the chosen one."""
    one = chosen()
    options = {"all": "All movements", **{name: label for name, (label, _) in money_charts.MOVEMENTS.items()}}
    filters.choice("movement", "Movement", options, "all", 190)
    frame = reads.read("mrr_movements", tier=view.tier, movement=one, **view.dates)
    if frame.empty:
        states.empty("Nothing moved recurring revenue in these months.")
        return
    total = float(frame["change"].astype(float).sum())
    said = words.money(total, currency, sign=True, exact=True).replace("$", r"\$")
    rates = float(frame["currency_effect"].astype(float).sum())
    by_rates = words.money(rates, currency, sign=True, exact=True).replace("$", r"\$")
    also = f", and **{by_rates}** by currency rates alone" if abs(rates) >= 0.005 else ""
    st.caption(f"{words.plural(len(frame), 'subscription')}, together **{said}** a month{also}.")
    shown = frame.assign(
        movement=frame["movement"].map({name: label for name, (label, _) in money_charts.MOVEMENTS.items()}),
        tier_name=frame["tier"].map(words.TIERS),
        currency=frame["currency"].str.upper(),
    )
    tables.table(
        shown,
        {
            "name": tables.text("Account"),
            "movement": tables.text("Movement"),
            "month": tables.when("Month", form="MMM YYYY"),
            "change": tables.money("Change", form="%+,.2f", help="By the month, in the reporting currency"),
            "currency_effect": tables.money(
                "By the rate", form="%+,.2f", help="What the currency's rate alone changed"
            ),
            "was": tables.text("Was"),
            "became": tables.text("Is"),
            "changed_at": tables.when("Changed", form="D MMM YYYY HH:mm"),
            "basis": tables.text("Said by", help="A bill, or the biller's event"),
            "basis_id": tables.text("Its id"),
            "tier_name": tables.text("Tier"),
            "own_change": tables.number("In its currency", form="%+,.2f"),
            "currency": tables.text("Currency"),
            "rate": tables.number("Rate", form="%.6g", help="Reporting currency for one unit, at the month's end"),
            "subscription_id": tables.text("Subscription"),
        },
        name="mrr_movements",
        alt="Subscriptions whose recurring revenue changed, the newest month first",
        account="name",
    )


def by_month(months: pd.DataFrame) -> None:
    """The months one below the other, with their rates of loss and growth."""
    names = {name: label for name, (label, _) in money_charts.MOVEMENTS.items() if name not in COLUMNS}
    money = {column: tables.money(label, form="%,.2f") for column, label in names.items()}
    money = {"tier_change": tables.money("Changed tier", form="%+,.2f")} | money if view.tier else money
    tables.table(
        months.sort_values("month", ascending=False),
        {
            "month": tables.when("Month", form="MMM YYYY"),
            "start": tables.money("Start", form="%,.2f"),
            **money,
            "currency_effect": tables.money("Currency", form="%+,.2f"),
            "mrr": tables.money("End", form="%,.2f"),
            "payers": tables.number("Payers"),
            "gross_churn": tables.part("Gross churn", help="(churn + contraction) ÷ start"),
            "net_churn": tables.part("Net churn", help="Gross churn less (expansion + reactivation) ÷ start"),
            "nrr": tables.part("NRR", help="(start + expansion − contraction − churn) ÷ start"),
            "grr": tables.part("GRR", help="(start − contraction − churn) ÷ start"),
            "quick_ratio": tables.number("Quick ratio", form="%.1f", help="(new + expansion) ÷ (contraction + churn)"),
            "unpriced": tables.number("No rate", help="Subscriptions without a rate or a known price, in no figure"),
        },
        name="mrr_by_month",
        alt="Recurring revenue by month with its movements and rates, the newest first",
    )


def earned(paid: pd.DataFrame) -> None:
    """What was collected beside what was earned, and what is billed and still to be earned."""
    if paid.empty:
        states.empty("Nothing was billed yet.")
        return
    ahead = float(paid.loc[paid["is_ahead"], "recognised"].astype(float).sum())
    with st.container(border=True):
        st.markdown("##### Earned by kind, collected as a line", anchors=False)
        if ahead:
            said = words.money(ahead, currency).replace("$", r"\$")
            st.caption(f"Pale: **{said}** is billed and still to be earned after this month.")
        drawn.chart(
            money_charts.earned_by_month,
            paid,
            currency,
            alt="Revenue earned a month by kind, with what was collected",
            over="month",
        )
    tables.table(
        paid.sort_values("month", ascending=False),
        {
            "month": tables.when("Month", form="MMM YYYY"),
            "billed": tables.money("Bills paid", form="%,.2f"),
            "given_back": tables.money("Given back", form="%,.2f"),
            "collected": tables.money("Collected", form="%,.2f"),
            "recurring": tables.money("Recurring", form="%,.2f"),
            "usage": tables.money("Usage", form="%,.2f"),
            "one_off": tables.money("One-off", form="%,.2f"),
            "taken_back": tables.money("Given back or up", form="%,.2f"),
            "recognised": tables.money("Earned", form="%,.2f"),
            "unpriced": tables.number("No rate"),
        },
        name="revenue_by_month",
        alt="Collected and earned revenue by month, the newest first",
    )


def bills() -> None:
    """Every bill, refund and dispute of the period."""
    frame = reads.read("revenue_events", tier=view.tier, **view.dates)
    if frame.empty:
        states.empty("No bill was paid in this period.")
        return
    total = float(frame["amount"].astype(float).sum())
    said = words.money(total, currency, exact=True).replace("$", r"\$")
    unpriced = int(frame["unpriced_reason"].notna().sum())
    more = f" {words.plural(unpriced, 'amount')} without a rate are not in it." if unpriced else ""
    st.caption(f"{words.plural(len(frame), 'event')}, together **{said}**: the revenue of the period.{more}")
    tables.table(
        frame.assign(
            kind=frame["kind"].str.capitalize(),
            tier_name=frame["tier"].map(words.TIERS),
            currency=frame["currency"].str.upper(),
        ),
        {
            "name": tables.text("Account"),
            "occurred_at": tables.when("When (UTC)", form="D MMM YYYY HH:mm"),
            "kind": tables.text("What"),
            "number": tables.text("Bill"),
            "amount": tables.money("Net of tax", form="%,.2f"),
            "own_amount": tables.number("In its currency", form="%,.2f"),
            "currency": tables.text("Currency"),
            "rate": tables.number("Rate", form="%.6g", help="Reporting currency for one unit on that day"),
            "tier_name": tables.text("Tier"),
            "invoice_id": tables.text("The biller's id"),
            "unpriced_reason": tables.text("Not counted because"),
        },
        name="revenue_events",
        alt="Paid bills, credit notes, refunds and disputes, the newest first",
        account="name",
    )


view = filters.view()
currency = reads.currency()
months = reads.read("mrr_by_month", tier=view.tier, **view.dates)
earlier = {"date_from": view.before_from, "date_to": view.before_to}
before = reads.read("mrr_by_month", tier=view.tier, **earlier) if view.before_from else months.iloc[:0]
paid = reads.read("revenue_by_month", tier=view.tier)
tiers = reads.read("contribution_by_tier", **view.compared)
tiers = tiers[tiers["tier"] == view.tier] if view.tier else tiers
paid_before = inside(paid, view.before_from, view.before_to) if view.before_from else paid.iloc[:0]
if not reads.read("money_known").iloc[0]["has_billing"]:
    states.unconnected("biller", "Bills and subscriptions come from Stripe, Lago, Chargebee or Recurly.")
elif months.empty and paid.empty:
    states.nothing("revenue")
else:
    figures.row(cards(months, before, inside(paid, view.date_from, view.date_to), paid_before))
    if len(months):
        with st.container(border=True):
            first, last = (
                months["month"].iloc[0],
                min(
                    pd.Timestamp(months["month"].iloc[-1]) + pd.offsets.MonthEnd(0),
                    pd.Timestamp(view.date_to - timedelta(days=1)),
                ),
            )
            st.markdown("##### What moved recurring revenue", anchors=False)
            st.caption(f"{words.day(first)} to {words.day(last)}, whole months. A bar opens its subscriptions below.")
            found = steps(months)
            start, end = float(months["start"].iloc[0]), float(months["mrr"].iloc[-1])
            said = ", ".join(
                f"{money_charts.MOVEMENTS[name][0].lower()} {words.money(value, currency, sign=True)}"
                for name, value in found.items()
            )
            drawn.chart(
                money_charts.waterfall,
                found,
                start,
                end,
                currency,
                alt=f"MRR from {words.money(start, currency)} to {words.money(end, currency)}: {said}",
                key=CHART,
                on_select=choose,
            )
    part = filters.tabs("part", PARTS, "movements")
    if part == "movements":
        movements()
    elif part == "months":
        by_month(months)
    elif part == "earned":
        earned(paid)
    else:
        bills()
    figures.about("mrr_by_month", "mrr_retention", "mrr_movements", "revenue_by_month", "revenue_events")
