"""Calendar months and currencies, as the biller counts them."""

import calendar
from datetime import datetime

FX = {"usd": 1.0, "eur": 1.09, "jpy": 0.0066}
ZERO_DECIMAL = {"jpy"}


def add_months(moment: datetime, months: int) -> datetime:
    """The same day of the month some months later, or the last day where that month is shorter."""
    year, month = divmod(moment.year * 12 + moment.month - 1 + months, 12)
    day = min(moment.day, calendar.monthrange(year, month + 1)[1])
    return moment.replace(year=year, month=month + 1, day=day)


def from_cents(cents: float, currency: str) -> int:
    """An amount in cents of USD as a round amount in minor units of another currency."""
    if currency == "usd":
        return round(cents)
    units = cents / 100 / FX[currency]
    return round(units / 10) * 10 if currency in ZERO_DECIMAL else round(units * 100)


def to_cents(amount: int, currency: str) -> int:
    """Minor units of a currency in cents of USD, at the rate that the demo uses throughout."""
    return round(amount * FX[currency] * (100 if currency in ZERO_DECIMAL else 1))
