"""What people decide in the pages. A judgement outlives every rebuild; undoing one dates its `undone_at`, nothing is deleted."""

from datetime import date

from pydantic import NaiveDatetime
from sqlalchemy import BigInteger
from sqlmodel import Field, SQLModel


class Judgement(SQLModel):
    """Who decided, when and why."""

    id: int | None = Field(default=None, primary_key=True)
    author: str
    decided_at: NaiveDatetime
    reason: str | None = None
    undone_at: NaiveDatetime | None = None


class TierOverride(Judgement, table=True):
    """This account belongs to this tier, whatever the rules say."""

    __tablename__ = "tier_override"
    account_id: str = Field(index=True)
    tier: str


class IdentityDecision(Judgement, table=True):
    """What a person knows about who stands behind records.

    `action`: confirm (two records are the same organization's), reject (they are not), merge (two organizations are
    one), split (the left record stands apart from the right one), rename, set_domain, mark_internal (the left record's
    organization; `value` is the name, the domain, the team). Kinds are record table names; a shared domain, e-mail or
    team is named by its kind and id alone, its source is empty.
    """

    __tablename__ = "identity_decision"
    action: str
    left_kind: str
    left_source: str
    left_id: str
    right_kind: str | None = None
    right_source: str | None = None
    right_id: str | None = None
    value: str | None = None


class RuleChange(Judgement, table=True):
    """A change of the rules in program.toml: which table of it, and its text before and after."""

    __tablename__ = "rule_change"
    section: str = Field(description="tier_rule, ladder_rule, exposure or costs")
    before: str
    after: str


class CostEntered(Judgement, table=True):
    """A cost that no bill tells of, spread evenly over the days from `starts_on` up to and with `ends_on`."""

    __tablename__ = "cost_entered"
    pool: str
    currency: str
    amount: int = Field(sa_type=BigInteger, description="in the currency's minor unit")
    starts_on: date
    ends_on: date


class PlanEntered(Judgement, table=True):
    """What is planned for a tier and month; the newest that is not undone holds, over what a sheet says."""

    __tablename__ = "plan_entered"
    month: date
    tier: str
    line: str
    currency: str
    amount: int = Field(sa_type=BigInteger, description="in the currency's minor unit")


class AccountOwner(Judgement, table=True):
    """Who of ours looks after an account; the newest that is not undone holds."""

    __tablename__ = "account_owner"
    account_id: str = Field(index=True)
    owner: str


class AccountNote(Judgement, table=True):
    """What someone wrote down about an account."""

    __tablename__ = "account_note"
    account_id: str = Field(index=True)
    text: str


READINESS_ITEMS = (
    "security",
    "legal",
    "sla",
    "support_tier",
    "case_study",
    "integration",
    "decision_maker",
    "sales_path",
)
READINESS_STATES = ("done", "waiting", "not_begun", "not_needed")


class ReadinessDecision(Judgement, table=True):
    """How far an item of enterprise readiness is, whatever the records say; the newest that is not undone holds.

    `item` is one of READINESS_ITEMS, `state` one of READINESS_STATES. `sales_path` that is `not_needed` says that the account
    is no enterprise, whatever it looks like.
    """

    __tablename__ = "readiness_decision"
    account_id: str = Field(index=True)
    item: str
    state: str
    on_day: date | None = None
    owner: str | None = None


MOVE_STATUSES = ("open", "contacted", "waiting", "won_back", "given_up")


class AccountMove(Judgement, table=True):
    """What is done about an account that stands at `stage`, whole: each holds all that was decided up to it, the newest rules.

    `next_action` and `due_on` are null where what its reason proposes holds; `contacted_at` is the last contact until then.
    """

    __tablename__ = "account_move"
    account_id: str = Field(index=True)
    stage: str
    stall_reason: str | None = Field(default=None, description="the reason that the list showed then")
    status: str = Field(description="open, contacted, waiting, won_back or given_up")
    next_action: str | None = None
    due_on: date | None = None
    contacted_at: NaiveDatetime | None = None
    given_up_because: str | None = None


SCRAPER_VERDICTS = ("dismissed", "watched")


class ScraperVerdict(Judgement, table=True):
    """What a person says of a caller that looks like a scraper: dismissed (it is none) or watched; the newest that is not undone holds.

    `subject` is an account's id, or caller: and the id of a key that is nobody's. `parts` are those of the score that stood out
    then: one that stands out later asks again.
    """

    __tablename__ = "scraper_verdict"
    subject: str = Field(index=True)
    verdict: str = Field(description="dismissed or watched")
    parts: str = Field(default="", description="names with a comma between")


OUTREACH_DIRECTIONS = ("internal", "partner", "public")


class OutreachEntered(Judgement, table=True):
    """Something done to be found, adopted or understood, that no sheet tells of, whole: the newest of an `activity_id` rules.

    A change is another row of the same `activity_id`, a removal one that `is_removed`; undoing the newest brings back what was
    before it. Money is unknown where `cost` is null, time where `hours` is.
    """

    __tablename__ = "outreach_entered"
    activity_id: str = Field(index=True)
    title: str
    direction: str = Field(description="internal, partner or public")
    channel: str | None = None
    happened_on: date
    hours: float | None = None
    currency: str | None = None
    cost: int | None = Field(default=None, sa_type=BigInteger, description="in the currency's minor unit")
    account_id: str | None = Field(default=None, description="whom it was for, where it was one account")
    is_removed: bool = False


JUDGEMENT_TABLES: dict[str, type[Judgement]] = {
    model.__tablename__: model
    for model in (
        TierOverride,
        IdentityDecision,
        RuleChange,
        CostEntered,
        PlanEntered,
        AccountOwner,
        AccountNote,
        ReadinessDecision,
        AccountMove,
        ScraperVerdict,
        OutreachEntered,
    )
}
