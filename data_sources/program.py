"""program.toml: the program, its sources, tier rules, stages and costs. The only reader of the environment and the clock."""

import os
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, model_validator

from data_sources import scanners, sections, stall_reasons, ticket_topics
from data_sources.kinds import SOURCE_KINDS, AnySource, Secret
from data_sources.lakes import LakeSection
from data_sources.outsiders import Party, Regulated, ScraperRules
from data_sources.scanners import Scanner
from data_sources.sections import ProgramError, Section
from data_sources.stall_reasons import StallReason
from data_sources.ticket_topics import TicketTopic

TIERS = ("internal", "partner", "open", "public")
LADDER = ("open", "associate", "incubation", "partner")
STAGES = (
    "discovered",
    "signed_up",
    "agreement",
    "credential_issued",
    "first_call",
    "first_success",
    "integrated",
    "certified",
    "in_production",
    "commercial_contact",
    "procurement",
    "contracted",
    "paying",
    "revenue_share",
    "expanded",
)
POOLS_OF_OURS = ("support", "outreach", "payment fees")
DRIVERS = ("calls", "compute_ms", "request_bytes", "response_bytes", "bytes_out", "tickets", "developers", "even")
TECHNICAL = ["credential_issued", "first_call", "first_success", "integrated"]
DEFAULT_STAGES = {
    "internal": ["signed_up", *TECHNICAL, "in_production"],
    "partner": ["agreement", *TECHNICAL, "certified", "in_production", "revenue_share"],
    "open": [
        "signed_up",
        *TECHNICAL,
        "in_production",
        "commercial_contact",
        "procurement",
        "contracted",
        "paying",
        "expanded",
    ],
    "public": ["signed_up", *TECHNICAL],
}
VALUE_NEEDED = ("tier", "stage")
VALUE_NONE = ("internal_domain", "pays", "has_paid", "always")
SAMPLE = Path(__file__).with_name("sample_program.toml")


def now() -> datetime:
    """This moment, in naive UTC. Nothing else in the project reads the clock."""
    return datetime.now(UTC).replace(tzinfo=None, microsecond=0)


def default_home() -> Path:
    """The home that commands use when none is named: `API_PROGRAM_HOME`, or `home/` in the working directory."""
    return Path(os.environ.get("API_PROGRAM_HOME") or "home")


def engine_threads() -> int | None:
    """The threads of each engine's database as `API_PROGRAM_THREADS` says; None: one a core. Raises ProgramError where it is no number."""
    said = os.environ.get("API_PROGRAM_THREADS", "").strip()
    if not said:
        return None
    if not said.isdecimal() or int(said) == 0:
        raise ProgramError(f"API_PROGRAM_THREADS: expected a whole number from 1 on, got {said!r}")
    return int(said)


Tier = Literal["internal", "partner", "open", "public"]
Rung = Literal["open", "associate", "incubation", "partner"]


class ProgramSection(Section):
    """[program]: its name and what holds everywhere."""

    name: str
    currency: str = Field(default="usd", pattern=r"^[A-Za-z]{3}$")
    time_zone: str = "UTC"
    internal_domains: list[str] = []
    free_mail_domains: list[str] = []
    shared_domains: list[str] = []
    identity_threshold: float = Field(default=0.8, ge=0.5, le=1)
    retention_days: int = Field(default=400, ge=1)
    conversion_window_days: int = Field(default=90, ge=1)
    as_of: date | None = None
    country_database: str | None = Field(default=None, min_length=1)
    engine: Literal["duckdb", "spark"] = "duckdb"
    spark: str | None = Field(default=None, pattern=r"^sc://[^\s/;@:]+(:[0-9]{1,5})?(/(;[^\s;=]+=[^\s;]*)*)?$")
    spark_token: Secret | None = None

    @model_validator(mode="after")
    def _engine_has_its_address(self) -> "ProgramSection":
        if (self.engine == "spark") != bool(self.spark):
            raise ValueError('engine = "spark" and spark = "sc://host:15002" belong together')
        if self.spark and ";token=" in self.spark:
            raise ValueError('spark holds a token; name it instead: spark_token = "env:SPARK_TOKEN"')
        return self


class Rule(Section):
    """What every rule has: the condition `when`, and the values one of which it looks for; any value where none is given."""

    when: str
    value: str | list[str] = []

    @property
    def values(self) -> list[str]:
        """The values, always as a list."""
        return [self.value] if isinstance(self.value, str) else self.value

    @model_validator(mode="after")
    def _has_its_value(self) -> "Rule":
        empty = not [value for value in self.values if value.strip()]
        if self.when in VALUE_NEEDED and empty:
            raise ValueError(f'when = "{self.when}" needs a value')
        if self.when in VALUE_NONE and not empty:
            raise ValueError(f'when = "{self.when}" takes no value')
        return self


class TierRule(Rule):
    """[[tier_rule]]: an account belongs to `tier` when this holds; the first that matches wins.

    `when`: group, tag, plan, product (value: one of these names) · attribute (value: key=value in the biller's metadata
    or a sheet) · internal_domain · contract (value: the contract's tier) · approved (a verified developer under one of
    the plans in `value`, any plan when empty) · always.
    """

    tier: Tier
    when: Literal["group", "tag", "plan", "product", "attribute", "internal_domain", "contract", "approved", "always"]

    @property
    def gives(self) -> str:
        """What an account becomes where the rule holds."""
        return self.tier


class LadderRule(Rule):
    """[[ladder_rule]]: an account stands on this rung of the `ladder` when this holds; the first that matches wins.

    `when` is a condition of a tier rule, or: tier (value: the tier on that day) · pays (a paid bill covers the day) ·
    has_paid (it has paid a bill at some time) · contract_begun (value: the contract's tier; signed or not) · stage (value:
    a stage of its tier that it has reached).
    """

    ladder: Rung
    when: Literal[
        "group",
        "tag",
        "plan",
        "product",
        "attribute",
        "internal_domain",
        "contract",
        "approved",
        "tier",
        "pays",
        "has_paid",
        "contract_begun",
        "stage",
        "always",
    ]

    @property
    def gives(self) -> str:
        """What an account becomes where the rule holds."""
        return self.ladder

    @model_validator(mode="after")
    def _known_values(self) -> "LadderRule":
        known = {"tier": TIERS, "stage": STAGES}.get(self.when, self.values)
        if wrong := [value for value in self.values if value not in known]:
            raise ValueError(f"value '{wrong[0]}' is none of {', '.join(known)}")
        return self


class Exposure(Section):
    """[[exposure]]: the tiers that an API, as the logs name it, is meant for. One that is not listed is meant for all."""

    service: str = Field(min_length=1)
    tiers: list[Tier] = Field(min_length=1)


class EnvironmentRule(Section):
    """[[environment_rule]]: calls are of this `environment` where this holds; the first that matches wins.

    `when`: host or service (what was called, as the log names it), plan, credential (id or name of a key or consumer), tag,
    source. A value may hold * for any text. Without a match the log's own word holds, else the credential's.
    """

    environment: Literal["production", "sandbox"]
    when: Literal["host", "service", "plan", "credential", "tag", "source"]
    value: str | list[str] = Field(min_length=1)


class TrafficRule(Section):
    """[[test_traffic]]: calls that are nobody's onboarding: monitors, probes, tests of our own.

    `when`: tag, credential (id or name of a key or consumer), application (its name), source, route (as the log names it, or the
    path). A value may hold * for any text; `tier` limits the rule to its accounts.
    """

    when: Literal["tag", "credential", "application", "source", "route"]
    value: str | list[str] = Field(min_length=1)
    tier: Tier | None = None


DEFAULT_TEST_TRAFFIC = [
    TrafficRule(
        when="tag",
        value=["monitor", "monitoring", "synthetic", "uptime", "health*check", "load*test", "internal*test", "qa"],
    ),
    TrafficRule(
        when="route",
        value=["*/health", "*/healthz", "*/health*check", "*/livez", "*/readyz", "*/ping", "*/heartbeat", "*-health"],
    ),
    TrafficRule(when="credential", value=["*monitor*", "*uptime*", "*synthetic*", "*health*check*"], tier="internal"),
    TrafficRule(when="application", value=["*monitor*", "*uptime*", "*synthetic*", "*health*check*"], tier="internal"),
]

DEFAULT_LADDER = [
    LadderRule(ladder="partner", when="tier", value="partner"),
    LadderRule(ladder="incubation", when="contract_begun", value="partner"),
    LadderRule(ladder="associate", when="has_paid"),
    LadderRule(ladder="open", when="always"),
]


class OwnerRule(Rule):
    """[[owner_rule]]: whoever stalls is looked after by `owner` when this holds, where neither a person nor a contract names
    somebody; the first that matches wins.

    `when`: tier, stage, reason, whose_move (of the stall) · channel, country, size, service, company_kind, plan, group, tag,
    product (of the account, as the Funnel page names them) · attribute (value: key=value) · always. `value`: one of these.
    """

    owner: str = Field(min_length=1)
    when: Literal[
        "tier",
        "stage",
        "reason",
        "whose_move",
        "channel",
        "country",
        "size",
        "service",
        "company_kind",
        "plan",
        "group",
        "tag",
        "product",
        "attribute",
        "always",
    ]

    @model_validator(mode="after")
    def _known_values(self) -> "OwnerRule":
        if self.when != "always" and not any(value.strip() for value in self.values):
            raise ValueError(f'when = "{self.when}" needs a value')
        known = {"tier": TIERS, "stage": STAGES}.get(self.when, self.values)
        if wrong := [value for value in self.values if value not in known]:
            raise ValueError(f"value '{wrong[0]}' is none of {', '.join(known)}")
        if self.when == "attribute" and (wrong := [value for value in self.values if "=" not in value]):
            raise ValueError(f"value '{wrong[0]}': write an attribute as key=value")
        return self


class StageSection(Section):
    """[stages.<tier>]: the stages that this tier uses, in order, and the days after which each counts as stalled."""

    steps: list[Literal[STAGES]]  # type: ignore[valid-type]
    stalled_after_days: int = Field(default=30, ge=1)


class StageRules(Section):
    """[stage_rules]: what counts as integrated and as in production, and after how long without a success production has lapsed."""

    integrated_days: int = Field(default=3, ge=1)
    integrated_within_days: int = Field(default=14, ge=1)
    integrated_routes: int = Field(default=3, ge=1)
    production_weeks: int = Field(default=4, ge=1)
    lapsed_after_days: int = Field(default=60, ge=7)


class PathRules(Section):
    """[path_rules]: what makes an account look like an enterprise, and what makes it one that explores.

    An account looks like an enterprise with `signals_needed` strong signs, one of which tells of a company: size, developers,
    or a question of security, law, procurement or SLA. A company's own domain is a weak sign and never decides. Only
    accounts that were seen in the last `seen_within_days` days count as served on the wrong path.
    """

    signals_needed: int = Field(default=2, ge=1)
    enterprise_employees: int = Field(default=1000, ge=1)
    enterprise_developers: int = Field(default=3, ge=2)
    refused_on_days: int = Field(default=3, ge=1)
    volume_share: float = Field(default=0.95, gt=0, lt=1)
    explorer_calls: int = Field(default=1000, ge=0)
    waits_after_days: int = Field(default=3, ge=0)
    seen_within_days: int = Field(default=90, ge=1)


class Plan(Section):
    """[[plan]]: from the lowest upwards; a quota refusal below the last has a way up only where `self_serve` says so.

    `monthly_calls` are those that the plan includes; left out, its callers' limits in the log say it where they do.
    """

    name: str
    free: bool = False
    self_serve: bool = True
    monthly_price: float | None = None
    monthly_calls: int | None = Field(default=None, ge=1)


class Retire(Section):
    """[[retire]]: what the program wants to take out of use, and `by` when.

    `what`: version (of the path, such as v1), service, route (as the log names it) or agent (an SDK by its user agent, as name/version).
    A value may hold * for any text; `instead` says what to use.
    """

    what: Literal["version", "service", "route", "agent"]
    value: str | list[str] = Field(min_length=1)
    by: date | None = None
    instead: str | None = None


class UnitCost(Section):
    """One of a pool's `unit_cost`: `from` a day on, `per` units of its driver cost `price` in the reporting currency."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    valid_from: date = Field(alias="from")
    per: float = Field(default=1, gt=0)
    price: float = Field(ge=0)


class CostPool(Section):
    """[[costs.pool]]: bill lines of these FOCUS service names, and what people enter for it, shared out by its `method`.

    driver: in proportion to the `driver` · even: the same for everyone who used it that day · fixed: `shares` percent by
    tier, inside a tier by the driver; what is left of 100 stays unallocated · unit: usage of the driver × the `unit_cost`
    then in force; without a bill that is the cost, with one the difference stays unallocated. `service` limits a pool to
    one API.
    """

    name: str
    services: list[str] = []
    method: Literal["driver", "even", "fixed", "unit"] = "driver"
    driver: Literal[DRIVERS] | None = None  # type: ignore[valid-type]
    shares: dict[Tier, Annotated[float, Field(gt=0, le=100)]] = {}
    unit_cost: list[UnitCost] = []
    service: str | None = None

    @property
    def shared_by(self) -> str:
        """The driver that holds, by our own name for it."""
        named = "even" if self.method == "even" else self.driver or "calls"
        return "response_bytes" if named == "bytes_out" else named

    @model_validator(mode="after")
    def _method_has_what_it_needs(self) -> "CostPool":
        if self.method == "driver" and self.driver is None:
            raise ValueError(f"pool '{self.name}' needs a driver: one of {', '.join(DRIVERS)}")
        if (self.method == "fixed") != bool(self.shares):
            raise ValueError(f"pool '{self.name}': shares and method = \"fixed\" belong together")
        if (self.method == "unit") != bool(self.unit_cost):
            raise ValueError(f"pool '{self.name}': unit_cost and method = \"unit\" belong together")
        if self.name.strip().lower() in POOLS_OF_OURS:
            raise ValueError(
                f"pool '{self.name}': {', '.join(POOLS_OF_OURS)} are pools of their own; name it otherwise"
            )
        if sum(self.shares.values()) > 100:
            raise ValueError(f"pool '{self.name}': its shares are {sum(self.shares.values()):g} percent, more than 100")
        days = [one.valid_from for one in self.unit_cost]
        if len(set(days)) < len(days):
            raise ValueError(f"pool '{self.name}' has two unit costs from the same day on")
        return self


class SupportRate(Section):
    """[[costs.support_rate]]: what an hour of a help desk's group costs, all told, `from` a day on.

    `group` is its name or id; left out, the rate holds for every group without one of its own.
    """

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    group: str | None = Field(default=None, min_length=1)
    valid_from: date | None = Field(default=None, alias="from")
    per_hour: float = Field(ge=0)


class Costs(Section):
    """[costs]: how the bill is shared out and what a support minute costs, in the reporting currency.

    `support_rate_per_hour` is for handling that no `support_rate` covers.
    """

    cost_column: Literal["BilledCost", "EffectiveCost"] = "BilledCost"
    pool: list[CostPool] = []
    support_rate_per_hour: float | None = Field(default=None, ge=0)
    support_rate: list[SupportRate] = []
    minutes_per_public_reply: float = Field(default=12, ge=0)
    minutes_per_internal_note: float = Field(default=4, ge=0)
    outreach_rate_per_hour: float | None = Field(default=None, ge=0)
    outreach_window_days: int = Field(default=30, ge=1)

    @model_validator(mode="after")
    def _one_rate_at_a_time(self) -> "Costs":
        given = [((rate.group or "").lower(), rate.valid_from) for rate in self.support_rate]
        names = [pool.name.lower() for pool in self.pool]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"pool names must differ; twice: {', '.join(twice)}")
        if twice := sorted({group or "all groups" for group, day in given if given.count((group, day)) > 1}):
            raise ValueError(f"a group has one support_rate from a day on; twice: {', '.join(twice)}")
        return self


class FxRate(Section):
    """[[fx_rate]]: from `date` on, one unit of `currency` is worth `rate` units of the reporting currency."""

    currency: str
    date: date
    rate: float = Field(gt=0)


class Mail(Section):
    """[digest.mail]: who gets the digest, and through which server; `security` is how its connection is kept private."""

    to: list[Annotated[str, Field(pattern=r"^[^@\s,<>]+@[^@\s,<>]+$")]] = Field(min_length=1)
    sender: str = Field(pattern=r"^[^@\s,<>]+@[^@\s,<>]+$")
    host: str = Field(min_length=1)
    port: int = Field(default=587, ge=1, le=65535)
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str | None = None
    password: Secret | None = None

    @model_validator(mode="after")
    def _no_password_in_the_clear(self) -> "Mail":
        local = self.host in ("localhost", "127.0.0.1", "::1")
        if bool(self.user) != bool(self.password):
            raise ValueError("user and password belong together")
        if self.user and self.security == "none" and not local:
            raise ValueError('a password is not sent without security = "starttls" or "tls"')
        return self


class Digest(Section):
    """[digest]: where what changed is sent to, and the dashboard's address for its links."""

    dashboard: str | None = Field(default=None, pattern=r"^https?://\S+$")
    mail: Mail | None = None
    webhook: Secret | None = None


class Program(Section):
    """All of program.toml."""

    program: ProgramSection
    source: list[AnySource] = []
    tier_rule: list[TierRule] = []
    ladder_rule: list[LadderRule] = []
    exposure: list[Exposure] = []
    party: list[Party] = []
    regulated: list[Regulated] = []
    environment_rule: list[EnvironmentRule] = []
    test_traffic: list[TrafficRule] | None = None
    owner_rule: list[OwnerRule] = []
    stages: dict[Tier, StageSection] = {}
    stage_rules: StageRules = StageRules()
    path_rules: PathRules = PathRules()
    scraper_rules: ScraperRules = ScraperRules()
    plan: list[Plan] = []
    retire: list[Retire] = []
    costs: Costs = Costs()
    fx_rate: list[FxRate] = []
    digest: Digest = Digest()
    lake: LakeSection | None = None

    @model_validator(mode="after")
    def _complete(self) -> "Program":
        names = [source.name for source in self.source]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"source names must differ; twice: {', '.join(twice)}")
        exposed = [exposure.service for exposure in self.exposure]
        if twice := sorted({service for service in exposed if exposed.count(service) > 1}):
            raise ValueError(f"each service has one exposure; twice: {', '.join(twice)}")
        sections.once([party.name for party in self.party], "parties")
        for tier in TIERS:
            self.stages.setdefault(tier, StageSection(steps=DEFAULT_STAGES[tier]))
        return self

    _home: Path | None = None

    @property
    def home(self) -> Path:
        """The folder that holds this program."""
        return self._home or Path()

    @property
    def sources(self) -> list[AnySource]:
        """The sources, in the order of the file."""
        return self.source

    @property
    def ladder(self) -> list[LadderRule]:
        """The ladder rules that hold: the file's, or the usual ones where it has none."""
        return self.ladder_rule or DEFAULT_LADDER

    @property
    def tests(self) -> list[TrafficRule]:
        """The rules for calls that are nobody's onboarding: the file's, or the usual ones where it has none."""
        return DEFAULT_TEST_TRAFFIC if self.test_traffic is None else self.test_traffic

    @property
    def stall_reasons(self) -> list[StallReason]:
        """Why accounts stall, in order: the home's stall_reasons.toml, or the usual rules. Raises ProgramError."""
        return stall_reasons.RULES.usual() if self._home is None else stall_reasons.RULES.load(self._home)

    @property
    def ticket_topics(self) -> list[TicketTopic]:
        """What tickets are about, in order: the home's ticket_topics.toml, or the usual topics. Raises ProgramError."""
        return ticket_topics.RULES.usual() if self._home is None else ticket_topics.RULES.load(self._home)

    @property
    def scanners(self) -> list[Scanner]:
        """What scanners and crawlers ask for: the home's scanners.toml, or the usual lists. Raises ProgramError."""
        return scanners.RULES.usual() if self._home is None else scanners.RULES.load(self._home)

    def check_files(self) -> None:
        """Raises ProgramError where a file of rules beside program.toml cannot be used, naming every mistake of all of them."""
        mistakes = []
        for read_rules in (stall_reasons.RULES.load, ticket_topics.RULES.load, scanners.RULES.load):
            try:
                read_rules(self.home)
            except ProgramError as error:
                mistakes.append(str(error))
        if mistakes:
            raise ProgramError("\n".join(mistakes))

    def resolve(self, reference: str) -> str:
        """The secret behind env:NAME (an environment variable) or secret:NAME (a file in `API_PROGRAM_SECRETS` or
        the home's `secrets/`). Raises ProgramError, which names the reference and never a value."""
        kind, name = reference.split(":", 1)
        if kind == "env":
            value = os.environ.get(name)
            if not value:
                raise ProgramError(f"{reference}: the environment variable {name} is not set")
            return value
        folder = Path(os.environ.get("API_PROGRAM_SECRETS") or self.home / "secrets")
        if not (folder / name).is_file():
            raise ProgramError(f"{reference}: there is no file {name} in {folder}")
        return (folder / name).read_text(encoding="utf-8").strip()


def exists(home: str | Path) -> bool:
    """Whether this home has a program yet."""
    return (Path(home) / "program.toml").is_file()


def load(home: str | Path) -> Program:
    """Read program.toml of a home. Raises ProgramError naming every mistake by line and key."""
    path = Path(home) / "program.toml"
    if not path.is_file():
        raise ProgramError(f"{path}: not there; `python -m data_sources init --home {home}` writes one to start from")
    program = read(path, path.read_text(encoding="utf-8-sig"))
    program._home = Path(home)
    return program


def read(path: Path, text: str) -> Program:
    """The program that this text says; `path` names it in ProgramError, which names every mistake by line and key."""
    return sections.read(path, text, Program, SOURCE_KINDS)
