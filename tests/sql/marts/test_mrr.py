"""Recurring revenue at every month's end, and what moved it: billing's awkward moments by hand, and stories at random."""

from datetime import date, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.sql.marts.biller import Biller, Price, Story, half_up, month_ends, with_customers
from tests.sql.marts.world import World, ask, rows

AS_OF = datetime(2026, 6, 30)
GROWTH, STARTER = Price("growth", 39_900), Price("starter", 4_900)


@pytest.fixture
def world(tmp_path):
    return with_customers(World(tmp_path, AS_OF))


def told(world: World, *stories: Story, **how) -> list[tuple]:
    """(month, movement, dollars at its end) of all accounts together."""
    biller = Biller(world, AS_OF)
    for story in stories:
        biller.add(story, **how)
    con = world.build()
    return [
        (f"{month:%m}", movement, micros / 1_000_000)
        for month, movement, micros in rows(
            con, "select month, movement, mrr_micros from mrr_month order by month, movement"
        )
    ]


def story(*steps, id: str = "sub_1", customer: str = "cus_0", **more) -> Story:
    return Story(id, customer, steps[0][0], list(steps), **more)


def test_a_year_is_a_twelfth_a_month(world):
    """The oracle of METRICS: 12,000 a year is 1,000."""
    assert told(world, story((datetime(2026, 5, 5), Price("yearly", 1_200_000, "year"), 1))) == [
        ("05", "new", 1000.0),
        ("06", None, 1000.0),
    ]


@pytest.mark.parametrize(
    ("price", "monthly"),
    [
        (Price("quarterly", 30_000, "month", 3), 100.0),
        (Price("weekly", 1_200, "week"), 52.0),
        (Price("fortnight", 2_400, "week", 2), 52.0),
        (Price("daily", 1_200, "day"), 365.0),
        (Price("two years", 240_000, "year", 2), 100.0),
    ],
)
def test_any_interval_and_count(world, price, monthly):
    assert told(world, story((datetime(2026, 6, 2), price, 1))) == [("06", "new", monthly)]


def test_the_last_day_of_january_and_a_month(world):
    assert told(world, story((datetime(2026, 1, 31, 12), GROWTH, 1))) == [
        ("01", "new", 399.0),
        *((f"{month:02d}", None, 399.0) for month in range(2, 7)),
    ]


def test_a_leap_day(tmp_path):
    world = World(tmp_path, datetime(2025, 4, 1)).add("billing_customer", "cus_0", source="stripe")
    biller = Biller(world, datetime(2025, 4, 1))
    biller.add(story((datetime(2024, 2, 29), Price("yearly", 120_000, "year"), 1)))
    con = world.build()
    assert rows(con, "select distinct mrr_micros from mrr_month") == [(100_000_000,)]
    assert rows(con, "select count(*) from mrr_month") == [(14,)]


def test_down_then_up_within_a_day_moves_nothing(world):
    day = datetime(2026, 5, 10)
    found = told(
        world,
        story(
            (datetime(2026, 4, 1), GROWTH, 2),
            (day + timedelta(hours=9), GROWTH, 1),
            (day + timedelta(hours=15), GROWTH, 2),
        ),
    )
    assert found == [("04", "new", 798.0), ("05", None, 798.0), ("06", None, 798.0)]


def test_more_in_the_middle_of_a_month_and_less_later(world):
    found = told(
        world,
        story(
            (datetime(2026, 3, 1), STARTER, 1),
            (datetime(2026, 4, 15), STARTER, 3),
            (datetime(2026, 5, 20), GROWTH, 1),
            (datetime(2026, 6, 20), STARTER, 1),
        ),
    )
    assert found == [
        ("03", "new", 49.0),
        ("04", "expansion", 147.0),
        ("05", "expansion", 399.0),
        ("06", "contraction", 49.0),
    ]


def test_a_year_instead_of_months(world):
    found = told(
        world, story((datetime(2026, 3, 1), GROWTH, 1), (datetime(2026, 4, 11), Price("yearly", 360_000, "year"), 1))
    )
    assert found[:3] == [("03", "new", 399.0), ("04", "contraction", 300.0), ("05", None, 300.0)]


def test_churn_only_when_nothing_else_is_active_and_back_again(world):
    found = told(
        world,
        story((datetime(2026, 1, 3), GROWTH, 1), ended=datetime(2026, 3, 3)),
        story((datetime(2026, 1, 3), STARTER, 1), id="sub_2", ended=datetime(2026, 4, 3)),
        story((datetime(2026, 6, 3), STARTER, 1), id="sub_3"),
    )
    assert found == [
        ("01", "new", 448.0),
        ("02", None, 448.0),
        ("03", "contraction", 49.0),
        ("04", "churn", 0.0),
        ("06", "reactivation", 49.0),
    ]


def test_a_trial_counts_nothing_until_it_is_over(world):
    assert told(world, story((datetime(2026, 4, 20), GROWTH, 1), trial_days=30)) == [
        ("05", "new", 399.0),
        ("06", None, 399.0),
    ]


def test_discounts_that_last_lower_it_and_those_that_end_raise_it(world):
    found = told(
        world,
        story((datetime(2026, 3, 5), GROWTH, 1), percent_off=20),
        story(
            (datetime(2026, 3, 5), GROWTH, 1),
            id="sub_2",
            customer="cus_1",
            percent_off=50,
            off_until=datetime(2026, 5, 5),
        ),
    )
    assert [(month, movement, mrr) for month, movement, mrr in found if mrr in (199.5, 399.0)] == [
        ("03", "new", 199.5),
        ("04", None, 199.5),
        ("05", "expansion", 399.0),
        ("06", None, 399.0),
    ]
    assert {mrr for _, _, mrr in found} == {199.5, 319.2, 399.0}


def test_a_discount_on_one_bill_is_no_lower_price(world):
    biller = Biller(world, AS_OF)
    biller.add(story((datetime(2026, 5, 5), GROWTH, 1), percent_off=50, off_until=datetime(2026, 5, 6)))
    world.records["discount"][0]["duration"] = "once"
    assert rows(world.build(), "select distinct mrr_micros from mrr_month") == [(399_000_000,)]


def test_tax_inside_the_price_is_not_ours(world):
    assert told(world, story((datetime(2026, 6, 5), Price("gross", 11_900), 1), tax=19, tax_inside=True)) == [
        ("06", "new", 100.0)
    ]


def test_what_is_past_due_counts_and_what_is_written_off_too_until_it_ends(world):
    biller = Biller(world, AS_OF)
    biller.add(story((datetime(2026, 3, 5), GROWTH, 1)))
    for invoice, status in zip(world.records["invoice"], ("paid", "uncollectible", "void", "open"), strict=True):
        invoice["status"] = status
    world.records["subscription"][0]["status"] = "past_due"
    assert rows(world.build(), "select count(*), min(mrr_micros) from mrr_month") == [(4, 399_000_000)]


def test_a_zero_decimal_currency_and_the_rate_apart_from_what_moved(world):
    world.rates = [("jpy", date(2026, 1, 1), 0.0065), ("jpy", date(2026, 5, 1), 0.0070)]
    biller = Biller(world, AS_OF)
    yen = Price("yen", 50_000, currency="jpy")
    biller.add(story((datetime(2026, 4, 5), yen, 1), (datetime(2026, 5, 5), yen, 2)))
    con = world.build()
    found = rows(
        con,
        "select start_micros, new_micros, expansion_micros, currency_effect_micros, mrr_micros from mrr_month order by month",
    )
    million = 1_000_000
    assert found[:2] == [
        (0, 325 * million, 0, 0, 325 * million),
        (325 * million, 0, 350 * million, 25 * million, 700 * million),
    ]


def test_a_currency_without_a_rate_is_counted_and_not_added(world):
    found = told(world, story((datetime(2026, 6, 5), Price("francs", 100, currency="chf"), 1)))
    assert found == [("06", None, 0.0)]


def test_a_subscription_that_moves_to_another_customer_churns_there_and_is_new_here(world):
    biller = Biller(world, AS_OF)
    biller.add(story((datetime(2026, 4, 5), GROWTH, 1)))
    for invoice in world.records["invoice"][1:]:
        invoice["customer_id"] = "cus_1"
    world.records["subscription"][0]["customer_id"] = "cus_1"
    con = world.build()
    found = rows(
        con,
        "select month(month), account_id = (select account_id from account_member where id = 'cus_1'), movement"
        " from mrr_month where movement is not null order by 1, 2",
    )
    assert found == [(4, False, "new"), (5, False, "churn"), (5, True, "new")]


def moving(tmp_path) -> World:
    """100 a month of the open tier that becomes a partner's on 10 May, and 10 more in June; a partner of its own from June."""
    world = World(tmp_path, AS_OF)
    world.person("ann", "ann@acme.com").add("application", "app", developer_id="ann", created_at=datetime(2026, 1, 1))
    world.add("billing_customer", "cus_0", source="stripe", consumer_ref="app", email="ann@acme.com")
    world.add("organization", "org", name="Acme", domain="acme.com")
    world.add(
        "contract", "ct", organization_ref="org", tier="partner", starts_at=datetime(2026, 5, 10), status="active"
    )
    hundred, more = Price("hundred", 10_000), Price("more", 11_000)
    Biller(world, AS_OF).add(story((datetime(2026, 4, 5), hundred, 1), (datetime(2026, 6, 5), more, 1)))
    return world


def test_what_an_account_brings_into_a_tier_is_a_step_of_its_own(tmp_path):
    con = moving(tmp_path).build()
    columns = ("start", "tier_change", "new", "expansion", "mrr")
    found = {
        tier: [tuple(row[name] for name in columns) for row in ask(con, "mrr_by_month", tier=tier)]
        for tier in ("open", "partner", None)
    }
    assert found["partner"] == [(0, 100, 0, 0, 100), (100, 0, 0, 10, 110)]
    assert found["open"][0] == (0, 0, 100, 0, 100)
    assert found[None] == [(0, 0, 100, 0, 100), (100, 0, 0, 0, 100), (100, 0, 0, 10, 110)]
    (row,) = ask(con, "mrr_movements", tier="partner", movement="tier")
    assert (row["change"], f"{row['month']:%m}") == (100, "05")
    (row,) = ask(con, "mrr_movements", tier="open", movement="tier")
    assert row["change"] == -100


def test_revenue_kept_is_of_those_who_were_there_at_the_beginning(world):
    """100 stays; 1,000 comes in the second month and goes in the third: nothing of the beginning was lost."""
    stays, guest = Price("stays", 10_000), Price("guest", 100_000)
    biller = Biller(world, AS_OF)
    biller.add(story((datetime(2026, 3, 5), stays, 1)))
    biller.add(story((datetime(2026, 5, 5), guest, 1), id="sub_2", customer="cus_1", ended=datetime(2026, 6, 20)))
    con = world.build()
    (row,) = ask(con, "mrr_retention", date_from=date(2026, 4, 1), date_to=date(2026, 7, 1))
    assert (row["payers"], row["start"], row["nrr"], row["grr"]) == (1, 100, 1.0, 1.0)
    assert ask(con, "mrr_retention", date_from=date(2026, 1, 1), date_to=date(2026, 4, 1)) == []


def change(world: World, number: int, moment: datetime, status: str = "active", quantity: int = 1, **more) -> None:
    items = [{"item_id": "si_sub_1", "price_id": "growth", "quantity": quantity}]
    fields = {"subscription_id": "sub_1", "customer_id": "cus_0", "currency": "usd", "cause": "updated", "items": items}
    world.add(
        "subscription_change",
        f"evt_{number}",
        source="stripe",
        **(fields | {"occurred_at": moment, "status": status} | more),
    )


def ends(world: World) -> list[tuple]:
    """(month, dollars at its end, movement)."""
    found = rows(world.build(), "select month(month), mrr_micros // 1000000, movement from mrr_month order by month")
    return [tuple(row) for row in found]


def test_dated_changes_say_what_bills_have_not_said_yet(world):
    Biller(world, datetime(2026, 5, 1)).add(story((datetime(2026, 3, 5), GROWTH, 1)))
    change(world, 1, datetime(2026, 5, 10), quantity=2)
    change(world, 2, datetime(2026, 5, 10), quantity=2)
    change(world, 3, datetime(2026, 6, 10), quantity=1)
    assert ends(world) == [(3, 399, "new"), (4, 399, None), (5, 798, "expansion"), (6, 399, "contraction")]


def test_a_past_month_stays_whatever_the_status_is_today(world):
    Biller(world, AS_OF).add(story((datetime(2026, 2, 5), GROWTH, 1)))
    before = ends(world)
    change(world, 1, datetime(2026, 6, 20), status="past_due")
    change(world, 2, datetime(2026, 6, 25), status="canceled", ended_at=datetime(2026, 6, 25))
    world.records["subscription"][0] |= {"status": "canceled", "ended_at": datetime(2026, 6, 25)}
    assert ends(world) == [*before[:-1], (6, 0, "churn")]


def test_a_pause_counts_nothing_and_ends_by_itself(world):
    Biller(world, AS_OF).add(story((datetime(2026, 2, 5), GROWTH, 1)))
    resumes = int(datetime(2026, 6, 2).timestamp())
    change(world, 1, datetime(2026, 4, 20), pause={"behavior": "void", "resumes_at": resumes})
    found = ends(world)
    assert found[2:] == [(4, 0, "churn"), (6, 399, "reactivation")]


def test_cancelled_at_the_end_of_the_period_and_at_once(world):
    Biller(world, AS_OF).add(story((datetime(2026, 2, 5), GROWTH, 1), ended=datetime(2026, 5, 5)))
    world.records["subscription"][0] |= {"canceled_at": datetime(2026, 4, 9), "cancel_at_period_end": True}
    assert ends(world)[2:] == [(4, 399, None), (5, 0, "churn")]


def test_discounts_of_a_dated_change_and_their_end(world):
    Biller(world, datetime(2026, 3, 1)).add(story((datetime(2026, 2, 5), GROWTH, 1)))
    ten = {"id": "di_1", "percent_off": 10.0, "duration": "forever", "started_at": "2026-03-01T00:00:00"}
    hundred = {
        "id": "di_2",
        "amount_off": 10_000,
        "currency": "usd",
        "duration": "repeating",
        "ends_at": "2026-05-15T00:00:00",
    }
    once = {"id": "di_3", "percent_off": 100.0, "duration": "once"}
    change(world, 1, datetime(2026, 3, 10), discounts=[ten, hundred, once])
    found = rows(world.build(), "select month(month), mrr_micros from mrr_month order by month")
    assert found[1:] == [(3, 259_100_000), (4, 259_100_000), (5, 359_100_000), (6, 359_100_000)]


@pytest.mark.parametrize(
    ("quantity", "whole", "packages"), [(20, "up", 2), (21, "up", 3), (21, "down", 2), (9, "down", 0)]
)
def test_packages(world, quantity, whole, packages):
    world.add("price", "by ten", source="stripe", currency="usd", interval="month", usage_type="licensed", unit_amount=700,
              package_size=10, package_round=whole)  # fmt: skip
    world.add("subscription", "sub_1", source="stripe", customer_id="cus_0", status="active", currency="usd",
              started_at=datetime(2026, 6, 1))  # fmt: skip
    world.add(
        "subscription_item", "si_1", source="stripe", subscription_id="sub_1", price_id="by ten", quantity=quantity
    )
    found = rows(world.build(), "select mrr_micros from mrr_month")
    assert found == [(packages * 7_000_000,)] * bool(packages)


@pytest.mark.parametrize(
    ("mode", "quantity", "amount"), [("graduated", 15, 1_250), ("volume", 15, 1_000), ("volume", 10, 1_000)]
)
def test_tiers(world, mode, quantity, amount):
    tiers = [
        {"up_to": 10, "unit_amount": 100, "flat_amount": None},
        {"up_to": None, "unit_amount": 50, "flat_amount": 0 if mode == "graduated" else 250},
    ]
    world.add(
        "price", "tiered", source="stripe", currency="usd", interval="month", usage_type="licensed",
        billing_scheme="tiered", tiers_mode=mode, tiers=tiers,
    )  # fmt: skip
    world.add("subscription", "sub_1", source="stripe", customer_id="cus_0", status="active", currency="usd",
              started_at=datetime(2026, 6, 1))  # fmt: skip
    world.add(
        "subscription_item", "si_1", source="stripe", subscription_id="sub_1", price_id="tiered", quantity=quantity
    )
    assert rows(world.build(), "select mrr_micros from mrr_month") == [(amount * 10_000,)]


def test_usage_is_apart_and_a_free_plan_is_nothing(world):
    world.add("price", "meter", source="stripe", currency="usd", interval="month", usage_type="metered", unit_amount=2)
    world.add("price", "free", source="stripe", currency="usd", interval="month", usage_type="licensed", unit_amount=0)
    biller = Biller(world, AS_OF)
    biller.add(story((datetime(2026, 6, 5), GROWTH, 1)))
    bill = {"source": "stripe", "invoice_id": "in_000001", "subscription_id": "sub_1", "currency": "usd"}
    period = {"period_started_at": datetime(2026, 5, 5), "period_ends_at": datetime(2026, 6, 5)}
    world.add(
        "invoice_line",
        "u",
        price_id="meter",
        subscription_item_id="si_m",
        amount=5_000,
        quantity=2_500,
        **bill,
        **period,
    )
    world.add("invoice_line", "f", price_id="free", subscription_item_id="si_f", amount=0, quantity=1, **bill, **period)
    con = world.build()
    assert rows(con, "select mrr_micros from mrr_month") == [(399_000_000,)]
    assert rows(con, "select sum(recognised_micros) from recognised_month where kind = 'usage'") == [(50_000_000,)]


def test_a_deleted_customer_keeps_its_history(world):
    Biller(world, AS_OF).add(story((datetime(2026, 4, 5), GROWTH, 1), ended=datetime(2026, 5, 20)))
    world.records["billing_customer"][0]["deleted"] = True
    assert ends(world) == [(4, 399, "new"), (5, 0, "churn")]


def test_an_item_that_is_taken_off_and_one_that_is_added(world):
    biller = Biller(world, AS_OF)
    biller.add(story((datetime(2026, 3, 5), GROWTH, 1)))
    first = [one for one in world.records["invoice_line"] if one["period_started_at"] < datetime(2026, 5, 1)]
    for n, line in enumerate(first):
        world.add("invoice_line", f"more_{n}", **{k: v for k, v in line.items() if k not in ("id", "subscription_item_id", "amount")},
                  subscription_item_id="si_more", amount=10_000)  # fmt: skip
    assert ends(world) == [(3, 499, "new"), (4, 499, None), (5, 399, "contraction"), (6, 399, None)]


PRICES = [
    GROWTH,
    STARTER,
    Price("odd", 1_001),
    Price("yearly", 399_999, "year"),
    Price("quarterly", 10_000, "month", 3),
    Price("weekly", 777, "week"),
    Price("yen", 9_950, currency="jpy"),
]
MOMENTS = st.datetimes(datetime(2025, 7, 1), datetime(2026, 6, 20)).map(lambda moment: moment.replace(microsecond=0))


@st.composite
def stories(draw) -> list[Story]:
    found = []
    for n in range(draw(st.integers(1, 4))):
        currency = draw(st.sampled_from(["usd", "usd", "jpy"]))
        prices = st.sampled_from([price for price in PRICES if price.currency == currency])
        moments = sorted(draw(st.lists(MOMENTS, min_size=1, max_size=4, unique=True)))
        steps = [(moment, draw(prices), draw(st.integers(1, 5))) for moment in moments]
        one = Story(f"sub_{n}", f"cus_{draw(st.integers(0, 2))}", moments[0], steps)
        one.percent_off = draw(st.sampled_from([0, 0, 10, 33]))
        one.tax = draw(st.sampled_from([0, 19]))
        one.tax_inside = bool(one.tax) and draw(st.booleans())
        if draw(st.booleans()):
            after = moments[-1] + timedelta(seconds=draw(st.integers(1, 200 * 86_400)))
            one.ended = after if after < AS_OF else None
        found.append(one)
    return found


@settings(max_examples=16, deadline=None, suppress_health_check=list(HealthCheck))
@given(stories())
def test_every_story_comes_out_as_it_was(tmp_path_factory, told):
    """The biller keeps the truth beside the bills that it writes; only the bills are read. To the cent."""
    world = with_customers(World(tmp_path_factory.mktemp("world"), AS_OF))
    biller = Biller(world, AS_OF)
    for one in told:
        biller.add(one)
    comes_out(world, told)


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(stories(), st.lists(MOMENTS, min_size=4, max_size=4))
def test_every_story_comes_out_as_it_was_when_events_go_on_telling_it(tmp_path_factory, told, cuts):
    """Bills until a moment, from then on the biller's events, some of them without any bill before."""
    world = with_customers(World(tmp_path_factory.mktemp("world"), AS_OF))
    biller = Biller(world, AS_OF)
    for one, cut in zip(told, cuts, strict=False):
        one.tax_inside = False  # whether a price holds the tax is the price's own, and here prices are shared
        biller.add(one)
        biller.tell(one, cut)
    comes_out(world, told)


def comes_out(world: World, told: list[Story]) -> None:
    """Every customer's MRR at every month's end is what its stories say."""
    world.rates = [("jpy", date(2025, 1, 1), 0.0066)]
    con = world.build()
    found = {
        (month, customer): micros
        for month, customer, micros in rows(
            con,
            "select mrr_month.month, customer_account.customer_id, mrr_micros from mrr_month join customer_account using (account_id)",
        )
    }
    first = min(one.start for one in told)
    for end in month_ends(first, AS_OF):
        month = (end - timedelta(seconds=1)).date().replace(day=1)
        for customer in ("cus_0", "cus_1", "cus_2"):
            mine = [one for one in told if one.customer == customer]
            expected = sum(
                one.at(end - timedelta(seconds=1)) * Fraction(10_000 if one.steps[0][1].currency == "usd" else 6_600)
                for one in mine
            )
            # a bill rounds its discount and tax to a cent, and a cent of a week is more of a month
            slack = 50_000 * len(mine)
            assert abs(found.get((month, customer), 0) - expected) <= slack, (month, customer, half_up(expected))
    moved = rows(
        con,
        "select count(*) from mrr_month where start_micros + new_micros + expansion_micros - contraction_micros - churn_micros"
        " + reactivation_micros + currency_effect_micros <> mrr_micros",
    )
    assert moved == [(0,)]
