"""Count request events into roll-ups: one Parquet file a roll-up and day (or month), and only where the events changed.

A counted file is named by its fingerprint: the parts it counts (what each chunk brought of a day) and the text of the SQL that
counts them. A file of that name is there: counted. It is not: count. So a run that was killed goes on where it stopped, a
changed definition counts everything again, and where a part's rows lie does not matter. A day or month that lost
events is closed: it keeps the count that it has, whatever its name.
"""

import hashlib
import os
import shutil
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any

from sqlmodel import func, select

from data_sources.ledger import LogChunk, RejectedRecord
from data_sources.program import Program
from data_sources.store import Store
from sql.catalogue import ROOT, read_header
from sql.engines.counters import Base, Counter, open_counter
from sql.lake import DayEvents

Progress = Callable[[str, str, int | None, int | None], None]


@dataclass(frozen=True)
class Rollup:
    """One file of `sql/usage/`. `partition` is day, month, or none for one that a build makes from the others.

    Days are counted over `request`, months over their days' counts of the roll-ups that `parts` names, so that a new day
    costs no more at the end of a month. One that `is_part` is kept in the lake for that, and is in no snapshot.
    """

    name: str
    partition: str
    sql: str
    parts: tuple[str, ...] = ()
    is_part: bool = False


@dataclass(frozen=True)
class Partition:
    """One day (or month) of one roll-up: `files` are where the events lie that it counts, relative to the lake.

    One that `is_closed` cannot be counted any more; `is_older` where its count is by another definition than today's, or
    without events that came later.
    """

    rollup: Rollup
    key: str
    fingerprint: str
    files: tuple[str, ...]
    is_closed: bool = False
    is_older: bool = False

    @property
    def path(self) -> str:
        """Where its counts are, relative to the lake."""
        return f"{self.rollup.name}/{self.rollup.partition}={self.key}/{self.fingerprint}.parquet"


def base_sql(name: str, root: Path = ROOT) -> str:
    """What roll-ups rest on: `request`, the SELECT from `lake_request` that all count over; `lake_request`, the one from
    `lake_event` that tells what is told twice; or `no_request`, empty."""
    return (root / "usage" / f"{name}.sql").read_text(encoding="utf-8")


@cache
def rollups(root: Path = ROOT) -> dict[str, Rollup]:
    """Every roll-up by name."""
    found = {}
    for path in sorted((root / "usage").glob("*.sql")):
        text = path.read_text(encoding="utf-8")
        fields = read_header(text).fields
        if "rollup" in fields:
            parts = tuple(fields.get("from", "").replace(",", " ").split())
            found[path.stem] = Rollup(path.stem, fields["partition"], text, parts, "kept" in fields)
    return found


def lines_read(store: Store) -> tuple[int, ...]:
    """How many chunks, lines and rejected lines and records the ledger knows; moves when a log brings nothing but rejects."""
    with store.session() as session:
        chunks = session.exec(
            select(func.count(LogChunk.id), func.coalesce(func.sum(LogChunk.lines), 0), func.sum(LogChunk.rejected))
        ).one()
        return (*(int(value or 0) for value in chunks), session.exec(select(func.count(RejectedRecord.id))).one())


def partitions(days: dict[str, DayEvents], root: Path = ROOT) -> list[Partition]:
    """Every day and month of every roll-up that these events make, counted yet or not."""
    months = {
        month: DayEvents(
            [part for day in group for part in days[day].parts],
            [file for day in group for file in days[day].files],
            any(days[day].is_closed for day in group),
        )
        for month, group in ((month, list(group)) for month, group in groupby(days, lambda day: day[:7]))
    }
    base = base_sql("lake_request", root) + base_sql("request", root)
    wanted = []
    every = rollups(root)
    for rollup in every.values():
        statements = (base, *(every[part].sql for part in rollup.parts), rollup.sql)
        text = hashlib.sha256("\n".join(statements).encode()).hexdigest()
        for key, events in {"day": days, "month": months}.get(rollup.partition, {}).items():
            digest = hashlib.sha256("\n".join((text, *sorted(events.parts))).encode()).hexdigest()[:20]
            wanted.append(Partition(rollup, key, digest, tuple(events.files), events.is_closed))
    return wanted


def on_disk(lake: Path, wanted: list[Partition], root: Path = ROOT) -> list[Partition]:
    """What is counted: the partitions that are wanted, and each that cannot be counted any more with the count that it has.

    A closed one without a count, of a roll-up that came later, is left out.
    """
    there = [p for p in wanted if not p.is_closed or (lake / p.path).exists()]
    has = {(p.rollup.name, p.key) for p in there}
    for rollup in rollups(root).values():
        for folder in sorted((lake / rollup.name).glob(f"{rollup.partition}=*")):
            key = folder.name.split("=", 1)[1]
            if (rollup.name, key) not in has and (files := sorted(folder.glob("*.parquet"), key=os.path.getmtime)):
                there.append(Partition(rollup, key, files[-1].stem, (), True, True))
    return there


def older(wanted: list[Partition], held: list[Partition]) -> list[str]:
    """What to say of days and months that cannot be counted any more: which have a count that is older than today's definition
    or the lines that came since, which have none."""
    has = {(p.rollup.name, p.key) for p in held}
    none = [p for p in wanted if (p.rollup.name, p.key) not in has]
    said = []
    for found, text in (
        ([p for p in held if p.is_older], "by an older definition, or without lines that came later"),
        (none, "not at all: they came after the events were dropped"),
    ):
        alike: dict[tuple[str, ...], list[str]] = {}
        for name, group in groupby(sorted(found, key=lambda p: (p.rollup.name, p.key)), lambda p: p.rollup.name):
            alike.setdefault(tuple(p.key for p in group), []).append(name)
        for keys, names in alike.items():
            span = keys[0] if len(keys) == 1 else f"{keys[0]} to {keys[-1]} ({len(keys):,})"
            said.append(f"{span}: {', '.join(names)} counted {text}")
    return said


def count(lake: Path, wanted: list[Partition], program: Program, progress: Progress = lambda *_: None) -> int:
    """Count the partitions that are not there yet, but for closed ones, on the program's engine, and return how many days and
    months that took.

    Days go in batches, so that memory is bounded. Raises EngineError where another engine than DuckDB cannot count.
    """
    missing = [p for p in wanted if not p.is_closed and not (lake / p.path).exists()]
    if not missing:
        return 0
    # a folder a run: an engine of its own may still be writing for one that was killed
    runs = lake / ".writing" / "counts"
    writing = runs / uuid.uuid4().hex
    shutil.rmtree(runs, ignore_errors=True)
    writing.mkdir(parents=True)
    base = Base(base_sql("no_request"), base_sql("lake_request"), base_sql("request"))
    days = len({p.key for p in missing})
    done = 0
    try:
        with closing(open_counter(program, base, writing)) as counter:
            for batch in _batches(lake, [p for p in missing if p.rollup.partition == "day"], counter):
                keys = sorted({p.key for p in batch})
                progress("count", f"counting {keys[0]}" + (f" to {keys[-1]}" if len(keys) > 1 else ""), done, days)
                with counter.reading([lake / file for file in _files(batch)]):
                    _write_all(counter, lake, writing, batch)
                done += len(keys)
            months = sorted((p for p in missing if p.rollup.partition == "month"), key=lambda p: p.key)
            for month, group in groupby(months, lambda p: p.key):
                progress("count", f"counting {month}", done, days)
                _count_month(counter, lake, writing, list(group), [p for p in wanted if p.key.startswith(f"{month}-")])
                done += 1
    finally:
        shutil.rmtree(runs, ignore_errors=True)
    progress("count", f"counted {days} days and months", days, days)
    return days


def delete_superseded(lake: Path, wanted: list[Partition]) -> int:
    """Remove counts that a newer count of the same day or month replaced; closed ones keep theirs."""
    removed = 0
    for partition in wanted:
        if partition.is_closed:
            continue
        current = lake / partition.path
        for other in list(current.parent.glob("*.parquet")):
            if other != current:
                other.unlink(missing_ok=True)
                removed += 1
    return removed


def read_parquet(lake: Path, rollup: Rollup, paths: list[str]) -> tuple[str, dict[str, Any]]:
    """A SELECT over counted files, its partition column first and a date, and the values to bind."""
    columns = "*" if rollup.partition == "day" else "* replace (cast(month || '-01' as date) as month)"
    return (
        f"select {columns} from read_parquet($files, hive_partitioning = false, union_by_name = true)",
        {"files": [str(lake / path) for path in paths]},
    )


def _batches(lake: Path, missing: list[Partition], counter: Counter) -> Iterator[list[Partition]]:
    """Days that are counted in one go, over the same request files up to the limits."""
    batch: list[Partition] = []
    for _, day in groupby(sorted(missing, key=lambda p: p.key), lambda p: p.key):
        together = [*batch, *day]
        partitions = len({p.key for p in together})
        if batch and (_size(lake, together) > counter.batch_bytes or partitions > counter.batch_partitions):
            yield batch
            together = together[len(batch) :]
        batch = together
    if batch:
        yield batch


def _files(partitions: list[Partition]) -> list[str]:
    return sorted({file for p in partitions for file in p.files})


def _size(lake: Path, partitions: list[Partition]) -> int:
    return sum(os.stat(lake / file).st_size for file in _files(partitions))


def _count_month(counter: Counter, lake: Path, writing: Path, months: list[Partition], days: list[Partition]) -> None:
    """Count a month's roll-ups over what its days came to; these are counted."""
    parts = {part for month in months for part in month.rollup.parts}
    counted = {part: [lake / day.path for day in days if day.rollup.name == part] for part in sorted(parts)}
    with counter.reading_counts(counted):
        _write_all(counter, lake, writing, months)


def _write_all(counter: Counter, lake: Path, writing: Path, batch: list[Partition]) -> None:
    groups = groupby(sorted(batch, key=lambda p: p.rollup.name), lambda p: p.rollup)
    with ThreadPoolExecutor(counter.at_once, "count") as pool:
        for written in [pool.submit(_write, counter, lake, writing, rollup, list(group)) for rollup, group in groups]:
            written.result()


def _write(counter: Counter, lake: Path, writing: Path, rollup: Rollup, wanted: list[Partition]) -> None:
    """All days (or months) of a roll-up in one go, then a rename each: a file is whole or not there."""
    aside = writing / rollup.name
    files = counter.write(rollup.sql, rollup.partition, aside)
    empty = writing / f"{rollup.name}-empty.parquet"
    for partition in wanted:
        target = lake / partition.path
        target.parent.mkdir(parents=True, exist_ok=True)
        if partition.key in files:
            os.replace(files[partition.key], target)
            continue
        # a day without such calls is counted, too
        if not empty.exists():
            counter.write_empty(rollup.sql, rollup.partition, empty)
        copy = writing / f"{rollup.name}-copy.parquet"
        shutil.copyfile(empty, copy)
        os.replace(copy, target)
    shutil.rmtree(aside, ignore_errors=True)
    empty.unlink(missing_ok=True)
