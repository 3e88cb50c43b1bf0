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
REFERENCES = ("source", "surface", "credential_ref", "consumer_ref", "application_ref", "developer_ref", "plan_ref")
# texts that requests share, so that numbers may stand for them: compared, hashed and kept several times faster
SHARED = (
    "source", "surface", "environment", "service", "matched_route", "route", "path_template", "method", "outcome", "refusal",
    "user_agent", "client_ip", "end_user_ref", "limit_window", "referrer_host", "client_country", "client_network",
)  # fmt: skip
MOST_SHARED, MOST_CALLERS = 60_000, 1_000_000


class DuckDBCounter:
    """See `Counter`; `only_columns` where another engine counts and nothing but columns is asked for. A batch of 64 MB is about a gigabyte once
    it is decoded; each `write` of several days writes its many small files on one thread."""

    at_once = 2
    batch_bytes = 64_000_000
    batch_partitions = 96
    few_bytes = 2_000_000  # below, looking for what texts there are takes longer than it saves

    def __init__(self, base: Base, lake: Lake, writing: Path, only_columns: bool = False) -> None:
        self._base = base
        self._lake = lake
        self._told_file = writing / "request.parquet"
        self._only_columns = only_columns
        self._only_key: str | None = None
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
        size = _size(files)
        kind = "view" if size > 2 * self.batch_bytes else "table"
        con = self._con
        events = self._base.no_request
        if files:
            # what an older version wrote lacks columns that came since; they are null there
            events += f" union all by name select * from {engine.parquet(files, by_name=True)}"
        con.execute(f"create or replace view lake_event as {events}")
        con.execute(f"create or replace view lake_request as {self._told()}")
        if kind == "view":
            # what does not fit into memory is told once, and not again for each roll-up
            con.execute(f"copy ({self._base.request}) to {engine.quoted(str(self._told_file))} ({WHOLE})")
            con.execute(f"create view request as select * from {engine.parquet([self._told_file])}")
        elif size < self.few_bytes:
            con.execute(f"create table request as {self._base.request}")
        else:
            con.execute(f"create table request as {self._numbered()}")
            self._only_key = self._one("select distinct cast(day as varchar) from request")
        try:
            yield
        finally:
            self._only_key = None
            con.execute(f"drop {kind} request")
            self._told_file.unlink(missing_ok=True)
            for name in ("caller_id", *SHARED):
                con.execute(f"drop type if exists of_{name}")

    @contextmanager
    def reading_counts(self, counts: Mapping[str, list[str]]) -> Iterator[None]:
        paths = {name: self._lake.fetched(files) for name, files in counts.items()}
        for name in counts:
            self._con.execute(f"create view counts_of_{name} as select * from {engine.parquet(paths[name])}")
        callers = " union all ".join(f"select caller_id from counts_of_{name}" for name in counts)
        is_much = not self._only_columns and sum(map(_size, paths.values())) >= self.few_bytes
        numbered = is_much and self._number("caller_id", callers, MOST_CALLERS)
        columns = "* replace (cast(caller_id as of_caller_id) as caller_id)" if numbered else "*"
        for name in counts:
            self._con.execute(f"create view {name} as select {columns} from counts_of_{name}")
        if is_much:
            days = " union ".join(f"select distinct day from counts_of_{name}" for name in counts)
            self._only_key = self._one(f"select distinct strftime(day, '%Y-%m') from ({days})")
        try:
            yield
        finally:
            self._only_key = None
            for name in counts:
                self._con.execute(f"drop view {name}")
                self._con.execute(f"drop view counts_of_{name}")
            self._con.execute("drop type if exists of_caller_id")

    def write(self, sql: str, partition: str, aside: Path) -> dict[str, Path]:
        with self._con.cursor() as con:
            counts = _counted(_in_texts(con, sql, f"select * from ({sql}) order by 1, 2"), partition)
            if self._only_key:
                aside.mkdir()
                whole = aside / "whole.parquet"
                (rows,) = con.execute(f"copy ({counts}) to {engine.quoted(str(whole))} ({WHOLE})").fetchone()
                return {self._only_key: whole} if rows else {}
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

    def _numbered(self) -> str:
        """The SELECT of `request`, with whole numbers in place of who called and of texts that requests share: enums, in the texts'
        order. A caller is looked up among all that there are, which takes a quarter of the time of hashing its references again and again."""
        con = self._con
        requests = self._base.request
        told = self._told()
        each = f"select distinct {', '.join(REFERENCES)} from ({told}) where not is_echo"
        con.execute(
            f"create or replace view lake_request as select *, false as is_echo from ({self._base.no_request} union all by name {each})"
        )
        con.execute(
            f"create or replace temp table caller as select {', '.join(REFERENCES)}, caller_id from ({requests})"
        )
        con.execute(f"create or replace view lake_request as {told}")
        con.execute("create type of_caller_id as enum (select distinct caller_id from caller order by 1)")
        con.execute("alter table caller alter caller_id type of_caller_id")
        replaced = ["caller.caller_id as caller_id"]
        for name in SHARED:
            if self._number(name, requests, MOST_SHARED):
                replaced.append(f"cast(request.{name} as of_{name}) as {name}")
        same = " and ".join(f"request.{name} is not distinct from caller.{name}" for name in REFERENCES)
        return f"select request.* exclude ({', '.join(REFERENCES[2:])}) replace ({', '.join(replaced)}) from ({requests}) as request join caller on {same}"

    def _one(self, keys: str) -> str | None:
        """The only day or month of a SELECT of them; None where there are several, or none."""
        found = self._con.execute(f"{keys} limit 2").fetchall()
        return found[0][0] if len(found) == 1 else None

    def _number(self, name: str, relation: str, most: int) -> bool:
        """Make the type `of_…` of a column's texts; not, where there are more than so many."""
        self._con.execute(
            f"create or replace temp table shared as select distinct {name} as text from ({relation}) "
            f"where {name} is not null limit {most + 1}"
        )
        (are_few,) = self._con.execute("select count(*) <= $most from shared", {"most": most}).fetchone()
        if are_few:
            self._con.execute(f"create type of_{name} as enum (select text from shared order by 1)")
        return are_few

    def _told(self) -> str:
        """The SELECT of `lake_request`; where no sidecar's line is among them, one that need not look for its pair."""
        sides = "select 1 from lake_event where starts_with(service, 'inbound|') limit 1"
        has_sides = self._con.execute(sides).fetchone()
        return self._base.lake_request if has_sides else "select *, false as is_echo from lake_event"


def _size(files: list[Path]) -> int:
    return sum(os.stat(file).st_size for file in files)


def _in_texts(con: engine.Connection, sql: str, ordered: str) -> str:
    """A SELECT with texts where the numbers that stand for them would come; its order is made before, from the numbers."""
    names = con.sql(sql).columns  # asking for the types would list every caller
    texts = [f"cast({name} as varchar) as {name}" for name in names if name in ("caller_id", *SHARED)]
    return f"select * replace ({', '.join(texts)}) from ({ordered})" if texts else ordered


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
