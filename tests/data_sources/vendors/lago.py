"""Lago in small: pages by number, lists under their own names, only active subscriptions unless others are asked for."""

from datetime import UTC, datetime

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
    SubscriptionItem,
)
from tests.data_sources.vendors.server import TOKEN, FakeVendor

BORN = "2026-01-05T09:00:00Z"


def at(value: str) -> str:
    """A day or time as Lago writes it."""
    return datetime.fromisoformat(value).replace(tzinfo=UTC).isoformat().replace("+00:00", "Z")


def plan(code: str, cents: int, interval: str = "monthly", currency: str = "USD", trial: float = 0.0) -> dict:
    return {"lago_id": f"plan-{code}", "name": code.title(), "code": code, "interval": interval, "amount_cents": cents,
            "amount_currency": currency, "trial_period": trial, "pay_in_advance": True, "created_at": BORN, "charges": []}  # fmt: skip


def customer(name: str, currency: str = "USD") -> dict:
    return {"lago_id": f"cus-{name}", "external_id": f"org-{name}", "name": name.title(), "firstname": None, "lastname": None,
            "email": f"pay@{name}.example", "currency": currency, "country": "NL", "created_at": BORN,
            "metadata": [{"key": "consumer_id", "value": f"app-{name}", "display_in_invoice": False}]}  # fmt: skip


def subscription(name: str, number: int, plan: dict, started: str, ended: str | None = None, **more) -> dict:
    return {"lago_id": f"sub-{name}-{number}", "external_id": f"ext-{name}", "lago_customer_id": f"cus-{name}",
            "external_customer_id": f"org-{name}", "plan_code": plan["code"], "plan_amount_cents": plan["amount_cents"],
            "plan_amount_currency": plan["amount_currency"], "status": "terminated" if ended else "active",
            "started_at": at(started), "subscription_at": at(started), "terminated_at": ended and at(ended),
            "canceled_at": None, "ending_at": None, "trial_ended_at": None, "previous_plan_code": None,
            "next_plan_code": None, "created_at": at(started), "billing_time": "anniversary"} | more  # fmt: skip


def invoice(
    name: str, number: str, cents: int, day: str, *, paid: bool = True, coupons: int = 0, taxes: int = 0, **more
) -> dict:
    total = cents - coupons + taxes
    return {"lago_id": f"inv-{number}", "number": f"LAG-{number}", "issuing_date": day[:10], "invoice_type": "subscription",
            "status": "finalized", "payment_status": "succeeded" if paid else "pending", "currency": "USD",
            "fees_amount_cents": cents, "coupons_amount_cents": coupons, "taxes_amount_cents": taxes,
            "sub_total_excluding_taxes_amount_cents": cents - coupons, "sub_total_including_taxes_amount_cents": total,
            "credit_notes_amount_cents": 0, "prepaid_credit_amount_cents": 0, "total_amount_cents": total,
            "total_due_amount_cents": 0 if paid else total, "customer": {"lago_id": f"cus-{name}"},
            "payment_dispute_lost_at": None, "created_at": at(day)} | more  # fmt: skip


def fee(
    bill: dict, number: int, subscription: dict, cents: int, starts: str, ends: str, *, off: str = "0.0", taxes: int = 0
) -> dict:
    """`ends` is the day after the last; Lago writes the last second."""
    last = at(
        datetime.fromtimestamp(datetime.fromisoformat(ends).replace(tzinfo=UTC).timestamp() - 1, UTC).isoformat()[:19]
    )
    return {"lago_id": f"fee-{bill['lago_id']}-{number}", "lago_invoice_id": bill["lago_id"], "amount_cents": cents,
            "lago_subscription_id": subscription["lago_id"], "lago_customer_id": subscription["lago_customer_id"],
            "amount_currency": bill["currency"], "precise_coupons_amount_cents": off, "taxes_amount_cents": taxes,
            "units": "1.0", "item": {"type": "subscription", "code": subscription["plan_code"], "name": "Plan"},
            "from_date": at(starts), "to_date": last, "created_at": bill["created_at"]}  # fmt: skip


def payment(bill: dict, number: int, day: str, status: str = "succeeded") -> dict:
    return {"lago_id": f"pay-{bill['lago_id']}-{number}", "lago_customer_id": bill["customer"]["lago_id"],
            "invoice_ids": [bill["lago_id"]], "amount_cents": bill["total_amount_cents"], "amount_currency": bill["currency"],
            "status": "Whatever", "payment_status": status, "provider_payment_id": "pi_1", "created_at": at(day)}  # fmt: skip


def credit_note(bill: dict, number: int, cents: int, day: str, *, refund: int = 0, taxes: int = 0) -> dict:
    return {"lago_id": f"cn-{bill['lago_id']}-{number}", "number": f"CN-{number}", "lago_invoice_id": bill["lago_id"],
            "issuing_date": day[:10], "credit_status": None if refund else "available", "reason": "other",
            "refund_status": "succeeded" if refund else None, "currency": bill["currency"], "total_amount_cents": cents,
            "taxes_amount_cents": taxes, "credit_amount_cents": cents - refund, "refund_amount_cents": refund,
            "balance_amount_cents": 0, "created_at": at(day)}  # fmt: skip


def applied(name: str, number: int, **more) -> dict:
    return {"lago_id": f"ac-{name}-{number}", "lago_coupon_id": "c", "coupon_code": "spring", "coupon_name": "Spring",
            "lago_customer_id": f"cus-{name}", "status": "active", "amount_cents": None, "amount_currency": None,
            "percentage_rate": "10.0", "frequency": "forever", "created_at": BORN, "terminated_at": None} | more  # fmt: skip


class Vendor(FakeVendor):
    kind = "lago"
    page = 3
    streams = ("customers", "plans", "applied_coupons", "subscriptions", "payments", "invoices", "fees", "credit_notes")

    def fill(self) -> None:
        plans = [plan("free", 0), plan("growth", 39_900), plan("yearly", 120_000, "yearly")]
        names = [f"acme{n}" for n in range(7)]
        subscriptions = [subscription(name, 0, plans[1], "2026-01-10") for name in names]
        subscriptions.append(subscription(names[0], 1, plans[0], "2025-12-01", "2026-01-10"))
        invoices = [
            invoice(name, str(n), 39_900, "2026-01-10", paid=n != 3, currency="USD") for n, name in enumerate(names)
        ]
        invoices[5]["payment_dispute_lost_at"] = "2026-02-20T08:00:00Z"
        self.lists = {
            "customers": [customer(name) for name in names],
            "plans": plans,
            "applied_coupons": [
applied(f"acme{n}", 0) for n in range(4)
            ],
            "subscriptions": subscriptions,
            "payments": [payment(bill, 0, "2026-01-11") for n, bill in enumerate(invoices) if n != 3],
            "invoices": invoices,
            "fees": [
                fee(bill, 0, sub, 39_900, "2026-01-10", "2026-02-10") for bill, sub in zip(invoices, subscriptions, strict=False)
            ],
            "credit_notes": [credit_note(invoices[2], 0, 10_000, "2026-02-01", refund=4_000)],
        }  # fmt: skip

    def settings(self, url: str) -> dict:
        return {"kind": "lago", "url": url, "key": "secret:vendor"}

    def authorised(self, headers: dict) -> bool:
        return headers.get("authorization") == f"Bearer {TOKEN}"

    def answer(self, path: str, query: dict) -> object:
        name = path.removeprefix("/api/v1/")
        items = self.lists.get(name)
        if items is None:
            return None
        if name == "subscriptions" and "status[]" not in query:
            items = [one for one in items if one["status"] == "active"]
        since = query.get("issuing_date_from") or query.get("created_at_from") or ""
        dated = "issuing_date" if "issuing_date_from" in query else "created_at"
        items = [one for one in items if not since or one[dated] >= since]
        size, page = min(int(query["per_page"]), self.page), int(query["page"])
        pages = -(-len(items) // size)
        meta = {"current_page": page, "next_page": page + 1 if page < pages else None, "total_pages": pages}
        return {name: items[(page - 1) * size : page * size], "meta": meta | {"total_count": len(items)}}

    def ids(self) -> dict:
        held = {name: {one["lago_id"] for one in items if "lago_id" in one} for name, items in self.lists.items()}
        return {
            BillingCustomer: held["customers"], Product: held["plans"], Price: held["plans"],
            Discount: held["applied_coupons"], Subscription: held["subscriptions"], SubscriptionItem: held["subscriptions"],
            Payment: held["payments"], Invoice: held["invoices"], Dispute: {"inv-5:dispute"}, InvoiceLine: held["fees"],
            CreditNote: held["credit_notes"], Refund: {"cn-inv-2-0:refund"},
        }  # fmt: skip

    def change(self):
        bill = self.lists["invoices"][3]
        bill |= {"payment_status": "succeeded"}
        return Invoice, "inv-3", "status", "paid"

    def remove(self):
        self.lists["customers"].pop(2)
        return BillingCustomer, "cus-acme2", lambda row: row.deleted and row.email == "pay@acme2.example"

    def spoil(self, how: str) -> str:
        item = self.lists["customers"][4]
        if how == "gone":
            del item["lago_id"]
        elif how == "odd":
            item["created_at"] = {"never": "a time"}
        else:
            item["a_new_field"] = {"of": ["a", "new"], "kind": 1}
        return "cus-acme4"
