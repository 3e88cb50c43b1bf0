"""The request events and rejected lines of the lake as the ledger names them, and the files there that it names no more.

What a chunk brought of a day is a part, known for good by the name that its file was written under; where its rows lie now is
another matter. So a day's counts stay valid when its files are merged. A day of which a part was dropped is closed: its
events cannot be counted again, and no further ones come in.
"""

from dataclasses import dataclass, field
from typing import Any

from sqlmodel import bindparam, func, select, update

from data_sources.lakes import REJECTED, REQUESTS, Lake
from data_sources.ledger import LogChunk
from data_sources.store import Store


@dataclass
class DayEvents:
    """The request events of one UTC day: the names of its `parts`, ordered, and the `files` that hold them, relative to the lake."""

    parts: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    is_closed: bool = False


@dataclass(frozen=True)
class Removed:
    """How many files were removed from the lake, and how many bytes they had."""

    files: int = 0
    bytes: int = 0


def day_of(file: str) -> str:
    """The UTC day ("2026-11-24") of a request file, by its folder."""
    return next(part[4:] for part in file.split("/") if part.startswith("day="))


def part_name(day: str, chunk_id: str) -> str:
    """What the file of a chunk's events of a day is called when it is written; relative to the lake."""
    return f"{REQUESTS}/day={day}/{chunk_id}.parquet"


def request_days(store: Store) -> dict[str, DayEvents]:
    """The request events that the ledger knows of, by UTC day, ordered."""
    found: dict[str, DayEvents] = {}
    with store.session() as session:
        for chunk_id, days, files in session.exec(select(LogChunk.id, LogChunk.days, LogChunk.files)):
            lies_in = {day_of(file): file for file in files or ()}
            for day in days or ():
                events = found.setdefault(day, DayEvents())
                events.parts.append(part_name(day, chunk_id))
                if day in lies_in:
                    events.files.append(lies_in[day])
                else:
                    events.is_closed = True
    for events in found.values():
        events.parts.sort()
        events.files = sorted(set(events.files))
    return dict(sorted(found.items()))


def closed_days(store: Store) -> frozenset[str]:
    """The UTC days of which a part was dropped. The database picks the chunks that lost a file, so that the others are not read here."""
    lost_one = func.coalesce(func.json_array_length(LogChunk.files), 0) < func.json_array_length(LogChunk.days)
    with store.session() as session:
        found = session.exec(select(LogChunk.days, LogChunk.files).where(lost_one))
        return frozenset(day for days, files in found for day in {*days} - {day_of(file) for file in files or ()})


def rename(store: Store, changed: list[dict[str, Any]]) -> None:
    """Say in the ledger, in one transaction that outlives a power cut, where chunks' rows lie: `id`, `files`, `rejected_file`."""
    if not changed:
        return
    table = LogChunk.__table__
    values = {"files": bindparam("new_files"), "rejected_file": bindparam("new_rejected_file")}
    rows = [
        {"chunk": row["id"], "new_files": row["files"], "new_rejected_file": row["rejected_file"]} for row in changed
    ]
    with store.durable() as connection:
        connection.execute(update(table).where(table.c.id == bindparam("chunk")).values(**values), rows)


def remove_unnamed(store: Store, lake: Lake, before: str | None = None) -> Removed:
    """Remove the files of rejected lines and of events, all or those of days before one, that the ledger does not name.

    Only for who holds the home's lock: what a chunk that is being read has written is not named yet.
    """
    days = [name for name in lake.folders(REQUESTS) if name.startswith("day=")]
    folders = [f"{REQUESTS}/{name}" for name in days if before is None or name[4:] < before]
    there, of_rejects = lake.stored(folders), lake.stored([REJECTED])
    named: set[str] = set()
    with store.session() as session:
        if there:
            named.update(file for files in session.exec(select(LogChunk.files)) for file in files or ())
        if of_rejects:
            named.update(session.exec(select(LogChunk.rejected_file).where(LogChunk.rejected_file.is_not(None))))
    unnamed = {name: file.bytes for name, file in (there | of_rejects).items() if name not in named}
    lake.remove(unnamed)
    lake.tidy(folders)
    return Removed(len(unnamed), sum(unnamed.values()))
