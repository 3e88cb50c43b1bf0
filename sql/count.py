"""Count request events into roll-ups: one Parquet file a roll-up and day (or month), and only where the events changed.

A counted file is named by its fingerprint: the request files it counts and the text of the SQL that counts them. A file
of that name is there: counted. It is not: count. So a run that was killed goes on where it stopped, and a changed
definition counts everything again.
"""

import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any

from sqlmodel import func, select

from data_sources.ledger import LogChunk, RejectedRecord
from data_sources.store import Store
from sql.catalogue import ROOT, read_header
from sql.engines import duckdb as engine

MEMORY_LIMIT = "1500MB"
BATCH_BYTES = 64_000_000  # of compressed request files; about a gigabyte once it is decoded
BATCH_PARTITIONS = 96
AT_ONCE = 2  # roll-ups: each writes its many small files on one thread

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
    """One day (or month) of one roll-up: `files` are the request files it counts, relative to the lake."""

    rollup: Rollup
    key: str
    fingerprint: str
    files: tuple[str, ...]

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


def request_files(store: Store) -> dict[str, list[str]]:
    """The request files that the ledger lists, by UTC day ("2026-11-24"); relative to the lake, ordered."""
    days: dict[str, list[str]] = {}
    with store.session() as session:
        for files in session.exec(select(LogChunk.files)):
            for file in files or ():
                day = next(part[4:] for part in file.split("/") if part.startswith("day="))
                days.setdefault(day, []).append(file)
    return {day: sorted(set(files)) for day, files in sorted(days.items())}


def lines_read(store: Store) -> tuple[int, ...]:
    """How many chunks, lines and rejected lines and records the ledger knows; moves when a log brings nothing but rejects."""
    with store.session() as session:
        chunks = session.exec(
            select(func.count(LogChunk.id), func.coalesce(func.sum(LogChunk.lines), 0), func.sum(LogChunk.rejected))
        ).one()
        return (*(int(value or 0) for value in chunks), session.exec(select(func.count(RejectedRecord.id))).one())


def partitions(days: dict[str, list[str]], root: Path = ROOT) -> list[Partition]:
    """Every day and month of every roll-up that these request files make, counted yet or not."""
    months = {month: [f for day in group for f in days[day]] for month, group in groupby(days, lambda day: day[:7])}
    base = base_sql("lake_request", root) + base_sql("request", root)
    wanted = []
    every = rollups(root)
    for rollup in every.values():
        statements = (base, *(every[part].sql for part in rollup.parts), rollup.sql)
        text = hashlib.sha256("\n".join(statements).encode()).hexdigest()
        for key, files in {"day": days, "month": months}.get(rollup.partition, {}).items():
            digest = hashlib.sha256("\n".join((text, *sorted(files))).encode()).hexdigest()[:20]
            wanted.append(Partition(rollup, key, digest, tuple(files)))
    return wanted


def count(lake: Path, wanted: list[Partition], progress: Progress = lambda *_: None) -> int:
    """Count the partitions that are not there yet and return how many days and months that took.

    Memory is bounded: days go in batches of about `BATCH_BYTES`, and what is larger spills to the lake's `.writing/`.
    """
    missing = [p for p in wanted if not (lake / p.path).exists()]
    if not missing:
        return 0
    writing = lake / ".writing" / "counts"
    shutil.rmtree(writing, ignore_errors=True)
    writing.mkdir(parents=True)
    con = engine.connect(memory_limit=MEMORY_LIMIT)
    try:
        con.execute("set temp_directory = $path", {"path": str(writing / "spill")})
        con.execute("set preserve_insertion_order = false")
        con.execute(f"set partitioned_write_max_open_files = {2 * BATCH_PARTITIONS}")
        days = len({p.key for p in missing})
        done = 0
        for batch in _batches(lake, [p for p in missing if p.rollup.partition == "day"]):
            keys = sorted({p.key for p in batch})
            progress("count", f"counting {keys[0]}" + (f" to {keys[-1]}" if len(keys) > 1 else ""), done, days)
            _count_days(con, lake, writing, batch)
            done += len(keys)
        months = sorted((p for p in missing if p.rollup.partition == "month"), key=lambda p: p.key)
        for month, group in groupby(months, lambda p: p.key):
            progress("count", f"counting {month}", done, days)
            _count_month(con, lake, writing, list(group), [p for p in wanted if p.key.startswith(f"{month}-")])
            done += 1
        progress("count", f"counted {days} days and months", days, days)
        return days
    finally:
        con.close()
        shutil.rmtree(writing, ignore_errors=True)


def delete_superseded(lake: Path, wanted: list[Partition]) -> int:
    """Remove counts that a newer count of the same day or month replaced; days without request files keep theirs."""
    removed = 0
    for partition in wanted:
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


def _batches(lake: Path, missing: list[Partition]) -> Iterator[list[Partition]]:
    """Days that are counted in one go, over the same request files up to the limits."""
    batch: list[Partition] = []
    for _, day in groupby(sorted(missing, key=lambda p: p.key), lambda p: p.key):
        together = [*batch, *day]
        if batch and (_size(lake, together) > BATCH_BYTES or len({p.key for p in together}) > BATCH_PARTITIONS):
            yield batch
            together = together[len(batch) :]
        batch = together
    if batch:
        yield batch


def _files(partitions: list[Partition]) -> list[str]:
    return sorted({file for p in partitions for file in p.files})


def _size(lake: Path, partitions: list[Partition]) -> int:
    return sum(os.stat(lake / file).st_size for file in _files(partitions))


def _count_days(con: Any, lake: Path, writing: Path, batch: list[Partition]) -> None:
    files = _files(batch)
    kind = "view" if _size(lake, batch) > 2 * BATCH_BYTES else "table"
    # what an older version wrote lacks columns that came since; they are null there
    written = f"select * from {engine.parquet((lake / file for file in files), by_name=True)}"
    con.execute(f"create or replace view lake_event as {base_sql('no_request')} union all by name {written}")
    con.execute(f"create or replace view lake_request as {_told(con)}")
    con.execute(f"create {kind} request as {base_sql('request')}")
    try:
        _write_all(con, lake, writing, batch)
    finally:
        con.execute(f"drop {kind} request")


def _count_month(con: Any, lake: Path, writing: Path, months: list[Partition], days: list[Partition]) -> None:
    """Count a month's roll-ups over what its days came to; these are counted."""
    for part in sorted({part for month in months for part in month.rollup.parts}):
        counted = engine.parquet([lake / day.path for day in days if day.rollup.name == part])
        con.execute(f"create or replace view {part} as select * from {counted}")
    _write_all(con, lake, writing, months)


def _write_all(con: Any, lake: Path, writing: Path, batch: list[Partition]) -> None:
    def write(rollup: Rollup, group: list[Partition]) -> None:
        with con.cursor() as own:
            _write(own, lake, writing, rollup, group)

    groups = groupby(sorted(batch, key=lambda p: p.rollup.name), lambda p: p.rollup)
    with ThreadPoolExecutor(AT_ONCE, "count") as pool:
        for written in [pool.submit(write, rollup, list(group)) for rollup, group in groups]:
            written.result()


def _told(con: Any) -> str:
    """The SELECT of `lake_request`; where no sidecar's line is among them, one that need not look for its pair."""
    has_sides = con.execute("select 1 from lake_event where starts_with(service, 'inbound|') limit 1").fetchone()
    return base_sql("lake_request") if has_sides else "select *, false as is_echo from lake_event"


def _write(con: Any, lake: Path, writing: Path, rollup: Rollup, wanted: list[Partition]) -> None:
    """One COPY for all days (or months) of a roll-up, then a rename each: a file is whole or not there."""
    aside = writing / rollup.name
    select_counts = f"select * from ({rollup.sql}) order by 1, 2"
    if rollup.partition == "month":
        select_counts = f"select * replace (strftime(month, '%Y-%m') as month) from ({select_counts})"
    options = f"format parquet, compression zstd, partition_by ({rollup.partition}), write_partition_columns true"
    con.execute(f"copy ({select_counts}) to {engine.quoted(str(aside))} ({options})")
    empty = None
    for partition in wanted:
        target = lake / partition.path
        target.parent.mkdir(parents=True, exist_ok=True)
        parts = sorted((aside / f"{rollup.partition}={partition.key}").glob("*.parquet"))
        if len(parts) == 1:
            os.replace(parts[0], target)
        elif parts:
            whole = aside / "whole.parquet"
            con.execute(
                f"copy (from {engine.parquet(parts)}) to {engine.quoted(str(whole))} (format parquet, compression zstd)"
            )
            os.replace(whole, target)
        else:
            empty = empty or _empty(con, aside, rollup)
            copy = aside / "empty-copy.parquet"
            shutil.copyfile(empty, copy)
            os.replace(copy, target)
    shutil.rmtree(aside)


def _empty(con: Any, aside: Path, rollup: Rollup) -> Path:
    """A file with the roll-up's columns and no row: a day without such calls is counted, too."""
    aside.mkdir(parents=True, exist_ok=True)
    path = aside / "empty.parquet"
    counts = "*" if rollup.partition == "day" else "* replace (strftime(month, '%Y-%m') as month)"
    con.execute(f"copy (select {counts} from ({rollup.sql}) limit 0) to {engine.quoted(str(path))} (format parquet)")
    return path
