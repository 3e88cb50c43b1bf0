"""Counts with Spark: it reads the request files and writes the counts itself, no row comes here.

What all roll-ups count is written once, aside: whole numbers stand for the callers, in the same order, and each caller's calls lie together.
So nothing is derived twice, and what groups and sorts by caller compares numbers that are nearly in order.
"""

import uuid
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from data_sources.lakes import Lake
from data_sources.program import Program
from sql.engines import spark, translate
from sql.engines.counters import Base
from sql.engines.duckdb_counter import DuckDBCounter

if TYPE_CHECKING:
    from pyspark.sql.connect.dataframe import DataFrame
    from pyspark.sql.connect.session import SparkSession


class SparkCounter:
    """See `Counter`. DuckDB says here which columns a roll-up has, over no request at all, and writes the files without rows."""

    at_once = 4
    batch_bytes = 64_000_000_000
    batch_partitions = 2_000

    def __init__(self, session: "SparkSession", base: Base, lake: Lake, writing: Path) -> None:
        self._session = session
        self._base = base
        self._lake = lake
        self._writing = writing
        self._is_numbered = False
        self._empty = DuckDBCounter(base, lake, writing, only_columns=True)

    @classmethod
    def connect(cls, program: Program, base: Base, lake: Lake, writing: Path) -> "SparkCounter":
        """A counter on the Spark that the program names. Raises EngineError where it cannot be used."""
        counter = cls(spark.connect(program), base, lake, writing)
        try:
            spark.probe(counter._session, lake, writing / "probe")
        except BaseException:
            counter.close()
            raise
        return counter

    @contextmanager
    def reading(self, files: list[str]) -> Iterator[None]:
        with self._empty.reading([]), spark.said("Spark could not read the request files"):
            # what an older version wrote lacks columns that came since; they are null there
            schema = ", ".join(
                f"{name} {spark.type_of(kind)}" for name, kind in self._empty.columns("from lake_event").items()
            )
            events = self._session.read.schema(schema).parquet(*self._urls(files))
            events.createOrReplaceTempView("lake_event")
            self._view("lake_request", self._told())
            self._view("told_request", self._base.request)
            with self._numbered(self._writing / f"read-{uuid.uuid4().hex}"):
                yield

    @contextmanager
    def reading_counts(self, counts: Mapping[str, list[str]]) -> Iterator[None]:
        with self._empty.reading_counts(counts), spark.said("Spark could not read the counts of days"):
            for name, files in counts.items():
                self._session.read.parquet(*self._urls(files)).createOrReplaceTempView(name)
            yield

    def write(self, sql: str, partition: str, aside: Path) -> dict[str, Path]:
        key = f"of_{partition}"
        columns = self._empty.columns(sql)
        typed = {name: f"cast({name} as {spark.type_of(kind)})" for name, kind in columns.items()}
        if partition == "month":
            typed["month"] = "substr(cast(month as string), 1, 7)"
        typed[key] = f"cast({typed[partition]} as string)"
        with spark.said(f"Spark could not count {aside.name}"):
            counts = self._session.sql(self._in_texts(sql, columns))
            counts = counts.selectExpr(*(f"{cast} as {name}" for name, cast in typed.items()))
            # each day goes to a file of its own, so that its rows need not lie together before; told apart by their days they sort slowly
            counts = counts.repartition(key).sortWithinPartitions(*list(columns)[1:2], key)
            counts.write.partitionBy(key).option("compression", "zstd").parquet(self._lake.url(aside))
        self._lake.bring(aside)
        return self._empty.one_each({folder.name.split("=", 1)[1]: folder for folder in aside.glob(f"{key}=*")})

    def write_empty(self, sql: str, partition: str, path: Path) -> None:
        self._empty.write_empty(sql, partition, path)

    def close(self) -> None:
        self._session.stop()
        self._empty.close()

    def _urls(self, files: list[str]) -> list[str]:
        return [self._lake.url(self._lake.here / file) for file in files]

    @contextmanager
    def _numbered(self, folder: Path) -> Iterator[None]:
        """While it holds, `request` is what was written of `told_request`, and `numbered_caller` says which number stands for which caller."""
        number = "cast(row_number() over (order by caller_id) as int) as number"
        columns = ", ".join(
            "numbered_caller.number as caller_id" if name == "caller_id" else f"told_request.{name}"
            for name in self._empty.columns("from request")
        )
        numbered = "join numbered_caller on numbered_caller.caller_id = told_request.caller_id"
        try:
            callers = f"select caller_id, {number} from (select distinct caller_id from told_request) as caller"
            self._written(self._session.sql(callers), folder / "caller", "numbered_caller")
            requests = self._session.sql(f"select {columns} from told_request {numbered}")
            requests = requests.sortWithinPartitions("caller_id")
            self._written(requests, folder / "request", "request")
            self._is_numbered = True
            yield
        finally:
            self._is_numbered = False
            self._lake.clear(folder)

    def _written(self, rows: "DataFrame", folder: Path, name: str) -> None:
        rows.write.option("compression", "snappy").parquet(self._lake.url(folder))
        self._session.read.parquet(self._lake.url(folder)).createOrReplaceTempView(name)

    def _in_texts(self, sql: str, columns: Iterable[str]) -> str:
        """Spark's words for a SELECT, with the callers where the numbers that stand for them would come."""
        has_numbers = self._is_numbered and "caller_id" in columns and translate.reads(sql, "request")
        sql = translate.select(sql)
        if not has_numbers:
            return sql
        named = ", ".join(f"{'numbered_caller' if name == 'caller_id' else 'counted'}.{name}" for name in columns)
        return f"select {named} from ({sql}) as counted left join numbered_caller on numbered_caller.number = counted.caller_id"

    def _view(self, name: str, sql: str) -> None:
        self._session.sql(translate.select(sql)).createOrReplaceTempView(name)

    def _told(self) -> str:
        sides = self._session.sql(
            translate.select("select 1 from lake_event where starts_with(service, 'inbound|') limit 1")
        )
        return "select *, false as is_echo from lake_event" if sides.isEmpty() else self._base.lake_request
