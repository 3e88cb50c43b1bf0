"""What reads log lines beside DuckDB, where the program names another engine."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

import pyarrow as pa

from data_sources.lakes import Lake
from data_sources.program import Program
from sql.engines.counters import check
from sql.requests import Format

AT_ONCE = 16  # chunks that a cluster is given


@dataclass(frozen=True)
class Wanted:
    """What is written of an event: a SELECT list over a format's events, named `event`; the types of its columns; and a condition, without
    which an event is none."""

    columns: str
    types: Mapping[str, str]
    possible: str


class Lines(Protocol):
    """Another engine that reads lines the quick way. Several threads may ask it at once."""

    def reads(self, form: Format) -> bool:
        """Whether it has words for all that the format's SQL says."""

    def write(
        self,
        form: Format,
        wrapper: str | None,
        batches: Iterator[pa.RecordBatch],
        wanted: Wanted,
        folder: Path,
    ) -> None:
        """Write the events of lines (line_no, line) as Parquet into `folder`, which is not there before: a folder `day=…` a UTC day.

        `wrapper` is the member under which each line holds its records, where it holds many. A line of which it is not certain, or one of
        whose records is no event, is none of its events. Raises EngineError.
        """

    def close(self) -> None:
        """Let go of what it holds."""


def at_once(program: Program, workers: int) -> int:
    """How many chunks are read side by side: one a worker of this machine, or what a cluster is given."""
    return AT_ONCE if program.program.engine == "spark" else workers


def open_lines(program: Program, lake: Lake, writing: Path, salt: str, now: datetime) -> Lines | None:
    """The engine that the program names; None where that is DuckDB. It keeps what it needs aside in the folder `writing`.

    Raises ProgramError where its packages are missing, EngineError where it does not answer.
    """
    if program.program.engine != "spark":
        return None
    check(program)
    from sql.engines.spark_lines import SparkLines

    return SparkLines(program, lake, writing, salt, now)
