"""Turns lines into request events: the quick way for clean JSON chunks, the careful way for every other line.

Both ways run the same SQL of the format. The quick way reads whole records at full speed; the lines that it could not
make sense of, and only these, go the careful way, which takes arrays apart, mends bare dashes and names the reason.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
import pyarrow as pa

from sql.engines import duckdb as engine
from sql.requests import Format, formats

BLOCK_BYTES = 8 << 20
CAREFUL_SHARE = 0.2
SAMPLE_BYTES = 1 << 20
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


class Reader:
    """Reads one text file after another into the view `event` (with `problem` null where it is one) of a connection."""

    def __init__(self, con: engine.Connection) -> None:
        self.con = con

    def read(self, form: Format, path: Path, lines: int, first_line_no: int = 1, quick: bool = True) -> Counts:
        """Read a file of exactly `lines` lines of clean UTF-8; the view `event` then holds each of them.

        Raises MiscountError when a line is lost or doubled.
        """
        self._empty(form, first_line_no)
        wanted = self._quick(form, path, lines, first_line_no) if quick and form.shape else None
        if wanted is None or len(wanted):
            self._careful(form, _batches(path, first_line_no, wanted))
        return self._counts(lines)

    def read_sample(self, form: Format, text: bytes) -> Counts:
        """Read a few lines from memory, for recognising their format."""
        self._empty(form, 1)
        batch = _batch(text, 1)
        self._careful(form, iter([batch]))
        return self._counts(batch.num_rows)

    def _empty(self, form: Format, first: int) -> None:
        self.con.execute("drop view if exists event")
        nothing = "(select cast(null as bigint) as line_no, cast(null as varchar) as line limit 0)"
        for table in ("quick", "careful"):
            self.con.execute(f"create or replace temp table {table} as {_events(form, nothing)}")
        self._view(first)

    def _view(self, first: int) -> None:
        """The quick rows are in the file's order, so their position is their line number."""
        self.con.execute(
            f"create or replace temp view event as select * replace (rowid + {first} as line_no) from quick "
            "where problem is null union all select * from careful"
        )

    def _quick(self, form: Format, path: Path, lines: int, first: int) -> np.ndarray | None:
        """The numbers of the lines that are left to the careful way; None for all of them."""
        events = form.sql.replace("from record", f"from {engine.quick_records(path, form.shape)}")
        self.con.execute("drop view event")
        self.con.execute(f"create or replace temp table quick as {events}")
        rows, bad = self.con.execute("select count(*), count(problem) from quick").fetchone()
        if rows != lines or bad > lines * CAREFUL_SHARE:
            self.con.execute("truncate quick")
            self._view(first)
            return None
        self._view(first)
        if not bad:
            return np.empty(0, np.int64)
        numbers = self.con.execute(
            "select rowid as position from quick where problem is not null order by 1"
        ).fetchnumpy()
        return np.asarray(numbers["position"]) + first

    def _careful(self, form: Format, batches: Iterator[pa.RecordBatch]) -> None:
        self._insert(form, pa.RecordBatchReader.from_batches(LINES, batches))
        if form.shape:
            self._mend(form)

    def _insert(self, form: Format, lines: pa.RecordBatchReader | None, relation: str = "given_lines") -> None:
        if lines is not None:
            self.con.register(relation, lines)
        self.con.execute(f"insert into careful {_events(form, relation)}")
        if lines is not None:
            self.con.unregister(relation)

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
        self._insert(form, None, "part")

    def _counts(self, physical: int) -> Counts:
        """Counts of the view, against the number of physical lines that another hand counted."""
        lines, accepted, blank, distinct, first_at, last_at = self.con.execute(
            "select count(*), count(case when problem is null then 1 end), count(case when problem = 'blank' then 1 end), "
            "(select count(*) from quick where problem is null) + (select count(distinct line_no) from careful), "
            "min(case when problem is null then occurred_at end), max(case when problem is null then occurred_at end) from event"
        ).fetchone()
        if distinct != physical:
            raise MiscountError(f"{physical:,} lines were read and {distinct:,} accounted for")
        return Counts(lines, accepted, lines - accepted - blank, blank, first_at, last_at)


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
    lines = pa.StringArray.from_buffers(len(ends), pa.py_buffer(offsets), pa.py_buffer(text))
    return pa.record_batch([pa.array(np.arange(first, first + len(ends))), lines], schema=LINES)


def recognise(con: engine.Connection, text: bytes) -> Format | None:
    """The format that reads most of these lines; None where none reads any."""
    sample = text[: text.rfind(b"\n", 0, SAMPLE_BYTES) + 1] or text[:SAMPLE_BYTES]
    reader = Reader(con)
    accepted = (
        {form: reader.read_sample(form, sample).accepted for form in formats().values()} if sample.strip() else {}
    )
    best = max(accepted, key=lambda form: accepted[form], default=None)
    return best if best and accepted[best] else None
