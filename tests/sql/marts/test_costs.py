"""Every way of sharing out a cost: by hand, and at random against a second count with fractions; a preview is what the build makes."""

from datetime import date, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from data_sources.judgements import CostEntered
from data_sources.program import CostPool, UnitCost
from sql.catalogue import sql_files
from tests.sql.marts.world import World, ask, rows

MILLION = 1_000_000
DAY = date(2026, 6, 3)


@pytest.fixture
def world(tmp_path):
    """Our own team calls 300 times, a partner 100, an open developer 100, nobody 100, all on one day."""
    return used(World(tmp_path))


def used(world: World) -> World:
    world.person("us", "kim@house.example").person("dev", "ann@acme.com").person("ally", "bo@ally.example")
    world.add("application", "app", developer_id="dev", created_at=datetime(2026, 1, 1))
    world.add("organization", "org_ally", name="Ally", domain="ally.example")
    world.add(
        "contract", "ct", organization_ref="org_ally", tier="partner", starts_at=datetime(2026, 1, 1), status="active"
    )
    for who, calls in (("us", 300), ("dev", 100), ("ally", 100)):
        world.calls(DAY, ok=calls, developer_ref=who, compute_ms=calls * 2.0, response_bytes=calls * 10)
    return world.calls(DAY, ok=100, compute_ms=200.0, response_bytes=1000)


def bill(world: World, micros: int, service: str = "EC2", day: date = DAY) -> None:
    started = datetime(day.year, day.month, day.day)
    world.add("cost_entry", f"{service}-{day}", service_name=service, currency="usd", billed_cost_micros=micros,
              charge_period_started_at=started, charge_period_ends_at=started + timedelta(days=1))  # fmt: skip


def entered(pool: str, amount: int, first: date, last: date, currency: str = "usd", **more) -> CostEntered:
    return CostEntered(pool=pool, amount=amount, currency=currency, starts_on=first, ends_on=last, author="ana",
                       decided_at=datetime(2026, 6, 30), reason="rent", **more)  # fmt: skip


def by_tier(con) -> dict[str, int]:
    """Micros by tier; nobody apart."""
    found = rows(
        con,
        "select case when account_id like 'nobody:%' then 'nobody' else tier end, sum(infrastructure_cost_micros)"
        " from account_money_day where infrastructure_cost_micros is not null group by 1",
    )
    return {tier: int(micros) for tier, micros in found}


def ledger(con, pool: str = "compute") -> tuple:
    """(ledger, to accounts, to nobody, unallocated) of a pool in whole units."""
    (row,) = [row for row in ask(con, "cost_tie_out") if row["pool"] == pool]
    return tuple(float(row[name]) for name in ("ledger", "to_accounts", "to_nobody", "unallocated"))


def ties_out(con) -> None:
    check = next(path for path in sql_files("checks") if path.stem == "costs_tie_out")
    assert rows(con, check.read_text()) == []


def test_in_proportion_to_use(world):
    world.pools = [CostPool(name="compute", services=["EC2"], driver="bytes_out")]
    bill(world, 60 * MILLION)
    con = world.build()
    assert by_tier(con) == {
        "internal": 30 * MILLION,
        "partner": 10 * MILLION,
        "open": 10 * MILLION,
        "nobody": 10 * MILLION,
    }
    assert ledger(con) == (60, 50, 10, 0)
    ties_out(con)


def test_the_same_for_everyone(world):
    world.pools = [CostPool(name="compute", services=["EC2"], method="even")]
    bill(world, 60 * MILLION)
    assert set(by_tier(world.build()).values()) == {15 * MILLION}


def test_who_uses_two_apis_is_one_of_everyone_and_one_developer(world):
    world.calls(DAY, ok=50, developer_ref="dev", service="labels")
    world.pools = [
        CostPool(name="compute", services=["EC2"], method="even"),
        CostPool(name="seats", services=["Seats"], driver="developers"),
        CostPool(name="labels", services=["Labels"], method="even", service="labels"),
    ]
    bill(world, 60 * MILLION)
    bill(world, 30 * MILLION, "Seats")
    bill(world, 5 * MILLION, "Labels")
    con = world.build()
    by = rows(
        con,
        "select pool, account.tier, sum(cost_micros) from infrastructure_day join account using (account_id) group by all order by 1, 2",
    )
    assert [(pool, tier, int(micros) // MILLION) for pool, tier, micros in by] == [
        ("compute", "internal", 15), ("compute", "open", 15), ("compute", "partner", 15), ("compute", "public", 15),
        ("labels", "open", 5),
        ("seats", "internal", 10), ("seats", "open", 10), ("seats", "partner", 10),
    ]  # fmt: skip
    ties_out(con)


def test_fixed_shares_by_tier_and_what_they_leave(world):
    shares = {"internal": 50, "partner": 20.5, "public": 10}
    world.pools = [CostPool(name="compute", services=["EC2"], method="fixed", driver="calls", shares=shares)]
    bill(world, 100 * MILLION)
    con = world.build()
    assert by_tier(con) == {"internal": 50 * MILLION, "partner": 20_500_000, "nobody": 10 * MILLION}
    assert ledger(con) == (100, 70.5, 10, 19.5), "nobody's calls are the public tier's"
    ties_out(con)


def test_a_tier_without_use_leaves_its_share_unallocated(tmp_path):
    world = World(tmp_path).person("dev", "ann@acme.com").calls(DAY, ok=5, developer_ref="dev")
    world.add("application", "app", developer_id="dev", created_at=datetime(2026, 1, 1))
    world.pools = [CostPool(name="compute", services=["EC2"], method="fixed", shares={"internal": 60, "open": 40})]
    bill(world, 10 * MILLION)
    con = world.build()
    assert by_tier(con) == {"open": 4 * MILLION}
    assert ledger(con) == (10, 4, 0, 6)


def test_unit_cost_from_its_day_on_with_and_without_a_bill(world):
    costs = [
        UnitCost(valid_from=date(2026, 6, 4), price=1, per=100),
        UnitCost(valid_from=date(2026, 1, 1), price=2, per=100),
    ]
    world.pools = [CostPool(name="compute", method="unit", driver="calls", unit_cost=costs)]
    world.calls(date(2026, 6, 4), ok=50, developer_ref="dev").calls(date(2025, 12, 31), ok=7, developer_ref="dev")
    con = world.build()
    assert by_tier(con)["open"] == 2 * MILLION + 500_000
    (june,) = [row for row in ask(con, "cost_tie_out") if row["month"] == date(2026, 6, 1) and row["pool"] == "compute"]
    assert (june["ledger"], june["unallocated"], june["method"]) == (12.5, 0, "use × unit cost, without a bill")
    (before,) = [
        row for row in ask(con, "cost_tie_out") if row["month"] == date(2025, 12, 1) and row["pool"] == "compute"
    ]
    assert (before["ledger"], before["unpriced"]) == (0, 1), "before its first day there is no price: counted, not free"
    ties_out(con)


def test_use_that_comes_to_more_than_its_bill_is_seen(world):
    cost = [UnitCost(valid_from=date(2026, 1, 1), price=0.01)]
    world.pools = [CostPool(name="compute", services=["EC2"], method="unit", driver="calls", unit_cost=cost)]
    bill(world, 5 * MILLION)
    con = world.build()
    assert ledger(con) == (5, 5, 1, -1)
    ties_out(con)


def test_compute_time_is_priced_by_the_millisecond(world):
    world.pools = [
        CostPool(
            name="compute",
            method="unit",
            driver="compute_ms",
            unit_cost=[UnitCost(valid_from=date(2026, 1, 1), price=0.5, per=100)],
        )
    ]
    assert by_tier(world.build())["open"] == MILLION


def test_an_entered_cost_is_spread_over_its_days_and_undone(world):
    world.pools = [CostPool(name="compute", driver="calls")]
    undone = entered("compute", 50_000, DAY, DAY, undone_at=datetime(2026, 6, 30))
    world.judgements = [
        entered("compute", 10_000, DAY - timedelta(days=1), DAY + timedelta(days=1)),
        undone,
        entered("rent", 500, DAY, DAY),
    ]
    con = world.build()
    days = rows(con, "select day, cost_micros from cost_entry where pool = 'compute' order by day")
    assert [micros for _, micros in days] == [33_333_333, 33_333_333, 33_333_334]
    assert ledger(con) == (
        100,
        pytest.approx(27.777778, abs=2e-6),
        pytest.approx(5.555555, abs=2e-6),
        pytest.approx(66.666667, abs=2e-6),
    )
    assert ledger(con, "rent") == (5, 0, 0, 5), "a pool that program.toml does not name is nobody's"
    ties_out(con)


def test_an_entered_cost_of_another_currency_takes_the_day_s_rate(world):
    world.pools = [CostPool(name="compute", driver="calls")]
    world.rates = [("jpy", date(2026, 1, 1), 0.01), ("jpy", DAY, 0.02)]
    world.judgements = [
        entered("compute", 200, DAY - timedelta(days=1), DAY, "jpy"),
        entered("compute", 200, DAY, DAY, "chf"),
    ]
    con = world.build()
    assert ledger(con)[0] == 3.0
    assert rows(con, "select unpriced_reason from cost_entry where cost_micros is null") == [("no rate for chf",)]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"driver": None}, "needs a driver"),
        ({"method": "fixed"}, "belong together"),
        ({"method": "fixed", "shares": {"internal": 60, "open": 41}}, "more than 100"),
        ({"method": "unit", "driver": "calls"}, "belong together"),
        ({"driver": "calls", "shares": {"internal": 60}}, "belong together"),
        ({"driver": "moonlight"}, "Input should be"),
    ],
)
def test_a_pool_that_cannot_be_shared_out_is_refused(fields, said):
    with pytest.raises(ValidationError, match=said):
        CostPool(**({"name": "compute", "services": ["EC2"]} | fields))


def fair(cost: int, amounts: list[int]) -> list[int]:
    """Largest remainder with fractions; of equal remainders the first gets it."""
    total = sum(amounts)
    exact = [Fraction(abs(cost) * amount, total) for amount in amounts]
    floors = [share.numerator // share.denominator for share in exact]
    left = abs(cost) - sum(floors)
    for n in sorted(range(len(exact)), key=lambda n: (floors[n] - exact[n], n))[:left]:
        floors[n] += 1
    return [share if cost >= 0 else -share for share in floors]


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(st.tuples(st.integers(0, 2), st.integers(0, 3), st.integers(1, 10**6)), min_size=1, max_size=12),
    st.lists(st.tuples(st.integers(0, 3), st.integers(-(10**9), 10**10)), min_size=1, max_size=6),
    st.sampled_from(["driver", "even", "fixed"]),
)
def test_any_use_and_bills_tie_out_and_are_fair(tmp_path_factory, calls, bills, method):
    world = World(tmp_path_factory.mktemp("world"))
    people = ["kim@house.example", "ann@acme.com", "bo@gmail.com"]
    for n, email in enumerate(people):
        world.person(f"p{n}", email)
        world.add("application", f"app_{n}", developer_id=f"p{n}", created_at=datetime(2026, 1, 1))
    for who, day, count in calls:
        world.calls(DAY + timedelta(days=day), ok=count, developer_ref=f"p{who}")
    total: dict[int, int] = {}
    for n, (day, micros) in enumerate(bills):
        total[day] = total.get(day, 0) + micros
        started = datetime(2026, 6, 3) + timedelta(days=day)
        world.add("cost_entry", str(n), service_name="EC2", currency="usd", billed_cost_micros=micros,
                  charge_period_started_at=started, charge_period_ends_at=started + timedelta(days=1))  # fmt: skip
    shares = {"shares": {"internal": 33.3, "open": 50}} if method == "fixed" else {}
    world.pools = [CostPool(name="compute", services=["EC2"], method=method, driver="calls", **shares)]
    con = world.build()
    ties_out(con)
    found = rows(con, "select day, cost_micros from infrastructure_day order by day, cost_micros")
    for day, cost in total.items():
        when = DAY + timedelta(days=day)
        used_by = {who: sum(count for one, on, count in calls if (one, on) == (who, day)) for who in range(3)}
        used_by = {who: count for who, count in used_by.items() if count}
        ours = sorted(int(micros) for on, micros in found if on == when)
        if method == "fixed":
            assert len(ours) <= len(used_by)
            parts = {0: Fraction(333, 1000), 1: Fraction(1, 2), 2: Fraction(1, 2)}
            assert abs(sum(ours)) <= abs(cost) * sum(parts[who] for who in {min(w, 1) for w in used_by}) + 2
        elif used_by and cost:
            amounts = [1 if method == "even" else count for count in used_by.values()]
            assert ours == sorted(fair(cost, amounts))
