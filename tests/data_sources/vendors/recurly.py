"""Recurly in small: pages by the cursor in `next`, oldest update first, amounts in whole units, a versioned Accept header."""

from datetime import UTC, datetime
from urllib.parse import urlencode

from data_sources.http import basic
from data_sources.records import (
    BillingCustomer,
    CreditNote,
    Discount,
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

BORN = "2026-01-01T00:00:00Z"
TOUCHED = "2026-03-22T00:30:00Z"  # between the two runs of a test


def at(value: str) -> str:
    """A day or time as Recurly writes it."""
    return datetime.fromisoformat(value).replace(tzinfo=UTC).isoformat().replace("+00:00", "Z")


def dated(moment: str) -> dict:
    return {"created_at": at(moment), "updated_at": at(moment)}


def account(name: str, **more) -> dict:
    return {"id": f"acc-{name}", "object": "account", "code": f"org-{name}", "state": "active", "email": f"pay@{name}.example",
            "company": name.title(), "address": {"country": "NL"}, "deleted_at": None,
            "custom_fields": [{"name": "consumer_id", "value": f"app-{name}"}], **dated("2026-01-01")} | more  # fmt: skip


def plan(name: str, amount: float, months: int = 1, code: str = "USD") -> dict:
    return {"id": f"plan-{name}", "object": "plan", "code": name, "name": name.title(), "state": "active",
            "interval_unit": "months", "interval_length": months, **dated("2026-01-01"),
            "currencies": [{"currency": code, "unit_amount": amount, "setup_fee": 0.0, "tax_inclusive": False}]}  # fmt: skip


def subscription(name: str, plan: dict, started: str, period: tuple[str, str], *, quantity: int = 1, **more) -> dict:
    price = plan["currencies"][0]
    return {"id": f"sub-{name}", "object": "subscription", "account": {"id": f"acc-{name}", "code": f"org-{name}"},
            "plan": {"id": plan["id"], "code": plan["code"]}, "state": "active", "currency": price["currency"],
            "quantity": quantity, "unit_amount": price["unit_amount"], "tax_inclusive": False, "add_ons": [],
            "activated_at": at(started), "current_period_started_at": at(period[0]), "current_period_ends_at": at(period[1]),
            "trial_started_at": None, "trial_ends_at": None, "canceled_at": None, "expires_at": None, "paused_at": None,
            "coupon_redemptions": [], **dated(started)} | more  # fmt: skip


def line(
    bill: str, number: int, subscription: dict | str, plan: dict, amount: float, starts: str, ends: str, **more
) -> dict:
    owner = subscription if isinstance(subscription, str) else subscription["id"]
    return {"id": f"li-{bill}-{number}", "object": "line_item", "type": "charge", "state": "invoiced", "origin": "plan",
            "invoice_id": f"inv-{bill}", "subscription_id": owner, "plan_id": plan["id"], "add_on_id": None,
            "description": plan["name"], "currency": plan["currencies"][0]["currency"], "quantity": 1, "unit_amount": amount,
            "subtotal": amount, "discount": 0.0, "tax": 0.0, "amount": amount, "tax_inclusive": False, "proration_rate": None,
            "original_line_item_invoice_id": None, "start_date": at(starts), "end_date": at(ends), **dated(starts)} | more  # fmt: skip


def invoice(name: str, number: str, lines: list[dict], day: str, *, paid: str | None = "", **more) -> dict:
    """Paid on its day, on another, or not at all (None)."""
    amount, off, tax = (round(sum(one[part] for one in lines), 2) for part in ("subtotal", "discount", "tax"))
    total = round(amount - off + tax, 2)
    closed = None if paid is None else at(paid or day)
    return {"id": f"inv-{number}", "object": "invoice", "type": "charge", "origin": "renewal", "number": number,
            "state": "past_due" if paid is None else "paid", "account": {"id": f"acc-{name}"}, "currency": lines[0]["currency"],
            "subtotal": amount, "discount": off, "tax": tax, "total": total, "paid": 0.0 if paid is None else total,
            "balance": total if paid is None else 0.0, "subscription_ids": [lines[0]["subscription_id"]], "line_items": lines,
            "transactions": [], "closed_at": closed, **dated(day), "updated_at": closed or at(day)} | more  # fmt: skip


def transaction(bill: dict, number: int, day: str, status: str = "success", **more) -> dict:
    return {"id": f"txn-{bill['id']}-{number}", "object": "transaction", "type": "purchase", "status": status,
            "account": bill["account"], "invoice": {"id": bill["id"]}, "amount": bill["total"], "currency": bill["currency"],
            "original_transaction_id": None, "collected_at": at(day), "status_code": None if status == "success" else "declined",
            **dated(day)} | more  # fmt: skip


def credit(bill: dict, number: str, amount: float, day: str, refunds: list[dict] = [], tax: float = 0.0) -> dict:  # noqa: B006 - never changed
    """A credit invoice on a bill: its total is negative."""
    origin = {"id": f"li-{number}-0", "original_line_item_invoice_id": bill["id"], "subtotal": -amount}
    return {"id": f"inv-{number}", "object": "invoice", "type": "credit", "origin": "immediate_change", "number": number,
            "state": "closed", "account": bill["account"], "currency": bill["currency"], "subtotal": -amount, "discount": 0.0,
            "tax": -tax, "total": -amount - tax, "paid": 0.0, "balance": 0.0, "subscription_ids": [], "line_items": [origin],
            "transactions": refunds, "closed_at": at(day), **dated(day)}  # fmt: skip


class Vendor(FakeVendor):
    kind = "recurly"
    page = 3
    streams = (
        "accounts", "plans", "add_ons", "coupons", "subscriptions", "invoices", "line_items", "transactions", "credit_payments",
    )  # fmt: skip

    def fill(self) -> None:
        growth, names, period = plan("growth", 399.0), [f"acme{n}" for n in range(7)], ("2026-01-10", "2026-02-10")
        subscriptions = [subscription(name, growth, "2026-01-10", period) for name in names]
        subscriptions[1]["add_ons"] = [
            {
                "id": "sa-1",
                "add_on": {"id": "ao-seats", "code": "seats"},
                "quantity": 4,
                "unit_amount": 5.0,
                "expired_at": None,
            }
        ]
        subscriptions[5] |= {"state": "paused", "paused_at": at("2026-02-10"), "updated_at": at("2026-02-10")}
        lines = [line(str(n), 0, subscriptions[n], growth, 399.0, *period) for n in range(7)]
        bills = [
            invoice(name, str(n), [lines[n]], "2026-01-10", paid=None if n == 3 else "") for n, name in enumerate(names)
        ]
        paid = [transaction(bill, 0, "2026-01-10") for n, bill in enumerate(bills) if n != 3]
        back = transaction(bills[2], 1, "2026-02-01", type="refund", amount=40.0, original_transaction_id=paid[2]["id"])
        seats = {"id": "ao-seats", "code": "seats", "name": "Seats", "plan_id": growth["id"], "add_on_type": "fixed",
                 "state": "active", "tier_type": "flat", **dated("2026-01-01"),
                 "currencies": [{"currency": "USD", "unit_amount": 5.0, "unit_amount_decimal": None, "tax_inclusive": False}]}  # fmt: skip
        gift = {"id": "cp-0", "action": "payment", "currency": "USD", "amount": 10.5, "account": {"id": "acc-acme4"},
                "original_invoice": {"id": "inv-gift"}, "applied_to_invoice": {"id": "inv-4"}, "voided_at": None}  # fmt: skip
        spring = {"id": "cpn-spring", "code": "spring", "name": "Spring", "duration": "forever", "state": "redeemable",
                  "discount": {"type": "percent", "percent": 10}}  # fmt: skip
        self.redemptions: dict[str, list[dict]] = {}
        self.lists = {
            "accounts": [account(name) for name in names],
            "plans": [growth, *(plan(f"plan{n}", 10.0 * n) for n in range(4))],
            "add_ons": [seats],
            "coupons": [spring | dated("2026-01-01")],
            "subscriptions": subscriptions,
            "invoices": [*bills, credit(bills[2], "9", 100.0, "2026-02-01", [back])],
            "line_items": lines,
            "transactions": [*paid, back],
            "credit_payments": [gift | dated("2026-02-01")],
        }

    def settings(self, url: str) -> dict:
        return {"kind": "recurly", "url": url, "key": "secret:vendor"}

    def authorised(self, headers: dict) -> bool:
        asked = headers.get("accept") == "application/vnd.recurly.v2021-02-25"
        return asked and headers.get("authorization") == basic(TOKEN, "")

    def answer(self, path: str, query: dict) -> object:
        name = path.strip("/")
        if name.endswith("/coupon_redemptions"):
            return {
                "object": "list",
                "has_more": False,
                "next": None,
                "data": self.redemptions.get(name.split("/")[1], []),
            }
        if name not in self.lists:
            return None
        assert (query["sort"], query["order"]) == ("updated_at", "asc")
        held = sorted(self.lists[name], key=lambda one: one["updated_at"])
        held = [one for one in held if one["updated_at"] >= query.get("begin_time", "")]
        start = int(query.get("cursor", "0"))
        end = start + min(int(query["limit"]), self.page)
        more = end < len(held)
        next_ = f"/{name}?" + urlencode(query | {"cursor": end}) if more else None
        return {"object": "list", "has_more": more, "next": next_, "data": held[start:end]}

    def ids(self) -> dict:
        held = {name: {one["id"] for one in items if "id" in one} for name, items in self.lists.items()}
        credits = {one["id"] for one in self.lists["invoices"] if one["type"] == "credit"}
        refunds = {one["id"] for one in self.lists["transactions"] if one["type"] == "refund"}
        items = {f"{one['id']}:plan" for one in self.lists["subscriptions"]} | {"sub-acme1:ao-seats"}
        return {
            BillingCustomer: held["accounts"], Product: held["plans"] | held["add_ons"], Discount: held["coupons"],
            Price: {f"{one}:usd" for one in held["plans"] | held["add_ons"]}, Subscription: held["subscriptions"],
            SubscriptionItem: items, SubscriptionChange: {"sub-acme5-20260210000000"}, Invoice: held["invoices"] - credits,
            CreditNote: credits | held["credit_payments"], InvoiceLine: held["line_items"],
            Payment: held["transactions"] - refunds, Refund: refunds,
        }  # fmt: skip

    def change(self):
        self.lists["invoices"][3] |= {"state": "paid", "closed_at": TOUCHED, "updated_at": TOUCHED}
        return Invoice, "inv-3", "status", "paid"

    def remove(self):
        self.lists["accounts"][2] |= {"state": "inactive", "email": None, "deleted_at": TOUCHED, "updated_at": TOUCHED}
        return BillingCustomer, "acc-acme2", lambda row: row.deleted and row.email == "pay@acme2.example"

    def spoil(self, how: str) -> str:
        one = self.lists["accounts"][4]
        if how == "gone":
            del one["id"]
        elif how == "odd":
            one["address"] = "not an object"
        else:
            one["a_new_field"] = {"of": ["a", "new"], "kind": 1}
        return "acc-acme4"
