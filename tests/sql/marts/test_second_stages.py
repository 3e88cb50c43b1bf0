"""Stages against a second count in plain Python, on programs at random: every stage, date, mover, and where each account stands."""

from datetime import date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.sql.marts.second_stages import LADDERS, Calls, Life, standing, walk
from tests.sql.marts.world import World, rows

START = datetime(2026, 1, 1)
AS_OF = datetime(2026, 6, 30)
SECOND = timedelta(seconds=1)

# moments meet each other often: few days, and few seconds in a day
moment = st.builds(
    lambda day, second: START + timedelta(days=day, seconds=second),
    st.integers(0, 185),
    st.sampled_from([0, 1, 43_200, 86_399]),
)


@st.composite
def call_days(draw):
    """Days with calls in their order, of a habit: every few days, with holes."""
    found = []
    day = draw(st.integers(0, 120))
    for _ in range(draw(st.integers(0, 14))):
        base = START + timedelta(days=day)
        first = base + draw(st.sampled_from([0, 1, 43_200])) * SECOND
        last = base + draw(st.sampled_from([43_200, 86_399])) * SECOND
        ok = draw(st.sampled_from([None, first, last]))
        routes = tuple(draw(st.sets(st.sampled_from("abcd"), max_size=2))) if ok else ()
        found.append(Calls(first, last, ok, routes, draw(st.booleans())))
        day += draw(st.sampled_from([1, 2, 5, 7, 7, 7, 13, 14, 60, 61]))
    return [one for one in found if one.last <= AS_OF + timedelta(days=5)]


@st.composite
def lives(draw):
    """One account's life; bills come in the order of time and at most one a moment.

    Its record is made by the day that is looked at: a record made later has no tags yet, and so no tier.
    """
    signed_up = draw(moment.map(lambda when: min(when, AS_OF)))
    created = draw(st.none() | moment)
    bills = sorted(set(draw(st.lists(moment, max_size=3))))
    return Life(
        tier=draw(st.sampled_from(sorted(LADDERS))),
        signed_up=signed_up,
        key_created=draw(moment),
        sandbox=draw(st.booleans()),
        days=draw(call_days()),
        portal=draw(
            st.lists(
                st.tuples(
                    st.sampled_from(["key_issued", "agreement_signed", "certified", "contact_requested"]), moment
                ),
                max_size=4,
            )
        ),
        sales_tickets=draw(st.lists(moment, max_size=2)),
        contract_created=created,
        contract_signed=draw(st.none() | moment) if created else None,
        steps=draw(
            st.lists(
                st.tuples(st.sampled_from(["legal_review", "certification"]), moment, st.none() | moment), max_size=2
            )
        )
        if created
        else [],
        bills=[(paid, draw(st.sampled_from([100, 125, 124]))) for paid in bills],
    )


def told(world: World, number: int, life: Life) -> str:
    """Write a life into the world's records and calls; returns the account's id."""
    name, mail = f"u{number}", f"u{number}@firm{number}.example"
    tags = [f"tier-{life.tier}"]
    world.person(name, mail, created=life.signed_up, tags=tags)
    app = f"app_{name}"
    world.add(
        "application",
        app,
        developer_id=name,
        created_at=life.key_created,
        environment="sandbox" if life.sandbox else None,
    )
    for day in life.days:
        world.calls(
            day.first.date(),
            ok=1 if day.first_ok else 0,
            client_errors=1,
            application_ref=app,
            first_at=day.first,
            last_at=day.last,
            first_ok_at=day.first_ok,
            environment="production" if day.production else None,
        )
        caller = world.usage[-1]["caller_id"]
        for route in day.routes:
            world.routes.append((day.first.date(), caller, "rates", route, "GET", 1, 1, day.last, f"/{route}"))
    for n, (kind, when) in enumerate(life.portal):
        world.add("portal_event", f"{name}_{n}", kind=kind, occurred_at=when, developer_ref=name)
    for n, when in enumerate(life.sales_tickets):
        world.add("support_user", f"su_{name}", email=mail, verified=True, role="end-user")
        world.add(
            "ticket", f"{name}_{n}", requester_id=f"su_{name}", status="solved", subject="A quote", created_at=when
        )
    if life.contract_created:
        steps = [
            {
                "step": step,
                "started_on": begun.isoformat(sep=" "),
                "done_on": done.isoformat(sep=" ") if done else None,
                "waiting_for": None,
            }
            for step, begun, done in life.steps
        ]
        world.add(
            "contract",
            f"k_{name}",
            domain=f"firm{number}.example",
            status="negotiating",
            revenue_share_percent=20.0 if life.tier == "partner" else None,
            created_at=life.contract_created,
            signed_at=life.contract_signed,
            steps=steps,
        )
    if life.bills:
        world.add("billing_customer", f"cus_{name}", consumer_ref=app)
    for n, (paid, total) in enumerate(life.bills):
        world.add(
            "invoice",
            f"in_{name}_{n}",
            customer_id=f"cus_{name}",
            status="paid",
            currency="usd",
            total=total,
            tax=0,
            paid_at=paid,
        )
    return name


def checked(program: list[Life]) -> None:
    """Build the program and compare every account with the second count."""
    with TemporaryDirectory() as home:
        world = World(Path(home), AS_OF)
        world.stages |= LADDERS
        world.rules = [(tier, "tag", f"tier-{tier}") for tier in LADDERS]
        names = [told(world, n, life) for n, life in enumerate(program)]
        con = world.build()
    ours = dict(rows(con, "select developer_id, account_id from developer_account"))
    assert len(set(ours.values())) == len(names)
    for name, life in zip(names, program, strict=True):
        account = ours[name]
        found = rows(
            con, f"select stage, reached_at from account_stage where account_id = '{account}' order by position"
        )
        expected = walk(life, AS_OF)
        assert found == expected
        one = rows(
            con, f"select stage, went_back_at, furthest_stage from account_stage_now where account_id = '{account}'"
        )
        if not expected:
            assert one == []
            continue
        if one[0][2] != "paying" and one[0][2] not in ("expanded", "revenue_share"):
            assert one[0][:2] == standing(life, AS_OF)
        entered = rows(con, f"select entered_at from entrant where account_id = '{account}'")
        assert entered == [(expected[0][1],)]
        stall = rows(con, f"select stalled from stall where account_id = '{account}'")
        if stall and one[0][2] not in ("paying", "revenue_share", "expanded"):
            assert stall == [(AS_OF - expected[-1][1] > timedelta(days=30),)]


@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(lives(), min_size=1, max_size=6))
def test_stages_are_those_of_a_second_count(program):
    checked(program)


@pytest.mark.slow
@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(lives(), min_size=4, max_size=25))
def test_stages_are_those_of_a_second_count_on_many_programs(program):
    checked(program)


def test_the_second_count_knows_a_life_by_hand():
    days = [Calls(at, at, at) for at in (datetime(2026, 1, 5) + timedelta(days=n) for n in (0, 1, 2, 7, 14, 21))]
    life = Life("open", datetime(2026, 1, 1), datetime(2026, 1, 2), False, days)
    assert [stage for stage, _ in walk(life, AS_OF)] == LADDERS["open"][:6]
    assert standing(life, AS_OF) == ("integrated", datetime(2026, 3, 27))
    assert date(2026, 3, 27) == days[-1].first.date() + timedelta(days=60)
