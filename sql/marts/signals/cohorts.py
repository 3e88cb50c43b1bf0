"""Free accounts after some days, as arrays: their traits, and how long we have watched what became of them."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

DAYS = (3, 7, 14, 30)
WITHIN_DAYS = 180


@dataclass(frozen=True)
class Cohort:
    """Accounts after a number of days: their traits (one row each), how long each was watched since it began, at most the
    window, and after how many days it paid (infinity where it had not)."""

    traits: np.ndarray
    watched: np.ndarray
    paid_after: np.ndarray

    @property
    def paid(self) -> np.ndarray:
        """Who paid within the window and within sight."""
        return (self.paid_after < WITHIN_DAYS) & (self.paid_after < self.watched)


@dataclass(frozen=True)
class Found:
    """All accounts that were still free after `day` days, as they are known today. `entered` is a day, `age` in days."""

    day: int
    accounts: np.ndarray
    entered: np.ndarray
    age: np.ndarray
    known: Cohort

    @property
    def paid(self) -> np.ndarray:
        """Who is known to have paid within the window."""
        return self.known.paid

    def at(self, cut: date) -> Cohort:
        """Those whose first days were over at an earlier day, with what was known of them then."""
        watched = (np.datetime64(cut) - self.entered).astype(int)
        there = watched >= self.day
        return Cohort(self.known.traits[there], np.minimum(watched, WITHIN_DAYS)[there], self.known.paid_after[there])

    def until_days(self, cut: date) -> np.ndarray:
        """How many days after a cut each account's first days were over; 0 and less: by then, so it is one of `at`."""
        return (self.entered + self.day - np.datetime64(cut)).astype(int)


def read(con: Any, day: int, traits: list[str]) -> Found:
    """The accounts of triage_input after so many days."""
    columns = ", ".join(f'"{name}"' for name in traits)
    table = con.execute(
        f"select account_id, entered_on, age_days, paid_after_days, {columns} from triage_input join triage_account using (account_id, entered_on)"
        " where window_day = $day order by entered_on, account_id",
        {"day": day},
    ).to_arrow_table()
    values = np.column_stack([table[name].to_numpy() for name in traits]) if traits else np.empty((len(table), 0))
    paid_after = np.array([np.inf if value is None else value for value in table["paid_after_days"].to_pylist()], float)
    age = table["age_days"].to_numpy()
    known = Cohort(values.astype(float), np.minimum(age, WITHIN_DAYS), paid_after)
    accounts = np.array(table["account_id"].to_pylist(), dtype=object)
    return Found(day, accounts, table["entered_on"].to_numpy(), age, known)
