"""What the ledger says of each source: when it was read, what came, what was rejected, what failed. And judgements kept."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st
from sqlmodel import desc, func, select, true

from data_sources import judgements, lakes, ledger, store
from pages.shared import reads
from sql import rejects

SHOWN_REJECTS = 500


@st.cache_resource
def _opened(home: str) -> Any:
    return store.open_store(home)


def the_store() -> Any:
    """The store of the home, opened once a server."""
    return _opened(str(reads.home()))


def everything(model: type) -> list[Any]:
    """Every judgement of one kind, undone ones too, the newest first."""
    with the_store().session() as session:
        return list(session.exec(select(model).order_by(desc(model.decided_at), desc(model.id))))


def judged(model: type, account: str) -> list[Any]:
    """The judgements of one kind about an account that were not undone, the newest first."""
    asked = select(model).where(model.account_id == account, model.undone_at.is_(None))
    with the_store().session() as session:
        return list(session.exec(asked.order_by(desc(model.decided_at), desc(model.id))))


def keep_unless_overtaken(judgement: Any, still: Callable[[], bool]) -> int | None:
    """Keep what a visitor decided where `still` says that what they saw holds; its number, or None where it was not kept.

    Nobody's word comes between the look and the keeping, whichever dashboard it is spoken in.
    """
    table = judgement.__tablename__
    while True:
        seen = {table: the_store().records_version(table)}
        if not still():
            return None
        try:
            return the_store().judge_all([judgement], seen)[0]
        except store.Overtaken:  # perhaps about something else: look once more
            continue


def identity_decisions() -> list[Any]:
    """Every decision about identity, undone ones too, the newest first."""
    return everything(judgements.IdentityDecision)


def tier_overrides() -> list[Any]:
    """Every word about an account's tier, undone ones too, the newest first."""
    return everything(judgements.TierOverride)


def typed(model: type) -> set[int]:
    """The numbers of the entries of one kind that were not undone."""
    with the_store().session() as session:
        return set(session.exec(select(model.id).where(model.undone_at.is_(None))))


def logs() -> pd.DataFrame:
    """A row a log source: files, lines, accepted, rejected, blank, read_at, last_event_at, error."""
    chunk, file = ledger.LogChunk, ledger.LogFile
    counted = select(
        chunk.source,
        func.sum(chunk.lines),
        func.sum(chunk.accepted),
        func.sum(chunk.rejected),
        func.sum(chunk.blank),
        func.max(chunk.read_at),
        func.max(chunk.last_at),
    ).group_by(chunk.source)
    files = select(file.source, func.count(), func.max(file.error)).group_by(file.source)
    names = ["source", "lines", "accepted", "rejected", "blank", "read_at", "last_event_at"]
    with the_store().session() as session:
        lines = pd.DataFrame([tuple(row) for row in session.exec(counted)], columns=names)
        seen = pd.DataFrame([tuple(row) for row in session.exec(files)], columns=["source", "files", "error"])
    return seen.merge(lines, on="source", how="outer")


def formats() -> pd.DataFrame:
    """A row a log format that was read: format, lines, accepted, rejected, read_at."""
    chunk = ledger.LogChunk
    sums = (func.sum(getattr(chunk, name)) for name in ("lines", "accepted", "rejected"))
    asked = select(chunk.format, *sums, func.max(chunk.read_at)).group_by(chunk.format)
    with the_store().session() as session:
        rows = [tuple(row) for row in session.exec(asked)]
    return pd.DataFrame(rows, columns=["format", "lines", "accepted", "rejected", "read_at"])


def streams() -> pd.DataFrame:
    """The last run of each stream: source, stream, started_at, status, records, changed, rejected, error."""
    run = ledger.StreamRun
    newest = select(func.max(run.id)).group_by(run.source, run.stream)
    columns = ["source", "stream", "started_at", "finished_at", "status", "records", "changed", "rejected", "error"]
    with the_store().session() as session:
        rows = session.exec(select(run).where(run.id.in_(newest)).order_by(run.source, run.stream))
        return pd.DataFrame([[getattr(row, c) for c in columns] for row in rows], columns=columns)


def rejected(source: str | None = None) -> tuple[int, pd.DataFrame]:
    """How many records and rows did not fit, of one source or of all, and the latest of them with the reason."""
    one = ledger.RejectedRecord
    columns = ["source", "stream", "record_id", "file", "line_no", "reason", "text", "rejected_at"]
    mine = one.source == source if source else true()
    with the_store().session() as session:
        total = session.exec(select(func.count(one.id)).where(mine)).one()
        rows = session.exec(select(one).where(mine).order_by(desc(one.id)).limit(SHOWN_REJECTS))
        frame = pd.DataFrame([[getattr(row, c) for c in columns] for row in rows], columns=columns)
    return total, frame.assign(file=[Path(f).name if f else None for f in frame["file"]])


def rejected_lines(source: str | None = None) -> tuple[int, Any]:
    """How many log lines were rejected, of one source or of all, and the latest of them: a `sql.rejects.Rejects`. Raises
    LakeError where they lie in a bucket that does not answer, ProgramError where its key is not there."""
    named = rejects.files(the_store(), source)
    return sum(file.lines for file in named), _rejected_lines(str(reads.home()), _bucket(), named)


def _bucket() -> str | None:
    """Where the lake is, if not in the home."""
    setup = reads.the_program()
    return setup.lake.path if setup and setup.lake else None


@st.cache_data(max_entries=16, show_spinner="Reading the rejected lines")
def _rejected_lines(home: str, bucket: str | None, named: tuple) -> Any:
    with closing(lakes.open_lake(home, reads.the_program(), is_quick=True)) as lake:
        return rejects.read(lake, named)


def runs(limit: int = 10) -> pd.DataFrame:
    """The latest runs: started_at, finished_at, kind, status, message."""
    run = ledger.Run
    columns = ["started_at", "finished_at", "kind", "status", "message"]
    with the_store().session() as session:
        rows = session.exec(select(run).order_by(desc(run.started_at)).limit(limit))
        return pd.DataFrame([[getattr(row, c) for c in columns] for row in rows], columns=columns)
