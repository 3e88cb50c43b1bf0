"""How numbers, money, times and the field's own names are written on a page. Nothing here draws."""

import re
from datetime import datetime
from typing import Any

from data_sources import cells
from sql.wording import MISSING as MISSING
from sql.wording import STAGE_AT as STAGE_AT
from sql.wording import SYMBOLS as SYMBOLS
from sql.wording import THIN as THIN
from sql.wording import TIERS as TIERS
from sql.wording import count as count
from sql.wording import day as day
from sql.wording import listed as listed
from sql.wording import missing as missing
from sql.wording import money as money
from sql.wording import plural as plural
from sql.wording import share as share
from sql.wording import stage as stage
from sql.wording import stage_at as stage_at

JOINER = "\u2060"


def major(minor: Any, currency: str) -> float | None:
    """An amount in the minor units of its currency as whole units."""
    return None if missing(minor) else float(minor) / 10 ** cells.minor_digits(currency)


def minor(amount: float, currency: str) -> int:
    """An amount that was typed in, in the minor units of its currency."""
    return round(amount * 10 ** cells.minor_digits(currency))


def change(now: Any, before: Any) -> float | None:
    """The relative change, by the size of what was before; None where there is no before to compare with."""
    if missing(now) or missing(before) or not float(before):
        return None
    return (float(now) - float(before)) / abs(float(before))


def arrow(relative: float | None) -> str:
    """▲ 8 %, ▼ 4 %, or no change; empty where there is nothing to compare with."""
    if relative is None:
        return ""
    if abs(relative) < 0.005:
        return "no change"
    size = f"{abs(relative) * 100:,.0f}{THIN}%" if abs(relative) < 10 else "more than 10×"
    return f"{'▲' if relative > 0 else '▼'}{THIN}{size}"


def reason(name: Any) -> str:
    """The name of a reason where its own label is not at hand: Waiting legal."""
    return MISSING if missing(name) or not name else str(name).replace("_", " ").capitalize()


def moment(value: Any) -> str:
    """23 Nov 2026 06:00 UTC."""
    if missing(value):
        return MISSING
    return datetime.fromisoformat(str(value)).strftime("%-d %b %Y %H:%M UTC")


def ago(hours: float) -> str:
    """How long something is ago: 40 minutes, 5 hours, 3 days."""
    if hours < 1.5:
        return plural(max(1, round(hours * 60)), "minute")
    return plural(round(hours), "hour") if hours < 48 else plural(round(hours / 24), "day")


def plain(text: Any) -> str:
    """Text from the data, safe inside Markdown: nothing in it formats, links or becomes an image."""
    if missing(text):
        return MISSING
    escaped = "".join(f"\\{c}" if c in r"\`*_{}[]<>()#+!|~$:&" else c for c in " ".join(str(text).split()))
    # addresses become links after escapes are resolved: only a character of no width inside them prevents that
    unlinked = re.sub(r"(?i)(\\:/+|www(?=\.)|@)", f"\\1{JOINER}", escaped)
    return re.sub(r"^(\d*)([-.])", r"\1\\\2", unlinked)
