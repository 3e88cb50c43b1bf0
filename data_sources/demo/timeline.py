"""The stretch of time that the demo company lives through: 18 months of UTC days up to the as-of day."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from hashlib import md5

import numpy as np

DAYS = 548
EPOCH = datetime(1970, 1, 1)


@dataclass(frozen=True)
class Timeline:
    """Day 0 is `start`; the last moment lies before `end`, midnight UTC at the beginning of the as-of day.

    Moments inside the simulation are floats: days since `start`.
    """

    end: datetime
    seed: int

    @cached_property
    def start(self) -> datetime:
        """Midnight UTC of the first day."""
        return self.end - timedelta(days=DAYS)

    @property
    def start_ms(self) -> int:
        """Epoch milliseconds of the first day."""
        return self.epoch(0) * 1000

    def at(self, moment: float) -> datetime:
        """A moment as naive UTC, cut to whole seconds."""
        return self.start + timedelta(seconds=int(moment * 86400))

    def epoch(self, moment: float) -> int:
        """A moment as epoch seconds."""
        return int((self.at(moment) - EPOCH).total_seconds())

    def iso(self, moment: float | None) -> str:
        """A moment as ISO 8601 with Z; the empty string for none."""
        return "" if moment is None else self.at(moment).strftime("%Y-%m-%dT%H:%M:%SZ")

    def day(self, moment: float | None) -> str:
        """The UTC day of a moment, as ISO 8601; the empty string for none."""
        return "" if moment is None else self.at(moment).strftime("%Y-%m-%d")

    def moment(self, when: datetime) -> float:
        """Days since `start`."""
        return (when - self.start).total_seconds() / 86400

    def month_starts(self) -> list[float]:
        """The moments at which calendar months begin, from the first whole one on."""
        moments, month = [], self.start.replace(day=1)
        while month < self.end:
            if month >= self.start:
                moments.append(self.moment(month))
            month = (month + timedelta(days=32)).replace(day=1)
        return moments

    def rng(self, name: str, *numbers: int) -> np.random.Generator:
        """A random stream of its own for each purpose, so that changing one leaves the others as they are."""
        key = int.from_bytes(md5(name.encode()).digest()[:4], "big")
        return np.random.default_rng([self.seed, key, *numbers])

    def uuid(self, *parts: object) -> str:
        """A UUID that follows from the seed and what it names."""
        digits = md5("|".join(map(str, (self.seed, *parts))).encode()).hexdigest()
        return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"

    def token(self, *parts: object, length: int = 14) -> str:
        """A short id in the manner of the vendors, following from the seed and what it names."""
        return md5("|".join(map(str, (self.seed, *parts))).encode()).hexdigest()[:length]


def timeline(as_of: date | datetime | str | None, seed: int, today: date) -> Timeline:
    """The 18 months that end at midnight UTC at the beginning of `as_of`, or of `today`."""
    if isinstance(as_of, str):
        as_of = date.fromisoformat(as_of[:10])
    if isinstance(as_of, datetime):
        as_of = as_of.date()
    day = as_of or today
    return Timeline(datetime(day.year, day.month, day.day), seed)
