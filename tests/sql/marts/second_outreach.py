"""Outreach and developers' movement counted a second time, in plain Python, a day at a time."""

import math
from collections import Counter
from datetime import date, timedelta

DAY = timedelta(days=1)
QUANTILE = 1.959964
LEVELS = ("quiet", "trying", "using", "building", "relying")


def balance(activities: list[dict]) -> dict[str, tuple[float, float | None]]:
    """Hours and their share by direction; activities without a direction or without hours are in no sum."""
    hours = dict.fromkeys(("internal", "partner", "public"), 0.0)
    for one in activities:
        if one["direction"] in hours and one["hours"] is not None:
            hours[one["direction"]] += one["hours"]
    total = sum(hours.values())
    return {name: (value, value / total if total else None) for name, value in hours.items()}


def followed(day: date, steps: list[date], data_from: date, today: date, window: int = 30) -> dict:
    """What followed an activity, and what its weekdays let expect, walking day by day. `steps` are the days of the steps."""
    counts = Counter(steps)
    after = [day + n * DAY for n in range(window) if day + n * DAY < today]
    came = sum(counts[one] for one in after)
    weeks = min(8, (day - data_from).days // 7)
    if weeks < 4:
        return {"followed": came, "expected": None, "lower": None, "upper": None}
    before = [day - n * DAY for n in range(1, 7 * weeks + 1)]
    means = {w: sum(counts[one] for one in before if one.weekday() == w) / weeks for w in range(7)}
    expected = sum(means[one.weekday()] for one in after)
    total = sum(counts[one] for one in before)
    squares = [
        (counts[one] - means[one.weekday()]) ** 2 / means[one.weekday()] for one in before if means[one.weekday()]
    ]
    freedom = sum(1 for mean in means.values() if mean) * (weeks - 1)
    dispersion = max(1.0, sum(squares) / freedom) if freedom else 1.0
    ratio = expected / total if total else len(after) / len(before)
    middle = math.sqrt(ratio * (total + 3 / 8))
    reach = QUANTILE * math.sqrt(dispersion * (1 + ratio) / 4)
    lower = max(0.0, (middle - reach) ** 2 - 3 / 8) if middle > reach else 0.0
    return {"followed": came, "expected": expected, "lower": lower, "upper": (middle + reach) ** 2 - 3 / 8}


def months(known_on: date, calls: list[tuple[date, int, int]], today: date) -> list[tuple[date, str, str]]:
    """Month, use and move of one developer from the month of `known_on` to that of `today`; calls are day, ok, failed."""
    told, month = [], known_on.replace(day=1)
    while month <= today:
        later = (month + 32 * DAY).replace(day=1)
        mine = [one for one in calls if month <= one[0] < later]
        good = {one[0] for one in mine if one[1]}
        weeks = {(one - one.weekday() * DAY) for one in good}
        if not any(ok + failed for _, ok, failed in mine):
            level = 0
        elif not good:
            level = 1
        elif len(weeks) >= 4:
            level = 4
        else:
            level = 3 if len(good) >= 4 else 2
        if not told:
            move = "new"
        else:
            before = LEVELS.index(told[-1][1])
            move = "up" if level > before else "down" if level < before else "held" if level else "quiet"
        told.append((month, LEVELS[level], move))
        month = later
    return told
