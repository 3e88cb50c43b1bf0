"""Outreach: effort by direction, what followed against its weekdays, what people enter beside the sheets, and what it cost."""

from datetime import date, datetime, timedelta
from functools import cache

import duckdb
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_sources.judgements import OutreachEntered
from sql import models
from tests.sql.marts import second_outreach
from tests.sql.marts.world import AS_OF, World, ask, rows

TODAY = date(2026, 6, 30)
DAY = timedelta(days=1)
SAID = datetime(2026, 6, 20)
DONE = (
    "source varchar, id varchar, title varchar, direction varchar, audience varchar, channel varchar, hours double, cost_micros bigint,"
    " day date, window_to date, window_days integer, is_mature boolean, overlapping bigint, overlapping_channel bigint"
)


@cache
def statement(name: str) -> str:
    return next(models.statement(model) for model in models.find() if model.name == name)


def laid(activities: list[dict], steps: list[tuple], data_from: date = date(2026, 1, 1)) -> duckdb.DuckDBPyConnection:
    """A database that holds only what `outreach_followed` reads. Steps are account, outcome, day, audience, channel."""
    con = duckdb.connect()
    con.execute("create table snapshot_info as select cast(? as timestamp) as as_of", [datetime(2026, 6, 30)])
    con.execute("create table account_day as select cast(? as date) as day", [data_from])
    con.execute(
        "create table outreach_step (account_id varchar, outcome varchar, day date, audience varchar, channel varchar)"
    )
    con.execute(f"create table outreach_done ({DONE})")
    if steps:
        con.executemany("insert into outreach_step values (?, ?, ?, ?, ?)", steps)
    for n, one in enumerate(activities):
        given_row = {"source": "s", "id": str(n), "audience": "others", "window_days": 30, "overlapping": 0} | one
        if "day" in one:
            given_row |= {"window_to": one["day"] + 30 * DAY, "is_mature": one["day"] + 30 * DAY <= TODAY}
        names = ", ".join(given_row)
        marks = ", ".join("?" * len(given_row))
        con.execute(f"insert into outreach_done ({names}) values ({marks})", list(given_row.values()))
    return con


days = st.integers(0, 179).map(lambda n: date(2026, 1, 1) + n * DAY)


@settings(max_examples=20, deadline=None)
@given(
    st.lists(days, min_size=1, max_size=3),
    st.lists(
        st.tuples(days, st.sampled_from(["others", "internal"]), st.sampled_from(["talks", "docs", None])), max_size=120
    ),
)
def test_what_followed_is_what_a_walk_through_the_days_finds(on, stepped):
    activities = [{"day": day, "channel": "talks", "audience": "others"} for day in on]
    told = [("a", "first_success", *one) for one in stepped]
    con = laid(activities, told)
    con.execute(statement("outreach_followed"))
    found = rows(
        con,
        "select cast(id as integer), scope, followed, expected, expected_lower, expected_upper from outreach_followed"
        " where outcome = 'first_success'",
    )
    assert len(found) == 2 * len(on)
    for n, scope, came, expected, lower, upper in found:
        mine = [
            day for day, audience, channel in stepped if audience == "others" and (scope == "all" or channel == "talks")
        ]
        said = second_outreach.followed(on[n], mine, date(2026, 1, 1), TODAY)
        assert came == said["followed"]
        assert (expected is None) == (said["expected"] is None)
        if expected is not None:
            assert (expected, lower, upper) == pytest.approx((said["expected"], said["lower"], said["upper"]), abs=1e-9)


@pytest.mark.parametrize(("mean", "spread"), [(0.1, 1), (1.5, 1), (8, 1), (4, 3)])
def test_the_interval_holds_about_95_of_100_windows_in_which_nothing_changes(mean, spread):
    """`spread` is the variance over the mean of a day's count: 1 is Poisson."""
    rng, n = np.random.default_rng(7), 500
    counts = (
        rng.poisson(mean, (n, 86)) if spread == 1 else rng.negative_binomial(mean / (spread - 1), 1 / spread, (n, 86))
    )
    day, first = date(2026, 4, 1), date(2026, 4, 1) - 56 * DAY
    con = laid([], [], first)
    made = counts.astype(np.int64).ravel()
    con.register(
        "counts",
        {"series": np.repeat(np.repeat(np.arange(n), 86), made), "place": np.repeat(np.tile(np.arange(86), n), made)},
    )
    con.execute(
        "insert into outreach_step"
        " select 'a', 'first_success', cast(? as date) + cast(place as integer), 'others', 'c' || series from counts",
        [first],
    )
    con.execute(
        "insert into outreach_done (source, id, audience, channel, day, window_to, window_days, is_mature)"
        " select 's', 'i' || n, 'others', 'c' || n, cast(? as date), cast(? as date) + 30, 30, true from range(?) made (n)",
        [day, day, n],
    )
    con.execute(statement("outreach_followed"))
    inside = rows(
        con,
        "select avg(cast(followed between expected_lower and expected_upper as integer)) from outreach_followed"
        " where scope = 'channel' and outcome = 'first_success'",
    )[0][0]
    assert 0.92 <= inside <= 0.995


def test_a_window_that_is_not_over_has_no_verdict_and_one_without_four_weeks_no_baseline():
    con = laid(
        [{"day": date(2026, 6, 20)}, {"day": date(2026, 1, 20)}, {"day": date(2026, 3, 1)}],
        [("a", "first_success", date(2026, 3, 2), "others", None)] * 40,
    )
    con.execute(statement("outreach_followed"))
    found = {row["id"]: row for row in ask(con, "outreach_followed", value="first_success", dimension="all")}
    assert found["0"]["verdict"] is None
    assert found["0"]["expected"] is not None
    assert (found["1"]["verdict"], found["1"]["expected"]) == (None, None)
    assert (found["2"]["verdict"], found["2"]["more"]) == ("more", 40)


@settings(max_examples=20, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["internal", "partner", "public", None]),
            st.one_of(st.none(), st.integers(0, 80).map(lambda n: n / 4)),
            days,
        ),
        max_size=12,
    )
)
def test_the_balance_is_the_sum_of_a_loop(done):
    con = laid([{"direction": direction, "hours": hours, "day": day} for direction, hours, day in done], [])
    first = date(2026, 3, 1)
    found = {row["direction"]: row for row in ask(con, "outreach_balance", date_from=first, date_to=TODAY)}
    within = [{"direction": direction, "hours": hours} for direction, hours, day in done if first <= day < TODAY]
    for direction, (hours, share) in second_outreach.balance(within).items():
        assert (found[direction]["hours"] or 0) == pytest.approx(hours)
        assert found[direction]["hours_share"] == (None if share is None else pytest.approx(share))
        if share is not None:
            assert found[direction]["hours_gap"] == pytest.approx(share - 1 / 3)
    assert sum(row["without_hours"] for row in found.values()) == sum(one["hours"] is None for one in within)
    assert (None in found) == any(one["direction"] is None for one in within)


@pytest.fixture
def world(tmp_path):
    made = World(tmp_path)
    made.settings["outreach_rate_per_hour"] = 60
    return made


def enter(world: World, activity: str, at: datetime = SAID, **fields) -> None:
    """A word about an activity; a talk of two hours in May through the channel talks, unless told otherwise."""
    fields = {
        "title": "Talk",
        "direction": "public",
        "channel": "talks",
        "happened_on": date(2026, 5, 4),
        "hours": 2.0,
    } | fields
    world.judgements.append(OutreachEntered(activity_id=activity, author="me", decided_at=at, **fields))


def test_entered_outreach_costs_like_a_sheets_and_is_shared_over_whom_it_brought(world):
    world.add(
        "outreach_activity",
        "o1",
        title="Post",
        direction="public",
        channel="talks",
        hours=1.0,
        occurred_at=datetime(2026, 5, 4, 9),
    )
    enter(world, "e1", cost=10_000, currency="usd")
    world.person("ann", "ann@gmail.com", created=datetime(2026, 5, 6), channel="talks")
    world.person("bob", "bob@gmail.com", created=datetime(2026, 5, 7), channel="docs")
    con = world.build()
    assert rows(con, "select source, cost_micros from outreach_cost order by 1") == [
        ("entered", 220_000_000),
        ("test", 60_000_000),
    ]
    shared = rows(con, "select source, account_id, cost_micros from outreach_day order by 1")
    assert shared == [("entered", "dev:test:ann", 220_000_000), ("test", "dev:test:ann", 60_000_000)]
    pool = rows(con, "select sum(ledger_micros) from cost_pool_month where pool = 'outreach'")
    assert pool == [(280_000_000,)], "the costs page counts it too"


def test_the_newest_word_that_was_not_undone_holds_and_a_removal_can_be_undone(world):
    enter(world, "changed")
    enter(world, "changed", SAID + DAY, hours=5.0)
    enter(world, "gone")
    enter(world, "gone", SAID + DAY, is_removed=True)
    enter(world, "back")
    enter(world, "back", SAID + DAY, is_removed=True, undone_at=SAID + 2 * DAY)
    enter(world, "taken_back", undone_at=SAID + DAY)
    held = rows(world.build(), "select id, hours from outreach_activity order by id")
    assert held == [("back", 2.0), ("changed", 5.0)]


def test_money_or_hours_that_nobody_tells_are_not_known(world):
    enter(world, "e1", hours=None)
    enter(world, "e2", hours=None, cost=100, currency="chf")
    found = {row["id"]: row for row in ask(world.build(), "outreach_activities")}
    assert (found["e1"]["cost"], found["e1"]["unpriced_reason"]) == (None, "neither money nor priced hours")
    assert (found["e2"]["cost"], found["e2"]["unpriced_reason"]) == (None, "no rate for chf")


def test_the_cost_of_an_activated_developer_counts_mature_activities_and_shares_developers(world):
    for day in (date(2026, 3, 2), date(2026, 3, 9), date(2026, 6, 1)):
        enter(world, str(day), happened_on=day, cost=12_000, currency="usd", hours=None)
    for id, when in (("ann", datetime(2026, 3, 10)), ("bob", datetime(2026, 3, 3)), ("cat", datetime(2026, 3, 4))):
        world.person(id, f"{id}@gmail.com", created=when, channel="talks").add(
            "application", f"app_{id}", developer_id=id, created_at=when
        )
    world.calls(date(2026, 3, 12), ok=1, application_ref="app_ann")  # of both activities
    world.calls(date(2026, 3, 5), ok=1, application_ref="app_bob")  # of the first alone
    world.calls(date(2026, 5, 30), ok=1, application_ref="app_cat")  # too late
    con = world.build()
    row, total = ask(con, "outreach_activated")
    assert (row["activities"], row["mature"], row["activated"], row["developers"]) == (3, 2, 2, 4)
    assert (row["cost"], row["cost_per_activated"]) == (240, 120)
    assert row["median_cost"] == pytest.approx((120 / 1.5 + 120 / 0.5) / 2)
    assert total == row | {"direction": None, "channel": None, "is_total": True}


def test_one_unknown_cost_leaves_the_channels_unknown(world):
    enter(world, "e1", happened_on=date(2026, 3, 2))
    enter(world, "e2", happened_on=date(2026, 3, 3), hours=None)
    row, _ = ask(world.build(), "outreach_activated")
    assert (row["without_cost"], row["cost"], row["cost_per_activated"]) == (1, None, None)


def test_the_steps_are_those_of_the_audience_and_today_is_not_over(world):
    world.person("ann", "ann@gmail.com", created=datetime(2026, 5, 6), channel="talks")
    world.person("ours", "eve@house.example", created=datetime(2026, 5, 6))
    world.person("late", "late@gmail.com", created=AS_OF)
    found = rows(
        world.build(), "select account_id, audience, day from outreach_step where outcome = 'sign_up' order by 1"
    )
    assert [(one[1], one[2]) for one in found] == [("others", date(2026, 5, 6)), ("internal", date(2026, 5, 6))]
