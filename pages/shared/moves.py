"""What people decided about stalled accounts: laid over the work list at once, saved and undone without a build.

`sql/marts/onboarding/work_item.sql` says the same of what a build has loaded; a test holds the two together.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import pandas as pd
import streamlit as st

from data_sources import judgements, program
from pages.shared import access, ledger, reads

KINDS = {"owner": judgements.AccountOwner, "move": judgements.AccountMove, "note": judgements.AccountNote}
STATUSES = {
    "open": "Open",
    "contacted": "Contacted",
    "waiting": "Waiting",
    "won_back": "Won back",
    "given_up": "Given up",
}
CLOSED = ("won_back", "given_up")
ANYBODY, NOBODY = "(all)", "(nobody)"
NO_NAMES = ("all", "nobody", ANYBODY, NOBODY)
AS_PROPOSED = ""
UNDOABLE = timedelta(minutes=15)


@dataclass
class Said:
    """What was said about one account and not undone, each the newest first."""

    owner: list[Any] = field(default_factory=list)
    move: list[Any] = field(default_factory=list)
    note: list[Any] = field(default_factory=list)


@dataclass(frozen=True)
class Known:
    """All that was said, by account of today, and the accounts of which the snapshot does not have it all yet."""

    accounts: dict[str, Said]
    changed: frozenset[str]
    newest: list[tuple[str, Any]]


@dataclass(frozen=True)
class Change:
    """What a visitor decides; None leaves a field as it is, AS_PROPOSED gives an action or a day back to the reason."""

    owner: str | None = None
    status: str | None = None
    because: str | None = None
    next_action: str | None = None
    due_on: date | str | None = None
    note: str | None = None

    @property
    def moves(self) -> bool:
        """Whether it is more than an owner or a note."""
        return any(value is not None for value in (self.status, self.next_action, self.due_on))

    @property
    def is_ready(self) -> bool:
        """Whether there is something to keep; whoever is given up needs a reason."""
        lacks_reason = self.status == "given_up" and not self.because
        return bool(self.owner or self.note or self.moves) and not lacks_reason


@dataclass(frozen=True)
class Act:
    """What a visitor decided at one moment: the judgements by kind."""

    at: Any
    made: dict[str, list[Any]]

    @property
    def accounts(self) -> int:
        """How many accounts it was about."""
        return len({one.account_id for rows in self.made.values() for one in rows})


def work_list(**asked: Any) -> pd.DataFrame:
    """The rows of the metric `work_list` as they stand with all that was decided until now, and `overdue`. Read only."""
    given = tuple(sorted((name, value) for name, value in asked.items() if value))
    return _laid(str(reads.home()), reads.current().name, _versions(), given)


def row(account: str) -> Any | None:
    """One account's row of the work list; None where nothing is to be done about it."""
    found = work_list(account=account)
    return None if found.empty else next(found.itertuples())


def of(account: str) -> Said:
    """What was said about an account and not undone."""
    return known().accounts.get(account, Said())


def known() -> Known:
    """All that was said until now."""
    return _known(str(reads.home()), reads.current().name, _versions())


def owners() -> dict[str, str]:
    """Whom the work list can be shown for, as options: everyone, nobody, the visitor, and whoever owns an account of it."""
    found = set(work_list()["owner"].dropna())
    me = {access.who()} if access.guarded() else set()
    return {ANYBODY: "All owners", NOBODY: "Nobody's"} | {name: name for name in sorted(found | me, key=str.lower)}


def picked(frame: pd.DataFrame, owner: str | None, status: str | None, overdue: str | None) -> pd.DataFrame:
    """The rows that filters leave. Without a status those that are stalled; with one also those that moved on with it."""
    keep = frame["stalled"] if status is None else frame["status"] == status
    if owner == NOBODY:
        keep = keep & frame["owner"].isna()
    elif owner:
        keep = keep & (frame["owner"].str.lower() == owner.lower())
    if overdue:
        keep = keep & frame["overdue"] & (frame["due_is_judged"] if overdue == "set" else True)
    return frame[keep]


def _versions() -> tuple[int, ...]:
    versions = ledger.the_store().records_versions()
    return tuple(versions.get(model.__tablename__, 0) for model in KINDS.values())


@st.cache_resource(max_entries=4, show_spinner=False)
def _known(home: str, name: str, versions: tuple[int, ...]) -> Known:
    loaded = reads.read("work_judgements")
    has = set(zip(loaded["kind"], loaded["id"], loaded["undone"], strict=True))
    today = dict(zip(loaded["decided_for"], loaded["account_id"], strict=True))
    accounts: dict[str, Said] = {}
    changed, newest = set(), []
    for kind, model in KINDS.items():
        for one in ledger.everything(model):
            account = today.get(one.account_id, one.account_id)
            undone = one.undone_at is not None
            if (kind, one.id, undone) not in has:
                changed.add(account)
            if not undone:
                getattr(accounts.setdefault(account, Said()), kind).append(one)
                newest.append((kind, one))
    newest.sort(key=lambda pair: pair[1].decided_at, reverse=True)
    return Known(accounts, frozenset(changed), newest)


@st.cache_resource(max_entries=32, show_spinner=False)
def _laid(home: str, name: str, versions: tuple[int, ...], asked: tuple) -> pd.DataFrame:
    frame = reads.read("work_list", **dict(asked))
    said = known()
    places = frame.index[frame["account_id"].isin(said.changed)]
    if len(places):
        told = [_as_said(one, said.accounts.get(one.account_id, Said())) for one in frame.loc[places].itertuples()]
        for column, values in pd.DataFrame(told, index=places).items():
            times = pd.api.types.is_datetime64_any_dtype(frame[column])
            frame.loc[places, column] = pd.to_datetime(values).astype(frame[column].dtype) if times else values
    return frame.assign(overdue=(frame["due_on"] < pd.Timestamp(reads.current().as_of.date())).fillna(False))


def _as_said(row: Any, said: Said) -> dict[str, Any]:
    """The columns of a row that judgements decide."""
    last = said.move[0] if said.move and holds(row, said.move[0]) else None
    status = last.status if last else "open"
    if status in ("contacted", "waiting") and last.contacted_at and row.moved_at >= pd.Timestamp(last.contacted_at):
        status = "won_back"
    named = said.owner[0] if said.owner else None
    return {
        "owner": named.owner if named else row.ruled_owner,
        "named_by": "person" if named else row.ruled_by,
        "status": status,
        "judged_stage": last.stage if last else None,
        "next_action": (last.next_action if last else None) or row.proposed_action,
        "due_on": None if status in CLOSED else _due(row, last),
        "due_is_judged": bool(last and last.due_on),
        "given_up_because": last.given_up_because if last else None,
        "contacted_at": max((one.contacted_at for one in said.move if one.contacted_at), default=None),
        "notes": len(said.note),
        "last_note": said.note[0].text if said.note else None,
    }


def holds(row: Any, move: Any) -> bool:
    """Whether a judgement is about the stall that the row shows, not about one at an earlier stage."""
    if not row.stalled:
        return True
    steps = [stage for stage in reads.stages(row.tier) if stage != "discovered"]
    earlier = move.stage in steps and steps.index(move.stage) + 1 < row.stage_position
    return not earlier and pd.Timestamp(move.decided_at) >= row.since


def _due(row: Any, last: Any | None) -> Any:
    """The judged day, else the days of the reason after the contact, or after the account became stalled."""
    if last and last.due_on:
        return last.due_on
    start = pd.Timestamp(last.contacted_at).normalize() if last and last.contacted_at else row.stalled_on
    return None if pd.isna(start) or pd.isna(row.due_days) else start + timedelta(days=int(row.due_days))


def save(rows: pd.DataFrame, change: Change) -> int:
    """Keep what the visitor decided about these rows, all of it or nothing. Returns of how many accounts."""
    by = {"author": access.who(), "decided_at": program.now()}
    said, made = known().accounts, []
    for one in rows.itertuples():
        if change.owner:
            made.append(judgements.AccountOwner(account_id=one.account_id, owner=change.owner, **by))
        if change.moves:
            made.append(_move(one, change, said.get(one.account_id, Said()), by))
        if change.note:
            made.append(judgements.AccountNote(account_id=one.account_id, text=change.note, **by))
    ledger.the_store().judge_all(made)
    return len(rows)


def _move(row: Any, change: Change, said: Said, by: dict[str, Any]) -> judgements.AccountMove:
    """The judgement whole: what was decided before at this stage, and the change."""
    before = said.move[0] if said.move and holds(row, said.move[0]) else None
    status = change.status or (before.status if before else "open")
    action = change.next_action if change.next_action is not None else before and before.next_action
    due_on = change.due_on if change.due_on is not None else before and before.due_on
    return judgements.AccountMove(
        account_id=row.account_id,
        stage=row.stage if row.stalled or pd.isna(row.judged_stage) else row.judged_stage,
        stall_reason=None if pd.isna(row.reason) else row.reason,
        status=status,
        next_action=action or None,
        due_on=due_on or None,
        contacted_at=by["decided_at"] if change.status == "contacted" else before and before.contacted_at,
        given_up_because=(change.because or (before and before.given_up_because)) if status == "given_up" else None,
        **by,
    )


def last_act() -> Act | None:
    """What the visitor decided last, in the last quarter of an hour, and has not undone."""
    me, now = access.who(), program.now()
    mine = [(kind, one) for kind, one in known().newest if one.author == me and now - one.decided_at < UNDOABLE]
    if not mine:
        return None
    at = mine[0][1].decided_at
    made: dict[str, list[Any]] = {}
    for kind, one in mine:
        if one.decided_at == at:
            made.setdefault(kind, []).append(one)
    return Act(at, made)


def undo(kind: str, ids: Iterable[int]) -> int:
    """Date the end of judgements of one kind; returns how many held."""
    return ledger.the_store().undo(KINDS[kind], ids, program.now())
