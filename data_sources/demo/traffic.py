"""Draws the log lines of a stretch of days: how many of each kind, when, from which address, how slow."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from data_sources.demo.activity import CLOCKS, Activity
from data_sources.demo.catalog import PLANS
from data_sources.demo.timeline import DAYS, Timeline

_STEPS = 2048


@dataclass
class Block:
    """The lines of some days at one gateway, in order of time. All arrays have one entry a line."""

    started_at: np.ndarray
    caller: np.ndarray
    outcome: np.ndarray
    address: np.ndarray
    noise: np.ndarray
    dice: np.ndarray


def _clock_tables() -> np.ndarray:
    """For each clock the time of day, as a fraction, at evenly spaced quantiles of its calls."""
    hours = np.arange(0, 24, 24 / 480)
    business = 0.06 + np.exp(-(((hours - 10.5) / 2.2) ** 2)) + 0.9 * np.exp(-(((hours - 15) / 2.4) ** 2))
    evening = 0.08 + 0.4 * np.exp(-(((hours - 13) / 3) ** 2)) + np.exp(-(((hours - 20.5) / 2.3) ** 2))
    tables = []
    for density in (business, evening, np.ones_like(hours)):
        cumulated = np.concatenate([[0], np.cumsum(density)]) / density.sum()
        tables.append(np.interp(np.linspace(0, 1, _STEPS, endpoint=False), cumulated, np.linspace(0, 1, 481)))
    return np.array(tables)


class Traffic:
    """Draws blocks of lines. `requests` is the number of lines over all gateways, within a few thousandths; the calls
    that date the stages are always there, so a very small number is exceeded."""

    def __init__(self, time: Timeline, activity: Activity, requests: int) -> None:
        self.time, self.activity = time, activity
        columns = list(zip(*activity.segments, strict=True))
        self._caller, self._mix, self._first, self._last = (np.array(c, dtype=np.int64) for c in columns[:4])
        self._level = np.array(columns[4])
        self._clock, self._zone, self._ramp, self._began = (np.array(c, dtype=np.int64) for c in columns[5:9])
        self._gateway = np.array(columns[9])
        weekdays = np.array([(time.start.weekday() + day) % 7 for day in range(DAYS)])
        quiet = {"business": 0.28, "evening": 1.35, "always": 0.97}
        self._weekday = np.array([np.where(weekdays >= 5, quiet[clock], 1.0) for clock in CLOCKS])
        self._tables = _clock_tables()
        self._prepare_outcomes()
        self._prepare_causes()
        total = sum(self.expected(day).sum() for day in range(DAYS))
        self.scale = max(requests - len(activity.causes), requests * 0.2) / total

    def _prepare_outcomes(self) -> None:
        cumulated, numbers = [], []
        for position, (outcomes, shares) in enumerate(self.activity.mixes):
            steps = np.cumsum(shares) / np.sum(shares)
            steps[-1] = 1.0
            cumulated.append(position + steps)
            numbers.append(outcomes)
        self._steps, self._numbers = np.concatenate(cumulated), np.concatenate(numbers)
        counts = np.array([len(caller.addresses) for caller in self.activity.callers])
        self._address_count = counts
        self._address_start = np.concatenate([[0], np.cumsum(counts)[:-1]])
        self._caller_gateway = np.array([caller.gateway for caller in self.activity.callers])

    def _prepare_causes(self) -> None:
        causes = self.activity.causes
        self._cause_moment = np.array([cause[0] for cause in causes])
        self._cause_caller = np.array([cause[1] for cause in causes], dtype=np.int64)
        self._cause_outcome = np.array([cause[2] for cause in causes], dtype=np.int64)

    def expected(self, day: int) -> np.ndarray:
        """Calls of each segment on a day, before scaling."""
        on = (self._first <= day) & (day < self._last)
        grown = np.where(
            self._ramp > 0, np.minimum(1.0, 0.12 + 0.88 * (day - self._began) / np.maximum(self._ramp, 1)), 1.0
        )
        return on * self._level * grown * self._weekday[self._clock, day]

    def month_use(self) -> np.ndarray:
        """What each caller has used of its month by the end of each day, before scaling: the gateway counts every call, the log may be a
        sample."""
        used = np.zeros((len(self.activity.callers), DAYS), dtype=np.float32)
        running = np.zeros(len(self.activity.callers))
        for day in range(DAYS):
            if self.time.at(day).day == 1:
                running[:] = 0
            running += np.bincount(self._caller, self.expected(day), minlength=len(running))
            used[:, day] = running
        return used

    def month_quota(self) -> np.ndarray:
        """The calls a month that each caller's plan allows on each day; 0 of those without a plan."""
        quota = np.zeros((len(self.activity.callers), DAYS), dtype=np.int64)
        for caller, plans in self.activity.plans.items():
            for moment, plan in sorted(plans):
                quota[caller, max(0, int(moment)) :] = PLANS[plan].quota if plan in PLANS else 0
        return quota

    def lines(self, gateway: str, day: int) -> float:
        """How many lines a gateway will write on a day, about."""
        return float((self.expected(day) * (self._gateway == gateway)).sum() * self.scale)

    def blocks(self, gateway: str, first: int, last: int, size: int = 150_000) -> Iterator[Block]:
        """The lines of a gateway on the days [first, last), cut between days into blocks of about `size` lines."""
        start, planned = first, 0.0
        for day in range(first, last):
            planned += self.lines(gateway, day)
            if planned >= size or day == last - 1:
                yield self._block(gateway, start, day + 1)
                start, planned = day + 1, 0.0

    def _block(self, gateway: str, first: int, last: int) -> Block:
        rng = self.time.rng(f"traffic {gateway}", first)
        mine = np.flatnonzero(self._gateway == gateway)
        days = np.arange(first, last)
        counts = np.stack([rng.poisson(self.expected(day)[mine] * self.scale) for day in days], axis=1)
        repeats = counts.ravel()
        total = int(repeats.sum())
        segment = np.repeat(np.repeat(mine, len(days)), repeats)
        day = np.repeat(np.tile(days, len(mine)), repeats)
        clock = self._tables[self._clock[segment], rng.integers(0, _STEPS, total)] + rng.random(total) / _STEPS
        moment = day + (clock - self._zone[segment] / 24) % 1.0
        outcome = self._numbers[np.searchsorted(self._steps, self._mix[segment] + rng.random(total), side="right")]
        caller = self._caller[segment]
        between = slice(*np.searchsorted(self._cause_moment, [first, last]))
        of_gateway = self._caller_gateway[self._cause_caller[between]] == gateway
        moment = np.concatenate([moment, self._cause_moment[between][of_gateway]])
        caller = np.concatenate([caller, self._cause_caller[between][of_gateway]])
        outcome = np.concatenate([outcome, self._cause_outcome[between][of_gateway]])
        order = np.argsort(moment, kind="stable")
        moment, caller, outcome = moment[order], caller[order], outcome[order]
        count = len(order)
        dice = rng.random(count)
        address = self._address_start[caller] + (rng.random(count) * self._address_count[caller]).astype(np.int64)
        started_at = self.time.start_ms + (moment * 86_400_000).astype(np.int64)
        return Block(started_at, caller, outcome, address, rng.standard_normal(count), dice)
