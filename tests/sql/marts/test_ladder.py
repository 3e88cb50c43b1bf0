"""How far a relationship has grown, on each day; and who calls an API that is not meant for them."""

from datetime import date, datetime

import pytest

from data_sources.judgements import IdentityDecision, TierOverride
from tests.sql.marts.world import World, ask, rows

JAN, FEB, MAR, MAY = (date(2026, month, 1) for month in (1, 2, 3, 5))
TODAY = date(2026, 6, 30)


@pytest.fixture
def world(tmp_path):
    return World(tmp_path)


def at(day: date) -> datetime:
    """The midnight that begins a day."""
    return datetime(day.year, day.month, day.day)


def bill(world: World, id: str, paid: date, customer: str = "cus", until: date | None = None) -> World:
    """A paid bill of 49 dollars, for the time until a day where one is given."""
    fields = {"period_starts_at": at(paid), "period_ends_at": at(until)} if until else {}
    return world.add("invoice", id, source="stripe", customer_id=customer, status="paid", currency="usd", total=4900,
                     amount_paid=4900, tax=0, created_at=at(paid), paid_at=at(paid), **fields)  # fmt: skip


def payer(world: World, name: str = "ann") -> World:
    """Somebody who stands alone, with an application and a customer record of the biller."""
    world.person(name, f"{name}@gmail.com").add("application", f"app_{name}", developer_id=name, created_at=at(JAN))
    return world.add("billing_customer", "cus", source="stripe", email=f"{name}@gmail.com", created_at=at(JAN))


def steps(con) -> list[tuple]:
    """The spans of everyone on the ladder: rung, since, until, move."""
    return rows(con, "select ladder, valid_from, valid_to, move from account_ladder order by account_id, valid_from")


def test_without_a_rule_the_usual_ones_hold(world):
    bill(payer(world), "in_1", MAR)
    world.add("organization", "org_p", domain="partner.com").add(
        "contract",
        "k",
        organization_ref="org_p",
        tier="partner",
        created_at=at(FEB),
        starts_at=at(MAY),
        signed_at=at(MAY),
    )
    con = world.build()
    assert steps(con) == [
        ("open", JAN, MAR, None),
        ("associate", MAR, None, "promotion"),
        ("incubation", FEB, MAY, None),
        ("partner", MAY, None, "promotion"),
    ]


def test_who_pays_no_more_is_demoted_on_the_day_on_which_nothing_covers_them(world):
    world.ladder = [("associate", "pays", None)]
    bill(bill(payer(world), "in_1", FEB, until=MAR), "in_2", MAR, until=date(2026, 4, 1))
    con = world.build()
    assert steps(con) == [
        ("open", JAN, FEB, None),
        ("associate", FEB, date(2026, 4, 1), "promotion"),
        ("open", date(2026, 4, 1), None, "demotion"),
    ]
    listed = ask(con, "ladder_moves")
    assert [(row["move"], row["ladder_was"], row["ladder_is"], row["moved_on"]) for row in listed] == [
        ("demotion", "associate", "open", date(2026, 4, 1)),
        ("promotion", "open", "associate", FEB),
    ]
    assert ask(con, "ladder_moves", date_from=MAR, date_to=MAY)[0]["move"] == "demotion"
    assert not ask(con, "ladder_moves", date_from=MAY)


def test_the_first_rule_that_holds_decides(world):
    world.ladder = [("incubation", "tag", "pilot"), ("associate", "has_paid", None)]
    bill(payer(world), "in_1", FEB)
    world.add("organization", "org_a", domain="acme.com", tags=["Pilot"], created_at=at(MAR))
    world.add("billing_customer", "cus_2", source="stripe", email="a@acme.com", created_at=at(JAN))
    bill(world, "in_2", FEB, "cus_2")
    con = world.build()
    assert rows(con, "select ladder, rule, position from account_ladder_now order by position") == [
        ("incubation", "tag = pilot", 1),
        ("associate", "has_paid", 2),
    ]


def test_a_stage_that_was_reached_lifts(world):
    world.ladder = [("associate", "stage", ["integrated"]), ("open", "always", None)]
    world.person("dev", "d@acme.com").add("application", "app", developer_id="dev", plan="free", created_at=at(JAN))
    world.daily(MAR, 3, ok=1, application_ref="app")
    con = world.build()
    reached = rows(con, "select cast(reached_at as date) from account_stage where stage = 'integrated'")[0][0]
    assert steps(con) == [("open", JAN, reached, None), ("associate", reached, None, "promotion")]


def test_what_begins_after_today_counts_for_nothing_yet(world):
    world.add("organization", "org_p", domain="partner.com", created_at=at(JAN))
    world.add(
        "contract", "k", organization_ref="org_p", tier="partner", signed_at=at(FEB), starts_at=datetime(2026, 7, 1)
    )
    con = world.build()
    assert rows(con, "select ladder from account_ladder_now") == [("incubation",)]
    assert rows(con, "select tier from account_tier_now") == [("public",)]


def test_what_begins_today_counts(world):
    world.add("organization", "org_p", domain="partner.com", created_at=at(JAN))
    world.add("contract", "k", organization_ref="org_p", tier="partner", signed_at=at(FEB), starts_at=at(TODAY))
    con = world.build()
    assert rows(con, "select ladder, tier from account_ladder_now join account_tier_now using (account_id)") == [
        ("partner", "partner")
    ]
    assert steps(con)[-1][:2] == ("partner", TODAY)


def test_calls_of_nobody_stand_on_no_ladder(world):
    world.calls(MAR, client_errors=3)
    assert steps(world.build()) == []


def test_a_person_decides_before_every_rule_and_the_newest_word_holds(world):
    world.person("dev", "d@gmail.com")
    told = {"author": "kim", "account_id": "dev:test:dev"}
    world.judgements = [
        TierOverride(tier="partner", decided_at=at(MAR), **told),
        TierOverride(tier="open", decided_at=at(FEB), **told),
        TierOverride(tier="internal", decided_at=at(MAY), undone_at=at(TODAY), **told),
    ]
    con = world.build()
    assert rows(con, "select tier, rule, position from account_tier_now") == [("partner", "a person decided", 0)]
    assert [row["tier"] for row in ask(con, "tier_overrides")] == ["partner", "open"]
    used = [row for row in ask(con, "rule_use") if row["field"] == "a person decided"]
    assert [(row["kind"], row["accounts"], row["position"]) for row in used] == [("tier", 1, None)]


def test_a_team_of_ours_with_a_private_address_is_internal(world):
    world.person("dev", "d@gmail.com")
    world.judgements = [
        IdentityDecision(action="mark_internal", left_kind="developer", left_source="test", left_id="dev", value="Maps",
                         author="kim", decided_at=at(MAR))
    ]  # fmt: skip
    assert rows(world.build(), "select tier, rule from account_tier_now") == [("internal", "a person decided")]


def test_an_api_that_is_not_meant_for_a_tier_is_broken_by_calls_of_those_days(world):
    world.exposure = {"partners": ["partner"], "inside": ["internal", "partner"]}
    world.add("organization", "org_p", domain="partner.com", created_at=at(JAN))
    world.add(
        "contract", "k", organization_ref="org_p", tier="partner", signed_at=at(FEB), starts_at=at(FEB), ends_at=at(MAR)
    )
    world.person("boss", "boss@partner.com").add("application", "app", developer_id="boss", created_at=at(JAN))
    world.person("dev", "d@gmail.com").add("application", "mine", developer_id="dev", created_at=at(JAN))
    for day in (date(2026, 2, 10), MAR, date(2026, 3, 2)):
        world.calls(day, ok=5, service="partners", application_ref="app")
    world.calls(MAY, client_errors=4, refused_auth=3, service="inside", application_ref="mine")
    world.calls(MAY, ok=9, service="rates", application_ref="mine")
    con = world.build()
    found = [
        (row["service"], row["tier"], row["meant_for"], row["finding"], row["first_day"], row["last_day"], row["calls"], row["ok"], row["refused"])
        for row in ask(con, "exposure_findings")
    ]  # fmt: skip
    assert found == [
        ("inside", "open", "internal, partner", "attempt", MAY, MAY, 4, 0, 3),
        ("partners", "open", "partner", "breach", MAR, date(2026, 3, 2), 10, 10, 0),
    ], "in February it was a partner"
    used = {row["service"]: row for row in ask(con, "exposure_use")}
    assert (used["partners"]["calls"], used["partners"]["calls_outside"], used["partners"]["accounts_outside"]) == (
        15,
        10,
        1,
    )
    assert (used["rates"]["meant_for"], used["rates"]["calls_outside"]) == (None, 0)


def test_an_api_that_nobody_calls_is_listed_all_the_same(world):
    world.exposure = {"later": ["partner"]}
    (row,) = ask(world.build(), "exposure_use")
    assert (row["service"], row["meant_for"], row["calls"], row["accounts"]) == ("later", "partner", 0, 0)
