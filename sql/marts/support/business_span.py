"""One row per span of a schedule's business hours, in UTC, with the business minutes before it, for the years that tickets cover.

It is business time when the clocks there show an hour of the schedule on a day that is no holiday. The minutes between two moments
are a difference of two ASOF look-ups: `minutes_before` + the time since `starts_at`, to `ends_at` at most. Each schedule opens
with a span of no length, so that a moment before its first hour finds one too; one whose time zone nobody knows has none.
"""

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa

READS = ("raw_support_schedule", "raw_ticket", "raw_ticket_event")

DAY = 1440
MINUTE = timedelta(minutes=1)
Span = tuple[datetime, datetime]

SCHEDULES = """
select schedule.source, schedule.id, schedule.time_zone, schedule.intervals, schedule.holidays, covered.first, covered.last
from raw_support_schedule as schedule
join (
    select source, min(created_at) as first, max(greatest(updated_at, last_event)) as last
    from raw_ticket
    left join (
        select source, ticket_id as id, max(occurred_at) as last_event
        from raw_ticket_event
        group by source, ticket_id
    ) using (source, id)
    group by source
) as covered using (source)
where covered.first is not null
"""
COLUMNS = pa.schema(
    [
        ("source", pa.string()),
        ("schedule_id", pa.string()),
        ("starts_at", pa.timestamp("us")),
        ("ends_at", pa.timestamp("us")),
        ("minutes_before", pa.int64()),
    ]
)


def build(con: Any, now: datetime) -> None:
    """Make the table `business_span(source, schedule_id, starts_at, ends_at, minutes_before)` up to the end of this year."""
    rows = []
    for source, schedule, zone, intervals, holidays, first, last in con.execute(SCHEDULES).fetchall():
        if zone is None:
            continue
        begin, end = datetime(first.year, 1, 1), datetime(max(now, last or now).year + 1, 1, 1)
        before = 0
        week, off = hours_of_week(json.loads(intervals or "[]")), days_off(json.loads(holidays or "[]"))
        for start, stop in [(begin, begin), *spans(week, off, ZoneInfo(zone), begin, end)]:
            rows.append((source, schedule, start, stop, before))
            before += (stop - start) // MINUTE
    table = pa.Table.from_pylist([dict(zip(COLUMNS.names, row, strict=True)) for row in rows], COLUMNS)
    con.register("business_rows", table)
    con.execute("create or replace table business_span as select * from business_rows")
    con.unregister("business_rows")


def hours_of_week(intervals: Iterable[dict]) -> list[list[tuple[int, int]]]:
    """The hours of each weekday from Sunday on, as minutes of the day, in order and without overlaps.

    Intervals are minutes of a week that begins on Sunday; one that spans days is cut at midnight.
    """
    days: list[list[tuple[int, int]]] = [[] for _ in range(7)]
    given = [(one.get("start_minute"), one.get("end_minute")) for one in intervals]
    for start, end in sorted(pair for pair in given if None not in pair):
        for number, hours in enumerate(days):
            since, until = max(start - number * DAY, 0), min(end - number * DAY, DAY)
            if hours and since <= hours[-1][1] and since < until:
                hours[-1] = (hours[-1][0], max(hours[-1][1], until))
            elif since < until:
                hours.append((since, until))
    return days


def days_off(holidays: Iterable[dict]) -> set[date]:
    """The days of all holidays; first and last day of each included."""
    found = set()
    for one in holidays:
        if first := one.get("start_date"):
            day, last = date.fromisoformat(first), date.fromisoformat(one.get("end_date") or first)
            found |= {day + timedelta(days=n) for n in range((last - day).days + 1)}
    return found


def spans(
    week: list[list[tuple[int, int]]], off: set[date], zone: ZoneInfo, begin: datetime, end: datetime
) -> Iterator[Span]:
    """Business hours from `begin` to `end` (naive UTC), in order; hours that touch are one span."""
    pending: Span | None = None
    for start, stop in _pieces(week, off, zone, begin, end):
        if pending and start == pending[1]:
            pending = (pending[0], stop)
            continue
        if pending:
            yield pending
        pending = (start, stop)
    if pending:
        yield pending


def _pieces(
    week: list[list[tuple[int, int]]], off: set[date], zone: ZoneInfo, begin: datetime, end: datetime
) -> Iterator[Span]:
    for since, until, offset in offsets(zone, begin, end):
        first, last = since + offset, until + offset
        day = first.date()
        while day <= last.date():
            midnight = datetime.combine(day, time())
            for start, stop in [] if day in off else week[day.isoweekday() % 7]:
                opens = max(midnight + start * MINUTE, first)
                closes = min(midnight + stop * MINUTE, last)
                if opens < closes:
                    yield opens - offset, closes - offset
            day += timedelta(days=1)


def offsets(zone: ZoneInfo, begin: datetime, end: datetime) -> Iterator[tuple[datetime, datetime, timedelta]]:
    """The stretches of UTC in which a zone's clocks stay as far from UTC; at most one change a day is expected."""
    since, offset = begin, _offset(zone, begin)
    day = begin
    while day < end:
        following = min(day + timedelta(days=1), end)
        if _offset(zone, following) != offset:
            before, after = day, following
            while after - before > MINUTE:
                middle = before + (after - before) // MINUTE // 2 * MINUTE
                before, after = (middle, after) if _offset(zone, middle) == offset else (before, middle)
            yield since, after, offset
            since, offset = after, _offset(zone, after)
        day = following
    yield since, end, offset


def _offset(zone: ZoneInfo, moment: datetime) -> timedelta:
    return moment.replace(tzinfo=UTC).astimezone(zone).utcoffset()
