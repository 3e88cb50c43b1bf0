"""What a Chargebee site sells, in Product Catalog 1 (plans, addons) and 2 (items, item prices), and its coupons."""

from collections.abc import Iterator
from typing import Any

from data_sources.billing.parts import PRICE, Item, currency
from data_sources.records import Discount, Price, Product
from data_sources.streams import Desk, Handed, Put, Unfit, epoch, needed, objects, text, whole

MODES = {"tiered": "graduated", "volume": "volume", "stairstep": "volume"}
DURATIONS = {"one_time": "once", "limited_period": "repeating", "forever": "forever"}


def item(found: Item, desk: Desk) -> Iterator[Handed]:
    """What is sold in Product Catalog 2."""
    yield _product(found, text(found, "external_name") or text(found, "name"))


def item_price(found: Item, desk: Desk) -> Iterator[Handed]:
    """A price in Product Catalog 2; charges are for once."""
    yield from _price(found, text(found, "item_id"), one_off=text(found, "item_type") == "charge", desk=desk)


def plan(found: Item, desk: Desk) -> Iterator[Handed]:
    """A plan of Product Catalog 1 is what is sold and its price in one."""
    yield _product(found, text(found, "invoice_name") or text(found, "name"))
    yield from _price(found, needed(found, "id"), one_off=False, desk=desk)


def addon(found: Item, desk: Desk) -> Iterator[Handed]:
    """An addon of Product Catalog 1; `charge_type` tells a recurring one from one that is charged once."""
    yield _product(found, text(found, "invoice_name") or text(found, "name"))
    yield from _price(found, needed(found, "id"), one_off=text(found, "charge_type") == "non_recurring", desk=desk)


def _product(found: Item, name: str | None) -> Put:
    status = text(found, "status")
    return Put(
        Product,
        {
            "id": needed(found, "id"),
            "name": name,
            "active": None if status is None else status == "active",
            "attributes": {"metadata": found["metadata"]} if found.get("metadata") else None,
            "created_at": epoch(found, "created_at"),
        },
    )


def _price(found: Item, product: str | None, *, one_off: bool, desk: Desk) -> Iterator[Handed]:
    identifier, model, status = needed(found, "id"), text(found, "pricing_model") or "flat_fee", text(found, "status")
    tiers = [_tier(one, model) for one in objects(found, "tiers")]
    amount = None if tiers else whole(found, "price")
    metered = found.get("metered") is True or found.get("is_metered") is True
    yield Put(
        Price,
        {
            **dict.fromkeys(PRICE),
            "id": identifier,
            "product_id": product,
            "nickname": text(found, "external_name") or text(found, "invoice_name") or text(found, "name"),
            "currency": currency(found, "currency_code") or desk.currency,
            "unit_amount": amount,
            "unit_amount_decimal": None,
            "interval": None if one_off else text(found, "period_unit"),
            "interval_count": None if one_off else whole(found, "period"),
            "usage_type": "metered" if metered else "licensed",
            "billing_scheme": "tiered" if tiers else "per_unit",
            "tiers_mode": MODES.get(model) if tiers else None,
            "tiers": tiers or None,
            "package_size": whole(found, "package_size") if model == "package" else None,
            "tax_behavior": _tax(text(found, "price_type")),
            "active": None if status is None else status == "active",
            "created_at": epoch(found, "created_at"),
        },
    )


def _tax(price_type: str | None) -> str | None:
    return {"tax_inclusive": "inclusive", "tax_exclusive": "exclusive"}.get(price_type or "")


def _tier(one: Item, model: str) -> dict[str, Any]:
    """A tier as the record tables have it. Of a stairstep the whole range costs one amount."""
    upper, amount = whole(one, "ending_unit"), whole(one, "price")
    if amount is None:
        raise Unfit("tiers: expected a price")
    paid = {"unit_amount": 0, "flat_amount": amount} if model == "stairstep" else {"unit_amount": amount}
    return {"up_to": upper, **paid}


def coupon(found: Item, desk: Desk) -> Iterator[Handed]:
    """A coupon; one that was deleted is gone from bills' point of view only: it is kept while they name it."""
    percent = found.get("discount_percentage")
    if percent is not None and (
        isinstance(percent, bool) or not isinstance(percent, int | float) or not 0 <= percent <= 100
    ):
        raise Unfit(f"discount_percentage: expected 0 to 100, got {str(percent)[:60]!r}")
    months = {"month": 1, "year": 12}.get(text(found, "period_unit") or "month", 0) * (whole(found, "period") or 0)
    yield Put(
        Discount,
        {
            "id": needed(found, "id"),
            "coupon_id": needed(found, "id"),
            "name": text(found, "invoice_name") or text(found, "name"),
            "percent_off": None if percent is None else float(percent),
            "amount_off": whole(found, "discount_amount"),
            "currency": currency(found, "currency_code"),
            "duration": DURATIONS.get(text(found, "duration_type") or ""),
            "duration_months": whole(found, "duration_month") or months or None,
            "subscription_id": None,
            "started_at": None,
            "ends_at": None,
        },
    )
