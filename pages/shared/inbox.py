"""Dropping a file: what it is recognised as, its first events and what was rejected, and then keeping it."""

from typing import Any

import streamlit as st

from pages.shared import jobs, reads, words


def draw(key: str) -> None:
    """An upload that is recognised at once and kept only when told to."""
    upload = st.file_uploader("A log file", key=f"upload_{key}", label_visibility="collapsed")
    if upload is None:
        return
    found = _recognise(upload)
    if describe(found, upload.name):
        st.dataframe(found.events, hide_index=True, height=220, alt="The first events of the file, before hashing")
        if len(found.rejects):
            st.dataframe(found.rejects, hide_index=True, height=140, alt="The lines that were rejected, and why")
        st.button(
            "Keep it and build",
            type="primary",
            icon=":material/move_to_inbox:",
            on_click=_keep,
            args=(upload.name, upload.getvalue()),
            key=f"keep_{key}",
        )


def _recognise(upload: Any) -> Any:
    with st.spinner("Looking at the first lines …"):
        return reads.module("sql.preview").preview_bytes(upload.name, upload.getvalue(), limit=200)


def describe(found: Any, name: str) -> bool:
    """Say what a file was recognised as, or what it looks like instead; returns whether it was."""
    if not found.accepted:
        st.error(words.plain(found.message), title="Nothing in it could be read", icon=":material/help:")
        return False
    st.success(
        f"{words.count(found.accepted)} of the first {words.count(found.lines)} lines are events, "
        f"{words.count(found.rejected)} were rejected, {words.count(found.blank)} are blank.",
        title=f"This is {words.plain(found.format)}: {words.plain(name)}",
        icon=":material/check_circle:",
    )
    return True


def _keep(name: str, content: bytes) -> None:
    reads.module("data_sources.files").keep(reads.home(), name, content)
    jobs.refresh()
