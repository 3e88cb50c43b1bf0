"""Why each account is where it is: the stages it reached, where and why it stalled, and whether it still tries.

A story is drawn first; logs, bills and tickets are then written so that they follow from it.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from data_sources.demo.company import Account, Application, Credential, Developer
from data_sources.demo.timeline import DAYS, Timeline

STAGES: dict[str, tuple[str, ...]] = {
    "internal": ("signed_up", "credential_issued", "first_call", "first_success", "integrated", "in_production"),
    "partner": (
        "signed_up",
        "agreement",
        "credential_issued",
        "first_call",
        "first_success",
        "integrated",
        "certified",
        "in_production",
        "revenue_share",
        "expanded",
    ),
    "open": (
        "signed_up",
        "credential_issued",
        "first_call",
        "first_success",
        "integrated",
        "in_production",
        "commercial_contact",
        "procurement",
        "contracted",
        "paying",
        "expanded",
    ),
    "public": ("signed_up", "credential_issued", "first_call", "first_success", "integrated"),
}

# Chance of leaving a stage for the next, by persona. Procurement is only for those who negotiate.
_ONWARD: dict[str, dict[str, float]] = {
    "internal": dict.fromkeys(STAGES["internal"], 0.97),
    "isv": dict.fromkeys(STAGES["partner"], 0.95) | {"revenue_share": 0.3, "integrated": 0.74, "agreement": 0.97},
    "agency": dict.fromkeys(STAGES["partner"], 0.94) | {"revenue_share": 0.2, "integrated": 0.7},
    "reseller": dict.fromkeys(STAGES["partner"], 0.95) | {"revenue_share": 0.3, "integrated": 0.8, "certified": 0.85},
    "enterprise": {
        "signed_up": 0.99,
        "credential_issued": 0.97,
        "first_call": 0.98,
        "first_success": 0.97,
        "integrated": 0.96,
        "in_production": 0.97,
        "commercial_contact": 0.92,
        "procurement": 0.56,
        "contracted": 0.96,
        "paying": 0.4,
    },
    "prototype": {
        "signed_up": 0.95,
        "credential_issued": 0.91,
        "first_call": 0.91,
        "first_success": 0.86,
        "integrated": 0.8,
        "in_production": 0.7,
        "commercial_contact": 0.82,
        "contracted": 0.97,
        "paying": 0.35,
    },
    "commercial": {
        "signed_up": 0.95,
        "credential_issued": 0.9,
        "first_call": 0.92,
        "first_success": 0.86,
        "integrated": 0.85,
        "in_production": 0.78,
        "commercial_contact": 0.86,
        "contracted": 0.97,
        "paying": 0.2,
    },
    "explorer": {
        "signed_up": 0.8,
        "credential_issued": 0.66,
        "first_call": 0.84,
        "first_success": 0.3,
        "integrated": 0.15,
        "in_production": 0.06,
        "commercial_contact": 0.3,
        "contracted": 0.9,
    },
    "hobby": {
        "signed_up": 0.9,
        "credential_issued": 0.78,
        "first_call": 0.9,
        "first_success": 0.52,
        "integrated": 0.5,
        "in_production": 0.05,
        "commercial_contact": 0.3,
        "contracted": 0.9,
    },
    "abuse": {"signed_up": 1.0, "credential_issued": 1.0, "first_call": 0.97, "first_success": 0.9, "integrated": 0.2},
}

# Median days spent in a stage by those who leave it.
_DAYS: dict[str, float] = {
    "signed_up": 0.15,
    "agreement": 3,
    "credential_issued": 0.8,
    "first_call": 0.2,
    "first_success": 5,
    "integrated": 24,
    "certified": 6,
    "in_production": 21,
    "commercial_contact": 6,
    "procurement": 46,
    "contracted": 4,
    "paying": 130,
    "revenue_share": 120,
}

_SELF_SERVE_REASONS: dict[str, dict[str, float]] = {
    "signed_up": {"docs_no_key": 0.55, "no_activity": 0.45},
    "credential_issued": {"key_no_call": 0.85, "open_ticket": 0.06, "breached_ticket": 0.09},
    "first_call": {
        "auth_refused": 0.42,
        "wrong_path": 0.18,
        "invalid_requests": 0.22,
        "our_errors": 0.1,
        "breached_ticket": 0.08,
    },
    "first_success": {
        "succeeded_silent": 0.5,
        "invalid_requests": 0.14,
        "auth_refused": 0.09,
        "quota_refused": 0.08,
        "our_errors": 0.07,
        "wrong_path": 0.06,
        "open_ticket": 0.06,
    },
    "integrated": {
        "succeeded_silent": 0.36,
        "quota_refused": 0.14,
        "quota_refused_no_way_up": 0.08,
        "our_errors": 0.1,
        "open_ticket": 0.09,
        "breached_ticket": 0.09,
        "auth_refused": 0.06,
        "pricing_no_contact": 0.08,
    },
    "in_production": {
        "pricing_no_contact": 0.3,
        "quota_refused": 0.1,
        "quota_refused_no_way_up": 0.26,
        "breached_ticket": 0.12,
        "open_ticket": 0.08,
        "our_errors": 0.05,
        "succeeded_silent": 0.09,
    },
    "commercial_contact": {"breached_ticket": 0.45, "open_ticket": 0.3, "no_activity": 0.25},
    "procurement": {
        "waiting_security": 0.36,
        "waiting_legal": 0.27,
        "waiting_procurement": 0.22,
        "waiting_decision_maker": 0.15,
    },
    "contracted": {"breached_ticket": 0.6, "no_activity": 0.4},
}
_OTHER_REASONS: dict[str, dict[str, dict[str, float]]] = {
    "partner": {
        "signed_up": {"waiting_legal": 0.7, "no_activity": 0.3},
        "agreement": {"waiting_decision_maker": 0.5, "open_ticket": 0.5},
        "integrated": {"waiting_legal": 0.45, "waiting_security": 0.25, "breached_ticket": 0.3},
        "certified": {"waiting_legal": 0.5, "waiting_decision_maker": 0.5},
        "in_production": {"waiting_legal": 0.4, "waiting_procurement": 0.3, "open_ticket": 0.3},
    },
    "internal": {"first_call": {"auth_refused": 0.8, "wrong_path": 0.2}},
}

REFUSAL_REASONS = {
    "auth_refused",
    "quota_refused",
    "quota_refused_no_way_up",
    "our_errors",
    "wrong_path",
    "invalid_requests",
}
WAITING_REASONS = {"waiting_security", "waiting_legal", "waiting_procurement", "waiting_decision_maker"}
TICKET_REASONS = {"open_ticket", "breached_ticket"}


@dataclass(slots=True)
class Story:
    """`reached` holds the moment of each stage; `stall` the stage that it does not leave, None while it moves or is done.

    `trying` says whether the cause still shows in the last two weeks. `left` is when it fell silent for good or stopped
    paying. `second` is a second cause that shows as well, weaker.
    """

    reached: dict[str, float] = field(default_factory=dict)
    stall: str | None = None
    reason: str | None = None
    second: str | None = None
    trying: bool = False
    left: float | None = None
    negotiates: bool = False
    plans: list[tuple[float, str]] = field(default_factory=list)
    will_pay: bool = False

    @property
    def stage(self) -> str:
        """The last stage reached."""
        return list(self.reached)[-1]

    def plan_at(self, moment: float) -> str:
        """The plan that holds at a moment."""
        return [plan for since, plan in self.plans if since <= moment or since == self.plans[0][0]][-1]


def stages_of(tier: str, negotiates: bool) -> list[str]:
    """The stages before an account of a tier, in order; procurement is only for those who negotiate."""
    return [stage for stage in STAGES[tier] if negotiates or stage != "procurement"]


def onward_chance(account: Account, stage: str) -> float:
    """The chance that an account in a stage ever leaves it for the next."""
    return _ONWARD[account.persona].get(stage, 0.9)


def days_in_stage(account: Account, stage: str, rng: np.random.Generator, count: int | None = None) -> Any:
    """The days that an account which leaves a stage spends in it: one draw, or an array of `count`."""
    stages = stages_of(account.tier, account.persona == "enterprise")
    days = _DAYS[stage] * np.exp(rng.normal(0, 0.9, count))
    least = {"integrated": 2.2, "in_production": 30.0}.get(stages[stages.index(stage) + 1], 0.0)
    if stage in ("contracted", "commercial_contact"):
        least = max(least, 0.05)
    return np.maximum(days, least) * (1.6 if account.tier == "internal" else 1.0)


def _draw_story(account: Account, rng: np.random.Generator) -> Story:
    story = Story(negotiates=account.persona == "enterprise")
    moment, stages = account.entry, stages_of(account.tier, story.negotiates)
    for position, stage in enumerate(stages):
        story.reached[stage] = moment
        if position + 1 == len(stages):
            return story
        days = float(days_in_stage(account, stage, rng))
        if rng.uniform() >= onward_chance(account, stage):
            if stage in ("paying", "revenue_share") or (account.tier == "public" and stage == "integrated"):
                return story
            story.stall = stage
            reasons = _OTHER_REASONS.get(account.tier, {}).get(stage) or _SELF_SERVE_REASONS[stage]
            if stage == "contracted" and story.negotiates:
                reasons = {"waiting_procurement": 1.0}
            story.reason = str(rng.choice(list(reasons), p=list(reasons.values())))
            return story
        if moment + days >= DAYS - 0.05:
            return story
        moment += days
    return story


def _give_up(account: Account, story: Story, rng: np.random.Generator) -> None:
    """Decide whether a stalled account is still at it, and when the others fell silent."""
    since = story.reached[story.stage]
    if story.stall:
        age = DAYS - since
        patience = 1.0 if story.reason in WAITING_REASONS else 0.25 + 0.75 * float(np.exp(-age / 110))
        silent = story.reason in ("succeeded_silent", "no_activity")
        story.trying = not silent and bool(rng.uniform() < patience)
        if silent:
            story.left = min(DAYS - 0.1, since + float(rng.exponential(3) + 0.1))
        elif not story.trying:
            story.left = since + (age - 15) * float(rng.uniform(0.1, 0.9)) if age > 20 else None
            story.trying = story.left is None
        if story.trying and story.reason in REFUSAL_REASONS | TICKET_REASONS and rng.uniform() < 0.22:
            story.second = str(
                rng.choice(["invalid_requests", "our_errors", "auth_refused", "quota_refused", "open_ticket"])
            )
        return
    yearly = {"explorer": 6.0, "hobby": 2.0, "abuse": 3.0, "commercial": 0.28, "prototype": 0.22, "enterprise": 0.05}
    leaves = since + float(rng.exponential(365 / yearly.get(account.persona, 0.04)))
    if "paying" in story.reached:
        leaves = max(leaves, story.reached["paying"] + 25)
    if leaves < DAYS - 1:
        story.left = leaves


def _plan(account: Account, story: Story, rng: np.random.Generator) -> None:
    """The plans that an account was on, oldest first."""
    first = {"internal": "internal", "partner": "partner", "public": "sandbox"}.get(account.tier, "free")
    story.plans = [(account.entry, first)]
    if story.reason == "quota_refused_no_way_up":
        story.plans = [(account.entry, "beta")]
    if "contracted" in story.reached and account.tier == "open":
        bought = "growth" if account.calls_a_day > 420 else "starter"
        story.plans.append((story.reached["contracted"], "enterprise" if story.negotiates else bought))
        if "expanded" in story.reached and bought == "starter" and not story.negotiates:
            story.plans.append((story.reached["expanded"], "growth"))
    elif story.stall and story.reached and rng.uniform() < 0.1 and account.tier == "open":
        story.plans = [(account.entry, "beta")] if story.reason == "quota_refused_no_way_up" else story.plans
    story.will_pay = "paying" in story.reached


class Storyteller:
    """Tells every account's story, and gives it the applications and credentials that the story needs."""

    def __init__(self, time: Timeline, accounts: list[Account]) -> None:
        self.time = time
        self.rng = time.rng("stories")
        self.credentials: list[Credential] = []
        self._subnets = self.rng.permutation(2 * 256 * 64)
        for number, account in enumerate(accounts):
            account.story = _draw_story(account, self.rng)
            _give_up(account, account.story, self.rng)
            _plan(account, account.story, self.rng)
            self._equip(account, number)

    def _equip(self, account: Account, number: int) -> None:
        story, rng = account.story, self.rng
        issued = story.reached.get("credential_issued")
        if issued is None:
            return
        subnet = int(self._subnets[number])
        home = f"198.{18 + subnet // 16384}.{subnet // 64 % 256}.{subnet % 64 * 4}"
        developers = account.developers
        environment = ("sandbox", "")[int(rng.uniform() < 0.5)] if account.tier in ("open", "partner") else ""
        self._application(account, developers[0], issued, environment, home, 0)
        production = story.reached.get("in_production")
        count = 1
        if production is not None and rng.uniform() < 0.6:
            self._application(account, developers[0], production, "production", home, count)
            count += 1
        for developer in developers[1:]:
            created = max(developer.signed_up + float(rng.exponential(1.5)), issued)
            if created < DAYS - 0.1 and (story.left is None or created < story.left) and rng.uniform() < 0.55:
                self._application(account, developer, created, environment, home, count)
                count += 1

    def _application(
        self, account: Account, developer: Developer, created: float, environment: str, home: str, number: int
    ) -> None:
        time, rng = self.time, self.rng
        plan = account.story.plans[-1][1]
        purpose = {"shop": "checkout", "reader": "rates test", "scraper": "sync"}.get(
            account.workload, account.workload
        )
        label = account.name if account.is_organization else developer.name.split()[0]
        application = Application(
            id=f"app_{time.token('application', account.key, number, length=12)}",
            name=f"{label} {purpose}" + (f" {number + 1}" if number else ""),
            developer=developer,
            plan=plan,
            environment=environment,
            created=created,
            workload=account.workload,
        )
        account.applications.append(application)
        nameless = rng.uniform() < 0.07 and account.tier in ("open", "public")
        tags = [f"plan:{plan}"] + ([f"env:{environment}"] if environment else [])
        groups = [plan]
        if account.tier in ("internal", "partner"):
            tags.append(f"tier:{account.tier}")
            groups.append(account.tier)
        revoked = created + float(rng.uniform(60, 200)) if rng.uniform() < 0.12 else None
        agents = (
            "harborline-python/2.4.1",
            "harborline-node/3.1.0",
            "python-requests/2.32.3",
            "axios/1.7.7",
            "okhttp/4.12.0",
            "Go-http-client/1.1",
            "PostmanRuntime/7.42.0",
            "curl/8.5.0",
            "Java/17.0.9",
            "GuzzleHttp/7",
        )
        common = {
            "consumer_id": time.uuid("consumer", application.id),
            "username": developer.email if nameless else f"{application.name} ({application.id[-4:]})",
            "custom_id": None if nameless else application.id,
            "tags": tags,
            "groups": groups,
            "addresses": self._addresses(account, home),
            "user_agent": agents[rng.integers(len(agents))],
        }
        if revoked is not None and revoked < DAYS - 5:
            self._credential(application, "kong", 0, created, revoked + 1.0, common)
            self._credential(application, "kong", 1, revoked, None, common)
        else:
            self._credential(application, "kong", 0, created, None, common)
        if account.workload == "export":
            self._credential(application, "aws", 2, created, None, common)

    def _addresses(self, account: Account, home: str) -> list[str]:
        if account.persona == "abuse":
            return [f"198.{19}.{self.rng.integers(256)}.{self.rng.integers(1, 255)}" for _ in range(24)]
        stem, last = home.rsplit(".", 1)
        return [f"{stem}.{int(last) + offset}" for offset in range(1 + (account.calls_a_day > 300))]

    def _credential(
        self, application: Application, gateway: str, part: int, created: float, revoked: float | None, common: dict
    ) -> None:
        identity = self.time.uuid("credential", application.id, part)
        credential = Credential(
            number=len(self.credentials),
            gateway=gateway,
            id=identity if gateway == "kong" else identity.replace("-", "")[:10],
            created=created,
            revoked=revoked,
            **common,
        )
        application.credentials.append(credential)
        self.credentials.append(credential)
