"""What was brought and what it cost by account and day, computed a second time from the records alone, in plain Python.

Given are only facts about who: which account a customer, a developer, a ticket or a call belongs to, and its tier on a day. Money is in
whole micros of the reporting currency. Written from METRICS' definitions and not from the SQL.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

from data_sources.program import CostPool, Program
from tests.sql.marts.second_count import Count, Rows, away_from_zero

PARTS = 720_720  # a whole number for the part of anything that is shared between up to 16
KINDS = ("revenue", "infrastructure", "support", "outreach", "fees")
Key = tuple[date, str, str | None]  # day, account, service
Money = dict[Key, dict[str, int]]


@dataclass
class Who:
    """Facts of identity: customer → account, and so on; tiers as (account, first day, day after the last, tier)."""

    customers: dict[str, str]
    tickets: dict[tuple[str, str], str]
    organizations: dict[str, str]
    sign_ups: list[tuple[str, datetime, str | None]]
    tiers: list[tuple[str, date, date, str]]
    usage: list[dict[str, Any]]
    people: list[tuple[date, str, str | None, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._spans: dict[str, list[tuple[date, date, str]]] = defaultdict(list)
        for account, since, until, tier in self.tiers:
            self._spans[account].append((since, until, tier))

    def tier(self, account: str, day: date) -> str:
        """The tier of an account on a day."""
        return next((tier for since, until, tier in self._spans[account] if since <= day < until), "public")


class Ledger:
    """Every amount of a program by day, account and service, and what no account carries by pool and month."""

    def __init__(self, rows: Rows, program: Program, rates: list[tuple[str, date, Any]], who: Who) -> None:
        self.rows, self.program, self.who = defaultdict(list, rows), program, who
        self.count = Count(rows, rates, program.program.currency.lower())
        self.money: Money = defaultdict(lambda: dict.fromkeys(KINDS, 0))
        self.spent: dict[tuple[date, str], int] = defaultdict(int)  # month, pool → ledger
        self.carried: dict[tuple[date, str], int] = defaultdict(int)
        self.nobody: dict[tuple[date, str], int] = defaultdict(int)
        self.outreach_of: dict[tuple[str, date], dict[str, int]] = defaultdict(lambda: {"all": 0, "people": 0})
        self._cached: dict[str, list[tuple]] = {}
        self._revenue()
        self._infrastructure()
        self._support()
        self._outreach()
        self._fees()

    def _put(self, kind: str, pool: str | None, key: Key, micros: int) -> None:
        self.money[key][kind] += micros
        if pool:
            held = self.nobody if key[1].startswith("nobody:") else self.carried
            held[month_of(key[0]), pool] += micros

    def _customer(self, customer: str | None) -> str:
        return self.who.customers.get(customer or "", "nobody:public")

    def _revenue(self) -> None:
        for customer, day, micros in self.count.events():
            if micros is not None:
                self._put("revenue", None, (day, self._customer(customer), None), micros)

    def _fees(self) -> None:
        payments = {one["id"]: one for one in self.rows["payment"]}
        behind = {one["id"]: one["payment_id"] for table in ("refund", "dispute") for one in self.rows[table]}
        for fee in self.rows["balance_fee"]:
            day = fee["created_at"].date()
            minor = fee["fee"] - (fee["amount"] if fee.get("kind") in ("fee", "network_cost") else 0)
            micros = self.count.micros(minor, fee["currency"], day)
            if not minor or micros is None:
                continue
            self.spent[month_of(day), "payment fees"] += micros
            reference = fee.get("source_ref")
            payment = payments.get(behind.get(reference, reference))
            if payment and payment.get("customer_id"):
                self._put("fees", "payment fees", (day, self._customer(payment["customer_id"]), None), micros)

    def _support(self) -> None:
        costs, tickets = self.program.costs, {(one["source"], one["id"]): one for one in self.rows["ticket"]}
        minutes: dict[tuple, Fraction] = defaultdict(Fraction)
        by_kind = {"public_reply": costs.minutes_per_public_reply, "internal_note": costs.minutes_per_internal_note}
        for event in self.rows["ticket_event"]:
            taken = event.get("minutes")
            if taken is None and (event.get("author_role") or "").lower() == "agent":
                taken = by_kind.get(event["kind"])
            key = (event["source"], event["ticket_id"])
            if taken and key in tickets and (tickets[key].get("status") or "").lower() != "deleted":
                minutes[(*key, event["occurred_at"].date())] += Fraction(taken).limit_denominator(60_000)
        names = {(one["source"], one["id"]): one["name"] for one in self.rows["support_group"]}
        for (source, ticket, day), taken in minutes.items():
            group = tickets[source, ticket].get("group_id")
            rate = self._rate(group, names.get((source, group)), day)
            if rate is None or not taken:
                continue
            micros = away_from_zero(taken * rate)
            self.spent[month_of(day), "support"] += micros
            self._put("support", "support", (day, self.who.tickets[source, ticket], None), micros)

    def _rate(self, group: str | None, name: str | None, day: date) -> int | None:
        """Micros a minute: the group's own rate, else the one for all groups, else the one of all time."""
        called = {str(word).lower() for word in (group, name) if word}
        begun = [one for one in self.program.costs.support_rate if (one.valid_from or date.min) <= day]
        own = [one for one in begun if one.group and one.group.lower() in called]
        found = own or [one for one in begun if not one.group]
        if found:
            last = max(one.valid_from or date.min for one in found)
            return max(round(one.per_hour * 1_000_000 / 60) for one in found if (one.valid_from or date.min) == last)
        hour = self.program.costs.support_rate_per_hour
        return None if hour is None else round(hour * 1_000_000 / 60)

    def _outreach(self) -> None:
        costs = self.program.costs
        for one in self.rows["outreach_activity"]:
            day = one["occurred_at"].date()
            hours = one.get("hours")
            priced = (
                None
                if hours is None or costs.outreach_rate_per_hour is None
                else away_from_zero(Fraction(str(hours)) * Fraction(str(costs.outreach_rate_per_hour)) * 1_000_000)
            )
            money = None
            if one.get("cost") is not None:
                money = self.count.micros(one["cost"], (one.get("currency") or self.count.currency).lower(), day)
                if money is None:
                    continue
            if money is None and priced is None:
                continue
            micros = (money or 0) + (priced or 0)
            self.spent[month_of(day), "outreach"] += micros
            accounts = sorted(self._brought(one, day))
            for n, account in enumerate(accounts):
                part = micros // len(accounts) + (n < micros % len(accounts))
                self._put("outreach", "outreach", (day, account, None), part)
                held = self.outreach_of[account, day]
                held["all"] += part
                if micros:
                    held["people"] += away_from_zero(Fraction(part * min(priced or 0, micros), micros))

    def _brought(self, activity: dict[str, Any], day: date) -> set[str]:
        last = day + timedelta(days=self.program.costs.outreach_window_days)
        channel, organization = (
            (activity.get("channel") or "").strip().lower() or None,
            activity.get("organization_ref"),
        )
        found = set()
        if channel or not organization:
            found = {
                account
                for account, signed_up, came_by in self.who.sign_ups
                if came_by == channel and day <= signed_up.date() < last
            }
        if organization in self.who.organizations:
            found.add(self.who.organizations[organization])
        return found

    def _infrastructure(self) -> None:
        pools = {pool.name: pool for pool in self.program.costs.pool}
        for (name, first, last), micros in self._bills().items():
            self.spent[month_of(first), name] += micros
            pool = pools.get(name)
            if pool and pool.method != "unit" and micros:
                self._share_out(pool, first, last, micros)
        for pool in pools.values():
            if pool.method == "unit":
                self._by_unit_cost(pool)

    def _bills(self) -> dict[tuple[str, date, date], int]:
        """(pool, first day, day after the last) → what the ledger says of it."""
        of_service: dict[str, str] = {}
        for pool in self.program.costs.pool:
            for service in pool.services:
                of_service.setdefault(service.lower(), pool.name)
        named = {pool.name.lower(): pool.name for pool in self.program.costs.pool}
        effective = self.program.costs.cost_column == "EffectiveCost"
        sums: dict[tuple[str, date, date], int] = defaultdict(int)
        for one in self.rows["cost_entry"]:
            begin = one.get("charge_period_started_at") or one["billing_period_started_at"]
            end = one.get("charge_period_ends_at") or begin + timedelta(days=1)
            amount = one.get("effective_cost_micros" if effective else "billed_cost_micros") or 0
            pool = of_service.get((one.get("service_name") or "").lower(), "not in a pool")
            self._bill(sums, pool, begin, end, amount, (one.get("currency") or self.count.currency).lower())
        for one in self.rows["cost_entered"]:
            if one.get("undone_at"):
                continue
            days = (one["ends_on"] - one["starts_on"]).days + 1
            whole, currency = one["amount"], one["currency"].lower()
            whole *= 1_000_000 if currency in ("jpy", "krw") else 10_000
            for n in range(days):
                begin = datetime.combine(one["starts_on"] + timedelta(days=n), datetime.min.time())
                part = whole * (n + 1) // days - whole * n // days
                pool = named.get(one["pool"].lower(), one["pool"])
                self._bill(sums, pool, begin, begin + timedelta(days=1), part, currency)
        return sums

    def _bill(self, sums: dict, pool: str, begin: datetime, end: datetime, micros: int, currency: str) -> None:
        rate = self.count.rate(currency, begin.date()) or 0  # what has no rate is a bill all the same
        first, last = begin.date(), begin.date() + timedelta(days=1)
        if end - begin > timedelta(hours=36):
            first = month_of(first)
            last = (first + timedelta(days=32)).replace(day=1)
        sums[pool, first, last] += int((Decimal(micros) * rate).quantize(Decimal(1), ROUND_HALF_UP))

    def _used(self, pool: CostPool) -> list[tuple[date, str, str | None, str, int]]:
        """(day, account, service, tier, how much of the pool's driver)."""
        driver = pool.shared_by
        found: list[tuple[date, str, str | None, str, int | Fraction]] = []
        if driver == "tickets":
            asked: dict[tuple[date, str], int] = defaultdict(int)
            for one in self.rows["ticket"]:
                if (one.get("status") or "").lower() != "deleted":
                    asked[one["created_at"].date(), self.who.tickets[one["source"], one["id"]]] += 1
            found = [(day, account, None, self.who.tier(account, day), n) for (day, account), n in asked.items()]
        elif driver == "developers":
            # a person is one, whatever the number of APIs: a part of it belongs to each
            apis: dict[tuple, set] = defaultdict(set)
            for day, account, service, person in self.who.people:
                apis[day, account, person].add(service)
            sums: dict[tuple, Fraction] = defaultdict(Fraction)
            for (day, account, _), services in apis.items():
                for service in services:
                    sums[day, account, service] += 1 if pool.service else Fraction(1, len(services))
            found = [(d, account, s, self.who.tier(account, d), n) for (d, account, s), n in sums.items()]
        elif driver == "even":
            used: dict[tuple, set] = defaultdict(set)
            for row in self.who.usage:
                used[row["day"], row["account_id"], row["tier"]].add(row["service"])
            found = [
                (day, account, service, tier, Fraction(1) if pool.service else Fraction(1, len(services)))
                for (day, account, tier), services in used.items()
                for service in services
            ]
        else:
            sums: dict[tuple[date, str, str | None, str], Decimal] = defaultdict(Decimal)
            for row in self.who.usage:
                sums[row["day"], row["account_id"], row["service"], row["tier"]] += Decimal(str(row[driver] or 0))
            for (day, account, service, tier), amount in sums.items():
                whole = (
                    int((amount * 1000).quantize(Decimal(1), ROUND_HALF_UP)) if driver == "compute_ms" else int(amount)
                )
                found.append((day, account, service, tier, whole))
        return [one for one in found if one[4] > 0 and (pool.service is None or one[2] == pool.service)]

    def _share_out(self, pool: CostPool, first: date, last: date, micros: int) -> None:
        used = [one for one in self._used_by(pool) if first <= one[0] < last]
        if pool.method != "fixed":
            self._fairly(pool.name, used, micros)
            return
        due, before = Fraction(0), 0
        for tier, percent in pool.shares.items():
            due += Fraction(str(percent))
            until = away_from_zero(micros * due / 100)
            self._fairly(pool.name, [one for one in used if one[3] == tier], until - before)
            before = until

    def _used_by(self, pool: CostPool) -> list[tuple[date, str, str | None, str, int]]:
        if pool.name not in self._cached:
            self._cached[pool.name] = self._used(pool)
        return self._cached[pool.name]

    def _fairly(self, name: str, used: list[tuple], micros: int) -> None:
        """Largest remainder: the floor of each exact share, then one each to the largest fractions."""
        used = [(*one[:4], int(one[4] * PARTS)) for one in used]
        total, size = sum(one[4] for one in used), abs(micros)
        if not total or not size:
            return
        parts = [(divmod(size * one[4], total), one) for one in used]
        left = size - sum(part for (part, _), _ in parts)
        parts.sort(key=lambda held: (-held[0][1], held[1][1], held[1][2] or "", held[1][0]))
        for n, ((part, _), (day, account, service, _, _)) in enumerate(parts):
            share = part + (n < left)
            self._put("infrastructure", name, (day, account, service), share if micros > 0 else -share)

    def _by_unit_cost(self, pool: CostPool) -> None:
        billed = {(month, name) for month, name in self.spent if name == pool.name}
        for day, account, service, _, amount in self._used_by(pool):
            begun = [one for one in pool.unit_cost if one.valid_from <= day]
            if not begun:
                continue
            cost = max(begun, key=lambda one: one.valid_from)
            units = Fraction(amount) / 1000 if pool.shared_by == "compute_ms" else Fraction(amount)
            micros = away_from_zero(units * Fraction(str(cost.price)) * 1_000_000 / Fraction(str(cost.per)))
            self._put("infrastructure", pool.name, (day, account, service), micros)
            if (month_of(day), pool.name) not in billed:
                self.spent[month_of(day), pool.name] += micros

    def pools(self) -> dict[tuple[date, str], tuple[int, int, int]]:
        """(month, pool) → ledger, to accounts, to nobody."""
        keys = self.spent.keys() | self.carried.keys() | self.nobody.keys()
        return {key: (self.spent.get(key, 0), self.carried.get(key, 0), self.nobody.get(key, 0)) for key in keys}

    def months(self) -> dict[tuple[date, str, str], dict[str, int]]:
        """(month, account, tier) → calls, ok, and each kind of money."""
        sums: dict[tuple[date, str, str], dict[str, int]] = defaultdict(
            lambda: dict.fromkeys(("calls", "ok", *KINDS), 0)
        )
        for row in self.who.usage:
            held = sums[month_of(row["day"]), row["account_id"], row["tier"]]
            held["calls"] += row["calls"]
            held["ok"] += row["ok"]
        for (day, account, _), amounts in self.money.items():
            held = sums[month_of(day), account, self.who.tier(account, day)]
            for kind, micros in amounts.items():
                held[kind] += micros
        return sums


def month_of(day: date) -> date:
    """The first day of its month."""
    return day.replace(day=1)
