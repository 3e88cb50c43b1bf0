"""Ask a snapshot for a metric. Values are always bound, never written into the statement."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sql.catalogue import metric as find_metric
from sql.snapshot import MISMATCH, Snapshot

if TYPE_CHECKING:
    import pandas as pd

PARAMETERS = (
    "tier",
    "service",
    "date_from",
    "date_to",
    "before_from",
    "before_to",
    "account",
    "node",
    "stage",
    "reason",
    "search",
    "owner",
    "status",
    "window_days",
    "flag",
    "dimension",
    "grain",
    "period_from",
    "from_state",
    "to_state",
    "movement",
    "price_factor",
    "support_factor",
    "infrastructure_factor",
    "share_points",
    "cohort_from",
    "cohort_to",
    "value",
    "origin",
    "triage_class",
    "window_day",
    "version",
)

_COMMENT_OR_TEXT = re.compile(r"--[^\n]*|'(?:[^']|'')*'")
_NAMED = re.compile(r"\$([a-z_]+)")


class QueryError(ValueError):
    """A question that cannot be asked; the message says what would be right."""


class OutdatedError(QueryError):
    """The snapshot lacks a table or column that a metric asks for: another version built it."""


@dataclass(frozen=True)
class Period:
    """A span of UTC days, half-open, and the equally long one before it to compare with."""

    date_from: date | None
    date_to: date | None

    def parameters(self) -> dict[str, date | None]:
        """The four dates as metrics name them; the period before is unknown where this one has no start or no end."""
        before_from = before_to = None
        if self.date_from and self.date_to:
            before_from, before_to = self.date_from - (self.date_to - self.date_from), self.date_from
        return {
            "date_from": self.date_from,
            "date_to": self.date_to,
            "before_from": before_from,
            "before_to": before_to,
        }


def period(as_of: datetime, text: str) -> Period:
    """The last days up to and with the day of `as_of`: "90d", "12w", or "all". Raises QueryError for anything else."""
    if text == "all":
        return Period(None, None)
    found = re.fullmatch(r"([1-9][0-9]{0,4})([dw])", text)
    if not found:
        raise QueryError(f"A period is written as 90d (days), 12w (weeks) or all; not {text!r}.")
    until = as_of.date() + timedelta(days=1)
    days = int(found[1]) * (7 if found[2] == "w" else 1)
    return Period(until - timedelta(days=days), until)


def parameters_of(statement: str) -> tuple[str, ...]:
    """The parameters that a statement names, in alphabetical order."""
    return _parameters_of(statement)


def run(snapshot: Snapshot, metric: str, **params: Any) -> "pd.DataFrame":
    """A metric's rows as a DataFrame. Parameters are those of PARAMETERS; None or left out means all.

    A parameter that the metric does not name has no effect. Safe to call from several threads. Raises OutdatedError
    when the snapshot was built by another version, whose tables differ from those that the metric asks for.
    """
    statement, values = _bound(metric, params)
    with same_version(metric), snapshot.cursor() as cursor:
        return cursor.execute(statement, values).df()


def rows(snapshot: Snapshot, metric: str, **params: Any) -> tuple[list[str], list[tuple]]:
    """The same as column names and tuples."""
    statement, values = _bound(metric, params)
    with same_version(metric):
        return snapshot.execute(statement, values)


@contextmanager
def same_version(metric: str) -> Iterator[None]:
    """Raises OutdatedError where a statement inside meets a table or column that the snapshot lacks."""
    try:
        yield
    except MISMATCH as error:
        raise OutdatedError(
            f"{metric}: the snapshot was built by another version of this program. Run a refresh."
        ) from error


def _bound(name: str, params: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    unknown = sorted(set(params) - set(PARAMETERS))
    if unknown:
        raise QueryError(f"There is no parameter {', '.join(unknown)}; there are {', '.join(PARAMETERS)}.")
    statement = find_metric(name).sql
    return statement, {parameter: params.get(parameter) for parameter in _parameters_of(statement)}


@lru_cache(maxsize=512)
def _parameters_of(statement: str) -> tuple[str, ...]:
    return tuple(sorted(set(_NAMED.findall(_COMMENT_OR_TEXT.sub("", statement)))))
