"""Apache Spark through Spark Connect, or whatever speaks its protocol. Files are read and written by Spark itself."""

import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import grpc
import pyarrow.parquet as pq

from data_sources.lakes import Lake
from data_sources.program import Program
from sql.engines.counters import EngineError

# pyspark takes a process that was started by `python -c` for a run of its own doctests, which need all of Spark.
_MAIN = sys.modules["__main__"]
_IS_NAMELESS = not hasattr(_MAIN, "__file__")
if _IS_NAMELESS:
    _MAIN.__file__ = "-c"
try:
    from pyspark.errors import PySparkException
    from pyspark.sql.connect.session import SparkSession
finally:
    if _IS_NAMELESS:
        del _MAIN.__file__

PROBES = 32
TIMEOUT = 10  # seconds until somebody answers
PORT = 15002
SETTINGS = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.timestampType": "TIMESTAMP_NTZ",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.caseSensitive": "true",
    # bytes; Java never compiles a longer method, which then runs many times as slowly
    "spark.sql.codegen.hugeMethodLimit": "8000",
    # of days that a task writes side by side; of one that writes more, it sorts the rows first
    "spark.sql.maxConcurrentOutputFileWriters": "64",
}
TYPES = {
    "BIGINT": "bigint",
    "INTEGER": "int",
    "DOUBLE": "double",
    "HUGEINT": "double",  # as DuckDB writes it to Parquet
    "VARCHAR": "string",
    "BOOLEAN": "boolean",
    "DATE": "date",
    "TIMESTAMP": "timestamp_ntz",
}


def connect(program: Program) -> SparkSession:
    """A session of its own with the Spark that the program names. Raises EngineError where nobody answers, ProgramError
    where its token is not there."""
    url = program.program.spark
    token = program.resolve(program.program.spark_token) if program.program.spark_token else None
    address = urlsplit(url)
    try:
        socket.create_connection((address.hostname, address.port or PORT), timeout=TIMEOUT).close()
    except OSError as error:
        raise EngineError(
            f"spark = {url!r} in program.toml: nobody answers there ({error.strerror or error})"
        ) from error
    with said(f"spark = {url!r} in program.toml"):
        remote = url if token is None else f"{url.rstrip('/')}{'' if ';' in url else '/'};token={token}"
        session = SparkSession.builder.remote(remote).create()
        for name, value in SETTINGS.items():
            session.conf.set(name, value)
        return session


@contextmanager
def said(what: str) -> Iterator[None]:
    """Spark's errors as EngineError, with what was going on and the first line of why."""
    try:
        yield
    except (PySparkException, grpc.RpcError) as error:
        told = error.details() if isinstance(error, grpc.Call) else str(error)
        raise EngineError(f"{what}: {(told or type(error).__name__).strip().splitlines()[0][:500]}") from error


def probe(session: SparkSession, lake: Lake, folder: Path) -> None:
    """Whether all that Spark's workers write into a folder of the lake, which is not there before, is found here: else rows would be
    lost without a word. Raises EngineError."""
    shown = lake.url(folder.parent).removeprefix("file://")
    with said(f"Spark could not write to {shown}"):
        session.range(PROBES, numPartitions=PROBES).write.parquet(lake.url(folder))
    lake.bring(folder)
    if sum(pq.read_metadata(file).num_rows for file in folder.glob("*.parquet")) != PROBES:
        raise EngineError(
            f"Spark wrote to {shown}, and not all of it is there: the lake must be a folder that this machine and "
            "every worker of Spark share, under the same path, or a bucket ([lake] of program.toml)"
        )


def type_of(duckdb_type: str) -> str:
    """Spark's name of a type of DuckDB's. Raises EngineError where none is known."""
    if duckdb_type not in TYPES:
        raise EngineError(f"Spark has no type known here for DuckDB's {duckdb_type}")
    return TYPES[duckdb_type]
