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


def joined(world: World, id: str, at: datetime, plan: str | None = None, **fields) -> None:
    """A lone developer with an application."""
    world.person(id, f"{id}@gmail.com", created=at, **fields)
    world.add("application", f"app_{id}", developer_id=id, created_at=at, plan=plan)


@pytest.fixture(scope="module")
def con(tmp_path_factory):
    """One program for all lists: whose name begins alike is looked at together."""
    world = World(tmp_path_factory.mktemp("morning"))
    new_people(world)
    failing_people(world)
    quiet_people(world)
    grown_people(world)
    return world.build()


def mine(con, metric: str, prefix: str, **params) -> list[dict]:
    """The rows of a metric about the accounts whose id begins so."""
    return [row for row in ask(con, metric, **params) if row["account_id"].startswith(f"dev:test:{prefix}")]


def new_people(world: World) -> None:
    joined(
        world,
        "new_ann",
        datetime(2026, 6, 29, 23, 59),
        channel="Webinar",
        attributes={"referrer": "https://ann:pw@blog.example/rates?email=ann@acme.com"},
    )
    joined(world, "new_bob", datetime(2026, 6, 28, 23, 59))
    world.add(
        "portal_event",
        "e1",
        developer_ref="new_bob",
        kind="registered",
        occurred_at=datetime(2026, 6, 28),
        detail="bob@acme.com",
    )
    joined(world, "new_cat", datetime(2026, 6, 30))
    joined(world, "call_not", datetime(2026, 6, 20))
    joined(world, "call_one", datetime(2026, 6, 20))
    joined(world, "call_old", datetime(2026, 1, 20))
    world.calls(date(2026, 6, 21), client_errors=1, application_ref="app_call_one")


def test_who_signed_up_yesterday_comes_with_channel_and_referrer(con):
    (row,) = mine(con, "developers_new", "new", date_from=date(2026, 6, 29), date_to=date(2026, 6, 30))
    assert (row["account_id"], row["channel"], row["referrer"]) == ("dev:test:new_ann", "webinar", "blog.example/rates")
    assert row["has_key"]
    assert rows(con, "select referrer from developer_seen where developer_id = 'new_bob'") == [(None,)], "a mailbox"
    assert rows(con, "select account_id from morning_item where list = 'new'") == [("dev:test:new_ann",)]


def test_no_first_call_is_the_developers_own(con):
    assert [(row["account_id"], row["days"]) for row in mine(con, "developers_no_call", "call")] == [
        ("dev:test:call_not", 10)
    ]


LAST = date(2026, 6, 29)


def failing_people(world: World) -> None:
    for id in ("ann", "bob", "cat", "dan"):
        joined(world, f"fail_{id}", datetime(2026, 6, 1))
    world.calls(LAST - DAY, client_errors=9, application_ref="app_fail_dan").fails(401, 9, "/v1/rates", "rates")
    world.calls(LAST, ok=1, client_errors=3, server_errors=3, application_ref="app_fail_ann")
    world.fails(401, 3, "/v1/rates", "rates").fails(502, 3, "/v1/rates", "rates")
    # one route that answers two versions
    for hour, version in ((9, "v1"), (11, "v2")):
        at = datetime(LAST.year, LAST.month, LAST.day, hour)
        world.routes.append(
            (LAST, world.usage[-1]["caller_id"], "rates", "rates", "GET", 3, 0, at, f"/{version}/rates")
        )
    world.calls(LAST, client_errors=4, application_ref="app_fail_bob").fails(
        429, 4, "/v1/rates", "rates", refusal="quota"
    )
    world.calls(LAST, ok=96, client_errors=4, application_ref="app_fail_cat").fails(404, 4, "/v1/rates", "rates")


def test_four_hundreds_throttling_and_our_errors_are_apart(con):
    found = [
        (row["account_id"], row["side"], row["status"], row["failed"])
        for row in mine(con, "developers_failing", "fail")
    ]
    assert sorted(found) == [
        ("dev:test:fail_ann", "caller", 401, 3),
        ("dev:test:fail_ann", "ours", 502, 3),
        ("dev:test:fail_bob", "throttled", 429, 4),
    ], "four of a hundred are no one in five, and the day before's failures are not now's"
    assert rows(con, "select distinct route_last_at from failing_now where account_id = 'dev:test:fail_ann'") == [
        (datetime(2026, 6, 29, 11),)
    ]


def quiet_people(world: World) -> None:
    for id, weeks in (("steady", 8), ("brief", 3)):
        joined(world, f"quiet_{id}", datetime(2026, 1, 1))
        for n in range(weeks):
            world.calls(date(2026, 4, 21) + 7 * n * DAY, ok=5, application_ref=f"app_quiet_{id}")


def test_gone_quiet_is_only_who_mattered(con):
    found = mine(con, "developers_quiet", "quiet")
    assert [(row["account_id"], row["weeks"], row["days_quiet"]) for row in found] == [("dev:test:quiet_steady", 8, 21)]
    (row,) = mine(con, "developers_today", "quiet_steady")
    assert row["list"] == "quiet"


def grown_people(world: World) -> None:
    world.plans = [
        (None, "free", True, True, None),
        (None, "starter", False, True, 49),
        (None, "beta", True, False, None),
    ]
    for id, plan in (("ann", "free"), ("bob", "beta"), ("cat", None)):
        joined(world, f"grown_{id}", datetime(2026, 5, 1), plan=plan)
        world.calls(date(2026, 6, 20), ok=1, client_errors=12, refused_quota=12, application_ref=f"app_grown_{id}")


def test_whoever_outgrew_free_has_a_way_up_or_none(con):
    found = {row["account_id"]: row["way"] for row in mine(con, "developers_outgrew", "grown")}
    assert found == {"dev:test:grown_ann": "plan", "dev:test:grown_bob": "none", "dev:test:grown_cat": "unknown"}
