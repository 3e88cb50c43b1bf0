"""One cell of a sheet as a typed value: text, whole number, money, time, yes or no, list.

Every function takes what a CSV gives (text) or what Parquet gives (a typed value), returns None for an empty cell and raises
Unfit with the reason for one that cannot be understood. What is ambiguous (03/04/2026) is refused, never guessed.
"""

import json
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from data_sources.streams import LARGEST_INTEGER, Unfit

NOTHING = {"", "null", "none", "n/a", "#n/a", "-", "nan"}
LONGEST_NOTHING = max(map(len, NOTHING))
PLAIN_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
YES, NO = {"true", "yes", "y", "1", "t", "x"}, {"false", "no", "n", "0", "f"}
# As ISO 4217 has them, but for three that Stripe counts otherwise: hundredths of ISK and UGX, whole MGA.
ZERO_DECIMAL = set("bif clp djf gnf jpy kmf krw mga pyg rwf uyi vnd vuv xaf xof xpf".split())  # noqa: SIM905
THREE_DECIMAL = {"bhd", "iqd", "jod", "kwd", "lyd", "omr", "tnd"}
MICROS = 1_000_000
# What CRMs call the people around a sale, in our words; the first that somebody has is the one that counts.
ROLES = {
    "economic_buyer": r"economic|budget|(?<!technical_)decision_maker",
    "procurement": r"procurement|purchas",
    "legal": r"legal|compliance",
    "security": r"security|infosec|ciso",
    "evaluator": r"evaluator|technical|champion|influencer",
    "developer": r"developer|engineer|end_user",
    "support": r"support",
}

SALESFORCE_ID = re.compile(r"(?=.*[A-Za-z])00[136][0-9A-Za-z]{12}")
CHECK_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
DAY_AND_MONTH = re.compile(
    r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})(?:,?\s+(\d{1,2}):(\d{2})(?::(\d{2}))?(?:\s*([ap])\.?m\.?)?)?", re.IGNORECASE
)

Cell = Callable[[Any], Any]


def minor_digits(currency: str) -> int:
    """How many decimals the store keeps of a currency: 2, but 0 for yen and 3 for dinars."""
    currency = currency.lower()
    return 0 if currency in ZERO_DECIMAL else 3 if currency in THREE_DECIMAL else 2


def text(value: Any) -> str | None:
    """Text without the space around it."""
    if value is None:
        return None
    found = str(value).strip().replace("\0", "")
    return None if len(found) <= LONGEST_NOTHING and found.lower() in NOTHING else found


def code(value: Any) -> str | None:
    """A word from a list of words: "Key issued" and "key-issued" are key_issued."""
    found = text(value)
    return re.sub(r"[\s\-]+", "_", found.lower()) if found else None


def role(value: Any) -> str | None:
    """The role of a person around an account: "BUDGET_HOLDER;CHAMPION" and "Economic Buyer" are economic_buyer.

    Roles that say nothing about what somebody decides (sponsor, blocker, other) are None.
    """
    found = code(value) or ""
    return next((ours for ours, theirs in ROLES.items() if re.search(theirs, found)), None)


def crm_id(value: Any) -> str | None:
    """The id of a record in a CRM. Salesforce writes an account's, contact's or opportunity's in 15 characters, which differ
    by case, or in 18, which do not need to: it becomes 18."""
    found = text(value)
    if found is None or not SALESFORCE_ID.fullmatch(found):
        return found
    fives = (found[start : start + 5] for start in (0, 5, 10))
    return found + "".join(CHECK_LETTERS[sum(one.isupper() << bit for bit, one in enumerate(five))] for five in fives)


def one_crm_id(value: Any) -> str | None:
    """The only id in a cell that may list several; of several, nobody says which is meant."""
    found = {part.strip() for part in (text(value) or "").split(";")} - {""}
    return crm_id(found.pop()) if len(found) == 1 else None


def decimal(value: Any) -> Decimal | None:
    """A number as people write it: 1,234.50 · 1.234,50 · 1 234,50 · $1,234 · (12.00) · 5 % · 1.2e-05.

    A single comma before exactly three digits separates thousands, any other comma is a decimal one.
    """
    if isinstance(value, bool):
        raise Unfit(f"expected a number, got {value}")
    if isinstance(value, int | Decimal):
        return Decimal(value)
    if isinstance(value, float):
        return None if value != value else Decimal(repr(value))  # NaN is how Parquet writers say "empty"
    found = text(value)
    if found is None:
        return None
    if PLAIN_NUMBER.fullmatch(found):
        return Decimal(found)
    plain = re.sub(r"[\s\u00a0\u202f'’%$€£¥]|(?i:\b(usd|eur|gbp|jpy|chf)\b)", "", found)
    negative = plain.startswith("(") and plain.endswith(")")
    plain = plain.strip("()")
    if "," in plain and "." in plain:
        thousands = "," if plain.rindex(",") < plain.rindex(".") else "."
        plain = plain.replace(thousands, "").replace(",", ".")
    elif re.fullmatch(r"[+-]?\d{1,3}(,\d{3})+", plain):
        plain = plain.replace(",", "")
    elif plain.count(",") == 1:
        plain = plain.replace(",", ".")
    elif re.fullmatch(r"[+-]?\d{1,3}(\.\d{3}){2,}", plain):
        plain = plain.replace(".", "")
    if not re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", plain):
        raise Unfit(f"expected a number, got {found[:60]!r}")
    try:
        number = Decimal(plain)
    except InvalidOperation:
        raise Unfit(f"expected a number, got {found[:60]!r}") from None
    return -number if negative else number


def whole(value: Any) -> int | None:
    """A whole number."""
    number = decimal(value)
    if number is None:
        return None
    if number != number.to_integral_value() or abs(number) > LARGEST_INTEGER:
        raise Unfit(f"expected a whole number, got {str(value)[:60]!r}")
    return int(number)


def real(value: Any) -> float | None:
    """A number with decimals."""
    number = decimal(value)
    return None if number is None else float(number)


def money(value: Any, currency: str) -> int | None:
    """An amount in whole currency units as minor units: "1,234.50" usd is 123450, "500" jpy is 500.

    An amount with more decimals than its currency has is refused, because it may be one with a thousands dot.
    """
    number = decimal(value)
    if number is None:
        return None
    scaled = number.scaleb(minor_digits(currency))
    nearest = scaled.to_integral_value()
    if abs(scaled - nearest) > Decimal("0.0001" if isinstance(value, float) else 0):
        raise Unfit(f"{str(value)[:60]!r} has more decimals than {currency.upper()}")
    return int(nearest)


def micros(value: Any) -> int | None:
    """An amount in millionths of its currency, rounded half to even."""
    number = decimal(value)
    if number is None:
        return None
    scaled = (number * MICROS).to_integral_value()
    if abs(scaled) > LARGEST_INTEGER:
        raise Unfit(f"{str(value)[:60]!r} is too large for an amount")
    return int(scaled)


def moment(value: Any) -> datetime | None:
    """Naive UTC of an ISO 8601 date or time, year first; a time without a zone is UTC."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value.replace(tzinfo=None)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)
    found = text(value)
    if found is None:
        return None
    try:
        parsed = datetime.fromisoformat(found)
    except ValueError:
        parsed = _spelled_otherwise(found)
    return parsed.astimezone(UTC).replace(tzinfo=None) if parsed.tzinfo else parsed


def _spelled_otherwise(found: str) -> datetime:
    """A time with slashes or dots in its date, UTC as a word, or more digits than microseconds."""
    spelled = re.sub(r"^(\d{4})[/.](\d{1,2})[/.](\d{1,2})", lambda m: f"{m[1]}-{m[2]:>02}-{m[3]:>02}", found)
    spelled = re.sub(r"\s*(UTC|GMT)$", "Z", spelled)
    spelled = re.sub(r"(\.\d{6})\d+", r"\1", spelled)
    try:
        return datetime.fromisoformat(spelled)
    except ValueError:
        raise Unfit(
            f"expected a date such as 2026-01-31 or 2026-01-31T08:00:00Z, got {spelled[:60]!r}"
            + ('; if days or months come first, add dates = "day first" or "month first" to the source')
            * bool(DAY_AND_MONTH.fullmatch(found))
        ) from None


def moment_with(order: str) -> Cell:
    """A `moment` that also reads 31/01/2026 8:05 ("day first") or 1/31/2026, 8:05 AM ("month first")."""
    if order == "year first":
        return moment

    def cell(value: Any) -> datetime | None:
        parts = DAY_AND_MONTH.fullmatch(text(value) or "") if isinstance(value, str) else None
        if parts is None:
            return moment(value)
        day, month = (parts[1], parts[2]) if order == "day first" else (parts[2], parts[1])
        hour, half = int(parts[4] or 0), (parts[7] or "").lower()
        try:
            if half and not 1 <= hour <= 12:
                raise ValueError
            hour = hour % 12 + 12 * (half == "p") if half else hour
            return datetime(int(parts[3]), int(month), int(day), hour, int(parts[5] or 0), int(parts[6] or 0))
        except ValueError:
            raise Unfit(f"expected a date with the {order}, got {value[:60]!r}") from None

    return cell


def flag(value: Any) -> bool | None:
    """Yes or no."""
    if isinstance(value, bool):
        return value
    found = text(value)
    if found is None:
        return None
    if found.lower() in YES:
        return True
    if found.lower() in NO:
        return False
    raise Unfit(f"expected yes or no, got {found[:60]!r}")


def texts(value: Any) -> list[str] | None:
    """A list of texts: JSON, or separated by ; | or commas."""
    if isinstance(value, list | tuple):
        return [str(one) for one in value if one is not None] or None
    found = text(value)
    if found is None:
        return None
    if found.startswith("["):
        return [str(one) for one in _json(found, list)] or None
    return [part.strip() for part in re.split(r"[;|,]", found) if part.strip()] or None


def mapping(value: Any) -> dict[str, Any] | None:
    """A mapping: JSON, or Parquet's map."""
    if isinstance(value, dict):
        return value or None
    if isinstance(value, list) and all(isinstance(pair, tuple) and len(pair) == 2 for pair in value):
        return {str(key): held for key, held in value} or None
    found = text(value)
    return _json(found, dict) or None if found else None


def mappings(value: Any) -> list[dict[str, Any]] | None:
    """A list of mappings, as JSON."""
    if isinstance(value, list):
        return [dict(one) for one in value] or None
    found = text(value)
    if found is None:
        return None
    held = _json(found, list)
    if not all(isinstance(one, dict) for one in held):
        raise Unfit("expected a JSON list of objects")
    return held or None


def _json(found: str, kind: type) -> Any:
    try:
        held = json.loads(found)
    except ValueError:
        raise Unfit(f"expected JSON, got {found[:60]!r}") from None
    if not isinstance(held, kind):
        raise Unfit(f"expected a JSON {'list' if kind is list else 'object'}, got {found[:60]!r}")
    return held
