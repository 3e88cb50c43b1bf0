"""What billers share: periods and parts of them, amounts by their digits, prices of one subscription, what was seen."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_sources.billing.parts import is_part, later, minor, plainly, priced, seen
from data_sources.records import Price, Subscription, SubscriptionChange, SubscriptionItem
from data_sources.streams import Desk, Put, Unfit

NOW = datetime(2026, 3, 22)


def desk(**stored) -> Desk:
    return Desk(None, NOW, None, stored=lambda model, column: stored.get(f"{model.__name__}_{column}", {}))


@pytest.mark.parametrize(
    ("starts", "interval", "count", "ends"),
    [
        (datetime(2026, 1, 31), "month", 1, datetime(2026, 2, 28)),
        (datetime(2023, 11, 30), "month", 3, datetime(2024, 2, 29)),
        (datetime(2024, 2, 29), "year", 1, datetime(2025, 2, 28)),
        (datetime(2026, 1, 1), "quarter", 2, datetime(2026, 7, 1)),
        (datetime(2026, 1, 1), "week", 2, datetime(2026, 1, 15)),
        (datetime(2026, 1, 1), "day", None, datetime(2026, 1, 2)),
        (datetime(2026, 1, 1), "fortnight", 1, None),
        (datetime(2026, 1, 1), None, None, None),
        (datetime(9999, 12, 31), "month", 1, None),
    ],
)
def test_when_a_period_ends(starts, interval, count, ends):
    assert later(starts, interval, count) == ends


def test_a_change_of_the_clocks_makes_no_part():
    starts = datetime(2026, 3, 1, 5)  # midnight in New York
    assert is_part(starts, datetime(2026, 4, 1, 4), "month", 1) is False
    assert is_part(starts, datetime(2026, 3, 31, 5), "month", 1) is True
    assert is_part(starts, None, "month", 1) is None
    assert is_part(starts, datetime(2026, 4, 1), None, None) is None


@given(st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)), st.sampled_from(["month", "year"]), st.integers(1, 12))
def test_a_whole_period_is_never_a_part_and_half_of_one_always_is(starts, interval, count):
    ends = later(starts, interval, count)
    assert is_part(starts, ends, interval, count) is False
    assert is_part(starts, starts + (ends - starts) / 2, interval, count) is True


@given(st.integers(-(10**13), 10**13), st.sampled_from(["usd", "jpy", "kwd"]))
def test_amounts_come_back_from_the_floats_that_json_makes_of_them(whole, code):
    digits = {"usd": 2, "jpy": 0, "kwd": 3}[code]
    assert minor({"amount": float(Decimal(whole).scaleb(-digits))}, "amount", code) == whole


@pytest.mark.parametrize("value", [float("inf"), "Infinity", 1e30, True, "12.3.4"])
def test_an_amount_that_no_store_holds_is_unfit(value):
    with pytest.raises(Unfit, match="amount"):
        minor({"amount": value}, "amount", "usd")


def test_digits_without_an_exponent():
    assert [plainly(Decimal(one)) for one in ("1E+3", "0.0125", "10.50", "5")] == ["1000", "0.0125", "10.5", "5"]
    assert plainly(None) is None


def test_the_listed_price_where_it_is_what_the_subscription_pays():
    known = desk(Price_unit_amount={"p": 500, "tiered": None}, Price_billing_scheme={"tiered": "tiered"})
    assert priced("i", "p", 500, None, known, {}) == ("p", [])
    assert priced("i", "p", None, None, known, {}) == ("p", []), "it does not say otherwise"
    assert priced("i", "tiered", 700, None, known, {}) == ("tiered", []), "what tiers come to is no price of a unit"
    identifier, (own,) = priced("i", "p", 450, None, known, {"currency": "usd", "interval": "month"})
    assert (identifier, own.model, own.row["unit_amount"], own.row["interval"]) == ("i@450", Price, 450, "month")
    assert set(own.row) == set(Price.model_fields) - {"source", "synced_at"}


def row(**more) -> dict:
    return dict.fromkeys(Subscription.model_fields) | {"id": "s", "status": "active", "currency": "usd"} | more


ITEMS = [{"id": "i", "price_id": "p", "quantity": 1}]


def stored(**more) -> Desk:
    columns = {f"Subscription_{name}": {"s": value} for name, value in row(**more).items()}
    items = {"subscription_id": {"i": "s"}, "price_id": {"i": "p"}, "quantity": {"i": 1}}
    return desk(**columns, **{f"{SubscriptionItem.__name__}_{name}": value for name, value in items.items()})


def test_what_is_as_it_was_is_no_change():
    assert list(seen(row(), ITEMS, NOW, stored())) == []
    assert list(seen(row(), ITEMS, NOW, desk())) == [], "when it is first read, bills say what it was"


def test_what_differs_is_a_change_once():
    known, day = stored(), NOW - timedelta(days=3)
    ((change),) = seen(row(), [ITEMS[0] | {"quantity": 2}], day, known)
    assert isinstance(change, Put)
    assert (change.model, change.row["id"], change.row["occurred_at"]) == (SubscriptionChange, "s-20260319000000", day)
    assert change.row["items"] == [{"item_id": "i", "price_id": "p", "quantity": 2}]
    assert list(seen(row(), [ITEMS[0] | {"quantity": 2}], day, known)) == [], "a page that is sent twice"


def test_a_pause_is_a_change_when_it_is_first_read():
    (change,) = seen(row(status="paused", pause={"resumes_at": None}), ITEMS, None, desk())
    assert (change.row["status"], change.row["occurred_at"]) == ("paused", NOW)
