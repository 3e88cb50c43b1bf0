"""Stripe's subscriptions, what they were before, and the discounts that they and bills carry."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from data_sources.billing.parts import TOLD, Item, change, currency, digest, stored_states, told
from data_sources.billing.stripe.parts import all_of
from data_sources.failures import Forbidden, NotFound, Refused
from data_sources.records import Discount, Subscription, SubscriptionChange, SubscriptionItem
from data_sources.streams import Desk, Handed, Only, Put, Unfit, epoch, flag, mapping, needed, objects, ref, text, whole

COUPONS, DISCOUNTS = "coupons", "discounts"


def subscription(item: Item, desk: Desk) -> Iterator[Handed]:
    """A subscription and all its items. Its period is its own (before 2025-03-31) or spans those of its items (after)."""
    identifier = needed(item, "id")
    rows = [_item(one, identifier, item) for one in _all_items(item, desk)]
    found, news = _discounts_of(item, desk)
    starts = [row["current_period_started_at"] for row in rows if row["current_period_started_at"]]
    ends = [row["current_period_ends_at"] for row in rows if row["current_period_ends_at"]]
    fields = {
        "id": identifier,
        "customer_id": ref(item, "customer"),
        "status": text(item, "status"),
        "currency": currency(item),
        "started_at": epoch(item, "start_date"),
        "trial_started_at": epoch(item, "trial_start"),
        "trial_ends_at": epoch(item, "trial_end"),
        "current_period_started_at": epoch(item, "current_period_start") or min(starts, default=None),
        "current_period_ends_at": epoch(item, "current_period_end") or max(ends, default=None),
        "cancel_at_period_end": flag(item, "cancel_at_period_end"),
        "cancel_at": epoch(item, "cancel_at"),
        "canceled_at": epoch(item, "canceled_at"),
        "ended_at": epoch(item, "ended_at"),
        "pause": mapping(item, "pause_collection") or None,
        "discounts": [told(one) for one in found] or None,
        "attributes": mapping(item, "metadata") or None,
        "created_at": epoch(item, "created"),
    }
    yield Put(Subscription, fields)
    for row in rows:
        yield Put(SubscriptionItem, row)
    yield Only(SubscriptionItem, "subscription_id", identifier, frozenset(row["id"] for row in rows))
    for row in news:
        yield Put(Discount, row)


def listed(item: Item, desk: Desk) -> Iterator[Handed]:
    """The same of a list, and since when it was seen to differ from what is stored: no event may have told."""
    identifier = needed(item, "id")
    before = stored_states(desk).get(identifier)
    yield from subscription(item, desk)
    rows = [_item(one, identifier, item) for one in _all_items(item, desk)]
    now = _change(item, rows, _discounts_of(item, desk)[0], "seen", desk.now)
    if before and before != digest(now):
        yield Put(SubscriptionChange, {"id": f"{identifier}-{desk.now:%Y%m%d%H%M%S}", **now})


def history(event: Item, desk: Desk) -> Iterator[Handed]:
    """What an event says that a subscription was from that moment on."""
    item, moment = mapping(mapping(event, "data"), "object"), epoch(event, "created")
    if item.get("object") != "subscription" or moment is None:
        return
    rows = [_item(one, needed(item, "id"), item) for one in _all_items(item, desk)]
    found, news = _discounts_of(item, desk)
    for row in news:
        yield Put(Discount, row)
    cause = (text(event, "type") or "").removeprefix("customer.subscription.")
    yield Put(SubscriptionChange, {"id": needed(event, "id"), **_change(item, rows, found, cause, moment)})


def _all_items(item: Item, desk: Desk) -> list[Item]:
    """Every item of a subscription; where Stripe sent only the first ones, the rest is asked for."""
    return all_of(item, "items", "v1/subscription_items", {"subscription": needed(item, "id")}, desk)


def discounts(item: Item, desk: Desk) -> Iterator[Handed]:
    """The discounts of a subscription or a bill that were not known."""
    for row in _discounts_of(item, desk)[1]:
        yield Put(Discount, row)


def _item(item: Item, subscription_id: str, parent: Item) -> dict[str, Any]:
    return {
        "id": needed(item, "id"),
        "subscription_id": subscription_id,
        "price_id": ref(item, "price") or ref(item, "plan"),
        "quantity": whole(item, "quantity"),
        "current_period_started_at": epoch(item, "current_period_start") or epoch(parent, "current_period_start"),
        "current_period_ends_at": epoch(item, "current_period_end") or epoch(parent, "current_period_end"),
        "created_at": epoch(item, "created"),
    }


def _change(
    item: Item, rows: list[dict[str, Any]], found: list[dict[str, Any]], cause: str, moment: datetime
) -> dict[str, Any]:
    row = {
        "id": needed(item, "id"),
        "customer_id": ref(item, "customer"),
        "status": text(item, "status"),
        "currency": currency(item),
        "trial_ends_at": epoch(item, "trial_end"),
        "ended_at": epoch(item, "ended_at"),
        "pause": mapping(item, "pause_collection") or None,
        "discounts": [told(one) for one in found] or None,
    }
    return change(row, rows, cause, moment)


def _discounts_of(item: Item, desk: Desk) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Every discount of a subscription or bill as a row, and those among them that are news.

    Lists spell them out; events name them by id, which is known from before or asked for. Older shapes have one `discount`.
    """
    many = item.get("discounts")
    given = list(many) if isinstance(many, list) else []
    if not given and mapping(item, "discount"):
        given = [mapping(item, "discount")]
    known = _known_discounts(desk)
    unknown = {one for one in given if isinstance(one, str) and one not in known}
    if unknown and desk.http:
        given = [one for one in given if one not in unknown] + _spelled_out(item, unknown, desk)
    news = [found for one in given if isinstance(one, Mapping) and (found := _discount(one, desk))]
    known |= {row["id"]: row for row in news}
    bare = [known.get(one, {**dict.fromkeys(TOLD), "id": one}) for one in given if isinstance(one, str)]
    return sorted([*news, *bare], key=lambda row: row["id"]), news


def _spelled_out(item: Item, unknown: set[str], desk: Desk) -> list[Any]:
    """The discounts of these ids as Stripe tells them now; the bare ids where it does not."""
    try:
        body = desk.http.get(f"v1/{item.get('object')}s/{needed(item, 'id')}", {"expand[]": "discounts"})
    except (Forbidden, NotFound, Refused):
        return sorted(unknown)
    found = [one for one in objects(body, "discounts") if one.get("id") in unknown]
    return [*found, *sorted(unknown - {one["id"] for one in found})]


def _known_discounts(desk: Desk) -> dict[str, dict[str, Any]]:
    """Every discount that is stored or was seen in this sync, by id."""
    if DISCOUNTS not in desk.memory:
        columns = {name: desk.stored(Discount, name) for name in TOLD}
        desk.memory[DISCOUNTS] = {
            one: {"id": one, **{name: values[one] for name, values in columns.items()}} for one in columns["duration"]
        }
    return desk.memory[DISCOUNTS]


def _discount(item: Item, desk: Desk) -> dict[str, Any] | None:
    """A discount with what its coupon says: inside it, or under `source`, where newer versions name it by its id."""
    if not text(item, "id"):
        return None
    given = item.get("coupon") or mapping(item, "source").get("coupon")
    coupon = given if isinstance(given, Mapping) else _coupon(given, desk) if given else {}
    return {
        "id": needed(item, "id"),
        "coupon_id": text(coupon, "id") or (given if isinstance(given, str) else None),
        "name": text(coupon, "name"),
        "percent_off": _percent(coupon),
        "amount_off": whole(coupon, "amount_off"),
        "currency": currency(coupon),
        "duration": text(coupon, "duration"),
        "duration_months": whole(coupon, "duration_in_months"),
        "subscription_id": ref(item, "subscription"),
        "started_at": epoch(item, "start"),
        "ends_at": epoch(item, "end"),
    }


def _percent(coupon: Item) -> float | None:
    value = coupon.get("percent_off")
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 100:
        raise Unfit(f"percent_off: expected 0 to 100, got {str(value)[:60]!r}")
    return float(value)


def _coupon(identifier: str, desk: Desk) -> Item:
    """A coupon by its id; one that was deleted, or may not be read, says nothing."""
    known = desk.memory.setdefault(COUPONS, {})
    if identifier not in known:
        known[identifier] = {}
        if desk.http:
            try:
                known[identifier] = desk.http.get(f"v1/coupons/{identifier}")
            except (Forbidden, NotFound, Refused):
                known[identifier] = {"id": identifier}
    return known[identifier]
