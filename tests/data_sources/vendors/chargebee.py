"""Chargebee in small: entities wrapped by their name, offsets, filters by time, deleted records only where they are asked for."""

import json
from datetime import UTC, datetime

from data_sources.http import basic
from data_sources.records import (
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

BORN = 1_767_225_600  # 2026-01-01
LATER = BORN + 80 * 86_400 + 60  # a minute after the suite's first sync
SORTED = {"items", "item_prices", "customers", "subscriptions", "transactions", "invoices", "events"}


def at(value: str) -> int:
    """Epoch seconds of a day or time in UTC."""
    return int(datetime.fromisoformat(value).replace(tzinfo=UTC).timestamp())


def item(name: str) -> dict:
    return {
        "id": name,
        "name": name,
        "external_name": name.title(),
        "status": "active",
        "type": "plan",
        "updated_at": BORN,
    }


def item_price(name: str, cents: int | None, unit: str = "month", code: str = "USD", **more) -> dict:
    return {"id": f"{name}-{code}", "item_id": name, "name": name, "item_type": "plan", "status": "active", "price": cents,
            "currency_code": code, "period": 1, "period_unit": unit, "pricing_model": "per_unit", "is_taxable": True,
            "price_type": "tax_exclusive", "created_at": BORN, "updated_at": BORN, "object": "item_price"} | more  # fmt: skip


def customer(name: str, **more) -> dict:
    return {"id": f"cus-{name}", "company": name.title(), "email": f"pay@{name}.example", "deleted": False,
            "preferred_currency_code": "USD", "billing_address": {"country": "NL"}, "cf_organization_id": f"org-{name}",
            "meta_data": {"consumer_id": f"app-{name}"}, "created_at": BORN, "updated_at": BORN} | more  # fmt: skip


def subscription(name: str, price: dict, started: str, term: tuple[str, str], *, quantity: int = 1, **more) -> dict:
    """`term` ends on the day after its last; Chargebee writes the last second."""
    one = {"item_price_id": price["id"], "item_type": "plan", "quantity": quantity, "unit_price": price["price"]}
    born = at(started)
    return {"id": f"sub-{name}", "customer_id": f"cus-{name}", "status": "active", "currency_code": price["currency_code"],
            "subscription_items": [one], "started_at": born, "created_at": born, "updated_at": born, "deleted": False,
            "resource_version": born * 1000 + 7, "current_term_start": at(term[0]), "current_term_end": at(term[1]) - 1,
            "billing_period": 1, "billing_period_unit": price["period_unit"], "mrr": price["price"]} | more  # fmt: skip


def line(
    bill: str, number: int, subscription: dict | str, price: dict, cents: int, starts: str, ends: str, **more
) -> dict:
    owner = subscription if isinstance(subscription, str) else subscription["id"]
    return {"id": f"li-{bill}-{number}", "date_from": at(starts), "date_to": at(ends) - 1, "quantity": 1, "amount": cents,
            "unit_amount": cents, "entity_type": "plan_item_price", "entity_id": price["id"], "subscription_id": owner,
            "description": price["name"], "discount_amount": 0, "tax_amount": 0, "object": "line_item"} | more  # fmt: skip


def invoice(
    name: str, number: str, lines: list[dict], day: str, *, status: str = "paid", paid: str | None = None, **more
) -> dict:
    cents, taxes = sum(one["amount"] for one in lines), sum(one["tax_amount"] for one in lines)
    off = sum(one["discount_amount"] for one in lines)
    inclusive = more.get("price_type") == "tax_inclusive"
    total = cents - off + (0 if inclusive else taxes)
    done = status == "paid"
    return {"id": f"inv-{number}", "customer_id": f"cus-{name}", "status": status, "currency_code": "USD", "line_items": lines,
            "sub_total": cents, "tax": taxes, "total": total, "amount_paid": total if done else 0, "deleted": False,
            "amount_due": 0 if done else total, "date": at(day), "paid_at": at(paid or day) if done else None, "discounts": [],
            "price_type": "tax_exclusive", "updated_at": at(paid or day), "first_invoice": False} | more  # fmt: skip


def payment(bill: dict, number: int, day: str, status: str = "success") -> dict:
    return {"id": f"txn-{bill['id']}-{number}", "type": "payment", "status": status, "customer_id": bill["customer_id"],
            "amount": bill["total"], "currency_code": bill["currency_code"], "date": at(day), "updated_at": at(day),
            "linked_invoices": [{"invoice_id": bill["id"], "applied_amount": bill["total"]}], "deleted": False,
            "error_code": None if status == "success" else "card_declined"}  # fmt: skip


def refund(paid: dict, number: int, cents: int, day: str, kind: str = "refund") -> dict:
    return {"id": f"{kind}-{paid['id']}-{number}", "type": kind, "status": "success", "customer_id": paid["customer_id"],
            "amount": cents, "currency_code": paid["currency_code"], "date": at(day), "updated_at": at(day),
            "refunded_txn_id": paid["id"], "deleted": False}  # fmt: skip


def credit_note(bill: dict, number: int, cents: int, day: str, refunds: list[dict] = [], **more) -> dict:  # noqa: B006 - never changed
    linked = [{"txn_id": one["id"], "applied_amount": one["amount"], "txn_status": "success"} for one in refunds]
    return {"id": f"cn-{bill['id']}-{number}", "customer_id": bill["customer_id"], "reference_invoice_id": bill["id"],
            "type": "refundable", "status": "refunded" if refunds else "adjusted", "reason_code": "subscription_change",
            "currency_code": bill["currency_code"], "total": cents, "taxes": [], "linked_refunds": linked, "date": at(day),
            "updated_at": at(day), "voided_at": None, "deleted": False} | more  # fmt: skip


def event(number: int, kind: str, subscription: dict, moment: int) -> dict:
    return {"id": f"ev-{number}", "event_type": f"subscription_{kind}", "occurred_at": moment, "object": "event",
            "content": {"subscription": json.loads(json.dumps(subscription)), "customer": {"id": "cus"}}}  # fmt: skip


class Vendor(FakeVendor):
    kind = "chargebee"
    page = 3
    streams = (
        "items", "item_prices", "coupons", "customers", "subscriptions", "transactions", "invoices", "credit_notes", "events",
    )  # fmt: skip

    def fill(self) -> None:
        growth, seats = item_price("growth", 39_900), item_price("seats", 500, item_type="addon")
        names = [f"acme{n}" for n in range(7)]
        term = ("2026-01-10", "2026-02-10")
        subscriptions = [subscription(name, growth, "2026-01-10", term) for name in names]
        subscriptions[1]["subscription_items"].append(
            {"item_price_id": seats["id"], "item_type": "addon", "quantity": 4, "unit_price": 500}
        )
        lines = [[line(str(n), 0, subscriptions[n], growth, 39_900, *term)] for n in range(7)]
        invoices = [
            invoice(name, str(n), lines[n], "2026-01-10", status="payment_due" if n == 3 else "paid")
            for n, name in enumerate(names)
        ]
        payments = [payment(bill, 0, "2026-01-10") for n, bill in enumerate(invoices) if n != 3]
        back = refund(payments[2], 0, 4_000, "2026-02-01")
        self.lists = {
            "items": [item(f"item{n}") for n in range(4)],
            "item_prices": [growth, seats, item_price("scale", 99_900), item_price("yearly", 120_000, "year")],
            "coupons": [
                {"id": "SPRING", "name": "Spring", "discount_type": "percentage", "discount_percentage": 10.0,
                 "duration_type": "forever", "status": "active", "created_at": BORN, "updated_at": BORN}
            ],
            "customers": [customer(name) for name in names],
            "subscriptions": subscriptions,
            "transactions": [*payments, back, refund(payments[4], 0, 39_900, "2026-02-20", "payment_reversal")],
            "invoices": invoices,
            "credit_notes": [credit_note(invoices[2], n, 10_000, "2026-02-01", [back][n:]) for n in range(4)],
            "events": [event(n, "created", one, one["created_at"]) for n, one in enumerate(subscriptions[:4])],
        }  # fmt: skip

    def settings(self, url: str) -> dict:
        return {"kind": "chargebee", "url": url, "key": "secret:vendor"}

    def authorised(self, headers: dict) -> bool:
        return headers.get("authorization") == basic(TOKEN, "")

    def answer(self, path: str, query: dict) -> object:
        name = path.removeprefix("/api/v2/")
        if name not in self.lists:
            return None
        dated = "occurred_at" if name == "events" else "updated_at"
        since = int(query.get(f"{dated}[after]", 0))
        held = [one for one in self.lists[name] if one.get(dated, BORN) > since]
        if query.get("include_deleted") != "true":
            held = [one for one in held if not one.get("deleted")]
        if kinds := query.get("event_type[in]"):
            held = [one for one in held if one["event_type"] in json.loads(kinds)]
        if "sort_by[asc]" in query:
            assert name in SORTED
            held = sorted(held, key=lambda one: one[query["sort_by[asc]"]])
        start = json.loads(query["offset"])[0] if "offset" in query else 0
        end = start + min(int(query["limit"]), self.page)
        entity = name.removesuffix("s")
        more = {"next_offset": json.dumps([end])} if end < len(held) else {}
        return {"list": [{entity: one} for one in held[start:end]]} | more

    def ids(self) -> dict:
        held = {name: {one["id"] for one in items if "id" in one} for name, items in self.lists.items()}
        kinds = {one["id"]: one["type"] for one in self.lists["transactions"]}
        items = {f"{one['id']}:plan" for one in self.lists["subscriptions"]} | {"sub-acme1:seats-USD"}
        return {
            Product: held["items"], Price: held["item_prices"], Discount: held["coupons"],
            BillingCustomer: held["customers"], Subscription: held["subscriptions"], SubscriptionItem: items,
            SubscriptionChange: held["events"], Invoice: held["invoices"], CreditNote: held["credit_notes"],
            InvoiceLine: {row["id"] for one in self.lists["invoices"] for row in one["line_items"]},
            Payment: {one for one, kind in kinds.items() if kind == "payment"},
            Refund: {one for one, kind in kinds.items() if kind == "refund"},
            Dispute: {one for one, kind in kinds.items() if kind == "payment_reversal"},
        }  # fmt: skip

    def change(self):
        self.lists["invoices"][3] |= {"status": "paid", "paid_at": LATER, "updated_at": LATER}
        return Invoice, "inv-3", "status", "paid"

    def remove(self):
        self.lists["customers"][2] |= {"deleted": True, "email": None, "company": None, "updated_at": LATER}
        return BillingCustomer, "cus-acme2", lambda row: row.deleted and row.email == "pay@acme2.example"

    def spoil(self, how: str) -> str:
        one = self.lists["customers"][4]
        if how == "gone":
            del one["id"]
        elif how == "odd":
            one["billing_address"] = "not an object"
        else:
            one["a_new_field"] = {"of": ["a", "new"], "kind": 1}
        return "cus-acme4"
