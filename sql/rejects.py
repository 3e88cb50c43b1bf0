"""The log lines that were rejected, the newest first: from the lake's files that the ledger names, and no others."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlmodel import desc, func, select

from data_sources.lakes import Lake
from data_sources.ledger import LogChunk
from data_sources.store import Store
from sql.engines import duckdb as engine

if TYPE_CHECKING:
    import pandas as pd

SHOWN = 500
SHOWN_REASONS = 50
SHOWN_TEXT = 400
COUNTED_FILES = 1_000
COUNTED_LINES = 1_000_000
MEMORY_LIMIT = "500MB"


@dataclass(frozen=True)
class RejectFile:
    """A file of rejected lines in the lake: never changed once it is there, so what is read of it may be kept."""

    name: str
    lines: int
    read_at: datetime


@dataclass(frozen=True)
class Rejects:
    """What was read of such files.

    `lines`: source, file, line_no, reason, text, read_at; the newest, cut to a length. `reasons`: reason, lines;
    `counted` says over how many lines they were counted.
    """

    lines: "pd.DataFrame"
    reasons: "pd.DataFrame"
    counted: int


def files(store: Store, source: str | None = None) -> tuple[RejectFile, ...]:
    """The files of rejected lines that the ledger names, those that were read last first; of one source, or of all."""
    read_at, path, start = (func.max(column) for column in (LogChunk.read_at, LogChunk.path, LogChunk.start_offset))
    asked = select(LogChunk.rejected_file, func.sum(LogChunk.rejected), read_at).where(
        LogChunk.rejected_file.is_not(None)
    )
    if source:
        asked = asked.where(LogChunk.source == source)
    asked = asked.group_by(LogChunk.rejected_file, LogChunk.source)
    asked = asked.order_by(desc(read_at), LogChunk.source, desc(path), desc(start))
    with store.session() as session:
        return tuple(RejectFile(*row) for row in session.exec(asked))


def read(lake: Lake, named: tuple[RejectFile, ...], shown: int = SHOWN) -> Rejects:
    """The newest rejected lines of such files, and how often each reason is among them, within bounds.

    At most the first thousand files are opened, and none after a million lines; one that is gone is left out.
    """
    named_of = {file.name: file for file in named}
    con = engine.connect(memory_limit=MEMORY_LIMIT)
    try:
        while True:
            with lake.lent_if_there(_bounded(named)) as there:
                try:
                    return _read(con, {str(path): named_of[name] for name, path in there.items()}, shown)
                except engine.Error:
                    # a refresh or compact may have removed one since
                    if all(path.exists() for path in there.values()):
                        raise
    finally:
        con.close()


def _read(con: engine.Connection, there: dict[str, RejectFile], shown: int) -> Rejects:
    if not there:
        return Rejects(con.execute(_NO_LINES).df(), con.execute(_NO_REASONS).df(), 0)
    paths = list(there)
    reasons = con.execute(_REASONS, {"files": paths, "shown": SHOWN_REASONS}).df()
    values = {"files": paths, "read": [file.read_at for file in there.values()], "shown": shown}
    lines = con.execute(_LINES, {**values, "length": SHOWN_TEXT}).df()
    return Rejects(lines, reasons, sum(file.lines for file in there.values()))


def _bounded(named: tuple[RejectFile, ...]) -> list[str]:
    bounded = []
    counted = 0
    for file in named[:COUNTED_FILES]:
        if counted >= COUNTED_LINES:
            break
        bounded.append(file.name)
        counted += file.lines
    return bounded


_LINES = """
with opened as (
    select unnest($files) as filename, unnest($read) as read_at, unnest(range(len($files))) as position
)

select
    line.source, line.file, line.line_no, line.reason,
    case when length(line.text) > $length then left(line.text, $length - 1) || '…' else line.text end as text,
    opened.read_at
from read_parquet($files, filename = true) as line
join opened on opened.filename = line.filename
order by opened.position, line.file desc, line.line_no desc
limit $shown
"""

_REASONS = """
select reason, count(*) as lines
from read_parquet($files)
group by reason
order by lines desc, reason
limit $shown
"""

_NO_LINES = """
select
    cast(null as varchar) as source, cast(null as varchar) as file, cast(null as bigint) as line_no,
    cast(null as varchar) as reason, cast(null as varchar) as text, cast(null as timestamp) as read_at
where false
"""

_NO_REASONS = "select cast(null as varchar) as reason, cast(null as bigint) as lines where false"
