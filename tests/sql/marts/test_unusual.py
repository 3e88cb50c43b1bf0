"""What is called unusual: false alarms on programs where nothing changed, changes of three times found, and the parts by hand."""

from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pytest
from scipy import stats

from sql.marts.signals import unusual

WEEK = (1, 1.05, 1.1, 1.05, 0.95, 0.4, 0.35)
DAYS, HISTORY, REPLAYED = 150, 56, 90
START = date(2026, 1, 1)


def table(rows: list[tuple]) -> pa.Table:
    """Rows (kind, tier, subject, day, value, of), sorted as the mart hands them over."""
    columns = zip(*sorted(rows, key=lambda row: row[:4]), strict=True)
    names = ("kind", "tier", "subject", "day", "value", "of")
    kinds = (pa.string(), pa.string(), pa.string(), pa.date32(), pa.float64(), pa.float64())
    return pa.table({n: pa.array(list(c), k) for n, c, k in zip(names, columns, kinds, strict=True)})


def program(seed: int, series: int, change: tuple[int, float] | None = None) -> unusual.Series:
    """Series at random: large and small, growing and shrinking, more spread than Poisson's; rates and counts by turns.

    With a change, (days before the end, factor), the rates are multiplied from then on.
    """
    rng = np.random.default_rng(seed)
    rows = []
    for number in range(series):
        base, growth, spread = float(np.exp(rng.normal(2.7, 1.2))), rng.uniform(-0.3, 1.0), rng.uniform(1.05, 3.0)
        for n in range(DAYS):
            day = START + timedelta(days=n)
            level = base * WEEK[day.weekday()] * (1 + growth * n / DAYS)
            if number % 2:
                value = rng.negative_binomial(level / (spread - 1), 1 / spread)
                rows.append(("calls", "open", f"{number}", day, float(value), None))
                continue
            calls = int(rng.poisson(level * 20))
            share = 0.02 * (change[1] if change and n >= DAYS - change[0] else 1)
            rows.append(("errors", "open", f"{number}", day, float(rng.binomial(calls, share)), float(calls)))
    return unusual.matrix(table(rows))


def alarms(series: unusual.Series, days: int) -> list[set[str]]:
    """The subjects that were called unusual on each of the last days, the oldest first."""
    found = []
    for back in range(days - 1, -1, -1):
        tested = unusual.test(series, series.last - back, HISTORY)
        found.append(
            {s for s, u in zip(tested["subject"].to_pylist(), tested["is_unusual"].to_pylist(), strict=True) if u}
        )
    return found


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_at_most_one_false_alarm_a_week_where_nothing_changed(seed):
    found = alarms(program(seed, 120), REPLAYED)
    begun = sum(len(today - yesterday) for yesterday, today in zip([set(), *found], found, strict=False))
    assert begun / (REPLAYED / 7) <= 1


@pytest.mark.parametrize("seed", [1, 2])
def test_errors_that_tripled_are_found_within_three_days(seed):
    series = program(seed, 120, change=(3, 3.0))
    found = set.union(*alarms(series, 3))
    usual = {
        name[2]: np.nansum(series.value[n, -59:-3]) / 56 for n, name in enumerate(series.names) if name[0] == "errors"
    }
    enough = {subject for subject, a_day in usual.items() if a_day >= 5}
    assert len(enough) > 20
    assert len(enough & found) / len(enough) >= 0.95


def test_a_fall_of_what_nearly_all_do_is_seen_as_more_that_do_not():
    """Of 40 a day 36 went on, now 24: without looking at the others that would be within the spread of the 36."""
    rows = [("conversion", "open", "s", START + timedelta(days=n), 36.0 - n % 3, 40.0) for n in range(DAYS - 2)]
    rows += [("conversion", "open", "s", START + timedelta(days=n), 24.0, 40.0) for n in (DAYS - 2, DAYS - 1)]
    tested = unusual.test(unusual.matrix(table(rows)), DAYS - 1, HISTORY).to_pylist()[0]
    assert tested["is_unusual"]
    assert tested["value"] < tested["low"] <= tested["expected"] <= tested["high"] <= tested["of"]


def test_a_weekday_is_compared_with_its_own_kind():
    rows = []
    for n in range(DAYS):
        day = START + timedelta(days=n)
        rows.append(("calls", "open", "s", day, 100.0 if day.weekday() < 5 else 10.0, None))
    series = unusual.matrix(table(rows))
    for back in range(7):
        tested = unusual.test(series, series.last - back, HISTORY).to_pylist()[0]
        assert not tested["is_unusual"]
        if tested["span_days"] == 1:
            assert tested["expected"] == pytest.approx(tested["value"], rel=0.5)


def test_a_young_series_and_a_rate_without_calls_are_not_tested():
    young = [("calls", "open", "young", START + timedelta(days=n), 5.0, None) for n in range(DAYS - 30, DAYS)]
    silent = [("errors", "open", "silent", START + timedelta(days=n), 1.0, 9.0) for n in range(DAYS - 4)]
    old = [("calls", "open", "old", START + timedelta(days=n), 5.0, None) for n in range(DAYS)]
    tested = unusual.test(unusual.matrix(table(young + silent + old)), DAYS - 1, HISTORY)
    assert tested["subject"].to_pylist() == ["old"]
    alone = unusual.matrix(table(young))
    assert unusual.test(alone, alone.last, HISTORY) is None


def test_one_wild_day_of_the_past_hides_nothing_that_comes_after():
    rows = [("calls", "open", "s", START + timedelta(days=n), 20.0 + n % 3, None) for n in range(DAYS)]
    wild = [
        (*row[:4], 900.0 if n == DAYS - 20 else row[4] * (3 if n >= DAYS - 2 else 1), None)
        for n, row in enumerate(rows)
    ]
    tested = unusual.test(unusual.matrix(table(wild)), DAYS - 1, HISTORY).to_pylist()[0]
    assert tested["is_unusual"]
    assert tested["high"] < 150


def test_less_than_five_or_than_half_as_much_again_is_no_news():
    p = np.array([1e-12, 1e-12, 1e-12, 1e-12])
    value, expected = np.array([4.0, 1400.0, 1600.0, 20.0]), np.array([0.1, 1000.0, 1000.0, 100.0])
    assert unusual.flagged(p, value, expected).tolist() == [False, False, True, True]


def test_many_series_are_held_together():
    """Benjamini and Hochberg by hand: the largest rank whose p is at most its share of 1 %."""
    rng = np.random.default_rng(4)
    p = np.concatenate([rng.uniform(size=95), [1e-6, 1e-5, 2e-4, 6e-4, 9e-4]])
    order = np.sort(p)
    last = max((k for k in range(1, 101) if order[k - 1] <= 0.01 * k / 100), default=0)
    flags = unusual.flagged(p, np.full(100, 90.0), np.full(100, 9.0))
    assert flags.sum() == last > 0


def test_the_tails_are_those_of_a_negative_binomial():
    p, low, high = unusual._tails(np.array([12.0]), np.array([6.0]), np.array([9.0]))
    size, chance = 36 / 3, 6 / 9
    by_hand = 2 * sum(stats.nbinom.pmf(k, size, chance) for k in range(12, 400))
    assert p[0] == pytest.approx(by_hand)
    inside = sum(stats.nbinom.pmf(k, size, chance) for k in range(int(low[0]), int(high[0]) + 1))
    assert 0.99 <= inside < 0.999
