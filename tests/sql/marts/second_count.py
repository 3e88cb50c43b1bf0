"""Revenue, earned revenue and MRR computed a second time from the records alone, in plain Python with decimals and fractions.

Written from METRICS' definitions and not from the SQL; money is in whole micros of the reporting currency.
"""

import json
from collections import defaultdict
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

NO_DECIMALS = {"jpy", "krw", "clp", "vnd"}
PER_MONTH = {
    "month": Fraction(1),
    "year": Fraction(1, 12),
    "week": Fraction(52, 12),
    "day": Fraction(365, 12),
    "quarter": Fraction(1, 3),
}
# what a biller tells: the tables that a count of revenue rests on
BILLING = (
    "invoice",
    "invoice_line",
    "payment",
    "refund",
    "credit_note",
    "dispute",
    "price",
    "discount",
    "subscription",
    "subscription_item",
    "subscription_change",
)
Rows = dict[str, list[dict[str, Any]]]


class Count:
    """The records of a program: {table: rows}, and rates as (currency, first day, rate to the reporting currency)."""

    def __init__(self, rows: Rows, rates: list[tuple[str, date, Any]], currency: str = "usd") -> None:
        self.rows = defaultdict(list, rows)
        self.rates, self.currency = (
            sorted(((c, d, Decimal(str(r))) for c, d, r in rates), key=lambda one: one[1]),
            currency,
        )
        self.invoices = {one["id"]: one for one in self.rows["invoice"]}
        self.prices = {one["id"]: one for one in self.rows["price"]}

    def rate(self, currency: str, day: date) -> Decimal | None:
        """Reporting currency for one unit, as of a day."""
        if currency == self.currency:
            return Decimal(1)
        found = [rate for named, since, rate in self.rates if named == currency and since <= day]
        return found[-1] if found else None

    def micros(self, minor: int, currency: str, day: date) -> int | None:
        """Minor units as whole micros of the reporting currency, halves away from zero."""
        rate = self.rate(currency, day)
        if rate is None:
            return None
        unit = 1_000_000 if currency in NO_DECIMALS else 10_000
        return int((Decimal(minor * unit) * rate).quantize(Decimal(1), ROUND_HALF_UP))

    def net(self, invoice: dict[str, Any]) -> int:
        """What is ours of a bill: its total without tax."""
        tax = invoice.get("tax")
        if tax is None:
            tax = sum(line.get("tax") or 0 for line in self.rows["invoice_line"] if line["invoice_id"] == invoice["id"])
        return invoice["total"] - tax

    def events(self) -> list[tuple[str, date, int | None]]:
        """(customer, day, micros) of every paid bill and of everything that took of it or gave back."""
        found, payments = [], {one["id"]: one for one in self.rows["payment"]}
        for one in self.rows["invoice"]:
            if one["status"] == "paid":
                found.append(self._event(one, self.net(one), one["paid_at"]))
        for one in self.rows["refund"]:
            if one.get("status") in (None, "succeeded") and one["payment_id"] in payments:
                found += self._back(payments[one["payment_id"]].get("invoice_id"), one["amount"], one["created_at"])
        for one in self.rows["credit_note"]:
            left = one["total"] - (one.get("refunded") or 0)
            if one.get("status") != "void" and left > 0:
                found += self._back(one["invoice_id"], left, one["created_at"])
        for one in self.rows["dispute"]:
            if (one.get("status") or "").startswith("warning") or one["payment_id"] not in payments:
                continue
            bill = payments[one["payment_id"]].get("invoice_id")
            taken = (
                one.get("withdrawn_at")
                or one.get("reinstated_at")
                or (one["created_at"] if one["status"] == "lost" else None)
            )
            if taken:
                found += self._back(bill, one["amount"], taken)
            if one.get("reinstated_at"):
                found += self._back(bill, -one["amount"], one["reinstated_at"])
        return found

    def _event(self, invoice: dict[str, Any], net: int, moment: datetime) -> tuple[str, date, int | None]:
        return invoice["customer_id"], moment.date(), self.micros(net, invoice["currency"], moment.date())

    def _back(self, invoice_id: str | None, amount: int, moment: datetime) -> list[tuple[str, date, int | None]]:
        invoice = self.invoices.get(invoice_id or "")
        if not invoice or invoice["status"] != "paid":
            return []
        share = Fraction(self.net(invoice), invoice["total"]) if invoice["total"] else Fraction(1)
        return [self._event(invoice, -away_from_zero(amount * share), max(moment, invoice["paid_at"]))]

    def earned(self) -> dict[tuple[date, str], int]:
        """(month, kind) → micros that sent bills earn in it: every line spread evenly over its seconds."""
        sums: dict[tuple[date, str], int] = defaultdict(int)
        for line in self.rows["invoice_line"]:
            invoice = self.invoices[line["invoice_id"]]
            if invoice["status"] not in ("open", "paid", "uncollectible"):
                continue
            billed = invoice.get("finalized_at") or invoice["created_at"]
            micros = self.micros(self._own(line), line.get("currency") or invoice["currency"], billed.date())
            if micros is None:
                continue
            begin = line.get("period_started_at") or invoice.get("period_started_at") or invoice["created_at"]
            end = max(line.get("period_ends_at") or begin, begin)
            for month, part in spread(micros, begin, end).items():
                sums[month, self._kind(line)] += part
        return dict(sums)

    def _own(self, line: dict[str, Any]) -> int:
        inside = (line.get("tax") or 0) if line.get("tax_inclusive") else 0
        return line["amount"] - (line.get("discount") or 0) - inside

    def _kind(self, line: dict[str, Any]) -> str:
        price = self.prices.get(line.get("price_id") or "")
        if price and price.get("usage_type") == "metered":
            return "usage"
        recurs = line.get("subscription_item_id") or line.get("proration") or (price and price.get("interval"))
        return "recurring" if recurs else "one-off"

    def mrr(self, moment: datetime) -> dict[str, Fraction]:
        """customer → micros a month just before a moment, by its bills; a subscription with dated changes is left out."""
        changed = {one["subscription_id"] for one in self.rows["subscription_change"]}
        by_subscription: dict[str, list[dict[str, Any]]] = defaultdict(list)
        items: dict[str, set[str]] = defaultdict(set)
        for one in self.rows["subscription_item"]:
            items[one["subscription_id"]].add(one["id"])
        for line in self.rows["invoice_line"]:
            price = self.prices.get(line.get("price_id") or "")
            metered = price and price.get("usage_type") == "metered"
            if (
                line.get("subscription_id")
                and (line.get("subscription_item_id") or line.get("proration"))
                and not metered
            ):
                by_subscription[line["subscription_id"]].append(line)
        sums: dict[str, Fraction] = defaultdict(Fraction)
        for one in self.rows["subscription"]:
            lines = [line for line in by_subscription[one["id"]] if line["period_ends_at"] > line["period_started_at"]]
            over = one.get("ended_at") and one["ended_at"] < moment
            if one["id"] in changed or not lines or over or one["status"] == "incomplete_expired":
                continue
            for customer, micros in self._items(lines, moment):
                sums[customer] += micros
        return sums

    def _items(self, lines: list[dict[str, Any]], moment: datetime) -> list[tuple[str, Fraction]]:
        whole = [line["period_started_at"] for line in lines if not line.get("proration")]
        last_bill = max(whole, default=datetime.min)
        by_item: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for line in lines:
            by_item[line["subscription_item_id"]].append(line)
        found = []
        newest = None
        for held in by_item.values():
            begun = [line for line in held if line["period_started_at"] < moment]
            if not begun:
                continue
            key = lambda line: (line["period_started_at"], line["amount"] >= 0, self._billed(line), line["id"])  # noqa: E731
            said, latest = max(begun, key=key), max(held, key=key)
            if newest is None or key(said) > key(newest):
                newest = said
            if latest is said and said["period_ends_at"] < moment and last_bill >= said["period_ends_at"]:
                continue
            found.append(self._by_the_month(said, moment))
        customer = self.invoices[newest["invoice_id"]]["customer_id"] if newest else None
        return [(customer, micros) for micros in found]

    def _billed(self, line: dict[str, Any]) -> datetime:
        invoice = self.invoices[line["invoice_id"]]
        return invoice.get("finalized_at") or invoice["created_at"]

    def _by_the_month(self, line: dict[str, Any], moment: datetime) -> Fraction:
        price = self.prices[line["price_id"]]
        per_month = PER_MONTH[price["interval"]] / (price.get("interval_count") or 1)
        once = {one["id"] for one in self.rows["discount"] if one.get("duration") == "once"}
        parts = line.get("discounts") or []
        parts = json.loads(parts) if isinstance(parts, str) else parts
        given = sum(part["amount"] for part in parts if part["discount_id"] in once)
        kept = self._own(line) + given
        if line.get("proration"):
            if line["amount"] < 0:
                return Fraction(0)
            share = Fraction(kept, line["amount"]) if line["amount"] else Fraction(1)
            minor = price["unit_amount"] * (line.get("quantity") or 1) * share * per_month
        else:
            minor = kept * per_month
        currency = line.get("currency") or price["currency"]
        rate = self.rate(currency, (moment - timedelta(microseconds=1)).date())
        unit = 1_000_000 if currency in NO_DECIMALS else 10_000
        return minor * unit * Fraction(rate or 0)


def loaded(con: Any, tables: tuple[str, ...]) -> Rows:
    """The records as they were loaded; the bill of a payment as the matching found it, which has tests of its own."""
    rows = {table: con.execute(f"select * from raw_{table}").to_arrow_table().to_pylist() for table in tables}
    bills = dict(con.execute("select id, invoice_id from payment").fetchall())
    for one in rows["payment"]:
        one["invoice_id"] = bills[one["id"]]
    return rows


def away_from_zero(value: Fraction) -> int:
    """The nearest whole number, halves away from zero."""
    size = (abs(value.numerator) * 2 + value.denominator) // (2 * value.denominator)
    return size if value >= 0 else -size


def spread(micros: int, begin: datetime, end: datetime) -> dict[date, int]:
    """Micros by month: what is earned by each month's end less what was by its beginning."""
    month = begin.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    if end <= begin:
        return {month.date(): micros}
    seconds, parts, before = (end - begin).total_seconds(), {}, 0
    while month < end:
        after = (month + timedelta(days=32)).replace(day=1)
        share = min(Fraction(1), Fraction(int((after - begin).total_seconds()), int(seconds)))
        reached = away_from_zero(micros * share)
        parts[month.date()], before = reached - before, reached
        month = after
    return parts
