"""Sheets: CSV and Parquet for what a company keeps by hand or exports: organizations, developers, contracts, outreach, …

A sheet is the whole truth of its source: a row that is gone from it is gone. It is read again when its size, time or
content changed. Headers are matched to a record table's columns by name and by obvious synonyms; a row that does not fit
becomes a rejected record with file, line and reason.
"""

import csv
import gzip
import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as parquet
from sqlalchemy import JSON, BigInteger, Boolean, DateTime, Float, Integer

from data_sources import cells
from data_sources.failures import SourceError
from data_sources.records import RECORD_TABLES, Record
from data_sources.sheet_names import (
    CODES,
    FAMILY_NAMES,
    GIVEN_NAMES,
    IN_MINOR_UNITS,
    NATURAL_KEYS,
    NOT_MONEY,
    header_names,
    plain,
)
from data_sources.streams import Connector, Desk, Gone, Handed, Page, Put, Rejected, Stream, Unfit, excerpt

PAGE = 5_000
SHAPE = 2  # moves when the same sheet would be read differently, so that it is read again
DELIMITERS = ",;\t|"
IN_CRMS = ("organization", "contact", "opportunity")
csv.field_size_limit(16 << 20)


class Row(NamedTuple):
    """A row of a sheet: where it begins in its file (the header is line 1), and its cells in the header's order."""

    line_no: int
    cells: Sequence[Any]


@dataclass(frozen=True)
class Column:
    """A column of a record: its name, the headers that mean it, best first, and how a cell becomes its value.

    `cell` takes the cell and the row's currency.
    """

    name: str
    headers: tuple[str, ...]
    cell: Callable[[Any, str], Any]
    needed: bool = False


@dataclass(frozen=True)
class Layout:
    """How the rows of a sheet become records of one table. `dates` is what comes first in a date."""

    model: type[Record]
    columns: tuple[Column, ...]
    natural_key: tuple[str, ...] = ()
    needs_one_of: tuple[str, ...] = ()
    advice: str = ""
    dates: str = "year first"


# Files


@contextmanager
def open_sheet(path: Path) -> Iterator[tuple[list[str], Iterator[Row]]]:
    """The header and the rows of a CSV (also .gz; any of , ; tab |; UTF-8, UTF-16 or Windows-1252) or Parquet file.

    Raises SourceError for a file that is neither, saying what it looks like.
    """
    try:
        with path.open("rb") as file:
            start = file.read(64)
        if start[:4] == b"PAR1":
            with parquet.ParquetFile(path) as source:
                yield source.schema_arrow.names, _parquet_rows(source)
            return
        _refuse_other_kinds(path, start)
        packed = start[:2] == b"\x1f\x8b"
        with gzip.open(path, "rb") if packed else path.open("rb") as binary:
            encoding = "utf-16" if binary.read(2) in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
        text_file = (gzip.open if packed else open)(path, "rt", encoding=encoding, errors="surrogateescape", newline="")
        with text_file as lines:
            first = next((line for line in lines if line.strip()), "")
            lines.seek(0)
            reader = csv.reader(lines, delimiter=_delimiter(first))
            header: list[str] = []
            for header in reader:
                if any(cell.strip() for cell in header):
                    break
            if not any(cell.strip() for cell in header):
                raise SourceError(f"{path.name}: empty; expected a header line and rows")
            yield [_mended(cell).strip() for cell in header], _csv_rows(reader)
    except (csv.Error, UnicodeError, EOFError, gzip.BadGzipFile, pa.ArrowException) as error:
        raise SourceError(f"{path.name}: cannot be read as a sheet: {error}") from None
    except OSError as error:
        raise SourceError(f"{path.name}: {error.strerror or error}") from None


def _refuse_other_kinds(path: Path, start: bytes) -> None:
    looks = {
        b"PK\x03\x04": "an Excel workbook or zip file; save the sheet as CSV",
        b"\xd0\xcf\x11\xe0": "an old Excel workbook; save the sheet as CSV",
        b"%PDF": "a PDF document; export a CSV instead",
        b"SQLi": "a SQLite database; export a CSV instead",
        b"\x28\xb5\x2f\xfd": "a zstd file; unpack it, or use gzip or Parquet",
    }
    for magic, what in looks.items():
        if start.startswith(magic):
            raise SourceError(f"{path.name}: looks like {what}")
    stripped = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    if stripped[:1] in (b"{", b"[") or stripped[:1] == b"<":
        kind = "HTML or XML" if stripped[:1] == b"<" else "JSON"
        raise SourceError(f"{path.name}: looks like {kind}; expected CSV or Parquet")


def _delimiter(line: str) -> str:
    outside_quotes = re.sub(r'"[^"]*"', "", line)
    return max(DELIMITERS, key=outside_quotes.count)


def _csv_rows(reader: Any) -> Iterator[Row]:
    line = reader.line_num
    for found in reader:
        yield Row(line + 1, [_mended(cell) for cell in found])
        line = reader.line_num


def _mended(cell: str) -> str:
    """The cell, a byte that was no UTF-8 being read as Windows-1252."""
    if cell.isascii():
        return cell
    try:
        cell.encode("utf-8")
    except UnicodeEncodeError:
        return cell.encode("utf-8", "surrogateescape").decode("cp1252", "replace")
    return cell


def _parquet_rows(source: parquet.ParquetFile) -> Iterator[Row]:
    line = 1
    for batch in source.iter_batches(PAGE):
        for values in zip(*(column.to_pylist() for column in batch.columns), strict=True):
            line += 1
            yield Row(line, values)


# Headers


def layout_of(model: type[Record], dates: str = "year first") -> Layout:
    """The layout of a record table: every column but those that the store sets."""
    table, columns = model.__tablename__, []
    for column in model.__table__.columns:
        if column.name in ("source", "synced_at"):
            continue
        needed = not column.nullable and column.default is None and column.name != "id"
        columns.append(Column(column.name, header_names(table, column.name), _cell_of(table, column, dates), needed))
    key = NATURAL_KEYS.get(table, ())
    advice = 'Rename them, or add to the source: columns = { our_column = "their header" }'
    return Layout(model, tuple(columns), key, advice=advice, dates=dates)


def _cell_of(table: str, column: Any, dates: str) -> Callable[[Any, str], Any]:
    kind, name = column.type, column.name
    if isinstance(kind, BigInteger) and name not in NOT_MONEY:
        return _micros if name.endswith("_micros") else cells.money
    if name == "currency":
        return lambda value, _: (cells.text(value) or "").lower() or None
    plain_cell = cells.moment_with(dates) if isinstance(kind, DateTime) else _plain_cell(kind, name, table)
    return lambda value, _: plain_cell(value)


def _micros(value: Any, _currency: str) -> int | None:
    return cells.micros(value)


def _plain_cell(kind: Any, name: str, table: str) -> cells.Cell:
    if isinstance(kind, JSON):
        held = str(RECORD_TABLES[table].model_fields[name].annotation)
        return cells.mappings if "list[dict" in held else cells.texts if "list[str" in held else cells.mapping
    for sort, cell in ((Boolean, cells.flag), (Integer, cells.whole), (Float, cells.real)):
        if isinstance(kind, sort):
            return cell
    if (table, name) == ("contact", "role"):
        return cells.role
    if name in ("organization_ref", "organization_id", "parent_id") or (name == "id" and table in IN_CRMS):
        return cells.one_crm_id if name == "organization_ref" and table in IN_CRMS else cells.crm_id
    return cells.code if (table, name) in CODES else cells.text


@dataclass
class Matched:
    """Which cell goes into which column, and the headers that fit none. `name_parts` are the cells that make a name together."""

    cells: list[tuple[int, Column, bool]]
    extra: list[tuple[int, str]]
    name_parts: tuple[int, ...] = ()

    @property
    def understood(self) -> list[str]:
        """The columns of ours that are filled."""
        return sorted([column.name for _, column, _ in self.cells] + (["name"] if self.name_parts else []))


def match(layout: Layout, header: Sequence[str], renamed: Mapping[str, str], where: str) -> Matched:
    """Match headers to columns, best name first. Raises one SourceError that lists what was expected and what was found."""
    open_headers = {}
    for index, name in enumerate(header):
        if plain(name):
            open_headers.setdefault(plain(name), index)
    found: dict[str, tuple[int, Column, bool]] = {}
    problems = []
    for column in layout.columns:
        if column.name in renamed:
            index = open_headers.get(plain(renamed[column.name]))
            if index is None:
                problems.append(f"columns.{column.name} names the header {renamed[column.name]!r}, which is not there")
            else:
                found[column.name] = (index, column, False)
    taken = {index for index, _, _ in found.values()}
    # The first name of every column comes before the second of any, so that a synonym takes no other column's own name.
    for rank in range(max(len(column.headers) for column in layout.columns)):
        for column in layout.columns:
            if column.name in found or rank >= len(column.headers):
                continue
            for name, minor in _spelled(column, column.headers[rank]):
                index = open_headers.get(name)
                if index is not None and index not in taken:
                    found[column.name] = (index, column, minor)
                    taken.add(index)
                    break
    parts = _name_parts(open_headers, found) if any(column.name == "email" for column in layout.columns) else ()
    taken = {index for index, _, _ in found.values()}.union(parts)
    missing = [column for column in layout.columns if column.needed and column.name not in found]
    if layout.needs_one_of and not any(name in found for name in layout.needs_one_of):
        missing += [column for column in layout.columns if column.name in layout.needs_one_of]
    missing += [] if parts or any(name != "id" for name in found) or missing else list(layout.columns)
    if missing:
        wanted = "; ".join(
            f"{column.name} ({', '.join(repr(name) for name in column.headers[:6])})" for column in missing
        )
        problems.append(f"no header for {wanted}")
    if problems:
        held = ", ".join(repr(name) for name in header if name) or "none"
        raise SourceError(f"{where}: {'; '.join(problems)}. Headers found: {held}. {layout.advice}".rstrip())
    extra = [(index, name) for index, name in enumerate(header) if plain(name) and index not in taken]
    return Matched(list(found.values()), extra, parts)


def _name_parts(open_headers: Mapping[str, int], found: dict[str, tuple[int, Column, bool]]) -> tuple[int, ...]:
    """A person's first and last name, where no header holds the whole; what was taken for it, a job's title, is none."""
    held = [
        [open_headers[plain(name)] for name in names if plain(name) in open_headers][:1]
        for names in (GIVEN_NAMES, FAMILY_NAMES)
    ]
    if not all(held):
        return ()
    if "name" in found and found["name"][0] != open_headers.get("title"):
        return ()
    found.pop("name", None)
    return tuple(index for one in held for index in one)


def _spelled(column: Column, name: str) -> list[tuple[str, bool]]:
    """A header's name in `plain` form, and for money its spellings in minor units."""
    return [
        (plain(name), False),
        *((plain(name) + suffix, True) for suffix in IN_MINOR_UNITS if column.cell is cells.money),
    ]


# Rows


def read_rows(
    layout: Layout, path: Path, name: str, renamed: Mapping[str, str], currency: str, seen: dict[str, str]
) -> Iterator[Handed]:
    """The records of one file. `seen` maps the ids that were taken to where; the same id twice is rejected."""
    return (handed for _, handed in numbered_rows(layout, path, name, renamed, currency, seen))


def numbered_rows(
    layout: Layout, path: Path, name: str, renamed: Mapping[str, str], currency: str, seen: dict[str, str]
) -> Iterator[tuple[int, Handed]]:
    """As `read_rows`, each with its line in the file."""
    with open_sheet(path) as (header, rows):
        matched = match(layout, header, renamed, name)
        currency_at = next((index for index, column, _ in matched.cells if column.name == "currency"), None)
        id_at = next((index for index, column, _ in matched.cells if column.name == "id"), None)
        has_attributes = any(column.name == "attributes" for column in layout.columns)
        columns = {column.name for column in layout.columns}
        repeats: Counter[str] = Counter()
        for row in _without_footer(rows, len(header)):
            if not any(cell not in (None, "") and str(cell).strip() for cell in row.cells):
                continue
            try:
                if len(row.cells) > len(header) and any(str(cell).strip() for cell in row.cells[len(header) :]):
                    raise Unfit(f"{len(row.cells)} cells, but the header has {len(header)}; is a quote missing?")
                record = _record(matched, row, currency_at, currency)
                if has_attributes and "attributes" not in record:
                    held = {title: cells.text(_at(row, index)) for index, title in matched.extra}
                    record["attributes"] = {title: value for title, value in held.items() if value is not None} or None
                if "currency" in columns and record.get("currency") is None:
                    record["currency"] = currency
                if record.get("id") is None:
                    record["id"] = _natural_id(layout, record, repeats, seen)
                earlier = seen.setdefault(record["id"], f"{name}, line {row.line_no}")
                if earlier != f"{name}, line {row.line_no}":
                    raise Unfit(f"id {record['id']!r} was used before ({earlier})")
            except Unfit as error:
                held = dict(zip(header, row.cells, strict=False))
                own_id = cells.text(_at(row, id_at)) if id_at is not None else None
                yield row.line_no, Rejected(own_id, str(error), excerpt(held), name, row.line_no)
            else:
                yield row.line_no, Put(layout.model, record)


def _without_footer(rows: Iterable[Row], width: int) -> Iterator[Row]:
    """The rows without the lines of one cell that Salesforce writes below a report: its name, a copyright, who made it."""
    below: list[Row] = []
    for row in rows:
        if width > 1 and len(row.cells) <= 1:
            below.append(row)
            continue
        yield from below
        below.clear()
        yield row
    if not any("salesforce" in str(cell) and "Copyright" in str(cell) for row in below for cell in row.cells):
        yield from below


def _at(row: Row, index: int) -> Any:
    return row.cells[index] if index < len(row.cells) else None


def _record(matched: Matched, row: Row, currency_at: int | None, currency: str) -> dict[str, Any]:
    own = cells.text(_at(row, currency_at)) if currency_at is not None else None
    record = {}
    for index, column, minor in matched.cells:
        try:
            cell = _at(row, index)
            record[column.name] = cells.whole(cell) if minor else column.cell(cell, own or currency)
        except Unfit as error:
            raise Unfit(f"{column.name}: {error}") from None
        if column.needed and record[column.name] is None:
            raise Unfit(f"{column.name}: empty")
    if matched.name_parts:
        parts = (cells.text(_at(row, index)) for index in matched.name_parts)
        record["name"] = " ".join(part for part in parts if part) or None
    return record


def _natural_id(layout: Layout, record: Mapping[str, Any], repeats: Counter[str], seen: Mapping[str, str]) -> str:
    """The natural key (an e-mail, a domain; where another row has that one, the next), or else a fingerprint of the content;
    equal rows are numbered."""
    keys = [str(record[name]).lower() for name in layout.natural_key if record.get(name)]
    if keys:
        return next((key for key in keys if key not in seen), keys[0])
    content = "\x1f".join(f"{name}={value}" for name, value in sorted(record.items()) if value is not None)
    fingerprint = hashlib.sha256(content.encode()).hexdigest()[:20]
    repeats[fingerprint] += 1
    return fingerprint if repeats[fingerprint] == 1 else f"{fingerprint}-{repeats[fingerprint]}"


# The stream


def files_of(home: Path, pattern: str) -> list[Path]:
    """The files of a source: a path or glob, relative to the home. Raises SourceError where there is none."""
    base = Path(pattern)
    found = sorted(
        Path(base.anchor).glob(str(base.relative_to(base.anchor))) if base.is_absolute() else home.glob(pattern)
    )
    found = [path for path in found if path.is_file()]
    if not found:
        raise SourceError(f"{pattern}: no such file (relative paths start at {home})")
    return found


def read_sheets(layout: Layout, desk: Desk, pattern: str, renamed: Mapping[str, str], cursor: Any) -> Iterator[Page]:
    """All files of a source when one of them changed, else nothing. The last page is whole.

    A source whose rows all fail keeps what it had: SourceError.
    """
    files = files_of(desk.home, pattern)
    known = cursor if cursor and cursor.get("shape") == _shape(layout, renamed, desk.currency) else {"files": {}}
    now = {str(path): _identity(path, known["files"].get(str(path))) for path in files}
    fresh = {"shape": _shape(layout, renamed, desk.currency), "files": now}
    if {name: entry[2] for name, entry in now.items()} == {name: entry[2] for name, entry in known["files"].items()}:
        if now != known["files"]:
            yield Page([], fresh)
        return
    seen: dict[str, str] = {}
    handed = (
        one for path in files for one in read_rows(layout, path, _short(path, desk.home), renamed, desk.currency, seen)
    )
    first_reason = None
    while page := list(islice(handed, PAGE)):
        reasons = (f"{one.file}, line {one.line_no}: {one.reason}" for one in page if isinstance(one, Rejected))
        first_reason = first_reason or next(reasons, None)
        yield Page(page)
    if first_reason and not seen:
        raise SourceError(f"no row could be read, so nothing was changed. The first: {first_reason}")
    yield Page([], fresh, whole=True)


def _short(path: Path, home: Path) -> str:
    return str(path.relative_to(home)) if path.is_relative_to(home) else str(path)


def _shape(layout: Layout, renamed: Mapping[str, str], currency: str) -> str:
    return f"{SHAPE} {layout.model.__tablename__} {sorted(renamed.items())} {currency} {layout.dates}"


def _identity(path: Path, known: Sequence[Any] | None) -> list[Any]:
    """Size, time and content hash; the hash is computed again only when the other two moved."""
    held = path.stat()
    if known and list(known[:2]) == [held.st_size, held.st_mtime_ns]:
        return list(known)
    with path.open("rb") as file:
        return [held.st_size, held.st_mtime_ns, hashlib.file_digest(file, "sha256").hexdigest()]


def gone(model: type[Record], identifier: str, desk: Desk) -> Handed:
    """What is no longer in a sheet is gone."""
    return Gone(model, identifier)


@contextmanager
def open_home(source: Any, *, desk: Desk, **_: Any) -> Iterator[Desk]:
    """The desk of a source that is files of the home: nothing to connect to."""
    yield desk


def sheet_stream(layout: Layout, pattern: str, renamed: Mapping[str, str], name: str) -> Stream:
    """The one stream of a source that is a sheet."""

    def reader(_stream: Stream, desk: Desk, cursor: Any) -> Iterator[Page]:
        return read_sheets(layout, desk, pattern, renamed, cursor)

    return Stream(
        name, pattern, (layout.model,), _no_payloads, "read the file", missing=gone, reader=reader, layout=layout
    )


def _no_payloads(item: Mapping[str, Any], desk: Desk) -> Iterable[Handed]:
    return ()


def _streams(source: Any) -> tuple[Stream, ...]:
    layout = layout_of(RECORD_TABLES[source.table], source.dates)
    return (sheet_stream(layout, source.path, source.columns, source.table),)


CONNECTOR = Connector(
    kind="csv",
    label="CSV or Parquet sheet",
    open=open_home,
    streams=_streams,
    settings='table = "developer" (a record table) and path = "sheets/developers.csv"',
)
