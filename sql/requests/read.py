"""Turns lines into request events: the quick way for clean JSON chunks, the careful way for every other line.

Both ways run the same SQL of the format. The quick way reads whole records at full speed straight into a Parquet file;
the lines that it could not make sense of, and only these, go the careful way, which takes arrays apart, mends bare dashes
and names the reason.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from pathlib import Path

import numpy as np
import pyarrow as pa

from sql.engines import duckdb as engine
from sql.requests import Format, formats

BLOCK_BYTES = 8 << 20
CAREFUL_SHARE = 0.2
SAMPLE_BYTES = 1 << 20
FEW_LINES, FEW_BYTES = 2_000, 256 << 10
LINES = pa.schema([("line_no", pa.int64()), ("line", pa.string())])


class MiscountError(Exception):
    """Accepted, rejected and blank lines are not all lines: nothing of the chunk may be kept."""


@dataclass(frozen=True)
class Counts:
    """What became of lines: accepted + rejected + blank = lines. An array of n records counts as n lines."""

    lines: int
    accepted: int
    rejected: int
    blank: int
    first_at: datetime | None = None
    last_at: datetime | None = None


@dataclass(frozen=True)
class Quick:
    """Where the quick way writes its events, and the columns that it writes: a SELECT list over a format's events."""

    path: Path
    columns: str


class Reader:
    """Reads one text file after another on a connection of one thread.

    The careful way fills the table `careful`: the format's columns, `problem` (null: an event; 'blank') and `line`.
    """

    def __init__(self, con: engine.Connection) -> None:
        self.con = con

    def read(self, form: Format, path: Path, lines: int, first_line_no: int = 1, quick: Quick | None = None) -> Counts:
        """Read a file of exactly `lines` lines of clean UTF-8 into the table `careful` and, for JSON, the quick file.

        A row of the quick file without `occurred_at` is no event: its line is in `careful`. The quick file is not there
        when every line went the careful way. Raises MiscountError when a line is lost or doubled.
        """
        self._empty(form)
        left, span = None, None
        if quick and form.shape:
            left, span = self._quick(form, path, lines, first_line_no, quick)
        if left is None or len(left):
            self._careful(form, _batches(path, first_line_no, left))
        return self._counts(form, lines if left is None else len(left), 0 if left is None else lines - len(left), span)

    def read_sample(self, form: Format, text: bytes) -> Counts:
        """Read a few lines from memory, for recognising their format."""
        self._empty(form)
        batch = _batch(text, 1)
        self._careful(form, iter([batch]))
        return self._counts(form, batch.num_rows, 0, None)

    def _empty(self, form: Format) -> None:
        nothing = "(select cast(null as bigint) as line_no, cast(null as varchar) as line limit 0)"
        self.con.execute(f"create or replace temp table careful as {_events(form, nothing)}")

    def _quick(
        self, form: Format, path: Path, lines: int, first: int, quick: Quick
    ) -> tuple[np.ndarray | None, tuple[datetime, datetime] | None]:
        """The numbers of the lines that are left to the careful way (None: all), and the first and last time of the rest."""
        events = form.sql.replace("from record", f"from {engine.quick_records(path, form.shape, first)}")
        written = engine.quoted(str(quick.path))
        self.con.execute(f"copy (select {quick.columns} from ({events}) as event) to {written} ({engine.PARQUET})")
        rows, good, first_at, last_at = self.con.execute(
            f"select count(*), count(occurred_at), min(occurred_at), max(occurred_at) from read_parquet({written})"
        ).fetchone()
        if rows != lines or lines - good > lines * CAREFUL_SHARE:
            quick.path.unlink()
            return None, None
        if good == rows:
            return np.empty(0, np.int64), (first_at, last_at)
        bad = self.con.execute(f"select line_no from read_parquet({written}) where occurred_at is null order by 1")
        return np.array([number for (number,) in bad.fetchall()], np.int64), (first_at, last_at)

    def _careful(self, form: Format, batches: Iterator[pa.RecordBatch]) -> None:
        first, second = next(batches), next(batches, None)
        if second is None and first.num_rows < FEW_LINES and first.nbytes < FEW_BYTES:
            self._insert(form, engine.given_lines(first.column(0).to_pylist(), first.column(1).to_pylist()))
        else:
            all_of_them = chain([first], [second] if second else [], batches)
            self.con.register("given_lines", pa.RecordBatchReader.from_batches(LINES, all_of_them))
            self._insert(form, "given_lines")
            self.con.unregister("given_lines")
        if form.shape:
            self._mend(form)

    def _insert(self, form: Format, relation: str) -> None:
        self.con.execute(f"insert into careful {_events(form, relation)}")

    def _mend(self, form: Format) -> None:
        """Read again, part by part, the lines that were no record: arrays, envelopes, bare dashes."""
        no_record = "problem is not null and problem <> 'blank'"
        if not self.con.execute(f"select 1 from careful where {no_record} limit 1").fetchone():
            return
        self.con.execute(
            "create or replace temp table part as select line_no, json_dash_as_null(line) as line "
            f"from (select line_no, unnest(json_parts(line)) as line from careful where {no_record})"
        )
        self.con.execute(f"delete from careful where {no_record}")
        self._insert(form, "part")

    def _counts(self, form: Format, physical: int, quick: int, span: tuple[datetime, datetime] | None) -> Counts:
        """Counts of both ways; the careful one against the number of physical lines that another hand counted."""
        lines, accepted, blank, distinct, first_at, last_at = self.con.execute(
            "select count(*), count(case when problem is null then 1 end), count(case when problem = 'blank' then 1 end), "
            f"count({'distinct ' if form.shape else ''}line_no), min(case when problem is null then occurred_at end), "
            "max(case when problem is null then occurred_at end) from careful"
        ).fetchone()
        if distinct != physical:
            raise MiscountError(f"{physical:,} lines were read and {distinct:,} accounted for")
        firsts = [moment for moment in (first_at, span and span[0]) if moment]
        lasts = [moment for moment in (last_at, span and span[1]) if moment]
        return Counts(
            lines + quick, accepted + quick, lines - accepted - blank, blank,
            min(firsts, default=None), max(lasts, default=None),
        )  # fmt: skip


def _events(form: Format, relation: str) -> str:
    """A SELECT of a format's events over a relation of lines; a line is kept where it is no event."""
    events = form.sql.replace("from record", f"from {engine.careful_records(relation, form.shape)}")
    return (
        "select * replace (case when problem is not null and is_blank(line) then 'blank' else problem end as problem, "
        f"case when problem is not null then line end as line) from ({events})"
    )


def _batches(path: Path, first: int, wanted: np.ndarray | None) -> Iterator[pa.RecordBatch]:
    """The lines of a file (those numbered in `wanted`, sorted, or all) as Arrow, a block at a time."""
    number, pending = first, b""
    with path.open("rb", buffering=0) as file:
        while True:
            piece = file.read(BLOCK_BYTES)
            text = pending + piece
            cut = text.rfind(b"\n") + 1 if piece else len(text)
            text, pending = text[:cut], text[cut:]
            if text:
                batch = _batch(text, number)
                number += batch.num_rows
                if wanted is None:
                    yield batch
                else:
                    here = wanted[np.searchsorted(wanted, number - batch.num_rows) : np.searchsorted(wanted, number)]
                    if len(here):
                        yield batch.take(pa.array(here - (number - batch.num_rows)))
            if not piece:
                return


def _batch(text: bytes, first: int) -> pa.RecordBatch:
    ends = np.flatnonzero(np.frombuffer(text, np.uint8) == 10) + 1
    if not len(ends) or ends[-1] != len(text):
        ends = np.append(ends, len(text))
    offsets = np.zeros(len(ends) + 1, np.int32)
    offsets[1:] = ends
    numbers = np.arange(first, first + len(ends))
    # Built from buffers: pyarrow's own conversions would import pandas, which takes longer than most files.
    arrays = [
        pa.Int64Array.from_buffers(pa.int64(), len(ends), [None, pa.py_buffer(numbers)]),
        pa.StringArray.from_buffers(len(ends), pa.py_buffer(offsets), pa.py_buffer(text)),
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=LINES)


def recognise(con: engine.Connection, text: bytes) -> Format | None:
    """The format that reads most of these lines; None where none reads any."""
    sample = text[: text.rfind(b"\n", 0, SAMPLE_BYTES) + 1] or text[:SAMPLE_BYTES]
    reader = Reader(con)
    accepted = (
        {form: reader.read_sample(form, sample).accepted for form in formats().values()} if sample.strip() else {}
    )
    best = max(accepted, key=lambda form: accepted[form], default=None)
    return best if best and accepted[best] else None
