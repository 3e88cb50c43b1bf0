"""Every money mart against a second count of the records, on the demo and on programs at random, to the cent."""

from collections import defaultdict
from datetime import date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sql import snapshot
from tests.sql.marts.biller import Biller, month_ends
from tests.sql.marts.second_count import BILLING, Count, loaded
from tests.sql.marts.test_mrr import stories
from tests.sql.marts.world import World, rows

CENT = 10_000
AS_OF = datetime(2026, 6, 30)
RATES = [("jpy", date(2025, 1, 1), 0.0066), ("jpy", date(2026, 1, 1), 0.0071), ("eur", date(2025, 1, 1), 1.0873)]


def compare(con, count: Count) -> None:
    """Revenue by account and day, earned by month and kind, MRR by account and month."""
    owner = dict(con.execute("select customer_id, account_id from customer_account").fetchall())
    revenue: dict[tuple, int] = defaultdict(int)
    for customer, day, micros in count.events():
        revenue[owner.get(customer, "nobody:public"), day] += micros or 0
    found = con.execute(
        "select account_id, day, sum(revenue_micros) from account_money_day where revenue_micros is not null group by all"
    ).fetchall()
    assert {(account, day): int(micros) for account, day, micros in found if micros} == {
        key: micros for key, micros in revenue.items() if micros
    }
    earned = con.execute(
        "select month, kind, sum(recognised_micros) from recognised_month where kind in ('recurring', 'usage', 'one-off') group by all"
    ).fetchall()
    expected = count.earned()
    assert {(month, kind) for month, kind, micros in earned if micros} == {
        key for key, micros in expected.items() if micros
    }
    for month, kind, micros in earned:
        assert abs(int(micros) - expected.get((month, kind), 0)) < CENT, (month, kind)


def compare_mrr(con, count: Count, until: datetime) -> int:
    """MRR of every month's end; returns how many amounts were compared."""
    owner = dict(con.execute("select customer_id, account_id from customer_account").fetchall())
    found = con.execute(
        "select month, account_id, sum(mrr_micros) from mrr_subscription_month"
        " where subscription_id not in (select subscription_id from subscription_change) group by all"
    ).fetchall()
    ours = {(month, account): int(micros or 0) for month, account, micros in found if micros}
    first = min((one["period_started_at"] for one in count.rows["invoice_line"]), default=until)
    theirs: dict[tuple, float] = defaultdict(float)
    for end in month_ends(first, until):
        month = (end - timedelta(microseconds=1)).date().replace(day=1)
        for customer, micros in count.mrr(end).items():
            theirs[month, owner[customer]] += micros
    for key in ours.keys() | theirs.keys():
        assert abs(ours.get(key, 0) - theirs.get(key, 0)) < CENT, key
    return len(ours)


@pytest.mark.slow
def test_the_demo_adds_up_when_it_is_counted_again(demo_home):
    now = snapshot.current(demo_home)
    with now.cursor() as con:
        held = loaded(con, BILLING)
        rates = con.execute("select currency, valid_from, rate from fx_rate where currency <> 'usd'").fetchall()
        count = Count(held, rates)
        compare(con, count)
        assert compare_mrr(con, count, AS_OF) > 500


@st.composite
def takings(draw) -> list[tuple[str, int, int, str]]:
    """What becomes of some bills: (refund, credit note, won or lost dispute, or nothing; percent; days after; …)."""
    kind = st.sampled_from(["refund", "credit note", "won", "lost", "warning_closed", "open", "void", "uncollectible"])
    return draw(st.lists(st.tuples(kind, st.integers(1, 100), st.integers(0, 400), st.integers(0, 60)), max_size=6))


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(stories(), takings())
def test_programs_at_random_add_up_when_they_are_counted_again(tmp_path_factory, told, taken):
    world = World(tmp_path_factory.mktemp("world"), AS_OF)
    world.rates = RATES
    for n in range(3):
        world.add("billing_customer", f"cus_{n}", source="stripe")
    biller = Biller(world, AS_OF)
    for one in told:
        biller.add(one)
    bills = {one["id"]: one for one in world.records["invoice"]}
    biller.total()
    for n, (kind, percent, days, which) in enumerate(taken):
        bill = list(bills.values())[which % len(bills)]
        if bill["total"] <= 0:
            continue
        _take(world, n, kind, bill, bill["total"] * percent // 100, bill["paid_at"] + timedelta(days=days))
    con = world.build()
    count = Count({table: world.records.get(table, []) for table in BILLING}, RATES)
    compare(con, count)
    compare_mrr(con, count, AS_OF)
    assert rows(con, "select count(*) from revenue_event where unpriced_reason is not null") == [(0,)]


def _take(world: World, n: int, kind: str, bill: dict, amount: int, moment: datetime) -> None:
    if kind in ("open", "void", "uncollectible"):
        bill["status"] = kind
        return
    fields = {"source": "stripe", "currency": bill["currency"]}
    if kind == "credit note":
        world.add("credit_note", f"cn_{n}", invoice_id=bill["id"], customer_id=bill["customer_id"], status="issued",
                  total=amount, refunded=amount // 3, created_at=moment, **fields)  # fmt: skip
        return
    world.add("payment", f"ch_{n}", invoice_id=bill["id"], customer_id=bill["customer_id"], status="succeeded",
              amount=bill["total"], created_at=bill["paid_at"], **fields)  # fmt: skip
    if kind == "refund":
        world.add(
            "refund", f"re_{n}", payment_id=f"ch_{n}", status="succeeded", amount=amount, created_at=moment, **fields
        )
        return
    world.add("dispute", f"dp_{n}", payment_id=f"ch_{n}", status=kind, amount=amount, created_at=moment,
              withdrawn_at=moment if kind == "won" else None,
              reinstated_at=moment + timedelta(days=366) if kind == "won" else None, **fields)  # fmt: skip
