"""What accounts bring and cost: sums by hand, currencies apart, and every micro of the ledger somewhere."""

from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sql.catalogue import sql_files
from tests.sql.marts.world import World, ask, rows

JUNE = datetime(2026, 6, 10)
MILLION = 1_000_000


@pytest.fixture
def world(tmp_path):
    world = World(tmp_path)
    world.person("dev_1", "ann@acme.com").add(
        "application", "app_1", developer_id="dev_1", created_at=datetime(2026, 1, 1)
    )
    world.add("billing_customer", "cus_1", source="stripe", consumer_ref="app_1", currency="usd")
    return world


def bill(
    world: World, id: str, total: int, tax: int | None = 0, currency: str = "usd", paid: datetime = JUNE, **more
) -> None:
    fields = {
        "customer_id": "cus_1",
        "status": "paid",
        "currency": currency,
        "total": total,
        "tax": tax,
        "amount_paid": total,
        "paid_at": paid,
    }
    world.add("invoice", id, source="stripe", **(fields | more))


def revenue(con) -> list[tuple]:
    return rows(con, "select kind, net_micros from revenue_event order by occurred_at, kind, id")


def test_revenue_is_net_of_tax_refunds_and_lost_disputes(world):
    bill(world, "in_1", 12_000, tax=2_000)
    bill(world, "in_2", 6_000, tax=None, paid=datetime(2026, 6, 11))
    world.add("invoice_line", "il_1", source="stripe", invoice_id="in_2", amount=5_000, tax=1_000)
    bill(world, "in_3", 9_900, status="open", paid=None)
    world.add(
        "payment",
        "ch_1",
        source="stripe",
        invoice_id="in_1",
        customer_id="cus_1",
        status="succeeded",
        amount=12_000,
        currency="usd",
    )
    world.add(
        "refund",
        "re_1",
        source="stripe",
        payment_id="ch_1",
        status="succeeded",
        amount=6_000,
        currency="usd",
        created_at=datetime(2026, 6, 20),
    )
    world.add(
        "refund",
        "re_2",
        source="stripe",
        payment_id="ch_1",
        status="failed",
        amount=6_000,
        currency="usd",
        created_at=datetime(2026, 6, 20),
    )
    for n, status in enumerate(("lost", "won", "warning_closed")):
        world.add(
            "dispute",
            f"dp_{n}",
            source="stripe",
            payment_id="ch_1",
            status=status,
            amount=1_200,
            currency="usd",
            created_at=datetime(2026, 6, 25),
        )
    con = world.build()
    assert revenue(con) == [
        ("invoice", 100 * MILLION),
        ("invoice", 50 * MILLION),
        ("refund", -50 * MILLION),
        ("dispute", -10 * MILLION),
    ]
    assert rows(
        con,
        "select distinct account_id = (select account_id from account_member where id = 'dev_1') from revenue_event",
    ) == [(True,)]


def test_a_payment_that_does_not_name_its_bill_is_matched_by_customer_amount_and_day(world):
    bill(world, "in_1", 12_000, tax=2_000)
    world.add(
        "payment",
        "ch_1",
        source="stripe",
        customer_id="cus_1",
        status="succeeded",
        amount=12_000,
        currency="usd",
        created_at=JUNE,
    )
    world.add(
        "refund",
        "re_1",
        source="stripe",
        payment_id="ch_1",
        status="succeeded",
        amount=12_000,
        currency="usd",
        created_at=datetime(2026, 6, 20),
    )
    assert revenue(world.build()) == [("invoice", 100 * MILLION), ("refund", -100 * MILLION)]


def paid_by_card(world: World, currency: str = "usd") -> None:
    """A bill of May over 120 with 20 of tax, and its payment."""
    bill(world, "in_1", 12_000, tax=2_000, currency=currency, paid=datetime(2025, 5, 20))
    world.add("payment", "ch_1", source="stripe", invoice_id="in_1", customer_id="cus_1", status="succeeded", amount=12_000,
              currency=currency, created_at=datetime(2025, 5, 20))  # fmt: skip


def test_a_refund_in_a_later_month_takes_that_day_s_rate_and_the_month_of_the_bill_stays(world):
    world.rates = [("eur", date(2025, 5, 1), 1.1), ("eur", date(2025, 6, 1), 1.25)]
    paid_by_card(world, "eur")
    world.add("refund", "re_1", source="stripe", payment_id="ch_1", status="succeeded", amount=6_000, currency="eur",
              created_at=datetime(2025, 6, 3))  # fmt: skip
    con = world.build()
    assert rows(con, "select kind, day, rate, net_micros from revenue_event order by day") == [
        ("invoice", date(2025, 5, 20), Decimal("1.1"), 110 * MILLION),
        ("refund", date(2025, 6, 3), Decimal("1.25"), -62_500_000),
    ]
    by_month = {row["month"]: (row["collected"], row["given_back"]) for row in ask(con, "revenue_by_month")}
    assert by_month[date(2025, 5, 1)] == (110, 0)
    assert by_month[date(2025, 6, 1)] == (-62.5, -62.5), "more than its half was worth in May: the currency moved"


def test_a_dispute_that_is_won_after_a_year_gives_back_in_the_month_of_the_win(world):
    paid_by_card(world)
    world.add("dispute", "dp_1", source="stripe", payment_id="ch_1", status="won", amount=12_000, currency="usd",
              created_at=datetime(2025, 6, 1), withdrawn_at=datetime(2025, 6, 2), reinstated_at=datetime(2026, 6, 9))  # fmt: skip
    con = world.build()
    assert rows(con, "select kind, day, net_micros from revenue_event order by day") == [
        ("invoice", date(2025, 5, 20), 100 * MILLION),
        ("dispute", date(2025, 6, 2), -100 * MILLION),
        ("dispute won", date(2026, 6, 9), 100 * MILLION),
    ]


def test_currencies_convert_at_the_day_s_rate_and_are_never_added_without_one(world):
    world.rates = [("eur", date(2026, 1, 1), 1.1), ("eur", date(2026, 6, 1), 1.2), ("jpy", date(2026, 1, 1), 0.0065)]
    bill(world, "in_1", 10_000, currency="eur", paid=datetime(2026, 5, 31))
    bill(world, "in_2", 10_000, currency="eur")
    bill(world, "in_3", 500, currency="jpy", paid=datetime(2026, 6, 11))
    bill(world, "in_4", 700, currency="chf", paid=datetime(2026, 6, 12))
    con = world.build()
    assert revenue(con) == [
        ("invoice", 110 * MILLION),
        ("invoice", 120 * MILLION),
        ("invoice", 3_250_000),
        ("invoice", None),
    ]
    assert rows(con, "select unpriced_reason from revenue_event where net_micros is null") == [("no rate for chf",)]
    (row,) = [row for row in ask(con, "contribution_by_tier") if row["tier"] == "open"]
    assert row["revenue"] == 233.25
    assert "without a currency rate or price: 1" in row["unpriced_reason"]
    assert len(rows(con, (next(p for p in sql_files("checks") if p.stem == "money_without_rate")).read_text())) == 1


def shares(cost: int, amounts: list[int]) -> list[int]:
    """Largest remainder, done another way: exact fractions."""
    exact = [Fraction(cost) * a / sum(amounts) for a in amounts]
    floors = [int(share) for share in exact]
    order = sorted(range(len(amounts)), key=lambda n: (-(exact[n] - floors[n]), n))
    for n in order[: cost - sum(floors)]:
        floors[n] += 1
    return floors


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(-(10**12), 10**12), st.lists(st.integers(1, 10**9), min_size=1, max_size=6))
def test_a_pool_is_shared_out_to_the_micro(tmp_path_factory, cost, amounts):
    world = World(tmp_path_factory.mktemp("pool"))
    for n, calls in enumerate(amounts):
        world.person(f"dev_{n}", f"dev{n}@gmail.com").calls(date(2026, 6, 3), ok=calls, developer_ref=f"dev_{n}")
    world.costs = [("compute", "Amazon EC2", "calls", None)]
    world.add(
        "cost_entry",
        "1",
        service_name="Amazon EC2",
        currency="usd",
        billed_cost_micros=cost,
        charge_period_started_at=datetime(2026, 6, 3),
    )
    con = world.build()
    found = [
        micros for _, micros in rows(con, "select account_id, cost_micros from infrastructure_day order by account_id")
    ]
    sign = -1 if cost < 0 else 1
    assert found == ([sign * share for share in shares(abs(cost), amounts)] if cost else [])
    check = next(path for path in sql_files("checks") if path.stem == "costs_tie_out")
    assert rows(con, check.read_text()) == []


def test_nobody_s_traffic_carries_its_share_and_an_unused_day_stays_unallocated(world):
    world.costs = [
        ("compute", "Amazon EC2", "compute_ms", None),
        ("traffic", "Amazon CloudFront", "response_bytes", None),
    ]
    world.calls(date(2026, 6, 3), ok=5, application_ref="app_1", compute_ms=300.0).calls(
        date(2026, 6, 3), ok=5, compute_ms=100.0
    )
    for n, (service, day, cost) in enumerate(
        (("Amazon EC2", 3, 8), ("Amazon EC2", 4, 2), ("Amazon CloudFront", 3, 1), ("AWS Support", 3, 5))
    ):
        world.add("cost_entry", str(n), service_name=service, currency="usd", billed_cost_micros=cost * MILLION,
                  charge_period_started_at=datetime(2026, 6, day))  # fmt: skip
    con = world.build()
    assert rows(con, "select account_id like 'nobody:%', cost_micros from infrastructure_day order by 1") == [
        (False, 6 * MILLION),
        (True, 2 * MILLION),
    ]
    found = {row["pool"]: (row["ledger"], row["allocated"], row["unallocated"]) for row in ask(con, "cost_tie_out")}
    assert found == {
        "compute": (10, 8, 2),
        "traffic": (1, 0, 1),
        "not in a pool": (5, 0, 5),
    }
    board = {row["tier"]: row for row in ask(con, "tier_board")}
    assert (board["open"]["cost_to_serve"], board["public"]["cost_to_serve"]) == (6.0, 2.0)


def test_a_monthly_bill_is_shared_out_over_the_month(world):
    world.costs = [("gateway", "Kong", "calls", None)]
    world.calls(date(2026, 6, 3), ok=1, application_ref="app_1").calls(date(2026, 6, 20), ok=3)
    world.add("cost_entry", "1", service_name="Kong", currency="usd", billed_cost_micros=100,
              charge_period_started_at=datetime(2026, 6, 1), charge_period_ends_at=datetime(2026, 7, 1))  # fmt: skip
    assert sorted(rows(world.build(), "select day, cost_micros from infrastructure_day")) == [
        (date(2026, 6, 3), 25),
        (date(2026, 6, 20), 75),
    ]


def test_support_costs_recorded_minutes_else_so_many_a_reply(world):
    world.add("support_user", "u1", source="zendesk", email="ann@acme.com", verified=True, role="end-user")
    world.add("ticket", "t1", source="zendesk", requester_id="u1", status="open", created_at=JUNE)
    world.add("ticket", "t2", source="zendesk", requester_id="stranger", status="open", created_at=JUNE)
    events = [("t1", "public_reply", "agent", None), ("t1", "public_reply", "end-user", None), ("t1", "internal_note", "agent", 30.0),
              ("t1", "public_reply", "bot", None), ("t2", "public_reply", "agent", None)]  # fmt: skip
    for n, (ticket, kind, role, minutes) in enumerate(events):
        world.add(
            "ticket_event",
            str(n),
            source="zendesk",
            ticket_id=ticket,
            kind=kind,
            author_role=role,
            minutes=minutes,
            occurred_at=JUNE,
        )
    con = world.build()
    found = rows(con, "select account_id like 'nobody:%', sum(cost_micros) from support_day group by 1 order by 1")
    assert found == [(False, 42 * MILLION), (True, 12 * MILLION)], "one unit of money a minute"


def test_outreach_goes_to_the_sign_ups_it_brought(world):
    for n, (channel, day) in enumerate((("meetup", 12), ("meetup", 13), ("meetup", 28), ("ads", 12), ("ads", 9))):
        world.person(f"new_{n}", f"n{n}@gmail.com", created=datetime(2026, 5, day), channel=channel)
    world.settings |= {"outreach_window_days": 14}
    world.add("outreach_activity", "o1", channel="Meetup", occurred_at=datetime(2026, 5, 12), cost=101, currency="usd")
    world.add("outreach_activity", "o2", channel="podcast", occurred_at=datetime(2026, 5, 12), cost=500, currency="usd")
    world.add("outreach_activity", "o3", channel="ads", occurred_at=datetime(2026, 5, 10), hours=3)
    con = world.build()
    assert rows(con, "select account_id, cost_micros from outreach_day order by 1") == [
        ("dev:test:new_0", 505_000),
        ("dev:test:new_1", 505_000),
        ("dev:test:new_3", None),
    ]
    assert rows(con, "select sum(unpriced) from account_money_day") == [(1,)]
    (pool,) = [row for row in ask(con, "cost_tie_out") if row["pool"] == "outreach"]
    assert (pool["unallocated"], pool["unpriced"]) == (5, 1), "hours without a rate are counted, not free"


def test_outreach_without_a_channel_goes_to_the_sign_ups_of_its_window_that_name_none(world):
    for n, (channel, day) in enumerate(((None, 12), (None, 20), ("ads", 13), (None, 11), (None, 26))):
        world.person(f"new_{n}", f"n{n}@gmail.com", created=datetime(2026, 5, day), channel=channel)
    world.settings |= {"outreach_window_days": 14}
    world.add("outreach_activity", "talk", occurred_at=datetime(2026, 5, 12), cost=301, currency="usd")
    world.add(
        "outreach_activity", "visit", occurred_at=datetime(2026, 5, 12), cost=900, currency="usd", organization_ref="o"
    )
    con = world.build()
    assert sorted(rows(con, "select account_id, id, cost_micros from outreach_day")) == [
        ("dev:test:new_0", "talk", 1_505_000),
        ("dev:test:new_1", "talk", 1_505_000),
    ]


def test_fees_are_as_charged_and_those_of_no_payment_are_unallocated(world):
    bill(world, "in_1", 10_000)
    world.add(
        "payment",
        "ch_1",
        source="stripe",
        customer_id="cus_1",
        invoice_id="in_1",
        status="succeeded",
        amount=10_000,
        currency="usd",
    )
    world.add("balance_fee", "txn_1", source="stripe", source_ref="ch_1", fee=320, currency="usd", created_at=JUNE)
    world.add("balance_fee", "txn_2", source="stripe", source_ref="po_1", fee=25, currency="usd", created_at=JUNE)
    world.add(
        "balance_fee",
        "txn_3",
        source="stripe",
        kind="fee",
        amount=-1_500,
        fee=0,
        net=-1_500,
        currency="usd",
        created_at=JUNE,
    )
    world.add("cost_entry", "1", currency="usd", billed_cost_micros=0, charge_period_started_at=JUNE)
    con = world.build()
    (fees,) = [row for row in ask(con, "cost_tie_out") if row["pool"] == "payment fees"]
    assert (fees["ledger"], fees["allocated"], fees["unallocated"]) == (18.45, 3.2, 15.25), (
        "what the biller charges for its software is a movement of its own"
    )
    (account,) = ask(con, "contribution_by_account", tier="open")
    assert (account["revenue"], account["cost_to_serve"], account["contribution"]) == (
        100,
        3.2,
        96.8,
    )


def test_internal_teams_have_a_cost_and_no_revenue(world):
    world.person("us", "kim@house.example").calls(date(2026, 6, 3), ok=500, developer_ref="us", compute_ms=10.0)
    world.costs = [("compute", "Amazon EC2", "compute_ms", None)]
    world.add(
        "cost_entry",
        "1",
        service_name="Amazon EC2",
        currency="usd",
        billed_cost_micros=2 * MILLION,
        charge_period_started_at=datetime(2026, 6, 3),
    )
    internal = ask(world.build(), "tier_board")[0]
    assert (internal["revenue"], internal["contribution"], internal["cost_per_1000_ok"]) == (None, None, 4.0)


def test_money_of_the_period_before_is_beside_it(world):
    bill(world, "in_1", 5_000, paid=datetime(2026, 5, 10))
    bill(world, "in_2", 7_000)
    world.add("cost_entry", "1", currency="usd", billed_cost_micros=0, charge_period_started_at=JUNE)
    con = world.build()
    period = {
        "date_from": date(2026, 6, 1),
        "date_to": date(2026, 7, 1),
        "before_from": date(2026, 5, 1),
        "before_to": date(2026, 6, 1),
    }
    board = {row["tier"]: row for row in ask(con, "tier_board", **period)}
    assert (board["open"]["contribution"], board["open"]["contribution_before"]) == (70.0, 50.0)
    statement = {row["tier"]: row for row in ask(con, "contribution_by_tier", **period)}
    assert (statement["open"]["contribution"], statement["open"]["contribution_before"]) == (70.0, 50.0)


def test_support_without_a_rate_makes_the_cost_missing_and_says_so(world):
    world.settings["support_rate_per_hour"] = None
    world.costs = [("compute", "Amazon EC2", "calls", None)]
    world.calls(date(2026, 6, 3), ok=1, application_ref="app_1")
    world.add(
        "cost_entry",
        "1",
        service_name="Amazon EC2",
        currency="usd",
        billed_cost_micros=100,
        charge_period_started_at=datetime(2026, 6, 3),
    )
    world.add("ticket", "t1", source="zendesk", requester_id="u1", status="open", created_at=JUNE)
    con = world.build()
    (row,) = [row for row in ask(con, "contribution_by_tier") if row["tier"] == "open"]
    assert (row["infrastructure_cost"], row["support_cost"], row["cost_to_serve"], row["contribution"]) == (
        0.0001,
        None,
        None,
        None,
    )
    assert "no support rate" in row["unpriced_reason"]
    assert ask(con, "tier_board")[2]["cost_to_serve"] is None
