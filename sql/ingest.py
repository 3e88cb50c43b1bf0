"""Log files → request events in the lake, rejected lines beside them, and a ledger row a chunk.

A chunk's files are written aside, moved into the lake, and only then named in the ledger; readers read what the ledger
names. A run that is killed anywhere leaves files that nobody reads, and the next run writes them again under the same names.
Chunks are read side by side, one thread each, and stored in their order.
"""

import fcntl
import os
import shutil
import threading
import uuid
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from data_sources import files, plain, remote
from data_sources.kinds import LogSource
from data_sources.lakes import REJECTED, Lake, LakeError, open_lake, writing
from data_sources.ledger import LogChunk, LogFile
from data_sources.places import Places
from data_sources.program import Program
from data_sources.program import now as clock
from data_sources.store import Store, salt
from sql.engines import duckdb as default_engine
from sql.engines.readers import Lines, at_once, open_lines
from sql.lake import closed_days, part_name
from sql.looks import CUT_JSON, line_shape, looks_like
from sql.requests import Format, FormatError, by_name, formats
from sql.requests.columns import named_columns
from sql.requests.read import SAMPLE_BYTES, MiscountError, Quick, Reader, recognise
from sql.requests.write import columns_with_address, count_events, lake_columns, write_events, write_rejects

WORKERS = min(os.cpu_count() or 1, 4)
MEMORY_LIMIT = "400MB"  # of one worker
INBOX = "inbox"
FIRST_LOOK_BYTES = 16 << 10
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
    """Read every new line of the program's log sources, local and remote, and of the logs in the inbox.

    `engine` is a module of `sql.engines` (DuckDB by default); `now` is naive UTC. A file that cannot be read is an error
    in the summary, and the others go on. Raises ProgramError where the program's database of countries cannot be used,
    LakeError where its bucket cannot.
    """
    lake = open_lake(store.home, program)
    with _alone(lake):
        run = _Ingest(store, lake, engine or default_engine, now or clock(), Places(program), program)
        return _ingest(store, program, run, progress)


def _ingest(store: Store, program: Program, run: "_Ingest", progress: Progress | None) -> IngestSummary:
    try:
        jobs = list(_jobs(store.home, program))
        for number, (source, path) in enumerate(jobs):
            if progress:
                progress("ingest", f"reading {source.name}: {path.name}", number, len(jobs))
            run.file(source, path)
        for source in program.sources:
            if source.kind == "logs" and any(map(remote.is_remote, source.paths)):
                run.fetch(program, source, progress)
        run.store_until(0)
        if progress:
            read = f"read {run.summary.lines:,} new lines of {run.summary.files:,} files"
            progress("ingest", read, len(jobs), len(jobs))
    finally:
        run.close()
    return run.summary


@contextmanager
def _alone(lake: Lake) -> Iterator[None]:
    """One ingest a home at a time; a second waits. What a killed one left behind is removed."""
    room = writing(lake)
    room.mkdir(parents=True, exist_ok=True)
    with (room / "ingest.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        lake.clear(_runs(lake))
        yield


def _runs(lake: Lake) -> Path:
    """The folder of what runs lay aside, a folder each: an engine of its own may still be writing for one that was killed."""
    return writing(lake) / "ingest"


def _jobs(home: Path, program: Program) -> Iterator[tuple[LogSource, Path]]:
    """Every log file of the program's sources, then those of the inbox; sheets of records in the inbox are read elsewhere."""
    for source in program.sources:
        if source.kind == "logs":
            for path in files.find(Path(home), [path for path in source.paths if not remote.is_remote(path)]):
                yield source, path
    inbox = LogSource(name=INBOX, kind="logs", paths=["inbox/**/*"])
    for path in files.find(Path(home), inbox.paths):
        if not path.name.lower().endswith(SHEETS) or _begins_like_a_log(path):
            yield inbox, path


def _begins_like_a_log(path: Path) -> bool:
    """Whether a sheet is a log by its header or, where it has none, by its first cells. One that cannot be opened is not."""
    try:
        beginning = plain.text_of(plain.head(path, FIRST_LOOK_BYTES))
    except (OSError, plain.UnreadableError):
        return False
    return any(form.sheet and form.sign.search(beginning) and form.fits(beginning) for form in formats().values())


def _is_complete(source: LogSource, head: plain.Head, fetched: remote.Fetched | None) -> bool:
    """Whether nothing will be added to a file: rotation compressed it, somebody dropped it into the inbox, or it was fetched."""
    return head.compression is not None or source.name == INBOX or fetched is not None


def _holds_nothing(head: plain.Head, is_fetched: bool) -> bool:
    """Whether a file is empty, or but a wrapping, such as the control message that comes before any log; or, fetched, blank."""
    if not (head.envelope or is_fetched):
        return not head.content
    return len(head.content) < files.HEAD_BYTES and not plain.text_of(head).strip()


@dataclass(frozen=True)
class _File:
    """A log file that is being read; `fetched` where it lies in the spool and belongs elsewhere. Events of `closed_days` are not kept."""

    source: LogSource
    form: Format
    log: LogFile
    path: Path
    head: plain.Head
    shelf: files.Shelf
    fetched: remote.Fetched | None
    closed_days: frozenset[str]

    @property
    def is_complete(self) -> bool:
        """Whether nothing will be added to it."""
        return _is_complete(self.source, self.head, self.fetched)

    def shown(self, home: Path) -> str:
        """Its path as the ledger and people see it, relative to the home where it is inside."""
        path = self.path.resolve()
        if self.fetched:
            return self.fetched.name
        return str(path.relative_to(home.resolve()) if path.is_relative_to(home.resolve()) else self.path)


class _Ingest:
    """One run over all files: what they share, and the chunks that are being read but not yet stored."""

    def __init__(self, store: Store, lake: Lake, engine: Any, now: datetime, places: Places, program: Program) -> None:
        self.store, self.lake, self.engine, self.now, self.places = store, lake, engine, now, places
        self.program = program
        self.home = Path(store.home)
        self.aside = _runs(lake) / uuid.uuid4().hex
        self.summary = IngestSummary()
        self.shelves: dict[str, files.Shelf] = {}
        self.at_end = ExitStack()
        self.looks_up = places.knows_countries or places.knows_networks
        self.at_once = at_once(program, WORKERS)
        self.workers = ThreadPoolExecutor(self.at_once, "ingest")
        self.of_thread = threading.local()
        self.connections: list[Any] = []
        self.pending: deque[tuple[LogFile, Future[Any] | None, Callable[[Any], None]]] = deque()
        self.failed: set[str] = set()
        self.likely: dict[str, Format] = {}
        self.alike: dict[tuple[str, str | None], Format] = {}

    def close(self) -> None:
        """Stop the workers and delete what was laid aside."""
        self.workers.shutdown(wait=True, cancel_futures=True)
        for connection in self.connections:
            connection.close()
        self.at_end.close()
        self.lake.clear(_runs(self.lake))

    def reader(self) -> Reader:
        """This thread's reader, on an engine of its own. Its settings are literals: bound values would import pandas, which takes a second."""
        if not hasattr(self.of_thread, "reader"):
            spill = self.aside / "spill" / str(threading.get_ident())
            spill.mkdir(parents=True, exist_ok=True)
            connection = self.engine.connect(memory_limit=MEMORY_LIMIT, threads=1)
            connection.execute(f"set temp_directory = {self.engine.quoted(str(spill))}")
            connection.execute("set preserve_insertion_order = false")
            # Nearly every line is an event. A filter that is pushed below a format's columns finds the time and the problem of each twice.
            connection.execute("set disabled_optimizers = 'filter_pushdown'")
            connection.execute(f"set variable salt = {self.engine.quoted(salt(self.home).hex())}")
            connection.execute(f"set variable now = timestamp '{self.now}'")
            if self.looks_up:
                self.engine.teach_places(connection, self.places.country, self.places.network)
            self.of_thread.reader = Reader(connection, self.lines)
            self.connections.append(connection)
        return self.of_thread.reader

    @cached_property
    def lines(self) -> Lines | None:
        """What reads lines in DuckDB's place."""
        lines = open_lines(self.program, self.lake, self.aside, salt(self.home).hex(), self.now)
        if lines:
            self.at_end.callback(lines.close)
        return lines

    @cached_property
    def closed_days(self) -> frozenset[str]:
        """The UTC days whose events were dropped: what comes of them now cannot be counted any more."""
        return closed_days(self.store)

    def shelf(self, source: LogSource) -> files.Shelf:
        """The log files of a source, as the ledger knows them."""
        if source.name not in self.shelves:
            self.shelves[source.name] = files.Shelf(self.store, source.name)
        return self.shelves[source.name]

    def fetch(self, program: Program, source: LogSource, progress: Progress | None) -> None:
        """Read what is new in a source's remote paths; what cannot be fetched is an error in the summary."""

        def failed(name: str, reason: str) -> None:
            self.summary.errors.append(FileError(source.name, name, None, reason))

        for fetched in remote.fetch(self.store, program, source, self.shelf(source), self.now, failed):
            if progress:
                progress("ingest", f"reading {source.name}: {fetched.name}", None, None)
            if not self.file(source, fetched.path, fetched) and fetched.can_come_again:
                fetched.path.unlink(missing_ok=True)

    def file(self, source: LogSource, path: Path, fetched: remote.Fetched | None = None) -> bool:
        """Read what is new in one file; False where nothing can be, and whatever goes wrong is an error in the summary."""
        shelf = self.shelf(source)
        named = (fetched.name, fetched.stamp) if fetched else ()
        shown = fetched.name if fetched else str(path)
        try:
            if not fetched and shelf.is_unchanged(path):
                return True
            stat = fetched.stamp if fetched else path.stat()
            head = plain.head(path, files.HEAD_BYTES)
            if fetched and _holds_nothing(head, True):
                shelf.finish(shelf.place(path, head, self.now, *named), stat, None, self.now)
                fetched.done()
                return True
            holds_a_line = plain.has_newline(head) or len(head.content) >= files.HEAD_BYTES
            if _holds_nothing(head, False) or not (_is_complete(source, head, fetched) or holds_a_line):
                return True
            log = shelf.place(path, head, self.now, *named)
            if any(log.id == other.id for other, _, _ in self.pending):
                self.store_until(0)
                log = shelf.place(path, head, self.now, *named)
            form = self._format(source, log, path, head, fetched is not None)
            if form is None:
                looks = looks_like(path.name, head.content)
                self._error(source, shown, None, f"no log format reads it; it looks like {looks}")
                return False
        except LakeError:
            raise
        except EXPECTED as error:
            self._error(source, shown, None, _reason(error))
            return False
        log.format = form.name
        self.summary.files += 1
        self._read(_File(source, form, log, path, head, shelf, fetched, self.closed_days), stat)
        return True

    def _format(self, source: LogSource, log: LogFile, path: Path, head: plain.Head, is_fetched: bool) -> Format | None:
        text = plain.text_of(head)
        if source.columns:
            return named_columns(source).for_file(text)
        if source.format != "auto":
            return by_name(source.format).for_file(text)
        if log.format in formats():
            return by_name(log.format).for_file(text)
        shape = line_shape(text)
        if (known := self.alike.get((source.name, shape))) and (fitting := known.fits(text)):
            return fitting
        likely = self.likely.get(source.name) or self._format_of_the_others(source)
        found = recognise(self.reader(), text[:FIRST_LOOK_BYTES], likely)
        found = found or recognise(self.reader(), plain.text_of(plain.head(path, SAMPLE_BYTES)))
        if found is None and (is_fetched or looks_like(path.name, head.content) == CUT_JSON):
            # A quiet day's log, or a small object among others, may hold nothing but a cut line.
            return likely
        if found and source.name != INBOX:
            self.likely[source.name] = found
        if found and shape:
            self.alike[source.name, shape] = found
        return found

    def _format_of_the_others(self, source: LogSource) -> Format | None:
        """The format that a source's logs have had so far, where it is one; the inbox's are of any."""
        names = {log.format for log in self.shelves[source.name].known if log.format and log.read_offset}
        if len(names) != 1 or source.name == INBOX:
            return None
        return formats().get(names.pop())

    def _read(self, file: _File, stat: os.stat_result) -> None:
        """Hand the new chunks of a file to the workers; they are stored, and the file is finished, in their order."""
        problem: str | None = None
        _ = self.lines  # opened here, once, and not in one of the workers
        try:
            for chunk in files.chunks(file.log, file.path, file.head, self.aside, file.is_complete):
                self.pending.append(
                    (file.log, self.workers.submit(self._chunk, file, chunk), lambda row: self._store(file, row))
                )
                self.store_until(self.at_once)
        except LakeError:
            raise
        except EXPECTED as error:
            problem = _reason(error)
        self.pending.append((file.log, None, lambda _: self._finish(file, stat, problem)))

    def store_until(self, left: int) -> None:
        """Store the chunks that were handed to the workers first, until `left` of them are still out."""
        while sum(future is not None for _, future, _ in self.pending) > left or (
            self.pending and not self.pending[0][1]
        ):
            log, future, act = self.pending[0]
            try:
                if log.id not in self.failed:
                    act(future.result() if future else None)
            except LakeError:  # it is no log's fault, and no other log can be kept: nothing more may be called read
                raise
            except EXPECTED as error:
                self.failed.add(log.id)
                self._error_of(log, log.lines_read + 1, _reason(error))
            finally:
                self.pending.popleft()

    def _store(self, file: _File, read: tuple[LogChunk, int]) -> None:
        row, physical_lines = read
        file.shelf.record(file.log, row, physical_lines, self.now)
        self.summary.add(row)

    def _finish(self, file: _File, stat: os.stat_result, problem: str | None) -> None:
        file.shelf.finish(file.log, stat, problem, self.now)
        if problem:
            shown = file.fetched.name if file.fetched else str(file.path)
            self._error(file.source, shown, file.log.lines_read + 1, problem)
        if file.fetched:
            file.fetched.done()

    def _error(self, source: LogSource, path: str, line_no: int | None, reason: str) -> None:
        self.summary.errors.append(FileError(source.name, path, line_no, reason))

    def _error_of(self, log: LogFile, line_no: int, reason: str) -> None:
        self.summary.errors.append(FileError(log.source, log.path, line_no, reason))

    def _chunk(self, file: _File, chunk: files.Chunk) -> tuple[LogChunk, int]:
        """In a worker: turn one chunk into files of the lake; returns its ledger row and its physical lines."""
        try:
            try:
                return self._lines(file, chunk), chunk.lines
            except MiscountError:
                if chunk.is_settled():
                    raise
            except _GrownError:
                pass
            # The log grew while it was read in place: read a copy that ends where the chunk ends.
            copy = next(files.spooled(chunk.log, file.path, file.head, self.aside, False, chunk.end))
            try:
                return self._lines(file, copy), copy.lines
            finally:
                copy.discard()
        finally:
            chunk.discard()

    def _lines(self, file: _File, chunk: files.Chunk) -> LogChunk:
        reader = self.reader()
        con = reader.con
        folder = self.aside / chunk.id
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        with_address = columns_with_address(file.source, chunk.id, file.form) if self.looks_up else None
        columns = lake_columns(file.source, chunk.id, self.places, file.form)
        quick = Quick(folder / "quick", columns, with_address)
        counts = reader.read(file.form, chunk, quick)
        if not chunk.is_settled():
            raise _GrownError
        made = {}
        written = write_events(con, quick, counts, folder)
        closed = [folder / f"{day}.parquet" for day in written if day in file.closed_days]
        too_late = count_events(con, closed)
        counts = replace(counts, accepted=counts.accepted - too_late, rejected=counts.rejected + too_late)
        days = [day for day in written if day not in file.closed_days]
        for day in days:
            made[part_name(day, chunk.id)] = folder / f"{day}.parquet"
        named = list(made)
        shown = file.shown(self.home)
        rejected = f"{REJECTED}/{chunk.id}.parquet" if counts.rejected else None
        if rejected:
            made[rejected] = write_rejects(con, file.source, chunk.id, shown, folder, closed)
        self.lake.put(made)
        shutil.rmtree(folder)
        return LogChunk(
            id=chunk.id, file_id=chunk.log.id, source=file.source.name, path=shown, format=file.form.name,
            start_offset=chunk.start, end_offset=chunk.end, first_line_no=chunk.first_line_no,
            lines=counts.lines, accepted=counts.accepted, rejected=counts.rejected, blank=counts.blank,
            days=days, files=named, rejected_file=rejected,
            first_at=counts.first_at, last_at=counts.last_at, read_at=self.now,
        )  # fmt: skip


class _GrownError(Exception):
    """A log that was read in place grew meanwhile."""


def _reason(error: BaseException) -> str:
    return error.strerror if isinstance(error, OSError) and error.strerror else str(error)
