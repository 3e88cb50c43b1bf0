"""What Harborline's finance keeps: the cloud bill, the plan, what partners were paid, and what a euro was worth."""

import math
from datetime import date, timedelta
from typing import Any

import numpy as np

from data_sources.demo.billing import Biller, revenue_share
from data_sources.demo.company import Account
from data_sources.demo.money import FX
from data_sources.demo.timeline import DAYS, Timeline


class Finance:
    """Draws the sheets of finance; each method returns the rows of one."""

    def __init__(self, time: Timeline, accounts: list[Account], biller: Biller) -> None:
        self.time, self.accounts, self.biller = time, accounts, biller
        self.rng = time.rng("sheets")
        self._partners = [a for a in accounts if a.persona in ("reseller", "isv") and "certified" in a.story.reached]

    def partner_payments(self) -> list[dict[str, Any]]:
        """What partners were paid as their share, a quarter at a time and six weeks after it; what is younger is still owed."""
        rows = []
        for account in self._partners:
            percent, brought = revenue_share(account.persona), self.biller.paid_by_month.get(account.key, {})
            quarters: dict[date, float] = {}
            signed = account.story.reached.get("agreement", DAYS)
            agreed = (self.time.at(signed).date().replace(day=1), self.time.at(signed + 365).date().replace(day=1))
            for month, cents in brought.items():
                if not agreed[0] < month < agreed[1]:
                    continue
                first = month.replace(month=(month.month - 1) // 3 * 3 + 1)
                quarters[first] = quarters.get(first, 0) + cents * percent / 100
            for first, cents in sorted(quarters.items()):
                after = (first + timedelta(days=95)).replace(day=1)
                paid = after + timedelta(days=42)
                if paid < self.time.end.date() and cents >= 1:
                    rows.append(
                        {
                            "id": f"pp-{account.key}-{first:%Y-%m}",
                            "organization_ref": account.key,
                            "organization_name": account.name,
                            "currency": "usd",
                            "amount": round(cents / 100, 2),
                            "period_started_at": f"{first:%Y-%m-%d}",
                            "period_ends_at": f"{after:%Y-%m-%d}",
                            "paid_at": f"{paid:%Y-%m-%d}",
                        }
                    )
        return rows

    def plan(self) -> list[dict[str, Any]]:
        """What finance planned for each month of the last year: a little more than the three months before brought, costs that grow slowly."""
        brought: dict[tuple[str, date], int] = {}
        for account in self.accounts:
            for month, cents in self.biller.paid_by_month.get(account.key, {}).items():
                brought[account.tier, month] = brought.get((account.tier, month), 0) + cents
        months = [self.time.at(moment).date() for moment in self.time.month_starts()]
        rows = []
        for n, month in list(enumerate(months))[-12:]:
            for tier, cost in _PLANNED_COST.items():
                before = [brought.get((tier, earlier), 0) for earlier in months[max(0, n - 3) : n]]
                revenue = round(sum(before) / max(1, len(before)) * 1.12 / 100_000) * 1_000
                lines = {"cost_to_serve": round(cost * (1 + 0.015 * n) / 100) * 100}
                lines |= {"revenue": revenue} if tier in ("partner", "open") else {}
                for line, amount in lines.items():
                    key = {"id": f"plan-{month:%Y-%m}-{tier}-{line}", "month": f"{month:%Y-%m-%d}", "tier": tier}
                    rows.append(key | {"line": line, "currency": "usd", "amount": amount})
        return rows

    def rates(self) -> list[dict[str, Any]]:
        """What a euro was worth on working days, the newest first, as the ECB writes it; both drift by a few percent over the year."""
        rows = []
        for day in range(-7, DAYS):
            when = self.time.at(float(day))
            if when.weekday() < 5:
                dollars = FX["eur"] * (1 + 0.025 * math.sin(day / 58))
                yen = FX["eur"] / FX["jpy"] * (1 + 0.03 * math.sin(day / 41 + 1))
                rows.append({"Date": f"{when:%Y-%m-%d}", "USD": f"{dollars:.4f}", "JPY": f"{yen:.2f}", "": ""})
        return rows[::-1]

    def focus(self, use: np.ndarray) -> list[dict[str, Any]]:
        """The cloud bill, a row a day and service. `use` is the relative traffic of each day, 1 at its largest."""
        rng, time, rows = self.rng, self.time, []
        for day in range(DAYS):
            start, end = time.at(float(day)), time.at(float(day + 1))
            month = start.replace(day=1)
            after = month.replace(year=month.year + month.month // 12, month=month.month % 12 + 1)
            for service, category, resource, api, fixed, variable, unit, per_unit in _BILL:
                cost = (fixed + variable * use[day]) * float(rng.uniform(0.96, 1.04))
                cost = round(cost * (0.93 if service == "Amazon Relational Database Service" and day > 300 else 1), 6)
                rows.append(
                    {
                        "BilledCost": f"{cost:.6f}",
                        "EffectiveCost": f"{cost * 0.97:.6f}",
                        "ListCost": f"{cost * 1.12:.6f}",
                        "ContractedCost": f"{cost:.6f}",
                        "BillingCurrency": "USD",
                        "BillingAccountId": "482910337755",
                        "BillingAccountName": "Harborline",
                        "BillingPeriodStart": month.strftime("%Y-%m-%dT00:00:00Z"),
                        "BillingPeriodEnd": after.strftime("%Y-%m-%dT00:00:00Z"),
                        "ChargePeriodStart": start.strftime("%Y-%m-%dT00:00:00Z"),
                        "ChargePeriodEnd": end.strftime("%Y-%m-%dT00:00:00Z"),
                        "ChargeCategory": "Usage",
                        "ChargeClass": "",
                        "ChargeDescription": f"{service}, {resource}",
                        "ChargeFrequency": "Usage-Based",
                        "ConsumedQuantity": round(cost / per_unit, 3),
                        "ConsumedUnit": unit,
                        "ProviderName": "AWS",
                        "PublisherName": "AWS",
                        "InvoiceIssuerName": "Amazon Web Services",
                        "RegionId": "eu-central-1",
                        "RegionName": "Europe (Frankfurt)",
                        "ResourceId": f"arn:aws:harborline:{resource}",
                        "ResourceName": resource,
                        "ResourceType": category,
                        "ServiceCategory": category,
                        "ServiceName": service,
                        "SkuId": f"HL{abs(hash_of(resource)) % 100000:05d}",
                        "SubAccountId": "482910337756" if api else "482910337757",
                        "SubAccountName": "api-production" if api else "shared",
                        "Tags": {"api": api, "env": "production"} if api else {"env": "production"},
                    }
                )
        return rows


def hash_of(text: str) -> int:
    """A number that follows from a text, the same in every run."""
    return sum(ord(letter) * 131**place for place, letter in enumerate(text)) % 10_000_019


# what a month of each tier was planned to cost in USD, before it grows
_PLANNED_COST = {"internal": 3_000, "partner": 5_600, "open": 21_000, "public": 9_500}

# service, category, resource, API, a day's fixed and variable cost in USD, unit, price of a unit
_BILL = (
    ("Amazon Elastic Compute Cloud", "Compute", "rates-pool", "rates", 52, 210, "Hours", 0.192),
    ("Amazon Elastic Compute Cloud", "Compute", "labels-pool", "labels", 38, 120, "Hours", 0.192),
    ("Amazon Elastic Compute Cloud", "Compute", "tracking-pool", "tracking", 44, 170, "Hours", 0.192),
    ("Amazon Elastic Compute Cloud", "Compute", "addresses-pool", "addresses", 18, 50, "Hours", 0.096),
    ("AWS Lambda", "Compute", "customs-functions", "customs", 2, 46, "GB-Seconds", 0.0000167),
    ("Amazon API Gateway", "Networking", "customs-gateway", "customs", 0.4, 21, "Requests", 0.0000035),
    ("Amazon Elastic Compute Cloud", "Compute", "kong-gateways", "", 40, 60, "Hours", 0.17),
    ("Amazon Relational Database Service", "Databases", "shipments-db", "", 96, 130, "Hours", 0.49),
    ("Amazon CloudFront", "Networking", "edge", "", 6, 74, "GB", 0.085),
    ("AWS Data Transfer", "Networking", "egress", "", 4, 62, "GB", 0.09),
    ("Amazon CloudWatch", "Management and Governance", "logs", "", 9, 40, "GB", 0.5),
    ("Amazon Simple Storage Service", "Storage", "label-images", "labels", 5, 18, "GB-Months", 0.023),
    ("AWS Support", "Other", "business-support", "", 33, 0, "Days", 33.0),
)
