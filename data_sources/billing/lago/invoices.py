"""Lago's invoices, fees, payments and credit notes as records.

`sub_total_including_taxes_amount_cents` is what a bill brings: `total_amount_cents` is what is left of it after credit notes and
prepaid credits. An invoice of type `credit` sells prepaid credits: their use is billed again, so it is no bill here.
"""

from collections.abc import Iterator
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from data_sources.billing.lago.subscriptions import after, coupon_of
from data_sources.billing.parts import Item, currency, is_part
from data_sources.records import CreditNote, Dispute, Invoice, InvoiceLine, Payment, Price, Refund, SubscriptionItem
from data_sources.streams import Desk, Gone, Handed, Put, Unfit, mapping, moment, needed, text, texts, whole

PAID, BILLS = "payments of bills", "bills of this sync"
DRAFTS = {"draft", "generating", "pending", "failed", "open"}


def payment(item: Item, desk: Desk) -> Iterator[Handed]:
    """Money that moved, or failed to."""
    bills = texts(item, "invoice_ids") or []
    given = text(item, "payment_status") or text(item, "status")
    yield Put(
        Payment,
        {
            "id": needed(item, "id"),
            "customer_id": text(item, "lago_customer_id"),
            "invoice_id": bills[0] if bills else None,
            "payment_intent_id": text(item, "provider_payment_id") or text(item, "external_payment_id"),
            "balance_transaction_id": None,
            "status": "pending" if given == "processing" else given,
            "currency": currency(item, "amount_currency"),
            "amount": whole(item, "amount_cents"),
            "amount_refunded": None,
            "failure_code": None,
            "created_at": moment(item, "created_at"),
        },
    )


def _payments(desk: Desk) -> dict[str, tuple[datetime, str]]:
    """When each bill was paid last, and by which payment."""
    if PAID not in desk.memory:
        paid: dict[str, tuple[datetime, str]] = {}
        bills, dates = desk.stored(Payment, "invoice_id"), desk.stored(Payment, "created_at")
        for one, status in desk.stored(Payment, "status").items():
            if status == "succeeded" and bills[one] and dates[one]:
                paid[bills[one]] = max(paid.get(bills[one], (dates[one], one)), (dates[one], one))
        desk.memory[PAID] = paid
    return desk.memory[PAID]


def invoice(item: Item, desk: Desk) -> Iterator[Handed]:
    """A bill, and the dispute that its payment was lost to."""
    identifier, given = needed(item, "id"), text(item, "status") or ""
    if text(item, "invoice_type") == "credit":
        yield Gone(Invoice, identifier)
        return
    settled = text(item, "payment_status") == "succeeded"
    status = "draft" if given in DRAFTS else "void" if given == "voided" else "paid" if settled else "open"
    total, gifts = _total(item), whole(item, "prepaid_granted_credit_amount_cents") or 0
    paid_at, payment_id = _payments(desk).get(identifier, (None, None))
    day, code = moment(item, "issuing_date"), currency(item)
    created = moment(item, "created_at") or day
    due = whole(item, "total_due_amount_cents")
    desk.memory.setdefault(BILLS, {})[identifier] = (status, created)
    yield Put(
        Invoice,
        {
            "id": identifier,
            "number": text(item, "number"),
            "customer_id": text(mapping(item, "customer"), "lago_id"),
            "subscription_id": None,
            "status": status,
            "billing_reason": text(item, "invoice_type"),
            "currency": code,
            "subtotal": whole(item, "fees_amount_cents"),
            "discount": (whole(item, "coupons_amount_cents") or 0) + gifts,
            "tax": whole(item, "taxes_amount_cents"),
            "total": None if total is None else total - gifts,
            "amount_due": whole(item, "total_amount_cents"),
            "amount_paid": None if due is None else (whole(item, "total_amount_cents") or 0) - due,
            "period_started_at": None,
            "period_ends_at": None,
            "created_at": created,
            "finalized_at": None if given in DRAFTS else day,
            "paid_at": paid_at if status == "paid" else None,
            "voided_at": moment(item, "voided_at"),
            "uncollectible_at": None,
        },
    )
    lost = moment(item, "payment_dispute_lost_at")
    if lost and payment_id:
        yield Put(
            Dispute,
            {
                "id": f"{identifier}:dispute",
                "payment_id": payment_id,
                "payment_intent_id": None,
                "status": "lost",
                "reason": None,
                "currency": code,
                "amount": total,
                "withdrawn_at": lost,
                "reinstated_at": None,
                "created_at": lost,
            },
        )


def bills(desk: Desk) -> dict[str, tuple[str | None, datetime | None]]:
    """The state and day of every bill: as it is stored, or as this sync has just read it."""
    born = desk.stored(Invoice, "created_at")
    known = {one: (status, born[one]) for one, status in desk.stored(Invoice, "status").items()}
    return known | desk.memory.get(BILLS, {})


def _total(item: Item) -> int | None:
    held = whole(item, "sub_total_including_taxes_amount_cents")
    return whole(item, "total_amount_cents") if held is None else held


def fee(item: Item, desk: Desk) -> Iterator[Handed]:
    """A line of a bill that is no draft; drafts make their fees anew. `to_date` is the last second of its period."""
    identifier, bill, kind = needed(item, "id"), text(item, "lago_invoice_id"), text(mapping(item, "item"), "type")
    status, _ = desk.memory.get(BILLS, {}).get(bill) or (desk.stored(Invoice, "status").get(bill), None)
    if status in (None, "draft") or kind == "credit":
        yield Gone(InvoiceLine, identifier)
        return
    recurring = kind == "subscription"
    subscription = text(item, "lago_subscription_id")
    starts, ends = moment(item, "from_date"), after(moment(item, "to_date"))
    price = desk.stored(SubscriptionItem, "price_id").get(subscription) if recurring else None
    off = _rounded(item, "precise_coupons_amount_cents")
    units = _number(item, "units")
    yield Put(
        InvoiceLine,
        {
            "id": identifier,
            "invoice_id": bill,
            "subscription_id": subscription,
            "subscription_item_id": subscription if recurring else None,
            "price_id": price,
            "description": text(item, "invoice_display_name") or text(mapping(item, "item"), "name"),
            "currency": currency(item, "amount_currency"),
            "amount": whole(item, "amount_cents"),
            "quantity": int(units) if units is not None and units == units.to_integral_value() else None,
            "discount": off,
            "discounts": _discounts(item, off, desk),
            "tax": whole(item, "taxes_amount_cents"),
            "tax_inclusive": False,
            "proration": recurring and _is_part(price, starts, ends, desk),
            "period_started_at": starts,
            "period_ends_at": ends,
        },
    )


def _discounts(item: Item, off: int | None, desk: Desk) -> list[dict[str, Any]] | None:
    if not off:
        return None
    coupon = coupon_of(text(item, "lago_customer_id"), moment(item, "created_at"), desk)
    return [{"discount_id": coupon, "amount": off}]


def _is_part(price: str | None, starts: datetime | None, ends: datetime | None, desk: Desk) -> bool:
    interval, count = desk.stored(Price, "interval").get(price), desk.stored(Price, "interval_count").get(price)
    return is_part(starts, ends, interval, count) or False


def _number(item: Item, name: str) -> Decimal | None:
    given = text(item, name)
    try:
        found = None if given is None else Decimal(given)
    except InvalidOperation:
        found = Decimal("nan")
    if found is not None and not found.is_finite():
        raise Unfit(f"{name}: expected a number, got {str(given)[:60]!r}")
    return found


def _rounded(item: Item, name: str) -> int | None:
    found = _number(item, name)
    return None if found is None else int(found.to_integral_value(ROUND_HALF_UP))


def credit_note(item: Item, desk: Desk) -> Iterator[Handed]:
    """What was taken back of a bill, and the refund of its payment once that went through."""
    identifier, bill = needed(item, "id"), text(item, "lago_invoice_id")
    code, back = currency(item), whole(item, "refund_amount_cents") or 0
    _, payment_id = _payments(desk).get(bill, (None, None))
    went = back > 0 and text(item, "refund_status") == "succeeded" and payment_id is not None
    created = moment(item, "created_at") or moment(item, "issuing_date")
    yield Put(
        CreditNote,
        {
            "id": identifier,
            "number": text(item, "number"),
            "invoice_id": bill,
            "customer_id": text(mapping(item, "customer"), "lago_id"),
            "status": "issued",
            "reason": text(item, "reason"),
            "currency": code,
            "total": whole(item, "total_amount_cents"),
            "tax": whole(item, "taxes_amount_cents"),
            "refunded": back if went else 0,
            "created_at": created,
            "voided_at": None,
        },
    )
    if went:
        yield Put(
            Refund,
            {
                "id": f"{identifier}:refund",
                "payment_id": payment_id,
                "payment_intent_id": None,
                "balance_transaction_id": None,
                "status": "succeeded",
                "reason": text(item, "reason"),
                "currency": code,
                "amount": back,
                "created_at": created,
            },
        )
