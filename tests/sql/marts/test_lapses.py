"""Whoever went back: since when it counts as stalled, which decisions and contacts are about it, and when it is won back."""

from datetime import date, datetime, timedelta

import pytest

from data_sources.judgements import AccountMove
from tests.sql.marts.test_onboarding import joined
from tests.sql.marts.test_stages import LADDER
from tests.sql.marts.world import World, ask, rows

DAY = timedelta(days=1)
LAPSED = datetime(2026, 3, 27)


@pytest.fixture
def world(tmp_path):
    """ann, in production since 26 January, without a success for sixty days on 27 March."""
    made = World(tmp_path)
    made.stages["open"] = [*LADDER, "commercial_contact", "procurement", "contracted", "paying"]
    joined(made, "ann", datetime(2026, 1, 1))
    for week in range(4):
        for day in range(3 if week == 0 else 1):
            made.calls(date(2026, 1, 5) + (week * 7 + day) * DAY, ok=1, application_ref="app_ann")
    return made


def contacted(world: World, stage: str, at: datetime) -> None:
    world.judgements.append(
        AccountMove(
            account_id="dev:test:ann", stage=stage, status="contacted", contacted_at=at, author="me", decided_at=at
        )
    )


def back_again(world: World, first: date) -> None:
    for week in range(4):
        world.calls(first + week * 7 * DAY, ok=1, application_ref="app_ann")


def test_it_is_stalled_from_the_lapse_on_and_not_from_before(world):
    con = world.build()
    assert rows(con, "select stage, stalled, stalled_on from work_item") == [("integrated", True, LAPSED.date())]
    assert rows(
        con, "select stage, next_stage, since, stalled_at, moved_at from stall_spell where moved_at is null"
    ) == [("integrated", "in_production", LAPSED, LAPSED, None)]


def test_what_was_decided_before_the_lapse_is_about_something_else(world):
    contacted(world, "in_production", datetime(2026, 3, 1))
    con = world.build()
    assert rows(con, "select status, judged_status from work_item") == [("open", None)]
    assert rows(con, "select stage from contact_outcome") == []


def test_winning_back_is_measured_from_the_contact_to_the_return(world):
    contacted(world, "integrated", datetime(2026, 4, 10))
    back_again(world, date(2026, 4, 13))
    returned = datetime(2026, 5, 4, 12)
    con = world.build()
    assert rows(con, "select stage, moved_at from stall_spell where stage = 'integrated'") == [("integrated", returned)]
    assert rows(con, "select stage, is_mature, moved from contact_outcome") == [("integrated", True, True)]
    assert rows(con, "select moved_at, moved_to from account_move") == [(returned, "in_production")]
    (row,) = ask(con, "move_outcomes")
    assert (row["mature"], row["moved"]) == (1, 1)


def test_a_payer_who_left_is_lost_whatever_lapsed_before(world):
    """Production lapsed first and never came back; bills were paid after that, and then no more."""
    world.add("billing_customer", "cus_ann", consumer_ref="app_ann")
    for n, paid in enumerate((datetime(2026, 4, 1), datetime(2026, 5, 1))):
        world.add(
            "invoice", f"in_{n}", customer_id="cus_ann", status="paid", currency="usd", total=100, tax=0,
            paid_at=paid, period_started_at=paid, period_ends_at=paid + 14 * DAY,
        )  # fmt: skip
    world.as_of = datetime(2026, 10, 1)
    con = world.build()
    assert rows(con, "select from_stage, returned_at from stage_lapse where from_stage = 'paying'") == [
        ("paying", None)
    ]
    assert rows(con, "select stage, went_back_from from account_stage_now") == [("contracted", "paying")]
    assert rows(con, "select stalled from stall") == [(False,)]
