"""Stages in their order, conversion that waits for the whole window, stalls against those who moved on, and reasons."""

from datetime import date, datetime, timedelta

import pytest

from data_sources.judgements import AccountOwner
from tests.sql.marts.world import AS_OF, World, ask, rows

DAY = timedelta(days=1)


@pytest.fixture
def world(tmp_path):
    return World(tmp_path)


def joined(world: World, id: str, day: datetime, domain: str = "gmail.com") -> str:
    """A verified developer with one application from the same moment; the id of an account of that one alone."""
    world.person(id, f"{id}@{domain}", created=day)
    world.add("application", f"app_{id}", developer_id=id, created_at=day)
    return f"dev:test:{id}"


def reached(con, account: str) -> dict[str, datetime]:
    return dict(
        rows(con, f"select stage, reached_at from account_stage where account_id = '{account}' order by position")
    )


def test_stages_are_dated_by_their_events_in_order(world):
    account = joined(world, "ann", datetime(2026, 1, 1))
    world.calls(date(2026, 1, 5), client_errors=3, application_ref="app_ann")
    for day in (7, 9, 20):
        world.calls(date(2026, 1, day), ok=2, application_ref="app_ann")
    assert reached(world.build(), account) == {
        "signed_up": datetime(2026, 1, 1),
        "credential_issued": datetime(2026, 1, 1),
        "first_call": datetime(2026, 1, 5, 12),
        "first_success": datetime(2026, 1, 7, 12),
        "integrated": datetime(2026, 1, 20, 12),
    }


def test_successes_too_far_apart_are_no_integration_and_three_routes_are(world):
    far = joined(world, "far", datetime(2026, 1, 1))
    broad = joined(world, "broad", datetime(2026, 1, 1))
    for day in (7, 14, 21):
        world.calls(date(2026, 1, day), ok=1, application_ref="app_far")
    world.calls(date(2026, 1, 7), ok=3, application_ref="app_broad")
    caller = world.usage[-1]["caller_id"]
    world.routes = [
        (date(2026, 1, 7), caller, "rates", f"/{n}", "GET", 1, 1, datetime(2026, 1, 7), f"/{n}") for n in range(3)
    ]
    con = world.build()
    assert "integrated" not in reached(con, far)
    assert reached(con, broad)["integrated"] == datetime(2026, 1, 7, 12)


def test_paying_before_using_is_no_conversion_until_the_next_bill(world):
    account = joined(world, "ann", datetime(2026, 1, 1))
    world.add("billing_customer", "cus_1", consumer_ref="app_ann")
    for n, month in enumerate((1, 2, 3)):
        world.add(
            "invoice",
            f"in_{n}",
            customer_id="cus_1",
            status="paid",
            currency="usd",
            total=100,
            tax=0,
            paid_at=datetime(2026, month, 2),
        )
    world.daily(date(2026, 2, 10), 3, ok=1, application_ref="app_ann")
    assert reached(world.build(), account)["paying"] == datetime(2026, 3, 2)


def test_a_production_week_streak_counts_the_fourth_week(world):
    account = joined(world, "ann", datetime(2026, 1, 1))
    world.stages["open"] = ["signed_up", "first_success", "integrated", "in_production"]
    for day in (5, 6, 7, 12, 19, 26):
        world.calls(date(2026, 1, day), ok=1, application_ref="app_ann")
    assert reached(world.build(), account)["in_production"] == datetime(2026, 1, 26, 12)


def movers(world: World, days: list[float], start: datetime = datetime(2026, 1, 1)) -> None:
    """One account each, which called first after so many days."""
    for n, wait in enumerate(days):
        joined(world, f"m{n:03}", start)
        at = start + wait * DAY
        world.calls(at.date(), client_errors=1, application_ref=f"app_m{n:03}", first_at=at, last_at=at)


def test_an_account_is_stalled_beyond_three_of_four_of_the_movers(world):
    movers(world, [n + 1 for n in range(40)])
    joined(world, "early", AS_OF - 30 * DAY)
    joined(world, "late", AS_OF - 31 * DAY)
    con = world.build()
    # p75 of 1…40 is 30.25, by hand: position 0.75 × 39 = 29.25, between 30 and 31
    stall = dict(rows(con, "select account_id, stalled from stall where stage = 'credential_issued'"))
    assert stall == {"dev:test:early": False, "dev:test:late": True}
    assert rows(con, "select distinct threshold_days from stall where stage = 'credential_issued'") == [(30.25,)]


def test_too_few_movers_leave_it_to_the_program(world):
    movers(world, [1.0] * 29)
    world.stalled_after = 45
    joined(world, "ann", AS_OF - 44 * DAY)
    assert rows(world.build(), "select threshold_days, stalled from stall where account_id = 'dev:test:ann'") == [
        (45.0, False)
    ]


def test_conversion_waits_for_the_whole_window(world):
    world.stages["open"] = ["signed_up", "first_call"]
    movers(world, [1, 2, 3, 40], start=datetime(2026, 1, 1))
    for n in range(6):
        joined(world, f"never{n}", datetime(2026, 1, 1))
    for n in range(5):
        joined(world, f"young{n}", AS_OF - 10 * DAY)
    steps = {row["stage"]: row for row in ask(world.build(), "funnel", tier="open", window_days=30)}
    call = steps["first_call"]
    assert (steps["signed_up"]["reached"], steps["signed_up"]["conversion"]) == (15, None)
    assert (call["mature_entrants"], call["mature_reached"], call["in_progress"], call["reached"]) == (10, 3, 5, 4)
    assert call["conversion"] == pytest.approx(0.3)
    assert (call["median_days"], call["p90_days"]) == (2.5, pytest.approx(28.9))


def one(world: World, account: str) -> tuple:
    con = world.build()
    return rows(con, f"select reason, evidence, secondary_reasons from stall where account_id = '{account}'")[0]


CAUSES = {
    "auth_refused": {"client_errors": 9, "refused_auth": 9, "ok": 1},
    "quota_refused": {"client_errors": 2, "refused_quota": 2, "ok": 20},
    "our_errors": {"server_errors": 4, "ok": 10},
    "wrong_path": {"client_errors": 4, "refused_no_route": 4, "ok": 8},
    "invalid_requests": {"client_errors": 4, "refused_validation": 4, "ok": 8},
}


@pytest.mark.parametrize("reason", CAUSES)
def test_the_last_days_of_calls_say_why(world, reason):
    account = joined(world, "ann", datetime(2026, 1, 1))
    world.daily(date(2026, 6, 1), 2, application_ref="app_ann", **CAUSES[reason])
    found, evidence, _ = one(world, account)
    assert found == reason
    assert "14 days to 2 Jun 2026" in evidence


def test_older_trouble_says_nothing_about_now(world):
    account = joined(world, "ann", datetime(2026, 1, 1))
    world.calls(date(2026, 3, 1), client_errors=50, refused_auth=50, application_ref="app_ann")
    world.calls(date(2026, 3, 20), ok=5, application_ref="app_ann")
    assert one(world, account)[0] == "succeeded_silent"


def test_a_quota_without_a_plan_above_is_another_matter(world):
    account = joined(world, "ann", datetime(2026, 1, 1))
    world.add("application", "app_ann", developer_id="ann", plan="growth", created_at=datetime(2026, 1, 1))
    world.plans = [
        (1, "free", True, True, 0.0),
        (2, "growth", False, True, 99.0),
        (3, "enterprise", False, False, None),
    ]
    world.calls(date(2026, 6, 1), ok=10, client_errors=5, refused_rate_limit=5, application_ref="app_ann")
    assert one(world, account)[0] == "quota_refused_no_way_up"


def test_tickets_open_or_past_their_promise_and_solved_ones_not(world):
    for name, status in (("open", "open"), ("late", "pending"), ("done", "solved")):
        joined(world, name, datetime(2026, 1, 1))
        world.add("support_user", f"u_{name}", email=f"{name}@gmail.com", verified=True, role="end-user")
        world.add(
            "ticket",
            f"t_{name}",
            requester_id=f"u_{name}",
            status=status,
            subject="Help",
            created_at=datetime(2026, 2, 1),
        )
    world.add("ticket_event", "e", ticket_id="t_late", kind="sla_breached", occurred_at=datetime(2026, 2, 2))
    con = world.build()
    assert dict(rows(con, "select account_id, reason from stall")) == {
        "dev:test:open": "open_ticket",
        "dev:test:late": "breached_ticket",
        "dev:test:done": "key_no_call",
    }


@pytest.mark.parametrize(
    ("step", "waiting_for", "reason"),
    [
        ("security_review", None, "waiting_security"),
        ("contract", "legal", "waiting_legal"),
        ("approval", "decision maker", "waiting_decision_maker"),
        ("purchase_order", "procurement", "waiting_procurement"),
    ],
)
def test_an_open_step_says_who_is_waited_for(world, step, waiting_for, reason):
    joined(world, "ann", datetime(2026, 1, 1), domain="acme.com")
    steps = [{"step": "kickoff", "started_on": "2026-03-01", "done_on": "2026-03-02"},
             {"step": step, "started_on": "2026-04-01", "done_on": None, "waiting_for": waiting_for}]  # fmt: skip
    world.add("contract", "k", domain="acme.com", status="draft", steps=steps, created_at=datetime(2026, 3, 1))
    con = world.build()
    found = rows(con, "select reason, evidence, json_extract_string(secondary_reasons, '$[0]') from stall")
    words = step.replace("_", " ").capitalize()
    whom = f", waits for {waiting_for}" if waiting_for else ""
    assert found == [(reason, f"{words} since 1 Apr 2026, 90 days{whom}", "key_no_call")]


def test_value_at_risk_is_what_payers_bring_times_who_went_on_and_null_where_too_few_paid(world):
    world.add("cost_entry", "1", currency="usd", billed_cost_micros=0, charge_period_started_at=AS_OF)
    old = AS_OF - 400 * DAY
    for n in range(20):
        joined(world, f"a{n:02}", old)
        if n < 5:
            world.add("billing_customer", f"cus_{n}", consumer_ref=f"app_a{n:02}")
            world.add(
                "invoice",
                f"in_{n}",
                customer_id=f"cus_{n}",
                status="paid",
                currency="usd",
                total=(n + 1) * 10_000,
                tax=0,
                paid_at=old + 10 * DAY,
            )
    con = world.build()
    # five payers of 100…500, so 300 in their first year; 5 of the 20 that stood at the first key went on to pay
    values = rows(
        con, "select distinct value_at_risk_micros from stall where stage = 'credential_issued' and tier = 'open'"
    )
    assert values == [(75_000_000,)]
    few = World(world.home / "few")
    joined(few, "ann", old)
    assert rows(few.build(), "select value_at_risk_micros from stall") == [(None,)]


def test_the_owner_is_who_a_person_named_last(world):
    account = joined(world, "ann", datetime(2026, 1, 1))
    for n, owner in enumerate(("kim", "lee")):
        world.judgements.append(
            AccountOwner(author="me", decided_at=datetime(2026, 6, n + 1), account_id=account, owner=owner)
        )
    (row,) = ask(world.build(), "stalled", search="ann")
    assert (row["owner"], row["reason"], row["next_action"] is not None) == ("lee", "key_no_call", True)


def test_buckets_change_on_their_day(world):
    account = joined(world, "ann", datetime(2026, 1, 1))
    world.add("billing_customer", "cus_1", consumer_ref="app_ann")
    world.calls(date(2026, 2, 20), ok=1, application_ref="app_ann")
    world.add(
        "invoice",
        "in_1",
        customer_id="cus_1",
        status="paid",
        currency="usd",
        total=100,
        tax=0,
        paid_at=datetime(2026, 5, 1),
    )
    con = world.build()
    spans = rows(
        con, f"select bucket, valid_from, valid_to from account_bucket where account_id = '{account}' order by 2"
    )
    assert spans == [
        ("new", date(2026, 1, 1), date(2026, 1, 31)),
        ("inactive", date(2026, 1, 31), date(2026, 2, 20)),
        ("active", date(2026, 2, 20), date(2026, 3, 22)),
        ("inactive", date(2026, 3, 22), date(2026, 5, 1)),
        ("billable", date(2026, 5, 1), date(2026, 6, 1)),
        ("inactive", date(2026, 6, 1), None),
    ]


def test_one_order_passes_three_stages_in_no_time_and_whoever_pays_is_never_stalled(world):
    world.stages["open"] = ["signed_up", "commercial_contact", "procurement", "contracted", "paying", "expanded"]
    account = joined(world, "ann", datetime(2026, 1, 1))
    world.add("billing_customer", "cus_1", consumer_ref="app_ann")
    world.add("subscription", "sub_1", customer_id="cus_1", status="active", started_at=datetime(2026, 1, 5))
    world.add(
        "invoice",
        "in_1",
        customer_id="cus_1",
        status="paid",
        currency="usd",
        total=100,
        tax=0,
        paid_at=datetime(2026, 1, 6),
    )
    con = world.build()
    assert list(reached(con, account)) == ["signed_up", "commercial_contact", "procurement", "contracted", "paying"]
    assert rows(con, "select stage, days from stage_mover order by position") == [
        ("signed_up", 4.0),
        ("contracted", 1.0),
    ]
    assert rows(con, "select stage, stalled from stall") == [("paying", False)]


def test_a_ticket_about_a_path_called_quotes_is_no_wish_for_a_quote(world):
    joined(world, "ann", datetime(2026, 1, 1))
    for n, subject in enumerate(("422 on /v1/quotes", "Which price for 2 million calls?")):
        world.add("ticket", str(n), status="solved", subject=subject, created_at=datetime(2026, 2, 1))
    assert rows(world.build(), "select is_commercial from ticket_topic order by ticket_id") == [(False,), (True,)]
