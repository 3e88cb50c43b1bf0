"""The parts of the Sources page below its list: what could not be read, the streams, and the checks of the last build."""

import pandas as pd
import streamlit as st

from pages.shared import ledger, reads, tables, words
from pages.shared.states import empty

MOMENT = "D MMM YYYY HH:mm"


def lines(source: str | None) -> None:
    """The rejected log lines: how often each reason, and below it the lines themselves, the newest first."""
    total, found = ledger.rejected_lines(source)
    if not total:
        empty("No log line was rejected.")
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
