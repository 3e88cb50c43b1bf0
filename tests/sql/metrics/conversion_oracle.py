"""A second count of conversion, times and retention: plain loops over each account's moments, as METRICS.md words them."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from tests.sql.metrics.dated import Dated

DAY = timedelta(days=1)


def funnel(
    accounts: list[Dated], stages: list[str], window: int, as_of: datetime
) -> dict[tuple[str, str], dict[str, Any]]:
    """What `funnel` must say, by tier and stage."""
    said = {}
    for tier in {account.tier for account in accounts}:
        people = [account for account in accounts if account.tier == tier]
        for place, stage in enumerate(stages):
            row = defaultdict(int)
            waits, subjects = [], []
            for account in people:
                reached = account.moments[place] if place < len(account.moments) else None
                before = account.moments[place - 1] if 0 < place <= len(account.moments) else None
                until = account.entered + window * DAY
                row["entrants"] += 1
                row["reached"] += reached is not None
                if until <= as_of:
                    row["mature_entrants"] += 1
                    row["mature_before"] += before is not None and before <= until
                    row["mature_reached"] += reached is not None and reached <= until
                else:
                    row["in_progress"] += before is not None and reached is None
                if before is not None and reached is not None and place not in account.at_once:
                    waits.append((reached - before) / DAY)
                subjects.append((((reached or as_of) - account.entered) / DAY, reached is not None))
            row["conversion"] = row["mature_reached"] / row["mature_before"] if row["mature_before"] else None
            row["share_of_entrants"] = (
                row["mature_reached"] / row["mature_entrants"] if row["mature_entrants"] else None
            )
            row["eventual"] = eventual(subjects, window) if place else None
            row["moved"], row["median_days"] = len(waits), median(waits)
            said[tier, stage] = dict(row)
    return said


def eventual(subjects: list[tuple[float, bool]], window: float) -> float | None:
    """1 − Kaplan–Meier survival at the window, moment by moment; None where nobody was seen for the whole of it."""
    survival = 1.0
    for moment in sorted({days for days, happened in subjects if happened and days <= window}):
        at_risk = sum(days >= moment for days, _ in subjects)
        survival *= 1 - sum(happened and days == moment for days, happened in subjects) / at_risk
    if survival > 0 and max(days for days, _ in subjects) < window:
        return None
    return 1 - survival


def median(values: list[float]) -> float | None:
    """The middle one, or the mean of the two in the middle."""
    if not values:
        return None
    ranked = sorted(values)
    half = len(ranked) // 2
    return ranked[half] if len(ranked) % 2 else (ranked[half - 1] + ranked[half]) / 2


def cohort_of(moment: date, grain: str) -> date:
    """The first day of its week or month."""
    day = moment.date() if isinstance(moment, datetime) else moment
    return day - timedelta(days=day.weekday()) if grain == "week" else day.replace(day=1)


def next_cohort(cohort: date, grain: str) -> date:
    """The first day of the week or month after it."""
    return (
        cohort + timedelta(days=7) if grain == "week" else (cohort.replace(day=1) + timedelta(days=32)).replace(day=1)
    )


def cohorts(accounts: list[Dated], place: int, window: int, as_of: datetime, grain: str) -> dict[tuple, dict[str, Any]]:
    """What `funnel_cohorts` must say of the stage at a place, by tier and cohort."""
    said: dict[tuple, dict[str, Any]] = defaultdict(lambda: defaultdict(int))
    for account in accounts:
        cohort = cohort_of(account.entered, grain)
        row = said[account.tier, cohort]
        reached = account.moments[place] if place < len(account.moments) else None
        until = account.entered + window * DAY
        row["entrants"] += 1
        row["mature_entrants"] += until <= as_of
        row["mature_reached"] += until <= as_of and reached is not None and reached <= until
        row["in_progress"] += until > as_of and reached is None
        row["reached"] += reached is not None
        last = datetime.combine(next_cohort(cohort, grain), datetime.min.time())
        row["is_mature"] = last + window * DAY <= as_of
    return {key: dict(row) for key, row in said.items()}


@dataclass
class Events:
    """What happened to one account, as its sources tell it; nothing in order."""

    id: str
    signed_up: datetime
    keys: list[datetime] = field(default_factory=list)
    calls: list[tuple[datetime, bool]] = field(default_factory=list)
    paid: list[datetime] = field(default_factory=list)

    def moments(self, as_of: datetime) -> list[datetime]:
        """When it reached sign-up, key, first call, first success and payment, each after the one before."""
        all_calls = [moment for moment, _ in self.calls]
        successes = [moment for moment, ok in self.calls if ok]
        reached: list[datetime] = []
        for events in ([self.signed_up], self.keys + all_calls, all_calls, successes, self.paid):
            later = [one for one in events if one <= as_of and (not reached or one >= reached[-1])]
            if not later:
                break
            reached.append(min(later))
        return reached

    def at_once(self, as_of: datetime) -> frozenset[int]:
        """The first call, where a call is also all that tells of the key."""
        reached = self.moments(as_of)
        alone = len(reached) > 2 and reached[1] == reached[2] and reached[1] not in self.keys
        return frozenset({2} if alone else ())

    def success_days(self) -> set[date]:
        """The days with a success."""
        return {moment.date() for moment, ok in self.calls if ok}


def first_calls(accounts: list[Events], as_of: datetime) -> dict[str, Any]:
    """What `time_to_first_call` must say of them all."""
    said: dict[str, Any] = defaultdict(int)
    times = []
    for account in accounts:
        said["signed_up"] += 1
        successes = [moment for moment, ok in account.calls if ok]
        first = min(successes) if successes else None
        if account.signed_up <= as_of - 14 * DAY:
            said["old_enough"] += 1
            said["never_called"] += not account.calls
            said["never_succeeded"] += first is None
        if first is not None and first < account.signed_up:
            said["success_is_older"] += 1
        elif first is not None:
            times.append((first - account.signed_up) / DAY)
    said["succeeded"], said["median_days"] = len(times), median(times)
    return dict(said)


SPANS = [
    ("under 5 minutes", timedelta(minutes=5)),
    ("under an hour", timedelta(hours=1)),
    ("under a day", DAY),
    ("under a week", 7 * DAY),
    ("under 30 days", 30 * DAY),
]


def span(account: Events, as_of: datetime) -> str | None:
    """The span of time in which `time_to_first_call_bins` must count it; None where it is left out."""
    successes = [moment for moment, ok in account.calls if ok]
    if not successes:
        return "not yet" if account.signed_up <= as_of - 14 * DAY else "too early to tell"
    wait = min(successes) - account.signed_up
    if wait < timedelta(0):
        return None
    return next((name for name, below in SPANS if wait < below), "longer")


def retention(
    accounts: list[Events], grain: str, as_of: datetime
) -> dict[tuple[date, int], tuple[int, int, int, bool]]:
    """What `retention` must say: by cohort and period the accounts, those active on it, on it or after, and whether it is unfinished."""
    said = {}
    for cohort in {cohort_of(min(one.success_days()), grain) for one in accounts if one.success_days()}:
        members = [
            one.success_days()
            for one in accounts
            if one.success_days() and cohort_of(min(one.success_days()), grain) == cohort
        ]
        start, period = cohort, 0
        while start <= as_of.date():
            end = next_cohort(start, grain)
            on = sum(any(start <= day < end for day in days) for days in members)
            later = sum(any(day >= start for day in days) for days in members)
            unfinished = datetime.combine(end, datetime.min.time()) > as_of
            said[cohort, period] = (len(members), on, later, unfinished)
            start, period = end, period + 1
    return said
