"""Stripe's side of the story: who pays, for what, what was given back, and what the payment cost.

Objects have the shape of the API from 2025-03-31 on: billing periods on subscription items, an invoice's subscription
under `parent`, and its payment in `/v1/invoice_payments`.
"""

from datetime import datetime
from typing import Any

from data_sources.demo.catalog import PLANS
from data_sources.demo.changes import Changes
from data_sources.demo.company import Account
from data_sources.demo.invoices import Invoices
from data_sources.demo.money import add_months, from_cents, to_cents
from data_sources.demo.timeline import DAYS, Timeline

_SHARE = {"isv": 20.0, "agency": 15.0, "reseller": 25.0}


def revenue_share(persona: str) -> float:
    """The percentage of what a partner brings that stays with the partner."""
    return _SHARE.get(persona, 0.0)


class Biller(Invoices):
    """Writes the objects of every account that has bought something; `objects[endpoint]` is a list, oldest first."""

    def __init__(self, time: Timeline, accounts: list[Account]) -> None:
        super().__init__(time, Changes(time))
        self.customers: dict[str, dict[str, Any]] = {}
        self.monthly: dict[str, int] = {}
        self._prices: dict[tuple, dict[str, Any]] = {}
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
