"""A page for the printer: `?print=1` shows all its parts one below the other, without navigation and filters, for A4.

What the sheet hides and how wide it is stands in style.css; tables are drawn whole, because a printer cannot scroll.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode

import pandas as pd
import streamlit as st

from pages.shared import filters, words

ROWS_PRINTED = 60


def asked() -> bool:
    """Whether the URL asks for the page as it is printed."""
    return st.query_params.get("print") == "1"


def link(page: str, **changes: str) -> None:
    """The way to the printed form, in a tab of its own: light, whatever the screen's colours are."""
    query = urlencode({**filters.carried(**changes), "print": "1", "embed": "true", "embed_options": "light_theme"})
    st.link_button("Print", f"{page}?{query}", icon=":material/print:", type="tertiary")


@contextmanager
def sheet() -> Iterator[None]:
    """Around all of a printed page: which filters hold; as of when stands beside the title, as on every page."""
    view, has = filters.view(), filters.of_page()
    held = filters.in_words()
    if "service" in has and not view.service:
        held.append("all services")
    if "against" in has and view.against_words:
        held.append(
            f"compared with the {view.against_words}" if view.against == "before" else "compared with a year ago"
        )
    with st.container(key="sheet"):
        st.caption(" · ".join([*(words.plain(part) for part in held), "days are UTC days"]))
        yield


@contextmanager
def section(title: str) -> Iterator[None]:
    """One part of a printed page under its title."""
    with st.container(key=f"section_{title.lower().replace(' ', '_')}"):
        st.markdown(f"#### {title}", anchors=False)
        yield


def table(frame: pd.DataFrame, columns: dict[str, Any], *, alt: str) -> None:
    """A table in full, up to ROWS_PRINTED rows, its cells written as the screen writes them; columns without a value are left out."""
    shown = frame[[column for column in columns if column in frame.columns]].head(ROWS_PRINTED)
    shown = shown.loc[:, shown.notna().any()] if len(shown) else shown
    written = pd.DataFrame(
        {
            columns[name]["label"] or name: [_cell(value, columns[name]) for value in shown[name]]
            for name in shown.columns
        }
    )
    st.table(written, border="horizontal", hide_index=True, alt=alt)
    if len(frame) > ROWS_PRINTED:
        st.caption(f"The first {ROWS_PRINTED} of {len(frame):,}; all of them are in the page's CSV.")


def _cell(value: Any, column: dict[str, Any]) -> str:
    if pd.isna(value):
        return words.MISSING
    if isinstance(value, bool):
        return "yes" if value else "no"
    kind = (column.get("type_config") or {}).get("type")
    form = (column.get("type_config") or {}).get("format") or ""
    if kind == "number":
        if form == "percent":
            return words.share(value)
        return f"{value:,.2f}" if ".2f" in form else f"{value:,.0f}"
    if kind in ("datetime", "date"):
        moment = pd.Timestamp(value)
        return (
            moment.strftime("%-d %b %Y %H:%M")
            if "HH" in form
            else moment.strftime("%b %Y" if form == "MMM YYYY" else "%-d %b %Y")
        )
    return words.plain(value)
