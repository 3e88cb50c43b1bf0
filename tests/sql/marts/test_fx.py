"""What a currency is worth on a day: crossing through the euro, typed rates before files, nothing before the first."""

from datetime import date, datetime
from decimal import Decimal

import pytest

from data_sources import cells
from data_sources.program import ProgramSection
from tests.sql.marts.world import World, rows

QUOTES = [
    ("usd", date(2026, 1, 2), "1.10"),
    ("usd", date(2026, 3, 2), "1.20"),
    ("jpy", date(2026, 1, 2), "165"),
    ("jpy", date(2026, 2, 2), "160"),
]


def world(tmp_path, currency: str = "usd") -> World:
    made = World(tmp_path)
    for code, day, rate in QUOTES:
        made.add("exchange_rate", f"{code}-{day}", source="ecb", base="eur", currency=code, rate=rate,
                 valid_from=datetime(day.year, day.month, day.day))  # fmt: skip
    if currency != "usd":
        program = made.program
        made.program = lambda: program().model_copy(update={"program": ProgramSection(name="Test", currency=currency)})
    return made


def on(con, currency: str, day: date) -> Decimal | None:
    found = rows(
        con,
        f"select rate from fx_rate where currency = '{currency}' and date '{day}' >= valid_from and date '{day}' < valid_to",
    )
    return found[0][0] if found else None


@pytest.mark.parametrize(
    ("program", "currency", "day", "expected"),
    [
        ("usd", "eur", date(2026, 2, 1), "1.1"),
        ("usd", "eur", date(2026, 6, 1), "1.2"),
        ("usd", "jpy", date(2026, 1, 5), "0.0066666667"),
        ("usd", "jpy", date(2026, 2, 5), "0.006875"),
        ("usd", "jpy", date(2026, 3, 5), "0.0075"),
        ("usd", "eur", date(2026, 1, 1), None),
        ("usd", "chf", date(2026, 6, 1), None),
        ("usd", "usd", date(1990, 1, 1), "1"),
        ("eur", "usd", date(2026, 3, 5), "0.8333333333"),
        ("eur", "jpy", date(2026, 3, 5), "0.00625"),
        ("jpy", "eur", date(2026, 1, 5), "165"),
    ],
)
def test_the_rate_of_a_day(tmp_path, program, currency, day, expected):
    found = on(world(tmp_path, program).build(), currency, day)
    assert found == (None if expected is None else Decimal(expected))


def test_a_typed_rate_holds_from_its_day_on_and_the_file_before(tmp_path):
    made = world(tmp_path)
    made.rates = [("eur", date(2026, 2, 15), 1.5)]
    con = made.build()
    assert [on(con, "eur", day) for day in (date(2026, 2, 14), date(2026, 2, 15), date(2026, 6, 1))] == [
        Decimal("1.1"),
        Decimal("1.5"),
        Decimal("1.5"),
    ]
    assert rows(con, "select distinct rate_source from fx_rate where currency = 'eur' order by 1") == [
        ("ecb",),
        ("program.toml",),
    ]


def test_the_rate_stays_with_the_amount(tmp_path):
    made = world(tmp_path).add("billing_customer", "cus", source="stripe")
    made.add("invoice", "in", source="stripe", customer_id="cus", status="paid", currency="jpy", total=1_000_001, tax=0,
             paid_at=datetime(2026, 2, 5))  # fmt: skip
    (row,) = rows(made.build(), "select rate, net_micros from revenue_event")
    assert row == (Decimal("0.006875"), 6_875_006_875)


def test_every_currency_has_the_decimals_that_sheets_and_pages_give_it(tmp_path):
    con = World(tmp_path).build()
    given = dict(rows(con, "select currency, decimals from currency_unit"))
    known = cells.ZERO_DECIMAL | cells.THREE_DECIMAL | {"usd", "isk", "ugx"}
    assert {currency: given.get(currency, 2) for currency in known} == {c: cells.minor_digits(c) for c in known}
    assert given.keys() <= known
