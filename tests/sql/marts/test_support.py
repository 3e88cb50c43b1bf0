"""What tickets took, recomputed in plain Python: minute by minute on the wall clocks of the schedules."""

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from sql.marts.support import business_span
from tests.sql.marts.world import AS_OF, World

WEEKDAYS = range(1, 6)


def hours(day: int, start: float, end: float) -> dict:
    """An interval of a week that begins on Sunday (day 0), in hours of that day."""
    return {"start_minute": int(1440 * day + 60 * start), "end_minute": int(1440 * day + 60 * end)}


def holiday(first: str, last: str | None = None) -> dict:
    return {"name": "off", "start_date": first, "end_date": last or first}


# The first is the default, as it is the oldest; the second works at night, where its clocks change; the third overlaps itself.
SCHEDULES = {
    "berlin": (
        "Europe/Berlin",
        [hours(day, 9, 17) for day in WEEKDAYS],
        [holiday("2025-12-24", "2025-12-26"), holiday("2026-01-01"), holiday("2026-05-01")],
    ),
    "york": (
        "America/New_York",
        [hours(0, 1.5, 4), *(hours(day, 20, 24) for day in WEEKDAYS), *(hours(day + 1, 0, 2.25) for day in WEEKDAYS)],
        [holiday("2025-11-27"), holiday("2026-03-08")],
    ),
    "long": ("Australia/Lord_Howe", [hours(1, 9, 41), hours(1, 8, 12), hours(6, 0, 24), hours(0, 0, 6)], []),
}
BEGIN, END = datetime(2025, 9, 1), AS_OF


@cache
def business_minutes(schedule: str) -> list[int]:
    """How many minutes of BEGIN … END are business time before each minute: asked of the wall clock, one by one."""
    name, intervals, holidays = SCHEDULES[schedule]
    zone, before = ZoneInfo(name), [0]
    for n in range(int((END - BEGIN) / timedelta(minutes=1))):
        local = (BEGIN + timedelta(minutes=n)).replace(tzinfo=UTC).astimezone(zone)
        day = local.date().isoformat()
        minute = (local.weekday() + 1) % 7 * 1440 + local.hour * 60 + local.minute
        works = any(one["start_minute"] <= minute < one["end_minute"] for one in intervals)
        works = works and not any(one["start_date"] <= day <= one["end_date"] for one in holidays)
        before.append(before[-1] + works)
    return before


def business_seconds(schedule: str, since: datetime, until: datetime) -> float:
    """Business seconds between two moments by one schedule."""

    def elapsed(moment: datetime) -> float:
        minutes, rest = divmod((moment - BEGIN).total_seconds(), 60)
        table = business_minutes(schedule)
        works = table[int(minutes) + 1] - table[int(minutes)] if int(minutes) + 1 < len(table) else 0
        return table[int(minutes)] * 60 + works * rest

    return elapsed(until) - elapsed(since)


class Told:
    """A ticket as a person would read its history, line by line."""

    def __init__(self, created: datetime, opener: str, steps: list[tuple[int, str]]) -> None:
        self.created = created
        self.events: list[tuple[datetime, str, str | None]] = [(created, "status", "new"), (created, "public", opener)]
        moment = created
        for gap, what in steps:
            moment += timedelta(seconds=gap)
            if moment >= END:
                break
            kind, _, value = what.partition(" ")
            self.events.append((moment, kind, value))

    @property
    def status(self) -> str:
        return [value for _, kind, value in self.events if kind == "status"][-1]

    def expected(self) -> dict:
        """The figures, null where nothing happened or a schedule is not known."""
        replies = [at for at, kind, value in self.events[2:] if kind == "public" and value == "agent"]
        history = [(at, value) for at, kind, value in self.events if kind == "status"]
        solves = [b[0] for a, b in pairwise(history) if b[1] == "solved" and a[1] != "solved"]
        solved = self.status == "solved"
        waits = [
            (at, until)
            for (at, status), until in zip(history, [*(at for at, _ in history[1:]), END], strict=True)
            if status in ("new", "open", "hold")
        ]
        reply = [(self.created, replies[0])] if replies else None
        resolution = [(self.created, solves[-1])] if solved else None
        return {
            "first_reply_minutes": calendar(reply),
            "first_reply_business_minutes": self.business(reply),
            "public_replies": len(replies),
            "first_solved_at": solves[0] if solves else None,
            "resolution_minutes": calendar(resolution),
            "resolution_business_minutes": self.business(resolution),
            "wait_minutes": calendar(waits),
            "wait_business_minutes": self.business(waits),
            "one_touch": solved and len(replies) == 1,
            "reopened": sum(a[1] == "solved" and b[1] != "solved" for a, b in pairwise(history)),
            "is_open": not solved,
        }

    def business(self, spans: list | None) -> float | None:
        """Business minutes of these spans, each part by the schedule that held then."""
        if spans is None:
            return None
        applied = [(datetime.min, "berlin"), *((at, value) for at, kind, value in self.events if kind == "schedule")]
        ends = [*(at for at, _ in applied[1:]), datetime.max]
        total = 0.0
        for since, until in spans:
            for (start, schedule), end in zip(applied, ends, strict=True):
                a, b = max(since, start), min(until, end)
                if a < b or (since == until and start <= since < end):
                    if schedule == "unheard of":
                        return None
                    total += business_seconds(schedule, a, b)
        return total / 60


def calendar(spans: list | None) -> float | None:
    return None if spans is None else sum((b - a).total_seconds() for a, b in spans) / 60


def rounded(figures: dict) -> dict:
    return {name: round(value, 6) if isinstance(value, float) else value for name, value in figures.items()}


def world_of(home, tickets: list[Told]) -> World:
    world = World(home)
    world.add("support_user", "u", email="ann@acme.example", verified=True, role="end-user")
    for n, (name, (zone, intervals, holidays)) in enumerate(SCHEDULES.items()):
        world.add("support_schedule", name, time_zone=zone, intervals=intervals, holidays=holidays,
                  created_at=datetime(2025, 1, 1 + n))  # fmt: skip
    for number, told in enumerate(tickets):
        world.add("ticket", f"t{number}", requester_id="u", status=told.status, created_at=told.created)
        before = {"status": None, "schedule": None}
        for place, (at, kind, value) in enumerate(told.events):
            row = {"ticket_id": f"t{number}", "occurred_at": at}
            if kind in before:
                kinds = {"status": "status_change", "schedule": "schedule_applied"}
                row |= {"kind": kinds[kind], "from_value": before[kind], "to_value": value}
                before[kind] = value
            else:
                row |= {"kind": {"public": "public_reply", "note": "internal_note"}[kind], "author_role": value}
            world.add("ticket_event", f"{1000 * number + place}", **row)
    return world


STEPS = st.sampled_from(
    ["public agent", "public agent", "public end-user", "public bot", "note agent", "status open", "status pending",
     "status hold", "status solved", "status solved", "status open", "schedule york", "schedule long", "schedule berlin",
     "schedule unheard of"]
)  # fmt: skip
GAPS = st.one_of(st.integers(0, 120), st.integers(0, 40_000), st.integers(0, 9 * 86_400))
# Weeks in which the clocks of Berlin, New York and Lord Howe change, the holidays, and any other time.
DAYS = st.sampled_from([date(2025, 10, 3), date(2025, 10, 24), date(2025, 10, 31), date(2025, 11, 26), date(2025, 12, 23),
                        date(2026, 3, 6), date(2026, 3, 27), date(2026, 4, 3), date(2026, 4, 30), date(2026, 6, 15)])  # fmt: skip
TOLD = st.builds(
    Told,
    st.builds(
        lambda day, second: datetime.combine(day, time()) + timedelta(seconds=second), DAYS, st.integers(0, 4 * 86_400)
    ),
    st.sampled_from(["end-user", "end-user", "agent", "bot"]),
    st.lists(st.tuples(GAPS, STEPS), max_size=9),
)


@settings(
    max_examples=6, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, phases=[Phase.generate]
)
@given(tickets=st.lists(TOLD, min_size=25, max_size=60))
def test_every_ticket_takes_what_plain_python_says(tmp_path_factory, tickets):
    con = world_of(tmp_path_factory.mktemp("support"), tickets).build()
    found = con.execute("select * from ticket_fact").to_arrow_table().to_pylist()
    assert len(found) == len(tickets)
    for row in found:
        told = tickets[int(row["ticket_id"][1:])]
        expected = told.expected()
        assert rounded({name: row[name] for name in expected}) == rounded(expected), told.events


def test_there_is_something_to_compare():
    """The generator makes what is hard: without it the test above would agree about nothing."""
    seen = dict.fromkeys(("reopened", "agent", "bot first", "running wait", "two schedules", "unknown"), 0)

    @settings(max_examples=300, deadline=None, database=None, derandomize=True)
    @given(TOLD)
    def look(told):
        expected = told.expected()
        kinds = [(kind, value) for _, kind, value in told.events]
        publics = [value for kind, value in kinds[2:] if kind == "public"]
        seen["reopened"] += expected["reopened"] > 0
        seen["agent"] += kinds[1][1] == "agent" and expected["first_reply_minutes"] is not None
        seen["bot first"] += publics[:1] == ["bot"] and "agent" in publics
        seen["running wait"] += told.status in ("new", "open", "hold")
        seen["two schedules"] += len({value for kind, value in kinds if kind == "schedule"}) > 1
        seen["unknown"] += expected["wait_business_minutes"] is None

    look()
    assert all(count >= 5 for count in seen.values()), seen


@pytest.mark.parametrize("name", SCHEDULES)
def test_business_spans_are_the_minutes_of_the_wall_clock(name):
    zone, intervals, holidays = SCHEDULES[name]
    week, off = business_span.hours_of_week(intervals), business_span.days_off(holidays)
    spans = list(business_span.spans(week, off, ZoneInfo(zone), BEGIN, END))
    open_at = [False] * int((END - BEGIN) / timedelta(minutes=1))
    for start, end in spans:
        for n in range(int((start - BEGIN).total_seconds() / 60), int((end - BEGIN).total_seconds() / 60)):
            open_at[n] = True
    expected = [b > a for a, b in pairwise(business_minutes(name))]
    assert open_at == expected
    assert all(a[1] < b[0] for a, b in pairwise(spans)), "spans never touch or overlap"
