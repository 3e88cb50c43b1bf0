"""Zendesk's payloads as records: organizations, people, groups, schedules, SLA policies, tickets, and what happened to them."""

from collections.abc import Iterator, Mapping
from math import isfinite, nan
from typing import Any

from data_sources.failures import NotFound
from data_sources.records import (
    SlaPolicy,
    SupportGroup,
    SupportOrganization,
    SupportSchedule,
    SupportUser,
    Ticket,
    TicketEvent,
)
from data_sources.streams import (
    Desk,
    Gone,
    Handed,
    Patch,
    Put,
    Rejected,
    Unfit,
    epoch,
    excerpt,
    flag,
    mapping,
    moment,
    needed,
    objects,
    ref,
    text,
    texts,
    whole,
)
from data_sources.support.zendesk.time_zones import iana_name

Item = Mapping[str, Any]

STAFF = {"agent", "admin"}
RULES = {"rule", "Rule", "automation", "Automation", "trigger", "Trigger"}
SLA_EVENTS = {
    "apply_sla": "sla_applied",
    "apply_group_sla": "sla_applied",
    "fulfill": "sla_fulfilled",
    "breach": "sla_breached",
}


def organization(item: Item, desk: Desk) -> Iterator[Handed]:
    """An organization; one that was deleted comes back with `deleted_at`."""
    if item.get("deleted_at"):
        yield Gone(SupportOrganization, needed(item, "id"))
        return
    yield Put(
        SupportOrganization,
        {
            "id": needed(item, "id"),
            "name": text(item, "name"),
            "domain_names": texts(item, "domain_names"),
            "external_id": text(item, "external_id"),
            "tags": texts(item, "tags"),
            "created_at": moment(item, "created_at"),
        },
    )


def user(item: Item, desk: Desk) -> Iterator[Handed]:
    """A person; one who was deleted comes back inactive."""
    yield Put(
        SupportUser,
        {
            "id": needed(item, "id"),
            "email": text(item, "email"),
            "verified": flag(item, "verified"),
            "name": text(item, "name"),
            "role": text(item, "role"),
            "organization_id": text(item, "organization_id"),
            "external_id": text(item, "external_id"),
            "deleted": flag(item, "active") is False,
            "created_at": moment(item, "created_at"),
        },
    )


def group(item: Item, desk: Desk) -> Iterator[Handed]:
    """A team of agents."""
    row = {"id": needed(item, "id"), "name": text(item, "name"), "created_at": moment(item, "created_at")}
    yield Put(SupportGroup, row)


def schedule(item: Item, desk: Desk) -> Iterator[Handed]:
    """Business hours, with the holidays that are asked for one schedule at a time.

    One that was deleted between the two questions is left out. A time zone that nobody knows is null, and so is all
    business time by this schedule.
    """
    number = needed(item, "id")
    try:
        answer = desk.http.get(f"api/v2/business_hours/schedules/{number}/holidays.json")
    except NotFound:
        return
    hours = [
        {"start_minute": whole(one, "start_time"), "end_minute": whole(one, "end_time")}
        for one in objects(item, "intervals")
    ]
    holidays = [
        {name: text(one, name) for name in ("name", "start_date", "end_date")} for one in objects(answer, "holidays")
    ]
    yield Put(
        SupportSchedule,
        {
            "id": number,
            "name": text(item, "name"),
            "time_zone": iana_name(text(item, "time_zone")),
            "intervals": hours,
            "holidays": holidays,
            "created_at": moment(item, "created_at"),
        },
    )


def policy(item: Item, desk: Desk) -> Iterator[Handed]:
    """An SLA policy with its targets."""
    targets = [
        {
            "priority": text(target, "priority"),
            "metric": text(target, "metric"),
            "target_minutes": _minutes(target),
            "business_hours": flag(target, "business_hours"),
        }
        for target in objects(item, "policy_metrics")
    ]
    yield Put(
        SlaPolicy,
        {
            "id": needed(item, "id"),
            "title": text(item, "title"),
            "position": whole(item, "position"),
            "conditions": mapping(item, "filter") or None,
            "targets": targets or None,
            "created_at": moment(item, "created_at"),
        },
    )


def ticket(item: Item, desk: Desk) -> Iterator[Handed]:
    """A ticket. A deleted one comes back with little else: the status is taken over, what was known of it stays."""
    number, status = needed(item, "id"), text(item, "status")
    if status == "deleted" and number in desk.stored(Ticket, "status"):
        yield Patch(Ticket, number, {"status": status, "updated_at": moment(item, "updated_at")})
        return
    yield Put(
        Ticket,
        {
            "id": number,
            "requester_id": text(item, "requester_id"),
            "submitter_id": text(item, "submitter_id"),
            "assignee_id": text(item, "assignee_id"),
            "group_id": text(item, "group_id"),
            "organization_id": text(item, "organization_id"),
            "subject": text(item, "subject"),
            "status": status,
            "priority": text(item, "priority"),
            "kind": text(item, "type"),
            "channel": text(mapping(item, "via"), "channel"),
            "form": text(item, "ticket_form_id"),
            "tags": texts(item, "tags"),
            "created_at": moment(item, "created_at"),
            "updated_at": moment(item, "updated_at"),
        },
    )


def _role(desk: Desk, author: str | None, via: Any) -> str | None:
    """agent, end-user or bot; None for an author whom the help desk did not list."""
    channel = via.get("channel") if isinstance(via, Mapping) else via
    if author == "-1" or channel in RULES:
        return "bot"
    role = desk.stored(SupportUser, "role").get(author)
    return role if role is None else "agent" if role in STAFF else "end-user"


def happened(item: Item, desk: Desk) -> Iterator[Handed]:
    """One update of a ticket: its comment, the fields at creation, fields that changed, the schedule that was applied.

    Where the update logs work time, a comment in it has none of its own (0 minutes), so that no minute counts twice.
    """
    number, updater = needed(item, "ticket_id"), text(item, "updater_id")
    updated = moment(item, "created_at") or epoch(item, "timestamp")
    children = objects(item, "child_events")
    logged = [(child, *_seconds(child, desk)) for child in children]
    has_time = any(seconds is not None for _, seconds, _ in logged)
    for child, seconds, wrong in logged:
        kind = child.get("event_type") or child.get("type")
        author = text(child, "author_id") or updater
        row = {
            "id": needed(child, "id"),
            "ticket_id": number,
            "occurred_at": moment(child, "created_at") or updated,
            "author_id": author,
            "author_role": _role(desk, author, child.get("via") or item.get("via")),
        }
        if row["occurred_at"] is None:
            raise Unfit("created_at: missing")
        if kind == "Comment" or child.get("comment_present"):
            public = flag(child, "public") if "public" in child else flag(child, "comment_public")
            what = {"id": f"comment-{row['id']}", "kind": _comment_kind(public), "minutes": 0.0 if has_time else None}
            yield Put(TicketEvent, row | what)
        if kind in ("Change", "Create"):
            changed = _status(child)
            if changed:
                before = text(child, "previous_value") if kind == "Change" else None
                what = {"id": f"status-{row['id']}", "kind": "status_change", "from_value": before, "to_value": changed}
                yield Put(TicketEvent, row | what)
        if kind == "ScheduleAssignment":
            what = {"id": f"schedule-{row['id']}", "kind": "schedule_applied"}
            what |= {"from_value": text(child, "previous_schedule_id"), "to_value": text(child, "new_schedule_id")}
            yield Put(TicketEvent, row | what)
        if seconds is not None:
            yield Put(TicketEvent, row | {"id": f"work-{row['id']}", "kind": "work_logged", "minutes": seconds / 60})
        if wrong:
            yield Rejected(row["id"], wrong, excerpt(child))


def _seconds(child: Item, desk: Desk) -> tuple[float | None, str | None]:
    """Work time that a child event logs, in seconds, or why what stands in the field of the setting is none.

    The field "Time spent last update (sec)" does not change where two updates took equally long; "Total time spent (sec)"
    always does, so it is the better one: its growth counts.
    """
    for setting in ("total_time_field", "time_field"):
        field = getattr(desk.source, setting, None)
        if not field:
            continue
        now = _custom(child, field)
        before = child.get("previous_value") if setting == "total_time_field" else None
        if now in (None, ""):
            return None, None
        try:
            seconds = float(now) - float(before or 0)
        except (TypeError, ValueError):
            seconds = nan
        return (
            (seconds, None)
            if isfinite(seconds)
            else (None, f"{setting} {field}: expected seconds, got {str(now)[:60]!r}")
        )
    return None, None


def _custom(child: Item, field: str) -> Any:
    """What a child event set the custom field to: exports nest it under its id, ticket audits name it in `field_name`."""
    if str(child.get("field_name")) == field:
        return child.get("value")
    fields = child.get("custom_ticket_fields")
    return fields.get(field) if isinstance(fields, Mapping) else None


def _comment_kind(public: bool | None) -> str:
    if public is None:
        raise Unfit("public: missing, so a reply cannot be told from a note")
    return "public_reply" if public else "internal_note"


def _status(child: Item) -> str | None:
    """The status that a child event set: exports name the field as a key, ticket audits in `field_name` and `value`."""
    if child.get("field_name") is not None:
        return text(child, "value") if child["field_name"] == "status" else None
    return text(child, "status")


def measured(item: Item, desk: Desk) -> Iterator[Handed]:
    """A metric event. Activations, pauses and updates of a running clock say nothing that the others do not."""
    kind, event = SLA_EVENTS.get(item.get("type")), f"metric-{needed(item, 'id')}"
    if kind is None:
        return
    if item.get("deleted") is True:
        yield Gone(TicketEvent, event)
        return
    when = moment(item, "time")
    if when is None:
        raise Unfit("time: missing")
    policy = mapping(item, "sla") or mapping(item, "group_sla")
    yield Put(
        TicketEvent,
        {
            "id": event,
            "ticket_id": needed(item, "ticket_id"),
            "kind": kind,
            "occurred_at": when,
            "metric": text(item, "metric"),
            "instance": whole(item, "instance_id"),
            "sla_policy_id": ref(policy, "policy"),
            "target_minutes": _minutes(policy),
        },
    )


def _minutes(target: Item) -> int | None:
    """A target in minutes; policies made lately give it in seconds beside it."""
    seconds = whole(target, "target_in_seconds")
    return whole(target, "target") if seconds is None else round(seconds / 60)
