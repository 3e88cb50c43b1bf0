"""Whether segments differ in how long they take: the log-rank test, from the sums of the metric `segment_log_rank`."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class LogRank:
    """The test of "all segments alike": its statistic, chi-squared with so many degrees of freedom were it true, and p."""

    segments: tuple[str, ...]
    entrants: int
    statistic: float
    degrees: int
    p: float


def log_rank(sums: "pd.DataFrame") -> LogRank | None:
    """The test over one tier's rows of `segment_log_rank` (segment, other, entrants, observed, expected, covariance).

    Mantel's test for any number of segments. None where there are fewer than two, or where nothing has happened.
    """
    segments = sorted(set(sums["segment"]))
    if len(segments) < 2:
        return None
    alone = sums[sums["segment"] == sums["other"]].set_index("segment").loc[segments]
    apart = (alone["observed"] - alone["expected"]).to_numpy(float)[:-1]
    covariance = sums.pivot(index="segment", columns="other", values="covariance").loc[segments, segments]
    within = covariance.to_numpy(float)[:-1, :-1]
    if not within.any():
        return None
    statistic = float(apart @ np.linalg.pinv(within, hermitian=True) @ apart)
    degrees = len(segments) - 1
    return LogRank(
        tuple(segments), int(alone["entrants"].sum()), statistic, degrees, chi_squared_tail(statistic, degrees)
    )


def chi_squared_tail(x: float, degrees: int) -> float:
    """The chance that a chi-squared variable of so many whole degrees of freedom exceeds x: a finite sum (Abramowitz and Stegun 26.4.4, 26.4.5)."""
    if x <= 0:
        return 1.0
    half = x / 2
    if degrees % 2:
        total = math.erfc(math.sqrt(half))
        term, steps = math.exp(-half) * math.sqrt(half) / math.gamma(1.5), (degrees - 1) // 2
        divisor = 1.5
    else:
        total = 0.0
        term, steps = math.exp(-half), degrees // 2
        divisor = 1.0
    for _ in range(steps):
        total += term
        term *= half / divisor
        divisor += 1
    return min(1.0, total)
