"""How the demo's help desk is set up: groups, schedules in two time zones with holidays, and which agents log their time."""

from datetime import date
from typing import Any

import numpy as np

from data_sources.demo.company import Account
from data_sources.demo.timeline import Timeline

TIME_FIELD, TOTAL_TIME_FIELD = "360000000077", "360000000078"
TIER_1, ENGINEERING, SUCCESS = 360000001, 360000002, 360000003
AMERICAS, EUROPE = 360000101, 360000102

_GROUPS = {TIER_1: "Tier 1", ENGINEERING: "Engineering", SUCCESS: "Customer success"}
_TECHNICAL = ("error", "webhook", "validation", "duties", "batch", "bulk")
_COMMERCIAL = ("quota", "pricing", "sales", "security", "legal", "procurement", "agreement", "partner")
# Long days, because tickets come and are answered at any hour of the week.
_SCHEDULES = {
    AMERICAS: ("Americas", "Eastern Time (US & Canada)", (6, 22), (8, 18)),
    EUROPE: ("Europe", "Berlin", (7, 23), (9, 19)),
}
# name, first day, last day (month, day)
_HOLIDAYS = {
    AMERICAS: [
        ("New Year's Day", (1, 1), (1, 1)),
        ("Independence Day", (7, 4), (7, 4)),
        ("Christmas", (12, 24), (12, 25)),
    ],
    EUROPE: [("New Year's Day", (1, 1), (1, 1)), ("May Day", (5, 1), (5, 1)), ("Christmas", (12, 24), (12, 26))],
}


def groups(time: Timeline) -> list[dict[str, Any]]:
    """The groups, as /api/v2/groups lists them."""
    stamp = time.iso(0.0)
    return [
        {
            "id": number,
            "name": name,
            "description": "",
            "default": number == TIER_1,
            "is_public": True,
            "deleted": False,
        }
        | {"created_at": stamp, "updated_at": stamp}
        for number, name in _GROUPS.items()
    ]


def schedules(time: Timeline) -> list[dict[str, Any]]:
    """The schedules, as /api/v2/business_hours/schedules lists them; their holidays have an address of their own."""
    found = []
    for place, (number, (name, zone, weekday, weekend)) in enumerate(_SCHEDULES.items()):
        hours = [
            {"start_time": 1440 * day + 60 * opens, "end_time": 1440 * day + 60 * closes}
            for day, (opens, closes) in enumerate([weekend, *[weekday] * 5, weekend])
        ]
        stamp = time.iso(float(place))
        found.append(
            {
                "id": number,
                "name": name,
                "time_zone": zone,
                "intervals": hours,
                "created_at": stamp,
                "updated_at": stamp,
            }
        )
    return found


def holidays(time: Timeline) -> list[dict[str, Any]]:
    """The holidays of each schedule by its id, for every year that the demo touches."""
    years = range(time.start.year, time.end.year + 1)
    return [
        {
            "id": schedule,
            "holidays": [
                {
                    "id": 1000 * place + year,
                    "name": f"{name} {year}",
                    "start_date": date(year, *first).isoformat(),
                    "end_date": date(year, *last).isoformat(),
                }
                for year in years
                for place, (name, first, last) in enumerate(known)
            ],
        }
        for schedule, known in _HOLIDAYS.items()
    ]


def group_of(topic: str, rng: np.random.Generator) -> int:
    """The group that a ticket ends up with."""
    if topic in _COMMERCIAL:
        return SUCCESS
    return ENGINEERING if topic in _TECHNICAL and rng.uniform() < 0.7 else TIER_1


def schedule_applied(account: Account) -> dict[str, Any]:
    """The child event by which a rule gives a new ticket the schedule of its part of the world."""
    number = AMERICAS if account.zone < -2 else EUROPE
    return {"event_type": "ScheduleAssignment", "previous_schedule_id": None, "new_schedule_id": number}


def log_work(updates: list[list[dict[str, Any]]], group: int, rng: np.random.Generator) -> None:
    """Add to an agent's updates, in their order, what the Time Tracking app writes: engineers log most of their time."""
    usual, share = (10, 0.7) if group == ENGINEERING else (8, 0.2)
    total, last = 0, None
    for children in updates:
        spent = round(float(np.exp(rng.normal(np.log(usual * 60), 0.6))))
        if rng.uniform() > share:
            continue
        for field, now, before in ((TIME_FIELD, spent, last), (TOTAL_TIME_FIELD, total + spent, total or None)):
            change = {"event_type": "Change", "custom_ticket_fields": {field: str(now)}}
            children.append(change | {"previous_value": None if before is None else str(before)})
        total, last = total + spent, spent
