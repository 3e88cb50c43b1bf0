"""Lago's customers, plans, coupons and subscriptions. Each subscription of Lago has one plan from its beginning to its end."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from data_sources.billing.parts import (
    CONSUMER_KEYS,
    ORGANIZATION_KEYS,
    PRICE,
    Item,
    currency,
    first_named,
    later,
    priced,
)
from data_sources.records import BillingCustomer, Discount, Price, Product, Subscription, SubscriptionItem
from data_sources.streams import Desk, Handed, Put, Unfit, moment, needed, objects, text, whole

INTERVALS = {
    "weekly": ("week", 1),
    "monthly": ("month", 1),
    "quarterly": ("month", 3),
    "semiannual": ("month", 6),
    "yearly": ("year", 1),
}
STATUS = {"active": "active", "terminated": "canceled", "canceled": "incomplete_expired", "pending": "future"}
PLANS = "plans by code"


def customer(item: Item, desk: Desk) -> Iterator[Handed]:
    """Whom Lago charges. `external_id` is the customer's id in the company's own systems."""
    metadata = {needed(one, "key"): text(one, "value") for one in objects(item, "metadata")}
    outside = text(item, "external_id")
    person = " ".join(part for part in (text(item, "firstname"), text(item, "lastname")) if part)
    kept = {**metadata, **({"external_id": outside} if outside else {})}
    yield Put(
        BillingCustomer,
        {
            "id": needed(item, "id"),
            "email": text(item, "email"),
            "name": text(item, "name") or text(item, "legal_name") or person or None,
            "consumer_ref": first_named(metadata, CONSUMER_KEYS),
            "organization_ref": first_named(metadata, ORGANIZATION_KEYS) or outside,
            "currency": currency(item),
            "country": text(item, "country"),
            "attributes": kept or None,
            "deleted": False,
            "created_at": moment(item, "created_at"),
        },
    )


def plan(item: Item, desk: Desk) -> Iterator[Handed]:
    """A plan is what is sold and its price in one. Subscriptions name it by its code."""
    identifier, code = needed(item, "id"), text(item, "code")
    interval, count = INTERVALS.get(text(item, "interval") or "", (None, None))
    days = item.get("trial_period") or 0
    if isinstance(days, bool) or not isinstance(days, int | float) or not 0 <= days < 10_000:
        raise Unfit(f"trial_period: expected days, got {str(days)[:60]!r}")
    desk.memory.setdefault(PLANS, {})[code] = (identifier, days)
    yield Put(
        Product,
        {
            "id": identifier,
            "name": text(item, "name"),
            "active": True,
            "attributes": {"code": code, "trial_days": days} if code else None,
            "created_at": moment(item, "created_at"),
        },
    )
    yield Put(
        Price,
        {
            **dict.fromkeys(PRICE),
            "id": identifier,
            "product_id": identifier,
            "nickname": text(item, "name"),
            "currency": currency(item, "amount_currency"),
            "unit_amount": whole(item, "amount_cents"),
            "interval": interval,
            "interval_count": count,
            "usage_type": "licensed",
            "billing_scheme": "per_unit",
            "tax_behavior": "exclusive",
            "active": True,
            "created_at": moment(item, "created_at"),
        },
    )


def applied_coupon(item: Item, desk: Desk) -> Iterator[Handed]:
    """A coupon as it was given to a customer, whose every subscription it lowers."""
    rate, frequency = text(item, "percentage_rate"), text(item, "frequency")
    starts, months = moment(item, "created_at"), whole(item, "frequency_duration")
    try:
        percent = None if rate is None else float(rate)
    except ValueError:
        raise Unfit(f"percentage_rate: expected a number, got {rate[:60]!r}") from None
    yield Put(
        Discount,
        {
            "id": needed(item, "id"),
            "coupon_id": text(item, "coupon_code"),
            "name": text(item, "coupon_name"),
            "percent_off": percent,
            "amount_off": whole(item, "amount_cents"),
            "currency": currency(item, "amount_currency"),
            "duration": {"once": "once", "recurring": "repeating", "forever": "forever"}.get(frequency or ""),
            "duration_months": months if frequency == "recurring" else None,
            "subscription_id": None,
            "started_at": starts,
            "ends_at": moment(item, "terminated_at"),
        },
    )
    desk.memory.setdefault("coupons of customers", {}).setdefault(text(item, "lago_customer_id"), []).append(
        (needed(item, "id"), starts, moment(item, "terminated_at"))
    )


def subscription(item: Item, desk: Desk) -> Iterator[Handed]:
    """A subscription and its only item: its plan, at the price that it was agreed for."""
    identifier, given = needed(item, "id"), text(item, "status") or ""
    code = text(item, "plan_code")
    plan_id, days = desk.memory.get(PLANS, {}).get(code, (None, 0))
    begun = moment(item, "started_at") or moment(item, "subscription_at")
    tried = moment(item, "trial_ended_at") or (begun + timedelta(days=days) if begun and days else None)
    if text(item, "previous_plan_code"):
        tried = moment(item, "trial_ended_at")
    starts = moment(item, "current_billing_period_started_at")
    ends = after(moment(item, "current_billing_period_ending_at"))
    money = currency(item, "plan_amount_currency") or desk.stored(Price, "currency").get(plan_id)
    ended = moment(item, "terminated_at") or (moment(item, "canceled_at") if given == "canceled" else None)
    price, own = _price(identifier, plan_id, code, item, money, starts, ends, desk)
    yield from own
    yield Put(
        Subscription,
        {
            "id": identifier,
            "customer_id": needed(item, "lago_customer_id"),
            "status": "trialing"
            if given == "active" and tried and tried > desk.now
            else STATUS.get(given, given or None),
            "currency": money,
            "started_at": begun,
            "trial_started_at": begun if tried else None,
            "trial_ends_at": tried,
            "current_period_started_at": starts,
            "current_period_ends_at": ends,
            "cancel_at_period_end": given == "active" and bool(item.get("ending_at") or item.get("next_plan_code")),
            "cancel_at": moment(item, "ending_at") if given == "active" else None,
            "canceled_at": moment(item, "canceled_at") or ended,
            "ended_at": ended,
            "pause": None,
            "discounts": None,
            "attributes": {"external_id": text(item, "external_id"), "name": text(item, "name")},
            "created_at": moment(item, "created_at"),
        },
    )
    yield Put(
        SubscriptionItem,
        {
            "id": identifier,
            "subscription_id": identifier,
            "price_id": price,
            "quantity": 1,
            "current_period_started_at": starts,
            "current_period_ends_at": ends,
            "created_at": moment(item, "created_at"),
        },
    )


def _price(
    identifier: str,
    plan_id: str | None,
    code: str | None,
    item: Item,
    money: str | None,
    starts: datetime | None,
    ends: datetime | None,
    desk: Desk,
) -> tuple[str | None, list[Put]]:
    """The plan's price, or one of its own where it was overridden or the plan is no longer listed."""
    interval, count = desk.stored(Price, "interval").get(plan_id), desk.stored(Price, "interval_count").get(plan_id)
    if plan_id is None and starts and ends:
        known = ((name, number) for name, number in INTERVALS.values() if _about(later(starts, name, number), ends))
        interval, count = next(known, (None, None))
    like: dict[str, Any] = {"nickname": code, "currency": money, "interval": interval, "interval_count": count}
    like |= {"product_id": plan_id, "usage_type": "licensed", "tax_behavior": "exclusive", "active": True}
    return priced(identifier, plan_id, whole(item, "plan_amount_cents"), None, desk, like)


def _about(one: datetime | None, other: datetime) -> bool:
    return one is not None and abs(one - other) <= timedelta(days=1)


def after(last: datetime | None) -> datetime | None:
    """The end of a period, exclusive: Lago writes its last second."""
    return last + timedelta(seconds=1) if last and last.second == 59 else last


def coupon_of(customer_id: str | None, at: datetime | None, desk: Desk) -> str | None:
    """The coupon that a customer had then; of several, nobody says which."""
    held = desk.memory.get("coupons of customers", {}).get(customer_id, ())
    day = timedelta(days=1)
    found = {
        one
        for one, starts, ends in held
        if at is None or ((starts is None or starts - day <= at) and (ends is None or at <= ends + day))
    }
    return found.pop() if len(found) == 1 else None
