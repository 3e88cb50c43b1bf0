"""Chargebee's subscriptions in both catalogs, and what events say that they were.

`in_trial` is trialing, `non_renewing` is active until its end, `future` has not begun; `cancelled` ended at `cancelled_at`,
which for one that does not renew lies ahead. The item of the plan keeps one id whatever the plan is, so that another plan follows
the one before it.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from data_sources.billing.parts import Item, change, currency, known_discount, priced, seen, told
from data_sources.records import Price, Subscription, SubscriptionChange, SubscriptionItem
from data_sources.streams import Desk, Handed, Only, Put, epoch, mapping, needed, objects, text, whole

STATUS = {
    "in_trial": "trialing",
    "active": "active",
    "non_renewing": "active",
    "paused": "paused",
    "cancelled": "canceled",
    "transferred": "canceled",
}
KINDS = (
    "created activated changed cancelled reactivated renewed paused resumed deleted cancellation_scheduled "
    "scheduled_cancellation_removed started items_renewed trial_extended"
)
EVENTS = "[" + ",".join(f'"subscription_{kind}"' for kind in KINDS.split()) + "]"


def last_second(starts: datetime | None, ends: datetime | None) -> datetime | None:
    """The end of a term, exclusive: one that is a second short of whole minutes is its last second."""
    if starts is None or ends is None:
        return ends
    return ends + timedelta(seconds=1) if (ends - starts).total_seconds() % 60 == 59 else ends


def item_of(subscription: str, kind: str | None, price: str | None) -> str:
    """The id of an item: the plan's is always the same, that of an addon is the addon's."""
    return f"{subscription}:plan" if (kind or "plan").startswith("plan") else f"{subscription}:{price}"


def listed(found: Item, desk: Desk) -> Iterator[Handed]:
    """A subscription as it is now, with its items, and since when it was seen to differ from what is stored."""
    row, items, own = _rows(found, desk)
    yield from own
    since = epoch(found, "pause_date") if row["pause"] else None
    yield from seen(row, items, since or _changed(found), desk)
    yield Put(Subscription, row)
    for one in items:
        yield Put(SubscriptionItem, one)
    yield Only(SubscriptionItem, "subscription_id", row["id"], frozenset(one["id"] for one in items))


def history(event: Item, desk: Desk) -> Iterator[Handed]:
    """What an event says that a subscription was from that moment on."""
    found = mapping(mapping(event, "content"), "subscription")
    moment = _changed(found) or epoch(event, "occurred_at")
    if not found or moment is None:
        return
    row, items, own = _rows(found, desk)
    yield from own
    cause = (text(event, "event_type") or "").removeprefix("subscription_")
    yield Put(SubscriptionChange, {"id": needed(event, "id"), **change(row, items, cause, moment)})


def _changed(found: Item) -> datetime | None:
    return epoch(found, "resource_version") or epoch(found, "updated_at")


def _rows(found: Item, desk: Desk) -> tuple[dict[str, Any], list[dict[str, Any]], list[Put]]:
    """The rows of a subscription and its items, and the prices that it has to itself."""
    identifier, given = needed(found, "id"), text(found, "status") or ""
    starts = epoch(found, "current_term_start")
    ends = last_second(starts, epoch(found, "current_term_end"))
    gone = found.get("deleted") is True
    status = "canceled" if gone else STATUS.get(given, given or None)
    cancelled = epoch(found, "cancelled_at")
    ended = (cancelled or epoch(found, "updated_at")) if status == "canceled" else None
    code = currency(found, "currency_code") or desk.currency
    coupons = {needed(one, "coupon_id"): epoch(one, "apply_till") for one in objects(found, "coupons")}
    row = {
        "id": identifier,
        "customer_id": text(found, "customer_id"),
        "status": status,
        "currency": code,
        "started_at": epoch(found, "started_at") or epoch(found, "start_date") or epoch(found, "created_at"),
        "trial_started_at": epoch(found, "trial_start"),
        "trial_ends_at": last_second(epoch(found, "trial_start"), epoch(found, "trial_end")),
        "current_period_started_at": starts,
        "current_period_ends_at": ends,
        "cancel_at_period_end": given == "non_renewing",
        "cancel_at": cancelled if given == "non_renewing" else None,
        "canceled_at": epoch(found, "cancel_schedule_created_at") or ended,
        "ended_at": ended,
        "pause": _pause(found) if status == "paused" else None,
        "discounts": [told(known_discount(one, desk) | {"ends_at": coupons[one]}) for one in sorted(coupons)] or None,
        "attributes": _kept(found),
        "created_at": epoch(found, "created_at"),
    }
    items: list[dict[str, Any]] = []
    own: list[Put] = []
    for kind, price_id, one, amount in _parts(found):
        item_id = item_of(identifier, kind, price_id)
        price, more = priced(item_id, price_id, amount, None, desk, _like(price_id, code, found, desk))
        own += more
        items.append(
            {
                "id": item_id,
                "subscription_id": identifier,
                "price_id": price,
                "quantity": one,
                "current_period_started_at": starts,
                "current_period_ends_at": ends,
                "created_at": row["created_at"],
            }
        )
    return row, items, own


def _parts(found: Item) -> Iterator[tuple[str, str, int | None, int | None]]:
    """(kind, price, quantity, unit amount) of all that is charged again and again, in either catalog. What is free is taken off."""
    for one in objects(found, "subscription_items"):
        kind = text(one, "item_type") or "plan"
        if kind != "charge":
            yield kind, needed(one, "item_price_id"), _charged(one), whole(one, "unit_price")
    if found.get("plan_id"):
        free = whole(found, "plan_free_quantity") or 0
        quantity = whole(found, "plan_quantity")
        yield (
            "plan",
            needed(found, "plan_id"),
            max((1 if quantity is None else quantity) - free, 0),
            whole(found, "plan_unit_price"),
        )
        for one in objects(found, "addons"):
            yield "addon", needed(one, "id"), whole(one, "quantity"), whole(one, "unit_price")


def _charged(one: Item) -> int | None:
    quantity, free = whole(one, "quantity"), whole(one, "free_quantity") or 0
    return max((1 if quantity is None else quantity) - free, 0) if text(one, "metered_quantity") is None else None


def _like(price_id: str, code: str, found: Item, desk: Desk) -> dict[str, Any]:
    """What a price that one subscription has to itself shares with the listed one; its interval is the subscription's."""
    known = {
        name: desk.stored(Price, name).get(price_id)
        for name in ("product_id", "nickname", "usage_type", "tax_behavior")
    }
    interval, count = text(found, "billing_period_unit"), whole(found, "billing_period")
    return {**known, "currency": code, "interval": interval, "interval_count": count, "active": True}


def _pause(found: Item) -> dict[str, Any]:
    """From when to when it is paused; `resumes_at` is epoch seconds as Stripe has it."""
    return {"paused_at": whole(found, "pause_date"), "resumes_at": whole(found, "resume_date")}


def _kept(found: Item) -> dict[str, Any] | None:
    """Chargebee's own monthly figure, to compare with ours, and what the site keeps in addition."""
    more = {key: value for key, value in found.items() if key.startswith("cf_") and value is not None}
    metadata = found.get("meta_data")
    kept = {"mrr": whole(found, "mrr"), **(metadata if isinstance(metadata, dict) else {}), **more}
    return {key: value for key, value in kept.items() if value is not None} or None
