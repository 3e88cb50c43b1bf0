"""A biller that bills as Stripe does: periods from an anchor, prorations by the second, discounts per line, tax inside or beside.

It keeps the true story of each subscription beside the records that it writes, so that a test can ask what must come out.
"""

import calendar
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from tests.sql.marts.world import World

INTERVALS = {"month": Fraction(1), "year": Fraction(1, 12), "week": Fraction(52, 12), "day": Fraction(365, 12)}


def add_months(moment: datetime, months: int) -> datetime:
    """The same day some months later, the last day where that month is shorter."""
    year, month = divmod(moment.year * 12 + moment.month - 1 + months, 12)
    return moment.replace(year=year, month=month + 1, day=min(moment.day, calendar.monthrange(year, month + 1)[1]))


def with_customers(world: World) -> World:
    """Three customers of the biller, cus_0 to cus_2."""
    for n in range(3):
        world.add("billing_customer", f"cus_{n}", source="stripe", email=f"pay@firm{n}.example", currency="usd")
    return world


def half_up(value: Fraction) -> int:
    """A whole number, halves away from zero."""
    return int(Decimal(value.numerator * 10**6 // value.denominator).scaleb(-6).quantize(Decimal(1), ROUND_HALF_UP))


@dataclass
class Price:
    """A price of `unit` minor units for each interval."""

    id: str
    unit: int
    interval: str = "month"
    count: int = 1
    currency: str = "usd"

    def monthly(self, quantity: int) -> Fraction:
        """Minor units a month."""
        return self.unit * quantity * INTERVALS[self.interval] / self.count

    def after(self, anchor: datetime, periods: int) -> datetime:
        """When the period after so many from the anchor begins."""
        if self.interval in ("month", "year"):
            return add_months(anchor, periods * self.count * (12 if self.interval == "year" else 1))
        return anchor + timedelta(days=periods * self.count * (7 if self.interval == "week" else 1))


@dataclass
class Story:
    """One subscription: who pays, its price and quantity over time, what is off it, and when it ends."""

    id: str
    customer: str
    start: datetime
    steps: list[tuple[datetime, Price, int]] = field(default_factory=list)
    percent_off: int = 0
    off_until: datetime | None = None
    tax: int = 0
    tax_inside: bool = False
    trial_days: int = 0
    ended: datetime | None = None

    def at(self, moment: datetime) -> Fraction:
        """Minor units a month at a moment: the truth."""
        if moment < self.start + timedelta(days=self.trial_days) or (self.ended and moment >= self.ended):
            return Fraction(0)
        _, price, quantity = [step for step in self.steps if step[0] <= moment][-1]
        amount = price.monthly(quantity)
        if self.percent_off and (self.off_until is None or moment < self.off_until):
            amount = amount * (100 - self.percent_off) / 100
        return amount / (1 + Fraction(self.tax, 100)) if self.tax_inside else amount


class Biller:
    """Writes the records of stories into a world; nothing after `until` is billed."""

    def __init__(self, world: World, until: datetime, source: str = "stripe") -> None:
        self.world, self.until, self.source = world, until, source
        self.invoices = self.lines = 0
        self._prices: set[str] = set()

    def total(self) -> None:
        """Write the total of each bill, and the tax in it, from its lines."""
        for bill in self.world.records.get("invoice", []):
            lines = [line for line in self.world.records["invoice_line"] if line["invoice_id"] == bill["id"]]
            beside = sum(line["tax"] for line in lines if not line["tax_inclusive"])
            bill["tax"] = sum(line["tax"] for line in lines)
            bill["total"] = sum(line["amount"] - line["discount"] for line in lines) + beside

    def add(self, story: Story, tell_end: bool = True) -> None:
        """Every record of a subscription."""
        first = story.steps[0][1]
        for _, price, _ in story.steps:
            self._price(price)
        self.world.add(
            "subscription",
            story.id,
            source=self.source,
            customer_id=story.customer,
            status="canceled" if story.ended and tell_end else "active",
            currency=first.currency,
            started_at=story.start,
            created_at=story.start,
            trial_ends_at=story.start + timedelta(days=story.trial_days) if story.trial_days else None,
            ended_at=story.ended if tell_end else None,
        )
        if story.percent_off:
            duration = "repeating" if story.off_until else "forever"
            self.world.add(
                "discount", f"di_{story.id}", source=self.source, percent_off=story.percent_off, duration=duration
            )
        self._bill(story)

    def tell(self, story: Story, since: datetime) -> None:
        """The dated changes of a subscription from a moment on, as the biller's events tell them."""
        over = min(self.until, story.ended or self.until)
        moments = [
            max(since, story.start),
            *(moment for moment, _, _ in story.steps if moment > max(since, story.start)),
        ]
        off = [{"id": f"di_{story.id}", "percent_off": float(story.percent_off), "duration": "forever"}]
        for n, moment in enumerate(moment for moment in moments if moment < over):
            _, price, quantity = [step for step in story.steps if step[0] <= moment][-1]
            self.world.add(
                "subscription_change",
                f"evt_{story.id}_{n}",
                source=self.source,
                subscription_id=story.id,
                occurred_at=moment,
                cause="updated",
                customer_id=story.customer,
                status="active",
                currency=price.currency,
                items=[{"item_id": f"si_{story.id}", "price_id": price.id, "quantity": quantity}],
                discounts=off if story.percent_off else None,
            )

    def _price(self, price: Price) -> None:
        if price.id not in self._prices:
            self._prices.add(price.id)
            self.world.add(
                "price",
                price.id,
                source=self.source,
                currency=price.currency,
                unit_amount=price.unit,
                interval=price.interval,
                interval_count=price.count,
                usage_type="licensed",
                billing_scheme="per_unit",
            )

    def _bill(self, story: Story) -> None:
        anchor, item = story.start, f"si_{story.id}"
        if story.trial_days:
            trial_end = story.start + timedelta(days=story.trial_days)
            _, price, quantity = story.steps[0]
            invoice = self._invoice(story, story.start, price.currency)
            self._line(story, invoice, item, price, quantity, 0, story.start, trial_end)
            anchor = trial_end
        step, period = 0, 0
        _, price, quantity = story.steps[0]
        begin = anchor
        while begin < self.until and not (story.ended and begin >= story.ended):
            end = price.after(anchor, period + 1)
            invoice = self._invoice(story, begin, price.currency)
            while step + 1 < len(story.steps) and story.steps[step + 1][0] <= begin:
                step += 1
                _, price, quantity = story.steps[step]
                end = price.after(anchor, period + 1)
            self._line(story, invoice, item, price, quantity, price.unit * quantity, begin, end)
            while step + 1 < len(story.steps) and story.steps[step + 1][0] < min(end, self.until, story.ended or end):
                moment, new_price, new_quantity = story.steps[step + 1]
                left = Fraction(int((end - moment).total_seconds()), int((end - begin).total_seconds()))
                bill = self._invoice(story, moment, price.currency)
                unused = half_up(price.unit * quantity * left)
                if new_price.interval == price.interval and new_price.count == price.count:
                    rest = half_up(new_price.unit * new_quantity * left)
                    self._line(story, bill, item, price, quantity, -unused, moment, end, True)
                    self._line(story, bill, item, new_price, new_quantity, rest, moment, end, True)
                else:
                    # another interval begins a new period at once
                    self._line(story, bill, item, price, quantity, -unused, moment, end, True)
                    anchor, period, begin = moment, 0, moment
                    end = new_price.after(anchor, 1)
                    amount = new_price.unit * new_quantity
                    self._line(story, bill, item, new_price, new_quantity, amount, begin, end)
                step, price, quantity = step + 1, new_price, new_quantity
            period, begin = period + 1, end

    def _invoice(self, story: Story, moment: datetime, currency: str) -> str:
        self.invoices += 1
        invoice = f"in_{self.invoices:06d}"
        self.world.add(
            "invoice",
            invoice,
            source=self.source,
            customer_id=story.customer,
            subscription_id=story.id,
            status="paid",
            currency=currency,
            created_at=moment,
            finalized_at=moment,
            paid_at=moment,
        )
        return invoice

    def _line(
        self,
        story: Story,
        invoice: str,
        item: str,
        price: Price,
        quantity: int,
        amount: int,
        begin: datetime,
        end: datetime,
        proration: bool = False,
    ) -> None:
        self.lines += 1
        off = 0
        if story.percent_off and (story.off_until is None or begin < story.off_until):
            off = half_up(abs(amount) * Fraction(story.percent_off, 100)) * (1 if amount >= 0 else -1)
        charged = amount - off
        inside = charged - half_up(abs(charged) / (1 + Fraction(story.tax, 100))) * (1 if charged >= 0 else -1)
        self.world.add(
            "invoice_line",
            f"il_{self.lines:06d}",
            source=self.source,
            invoice_id=invoice,
            subscription_id=story.id,
            subscription_item_id=item,
            price_id=price.id,
            currency=price.currency,
            amount=amount,
            quantity=quantity,
            discount=off,
            discounts=[{"discount_id": f"di_{story.id}", "amount": off}] if off else None,
            tax=inside if story.tax_inside else half_up(charged * Fraction(story.tax, 100)),
            tax_inclusive=story.tax_inside,
            proration=proration,
            period_started_at=begin,
            period_ends_at=end,
        )


def month_ends(first: datetime, last: datetime) -> list[datetime]:
    """The end of every month from the one of `first` on; the last one is `last` itself."""
    found, month = [], first.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    while month < last:
        month = add_months(month, 1)
        found.append(min(month, last))
    return found
