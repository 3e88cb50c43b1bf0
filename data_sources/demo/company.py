"""The people around Harborline: accounts with their hidden persona, developers, applications and credentials."""

from dataclasses import dataclass, field

import numpy as np

from data_sources.demo import names
from data_sources.demo.timeline import DAYS, Timeline

DEVELOPERS = 4000
ORGANIZATIONS = 1100
INTERNAL_TEAMS = ("Storefront", "Mobile app", "Returns", "Finance operations", "Data platform", "Customer care")
INTERNAL_DOMAINS = ("harborline.com", "harborline.io")
PARTNERS = 25
ENTERPRISES = 30
OPEN_COMPANIES = 640
OPEN_INDIVIDUALS = 600

OPEN_MIX = {"prototype": 0.29, "commercial": 0.43, "explorer": 0.19, "hobby": 0.07, "abuse": 0.02}
PUBLIC_MIX = {"explorer": 0.66, "prototype": 0.17, "commercial": 0.12, "abuse": 0.05}
OPEN_INDIVIDUAL_MIX = {"hobby": 0.5, "explorer": 0.37, "prototype": 0.1, "abuse": 0.03}
PUBLIC_INDIVIDUAL_MIX = {"hobby": 0.38, "explorer": 0.57, "abuse": 0.05}

COUNTRIES = (
    ("US", -6),
    ("US", -5),
    ("US", -8),
    ("US", -5),
    ("GB", 0),
    ("DE", 1),
    ("NL", 1),
    ("SE", 1),
    ("FR", 1),
    ("JP", 9),
    ("AU", 10),
    ("IN", 5),
)
CHANNELS = (
    "search",
    "search",
    "search",
    "docs",
    "referral",
    "github",
    "conference",
    "webinar",
    "partner",
    "newsletter",
    "unknown",
)


@dataclass(slots=True)
class Developer:
    """A person with a portal login. Moments are days since the start of the timeline."""

    id: str
    name: str
    email: str
    signed_up: float
    verified: float | None
    channel: str
    employed_here: bool = True


@dataclass(slots=True)
class Credential:
    """A key that calls. `gateway` is kong or aws; consumers without `custom_id` know only a user name."""

    number: int
    gateway: str
    id: str
    consumer_id: str
    username: str
    custom_id: str | None
    tags: list[str]
    groups: list[str]
    created: float
    revoked: float | None
    addresses: list[str]
    user_agent: str


@dataclass(slots=True)
class Application:
    """What a developer builds; its plan is today's."""

    id: str
    name: str
    developer: Developer
    plan: str
    environment: str
    created: float
    workload: str
    credentials: list[Credential] = field(default_factory=list)


@dataclass(slots=True)
class Account:
    """An organization, or a person on their own, with what nobody outside can see: persona, size, story."""

    key: str
    name: str
    domain: str
    persona: str
    tier: str
    is_organization: bool
    kind: str
    employees: int | None
    country: str
    zone: int
    currency: str
    entry: float
    workload: str
    calls_a_day: float
    developers: list[Developer] = field(default_factory=list)
    applications: list[Application] = field(default_factory=list)
    story: object = None


def _persona(rng: np.random.Generator, mix: dict[str, float]) -> str:
    return str(rng.choice(list(mix), p=list(mix.values())))


def _size(rng: np.random.Generator, persona: str) -> float:
    """Calls a day when in full use, before scaling to the requests asked for: few large, many small."""
    median, spread = {
        "internal": (5200, 0.9),
        "isv": (2600, 1.0),
        "agency": (900, 0.9),
        "reseller": (1500, 0.9),
        "enterprise": (2600, 0.9),
        "prototype": (150, 1.1),
        "commercial": (190, 1.1),
        "explorer": (7, 1.0),
        "hobby": (10, 1.0),
        "abuse": (420, 1.0),
    }[persona]
    return float(median * np.exp(rng.normal(0, spread)))


def _workload(rng: np.random.Generator, persona: str) -> str:
    if persona == "abuse":
        return "scraper"
    if persona in ("explorer", "hobby"):
        return str(rng.choice(["reader", "tracker", "shop"], p=[0.5, 0.35, 0.15]))
    return str(rng.choice(["shop", "tracker", "checkout", "fulfilment", "export"], p=[0.32, 0.22, 0.18, 0.16, 0.12]))


def _entry(rng: np.random.Generator, persona: str, tier: str) -> float:
    """Sign-ups grow over the 18 months; teams, partners and enterprises came early."""
    if tier == "internal":
        share = rng.uniform(0, 0.75) ** 1.6
    elif tier == "partner" or persona == "enterprise":
        share = rng.uniform(0, 0.88) ** 1.1
    else:
        share = rng.uniform() ** 0.72
    return float(share * (DAYS - 1)) + rng.uniform(0.3, 0.7) * 0.5


class Population:
    """Draws accounts and gives them developers; applications and credentials follow from the story (stories.py)."""

    def __init__(self, time: Timeline) -> None:
        self.time = time
        self.rng = time.rng("company")
        companies = names.company_names(self.rng, ORGANIZATIONS)
        self.accounts: list[Account] = []
        self._agencies = [domain for _, domain in companies[PARTNERS - 10 : PARTNERS + 4]]
        self._draw_organizations(companies)
        self._draw_individuals()

    def _account(
        self, key: str, name: str, domain: str, persona: str, tier: str, kind: str, organization: bool
    ) -> Account:
        rng = self.rng
        country, zone = COUNTRIES[rng.integers(len(COUNTRIES))]
        currency = {"DE": "eur", "NL": "eur", "FR": "eur", "JP": "jpy"}.get(country, "usd")
        if rng.uniform() < 0.35:
            currency = "usd"
        large = {"enterprise": (1200, 60_000), "isv": (20, 900), "agency": (8, 120), "reseller": (15, 400)}.get(
            persona, (2, 260)
        )
        account = Account(
            key=key,
            name=name,
            domain=domain,
            persona=persona,
            tier=tier,
            is_organization=organization,
            kind=kind,
            employees=int(np.exp(rng.uniform(np.log(large[0]), np.log(large[1])))) if organization else None,
            country=country,
            zone=zone,
            currency=currency,
            entry=_entry(rng, persona, tier),
            workload=_workload(rng, persona),
            calls_a_day=_size(rng, persona),
        )
        self.accounts.append(account)
        return account

    def _draw_organizations(self, companies: list[tuple[str, str]]) -> None:
        rng = self.rng
        partners, enterprises = len(INTERNAL_TEAMS) + PARTNERS, len(INTERNAL_TEAMS) + PARTNERS + ENTERPRISES
        for number, team in enumerate(INTERNAL_TEAMS):
            account = self._account(
                f"org-{number:04d}", team, INTERNAL_DOMAINS[0], "internal", "internal", "team", True
            )
            account.country, account.zone, account.currency = "US", -5, "usd"
            self._people(account, 5 + 2 * (number < 5) + (number == 0))
        for number in range(len(INTERNAL_TEAMS), partners):
            persona = ("isv", "agency", "reseller")[(number * 7) % 3]
            account = self._account(
                f"org-{number:04d}", *companies[number - len(INTERNAL_TEAMS)], persona, "partner", persona, True
            )
            self._people(account, 2 + int(rng.poisson(2.4)))
        for number in range(partners, enterprises):
            account = self._account(
                f"org-{number:04d}", *companies[number - len(INTERNAL_TEAMS)], "enterprise", "open", "company", True
            )
            self._people(account, 3 + int(rng.poisson(2.2)))
        for number in range(enterprises, ORGANIZATIONS):
            tier = "open" if number < enterprises + OPEN_COMPANIES else "public"
            persona = _persona(rng, OPEN_MIX if tier == "open" else PUBLIC_MIX)
            account = self._account(
                f"org-{number:04d}", *companies[number - len(INTERNAL_TEAMS)], persona, tier, "company", True
            )
            mean = {"prototype": 2.3, "commercial": 1.8, "explorer": 0.5}.get(persona, 0.4) * (
                1.0 if tier == "open" else 0.4
            )
            self._people(account, 1 + int(rng.poisson(mean)))

    def _draw_individuals(self) -> None:
        people = sum(len(account.developers) for account in self.accounts)
        for number in range(DEVELOPERS - people):
            tier = "open" if number < OPEN_INDIVIDUALS else "public"
            persona = _persona(self.rng, OPEN_INDIVIDUAL_MIX if tier == "open" else PUBLIC_INDIVIDUAL_MIX)
            account = self._account(f"ind-{number:04d}", "", "", persona, tier, "individual", False)
            self._people(account, 1)
            account.name = account.developers[0].name

    def _people(self, account: Account, count: int) -> None:
        rng = self.rng
        for number in range(count):
            first, last = names.person(rng)
            later = 0.0 if number == 0 else float(rng.exponential(45) + 1)
            signed_up = account.entry + later
            if signed_up >= DAYS - 0.2:
                signed_up = account.entry + (DAYS - 0.2 - account.entry) * float(rng.uniform(0.05, 0.95))
            domain, employed = self._mail_domain(account, rng, number)
            local = f"{first}.{last}" if rng.uniform() < 0.6 else f"{first[0]}{last}"
            if not account.domain or domain != account.domain:
                local += str(rng.integers(1, 999))
            verified = signed_up + float(rng.exponential(0.05)) if self._verifies(account, rng) else None
            account.developers.append(
                Developer(
                    id=f"dev_{self.time.token('developer', account.key, number, length=12)}",
                    name=f"{first} {last}",
                    email=f"{local.lower()}@{domain}",
                    signed_up=signed_up,
                    verified=verified,
                    channel=str(CHANNELS[rng.integers(len(CHANNELS))]) if account.tier != "partner" else "partner",
                    employed_here=employed,
                )
            )

    def _mail_domain(self, account: Account, rng: np.random.Generator, number: int) -> tuple[str, bool]:
        """Where a person's mail lives: mostly the employer's domain, else a free one, an agency's, or a shared host's."""
        draw = rng.uniform()
        if account.tier == "internal":
            return INTERNAL_DOMAINS[int(draw < 0.2)], True
        if not account.is_organization:
            if account.persona == "abuse" and draw < 0.4:
                return names.DISPOSABLE_MAIL[rng.integers(len(names.DISPOSABLE_MAIL))], True
            return names.FREE_MAIL[rng.integers(len(names.FREE_MAIL))], True
        if account.tier == "partner" or (account.persona == "enterprise" and number == 0):
            return account.domain, True
        if draw < 0.18:
            return names.FREE_MAIL[rng.integers(len(names.FREE_MAIL))], True
        if draw < 0.207:
            return self._agencies[rng.integers(len(self._agencies))], False
        if draw < 0.217:
            return (
                f"{account.domain.split('.')[0]}.{names.SHARED_DOMAINS[rng.integers(len(names.SHARED_DOMAINS))]}",
                True,
            )
        return account.domain, True

    def _verifies(self, account: Account, rng: np.random.Generator) -> bool:
        if account.tier == "public":
            return bool(rng.uniform() < 0.06)
        return account.tier in ("internal", "partner") or bool(rng.uniform() < 0.97) or not account.developers
