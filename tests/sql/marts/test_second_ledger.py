"""Costs, statements, freemium and partners against a second ledger of the records: on the demo and on programs at random, to the micro."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data_sources import program
from data_sources.judgements import CostEntered
from data_sources.program import CostPool, SupportRate, UnitCost
from sql import snapshot
from tests.sql.marts import second_statements as statements
from tests.sql.marts.biller import Biller
from tests.sql.marts.second_count import BILLING, loaded
from tests.sql.marts.second_ledger import KINDS, Ledger, Who
from tests.sql.marts.test_mrr import stories
from tests.sql.marts.world import World, ask

TABLES = (
    *BILLING,
    "balance_fee",
    "ticket",
    "ticket_event",
    "support_group",
    "outreach_activity",
    "cost_entry",
    "cost_entered",
    "partner_payment",
)
MICROS = {
    "revenue": "revenue_micros",
    "infrastructure": "infrastructure_cost_micros",
    "support": "support_cost_micros",
    "outreach": "outreach_cost_micros",
    "fees": "fee_cost_micros",
}
AS_OF = datetime(2026, 6, 30)
TODAY = AS_OF.date()
RATES = [("jpy", date(2025, 1, 1), 0.0066), ("jpy", date(2026, 3, 1), 0.0071), ("eur", date(2025, 1, 1), 1.0873)]
WINDOW = 90


def dicts(con, select: str) -> list[dict[str, Any]]:
    return con.execute(select).to_arrow_table().to_pylist()


def known(con) -> Who:
    """What identity says of customers, tickets, organizations, sign-ups, tiers and calls."""
    return Who(
        customers=dict(con.execute("select customer_id, account_id from customer_account").fetchall()),
        tickets={
            (s, t): a for s, t, a in con.execute("select source, ticket_id, account_id from ticket_account").fetchall()
        },
        organizations=dict(
            con.execute("select id, account_id from account_member where kind = 'organization'").fetchall()
        ),
        sign_ups=con.execute("select account_id, signed_up_at, channel from account_channel").fetchall(),
        tiers=con.execute("select account_id, covers_from, covers_to, tier from account_tier").fetchall(),
        usage=dicts(con, "select * from account_usage_day where surface = 'api'"),
        people=con.execute(
            "select distinct day, account_id, service, developer_node from developer_usage_day"
        ).fetchall(),
    )


def apart(found: dict, expected: dict, nothing: Any) -> dict:
    """Where two tables differ: key → both values; a missing row is nothing."""
    both = ((key, found.get(key, nothing), expected.get(key, nothing)) for key in found.keys() | expected.keys())
    return {key: (ours, theirs) for key, ours, theirs in both if ours != theirs}


def compare(con, ledger: Ledger) -> None:
    """Every row of account_money_day, cost_pool_month and account_month."""
    found = {
        (one["day"], one["account_id"], one["service"]): {kind: one[name] or 0 for kind, name in MICROS.items()}
        for one in dicts(con, "select * from account_money_day")
    }
    assert apart(found, ledger.money, dict.fromkeys(KINDS, 0)) == {}
    pools = {
        (one["month"], one["pool"]): (one["ledger_micros"], one["to_accounts_micros"], one["to_nobody_micros"])
        for one in dicts(con, "select * from cost_pool_month")
    }
    assert apart(pools, ledger.pools(), (0, 0, 0)) == {}
    months = {(one["month"], one["account_id"], one["tier"]): one for one in dicts(con, "select * from account_month")}
    expected = ledger.months()
    assert months.keys() >= {key for key, held in expected.items() if any(held.values())}
    for key, one in months.items():
        held = expected[key]
        assert (one["calls"], one["ok"]) == (held["calls"], held["ok"])
        for kind, name in MICROS.items():
            assert one[name] in (held[kind], None), (key, name)
        if one["contribution_micros"] is not None:
            assert one["contribution_micros"] == held["revenue"] - sum(held[kind] for kind in KINDS[1:])
        assert (one["revenue_micros"] is None) == (key[2] == "internal")


def compare_free(con, ledger: Ledger) -> int:
    """What became of free accounts, and the cohorts and months of their cost; returns how many there are."""
    accounts = dicts(
        con, "select account_id, kind, tier, relation, first_day from account join account_seen using (account_id)"
    )
    began = {
        row["account_id"]: row["day"]
        for row in sorted(ledger.who.usage, key=lambda r: r["day"], reverse=True)
        if row["ok"]
    }
    for one in accounts:
        one["first_day"] = min(one["first_day"], began.get(one["account_id"], one["first_day"]))
    free = statements.free_accounts(ledger, accounts, TODAY)
    found = {one["account_id"]: one for one in dicts(con, "select * from free_account")}
    assert found.keys() == free.keys()
    for account, one in found.items():
        ours = (one["started_on"], one["first_paid_on"], one["outcome"])
        assert ours == (free[account].began, free[account].paid_on, free[account].outcome), account
    cohorts = statements.cohorts(ledger, free, TODAY, WINDOW)
    shown = {one["cohort"]: one for one in ask(con, "freemium_cohorts")}
    assert shown.keys() == cohorts.keys()
    for month, one in shown.items():
        theirs = cohorts[month]
        assert (one["entrants"], one["converted"], one["paid"], one["paid_first"]) == (
            theirs.entrants, theirs.converted, theirs.paid, theirs.paid_first)  # fmt: skip
        if theirs.entrants:
            assert one["is_mature"] == theirs.mature
        if one["free_cost"] is not None:
            assert statements.whole(one["free_cost"]) == theirs.free_cost
        if one["contribution"] is not None:
            assert statements.whole(one["contribution"]) == theirs.contribution
    costs = statements.cost_by_month(ledger, free, TODAY)
    for one in ask(con, "freemium_by_month"):
        accounts_free, micros = costs[one["month"]]
        assert one["free_accounts"] == accounts_free, one["month"]
        assert one["cost"] is None or statements.whole(one["cost"]) == micros
    return len(free)


def compare_partners(con, ledger: Ledger) -> int:
    """What each partner brought, was owed and paid, and what was put into it; returns how many there are."""
    behind = con.execute("select partner_id, account_id, kind from partner_brought").fetchall()
    shares = con.execute(
        "select account_member.account_id, cast(coalesce(starts_at, signed_at) as date),"
        " cast(coalesce(ends_at, timestamp '9999-12-31') as date), revenue_share_percent"
        " from raw_contract join account_member on account_member.node = 'contract:' || raw_contract.source || ':' || raw_contract.id"
        " where revenue_share_percent > 0 and coalesce(starts_at, signed_at) is not null"
    ).fetchall()
    names = dict(con.execute("select said, account_id from partner_name").fetchall())
    own = {
        account
        for (account,) in con.execute("select distinct account_id from account_tier where tier = 'partner'").fetchall()
    }
    expected = statements.partners(ledger, behind, shares, names, own)
    sums = dicts(
        con,
        "select partner_id, sum(sourced_micros) as sourced, sum(influenced_micros) as influenced, sum(client_cost_micros) as client_cost,"
        " sum(share_owed_micros) as owed, sum(share_paid_micros) as paid, sum(people_micros) as people, sum(marketing_micros) as marketing,"
        " sum(support_micros) as support, sum(infrastructure_micros) as infrastructure, sum(fee_micros) as fees from partner_day group by all",
    )
    found = {one.pop("partner_id"): {name: int(micros) for name, micros in one.items()} for one in sums}
    assert apart(found, {partner: vars(one) for partner, one in expected.items()}, vars(statements.Partner())) == {}
    return len(found)


@pytest.mark.slow
def test_the_demo_s_ledger_comes_out_the_same(demo_home):
    now = snapshot.current(demo_home)
    with now.cursor() as con:
        rates = con.execute("select currency, valid_from, rate from fx_rate where currency <> 'usd'").fetchall()
        ledger = Ledger(loaded(con, TABLES), program.load(demo_home), rates, known(con))
        compare(con, ledger)
        assert compare_free(con, ledger) > 50
        assert compare_partners(con, ledger) > 2


PEOPLE = {
    "us": "kim@house.example",
    "open": "ann@acme.com",
    "alone": "bo@gmail.com",
    "ally": "cy@ally.example",
    "client": "di@client.example",
}
FIRST = datetime(2026, 3, 1)
WHO = st.sampled_from([*PEOPLE, None])
DAYS = st.integers(0, 120)
CURRENCY = st.sampled_from(["usd", "usd", "jpy", "chf"])
POOL = st.sampled_from(["compute", "traffic", "Rent"])
DRIVER = st.sampled_from(["calls", "compute_ms", "bytes_out", "tickets", "developers"])


def on(day: int) -> datetime:
    return FIRST + timedelta(days=day, hours=9)


@st.composite
def programs(draw) -> dict[str, list]:
    """Calls, tickets, outreach, bills of the cloud, entered costs, fees and payments of a small program."""
    many = lambda *parts: draw(st.lists(st.tuples(*parts), max_size=8))  # noqa: E731
    return {
        "calls": many(WHO, DAYS, st.sampled_from(["rates", "labels"]), st.integers(0, 500), st.integers(0, 9)),
        "tickets": many(WHO, DAYS, st.sampled_from(["g1", "g2", None]), st.integers(0, 2), st.integers(0, 5000)),
        "outreach": many(
            st.sampled_from(["ads", "meetup", None]),
            st.sampled_from([None, None, "org_ally"]),
            DAYS,
            st.one_of(st.none(), st.integers(0, 100_000)),
            st.one_of(st.none(), st.integers(0, 40)),
            CURRENCY,
        ),
        "cloud": many(POOL, DAYS, st.integers(-(10**9), 10**10), st.sampled_from([1, 31]), CURRENCY),
        "entered": many(POOL, DAYS, st.integers(1, 45), st.integers(1, 10**6), CURRENCY, st.booleans()),
        "fees": many(st.integers(0, 60), st.integers(-50, 900), CURRENCY, st.sampled_from(["charge", "fee"])),
        "shares": many(DAYS, st.integers(1, 10**6), CURRENCY, st.sampled_from(["org_ally", "Ally", "ally.example", "Nobody"])),
        "pools": [draw(pool("compute")), draw(pool("traffic"))],
        "rates": draw(st.lists(st.tuples(st.sampled_from(["Tier 1", "g2", None]), DAYS, st.integers(1, 99)), max_size=3,
                               unique_by=lambda rate: rate[:2])),
        "percent": draw(st.sampled_from([0, 12.5, 33])),
        "until": draw(st.sampled_from([None, 40])),
    }  # fmt: skip


@st.composite
def pool(draw, name: str) -> CostPool:
    method = draw(st.sampled_from(["driver", "driver", "even", "fixed", "unit"]))
    more: dict[str, Any] = {}
    if method == "fixed":
        more["shares"] = draw(
            st.sampled_from([{"internal": 33.3, "open": 50}, {"public": 10, "partner": 20.5, "open": 69.5}])
        )
    if method == "unit":
        more["unit_cost"] = [
            UnitCost(valid_from=on(day).date(), price=draw(st.integers(0, 900)) / 100, per=1000)
            for day in draw(st.sets(DAYS, min_size=1, max_size=3))
        ]
    service = draw(st.sampled_from([None, None, "rates"]))
    return CostPool(name=name, services=[name], method=method, driver=draw(DRIVER), service=service, **more)


def build(world: World, told: dict[str, list]) -> None:
    """Writes the records of a program; the payer of each customer is one of its people."""
    for n, (name, email) in enumerate(PEOPLE.items()):
        world.person(name, email, created=on(n * 7), channel=["ads", None][n % 2])
        world.add("application", f"app_{name}", developer_id=name, created_at=on(n * 7))
    world.add("organization", "org_ally", name="Ally", domain="ally.example")
    world.add("contract", "ct", organization_ref="org_ally", tier="partner", status="active", starts_at=on(3),
              ends_at=on(told["until"]) if told["until"] else None, revenue_share_percent=told["percent"])  # fmt: skip
    world.add("organization", "org_client", name="Client", domain="client.example")
    world.add("opportunity", "op", organization_ref="org_client", sourced_by="org_ally")
    for n, name in enumerate(("open", "ally", "client")):
        world.add("billing_customer", f"cus_{n}", source="stripe", email=PEOPLE[name], consumer_ref=f"app_{name}")
    for name, email in PEOPLE.items():
        world.add("support_user", f"u_{name}", source="zendesk", email=email, verified=True, role="end-user")
    for name in ("Tier 1", "Engineering"):
        world.add("support_group", f"g{1 + (name != 'Tier 1')}", source="zendesk", name=name)
    for who, day, service, ok, failed in told["calls"]:
        world.calls(on(day).date(), ok=ok, server_errors=failed, service=service, developer_ref=who,
                    compute_ms=ok * 1.375, response_bytes=ok * 31)  # fmt: skip
    for n, (who, day, group, replies, seconds) in enumerate(told["tickets"]):
        world.add("ticket", f"t{n}", source="zendesk", requester_id=f"u_{who}", group_id=group, status="open",
                  created_at=on(day))  # fmt: skip
        for event in range(replies):
            world.add("ticket_event", f"{n}-{event}", source="zendesk", ticket_id=f"t{n}", author_role="agent",
                      kind=["public_reply", "internal_note"][event % 2], occurred_at=on(day + event))  # fmt: skip
        world.add("ticket_event", f"{n}-work", source="zendesk", ticket_id=f"t{n}", kind="work_logged",
                  minutes=seconds / 60, occurred_at=on(day))  # fmt: skip
    for n, (channel, organization, day, cost, hours, currency) in enumerate(told["outreach"]):
        world.add("outreach_activity", f"o{n}", channel=channel, organization_ref=organization, occurred_at=on(day),
                  cost=cost, hours=hours, currency=currency)  # fmt: skip
    for n, (service, day, micros, days, currency) in enumerate(told["cloud"]):
        begin = on(day).replace(hour=0)
        world.add("cost_entry", f"c{n}", service_name=service, currency=currency, billed_cost_micros=micros,
                  charge_period_started_at=begin, charge_period_ends_at=begin + timedelta(days=days))  # fmt: skip
    for n, (day, amount, currency, name) in enumerate(told["shares"]):
        world.add("partner_payment", f"p{n}", organization_name=name, currency=currency, amount=amount, paid_at=on(day))
    world.judgements = [
        CostEntered(pool=name, amount=amount, currency=currency, starts_on=on(day).date(), author="ana", reason="rent",
                    ends_on=on(day + days - 1).date(), decided_at=AS_OF, undone_at=AS_OF if undone else None)
        for name, day, days, amount, currency, undone in told["entered"]
    ]  # fmt: skip
    world.pools = told["pools"]
    world.settings |= {
        "outreach_rate_per_hour": 45.5,
        "support_rate": [
            SupportRate(group=group, valid_from=on(day).date(), per_hour=rate) for group, day, rate in told["rates"]
        ],
    }


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(programs(), stories())
def test_any_program_s_ledger_comes_out_the_same(tmp_path_factory, told, subscriptions):
    world = World(tmp_path_factory.mktemp("world"), AS_OF)
    world.rates = RATES
    build(world, told)
    biller = Biller(world, AS_OF)
    for one in subscriptions:
        biller.add(one)
    biller.total()
    bills = world.records.get("invoice", [])
    for n, bill in enumerate(bills):
        world.add("payment", f"ch_{n}", source="stripe", invoice_id=bill["id"], customer_id=bill["customer_id"],
                  status="succeeded", amount=bill["total"], currency=bill["currency"], created_at=bill["paid_at"])  # fmt: skip
    for n, (which, fee, currency, kind) in enumerate(told["fees"]):
        world.add("balance_fee", f"f{n}", source="stripe", source_ref=f"ch_{which}", fee=fee, currency=currency, kind=kind,
                  amount=-3 * fee, created_at=on(which))  # fmt: skip
    con = world.build()
    ledger = Ledger(loaded(con, TABLES), world.program(), RATES, known(con))
    compare(con, ledger)
    compare_free(con, ledger)
    compare_partners(con, ledger)
