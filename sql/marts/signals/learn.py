"""Learns how likely a free account is to pay from what became of earlier ones: a calibrated logistic regression, as coefficients.

Who is younger than the window and has not paid is no failure yet: it counts in part as one that will still pay, by how many of those who paid had
done so by its age.
"""

from dataclasses import dataclass

import numpy as np
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from sql.marts.signals.cohorts import WITHIN_DAYS, Cohort

STRENGTH = 0.3  # of the penalty's inverse, on traits in units of their spread
LEAST_SPREAD = 0.3  # a trait that few have must not be cheap to weigh
ROUNDS = 4
STEEPEST = 1.5  # accounts left out may call for steeper log-odds, but not by more
FOLDS = 4
MOST_ROWS = 3_000  # that paid, and as many that did not: more change no weight that could be read


@dataclass(frozen=True)
class Model:
    """Log-odds = intercept + Σ weight × trait. `conversions` are those that it was learned from, of `accounts`."""

    intercept: float
    weights: np.ndarray
    means: np.ndarray
    accounts: int
    conversions: int

    def probability(self, traits: np.ndarray) -> np.ndarray:
        """The chance of paying within the window."""
        return 1 / (1 + np.exp(-(self.intercept + traits @ self.weights)))


def share_paid_by(cohort: Cohort) -> np.ndarray:
    """Of those who pay within the window, the share that has done so by each age in days, 0 to the window (Kaplan–Meier)."""
    ages = np.arange(WITHIN_DAYS + 1)
    time = np.where(cohort.paid, np.floor(cohort.paid_after), cohort.watched).astype(int)
    events = np.bincount(time[cohort.paid], minlength=WITHIN_DAYS + 1)[: WITHIN_DAYS + 1]
    at_risk = len(time) - np.concatenate([[0], np.cumsum(np.bincount(time, minlength=WITHIN_DAYS + 1))])[ages]
    survival = np.cumprod(1 - np.where(at_risk > 0, events / np.maximum(at_risk, 1), 0))
    reached = 1 - np.concatenate([[1.0], survival[:-1]])  # paid strictly before each age
    return reached / reached[-1] if reached[-1] > 0 else np.zeros(WITHIN_DAYS + 1)


def learn(cohort: Cohort, trust: np.ndarray | float = 1.0) -> Model:
    """A model of what is known of a cohort; a trait of less `trust` needs more to be weighed. Raises ValueError where nobody paid."""
    paid = cohort.paid
    if not paid.any():
        raise ValueError("nobody paid")
    means, spread = cohort.traits.mean(axis=0), np.maximum(cohort.traits.std(axis=0), LEAST_SPREAD) / trust
    scaled = (cohort.traits - means) / spread
    by_now = share_paid_by(cohort)[np.minimum(cohort.watched, WITHIN_DAYS).astype(int)]
    rows, thinned = _sample(paid)
    scaled, paid, by_now = scaled[rows], paid[rows], by_now[rows]
    with threadpool_limits(1):  # many small fits: threads would wait for each other
        fitted, will = _fit_all(scaled, paid, by_now, thinned)
        slope, shift = _calibration(scaled, will, thinned, fitted)
    weights = slope * fitted.coef_[0] / spread
    intercept = slope * fitted.intercept_[0] + shift - means @ weights
    return Model(float(intercept), weights, means, len(cohort.watched), int(cohort.paid.sum()))


def _fit_all(scaled: np.ndarray, paid: np.ndarray, by_now: np.ndarray, stands_for: np.ndarray) -> tuple:
    """The regression, and how far each account counts as one that pays (expectation and maximisation in turn)."""
    will = np.where(paid, 1.0, 0.0)
    model = _fit(scaled, will, stands_for)
    for _ in range(ROUNDS):
        chance = model.predict_proba(scaled)[:, 1]
        will = np.where(paid, 1.0, chance * (1 - by_now) / (1 - chance * by_now))
        model = _fit(scaled, will, stands_for, start=model)
    return model, will


def _sample(paid: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """At most so many of those that paid and of the others, evenly spread, with how many each stands for."""
    rows, stands_for = [], []
    for of_kind in (np.flatnonzero(paid), np.flatnonzero(~paid)):
        kept = (
            of_kind[np.linspace(0, len(of_kind) - 1, min(len(of_kind), MOST_ROWS)).astype(int)]
            if len(of_kind)
            else of_kind
        )
        rows.append(kept)
        stands_for.append(np.full(len(kept), len(of_kind) / max(1, len(kept))))
    return np.concatenate(rows), np.concatenate(stands_for)


def _fit(
    scaled: np.ndarray,
    will: np.ndarray,
    stands_for: np.ndarray,
    strength: float = STRENGTH,
    start: LogisticRegression | None = None,
) -> LogisticRegression:
    """A regression in which each account counts as paying by `will` and as not by the rest; `start` is one that is near."""
    model = LogisticRegression(C=strength, solver="newton-cholesky", max_iter=50, warm_start=start is not None)
    if start is not None:
        model.coef_, model.intercept_ = start.coef_.copy(), start.intercept_.copy()
    weights = np.concatenate([will * stands_for, (1 - will) * stands_for])
    used = weights > 1e-9
    both = np.concatenate([scaled, scaled])[used]
    answers = np.repeat([1, 0], len(will))[used]
    return model.fit(both, answers, sample_weight=weights[used])


def _calibration(
    scaled: np.ndarray, will: np.ndarray, stands_for: np.ndarray, near: LogisticRegression
) -> tuple[float, float]:
    """The slope and shift that make log-odds of accounts which a model has not seen come true (Platt); all are `near` one."""
    fold = np.arange(len(will)) % FOLDS
    odds = np.empty(len(will))
    for number in range(FOLDS):
        seen = fold != number
        odds[~seen] = _fit(scaled[seen], will[seen], stands_for[seen], start=near).decision_function(scaled[~seen])
    fitted = _fit(odds[:, None], will, stands_for, strength=1e6)
    slope = float(np.clip(fitted.coef_[0][0], 0, STEEPEST))
    return slope, _shift(slope * odds, will, stands_for)


def _shift(odds: np.ndarray, will: np.ndarray, stands_for: np.ndarray) -> float:
    """What to add to log-odds so that as many are expected to pay as do (Newton)."""
    shift = 0.0
    for _ in range(30):
        chance = 1 / (1 + np.exp(-(odds + shift)))
        lacking = np.sum(stands_for * (will - chance))
        shift += float(np.clip(lacking / max(np.sum(stands_for * chance * (1 - chance)), 1e-9), -2, 2))
    return shift
