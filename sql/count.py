"""Count request events into roll-ups: one Parquet file a roll-up and day (or month), and only where the events changed.

A counted file is named by its fingerprint: the parts it counts (what each chunk brought of a day) and the text of the SQL that
counts them. A file of that name is there: counted. It is not: count. So a run that was killed goes on where it stopped, a
changed definition counts everything again, and where a part's rows lie does not matter. A day or month that lost
events is closed: it keeps the count that it has, whatever its name.
"""

import hashlib
import shutil
import uuid
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any

from sqlmodel import func, select

from data_sources.lakes import Lake, LakeError, Stored, writing
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
    def folder(self) -> str:
        """Where its counts are, of whatever definition and events, relative to the lake."""
        return f"{self.rollup.name}/{self.rollup.partition}={self.key}"

    @property
    def path(self) -> str:
        """Where this count of it is, relative to the lake."""
        return f"{self.folder}/{self.fingerprint}.parquet"


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
    counted = {
        kind: {key: (_digest(*sorted(each.parts)), tuple(each.files), each.is_closed) for key, each in events.items()}
        for kind, events in (("day", days), ("month", months))
    }
    wanted = []
    every = rollups(root)
    for rollup in every.values():
        text = _digest(base, *(every[part].sql for part in rollup.parts), rollup.sql)
        for key, (parts, files, is_closed) in counted.get(rollup.partition, {}).items():
            wanted.append(Partition(rollup, key, _digest(text, parts)[:20], files, is_closed))
    return wanted


def _digest(*texts: str) -> str:
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()


def counted(lake: Lake, root: Path = ROOT) -> dict[str, Stored]:
    """The files of every count that the lake has, of today's definitions and events or older ones."""
    return lake.stored(rollups(root))


def held(wanted: list[Partition], there: Mapping[str, Stored], root: Path = ROOT) -> list[Partition]:
    """What is counted once `wanted` are, given the counts that were there before: the partitions that are wanted, and each that
    cannot be counted any more with the count that it has.

    A closed one without a count, of a roll-up that came later, is left out.
    """
    kept = [p for p in wanted if not p.is_closed or p.path in there]
    has = {(p.rollup.name, p.key) for p in kept}
    newest: dict[str, str] = {}
    for file in sorted(there, key=lambda file: there[file].modified):
        newest[file.rpartition("/")[0]] = file
    every = rollups(root)
    for folder, file in sorted(newest.items()):
        name, _, partition = folder.partition("/")
        kind, _, key = partition.partition("=")
        if kind == every[name].partition and (name, key) not in has:
            kept.append(Partition(every[name], key, Path(file).stem, (), True, True))
    return kept


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


def count(
    lake: Lake,
    wanted: list[Partition],
    program: Program,
    there: Mapping[str, Stored],
    progress: Progress = lambda *_: None,
) -> int:
    """Count the partitions that are not `there` yet, but for closed ones, on the program's engine, and return how many days and
    months that took.

    Days go in batches, so that memory is bounded. Raises EngineError where another engine than DuckDB cannot count.
    """
    missing = [p for p in wanted if not p.is_closed and p.path not in there]
    if not missing:
        return 0
    # a folder a run: an engine of its own may still be writing for one that was killed
    runs = writing(lake) / "counts"
    aside = runs / uuid.uuid4().hex
    lake.clear(runs)
    aside.mkdir(parents=True)
    base = Base(base_sql("no_request"), base_sql("lake_request"), base_sql("request"))
    days = len({p.key for p in missing})
    done = 0
    try:
        with closing(open_counter(program, base, lake, aside)) as counter:
            for batch in _batches(lake, [p for p in missing if p.rollup.partition == "day"], counter):
                keys = sorted({p.key for p in batch})
                progress("count", f"counting {keys[0]}" + (f" to {keys[-1]}" if len(keys) > 1 else ""), done, days)
                with counter.reading(_files(batch)):
                    _write_all(counter, lake, aside, batch)
                done += len(keys)
            months = sorted((p for p in missing if p.rollup.partition == "month"), key=lambda p: p.key)
            for month, group in groupby(months, lambda p: p.key):
                progress("count", f"counting {month}", done, days)
                _count_month(counter, lake, aside, list(group), [p for p in wanted if p.key.startswith(f"{month}-")])
                done += 1
    finally:
        lake.clear(runs)
    progress("count", f"counted {days} days and months", days, days)
    return days


def delete_superseded(lake: Lake, wanted: list[Partition], there: Mapping[str, Stored]) -> int:
    """Remove those of the counts that were `there` which a newer count of the same day or month replaced; closed ones keep theirs."""
    current = {p.folder: p.path for p in wanted if not p.is_closed}
    old = [file for file in there if current.get(file.rpartition("/")[0], file) != file]
    lake.remove(old)
    return len(old)


def read_parquet(lake: Lake, rollup: Rollup, paths: list[str]) -> tuple[str, dict[str, Any]]:
    """A SELECT over counted files, its partition column first and a date, and the values to bind."""
    columns = "*" if rollup.partition == "day" else "* replace (cast(month || '-01' as date) as month)"
    return (
        f"select {columns} from read_parquet($files, hive_partitioning = false, union_by_name = true)",
        {"files": [str(path) for path in lake.fetched(paths)]},
    )


def _batches(lake: Lake, missing: list[Partition], counter: Counter) -> Iterator[list[Partition]]:
    """Days that are counted in one go, over the same request files up to the limits."""
    stored = lake.stored(sorted({file.rpartition("/")[0] for file in _files(missing)}))
    if lost := [file for file in _files(missing) if file not in stored]:
        raise LakeError(f"{lost[0]}: the ledger names it, and it is not in the lake ({len(lost):,} such files)")
    batch: list[Partition] = []
    for _, day in groupby(sorted(missing, key=lambda p: p.key), lambda p: p.key):
        together = [*batch, *day]
        partitions = len({p.key for p in together})
        if batch and (_size(stored, together) > counter.batch_bytes or partitions > counter.batch_partitions):
            yield batch
            together = together[len(batch) :]
        batch = together
    if batch:
        yield batch


def _files(partitions: list[Partition]) -> list[str]:
    return sorted({file for p in partitions for file in p.files})


def _size(stored: Mapping[str, Stored], partitions: list[Partition]) -> int:
    return sum(stored[file].bytes for file in _files(partitions))


def _count_month(counter: Counter, lake: Lake, aside: Path, months: list[Partition], days: list[Partition]) -> None:
    """Count a month's roll-ups over what its days came to; these are counted."""
    parts = {part for month in months for part in month.rollup.parts}
    counts = {part: [day.path for day in days if day.rollup.name == part] for part in sorted(parts)}
    with counter.reading_counts(counts):
        _write_all(counter, lake, aside, months)


def _write_all(counter: Counter, lake: Lake, aside: Path, batch: list[Partition]) -> None:
    groups = groupby(sorted(batch, key=lambda p: p.rollup.name), lambda p: p.rollup)
    with ThreadPoolExecutor(counter.at_once, "count") as pool:
        for written in [pool.submit(_write, counter, lake, aside, rollup, list(group)) for rollup, group in groups]:
            written.result()


def _write(counter: Counter, lake: Lake, aside: Path, rollup: Rollup, wanted: list[Partition]) -> None:
    """All days (or months) of a roll-up in one go, then each gets its name: a file is whole or not there."""
    folder = aside / rollup.name
    files = counter.write(rollup.sql, rollup.partition, folder)
    empty = aside / f"{rollup.name}-empty.parquet"
    made = {}
    for partition in wanted:
        file = files.get(partition.key)
        if file is None:  # a day without such calls is counted, too
            if not empty.exists():
                counter.write_empty(rollup.sql, rollup.partition, empty)
            file = shutil.copyfile(empty, aside / f"{rollup.name}-{partition.key}.parquet")
        made[partition.path] = file
    lake.put(made)
    shutil.rmtree(folder, ignore_errors=True)
    empty.unlink(missing_ok=True)
