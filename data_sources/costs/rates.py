"""Exchange rates by day: the European Central Bank's files, or a plain sheet of date, currency and rate.

The ECB says how much of each currency one euro was worth: `eurofxref-hist.csv` and `eurofxref.csv` have a column a currency,
`eurofxref-*.xml` a Cube a day. A plain sheet says what one unit of `currency` was worth in `base`, which is the program's
currency where it is left out. What is read is recognised by its content. N/A and empty cells are no rates; anything else that is
none is rejected with its line. https://www.ecb.europa.eu/stats/policy_and_exchange_rates/euro_reference_exchange_rates/
"""

import re
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from data_sources import cells
from data_sources.failures import SourceError
from data_sources.records import ExchangeRate
from data_sources.streams import Connector, Desk, Handed, Page, Put, Rejected, Stream, Unfit
from data_sources.tables import files_of, gone, open_home, open_sheet

EURO = "eur"
CODE = re.compile(r"[A-Za-z]{3}")
NOTHING = {"", "n/a", "na", "-"}
XML_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def read(path: Path, name: str, currency: str) -> Iterator[Handed]:
    """The rates of one file; raises SourceError for a file that holds none and says what it has instead."""
    with path.open("rb") as file:
        start = file.read(400).lstrip(b"\xef\xbb\xbf \r\n\t")
    yield from (_from_xml(path, name) if start.startswith(b"<") else _from_sheet(path, name, currency))


def _from_sheet(path: Path, name: str, currency: str) -> Iterator[Handed]:
    with open_sheet(path) as (header, rows):
        titles = [title.strip() for title in header]
        plain = {title.lower(): index for index, title in enumerate(titles)}
        if {"date", "currency", "rate"} <= plain.keys():
            for row in rows:
                yield from _one(row, plain, name, currency)
        elif titles and titles[0].lower() == "date" and any(CODE.fullmatch(title) for title in titles[1:]):
            for row in rows:
                yield from _wide(row, titles, name)
        else:
            held = ", ".join(repr(title) for title in titles[:8] if title)
            raise SourceError(
                f"{name}: no exchange rates; expected Date and a column a currency, or date, currency, rate. Found: {held}"
            )


def _wide(row: Any, titles: list[str], name: str) -> Iterator[Handed]:
    if not any(str(cell or "").strip() for cell in row.cells):
        return
    try:
        day = _day(row.cells[0])
    except Unfit as error:
        yield Rejected(None, str(error), str(row.cells[0])[:60], name, row.line_no)
        return
    for title, cell in zip(titles[1:], row.cells[1:], strict=False):
        if CODE.fullmatch(title) and str(cell or "").strip().lower() not in NOTHING:
            yield _rate(EURO, title.lower(), day, cell, name, row.line_no)


def _one(row: Any, plain: dict[str, int], name: str, currency: str) -> Iterator[Handed]:
    def cell(title: str) -> str:
        index = plain.get(title)
        return str(row.cells[index] or "").strip() if index is not None and index < len(row.cells) else ""

    if not any(str(one or "").strip() for one in row.cells) or cell("rate").lower() in NOTHING:
        return
    try:
        code, base = cell("currency").lower(), (cell("base") or currency).lower()
        if not CODE.fullmatch(code) or not CODE.fullmatch(base):
            raise Unfit(f"currency: {cell('currency')!r} is no code of three letters")
        yield _rate(code, base, _day(cell("date")), cell("rate"), name, row.line_no)
    except Unfit as error:
        yield Rejected(None, str(error), ", ".join(str(one) for one in row.cells)[:200], name, row.line_no)


def _from_xml(path: Path, name: str) -> Iterator[Handed]:
    """The ECB's XML: Cube elements with a time, in each one Cube a currency. Neither DTD nor entities are in it."""
    day, number = None, 0
    try:
        for _, element in ElementTree.iterparse(path, events=("start",)):
            number += 1
            if element.tag.rsplit("}", 1)[-1] != "Cube":
                continue
            if "time" in element.attrib:
                found = XML_DATE.fullmatch(element.attrib["time"])
                day = datetime.fromisoformat(found[0]) if found else None
            elif "currency" in element.attrib:
                if day is None:
                    yield Rejected(None, "time: missing or no day", str(element.attrib)[:200], name, number)
                else:
                    yield _rate(EURO, element.attrib["currency"].lower(), day, element.attrib.get("rate"), name, number)
    except ElementTree.ParseError as error:
        raise SourceError(f"{name}: not valid XML: {error}") from None
    if day is None:
        raise SourceError(
            f"{name}: XML without exchange rates; expected the ECB's Cube elements with time, currency and rate"
        )


def _rate(base: str, currency: str, day: datetime, value: Any, name: str, line_no: int) -> Handed:
    text = str(value).strip()
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal(0)
    if not number.is_finite() or number <= 0:
        return Rejected(
            None, f"rate of {currency.upper()}: {text[:40]!r} is no number above 0", text[:60], name, line_no
        )
    fields = {
        "id": f"{base}-{currency}-{day:%Y-%m-%d}",
        "base": base,
        "currency": currency,
        "valid_from": day,
        "rate": text,
    }
    return Put(ExchangeRate, fields)


def _day(value: Any) -> datetime:
    text = str(value).strip()
    for form in ("%d %B %Y", "%d %b %Y"):
        try:
            return datetime.strptime(text, form)
        except ValueError:
            continue
    found = cells.moment(value)
    if found is None:
        raise Unfit("date: empty")
    return found


def _read_all(stream: Stream, desk: Desk, cursor: Any) -> Iterator[Page]:
    """All files of the source when one of them changed; what is no longer in them is gone."""
    files = files_of(desk.home, stream.path)
    now = {str(path): [path.stat().st_size, path.stat().st_mtime_ns] for path in files}
    if cursor and cursor.get("files") == now and cursor.get("currency") == desk.currency:
        return
    read_any, first_reason = False, None
    for path in files:
        name = str(path.relative_to(desk.home)) if path.is_relative_to(desk.home) else str(path)
        handed = list(read(path, name, desk.currency))
        read_any = read_any or any(isinstance(one, Put) for one in handed)
        first_reason = first_reason or next((one.reason for one in handed if isinstance(one, Rejected)), None)
        yield Page(handed)
    if not read_any:
        raise SourceError(
            f"no rate could be read, so nothing was changed. The first: {first_reason or 'the files are empty'}"
        )
    yield Page([], {"files": now, "currency": desk.currency}, whole=True)


def _streams(source: Any) -> tuple[Stream, ...]:
    return (
        Stream(
            "exchange_rate",
            source.path,
            (ExchangeRate,),
            lambda item, desk: (),
            "read the file",
            missing=gone,
            reader=_read_all,
        ),
    )


CONNECTOR = Connector(
    kind="rates",
    label="Exchange rates (ECB file or sheet)",
    open=open_home,
    streams=_streams,
    settings='path = "sheets/eurofxref-hist.csv"',
)
