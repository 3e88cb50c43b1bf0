"""Recurly's accounts and subscriptions with their add-ons.

A subscription that is `canceled` runs until its period ends; one that is `expired` is over since `expires_at`. Recurly keeps no
history of them: bills say what they were, and a subscription that differs from what is stored says since when.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from data_sources.billing.parts import (
    CONSUMER_KEYS,
    ORGANIZATION_KEYS,
    Item,
    currency,
    first_named,
    known_discount,
    minor_decimal,
    plainly,
    priced,
    seen,
    told,
)
from data_sources.billing.recurly.catalog import price_of
from data_sources.records import BillingCustomer, Price, Subscription, SubscriptionItem
from data_sources.streams import Desk, Handed, Only, Patch, Put, mapping, moment, needed, objects, text, whole

STATUS = {
    "active": "active",
    "canceled": "active",
    "in_trial": "trialing",
    "past_due": "past_due",
    "paused": "paused",
    "expired": "canceled",
    "failed": "incomplete_expired",
}


def account(item: Item, desk: Desk) -> Iterator[Handed]:
    """Whom Recurly charges. Of a closed account, which may have been redacted since, what was known stays."""
    identifier, closed = needed(item, "id"), bool(item.get("deleted_at")) or text(item, "state") == "inactive"
    fields = {needed(one, "name"): text(one, "value") for one in objects(item, "custom_fields")}
    code = text(item, "code")
    if closed and identifier in desk.stored(BillingCustomer, "deleted"):
        yield Patch(BillingCustomer, identifier, {"deleted": True})
        return
    person = " ".join(part for part in (text(item, "first_name"), text(item, "last_name")) if part)
    yield Put(
        BillingCustomer,
        {
            "id": identifier,
            "email": text(item, "email"),
            "name": text(item, "company") or person or None,
            "consumer_ref": first_named(fields, CONSUMER_KEYS),
            "organization_ref": first_named(fields, ORGANIZATION_KEYS) or code,
            "currency": None,
            "country": text(mapping(item, "address"), "country"),
            "attributes": {**fields, "code": code} if code else fields or None,
            "deleted": closed,
            "created_at": moment(item, "created_at"),
        },
    )


def item_of(subscription: str, add_on: str | None) -> str:
    """The id of an item: the plan's is always the same, that of an add-on is the add-on's."""
    return f"{subscription}:{add_on or 'plan'}"


def listed(item: Item, desk: Desk) -> Iterator[Handed]:
    """A subscription as it is now, with its items, and since when it was seen to differ from what is stored."""
    identifier, code, given = needed(item, "id"), currency(item), text(item, "state") or ""
    starts, ends = moment(item, "current_period_started_at"), moment(item, "current_period_ends_at")
    leaving = moment(item, "current_term_ends_at") or ends
    found = {
        needed(mapping(one, "coupon"), "id"): moment(one, "removed_at") for one in objects(item, "coupon_redemptions")
    }
    tried = moment(item, "trial_ends_at")
    in_trial = given in ("active", "canceled") and tried is not None and tried > desk.now
    row = {
        "id": identifier,
        "customer_id": text(mapping(item, "account"), "id"),
        "status": "trialing" if in_trial else STATUS.get(given, given or None),
        "currency": code,
        "started_at": moment(item, "activated_at") or moment(item, "created_at"),
        "trial_started_at": moment(item, "trial_started_at"),
        "trial_ends_at": tried,
        "current_period_started_at": starts,
        "current_period_ends_at": ends,
        "cancel_at_period_end": given == "canceled",
        "cancel_at": (moment(item, "expires_at") or leaving) if given == "canceled" else None,
        "canceled_at": moment(item, "canceled_at"),
        "ended_at": moment(item, "expires_at") if given in ("expired", "failed") else None,
        "pause": {"paused_at": item.get("paused_at"), "resumes_at": None} if given == "paused" else None,
        "discounts": [told(known_discount(one, desk) | {"ends_at": found[one]}) for one in sorted(found)] or None,
        "attributes": {one["name"]: one.get("value") for one in objects(item, "custom_fields") if one.get("name")}
        or None,
        "created_at": moment(item, "created_at"),
    }
    items: list[dict[str, Any]] = []
    own: list[Put] = []
    for add_on, product, part in _parts(item):
        price, more = _price(item_of(identifier, add_on), product, part, code, item, desk)
        own += more
        items.append(_item(item_of(identifier, add_on), identifier, price, part, starts, ends, row["created_at"]))
    yield from own
    since = moment(item, "paused_at") if row["pause"] else None
    yield from seen(row, items, since or moment(item, "updated_at"), desk)
    yield Put(Subscription, row)
    for one in items:
        yield Put(SubscriptionItem, one)
    yield Only(SubscriptionItem, "subscription_id", identifier, frozenset(one["id"] for one in items))


def _parts(item: Item) -> Iterator[tuple[str | None, str | None, Item]]:
    """(add-on, product, what is charged) of the plan and of every add-on that is still in force."""
    yield None, text(mapping(item, "plan"), "id"), item
    for one in objects(item, "add_ons"):
        if not one.get("expired_at"):
            product = needed(mapping(one, "add_on"), "id")
            yield product, product, one


def _item(
    identifier: str,
    subscription: str,
    price: str | None,
    part: Item,
    starts: datetime | None,
    ends: datetime | None,
    born: datetime | None,
) -> dict[str, Any]:
    return {
        "id": identifier,
        "subscription_id": subscription,
        "price_id": price,
        "quantity": whole(part, "quantity"),
        "current_period_started_at": starts,
        "current_period_ends_at": ends,
        "created_at": born,
    }


def _price(
    item_id: str, product: str | None, part: Item, code: str | None, whole_: Item, desk: Desk
) -> tuple[str | None, list[Put]]:
    listed_id = price_of(product, code)
    exact = minor_decimal(part, "unit_amount_decimal", code) or minor_decimal(part, "unit_amount", code)
    amount = int(exact) if exact is not None and exact == exact.to_integral_value() else None
    names = ("product_id", "nickname", "interval", "interval_count", "usage_type", "tax_behavior")
    like = {name: desk.stored(Price, name).get(listed_id) for name in names}
    if (inclusive := whole_.get("tax_inclusive")) is not None:
        like["tax_behavior"] = "inclusive" if inclusive else "exclusive"
    # its own price belongs to no product, whose listed prices alone are kept
    like |= {"currency": code, "active": True, "product_id": None}
    return priced(item_id, listed_id, amount, None if amount is not None else plainly(exact), desk, like)
