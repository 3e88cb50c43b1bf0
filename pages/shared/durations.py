"""How long something took, as people say it. Nothing here draws."""

from typing import Any

from pages.shared import words

HOUR, DAY = 60, 1440


def spoken(minutes: Any, *, business: bool = False) -> str:
    """Minutes for reading: 45 min, 3 h 20 min, 2.5 days. Business time stays in hours, as a working day has no fixed length."""
    if words.missing(minutes):
        return words.MISSING
    whole = round(float(minutes))
    if whole < 1.5 * HOUR:
        return f"{whole} min"
    if whole < 2 * DAY or (business and whole < 100 * HOUR):
        hours, rest = divmod(whole, HOUR)
        return f"{hours} h {rest} min" if rest else f"{hours} h"
    return f"{whole / HOUR:,.0f} h" if business else f"{whole / DAY:.1f} days"


def in_hours(minutes: Any) -> Any:
    """A column of minutes as hours, for a table."""
    return minutes.astype(float) / HOUR
