"""Developers: their movement month by month, and the lists of the morning."""

from datetime import date, datetime, timedelta

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sql.marts import second_outreach
from tests.sql.marts.test_outreach import statement
from tests.sql.marts.world import World, ask, rows

DAY = timedelta(days=1)
FIRST = date(2026, 2, 10)
days = st.integers(0, 140).map(lambda n: FIRST + n * DAY)


def used(known: list[date], calls: list[tuple[int, date, int, int]]) -> duckdb.DuckDBPyConnection:
    """A database that holds only what `developer_month` reads. Calls are the developer's number, day, ok and failed."""
    con = duckdb.connect()
    con.execute("create table snapshot_info as select timestamp '2026-06-30' as as_of")
    con.execute("create table test_caller (caller_id varchar)")
    con.execute(
        "create table developer_seen (node varchar, account_id varchar, signed_up_at timestamp, first_call_at timestamp)"
    )
    con.execute("create table caller_account (caller_id varchar, developer_node varchar)")
    con.execute("create table usage_day (day date, caller_id varchar, surface varchar, calls bigint, ok bigint)")
    for n, day in enumerate(known):
        first = min((one[1] for one in calls if one[0] == n), default=None)
        con.execute("insert into developer_seen values (?, 'a', ?, ?)", [str(n), day, first])
        con.execute("insert into caller_account values (?, ?)", [f"c{n}", str(n)])
    for n, day, ok, failed in calls:
        con.execute("insert into usage_day values (?, ?, 'api', ?, ?)", [day, f"c{n}", ok + failed, ok])
    con.execute(statement("developer_month"))
    return con


@settings(max_examples=20, deadline=None)
@given(
    st.lists(days, min_size=1, max_size=3),
    st.lists(st.tuples(st.integers(0, 2), days, st.integers(0, 3), st.integers(0, 2)), max_size=80),
)
def test_months_and_moves_are_those_of_a_loop(known, calls):
    calls = [one for one in calls if one[0] < len(known)]
    con = used(known, calls)
    for n, day in enumerate(known):
        mine = [one[1:] for one in calls if one[0] == n]
        first = min([day, *(one[0] for one in mine)])
        found = con.execute(
            "select month, use, move from developer_month where node = ? order by month", [str(n)]
        ).fetchall()
        assert found == second_outreach.months(first, mine, date(2026, 6, 30))


def test_a_month_that_is_not_over_says_so():
    found = rows(used([FIRST], []), "select month, is_unfinished from developer_month order by month")
    assert [one[1] for one in found] == [False, False, False, False, True]


@pytest.fixture
def world(tmp_path):
    return World(tmp_path)


def joined(world: World, id: str, at: datetime, **fields) -> str:
    """A lone developer with an application."""
    world.person(id, f"{id}@gmail.com", created=at, **fields)
    world.add("application", f"app_{id}", developer_id=id, created_at=at)
    return f"dev:test:{id}"


def test_who_signed_up_yesterday_comes_with_channel_and_referrer(world):
    joined(
        world, "ann", datetime(2026, 6, 29, 23, 59), channel="Webinar", attributes={"referrer": "blog.example/rates"}
    )
    joined(world, "bob", datetime(2026, 6, 28, 23, 59))
    joined(world, "cat", datetime(2026, 6, 30))
    con = world.build()
    (row,) = ask(con, "developers_new", date_from=date(2026, 6, 29), date_to=date(2026, 6, 30))
    assert (row["account_id"], row["channel"], row["referrer"], row["has_key"]) == (
        "dev:test:ann",
        "webinar",
        "blog.example/rates",
        True,
    )
    assert rows(con, "select list, account_id from morning_item where list = 'new'") == [("new", "dev:test:ann")]


def test_four_hundreds_throttling_and_our_errors_are_apart(world):
    for id in ("ann", "bob", "cat", "dan"):
        joined(world, id, datetime(2026, 6, 1))
    last = date(2026, 6, 29)
    world.calls(last - DAY, client_errors=9, application_ref="app_dan").fails(401, 9, "/v1/rates", "rates")
    world.calls(last, ok=1, client_errors=3, server_errors=3, application_ref="app_ann")
    world.fails(401, 3, "/v1/rates", "rates").fails(502, 3, "/v1/rates", "rates")
    world.calls(last, client_errors=4, application_ref="app_bob").fails(429, 4, "/v1/rates", "rates", refusal="quota")
    world.calls(last, ok=96, client_errors=4, application_ref="app_cat").fails(404, 4, "/v1/rates", "rates")
    found = [
        (row["account_id"], row["side"], row["status"], row["failed"])
        for row in ask(world.build(), "developers_failing")
    ]
    assert sorted(found) == [
        ("dev:test:ann", "caller", 401, 3),
        ("dev:test:ann", "ours", 502, 3),
        ("dev:test:bob", "throttled", 429, 4),
    ], "four of a hundred are no one in five, and yesterday's failures are not now's"


def test_gone_quiet_is_only_who_mattered(world):
    for id, weeks in (("steady", 8), ("brief", 3)):
        joined(world, id, datetime(2026, 1, 1))
        for n in range(weeks):
            world.calls(date(2026, 4, 21) + 7 * n * DAY, ok=5, application_ref=f"app_{id}")
    con = world.build()
    found = ask(con, "developers_quiet")
    assert [(row["account_id"], row["weeks"], row["days_quiet"]) for row in found] == [("dev:test:steady", 8, 21)]
    (row,) = (row for row in ask(con, "developers_today") if row["account_id"] == "dev:test:steady")
    assert row["list"] == "quiet"


def test_whoever_outgrew_free_has_a_way_up_or_none(world):
    world.plans = [
        (None, "free", True, True, None),
        (None, "starter", False, True, 49),
        (None, "beta", True, False, None),
    ]
    for id, plan in (("ann", "free"), ("bob", "beta"), ("cat", None)):
        world.person(id, f"{id}@gmail.com", created=datetime(2026, 5, 1))
        world.add("application", f"app_{id}", developer_id=id, created_at=datetime(2026, 5, 1), plan=plan)
        world.calls(date(2026, 6, 20), ok=1, client_errors=12, refused_quota=12, application_ref=f"app_{id}")
    found = {row["account_id"]: row["way"] for row in ask(world.build(), "developers_outgrew")}
    assert found == {"dev:test:ann": "plan", "dev:test:bob": "none", "dev:test:cat": "unknown"}


def test_no_first_call_is_the_developers_own(world):
    joined(world, "ann", datetime(2026, 6, 20))
    joined(world, "bob", datetime(2026, 6, 20))
    joined(world, "old", datetime(2026, 1, 20))
    world.calls(date(2026, 6, 21), client_errors=1, application_ref="app_bob")
    assert [(row["developer"], row["days"]) for row in ask(world.build(), "developers_no_call")] == [(None, 10)]
