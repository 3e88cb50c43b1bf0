"""Endpoint value, routes together, versions, SDKs, what is to go, and what errors touch; each counted a second time in plain Python."""

import random
from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from itertools import combinations

import pytest

from tests.sql.marts.test_demand import PERIOD, caller, people
from tests.sql.marts.world import AS_OF, World, ask, rows

ROUTES = ["quote", "label", "track", "batch", "old"]
BEFORE = {"before_from": date(2026, 5, 1), "before_to": date(2026, 6, 1)}


def use(
    world: World, app: int, route: str, day: date, calls: int, ok: int, method: str = "GET", version: str = "v1"
) -> None:
    """Calls of one route on one day."""
    world.routes.append((day, caller(app), "rates", route, method, calls, ok, AS_OF, f"/{version}/{route}"))


@pytest.fixture(scope="module", params=[3, 4])
def made(request, tmp_path_factory):
    """A world with use at random, its marts, and the use as (app, route, day, calls, ok, method, version)."""
    draw = random.Random(request.param)
    world = people(World(tmp_path_factory.mktemp("value")))
    world.routes.clear()
    world.add("invoice", "in_9", source="stripe", customer_id="cus_0", status="paid", currency="usd", total=333, tax=0, amount_paid=333,
              paid_at=datetime(2026, 6, 9))  # fmt: skip
    # somebody who pays and calls nothing, and a bill of nobody we know
    world.add("billing_customer", "cus_7", source="stripe", email="cy@quiet.example", currency="usd")
    world.add("invoice", "in_7", source="stripe", customer_id="cus_7", status="paid", currency="usd", total=777, tax=0, amount_paid=777,
              paid_at=datetime(2026, 6, 9))  # fmt: skip
    used = []
    for app in range(6):
        for route in draw.sample(ROUTES, draw.randrange(1, 5)):
            for _ in range(draw.randrange(1, 4)):
                day = date(2026, 5, 10) + timedelta(days=draw.randrange(45))
                calls = draw.randrange(1, 60)
                ok = draw.randrange(0, calls + 1)
                row = (app, route, day, calls, ok, draw.choice(["GET", "POST"]), draw.choice(["v1", "v2"]))
                if any(row[:3] == other[:3] and row[5] == other[5] for other in used):
                    continue
                used.append(row)
                use(world, *row)
    world.retire = [{"what": "route", "value": "old", "by": date(2026, 12, 31)}, {"what": "version", "value": ["v1", "v0"]},
                    {"what": "agent", "value": "acme-sdk/1.*"}]  # fmt: skip
    world.agents = [
        (date(2026, 6, 3), caller(0), "rates", "acme-sdk", "1.4.2", 7, 6),
        (date(2026, 6, 3), caller(1), "rates", "acme-sdk", "2.0", 5, 5),
        (date(2026, 6, 4), caller(1), "rates", "curl", "8.5.0", 1, 1),
        (date(2026, 6, 4), caller(4), "rates", None, None, 2, 2),
    ]
    return world.build(), used


def in_period(day: date) -> bool:
    return PERIOD["date_from"] <= day < PERIOD["date_to"]


REVENUE = {0: 13.33, 1: 20.0}


def test_the_revenue_of_an_account_is_shared_by_its_successes(made):
    con, used = made
    ok: dict[int, Counter] = defaultdict(Counter)
    for app, route, day, _, good, *_ in used:
        if in_period(day):
            ok[app][route] += good
    expected: Counter = Counter()
    for app, revenue in REVENUE.items():
        for route, good in ok[app].items():
            if sum(ok[app].values()):
                expected[route] += revenue * good / sum(ok[app].values())
    found = {row["route"]: row for row in ask(con, "endpoint_value", **PERIOD, **BEFORE)}
    for route, row in found.items():
        if route is not None:
            assert row["revenue"] == pytest.approx(expected[route], abs=1e-5), route


def test_shared_and_unshared_revenue_are_all_revenue_to_the_millionth(made):
    con, _ = made
    whole = rows(
        con,
        "select sum(revenue_micros) from account_money_day where day >= date '2026-06-01' and day < date '2026-07-01'",
    )[0][0]
    found = ask(con, "endpoint_value", **PERIOD)
    assert round(sum(row["revenue"] for row in found) * 1_000_000) == whole
    assert found[-1]["route"] is None
    assert found[-1]["revenue"] >= 7.77, "who pays and does not call is in no route"


def test_calls_growth_breadth_writes_and_what_is_touched(made):
    con, used = made
    found = {row["route"]: row for row in ask(con, "endpoint_value", **PERIOD, **BEFORE) if row["route"]}
    compared = {
        route for _, route, day, *_ in used if in_period(day) or BEFORE["before_from"] <= day < BEFORE["before_to"]
    }
    assert set(found) == compared
    for route, row in found.items():
        mine = [one for one in used if one[1] == route and in_period(one[2])]
        before = sum(
            one[3] for one in used if one[1] == route and BEFORE["before_from"] <= one[2] < BEFORE["before_to"]
        )
        calls = sum(one[3] for one in mine)
        good = Counter()
        for one in mine:
            good[one[0]] += one[4]
        answered = {app for app, n in good.items() if n}
        assert (row["calls"], row["calls_before"], row["accounts"]) == (calls, before, len(answered))
        assert row["growth"] == (pytest.approx((calls - before) / before) if before else None)
        writes = sum(one[3] for one in mine if one[5] == "POST")
        assert row["write_share"] == (pytest.approx(writes / calls) if calls else None)
        assert row["revenue_touched"] == pytest.approx(sum(REVENUE.get(app, 0) for app in answered))
        assert row["versions"] == (", ".join(sorted({one[6] for one in mine})))


def test_any_period_is_made_up_of_whole_weeks_and_days(made):
    con, used = made
    for first in (*range(0, 50, 3), None):
        for days in (1, 6, 7, 8, 20, 60, None):
            since = None if first is None else date(2026, 5, 8) + timedelta(days=first)
            until = None if days is None else (since or date(2026, 5, 8)) + timedelta(days=days)
            mine = Counter()
            for _, route, day, calls, *_ in used:
                if (since is None or since <= day) and (until is None or day < until):
                    mine[route] += calls
            found = ask(con, "endpoint_value", date_from=since, date_to=until)
            assert {row["route"]: row["calls"] for row in found if row["route"]} == mine, (since, until)


def test_the_programs_of_any_period_and_their_last_day(made):
    con, _ = made
    ends = [date(2026, 6, 1) + timedelta(days=days) for days in range(9)]
    called = [
        (date(2026, 6, 3), "acme-sdk 1.4.2", 7),
        (date(2026, 6, 3), "acme-sdk 2.0", 5),
        (date(2026, 6, 4), "curl 8.5.0", 1),
    ]
    for since, until in combinations([None, *ends, None], 2):
        expected = {
            name: (calls, day)
            for day, name, calls in called
            if (since is None or since <= day) and (until is None or day < until)
        }
        found = ask(con, "agents_in_use", date_from=since, date_to=until)
        named = {f"{row['agent']} {row['version']}": (row["calls"], row["last_day"]) for row in found if row["agent"]}
        assert named == expected, (since, until)


def test_an_endpoint_that_died_stays_on_the_list(tmp_path):
    world = people(World(tmp_path))
    use(world, 0, "old", date(2026, 5, 10), 40, 40)
    found = {row["route"]: row for row in ask(world.build(), "endpoint_value", **PERIOD, **BEFORE)}
    assert (found["old"]["calls"], found["old"]["calls_before"], found["old"]["growth"]) == (0, 40, -1)
    assert found["rates-quote"]["growth"] is None


def test_a_template_that_stands_for_a_route_is_shown_without_what_it_holds(tmp_path):
    world = people(World(tmp_path))
    for app in range(5):
        for path in ("/v1/invites/qwertzuiop", "/v1/labels/{id}.pdf"):
            world.routes.append((date(2026, 6, 10), caller(app), None, path, "GET", 4, 3, AS_OF, path))
    con = world.build()
    con.execute("update usage_route_day set client_errors = 1 where not has_route")
    con.execute("insert into latency_day values ('2026-06-10', null, '/v1/invites/qwertzuiop', 100, 20)")
    expected = {"/v1/invites/{key}", "/v1/labels/{id}.pdf"}
    found = {row["route"]: row["p50_ms"] for row in ask(con, "endpoint_value", **PERIOD)}
    assert expected <= set(found)
    assert found["/v1/invites/{key}"] == pytest.approx(1.02**100.5)
    assert {row["route"] for row in ask(con, "error_cost", **PERIOD)} == expected
    assert expected <= {row[side] for row in ask(con, "route_pairs", **PERIOD) for side in ("a_route", "b_route")}
    refused = ask(
        con, "account_refusals", account=rows(con, "select account_id from account where name = 'Acme'")[0][0]
    )
    assert {(row["route"], row["sample_path"]) for row in refused} == {(one, one) for one in expected}


def test_pairs_by_support_lift_and_order(made):
    con, used = made
    good, first = defaultdict(set), {}
    for app, route, day, _, ok, *_ in used:
        if ok:
            first[app, route] = min(day, first.get((app, route), day))
            if in_period(day):
                good[route].add(app)
    everyone = len(set().union(*good.values()))
    expected = {}
    for a, b in combinations(sorted(good), 2):
        both = good[a] & good[b]
        if len(both) >= 2:
            expected[a, b] = (
                len(both),
                round(len(both) / everyone, 6),
                round(len(both) * everyone / (len(good[a]) * len(good[b])), 6),
                sum(first[app, a] < first[app, b] for app in both),
                sum(first[app, a] == first[app, b] for app in both),
            )
    found = ask(con, "route_pairs", **PERIOD)
    assert {
        (row["a_route"], row["b_route"]): (
            row["accounts"],
            round(row["support"], 6),
            round(row["lift"], 6),
            row["a_first"],
            row["same_day"],
        )
        for row in found
    } == expected


def test_versions_and_who_uses_no_other(made):
    con, used = made
    by_app = defaultdict(Counter)
    for app, _, day, calls, _, _, version in used:
        if in_period(day):
            by_app[app][version] += calls
    found = {row["version"]: row for row in ask(con, "versions_in_use", **PERIOD)}
    for version, row in found.items():
        mine = {app for app, counted in by_app.items() if counted[version]}
        assert row["calls"] == sum(by_app[app][version] for app in mine)
        assert (row["accounts"], row["only_accounts"]) == (len(mine), sum(len(by_app[app]) == 1 for app in mine))
        assert row["revenue_touched"] == pytest.approx(sum(REVENUE.get(app, 0) for app in mine))


def test_sdks_in_use(made):
    con, _ = made
    found = {(row["agent"], row["version"]): (row["calls"], row["accounts"], row["only_accounts"], row["paying_accounts"]) for row in ask(con, "agents_in_use", **PERIOD)}  # fmt: skip
    assert found == {("acme-sdk", "1.4.2"): (7, 1, 1, 1), ("acme-sdk", "2.0"): (5, 1, 0, 1), ("curl", "8.5.0"): (1, 1, 0, 1), (None, None): (2, 1, 1, 0)}  # fmt: skip


def test_revenue_still_on_what_is_to_go(made):
    con, used = made
    found = {row["what"]: row for row in ask(con, "retiring", **PERIOD)}
    old = {one[0] for one in used if one[1] == "old" and in_period(one[2])}
    v1 = {one[0] for one in used if one[6] == "v1" and in_period(one[2])}
    for what, apps in (("route", old), ("version", v1), ("agent", {0})):
        assert (found[what]["accounts"], found[what]["paying_accounts"]) == (len(apps), len(apps & {0, 1})), what
        assert found[what]["revenue"] == pytest.approx(sum(REVENUE.get(app, 0) for app in apps)), what
    assert found["route"]["due_on"] == date(2026, 12, 31)
    assert found["version"]["pattern"] == "v0, v1"
    who = [row for row in ask(con, "retiring_accounts", **PERIOD) if row["what"] == "agent"]
    assert [(row["name"], row["calls"]) for row in who] == [("Acme", 7)]


def test_errors_by_what_they_touch_and_never_mixed(tmp_path):
    world = people(World(tmp_path))
    con = world.build()
    con.execute("update usage_route_day set client_errors = 0, server_errors = 0")
    con.execute(f"update usage_route_day set server_errors = 2, calls = 7 where caller_id = '{caller(0)}'")
    con.execute(
        f"update usage_route_day set client_errors = 3, calls = 8 where caller_id in ('{caller(1)}', '{caller(4)}')"
    )
    found = {row["error_class"]: row for row in ask(con, "error_cost", **PERIOD)}
    assert set(found) == {"5xx", "4xx"}
    assert (found["5xx"]["calls"], found["5xx"]["accounts"], found["5xx"]["revenue_touched"]) == (2, 1, 10)
    assert (
        found["4xx"]["calls"],
        found["4xx"]["accounts"],
        found["4xx"]["paying_accounts"],
        found["4xx"]["revenue_touched"],
    ) == (6, 2, 1, 20)
    first = ask(con, "trouble_accounts", **PERIOD)[0]
    assert (first["name"], first["server_errors"], first["client_errors"]) == ("Acme", 2, 0)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_time_of_95_percent_over_any_months_is_that_of_all_calls_counted_together(seed, tmp_path):
    draw = random.Random(seed)
    world = people(World(tmp_path))
    months = [date(2026, 4, 1), date(2026, 5, 1), date(2026, 6, 1)]
    histogram = {
        (month, app, draw.randrange(50, 50 + draw.choice([4, 300]))): draw.choice([1, 2, 20, 400])
        for month in months
        for app in range(5)
        for _ in range(draw.randrange(1, 40))
    }
    world.latency = [(month, caller(app), bin_, calls) for (month, app, bin_), calls in histogram.items()]
    for month in months[:2]:
        for app in range(6):
            use(world, app, "quote", month, 1, 1)
    con = world.build()

    def within(apps: set[int], since: date, until: date) -> float | None:
        """The middle of the lowest bin up to which 95 of 100 calls come."""
        calls = Counter()
        for (month, app, bin_), n in histogram.items():
            calls[bin_] += n if app in apps and since <= month < until else 0
        so_far = 0
        for bin_, n in sorted(calls.items()):
            so_far += n
            if n and so_far * 100 >= 95 * calls.total():
                return 1.02 ** (bin_ + 0.5)
        return None

    account_of = dict(rows(con, "select caller_id, account_id from caller_account"))
    app_of = {account_of[caller(app)]: app for app in range(6)}
    compared = 0
    for first, last in ((0, 0), (1, 1), (2, 2), (0, 1), (1, 2), (0, 2)):
        since, until = months[first], date(2026, months[last].month + 1, 1)
        found = ask(con, "trouble_accounts", date_from=since, date_to=until)
        assert len(found) == 6
        for row in found:
            compared += row["p95_ms"] is not None
            app = app_of[row["account_id"]]
            assert row["p95_ms"] == pytest.approx(within({app}, since, until)), (app, since, until)
            assert row["p95_all_ms"] == pytest.approx(within(set(range(5)), since, until))
    assert compared == 30


def test_what_no_route_matched_is_no_endpoint(tmp_path):
    world = people(World(tmp_path))
    world.routes.append((date(2026, 6, 10), caller(0), None, "/v1/nowhere", "GET", 4, 0, AS_OF, "/v1/nowhere"))
    world.asks("/v1/nowhere", caller_id=caller(0), calls=4)
    assert {row["route"] for row in ask(world.build(), "endpoint_value", **PERIOD)} == {"rates-quote"}
