"""What people typed in (costs, plans): kept with who and why, shown with its undo, and built by itself."""

from collections.abc import Callable
from typing import Any

import streamlit as st
from sqlmodel import desc, select

from data_sources import program
from pages.shared import access, deciding, ledger, words


def entered(model: type) -> list[Any]:
    """Every entry of a kind that was not undone, the newest first."""
    with ledger.the_store().session() as session:
        asked = select(model).where(model.undone_at.is_(None)).order_by(desc(model.decided_at), desc(model.id))
        return list(session.exec(asked))


def show(entries: list[Any], built: set[int], what: Callable[[Any], str]) -> None:
    """A box an entry: what it says in Markdown, who said it when, whether a build is still to come, and its undo."""
    for one in entries:
        kind = type(one).__tablename__
        key = f"{kind}_{one.id}"
        with st.container(border=True, horizontal=True, vertical_alignment="center", gap="small", key=key):
            waits = "" if one.id in built else " · the build that applies it is still to come"
            with st.container(gap="xxsmall", width="stretch"):
                st.markdown(f"{what(one)} · {words.plain(one.reason)}")
                st.caption(f"{words.plain(one.author)}, {words.moment(one.decided_at)}{waits}")
            st.button("Undo", key=f"undo_{key}", icon=":material/undo:", on_click=_undo, args=(type(one), one.id))


def amount(one: Any) -> str:
    """The amount of an entry, exact, as Markdown takes it."""
    return words.money(words.major(one.amount, one.currency), one.currency, exact=True).replace("$", r"\$")


def save(model: type, reason: str, **fields: Any) -> None:
    """Store an entry of the visitor's and start the build that applies it."""
    made = model(reason=reason.strip(), author=access.who(), decided_at=program.now(), **fields)
    ledger.the_store().judge(made)
    deciding.keep_up()


def _undo(model: type, id: int) -> None:
    for one in entered(model):
        if one.id == id:
            one.undone_at = program.now()
            ledger.the_store().judge(one)
    deciding.keep_up()
