"""The face of the product: a row a tier, each cell a link to the page behind it."""

from typing import Any

import streamlit as st

from pages.shared import attention_list, charts, drawn, figures, filters, links, reads, words

SHAPE = [1.5, 2.3, 2.9, 3.3]
LEAD = {
    "internal": "our own teams",
    "partner": "known, by agreement",
    "open": "registered, self-service",
    "public": "anyone at all",
}


def header() -> None:
    """The three groups of columns."""
    with st.container(border=True, key="board_header"):
        tier, who, money, stall = st.columns(SHAPE, gap="small")
        tier.markdown(":gray[:material/layers: **TIER**]")
        who.markdown(":gray[:material/groups: **WHO**]")
        money.markdown(":gray[:material/payments: **WHAT THEY COST AND BRING**]")
        stall.markdown(":gray[:material/hourglass_top: **WHERE THEY STALL**]")


def tier_row(row: Any, currency: str) -> None:
    """One tier: a row on a desk, a card on a phone."""
    with st.container(border=True, key=f"tier_{row.tier}"):
        name, who, money, stall = st.columns(SHAPE, gap="small", vertical_alignment="center")
        with name.container(gap="xxsmall"):
            st.markdown(f"## {charts.mark(row.tier)} {words.TIERS[row.tier]}", anchors=False)
            st.caption(LEAD[row.tier])
        with who.container(gap="xxsmall"):
            _who(row)
        with money.container(gap="xxsmall"):
            if row.tier == "internal":
                _internal_cost(row, currency)
            else:
                _contribution(row, currency)
        with stall.container(gap="xxsmall"):
            _stall(row, currency)


def _cell(headline: str, page: str, label: str, help: str, **changes: Any) -> None:
    """One cell of the board: what to see from two metres, and below it the link to the page behind."""
    st.markdown(f"### {headline}", anchors=False)
    st.page_link(
        page,
        label=label,
        icon=":material/chevron_right:",
        icon_position="right",
        help=help,
        query_params=filters.carried(**changes),
    )


def _who(row: Any) -> None:
    nouns = {"internal": ("team", None), "partner": ("partner", None), "open": ("organization", None)}
    if row.tier == "public":
        headline = words.plural(row.developers, "developer")
        rest = words.plural(row.organizations, "organization") if row.organizations else "no organization known"
    else:
        held = row.customers if row.tier == "internal" else row.organizations
        headline = words.plural(held, *nouns[row.tier])
        rest = words.plural(row.developers, "developer")
    active = f", {words.count(row.active_developers)} active" if not words.missing(row.active_developers) else ""
    help = figures.explained("tier_board", n=words.plural(row.customers, "customer"))
    _cell(headline, links.DIRECTORY, f"{rest}{active}", help, tier=row.tier)


def _moved(relative: float | None, good: str) -> str:
    """A change in the colour of gain or loss, with its arrow."""
    text = words.arrow(relative)
    if not text or relative is None or abs(relative) < 0.005:
        return f":gray[{text}]" if text else ""
    better = (relative > 0) == (good == "up")
    return f":{'blue' if better else 'orange'}[{text}]"


def _contribution(row: Any, currency: str) -> None:
    change = _moved(words.change(row.contribution, row.contribution_before), "up")
    if words.missing(row.contribution):
        value = words.MISSING
    else:
        tone = "orange" if row.contribution < 0 else "blue"
        value = f":{tone}[{_dollar(words.money(row.contribution, currency, sign=True))}]"
    lacking = "no bill, cost or rate covers this tier in this period" if words.missing(row.contribution) else ""
    both = f"{words.money(row.revenue, currency)} brought − {words.money(row.cost_to_serve, currency)} cost"
    help = figures.explained("tier_board", n=words.plural(row.customers, "customer"), lacking=lacking)
    _cell(f"{value} :small[{change}]" if change else value, links.CONTRIBUTION, _dollar(both), help, tier=row.tier)


def _internal_cost(row: Any, currency: str) -> None:
    change = _moved(words.change(row.cost_per_1000_ok, row.cost_per_1000_ok_before), "down")
    value = _dollar(words.money(row.cost_per_1000_ok, currency))
    lacking = "no cost is priced for internal calls" if words.missing(row.cost_per_1000_ok) else ""
    headline = f"{value} :small[:gray[per 1,000 calls]]" + (f" :small[{change}]" if change else "")
    label = f"{words.money(row.cost_to_serve, currency)} for {words.count(row.calls)} calls"
    help = figures.explained("tier_board", n=words.plural(row.ok_calls, "successful call"), lacking=lacking)
    _cell(headline, links.CONTRIBUTION, _dollar(label), help, tier=row.tier)


def _stall(row: Any, currency: str) -> None:
    help = figures.explained("stalled", n=words.plural(row.entrants, "entrant"))
    if words.missing(row.stalled) or not row.stalled:
        _cell("Nobody is stalled", links.FUNNEL, "See the funnel", help, tier=row.tier)
        return
    headline = f"{words.count(row.stalled)} stalled"
    if not words.missing(row.value_at_risk) and row.value_at_risk:
        headline += f" :small[:gray[{_dollar(words.money(row.value_at_risk, currency))} at risk]]"
    elif row.tier == "public" and not words.missing(row.never_called_share):
        headline += f" :small[:gray[{words.share(row.never_called_share)} never call]]"
    why = _why(row)
    label = f"{why[:1].upper()}{why[1:]}: {words.count(row.top_stalled)} at {words.stage_at(row.top_stage)}"
    if not words.missing(row.top_days):
        label += f", {words.plural(round(float(row.top_days)), 'day')}"
    _cell(headline, links.STALLED, label, help, tier=row.tier, stage=row.top_stage)


def _why(row: Any) -> str:
    named = row.top_reason_label if not words.missing(row.top_reason_label) else words.reason(row.top_reason)
    text = words.plain(named)
    return text[:1].lower() + text[1:]


def _dollar(text: str) -> str:
    return text.replace("$", r"\$")


def over_time(currency: str) -> None:
    """The one chart: what each tier contributed, month by month, or how much it called."""
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.markdown("##### Month by month, whole months only", width="content", anchors=False)
            filters.choice("chart", "Chart", {"contribution": "Contribution", "calls": "Calls"}, "contribution", 160)
        if filters.asked("chart") == "calls":
            calls = reads.read("calls_by_day", **view.dates, service=view.service)
            top = calls.groupby("tier")["calls"].sum().idxmax() if len(calls) else "open"
            drawn.chart(
                charts.calls_over_time,
                calls,
                alt=f"Calls a week by tier; {words.TIERS[top]} calls the most",
                over="week",
            )
            return
        months = charts.whole_months(reads.read("contribution_by_month"), reads.current().as_of)
        latest = months[months["month"] == months["month"].max()]
        said = ", ".join(
            f"{words.TIERS[r.tier]} {words.money(r.contribution, currency, sign=True)}" for r in latest.itertuples()
        )
        drawn.chart(
            charts.contribution_over_time,
            months,
            currency,
            alt=f"Contribution a month by tier; in the last: {said}",
            over="month",
        )


view = filters.view()
money_in = reads.currency()
board = reads.read("tier_board", **view.compared, service=view.service)
with st.container(gap="xsmall"):
    header()
    for tier in board.itertuples():
        tier_row(tier, money_in)
with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
    st.caption(
        f"{view.in_words}" + (f", changes against {view.against_words}" if view.against_words else ""), width="content"
    )
    figures.about("tier_board", "contribution_by_month", "coverage")
attention_list.draw(money_in)
over_time(money_in)
