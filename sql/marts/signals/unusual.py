"""What is usual for a series of daily counts, and how unlikely a day is: robust, by weekday, with many series looked at at once.

Counts are taken as negative binomial: their spread is measured on the series itself and never taken as less than Poisson's. Extreme days of the past are cut down before anything is averaged. How many
series are said to be unusual in a day is held by Benjamini and Hochberg's procedure (1995).
"""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
from scipy import stats

SPANS = (1, 3)
WEEKDAY_WEIGHT = 10  # events of the common level that a weekday's own level starts from
RECENT_DAYS = 14
DRIFT = (1 / 3, 3)  # how far the last two weeks may move the level
CUT = 3.0  # spreads beyond which a past day is cut down
CUT_SHARE = 0.02  # of the past days, those that may not widen what is usual any further
MAD = 1.4826
FALSE_SHARE = 0.01
RATIO, EVENTS = 1.5, 5  # less than that is no news, however unlikely
RANGE = 0.99


@dataclass
class Series:
    """Daily values of many series: rows are series, columns days up to `last`; NaN before a series' first day. `of` is 1 for counts."""

    names: list[tuple[str, str, str]]
    counts: np.ndarray
    value: np.ndarray
    of: np.ndarray
    last: int
    first_day: date

    def day(self, column: int) -> date:
        """The date of a column."""
        return self.first_day + timedelta(days=column)


def matrix(rows: pa.Table) -> Series:
    """Rows (kind, tier, subject, day, value, of) in that order as a matrix; a rate has no calls on a day without a row."""
    names = list(zip(*(rows[name].to_pylist() for name in ("kind", "tier", "subject")), strict=True))
    place = {name: n for n, name in enumerate(dict.fromkeys(names))}
    at = np.array([place[name] for name in names])
    days = rows["day"].to_numpy().astype("datetime64[D]")
    first, last = days.min(), int((days.max() - days.min()).astype(int))
    column = (days - first).astype(int)
    value = np.full((len(place), last + 1), np.nan)
    of = np.full((len(place), last + 1), np.nan)
    parts = rows["of"].to_numpy(zero_copy_only=False).astype(float)
    counts = np.zeros(len(place), dtype=bool)
    counts[at[np.isnan(parts)]] = True
    value[at, column] = rows["value"].to_numpy(zero_copy_only=False)
    of[at, column] = np.where(np.isnan(parts), 1.0, parts)
    began = np.where(np.isnan(value), last + 1, np.arange(last + 1)).min(axis=1)
    inside = np.isnan(value) & (np.arange(last + 1) >= began[:, None])
    value[inside], of[inside] = 0.0, 0.0
    return Series(list(place), counts, value, of, last, first.astype(object))


def test(series: Series, column: int, history: int) -> pa.Table | None:
    """All series on one day: seen, usual, range, p and whether it is unusual; None where no series is old enough."""
    if column - history - max(SPANS) + 1 < 0:
        return None
    fits = [_spanned(series, column, span, history) for span in SPANS]
    usable = ~np.isnan(fits[0]["p"])
    if not usable.any():
        return None
    less = np.where(np.nan_to_num(fits[1]["p"], nan=2.0) < fits[0]["p"], 1, 0)
    of_both = {name: np.choose(less, [fits[0][name], fits[1][name]]) for name in fits[0]}
    p = np.minimum(1.0, of_both["p"] * len(SPANS))
    names = [series.names[n] for n in np.flatnonzero(usable)]
    kept = {name: values[usable] for name, values in of_both.items() if name != "p"}
    counts = series.counts[usable]
    table = {
        "kind": [name[0] for name in names],
        "tier": [name[1] for name in names],
        "subject": [name[2] for name in names],
        "day": pa.array([series.day(column)] * len(names), pa.date32()),
        "span_days": pa.array(np.array(SPANS)[less[usable]], pa.int32()),
        "value": kept["value"],
        "of": pa.array(kept["of"], mask=counts),
        "expected": kept["expected"],
        "low": kept["low"],
        "high": kept["high"],
        "p": p[usable],
        "is_unusual": flagged(p[usable], kept["count"], kept["usual"]),
    }
    return pa.table(table)


def flagged(p: np.ndarray, count: np.ndarray, usual: np.ndarray) -> np.ndarray:
    """Which are unusual: unlikely, with false ones held at 1 % of those, and of these the ones large enough to be news. `count` is of what
    is the rarer."""
    unlikely = stats.false_discovery_control(p, method="bh") <= FALSE_SHARE
    ratio = (count + 0.5) / (usual + 0.5)
    large = ((ratio >= RATIO) | (ratio <= 1 / RATIO)) & (np.abs(count - usual) >= EVENTS)
    return unlikely & large


def _spanned(series: Series, column: int, span: int, history: int) -> dict[str, np.ndarray]:
    """The fit of one span: sums over the days that end with `column`, against the `history` days before them."""
    start = column - span + 1
    past = slice(start - history, start)
    value, of = np.nan_to_num(series.value[:, past]), np.nan_to_num(series.of[:, past])
    of_now = series.of[:, start : column + 1]
    seen, calls = series.value[:, start : column + 1].sum(axis=1), of_now.sum(axis=1)
    # of what nearly all do, those who did not are the count
    most = ~series.counts & (value.sum(axis=1) > 0.5 * of.sum(axis=1))
    value = np.where(most[:, None], of - value, value)
    weekdays = np.array([series.day(n).weekday() for n in range(past.start, column + 1)])
    expected, error = _expected(value, of, of_now, weekdays)
    now = expected[:, history:].sum(axis=1)
    spread = _spread(value, expected[:, :history], span)
    variance = spread * now + error**2 * now**2
    count = np.where(most, calls - seen, seen)
    p, low, high = _tails(count, now, np.maximum(variance, now * 1.0001 + 1e-9))
    young = np.isnan(series.value[:, past.start]) | (calls == 0)
    return {
        "value": seen,
        "of": calls,
        "expected": np.where(most, calls - now, now),
        "low": np.where(most, np.maximum(0, calls - high), low),
        "high": np.where(most, calls - low, np.where(series.counts, high, np.minimum(calls, high))),
        "p": np.where(young, np.nan, p),
        "count": count,
        "usual": now,
    }


def _spread(value: np.ndarray, expected: np.ndarray, span: int) -> np.ndarray:
    """How many times Poisson's variance the sums over spans of the past had: the larger of a robust and a cut-down mean measure."""
    rooms = np.lib.stride_tricks.sliding_window_view
    usual = np.maximum(rooms(expected, span, axis=1).sum(axis=2), 0.05)
    residual = (rooms(value, span, axis=1).sum(axis=2) - usual) / np.sqrt(usual)
    middle = np.median(residual, axis=1, keepdims=True)
    robust = (MAD * np.median(np.abs(residual - middle), axis=1)) ** 2
    edge = np.quantile(np.abs(residual), 1 - CUT_SHARE, axis=1, keepdims=True)
    mean = (np.minimum(np.abs(residual), edge) ** 2).mean(axis=1)
    return np.maximum(1.0, np.maximum(robust, mean))


def _tails(seen: np.ndarray, mean: np.ndarray, variance: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Two-sided p of a count, and the range of 99 in 100, as negative binomial of that mean and variance."""
    mean = np.maximum(mean, 0.05)
    variance = np.maximum(variance, mean * 1.001)
    size, chance = mean**2 / (variance - mean), mean / variance
    p = 2 * np.minimum(stats.nbinom.cdf(seen, size, chance), stats.nbinom.sf(seen - 1, size, chance))
    outside = (1 - RANGE) / 2
    return np.minimum(1.0, p), stats.nbinom.ppf(outside, size, chance), stats.nbinom.ppf(1 - outside, size, chance)


def _expected(
    value: np.ndarray, of: np.ndarray, of_now: np.ndarray, weekdays: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """What is usual on each day of the past and of now, a level for each weekday moved by the last two weeks; and its relative error."""
    history = value.shape[1]
    cut = _cut(value, of)
    level = (cut.sum(axis=1) + 0.5) / (of.sum(axis=1) + 1.0)
    rates = np.empty((len(value), 7))
    for weekday in range(7):
        on = weekdays[:history] == weekday
        rates[:, weekday] = (cut[:, on].sum(axis=1) + WEEKDAY_WEIGHT) / (of[:, on].sum(axis=1) + WEEKDAY_WEIGHT / level)
    expected = np.concatenate([of, of_now], axis=1) * rates[:, weekdays]
    recent = slice(history - RECENT_DAYS, history)
    drift = (cut[:, recent].sum(axis=1) + WEEKDAY_WEIGHT) / (expected[:, recent].sum(axis=1) + WEEKDAY_WEIGHT)
    expected[:, history:] *= np.clip(drift, *DRIFT)[:, None]
    lately = 1 / (cut[:, recent].sum(axis=1) + WEEKDAY_WEIGHT)
    return expected, np.sqrt(_spread(value, expected[:, :history], 1) * lately)


def _cut(value: np.ndarray, of: np.ndarray) -> np.ndarray:
    """The past with its extreme days cut down to what is at the edge of usual for the series."""
    rate = np.median(np.where(of > 0, value / np.maximum(of, 1e-9), 0.0), axis=1, keepdims=True)
    mean = np.maximum(rate, value.sum(axis=1, keepdims=True) / np.maximum(of.sum(axis=1, keepdims=True), 1e-9) / 2)
    usual = mean * of
    noise = np.sqrt(np.maximum(usual, 0.5))
    spread = np.maximum(1.0, MAD * np.median(np.abs((value - usual) / noise), axis=1, keepdims=True))
    return np.minimum(value, usual + CUT * spread * noise)
