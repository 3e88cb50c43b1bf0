"""What lowers recurring revenue and what does not: coupons of customers, parts of periods, taxes inside, prices that nobody knows."""

from datetime import datetime

import pytest

from sql.catalogue import sql_files
from tests.sql.marts.biller import Biller, Price, with_customers
from tests.sql.marts.test_mrr import AS_OF, change, story
from tests.sql.marts.world import World, ask, rows

HUNDRED = Price("growth", 10_000)
MARCH = datetime(2026, 3, 1)


@pytest.fixture
def world(tmp_path):
    return with_customers(World(tmp_path, AS_OF))


def dollars(world: World) -> list[float]:
    """MRR at each month's end."""
    return [micros / 1_000_000 for (micros,) in rows(world.build(), "select mrr_micros from mrr_month order by month")]


def lines(world: World) -> list[dict]:
    return world.records["invoice_line"]


def test_a_price_that_nobody_knows_is_no_churn(world):
    Biller(world, AS_OF).add(story((datetime(2026, 3, 5), HUNDRED, 1)))
    change(world, 1, datetime(2026, 5, 10))
    world.records["price"].clear()
    found = rows(world.build(), "select month(month), mrr_micros, movement, unpriced from mrr_month order by month")
    assert found[:2] == [(3, 100_000_000, "new", 0), (4, 100_000_000, None, 0)]
    assert [(month, movement, unpriced) for month, _, movement, unpriced in found[2:]] == [(5, None, 1), (6, None, 1)]
    (check,) = [path for path in sql_files("checks") if path.stem == "mrr_ties_out"]
    assert rows(world.build(), check.read_text()) == []


def test_one_price_of_two_that_nobody_knows_leaves_the_whole_unknown(world):
    world.add(
        "subscription", "sub_1", source="stripe", customer_id="cus_0", status="active", currency="usd", started_at=MARCH
    )
    world.add(
        "price", "growth", source="stripe", currency="usd", interval="month", unit_amount=10_000, usage_type="licensed"
    )
    for n, price in enumerate(("growth", "gone")):
        world.add("subscription_item", f"si_{n}", source="stripe", subscription_id="sub_1", price_id=price, quantity=1)
    assert {row[0] for row in rows(world.build(), "select unpriced from mrr_month")} == {1}


def test_what_ends_at_one_moment_is_taken_off_once(world):
    Biller(world, datetime(2026, 3, 2)).add(story((MARCH, HUNDRED, 1), trial_days=31))
    april = datetime(2026, 4, 1)
    half = {"id": "di_1", "percent_off": 50.0, "duration": "repeating", "ends_at": "2026-04-01T00:00:00"}
    change(world, 1, MARCH, status="trialing", trial_ends_at=april,
           discounts=[half, {"id": "di_2", "percent_off": 20.0, "duration": "forever"}])  # fmt: skip
    assert dollars(world) == [80.0, 80.0, 80.0]


def test_a_coupon_of_the_customer_stays_off_when_events_begin_to_tell(world):
    """Its bills have it, the subscription itself does not: 50 % off until the bill that leaves it out."""
    Biller(world, AS_OF).add(story((MARCH, HUNDRED, 1), percent_off=50))
    for line in lines(world)[3:]:
        line |= {"discount": 0, "discounts": None}
    change(world, 1, datetime(2026, 4, 10))
    change(world, 2, datetime(2026, 5, 10))
    assert dollars(world) == [50.0, 50.0, 50.0, 100.0]


def test_a_coupon_of_the_subscription_is_not_taken_off_twice(world):
    Biller(world, AS_OF).add(story((MARCH, HUNDRED, 1), percent_off=50))
    change(world, 1, datetime(2026, 4, 10), discounts=[{"id": "di_sub_1", "percent_off": 50.0, "duration": "forever"}])
    assert set(dollars(world)) == {50.0}


def test_a_part_of_a_period_whose_discount_is_in_its_amount(world):
    """Stripe names the discount of a proration with an amount of 0 unless asked to itemize it."""
    Biller(world, AS_OF).add(story((MARCH, HUNDRED, 1), (datetime(2026, 4, 16), HUNDRED, 2), percent_off=50))
    for line in lines(world):
        if line["proration"]:
            line |= {"amount": line["amount"] - line["discount"], "discount": 0,
                     "discounts": [{"discount_id": "di_sub_1", "amount": 0}]}  # fmt: skip
    assert dollars(world) == [50.0, 100.0, 100.0, 100.0]


def test_a_coupon_for_one_bill_with_the_tax_inside(world):
    Biller(world, AS_OF).add(story((MARCH, Price("gross", 11_900), 1), tax=19, tax_inside=True))
    world.add("discount", "once", source="stripe", percent_off=50.0, duration="once")
    lines(world)[1] |= {"discount": 5_950, "tax": 950, "discounts": [{"discount_id": "once", "amount": 5_950}]}
    lines(world)[2] |= {"discount": 11_900, "tax": 0, "discounts": [{"discount_id": "once", "amount": 11_900}]}
    assert dollars(world) == [100.0, 100.0, 100.0, 100.0]


def test_an_amount_off_a_price_with_the_tax_inside(world):
    Biller(world, AS_OF).add(story((MARCH, Price("growth", 11_900), 1), tax=19, tax_inside=True))
    world.records["price"][0]["tax_behavior"] = "inclusive"
    world.add("discount", "off", source="stripe", amount_off=1_190, currency="usd", duration="forever")
    for line in lines(world):
        line |= {"discount": 1_190, "tax": 1_710, "discounts": [{"discount_id": "off", "amount": 1_190}]}
    off = {"id": "off", "amount_off": 1_190, "currency": "usd", "duration": "forever"}
    change(world, 1, datetime(2026, 5, 10), discounts=[off])
    assert dollars(world) == [90.0, 90.0, 90.0, 90.0]


def test_the_first_rate_of_a_currency_brings_its_revenue_to_light(world):
    world.rates = [("eur", datetime(2026, 4, 10).date(), 1.1)]
    Biller(world, AS_OF).add(story((MARCH, Price("euro", 10_000, currency="eur"), 1)))
    found = [
        (row["start"], row["new"], row["currency_effect"], row["mrr"], row["unpriced"])
        for row in ask(world.build(), "mrr_by_month")
    ]
    assert found[:3] == [(0, 0, 0, 0, 1), (0, 0, 110, 110, 0), (110, 0, 0, 110, 0)]
