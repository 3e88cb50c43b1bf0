"""Zendesk Support: organizations, people, SLA policies, tickets, and what happened to them.

Four lists are incremental exports (`/api/v2/incremental/…?start_time=`): oldest change first, cut on whole seconds, over
only when `end_of_stream` says so, because `next_page` is never null. The cursor is the `end_time` of the last page, so a
run that is killed goes on where it stopped; the next run starts OVERLAP seconds earlier, because Zendesk's index lags behind.
Only the query of `next_page` is used, never its host. A deleted ticket comes back with the status `deleted` and little
else: the status is taken over, what was known of it stays.
https://developer.zendesk.com/api-reference/ticketing/ticket-management/incremental_exports/
"""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

from data_sources.http import BadPayload, SourceError, basic
from data_sources.records import SlaPolicy, SupportOrganization, SupportUser, Ticket, TicketEvent
from data_sources.streams import (
    Connector,
    Desk,
    Gone,
    Handed,
    Patch,
    Put,
    Stream,
    Unfit,
    api,
    epoch,
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

OVERLAP = 300
FULL_PAGE = 1000
STAFF = {"agent", "admin"}
RULES = {"rule", "Rule", "automation", "Automation", "trigger", "Trigger"}
SLA_EVENTS = {
    "apply_sla": "sla_applied",
    "apply_group_sla": "sla_applied",
    "fulfill": "sla_fulfilled",
    "breach": "sla_breached",
}


class TimeExport:
    """An incremental export by time; `key` is where the payloads lie."""

    def __init__(self, key: str) -> None:
        self.key = key

    def first(self, cursor: dict[str, Any] | None, desk: Desk) -> dict[str, Any] | None:
        """From OVERLAP seconds before the end of what is stored."""
        return {"start_time": max(0, (cursor or {}).get("start_time", 0) - OVERLAP)}

    def items(self, body: Any) -> list[Any]:
        """The payloads of a page."""
        items = body.get(self.key) if isinstance(body, Mapping) else None
        if not isinstance(items, list):
            raise BadPayload(f"Zendesk: expected {{{self.key!r}: […]}}")
        return items

    def following(self, body: Any, request: dict[str, Any]) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
        """The next second to ask for. Where `end_of_stream` is missing, a short page or one that stands still is the end."""
        asked = int(request["start_time"])
        after = whole(body, "end_time")
        if after is None:
            after = _start_time(body.get("next_page"))
        mark = None if after is None else {"start_time": after}
        over = body.get("end_of_stream")
        if over is None:
            over = len(self.items(body)) < FULL_PAGE or after is None or after <= asked
        if over:
            return None, mark
        if after is None or after <= asked:
            raise BadPayload(f"Zendesk: the export of {self.key} stands still at start_time={asked}")
        return {"start_time": after}, mark


def _start_time(next_page: Any) -> int | None:
    values = parse_qs(urlsplit(next_page).query).get("start_time") if isinstance(next_page, str) else None
    return int(values[0]) if values and values[0].isdigit() else None


class NumberedPages:
    """`next_page` with `page=N`: only the number is taken from it."""

    whole = True

    def __init__(self, key: str) -> None:
        self.key = key

    def first(self, cursor: dict[str, Any] | None, desk: Desk) -> dict[str, Any] | None:
        """From the start."""
        return {"page": 1}

    items = TimeExport.items

    def following(self, body: Any, request: dict[str, Any]) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
        """The next number, as long as there is a next page."""
        return ({"page": request["page"] + 1} if body.get("next_page") and self.items(body) else None), None


def _organization(item: Mapping[str, Any], desk: Desk) -> Iterator[Handed]:
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


def _user(item: Mapping[str, Any], desk: Desk) -> Iterator[Handed]:
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


def _policy(item: Mapping[str, Any], desk: Desk) -> Iterator[Handed]:
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


def _ticket(item: Mapping[str, Any], desk: Desk) -> Iterator[Handed]:
    ticket, status = needed(item, "id"), text(item, "status")
    if status == "deleted" and ticket in desk.stored(Ticket, "status"):
        yield Patch(Ticket, ticket, {"status": status, "updated_at": moment(item, "updated_at")})
        return
    yield Put(
        Ticket,
        {
            "id": ticket,
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


def _happened(item: Mapping[str, Any], desk: Desk) -> Iterator[Handed]:
    """One update of a ticket holds child events: a comment, the fields at creation, fields that changed."""
    ticket, updater = needed(item, "ticket_id"), text(item, "updater_id")
    updated = moment(item, "created_at") or epoch(item, "timestamp")
    for child in objects(item, "child_events"):
        kind = child.get("event_type") or child.get("type")
        author = text(child, "author_id") or updater
        row = {
            "id": needed(child, "id"),
            "ticket_id": ticket,
            "occurred_at": moment(child, "created_at") or updated,
            "author_id": author,
            "author_role": _role(desk, author, child.get("via") or item.get("via")),
        }
        if row["occurred_at"] is None:
            raise Unfit("created_at: missing")
        if kind == "Comment" or child.get("comment_present"):
            public = flag(child, "public") if "public" in child else flag(child, "comment_public")
            yield Put(TicketEvent, row | {"id": f"comment-{row['id']}", "kind": _comment_kind(public)})
        if kind in ("Change", "Create"):
            changed = _status(child)
            if changed:
                yield Put(
                    TicketEvent,
                    row
                    | {
                        "id": f"status-{row['id']}",
                        "kind": "status_change",
                        "from_value": text(child, "previous_value") if kind == "Change" else None,
                        "to_value": changed,
                    },
                )


def _comment_kind(public: bool | None) -> str:
    if public is None:
        raise Unfit("public: missing, so a reply cannot be told from a note")
    return "public_reply" if public else "internal_note"


def _status(child: Mapping[str, Any]) -> str | None:
    """The status that a child event set: exports name the field as a key, ticket audits in `field_name` and `value`."""
    if child.get("field_name") is not None:
        return text(child, "value") if child["field_name"] == "status" else None
    return text(child, "status")


def _measured(item: Mapping[str, Any], desk: Desk) -> Iterator[Handed]:
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


def _minutes(target: Mapping[str, Any]) -> int | None:
    """A target in minutes; policies made lately give it in seconds beside it."""
    seconds = whole(target, "target_in_seconds")
    return whole(target, "target") if seconds is None else round(seconds / 60)


def _removed(model: Any, record: str, desk: Desk) -> Handed:
    return Gone(model, record)


def _stream(name: str, tables: tuple[Any, ...], records: Any, permission: str, **more: Any) -> Stream:
    return Stream(name, f"api/v2/incremental/{name}.json", tables, records, permission, TimeExport(name), **more)


STREAMS = (
    _stream("organizations", (SupportOrganization,), _organization, "admin: organizations read"),
    _stream("users", (SupportUser,), _user, "admin: users read"),
    Stream(
        "sla_policies",
        "api/v2/slas/policies.json",
        (SlaPolicy,),
        _policy,
        "admin: read business rules",
        NumberedPages("sla_policies"),
        missing=_removed,
        without="this Zendesk plan has no SLA policies",
    ),
    _stream("tickets", (Ticket,), _ticket, "admin: tickets read"),
    _stream(
        "ticket_events",
        (TicketEvent,),
        _happened,
        "admin: tickets read",
        params={"include": "comment_events"},
        needs=("users",),
    ),
    _stream("ticket_metric_events", (TicketEvent,), _measured, "admin: tickets read"),
)


def _headers(source: Any, secret: str) -> Mapping[str, str]:
    """An API token is sent as `address/token:token` (basic authentication)."""
    if not secret:
        raise SourceError('token: missing; write token = "env:NAME" and put the API token there')
    user = source.email if "/" in source.email else f"{source.email}/token"
    return {"Authorization": basic(user, secret)}


CONNECTOR = Connector(
    kind="zendesk",
    label="Zendesk Support",
    open=api(_headers),
    streams=lambda source: STREAMS,
    settings='url = "https://SUBDOMAIN.zendesk.com", email = "you@company", token = "env:…" (an API token of an admin)',
)
