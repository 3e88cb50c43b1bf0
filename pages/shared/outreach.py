"""What was done to be found, adopted and understood: as the snapshot has it, and what people entered as it is now."""

import hashlib
import uuid
from typing import Any

import pandas as pd
import streamlit as st

from data_sources import judgements, program
from pages.shared import access, deciding, ledger, moves, reads

ENTERED = "entered"
DIRECTIONS = {"internal": "Internal", "partner": "Partner", "public": "Public"}
COLOURS = {"internal": "#7A7F87", "partner": "#009E73", "public": "#CC79A7"}
COLUMNS = ["source", "id", "day", "title", "direction", "channel", "hours", "cost", "unpriced_reason", "owner", "name"]


def activities() -> pd.DataFrame:
    """Every activity that has happened, the newest first: COLUMNS and `waits`, whether a build is to come. Read only.

    `cost` is in the reporting currency; of what waits for a build it is not known yet.
    """
    return _activities(str(reads.home()), reads.current().name, _version())


def entered() -> list[Any]:
    """What people entered, as it holds now: the newest word of each activity that was not undone and is no removal, the newest first."""
    found: dict[str, Any] = {}
    for one in ledger.everything(judgements.OutreachEntered):
        if one.undone_at is None:
            found.setdefault(one.activity_id, one)
    kept = [one for one in found.values() if not one.is_removed]
    return sorted(kept, key=lambda one: (one.happened_on, one.id), reverse=True)


def words_about(activity_id: str) -> list[Any]:
    """All that was said about one entered activity and not undone, the newest first."""
    told = ledger.everything(judgements.OutreachEntered)
    return [one for one in told if one.activity_id == activity_id and one.undone_at is None]


def last_word() -> Any | None:
    """The visitor's newest word of the last quarter of an hour that was not undone, where it is still the newest of its activity."""
    mine = [one for one in ledger.everything(judgements.OutreachEntered) if one.undone_at is None]
    newest = next((one for one in mine if one.author == access.who()), None)
    if newest is None or program.now() - newest.decided_at > moves.UNDOABLE:
        return None
    return newest if words_about(newest.activity_id)[0].id == newest.id else None


def save(activity_id: str | None = None, word: int | None = None, **fields: Any) -> bool:
    """Keep a word of the visitor's about an activity, a new one where no id is given, and start the build that counts it.

    `word` is the number of the word that the visitor saw; where another is the newest now, nothing is kept. Says whether it was.
    """
    made = judgements.OutreachEntered(
        activity_id=activity_id or uuid.uuid4().hex[:12],
        author=access.who(),
        decided_at=program.now(),
        **fields,
    )
    if not ledger.keep_unless_overtaken(made, lambda: activity_id is None or _newest(activity_id) == word):
        return False
    deciding.keep_up()
    return True


def _newest(activity_id: str) -> int | None:
    told = words_about(activity_id)
    return told[0].id if told else None


def save_rows(rows: list[dict[str, Any]]) -> int:
    """Keep the rows of a sheet; one that says the same as an activity that holds is that activity. Returns how many were new."""
    by = {"author": access.who(), "decided_at": program.now()}
    made = [judgements.OutreachEntered(activity_id=id, **row, **by) for id, row in _new(rows).items()]
    if made:
        ledger.the_store().judge_all(made)
        deciding.keep_up()
    return len(made)


def count_new(rows: list[dict[str, Any]]) -> int:
    """How many activities the rows of a sheet tell of that do not hold yet."""
    return len(_new(rows))


def _new(rows: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    held = {one.activity_id for one in entered()}
    return {id: row for id, row in ((_named(row), row) for row in rows) if id not in held}


def _named(row: dict[str, Any]) -> str:
    said = "\x1f".join(f"{name}={row[name]}" for name in sorted(row))
    return hashlib.sha256(said.encode()).hexdigest()[:12]


def remove(activity_id: str) -> None:
    """Take an entered activity away; its undo brings it back."""
    told = words_about(activity_id)
    if told and not told[0].is_removed:
        kept = told[0].model_dump(exclude={"id", "author", "decided_at", "undone_at", "activity_id", "is_removed"})
        save(activity_id, told[0].id, **kept, is_removed=True)


def undo(id: int) -> None:
    """Take a word back, so that the one before it holds again."""
    ledger.the_store().undo(judgements.OutreachEntered, [id], program.now())
    deciding.keep_up()


def _version() -> int:
    return ledger.the_store().records_version("outreach_entered")


@st.cache_resource(max_entries=4, show_spinner=False)
def _activities(home: str, name: str, version: int) -> pd.DataFrame:
    built = reads.read("outreach_activities")
    told = set(reads.read("outreach_typed")["id"])
    today = pd.Timestamp(reads.current().as_of).normalize()
    costs = built[built["source"] == ENTERED].set_index("id")
    now = [_row(one, costs, told) for one in entered() if pd.Timestamp(one.happened_on) <= today]
    sheets = built[built["source"] != ENTERED].assign(waits=False)[[*COLUMNS, "waits"]]
    if not now:
        return sheets
    mine = pd.DataFrame(now, columns=[*COLUMNS, "waits"])
    mine["day"] = (
        pd.to_datetime(mine["day"]).astype(sheets["day"].dtype) if len(sheets) else pd.to_datetime(mine["day"])
    )
    both = pd.concat([mine.astype(sheets.dtypes.to_dict(), errors="ignore"), sheets]) if len(sheets) else mine
    return both.sort_values(["day", "source", "id"], ascending=[False, True, True]).reset_index(drop=True)


def _row(one: Any, costs: pd.DataFrame, told: set[int]) -> list[Any]:
    known = costs.loc[one.activity_id] if one.id in told and one.activity_id in costs.index else None
    return [
        ENTERED,
        one.activity_id,
        one.happened_on,
        one.title,
        one.direction,
        one.channel,
        one.hours,
        None if known is None else known["cost"],
        "the build that counts it is still to come" if known is None else known["unpriced_reason"],
        one.author,
        None if known is None else known["name"],
        known is None,
    ]
