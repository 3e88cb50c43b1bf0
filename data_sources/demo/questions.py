"""Who asks for help with what, and how long the answer takes: the requests that stories need, and the everyday ones."""

from dataclasses import dataclass

import numpy as np

from data_sources.demo.company import Account, Developer
from data_sources.demo.stories import TICKET_REASONS, WAITING_REASONS
from data_sources.demo.timeline import DAYS, Timeline

TOPICS: dict[str, tuple[str, tuple[str, ...]]] = {
    "auth": ("401 with a key that worked yesterday", ("authentication", "api_key")),
    "forbidden": ("403 You cannot consume this service", ("authentication", "permissions")),
    "validation": ("422 on rates/quote, which field is wrong?", ("validation", "rates")),
    "error": ("500 and 502 from labels since this morning", ("incident", "labels")),
    "quota": ("We reached the monthly quota, how do we get more?", ("quota", "limits", "sales")),
    "pricing": ("What would 2 million calls a month cost?", ("pricing", "sales")),
    "sales": ("Quote for a yearly contract", ("sales", "quote")),
    "security": ("Security questionnaire and SOC 2 report", ("security", "compliance", "enterprise")),
    "legal": ("Redlines on the data processing agreement", ("legal", "dpa", "enterprise")),
    "procurement": ("Vendor registration and purchase order", ("procurement", "enterprise")),
    "webhook": ("Webhooks arrive twice", ("tracking", "webhooks")),
    "docs": ("The quickstart does not say where the key goes", ("documentation", "onboarding")),
    "billing": ("Invoice shows the wrong company name", ("billing", "invoice")),
    "duties": ("POST /v1/customs/duties gives 404, is it planned?", ("feature_request", "customs")),
    "batch": ("Create labels in a batch: /v2/labels/batch?", ("feature_request", "labels")),
    "bulk": ("Can we POST /v1/tracking/bulk?", ("feature_request", "tracking")),
    "agreement": ("Question on the partner agreement", ("partner", "legal")),
    "partner": ("Certification: which test cases are needed?", ("partner", "certification")),
}
_OF_WAIT = {
    "waiting_security": "security",
    "waiting_legal": "legal",
    "waiting_procurement": "procurement",
    "waiting_decision_maker": "sales",
}
TARGETS = {"urgent": 60, "high": 240, "normal": 480, "low": 1440}


@dataclass(slots=True)
class Request:
    """One ticket before it is written. `first_reply` in minutes, `solved` a moment; None where it never came."""

    account: Account
    developer: Developer
    topic: str
    created: float
    first_reply: float | None
    solved: float | None
    replies: int
    priority: str
    reopened: bool = False


class Questions:
    """Draws the requests of all accounts; `requests` is in the order of their creation."""

    def __init__(self, time: Timeline, accounts: list[Account]) -> None:
        self.time, self.rng = time, time.rng("support")
        self.requests: list[Request] = []
        for account in accounts:
            self._stories(account)
            self._everyday(account)
        self.requests.sort(key=lambda request: request.created)

    def _ask(
        self,
        account: Account,
        topic: str,
        moment: float,
        *,
        open_: bool = False,
        breached: bool = False,
        slow: float = 1.0,
        developer: Developer | None = None,
    ) -> None:
        """One request at a moment; `open_` leaves it unsolved, `breached` leaves its first reply too late or missing."""
        rng = self.rng
        if not 0 <= moment < DAYS - 0.02:
            return
        developer = developer or next(
            (d for d in reversed(account.developers) if d.signed_up <= moment and rng.uniform() < 0.6),
            account.developers[0],
        )
        paid = "paying" in account.story.reached or account.tier in ("partner", "internal")
        priority = (
            ("low", "normal", "normal", "high", "urgent")[rng.integers(5)]
            if paid
            else ("low", "normal", "normal")[rng.integers(3)]
        )
        target = TARGETS[priority]
        first = float(np.exp(rng.normal(np.log(target * (0.32 if paid else 0.5) * slow), 0.9)))
        if breached:
            first = target * float(rng.uniform(1.4, 6))
        elif open_:
            first = min(first, target * 0.9)
        answered: float | None = first
        if (breached and rng.uniform() < 0.6) or moment + first / 1440 > DAYS - 0.01:
            answered = None
        replies = 1 + int(rng.poisson(1.0))
        solved: float | None = moment + first / 1440 + float(rng.exponential(1.4)) + 0.02 * replies
        if open_ or breached or answered is None or solved > DAYS - 0.05:
            solved = None
        self.requests.append(
            Request(account, developer, topic, moment, answered, solved, replies, priority, bool(rng.uniform() < 0.06))
        )

    def _stories(self, account: Account) -> None:
        story, rng = account.story, self.rng
        recent = max(story.reached[story.stage] + 0.3, DAYS - float(rng.uniform(3, 22)))
        if "commercial_contact" in story.reached:
            topic = ("pricing", "quota", "sales")[rng.integers(3)] if not story.negotiates else "sales"
            hanging = story.stall == "commercial_contact" and story.reason in TICKET_REASONS
            if not hanging:
                self._ask(account, topic, story.reached["commercial_contact"])
        if "procurement" in story.reached:
            begun = story.reached["procurement"]
            for topic, after in (("security", 1.0), ("legal", 9.0), ("procurement", 17.0)):
                waiting = story.stall == "procurement" and _OF_WAIT.get(story.reason or "") == topic
                last = story.reached.get("contracted", DAYS if not story.stall else begun + 30)
                if begun + after < last:
                    self._ask(account, topic, begun + after, open_=waiting and rng.uniform() < 0.3, slow=2.0)
        if story.reason in TICKET_REASONS and story.stall:
            topic = {
                "credential_issued": "docs",
                "first_call": "auth",
                "first_success": "validation",
                "agreement": "agreement",
                "commercial_contact": ("pricing", "sales", "quota")[rng.integers(3)],
                "contracted": "billing",
            }.get(story.stall, ("error", "webhook", "validation")[rng.integers(3)])
            if story.stall == "integrated" and account.tier == "partner":
                topic = "partner"
            when = recent if story.trying else story.reached[story.stall] + 0.3
            if story.stall == "commercial_contact":
                when = story.reached["commercial_contact"]
            self._ask(
                account, topic, when, open_=story.reason == "open_ticket", breached=story.reason == "breached_ticket"
            )
        if story.stall and story.reason in WAITING_REASONS and account.tier == "partner":
            self._ask(
                account,
                "agreement" if story.reason == "waiting_legal" else "partner",
                story.reached[story.stall] + 1.0,
                open_=bool(rng.uniform() < 0.25),
            )
        if story.second == "open_ticket" and story.trying:
            self._ask(account, "webhook", DAYS - float(rng.uniform(2, 12)), open_=True)
        if story.stall and story.trying and rng.uniform() < 0.2:
            topic = {
                "auth_refused": "forbidden",
                "our_errors": "error",
                "invalid_requests": "validation",
                "quota_refused_no_way_up": "quota",
            }.get(story.reason)
            if topic:
                self._ask(account, topic, DAYS - float(rng.uniform(1, 10)))

    def _everyday(self, account: Account) -> None:
        story, rng = account.story, self.rng
        begin = story.reached.get("credential_issued")
        if begin is None:
            return
        end = story.left if story.left is not None else DAYS
        months = max(0.0, end - begin) / 30.4
        rate = {
            "internal": 0.7,
            "isv": 1.3,
            "agency": 0.9,
            "reseller": 1.3,
            "enterprise": 2.2,
            "prototype": 0.3,
            "commercial": 0.3,
            "explorer": 0.1,
            "hobby": 0.09,
            "abuse": 0.05,
        }[account.persona]
        if "in_production" not in story.reached:
            rate *= 0.6
        topics = ["auth", "validation", "error", "webhook", "docs"] + (["billing"] if "paying" in story.reached else [])
        wish = {"export": "duties", "fulfilment": "batch", "shop": "batch", "tracker": "bulk"}.get(account.workload)
        for _ in range(int(rng.poisson(rate * months + (0.25 if begin else 0)))):
            moment = begin + (end - begin) * float(rng.uniform(0, 1))
            topic = wish if wish and rng.uniform() < 0.07 else topics[rng.integers(len(topics))]
            if account.persona == "enterprise" and rng.uniform() < 0.15:
                topic = "security"
            self._ask(account, str(topic), moment)
