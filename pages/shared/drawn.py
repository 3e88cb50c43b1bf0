"""Charts on a page: built once for the same rows, drawn as often as the page runs."""

from collections.abc import Callable
from typing import Any

import altair
import pandas as pd
import streamlit as st
from streamlit.dataframe_util import convert_anything_to_arrow_bytes

from pages.shared import annotations, outreach, paper, words

SWITCH = "outreach"


def chart(
    build: Callable[..., Any],
    *arguments: Any,
    alt: str,
    key: str | None = None,
    on_select: Callable[[], None] | None = None,
    over: str | None = None,
) -> None:
    """Draw what a function of `charts` makes of its arguments; `alt` says what it shows to those who cannot see it.

    Building a chart takes most of a page's time, so the specification, with its rows as they are sent, is kept under the
    function and its arguments. `on_select` is called when a mark is chosen; what was chosen is then in the session state under `key`.
    A chart over time names the field of its time axis by `over`: what was done to be found is marked on it.
    """
    done = outreach.activities() if over else None
    marked = done[["day", "title", "hours"]] if over and len(done) and _is_on() else None
    spec, marks = _drawn(build.__name__, arguments, over, marked, build)
    said = ". ".join(part for part in (alt, marks.spoken) if part)
    st.vega_lite_chart(spec=spec, alt=said, key=key, on_select=on_select or "ignore")
    if over and len(done) and not paper.asked():
        _switch(f"{build.__name__}_{key or alt[:40]}", marks)


def dark() -> bool:
    """Whether the visitor sees the dark theme; False where the browser has not said so yet."""
    return st.context.theme.type == "dark"


def _is_on() -> bool:
    return st.query_params.get(SWITCH) != "off"


def _switch(name: str, marks: annotations.Marks) -> None:
    """Shows or hides outreach on every chart over time, and says how much of it a chart leaves out."""
    key = f"outreach_on_{name}"
    st.session_state[key] = _is_on()
    if not marks.rules:
        label = "Outreach" if not _is_on() else "Outreach (none in these days)"
    else:
        rest = f", {words.count(marks.hidden)} that took less time are not" if marks.hidden else ""
        label = f"Outreach ({words.count(marks.shown)} marked{rest})"
    st.toggle(f":small[:gray[{label}]]", key=key, on_change=_write, args=(key,))


def _write(key: str) -> None:
    if st.session_state[key]:
        st.query_params.pop(SWITCH, None)
    else:
        st.query_params[SWITCH] = "off"


@st.cache_data(max_entries=200, show_spinner=False)
def _specification(name: str, arguments: tuple, _build: Callable[..., Any]) -> dict:
    """The chart as Vega-Lite; that it is valid is what tests see to, as checking takes a fifth of the time."""
    with altair.data_transformers.enable("default", max_rows=None):
        return _build(*arguments).to_dict(validate=False)


@st.cache_data(max_entries=200, show_spinner=False)
def _drawn(
    name: str, arguments: tuple, over: str | None, marked: pd.DataFrame | None, _build: Callable[..., Any]
) -> tuple[dict, annotations.Marks]:
    """The chart with outreach marked on it, its rows in Arrow's bytes: Streamlit would make them of the rows in each run."""
    spec, marks = _specification(name, arguments, _build), annotations.Marks()
    if marked is not None:
        spec, marks = annotations.on(spec, over, marked)
    rows = {dataset: convert_anything_to_arrow_bytes(given) for dataset, given in spec.get("datasets", {}).items()}
    return {**spec, "datasets": rows} if rows else spec, marks
