"""What happens to a subscription between its bills: seats more and fewer, a first bill at half price, a pause.

Each draws from a random stream of its own, so that the rest of the story stays as it is.
"""

from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from data_sources.demo.timeline import DAYS, Timeline


@dataclass
class Seats:
    """After which bill a customer takes one seat more, when in that period, and with which bill it gives it up again."""

    up: int | None = None
    share: float = 0.0
    down: int | None = None


@dataclass
class Changes:
    """Draws what changes; `updates` are the states that subscriptions were left in, with the moment of each."""

    time: Timeline
    updates: list[tuple[float, dict[str, Any]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.rng = self.time.rng("subscription changes")

    def seats(self, plan: str, yearly: bool) -> Seats:
        """A quarter of those on the growth plan take a seat more, most of them not for good."""
        draw, after, share, kept, stay = (float(self.rng.uniform()) for _ in range(5))
        if plan != "growth" or yearly or draw > 0.25:
            return Seats()
        up = 1 + int(after * 4)
        return Seats(up, 0.25 + 0.5 * share, up + 2 + int(kept * 4) if stay < 0.7 else None)

    def half_price(self, plan: str, discount: int) -> bool:
        """Whether the first bill is at half price."""
        return bool(self.rng.uniform() < 0.08) and plan in ("starter", "growth") and not discount

    def pause(self, subscription: dict[str, Any], running: bool) -> None:
        """A few ask for a pause of two months, days before the story ends."""
        draw, days = self.rng.uniform(), float(self.rng.uniform(3, 25))
        if running and draw < 0.02:
            moment = DAYS - days
            resumes = self.time.epoch(moment + 60)
            subscription["pause_collection"] = {"behavior": "void", "resumes_at": resumes}
            self.updates.append((moment, deepcopy(subscription)))

    def coupon(self, identifier: str, start: int) -> dict[str, Any]:
        """Half of one bill."""
        coupon = {
            "id": "WELCOME50",
            "object": "coupon",
            "name": "Half of the first bill",
            "percent_off": 50,
            "amount_off": None,
            "currency": None,
            "duration": "once",
            "valid": True,
        }
        source = {"type": "coupon", "coupon": "WELCOME50"}
        return {"id": identifier, "object": "discount", "coupon": coupon, "source": source, "start": start, "end": None}


def left_of(period: datetime, until: datetime, share: float) -> tuple[datetime, float]:
    """The whole second at a share of a period, and the part of the period that is left from there."""
    moment = (period + (until - period) * share).replace(microsecond=0)
    return moment, (until - moment) / (until - period)
