"""Stripe's side of the story: who pays, for what, what was given back, and what the payment cost.

Objects have the shape of the API from 2025-03-31 on: billing periods on subscription items, an invoice's subscription
under `parent`, and its payment in `/v1/invoice_payments`.
"""

from copy import deepcopy
from datetime import date, datetime
from typing import Any

from data_sources.demo.catalog import PLANS
from data_sources.demo.changes import Changes, Seats, left_of
from data_sources.demo.company import Account
from data_sources.demo.money import add_months, from_cents, to_cents
from data_sources.demo.payments import Payments
from data_sources.demo.timeline import DAYS, Timeline

_TAXED = {"DE": 19, "NL": 21, "FR": 20, "SE": 25, "GB": 20}
_SHARE = {"isv": 20.0, "agency": 15.0, "reseller": 25.0}


def revenue_share(persona: str) -> float:
    """The percentage of what a partner brings that stays with the partner."""
    return _SHARE.get(persona, 0.0)


class Biller(Payments):
    """Writes the objects of every account that has bought something; `objects[endpoint]` is a list, oldest first."""

    def __init__(self, time: Timeline, accounts: list[Account]) -> None:
        super().__init__(time)
        self.customers: dict[str, dict[str, Any]] = {}
        self.monthly: dict[str, int] = {}
        self.paid_by_month: dict[str, dict[date, int]] = {}
        self._prices: dict[tuple, dict[str, Any]] = {}
        self._changes = Changes(time)
        self._rate_card()
        for account in accounts:
            if "contracted" in account.story.reached or "revenue_share" in account.story.reached:
                self._account(account)
            elif "in_production" in account.story.reached and account.tier == "open" and self.rng.uniform() < 0.04:
                self._customer(account, account.story.reached["in_production"] + 0.5)
        self._events()
        for rows in self.objects.values():
            rows.sort(key=lambda row: (row["created"], row["id"]))

    def _rate_card(self) -> None:
        self._products = {
            name: self._add(
                "products",
                "prod",
                "product",
                0.0,
                name=f"Harborline {name}",
                active=True,
                type="service",
                metadata={"plan": name},
            )
            for name in ("starter", "growth", "enterprise", "partner", "usage", "services")
        }
        for plan in ("starter", "growth"):
            for currency in ("usd", "eur", "jpy"):
                self._price(plan, from_cents(PLANS[plan].monthly, currency), currency, "month")
        for currency in ("usd", "eur", "jpy"):
            self._price("usage", None, currency, "month", metered=True)

    def _price(
        self, plan: str, amount: int | None, currency: str, interval: str, metered: bool = False
    ) -> dict[str, Any]:
        key = (plan, amount, currency, interval)
        if key not in self._prices:
            recurring = {
                "interval": interval,
                "interval_count": 1,
                "meter": None,
                "usage_type": "metered" if metered else "licensed",
            }
            self._prices[key] = self._add(
                "prices",
                "price",
                "price",
                0.0,
                active=True,
                billing_scheme="tiered" if metered else "per_unit",
                tiers_mode="graduated" if metered else None,
                currency=currency,
                product=self._products[plan]["id"],
                nickname=f"{plan} {interval}ly",
                recurring=recurring,
                tax_behavior="exclusive",
                type="recurring",
                unit_amount=amount,
                unit_amount_decimal=None if amount is None else str(amount),
                lookup_key=f"{plan}_{interval}_{currency}" if plan in ("starter", "growth") else None,
                metadata={},
            )
        return self._prices[key]

    def _customer(self, account: Account, moment: float) -> dict[str, Any]:
        rng, first = self.rng, account.developers[0]
        metadata: dict[str, str] = {}
        if account.applications and rng.uniform() < 0.55:
            metadata["consumer_id"] = account.applications[0].id
        if account.tier == "partner":
            metadata["tier"] = "partner"
        email = first.email
        if account.domain and rng.uniform() < 0.6:
            email = f"{('billing', 'accounts', 'finance')[rng.integers(3)]}@{account.domain}"
        row = self._add(
            "customers",
            "cus",
            "customer",
            moment,
            email=email,
            name=account.name,
            currency=account.currency,
            address={
                "country": account.country,
                "city": None,
                "line1": None,
                "line2": None,
                "postal_code": None,
                "state": None,
            },
            balance=0,
            delinquent=False,
            description=None,
            metadata=metadata,
        )
        self.customers[account.key] = row
        return row

    def negotiated(self, account: Account) -> int:
        """What an enterprise or a partner pays a month, in cents of USD, whole hundreds of dollars."""
        base = {"enterprise": 140_000, "isv": 90_000, "agency": 40_000, "reseller": 120_000}[account.persona]
        return int(base * (1 + min(4.0, account.calls_a_day / 2600)) / 10_000) * 10_000

    def _account(self, account: Account) -> None:
        story, rng = account.story, self.rng
        sold = story.reached.get("contracted", story.reached.get("revenue_share"))
        paying = story.reached.get("paying", story.reached.get("revenue_share"))
        customer = self._customer(account, max(account.entry, sold - 0.01))
        plan = story.plan_at(sold + 0.001)
        yearly = account.persona == "enterprise" and rng.uniform() < 0.12
        if plan in ("starter", "growth"):
            amount = from_cents(PLANS[plan].monthly, account.currency)
        else:
            amount = from_cents(self.negotiated(account) * (12 if yearly else 1), account.currency)
        price = self._price(plan, amount, account.currency, "year" if yearly else "month")
        discount = 20 if rng.uniform() < 0.07 else 0
        left = story.left if story.left is not None and paying is not None and story.left > paying else None
        subscription = self._add(
            "subscriptions",
            "sub",
            "subscription",
            sold,
            customer=customer["id"],
            currency=account.currency,
            status="active",
            start_date=self.time.epoch(sold),
            billing_cycle_anchor=self.time.epoch(sold),
            cancel_at=None,
            cancel_at_period_end=False,
            canceled_at=None,
            ended_at=None,
            trial_start=None,
            trial_end=None,
            pause_collection=None,
            discounts=[],
            metadata={"plan": plan},
            latest_invoice=None,
        )
        if discount:
            coupon = {
                "id": "LAUNCH20",
                "object": "coupon",
                "percent_off": 20,
                "amount_off": None,
                "currency": None,
                "duration": "forever",
                "valid": True,
            }
            entry = {
                "id": self._id("di"),
                "object": "discount",
                "coupon": coupon,
                "source": {"type": "coupon", "coupon": "LAUNCH20"},
                "start": self.time.epoch(sold),
                "end": None,
            }
            subscription["discounts"] = [entry]
        if self._changes.half_price(plan, discount):
            subscription["discounts"] = [self._changes.coupon(self._id("di"), self.time.epoch(sold))]
        items = [self._item(subscription, price, 1)]
        if plan in ("growth", "enterprise", "partner"):
            items.append(
                self._item(subscription, self._price("usage", None, account.currency, "month", metered=True), None)
            )
        subscription["items"] = {
            "object": "list",
            "data": items,
            "has_more": False,
            "url": f"/v1/subscription_items?subscription={subscription['id']}",
        }
        self._bill(account, customer, subscription, items, sold, paying, left, discount, yearly)

    def _item(self, subscription: dict[str, Any], price: dict[str, Any], quantity: int | None) -> dict[str, Any]:
        item = {
            "id": self._id("si"),
            "object": "subscription_item",
            "created": subscription["created"],
            "subscription": subscription["id"],
            "price": price,
            "discounts": [],
            "tax_rates": [],
            "metadata": {},
        }
        return item | ({} if quantity is None else {"quantity": quantity})

    def _bill(
        self,
        account: Account,
        customer: dict[str, Any],
        subscription: dict[str, Any],
        items: list[dict[str, Any]],
        sold: float,
        paying: float | None,
        left: float | None,
        discount: int,
        yearly: bool,
    ) -> None:
        """Invoices from the sale on, one a period, until the customer leaves or the story ends."""
        time, story = self.time, account.story
        start, step, number = time.at(sold), 12 if yearly else 1, 0
        expanded = story.reached.get("expanded")
        seats = self._changes.seats(subscription["metadata"]["plan"], yearly)
        once = bool(subscription["discounts"]) and not discount
        period = start
        while period < time.end and (left is None or time.moment(period) < left):
            until = add_months(start, step * (number + 1))
            moment = time.moment(period)
            if expanded is not None and moment >= expanded and subscription["metadata"].get("expanded") is None:
                self._expand(account, subscription, items, yearly)
            for item in items:
                item["current_period_start"], item["current_period_end"] = (
                    int((period - datetime(1970, 1, 1)).total_seconds()),
                    int((until - datetime(1970, 1, 1)).total_seconds()),
                )
            if number == seats.down:
                items[0]["quantity"] -= 1
            paid_at = None if paying is None else max(moment + 0.04, paying if number == 0 else moment + 0.04)
            off = 50 if once and number == 0 else discount
            invoice = self._invoice(account, customer, subscription, items, moment, number, off, paid_at)
            if once and number == 0:
                subscription["discounts"] = []
            if number == seats.up and paying is not None:
                self._one_seat_more(account, customer, subscription, items[0], (period, until), seats, left, discount)
            subscription["latest_invoice"] = invoice["id"]
            number, period = number + 1, until
        self._changes.pause(subscription, left is None and paying is not None)
        if left is not None:
            gone = time.epoch(min(left, DAYS - 0.05))
            subscription.update(
                status="canceled",
                canceled_at=gone,
                ended_at=gone,
                cancellation_details={"reason": "cancellation_requested"},
            )
        elif paying is None:
            subscription["status"] = "past_due" if DAYS - sold > 10 else "incomplete"
        else:
            monthly = sum((item["price"]["unit_amount"] or 0) * item.get("quantity", 0) for item in items)
            cents = to_cents(monthly, account.currency) * (100 - discount) // 100
            self.monthly[account.key] = cents // 12 if yearly else cents

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

    def _expand(
        self, account: Account, subscription: dict[str, Any], items: list[dict[str, Any]], yearly: bool
    ) -> None:
        old = items[0]["price"]
        subscription["metadata"]["expanded"] = "true"
        if subscription["metadata"]["plan"] == "starter":
            subscription["metadata"]["plan"] = "growth"
            items[0]["price"] = self._price(
                "growth", from_cents(PLANS["growth"].monthly, account.currency), account.currency, "month"
            )
        elif subscription["metadata"]["plan"] == "growth":
            items[0]["quantity"] = 2
        else:
            amount = int(old["unit_amount"] * 1.4 / 1000) * 1000
            items[0]["price"] = self._price(
                subscription["metadata"]["plan"], amount, account.currency, "year" if yearly else "month"
            )

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

    def _events(self) -> None:
        """What changed in the last 30 days, as Stripe keeps it."""
        since, found = self.time.epoch(DAYS - 30.0), []
        for invoice in self.objects["invoices"]:
            if invoice["created"] >= since:
                found.append((invoice["created"], "invoice.created", invoice))
            if (invoice["status_transitions"]["paid_at"] or 0) >= since:
                found.append((invoice["status_transitions"]["paid_at"], "invoice.paid", invoice))
        for subscription in self.objects["subscriptions"]:
            if subscription["created"] >= since:
                found.append((subscription["created"], "customer.subscription.created", subscription))
            if (subscription["ended_at"] or 0) >= since:
                found.append((subscription["ended_at"], "customer.subscription.deleted", subscription))
        found += [
            (self.time.epoch(moment), "customer.subscription.updated", state)
            for moment, state in self._changes.updates
            if self.time.epoch(moment) >= since
        ]
        for refund in self.objects["refunds"]:
            if refund["created"] >= since:
                found.append((refund["created"], "refund.created", refund))
        for moment, kind, row in sorted(found, key=lambda item: (item[0], item[1], item[2]["id"])):
            self._add(
                "events",
                "evt",
                "event",
                moment,
                type=kind,
                api_version="2025-03-31.basil",
                data={"object": row},
                pending_webhooks=0,
            )
