"""One Intercom conversation as a ticket: what was said, when it was open, snoozed and closed, and what became of its SLAs.

All of it lies in parts. A part's type says what happened to the conversation, and its body, where it has one, was said to
the customer: people write while they close, assign or reopen. Only notes are internal.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from data_sources import cells
from data_sources.records import SupportUser, Ticket, TicketEvent
from data_sources.streams import (
    Desk,
    Handed,
    Only,
    Put,
    Unfit,
    epoch,
    mapping,
    needed,
    objects,
    ref,
    text,
    whole,
)

Item = Mapping[str, Any]

STATES = {"open": "open", "closed": "solved", "snoozed": "hold"}
NOTES = {"note", "note_and_reopen", "note_and_unsnooze"}
SAID = {"comment", "quick_reply"}
BECOMES = {"close": "solved", "snoozed": "hold"} | dict.fromkeys(
    (
        "open",
        "note_and_reopen",
        "assign_and_reopen",
        "unsnoozed",
        "timer_unsnooze",
        "note_and_unsnooze",
        "assign_and_unsnooze",
    ),
    "open",
)
ROLES = {"admin": "agent", "user": "end-user", "lead": "end-user", "contact": "end-user", "bot": "bot"}
AUTOMATIC = {"automated", "operator_initiated", "campaigns_initiated"}
SLA_APPLIED = ("conversation_sla_applied_by_rule", "conversation_sla_applied_by_workflow")
AT_A_REPLY = {"first_reply_time"}
AT_THE_CLOSE = {"resolution_time", "time_to_close"}


@dataclass(frozen=True)
class Round:
    """One application of an SLA, up to the next one or its removal. `targets`: seconds by target, {} where nobody tells."""

    name: str
    began: datetime
    targets: dict[str, int]
    ended: datetime


def names(item: Item) -> list[str] | None:
    """The names of an item's tags."""
    return [needed(one, "name") for one in objects(mapping(item, "tags"), "tags")] or None


def told(number: str, item: Item, desk: Desk) -> Iterator[Handed]:
    """The ticket and its events. Raises Unfit for a conversation without the time of its creation.

    Intercom gives 500 parts at most: where there are more, events that were read before stay.
    """
    source, created = mapping(item, "source"), epoch(item, "created_at")
    if created is None:
        raise Unfit("created_at: missing")
    people = [needed(one, "id") for one in objects(mapping(item, "contacts"), "contacts")]
    author = mapping(source, "author")
    asker = text(author, "id") if ROLES.get(text(author, "type")) == "end-user" else next(iter(people), None)
    company = ref(item, "company") or text(item, "company_id")
    yield Put(
        Ticket,
        {
            "id": number,
            "requester_id": asker,
            "submitter_id": text(author, "id"),
            "assignee_id": _assigned(item, "admin_assignee_id"),
            "group_id": _assigned(item, "team_assignee_id"),
            "organization_id": company or desk.stored(SupportUser, "organization_id").get(asker),
            "subject": text(item, "title") or text(source, "subject") or None,
            "status": STATES.get(text(item, "state")),
            "priority": "priority" if item.get("priority") == "priority" else None,
            "channel": text(source, "type"),
            "tags": names(item),
            "created_at": created,
            "updated_at": epoch(item, "updated_at"),
        },
    )
    held = mapping(item, "conversation_parts")
    parts = sorted(objects(held, "conversation_parts"), key=_when)
    opening = {"id": f"comment-{number}-source", "kind": "public_reply", "occurred_at": created}
    said = [opening | _by(author, automatic=source.get("delivered_as") in AUTOMATIC)] if source else []
    said += [event for part in parts for event in _said(part)]
    moved = list(_moves(number, created, parts, item))
    events = [*said, *moved, *_promises(number, created, parts, item, said, moved)]
    for event in events:
        yield Put(TicketEvent, event | {"ticket_id": number})
    if len(parts) >= (whole(held, "total_count") or 0):
        yield Only(TicketEvent, "ticket_id", number, frozenset(event["id"] for event in events))


def _assigned(item: Item, name: str) -> str | None:
    """Whom a conversation is assigned to; Intercom writes nobody as 0, too."""
    found = text(item, name)
    return None if found in (None, "", "0") else found


def _when(part: Item) -> datetime:
    if (found := epoch(part, "created_at")) is None:
        raise Unfit("conversation_parts: created_at: missing")
    return found


def _by(author: Item, automatic: bool = False) -> dict[str, Any]:
    """Who did it. What an AI agent or a workflow writes is a robot's, in whose name it may be."""
    role = ROLES.get(text(author, "type"))
    robot = automatic or author.get("from_ai_agent") is True or author.get("is_ai_answer") is True
    return {"author_id": text(author, "id"), "author_role": "bot" if robot and role != "end-user" else role}


def _said(part: Item) -> Iterator[dict[str, Any]]:
    kind, body = text(part, "part_type") or "", (text(part, "body") or "").strip()
    if kind in NOTES or kind in SAID or (body and (kind in BECOMES or "assign" in kind)):
        what = {"kind": "internal_note" if kind in NOTES else "public_reply", "occurred_at": _when(part)}
        yield {"id": f"comment-{needed(part, 'id')}"} | what | _by(mapping(part, "author"))


def _moves(number: str, created: datetime, parts: list[Item], item: Item) -> Iterator[dict[str, Any]]:
    """How the status changed. Where a close is not among the parts, Intercom's own time of the last one is taken."""
    event = {"kind": "status_change", "from_value": None, "to_value": "open", "occurred_at": created}
    yield event | {"id": f"status-{number}-created", "author_id": None, "author_role": None}
    now = "open"
    for part in parts:
        becomes = BECOMES.get(text(part, "part_type"), now)
        if becomes != now:
            event |= {"from_value": now, "to_value": becomes, "occurred_at": _when(part)}
            yield event | {"id": f"status-{needed(part, 'id')}"} | _by(mapping(part, "author"))
            now = becomes
    closed = epoch(mapping(item, "statistics"), "last_close_at")
    if item.get("state") == "closed" and now != "solved" and closed:
        event |= {"from_value": now, "to_value": "solved", "occurred_at": closed}
        yield event | {"id": f"status-{number}-closed", "author_id": None, "author_role": None}


def _promises(
    number: str, created: datetime, parts: list[Item], item: Item, said: list[Any], moved: list[Any]
) -> Iterator[dict[str, Any]]:
    """The clocks of the SLAs: applied and missed as the parts say, kept by the first reply of a person or by the last close.

    Parts of older conversations do not name targets: then the SLA is one clock, with the status that Intercom gives it.
    """
    replies = [one["occurred_at"] for one in said if (one["kind"], one["author_role"]) == ("public_reply", "agent")]
    closes = [one["occurred_at"] for one in moved if one["to_value"] == "solved"]
    closed = max(closes) if closes and item.get("state") == "closed" else None
    status = text(mapping(item, "sla_applied"), "sla_status")
    for instance, one in enumerate(_rounds(created, parts, item), 1):
        missed = [
            (_when(part), text(mapping(part, "event_details"), "sla_target_type"))
            for part in parts
            if part.get("part_type") == "conversation_sla_target_missed" and one.began <= _when(part) <= one.ended
        ]
        reply = next((when for when in replies if one.began <= when <= one.ended), None)
        close = closed if closed and one.began <= closed <= one.ended else None
        for metric, seconds in (one.targets or {one.name: None}).items():
            dated = {"sla_applied": one.began}
            dated["sla_breached"] = next((when for when, what in missed if what == metric or not one.targets), None)
            if one.targets:
                dated["sla_fulfilled"] = reply if metric in AT_A_REPLY else close if metric in AT_THE_CLOSE else None
            elif status == "hit":
                dated["sla_fulfilled"] = reply or close
            elif status == "missed":  # told when somebody of ours next replies
                dated["sla_breached"] = dated["sla_breached"] or reply or close or one.began
            for kind, occurred_at in dated.items():
                if occurred_at:
                    yield {
                        "id": f"{kind}-{number}-{metric}-{instance}",
                        "kind": kind,
                        "occurred_at": occurred_at,
                        "metric": metric,
                        "instance": instance,
                        "target_minutes": None if seconds is None else round(seconds / 60),
                    }


def _rounds(created: datetime, parts: list[Item], item: Item) -> Iterator[Round]:
    changes = [
        part
        for part in parts
        if part.get("part_type") in SLA_APPLIED or part.get("part_type") == "conversation_sla_removed"
    ]
    for place, part in enumerate(changes):
        if part["part_type"] in SLA_APPLIED:
            details = mapping(part, "event_details")
            definition = mapping(details, "sla_definition")
            targets = {name: seconds for name in definition if (seconds := whole(definition, name)) is not None}
            ended = _when(changes[place + 1]) if place + 1 < len(changes) else datetime.max
            yield Round(cells.code(text(details, "sla_name")) or "sla", _when(part), targets, ended)
    name = text(mapping(item, "sla_applied"), "sla_name")
    if name and not changes:
        yield Round(cells.code(name) or "sla", created, {}, datetime.max)
