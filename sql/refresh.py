"""Fetch from every source, read new log lines, count, build, drop what is old: one refresh at a time, each source failing alone."""

import fcntl
import os
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlmodel import select, update

from data_sources import program as programs
from data_sources.lakes import Lake, LakeError, open_lake
from data_sources.ledger import Run
from data_sources.store import Store, keyed_hash, open_store
from sql.build import BuildError, Built, Progress, build, moment_of
from sql.compact import Compacted, compact
from sql.engines.counters import EngineError, check
from sql.retention import Dropped, drop


class Busy(RuntimeError):
    """Another refresh, build or compact of this home is running."""


@dataclass
class Refreshed:
    """What a refresh came to. `failures` name each source or file that could not be read; the rest was. `dropped` is what was
    older than the program keeps."""

    built: Built
    lines: int = 0
    accepted: int = 0
    rejected: int = 0
    records_changed: int = 0
    failures: list[str] = field(default_factory=list)
    dropped: Dropped = field(default_factory=Dropped)


@contextmanager
def locked(home: str | Path, wait: bool = True, say: Callable[[str], None] = lambda text: None) -> Iterator[None]:
    """Hold the home's lock, so that one process at a time writes lake and snapshots.

    Waits for the one that has it, after saying so; without `wait` raises Busy. The lock goes with the process.
    """
    home = Path(home)
    home.mkdir(parents=True, exist_ok=True)
    with (home / "lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            other = file.read().strip() or "another process"
            if not wait:
                raise Busy(f"Another refresh of {home} is running ({other}).") from None
            say(f"another refresh is running ({other}); waiting for it to end")
            fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        file.truncate()
        file.write(f"process {os.getpid()}")
        file.flush()
        yield


def refresh(
    home: str | Path,
    as_of: datetime | None = None,
    progress: Progress = lambda stage, detail, done, total: None,
    wait: bool = True,
    from_scratch: bool = False,
) -> Refreshed:
    """Refresh a home and return what came of it.

    Raises ProgramError, Busy (only without `wait`) or BuildError; a source or file that fails is in `failures` instead.
    """
    home = Path(home)
    program = programs.load(home)
    program.check_files()
    check(program)
    with locked(home, wait, lambda text: progress("refresh", text, None, None)):
        store = open_store(home)
        try:
            with _run(store, "refresh") as run:
                result = _refresh(home, store, program, as_of, progress, from_scratch)
                run.status = "partial" if result.failures else "ok"
                run.message = "\n".join(result.failures) or None
                run.snapshot = result.built.name
                return result
        finally:
            store.engine.dispose()


def build_only(
    home: str | Path,
    as_of: datetime | None = None,
    progress: Progress = lambda stage, detail, done, total: None,
    wait: bool = True,
    from_scratch: bool = False,
) -> Built:
    """Build from what is stored already, reading no source. Raises as `refresh` does."""
    program = programs.load(home)
    with locked(home, wait, lambda text: progress("build", text, None, None)):
        store = open_store(home)
        try:
            with _run(store, "build") as run:
                _lake(home, program)
                built = build(home, store, program, programs.now(), as_of, progress, from_scratch)
                run.status, run.snapshot = "ok", built.name
                return built
        finally:
            store.engine.dispose()


def compact_only(
    home: str | Path,
    progress: Progress = lambda stage, detail, done, total: None,
    wait: bool = True,
) -> Compacted:
    """Merge the small files of the lake. Raises ProgramError, BuildError, LakeError, or Busy (only without `wait`)."""
    program = programs.load(home)
    with locked(home, wait, lambda text: progress("compact", text, None, None)):
        store = open_store(home)
        try:
            with _run(store, "compact") as run:
                done = compact(_lake(home, program), store, progress)
                run.status, run.message = "partial" if done.errors else "ok", "\n".join(done.errors) or None
                return done
        finally:
            store.engine.dispose()


def _refresh(
    home: Path, store: Store, program: Any, as_of: datetime | None, progress: Progress, from_scratch: bool
) -> Refreshed:
    from data_sources.sync import sync_all
    from sql.ingest import ingest

    def said(source: str, stream: str, records: int) -> None:
        progress("sync", f"{source}: {stream}, {records:,} records", None, None)

    now = programs.now()
    lake = _lake(home, program)
    with ThreadPoolExecutor(
        1, "sync"
    ) as beside:  # Sources answer slowly while logs are read: neither waits for the other.
        synced = beside.submit(sync_all, store, program, now, said)
        try:
            read = ingest(store, program, now=now, progress=progress)
        except (EngineError, LakeError) as error:
            raise BuildError(str(error)) from error
        results = synced.result()
    failures = [text for result in results for text in result.errors] + [str(error) for error in read.errors]
    built = build(home, store, program, now, as_of, progress, from_scratch)
    # An as-of that lies ahead drops nothing before its time.
    until = min(now, moment_of(program, now, as_of))
    dropped = Dropped()
    try:
        dropped = drop(lake, store, program.program.retention_days, until, bool(read.errors), progress)
    except OSError as error:
        failures.append(f"older events could not all be dropped: {error}")
    changed = sum(result.changed for result in results)
    return Refreshed(built, read.lines, read.accepted, read.rejected, changed, failures, dropped)


def _lake(home: str | Path, program: Any) -> Lake:
    """The home's lake, to write to. Raises BuildError where it cannot be reached, or is another home's."""
    try:
        lake = open_lake(home, program)
        lake.claim(keyed_hash(home, "lake"))
    except LakeError as error:
        raise BuildError(str(error)) from error
    return lake


@contextmanager
def _run(store: Store, kind: str) -> Iterator[Run]:
    """A ledger row for this run, ended whatever happens; the rows of runs that were killed are ended, too."""
    run = Run(id=uuid.uuid4().hex, kind=kind, started_at=programs.now())
    with store.session() as session:
        unfinished = select(Run.id).where(Run.status == "running", Run.kind.in_(["refresh", "build", "compact"]))
        for id in session.exec(unfinished).all():
            ended = {"status": "failed", "message": "it was stopped before its end", "finished_at": run.started_at}
            session.exec(update(Run).where(Run.id == id).values(**ended))
        session.add(Run(**run.model_dump()))
    try:
        yield run
    except BaseException as error:
        run.status, run.message = "failed", str(error).strip() or type(error).__name__
        raise
    finally:
        with store.session() as session:
            ended = {"status": run.status, "message": run.message, "snapshot": run.snapshot}
            session.exec(update(Run).where(Run.id == run.id).values(**ended, finished_at=programs.now()))
