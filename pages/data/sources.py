"""Is it fresh and complete: each source with what it brought, what was rejected and what failed; refresh, upload, check."""

from typing import Any

import pandas as pd
import streamlit as st

from data_sources import program
from pages.shared import charts, drawn, figures, filters, inbox, jobs, ledger, reads, source_parts, tables, words

KINDS = {
    "logs": "Logs",
    "kong": "Kong",
    "aws_api_gateway": "AWS API Gateway",
    "stripe": "Stripe",
    "zendesk": "Zendesk",
    "hubspot": "HubSpot",
    "csv": "Sheet",
    "focus": "Cloud bill",
    "rates": "Exchange rates",
}


def overview(setup: Any, logs: pd.DataFrame, streams: pd.DataFrame) -> pd.DataFrame:
    """A row a source of program.toml, with the sums of its files or streams; what was never read has no time."""
    kinds = {source.name: source.kind for source in setup.sources} if setup else {}
    for name in [*logs["source"], *streams["source"]]:
        kinds.setdefault(name, "logs" if name in set(logs["source"]) else "")
    rows = []
    for name, kind in kinds.items():
        log = logs[logs["source"] == name]
        ran = streams[streams["source"] == name]
        errors = [e for e in [*log["error"], *ran["error"]] if not words.missing(e) and e]
        read = pd.concat([log["read_at"], ran["started_at"]]).dropna()
        rows.append(
            {
                "state": "Failed" if errors else "Never read" if read.empty else "Fresh",
                "source": name,
                "kind": KINDS.get(kind, kind or "?"),
                "last_run": read.max() if len(read) else None,
                "last_event": log["last_event_at"].max() if len(log) else None,
                "read": log["lines"].sum() if len(log) else ran["records"].sum() + ran["rejected"].sum(),
                "accepted": log["accepted"].sum() if len(log) else ran["records"].sum(),
                "rejected": log["rejected"].sum() if len(log) else ran["rejected"].sum(),
                "blank": log["blank"].sum() if len(log) else None,
                "error": "; ".join(map(str, errors)),
            }
        )
    return pd.DataFrame(rows)


def cards(frame: pd.DataFrame) -> list[dict]:
    """Sources, what was read, what was rejected, and whether the sums add up."""
    failed, never = (int((frame["state"] == state).sum()) for state in ("Failed", "Never read"))
    lines = frame[frame["blank"].notna()]
    adds = int((lines["accepted"] + lines["rejected"] + lines["blank"] != lines["read"]).sum())
    n = words.plural(len(frame), "source")
    common = {"metric": "sources_freshness", "n": n}
    part = frame["rejected"].sum() / frame["read"].sum() if frame["read"].sum() else None
    return [
        {"label": "Sources", "value": words.count(len(frame)), **common},
        {"label": "Failed or never read", "value": words.count(failed + never), **common},
        {"label": "Log lines read", "value": words.count(lines["read"].sum()), **common},
        {"label": "Rejected", "value": words.share(part, 2), "lacking": "nothing was read yet", **common},
        {"label": "Lines add up", "value": "Yes" if not adds else f"Not in {words.plural(adds, 'source')}", **common},
    ]


def actions() -> None:
    """Refresh now, upload, check."""
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        st.button(
            "Refresh now",
            icon=":material/sync:",
            type="primary",
            on_click=jobs.refresh,
            key="refresh",
            help="Fetches from every source and builds. A second click while one runs says so.",
        )
        with st.popover("Add a file", icon=":material/upload_file:"):
            st.caption("A log of Kong, AWS API Gateway, nginx or Apache, plain or compressed. It is recognised first.")
            inbox.draw("sources")
        if jobs.jobs().running:
            st.caption("A refresh is running.", width="content")
    jobs.progress()


def check_one(setup: Any) -> None:
    """Look at one source without storing anything."""
    st.markdown("##### Check a source", anchors=False)
    st.caption("Looks without storing anything: reachable, authorised, and what it would read.")
    names = [source.name for source in setup.sources]
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        name = st.selectbox("Source", names, key="check_source", width=260, label_visibility="collapsed")
        asked = st.button("Check", icon=":material/stethoscope:", key="check")
    if not asked:
        return
    source = next(source for source in setup.sources if source.name == name)
    with st.spinner(f"Looking at {name} …"):
        seen = reads.module("data_sources.check").check(setup, source, program.now())
    for question, answer in (("Reachable", seen.reachable), ("Authorised", seen.authorised)):
        if answer is not None:
            st.markdown(
                f"{':blue[:material/check:]' if answer else ':orange[:material/close:]'} {question}: {'yes' if answer else 'no'}"
            )
    for finding in seen.findings:
        icon = ":blue[:material/check:]" if finding.ok else ":orange[:material/close:]"
        st.markdown(
            f"{icon} **{words.plain(finding.stream) if finding.stream else words.plain(name)}**: {words.plain(finding.text)}"
        )
        if finding.first:
            st.json(finding.first, expanded=False)
        if finding.newest:
            newest = finding.newest
            inbox.describe(
                reads.module("sql.preview").preview_file(newest, format=finding.format, name=newest.name), newest.name
            )
    if seen.would_read:
        st.caption(f"It would read: {words.plain(seen.would_read)}")


def below(frame: pd.DataFrame, streams: pd.DataFrame) -> None:
    """What could not be read, the streams and the checks: one of them at a time, of one source or of all."""
    parts = {
        "lines": "Rejected lines",
        "records": "Rejected records",
        "streams": "Streams",
        "checks": "Checks",
    }
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        part = filters.tabs("part", parts, "lines")
        if part != "checks":
            names = {"all": "All sources", **{name: name for name in frame["source"]}}
            source = filters.choice("source", "Source", names, "all", 210)
    if part == "checks":
        source_parts.checks()
        return
    chosen = None if source == "all" else source
    if part == "streams":
        source_parts.streams(streams, chosen)
    else:
        getattr(source_parts, part)(chosen)


setup = reads.the_program()
streams = ledger.streams()
frame = overview(setup, ledger.logs(), streams)
actions()
if frame.empty:
    st.markdown("##### :material/inbox: No source yet", anchors=False)
    st.caption("Name one in program.toml, or add a file above.")
else:
    figures.row(cards(frame))
    calls = reads.read("calls_by_day")
    if not calls.empty:
        with st.container(border=True):
            st.markdown("##### Calls a day: a gap is a log that is missing", anchors=False)
            days = pd.to_datetime(calls["day"])
            gaps = (days.max() - days.min()).days + 1 - days.nunique()
            drawn.chart(
                charts.arrivals,
                calls,
                alt=f"Calls a day as logged; {words.plural(gaps, 'day')} without any",
                over="day",
            )
    tables.table(
        frame if frame["error"].any() else frame.drop(columns="error"),
        {
            "state": tables.text("State"),
            "source": tables.text("Source"),
            "kind": tables.text("Kind"),
            "last_run": tables.when("Last read", form=source_parts.MOMENT),
            "last_event": tables.when("Last event", form=source_parts.MOMENT),
            "read": tables.number("Read"),
            "accepted": tables.number("Accepted"),
            "rejected": tables.number("Rejected"),
            "blank": tables.number("Blank"),
            "error": tables.text("Error", width="large"),
        },
        name="sources",
        alt="Sources with last run, lines read, rejected, and errors",
    )
    below(frame, streams)
if setup and setup.sources:
    with st.container(border=True):
        check_one(setup)
figures.about("sources_freshness", "check_results")
