"""What dates a stage and what does not: the field's known mistakes, monitors and probes, environments, and going back."""

from datetime import date, datetime, timedelta

import pytest

from data_sources.program import EnvironmentRule, TrafficRule
from tests.sql.marts.test_onboarding import joined, reached
from tests.sql.marts.world import AS_OF, World, ask, rows

DAY = timedelta(days=1)
LADDER = ["signed_up", "credential_issued", "first_call", "first_success", "integrated", "in_production"]
PAYING = [*LADDER, "commercial_contact", "procurement", "contracted", "paying", "expanded"]


@pytest.fixture
def world(tmp_path):
    made = World(tmp_path)
    made.stages["open"] = list(PAYING)
    return made


def stages(world: World, account: str) -> dict[str, datetime]:
    return reached(world.build(), account)


def bill(world: World, id: str, paid: datetime, total: int = 100, months: int = 1) -> None:
    """A paid bill of ann's for a month or more."""
    world.add(
        "invoice",
        id,
        customer_id="cus_ann",
        status="paid",
        currency="usd",
        total=total,
        tax=0,
        paid_at=paid,
        period_started_at=paid,
        period_ends_at=paid + months * 30 * DAY,
    )


def test_two_events_in_one_second_both_count(world):
    moment = datetime(2026, 1, 5, 12)
    account = joined(world, "ann", moment)
    world.calls(moment.date(), ok=1, application_ref="app_ann", first_at=moment, last_at=moment, first_ok_at=moment)
    assert set(stages(world, account).values()) == {moment}
    assert list(stages(world, account)) == LADDER[:4]


def test_a_step_repeated_counts_once_at_its_first_time(world):
    account = joined(world, "ann", datetime(2026, 1, 1))
    for n, day in enumerate((5, 9, 20)):
        world.add("portal_event", f"k{n}", kind="key_issued", occurred_at=datetime(2026, 1, day), developer_ref="ann")
    assert stages(world, account)["credential_issued"] == datetime(2026, 1, 1)


def test_a_companys_second_developer_does_not_start_over(world):
    world.add("organization", "acme", name="Acme", domain="acme.com", created_at=datetime(2026, 1, 1))
    joined(world, "ann", datetime(2026, 1, 1), domain="acme.com")
    joined(world, "bob", datetime(2026, 5, 1), domain="acme.com")
    world.calls(date(2026, 1, 7), ok=1, application_ref="app_ann")
    world.calls(date(2026, 5, 7), ok=1, application_ref="app_bob")
    con = world.build()
    assert rows(con, "select reached_at from account_stage where stage = 'first_success'") == [
        (datetime(2026, 1, 7, 12),)
    ]
    assert rows(con, "select entered_at from entrant") == [(datetime(2026, 1, 1),)]


def test_a_key_rotated_is_no_beginning(world):
    account = joined(world, "ann", datetime(2026, 1, 1))
    for n, day in enumerate((1, 60)):
        world.add(
            "credential", f"key{n}", kind="key", application_ref="app_ann", created_at=datetime(2026, 1, 1) + day * DAY
        )
    world.calls(date(2026, 1, 7), ok=1, credential_ref="key0")
    world.calls(date(2026, 3, 7), ok=1, credential_ref="key1")
    found = stages(world, account)
    assert (found["credential_issued"], found["first_success"]) == (datetime(2026, 1, 1), datetime(2026, 1, 7, 12))


def test_a_tier_changed_halfway_is_judged_by_todays_ladder_from_its_first_step(world):
    world.stages["partner"] = ["agreement", "credential_issued", "first_call", "first_success"]
    joined(world, "ann", datetime(2026, 1, 1), domain="acme.com")
    world.calls(date(2026, 1, 5), ok=1, application_ref="app_ann")
    world.calls(date(2026, 4, 5), ok=1, application_ref="app_ann")
    world.add(
        "contract",
        "k",
        domain="acme.com",
        tier="partner",
        status="active",
        created_at=datetime(2026, 3, 1),
        signed_at=datetime(2026, 3, 1),
    )
    found = rows(world.build(), "select tier, stage, reached_at from account_stage order by position")
    # what came before the agreement is no step of a partner's; its next call is
    assert found == [
        ("partner", "agreement", datetime(2026, 3, 1)),
        ("partner", "credential_issued", datetime(2026, 4, 5, 12)),
        ("partner", "first_call", datetime(2026, 4, 5, 12)),
        ("partner", "first_success", datetime(2026, 4, 5, 12)),
    ]


def test_a_day_is_a_utc_day_and_a_second_before_midnight_is_the_day_before(world):
    account = joined(world, "ann", datetime(2026, 1, 1, 23, 59, 59))
    last = datetime(2026, 1, 31, 23, 59, 59)
    world.calls(last.date(), ok=1, application_ref="app_ann", first_at=last, last_at=last, first_ok_at=last)
    con = world.build()
    assert reached(con, account)["first_success"] == last
    assert rows(con, "select cohort_month, cohort_week from entrant") == [(date(2026, 1, 1), date(2025, 12, 29))]


def test_a_monitor_that_calls_every_minute_is_nobodys_onboarding(world):
    account = joined(world, "ann", datetime(2026, 1, 1))
    world.add(
        "credential", "probe", kind="key", application_ref="app_ann", tags=["monitor"], created_at=datetime(2026, 1, 1)
    )
    world.daily(date(2026, 1, 2), 60, ok=1440, credential_ref="probe")
    assert list(stages(world, account)) == LADDER[:2]


def test_probes_of_a_health_route_are_taken_off_the_days_calls(world):
    account = joined(world, "ann", datetime(2026, 1, 1))
    for day in (2, 3):
        world.calls(date(2026, 1, day), ok=10 if day == 2 else 12, application_ref="app_ann")
        caller = world.usage[-1]["caller_id"]
        world.routes.append(
            (
                date(2026, 1, day),
                caller,
                "rates",
                "rates-health",
                "GET",
                10,
                10,
                datetime(2026, 1, day),
                "/v1/rates/health",
            )
        )
    con = world.build()
    assert reached(con, account)["first_success"] == datetime(2026, 1, 3, 12)
    assert rows(con, "select day, calls, ok from onboarding_day") == [(date(2026, 1, 3), 2, 2)]


def test_one_call_to_health_on_a_catch_all_route_makes_it_no_probe(world):
    account = joined(world, "ann", datetime(2026, 1, 1))
    joined(world, "bob", datetime(2026, 1, 1))
    for name, path, ok in (("ann", "/v1/rates", 5), ("bob", "/v1/health", 0)):
        world.calls(date(2026, 1, 2), ok=ok, client_errors=1 - ok % 2, application_ref=f"app_{name}")
        caller = world.usage[-1]["caller_id"]
        world.routes.append((date(2026, 1, 2), caller, "rates", "everything", "GET", 5, ok, datetime(2026, 1, 2), path))
    assert list(stages(world, account)) == LADDER[:4]


def test_refusals_of_probes_are_taken_off_with_their_calls(world):
    joined(world, "ann", datetime(2026, 1, 1))
    world.calls(date(2026, 1, 2), ok=5, client_errors=101, refused_auth=101, application_ref="app_ann")
    caller = world.usage[-1]["caller_id"]
    world.fails(401, 100, "/v1/rates/health", "rates-health", "auth").fails(401, 1, "/v1/rates", "rates", "auth")
    world.routes.append(
        (date(2026, 1, 2), caller, "rates", "rates-health", "GET", 100, 0, datetime(2026, 1, 2), "/v1/rates/health")
    )
    found = rows(world.build(), "select ok, refused_auth from onboarding_day")
    assert found == [(5, 1)]


def test_an_id_that_means_two_accounts_is_nobodys_in_the_portal(world):
    for name, source in (("ann", "kong"), ("bob", "aws")):
        joined(world, name, datetime(2026, 1, 1))
        world.add("developer", "7", source=source, email=f"{name}@{name}.example", created_at=datetime(2026, 1, 1))
    world.add("portal_event", "e1", kind="docs_read", occurred_at=datetime(2026, 1, 5), developer_ref="7")
    world.add("portal_event", "e2", kind="docs_read", occurred_at=datetime(2026, 1, 5), developer_ref="ann")
    assert rows(world.build(), "select id from portal_account") == [("e2",)]


def test_one_of_ours_testing_inside_a_partners_account_is_no_step_of_theirs(world):
    world.rules = [
        ("partner", "contract", "partner"),
        ("internal", "internal_domain", None),
        ("public", "always", None),
    ]
    world.add("organization", "acme", name="Acme", domain="acme.com", created_at=datetime(2026, 1, 1))
    world.add("contract", "k", organization_ref="acme", tier="partner", status="active", signed_at=datetime(2026, 1, 1))
    world.person("eve", "eve@house.example", created=datetime(2026, 1, 2), organization_id="acme")
    world.add("application", "app_eve", developer_id="eve", created_at=datetime(2026, 1, 2))
    world.calls(date(2026, 1, 7), ok=1, application_ref="app_eve")
    con = world.build()
    owner = rows(con, "select tier from caller_account join account_tier_now using (account_id)")
    assert owner == [("partner",)]
    assert rows(con, "select reason from test_caller") == [("one of ours: house.example",)]
    assert rows(con, "select stage from account_stage order by position") == [
        ("agreement",),
        ("credential_issued",),
    ]


def test_a_programs_own_rules_for_test_traffic_replace_the_usual_ones(world):
    account = joined(world, "ann", datetime(2026, 1, 1))
    world.traffic["test_traffic"] = [TrafficRule(when="application", value="app_load*")]
    world.add("application", "app_load1", developer_id="ann", created_at=datetime(2026, 1, 1))
    world.add(
        "credential", "m", kind="key", application_ref="app_ann", tags=["monitor"], created_at=datetime(2026, 1, 1)
    )
    world.calls(date(2026, 1, 3), ok=1, application_ref="app_load1")
    world.calls(date(2026, 1, 5), ok=1, credential_ref="m")
    assert stages(world, account)["first_success"] == datetime(2026, 1, 5, 12)


@pytest.mark.parametrize(
    ("when", "value"),
    [
        ("service", "rates-test"),
        ("host", "*-test"),
        ("plan", "Trial"),
        ("credential", "key_t*"),
        ("tag", "staging"),
        ("source", "logs-t"),
    ],
)
def test_environments_by_rule(world, when, value):
    account = joined(world, "ann", datetime(2026, 1, 1))
    world.traffic["environment_rule"] = [EnvironmentRule(environment="sandbox", when=when, value=value)]
    keys = {"application_ref": "app_ann"}
    world.add(
        "credential",
        "key_test",
        kind="key",
        application_ref="app_ann",
        plan="trial",
        tags=["staging"],
        created_at=datetime(2026, 1, 1),
    )
    world.calls(date(2026, 1, 3), ok=1, service="rates-test", source="logs-t", credential_ref="key_test")
    world.calls(date(2026, 2, 3), ok=1, **keys)
    for day in (4, 5, 6):
        world.calls(date(2026, 2, day), ok=1, **keys)
    con = world.build()
    assert rows(con, "select day, environment from account_usage_day order by day limit 2") == [
        (date(2026, 1, 3), "sandbox"),
        (date(2026, 2, 3), "production"),
    ]
    # a production call says something only where there is a sandbox as well: the third day of success, then production
    assert reached(con, account)["in_production"] == datetime(2026, 2, 5, 12)


def in_production(world: World) -> str:
    """Ann, steady from January on."""
    account = joined(world, "ann", datetime(2026, 1, 1))
    world.daily(date(2026, 1, 5), 3, ok=1, application_ref="app_ann")
    for week in (1, 2, 3):
        world.calls(date(2026, 1, 5) + week * 7 * DAY, ok=1, application_ref="app_ann")
    return account


def standing(con) -> list[tuple]:
    return rows(con, "select stage, furthest_stage, went_back_from, went_back_at, next_stage from account_stage_now")


def test_production_that_falls_silent_has_lapsed_after_sixty_days(world):
    in_production(world)
    con = world.build()
    back = datetime(2026, 1, 26) + 60 * DAY
    assert standing(con) == [("integrated", "in_production", "in_production", back, "in_production")]
    found = rows(
        con,
        "select from_stage, to_stage, occurred_at, direction, event, event_ref from stage_transition order by occurred_at, direction desc",
    )
    assert found[-1] == ("in_production", "integrated", back, "back", "no success for 60 days", "2026-01-26")


def test_the_sixtieth_day_is_still_in_time_and_the_day_after_is_not(world):
    in_production(world)
    world.calls(date(2026, 1, 26) + 60 * DAY, ok=1, application_ref="app_ann")
    world.as_of = datetime(2026, 4, 1)
    assert standing(world.build()) == [("in_production", "in_production", None, None, "commercial_contact")]


def test_a_call_after_the_day_makes_nobody_silent_before_it(world):
    in_production(world)
    world.calls(date(2026, 6, 1), ok=1, application_ref="app_ann")
    world.as_of = datetime(2026, 2, 20)
    con = world.build()
    assert rows(con, "select * from stage_lapse") == []
    assert standing(con)[0][:3] == ("in_production", "in_production", None)


def test_a_bill_after_the_day_makes_nobody_leave_before_it(world):
    payer(world)
    bill(world, "in_2", datetime(2026, 6, 1))
    world.as_of = datetime(2026, 2, 20)
    con = world.build()
    assert rows(con, "select * from stage_lapse") == []
    assert standing(con) == [("paying", "paying", None, None, "expanded")]


def test_a_first_success_after_the_day_is_none_yet(world):
    joined(world, "ann", datetime(2026, 1, 1))
    world.calls(date(2026, 1, 5), client_errors=1, application_ref="app_ann")
    world.calls(date(2026, 6, 1), ok=1, application_ref="app_ann")
    joined(world, "bob", datetime(2026, 1, 1))
    world.calls(date(2026, 6, 1), ok=1, application_ref="app_bob")
    world.as_of = datetime(2026, 2, 20)
    found = rows(
        world.build(), "select first_call_at, first_success_at, days from conversion_first_call order by account_id"
    )
    assert found == [(datetime(2026, 1, 5, 12), None, None), (None, None, None)]


def test_production_is_reached_again_when_it_is_steady_again(world):
    in_production(world)
    for week in range(4):
        world.calls(date(2026, 5, 4) + week * 7 * DAY, ok=1, application_ref="app_ann")
    con = world.build()
    assert standing(con)[0][:3] == ("in_production", "in_production", None)
    assert rows(con, "select lapsed_at, returned_at from stage_lapse") == [
        (datetime(2026, 3, 27), datetime(2026, 5, 25, 12))
    ]
    assert rows(
        con, "select direction from stage_transition where occurred_at > '2026-03-01' order by occurred_at"
    ) == [("back",), ("again",)]


def payer(world: World) -> str:
    account = in_production(world)
    world.add("billing_customer", "cus_ann", consumer_ref="app_ann")
    bill(world, "in_1", datetime(2026, 2, 1))
    return account


def test_a_payer_without_a_further_bill_has_gone_back_and_is_a_lost_customer_not_a_stall(world):
    payer(world)
    con = world.build()
    assert standing(con) == [("contracted", "paying", "paying", datetime(2026, 3, 4), "paying")]
    assert rows(con, "select stalled from stall") == [(False,)]


def test_a_payer_who_comes_back_pays_again(world):
    payer(world)
    bill(world, "in_2", datetime(2026, 6, 1))
    con = world.build()
    assert standing(con)[0][:3] == ("paying", "paying", None)
    assert rows(con, "select from_stage, lapsed_at, returned_at, event_ref from stage_lapse") == [
        ("paying", datetime(2026, 3, 4), datetime(2026, 6, 1), "in_1")
    ]


def test_late_bills_of_a_running_subscription_are_no_leaving(world):
    payer(world)
    world.add("subscription", "sub", customer_id="cus_ann", status="active", started_at=datetime(2026, 2, 1))
    bill(world, "in_2", datetime(2026, 5, 20))
    con = world.build()
    assert rows(con, "select * from stage_lapse") == []
    assert standing(con)[0][0] == "paying"


def test_a_year_paid_at_once_lasts_a_year(world):
    in_production(world)
    world.add("billing_customer", "cus_ann", consumer_ref="app_ann")
    bill(world, "in_1", datetime(2026, 2, 1), months=12)
    world.calls(AS_OF.date(), ok=1, application_ref="app_ann")
    assert standing(world.build())[0][:3] == ("paying", "paying", None)


def test_whoever_went_back_is_listed_with_what_was_paid_and_the_account_shows_each_change(world):
    account = payer(world)
    con = world.build()
    (found,) = ask(con, "went_back", tier="open")
    assert (found["account_id"], found["from_stage"], found["stage"], found["days"]) == (
        account,
        "paying",
        "contracted",
        118,
    )
    assert (found["revenue"], found["event"]) == (1.0, "no bill paid since")
    assert ask(con, "went_back", tier="partner") == []
    changes = ask(con, "account_stage_moves", account=account)
    assert [row["direction"] for row in changes] == ["forward"] * 10 + ["back"]
    assert (changes[-1]["occurred_at"], changes[-1]["event_ref"]) == (datetime(2026, 3, 4), "in_1")


def test_a_monitors_failures_are_no_reason_to_stall(world):
    account = joined(world, "ann", datetime(2026, 1, 1))
    world.add("credential", "probe", kind="key", application_ref="app_ann", tags=["monitor"])
    world.calls(date(2026, 1, 7), ok=3, application_ref="app_ann")
    world.daily(date(2026, 6, 1), 20, server_errors=1440, credential_ref="probe")
    found = rows(world.build(), f"select reason from stall where account_id = '{account}'")
    assert found == [("succeeded_silent",)]


def test_a_segment_is_what_a_source_says_and_null_where_none_does(world):
    joined(world, "ann", datetime(2026, 1, 1), domain="acme.com")
    world.add(
        "organization",
        "acme",
        name="Acme",
        domain="acme.com",
        country="de",
        employees=250,
        attributes={"industry": "Toys"},
    )
    world.calls(date(2026, 1, 7), ok=3, application_ref="app_ann", service="rates")
    con = world.build()
    found = dict(rows(con, "select dimension, value from entrant_segment where dimension not like 'cohort%'"))
    assert (found["country"], found["size"], found["service"]) == ("DE", "200 to 999 people", "rates")
    assert found["attribute: industry"] == "toys"
    assert found["channel"] is None
    assert rows(con, "select value from entrant_segment where dimension = 'cohort_month'") == [("2026-01",)]
