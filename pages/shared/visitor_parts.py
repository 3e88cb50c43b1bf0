"""Visitors of docs and pricing who were never seen calling: how many a month, from where, and what they read. Addresses, never people."""

from typing import Any

import pandas as pd
import streamlit as st

from pages.shared import drawn, figures, filters, reads, room_charts, room_words, states, tables, words


def draw(view: Any) -> None:
    """The whole part."""
    months = reads.read("visitors", **view.dates)
    if months.empty:
        states.unconnected(
            "log of public pages", "A source of kind logs with surface = \"docs\" or \"portal\" says how many read the documentation."
        )  # fmt: skip
        return
    figures.row(_cards(months))
    _by_month(months)
    _by_referrer(reads.read("visitors_by_referrer", **view.dates))
    _by_page(reads.read("visitors_by_origin", search=filters.asked("search"), **view.dates))
    _months(months)
    figures.about("visitors", "visitors_by_origin", "visitors_by_referrer")


def _cards(months: pd.DataFrame) -> list[dict]:
    """The last whole month of the period, with the one before it."""
    readers = months[months["agent"] == "reader"]
    whole = readers[~readers["is_unfinished"]].tail(2)
    last = whole.iloc[-1] if len(whole) else None
    before = whole.iloc[0] if len(whole) == 2 else None
    crawlers = months[
        (months["agent"] == "crawler") & (months["month"] == (last["month"] if last is not None else None))
    ]
    named = "" if last is None else f"{pd.Timestamp(last['month']):%B %Y}, the last whole month of the period"
    lacking = "no month of the period is over"
    if readers.empty:
        lacking = "the log names no user agent, so that nobody can be told from a crawler"
    elif last is not None:
        lacking = "the log has no address of the client"
    cards = []
    for label, column in (
        ("Visitors", "visitors"),
        ("Never seen calling", "never_called"),
        ("Read the price page", "pricing_visitors"),
        ("Read the sign-up page", "signup_visitors"),
    ):
        value = words.MISSING if last is None else words.count(last[column])
        said = (
            ""
            if before is None or words.missing(before[column])
            else f"{words.count(before[column])} in {pd.Timestamp(before['month']):%b}"
        )
        cards.append({"label": label, "value": value, "metric": "visitors", "n": named, "beside": said, "lacking": lacking})  # fmt: skip
    known = last is not None and not words.missing(last["visitors"])
    crawled = words.count(crawlers["visitors"].sum()) if known else words.MISSING
    return [
        *cards,
        {"label": "Crawlers, apart", "value": crawled, "metric": "visitors", "n": named, "lacking": lacking},
    ]


def _by_month(months: pd.DataFrame) -> None:
    """Readers, called and not, and crawlers beside them."""
    rows = []
    for row in months.itertuples():
        state = "not over" if row.is_unfinished else "over"
        if row.agent == "reader":
            rows.append({"month": row.month, "side": "readers", "what": "never seen calling", "visitors": row.never_called, "state": state})  # fmt: skip
            rows.append({"month": row.month, "side": "readers", "what": "seen calling", "visitors": row.called, "state": state})  # fmt: skip
        elif row.agent == "crawler":
            rows.append({"month": row.month, "side": "crawlers", "what": "crawlers", "visitors": row.visitors, "state": state})  # fmt: skip
    never = months[months["agent"] == "reader"]["never_called"].sum()
    with st.container(border=True):
        st.markdown("##### Visitors a month", anchors=False)
        st.caption(
            "Addresses, not people. Whether a visitor signed up, nobody can tell from an address: seen calling is one whose address called the "
            "API with a key in the same month. Nobody knows their tier, and a page has no API, so these two filters leave all of them. Pale: the "
            "month is not over."
        )
        drawn.chart(
            room_charts.visitors,
            pd.DataFrame(rows),
            alt=f"Visitors a month; {words.count(never)} readers' addresses of these months were never seen calling",
            over="month",
        )


def _by_referrer(found: pd.DataFrame) -> None:
    """Which sites sent them."""
    if found.empty:
        return
    others = found[found["referrer_kind"] == "another site"].head(3)
    told = [f"{words.plain(row.referrer_host)} ({words.count(row.visitors)})" for row in others.itertuples()]
    st.markdown("##### Where those come from that were never seen calling", anchors=False)
    st.caption(
        f"Most from other sites: {words.listed(told)}." if told else "No other site is known to have sent anybody."
    )
    tables.table(
        found.assign(kind_name=found["referrer_kind"].map(room_words.REFERRERS)),
        {
            "referrer_host": tables.text("Referrer", help="The host alone; the rest of a link is never kept"),
            "kind_name": tables.text("Which is"),
            "visitors": tables.number("Visitors", help="One a month and referrer; rows do not add up"),
            "views": tables.number("Pages read"),
        },
        name="visitor_referrers",
        alt="Referrers of visitors who were never seen calling",
    )


def _by_page(found: pd.DataFrame) -> None:
    """What they read, by where they came from."""
    if found.empty:
        states.empty("No page was read by anybody who was never seen calling.")
        return
    st.markdown("##### What they read", anchors=False)
    tables.table(
        found.assign(
            kind_name=found["referrer_kind"].map(room_words.REFERRERS),
            what=[
                "price page" if one.is_pricing else "sign-up" if one.is_signup else None for one in found.itertuples()
            ],
        ),
        {
            "page": tables.text("Page", width="medium"),
            "what": tables.text("Which is"),
            "referrer_host": tables.text("Referrer"),
            "kind_name": tables.text("Referrer is"),
            "visitors": tables.number("Visitors", help="One a month, page and referrer; rows do not add up"),
            "views": tables.number("Times read"),
        },
        name="visitor_pages",
        alt="Pages and referrers of visitors who were never seen calling",
    )


def _months(months: pd.DataFrame) -> None:
    """The months in figures, crawlers and unknown agents as rows of their own."""
    names = {"reader": "Readers", "crawler": "Crawlers, scanners, scripts", "unknown": "Without a user agent"}
    tables.table(
        months.assign(agent_name=months["agent"].map(names)).sort_values(["month", "agent"], ascending=[False, True]),
        {
            "month": tables.when("Month", form="MMM YYYY"),
            "agent_name": tables.text("Who"),
            "visitors": tables.number("Visitors"),
            "called": tables.number("Seen calling"),
            "never_called": tables.number("Never seen calling"),
            "pricing_visitors": tables.number("Read the price page"),
            "signup_visitors": tables.number("Read the sign-up page"),
            "views": tables.number("Pages read"),
            "sign_ups": tables.number(
                "Sign-ups that month", help="Of everybody, for comparison: nobody can say whose they were"
            ),
        },
        name="visitor_months",
        alt="Visitors by month and kind",
    )
