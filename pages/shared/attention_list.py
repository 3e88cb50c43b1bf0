"""What changed and matters, as a list on a page: each with its figure, its normal range, its money and its link."""

from typing import Any

import streamlit as st

from pages.shared import figures, filters, links, reads, words
from sql import attention

SHOWN = 5
PAGES = {
    "account": links.ACCOUNT,
    "contribution": links.CONTRIBUTION,
    "demand": links.DEMAND,
    "developers": links.DEVELOPERS,
    "directory": links.DIRECTORY,
    "funnel": links.FUNNEL,
}


def draw(currency: str) -> None:
    """The first five, the others below a fold, or that nothing is out of its usual range."""
    rows = reads.read("attention")
    watched = reads.read("attention_watched").iloc[0]
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.markdown("##### What changed and matters", width="content", anchors=False)
        figures.about("attention", "attention_watched")
    if rows.empty:
        st.caption(_quiet(watched))
        return
    changes = [attention.change(row, currency) for row in rows.to_dict("records")]
    with st.container(gap="xsmall"):
        for number, one in enumerate(changes[:SHOWN], 1):
            _row(number, one)
    if len(changes) > SHOWN:
        with st.expander(f"{words.plural(len(changes) - SHOWN, 'more change')}, less money"):
            for number, one in enumerate(changes[SHOWN:], SHOWN + 1):
                _row(number, one)
    st.caption(
        f"{_compared(watched)}. Ranked by money. Of the series found unlikely on a day at most 1 in 100 is expected to be chance; small "
        "changes among them are left out after that."
    )


def _row(number: int, one: attention.Change) -> None:
    with st.container(border=True):
        st.page_link(
            PAGES[one.page],
            label=f"**{number}.** {words.plain(one.what)}",
            icon=":material/chevron_right:",
            icon_position="right",
            query_params=filters.carried(**one.params),
        )
        st.caption(
            f"{words.plain(one.usual[:1].upper() + one.usual[1:])} · {words.plain(one.worth)} · since {words.day(one.since)}"
        )


def _compared(watched: Any) -> str:
    until = "" if words.missing(watched["day"]) else f" up to {words.day(watched['day'])}"
    return f"{words.plural(watched['compared'], 'series', 'series')} compared with their own eight weeks before{until}"


def _quiet(watched: Any) -> str:
    if not watched["compared"]:
        return "Nothing can be called unusual yet: a series is compared once it has eight weeks behind it."
    return f"Nothing is out of its usual range. {_compared(watched)}."
