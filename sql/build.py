"""Build a snapshot: count what is not counted, load what changed, make staging and marts, check, and publish."""

import hashlib
import os
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, time
from pathlib import Path
from typing import Any

from data_sources import scanners, stall_reasons, ticket_topics
from data_sources.lakes import Lake, open_lake
from data_sources.program import Program
from data_sources.store import Store
from sql import checks, count, load, models, snapshot
from sql.catalogue import ROOT
from sql.engines import duckdb as engine
from sql.engines.counters import EngineError, check
from sql.lake import request_days

MEMORY_LIMIT = "2GB"

Progress = Callable[[str, str, int | None, int | None], None]


class BuildError(RuntimeError):
    """A build that must not be published; the last good snapshot stays. The message says what is wrong and where."""


@dataclass(frozen=True)
class Built:
    """What a build came to. `skipped` means that nothing had changed and `name` was already published.

    `older` says which days and months have counts of before, because their events were dropped.
    """

    name: str
    path: Path
    skipped: bool
    counted: int
    failing_checks: list[checks.CheckResult] = field(default_factory=list)
    older: list[str] = field(default_factory=list)


def build(
    home: str | Path,
    store: Store,
    program: Program,
    now: datetime,
    as_of: datetime | None = None,
    progress: Progress = lambda stage, detail, done, total: None,
    from_scratch: bool = False,
) -> Built:
    """Build and publish a snapshot of a home as it was at `as_of` (the program's own, else `now`); skip when nothing changed.

    `progress(stage, detail, done, total)` is called as it goes. `from_scratch` takes nothing from the snapshot before.
    Raises BuildError, and leaves the published snapshot in place, when a model fails or a check of severity error does;
    ProgramError, before anything is begun, when a file of rules beside program.toml cannot be used.
    """
    home = Path(home)
    program.check_files()
    check(program)
    try:
        lake = open_lake(home, program)
        wanted = count.partitions(request_days(store))
        there = count.counted(lake)
        counted = count.count(lake, wanted, program, there, progress)
        held = count.held(wanted, there)
        for said in (older := count.older(wanted, held)):
            progress("count", said, None, None)
        moment = moment_of(program, now, as_of)
        fingerprint = _fingerprint(home, store, held, moment if as_of or program.program.as_of else now.date())
        previous = _usable(home)
        if previous and previous.fingerprint == fingerprint and not from_scratch and previous.failed is None:
            progress("build", "nothing new", None, None)
            return Built(previous.name, previous.path, True, counted, [], older)
        name = snapshot.new_name(home, now)
        aside = _start_file(home, None if from_scratch else previous)
        failing = _fill(aside, lake, store, program, held, (name, moment, now, fingerprint), progress)
    except Exception as error:
        message = str(error).strip() or type(error).__name__
        snapshot.fail(home, now, message)
        if isinstance(error, models.ModelError | EngineError | engine.Error | OSError):
            raise BuildError(message) from error
        raise
    path = snapshot.publish(home, aside, name)
    if counted:
        try:
            count.delete_superseded(lake, wanted, there)
        except OSError as error:
            progress("build", f"older counts stay until more are counted: {error}", None, None)
    progress("build", f"published {name}", None, None)
    return Built(name, path, False, counted, failing, older)


def _fill(
    aside: Path,
    lake: Lake,
    store: Store,
    program: Program,
    wanted: list[count.Partition],
    info: tuple[str, datetime, datetime, str],
    progress: Progress,
) -> list[checks.CheckResult]:
    con = engine.connect(aside, memory_limit=MEMORY_LIMIT)
    try:
        con.execute("set temp_directory = $path", {"path": f"{aside}.tmp"})
        con.execute("set checkpoint_threshold = '1TB'")
        found = models.find()
        _drop_models(con)
        con.execute(
            "create or replace table snapshot_info"
            " (name varchar, as_of timestamp, built_at timestamp, fingerprint varchar)"
        )
        con.execute("insert into snapshot_info values (?, ?, ?, ?)", list(info))
        load.prepare(con)
        _load(con, lake, store, wanted, lambda text: progress("build", text, None, None))
        load.program(con, program)
        models.build(con, info[1], found, lambda model, n, of: progress("build", model.label, n, of))
        progress("check", "checking", None, None)
        results = checks.run(con)
        checks.store_results(con, results)
        fatal = [str(result) for result in results if result.fatal]
        if fatal:
            raise BuildError("These checks failed, so nothing was published:\n" + "\n".join(fatal))
        store.keep_models(load.learned(con))
        con.execute("checkpoint")
        return [result for result in results if not result.passed]
    finally:
        con.close()
        shutil.rmtree(f"{aside}.tmp", ignore_errors=True)


def _load(con: Any, lake: Lake, store: Store, wanted: list[count.Partition], say: load.Say) -> None:
    """Load records and counts side by side: the one is Python's work, the other DuckDB's."""
    with ThreadPoolExecutor(1, "load") as beside, con.cursor() as own:
        records = beside.submit(load.records, own, store, say)
        load.counts(con, lake, wanted, say)
        records.result()


def moment_of(program: Program, now: datetime, as_of: datetime | None = None) -> datetime:
    """As of when a build is: the moment that is asked for, else the program's own, else now."""
    day = as_of or program.program.as_of or now
    return day if isinstance(day, datetime) else datetime.combine(day, time.min)


def _fingerprint(home: Path, store: Store, wanted: list[count.Partition], moment: Any) -> str:
    """Everything that a snapshot depends on: counts, records, chunks, program.toml, the rules beside it, the statements, the
    engine, the day."""
    digest = hashlib.sha256()
    for partition in wanted:
        digest.update(partition.path.encode())
    for table, version in sorted(store.records_versions().items()):
        digest.update(f"{table}={version}\n".encode())
    digest.update(repr(count.lines_read(store)).encode())
    digest.update((home / "program.toml").read_bytes() if (home / "program.toml").exists() else b"")
    for rules in (stall_reasons.RULES.path(home), ticket_topics.RULES.path(home), scanners.RULES.path(home)):
        digest.update(rules.read_bytes())
    for path in sorted(p for p in ROOT.rglob("*") if p.suffix in (".sql", ".py")):
        digest.update(path.read_bytes())
    digest.update(f"{engine.VERSION} {moment}".encode())
    return digest.hexdigest()[:32]


def _usable(home: Path) -> snapshot.Snapshot | None:
    """The snapshot to start from; None when there is none or its file cannot be read: then all is built anew."""
    try:
        return snapshot.current(home)
    except (OSError, engine.Error):
        return None


def _start_file(home: Path, previous: snapshot.Snapshot | None) -> Path:
    """A file to build in: a copy of the last snapshot (unchanged days need not be read again), or none yet."""
    aside = home / "snapshots" / ".building.duckdb"
    aside.parent.mkdir(parents=True, exist_ok=True)
    for leftover in (aside, Path(f"{aside}.wal")):
        leftover.unlink(missing_ok=True)
    if previous:
        shutil.copyfile(previous.path, aside)
        os.utime(aside)
    return aside


def _drop_models(con: Any) -> None:
    """Drop what a copied snapshot holds beyond its inputs, so that a mart that was renamed or removed does not stay."""
    kept = {"build_input", "rollup_partition", *count.rollups()}
    found = con.execute(
        "select table_name, table_type from information_schema.tables where table_schema = 'main'"
    ).fetchall()
    for name, kind in found:
        if name not in kept and not name.startswith("raw_"):
            con.execute(f'drop {"view" if kind == "VIEW" else "table"} if exists "{name}"')
    con.execute("checkpoint")
