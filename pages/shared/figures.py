"""Cards with one figure: its value, its change, and within reach its definition, n and freshness."""

from typing import Any

import streamlit as st

from pages.shared import filters, links, reads, words

TONES = {"good": "blue", "bad": "orange", "neutral": "gray"}


def row(cards: list[dict[str, Any]]) -> None:
    """Three to five figures side by side, under each other on a phone. Each is what `figure` takes."""
    with st.grid(len(cards), min_column_width=170, gap="small"):
        for card in cards:
            figure(**card)


def figure(
    label: str,
    value: str,
    metric: str,
    *,
    n: str = "",
    now: Any = None,
    before: Any = None,
    good: str = "",
    lacking: str = "",
    beside: str = "",
    trend: list[float] | None = None,
) -> None:
    """One figure. `good` says which way is better (up, down); `lacking` says what is missing where value is —.

    `beside` stands under the value in the place of a change.
    """
    relative = words.change(now, before)
    delta, tone, direction = None, "gray", "off"
    if relative is not None and abs(relative) >= 0.005:
        delta = words.arrow(relative)[2:]
        direction = "up" if relative > 0 else "down"
        tone = TONES["neutral" if not good else "good" if direction == good else "bad"]
    elif relative is not None:
        delta = "no change"
    if beside:
        delta, tone, direction = beside, "gray", "off"
    against = filters.view().against_words
    st.metric(
        label,
        value,
        delta,
        delta_color=tone,
        delta_arrow=direction,
        delta_description=f"vs {against}" if delta and against and not beside else None,
        help=explained(metric, n=n, lacking=lacking if value == words.MISSING else ""),
        border=True,
        height="stretch",
        chart_data=trend,
        chart_type="area",
    )


def explained(metric: str, *, n: str = "", lacking: str = "") -> str:
    """Markdown that says what a figure means, how many it rests on and how fresh it is."""
    known = reads.metrics().get(metric)
    parts = [f"**Not known:** {lacking}"] if lacking else []
    if known:
        parts += [f"**{known.label}.** {escaped(known.definition)}"]
    parts += [f"n: {n}"] if n else []
    parts += [f"As of {words.moment(reads.current().as_of)}; days are UTC days."]
    return "\n\n".join(parts)


def escaped(text: str) -> str:
    """A definition of ours inside Markdown: dollar signs and tildes stay what they are."""
    return text.replace("$", r"\$").replace("~", r"\~")


def about(*names: str, n: str = "") -> None:
    """A popover with the definitions, units, grain and SQL of the metrics that a page shows."""
    with st.popover("How these numbers are made", icon=":material/help:", type="tertiary"):
        st.caption(
            f"As of {words.moment(reads.current().as_of)} · snapshot {reads.current().name}"
            + (f" · n = {n}" if n else "")
        )
        for name in names:
            if known := reads.metrics().get(name):
                definition(known)
        links.link(links.METRICS, "All definitions", icon=":material/menu_book:")


def definition(known: Any, *, expanded: bool = False) -> None:
    """One metric of the catalogue: what it asks, what it means, and its SQL."""
    st.markdown(f"**{known.label}** · {escaped(known.definition)}")
    better = f" · Better: {known.good}" if known.good != "-" else ""
    st.caption(f"Unit: {known.unit} · Grain: {known.grain}{better}")
    with st.expander("SQL", expanded=expanded, icon=":material/code:"):
        st.code(known.sql, language="sql", line_numbers=False)
