"""Moments, facts, reasons and spells against a second count in plain Python, on programs at random."""

from collections import defaultdict
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data_sources.stall_reasons import FACTS
from tests.sql.marts import second_stall
from tests.sql.marts.second_stall import Day, Story, Ticket
from tests.sql.marts.world import AS_OF, World

DAY = timedelta(days=1)
BEGUN = AS_OF - 70 * DAY
PLANS = [("free", True, 0.0), ("growth", True, 99.0), ("beta", False, None)]
# route (its template where none matched), whether one matched, path, method, status, refusal
FAILURES = [
    ("things", True, "/v1/things", "GET", 401, "auth"),
    ("things", True, "/v1/things", "POST", 403, "auth"),
    ("things", True, "/v1/things", "GET", 429, "quota"),
    ("other", True, "/v1/other", "GET", 429, "rate_limit"),
    ("things", True, "/v1/things", "POST", 422, "validation"),
    ("other", True, "/v1/other", "POST", 400, "validation"),
    ("things", True, "/v1/things", "GET", 500, None),
    ("other", True, "/v1/other", "GET", 503, "upstream"),
    ("other", True, "/v1/other", "PUT", 501, None),
    ("other", True, "/v1/other", "POST", 405, None),
    ("things", True, "/v1/things", "GET", 404, None),
    ("things", True, "/v1/things/of/mine", "GET", 404, None),
    ("caught", True, "/v1/caught", "GET", 404, None),
    ("/v1/plain", False, "/v1/plain", "GET", 404, "no_route"),
    ("/v1/nothing", False, "/v1/nothing", "GET", 404, "no_route"),
    ("things", True, "/v1/things", "GET", 409, None),
]
ANSWERED = {("things", "GET", 2), ("other", "GET", 2), ("/v1/plain", "GET", 2)}

moments = st.integers(0, 70 * 24 * 60).map(lambda minutes: BEGUN + timedelta(minutes=minutes))


@st.composite
def days(draw) -> Day:
    day = (BEGUN + draw(st.integers(0, 69)) * DAY).date()
    first, later = sorted(draw(st.tuples(st.integers(0, 1439), st.integers(0, 1439))))
    failures = [
        (*one, calls)
        for one, calls in draw(
            st.lists(st.tuples(st.sampled_from(FAILURES), st.integers(1, 6)), max_size=3, unique_by=lambda x: x[0])
        )
    ]
    ok = draw(st.sampled_from([0, 0, 1, 9])) if failures else draw(st.sampled_from([1, 5]))
    midnight = datetime(day.year, day.month, day.day)
    first_ok = (midnight + timedelta(minutes=later if failures else first)) if ok else None
    return Day(day, midnight + timedelta(minutes=first), ok, first_ok, failures)


@st.composite
def tickets(draw) -> Ticket:
    created = draw(moments)
    subject = draw(st.sampled_from(["Hm", "Price of it"]))
    gaps = draw(st.lists(st.integers(1, 20_000), max_size=3))
    at, history = created, []
    for gap in gaps:
        at += timedelta(minutes=gap)
        if at < AS_OF:
            history.append((at, draw(st.sampled_from(["pending", "open", "solved", "closed"]))))
    if history:
        history.insert(0, (created, "new"))
    breached = draw(st.none() | st.integers(1, 20_000).map(lambda minutes: created + timedelta(minutes=minutes)))
    kept = (
        draw(st.none() | st.integers(0, 9_000).map(lambda minutes: breached + timedelta(minutes=minutes)))
        if breached
        else None
    )
    words = [created + timedelta(minutes=n) for n in draw(st.lists(st.integers(1, 30_000), max_size=2))]
    return Ticket("", created, subject, history, breached, kept, words)


@st.composite
def steps(draw) -> tuple:
    step, whom = draw(
        st.sampled_from(
            [
                ("security_review", None),
                ("contract", "legal"),
                ("approval", "decision maker"),
                ("purchase_order", "procurement"),
                ("paper", None),
            ]
        )
    )
    started = draw(st.integers(0, 69).map(lambda n: BEGUN + n * DAY))
    done = draw(st.none() | st.integers(0, 40).map(lambda n: started + n * DAY))
    return step, whom, started, done


@st.composite
def stories(draw, name: str) -> Story:
    joined = draw(moments)
    visits = draw(
        st.lists(
            st.tuples(
                st.sampled_from(["docs_read", "docs_read", "pricing_read", "contact_requested", "verified"]), moments
            ),
            max_size=6,
        )
    )
    story = Story(
        name=name,
        joined=joined,
        key_at=joined + draw(st.integers(0, 12 * 1440)) * timedelta(minutes=1),
        plan=draw(st.sampled_from([None, "free", "growth", "beta", "odd"])),
        days=draw(st.lists(days(), max_size=6, unique_by=lambda one: one.day)),
        visits=visits,
        tickets=draw(st.lists(tickets(), max_size=3)),
        steps=draw(st.lists(steps(), max_size=3)),
    )
    for n, ticket in enumerate(story.tickets):
        ticket.id = f"{name}{n}"
    if story.steps:
        story.drafted = draw(moments)
    return story


programs = st.tuples(*(stories(name) for name in ("ann", "bob", "cyd", "dan")))


def told(world: World, story: Story) -> None:
    """The records and calls that say what happened to one account."""
    name, domain = story.name, f"{story.name}works.example"
    world.person(name, f"x@{domain}", created=story.joined)
    world.add("application", f"app_{name}", developer_id=name, plan=story.plan, created_at=story.key_at)
    for day in story.days:
        counts: dict[str, int] = defaultdict(int)
        for _, _, _, _, status, refusal, calls in day.failures:
            counts["server_errors" if status >= 500 else "client_errors"] += calls
            if refusal:
                counts[f"refused_{refusal}"] += calls
        world.calls(
            day.day, ok=day.ok, application_ref=f"app_{name}", first_at=day.first_at, last_at=day.first_at + DAY / 2,
            first_ok_at=day.first_ok_at, **counts,
        )  # fmt: skip
        for route, has_route, path, method, status, refusal, calls in day.failures:
            world.fails(status, calls, path, route if has_route else None, refusal, method=method)
    for n, (kind, at) in enumerate(story.visits):
        world.add("portal_event", f"{name}{n}", kind=kind, developer_ref=name, occurred_at=at)
    world.add("support_user", f"u_{name}", email=f"x@{domain}", verified=True, role="end-user")
    for ticket in story.tickets:
        status = ticket.history[-1][1] if ticket.history else "open"
        world.add(
            "ticket",
            ticket.id,
            requester_id=f"u_{name}",
            subject=ticket.subject,
            status=status,
            created_at=ticket.created,
        )
        _events(world, ticket)
    if story.steps:
        said = [
            {
                "step": step,
                "waiting_for": whom,
                "started_on": f"{started:%Y-%m-%d}",
                "done_on": done and f"{done:%Y-%m-%d}",
            }
            for step, whom, started, done in story.steps
        ]
        world.add("contract", f"k_{name}", domain=domain, status="draft", steps=said, created_at=story.drafted)


def _events(world: World, ticket: Ticket) -> None:
    before = None
    for n, (at, status) in enumerate(ticket.history):
        world.add(
            "ticket_event",
            f"{ticket.id}s{n}",
            ticket_id=ticket.id,
            kind="status_change",
            occurred_at=at,
            from_value=before,
            to_value=status,
        )
        before = status
    for kind, at in (("sla_breached", ticket.breached), ("sla_fulfilled", ticket.kept)):
        if at:
            world.add(
                "ticket_event",
                f"{ticket.id}{kind}",
                ticket_id=ticket.id,
                kind=kind,
                metric="reply_time",
                instance=1,
                occurred_at=at,
            )
    for n, at in enumerate(ticket.words):
        world.add(
            "ticket_event",
            f"{ticket.id}w{n}",
            ticket_id=ticket.id,
            kind="public_reply",
            author_role="end-user",
            occurred_at=at,
        )


def expected(con, program: tuple[Story, ...]) -> tuple[dict, dict, dict]:
    """(facts, reasons, spells): by (account, stage, moment, is now), spells by (account, stage, since)."""
    accounts = dict(con.execute("select developer_id, account_id from developer_account").fetchall())
    tried: dict[tuple, set[str]] = defaultdict(set)
    for story in program:
        for day in story.days:
            for route, has_route, _, method, status, _, _ in day.failures:
                if has_route and status == 404:
                    tried[route, method].add(story.name)
    known = second_stall.Known(ANSWERED, tried)
    limits = defaultdict(dict)
    for tier, stage, days_ in con.execute("select tier, stage, threshold_days from stage_threshold").fetchall():
        limits[tier][stage] = days_
    facts, reasons, spells = {}, {}, {}
    for story in program:
        account = accounts[story.name]
        reached = con.execute(
            "select stage, reached_at, tier from account_stage where account_id = ? order by position", [account]
        ).fetchall()
        if not reached:
            continue
        lapses = con.execute(
            "select from_stage, to_stage, lapsed_at, returned_at from stage_lapse where account_id = ? order by lapsed_at",
            [account],
        ).fetchall()
        ((standing,),) = con.execute("select stage from account_stage_now where account_id = ?", [account]).fetchall()
        order = [
            stage
            for (stage,) in con.execute(
                "select stage from program_stage where tier = ? order by position", [reached[0][2]]
            ).fetchall()
        ]
        next_of = dict(pairwise(order))
        for stage, following, since, moment, is_now, moved in second_stall.moments(
            [row[:2] for row in reached], lapses, standing, next_of, limits[reached[0][2]], AS_OF
        ):
            key = (account, stage, moment, is_now)
            facts[key] = second_stall.facts(story, moment, since, known, PLANS) | {
                "tier": reached[0][2], "stage": stage, "next_stage": following, "since": since,
            }  # fmt: skip
            reasons[key] = second_stall.reasons(facts[key])
            if not is_now:
                spells[account, stage, since] = (moment, moved, reasons[key][0])
    return facts, reasons, spells


@pytest.mark.slow
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(program=programs, limit=st.integers(1, 12))
def test_moments_facts_reasons_and_spells_are_those_of_a_loop_over_what_happened(program, limit):
    with TemporaryDirectory() as folder:
        world = World(Path(folder))
        world.stalled_after = limit
        world.plans = [(n, name, n == 0, by_self, price) for n, (name, by_self, price) in enumerate(PLANS)]
        world.answers = [(date(2026, 5, 1), "rates", route, method, depth, 1) for route, method, depth in ANSWERED]
        for story in program:
            told(world, story)
        con = world.build()
    facts, reasons, spells = expected(con, program)
    names = list(FACTS)
    found = con.execute(f"select account_id, stage, moment, is_now, {', '.join(names)} from stall_fact").fetchall()
    assert {row[:4] for row in found} == set(facts)
    assert len(found) == len(facts)
    for row in found:
        ours, theirs = dict(zip(names, row[4:], strict=True)), facts[row[:4]]
        different = {name: (ours[name], theirs.get(name, "?")) for name in names if ours[name] != theirs.get(name, "?")}
        assert not different, row[:4]
    held = defaultdict(list)
    for *key, reason in con.execute(
        "select account_id, stage, moment, is_now, reason from stall_reason order by position"
    ).fetchall():
        held[tuple(key)].append(reason)
    assert held == reasons
    assert {
        (account, stage, since): tuple(rest)
        for account, stage, since, *rest in con.execute(
            "select account_id, stage, since, stalled_at, moved_at, reason from stall_spell"
        ).fetchall()
    } == spells
