"""Tables: what they look like, their CSV, and the click that opens an account."""

from collections.abc import Callable
from typing import Any

import pandas as pd
import streamlit as st

from pages.shared import links, paper, reads, words

ROWS_SEEN = 12
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


def money(label: str, help: str | None = None, form: str = "%,.0f") -> Any:
    """A column of money in whole units of the reporting currency."""
    symbol = words.SYMBOLS.get(reads.currency(), reads.currency().upper()).strip()
    return st.column_config.NumberColumn(f"{label} ({symbol})", format=form, help=help)


def number(label: str, help: str | None = None, form: str = "%,d") -> Any:
    """A column of whole numbers."""
    return st.column_config.NumberColumn(label, format=form, help=help)


def part(label: str, help: str | None = None) -> Any:
    """A column of parts of one, shown as percentages."""
    return st.column_config.NumberColumn(label, format="percent", help=help)


def text(label: str, help: str | None = None, **more: Any) -> Any:
    """A column of text."""
    return st.column_config.TextColumn(label, help=help, **more)


def when(label: str, help: str | None = None, form: str = "D MMM YYYY") -> Any:
    """A column of UTC days or times."""
    return st.column_config.DatetimeColumn(label, help=help, format=form, width=160 if "HH" in form else 110)


def table(
    frame: pd.DataFrame,
    columns: dict[str, Any],
    *,
    name: str,
    alt: str,
    account: str | None = None,
    opens: str | Callable[[str], None] = links.ACCOUNT,
    action: tuple[str, str, Callable[[int], None]] | None = None,
    chosen: str | None = None,
    save: pd.DataFrame | None = None,
) -> list[int]:
    """A table of `columns` in their order, with its CSV below. Returns the places of the rows that were chosen.

    `name` is its key and the file's name. `account` names the column whose click opens the row's account on the page
    `opens`, or calls `opens` with its id; the frame then has an `account_id`. `action` is a column, what its click does, and
    the function that does it, which takes the row's number; a cell that is empty has no button. Rows can be chosen where
    `chosen` is given: under another text nothing is, which a page wants as soon as the same places are other rows. `save`
    is what the CSV holds instead. On a page for the printer the table is drawn whole, without any of it.
    """
    if paper.asked():
        paper.table(frame, columns, alt=alt)
        return []
    shown = frame[[c for c in columns if c in frame.columns]].reset_index(drop=True)
    config = {c: columns[c] for c in shown.columns}
    if account:
        config[account] = st.column_config.ButtonColumn(
            columns[account]["label"] if isinstance(columns[account], dict) else "Account",
            help="Opens the account",
            key=f"open_{name}",
            on_click=_open,
            args=(f"open_{name}", tuple(frame["account_id"]), opens),
            type="tertiary",
            alignment="left",
            pinned=True,
        )
        shown[account] = [words.MISSING if words.missing(value) else str(value) for value in shown[account]]
    if action:
        column, help, act = action
        config[column] = st.column_config.ButtonColumn(
            columns[column]["label"],
            help=help,
            key=f"open_{name}_{column}",
            on_click=_act,
            args=(f"open_{name}_{column}", act),
            type="tertiary",
            alignment="right",
        )
        shown[column] = [None if words.missing(value) or not value else str(value) for value in shown[column]]
    selected = st.dataframe(
        shown,
        hide_index=True,
        column_config=config,
        key=f"table_{name}{chosen or ''}",
        alt=alt,
        height=36 * (min(len(shown), ROWS_SEEN) + 1),
        placeholder=words.MISSING,
        on_select="ignore" if chosen is None else "rerun",
    )
    kept = [c for c in frame.columns if c == "account_id" or c in columns]
    download(frame[kept] if save is None else save, name)
    return [] if chosen is None else [n for n in selected["selection"]["rows"] if n < len(shown)]


def _open(key: str, accounts: tuple[str, ...], opens: str | Callable[[str], None]) -> None:
    click = st.session_state.get(key)
    if click is not None and click.row < len(accounts):
        if callable(opens):
            opens(accounts[click.row])
        else:
            links.go(opens, account=accounts[click.row])


def _act(key: str, act: Callable[[int], None]) -> None:
    click = st.session_state.get(key)
    if click is not None:
        act(click.row)


def download(frame: pd.DataFrame, name: str) -> None:
    """A button that saves the rows as CSV."""
    st.download_button(
        f"CSV · {words.plural(len(frame), 'row')}",
        data=lambda: csv(frame),
        file_name=f"{name}_{reads.current().as_of:%Y-%m-%d}.csv",
        mime="text/csv",
        icon=":material/download:",
        type="tertiary",
        key=f"csv_{name}",
        on_click="ignore",
    )


def csv(frame: pd.DataFrame) -> bytes:
    """The rows as CSV (UTF-8 with BOM, which spreadsheets expect); cells that would start a formula are quoted with '."""
    safe = frame.copy()
    for column in safe.columns:
        if safe[column].dtype == object or isinstance(safe[column].dtype, pd.StringDtype):
            safe[column] = [_unformulated(value) for value in safe[column]]
    return safe.to_csv(index=False).encode("utf-8-sig")


def _unformulated(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA_STARTS) else value
