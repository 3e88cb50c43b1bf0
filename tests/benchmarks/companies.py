"""A program that nobody designed the rules for: companies, their people and payers as records, with who belongs where.

Names are of other making than the demo's: several words, many countries, accents, abbreviations, and some companies share one.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import numpy as np

START = datetime(2024, 1, 1)
DAYS = 700
SYLLABLES = [
    "al",
    "an",
    "ar",
    "bel",
    "bor",
    "cal",
    "cor",
    "dar",
    "del",
    "dor",
    "el",
    "en",
    "fal",
    "fer",
    "gal",
    "gor",
    "hal",
    "hel",
    "il",
    "in",
    "jor",
    "kal",
    "kel",
    "lan",
    "lor",
    "mar",
    "mer",
    "mon",
    "nor",
    "ol",
    "or",
    "pal",
    "per",
    "quin",
    "ral",
    "ren",
    "ros",
    "sal",
    "ser",
    "sol",
    "tal",
    "ter",
    "tor",
    "ul",
    "ur",
    "val",
    "ver",
    "vor",
    "wil",
    "wen",
    "xan",
    "yor",
    "zel",
    "zon",
    "ård",
    "öst",
    "ém",
    "iñ",
]
TRADES = [
    "Systems",
    "Logistics",
    "Foods",
    "Energy",
    "Labs",
    "Media",
    "Retail",
    "Health",
    "Robotics",
    "Travel",
    "Textiles",
    "Analytics",
    "Works",
    "Partners",
]
FORMS = {
    "US": ("Inc.", "LLC", "Corp"),
    "GB": ("Ltd", "PLC", "Limited"),
    "DE": ("GmbH", "AG", "GmbH & Co. KG"),
    "FR": ("SAS", "S.A.R.L.", "SA"),
    "PL": ("Sp. z o.o.", "S.A."),
    "JP": ("K.K.", "Co., Ltd."),
    "BR": ("Ltda", "S.A."),
    "IN": ("Pvt Ltd", "Private Limited"),
}
ENDINGS = {
    "US": ".com",
    "GB": ".co.uk",
    "DE": ".de",
    "FR": ".fr",
    "PL": ".com.pl",
    "JP": ".co.jp",
    "BR": ".com.br",
    "IN": ".in",
}
FREE = ("gmail.com", "outlook.com", "yahoo.co.jp", "web.de", "orange.fr", "wp.pl", "uol.com.br", "proton.me")
PLAIN_APPS = ("production", "test", "my app", "backend", "sync job", "staging", "mobile", "orders", "demo")
ASCII = str.maketrans("åöéñ", "aoen")


@dataclass
class Company:
    """One company: its true key, name as registered, country and mail domains (none where its people use free mail)."""

    key: str
    name: str
    bare: str
    country: str
    domains: list[str]
    founded: float


@dataclass
class Records:
    """Record rows by table, and the true company (or the person's own id) of each developer."""

    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    truth: dict[str, str] = field(default_factory=dict)

    def add(self, table: str, source: str, id: str, **fields: Any) -> str:
        """One record; returns its id."""
        self.rows.setdefault(table, []).append({"source": source, "id": id, **fields})
        return id


def make(developers: int, seed: int = 5) -> Records:
    """Records of a program of this many developers: 0.3 × organizations, 0.1 × payers, 0.5 × support users."""
    return _Maker(developers, seed).make()


class _Maker:
    def __init__(self, developers: int, seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        self.count = developers
        self.records = Records()
        self.companies = self._companies(int(developers * 0.3))
        self.agencies = [one for one in self.companies[:: max(50, developers // 400)] if one.domains]

    def make(self) -> Records:
        people = [(company, n) for company in self.companies for n in range(1 + int(self.rng.poisson(1.6)))]
        people = people[: int(self.count * 0.85)]
        for number, (company, n) in enumerate(people):
            self._employee(number, company, n)
        for number in range(len(people), self.count):
            self._individual(number)
        return self.records

    def _pick(self, choices: Any) -> Any:
        return choices[int(self.rng.integers(len(choices)))]

    def _companies(self, count: int) -> list[Company]:
        found: list[Company] = []
        taken: set[str] = set()
        countries = list(FORMS)
        while len(found) < count:
            stem = "".join(self._pick(SYLLABLES) for _ in range(int(self.rng.integers(2, 5)))).capitalize()
            bare = f"{stem} {self._pick(TRADES)}" if self.rng.uniform() < 0.5 else stem
            country = self._pick(countries)
            # one in two hundred is called as another company in another country is
            if found and self.rng.uniform() < 0.005:
                bare = self._pick(found).bare
            host = bare.lower().translate(ASCII).replace(" ", self._pick(("", "", "-"))) + ENDINGS[country]
            if host in taken:
                continue
            taken.add(host)
            domains = [host] if self.rng.uniform() < 0.9 else []
            if domains and self.rng.uniform() < 0.05:
                domains.append(f"{stem.lower().translate(ASCII)}-group.com")
            name = f"{bare} {self._pick(FORMS[country])}"
            found.append(Company(f"c{len(found)}", name, bare, country, domains, float(self.rng.uniform(0, DAYS))))
            self._company_records(found[-1])
        return found

    def _company_records(self, company: Company) -> None:
        draw = self.rng.uniform(size=3)
        if draw[0] < 0.3:
            fields = {"name": company.name, "domain": (company.domains or [None])[0], "country": company.country}
            self.records.add("organization", "crm", f"org-{company.key}", **fields)
        if draw[1] < 0.3:
            domains = company.domains if draw[2] < 0.6 else None
            self.records.add(
                "support_organization", "desk", f"so-{company.key}", name=company.name, domain_names=domains
            )

    def _typed(self, company: Company) -> str | None:
        """The company as somebody types it into a form, if at all."""
        draw = self.rng.uniform()
        if draw < 0.4:
            return None
        return (company.name, company.bare, company.bare.translate(ASCII), company.bare.upper(), f" {company.name} ")[
            int(self.rng.integers(5))
        ]

    def _employee(self, number: int, company: Company, n: int) -> None:
        first, last = self._person()
        draw, host = self.rng.uniform(), self._pick(FREE)
        declared = self._typed(company)
        if company.domains and draw < 0.8:
            host = self._pick(company.domains)
            host = f"{self._pick(('mail', 'dev', 'eu'))}.{host}" if draw < 0.05 else host
        elif draw > 0.98 and self.agencies:
            host = self._pick(self.agencies).domains[0]
            declared = declared or company.name
        tag = "+api" if self.rng.uniform() < 0.05 else ""
        email = f"{first}.{last}{number if host in FREE else ''}{tag}@{host}"
        created = START + timedelta(days=min(DAYS, company.founded + float(self.rng.exponential(60)) * (n > 0)))
        self._developer(number, email, declared, company.country, created, company)

    def _individual(self, number: int) -> None:
        first, last = self._person()
        created = START + timedelta(days=float(self.rng.uniform(0, DAYS)))
        self._developer(
            number, f"{first}{last}{number}@{self._pick(FREE)}", None, self._pick(list(FORMS)), created, None
        )

    def _person(self) -> tuple[str, str]:
        return tuple("".join(self._pick(SYLLABLES[:48]) for _ in range(2)) for _ in range(2))

    def _developer(
        self, number: int, email: str, declared: str | None, country: str, created: datetime, company: Company | None
    ) -> None:
        rng, add = self.rng, self.records.add
        verified = created if rng.uniform() < 0.85 else None
        fields = {"email": email, "organization_name": declared, "country": country if rng.uniform() < 0.9 else None}
        id = add("developer", "portal", f"d{number}", verified_at=verified, created_at=created, **fields)
        self.records.truth[id] = company.key if company else id
        app = None
        if rng.uniform() < 0.6:
            named = company and rng.uniform() < 0.4
            name = f"{company.bare} {self._pick(PLAIN_APPS)}" if named else self._pick(PLAIN_APPS)
            app = add(
                "application", "portal", f"a{number}", developer_id=id, name=name, plan="free", created_at=created
            )
            custom = app if rng.uniform() < 0.9 else None
            consumer = add("credential", "kong", f"k{number}", kind="consumer", custom_id=custom, created_at=created,
                           username=email if custom is None else f"{name} {number}")  # fmt: skip
            add("credential", "kong", f"q{number}", kind="key", consumer_id=consumer, created_at=created)
        if app and company and rng.uniform() < 0.2:
            payer = f"finance@{company.domains[0]}" if company.domains and rng.uniform() < 0.5 else email
            shared = app if rng.uniform() < 0.7 else None
            add("billing_customer", "stripe", f"b{number}", email=payer, name=company.name, consumer_ref=shared,
                country=company.country, created_at=created)  # fmt: skip
        if rng.uniform() < 0.5:
            desk = f"so-{company.key}" if company and rng.uniform() < 0.3 else None
            add("support_user", "desk", f"s{number}", email=email, verified=True, role="end-user", organization_id=desk,
                created_at=created)  # fmt: skip
