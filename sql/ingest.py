"""Log files → request events in the lake, rejected lines beside them, and a ledger row a chunk.

A chunk's files are written aside, moved into the lake, and only then named in the ledger; readers read what the ledger
names. A run that is killed anywhere leaves files that nobody reads, and the next run writes them again under the same names.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from data_sources import files, plain
from data_sources.ledger import LogChunk, LogFile
from data_sources.program import LogSource, Program
from data_sources.program import now as clock
from data_sources.store import Store, salt
from sql.engines import duckdb as default_engine
from sql.looks import looks_like
from sql.requests import EVENT_COLUMNS, Format, FormatError, by_name
from sql.requests.read import SAMPLE_BYTES, Counts, MiscountError, Reader, recognise

MEMORY_LIMIT = "700MB"
INBOX = "inbox"
SHEETS = (".csv", ".csv.gz", ".parquet", ".tsv")
EXPECTED = (OSError, plain.UnreadableError, FormatError, files.AlreadyReadError, MiscountError, default_engine.Error)
Progress = Callable[[str, str, int | None, int | None], None]


@dataclass(frozen=True)
class FileError:
    """Why a file could not be read, or not to its end. `line_no` is the first line that was not read, where that is known."""

    source: str
    path: str
    line_no: int | None
    reason: str

    def __str__(self) -> str:
        where = f", line {self.line_no:,}" if self.line_no else ""
        return f"{self.path}{where}: {self.reason}"


@dataclass
class IngestSummary:
    """What one ingest read: accepted + rejected + blank = lines. `days` are the UTC days that got new events."""

    files: int = 0
    chunks: int = 0
    lines: int = 0
    accepted: int = 0
    rejected: int = 0
    blank: int = 0
    days: set[str] = field(default_factory=set)
    errors: list[FileError] = field(default_factory=list)

    def add(self, chunk: LogChunk) -> None:
        """Count a chunk that was stored."""
        self.chunks += 1
        for name in ("lines", "accepted", "rejected", "blank"):
            setattr(self, name, getattr(self, name) + getattr(chunk, name))
        self.days.update(chunk.days or ())


def ingest(
    store: Store, program: Program, engine: Any = None, now: datetime | None = None, progress: Progress | None = None
) -> IngestSummary:
    """Read every new line of the program's log sources and of the logs in the inbox.

    `engine` is a module of `sql.engines` (DuckDB by default); `now` is naive UTC. A file that cannot be read is an error
    in the summary, and the others go on.
    """
    moment = now or clock()
    summary = IngestSummary()
    lake = Path(store.home) / "lake"
    aside = lake / ".writing" / f"ingest-{os.getpid()}"
    connection = (engine or default_engine).connect(memory_limit=MEMORY_LIMIT)
    try:
        aside.mkdir(parents=True, exist_ok=True)
        connection.execute("set temp_directory = ?", [str(aside / "spill")])
        connection.execute("set variable salt = ?", [salt(store.home).hex()])
        work = _Ingest(store, connection, lake, aside, moment, summary)
        jobs = list(_jobs(store.home, program))
        for number, (source, path) in enumerate(jobs):
            if progress:
                progress("ingest", f"reading {source.name}: {path.name}", number, len(jobs))
            work.file(source, path)
        if progress:
            progress("ingest", f"read {summary.lines:,} new lines of {summary.files:,} files", len(jobs), len(jobs))
    finally:
        connection.close()
        shutil.rmtree(aside, ignore_errors=True)
    return summary


def _jobs(home: Path, program: Program) -> Iterator[tuple[LogSource, Path]]:
    """Every log file of the program's sources, then those of the inbox; sheets in the inbox are read elsewhere."""
    for source in program.sources:
        if source.kind == "logs":
            for path in files.find(Path(home), source.paths):
                yield source, path
    inbox = LogSource(name=INBOX, kind="logs", paths=["inbox/**/*"])
    for path in files.find(Path(home), inbox.paths):
        if not path.name.lower().endswith(SHEETS):
            yield inbox, path


class _Ingest:
    """One run over all files, with what they share."""

    def __init__(
        self, store: Store, connection: Any, lake: Path, aside: Path, now: datetime, summary: IngestSummary
    ) -> None:
        self.store, self.connection, self.lake, self.aside, self.now = store, connection, lake, aside, now
        self.summary = summary
        self.reader = Reader(connection)
        self.shelves: dict[str, files.Shelf] = {}

    def file(self, source: LogSource, path: Path) -> None:
        """Read what is new in one file; whatever goes wrong with it is an error in the summary."""
        shelf = self.shelves.get(source.name)
        if shelf is None:
            shelf = self.shelves[source.name] = files.Shelf(self.store, source.name)
        line_no: int | None = None
        try:
            if shelf.is_unchanged(path):
                return
            stat = path.stat()
            head = plain.head(path, files.HEAD_BYTES)
            if not head.content or not (_is_complete(source, head) or plain.has_newline(head)):
                return
            log = shelf.place(path, head, self.now)
            line_no = log.lines_read + 1
            form = self._format(source, log, path)
            if form is None:
                self._error(
                    source, path, None, f"no log format reads it; it looks like {looks_like(path.name, head.content)}"
                )
                return
            log.format = form.name
            self.summary.files += 1
            error = self._read(shelf, source, form, log, path, head)
            shelf.finish(log, stat, error, self.now)
            if error:
                self._error(source, path, log.lines_read + 1, error)
        except EXPECTED as error:
            reason = error.strerror or str(error) if isinstance(error, OSError) else str(error)
            self._error(source, path, line_no, reason)

    def _error(self, source: LogSource, path: Path, line_no: int | None, reason: str) -> None:
        self.summary.errors.append(FileError(source.name, str(path), line_no, reason))

    def _format(self, source: LogSource, log: LogFile, path: Path) -> Format | None:
        if source.format != "auto":
            return by_name(source.format)
        if log.format:
            return by_name(log.format)
        return recognise(self.connection, plain.text_of(plain.head(path, SAMPLE_BYTES)))

    def _read(
        self, shelf: files.Shelf, source: LogSource, form: Format, log: LogFile, path: Path, head: plain.Head
    ) -> str | None:
        """Read the new chunks of a file, one being read while the next is laid ready. Returns why it ended early."""
        upcoming = files.chunks(log, path, head, self.aside, _is_complete(source, head))
        with ThreadPoolExecutor(1) as ahead:
            following = ahead.submit(next, upcoming, None)
            while True:
                try:
                    chunk = following.result()
                except plain.UnreadableError as error:
                    return str(error)
                if chunk is None:
                    return None
                following = ahead.submit(next, upcoming, None)
                try:
                    self._chunk(shelf, source, form, chunk, path, head)
                except BaseException:
                    following.cancel()
                    raise
                finally:
                    chunk.discard()

    def _chunk(
        self, shelf: files.Shelf, source: LogSource, form: Format, chunk: files.Chunk, path: Path, head: plain.Head
    ) -> None:
        """Turn one chunk into events, move its files into the lake, name it in the ledger."""
        counts = None
        try:
            counts = self.reader.read(form, chunk.text_path, chunk.lines, chunk.first_line_no)
        except MiscountError:
            if chunk.is_settled():
                raise
        if counts is None or not chunk.is_settled():
            copies = files.spooled(chunk.log, path, head, self.aside, False, chunk.end)
            chunk = next(copies)
            copies.close()
            counts = self.reader.read(form, chunk.text_path, chunk.lines, chunk.first_line_no)
            chunk.discard()
        row = self._write(source, form, chunk, counts)
        shelf.record(chunk.log, row, chunk.lines, self.now)
        self.summary.add(row)

    def _is_at_home(self, chunk: files.Chunk) -> bool:
        return Path(chunk.log.path).resolve().is_relative_to(Path(self.store.home).resolve())

    def _write(self, source: LogSource, form: Format, chunk: files.Chunk, counts: Counts) -> LogChunk:
        folder = self.aside / chunk.id
        folder.mkdir(parents=True, exist_ok=True)
        days = write_events(self.connection, source, chunk.id, folder)
        shown = os.path.relpath(chunk.log.path, self.store.home) if self._is_at_home(chunk) else chunk.log.path
        rejected = write_rejects(self.connection, source, chunk.id, shown, folder) if counts.rejected else None
        named = []
        for day in days:
            name = f"requests/day={day}/{chunk.id}.parquet"
            _move(folder / f"{day}.parquet", self.lake / name)
            named.append(name)
        rejected_name = None
        if rejected:
            rejected_name = f"rejected/{chunk.id}.parquet"
            _move(rejected, self.lake / rejected_name)
        shutil.rmtree(folder)
        return LogChunk(
            id=chunk.id, file_id=chunk.log.id, source=source.name, path=shown, format=form.name,
            start_offset=chunk.start, end_offset=chunk.end, first_line_no=chunk.first_line_no,
            lines=counts.lines, accepted=counts.accepted, rejected=counts.rejected, blank=counts.blank,
            days=days, files=named, rejected_file=rejected_name,
            first_at=counts.first_at, last_at=counts.last_at, read_at=self.now,
        )  # fmt: skip


def _is_complete(source: LogSource, head: plain.Head) -> bool:
    """Whether nothing will be added to a file: rotation compressed it, or somebody dropped it into the inbox."""
    return head.compression is not None or source.name == INBOX


def write_events(connection: Any, source: LogSource, chunk_id: str, folder: Path) -> list[str]:
    """Write the view `event`, hashed, as one Parquet file a UTC day into `folder`; returns the days ("2026-11-24")."""
    counted = connection.execute(
        "select utc_day(occurred_at) as day, count(*) from event where problem is null group by 1 order by 1"
    ).fetchall()
    connection.execute(
        "create or replace temp table hashed as select client_ip as plain, keyed_hash(client_ip) as hash "
        "from event where problem is null and client_ip is not null group by client_ip"
    )
    values = {"source": source.name, "surface": source.surface, "environment": source.environment}
    constants = {name: _literal(value) for name, value in values.items()}
    overrides = {
        **{name: f"cast({value} as varchar)" for name, value in constants.items()},
        "service": _literal(source.service) if source.service else "event.service",
        "end_user_ref": "keyed_hash(event.end_user_ref)",
        "client_ip": "hashed.hash",
        "line_no": "event.line_no",
    }
    columns = ", ".join(f"{overrides.get(name, f'event.{name}')} as {name}" for name in EVENT_COLUMNS)
    for day, _ in counted:
        only = f" and event.occurred_at >= timestamp '{day}' and event.occurred_at < timestamp '{day}' + interval 1 day"
        connection.execute(
            f"copy (select {columns}, {_literal(chunk_id)} as chunk_id from event left join hashed "
            f"on hashed.plain = event.client_ip where event.problem is null{only if len(counted) > 1 else ''}) "
            f"to {_literal(str(folder / f'{day}.parquet'))} (format parquet, compression zstd, compression_level 1)"
        )
    return [day for day, _ in counted]


def write_rejects(connection: Any, source: LogSource, chunk_id: str, path: str, folder: Path) -> Path:
    """Write the lines of the view `event` that are none, with reasons, secrets and addresses removed."""
    target = folder / "rejected.parquet"
    connection.execute(
        f"copy (select {_literal(source.name)} as source, {_literal(path)} as file, line_no, "
        "without_addresses(redacted(problem)) as reason, without_addresses(redacted(line)) as text, "
        f"{_literal(chunk_id)} as chunk_id "
        "from event where problem is not null and problem <> 'blank' order by line_no) "
        f"to {_literal(str(target))} (format parquet, compression zstd)"
    )
    return target


def _move(made: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    os.replace(made, target)


def _literal(value: str | None) -> str:
    return "null" if value is None else default_engine.quoted(value)
