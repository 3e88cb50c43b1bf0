"""The parts of the Sources page below its list: what could not be read, the streams, and the checks of the last build."""

import pandas as pd
import streamlit as st

from data_sources.lakes import LakeError
from data_sources.program import ProgramError
from pages.shared import ledger, reads, tables, words
from pages.shared.states import empty

MOMENT = "D MMM YYYY HH:mm"


def lines(source: str | None) -> None:
    """The rejected log lines: how often each reason, and below it the lines themselves, the newest first."""
    try:
        total, found = ledger.rejected_lines(source)
    except (LakeError, ProgramError) as error:
        st.error(words.plain(str(error)), title="The rejected lines could not be read", icon=":material/cloud_off:")
        return
    if not total:
        logs = ledger.logs()
        were = int(logs[logs["source"] == source]["rejected"].sum() if source else logs["rejected"].sum())
        gone = (
            f"The text of {words.plural(were, 'rejected log line')} is gone: retention_days passed since it was read."
        )
        empty(gone if were else "No log line was rejected.")
        return
    over = "" if found.counted == total else f", over the newest {words.count(found.counted)} of {words.count(total)}"
    st.markdown(f"##### Why{over}", anchors=False)
    tables.table(
        found.reasons.assign(share=found.reasons["lines"] / max(1, found.counted)),
        {
            "reason": tables.text("Reason", width="large"),
            "lines": tables.number("Lines"),
            "share": tables.part("Share of the rejected"),
        },
        name="reject_reasons",
        alt="Reasons for which log lines were rejected, the most frequent first",
    )
    shown = len(found.lines)
    st.markdown(f"##### The lines, newest {words.count(shown)} of {words.count(total)}", anchors=False)
    st.caption("Credentials, query strings and addresses were taken out before they were kept; long lines are cut.")
    tables.table(
        found.lines,
        {
            "source": tables.text("Source"),
            "file": tables.text("File", width="medium"),
            "line_no": tables.number("Line"),
            "reason": tables.text("Reason", width="medium"),
            "text": tables.text("What it was", width="large"),
            "read_at": tables.when("Read", form=MOMENT),
        },
        name="rejected_lines",
        alt="Rejected log lines with file, line number and reason, the newest first",
    )


def records(source: str | None) -> None:
    """The vendors' records and sheets' rows that did not fit, the newest first."""
    total, found = ledger.rejected(source)
    if not total:
        empty("No record or row was rejected.")
        return
    st.markdown(f"##### Records and rows, newest {words.count(len(found))} of {words.count(total)}", anchors=False)
    tables.table(
        found,
        {
            "source": tables.text("Source"),
            "stream": tables.text("Stream"),
            "file": tables.text("File"),
            "line_no": tables.number("Line"),
            "record_id": tables.text("Record"),
            "reason": tables.text("Reason", width="large"),
            "text": tables.text("What it was", width="large"),
            "rejected_at": tables.when("Read", form=MOMENT),
        },
        name="rejected",
        alt="Rejected records with the reason, the newest first",
    )


def streams(found: pd.DataFrame, source: str | None) -> None:
    """The last run of each stream."""
    found = found[found["source"] == source] if source else found
    if found.empty:
        empty("No stream was read: logs have none.")
        return
    tables.table(
        found,
        {
            "source": tables.text("Source"),
            "stream": tables.text("Stream"),
            "status": tables.text("Status"),
            "started_at": tables.when("Last run", form=MOMENT),
            "records": tables.number("Records"),
            "changed": tables.number("Changed"),
            "rejected": tables.number("Rejected"),
            "error": tables.text("Error", width="large"),
        },
        name="streams",
        alt="The last run of each stream of each source",
    )


def checks() -> None:
    """The checks of the last build, which look at all sources together."""
    tables.table(
        reads.read("check_results"),
        {
            "name": tables.text("Check"),
            "question": tables.text("Question", width="large"),
            "bad_rows": tables.number("Bad rows"),
            "sample": tables.text("Sample"),
        },
        name="checks",
        alt="Checks of the last build with the number of bad rows",
    )


def kinds(sources: pd.DataFrame) -> None:
    """What a source can be, with what it reads and needs and its last run here; and every log format with what it says."""
    st.markdown("##### Kinds of source", anchors=False)
    st.caption("An example of each, to be written into program.toml, is in docs/sources.md.")
    tables.table(
        _known_kinds(sources),
        {
            "label": tables.text("What"),
            "kind": tables.text("kind ="),
            "named": tables.text("Here as"),
            "last_run": tables.when("Last read", form=MOMENT),
            "reads": tables.text("Reads", width="medium"),
            "needs": tables.text("Its secret must allow", width="large"),
            "words": tables.text("What it tells", width="large"),
        },
        name="source_kinds",
        alt="Every kind of source with what it reads, what it needs and its last run here",
    )
    st.markdown("##### Log formats", anchors=False)
    st.caption("Recognised by what the lines say, never by a file's name.")
    tables.table(
        _known_formats(),
        {
            "label": tables.text("Log of"),
            "format": tables.text("format ="),
            "read_at": tables.when("Last read", form=MOMENT),
            "lines": tables.number("Lines"),
            "rejected": tables.number("Rejected"),
            "definition": tables.text("What is read of it", width="large"),
        },
        name="log_formats",
        alt="Every log format with what is read of it and when one was last read here",
    )


def _known_kinds(sources: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for kind in reads.module("data_sources.described").kinds().values():
        mine = sources[sources["kind"] == kind.label] if len(sources) else sources
        rows.append(
            {
                "label": kind.label,
                "kind": kind.kind,
                "named": ", ".join(mine["source"]) if len(mine) else None,
                "last_run": mine["last_run"].max() if len(mine) else None,
                "reads": ", ".join(kind.tables) or "requests",
                "needs": ", ".join(kind.permissions) or None,
                "words": kind.words,
            }
        )
    return pd.DataFrame(rows)


def _known_formats() -> pd.DataFrame:
    known = reads.module("sql.requests").formats().values()
    described = pd.DataFrame([{"format": one.name, "label": one.label, "definition": one.definition} for one in known])
    return described.merge(ledger.formats(), on="format", how="left").sort_values(
        "lines", ascending=False, kind="stable"
    )
