"""Turns lines into request events: the quick way for clean chunks, the careful way for every other line.

Both ways run the same SQL of the format. The quick way reads a whole file at full speed straight into Parquet files;
the lines that it could not make sense of, and only these, go the careful way, which takes arrays apart, mends bare dashes
and names the reason.
"""

import re
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain, islice
from pathlib import Path

import numpy as np
import pyarrow as pa

from data_sources.files import Chunk
from sql.engines import duckdb as engine
from sql.engines.readers import Lines, Wanted
from sql.requests import EVENT_TYPES, Format, formats
from sql.requests.sheets import Layout
from sql.requests.stretches import clean_rows

BLOCK_BYTES = 8 << 20
CAREFUL_SHARE = 0.2
SAMPLE_BYTES = 1 << 20
HEAD_BYTES = 4 << 10
MARKS = re.compile(rb'"(?:[^"\\]|\\.)*"|[][{}]', re.S)
FEW_MARKS = 4
POSSIBLE = "coalesce(occurred_at between timestamp '1990-01-01' and timestamp '2100-01-01', false)"
FEW_LINES, FEW_BYTES = 2_000, 256 << 10
ADDRESS = "address"
LAKE_TYPES = {**EVENT_TYPES, "chunk_id": "varchar"}
LINES = pa.schema([("line_no", pa.int64()), ("line", pa.string())])


class MiscountError(Exception):
    """Accepted, rejected and blank lines are not all lines: nothing of the chunk may be kept."""


@dataclass(frozen=True)
class Counts:
    """What became of lines: accepted + rejected + blank = lines. A line of n records counts as n lines."""

    lines: int
    accepted: int
    rejected: int
    blank: int
    careful_accepted: int = 0
    first_at: datetime | None = None
    last_at: datetime | None = None


@dataclass(frozen=True)
class Quick:
    """Where events are written, a folder `day=…` a UTC day, and what: a SELECT list over a format's events.

    `with_address` is the list for another engine where addresses are looked up, which only this process can: it has the address itself
    as `ADDRESS`, and no place.
    """

    folder: Path
    columns: str
    with_address: str | None = None

    @property
    def events(self) -> str:
        """What was written, as a relation."""
        return engine.parquet([self.folder / "*" / "*.parquet"])

    @property
    def files(self) -> dict[str, list[Path]]:
        """The files that were written, by day; none where every line went the careful way."""
        if not self.folder.exists():
            return {}
        days = sorted(self.folder.glob("day=*"))
        return {day.name.removeprefix("day="): sorted(day.glob("*.parquet")) for day in days}

    def write(self, con: engine.Connection, events: str) -> "Written":
        """Write a relation of events, named `event`."""
        return self.copy(con, f"select {self.columns} from {events}")

    def copy(self, con: engine.Connection, select: str) -> "Written":
        """Write what was selected of events already. One file first, because nearly all logs are of one day and dealing rows out to
        days takes a third longer."""
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        (count,) = con.execute(f"copy ({select}) to {engine.quoted(str(self._whole))} ({engine.PARQUET})").fetchone()
        whole = engine.parquet([self._whole])
        span = con.execute(f"select min(occurred_at), max(occurred_at) from {whole}").fetchone()
        if count and span[0].date() == span[1].date():
            of_day = self.folder / f"day={span[0].date()}"
            of_day.mkdir(parents=True)
            self._whole.replace(of_day / "data.parquet")
        elif count:
            dealt = f"select *, {engine.DAY} as day from {whole} as event"
            con.execute(f"copy ({dealt}) to {engine.quoted(str(self.folder))} ({engine.PARQUET}, partition_by (day))")
        self._whole.unlink(missing_ok=True)
        return Written(count, *span)

    @property
    def _whole(self) -> Path:
        return self.folder.with_suffix(".parquet")

    def found(self, con: engine.Connection) -> "Written":
        """What somebody else wrote."""
        if not self.files:
            return NOTHING
        return Written(
            *con.execute(f"select count(*), min(occurred_at), max(occurred_at) from {self.events}").fetchone()
        )

    def look_up(self, con: engine.Connection) -> None:
        """Put the country and network of each address in its place. The connection must have been taught them."""
        for file in (file for files in self.files.values() for file in files):
            whole, aside = engine.parquet([file]), file.with_suffix(".aside")
            places = (
                f"select address, country_of_address(address) as country, network_of_address(address) as network "
                f"from (select distinct {ADDRESS} as address from {whole})"
            )
            known = "place.country as client_country, place.network as client_network"
            con.execute(
                f"copy (select event.* exclude ({ADDRESS}) replace ({known}) from {whole} as event "
                f"left join ({places}) as place on place.address = event.{ADDRESS}) to {engine.quoted(str(aside))} ({engine.PARQUET})"
            )
            aside.replace(file)

    def discard(self) -> None:
        """Delete what was written."""
        self._whole.unlink(missing_ok=True)
        shutil.rmtree(self.folder, ignore_errors=True)


@dataclass(frozen=True)
class Written:
    """How many events were written, and when the first and the last of them were; no times where there are none."""

    events: int
    first_at: datetime | None
    last_at: datetime | None


NOTHING = Written(0, None, None)


@dataclass(frozen=True)
class _Done:
    """What the quick way did: the numbers of the lines that are left to the careful way, whether they are known to be right
    (`is_exact`), and the counts of all others."""

    left: list[int]
    lines: int
    accepted: int
    span: tuple[datetime | None, datetime | None]
    is_exact: bool = False


class Reader:
    """Reads one text file after another on a connection of one thread; the quick way with `lines` where that reads the format.

    The careful way fills the table `careful`: the format's columns, `problem` (null: an event; 'blank') and `line`.
    """

    def __init__(self, con: engine.Connection, lines: Lines | None = None) -> None:
        self.con = con
        self.lines = lines
        self.shaped: Format | None = None

    def read(self, form: Format, chunk: Chunk, quick: Quick | None = None) -> Counts:
        """Read a chunk into the table `careful` and the quick files.

        The quick files hold events only. There are none when every line went the careful way. Raises MiscountError when a
        line is lost or doubled.
        """
        done = self._quick(form, chunk, quick) if quick else None
        self._empty(form)
        if done and not self._pick(form, chunk, done):
            quick.discard()
            self._empty(form)
            done = None
        if done is None:
            self._insert(form, _batches(chunk))
            self._mend(form)
        return self._counts(form, len(done.left) if done else chunk.lines, done)

    def read_sample(self, form: Format, text: bytes) -> Counts:
        """Read a few lines from memory, for recognising their format."""
        self._empty(form)
        batch = _batch(text, 1)
        self._insert(form, [batch])
        self._mend(form)
        return self._counts(form, batch.num_rows, None)

    def reads_most(self, form: Format, text: bytes) -> bool:
        """Whether more than half of a few lines are events as they stand, so that no format can read more of them."""
        batch = _batch(text, 1)
        numbers, lines = (batch.column(i).to_pylist() for i in (0, 1))
        return self.con.execute(
            "select count(case when problem is null then 1 end) > count(case when problem is not null then 1 end) "
            f"from ({_events(form, engine.given_lines(numbers, lines))})"
        ).fetchone()[0]

    def _empty(self, form: Format) -> None:
        """Make `careful` anew; its columns are asked of the format once, which takes longer than all the rest."""
        if self.shaped is not form:
            nothing = "(select cast(null as bigint) as line_no, cast(null as varchar) as line limit 0)"
            self.con.execute(f"create or replace temp table careful_shape as {_events(form, nothing)}")
            self.shaped = form
        self.con.execute("create or replace temp table careful as from careful_shape")

    def _quick(self, form: Format, chunk: Chunk, quick: Quick) -> _Done | None:
        """What the quick way did; None where it left too many lines.

        Blank lines are no rows here, so that they shift the numbers after them: `_pick` finds that out.
        """
        wrapper = form.wrapper_of(_head(chunk)) if form.wrappers else None
        if self.lines and self.lines.reads(form):
            columns, types = quick.columns, LAKE_TYPES
            if quick.with_address:
                columns, types = quick.with_address, LAKE_TYPES | {ADDRESS: "varchar"}
            self.lines.write(form, wrapper, _batches(chunk), Wanted(columns, types, POSSIBLE), quick.folder)
            written = quick.found(self.con)
            if not wrapper and written.events > chunk.lines:
                quick.discard()
                return None
            if quick.with_address:
                quick.look_up(self.con)
            done = self._left(chunk, quick, written, wrapper is not None)
            return done and replace(done, is_exact=True)
        if wrapper:
            return self._quick_parts(form, chunk, quick, wrapper)
        first, lines = chunk.first_line_no, chunk.lines
        if form.layout:
            lines_of = engine.quick_sheet(chunk.text_path, form.layout, first)
        elif form.shape:
            lines_of = engine.quick_records(chunk.text_path, form.shape, first)
        else:
            lines_of = engine.quick_lines(chunk.text_path, first)
        written = self._write(form, lines_of, quick)
        good = written.events
        if form.layout and good < lines and not self._every_line_is_a_row(form.layout, chunk, quick, good):
            return self._quick_stretches(form, chunk, quick)
        return self._left(chunk, quick, written)

    def _quick_stretches(self, form: Format, chunk: Chunk, quick: Quick) -> _Done | None:
        """As `_quick`, of a sheet in which some lines are no rows: the stretches around them are left to the careful way."""
        quick.discard()
        if len(chunk.marks) < FEW_MARKS:
            return None
        with clean_rows(self.con, chunk, form.layout, quick.folder.with_name("stretches")) as (rows, lines):
            is_worth_it = lines >= chunk.lines * (1 - CAREFUL_SHARE)
            written = self._write(form, rows, quick) if is_worth_it else NOTHING
        done = self._left(chunk, quick, written)
        return done and replace(done, is_exact=True)

    def _write(self, form: Format, lines_of: str, quick: Quick) -> Written:
        """Write the events of a relation of lines to the quick files; nothing where it cannot be read."""
        try:
            return quick.write(self.con, f"({form.over(lines_of)}) as event where event.problem is null and {POSSIBLE}")
        except engine.Unreadable:
            return NOTHING

    def _left(self, chunk: Chunk, quick: Quick, written: Written, are_many: bool = False) -> _Done | None:
        """What the quick way did, by the events that it wrote; None where they are too few. `are_many`: a line may have many."""
        first, lines, good = chunk.first_line_no, chunk.lines, written.events
        if are_many and good:
            (good,) = self.con.execute(f"select count(distinct line_no) from {quick.events}").fetchone()
        if lines - good > lines * CAREFUL_SHARE:
            quick.discard()
            return None
        span = (written.first_at, written.last_at)
        if good == lines:
            return _Done([], written.events, written.events, span)
        left = self.con.execute(
            f"select number from range({first}, {first + lines}) as every (number) "
            f"where number not in (select line_no from {quick.events}) order by 1"
        )
        return _Done([number for (number,) in left.fetchall()], written.events, written.events, span)

    def _quick_parts(self, form: Format, chunk: Chunk, quick: Quick, wrapper: str) -> _Done | None:
        """The same where each line holds many records; a line of which one record is rejected is left as a whole.

        Where a blank line shifts the numbers, no line is read this way.
        """
        records = engine.quick_parts(chunk.text_path, form.shape, wrapper, chunk.first_line_no)
        events = form.over(records)
        try:
            self.con.execute(
                f"create or replace temp table quick_part as select {quick.columns}, "
                f"case when problem is null and not {POSSIBLE} then 'no time' else problem end as problem "
                f"from ({events}) as event"
            )
        except engine.Unreadable:
            return None
        left = self.con.execute(
            "select distinct line_no from quick_part where problem <> 'blank' order by line_no"
        ).fetchall()
        (seen,) = self.con.execute("select count(distinct line_no) from quick_part").fetchone()
        done = None
        if seen == chunk.lines and len(left) <= seen * CAREFUL_SHARE:
            read = "line_no not in (select line_no from quick_part where problem <> 'blank')"
            (lines,) = self.con.execute(f"select count(*) from quick_part where {read}").fetchone()
            written = quick.copy(
                self.con, f"select * exclude (problem) from quick_part where problem is null and {read}"
            )
            span = (written.first_at, written.last_at)
            done = _Done([number for (number,) in left], lines, written.events, span)
        self.con.execute("drop table quick_part")
        return done

    def _every_line_is_a_row(self, layout: Layout, chunk: Chunk, quick: Quick, good: int) -> bool:
        """Whether the rows of a sheet are numbered as its lines are: none was left out, and no cell holds a line break."""
        if good:
            last = self.con.execute(f"select max(line_no) from {quick.events}").fetchone()[0]
            if last == chunk.first_line_no + chunk.lines - 1:
                return True
        try:
            return self.con.execute(engine.count_rows(chunk.text_path, layout)).fetchone()[0] == chunk.lines
        except engine.Unreadable:
            return False

    def _pick(self, form: Format, chunk: Chunk, done: _Done) -> bool:
        """Give lines to the careful way; False when one of them is an event as it stands, so that they are the wrong ones,
        unless they are known to be right.

        That test is exact: where none of them is an event, they are all the lines that are none, because there are as many;
        the quick rows are then the other lines, in order.
        """
        if not done.left:
            return True
        self._insert(form, list(_picked(chunk, np.array(done.left, np.int64))))
        if not done.is_exact and self.con.execute("select 1 from careful where problem is null limit 1").fetchone():
            return False
        self._mend(form)
        return True

    def _insert(self, form: Format, batches: Iterable[pa.RecordBatch]) -> None:
        batches = iter(batches)
        some = list(islice(batches, 2))
        if sum(batch.num_rows for batch in some) < FEW_LINES and sum(batch.nbytes for batch in some) < FEW_BYTES:
            rest = list(batches)
            some, batches = some + rest, iter(())
            if not rest:
                numbers, lines = ([x for batch in some for x in batch.column(i).to_pylist()] for i in (0, 1))
                self.con.execute(f"insert into careful {_events(form, engine.given_lines(numbers, lines))}")
                return
        self.con.register("given_lines", pa.RecordBatchReader.from_batches(LINES, chain(some, batches)))
        self.con.execute(f"insert into careful {_events(form, 'given_lines')}")
        self.con.unregister("given_lines")

    def _mend(self, form: Format) -> None:
        """Read again, part by part, the lines that were no record: arrays, envelopes, arrays of envelopes, bare dashes."""
        if form.shape is None:
            return
        self._read_again(form)
        if form.is_own:
            shown = engine.shown_json("line", form.secret_keys)
            self.con.execute(f"update careful set line = {shown} where problem is not null and problem <> 'blank'")

    def _read_again(self, form: Format) -> None:
        no_record = "problem is not null and problem <> 'blank'"
        if not self.con.execute(f"select 1 from careful where {no_record} limit 1").fetchone():
            return
        self.con.execute(
            "create or replace temp table part as select line_no, json_opened(json_dash_as_null(line)) as line "
            "from (select line_no, unnest(json_parts(line)) as line "
            f"from (select line_no, unnest(json_parts(line)) as line from careful where {no_record}))"
        )
        self.con.execute(f"delete from careful where {no_record}")
        self.con.execute(f"insert into careful {_events(form, 'part')}")

    def _counts(self, form: Format, physical: int, done: _Done | None) -> Counts:
        """Counts of both ways; the careful one against the number of physical lines that another hand counted."""
        lines, accepted, blank, distinct, first_at, last_at = self.con.execute(
            "select count(*), count(case when problem is null then 1 end), count(case when problem = 'blank' then 1 end), "
            f"count({'distinct ' if form.shape else ''}line_no), min(case when problem is null then occurred_at end), "
            "max(case when problem is null then occurred_at end) from careful"
        ).fetchone()
        if distinct != physical:
            raise MiscountError(f"{physical:,} lines were read and {distinct:,} accounted for")
        done = done or _Done([], 0, 0, (None, None))
        firsts, lasts = ([at for at in pair if at] for pair in zip((first_at, last_at), done.span, strict=True))
        return Counts(
            lines=lines + done.lines,
            accepted=accepted + done.accepted,
            rejected=lines - accepted - blank,
            blank=blank + done.lines - done.accepted,
            careful_accepted=accepted,
            first_at=min(firsts, default=None),
            last_at=max(lasts, default=None),
        )


def _events(form: Format, relation: str) -> str:
    """A SELECT of a format's events over a relation of lines; a line is kept where it is no event. A header counts as blank."""
    if form.layout:
        records, kept, blank = (
            engine.careful_sheet(relation, form.layout),
            engine.shown_row("line", form.layout),
            f"(is_blank(line) or {engine.is_header('line', form.layout)})",
        )
    else:
        records, kept, blank = engine.careful_records(relation, form.shape), "line", "is_blank(line)"
    events = form.over(records)
    return (
        f"select * replace (case when problem is null then case when not {POSSIBLE} then 'a time that no call of an API can have: ' || occurred_at end "
        f"when {blank} then 'blank' when is_cut_by_runtime(line) "
        "then 'a part of a line that the container runtime cut: its end is not here' else problem end as problem, "
        f"case when problem is not null or not {POSSIBLE} then {kept} end as line) from ({events})"
    )


def _batches(chunk: Chunk) -> Iterator[pa.RecordBatch]:
    """The lines of a chunk as Arrow, a block at a time."""
    number, pending = chunk.first_line_no, b""
    with chunk.text_path.open("rb", buffering=0) as file:
        while piece := file.read(BLOCK_BYTES):
            text = pending + piece
            cut = text.rfind(b"\n") + 1
            text, pending = text[:cut], text[cut:]
            if text:
                batch = _batch(text, number)
                number += batch.num_rows
                yield batch
    if pending:
        yield _batch(pending, number)


def _head(chunk: Chunk) -> bytes:
    with chunk.text_path.open("rb", buffering=0) as file:
        return file.read(HEAD_BYTES)


def _picked(chunk: Chunk, wanted: np.ndarray) -> Iterator[pa.RecordBatch]:
    """The lines of a chunk that are numbered in `wanted` (sorted) as Arrow."""
    marks = [(0, 0), *chunk.marks]
    ends = [*marks[1:], (chunk.text_path.stat().st_size, chunk.lines)]
    with chunk.text_path.open("rb", buffering=0) as file:
        for (start, before), (end, after) in zip(marks, ends, strict=True):
            first = chunk.first_line_no + before
            here = wanted[np.searchsorted(wanted, first) : np.searchsorted(wanted, first + after - before)]
            if len(here):
                file.seek(start)
                yield _batch(file.read(end - start), first, here)


def _batch(text: bytes, first: int, wanted: np.ndarray | None = None) -> pa.RecordBatch:
    """Lines as Arrow, each with its newline. Built from buffers: pyarrow's own conversions would import pandas."""
    ends = np.flatnonzero(np.frombuffer(text, np.uint8) == 10) + 1
    if not len(ends) or ends[-1] != len(text):
        ends = np.append(ends, len(text))
    numbers = np.arange(first, first + len(ends)) if wanted is None else wanted.astype(np.int64)
    offsets = np.zeros(len(numbers) + 1, np.int32)
    if wanted is None:
        offsets[1:] = ends
    else:
        starts = np.concatenate(([0], ends))[wanted - first]
        ends = ends[wanted - first]
        text = b"".join(text[start:end] for start, end in zip(starts, ends, strict=True))
        offsets[1:] = np.cumsum(ends - starts)
    arrays = [
        pa.Int64Array.from_buffers(pa.int64(), len(numbers), [None, pa.py_buffer(numbers)]),
        pa.StringArray.from_buffers(len(numbers), pa.py_buffer(offsets), pa.py_buffer(text)),
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=LINES)


def recognise(reader: Reader, text: bytes, likely: Format | None = None) -> Format | None:
    """The format that reads most of these lines, the first of a file; None where none reads any. `likely` is taken when it
    reads more than half. A sheet of which there is only the header yet is known by that."""
    sample = text[: text.rfind(b"\n", 0, SAMPLE_BYTES) + 1] or text[:SAMPLE_BYTES]
    if not sample.strip():
        return None
    likely = likely and likely.fits(sample)
    if likely and reader.reads_most(likely, sample[: sample.rfind(b"\n", 0, FEW_BYTES) + 1] or sample):
        return likely
    signed = [form for form in formats().values() if form.sign.search(sample)]
    possible = [fitting for form in signed if (fitting := form.fits(sample))]
    if b"\n" not in sample and (wrapping := [form for form in possible if form.wrapper_of(sample)]):
        possible, sample = wrapping, _closed(sample)
    read = {form: reader.read_sample(form, sample) for form in possible}
    best = max(read, key=lambda form: read[form].accepted, default=None)
    if best and read[best].accepted:
        return best
    headed = (form for form in possible if form.layout and form.layout.header is not None)
    return next((form for form in headed if read[form].rejected == 0), None)


def _closed(cut: bytes) -> bytes:
    """A JSON line that is longer than a sample, as far as its last whole object, with what is open closed."""
    is_open, end, left_open = "", 0, ""
    for mark in MARKS.finditer(cut):
        match mark.group():
            case b"{" | b"[" as opening:
                is_open += "}" if opening == b"{" else "]"
            case b"}" | b"]" as closing:
                is_open = is_open[:-1]
                if closing == b"}":
                    end, left_open = mark.end(), is_open
    return cut[:end] + left_open[::-1].encode() + b"\n"
