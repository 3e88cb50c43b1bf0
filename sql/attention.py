"""What changed and matters, in sentences: the same words on the Tier board, in the digest by e-mail and in the chat."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sql.wording import TIERS, count, day, missing, money, plural, share, stage_at

KEY = ("kind", "tier", "account_id", "stage")


@dataclass(frozen=True)
class Change:
    """One row of the metric `attention` in words. Nothing in them is escaped.

    `what` says whose it is and what was seen, `usual` the normal range, `worth` its money; `page` (a page's address) and
    `params` lead to it. `key` is the same as long as it goes on in one direction.
    """

    key: str
    what: str
    usual: str
    worth: str
    since: date
    page: str
    params: dict[str, str]


def change(row: Mapping[str, Any], currency: str) -> Change:
    """The words of one row; `currency` is the reporting currency."""
    account, tier = row["account_id"], TIERS.get(row["tier"], "")
    who = str(row["name"] or account) if not missing(account) else tier
    page, params = _where(row)
    return Change(
        key="|".join([*("" if missing(row[name]) else str(row[name]) for name in KEY), _direction(row)]),
        what=f"{who}: {_seen(row, currency)}",
        usual=_usual(row, currency),
        worth=_worth(row, currency),
        since=row["since"],
        page=page,
        params=params,
    )


def _direction(row: Mapping[str, Any]) -> str:
    if row["kind"] == "enterprise_waits":  # it only ever grows, past what is usual too
        return ""
    off = row["value"] - (0 if missing(row["expected"]) else row["expected"])
    return "up" if off > 0 else "down"


def _when(row: Mapping[str, Any]) -> str:
    return f"on {day(row['day'])}" if row["span_days"] == 1 else f"in {row['span_days']} days up to {day(row['day'])}"


def _seen(row: Mapping[str, Any], currency: str) -> str:
    value, when = row["value"], _when(row)
    kind = str(row["kind"]).removeprefix("tier_")
    if kind in ("server_errors", "client_errors"):
        status = "5xx, our errors" if kind == "server_errors" else "4xx"
        return f"{count(value)} of {plural(row['of'], 'call')} ended with {status}, {when}"
    if kind == "conversion":
        return f"{count(value)} of {count(row['of'])} at {stage_at(row['stage'])} moved on within 7 days, of those whose week ended {when}"
    if kind == "contribution":
        return f"the contribution of 31 days turned to {money(value, currency, sign=True)} on {day(row['day'])}"
    if kind == "enterprise_waits":
        return f"waits for {plural(value, 'day')} at {stage_at(row['stage'])}"
    if kind == "outgrowing":
        return f"{plural(value, 'account-day')} on which a free account was refused by its limit, {when}"
    return f"{plural(value, 'call')} {when}" if kind == "calls" else f"{plural(value, 'sign-up')} {when}"


def _usual(row: Mapping[str, Any], currency: str) -> str:
    if row["kind"] == "contribution":
        return f"in the ninety days before it was {money(row['low'], currency, sign=True)} to {money(row['high'], currency, sign=True)}"
    if row["kind"] == "enterprise_waits":
        if missing(row["expected"]):
            return "too few such steps have ended to say what is usual"
        return f"half of such steps took {plural(row['expected'], 'day')} or less, three of four {plural(row['high'], 'day')}"
    parts = "" if missing(row["of"]) or not row["of"] else f", {share(row['expected'] / row['of'], 1)}"
    return f"usual are {count(round(row['expected']))}{parts} (99 of 100 times {count(row['low'])} to {count(row['high'])})"


def _worth(row: Mapping[str, Any], currency: str) -> str:
    if missing(row["money"]):
        return "what it is worth is not known"
    return f"{money(row['money'], currency)}, {row['money_is']}"


def _where(row: Mapping[str, Any]) -> tuple[str, dict[str, str]]:
    if not missing(row["account_id"]):
        return "account", {"account": str(row["account_id"])}
    pages = {"conversion": "funnel", "sign_ups": "developers", "contribution": "contribution", "outgrowing": "demand"}
    page = pages.get(row["kind"], "directory")
    return page, {"tier": str(row["tier"])}
