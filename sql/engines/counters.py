"""What counts request files into roll-ups, whichever engine it is."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol

from data_sources.lakes import Lake
from data_sources.program import Program, ProgramError

PACKAGES = ("pyspark", "sqlglot", "grpc")
REQUIREMENTS = "sql/engines/spark-requirements.txt"


class EngineError(RuntimeError):
    """An engine could not count; the message says which, what and why."""


@dataclass(frozen=True)
class Base:
    """The SELECTs that roll-ups rest on: see `sql/usage/`."""

    no_request: str
    lake_request: str
    request: str


class Counter(Protocol):
    """Counts request files. `write` may run in as many threads at once as `at_once` says.

    `batch_bytes` and `batch_partitions` bound what is counted in one go: bytes of request files, days and months.
    """

    at_once: int
    batch_bytes: int
    batch_partitions: int

    def reading(self, files: list[str]) -> AbstractContextManager[None]:
        """While it holds, roll-ups count these request files of the lake."""

    def reading_counts(self, counts: Mapping[str, list[str]]) -> AbstractContextManager[None]:
        """While it holds, roll-ups count what days came to: the files in the lake of each roll-up, by its name."""

    def write(self, sql: str, partition: str, aside: Path) -> Mapping[str, Path]:
        """Count one roll-up, all of its days (or months: `partition`), and return a whole Parquet file of each that has rows.

        The files are in the folder `aside`, which is not there before, and hold the column `day`, a date, or `month`, a text
        such as 2026-11. Their columns and types are the same whichever engine wrote them.
        """

    def write_empty(self, sql: str, partition: str, path: Path) -> None:
        """Write a file with the roll-up's columns and no row."""

    def close(self) -> None:
        """Let go of what it holds."""


def check(program: Program) -> None:
    """Raises ProgramError where the engine that the program names lacks its packages."""
    if program.program.engine == "spark" and (missing := [name for name in PACKAGES if find_spec(name) is None]):
        raise ProgramError(
            f'engine = "spark" needs {", ".join(missing)}, which is not installed: '
            f".venv/bin/python -m pip install -r {REQUIREMENTS}"
        )


def open_counter(program: Program, base: Base, lake: Lake, writing: Path) -> Counter:
    """The counter of the engine that the program names; it may keep what it needs aside in the folder `writing` of the lake.

    Raises ProgramError where its packages are missing, EngineError where it does not answer.
    """
    if program.program.engine == "spark":
        check(program)
        from sql.engines.spark_counter import SparkCounter

        return SparkCounter.connect(program, base, lake, writing)
    from sql.engines.duckdb_counter import DuckDBCounter

    return DuckDBCounter(base, lake, writing)
