"""Stripe's invoices: their lines, discounts and tax, the whole periods and what a change in the middle of one costs."""

from copy import deepcopy
from datetime import date, datetime
from typing import Any

from data_sources.demo.changes import Changes, Seats, left_of
from data_sources.demo.company import Account
from data_sources.demo.money import from_cents, to_cents
from data_sources.demo.payments import Payments
from data_sources.demo.timeline import DAYS, Timeline

_TAXED = {"DE": 19, "NL": 21, "FR": 20, "SE": 25, "GB": 20}


class Invoices(Payments):
    """Writes invoices with what pays them. `paid_by_month` is what each account paid, net of tax, in cents of USD."""

    _products: dict[str, dict[str, Any]]

    def __init__(self, time: Timeline, changes: Changes) -> None:
        super().__init__(time)
        self.paid_by_month: dict[str, dict[date, int]] = {}
        self._changes = changes

    def _lines(
        self, account: Account, items: list[dict[str, Any]], number: int, discount: int, rate: int
    ) -> list[tuple]:
        """(item or None, description, quantity, amount, discount, tax) of an invoice."""
        rng, rows = self.rng, []
        for item in items:
            price, amount = item["price"], item["price"]["unit_amount"]
            if amount is not None:
                rows.append(
                    (item, f"1 × {price['nickname']}", item.get("quantity", 1), amount * item.get("quantity", 1))
                )
            elif number > 0:
                calls = int(account.calls_a_day * 30 * rng.uniform(0.1, 0.5))
                rows.append((item, "Calls beyond the plan", calls, from_cents(calls * 0.09, account.currency)))
        if number == 0 and account.persona == "enterprise":
            rows.append((None, "Onboarding and integration help", 1, from_cents(450_000, account.currency)))
        off = [amount * discount // 100 for *_, amount in rows]
        return [(*row, cut, (row[3] - cut) * rate // 100) for row, cut in zip(rows, off, strict=True)]

    def _invoice(
        self,
        account: Account,
        customer: dict[str, Any],
        subscription: dict[str, Any],
        items: list[dict[str, Any]],
        moment: float,
        number: int,
        discount: int,
        paid_at: float | None,
        rows: list[tuple] | None = None,
        reason: str = "",
    ) -> dict[str, Any]:
        time, rng = self.time, self.rng
        rows = rows or self._lines(account, items, number, discount, _TAXED.get(account.country, 0))
        subtotal, off, tax = (sum(row[i] for row in rows) for i in (3, 4, 5))
        total, draw = subtotal - off + tax, rng.uniform()
        status = "paid" if paid_at is not None and paid_at < DAYS else "open"
        if status == "paid" and number > 1 and draw < 0.012:
            status = "uncollectible" if draw < 0.006 else "void"
        invoice = self._add("invoices", "in", "invoice", moment)
        lines = [self._line(invoice, subscription, row, account, moment) for row in rows]
        self._numbers["invoice number"] = self._numbers.get("invoice number", 0) + 1
        paid = status == "paid"
        invoice.update(
            number=f"HARB-{self._numbers['invoice number']:05d}",
            customer=customer["id"],
            customer_email=customer["email"],
            customer_name=customer["name"],
            currency=account.currency,
            status=status,
            billing_reason=reason or ("subscription_create" if number == 0 else "subscription_cycle"),
            discounts=list(subscription["discounts"]),
            collection_method="charge_automatically" if account.persona != "enterprise" else "send_invoice",
            subtotal=subtotal,
            total_excluding_tax=subtotal - off,
            total=total,
            amount_due=total,
            amount_paid=total if paid else 0,
            amount_remaining=0 if paid else total,
            total_discount_amounts=[{"amount": off, "discount": subscription["discounts"][0]["id"]}] if off else [],
            total_taxes=[
                {
                    "amount": tax,
                    "tax_behavior": "exclusive",
                    "taxable_amount": subtotal - off,
                    "type": "tax_rate_details",
                }
            ]
            if tax
            else [],
            parent={
                "type": "subscription_details",
                "quote_details": None,
                "subscription_details": {"subscription": subscription["id"], "metadata": subscription["metadata"]},
            },
            period_start=time.epoch(moment),
            period_end=time.epoch(moment),
            status_transitions={
                "finalized_at": time.epoch(moment + 0.03),
                "paid_at": time.epoch(paid_at) if paid else None,
                "voided_at": time.epoch(min(moment + 9.0, DAYS - 0.01)) if status == "void" else None,
                "marked_uncollectible_at": time.epoch(min(moment + 30.0, DAYS - 0.01))
                if status == "uncollectible"
                else None,
            },
            lines={"object": "list", "data": lines, "has_more": False, "url": f"/v1/invoices/{invoice['id']}/lines"},
            metadata={},
        )
        if paid and total:
            cents = to_cents(total - tax, account.currency)
            self.revenue[account.key] = self.revenue.get(account.key, 0) + cents
            month = time.at(paid_at).date().replace(day=1)
            by_month = self.paid_by_month.setdefault(account.key, {})
            by_month[month] = by_month.get(month, 0) + cents
            self._payment(account, invoice, customer, paid_at)
        elif status == "uncollectible":
            self._charge(account, invoice, customer, moment + 0.05, failed=True)
        return invoice

    def _line(
        self, invoice: dict[str, Any], subscription: dict[str, Any], row: tuple, account: Account, moment: float
    ) -> dict[str, Any]:
        item, description, quantity, amount, off, tax = row
        parent = {
            "type": "invoice_item_details",
            "invoice_item_details": {"invoice_item": self._id("ii"), "proration": False, "subscription": None},
        }
        if item:
            details = {
                "subscription": subscription["id"],
                "subscription_item": item["id"],
                "proration": False,
                "invoice_item": None,
            }
            parent = {"type": "subscription_item_details", "subscription_item_details": details}
        start = item["current_period_start"] if item else self.time.epoch(moment)
        end = item["current_period_end"] if item else self.time.epoch(moment)
        price = (
            {"price": item["price"]["id"], "product": item["price"]["product"]}
            if item
            else {"price": None, "product": self._products["services"]["id"]}
        )
        return {
            "id": self._id("il"),
            "object": "line_item",
            "invoice": invoice["id"],
            "amount": amount,
            "subtotal": amount,
            "currency": account.currency,
            "description": description,
            "quantity": quantity,
            "discount_amounts": [{"amount": off, "discount": subscription["discounts"][0]["id"]}] if off else [],
            "taxes": [
                {"amount": tax, "tax_behavior": "exclusive", "taxable_amount": amount - off, "type": "tax_rate_details"}
            ]
            if tax
            else [],
            "period": {"start": start, "end": end},
            "pricing": {"type": "price_details", "price_details": price, "unit_amount_decimal": None},
            "parent": parent,
            "metadata": {},
        }

    def _one_seat_more(
        self,
        account: Account,
        customer: dict[str, Any],
        subscription: dict[str, Any],
        item: dict[str, Any],
        span: tuple[datetime, datetime],
        seats: Seats,
        left: float | None,
        discount: int,
    ) -> None:
        """In the middle of a period: what was not used is given back, what is left is charged for one seat more."""
        at, rest = left_of(*span, seats.share)
        moment, quantity = self.time.moment(at), item["quantity"]
        if moment >= min(DAYS - 0.1, left or DAYS):
            seats.down = None
            return
        unit, rate = item["price"]["unit_amount"], _TAXED.get(account.country, 0)
        rows = []
        for sign, held, words in ((-1, quantity, "Unused time on"), (1, quantity + 1, "Remaining time on")):
            amount = sign * round(unit * held * rest)
            cut = sign * (abs(amount) * discount // 100)
            tax = sign * (abs(amount - cut) * rate // 100)
            rows.append((item, f"{words} {held} × {item['price']['nickname']}", held, amount, cut, tax))
        kept, item["current_period_start"] = (self.rng, item["current_period_start"]), self.time.epoch(moment)
        self.rng = self._changes.rng
        invoice = self._invoice(
            account, customer, subscription, [item], moment, 1, discount, moment + 0.001, rows, "subscription_update"
        )
        self.rng, item["current_period_start"] = kept
        for line in invoice["lines"]["data"]:
            line["parent"]["subscription_item_details"]["proration"] = True
        item["quantity"] = quantity + 1
        self._changes.updates.append((moment, deepcopy(subscription)))
