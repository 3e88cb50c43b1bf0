"""One company's bills, told by four billers: what was charged for which time, and the same as each vendor's payloads.

ann is on a free plan, pays monthly, moves up in the middle of a month, leaves and comes back. bob has a trial and pays by the
year. cat has seats, later more, a coupon of 20 % and tax on top. dai pays in yen and gets some back. eve's price holds the tax
(Lago's cannot: there it comes on top), and her first payment fails before it goes through. fay pauses in the middle of a month,
which Lago does not know. gus owes his last bill.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from tests.data_sources.vendors import chargebee, lago, recurly

PRICES = {
    "free": (0, "month", "usd"),
    "growth": (10_000, "month", "usd"),
    "scale": (31_000, "month", "usd"),
    "yearly": (120_000, "year", "usd"),
    "seat": (1_000, "month", "usd"),
    "starter": (5_988, "month", "usd"),
    "yen": (5_000, "month", "jpy"),
}
WHO = ("ann", "bob", "cat", "dai", "eve", "fay", "gus")
MONTHS = [f"2026-{month:02d}-01" for month in range(1, 8)]
NOON = "2026-03-16T12:00:00"
PAUSED = "2026-04-15T12:00:00"


@dataclass
class Bill:
    """One line for a time; `part` is what is left of a month that began dearer by `back` of the price before."""

    who: str
    price: str
    starts: str
    ends: str
    cents: int
    run: int = 0
    quantity: int = 1
    off: int = 0
    tax: int = 0
    inside: bool = False
    failed: str | None = None
    paid: str | None = None
    part: bool = False
    back: int = 0
    refund: int = 0
    owed: bool = False

    @property
    def total(self) -> int:
        return self.cents - self.off + (0 if self.inside else self.tax)

    @property
    def currency(self) -> str:
        return PRICES[self.price][2]


def bills() -> list[Bill]:
    """Every bill of the story, in order."""
    monthly = list(pairwise(MONTHS))
    found = [Bill("ann", "free", *monthly[0], 0), *(Bill("ann", "growth", *month, 10_000, 1) for month in monthly[1:3])]
    found.append(Bill("ann", "scale", NOON, MONTHS[3], 15_500, 2, part=True, back=5_000))
    found += [Bill("ann", "scale", *monthly[3], 31_000, 2), Bill("ann", "growth", *monthly[5], 10_000, 3)]
    found.append(Bill("bob", "yearly", "2026-01-24", "2027-01-24", 120_000))
    found += [Bill("cat", "seat", *month, 5_000, 0, 5, 1_000, 800) for month in monthly[:2]]
    found += [Bill("cat", "seat", *month, 8_000, 1, 8, 1_600, 1_280) for month in monthly[2:]]
    found += [Bill("dai", "yen", *month, 5_000, refund=2_000 if n == 0 else 0) for n, month in enumerate(monthly[1:])]
    found += [Bill("eve", "starter", *month, 5_988, tax=998, inside=True) for month in monthly[2:]]
    first = next(one for one in found if one.who == "eve")
    first.failed, first.paid = "2026-03-01", "2026-03-04"
    found += [Bill("fay", "growth", *month, 10_000) for month in monthly[1:4]]
    found += [Bill("gus", "growth", *month, 10_000, owed=month is monthly[5]) for month in monthly[4:]]
    return found


def of_stripe() -> dict[str, list[dict]]:
    """In Stripe's words: parts of a month are lines of one bill, what was not used is a negative one."""
    second, found = chargebee.at, {}
    prices = [
        {"id": f"price_{name}", "object": "price", "product": "prod_0", "currency": code, "unit_amount": cents, "nickname": name,
         "recurring": {"interval": interval, "interval_count": 1, "usage_type": "licensed"}, "billing_scheme": "per_unit",
         "tax_behavior": "inclusive" if name == "starter" else "exclusive", "created": 1}
        for name, (cents, interval, code) in PRICES.items()
    ]  # fmt: skip
    story = bills()
    invoices, charges, refunds = [], [], []
    for n, bill in enumerate(story):
        again = bill.who == "ann" and bill.run == 3
        sub = f"sub_{bill.who}{'_again' if again else ''}"

        def line(number: int, price: str, cents: int, bill: Bill = bill, sub: str = sub) -> dict:
            taxes = (
                [{"amount": bill.tax, "tax_behavior": "inclusive" if bill.inside else "exclusive"}] if bill.tax else []
            )
            details = {"subscription": sub, "subscription_item": f"si_{sub}", "proration": bill.part}
            return {"id": f"il_{bill.who}_{bill.starts}_{number}", "amount": cents, "currency": bill.currency,
                    "quantity": bill.quantity, "period": {"start": second(bill.starts), "end": second(bill.ends)},
                    "discount_amounts": [{"discount": "di_cat", "amount": bill.off}] if bill.off else [], "taxes": taxes,
                    "parent": {"type": "subscription_item_details", "subscription_item_details": details},
                    "pricing": {"price_details": {"price": f"price_{price}"}}}  # fmt: skip

        lines = [line(0, bill.price, bill.cents)] + ([line(1, "growth", -bill.back)] if bill.back else [])
        total, paid = bill.total - bill.back, second(bill.paid or bill.starts)
        invoices.append(
            {"id": f"in_{n}", "object": "invoice", "number": str(n), "customer": f"cus_{bill.who}",
             "status": "open" if bill.owed else "paid",
             "currency": bill.currency, "subtotal": bill.cents - bill.back, "total": total, "amount_due": total,
             "amount_paid": 0 if bill.owed else total, "total_excluding_tax": total - bill.tax, "created": second(bill.starts),
             "all_lines": lines, "lines": {"data": lines, "has_more": False}, "discounts": [],
             "parent": {"type": "subscription_details", "subscription_details": {"subscription": sub}},
             "status_transitions": {"finalized_at": second(bill.starts), "paid_at": None if bill.owed else paid}}
        )  # fmt: skip
        for moment, status in ((bill.failed, "failed"), (bill.paid or bill.starts, "succeeded")):
            if moment and total and not bill.owed:
                charges.append(
                    {"id": f"ch_{n}_{status}", "object": "charge", "customer": f"cus_{bill.who}", "invoice": f"in_{n}",
                     "status": status, "currency": bill.currency, "amount": total, "created": second(moment)}
                )  # fmt: skip
        if bill.refund:
            refunds.append(
                {"id": f"re_{n}", "object": "refund", "charge": f"ch_{n}_succeeded", "status": "succeeded",
                 "currency": bill.currency, "amount": bill.refund, "created": second("2026-02-10")}
            )  # fmt: skip
        over = second("2026-05-01") if bill.who == "ann" and not again else None
        trial = (second("2026-01-10"), second("2026-01-24")) if bill.who == "bob" else (None, None)
        item = {"id": f"si_{sub}", "price": {"id": f"price_{bill.price}"}, "quantity": bill.quantity, "created": 1}
        begun = found.get(sub, {}).get("start_date") or trial[0] or second(bill.starts)
        found[sub] = {"id": sub, "object": "subscription", "customer": f"cus_{bill.who}", "currency": bill.currency,
                      "status": "canceled" if over else "past_due" if bill.owed else "active", "start_date": begun, "created": begun,
                      "trial_start": trial[0], "trial_end": trial[1], "ended_at": over, "canceled_at": over,
                      "items": {"data": [item], "has_more": False}, "cancel_at_period_end": False}  # fmt: skip
    paused = found["sub_fay"] | {"pause_collection": {"behavior": "void", "resumes_at": None}}
    found["sub_fay"] = paused
    event = {"id": "evt_1", "object": "event", "type": "customer.subscription.updated", "created": second(PAUSED)}
    events = [event | {"data": {"object": paused}}]
    customers = [
        {"id": f"cus_{who}", "object": "customer", "email": f"pay@stripe{who}.example", "metadata": {}, "created": 1}
        for who in WHO
    ]
    lists: dict[str, list[dict]] = {
        "events": events,
        "customers": customers,
        "prices": prices,
        "subscriptions": list(found.values()),
    }
    empty = ("products", "credit_notes", "invoice_payments", "disputes", "balance_transactions")
    return lists | {"invoices": invoices, "charges": charges, "refunds": refunds} | {name: [] for name in empty}


def of_lago() -> dict[str, list[dict]]:
    """In Lago's words: another plan or amount is another subscription, what was not used is a credit note, tax comes on top."""
    cents_of = {name: 4_990 if name == "starter" else cents for name, (cents, _, _) in PRICES.items()}
    plans = {
        name: lago.plan(name, cents_of[name], f"{interval}ly", code.upper(), 14.0 if name == "yearly" else 0.0)
        for name, (_, interval, code) in PRICES.items()
    }
    ends = {("ann", 0): MONTHS[1], ("ann", 1): NOON, ("ann", 2): MONTHS[4], ("cat", 0): MONTHS[2]}
    begun = {("bob", 0): "2026-01-10"}
    held: dict[str, list[dict]] = {name: [] for name in ("payments", "invoices", "fees", "credit_notes")}
    subs: dict[tuple[str, int], dict] = {}
    for n, bill in enumerate(one for one in bills() if one.who != "fay"):
        key, cents = (bill.who, bill.run), bill.cents - (bill.tax if bill.inside else 0)
        more: dict[str, Any] = {"plan_amount_cents": 1_000 * bill.quantity} if bill.price == "seat" else {}
        if key == ("bob", 0):
            more["trial_ended_at"] = "2026-01-24T00:00:00Z"
        start = begun.get(key, bill.starts)
        sub = subs.setdefault(
            key, lago.subscription(f"lago{bill.who}", bill.run, plans[bill.price], start, ends.get(key), **more)
        )
        one = lago.invoice(
            f"lago{bill.who}",
            str(n),
            cents,
            bill.starts,
            paid=not bill.owed,
            coupons=bill.off,
            taxes=bill.tax,
            currency=bill.currency.upper(),
        )
        held["invoices"].append(one)
        off = f"{bill.off}.0"
        held["fees"].append(lago.fee(one, 0, sub, cents, bill.starts, bill.ends, off=off, taxes=bill.tax))
        if bill.failed:
            held["payments"].append(lago.payment(one, 1, bill.failed, "failed"))
        if one["total_amount_cents"] and not bill.owed:
            held["payments"].append(lago.payment(one, 0, bill.paid or bill.starts))
        if bill.back:
            held["credit_notes"].append(lago.credit_note(held["invoices"][-2], 0, bill.back, NOON))
        if bill.refund:
            held["credit_notes"].append(lago.credit_note(one, 0, bill.refund, "2026-02-10", refund=bill.refund))
    customers = [lago.customer(f"lago{who}") | {"metadata": []} for who in WHO]
    return held | {
        "customers": customers,
        "plans": list(plans.values()),
        "subscriptions": list(subs.values()),
        "applied_coupons": [],
    }


def of_chargebee(name: str = "chargebee") -> dict[str, list[dict]]:
    """In Chargebee's words: one subscription through all changes and a return, of which events tell; terms end on a last second."""
    prices = {
        plan: chargebee.item_price(plan, cents, interval, code.upper(), price_type="tax_inclusive" if plan == "starter" else "tax_exclusive")
        for plan, (cents, interval, code) in PRICES.items()
    }  # fmt: skip
    held: dict[str, list[dict]] = {kind: [] for kind in ("transactions", "invoices", "credit_notes", "items", "events")}
    subs: dict[str, dict] = {}
    for n, bill in enumerate(bills()):
        price, who = prices[bill.price], f"{name}{bill.who}"
        begun = "2026-01-10" if bill.who == "bob" else bill.starts
        first = subs.get(bill.who)
        subs[bill.who] = chargebee.subscription(who, price, begun, (bill.starts, bill.ends), quantity=bill.quantity)
        if first:
            subs[bill.who] |= {"started_at": first["started_at"], "created_at": first["created_at"]}
        if bill.who == "bob":
            subs["bob"] |= {"trial_start": chargebee.at("2026-01-10"), "trial_end": chargebee.at("2026-01-24") - 1}
        line = chargebee.line(str(n), 0, subs[bill.who], price, bill.cents, bill.starts, bill.ends, quantity=bill.quantity,
                              discount_amount=bill.off, tax_amount=bill.tax)  # fmt: skip
        if bill.who == "fay":
            subs["fay"] |= {"status": "paused", "pause_date": chargebee.at(PAUSED), "updated_at": chargebee.at(PAUSED)}
        taken = [{"line_item_id": line["id"], "discount_type": "document_level_coupon", "coupon_id": "TWENTY",
                  "discount_amount": bill.off}] if bill.off else []  # fmt: skip
        one = chargebee.invoice(who, str(n), [line], bill.starts, paid=bill.paid, status="payment_due" if bill.owed else "paid",
                                currency_code=bill.currency.upper(),
                                price_type="tax_inclusive" if bill.inside else "tax_exclusive", line_item_discounts=taken)  # fmt: skip
        held["invoices"].append(one)
        paid = chargebee.payment(one, 0, bill.paid or bill.starts)
        if bill.failed:
            held["transactions"].append(chargebee.payment(one, 1, bill.failed, "failure"))
        if one["total"] and not bill.owed:
            held["transactions"].append(paid)
        if bill.back:
            held["credit_notes"].append(chargebee.credit_note(held["invoices"][-2], 0, bill.back, NOON))
        if bill.refund:
            back = chargebee.refund(paid, 0, bill.refund, "2026-02-10")
            held["transactions"].append(back)
            held["credit_notes"].append(chargebee.credit_note(one, 0, bill.refund, "2026-02-10", [back]))
        if bill.who == "ann" and bill.run == 2 and not bill.part:
            over = chargebee.at(MONTHS[4])
            left = subs["ann"] | {"status": "cancelled", "cancelled_at": over, "resource_version": over * 1000}
            held["events"].append(chargebee.event(1, "cancelled", left, over))
    back_again = subs["ann"] | {"resource_version": chargebee.at(MONTHS[5]) * 1000}
    held["events"].append(chargebee.event(2, "reactivated", back_again, chargebee.at(MONTHS[5])))
    coupon = {
        "id": "TWENTY",
        "name": "Twenty",
        "discount_percentage": 20.0,
        "duration_type": "forever",
        "updated_at": 1,
    }
    customers = [chargebee.customer(f"{name}{who}", meta_data={}, cf_organization_id=None) for who in WHO]
    return held | {
        "customers": customers,
        "item_prices": list(prices.values()),
        "subscriptions": list(subs.values()),
        "coupons": [coupon],
    }


def of_first_catalog() -> dict[str, list[dict]]:
    """The same as a site with Product Catalog 1 says it: plans, of which subscriptions and lines name one."""
    told = of_chargebee("first")
    told["plans"], told["addons"] = told.pop("item_prices"), []
    del told["items"]
    for one in [*told["subscriptions"], *(event["content"]["subscription"] for event in told["events"])]:
        (held,) = one.pop("subscription_items")
        one |= {
            "plan_id": held["item_price_id"],
            "plan_quantity": held["quantity"],
            "plan_unit_price": held["unit_price"],
        }
    for bill in told["invoices"]:
        for line in bill["line_items"]:
            line["entity_type"] = "plan"
    return told


def of_recurly() -> tuple[dict[str, list[dict]], dict[str, list[dict]]]:
    """In Recurly's words, with the coupons of its bills: whole units, credit invoices, a return is another subscription."""

    def units(minor: int, currency: str) -> float:
        return float(minor) if currency == "jpy" else minor / 100

    plans = {
        name: recurly.plan(name, units(cents, code), 12 if interval == "year" else 1, code.upper())
        for name, (cents, interval, code) in PRICES.items()
    }
    held: dict[str, list[dict]] = {
        name: [] for name in ("transactions", "invoices", "line_items", "credit_payments", "add_ons")
    }
    subs: dict[str, dict] = {}
    redemptions: dict[str, list[dict]] = {}
    for n, bill in enumerate(bills()):
        who, plan, code = f"recurly{bill.who}", plans[bill.price], bill.currency
        name = f"{who}-again" if bill.run == 3 else who
        over = {"state": "expired", "expires_at": recurly.at(MONTHS[4])} if bill.who == "ann" and bill.run < 3 else {}
        tried = (
            {"trial_started_at": "2026-01-10T00:00:00Z", "trial_ends_at": "2026-01-24T00:00:00Z"}
            if bill.who == "bob"
            else {}
        )
        begun = subs.get(name, {}).get("activated_at") or ("2026-01-10" if tried else bill.starts)
        subs[name] = recurly.subscription(name, plan, begun[:19], (bill.starts, bill.ends), quantity=bill.quantity,
                                          tax_inclusive=bill.inside, account={"id": f"acc-{who}"}) | over | tried  # fmt: skip
        if bill.owed:
            subs[name]["state"] = "past_due"
        if bill.who == "fay":
            subs[name] |= {"state": "paused", "paused_at": recurly.at(PAUSED), "updated_at": recurly.at(PAUSED)}
        line = recurly.line(str(n), 0, f"sub-{name}", plan, units(bill.cents, code), bill.starts, bill.ends, quantity=bill.quantity,
                            discount=units(bill.off, code), tax=units(bill.tax, code), tax_inclusive=bill.inside,
                            proration_rate=0.5 if bill.part else None)  # fmt: skip
        more = {"total": units(bill.total, code)} if bill.inside else {}
        one = recurly.invoice(who, str(n), [line], bill.starts, paid=None if bill.owed else bill.paid or "") | more
        held["line_items"].append(line)
        held["invoices"].append(one)
        paid = recurly.transaction(one, 0, bill.paid or bill.starts)
        if bill.off:
            redemptions[one["id"]] = [{"id": f"red-{n}", "coupon": {"id": "cpn-twenty", "code": "twenty"}}]
        if bill.failed:
            held["transactions"].append(recurly.transaction(one, 1, bill.failed, "declined"))
        if bill.total and not bill.owed:
            held["transactions"].append(paid)
        if bill.back:
            held["invoices"].insert(
                -1, recurly.credit(held["invoices"][-2], f"{n}-credit", units(bill.back, code), NOON)
            )
        if bill.refund:
            back = recurly.transaction(one, 2, "2026-02-10", type="refund", amount=units(bill.refund, code),
                                       original_transaction_id=paid["id"])  # fmt: skip
            held["transactions"].append(back)
            held["invoices"].append(recurly.credit(one, f"{n}-credit", units(bill.refund, code), "2026-02-10", [back]))
    accounts = [recurly.account(f"recurly{who}", custom_fields=[], code=None) for who in WHO]
    twenty = {
        "id": "cpn-twenty",
        "code": "twenty",
        "name": "Twenty",
        "duration": "forever",
        "discount": {"type": "percent", "percent": 20},
    }
    coupons = [twenty | recurly.dated("2026-01-01")]
    lists = {
        "accounts": accounts,
        "plans": list(plans.values()),
        "coupons": coupons,
        "subscriptions": list(subs.values()),
    }
    return held | lists, redemptions
