"""Stripe's objects as records, in the shapes before and after the API version 2025-03-31."""

from collections.abc import Iterator
from typing import Any

from data_sources.billing.parts import CONSUMER_KEYS, ORGANIZATION_KEYS, Item, currency, first_named
from data_sources.billing.stripe.parts import all_of, sum_of
from data_sources.billing.stripe.subscriptions import discounts
from data_sources.failures import Forbidden, NotFound, Refused
from data_sources.records import (
    BalanceFee,
    BillingCustomer,
    CreditNote,
    Dispute,
    Invoice,
    InvoiceLine,
    Payment,
    Price,
    Product,
    Refund,
)
from data_sources.streams import (
    Desk,
    Handed,
    Only,
    Put,
    epoch,
    flag,
    mapping,
    needed,
    objects,
    ref,
    text,
    whole,
)

INVOICE_PAYMENTS = "v1/invoice_payments"
INVOICE_OF, ALL_LEARNED = "invoice_of", "all invoice payments are known"


def nothing(item: Item, desk: Desk) -> Iterator[Handed]:
    """For streams whose payloads are read elsewhere."""
    yield from ()


def customer(item: Item, desk: Desk) -> Iterator[Handed]:
    """Whom Stripe charges. `consumer_ref` and `organization_ref` come from the usual names in `metadata`."""
    metadata = mapping(item, "metadata")
    yield Put(
        BillingCustomer,
        {
            "id": needed(item, "id"),
            "email": text(item, "email"),
            "name": text(item, "name") or text(item, "description"),
            "consumer_ref": first_named(metadata, CONSUMER_KEYS),
            "organization_ref": first_named(metadata, ORGANIZATION_KEYS),
            "currency": currency(item),
            "country": text(mapping(item, "address"), "country"),
            "attributes": metadata or None,
            "deleted": flag(item, "deleted") or False,
            "created_at": epoch(item, "created"),
        },
    )


def product(item: Item, desk: Desk) -> Iterator[Handed]:
    """What Stripe sells."""
    yield Put(
        Product,
        {
            "id": needed(item, "id"),
            "name": text(item, "name"),
            "active": flag(item, "active"),
            "attributes": mapping(item, "metadata") or None,
            "created_at": epoch(item, "created"),
        },
    )


def price(item: Item, desk: Desk) -> Iterator[Handed]:
    """A price; `unit_amount` is null where it is tiered or below a minor unit. Events leave its tiers out: they are asked for."""
    identifier = needed(item, "id")
    tiers = [dict(tier) for tier in objects(item, "tiers")]
    if not tiers and text(item, "billing_scheme") == "tiered" and desk.http:
        tiers = _tiers(identifier, desk)
    recurring, package = mapping(item, "recurring"), mapping(item, "transform_quantity")
    yield Put(
        Price,
        {
            "id": identifier,
            "product_id": ref(item, "product"),
            "nickname": text(item, "nickname"),
            "currency": currency(item),
            "unit_amount": whole(item, "unit_amount"),
            "unit_amount_decimal": text(item, "unit_amount_decimal"),
            "interval": text(recurring, "interval"),
            "interval_count": whole(recurring, "interval_count"),
            "usage_type": text(recurring, "usage_type"),
            "billing_scheme": text(item, "billing_scheme"),
            "tiers_mode": text(item, "tiers_mode"),
            "tiers": tiers or None,
            "package_size": whole(package, "divide_by"),
            "package_round": text(package, "round"),
            "tax_behavior": text(item, "tax_behavior"),
            "active": flag(item, "active"),
            "created_at": epoch(item, "created"),
        },
    )


def _tiers(identifier: str, desk: Desk) -> list[dict[str, Any]]:
    """The tiers of a price as Stripe tells them now; where it does not, as they are stored."""
    try:
        return [
            dict(tier) for tier in objects(desk.http.get(f"v1/prices/{identifier}", {"expand[]": "tiers"}), "tiers")
        ]
    except (Forbidden, NotFound, Refused):
        return desk.stored(Price, "tiers").get(identifier) or []


def invoice(item: Item, desk: Desk) -> Iterator[Handed]:
    """An invoice and all its lines. Tax is the difference to `total_excluding_tax` where Stripe gives that."""
    identifier = needed(item, "id")
    lines = all_of(item, "lines", f"v1/invoices/{identifier}/lines", {}, desk)
    dated = mapping(item, "status_transitions")
    yield Put(
        Invoice,
        {
            "id": identifier,
            "number": text(item, "number"),
            "customer_id": ref(item, "customer"),
            "subscription_id": ref(mapping(mapping(item, "parent"), "subscription_details"), "subscription")
            or ref(item, "subscription"),
            "status": text(item, "status"),
            "billing_reason": text(item, "billing_reason"),
            "currency": currency(item),
            "subtotal": whole(item, "subtotal"),
            "discount": sum_of(item, "total_discount_amounts"),
            "tax": _invoice_tax(item),
            "total": whole(item, "total"),
            "amount_due": whole(item, "amount_due"),
            "amount_paid": whole(item, "amount_paid"),
            "period_started_at": epoch(item, "period_start"),
            "period_ends_at": epoch(item, "period_end"),
            "created_at": epoch(item, "created"),
            "finalized_at": epoch(dated, "finalized_at"),
            "paid_at": epoch(dated, "paid_at"),
            "voided_at": epoch(dated, "voided_at"),
            "uncollectible_at": epoch(dated, "marked_uncollectible_at"),
        },
    )
    yield from discounts(item, desk)
    rows = [_line(one, identifier, item) for one in lines]
    for row in rows:
        yield Put(InvoiceLine, row)
    yield Only(InvoiceLine, "invoice_id", identifier, frozenset(row["id"] for row in rows))


def _invoice_tax(item: Item) -> int | None:
    total, before_tax = whole(item, "total"), whole(item, "total_excluding_tax")
    if total is not None and before_tax is not None:
        return total - before_tax
    taxes = _taxes(item)
    return whole(item, "tax") if taxes is None else taxes


def _line(item: Item, invoice_id: str, parent: Item) -> dict[str, Any]:
    origin = mapping(item, "parent")
    by_item = mapping(origin, "subscription_item_details")
    by_hand = mapping(origin, "invoice_item_details")
    details = mapping(mapping(item, "pricing"), "price_details")
    period = mapping(item, "period")
    taxes = objects(item, "taxes") or objects(item, "tax_amounts")
    inclusive = {tax.get("inclusive", tax.get("tax_behavior") == "inclusive") for tax in taxes}
    return {
        "id": text(item, "unique_id") or needed(item, "id"),
        "invoice_id": invoice_id,
        "subscription_id": ref(by_item, "subscription") or ref(by_hand, "subscription") or ref(item, "subscription"),
        "subscription_item_id": ref(by_item, "subscription_item") or ref(item, "subscription_item"),
        "price_id": ref(details, "price") or ref(item, "price") or ref(item, "plan"),
        "description": text(item, "description"),
        "currency": currency(item) or currency(parent),
        "amount": whole(item, "amount"),
        "quantity": whole(item, "quantity"),
        "discount": _taken_off(item),
        "discounts": [
            {"discount_id": ref(one, "discount"), "amount": whole(one, "amount")}
            for one in objects(item, "discount_amounts")
        ]
        or None,
        "tax": sum(whole(tax, "amount") or 0 for tax in taxes) if taxes else None,
        "tax_inclusive": inclusive.pop() if len(inclusive) == 1 else None,
        "proration": flag(by_item, "proration")
        if by_item
        else flag(by_hand, "proration")
        if by_hand
        else flag(item, "proration"),
        "period_started_at": epoch(period, "start"),
        "period_ends_at": epoch(period, "end"),
    }


def _taken_off(item: Item) -> int | None:
    """Discounts, and credits that were bought or given before: both lower what a line brings. Null where neither is told."""
    credits = [
        whole(one, "amount") or 0
        for one in objects(item, "pretax_credit_amounts")
        if text(one, "type") == "credit_balance_transaction"
    ]
    off = sum_of(item, "discount_amounts")
    return off if not credits else (off or 0) + sum(credits)


def learn_invoice(item: Item, desk: Desk) -> Iterator[Handed]:
    """Which invoice a payment intent pays: since 2025-03-31 a charge does not say it itself."""
    intent, invoice_id = ref(mapping(item, "payment"), "payment_intent"), ref(item, "invoice")
    if intent and invoice_id:
        desk.memory.setdefault(INVOICE_OF, {})[intent] = invoice_id
    yield from ()


def _invoice_of(item: Item, desk: Desk) -> str | None:
    """The invoice that a charge pays: as it says itself, as was known before, or as Stripe's invoice payments say."""
    intent = ref(item, "payment_intent")
    found = ref(item, "invoice") or desk.stored(Payment, "invoice_id").get(text(item, "id"))
    if found or not intent or not desk.http:
        return found
    learned = desk.memory.setdefault(INVOICE_OF, {})
    if intent not in learned and not desk.memory.get(ALL_LEARNED):
        asked = {"limit": 1, "payment[type]": "payment_intent", "payment[payment_intent]": intent}
        try:
            for one in objects(desk.http.get(INVOICE_PAYMENTS, asked), "data"):
                list(learn_invoice(one, desk))
        except (Forbidden, NotFound, Refused):
            desk.memory[ALL_LEARNED] = True
    return learned.get(intent)


def payment(item: Item, desk: Desk) -> Iterator[Handed]:
    """A charge: money that moved, or failed to."""
    yield Put(
        Payment,
        {
            "id": needed(item, "id"),
            "customer_id": ref(item, "customer"),
            "invoice_id": _invoice_of(item, desk),
            "payment_intent_id": ref(item, "payment_intent"),
            "balance_transaction_id": ref(item, "balance_transaction"),
            "status": text(item, "status"),
            "currency": currency(item),
            "amount": whole(item, "amount"),
            "amount_refunded": whole(item, "amount_refunded"),
            "failure_code": text(item, "failure_code"),
            "created_at": epoch(item, "created"),
        },
    )


def refund(item: Item, desk: Desk) -> Iterator[Handed]:
    """Money given back."""
    yield Put(
        Refund,
        {
            "id": needed(item, "id"),
            "payment_id": ref(item, "charge"),
            "payment_intent_id": ref(item, "payment_intent"),
            "balance_transaction_id": ref(item, "balance_transaction"),
            "status": text(item, "status"),
            "reason": text(item, "reason"),
            "currency": currency(item),
            "amount": whole(item, "amount"),
            "created_at": epoch(item, "created"),
        },
    )


def credit_note(item: Item, desk: Desk) -> Iterator[Handed]:
    """What was taken back of a bill. The parts that refunds pay are told by the refunds, too, and by `refund` in older shapes."""
    total, before_tax = whole(item, "total"), whole(item, "total_excluding_tax")
    refunds = objects(item, "refunds")
    given_back = sum(whole(one, "amount_refunded") or 0 for one in refunds)
    if not refunds and item.get("refund"):
        given_back = whole(item, "amount")
    yield Put(
        CreditNote,
        {
            "id": needed(item, "id"),
            "number": text(item, "number"),
            "invoice_id": ref(item, "invoice"),
            "customer_id": ref(item, "customer"),
            "status": text(item, "status"),
            "reason": text(item, "reason"),
            "currency": currency(item),
            "total": total if total is not None else whole(item, "amount"),
            "tax": total - before_tax if total is not None and before_tax is not None else _taxes(item),
            "refunded": given_back,
            "created_at": epoch(item, "effective_at") or epoch(item, "created"),
            "voided_at": epoch(item, "voided_at"),
        },
    )


def _taxes(item: Item) -> int | None:
    """The sum of the taxes that an object lists, under the newer name or the older."""
    return next(
        (
            sum_of(item, name)
            for name in ("total_taxes", "total_tax_amounts", "tax_amounts")
            if item.get(name) is not None
        ),
        None,
    )


def dispute(item: Item, desk: Desk) -> Iterator[Handed]:
    """A contested payment; `warning_*` states are inquiries that moved no money.

    When the bank took the money and gave it back is in its balance transactions: the negative one and the positive one.
    """
    moved = [(whole(one, "amount") or 0, epoch(one, "created")) for one in objects(item, "balance_transactions")]
    yield Put(
        Dispute,
        {
            "id": needed(item, "id"),
            "payment_id": ref(item, "charge"),
            "payment_intent_id": ref(item, "payment_intent"),
            "status": text(item, "status"),
            "reason": text(item, "reason"),
            "currency": currency(item),
            "amount": whole(item, "amount"),
            "withdrawn_at": next((when for amount, when in moved if amount < 0), None),
            "reinstated_at": next((when for amount, when in moved if amount > 0), None),
            "created_at": epoch(item, "created"),
        },
    )


def balance_fee(item: Item, desk: Desk) -> Iterator[Handed]:
    """A movement of the balance: net = amount − fee. A dispute takes the amount and a fee."""
    yield Put(
        BalanceFee,
        {
            "id": needed(item, "id"),
            "kind": text(item, "reporting_category") or text(item, "type"),
            "source_ref": ref(item, "source"),
            "currency": currency(item),
            "amount": whole(item, "amount"),
            "fee": whole(item, "fee"),
            "net": whole(item, "net"),
            "created_at": epoch(item, "created"),
        },
    )
