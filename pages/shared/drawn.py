"""Charts on a page: built once for the same rows, drawn as often as the page runs."""

from collections.abc import Callable
from typing import Any

import altair
import streamlit as st


def chart(
    build: Callable[..., Any],
    *arguments: Any,
    alt: str,
    key: str | None = None,
    on_select: Callable[[], None] | None = None,
) -> None:
    """Draw what a function of `charts` makes of its arguments; `alt` says what it shows to those who cannot see it.

    Building and checking a chart takes most of a page's time, so the specification is kept under the function and its
    arguments. `on_select` is called when a mark is chosen; what was chosen is then in the session state under `key`.
    """
    st.vega_lite_chart(
        spec=_specification(build.__name__, arguments, build), alt=alt, key=key, on_select=on_select or "ignore"
    )


def dark() -> bool:
    """Whether the visitor sees the dark theme; False where the browser has not said so yet."""
    return st.context.theme.type == "dark"


@st.cache_data(max_entries=200, show_spinner=False)
def _specification(name: str, arguments: tuple, _build: Callable[..., Any]) -> dict:
    with altair.data_transformers.enable("default", max_rows=None):
        return _build(*arguments).to_dict()
