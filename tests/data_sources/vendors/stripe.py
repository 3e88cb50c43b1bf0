"""Stripe in small: newest first, starting_after, created ranges, events; half of it in the shape before 2025-03-31."""

from copy import deepcopy

from data_sources.records import (
    BalanceFee,
    BillingCustomer,
    CreditNote,
    Discount,
    Dispute,
    Invoice,
    InvoiceLine,
    Payment,
    Price,
    Product,
    Refund,
    Subscription,
    SubscriptionChange,
    SubscriptionItem,
)
from tests.data_sources.vendors.server import TOKEN, FakeVendor

BORN = 1_767_225_600
MONTH = 30 * 86_400


def line(number: int, invoice: int, new_shape: bool) -> dict:
    common = {"id": f"il_{invoice}_{number}", "amount": 900, "currency": "usd", "quantity": 1, "discount_amounts": [],
              "period": {"start": BORN, "end": BORN + MONTH}}  # fmt: skip
    if new_shape:
        details = {"subscription": f"sub_{invoice}", "subscription_item": f"si_{invoice}_0", "proration": False}
        return common | {
            "parent": {
                "type": "subscription_item_details",
                "subscription_item_details": details,
                "invoice_item_details": None,
            },
            "pricing": {"type": "price_details", "price_details": {"price": "price_0", "product": "prod_0"}},
            "taxes": [{"amount": 100, "tax_behavior": "exclusive"}],
        }
    return common | {
        "subscription": f"sub_{invoice}", "subscription_item": f"si_{invoice}_0", "price": {"id": "price_0"},
        "proration": False, "tax_amounts": [{"amount": 100, "inclusive": False}], "type": "subscription",
    }  # fmt: skip


def invoice(number: int, new_shape: bool) -> dict:
    lines = [line(n, number, new_shape) for n in range(4)]
    held = {
        "id": f"in_{number}", "object": "invoice", "number": f"H-{number}", "customer": f"cus_{number}", "status": "open",
        "currency": "usd", "subtotal": 3600, "total": 4000, "amount_due": 4000, "amount_paid": 0, "created": BORN + number,
        "period_start": BORN, "period_end": BORN + MONTH, "total_discount_amounts": [], "all_lines": lines,
        "lines": {"object": "list", "data": lines[:2], "has_more": True},
        "status_transitions": {"finalized_at": BORN + 1, "paid_at": None, "voided_at": None},
    }  # fmt: skip
    if new_shape:
        parent = {"type": "subscription_details", "subscription_details": {"subscription": f"sub_{number}"}}
        return held | {"parent": parent, "total_taxes": [{"amount": 400}], "total_excluding_tax": 3600}
    return held | {"subscription": f"sub_{number}", "tax": 400, "total_tax_amounts": [{"amount": 400}], "paid": False}


def discounts(number: int) -> list[dict]:
    """One subscription is sold at a tenth less."""
    coupon = {"id": "TENTH", "object": "coupon", "percent_off": 10.0, "duration": "forever", "name": "A tenth"}
    return [{"id": "di_4", "object": "discount", "coupon": coupon, "start": BORN, "end": None}] if number == 4 else []


def subscription(number: int, new_shape: bool) -> dict:
    period = {"current_period_start": BORN, "current_period_end": BORN + MONTH}
    items = [{"id": f"si_{number}_{n}", "object": "subscription_item", "price": {"id": "price_0"}, "quantity": n + 1,
              "created": BORN, **(period if new_shape else {})} for n in range(2)]  # fmt: skip
    return {
        "id": f"sub_{number}", "object": "subscription", "customer": f"cus_{number}", "status": "active", "currency": "usd",
        "start_date": BORN, "created": BORN + number, "trial_start": None, "trial_end": None, "cancel_at": None,
        "canceled_at": None, "ended_at": None, "cancel_at_period_end": False, "metadata": {}, "discounts": discounts(number),
        "items": {"object": "list", "data": items, "has_more": False}, **({} if new_shape else period),
    }  # fmt: skip


class Vendor(FakeVendor):
    kind = "stripe"
    page = 4
    streams = (
        "products",
        "prices",
        "customers",
        "subscriptions",
        "invoices",
        "credit_notes",
        "charges",
        "refunds",
        "disputes",
        "events",
    )

    def fill(self) -> None:
        many = range(9)
        self.lists = {
            "products": [{"id": "prod_0", "object": "product", "name": "Rates", "active": True, "created": BORN}],
            "prices": [
                {"id": f"price_{n}", "object": "price", "product": "prod_0", "currency": "usd", "unit_amount": 900,
                 "unit_amount_decimal": "900", "recurring": {"interval": "month", "interval_count": 1, "usage_type": "licensed"},
                 "billing_scheme": "per_unit", "active": True, "created": BORN + n} for n in range(2)
            ],
            "customers": [
                {"id": f"cus_{n}", "object": "customer", "email": f"pay{n}@acme.example", "name": f"Acme {n}",
                 "metadata": {"consumer_id": f"app-{n}"}, "currency": "usd", "created": BORN + n,
                 "address": {"country": "NL"}} for n in many
            ],
            "subscriptions": [subscription(n, n % 2 == 0) for n in many],
            "invoices": [invoice(n, n % 2 == 0) for n in many],
            "credit_notes": [
                {"id": "cn_0", "object": "credit_note", "number": "H-2-CN-01", "invoice": "in_2", "customer": "cus_2",
                 "status": "issued", "currency": "usd", "amount": 440, "total": 440, "total_excluding_tax": 400,
                 "refunds": [], "created": BORN + 5, "effective_at": BORN + 5, "voided_at": None}],
            "charges": [
                {"id": f"ch_{n}", "object": "charge", "customer": f"cus_{n}", "payment_intent": f"pi_{n}", "status": "succeeded",
                 "currency": "jpy" if n == 1 else "usd", "amount": 500 if n == 1 else 4000, "amount_refunded": 0,
                 "balance_transaction": f"txn_{n}", "created": BORN + n, **({"invoice": f"in_{n}"} if n % 2 else {})}
                for n in many
            ],
            "invoice_payments": [
                {"id": f"inpay_{n}", "object": "invoice_payment", "invoice": f"in_{n}", "status": "paid", "created": BORN + n,
                 "payment": {"type": "payment_intent", "payment_intent": f"pi_{n}"}} for n in many
            ],
            "refunds": [{"id": "re_0", "object": "refund", "charge": "ch_0", "status": "succeeded", "currency": "usd",
                         "amount": 1000, "created": BORN}],
            "disputes": [{"id": "dp_0", "object": "dispute", "charge": "ch_2", "status": "warning_closed", "currency": "usd",
                          "amount": 4000, "created": BORN}],
            "balance_transactions": [
                {"id": f"txn_{n}", "object": "balance_transaction", "type": "charge", "reporting_category": "charge",
                 "source": f"ch_{n}", "currency": "usd", "amount": 4000, "fee": 146, "net": 3854, "created": BORN + n}
                for n in many
            ],
            "events": [],
        }  # fmt: skip
        self.event("customer.subscription.created", self.lists["subscriptions"][5], BORN + 5)

    def settings(self, url: str) -> dict:
        return {"kind": "stripe", "url": url, "key": "secret:vendor"}

    def authorised(self, headers: dict) -> bool:
        return headers.get("authorization") == f"Bearer {TOKEN}"

    def answer(self, path: str, query: dict) -> object:
        _, _, name, *rest = path.split("/")
        items = self.lists.get(name)
        if items is None:
            return None
        if rest:
            found = next((one for one in items if one.get("id") == rest[0]), None)
            if found is None or len(rest) == 1:
                return found and self._sent(found)
            return self._listed(found["all_lines"], query, newest_first=False)
        if kind := query.get("type"):
            items = [one for one in items if one["type"].startswith(kind.removesuffix("*"))]
        if intent := query.get("payment[payment_intent]"):
            items = [one for one in items if one["payment"]["payment_intent"] == intent]
        return self._listed(items, query)

    def _sent(self, item: dict) -> dict:
        return {key: value for key, value in item.items() if key != "all_lines"}

    def _listed(self, items: list, query: dict, newest_first: bool = True) -> dict:
        if newest_first:
            items = sorted(items, key=lambda one: -one["created"])
            low, high = int(query.get("created[gte]", 0)), int(query.get("created[lte]", 1 << 40))
            items = [one for one in items if low <= one["created"] <= high]
        after = query.get("starting_after")
        start = next((n + 1 for n, one in enumerate(items) if one.get("id") == after), 0) if after else 0
        size = min(int(query.get("limit", 10)), self.page)
        found = items[start : start + size]
        return {"object": "list", "data": [self._sent(one) for one in found], "has_more": start + size < len(items)}

    def ids(self) -> dict:
        def held(name):
            return {one["id"] for one in self.lists[name] if "id" in one}

        return {
            Product: held("products"), Price: held("prices"), BillingCustomer: held("customers"), Payment: held("charges"),
            Subscription: held("subscriptions"), Invoice: held("invoices"), Refund: held("refunds"), Dispute: held("disputes"),
            BalanceFee: held("balance_transactions"),
            SubscriptionItem: {i["id"] for s in self.lists["subscriptions"] for i in s["items"]["data"]},
            CreditNote: held("credit_notes"), Discount: {"di_4"}, SubscriptionChange: {"evt_0"},
            InvoiceLine: {i["id"] for s in self.lists["invoices"] for i in s["all_lines"]},
        }  # fmt: skip

    def event(self, kind: str, thing: dict, created: int) -> None:
        number = len(self.lists["events"])
        held = {
            "id": f"evt_{number}",
            "object": "event",
            "type": kind,
            "created": created,
            "data": {"object": deepcopy(self._sent(thing))},
        }
        self.lists["events"].append(held)

    def change(self):
        paid = self.lists["invoices"][3]
        paid["status"], paid["status_transitions"]["paid_at"] = "paid", BORN + 500
        self.event("invoice.paid", paid, self.later)
        return Invoice, "in_3", "status", "paid"

    def remove(self):
        lost = self.lists["customers"].pop(2)
        self.event("customer.deleted", lost, self.later)
        return BillingCustomer, "cus_2", lambda row: row.deleted and row.email == "pay2@acme.example"

    later = BORN + 80 * 86_400 + 60  # a minute after the suite's first sync

    def spoil(self, how: str) -> str:
        item = self.lists["customers"][4]
        if how == "gone":
            del item["id"]
        elif how == "odd":
            item["metadata"] = "not an object"
        else:
            item["a_new_field"] = {"of": ["a", "new"], "kind": 1}
        return "cus_4"
