"""Counts with DuckDB, in process: memory is bounded, and what is larger spills into the folder `writing`."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from data_sources.lakes import Lake
from sql.engines import duckdb as engine
from sql.engines.counters import Base

MEMORY_LIMIT = "1500MB"
WHOLE = "format parquet, compression zstd, compression_level 1"


class DuckDBCounter:
    """See `Counter`. A batch of 64 MB is about a gigabyte once it is decoded; each `write` writes its many small files on one thread."""

    at_once = 2
    batch_bytes = 64_000_000
    batch_partitions = 96

    def __init__(self, base: Base, lake: Lake, writing: Path) -> None:
        self._base = base
        self._lake = lake
        self._con = engine.connect(memory_limit=MEMORY_LIMIT)
        self._con.execute("set temp_directory = $path", {"path": str(writing / "spill")})
        self._con.execute("set preserve_insertion_order = false")
        self._con.execute(f"set partitioned_write_max_open_files = {2 * self.batch_partitions}")

    @contextmanager
    def reading(self, files: list[str]) -> Iterator[None]:
        with self._lake.lent(files) as paths, self._reading(paths):
            yield

    @contextmanager
    def _reading(self, files: list[Path]) -> Iterator[None]:
        large = sum(os.stat(file).st_size for file in files) > 2 * self.batch_bytes
        kind = "view" if large else "table"
        con = self._con
        events = self._base.no_request
        if files:
            # what an older version wrote lacks columns that came since; they are null there
            events += f" union all by name select * from {engine.parquet(files, by_name=True)}"
        con.execute(f"create or replace view lake_event as {events}")
        con.execute(f"create or replace view lake_request as {self._told()}")
        con.execute(f"create {kind} request as {self._base.request}")
        if not large:
            # whole numbers stand for the callers, in the same order: grouped and sorted faster, and changing one column copies no other
            con.execute("create type caller as enum (select distinct caller_id from request order by 1)")
            con.execute("alter table request alter caller_id type caller")
        try:
            yield
        finally:
            con.execute(f"drop {kind} request")
            con.execute("drop type if exists caller")

    @contextmanager
    def reading_counts(self, counts: Mapping[str, list[str]]) -> Iterator[None]:
        for name, files in counts.items():
            self._con.execute(f"create view {name} as select * from {engine.parquet(self._lake.fetched(files))}")
        try:
            yield
        finally:
            for name in counts:
                self._con.execute(f"drop view {name}")

    def write(self, sql: str, partition: str, aside: Path) -> dict[str, Path]:
        with self._con.cursor() as con:
            counts = _counted(_in_texts(con, sql, f"select * from ({sql}) order by 1, 2"), partition)
            options = f"{WHOLE}, partition_by ({partition}), write_partition_columns true"
            con.execute(f"copy ({counts}) to {engine.quoted(str(aside))} ({options})")
            return _one_each(con, {folder.name.split("=", 1)[1]: folder for folder in aside.glob(f"{partition}=*")})

    def write_empty(self, sql: str, partition: str, path: Path) -> None:
        with self._con.cursor() as con:
            counts = _counted(_in_texts(con, sql, sql), partition)
            con.execute(f"copy ({counts} limit 0) to {engine.quoted(str(path))} (format parquet)")

    def close(self) -> None:
        self._con.close()

    def columns(self, sql: str) -> dict[str, str]:
        """The columns of a SELECT over what is being read, and their types."""
        with self._con.cursor() as con:
            described = f"describe {_in_texts(con, sql, sql)}"
            return dict(con.execute(f"select column_name, column_type from ({described})").fetchall())

    def one_each(self, folders: dict[str, Path]) -> dict[str, Path]:
        """One Parquet file of each folder of them, by the folder's key."""
        with self._con.cursor() as con:
            return _one_each(con, folders)

    def _told(self) -> str:
        """The SELECT of `lake_request`; where no sidecar's line is among them, one that need not look for its pair."""
        sides = "select 1 from lake_event where starts_with(service, 'inbound|') limit 1"
        has_sides = self._con.execute(sides).fetchone()
        return self._base.lake_request if has_sides else "select *, false as is_echo from lake_event"


def _in_texts(con: engine.Connection, sql: str, ordered: str) -> str:
    """A SELECT with texts where the numbers that stand for callers would come; its order is made before, from the numbers."""
    has_callers = "caller_id" in con.sql(sql).columns  # asking for the type would list every caller
    return f"select * replace (cast(caller_id as varchar) as caller_id) from ({ordered})" if has_callers else ordered


def _counted(sql: str, partition: str) -> str:
    """A roll-up's SELECT as its files have it: a day is a date, a month a text."""
    columns = "*" if partition == "day" else "* replace (strftime(month, '%Y-%m') as month)"
    return f"select {columns} from ({sql})"


def _one_each(con: engine.Connection, folders: dict[str, Path]) -> dict[str, Path]:
    files = {}
    for key, folder in folders.items():
        parts = sorted(folder.glob("*.parquet"))
        if len(parts) > 1:
            whole = folder / "whole.parquet"
            con.execute(f"copy (from {engine.parquet(parts)}) to {engine.quoted(str(whole))} ({WHOLE})")
            parts = [whole]
        if parts:
            files[key] = parts[0]
    return files
