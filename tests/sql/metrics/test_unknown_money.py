"""Money without a rate, plan or source is missing and counted, never 0, in every statement that it belongs to."""

from datetime import date, datetime

import pytest
from pydantic import ValidationError

from data_sources.judgements import PlanEntered
from data_sources.program import CostPool
from sql.catalogue import sql_files
from tests.sql.marts.world import World, ask, rows

JUNE = {"date_from": date(2026, 6, 1), "date_to": date(2026, 7, 1)}
QUARTER = {"date_from": date(2026, 4, 1), "date_to": date(2026, 6, 1)}


@pytest.fixture
def world(tmp_path):
    """A partner that calls, paid 1,000 in June, and has 20 % of it."""
    world = World(tmp_path).person("ally", "bo@ally.example").calls(date(2026, 6, 3), ok=5, developer_ref="ally")
    world.add("application", "app", developer_id="ally", created_at=datetime(2026, 1, 1))
    world.add("organization", "org", name="Ally", domain="ally.example")
    world.add("contract", "ct", organization_ref="org", tier="partner", status="active", starts_at=datetime(2026, 1, 1),
              revenue_share_percent=20)  # fmt: skip
    world.add("billing_customer", "cus", source="stripe", consumer_ref="app", email="bo@ally.example")
    world.add("invoice", "in", source="stripe", customer_id="cus", status="paid", currency="usd", total=100_000, tax=0,
              amount_paid=100_000, paid_at=datetime(2026, 6, 5))  # fmt: skip
    world.add("cost_entry", "c", currency="usd", billed_cost_micros=0, charge_period_started_at=datetime(2026, 6, 3))
    return world


def found_by_check(con, name: str) -> list[tuple]:
    return rows(con, next(path for path in sql_files("checks") if path.stem == name).read_text())


def test_a_share_that_was_paid_in_a_currency_without_a_rate_is_not_still_owed(world):
    world.add(
        "partner_payment", "p", organization_name="Ally", currency="eur", amount=20_000, paid_at=datetime(2026, 6, 20)
    )
    con = world.build()
    (row,) = ask(con, "partners", **JUNE)
    assert (row["share_owed"], row["share_paid"], row["share_open"]) == (200, None, None)
    assert [found[0] for found in found_by_check(con, "money_without_rate")] == ["partner payment"]


def test_the_share_is_today_s(world):
    world.records["contract"][0]["ends_at"] = datetime(2026, 6, 10)
    world.add(
        "contract", "ct_2", organization_ref="org", tier="partner", status="active", starts_at=datetime(2026, 6, 11)
    )
    (row,) = ask(world.build(), "partners", **JUNE)
    assert (row["share_owed"], row["share_percent"]) == (200, None)


def test_what_is_owed_to_a_partner_that_left_is_still_owed(world):
    world.records["contract"][0]["ends_at"] = datetime(2026, 6, 10)
    con = world.build()
    assert rows(con, "select tier from account where is_payer") != [("partner",)]
    (row,) = ask(con, "partners", **JUNE)
    assert (row["sourced"], row["share_owed"], row["share_open"]) == (1000, 200, 200)


def test_a_sent_bill_without_a_rate_is_counted_though_nobody_paid_it(world):
    world.add("invoice", "in_2", source="stripe", customer_id="cus", status="open", currency="chf", total=9_900, tax=0,
              created_at=datetime(2026, 6, 6))  # fmt: skip
    world.add("invoice_line", "il_2", source="stripe", invoice_id="in_2", amount=9_900, currency="chf")
    con = world.build()
    (row,) = [row for row in ask(con, "revenue_by_month") if row["month"] == date(2026, 6, 1)]
    assert (row["collected"], row["unpriced"]) == (1000, 1)


def plan(line: str, month: int, amount: int, currency: str = "usd") -> PlanEntered:
    return PlanEntered(month=date(2026, month, 1), tier="partner", line=line, currency=currency, amount=amount * 100, author="ana",
                       decided_at=datetime(2026, 6, 30), reason="budget")  # fmt: skip


def test_a_plan_with_a_month_without_a_rate_is_none(world):
    world.judgements = [plan("revenue", 4, 1000), plan("revenue", 5, 1000, "chf")]
    planned = {(row["tier"], row["line"]): row["plan"] for row in ask(world.build(), "variance", **QUARTER)}
    assert planned["partner", "revenue"] is None


def test_a_part_of_the_costs_is_no_plan_for_all_of_them(world):
    """Fees were charged, and only infrastructure was planned."""
    world.add("payment", "ch", source="stripe", customer_id="cus", invoice_id="in", status="succeeded", amount=100_000, currency="usd",
              created_at=datetime(2026, 6, 5))  # fmt: skip
    world.add(
        "balance_fee", "txn", source="stripe", source_ref="ch", fee=320, currency="usd", created_at=datetime(2026, 6, 5)
    )
    world.judgements = [plan("infrastructure", 6, 100), plan("revenue", 6, 1000)]
    planned = {row["line"]: row["plan"] for row in ask(world.build(), "variance", tier="partner", **JUNE)}
    assert (planned["infrastructure"], planned["cost_to_serve"], planned["contribution"]) == (100, None, None)
    world.judgements.append(plan("fees", 6, 30))
    planned = {row["line"]: row["plan"] for row in ask(world.build(), "variance", tier="partner", **JUNE)}
    assert (planned["cost_to_serve"], planned["contribution"]) == (130, 870)


def test_an_account_that_only_calls_is_counted_and_nobody_is_not(world):
    world.person("quiet", "di@ally2.example").calls(date(2026, 6, 4), ok=1, developer_ref="quiet").calls(
        date(2026, 6, 4), ok=9
    )
    found = {row["tier"]: row["accounts"] for row in ask(world.build(), "contribution_by_tier", **JUNE)}
    assert sum(found.values()) == 2


@pytest.mark.parametrize("name", ["support", "Outreach", "payment fees"])
def test_a_pool_may_not_be_named_as_one_of_ours(name):
    with pytest.raises(ValidationError, match="pools of their own"):
        CostPool(name=name, services=["EC2"], driver="calls")
