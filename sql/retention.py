"""Drops request events older than `retention_days`, and lines that were rejected that long ago. Counts are kept for good.

Days are dropped only once they are counted, and with them their months are closed: each keeps the one count that it has.
First the ledger lets go of the files, then they are removed; a run that was killed between leaves files that nobody reads,
and the next one removes them.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import select

from data_sources.lakes import Lake
from data_sources.ledger import LogChunk
from data_sources.store import Store
from sql.count import Partition, Progress, delete_superseded, partitions
from sql.lake import DayEvents, Removed, day_of, remove_unnamed, rename, request_days

UNSETTLED = timedelta(days=7)


@dataclass(frozen=True)
class Dropped:
    """What was let go: `days` ("2025-10-24"), ordered, of which events were dropped, and the files that were removed."""

    days: tuple[str, ...] = ()
    removed: Removed = field(default_factory=Removed)

    def __str__(self) -> str:
        files = f"{self.removed.files:,} files, {self.removed.bytes / 1e6:,.1f} MB"
        if not self.days:
            return f"dropped files that are not needed any more ({files})"
        span = self.days[0] if len(self.days) == 1 else f"{len(self.days):,} days, {self.days[0]} to {self.days[-1]}"
        return f"dropped the request events of {span} ({files}); their counts stay"


def drop(
    lake: Lake,
    store: Store,
    retention_days: int,
    moment: datetime,
    has_errors: bool = False,
    progress: Progress = lambda *_: None,
) -> Dropped:
    """Drop what is older than `retention_days` before `moment` (naive UTC). Only for who holds the home's lock.

    Where a log could not be read (`has_errors`), days of which lines came within a week before `moment` wait: more may come.
    """
    since = moment - timedelta(days=retention_days)
    first_kept = since.date().isoformat()
    days = request_days(store)
    old = {day for day, events in days.items() if day < first_kept and events.files}
    if has_errors and old:
        old -= _days_read_since(store, moment - UNSETTLED)
    if old:
        progress("drop", f"dropping the request events of {len(old):,} days before {first_kept}", None, None)
        old = _close(lake, days, old)
    rename(store, _without(store, old, since))
    return Dropped(tuple(sorted(old)), remove_unnamed(store, lake, first_kept))


def _close(lake: Lake, days: dict[str, DayEvents], old: set[str]) -> set[str]:
    """See to it that these days and their months have one count each, and return those of them that are counted."""
    months = {day[:7] for day in old}
    closing = [p for p in partitions(days) if not p.is_closed and (p.key in old or p.key in months)]
    there = lake.stored({p.folder: None for p in closing})
    uncounted = {p.key for p in closing if p.path not in there}
    counted = {day for day in old if not {day, day[:7]} & uncounted}
    kept = [partition for partition in closing if _is_of(partition, counted)]
    delete_superseded(lake, kept, there)
    lake.secure(partition.path for partition in kept)  # what they were counted from is gone soon
    return counted


def _is_of(partition: Partition, days: set[str]) -> bool:
    return any(day.startswith(partition.key) for day in days)


def _days_read_since(store: Store, moment: datetime) -> set[str]:
    with store.session() as session:
        found = session.exec(select(LogChunk.days).where(LogChunk.read_at >= moment))
        return {day for days in found for day in days or ()}


def _without(store: Store, old: set[str], since: datetime) -> list[dict[str, Any]]:
    """The chunks that hold something old, as they are without it."""
    changed = []
    with store.session() as session:
        asked = select(LogChunk.id, LogChunk.files, LogChunk.rejected_file, LogChunk.read_at)
        if not old:
            asked = asked.where(LogChunk.rejected_file.is_not(None), LogChunk.read_at < since)
        for chunk_id, files, rejected, read_at in session.exec(asked):
            kept = [file for file in files or () if day_of(file) not in old]
            kept_rejected = rejected if read_at >= since else None
            if (kept, kept_rejected) != (files or [], rejected):
                changed.append({"id": chunk_id, "files": kept, "rejected_file": kept_rejected})
    return changed
