"""What a Recurly site sells: plans and add-ons with a price in each currency, and coupons."""

from collections.abc import Iterator
from typing import Any

from data_sources.billing.parts import PRICE, Item, currency, minor, minor_decimal, plainly
from data_sources.records import Discount, Price, Product
from data_sources.streams import Desk, Handed, Only, Put, flag, mapping, moment, needed, objects, text, whole

INTERVALS = {"days": "day", "weeks": "week", "months": "month", "years": "year"}
DURATIONS = {"single_use": "once", "temporal": "repeating", "forever": "forever"}


def price_of(product: str | None, code: str | None) -> str | None:
    """The id of the price that a plan or add-on has in a currency."""
    return f"{product}:{code}" if product and code else None


def plan(item: Item, desk: Desk) -> Iterator[Handed]:
    """A plan, and its price in each currency."""
    identifier = needed(item, "id")
    yield _product(item, identifier)
    interval, count = INTERVALS.get(text(item, "interval_unit") or ""), whole(item, "interval_length")
    yield from _prices(item, identifier, {"interval": interval, "interval_count": count})


def add_on(item: Item, desk: Desk) -> Iterator[Handed]:
    """An add-on, billed as often as its plan is; `usage` ones are metered."""
    identifier, of = needed(item, "id"), text(item, "plan_id")
    yield _product(item, identifier)
    known = [one for one, product in desk.stored(Price, "product_id").items() if product == of]
    like: dict[str, Any] = {"usage_type": "metered" if text(item, "add_on_type") == "usage" else "licensed"}
    if known:
        like |= {name: desk.stored(Price, name).get(known[0]) for name in ("interval", "interval_count")}
    yield from _prices(item, identifier, like)


def _product(item: Item, identifier: str) -> Put:
    state = text(item, "state")
    return Put(
        Product,
        {
            "id": identifier,
            "name": text(item, "name"),
            "active": None if state is None else state == "active",
            "attributes": {"code": item["code"]} if item.get("code") else None,
            "created_at": moment(item, "created_at"),
        },
    )


def _prices(item: Item, identifier: str, like: dict[str, Any]) -> Iterator[Handed]:
    kind, rows = text(item, "tier_type") or "flat", []
    for one in objects(item, "currencies"):
        code = currency(one)
        tiers = _tiers(item, code, kind) if kind != "flat" else []
        exact = minor_decimal(one, "unit_amount_decimal", code) or minor_decimal(one, "unit_amount", code)
        amount = None if tiers or exact is None or exact != exact.to_integral_value() else int(exact)
        inclusive = flag(one, "tax_inclusive")
        rows.append(
            {
                **dict.fromkeys(PRICE),
                "usage_type": "licensed",
                **like,
                "id": price_of(identifier, code),
                "product_id": identifier,
                "nickname": text(item, "name"),
                "currency": code,
                "unit_amount": amount,
                "unit_amount_decimal": None if tiers or amount is not None else plainly(exact),
                "billing_scheme": "tiered" if tiers else "per_unit",
                "tiers_mode": ("graduated" if kind == "tiered" else "volume") if tiers else None,
                "tiers": tiers or None,
                "tax_behavior": None if inclusive is None else "inclusive" if inclusive else "exclusive",
                "active": text(item, "state") == "active",
                "created_at": moment(item, "created_at"),
            }
        )
    for row in rows:
        yield Put(Price, row)
    yield Only(Price, "product_id", identifier, frozenset(row["id"] for row in rows))


def _tiers(item: Item, code: str | None, kind: str) -> list[dict[str, Any]]:
    """The tiers of an add-on in one currency. Of a stairstep the whole range costs one amount."""
    found = []
    for tier in objects(item, "tiers"):
        for one in objects(tier, "currencies"):
            if currency(one) == code:
                amount = plainly(
                    minor_decimal(one, "unit_amount_decimal", code) or minor_decimal(one, "unit_amount", code)
                )
                paid = {"unit_amount": 0, "flat_amount_decimal": amount} if kind == "stairstep" else {}
                found.append({"up_to": whole(tier, "ending_quantity"), **(paid or {"unit_amount_decimal": amount})})
    return found


def coupon(item: Item, desk: Desk) -> Iterator[Handed]:
    """A coupon: percent, or an amount in each of several currencies, of which the first is kept."""
    given = mapping(item, "discount")
    amounts = objects(given, "currencies")
    code = currency(amounts[0]) if amounts else None
    percent = whole(given, "percent") if text(given, "type") == "percent" else None
    unit, length = text(item, "temporal_unit"), whole(item, "temporal_amount")
    months = {"month": 1, "year": 12}.get(unit or "", 0) * (length or 0)
    yield Put(
        Discount,
        {
            "id": needed(item, "id"),
            "coupon_id": text(item, "code"),
            "name": text(item, "name"),
            "percent_off": None if percent is None else float(percent),
            "amount_off": minor(amounts[0], "amount", code) if amounts else None,
            "currency": code,
            "duration": DURATIONS.get(text(item, "duration") or ""),
            "duration_months": months or None,
            "subscription_id": None,
            "started_at": None,
            "ends_at": None,
        },
    )
