"""Recurly's invoices, their lines, transactions and credit payments.

An invoice of type `credit` has a negative total: it is a credit note on the bill that its lines name. Its refund transactions
give back their part of it. Credit that belongs to no bill lowers the bill that a credit payment applies it to.
"""

from collections.abc import Iterator
from typing import Any

from data_sources.billing.parts import Item, currency, is_part, minor
from data_sources.billing.recurly.catalog import price_of
from data_sources.billing.recurly.subscriptions import item_of
from data_sources.failures import Forbidden, NotFound, Refused
from data_sources.records import CreditNote, Invoice, InvoiceLine, Payment, Price, Refund
from data_sources.streams import Desk, Gone, Handed, Put, flag, mapping, moment, needed, objects, text, whole

STATUS = {
    "open": "open",
    "pending": "open",
    "processing": "open",
    "past_due": "open",
    "paid": "paid",
    "closed": "paid",
    "failed": "uncollectible",
    "voided": "void",
}
PAID = {
    "success": "succeeded",
    "void": "canceled",
    "processing": "pending",
    "pending": "pending",
    "scheduled": "pending",
}
MONEY = {"purchase", "capture"}
RECURRING = {"plan", "plan_trial", "add_on", "add_on_trial"}
COUPONS = "coupons of bills"


def invoice(item: Item, desk: Desk) -> Iterator[Handed]:
    """A bill, or a credit note."""
    if text(item, "type") == "credit":
        yield _credit_note(item)
        return
    identifier, code, given = needed(item, "id"), currency(item), text(item, "state") or ""
    many = item.get("subscription_ids") or []
    closed = moment(item, "closed_at")
    yield Put(
        Invoice,
        {
            "id": identifier,
            "number": text(item, "number"),
            "customer_id": text(mapping(item, "account"), "id"),
            "subscription_id": str(many[0]) if isinstance(many, list) and len(many) == 1 else None,
            "status": STATUS.get(given, given or None),
            "billing_reason": text(item, "origin"),
            "currency": code,
            "subtotal": minor(item, "subtotal", code),
            "discount": minor(item, "discount", code),
            "tax": minor(item, "tax", code),
            "total": minor(item, "total", code),
            "amount_due": minor(item, "balance", code),
            "amount_paid": minor(item, "paid", code),
            "period_started_at": None,
            "period_ends_at": None,
            "created_at": moment(item, "created_at"),
            "finalized_at": moment(item, "created_at"),
            "paid_at": closed if given in ("paid", "closed") else None,
            "voided_at": closed if given == "voided" else None,
            "uncollectible_at": closed if given == "failed" else None,
        },
    )


def _credit_note(item: Item) -> Put:
    code, total = currency(item), minor(item, "total", currency(item))
    tax = minor(item, "tax", code)
    moved = [one for one in objects(item, "transactions") if _is_refund(one) and text(one, "status") == "success"]
    bills = [text(one, "original_line_item_invoice_id") for one in objects(item, "line_items")]
    voided = text(item, "state") == "voided"
    return Put(
        CreditNote,
        {
            "id": needed(item, "id"),
            "number": text(item, "number"),
            "invoice_id": next((bill for bill in bills if bill), None) or text(item, "previous_invoice_id"),
            "customer_id": text(mapping(item, "account"), "id"),
            "status": "void" if voided else "issued",
            "reason": text(item, "origin"),
            "currency": code,
            "total": None if total is None else abs(total),
            "tax": None if tax is None else abs(tax),
            "refunded": sum(
                abs(minor(one, "amount", code) or 0) for one in moved if text(one, "original_transaction_id")
            ),
            "created_at": moment(item, "created_at"),
            "voided_at": moment(item, "closed_at") if voided else None,
        },
    )


def _is_refund(item: Item) -> bool:
    return text(item, "type") == "refund"


def line(item: Item, desk: Desk) -> Iterator[Handed]:
    """A line of a bill, once it is on one. `amount` is before discount; what a part of a period costs says its rate."""
    identifier, code, bill = needed(item, "id"), currency(item), text(item, "invoice_id")
    if not bill or text(item, "state") == "pending":
        yield Gone(InvoiceLine, identifier)
        return
    subscription, origin = text(item, "subscription_id"), text(item, "origin") or text(item, "legacy_category")
    add_on = text(item, "add_on_id")
    price = price_of(add_on or text(item, "plan_id"), code)
    recurring = bool(subscription) and origin in RECURRING
    starts, ends = moment(item, "start_date"), moment(item, "end_date")
    off = minor(item, "discount", code)
    yield Put(
        InvoiceLine,
        {
            "id": identifier,
            "invoice_id": bill,
            "subscription_id": subscription,
            "subscription_item_id": item_of(subscription, add_on) if recurring else None,
            "price_id": price if recurring else None,
            "description": text(item, "description"),
            "currency": code,
            "amount": minor(item, "subtotal", code),
            "quantity": whole(item, "quantity"),
            "discount": off,
            "discounts": [{"discount_id": _coupon(bill, desk), "amount": off}] if off else None,
            "tax": minor(item, "tax", code),
            "tax_inclusive": flag(item, "tax_inclusive"),
            "proration": recurring and not origin.endswith("_trial") and _is_part(item, price, desk),
            "period_started_at": starts,
            "period_ends_at": ends or starts,
        },
    )


def _is_part(item: Item, price: str | None, desk: Desk) -> bool:
    rate = item.get("proration_rate")
    if isinstance(rate, int | float) and not isinstance(rate, bool):
        return rate < 1
    interval, count = desk.stored(Price, "interval").get(price), desk.stored(Price, "interval_count").get(price)
    return is_part(moment(item, "start_date"), moment(item, "end_date"), interval, count) or False


def _coupon(bill: str, desk: Desk) -> str | None:
    """The coupon that a bill's discount comes from: a line does not say it. Of several, nobody says which."""
    known = desk.memory.setdefault(COUPONS, {})
    if bill not in known:
        known[bill] = None
        if desk.http:
            try:
                answer = desk.http.get(f"invoices/{bill}/coupon_redemptions")
            except (Forbidden, NotFound, Refused):
                return None
            found = {text(mapping(one, "coupon"), "id") for one in objects(answer, "data")} - {None}
            known[bill] = found.pop() if len(found) == 1 else None
    return known[bill]


def transaction(item: Item, desk: Desk) -> Iterator[Handed]:
    """Money that moved, or failed to. Authorisations and verifications move none."""
    kind, code = text(item, "type") or "", currency(item)
    amount = minor(item, "amount", code)
    status = text(item, "status") or ""
    common: dict[str, Any] = {
        "id": needed(item, "id"),
        "payment_intent_id": None,
        "balance_transaction_id": None,
        "currency": code,
        "amount": None if amount is None else abs(amount),
        "created_at": moment(item, "collected_at") or moment(item, "created_at"),
    }
    if _is_refund(item):
        paid = text(item, "original_transaction_id")
        more = {"payment_id": paid, "status": PAID.get(status, "failed"), "reason": text(item, "origin")}
        yield Put(Refund, common | more)
    elif kind in MONEY:
        yield Put(
            Payment,
            common
            | {
                "customer_id": text(mapping(item, "account"), "id"),
                "invoice_id": text(mapping(item, "invoice"), "id"),
                "status": PAID.get(status, "failed"),
                "amount_refunded": None,
                "failure_code": text(item, "status_code") if PAID.get(status, "failed") == "failed" else None,
            },
        )


def credit_payment(item: Item, desk: Desk) -> Iterator[Handed]:
    """Credit that pays a bill. Where the credit note is on a bill of its own, that one is lowered already; else this one is."""
    identifier, code = needed(item, "id"), currency(item)
    bill, note = text(mapping(item, "applied_to_invoice"), "id"), text(mapping(item, "original_invoice"), "id")
    if text(item, "action") != "payment" or not bill or desk.stored(CreditNote, "invoice_id").get(note):
        yield Gone(CreditNote, identifier)
        return
    voided = moment(item, "voided_at")
    yield Put(
        CreditNote,
        {
            "id": identifier,
            "number": None,
            "invoice_id": bill,
            "customer_id": text(mapping(item, "account"), "id"),
            "status": "void" if voided else "issued",
            "reason": "credit payment",
            "currency": code,
            "total": minor(item, "amount", code),
            "tax": None,
            "refunded": 0,
            "created_at": moment(item, "created_at"),
            "voided_at": voided,
        },
    )
