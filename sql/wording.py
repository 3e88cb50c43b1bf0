"""How numbers, money, days and the field's own names are written, on pages and in messages alike."""

import math
from datetime import date
from typing import Any

MISSING = "—"
TIERS = {"internal": "Internal", "partner": "Partner", "open": "Open", "public": "Public"}
STAGE_AT = {
    "discovered": "discovery",
    "signed_up": "sign-up",
    "agreement": "the agreement",
    "credential_issued": "an issued key",
    "first_call": "first call",
    "first_success": "first success",
    "integrated": "integration",
    "certified": "certification",
    "in_production": "production",
    "commercial_contact": "commercial contact",
    "procurement": "procurement",
    "contracted": "contract",
    "paying": "paying",
    "revenue_share": "revenue share",
    "expanded": "expansion",
}
SYMBOLS = {"usd": "$", "eur": "€", "gbp": "£", "jpy": "¥", "chf": "CHF ", "cad": "C$", "aud": "A$"}
THIN = "\u202f"


def missing(value: Any) -> bool:
    """Whether a cell of a result holds nothing: None, NaN, NaT or pandas' NA, which says neither yes nor no when compared."""
    return value is None or str(value) in ("NaT", "<NA>") or value != value


def money(value: Any, currency: str = "usd", *, sign: bool = False, exact: bool = False) -> str:
    """Money for reading: $184k, −$1.2m, +$88k with `sign`, $1,234.56 with `exact`; — where there is none."""
    if missing(value):
        return MISSING
    amount = float(value)
    symbol = SYMBOLS.get(currency.lower(), f"{currency.upper()} ")
    body = f"{abs(amount):,.2f}" if exact else _short(abs(amount))
    if body in ("0", "0.00"):
        return f"{symbol}{body}"
    return f"{_sign(amount, sign)}{symbol}{body}"


def _short(amount: float) -> str:
    """Three digits that matter: 0.42, 3.10, 31.5, 184, 1.84k, 184k, 1.84m."""
    if amount < 0.005:
        return "0"
    if amount < 10:
        return f"{amount:.2f}"
    if amount < 999.5:
        return f"{amount:.0f}"
    for limit, unit in ((999.5e3, "k"), (999.5e6, "m"), (math.inf, "bn")):
        if amount < limit:
            scaled = amount / {"k": 1e3, "m": 1e6, "bn": 1e9}[unit]
            return f"{scaled:.1f}".removesuffix(".0") + unit if scaled < 99.95 else f"{scaled:.0f}{unit}"
    return f"{amount:.0f}"


def _sign(amount: float, plus: bool) -> str:
    return "−" if amount < 0 else "+" if plus and amount > 0 else ""


def count(value: Any) -> str:
    """A whole number: 2,304 up to a hundred thousand, 1.48m above."""
    if missing(value):
        return MISSING
    return f"{int(value):,}" if abs(value) < 100_000 else _short(abs(float(value)))


def share(value: Any, digits: int = 0) -> str:
    """A part of one as a percentage: 97.4 %."""
    return MISSING if missing(value) else f"{_sign(float(value), False)}{abs(float(value)) * 100:.{digits}f}{THIN}%"


def plural(value: Any, one: str, many: str | None = None) -> str:
    """1 team, 6 teams."""
    return f"{count(value)} {one if not missing(value) and int(value) == 1 else many or one + 's'}"


def listed(parts: list[str]) -> str:
    """One sentence's list: calls, developers and revenue."""
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def stage(name: Any) -> str:
    """The name of a stage as people say it: First success."""
    return MISSING if missing(name) or not name else str(name).replace("_", " ").capitalize()


def stage_at(name: Any) -> str:
    """The stage after 'before' or 'at': certification, first success."""
    return STAGE_AT.get(name, str(name).replace("_", " "))


def day(value: Any) -> str:
    """23 Nov 2026."""
    return MISSING if missing(value) else date.fromisoformat(str(value)[:10]).strftime("%-d %b %Y")
