"""The worked examples of money: what each formula must give on figures that can be checked in the head."""

from datetime import date, datetime

import duckdb
import pytest

from tests.sql.marts.biller import Biller, Price, Story
from tests.sql.marts.world import World, ask

AS_OF = datetime(2026, 6, 30)
SMALL, MIDDLE, LARGE = Price("small", 1_000), Price("middle", 4_000), Price("large", 5_000)
APRIL, MAY = datetime(2026, 4, 2), datetime(2026, 5, 2)


def test_churn_retention_and_the_quick_ratio(tmp_path):
    """Start 100, −10 lost, −10 less, +10 more: gross churn 20 %, net 10 %, NRR 90 %, GRR 80 %, quick ratio a half."""
    world = World(tmp_path, datetime(2026, 6, 1))
    stories = [
        Story("less", "cus_0", APRIL, [(APRIL, LARGE, 1), (MAY, MIDDLE, 1)]),
        Story("lost", "cus_1", APRIL, [(APRIL, SMALL, 1)], ended=MAY),
        Story("more", "cus_2", APRIL, [(APRIL, MIDDLE, 1), (MAY, LARGE, 1)]),
    ]
    biller = Biller(world, datetime(2026, 6, 1))
    for n, story in enumerate(stories):
        world.add("billing_customer", f"cus_{n}", source="stripe")
        biller.add(story)
    april, may = ask(world.build(), "mrr_by_month")
    assert (april["new"], april["mrr"], april["gross_churn"], april["quick_ratio"]) == (100, 100, None, None)
    assert (may["start"], may["contraction"], may["churn"], may["expansion"], may["mrr"]) == (100, 10, 10, 10, 90)
    rates = {name: may[name] for name in ("gross_churn", "net_churn", "nrr", "grr", "quick_ratio")}
    assert rates == pytest.approx({"gross_churn": 0.2, "net_churn": 0.1, "nrr": 0.9, "grr": 0.8, "quick_ratio": 0.5})


MONEY_DAY = (
    "day date, account_id varchar, revenue_micros bigint, infrastructure_cost_micros bigint, support_cost_micros bigint,"
    " outreach_cost_micros bigint, fee_cost_micros bigint"
)
FREE = "account_id varchar, tier varchar, started_on date, first_paid_on date, free_until date, paid_first boolean, outcome varchar"


@pytest.fixture
def freemium():
    """10,000 free accounts that cost 1,050 together, and one that pays and leaves 6.10; 172 of the old ones have paid by now."""
    con = duckdb.connect()
    con.execute(f"create table snapshot_info as select timestamp '{AS_OF}' as as_of")
    con.execute("create table setting as select 90 as conversion_window_days")
    con.execute("create table money_known as select true as cost_is_known, true as has_billing")
    con.execute(f"create table account_money_day ({MONEY_DAY})")
    con.execute(f"create table free_account ({FREE})")
    con.execute("create table mrr_month (month date, account_id varchar, start_micros bigint, churn_micros bigint)")
    con.execute(
        "insert into free_account select 'free_' || n, 'open', date '2026-01-01', null, date '9999-12-31', false, 'still free'"
        " from range(10000) as t(n)"
    )
    con.execute(
        "insert into free_account values ('payer', 'open', '2025-01-01', '2025-02-01', '2025-02-01', false, 'paid')"
    )
    con.execute(
        "insert into account_money_day select date '2026-06-03', 'free_' || n, null, 105000, null, null, null from range(10000) as t(n)"
    )
    con.execute("insert into account_money_day values ('2026-06-04', 'payer', 10000000, 3000000, 900000, null, null)")
    con.execute("insert into account_money_day values ('2025-02-01', 'payer', 10000000, null, null, null, null)")
    return con


JUNE = {"date_from": date(2026, 6, 1), "date_to": date(2026, 7, 1)}


def test_break_even_conversion(freemium):
    """1,050 ÷ 6.1 ÷ 10,000 = 1.72 %."""
    (row,) = ask(freemium, "freemium_summary", **JUNE)
    assert (row["free_accounts"], row["free_cost"], row["payers"]) == (10_000, 1050, 1)
    assert row["contribution_per_payer"] == pytest.approx(6.1)
    assert round(row["break_even"] * 100, 2) == 1.72
    assert row["burden"] == pytest.approx(105), "free cost ÷ revenue"
    assert row["margin"] == pytest.approx(0.61)


def test_conversion_counts_only_those_who_have_had_the_whole_window(freemium):
    freemium.execute("update free_account set started_on = '2026-06-20' where account_id in ('free_1', 'free_2')")
    freemium.execute(
        "update free_account set outcome = 'paid', first_paid_on = '2026-02-01', free_until = '2026-02-01' where account_id = 'free_3'"
    )
    freemium.execute(
        "update free_account set outcome = 'paid', first_paid_on = '2026-06-25', free_until = '2026-06-25' where account_id = 'free_1'"
    )
    freemium.execute("update free_account set outcome = 'paid first', paid_first = true where account_id = 'free_4'")
    (row,) = ask(freemium, "freemium_summary", **JUNE)
    assert (row["mature_entrants"], row["mature_converted"], row["in_progress"], row["paid_first"]) == (9_998, 2, 2, 1)
    assert row["conversion"] == pytest.approx(2 / 9_998)
    (row,) = ask(freemium, "freemium_summary", window_days=10, **JUNE)
    assert (row["mature_converted"], row["in_progress"]) == (1, 0), "free_3 took a month, free_1 five days"
    assert row["new_payers"] == 1


def test_payback_counts_the_months_since_the_first_bill(freemium):
    """120 to win one that pays 10 in its first month at full margin: 12 months, however long the period is."""
    freemium.execute("delete from account_money_day")
    freemium.execute("delete from free_account where account_id <> 'payer'")
    freemium.execute(
        "update free_account set started_on = '2026-01-01', first_paid_on = '2026-06-01', free_until = '2026-06-01'"
    )
    freemium.execute("insert into account_money_day values ('2026-05-01', 'payer', null, 120000000, null, null, null)")
    freemium.execute("insert into account_money_day values ('2026-06-01', 'payer', 10000000, null, null, null, null)")
    (row,) = ask(freemium, "freemium_summary", date_from=date(2025, 7, 1), date_to=date(2026, 7, 1))
    assert (row["cac"], row["margin"]) == (120, 1)
    assert row["payback_months"] == pytest.approx(12 * 30 / (365 / 12))


def test_what_paid_first_cost_before_is_no_free_cost(freemium):
    freemium.execute("update free_account set paid_first = true, outcome = 'paid first', free_until = '2026-06-20', first_paid_on = '2026-06-20'"
                     " where account_id = 'free_0'")  # fmt: skip
    (row,) = ask(freemium, "freemium_summary", **JUNE)
    assert (row["free_accounts"], row["free_cost"]) == (9_999, pytest.approx(1050 - 0.105))


def test_the_lifetime_value_is_none_where_nothing_churned_or_few_pay(freemium):
    (row,) = ask(freemium, "freemium_summary", **JUNE)
    assert row["ltv"] is None
    freemium.execute(
        "insert into free_account select 'p' || n, 'open', '2025-01-01', '2025-02-01', '2025-02-01', false, 'paid' from range(29) as t(n)"
    )
    freemium.execute(
        "insert into account_money_day select '2026-06-04', 'p' || n, 10000000, 3000000, 900000, null, null from range(29) as t(n)"
    )
    (row,) = ask(freemium, "freemium_summary", **JUNE)
    assert (row["payers"], row["ltv"]) == (30, None)
    freemium.execute("insert into mrr_month values ('2026-06-01', 'payer', 100000000, 5000000)")
    (row,) = ask(freemium, "freemium_summary", **JUNE)
    months = 30 / (365 / 12)
    assert row["ltv"] == pytest.approx(10 / months * 0.61 / 0.05)
