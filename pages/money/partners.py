"""What is put into each partner and what comes back, and the statement of one of them, to read or to print."""

from typing import Any

import pandas as pd
import streamlit as st

from pages.shared import drawn, figures, filters, links, money_charts, paper, reads, states, tables, words

CHART = "partners_scatter"
NO_COST = "no cloud bill or support rate covers this"
PUT_IN = {
    "people": "People: our hours × their rate",
    "marketing": "Marketing: money spent with it",
    "support": "Support",
    "infrastructure": "Infrastructure",
    "fees": "Payment fees",
    "share_owed": "Its share",
}


def summed(frame: pd.DataFrame, column: str) -> float | None:
    """The sum of a column; None where every cell is missing."""
    found = frame[column].astype(float).sum(min_count=1)
    return None if words.missing(found) else float(found)


def cards(frame: pd.DataFrame) -> list[dict]:
    """Put in, sourced, return, influenced apart, and what is still owed."""
    investment, value = summed(frame, "investment"), summed(frame, "value")
    back = (value - investment) / investment if investment and value is not None else None
    common = {"metric": "partners", "n": words.plural(len(frame), "partner"), "lacking": NO_COST}
    return [
        {"label": "Put in", "value": words.money(investment, currency), **common},
        {"label": "Sourced", "value": words.money(summed(frame, "sourced"), currency), **common},
        {"label": "Return", "value": words.share(back), **common},
        {"label": "Influenced, apart", "value": words.money(summed(frame, "influenced"), currency), **common},
        {"label": "Share still owed", "value": words.money(summed(frame, "share_open"), currency), **common},
    ]


def choose() -> None:
    """Open the statement of the partner whose mark was clicked."""
    selection = (st.session_state.get(CHART) or {}).get("selection", {}).get("partner") or []
    if selection and selection[0].get("account_id"):
        st.query_params["account"] = selection[0]["account_id"]


def everyone(frame: pd.DataFrame) -> None:
    """All partners: the scatter and the list."""
    figures.row(cards(frame))
    known = frame.dropna(subset=["investment", "value"])
    if len(known):
        good = int((known["value"].astype(float) >= known["investment"].astype(float)).sum())
        with st.container(border=True):
            st.markdown("##### What was put in, and what came back", anchors=False)
            st.caption(
                f"{good} of {words.plural(len(known), 'partner')} bring back more than is put in. A mark opens its statement."
            )
            drawn.chart(
                money_charts.partners,
                known,
                currency,
                alt=f"Investment against what came back by partner: {good} of {len(known)} are above the line",
                key=CHART,
                on_select=choose,
            )
    tables.table(
        frame,
        {
            "name": tables.text("Partner"),
            "sourced": tables.money("Sourced"),
            "investment": tables.money("Put in"),
            "value": tables.money(
                "Came back", help="Sourced × margin: what is left after serving the clients behind it"
            ),
            "partner_return": tables.part("Return"),
            "influenced": tables.money("Influenced", help="Shown apart: in no sum"),
            "share_percent": tables.number("Share %", form="%.1f"),
            "share_owed": tables.money("Share owed"),
            "share_paid": tables.money("Share paid"),
            "share_open": tables.money("Still owed", help="Everything owed until today less everything paid"),
            "depth": tables.number(
                "Depth", form="%.0f", help="Integration depth, 0 to 100: the mean of its ranks in the next five"
            ),
            "routes": tables.number("Routes"),
            "active_share": tables.part("Active days"),
            "write_share": tables.part("Writes"),
            "versions": tables.number("Versions"),
            "end_users": tables.number("End users"),
            "clients": tables.number("Clients"),
            "owner": tables.text("Owner"),
        },
        name="partners",
        alt="Partners with what they brought, what was put in, the share and how deeply they are integrated",
        account="name",
    )
    names = dict(zip(frame["account_id"], frame["name"], strict=True))
    st.selectbox(
        "Statement of one partner",
        [None, *names],
        format_func=lambda one: "Statement of one partner …" if one is None else names[one],
        key="partner_chosen",
        on_change=lambda: (
            st.query_params.update(account=st.session_state["partner_chosen"])
            if st.session_state["partner_chosen"]
            else None
        ),
        label_visibility="collapsed",
        width=340,
    )


def statement(row: Any) -> None:
    """One partner's statement for the period: what it brought, what was put in, what is left, and the share's account."""
    lines = [("Sourced revenue", row.sourced, "what it and the accounts that it brought paid")]
    lines += [
        (
            "Serving its clients",
            None if words.missing(row.value) else row.value - row.sourced,
            "cost of the accounts behind it",
        )
    ]
    lines += [
        (label, -getattr(row, column), "")
        for column, label in PUT_IN.items()
        if not words.missing(getattr(row, column))
    ]
    left = None if words.missing(row.value) or words.missing(row.investment) else row.value - row.investment
    lines += [("Left", left, f"a return of {words.share(row.partner_return)}")]
    table = pd.DataFrame(lines, columns=["line", "amount", "note"])
    st.markdown(f"##### {words.plain(row.name)}: statement, {view.in_words}", anchors=False)
    tables.table(
        table,
        {"line": tables.text("Line"), "amount": tables.money("Amount", form="%,.2f"), "note": tables.text("Note")},
        name="partner_statement",
        alt=f"Statement of {row.name}: {words.money(row.sourced, currency)} sourced, {words.money(left, currency, sign=True)} left",
    )
    owed = [
        words.money(value, currency, exact=True).replace("$", r"\$")
        for value in (row.share_owed, row.share_paid, row.share_open)
    ]
    percent = "no share agreed" if words.missing(row.share_percent) else f"{row.share_percent:g} % of what it sourced"
    st.markdown(
        f"Revenue share: {percent} · owed in this period **{owed[0]}** · paid **{owed[1]}** · still owed today **{owed[2]}**"
    )
    if not words.missing(row.influenced) and row.influenced:
        said = words.money(row.influenced, currency).replace("$", r"\$")
        st.markdown(f"Influenced, in no sum above: **{said}** paid by others whose applications it builds or pays for.")
    depth = [
        f"{words.plural(row.routes, 'route')}",
        f"active on {words.share(row.active_share)} of days",
        f"{words.share(row.write_share)} writes",
        words.plural(row.versions, "version"),
    ]
    depth += [] if words.missing(row.end_users) else [words.plural(row.end_users, "end user")]
    index = "" if words.missing(row.depth) else f" · index {row.depth:.0f} of 100"
    st.markdown(f"Integration depth: {' · '.join(depth)}{index}")
    behind = reads.read("partner_accounts", account=row.account_id, **view.dates)
    tables.table(
        behind.assign(tier_name=behind["tier"].map(words.TIERS), kind=behind["kind"].str.capitalize()),
        {
            "name": tables.text("Account"),
            "kind": tables.text("It is"),
            "how": tables.text("Because it"),
            "tier_name": tables.text("Tier"),
            "revenue": tables.money("Revenue", form="%,.2f"),
            "cost_to_serve": tables.money("Cost to serve", form="%,.2f"),
            "calls": tables.number("Calls"),
        },
        name="partner_accounts",
        alt="Accounts whose revenue the partner stands behind",
        account="name",
    )


view = filters.view()
currency = reads.currency()
account = filters.asked("account")
frame = reads.read("partners", account=account, **view.dates)
if frame.empty and account:
    states.unknown_account(account)
elif frame.empty:
    states.nothing("partners")
elif not account:
    everyone(frame)
    figures.about("partners", "partner_accounts")
elif paper.asked():
    with paper.sheet():
        statement(next(frame.itertuples()))
else:
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        links.link(links.PARTNERS, "All partners", icon=":material/arrow_back:")
        paper.link("partners", account=account)
    statement(next(frame.itertuples()))
    figures.about("partners", "partner_accounts")
