"""What changed and matters, from calls, bills and dates to the ranked list: each kind of change, and quiet where nothing changed."""

from datetime import date, datetime, timedelta

import pytest

from tests.sql.marts.test_onboarding import joined
from tests.sql.marts.world import World, ask, rows

AS_OF = datetime(2026, 7, 1)
FIRST = date(2026, 3, 1)
DAY = timedelta(days=1)
DAYS = (AS_OF.date() - FIRST).days


@pytest.fixture
def world(tmp_path):
    """ann pays 1,000 a month and calls every day, with a few errors; nothing changes."""
    made = World(tmp_path, AS_OF)
    made.rules = [("partner", "tag", "partner"), *made.rules]
    joined(made, "ann", datetime(2026, 1, 1))
    made.add("billing_customer", "cus_ann", consumer_ref="app_ann")
    for n, paid in enumerate(datetime(2026, month, 10) for month in (3, 4, 5, 6)):
        made.add(
            "invoice",
            f"in_{n}",
            customer_id="cus_ann",
            status="paid",
            currency="usd",
            total=100_000,
            tax=0,
            paid_at=paid,
        )
    return made


def use(world: World, changed: dict[str, int] | None = None, days: int = 2, app: str = "app_ann") -> None:
    """Calls on every day, other ones on the last days."""
    for n in range(DAYS):
        usual = {"ok": 60 + n % 5, "server_errors": 2 + n % 2, "client_errors": 3}
        world.calls(FIRST + n * DAY, application_ref=app, **(usual | (changed or {} if n >= DAYS - days else {})))


def test_nothing_is_said_where_nothing_changed(world):
    use(world)
    con = world.build()
    assert ask(con, "attention") == []
    (watched,) = ask(con, "attention_watched")
    assert watched["day"] == date(2026, 6, 30)
    assert watched["compared"] == watched["watched"] == 6, "three kinds of the account and of its tier"


def test_errors_that_tripled_are_the_accounts_and_not_its_tiers_too(world):
    use(world, {"server_errors": 9})
    (found,) = ask(world.build(), "attention")
    assert (found["kind"], found["account_id"], found["tier"]) == ("server_errors", "dev:test:ann", "open")
    assert (found["since"], found["day"]) in [
        (date(2026, 6, 29), date(2026, 6, 30)),
        (date(2026, 6, 30), date(2026, 6, 30)),
    ]
    assert found["low"] <= found["expected"] <= found["high"] < found["value"]
    assert (found["money"], found["money_is"]) == (3000, "paid in the last 90 days")


def test_4xx_are_not_5xx(world):
    use(world, {"client_errors": 30})
    assert [row["kind"] for row in ask(world.build(), "attention")] == ["client_errors"]


def test_fewer_errors_are_no_news_and_calls_that_ended_are(world):
    use(world, {"server_errors": 0, "client_errors": 0}, days=10)
    assert ask(world.build(), "attention") == []


def test_who_stopped_calling_is_said(world):
    joined(world, "bob", datetime(2026, 1, 1))
    use(world, app="app_bob")
    use(world, {"ok": 1, "server_errors": 0, "client_errors": 0}, days=3)
    found = ask(world.build(), "attention")
    assert ("calls", "dev:test:ann") in [(row["kind"], row["account_id"]) for row in found]
    assert all(row["value"] < row["low"] for row in found)


def test_a_log_that_is_late_is_no_fall(world):
    """Nothing at all was called on the last two days: the last day on which anything was is compared."""
    for n in range(DAYS - 2):
        world.calls(FIRST + n * DAY, ok=60, application_ref="app_ann")
    con = world.build()
    assert ask(con, "attention") == []
    assert ask(con, "attention_watched")[0]["day"] == date(2026, 6, 28)


def test_what_is_over_for_three_days_is_not_said_any_more(world):
    for n in range(DAYS):
        world.calls(FIRST + n * DAY, ok=60, server_errors=20 if n == DAYS - 8 else 2, application_ref="app_ann")
    con = world.build()
    assert rows(con, "select count(*) from attention_test where is_unusual") > [(0,)]
    assert ask(con, "attention") == []


def test_free_accounts_that_outgrow_their_plan(world):
    world.plans = [(1, "free", True, True, None), (2, "pro", False, True, 49.0)]
    for name in ("f1", "f2", "f3", "f4", "f5", "f6", "f7", "f8"):
        joined(world, name, datetime(2026, 1, 1))
        for n in range(DAYS):
            refused = {"client_errors": 4, "refused_quota": 4} if n >= DAYS - 2 or (name == "f1" and n % 9 == 0) else {}
            world.calls(FIRST + n * DAY, ok=5, application_ref=f"app_{name}", **refused)
    found = {row["kind"]: row for row in ask(world.build(), "attention")}
    assert found["outgrowing"]["tier"] == "open"
    assert found["outgrowing"]["money"] == pytest.approx(
        found["outgrowing"]["value"] / found["outgrowing"]["span_days"] * 49 * 12
    )


def spent(world: World, *a_day: int) -> None:
    """A cloud bill of so many dollars a day from the first day on."""
    world.costs = [("compute", "EC2", "calls", None)]
    for n, dollars in enumerate(a_day):
        day = datetime.combine(FIRST + n * DAY, datetime.min.time())
        world.add(
            "cost_entry", f"c{n}", service_name="EC2", currency="usd", billed_cost_micros=dollars * 1_000_000,
            charge_period_started_at=day, charge_period_ends_at=day + DAY,
        )  # fmt: skip
    use(world)


TURNED = (*[10] * (DAYS - 4), 9_000, 10, 10, 10)


def test_a_contribution_that_turned(world):
    """30 days bring 1,000 and then cost more than that."""
    spent(world, *TURNED)
    found = [row for row in ask(world.build(), "attention") if row["kind"] == "contribution"]
    assert [(row["tier"], row["since"]) for row in found] == [("open", date(2026, 6, 27))]
    assert found[0]["value"] < 0 < found[0]["low"] <= found[0]["high"]


def test_a_cloud_bill_that_is_late_is_no_gain(world):
    """31 days cost 2,170 and bring 1,000 or 2,000; twenty days of the bill have not come yet."""
    spent(world, *[70] * (DAYS - 20))
    assert "contribution" not in [row["kind"] for row in ask(world.build(), "attention")]


def test_a_contribution_with_money_without_a_rate_has_not_turned(world):
    spent(world, *TURNED)
    world.add("invoice", "in_chf", customer_id="cus_ann", status="paid", currency="chf", total=100_000, tax=0,
              paid_at=datetime(2026, 6, 20))  # fmt: skip
    assert "contribution" not in [row["kind"] for row in ask(world.build(), "attention")]


def test_an_enterprise_that_has_come_to_wait_thirty_days(world):
    def waiting(name: str, since: date) -> None:
        world.person(f"p_{name}", f"pat@{name}.example", created=datetime(2026, 1, 1))
        world.add(
            "contract", f"k_{name}", domain=f"{name}.example", status="negotiating", terms="negotiated",
            annual_value=5_000_000, currency="usd", created_at=datetime(2026, 1, 1),
            steps=[{"step": "security_review", "started_on": f"{since} 00:00:00", "done_on": None, "waiting_for": "them"}],
        )  # fmt: skip

    for name, days in (("early", 29), ("now", 31), ("old", 60)):
        waiting(name, AS_OF.date() - days * DAY)
    (found,) = ask(world.build(), "attention")
    assert (found["kind"], found["since"], found["money"]) == ("enterprise_waits", AS_OF.date() - DAY, 50_000)
    assert found["value"] == pytest.approx(31)


def test_more_money_comes_first_and_unknown_money_last(world):
    joined(world, "bob", datetime(2026, 1, 1))
    world.records["developer"][-1]["tags"] = ["partner"]
    use(world, {"server_errors": 12}, app="app_bob")
    use(world, {"server_errors": 12})
    found = ask(world.build(), "attention")
    assert [row["position"] for row in found] == list(range(1, len(found) + 1))
    assert found[0]["account_id"] == "dev:test:ann"
    known = [row["money"] for row in found if row["money"] is not None]
    assert known == sorted(known, reverse=True)
    assert [row["money"] is None for row in found] == sorted(row["money"] is None for row in found)


UNUSUAL = (
    "insert into attention_test (kind, tier, subject, day, span_days, value, expected, low, high, p, is_unusual)"
    " values ($kind, 'open', $subject, $day, $span, $value, $expected, 0, 1000, 1e-9, true)"
)


def test_an_account_explains_its_tier_by_the_same_days(world):
    """The tier's errors are of the last day, on which the account had no more than usual."""
    use(world)
    con, last = world.build(), AS_OF.date() - DAY
    for kind, subject, span, value, expected in (
        ("server_errors", "dev:test:ann", 3, 70, 10),
        ("tier_server_errors", "open", 1, 60, 20),
    ):
        con.execute(
            UNUSUAL,
            {"kind": kind, "subject": subject, "day": last, "span": span, "value": value, "expected": expected},
        )
    assert {row["kind"] for row in ask(con, "attention")} == {"server_errors", "tier_server_errors"}


def test_a_rise_after_a_fall_is_another_change(world):
    use(world)
    con, last = world.build(), AS_OF.date() - DAY
    for back, value in ((3, 5), (1, 200), (0, 200)):
        con.execute(
            UNUSUAL,
            {
                "kind": "calls",
                "subject": "dev:test:ann",
                "day": last - back * DAY,
                "span": 1,
                "value": value,
                "expected": 60,
            },
        )
    assert [(row["kind"], row["since"]) for row in ask(con, "attention")] == [("calls", last - DAY)]
