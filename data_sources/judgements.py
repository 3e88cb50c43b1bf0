"""What people decide in the pages. A judgement outlives every rebuild; undoing one dates its `undone_at`, nothing is deleted."""

from pydantic import NaiveDatetime
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
    """Two records are (confirm) or are not (reject) the same organization's. Kinds are record table names."""

    __tablename__ = "identity_decision"
    action: str = Field(description="confirm or reject")
    left_kind: str
    left_source: str
    left_id: str
    right_kind: str
    right_source: str
    right_id: str


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


JUDGEMENT_TABLES: dict[str, type[Judgement]] = {
    model.__tablename__: model for model in (TierOverride, IdentityDecision, AccountOwner, AccountNote)
}
