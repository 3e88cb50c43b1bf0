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
STATUSES = dict(zip(judgements.MOVE_STATUSES, ("Open", "Contacted", "Waiting", "Won back", "Given up"), strict=True))
CLOSED = ("won_back", "given_up")
TO_DO = "todo"
ANYBODY, NOBODY = "(all)", "(nobody)"
NO_NAMES = ("all", "nobody", ANYBODY, NOBODY)
AS_PROPOSED = ""
AS_RULED = ""
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
    newest: list[tuple[str, str, Any]]  # kind, account of today, judgement


@dataclass(frozen=True)
class Change:
    """What a visitor decides; None leaves a field as it is, AS_PROPOSED gives an action or a day back to the reason.

    AS_RULED takes back every owner that people named, so that contract, opportunity or rule say who it is.
    """

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
        return bool(self.owner is not None or self.note or self.moves) and not lacks_reason and not self.is_misnamed

    @property
    def is_misnamed(self) -> bool:
        """Whether the owner is a word that means everybody or nobody."""
        return (self.owner or "").lower() in NO_NAMES


@dataclass(frozen=True)
class Act:
    """What a visitor decided at one moment and still holds: the judgements by kind, and of which accounts of today.

    `again` are the accounts of the same moment about which somebody decided again since.
    """

    at: Any
    made: dict[str, list[Any]]
    accounts: tuple[str, ...]
    again: frozenset[str]


def work_list(**asked: Any) -> pd.DataFrame:
    """The rows of the metric `work_list` as they stand with all that was decided until now. Read only.

    `overdue`: due before the snapshot's day; `taken_up`: a person decided status, action or day of this stall.
    """
    given = tuple(sorted((name, value) for name, value in asked.items() if value))
    return _laid(str(reads.home()), reads.current().name, _versions(), given)


def row(account: str) -> Any | None:
    """One account's row of the work list; None where nothing is to be done about it."""
    found = work_list(account=account)
    return None if found.empty else next(found.itertuples())


def rows(accounts: Iterable[str]) -> pd.DataFrame:
    """The rows of these accounts as they stand, in this order; those of which nothing is to be done are left out."""
    found = work_list()
    places = dict(zip(found["account_id"], found.index, strict=True))
    return found.loc[[places[one] for one in accounts if one in places]]


def held(accounts: Iterable[str]) -> dict[str, frozenset[tuple[str, int]]]:
    """Which judgements hold of each account, by kind and number: others as soon as somebody decides or undoes."""
    said = {account: of(account) for account in accounts}
    return {
        account: frozenset((kind, one.id) for kind in KINDS for one in getattr(told, kind))
        for account, told in said.items()
    }


def of(account: str) -> Said:
    """What was said about an account and not undone."""
    return known().accounts.get(account, Said())


def known() -> Known:
    """All that was said until now."""
    return _known(str(reads.home()), reads.current().name, _versions())


def owned(frame: pd.DataFrame) -> pd.DataFrame:
    """Rows of accounts with their `owner` as it is with all that people named until now.

    Where a name was taken back and nothing is to be done about the account, the next build says whose it is.
    """
    said = known()
    frame = frame.assign(owner=frame["owner"].astype(object))
    places = frame.index[frame["account_id"].isin(said.changed)]
    if len(places):
        found = work_list()
        laid = dict(zip(found["account_id"], found["owner"], strict=True))
        for place in places:
            account = frame.at[place, "account_id"]
            named = said.accounts.get(account, Said()).owner
            frame.at[place, "owner"] = named[0].owner if named else laid.get(account, frame.at[place, "owner"])
    return frame


def named_since(frame: pd.DataFrame) -> pd.Series:
    """For rows of accounts, whom people named as owner since the build; None where nobody."""
    said = known()
    named = {account: said.accounts[account].owner for account in said.changed if account in said.accounts}
    return pd.Series(
        [named[account][0].owner if named.get(account) else None for account in frame["account_id"]],
        index=frame.index,
        dtype=object,
    )


def owners() -> dict[str, str]:
    """Whom the work list can be shown for, as options: everyone, nobody, the visitor, and whoever owns an account of it."""
    found = set(work_list()["owner"].dropna())
    me = {access.who()} if access.guarded() else set()
    return {ANYBODY: "All owners", NOBODY: "Nobody's"} | {name: name for name in sorted(found | me, key=str.lower)}


def picked(frame: pd.DataFrame, owner: str | None, status: str | None, overdue: str | None) -> pd.DataFrame:
    """The rows that filters leave.

    TO_DO and None are of those that are stalled, TO_DO without the given up and won back; a status is also of those that
    moved on with it. `overdue` is yes (somebody took it up), set (a person set the day) or past (nobody took it up yet).
    """
    if status in (None, TO_DO):
        keep = frame["stalled"] & (~frame["status"].isin(CLOSED) if status else True)
    else:
        keep = frame["status"] == status
    if owner == NOBODY:
        keep = keep & frame["owner"].isna()
    elif owner:
        keep = keep & (frame["owner"].str.lower() == owner.lower())
    if overdue:
        which = {"yes": frame["taken_up"], "set": frame["due_is_judged"], "past": ~frame["taken_up"]}
        keep = keep & frame["overdue"] & which[overdue]
    return frame[keep]


def versions() -> dict[str, int]:
    """The record versions of what is decided here; `save` keeps nothing that rests on older ones."""
    found = ledger.the_store().records_versions()
    return {model.__tablename__: found.get(model.__tablename__, 0) for model in KINDS.values()}


def _versions() -> tuple[int, ...]:
    return tuple(versions().values())


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
                newest.append((kind, account, one))
    newest.sort(key=lambda entry: entry[2].decided_at, reverse=True)
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
    return frame.assign(
        overdue=(frame["due_on"] < pd.Timestamp(reads.current().as_of.date())).fillna(False).astype(bool),
        taken_up=frame["judged_stage"].notna() | frame["due_is_judged"].astype(bool),
    )


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
    return not earlier and pd.Timestamp(move.decided_at) >= row.stands_since


def _due(row: Any, last: Any | None) -> Any:
    """The judged day, else the days of the reason after the contact, or after the account became stalled."""
    if last and last.due_on:
        return last.due_on
    start = pd.Timestamp(last.contacted_at).normalize() if last and last.contacted_at else row.stalled_on
    return None if pd.isna(start) or pd.isna(row.due_days) else start + timedelta(days=int(row.due_days))


def save(rows: pd.DataFrame, change: Change, seen: dict[str, int] | None = None) -> None:
    """Keep what the visitor decided about these rows. With `seen` raises Overtaken where somebody decided since then."""
    by = {"author": access.who(), "decided_at": program.now()}
    said, made = known().accounts, []
    for one in rows.itertuples():
        if change.owner:
            made.append(judgements.AccountOwner(account_id=one.account_id, owner=change.owner, **by))
        if change.moves:
            made.append(_move(one, change, said.get(one.account_id, Said()), by))
        if change.note:
            made.append(judgements.AccountNote(account_id=one.account_id, text=change.note, **by))
    if made:
        ledger.the_store().judge_all(made, seen)
    if change.owner == AS_RULED:
        undo("owner", [named.id for account in rows["account_id"] if account in said for named in said[account].owner])


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
    """What the visitor decided last, in the last quarter of an hour, has not undone, and is still the newest of its accounts."""
    me, now, said = access.who(), program.now(), known()
    mine = [entry for entry in said.newest if entry[2].author == me and now - entry[2].decided_at < UNDOABLE]
    made: dict[str, list[Any]] = {}
    held, again = {}, set()
    for kind, account, one in mine:
        if one.decided_at != mine[0][2].decided_at:
            continue
        if kind == "note" or getattr(said.accounts[account], kind)[0].id == one.id:
            made.setdefault(kind, []).append(one)
            held[account] = True
        else:
            again.add(account)
    return Act(mine[0][2].decided_at, made, tuple(held), frozenset(again)) if made else None


def undo(kind: str, ids: Iterable[int]) -> int:
    """Date the end of judgements of one kind; returns how many held."""
    return ledger.the_store().undo(KINDS[kind], ids, program.now())
