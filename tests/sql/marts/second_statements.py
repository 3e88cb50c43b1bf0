"""What became of free accounts, and what partners brought, computed a second time in plain Python from a second ledger."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

from tests.sql.marts.second_count import away_from_zero
from tests.sql.marts.second_ledger import Ledger, month_of

COSTS = ("infrastructure", "support", "outreach", "fees")


@dataclass
class Free:
    """An account that began without paying."""

    began: date
    paid_on: date | None
    outcome: str
    tier: str

    def is_free(self, day: date) -> bool:
        """Whether it was free on a day."""
        return self.paid_on is None or day < self.paid_on


def free_accounts(ledger: Ledger, accounts: list[dict[str, Any]], today: date) -> dict[str, Free]:
    """By account; `accounts` are (account_id, kind, tier, relation, first_day), first_day when any source first knew of it."""
    paid: dict[str, datetime] = {}
    bills = {one["id"]: one for one in ledger.rows["invoice"]}
    for bill in bills.values():
        if bill["status"] == "paid" and ledger.count.net(bill) > 0:
            account = ledger.who.customers.get(bill["customer_id"], "nobody:public")
            paid[account] = min(bill["paid_at"], paid.get(account, datetime.max))
    succeeded: dict[str, list[date]] = defaultdict(list)
    first_ok: dict[str, datetime] = {}
    for row in ledger.who.usage:
        if row["ok"]:
            succeeded[row["account_id"]].append(row["day"])
            first_ok[row["account_id"]] = min(row["first_ok_at"], first_ok.get(row["account_id"], datetime.max))
    found = {}
    for one in accounts:
        account, days = one["account_id"], succeeded[one["account_id"]]
        somebody_else_pays = account not in paid and one["relation"] not in ("nobody pays", "unknown")
        if one["kind"] == "nobody" or one["tier"] not in ("open", "public") or somebody_else_pays:
            continue
        paid_on = paid[account].date() if account in paid else None
        if paid_on and paid[account] <= first_ok.get(account, datetime.max):
            outcome = "paid first"
        elif paid_on:
            outcome = "paid"
        elif not days:
            outcome = "never used"
        else:
            outcome = "gone" if max(days) < today - timedelta(days=60) else "still free"
        found[account] = Free(one["first_day"], paid_on, outcome, one["tier"])
    return found


@dataclass
class Cohort:
    """Accounts that began free in one month; money in micros."""

    entrants: int = 0
    converted: int = 0
    paid: int = 0
    paid_first: int = 0
    free_cost: int = 0
    contribution: int = 0
    mature: bool = True


def cohorts(ledger: Ledger, free: dict[str, Free], today: date, window: int) -> dict[date, Cohort]:
    """By the month in which they began."""
    found: dict[date, Cohort] = defaultdict(Cohort)
    for one in free.values():
        cohort = found[month_of(one.began)]
        if one.outcome == "paid first":
            cohort.paid_first += 1
            continue
        cohort.entrants += 1
        cohort.mature &= one.began + timedelta(days=window) <= today
        cohort.paid += one.outcome == "paid"
        cohort.converted += bool(one.paid_on and one.paid_on < one.began + timedelta(days=window))
    for (day, account, _), amounts in ledger.money.items():
        one = free.get(account)
        if not one or one.outcome == "paid first":
            continue
        cost = sum(amounts[kind] for kind in COSTS)
        if one.is_free(day):
            found[month_of(one.began)].free_cost += cost
        else:
            found[month_of(one.began)].contribution += amounts["revenue"] - cost
    return found


def cost_by_month(ledger: Ledger, free: dict[str, Free], today: date) -> dict[date, tuple[int, int]]:
    """month → how many accounts were free in it, and what they cost while they were."""
    costs: dict[date, int] = defaultdict(int)
    members: dict[date, set[str]] = defaultdict(set)
    for account, one in free.items():
        if one.outcome != "paid first":
            last, month = min(one.paid_on or today, today), month_of(one.began)
            while month <= last:
                members[month].add(account)
                month = (month + timedelta(days=32)).replace(day=1)
    for (day, account, _), amounts in ledger.money.items():
        one = free.get(account)
        if one and one.outcome != "paid first" and one.is_free(day):
            costs[month_of(day)] += sum(amounts[kind] for kind in COSTS)
            if month_of(day) >= month_of(one.began):
                members[month_of(day)].add(account)
    return {month: (len(members[month]), costs[month]) for month in members.keys() | costs.keys()}


@dataclass
class Partner:
    """What a partner brought and took over all time, in micros."""

    sourced: int = 0
    influenced: int = 0
    client_cost: int = 0
    owed: int = 0
    paid: int = 0
    people: int = 0
    marketing: int = 0
    support: int = 0
    infrastructure: int = 0
    fees: int = 0


def partners(
    ledger: Ledger,
    behind: list[tuple[str, str, str]],
    shares: list[tuple[str, date, date, float]],
    names: dict[str, str],
    own: set[str],
) -> dict[str, Partner]:
    """By account: `behind` are (partner, account, sourced or influenced), `shares` (partner, first day, last day, percent)."""
    found: dict[str, Partner] = defaultdict(Partner)
    by_account: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for partner, account, kind in behind:
        by_account[account].append((partner, kind))
    sourced: dict[tuple[str, date], int] = defaultdict(int)
    for (day, account, _), amounts in ledger.money.items():
        is_partner = ledger.who.tier(account, day) == "partner"
        for partner, kind in by_account[account]:
            if account == partner and not is_partner:
                continue
            if kind == "influenced":
                found[partner].influenced += amounts["revenue"]
                continue
            sourced[partner, day] += amounts["revenue"]
            if account != partner:
                found[partner].client_cost += sum(amounts[kind] for kind in COSTS)
        if account in own and is_partner:
            held = found[account]
            held.support += amounts["support"]
            held.infrastructure += amounts["infrastructure"]
            held.fees += amounts["fees"]
    for (partner, day), micros in sourced.items():
        percents = [percent for one, since, until, percent in shares if one == partner and since <= day <= until]
        found[partner].sourced += micros
        found[partner].owed += away_from_zero(micros * Fraction(str(max(percents, default=0))) / 100)
    for (account, _), held in ledger.outreach_of.items():
        if account in own:
            found[account].people += held["people"]
            found[account].marketing += held["all"] - held["people"]
    for one in ledger.rows["partner_payment"]:
        said = one.get("organization_ref") or one.get("domain") or one.get("organization_name") or ""
        day = (one.get("paid_at") or one.get("period_ends_at") or one["period_started_at"]).date()
        micros = ledger.count.micros(one["amount"], (one.get("currency") or ledger.count.currency).lower(), day)
        if said.lower().strip() in names and micros is not None:
            found[names[said.lower().strip()]].paid += micros
    return found


def whole(value: Any) -> int:
    """A figure of a page as whole micros."""
    return int((Decimal(str(value)) * 1_000_000).quantize(Decimal(1), ROUND_HALF_UP))
