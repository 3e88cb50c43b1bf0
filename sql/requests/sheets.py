"""Logs that are sheets: a header line and rows of cells, or rows alone. Which column of a file is which of a format's.

The header stands only at the beginning of a file, so whoever reads a later stretch of it takes the layout from there.
"""

import csv
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

DELIMITERS = ",;\t|"
SECRET = re.compile(
    r"key|token|secret|authori[sz]ation|passw|credential|signature|cookie|session|jwt|bearer|header|body|raw_?re(quest|sponse)",
    re.IGNORECASE,
)
MOST_CELLS = 1_000


@dataclass(frozen=True)
class Sheet:
    """What a format says of its sheets.

    `columns` are the headers that mean a column, by its name in the SQL, best first; a file without one of `required` is
    none of the format. Sheets without a header have `cells`, the fewest and the most of a row: their columns are c1, c2, …;
    or `positions`, from 1, by column, and as many cells in each row as in the first. `secret` are columns of credentials.
    """

    columns: tuple[tuple[str, tuple[str, ...]], ...] = ()
    required: tuple[str, ...] = ()
    delimiters: str = DELIMITERS
    cells: tuple[int, int] | None = None
    secret: tuple[str, ...] = ()
    positions: tuple[tuple[str, int], ...] | None = None


@dataclass(frozen=True)
class Layout:
    """How one file is laid out. `places` are a format's columns with their position, from 1; 0 is none: always null.

    A row has `fewest` to `most` cells. `secret` are the positions of columns that may hold credentials. `header` is the
    header line without its end, None where there is none; `line_end` is as the first line ends.
    """

    delimiter: str
    fewest: int
    most: int
    places: tuple[tuple[str, int], ...]
    secret: tuple[int, ...] = ()
    header: str | None = None
    line_end: str = "\n"


def sheet_of(fields: Mapping[str, str]) -> Sheet:
    """The sheet that the header of a format's SQL file describes: `columns` (JSON) and `required`, or `cells` ("27 to 64");
    `delimiter` where it is always the same; `secret` columns."""
    delimiters = fields.get("delimiter", DELIMITERS)
    secret = tuple(name.strip() for name in fields.get("secret", "").split(",") if name.strip())
    if "cells" in fields:
        fewest, _, most = fields["cells"].partition(" to ")
        return Sheet((), (), delimiters, (int(fewest), int(most)), secret)
    columns = {
        name: (names,) if isinstance(names, str) else tuple(names)
        for name, names in json.loads(fields["columns"]).items()
    }
    required = tuple(name.strip() for name in fields["required"].split(","))
    return Sheet(tuple(columns.items()), required, delimiters, None, secret)


def plain_name(header: str) -> str:
    """A header as headers are compared: letters and digits alone, in lower case."""
    return re.sub(r"[\W_]+", "", header).lower()


def layout_of(sheet: Sheet, text: bytes) -> Layout | None:
    """The layout of a file that begins with this text (clean UTF-8); None where it is no sheet of this kind."""
    first, line_end = _first_line(text)
    if first is None:
        return None
    if sheet.cells:
        fewest, most = sheet.cells
        places = tuple((f"c{number}", number) for number in range(1, most + 1))
        return Layout(sheet.delimiters[0], fewest, most, places, _secret(sheet, places), None, line_end)
    if sheet.positions:
        delimiter = max(sheet.delimiters, key=lambda mark: len(cells_of(first, mark) or ()))
        width = len(cells_of(first, delimiter) or ())
        fits = width >= max(place for _, place in sheet.positions)
        secret = _secret(sheet, sheet.positions)
        return Layout(delimiter, width, width, sheet.positions, secret, None, line_end) if fits else None
    for delimiter in sheet.delimiters:
        names = cells_of(first, delimiter)
        if names and len(names) <= MOST_CELLS and (places := _places(sheet, names)):
            named = {number for number, name in enumerate(names, 1) if SECRET.search(name)}
            secret = tuple(sorted(named.union(_secret(sheet, places))))
            return Layout(delimiter, len(names), len(names), places, secret, first, line_end)
    return None


def missing(sheet: Sheet, text: bytes) -> str:
    """What a file lacks to be a sheet of this kind, as the end of a sentence, after the delimiter that finds the most."""
    first, _ = _first_line(text)
    if sheet.positions:
        width = max(len(cells_of(first or "", delimiter) or ()) for delimiter in sheet.delimiters)
        return f"its first line has {width} cells, fewer than the positions that are named"
    wanted = {name: dict(sheet.columns)[name] for name in sheet.required}
    found = [{plain_name(name) for name in cells_of(first or "", delimiter) or ()} for delimiter in sheet.delimiters]
    lacks = min(
        ([names[0] for names in wanted.values() if not {plain_name(n) for n in names} & there] for there in found),
        key=len,
        default=[],
    )
    return f"its header line lacks {', '.join(lacks)}"


def _secret(sheet: Sheet, places: tuple[tuple[str, int], ...]) -> tuple[int, ...]:
    return tuple(place for name, place in places if place and name in sheet.secret)


def cells_of(line: str, delimiter: str) -> list[str] | None:
    """The cells of one line; None where its quotes do not pair."""
    try:
        return next(csv.reader([line], delimiter=delimiter, strict=True), [])
    except csv.Error:
        return None


def _first_line(text: bytes) -> tuple[str | None, str]:
    for line in text.split(b"\n"):
        if line.strip():
            return line.decode("utf-8", "replace").rstrip("\r"), "\r\n" if line.endswith(b"\r") else "\n"
    return None, "\n"


def _places(sheet: Sheet, names: list[str]) -> tuple[tuple[str, int], ...] | None:
    at: dict[str, int] = {}
    for number, name in enumerate(names, 1):
        at.setdefault(plain_name(name), number)
    places = {ours: next((at[p] for p in map(plain_name, theirs) if p in at), 0) for ours, theirs in sheet.columns}
    return None if any(not places[name] for name in sheet.required) else tuple(places.items())
