"""Conversion, times and retention against a second count by plain loops, on programs at random and on the field's known mistakes."""

from collections import defaultdict
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.sql.marts.world import World, ask
from tests.sql.metrics import conversion_oracle as oracle
from tests.sql.metrics.conversion_oracle import DAY, Events
from tests.sql.metrics.dated import LADDER, Dated, built

AS_OF = datetime(2026, 6, 30, 15, 30, 12)
WINDOW = 30
SECOND = timedelta(seconds=1)
COUNTS = ("reached", "entrants", "mature_entrants", "mature_reached", "in_progress", "moved")
SHARES = ("conversion", "share_of_entrants", "eventual")
EVENT_STAGES = ["signed_up", "credential_issued", "first_call", "first_success", "paying"]


@st.composite
def dated(draw, number: int) -> Dated:
    """An account whose steps fall on, just before and just after the edges of the window, at once, or anywhere."""
    age = draw(
        st.one_of(
            st.sampled_from([WINDOW * DAY, WINDOW * DAY - SECOND, WINDOW * DAY + SECOND, timedelta(0)]),
            st.timedeltas(timedelta(0), 100 * DAY),
        )
    )
    moments = [AS_OF - age]
    for _ in range(draw(st.integers(0, len(LADDER) - 1))):
        edge = moments[0] + WINDOW * DAY
        later = draw(
            st.one_of(
                st.sampled_from([moments[-1], moments[-1] + SECOND, edge, edge + SECOND, edge - SECOND]),
                st.timedeltas(timedelta(0), 40 * DAY).map(lambda gap, last=moments[-1]: last + gap),
            )
        )
        if not moments[-1] <= later <= AS_OF:
            break
        moments.append(later)
    value = draw(st.sampled_from(["docs", "search", None]))
    return Dated(f"a{number}", moments, draw(st.sampled_from(["open", "public"])), [("channel", value)])


@st.composite
def programs(draw) -> list[Dated]:
    """Up to 25 accounts."""
    return [draw(dated(n)) for n in range(draw(st.integers(1, 25)))]


def compare_funnel(con, accounts: list[Dated], stages: list[str], as_of: datetime, **asked) -> None:
    """Every figure of `funnel` beside the second count."""
    expected = oracle.funnel(accounts, stages, WINDOW, as_of)
    found = {(row["tier"], row["stage"]): row for row in ask(con, "funnel", window_days=WINDOW, **asked)}
    assert expected.keys() <= found.keys()
    for key, said in expected.items():
        row = found[key]
        for name in COUNTS:
            assert row[name] == said.get(name, 0), (key, name)
        for name in SHARES if key[1] != stages[0] else SHARES[1:]:
            if said[name] is None:
                assert row[name] is None, (key, name)
            else:
                assert row[name] == pytest.approx(said[name], abs=1e-12), (key, name)
        if key[1] != stages[0]:
            assert row["mature_before"] == said.get("mature_before", 0), key
        if said["median_days"] is None:
            assert row["median_days"] is None
        else:
            assert row["median_days"] == pytest.approx(said["median_days"], abs=0.0051), "rounded to two places"


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(programs())
def test_conversion_of_dated_stages(accounts):
    con = built(accounts, AS_OF, WINDOW)
    compare_funnel(con, accounts, LADDER, AS_OF)
    docs = [one for one in accounts if one.values == [("channel", "docs")]]
    compare_funnel(con, docs, LADDER, AS_OF, dimension="channel", value="docs")
    since, until = AS_OF.date() - 60 * DAY, AS_OF.date() - 20 * DAY
    between = [one for one in accounts if since <= one.entered.date() < until]
    compare_funnel(con, between, LADDER, AS_OF, cohort_from=since, cohort_to=until)
    for grain in ("week", "month"):
        expected = oracle.cohorts(accounts, 2, WINDOW, AS_OF, grain)
        rows = ask(con, "funnel_cohorts", stage="first_call", window_days=WINDOW, grain=grain)
        assert {
            (row["tier"], row["cohort"]): {name: row[name] for name in expected[row["tier"], row["cohort"]]}
            for row in rows
        } == expected
        for row in rows:
            n = row["mature_entrants"]
            assert row["conversion"] == (row["mature_reached"] / n if n else None)
    con.close()


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(programs(), st.integers(1, 3))
def test_segments_are_counted_alike_and_hidden_below_thirty(accounts, times):
    crowd = [Dated(f"{one.id}.{n}", one.moments, one.tier, one.values) for one in accounts for n in range(5 * times)]
    con = built(crowd, AS_OF, WINDOW)
    for row in ask(con, "funnel_segments", stage="first_call", dimension="channel", window_days=WINDOW):
        value = None if row["segment"] == "not known" else row["segment"]
        members = [one for one in crowd if one.tier == row["tier"] and one.values == [("channel", value)]]
        said = oracle.funnel(members, LADDER, WINDOW, AS_OF)[row["tier"], "first_call"]
        counts = ("entrants", "mature_entrants", "mature_reached")
        assert {name: row[name] for name in counts} == {name: said.get(name, 0) for name in counts}
        assert row["is_shown"] == (said["mature_entrants"] >= 30)
        if not row["is_shown"]:
            assert [
                row[name] for name in ("conversion", "eventual", "eventual_lower", "eventual_upper", "median_days")
            ] == [None] * 5
            continue
        assert row["conversion"] == said["mature_reached"] / said["mature_entrants"]
        if said["eventual"] is None:
            assert row["eventual"] is None
        else:
            assert row["eventual"] == pytest.approx(said["eventual"], abs=1e-12)
        waits = [(one.moments[2] - one.entered) / DAY for one in members if len(one.moments) > 2]
        assert (row["median_days"] is None) == (not waits)
        if waits:
            assert row["median_days"] == pytest.approx(oracle.median(waits), abs=0.0051)
    con.close()


def test_the_twelve_largest_values_stand_alone_the_others_together_and_the_unknown_apart():
    entered = AS_OF - 60 * DAY
    accounts = [
        Dated(f"{n}.{k}", [entered], values=[("channel", f"v{n:02}")]) for n in range(15) for k in range(50 - n)
    ]
    accounts += [Dated(f"none{k}", [entered], values=[("channel", None)]) for k in range(9)]
    accounts += [Dated("twice", [entered], values=[("tag", "x"), ("tag", "y"), ("channel", "v14")])]
    con = built(accounts, AS_OF, WINDOW)
    rows = ask(con, "funnel_segments", dimension="channel")
    assert [row["segment"] for row in rows] == [*(f"v{n:02}" for n in range(12)), "others", "not known"]
    assert [row["entrants"] for row in rows] == [*(50 - n for n in range(12)), 38 + 37 + 37, 9]
    assert sum(row["entrants"] for row in rows) == len(accounts)
    tags = {row["segment"]: row["entrants"] for row in ask(con, "funnel_segments", dimension="tag")}
    assert tags == {"x": 1, "y": 1, "not known": len(accounts) - 1}
    dimensions = {row["dimension"]: row for row in ask(con, "segment_dimensions", tier="open")}
    channel, tag = dimensions["channel"], dimensions["tag"]
    assert (channel["segments"], channel["known"], channel["large_segments"]) == (15, len(accounts) - 9, 15)
    assert (channel["is_useful"], channel["is_exclusive"]) == (True, True)
    assert (tag["segments"], tag["known"], tag["is_useful"], tag["is_exclusive"]) == (2, 1, False, False)


@st.composite
def events(draw, number: int) -> Events:
    """An account's events in any order, on whole seconds, some at once, some at the window's edges, some before they can count."""
    edges = [WINDOW * DAY, WINDOW * DAY - SECOND, WINDOW * DAY + SECOND, 14 * DAY, 14 * DAY - SECOND]
    age = draw(st.one_of(st.sampled_from(edges), st.integers(0, 100 * 86400).map(lambda s: timedelta(seconds=s))))
    signed_up = AS_OF - age
    near = [timedelta(0), SECOND, timedelta(minutes=5), timedelta(hours=1), DAY, 7 * DAY, *edges[:3], -SECOND, -2 * DAY]
    offset = st.one_of(st.sampled_from(near), st.integers(-5 * 86400, 60 * 86400).map(lambda s: timedelta(seconds=s)))
    moments = st.lists(offset.map(lambda gap: signed_up + gap), max_size=6).map(
        lambda found: [moment for moment in found if moment <= AS_OF]
    )
    calls: list[tuple[datetime, bool]] = []
    for moment in draw(moments):
        of_day = [ok for at, ok in calls if at.date() == moment.date()]
        # a day's roll-up keeps its first and last call and its first success, and so tells of no more than these
        if len(of_day) < 2:
            calls.append((moment, draw(st.booleans()) and not any(of_day)))
    return Events(f"a{number}", signed_up, draw(moments)[:2], calls, draw(moments)[:2])


def as_world(home, accounts: list[Events], as_of: datetime = AS_OF) -> World:
    """The events as sources tell them: a developer, applications, a day's roll-ups, paid bills."""
    world = World(home, as_of)
    world.rules = [("open", "always", None)]
    world.stages = dict.fromkeys(("internal", "partner", "open", "public"), EVENT_STAGES)
    for one in accounts:
        world.person(one.id, f"{one.id}@gmail.com", created=one.signed_up)
        world.add("billing_customer", f"cus_{one.id}", email=f"{one.id}@gmail.com")
        for n, moment in enumerate(one.keys):
            world.add("application", f"app_{one.id}_{n}", developer_id=one.id, created_at=moment)
        days = defaultdict(list)
        for moment, ok in one.calls:
            days[moment.date()].append((moment, ok))
        for day, calls in days.items():
            moments, successes = [at for at, _ in calls], [at for at, ok in calls if ok]
            world.calls(
                day,
                ok=len(successes),
                client_errors=len(calls) - len(successes),
                developer_ref=one.id,
                first_at=min(moments),
                last_at=max(moments),
                first_ok_at=min(successes, default=None),
            )
        for n, moment in enumerate(one.paid):
            world.add(
                "invoice",
                f"in_{one.id}_{n}",
                customer_id=f"cus_{one.id}",
                status="paid",
                currency="usd",
                total=100,
                tax=0,
                paid_at=moment,
            )
    return world


def moved(accounts: list[Events], as_of: datetime = AS_OF) -> list[Dated]:
    """The same accounts with the moments of their stages, found by looking at each event."""
    return [Dated(one.id, one.moments(as_of), at_once=one.at_once(as_of)) for one in accounts if one.moments(as_of)]


def compare_events(con, accounts: list[Events], as_of: datetime = AS_OF) -> None:
    """Funnel, time to the first call and retention of raw events beside the second count."""
    compare_funnel(con, moved(accounts, as_of), EVENT_STAGES, as_of, tier="open")
    (row,) = [row for row in ask(con, "time_to_first_call") if row["tier"] == "all"]
    expected = oracle.first_calls(accounts, as_of)
    middle = expected.pop("median_days")
    assert {name: row[name] for name in expected} == expected
    assert row["median_days"] == (None if middle is None else pytest.approx(middle, abs=1e-9))
    bins = defaultdict(int)
    for account in accounts:
        bins[oracle.span(account, as_of)] += 1
    bins.pop(None, None)
    assert {row["span"]: row["accounts"] for row in ask(con, "time_to_first_call_bins") if row["accounts"]} == bins
    for grain in ("week", "month"):
        trend = {row["cohort"]: row for row in ask(con, "time_to_first_call_trend", grain=grain)}
        assert set(trend) == {oracle.cohort_of(one.signed_up, grain) for one in accounts}
        for cohort, row in trend.items():
            members = [one for one in accounts if oracle.cohort_of(one.signed_up, grain) == cohort]
            said = oracle.first_calls(members, as_of)
            names = ("signed_up", "succeeded", "old_enough", "never_called")
            assert {name: row[name] for name in names} == {name: said.get(name, 0) for name in names}
            end = datetime.combine(oracle.next_cohort(cohort, grain), datetime.min.time())
            assert row["is_unfinished"] == (end > as_of - 14 * DAY)
        rows = ask(con, "retention", grain=grain)
        found = {
            (row["cohort"], row["period"]): (
                row["accounts"],
                row["active"],
                row["active_or_later"],
                row["is_unfinished"],
            )
            for row in rows
        }
        assert found == oracle.retention(accounts, grain, as_of)


@settings(max_examples=6, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
@given(st.data())
def test_everything_of_raw_events(tmp_path_factory, data):
    accounts = [data.draw(events(n)) for n in range(data.draw(st.integers(1, 30)))]
    con = as_world(tmp_path_factory.mktemp("events"), accounts).build()
    compare_events(con, accounts)
    con.close()


NOON = datetime(2026, 3, 1, 12)
MISTAKES = {
    # entered ten days ago: not one of those who "did not convert"
    "late entrants": [
        Events("old", NOON, [NOON], [(NOON, True)], [NOON]),
        Events("young", AS_OF - 10 * DAY, [AS_OF - 10 * DAY]),
    ],
    "at the edge": [Events("in", NOON, [NOON + WINDOW * DAY]), Events("out", NOON, [NOON + WINDOW * DAY + SECOND])],
    "mature to the second": [Events("in", AS_OF - WINDOW * DAY), Events("out", AS_OF - WINDOW * DAY + SECOND)],
    "a step repeated": [
        Events("again", NOON, [NOON, NOON + DAY, NOON + 40 * DAY], [(NOON + k * DAY, True) for k in range(50)])
    ],
    "all at one second": [Events("at once", NOON, [NOON], [(NOON, False), (NOON, True)], [NOON])],
    "paid before first use": [Events("payer", NOON, [NOON], [(NOON + 9 * DAY, True)], [NOON + DAY, NOON + 31 * DAY])],
    "paid before, and never again": [Events("payer", NOON, [NOON], [(NOON + 9 * DAY, True)], [NOON + DAY])],
    "called before signing up": [Events("early", NOON, [NOON], [(NOON - DAY, True), (NOON + DAY, True)])],
}


@pytest.mark.parametrize("case", MISTAKES)
def test_the_known_mistakes(case, tmp_path):
    compare_events(as_world(tmp_path, MISTAKES[case]).build(), MISTAKES[case])


def steps(con) -> dict[str, dict]:
    """The funnel by stage."""
    return {row["stage"]: row for row in ask(con, "funnel", tier="open", window_days=WINDOW)}


def test_late_entrants_are_in_progress_and_never_dropped(tmp_path):
    row = steps(as_world(tmp_path, MISTAKES["late entrants"]).build())
    assert (row["credential_issued"]["conversion"], row["paying"]["conversion"]) == (1, 1)
    assert [row[stage]["in_progress"] for stage in EVENT_STAGES] == [0, 0, 1, 0, 0]


def test_the_window_holds_its_last_second_and_ends_then(tmp_path):
    row = steps(as_world(tmp_path, MISTAKES["at the edge"]).build())["credential_issued"]
    assert (row["mature_before"], row["mature_reached"], row["reached"]) == (2, 1, 2)


def test_the_window_runs_from_the_entry_not_from_the_step_before(tmp_path):
    slow = Events("slow", NOON, [NOON + 29 * DAY], [(NOON + 32 * DAY, True)])
    row = steps(as_world(tmp_path, [slow]).build())
    assert row["credential_issued"]["conversion"] == 1
    assert (row["first_call"]["conversion"], row["first_call"]["mature_before"], row["first_call"]["reached"]) == (
        0,
        1,
        1,
    )


def test_a_zone_beside_the_windows_edge_is_utc(tmp_path):
    """22:30 on the 31st in New York is the 1st in UTC: a call of April there, and the April cohort."""
    from datetime import timezone

    eastern = timezone(-4 * timedelta(hours=1))
    local = datetime(2026, 3, 31, 22, 30, tzinfo=eastern)
    utc = local.astimezone(UTC).replace(tzinfo=None)
    world = as_world(tmp_path, [Events("ann", utc, [utc + WINDOW * DAY], [(utc + WINDOW * DAY, True)])])
    world.records["developer"][0]["created_at"] = local
    con = world.build()
    (cohort,) = ask(con, "funnel_cohorts", tier="open", stage="first_success", window_days=WINDOW)
    assert (str(cohort["cohort"]), cohort["mature_reached"]) == ("2026-04-01", 1)
    (trend,) = ask(con, "time_to_first_call_trend")
    assert (str(trend["cohort"]), trend["median_days"]) == ("2026-04-01", WINDOW)
