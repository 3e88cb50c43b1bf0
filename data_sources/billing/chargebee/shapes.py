"""Chargebee's customers, invoices, credit notes and transactions as records."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from data_sources.billing.chargebee.subscriptions import item_of, last_second
from data_sources.billing.parts import CONSUMER_KEYS, ORGANIZATION_KEYS, Item, currency, first_named, is_part
from data_sources.records import BillingCustomer, CreditNote, Dispute, Invoice, InvoiceLine, Payment, Price, Refund
from data_sources.streams import (
    Desk,
    Gone,
    Handed,
    Only,
    Patch,
    Put,
    epoch,
    flag,
    mapping,
    needed,
    objects,
    text,
    whole,
)

STATUS = {"paid": "paid", "posted": "open", "payment_due": "open", "not_paid": "open", "voided": "void"}
PAID = {"success": "succeeded", "failure": "failed", "timeout": "failed", "in_progress": "pending"}
RECURRING = {"plan", "addon", "plan_item_price", "addon_item_price"}


def customer(item: Item, desk: Desk) -> Iterator[Handed]:
    """Whom Chargebee charges. Of a deleted one it sends what is left after scrubbing: what was known stays."""
    identifier, address = needed(item, "id"), mapping(item, "billing_address")
    if flag(item, "deleted") and identifier in desk.stored(BillingCustomer, "deleted"):
        yield Patch(BillingCustomer, identifier, {"deleted": True})
        return
    metadata = mapping(item, "meta_data")
    kept = {**metadata, **{key: one for key, one in item.items() if key.startswith("cf_") and one is not None}}
    named = {**{key.removeprefix("cf_"): one for key, one in kept.items()}, **metadata}
    person = " ".join(part for part in (text(item, "first_name"), text(item, "last_name")) if part)
    yield Put(
        BillingCustomer,
        {
            "id": identifier,
            "email": text(item, "email"),
            "name": text(item, "company") or person or None,
            "consumer_ref": first_named(named, CONSUMER_KEYS),
            "organization_ref": first_named(named, ORGANIZATION_KEYS),
            "currency": currency(item, "preferred_currency_code"),
            "country": text(address, "country"),
            "attributes": kept or None,
            "deleted": flag(item, "deleted") or False,
            "created_at": epoch(item, "created_at"),
        },
    )


def invoice(item: Item, desk: Desk) -> Iterator[Handed]:
    """A bill and its lines. A deleted one is gone with them."""
    identifier, code = needed(item, "id"), currency(item, "currency_code") or desk.currency
    if flag(item, "deleted"):
        yield Gone(Invoice, identifier)
        yield Only(InvoiceLine, "invoice_id", identifier, frozenset())
        return
    rows = [_line(one, item, identifier, code, desk) for one in objects(item, "line_items")]
    starts, ends = ([row[f"period_{end}_at"] for row in rows if row[f"period_{end}_at"]] for end in ("started", "ends"))
    given, dated = text(item, "status") or "", epoch(item, "date")
    subscriptions = {row["subscription_id"] for row in rows} - {None}
    yield Put(
        Invoice,
        {
            "id": identifier,
            "number": identifier,
            "customer_id": text(item, "customer_id"),
            "subscription_id": text(item, "subscription_id")
            or (subscriptions.pop() if len(subscriptions) == 1 else None),
            "status": STATUS.get(given, "draft"),
            "billing_reason": "first" if item.get("first_invoice") else None,
            "currency": code,
            "subtotal": whole(item, "sub_total"),
            "discount": sum(whole(one, "amount") or 0 for one in objects(item, "discounts")),
            "tax": whole(item, "tax"),
            "total": whole(item, "total"),
            "amount_due": whole(item, "amount_due"),
            "amount_paid": whole(item, "amount_paid"),
            "period_started_at": min(starts, default=None),
            "period_ends_at": max(ends, default=None),
            "created_at": dated,
            "finalized_at": dated if given != "pending" else None,
            "paid_at": epoch(item, "paid_at"),
            "voided_at": epoch(item, "voided_at"),
            "uncollectible_at": None,
        },
    )
    for row in rows:
        yield Put(InvoiceLine, row)
    yield Only(InvoiceLine, "invoice_id", identifier, frozenset(row["id"] for row in rows))


def _line(item: Item, parent: Item, invoice_id: str, code: str, desk: Desk) -> dict[str, Any]:
    identifier, kind, price = needed(item, "id"), text(item, "entity_type"), text(item, "entity_id")
    subscription = text(item, "subscription_id") or text(parent, "subscription_id")
    starts = epoch(item, "date_from")
    ends = last_second(starts, epoch(item, "date_to"))
    parts = _discounts(identifier, parent)
    recurring = bool(subscription) and kind in RECURRING and item.get("metered") is not True
    inside = text(parent, "price_type") == "tax_inclusive"
    return {
        "id": identifier,
        "invoice_id": invoice_id,
        "subscription_id": subscription,
        "subscription_item_id": item_of(subscription, kind, price) if recurring else None,
        "price_id": price if kind != "adhoc" else None,
        "description": text(item, "description"),
        "currency": code,
        "amount": whole(item, "amount"),
        "quantity": whole(item, "quantity"),
        "discount": sum(one["amount"] for one in parts) if parts else whole(item, "discount_amount"),
        "discounts": parts or None,
        "tax": whole(item, "tax_amount"),
        "tax_inclusive": inside if parent.get("price_type") else None,
        "proration": recurring and _is_part(price, starts, ends, desk),
        "period_started_at": starts,
        "period_ends_at": ends,
    }


def _discounts(line: str, parent: Item) -> list[dict[str, Any]]:
    """What coupons, discounts and promotional credits took off a line; a coupon is named by its own id."""
    return [
        {"discount_id": text(one, "coupon_id") or text(one, "entity_id"), "amount": whole(one, "discount_amount") or 0}
        for one in objects(parent, "line_item_discounts")
        if text(one, "line_item_id") == line
    ]


def _is_part(price: str | None, starts: datetime | None, ends: datetime | None, desk: Desk) -> bool:
    interval, count = desk.stored(Price, "interval").get(price), desk.stored(Price, "interval_count").get(price)
    return is_part(starts, ends, interval, count) or False


def credit_note(item: Item, desk: Desk) -> Iterator[Handed]:
    """What was taken back of a bill; the part that refund transactions give back, they tell themselves."""
    identifier = needed(item, "id")
    if flag(item, "deleted"):
        yield Gone(CreditNote, identifier)
        return
    paid, status = desk.stored(Refund, "payment_id"), desk.stored(Refund, "status")
    went = {one for one, payment in paid.items() if payment and status[one] == "succeeded"}
    linked = objects(item, "linked_refunds")
    refunded = sum(whole(one, "applied_amount") or 0 for one in linked if text(one, "txn_id") in went)
    taxes = objects(item, "taxes")
    yield Put(
        CreditNote,
        {
            "id": identifier,
            "number": identifier,
            "invoice_id": text(item, "reference_invoice_id"),
            "customer_id": text(item, "customer_id"),
            "status": "void" if text(item, "status") == "voided" else "issued",
            "reason": text(item, "reason_code") or text(item, "create_reason_code"),
            "currency": currency(item, "currency_code") or desk.currency,
            "total": whole(item, "total"),
            "tax": sum(whole(one, "amount") or 0 for one in taxes) if taxes else None,
            "refunded": refunded,
            "created_at": epoch(item, "date"),
            "voided_at": epoch(item, "voided_at"),
        },
    )


def transaction(item: Item, desk: Desk) -> Iterator[Handed]:
    """Money that moved: a payment, a refund, or a payment that its bank took back. Authorisations move none."""
    identifier, kind = needed(item, "id"), text(item, "type")
    model = {"payment": Payment, "refund": Refund, "payment_reversal": Dispute}.get(kind or "")
    if model is None:
        return
    if flag(item, "deleted"):
        yield Gone(model, identifier)
        return
    status, dated = text(item, "status") or "", epoch(item, "date")
    common = {"id": identifier, "currency": currency(item, "currency_code") or desk.currency}
    common |= {"amount": whole(item, "amount"), "created_at": dated, "payment_intent_id": None}
    if model is Payment:
        bills = [text(one, "invoice_id") for one in objects(item, "linked_invoices")]
        moved = {"status": PAID.get(status, status or None), "balance_transaction_id": None}
        moved |= {"customer_id": text(item, "customer_id"), "failure_code": text(item, "error_code")}
        refunded = sum(whole(one, "txn_amount") or 0 for one in objects(item, "linked_refunds"))
        yield Put(Payment, common | moved | {"invoice_id": bills[0] if bills else None, "amount_refunded": refunded})
        return
    paid = text(item, "refunded_txn_id") or text(item, "reference_transaction_id") or _payment_of(item, desk)
    if model is Refund:
        more = {"status": PAID.get(status, status or None), "reason": None, "balance_transaction_id": None}
    else:
        done = status == "success"
        more = {"status": "lost" if done else "needs_response", "reason": text(item, "error_code")}
        more |= {"withdrawn_at": dated if done else None, "reinstated_at": None}
    yield Put(model, common | more | {"payment_id": paid})


def _payment_of(item: Item, desk: Desk) -> str | None:
    """The payment of the bill whose credit note a refund pays, where the refund does not name it."""
    linked = objects(item, "linked_payments")
    if linked:
        return text(linked[0], "id")
    bills = {text(one, "cn_reference_invoice_id") for one in objects(item, "linked_credit_notes")}
    status = desk.stored(Payment, "status")
    paid = [one for one, bill in desk.stored(Payment, "invoice_id").items() if bill in bills]
    return next((one for one in sorted(paid) if status.get(one) == "succeeded"), None)
