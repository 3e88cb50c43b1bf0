"""What each story does at the gateways: the calls that date its stages, and the steady use around them."""

from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from math import ceil, floor

import numpy as np

from data_sources.demo.catalog import CALLS, DOCS, REFUSALS, SCANNER_PATHS, WORKLOADS
from data_sources.demo.company import Account, Application, Credential
from data_sources.demo.stories import REFUSAL_REASONS
from data_sources.demo.timeline import DAYS, Timeline

CLOCKS = ("business", "evening", "always")

_CUSTOMS = {"hs_code", "declaration", "declaration_get"}
_USUAL = {
    "unknown_id": 0.012,
    "invalid": 0.009,
    "malformed": 0.002,
    "rate": 0.003,
    "error": 0.0025,
    "bad_token": 0.002,
    "timeout": 0.0006,
}
_TROUBLE: dict[str, dict[str, float]] = {
    "auth_refused": {"acl": 0.55, "bad_token": 0.35, "bad_key": 0.1},
    "quota_refused": {"quota": 0.85, "rate": 0.15},
    "quota_refused_no_way_up": {"quota": 0.9, "rate": 0.1},
    "our_errors": {"error": 0.45, "bad_gateway": 0.3, "unavailable": 0.1, "timeout": 0.15},
    "wrong_path": {"wrong_path": 0.6, "wrong_rates": 0.3, "no_bulk": 0.1},
    "invalid_requests": {"invalid": 0.75, "malformed": 0.25},
    "rate": {"rate": 1.0},
    "dead_key": {"bad_key": 1.0},
}
_AT_AWS = {
    "acl": "acl",
    "bad_token": "acl",
    "bad_key": "acl",
    "wrong_path": "unknown_id",
    "wrong_rates": "unknown_id",
    "no_bulk": "unknown_id",
}


@dataclass(frozen=True)
class Outcome:
    """One kind of log line: a gateway (kong, aws, docs), a call or page, how it fails (None: it does not), the plan."""

    gateway: str
    call: str
    refusal: str | None
    plan: str


@dataclass
class Activity:
    """Everything that will be logged. Segments are columns of equal length; causes are (moment, credential, outcome); wishes are what
    an account asks for and we do not have, plans the plans of each caller from a moment on."""

    outcomes: list[Outcome] = field(default_factory=list)
    mixes: list[tuple[list[int], list[float]]] = field(default_factory=list)
    callers: list[Credential] = field(default_factory=list)
    segments: list[tuple[int, int, int, int, float, int, int, int, int, str]] = field(default_factory=list)
    causes: list[tuple[float, int, int]] = field(default_factory=list)
    wishes: dict[str, str] = field(default_factory=dict)
    plans: dict[int, list[tuple[float, str]]] = field(default_factory=dict)
    _outcome_numbers: dict[Outcome, int] = field(default_factory=dict)
    _mix_numbers: dict[tuple, int] = field(default_factory=dict)

    def outcome(self, gateway: str, call: str, refusal: str | None, plan: str) -> int:
        """The number of an outcome, new or known."""
        found = Outcome(gateway, call, refusal, plan)
        if found not in self._outcome_numbers:
            self._outcome_numbers[found] = len(self.outcomes)
            self.outcomes.append(found)
        return self._outcome_numbers[found]

    def mix(self, gateway: str, calls: dict[str, float], failures: dict[str, float], plan: str) -> int:
        """The number of a mix of outcomes: calls by weight, of which each failure takes its share."""
        key = (gateway, tuple(calls.items()), tuple(failures.items()), plan)
        if key not in self._mix_numbers:
            total, good = sum(calls.values()), 1 - sum(failures.values())
            numbers, shares = [], []
            for call, weight in calls.items():
                for refusal, share in [(None, good), *failures.items()]:
                    if share > 0:
                        numbers.append(self.outcome(gateway, call, refusal, plan))
                        shares.append(weight / total * share)
            self._mix_numbers[key] = len(self.mixes)
            self.mixes.append((numbers, shares))
        return self._mix_numbers[key]

    def segment(
        self,
        credential: Credential,
        mix: int,
        start: float,
        end: float,
        calls_a_day: float,
        clock: str,
        zone: int,
        ramp: int = 0,
        began: float | None = None,
    ) -> None:
        """Steady use on whole days from `start` to `end`, growing over `ramp` days since it began: at `start` unless said."""
        first, last = (
            max(0, ceil(max(start, credential.created))),
            min(DAYS, floor(min(end, credential.revoked or DAYS))),
        )
        if last > first and calls_a_day > 0:
            row = (
                credential.number,
                mix,
                first,
                last,
                calls_a_day,
                CLOCKS.index(clock),
                zone,
                ramp,
                first if began is None else max(0, ceil(max(began, credential.created))),
                credential.gateway,
            )
            self.segments.append(row)


@cache
def calls_of(workload: str, gateway: str) -> dict[str, float]:
    """The part of a workload that this gateway sees."""
    return {call: weight for call, weight in WORKLOADS[workload].items() if (call in _CUSTOMS) == (gateway == "aws")}


def failures(gateway: str, trouble: str | None, share: float, second: str | None = None) -> dict[str, float]:
    """Shares of the refusals of a mix: the usual ones, and `share` for the trouble that an account is in."""
    found: dict[str, float] = {name: part * (1 - share) for name, part in _USUAL.items()} if share < 1 else {}
    for name, weight in ((trouble, share), (second, 0.18 * (1 - share))):
        for refusal, part in _TROUBLE.get(name or "", {}).items():
            found[refusal] = found.get(refusal, 0) + part * weight
    if gateway == "aws":
        moved: dict[str, float] = {}
        for refusal, part in found.items():
            name = _AT_AWS.get(refusal, refusal)
            moved[name] = moved.get(name, 0) + part
        found = moved
    return found


class Observer:
    """Turns stories into activity."""

    def __init__(self, time: Timeline, accounts: list[Account], credentials: list[Credential]) -> None:
        self.time = time
        self.rng = time.rng("activity")
        self.activity = Activity(callers=list(credentials))
        for account in accounts:
            if account.applications and "first_call" in account.story.reached:
                self._account(account)
        self._strangers()
        self._docs()
        self.activity.causes.sort()

    def _draw(self, weighted: dict[str, float]) -> str:
        """One of the names, by weight; quicker than numpy's choice for a handful of them."""
        left = self.rng.random() * sum(weighted.values())
        for name, weight in weighted.items():
            left -= weight
            if left < 0:
                return name
        return next(iter(weighted))

    def _pick(
        self, credential: Credential, workload: str, refusal: str | None, plan: str, call: str | None = None
    ) -> int:
        name = call or self._draw(calls_of(workload, credential.gateway))
        return self.activity.outcome(credential.gateway, name, refusal, plan)

    def _cause(
        self,
        application: Application,
        moment: float,
        refusal: str | None = None,
        call: str | None = None,
        plan: str = "free",
    ) -> None:
        """One call at a stage-defining moment, with a key that is valid then."""
        live = [
            c
            for c in application.credentials
            if c.created <= moment + 0.001
            and (c.revoked or DAYS + 1) > moment
            and calls_of(application.workload, c.gateway)
        ]
        if not live or not 0 <= moment < DAYS:
            return
        at_aws = refusal is None and call is None and live[-1].gateway == "aws" and self.rng.random() < 0.4
        caller = live[-1] if at_aws else [c for c in live if c.gateway == "kong"][-1]
        number = self._pick(caller, application.workload, refusal, plan, call)
        self.activity.causes.append((moment, caller.number, number))

    def _trouble_call(self, trouble: str) -> str:
        return self._draw(_TROUBLE[trouble])

    def _account(self, account: Account) -> None:
        story, rng, first = account.story, self.rng, account.applications[0]
        for application in account.applications:
            self.activity.plans |= {credential.number: story.plans for credential in application.credentials}
        reached, end = story.reached, story.left if story.left is not None else float(DAYS)
        plan = lambda moment: story.plan_at(moment)  # noqa: E731
        favourite = next(iter(calls_of(first.workload, "kong")))
        trouble = story.reason if story.stall and story.reason in REFUSAL_REASONS else None
        if trouble == "auth_refused" and rng.uniform() < 0.12:
            # A key that was mistyped or deleted: Kong does not know whose call it refuses, so nobody can tell.
            trouble = "dead_key"
        opening = reached["first_call"]
        success = reached.get("first_success")
        if success is None or success > opening + 0.01:
            early = (
                trouble
                if story.stall == "first_call" and trouble
                else ("invalid_requests", "auth_refused")[rng.integers(2)]
            )
            self._cause(first, opening, self._trouble_call(early), favourite, plan(opening))
        if success is None:
            self._struggle(account, first, opening, end, trouble or "invalid_requests", only=True)
            return
        self._cause(first, success, None, favourite, plan(success))
        integrated = reached.get("integrated")
        if integrated is None:
            if story.stall == "first_success" and trouble:
                self._struggle(account, first, success, end, trouble, only=True)
            return
        for back in (2.0, 1.0, 0.0):
            self._cause(first, integrated - back * 0.98, None, favourite if back else None, plan(integrated))
        production = reached.get("in_production")
        if production is None:
            self._on_and_off(account, first, integrated, end, trouble)
            return
        for day in np.arange(production - 28.5, production, 3.1):
            self._cause(first, day, None, None, plan(day))
        for moment in [*np.arange(production, end, 29.0), *np.arange(max(production, end - 42), end - 0.3, 6.6)]:
            self._cause(first, float(moment), None, None, plan(production))
        self._steady(account, production - 29, end, trouble)

    def _struggle(
        self,
        account: Account,
        application: Application,
        since: float,
        end: float,
        trouble: str,
        only: bool,
        share: float = 0.85,
    ) -> None:
        """An account in trouble: refusals again and again, in its last two weeks above all."""
        rng, plan = self.rng, account.story.plan_at(since)
        start = max(since + 0.02, end - 24)
        span = end - 0.05 - start
        if span <= 0:
            return
        for part in np.sort(rng.uniform(0, 1, 4 if span < 1 else 11)):
            refusal = None if not only and rng.uniform() > share else self._trouble_call(trouble)
            self._cause(application, start + span * float(part) ** 0.6, refusal, None, plan)
        for credential in application.credentials:
            calls = calls_of(application.workload, credential.gateway)
            if calls:
                lost = failures(
                    credential.gateway, trouble, 1.0 if only else share, account.story.second if not only else None
                )
                mix = self.activity.mix(credential.gateway, calls, lost, plan)
                self.activity.segment(
                    credential,
                    mix,
                    start,
                    end,
                    max(1.5, account.calls_a_day * (0.05 if only else 0.5)),
                    *self._when(account),
                )

    def _on_and_off(
        self, account: Account, application: Application, since: float, end: float, trouble: str | None
    ) -> None:
        """Built it, but uses it in bursts: never four weeks in a row."""
        plan, burst = account.story.plan_at(since), since + 0.5
        stop = end - 46 if trouble else end
        while burst < stop:
            length = float(self.rng.uniform(3, 15))
            last = min(burst + length, stop)
            for credential in application.credentials:
                calls = calls_of(application.workload, credential.gateway)
                if calls:
                    lost = failures(credential.gateway, None, 0.0, account.story.second)
                    mix = self.activity.mix(credential.gateway, calls, lost, plan)
                    self.activity.segment(
                        credential, mix, burst, last, account.calls_a_day * 0.25, *self._when(account)
                    )
            for moment in np.linspace(burst, last - 0.1, 3):
                self._cause(application, float(moment), None, None, plan)
            burst = last + float(self.rng.uniform(15, 34))
        if trouble:
            self._struggle(account, application, since, end, trouble, only=False)

    def _steady(self, account: Account, since: float, end: float, trouble: str | None) -> None:
        """In production: every application calls every day, until trouble or the end."""
        story, activity = account.story, self.activity
        stop = max(since, end - 24) if trouble else end
        scraping = "rate" if account.persona == "abuse" else None
        cuts = [since] + [moment for moment, _ in story.plans if since < moment < stop] + [stop]
        share = 1 / len(account.applications)
        for application in account.applications:
            for credential in application.credentials:
                calls = calls_of(application.workload, credential.gateway)
                if not calls:
                    continue
                for start, last in pairwise(cuts):
                    lost = failures(credential.gateway, scraping, 0.35 if scraping else 0.0, story.second)
                    mix = activity.mix(credential.gateway, calls, lost, story.plan_at(start))
                    level = account.calls_a_day * share * (0.4 if credential.gateway == "aws" else 1)
                    # who changes plans calls on that day too, and goes on growing
                    until = last if last == stop else ceil(last)
                    activity.segment(credential, mix, start, until, level, *self._when(account), ramp=70, began=since)
                    self._asks_for_more(account, credential, start, last, level)
        if trouble:
            self._struggle(account, account.applications[0], stop, end, trouble, only=False, share=0.6)

    def _asks_for_more(self, account: Account, credential: Credential, start: float, end: float, level: float) -> None:
        """Real customers call endpoints that do not exist yet."""
        if credential.gateway != "kong" or account.persona in ("hobby", "explorer", "abuse", "internal"):
            return
        wish = {
            "export": "no_duties",
            "fulfilment": "no_batch",
            "tracker": "no_bulk",
            "shop": "no_batch",
            "checkout": "no_insurance",
        }
        if self.rng.uniform() < 0.22:
            self.activity.wishes[account.key] = wish[account.workload]
            calls = {next(iter(calls_of(account.workload, "kong"))): 1.0}
            mix = self.activity.mix("kong", calls, {wish[account.workload]: 1.0}, account.story.plan_at(start))
            since = max(start, DAYS * float(self.rng.uniform(0.3, 0.9)))
            self.activity.segment(credential, mix, since, end, min(9.0, 0.4 + level * 0.02), *self._when(account))
            if since < end - 1:
                outcome = self.activity.outcome(
                    "kong", next(iter(calls)), wish[account.workload], account.story.plan_at(start)
                )
                valid = [m for m in (since + 0.4, end - 0.7) if credential.created < m < (credential.revoked or DAYS)]
                self.activity.causes += [(m, credential.number, outcome) for m in valid]

    def _when(self, account: Account) -> tuple[str, int]:
        clock = {"hobby": "evening", "explorer": "evening", "abuse": "always", "internal": "always"}.get(
            account.persona, "business"
        )
        return clock, account.zone

    def _stranger(self, gateway: str, name: str, user_agent: str, addresses: int, network: str) -> Credential:
        """A caller without a name: no consumer is ever logged for it."""
        pool = [f"{network}.{self.rng.integers(1, 255)}" for _ in range(addresses)]
        if network.count(".") == 1:
            pool = [f"{network}.{self.rng.integers(256)}.{self.rng.integers(1, 255)}" for _ in range(addresses)]
        caller = Credential(
            len(self.activity.callers), gateway, "", "", name, None, [], [], 0.0, None, pool, user_agent
        )
        self.activity.callers.append(caller)
        return caller

    def _strangers(self) -> None:
        """Anonymous use, scanners, keys that are long gone, and the monitor that asks every minute."""
        activity = self.activity
        scanner = self._stranger("kong", "scanner", "Mozilla/5.0 zgrab/0.x", 90, "198.51.100")
        paths = dict.fromkeys(SCANNER_PATHS, 1.0)
        activity.segment(scanner, activity.mix("kong", paths, {"scan": 1.0}, "sandbox"), 0, DAYS, 900, "always", 0)
        widget = self._stranger(
            "kong", "widget", "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/131.0", 900, "198.20"
        )
        lost = {"rate": 0.05, "invalid": 0.03}
        mix = activity.mix("kong", {"suggest": 0.8, "carriers": 0.2}, lost, "sandbox")
        activity.segment(widget, mix, 0, DAYS, 900, "evening", -5, ramp=300)
        keyless = self._stranger("kong", "keyless", "python-requests/2.31.0", 300, "198.21")
        mix = activity.mix("kong", {"track": 0.6, "quote": 0.4}, {"bad_key": 1.0}, "sandbox")
        activity.segment(keyless, mix, 0, DAYS, 620, "always", 0, ramp=200)
        monitor = Credential(
            number=len(activity.callers),
            gateway="kong",
            id=self.time.uuid("credential", "monitor"),
            consumer_id=self.time.uuid("consumer", "monitor"),
            username="uptime-monitor",
            custom_id="app_uptime_monitor",
            tags=["tier:internal", "monitor"],
            groups=["internal"],
            created=0.0,
            revoked=None,
            addresses=["198.18.255.10"],
            user_agent="Harborline-Uptime/1.0",
        )
        activity.callers.append(monitor)
        self.monitor = monitor
        activity.segment(
            monitor, activity.mix("kong", {"health": 1.0}, {"timeout": 0.0005}, "internal"), 0, DAYS, 1440, "always", 0
        )

    def _docs(self) -> None:
        """Readers of the documentation: people, search engines, and those who look for open doors."""
        activity, chrome = (
            self.activity,
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 Chrome/131.0 Safari/537.36",
        )
        pages = dict(zip(DOCS, (14, 16, 13, 9, 8, 8, 8, 4, 4, 7, 1.5, 5, 2), strict=True))
        readers = self._stranger("docs", "readers", chrome, 4000, "198.22")
        activity.segment(
            readers, activity.mix("docs", pages, {"missing": 0.01}, ""), 0, DAYS, 6000, "business", -3, ramp=500
        )
        phones = self._stranger(
            "docs", "phones", "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) Safari/605.1.15", 1500, "198.23"
        )
        activity.segment(
            phones, activity.mix("docs", pages, {"missing": 0.01}, ""), 0, DAYS, 1300, "evening", -3, ramp=500
        )
        for agent, daily in (
            ("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", 620),
            (
                "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)",
                540,
            ),
            ("Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)", 240),
        ):
            bot = self._stranger("docs", "bot", agent, 12, "198.51.100")
            activity.segment(bot, activity.mix("docs", pages, {"missing": 0.04}, ""), 0, DAYS, daily, "always", 0)
        scanner = self._stranger("docs", "scanner", "Mozilla/5.0 zgrab/0.x", 60, "203.0.113")
        mix = activity.mix("docs", dict.fromkeys(SCANNER_PATHS, 1.0), {"missing": 1.0}, "")
        activity.segment(scanner, mix, 0, DAYS, 700, "always", 0)


def failing(outcome: Outcome) -> tuple[int, bool]:
    """The status of an outcome, and whether the backend saw the call."""
    if outcome.refusal in ("scan", "missing"):
        return 404, False
    if outcome.refusal is None:
        return (CALLS[outcome.call].status if outcome.gateway != "docs" else 200), True
    refusal = REFUSALS[outcome.refusal]
    return refusal.status, refusal.upstream
