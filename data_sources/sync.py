"""Fetch from every source into the record store: page by page, the cursor after the page, each source failing alone.

A run killed anywhere and run again ends with the same records: pages are upserts, a cursor is stored only after the data
that it covers, and a stream without one starts again. Unchanged records stay as they are, down to their `synced_at`.
"""

import importlib
import json
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import Any

from sqlalchemy import delete, update
from sqlmodel import select

from data_sources.failures import Patience, SourceError
from data_sources.ledger import Cursor, RejectedRecord, Run, StreamRun
from data_sources.program import Program, ProgramError
from data_sources.program import now as this_moment
from data_sources.records import Record
from data_sources.registry import connectors
from data_sources.store import Store
from data_sources.streams import Desk, Gone, Handed, Only, Page, Patch, Put, Rejected, Stream

PARALLEL = 6
DEMO = "demo:"
IDS_A_QUERY = 500
PATIENT = Patience()

Progress = Callable[[str, str, int], None]


@dataclass
class StreamResult:
    """What one stream brought: records handed over, how many of them changed something, and what went wrong."""

    stream: str
    records: int = 0
    changed: int = 0
    rejected: int = 0
    error: str | None = None
    note: str | None = None


@dataclass
class SourceResult:
    """What one source brought. `error` is set when it could not be opened at all."""

    source: str
    kind: str
    streams: list[StreamResult] = field(default_factory=list)
    error: str | None = None

    @property
    def ok(self) -> bool:
        """Whether everything that should be read was read."""
        return not self.error and not any(stream.error for stream in self.streams)

    @property
    def changed(self) -> int:
        """Records that differ from what was stored before."""
        return sum(stream.changed for stream in self.streams)

    @property
    def errors(self) -> list[str]:
        """Every error, each beginning with the source's name."""
        mine = [self.error] if self.error else []
        return [f"{self.source}: {text}" for text in mine] + [
            f"{self.source}, {stream.stream}: {stream.error}" for stream in self.streams if stream.error
        ]


def sync_all(
    store: Store,
    program: Program,
    now: datetime,
    progress: Progress | None = None,
    names: list[str] | None = None,
    patience: Patience = PATIENT,
) -> list[SourceResult]:
    """Read every source that is not log files (or those named) and return what each brought; never raises for a source.

    `now` is naive UTC; `progress(source, stream, records so far)` is called from several threads after every page;
    `patience` bounds what one request may take.
    """
    chosen = [s for s in program.sources if s.kind in connectors() and (names is None or s.name in names)]
    if not chosen:
        return []
    run = Run(id=uuid.uuid4().hex, kind="sync", started_at=now)
    with store.session() as session:
        session.add(run)
    with ExitStack() as stack:
        demo = demo_server(stack, program, chosen)
        lock = Lock()

        def one(source: Any) -> SourceResult:
            return _Sync(store, program, source, run.id, now, progress, lock, demo, patience).result()

        with ThreadPoolExecutor(min(PARALLEL, len(chosen)), "sync") as pool:
            results = list(pool.map(one, chosen))
    good = [result.ok for result in results]
    errors = [text for result in results for text in result.errors]
    with store.session() as session:
        ended = {"status": "ok" if all(good) else "partial" if any(good) else "failed", "finished_at": _clock(now)}
        session.exec(update(Run).where(Run.id == run.id).values(message="\n".join(errors) or None, **ended))
    return results


def _clock(now: datetime) -> datetime:
    """When a step ended: this moment in a live run; `now` where a test or a demo runs at another time."""
    moment = this_moment()
    return moment if abs((moment - now).total_seconds()) < 86_400 else now


@contextmanager
def opened(
    source: Any, program: Program, desk: Desk, demo: str | SourceError | None, **patience: Any
) -> Iterator[Desk]:
    """The source's desk with its session, its secret resolved and a `demo:` address turned into the demo server's."""
    connector = connectors()[source.kind]
    url = getattr(source, "url", None)
    if url and url.startswith(DEMO):
        if isinstance(demo, SourceError):
            raise demo
        url = f"{demo}{url.removeprefix(DEMO)}"
    reference = getattr(source, "token", None) or getattr(source, "key", None)
    try:
        secret = program.resolve(reference) if reference else ""
    except ProgramError as error:
        raise SourceError(str(error)) from None
    with connector.open(source, desk=desk, url=url, secret=secret, **patience) as ready:
        yield ready


def demo_server(stack: ExitStack, program: Program, sources: list[Any]) -> str | SourceError | None:
    """The address of the demo company's vendors, served for as long as the stack is open; None where none is asked for."""
    if not any(str(getattr(source, "url", "")).startswith(DEMO) for source in sources):
        return None
    try:
        server = importlib.import_module("data_sources.demo.server")
        return stack.enter_context(server.serve(program.home)).rstrip("/")
    except (ImportError, OSError) as error:
        return SourceError(f"the demo company cannot be served: {error}")


class _Sync:
    """One source's turn."""

    def __init__(
        self,
        store: Store,
        program: Program,
        source: Any,
        run: str,
        now: datetime,
        progress: Progress | None,
        lock: Lock,
        demo: str | SourceError | None,
        patience: Patience,
    ) -> None:
        self.store, self.program, self.source, self.run, self.now = store, program, source, run, now
        self.progress, self.lock, self.demo, self.patience = progress or (lambda *_: None), lock, demo, patience
        self.name = source.name
        self.redact: Callable[[str], str] = str

    def result(self) -> SourceResult:
        found = SourceResult(self.name, self.source.kind)
        desk = desk_of(self.store, self.program, self.source, self.now)
        try:
            with opened(self.source, self.program, desk, self.demo, patience=self.patience):
                if desk.http:
                    self.redact = desk.http.redact
                for stream in connectors()[self.source.kind].streams(self.source):
                    failed = {one.stream for one in found.streams if one.error}
                    found.streams.append(self._stream(stream, desk, failed))
        except SourceError as error:
            found.error = self.redact(str(error))
            self._log_failure(found.error)
        return found

    def _log_failure(self, error: str) -> None:
        with self.lock, self.store.session() as session:
            session.add(
                StreamRun(
                    run_id=self.run,
                    source=self.name,
                    stream="",
                    started_at=self.now,
                    finished_at=_clock(self.now),
                    status="failed",
                    error=error,
                )
            )

    def _stream(self, stream: Stream, desk: Desk, failed: set[str]) -> StreamResult:
        result = StreamResult(stream.name)
        row = StreamRun(run_id=self.run, source=self.name, stream=stream.name, started_at=self.now)
        with self.lock, self.store.session() as session:
            session.add(row)
        waiting = sorted(failed.intersection(stream.needs))
        try:
            if waiting:
                raise SourceError(f"not read, because {', '.join(waiting)} failed")
            self._read(stream, desk, result)
        except stream.without_on as error:
            if stream.without:
                result.note = stream.without
            else:
                result.error = self.redact(str(error))
        except SourceError as error:
            result.error = self.redact(str(error))
        except Exception as error:  # noqa: BLE001 - a fault of ours in one source must not stop the others
            result.error = self.redact(f"unexpected {type(error).__name__}: {error}"[:500])
        ended = {
            "finished_at": _clock(self.now),
            "status": "failed" if result.error else "ok",
            "records": result.records,
            "changed": result.changed,
            "rejected": result.rejected,
            "error": result.error or result.note,
        }
        with self.lock, self.store.session() as session:
            session.exec(update(StreamRun).where(StreamRun.id == row.id).values(**ended))
        return result

    def _read(self, stream: Stream, desk: Desk, result: StreamResult) -> None:
        rejects = _Rejects(self.store, self.name, stream.name, self.run, self.now)
        listed: dict[type[Record], set[str]] = {model: set() for model in stream.tables}
        for page in stream.read(desk, desk.cursors.get(stream.name)):
            with self.lock:
                self._page(stream, desk, page, listed, rejects, result)
            self.progress(self.name, stream.name, result.records)

    def _page(
        self,
        stream: Stream,
        desk: Desk,
        page: Page,
        listed: dict[type[Record], set[str]],
        rejects: "_Rejects",
        result: StreamResult,
    ) -> None:
        for one in page.handed:
            if isinstance(one, Put):
                result.records += 1
                listed.setdefault(one.model, set()).add(one.row["id"])
            elif isinstance(one, Patch):
                listed.setdefault(one.model, set()).add(one.id)
            elif isinstance(one, Rejected):
                result.rejected += 1
                for ids in listed.values():
                    ids.update((one.id,) if one.id else ())
        result.changed += apply(self.store, self.name, page.handed, self.now)
        rejects.write(page.handed)
        if page.whole:
            result.changed += self._missing(stream, desk, listed)
            rejects.forget_older()
        if page.cursor is not None and page.cursor != desk.cursors.get(stream.name):
            self._save_cursor(stream.name, page.cursor)
            desk.cursors[stream.name] = page.cursor

    def _missing(self, stream: Stream, desk: Desk, listed: dict[type[Record], set[str]]) -> int:
        if stream.missing is None:
            return 0
        lost: list[Handed] = []
        for model, ids in listed.items():
            for record in sorted(self.store.ids(model, self.name) - ids):
                what = stream.missing(model, record, desk)
                lost += [what] if what else []
        return apply(self.store, self.name, lost, self.now)

    def _save_cursor(self, stream: str, value: dict[str, Any]) -> None:
        row = Cursor(source=self.name, stream=stream, value=json.dumps(value), updated_at=self.now)
        with self.store.session() as session:
            session.exec(delete(Cursor).where(Cursor.source == self.name, Cursor.stream == stream))
            session.add(row)


def desk_of(store: Store | None, program: Program, source: Any, now: datetime) -> Desk:
    """What the source's streams may use; without a store (for `check`) nothing is known yet."""
    desk = Desk(source, now, Path(program.home), program.program.currency.lower())
    if store is None:
        return desk
    with store.session() as session:
        rows = session.exec(select(Cursor).where(Cursor.source == source.name)).all()
    desk.cursors = {row.stream: json.loads(row.value) for row in rows}
    known: dict[tuple[str, str], dict[str, Any]] = {}

    def stored(model: type[Record], column: str) -> dict[str, Any]:
        key = (model.__tablename__, column)
        if key not in known:
            asked = select(model.id, getattr(model, column)).where(model.source == source.name)
            with store.session() as session:
                known[key] = dict(session.exec(asked).all())
        return known[key]

    desk.stored = stored
    return desk


def apply(store: Store, source: str, handed: list[Handed], now: datetime) -> int:
    """Store what a page handed over and return how many records changed. Of several things about one record the last holds."""
    last: dict[tuple[type[Record], str], Put | Patch | Gone] = {}
    only: list[Only] = []
    for one in handed:
        if isinstance(one, Put):
            last[one.model, one.row["id"]] = one
        elif isinstance(one, Patch):
            before = last.get((one.model, one.id))
            last[one.model, one.id] = Put(one.model, before.row | one.fields) if isinstance(before, Put) else one
        elif isinstance(one, Gone):
            last[one.model, one.id] = one
        elif isinstance(one, Only):
            only.append(one)
    puts: dict[type[Record], list[dict[str, Any]]] = {}
    patches: dict[type[Record], dict[str, dict[str, Any]]] = {}
    lost: dict[type[Record], list[str]] = {}
    for (model, record), one in last.items():
        if isinstance(one, Put):
            puts.setdefault(model, []).append({**one.row, "source": source})
        elif isinstance(one, Patch):
            patches.setdefault(model, {})[record] = one.fields
        else:
            lost.setdefault(model, []).append(record)
    changed = sum(store.upsert(model, rows, now) for model, rows in puts.items())
    changed += sum(store.upsert(model, _patched(store, model, source, rows), now) for model, rows in patches.items())
    changed += sum(store.delete(model, source, ids) for model, ids in lost.items())
    return changed + _keep_only(store, source, only)


def _patched(
    store: Store, model: type[Record], source: str, patches: dict[str, dict[str, Any]]
) -> Iterator[dict[str, Any]]:
    ids = sorted(patches)
    for start in range(0, len(ids), IDS_A_QUERY):
        wanted = ids[start : start + IDS_A_QUERY]
        with store.session() as session:
            rows = session.exec(select(model).where(model.source == source, model.id.in_(wanted))).all()
        for row in rows:
            yield {name: value for name, value in dict(row).items() if name != "synced_at"} | patches[row.id]


def _keep_only(store: Store, source: str, only: list[Only]) -> int:
    """Delete the parts (items, lines) that their parents no longer have."""
    grouped: dict[tuple[type[Record], str], dict[str, frozenset[str]]] = {}
    for one in only:
        grouped.setdefault((one.model, one.column), {})[one.value] = one.ids
    removed = 0
    for (model, column), parents in grouped.items():
        names, parent = sorted(parents), getattr(model, column)
        for start in range(0, len(names), IDS_A_QUERY):
            mine = select(model.id, parent).where(
                model.source == source, parent.in_(names[start : start + IDS_A_QUERY])
            )
            with store.session() as session:
                rows = session.exec(mine).all()
            removed += store.delete(model, source, [record for record, value in rows if record not in parents[value]])
    return removed


class _Rejects:
    """The rejected records of one stream: one that is handed over again replaces its earlier rejection."""

    def __init__(self, store: Store, source: str, stream: str, run: str, now: datetime) -> None:
        self.store, self.source, self.stream, self.now = store, source, stream, now
        self.mine = (RejectedRecord.source == source, RejectedRecord.stream == stream)
        with store.session() as session:
            found = session.exec(select(RejectedRecord.id, RejectedRecord.record_id).where(*self.mine)).all()
        self.written: set[str] = set()
        self.earlier: dict[str | None, list[int]] = {}
        for number, record in found:
            self.earlier.setdefault(record, []).append(number)

    def write(self, handed: list[Handed]) -> None:
        rejected = [
            one for one in handed if isinstance(one, Rejected) and (one.id is None or one.id not in self.written)
        ]
        self.written |= {one.id for one in rejected if one.id is not None}
        if not rejected and not self.earlier:
            return
        named = {one.row["id"] if isinstance(one, Put) else one.id for one in handed if not isinstance(one, Only)} - {
            None
        }
        again = [number for record in named for number in self.earlier.pop(record, ())]
        with self.store.session() as session:
            if again:
                session.exec(delete(RejectedRecord).where(RejectedRecord.id.in_(again)))
            session.add_all(
                RejectedRecord(
                    source=self.source,
                    stream=self.stream,
                    record_id=one.id,
                    file=one.file,
                    line_no=one.line_no,
                    reason=one.reason,
                    text=one.text,
                    rejected_at=self.now,
                )
                for one in rejected
            )

    def forget_older(self) -> None:
        """After a whole reading, rejections from before it are history."""
        old = [number for numbers in self.earlier.values() for number in numbers]
        with self.store.session() as session:
            for start in range(0, len(old), IDS_A_QUERY):
                session.exec(delete(RejectedRecord).where(RejectedRecord.id.in_(old[start : start + IDS_A_QUERY])))
