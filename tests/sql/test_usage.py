"""Every roll-up says what a plain count over the raw lines says."""

import json
import math
import re
from collections import Counter
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest

from sql import snapshot
from sql.catalogue import ROOT
from sql.engines import duckdb as engine
from tests.sql import small_home


@pytest.fixture(scope="module")
def home() -> Path:
    return small_home.ready()


@pytest.fixture(scope="module")
def lines(home) -> list[dict]:
    """The accepted lines of both logs, read with nothing but Python."""
    found = []
    for text in (home / "logs/kong/a.log").read_text().splitlines():
        try:
            record = json.loads(text)
        except ValueError:
            continue
        if "started_at" not in record:
            continue
        found.append(
            {
                "source": "gateway",
                "at": datetime.fromtimestamp(record["started_at"] / 1000, UTC).replace(tzinfo=None),
                "caller": (
                    record.get("consumer", {}).get("custom_id"),
                    record.get("authenticated_entity", {}).get("id"),
                ),
                "service": record.get("service", {}).get("name"),
                "route": record.get("route", {}).get("name"),
                "method": record["request"]["method"],
                "path": record["request"]["uri"],
                "status": record["response"]["status"],
                "latency": record["latencies"]["request"],
                "compute": record["latencies"]["proxy"]
                if record["latencies"]["proxy"] >= 0
                else record["latencies"]["request"],
                "in": record["request"]["size"],
                "out": record["response"]["size"],
                "ip": record["client_ip"],
            }
        )
    pattern = re.compile(r'^(\S+) .*\[(.*?)\] "(\S+) (\S+) [^"]*" (\d+) (\d+)')
    for text in (home / "logs/site/access.log").read_text().splitlines():
        ip, at, method, path, status, size = pattern.match(text).groups()
        found.append(
            {
                "source": "site",
                "at": datetime.strptime(at, "%d/%b/%Y:%H:%M:%S %z").replace(tzinfo=None),
                "caller": (None, None),
                "service": None,
                "route": None,
                "method": method,
                "path": path,
                "status": int(status),
                "latency": None,
                "compute": None,
                "in": None,
                "out": int(size),
                "ip": ip,
            }
        )
    assert len(found) == 500
    return found


def ask(home, statement):
    return snapshot.current(home).execute(statement)[1]


def number(lines, test) -> int:
    return sum(1 for line in lines if test(line))


def test_usage_day_sums(home, lines):
    expected = {
        "calls": len(lines),
        "ok": number(lines, lambda x: 200 <= x["status"] < 400),
        "client_errors": number(lines, lambda x: 400 <= x["status"] < 500),
        "server_errors": number(lines, lambda x: x["status"] >= 500),
        "no_status": 0,
        "writes": number(lines, lambda x: x["method"] in ("POST", "DELETE")),
        "writes_ok": number(lines, lambda x: x["method"] in ("POST", "DELETE") and x["status"] < 400),
        "request_bytes": sum(x["in"] or 0 for x in lines),
        "response_bytes": sum(x["out"] for x in lines),
        "compute_ms": sum(x["compute"] or 0 for x in lines),
    }
    sums = ", ".join(f"sum({name})" for name in expected)
    assert ask(home, f"select {sums} from usage_day")[0] == tuple(expected.values())


def test_usage_day_by_day_caller_and_service(home, lines):
    expected = Counter((x["at"].date(), x["source"], *x["caller"], x["service"]) for x in lines)
    rows = ask(
        home,
        "select day, usage_day.source, consumer_ref, credential_ref, service, usage_day.calls from usage_day"
        " join callers using (day, caller_id)",
    )
    assert {tuple(row[:5]): row[5] for row in rows} == expected


def test_what_a_log_does_not_say_is_null(home):
    assert ask(home, "select count(compute_ms), count(request_bytes), count(service) from usage_day where source = 'site'") == [(0, 0, 0)]  # fmt: skip


def test_distinct_addresses_and_times(home, lines):
    day = lines[0]["at"].date()
    mine = [x for x in lines if x["at"].date() == day and x["caller"] == lines[0]["caller"] and x["service"] == lines[0]["service"]]  # fmt: skip
    row = ask(
        home,
        f"""select distinct_ips, distinct_routes, first_at, last_at, first_ok_at from usage_day join callers using (day, caller_id)
        where day = '{day}' and service = '{lines[0]["service"]}'
        and consumer_ref is not distinct from {f"'{lines[0]['caller'][0]}'" if lines[0]["caller"][0] else "null"}""",
    )[0]
    times = sorted(x["at"] for x in mine)
    ok = sorted(x["at"] for x in mine if x["status"] < 400)
    assert row == (len({x["ip"] for x in mine}), len({x["route"] for x in mine}), times[0], times[-1], ok[0] if ok else None)  # fmt: skip


def test_refusals(home, lines):
    kong = [x for x in lines if x["source"] == "gateway"]
    auth, limited, no_route = ask(
        home,
        "select sum(refused_auth), sum(refused_quota + refused_rate_limit), sum(refused_no_route) from usage_day"
        " where source = 'gateway'",
    )[0]
    assert auth == number(kong, lambda x: x["status"] == 401)
    assert limited == number(kong, lambda x: x["status"] == 429)
    assert no_route == number(kong, lambda x: x["status"] == 404 and x["route"] is None)


def test_usage_route_day(home, lines):
    expected = Counter((x["service"], x["route"], x["method"]) for x in lines if x["route"])
    rows = ask(
        home, "select service, route, method, sum(calls) from usage_route_day where service is not null group by all"
    )
    assert {row[:3]: row[3] for row in rows} == expected
    named = number(lines, lambda x: x["route"])
    assert dict(ask(home, "select has_route, sum(calls) from usage_route_day group by has_route")) == {
        True: named,
        False: len(lines) - named,
    }
    assert ask(home, "select sum(calls), sum(not_found) from usage_route_day")[0] == (
        len(lines),
        number(lines, lambda x: x["status"] == 404),
    )


def test_usage_hour(home, lines):
    expected = Counter((x["at"].replace(minute=0, second=0, microsecond=0), x["source"], x["status"]) for x in lines)
    rows = ask(home, "select hour, source, status, sum(calls) from usage_hour group by all")
    assert {row[:3]: row[3] for row in rows} == expected


def test_latency_bins(home, lines):
    timed = [x for x in lines if x["latency"] is not None]
    expected = Counter((x["at"].date(), math.floor(math.log(max(x["latency"], 0.001)) / math.log(1.02))) for x in timed)
    rows = ask(home, "select day, bin, sum(calls) from latency_day group by all")
    assert {row[:2]: row[2] for row in rows} == expected
    by_month = Counter(
        (x["at"].date().replace(day=1), math.floor(math.log(x["latency"]) / math.log(1.02))) for x in timed
    )
    rows = ask(home, "select month, bin, sum(calls) from latency_month group by all")
    assert {row[:2]: row[2] for row in rows} == by_month


def test_a_quantile_from_bins_is_within_two_percent(home, lines):
    exact = sorted(x["latency"] for x in lines if x["latency"] is not None)
    counts = dict(ask(home, "select bin, sum(calls) from latency_day group by bin"))
    for share in (0.5, 0.9, 0.99):
        rank = math.ceil(share * len(exact))
        seen = 0
        for number_of_bin in sorted(counts):
            seen += counts[number_of_bin]
            if seen >= rank:
                break
        assert 1.02**number_of_bin <= exact[rank - 1] * 1.0001 <= 1.02 ** (number_of_bin + 1) * 1.0002


def test_unmatched(home, lines):
    expected = Counter()
    for x in lines:
        if x["status"] == 405:
            expected["405"] += 1
        elif x["status"] == 404 and x["route"] is None:
            expected["no_route"] += 1
    assert dict(ask(home, "select reason, sum(calls) from unmatched_day group by reason")) == expected
    assert expected["405"] > 0 < expected["no_route"]


def _missing(line: dict) -> bool:
    return line["status"] == 405 or (line["status"] == 404 and line["route"] is None)


def test_unmatched_by_address(home, lines):
    expected = Counter((x["at"].date(), x["caller"][1], x["method"]) for x in lines if _missing(x))
    found = ask(
        home,
        "select unmatched_day.day, credential_ref, method, sum(unmatched_day.calls) from unmatched_day"
        " join callers using (day, caller_id) group by all",
    )
    assert {row[:3]: row[3] for row in found} == expected
    addresses = {(x["source"], x["ip"]) for x in lines if _missing(x)}
    assert ask(
        home, "select count(distinct (source, client_ip)) from unmatched_day join callers using (day, caller_id)"
    )[0][0] == len(addresses)
    assert ask(home, "select distinct user_agent from unmatched_day order by 1") == [
        ("Mozilla/5.0",),
        ("okhttp/4.12.0",),
    ]


def test_who_else_called_from_the_addresses_that_missed_something(home, lines):
    month = lambda x: x["at"].date().replace(day=1)  # noqa: E731
    asking = {(month(x), x["ip"]) for x in lines if _missing(x)}
    expected: Counter = Counter()
    for x in lines:
        if (month(x), x["ip"]) in asking:
            expected[month(x), x["source"], x["caller"][1], "calls"] += 1
            expected[month(x), x["source"], x["caller"][1], "ok"] += x["status"] < 400
    rows = ask(
        home,
        "select month, source, credential_ref, sum(address_month.calls), sum(ok) from address_month"
        " join (select distinct caller_id, source, credential_ref from callers) using (caller_id) group by all",
    )
    found = {(*row[:3], name): row[3 + n] for row in rows for n, name in enumerate(("calls", "ok")) if row[3 + n]}
    assert found == {key: n for key, n in expected.items() if n}


def test_programs_that_call(home, lines):
    expected = Counter("okhttp" if x["source"] == "gateway" else "browser" for x in lines)
    assert dict(ask(home, "select agent, sum(calls) from agent_day group by agent")) == expected
    assert ask(home, "select distinct version from agent_day where agent = 'okhttp'") == [("4.12.0",)]


def test_a_log_without_limits_says_nothing_of_them(home):
    assert ask(home, "select count(*) from limit_day") == [(0,)]


def test_firsts(home, lines):
    first: dict = {}
    for x in sorted((x for x in lines if x["source"] == "gateway"), key=lambda x: x["at"]):
        mine = first.setdefault(x["caller"][0], [None, None, None])
        ok, write = x["status"] < 400, x["method"] in ("POST", "DELETE")
        for n, holds in enumerate((True, ok, ok and write)):
            if holds and mine[n] is None:
                mine[n] = x["at"]
    rows = ask(
        home,
        "select distinct consumer_ref, first_call, first_ok, first_write_ok from firsts join callers using (caller_id)"
        " where source = 'gateway'",
    )
    assert {row[0]: list(row[1:]) for row in rows} == first


def test_callers_never_share_an_id(home):
    assert ask(
        home,
        "select count(distinct caller_id), count(distinct (source, surface, credential_ref, consumer_ref)) from callers",
    )[0] == (21, 21)


def test_failures_by_route_and_status(home, lines):
    expected: Counter = Counter()
    for x in (x for x in lines if x["source"] == "gateway" and x["status"] >= 400):
        expected[x["service"], x["route"] is not None, x["method"], x["status"]] += 1
    found = ask(
        home,
        "select service, has_route, method, status, sum(failure_day.calls) from failure_day join callers using (caller_id, day) "
        "where surface = 'api' group by all",
    )
    assert {tuple(row[:4]): row[4] for row in found} == expected
    assert ask(home, "select min(status) from failure_day") == [(400,)]
    samples = dict(ask(home, "select route, min(sample_path) from failure_day where has_route group by route"))
    assert samples == {"rates-quote": "/v1/rates/{id}", "rates-zones": "/v1/zones/{id}", "track": "/v1/t/{id}"}


def test_where_calls_succeed(home, lines):
    expected: Counter = Counter()
    for x in (x for x in lines if x["source"] == "gateway" and x["status"] < 400):
        expected[x["service"], x["route"], x["method"], 3] += 1
    found = ask(
        home, "select service, route, method, depth, sum(ok) from route_depth_day where surface = 'api' group by all"
    )
    assert {tuple(row[:4]): row[4] for row in found} == expected


def by_day(lines) -> dict:
    """The API's lines by day and caller, in their order."""
    found: dict = {}
    for x in sorted((x for x in lines if x["source"] == "gateway"), key=lambda x: x["at"]):
        found.setdefault((x["at"].date(), x["caller"]), []).append(x)
    return found


def test_the_pace_of_callers(home, lines):
    expected = {}
    for key, mine in by_day(lines).items():
        hours: dict = {}
        for x in mine:
            hours.setdefault(x["at"].hour, set()).add(x["ip"])
        moments = [round(x["at"].timestamp() * 1000) for x in mine]
        gaps = [later - sooner for sooner, later in pairwise(moments)]
        pairs = [(one, two) for one, two in pairwise(gaps) if one >= 100 and two >= 100]
        regular = [pair for pair in pairs if 0.9 * pair[0] <= pair[1] <= 1.1 * pair[0]]
        numbers: dict = {}
        for x in mine:
            if x["method"] == "GET" and x["path"][-1].isdigit():
                numbers.setdefault(x["route"] or "none", []).append(int(x["path"].rsplit("/", 1)[1]))
        steps = [abs(two - one) for series in numbers.values() for one, two in pairwise(series)]
        expected[key] = (len(mine), len(hours), max(map(len, hours.values())), len(pairs), len(regular), len(steps), steps.count(1))  # fmt: skip
    rows = ask(
        home,
        "select day, consumer_ref, credential_ref, pace.calls, hours, peak_hour_addresses, gap_pairs, regular_pairs, numbered_pairs,"
        " next_pairs from caller_pace_day as pace join callers using (day, caller_id)",
    )
    assert {(row[0], row[1:3]): row[3:] for row in rows} == expected
    assert sum(value[3] for value in expected.values()) > 0 < sum(value[5] for value in expected.values())


def test_addresses_of_a_month(home, lines):
    expected: dict = {}
    for x in lines:
        if x["source"] == "gateway" and any(x["caller"]):
            expected.setdefault((x["at"].date().replace(day=1), x["caller"]), set()).add(x["ip"])
    rows = ask(
        home,
        "select month, consumer_ref, credential_ref, count(distinct address) from caller_address_month join caller using (caller_id)"
        " group by all",
    )
    assert {(row[0], row[1:3]): row[3] for row in rows} == {key: len(found) for key, found in expected.items()}


def test_visits_of_public_pages(home, lines):
    callers = {(x["at"].month, x["ip"]) for x in lines if x["source"] == "gateway" and x["caller"][0]}
    visits: dict = {}
    for x in lines:
        if x["source"] == "site" and x["status"] < 400:
            called = (x["at"].month, x["ip"]) in callers
            for page in (None, x["path"]):
                visits.setdefault((x["at"].month, called, page), []).append(x["ip"])
    rows = ask(home, "select month(month), called, page, visitors, views, agent from visit_month where not by_referrer")
    assert {row[:3]: row[3:] for row in rows} == {
        key: (len(set(found)), len(found), "reader") for key, found in visits.items()
    }
    assert ask(home, "select count(*) from visit_month where page = '/old'") == [(0,)], "what was not there is no visit"


def test_visitors_of_a_log_without_addresses_are_not_known():
    con = engine.connect()
    con.execute(
        "create table request as select date '2026-05-01' as day, cast(null as varchar) as caller_id, 200 as status, cast(null as varchar) as refusal, cast(null as varchar) as matched_route, cast(null as varchar) as end_user_ref, cast(null as double) as latency_ms, cast(null as varchar) as client_ip, 'docs' as surface, 'ok' as outcome, 'GET' as method,"
        " '/docs' as path, '/docs' as path_template, 'Mozilla/5.0' as user_agent, cast(null as varchar) as client_network,"
        " cast(null as varchar) as referrer_host,"
        " false as is_named"
    )
    con.execute(f"create view month_part as {(ROOT / 'usage' / 'month_part.sql').read_text()}")
    found = con.execute((ROOT / "usage" / "visit_month.sql").read_text()).to_arrow_table().to_pylist()
    assert {(row["visitors"], row["views"]) for row in found} == {(None, 1)}


def test_places_of_calls_count_all_of_them_known_or_not(home, lines):
    expected = number(lines, lambda x: x["source"] == "gateway")
    assert ask(home, "select sum(calls), count(client_country), count(client_network) from caller_place_day") == [(expected, 0, 0)]  # fmt: skip
