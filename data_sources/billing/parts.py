"""What billers share: what a subscription was before, the price that one subscription has to itself, parts of a period, names.

No biller's own words are here: each passes rows in the columns of the record tables.
"""

import calendar
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from data_sources import cells
from data_sources.records import Discount, Price, Subscription, SubscriptionChange, SubscriptionItem
from data_sources.streams import LARGEST_INTEGER, Desk, Handed, Put, Unfit, text

Item = Mapping[str, Any]
CONSUMER_KEYS = ("consumer_id", "kong_consumer_id", "application_id", "app_id", "api_consumer_id", "custom_id")
ORGANIZATION_KEYS = ("organization_id", "org_id", "account_id", "organization", "company_id")
STATES = "states of subscriptions"
STATE = ("customer_id", "status", "currency", "trial_ends_at", "ended_at", "pause", "discounts")
TOLD = ("percent_off", "amount_off", "currency", "duration", "started_at", "ends_at")
SHORT = timedelta(hours=3)  # a change of the clocks makes no part of a period


def first_named(metadata: Item, names: tuple[str, ...]) -> str | None:
    """The first of these names that metadata has a value for, as text."""
    return next((str(metadata[name]) for name in names if metadata.get(name)), None)


def currency(item: Item, name: str = "currency") -> str | None:
    """A lower-case ISO 4217 code."""
    value = text(item, name)
    return value.lower() if value else None


def minor(item: Item, name: str, code: str | None) -> int | None:
    """An amount in whole units of its currency as minor units, from its digits: 49.99 usd is 4999. Half a minor unit goes up."""
    found = minor_decimal(item, name, code)
    if found is None:
        return None
    nearest = int(found.to_integral_value(ROUND_HALF_UP))
    if abs(nearest) > LARGEST_INTEGER:
        raise Unfit(f"{name}: too large for an amount")
    return nearest


def minor_decimal(item: Item, name: str, code: str | None) -> Decimal | None:
    """The same, not rounded: prices may be parts of a minor unit."""
    try:
        found = cells.decimal(item.get(name))
    except Unfit as error:
        raise Unfit(f"{name}: {error}") from None
    if found is None:
        return None
    if code is None:
        raise Unfit(f"{name}: an amount without a currency")
    if not found.is_finite():
        raise Unfit(f"{name}: expected a number, got {found}")
    return found.scaleb(cells.minor_digits(code))


def plainly(number: Decimal | None) -> str | None:
    """A number as its digits, without an exponent or zeros at its end."""
    if number is None:
        return None
    digits = f"{number:f}"
    return digits.rstrip("0").rstrip(".") if "." in digits else digits


def later(moment: datetime, interval: str | None, count: int | None) -> datetime | None:
    """When a period that begins then ends, the last day of a month where the day is missing; None without a known interval."""
    number = count or 1
    try:
        if interval in ("day", "week"):
            return moment + timedelta(days=number * (7 if interval == "week" else 1))
        months = {"month": 1, "quarter": 3, "year": 12}.get(interval or "", 0) * number
        if not months:
            return None
        year, month = divmod(moment.year * 12 + moment.month - 1 + months, 12)
        return moment.replace(year=year, month=month + 1, day=min(moment.day, calendar.monthrange(year, month + 1)[1]))
    except (ValueError, OverflowError):
        return None


def is_part(starts: datetime | None, ends: datetime | None, interval: str | None, count: int | None) -> bool | None:
    """Whether a bill's line covers less than one interval of its price; None where that cannot be told."""
    whole_end = later(starts, interval, count) if starts else None
    return None if whole_end is None or ends is None else ends < whole_end - SHORT


def priced(
    item_id: str, price_id: str | None, amount: int | None, exact: str | None, desk: Desk, like: Item
) -> tuple[str | None, list[Put]]:
    """The price of an item of a subscription: the listed one, or one of its own where it was agreed otherwise.

    `amount` and `exact` are what the subscription pays for a unit (null where it does not say); `like` has the columns that
    a price of its own takes over. Returns the id of the price, and the price where it is its own.
    """
    listed = desk.stored(Price, "unit_amount_decimal").get(price_id), desk.stored(Price, "unit_amount").get(price_id)
    tiered = desk.stored(Price, "billing_scheme").get(price_id) == "tiered"
    if (amount is None and exact is None) or tiered or (price_id and listed in ((exact, amount), (None, amount))):
        return price_id, []
    own = f"{item_id}@{exact or amount}"  # what was agreed before stays another price
    row = {"id": own, "unit_amount": amount, "unit_amount_decimal": exact, "billing_scheme": "per_unit"}
    return own, [Put(Price, {**dict.fromkeys(PRICE), **like, **row})]


PRICE = tuple(name for name in Price.model_fields if name not in ("source", "synced_at"))


# What a subscription was


def told(row: Item) -> dict[str, Any]:
    """A discount within a subscription: what it takes off, from when until when."""
    return {name: value.isoformat() if isinstance(value := row[name], datetime) else value for name in ("id", *TOLD)}


def known_discount(identifier: str, desk: Desk) -> dict[str, Any]:
    """A discount as it is stored, in the columns of `told`; one that is not known says nothing."""
    return {"id": identifier, **{name: desk.stored(Discount, name).get(identifier) for name in TOLD}}


def change(row: Item, items: Iterable[Item], cause: str, moment: datetime) -> dict[str, Any]:
    """The state of a subscription, of its row and those of its items, as a change of that moment; without an id."""
    return {
        "subscription_id": row["id"],
        "occurred_at": moment,
        "cause": cause,
        **{name: row.get(name) for name in STATE},
        "items": [{"item_id": one["id"], "price_id": one["price_id"], "quantity": one["quantity"]} for one in items],
    }


def digest(state: Item) -> str:
    """Tells two states apart; when and why they came about does not count."""
    content = {name: value for name, value in state.items() if name not in ("occurred_at", "cause")}
    content["items"] = sorted(content["items"], key=lambda item: item["item_id"])
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()[:12]


def stored_states(desk: Desk) -> dict[str, str]:
    """The digest of what each subscription is as it is stored."""
    if STATES not in desk.memory:
        items: dict[str, list[dict[str, Any]]] = {}
        prices, quantities = (desk.stored(SubscriptionItem, name) for name in ("price_id", "quantity"))
        for one, subscription_id in desk.stored(SubscriptionItem, "subscription_id").items():
            items.setdefault(subscription_id, []).append(
                {"item_id": one, "price_id": prices[one], "quantity": quantities[one]}
            )
        columns = {name: desk.stored(Subscription, name) for name in STATE}
        desk.memory[STATES] = {
            one: digest(
                {"subscription_id": one, "items": items.get(one, [])}
                | {name: values[one] for name, values in columns.items()}
            )
            for one in columns["status"]
        }
    return desk.memory[STATES]


def seen(row: Item, items: list[Item], moment: datetime | None, desk: Desk) -> Iterator[Handed]:
    """A dated change where a subscription differs from what is stored, or is paused when it is first read: no bill tells that.

    `moment` is when the biller says it was last changed.
    """
    before, now = stored_states(desk).get(row["id"]), change(row, items, "seen", moment or desk.now)
    if before != digest(now) if before else row["status"] == "paused":
        stored_states(desk)[row["id"]] = digest(now)
        yield Put(SubscriptionChange, {"id": f"{row['id']}-{now['occurred_at']:%Y%m%d%H%M%S}", **now})
