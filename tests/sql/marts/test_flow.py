"""Who moved where: the edges of weeks and months, trips there and back, and rows that add up to every account."""

import random
from datetime import date, datetime, timedelta

import pytest

from sql.catalogue import ROOT
from tests.sql.marts.world import World, ask, rows

NEW = "not there yet"
MEASURES = ("dimension", "grain", "period_from", "from_state", "to_state")
CHECK = (ROOT / "checks" / "flow_ties_out.sql").read_text()


@pytest.fixture
def world(tmp_path):
    return World(tmp_path)


def signed_up(world: World, id: str, day: date) -> World:
    """A person and an application on one day, at noon."""
    noon = datetime(day.year, day.month, day.day, 12)
    return world.person(id, f"{id}@gmail.com", created=noon).add(
        "application", f"app_{id}", developer_id=id, created_at=noon
    )


def moves(con, dimension: str, grain: str, **more) -> dict[tuple[date, str, str], int]:
    """(first day, state at the start, state at the end) → accounts, without those who stayed."""
    found = ask(con, "flow", dimension=dimension, grain=grain, **more)
    return {
        (one["period_from"], one["from_state"], one["to_state"]): one["accounts"]
        for one in found
        if one["from_state"] != one["to_state"]
    }


def state_on(spans: list[tuple], day: date) -> str:
    """The state at the end of a day, by hand."""
    held = [state for state, since, until in spans if since <= day and (until is None or until > day)]
    assert len(held) <= 1
    return held[0] if held else NEW


def test_sunday_is_of_the_week_before_and_the_first_is_of_its_month(world):
    signed_up(world, "sunday", date(2026, 6, 7))
    signed_up(world, "monday", date(2026, 6, 8))
    signed_up(world, "last_of_may", date(2026, 5, 31))
    con = world.build()
    came = {key: n for key, n in moves(con, "bucket", "week").items() if key[1] == NEW}
    assert came == {
        (date(2026, 5, 25), NEW, "new"): 1,  # 31 May 2026 is a Sunday
        (date(2026, 6, 1), NEW, "new"): 1,
        (date(2026, 6, 8), NEW, "new"): 1,
    }
    assert {key: n for key, n in moves(con, "bucket", "month").items() if key[1] == NEW} == {
        (date(2026, 5, 1), NEW, "new"): 1,
        (date(2026, 6, 1), NEW, "new"): 2,
    }


def test_a_change_belongs_to_the_week_and_month_of_its_day(world):
    """Calls on 3 and 4 May: active begins on a Sunday and ends 30 days after the last success, on 3 June."""
    signed_up(world, "ann", date(2026, 3, 1)).daily(date(2026, 5, 3), 2, ok=1, application_ref="app_ann")
    con = world.build()
    week = moves(con, "bucket", "week")
    assert week[date(2026, 4, 27), "inactive", "active"] == 1
    assert week[date(2026, 6, 1), "active", "inactive"] == 1
    month = moves(con, "bucket", "month")
    assert month[date(2026, 5, 1), "inactive", "active"] == month[date(2026, 6, 1), "active", "inactive"] == 1


def test_there_and_back_in_one_period_has_stayed_and_says_how_often_it_changed(world):
    signed_up(world, "ann", date(2026, 1, 1)).calls(date(2026, 4, 25), ok=1, application_ref="app_ann")
    world.calls(date(2026, 5, 28), ok=1, application_ref="app_ann")
    con = world.build()
    may = ask(con, "flow", dimension="bucket", grain="month", period_from=date(2026, 5, 1))
    assert [(one["from_state"], one["to_state"], one["accounts"]) for one in may] == [("active", "active", 1)]
    (one,) = ask(con, "flow_accounts", dimension="bucket", grain="month", period_from=date(2026, 5, 1))
    assert (one["from_state"], one["to_state"], one["changes"], one["changed_on"]) == (
        "active",
        "active",
        2,
        date(2026, 5, 28),
    )


@pytest.mark.parametrize(
    ("as_of", "week_over", "month_over"),
    [
        (datetime(2026, 5, 31, 23), False, False),
        (datetime(2026, 6, 1), True, True),
        (datetime(2026, 6, 3), True, True),
    ],
)
def test_a_period_is_finished_when_the_data_reach_its_end(tmp_path, as_of, week_over, month_over):
    con = signed_up(World(tmp_path, as_of), "ann", date(2026, 5, 27)).build()
    over = {one["grain"]: one["finished"] for one in ask(con, "flow", dimension="bucket", from_state=NEW)}
    assert over == {"week": week_over, "month": month_over}
    latest = ask(con, "flow_accounts")
    assert len(latest) == int(week_over), "without a period it is the latest that is over"


def test_calls_of_nobody_are_no_account(world):
    signed_up(world, "ann", date(2026, 6, 1)).calls(date(2026, 6, 2), ok=5)
    con = world.build()
    assert rows(con, "select count(*) from account where kind = 'nobody'") == [(1,)]
    assert rows(con, "select distinct account_id from account_state") == [("dev:test:ann",)]


def test_what_no_source_dates_was_there_before_the_first_day_that_is_known(world):
    signed_up(world, "ann", date(2026, 6, 10)).add("organization", "o1", name="Undated Ltd")
    con = world.build()
    periods = rows(
        con, "select grain, min(period_from), count(*) from account_state_period group by grain order by grain"
    )
    assert periods == [("month", date(2026, 6, 1), 1), ("week", date(2026, 6, 8), 4)]
    tiers = ask(con, "flow", dimension="tier", grain="week", period_from=date(2026, 6, 8))
    assert sum(one["accounts"] for one in tiers) == 2
    assert sum(one["accounts"] for one in ask(con, "flow", dimension="bucket", grain="month")) == 1
    assert rows(con, CHECK) == []


def test_tier_and_ladder_flow_too(world):
    signed_up(world, "ann", date(2026, 2, 2))
    world.add(
        "contract",
        "c1",
        developer_id="ann",
        organization_name="Acme",
        terms="negotiated",
        tier="partner",
        signed_at=datetime(2026, 4, 15),
    )
    world.add("developer", "ann", email="ann@gmail.com", organization_name="Acme", created_at=datetime(2026, 2, 2))
    con = world.build()
    found = ask(con, "flow", grain="month")
    assert {one["dimension"] for one in found} == {"bucket", "tier", "ladder"}
    for dimension in ("bucket", "tier", "ladder"):
        here = [one for one in found if one["dimension"] == dimension]
        accounts = rows(con, "select count(distinct account_id) from account_state")[0][0]
        assert sum(one["accounts"] for one in here if one["period_from"] == date(2026, 6, 1)) == accounts
    partner = [one for one in found if one["dimension"] == "tier" and one["to_state"] == "partner"]
    assert partner, "the contract makes somebody a partner"
    assert min(one["period_from"] for one in partner) == date(2026, 4, 1)


@pytest.fixture(scope="module", params=[1, 2, 3])
def busy(request, tmp_path_factory):
    """Forty people with calls and pauses at random, built."""
    chance = random.Random(request.param)
    world = World(tmp_path_factory.mktemp("busy"))
    for n in range(40):
        begun = date(2025, 11, 1) + timedelta(days=chance.randrange(230))
        signed_up(world, f"dev_{n}", begun)
        for _ in range(chance.randrange(6)):
            day = begun + timedelta(days=chance.randrange(240))
            if day <= date(2026, 6, 30):
                world.calls(day, ok=chance.randrange(3), client_errors=1, application_ref=f"app_dev_{n}")
    return world.build()


def test_every_cell_is_what_counting_by_hand_gives(busy):
    spans: dict[tuple[str, str], list[tuple]] = {}
    for dimension, account, *span in rows(
        busy, "select dimension, account_id, state, valid_from, valid_to from account_state"
    ):
        spans.setdefault((dimension, account), []).append(tuple(span))
    by_hand: dict[tuple, int] = {}
    for grain, first, after in rows(busy, "select grain, period_from, period_to from account_state_period"):
        for (dimension, _), held in spans.items():
            start, end = state_on(held, first - timedelta(days=1)), state_on(held, after - timedelta(days=1))
            if end != NEW:
                key = (dimension, grain, first, start, end)
                by_hand[key] = by_hand.get(key, 0) + 1
    assert {tuple(one[m] for m in MEASURES): one["accounts"] for one in ask(busy, "flow")} == by_hand
    assert {key[0] for key in by_hand} == {"bucket", "tier", "ladder"}


def test_the_accounts_behind_a_cell_are_as_many_as_it_says(busy):
    for one in ask(busy, "flow", grain="month") + ask(busy, "flow", grain="week")[::7]:
        behind = ask(busy, "flow_accounts", **{name: one[name] for name in MEASURES})
        assert len({row["account_id"] for row in behind}) == len(behind) == one["accounts"]


def test_a_row_is_who_was_there_and_all_rows_are_all_accounts(busy):
    found = ask(busy, "flow", dimension="bucket", grain="week")
    for first in sorted({one["period_from"] for one in found}):
        here = [one for one in found if one["period_from"] == first]
        behind = ask(busy, "flow_accounts", dimension="bucket", grain="week", period_from=first)
        assert sum(one["accounts"] for one in here) == len(behind)
        for state in {one["from_state"] for one in here}:
            row = sum(one["accounts"] for one in here if one["from_state"] == state)
            assert row == sum(one["from_state"] == state for one in behind)


def test_the_check_finds_a_cell_that_is_wrong(busy):
    assert rows(busy, CHECK) == []
    busy.execute("begin")
    busy.execute(
        "update account_state_flow set accounts = accounts + 1 where dimension = 'bucket' and grain = 'week'"
        " and period_from = (select max(period_from) from account_state_flow where grain = 'week') and from_state = 'inactive'"
    )
    assert {row[1] for row in rows(busy, CHECK)} == {"week"}
    busy.execute("rollback")
    assert rows(busy, CHECK) == []
