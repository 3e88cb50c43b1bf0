"""What a cell of a sheet means, and what is refused instead of guessed."""

from datetime import date, datetime
from decimal import Decimal

import pytest

from data_sources import cells
from data_sources.streams import Unfit


@pytest.mark.parametrize(
    ("cell", "currency", "minor"),
    [
        ("1,234.50", "usd", 123450),
        ("1.234,50", "eur", 123450),
        ("1 234,50", "eur", 123450),
        ("1'234.50", "chf", 123450),
        ("$1,234", "usd", 123400),
        ("1,234", "usd", 123400),
        ("12,5", "eur", 1250),
        ("(12.00)", "usd", -1200),
        ("-0.01", "usd", -1),
        ("500", "jpy", 500),
        ("1,234", "JPY", 1234),
        ("1.234", "kwd", 1234),
        ("1.5000", "usd", 150),
        ("", "usd", None),
        ("n/a", "usd", None),
        (99.99, "usd", 9999),
        (float("nan"), "usd", None),
        (Decimal("10.10"), "usd", 1010),
        ("1.234.567,89", "eur", 123456789),
        ("1.234.567", "eur", 123456700),
    ],
)
def test_money_becomes_minor_units(cell, currency, minor):
    assert cells.money(cell, currency) == minor


@pytest.mark.parametrize(
    ("cell", "currency"), [("1.234", "usd"), ("0.5", "jpy"), ("12 dollars", "usd"), ("1,2,3", "usd")]
)
def test_money_that_is_ambiguous_is_refused(cell, currency):
    with pytest.raises(Unfit):
        cells.money(cell, currency)


@pytest.mark.parametrize(
    ("cell", "micros"),
    [("53.285729", 53285729), ("1.2e-05", 12), ("0.0000005", 0), ("0.0000015", 2), ("-3", -3_000_000)],
)
def test_costs_become_micros(cell, micros):
    assert cells.micros(cell) == micros


@pytest.mark.parametrize(
    ("cell", "moment"),
    [
        ("2026-01-31", datetime(2026, 1, 31)),
        ("2026-01-31T08:00:00Z", datetime(2026, 1, 31, 8)),
        ("2026-01-31 08:00:00 UTC", datetime(2026, 1, 31, 8)),
        ("2026-01-31T08:00:00+02:00", datetime(2026, 1, 31, 6)),
        ("2026/1/5", datetime(2026, 1, 5)),
        ("20260131", datetime(2026, 1, 31)),
        ("2026-01-31T08:00:00.1234567Z", datetime(2026, 1, 31, 8, 0, 0, 123456)),
        (date(2026, 1, 31), datetime(2026, 1, 31)),
        (" ", None),
    ],
)
def test_times(cell, moment):
    assert cells.moment(cell) == moment


@pytest.mark.parametrize("cell", ["03/04/2026", "31.12.2026", "yesterday", "2026-13-01", "46023"])
def test_times_that_could_be_two_things_are_refused(cell):
    with pytest.raises(Unfit, match="expected a date"):
        cells.moment(cell)


def test_lists_and_mappings():
    assert cells.texts("a; b;c") == cells.texts('["a", "b", "c"]') == cells.texts(["a", "b", "c"]) == ["a", "b", "c"]
    assert cells.mapping('{"team": "rates"}') == cells.mapping([("team", "rates")]) == {"team": "rates"}
    assert cells.mappings('[{"step": "legal"}]') == [{"step": "legal"}]
    for function, cell in ((cells.mapping, "[1]"), (cells.mappings, "[1]"), (cells.mapping, "{oops")):
        with pytest.raises(Unfit, match="JSON"):
            function(cell)


def test_yes_and_no():
    assert [cells.flag(cell) for cell in ("Yes", "n", "1", "FALSE", True, "")] == [True, False, True, False, True, None]
    with pytest.raises(Unfit):
        cells.flag("maybe")
