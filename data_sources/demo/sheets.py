"""What Harborline keeps in sheets: the portal's people and steps, contracts, sales, outreach, and the cloud bill."""

import csv
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from data_sources.demo import names
from data_sources.demo.billing import revenue_share
from data_sources.demo.company import Account, Developer
from data_sources.demo.finance import Finance
from data_sources.demo.stories import WAITING_REASONS
from data_sources.demo.timeline import DAYS

OWNERS = ("Noor Haddad", "Jonas Berg", "Priya Iyer", "Elena Costa")
_STEPS = (
    ("security_review", "security"),
    ("legal_review", "legal"),
    ("procurement", "procurement"),
    ("decision", "decision_maker"),
)


def write_csv(path: Path, rows: Iterable[dict[str, Any]]) -> int:
    """Write rows with the header of the first one; lists and mappings as JSON, None as an empty cell."""
    rows = list(rows)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(rows[0])
        for row in rows:
            writer.writerow(
                "" if v is None else json.dumps(v, ensure_ascii=False) if isinstance(v, (dict, list)) else v
                for v in row.values()
            )
    return len(rows)


class Office(Finance):
    """Draws the sheets; each method returns the rows of one."""

    def organizations(self) -> list[dict[str, Any]]:
        """The CRM's companies: every partner and enterprise, and some of the others."""
        rows = []
        for account in self.accounts:
            known = (
                account.tier in ("internal", "partner") or account.persona == "enterprise" or self.rng.uniform() < 0.3
            )
            if account.is_organization and known:
                domain = None if account.tier == "internal" else account.domain
                rows.append(
                    {
                        "id": account.key,
                        "name": account.name,
                        "domain": domain,
                        "kind": account.kind,
                        "employees": account.employees,
                    }
                    | {"country": account.country, "created_at": self.time.iso(account.entry)}
                )
        return rows

    def developers(self) -> list[dict[str, Any]]:
        """The portal's people. Who typed a company's name typed it in a way of their own."""
        rows = []
        for account in self.accounts:
            for developer in account.developers:
                typed = account.name if account.tier == "internal" else None
                if account.is_organization and typed is None and self.rng.uniform() < 0.62:
                    typed = names.spelled_otherwise(account.name, self.rng)
                rows.append(
                    {
                        "id": developer.id,
                        "email": developer.email,
                        "name": developer.name,
                        "organization_name": typed,
                        "organization_id": account.key if account.tier == "internal" else None,
                        "channel": developer.channel,
                        "status": "active" if developer.verified else "pending",
                        "country": account.country,
                        "tags": ["reviewed"] if self._reviewed(account, developer) else None,
                        "created_at": self.time.iso(developer.signed_up),
                        "verified_at": self.time.iso(developer.verified),
                    }
                )
        return sorted(rows, key=lambda row: (row["created_at"], row["id"]))

    def _reviewed(self, account: Account, developer: Developer) -> bool:
        """Whether somebody looked at the sign-up and let the developer into the open programme."""
        return account.tier == "open" and developer.verified is not None and bool(self.rng.uniform() < 0.96)

    def applications(self) -> list[dict[str, Any]]:
        """The portal's applications, with the id of the key at AWS where they have one."""
        rows = []
        for account in self.accounts:
            for app in account.applications:
                aws = next((c.id for c in app.credentials if c.gateway == "aws"), None)
                rows.append(
                    {
                        "id": app.id,
                        "developer_id": app.developer.id,
                        "name": app.name,
                        "plan": app.plan,
                        "environment": app.environment,
                    }
                    | {"status": "active", "aws_api_key_id": aws, "created_at": self.time.iso(app.created)}
                )
        return sorted(rows, key=lambda row: (row["created_at"], row["id"]))

    def portal_events(self) -> list[dict[str, Any]]:
        """Dated steps in the portal."""
        found: list[tuple[float, str, str, str | None, str, str, str | None]] = []
        for account in self.accounts:
            for developer in account.developers:
                who = (developer.id, None, developer.email, developer.channel)
                found.append((developer.signed_up, "registered", *who, None))
                if developer.verified is not None:
                    found.append((developer.verified, "verified", *who, None))
                for _ in range(int(self.rng.poisson(1.2))):
                    when = developer.signed_up + float(self.rng.exponential(6))
                    found.append(
                        (
                            when,
                            "docs_read",
                            *who,
                            ("quickstart", "authentication", "rates", "errors")[self.rng.integers(4)],
                        )
                    )
            for app in account.applications:
                developer = app.developer
                found.append(
                    (app.created, "key_issued", developer.id, app.id, developer.email, developer.channel, app.plan)
                )
            found += self._story_events(account)
        found = [row for row in found if 0 <= row[0] < DAYS]
        found.sort(key=lambda row: (row[0], row[1], row[2]))
        keys = ("developer_ref", "application_ref", "email", "channel", "detail")
        return [
            {"id": f"pe_{number:06d}", "kind": row[1], "occurred_at": self.time.iso(row[0])}
            | dict(zip(keys, row[2:], strict=True))
            for number, row in enumerate(found, start=1)
        ]

    def _story_events(self, account: Account) -> list[tuple]:
        story, rng, developer = account.story, self.rng, account.developers[0]
        who, found = (developer.id, None, developer.email, developer.channel), []
        for stage, kind in (("agreement", "agreement_signed"), ("certified", "certified")):
            if stage in story.reached:
                found.append((story.reached[stage], kind, *who, None))
        if "commercial_contact" in story.reached:
            at = story.reached["commercial_contact"]
            found.append((at - float(rng.uniform(0.05, 6)), "pricing_read", *who, "rate card"))
            if not story.negotiates:
                found.append((at, "contact_requested", *who, "upgrade"))
        if story.reason == "pricing_no_contact":
            end = DAYS if story.trying or story.left is None else story.left
            last = max(story.reached[story.stall], end - 13)
            found += [
                (last + (end - last) * float(rng.uniform(0.1, 0.95)), "pricing_read", *who, "rate card")
                for _ in range(3)
            ]
        elif "in_production" in story.reached and rng.uniform() < 0.25:
            found.append(
                (story.reached["in_production"] + float(rng.exponential(9)), "pricing_read", *who, "rate card")
            )
        if story.reason == "docs_no_key":
            end = DAYS if story.trying or story.left is None else story.left
            begin = max(account.entry + 0.01, end - 13)
            found += [
                (begin + (end - begin) * float(rng.uniform(0, 0.97)), "docs_read", *who, "quickstart") for _ in range(4)
            ]
        return found

    def contracts(self) -> list[dict[str, Any]]:
        """Partner agreements, enterprise contracts with the steps of their procurement, and a few apps that a partner pays for."""
        rows = []
        for account in self.accounts:
            story = account.story
            if account.tier == "partner":
                rows.append(self._contract(account, story.reached.get("agreement"), []))
            elif "procurement" in story.reached:
                rows.append(self._contract(account, story.reached.get("contracted"), self._procurement(account)))
        for number, partner in enumerate(self._partners[:6]):
            sponsored = [
                a
                for a in self.accounts
                if a.tier == "open" and a.persona == "commercial" and "in_production" in a.story.reached
            ]
            client = sponsored[number * 3 % len(sponsored)]
            row = self._contract(partner, partner.story.reached["certified"] + 5, [])
            row |= {
                "id": f"ct-{partner.key}-{client.key}",
                "application_ref": client.applications[0].id,
                "relation": "partner pays",
            }
            rows.append(row | {"annual_value": 2_400})
        return rows

    def _contract(self, account: Account, signed: float | None, steps: list[dict[str, Any]]) -> dict[str, Any]:
        rng, time, partner = self.rng, self.time, account.tier == "partner"
        customer = self.biller.customers.get(account.key)
        signed = None if signed is None or signed >= DAYS else signed
        begun = account.entry + 0.5 if partner else account.story.reached["procurement"]
        people = [{"name": account.developers[0].name, "email": account.developers[0].email, "role": "evaluator"}]
        if rng.uniform() < 0.7 and account.story.reason != "waiting_decision_maker":
            first, last = names.person(rng)
            people.append(
                {
                    "name": f"{first} {last}",
                    "email": f"{first}.{last}@{account.domain}".lower(),
                    "role": "economic_buyer",
                }
            )
        sla = (
            {"availability": 99.5}
            if partner
            else {"availability": 99.9, "first_reply_minutes": 240, "latency_p95_ms": 600}
        )
        return {
            "id": f"ct-{account.key}",
            "organization_ref": account.key,
            "organization_name": account.name,
            "domain": account.domain,
            "billing_customer_ref": customer["id"] if customer and rng.uniform() < 0.6 else None,
            "application_ref": None,
            "terms": "negotiated",
            "tier": "partner" if partner else "open",
            "relation": "partner pays" if account.persona == "reseller" else "employer pays",
            "status": "active" if signed is not None else "negotiating",
            "currency": "usd",
            "annual_value": self.biller.negotiated(account) * 12 // 100,
            "revenue_share_percent": revenue_share(account.persona) or None,
            "support_plan": "premium" if account.persona == "enterprise" else "standard",
            "sla": sla,
            "steps": steps if steps else self._partner_steps(account),
            "people": people,
            "owner": OWNERS[int(account.key[-2:]) % len(OWNERS)] if rng.uniform() < 0.8 else None,
            "created_at": time.iso(begun),
            "signed_at": time.iso(signed),
            "starts_at": time.iso(signed),
            "ends_at": None if signed is None else time.iso(signed + 365),
        }

    def _partner_steps(self, account: Account) -> list[dict[str, Any]]:
        story = account.story
        if story.stall is None or story.reason not in WAITING_REASONS:
            return []
        waiting = story.reason.removeprefix("waiting_")
        step = {"security": "security_review", "legal": "legal_review"}.get(waiting, "decision")
        started = self.time.day(story.reached[story.stall] + 1.0)
        return [{"step": step, "started_on": started, "done_on": None, "waiting_for": waiting}]

    def _procurement(self, account: Account) -> list[dict[str, Any]]:
        """Steps one after another; the one that an account waits for has no end."""
        story, moment, steps = account.story, account.story.reached["procurement"], []
        signed = story.reached.get("contracted")
        stuck = (story.reason or "").removeprefix("waiting_") if story.stall == "procurement" else None
        for position, (step, who) in enumerate(_STEPS):
            share = (signed - story.reached["procurement"]) / 4 if signed else float(self.rng.uniform(6, 16))
            done = moment + share if who != stuck and moment + share < DAYS else None
            steps.append(
                {
                    "step": step,
                    "started_on": self.time.day(moment),
                    "done_on": None if done is None else self.time.day(done),
                    "waiting_for": who,
                }
            )
            if done is None or position == len(_STEPS) - 1:
                break
            moment = done
        if story.stall == "contracted" and signed is not None:
            order = {"step": "purchase_order", "started_on": self.time.day(signed), "done_on": None}
            steps.append(order | {"waiting_for": "procurement"})
        return steps

    def opportunities(self) -> list[dict[str, Any]]:
        """Sales that are hoped for, won or lost."""
        rows = []
        for account in self.accounts:
            story = account.story
            contact = story.reached.get("commercial_contact")
            if contact is None or not (story.negotiates or account.calls_a_day > 500):
                continue
            won = story.reached.get("contracted")
            lost = story.left if won is None and story.left is not None else None
            amount = self.biller.negotiated(account) * 12 // 100 if story.negotiates else 4_788
            rows.append(
                {
                    "id": f"op-{account.key}",
                    "organization_ref": account.key,
                    "organization_name": account.name,
                    "domain": account.domain,
                }
                | {"stage": "won" if won else "lost" if lost else "proposal", "currency": "usd", "amount": amount}
                | {
                    "owner": OWNERS[int(account.key[-2:]) % len(OWNERS)],
                    "sourced_by": self._sourced_by(len(rows)) if self.rng.uniform() < 0.2 else "self-service",
                }
                | {"created_at": self.time.iso(contact), "closed_at": self.time.iso(won or lost)}
            )
        return rows

    def _sourced_by(self, number: int) -> str:
        """The partner that brought a sale, by its name."""
        return self._partners[number % len(self._partners)].name if self._partners else "partner"

    def outreach(self) -> list[dict[str, Any]]:
        """What the evangelists did: too much of it in public, as usual."""
        rng, rows = self.rng, []
        kinds = {
            "public": (
                ("Conference talk", "conference", 18, 240_000),
                ("Webinar", "webinar", 7, 30_000),
                ("Tutorial", "docs", 9, 0),
                ("Newsletter", "newsletter", 4, 15_000),
                ("Sample on GitHub", "github", 8, 0),
            ),
            "partner": (("Partner workshop", "partner", 9, 60_000), ("Co-marketing", "partner", 6, 120_000)),
            "internal": (("Brown bag", "internal", 3, 0), ("Design review", "internal", 5, 0)),
        }
        number = 0
        for day in range(2, DAYS, 2):
            if rng.uniform() > 0.55:
                continue
            direction = str(rng.choice(list(kinds), p=[0.58, 0.26, 0.16]))
            title, channel, hours, cost = kinds[direction][rng.integers(len(kinds[direction]))]
            number += 1
            partner = (
                self._partners[rng.integers(len(self._partners))].key
                if direction == "partner" and self._partners
                else None
            )
            rows.append(
                {
                    "id": f"oa-{number:04d}",
                    "title": f"{title} {number}",
                    "direction": direction,
                    "channel": channel,
                    "organization_ref": partner,
                }
                | {
                    "occurred_at": self.time.iso(day + 0.6),
                    "hours": round(hours * float(rng.uniform(0.6, 1.5)), 1),
                    "currency": "usd",
                }
                | {
                    "cost": round(cost * float(rng.uniform(0.5, 1.4)) / 100, 2),
                    "owner": OWNERS[rng.integers(4)],
                    "url": None,
                }
            )
        return rows + self._enterprise_help()

    def _enterprise_help(self) -> list[dict[str, Any]]:
        """What was done for those in procurement, and the case studies about some of those that signed."""
        rng, rows = self.time.rng("enterprise help"), []
        for account in self.accounts:
            begun, signed = (account.story.reached.get(stage) for stage in ("procurement", "contracted"))
            if begun is None:
                continue
            for title, share, at in (
                ("Integration workshop", 0.6, begun + float(rng.uniform(-20, 6))),
                ("Case study of a peer", 0.5, begun + float(rng.uniform(0, 12))),
                ("Executive meeting", 0.45, begun + float(rng.uniform(5, 40))),
                ("Case study", 0.4, None if signed is None else signed + float(rng.uniform(40, 160))),
            ):
                if rng.uniform() > share or at is None or not 0 <= at < DAYS:
                    continue
                rows.append(
                    {
                        "id": f"oe-{len(rows) + 1:04d}",
                        "title": f"{title}: {account.name}",
                        "direction": "public",
                        "channel": None,
                        "organization_ref": account.key,
                        "occurred_at": self.time.iso(at),
                        "hours": round(float(rng.uniform(1, 6)), 1),
                        "currency": "usd",
                        "cost": 0,
                        "owner": OWNERS[int(account.key[-2:]) % len(OWNERS)],
                        "url": None,
                    }
                )
        return rows
