"""Freshdesk: companies, contacts, agents, groups, and tickets with their conversations.

Tickets are read by their last change, each with its conversations. Freshdesk's API has no history of a ticket's status: its
`stats` say when it was last resolved, closed, reopened or set to pending, and that is what is known. What was seen at an
earlier run is kept, so a ticket that is read often enough keeps its earlier resolutions. Every ticket begins as open. Lists leave out deleted tickets and
spam; both are listed apart for 30 days and then gone, so they are read whole. Resolved is solved; a status of one's own is
unresolved at Freshdesk, and open here. Of its SLAs a ticket says by when a first response and a resolution are due, in which
business hours are counted already: targets are minutes of the clock on the wall. https://developers.freshdesk.com/api/
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from data_sources.failures import BadPayload, Forbidden, NotFound, SourceError
from data_sources.http import basic
from data_sources.records import Record, SupportGroup, SupportOrganization, SupportUser, Ticket, TicketEvent
from data_sources.streams import (
    BareList,
    Connector,
    Desk,
    Gone,
    Handed,
    Only,
    Page,
    Patch,
    Put,
    Stream,
    Unfit,
    api,
    changed_at,
    fit_all,
    flag,
    mapping,
    moment,
    needed,
    read_links,
    stamp,
    text,
    texts,
    walk_changes,
    walk_links,
    whole,
)

OVERLAP = timedelta(minutes=5)
START = datetime(2010, 1, 1)  # without a date Freshdesk lists the tickets of 30 days only
STATUSES = {
    2: "open",
    3: "pending",
    4: "solved",
    5: "closed",
    6: "pending",
    7: "hold",
}  # 6, 7: waiting on customer, third party
PRIORITIES = {1: "low", 2: "medium", 3: "high", 4: "urgent"}
CHANNELS = {1: "email", 2: "portal", 3: "phone", 7: "chat", 9: "feedback_widget", 10: "outbound_email"}
FORWARDED = 8
WAITING = {"pending", "hold"}
MOVES = {"resolved_at": "solved", "closed_at": "closed", "reopened_at": "open", "pending_since": "pending"}


class Changes(BareList):
    """A list by changes; `since` names its parameter."""

    def __init__(self, since: str) -> None:
        super().__init__("Freshdesk")
        self.since = since

    def first(self, cursor: dict[str, Any] | None, desk: Desk) -> dict[str, Any] | None:
        """From OVERLAP before the change that was seen last."""
        return {self.since: stamp(_start(cursor))}


class One(BareList):
    """An agent, an object."""

    def items(self, body: Any) -> list[Any]:
        """The answer itself."""
        if not isinstance(body, Mapping) or not body.get("id"):
            raise BadPayload(f"{self.vendor}: expected an agent")
        return [body]


def _start(cursor: dict[str, Any] | None) -> datetime:
    seen = moment(cursor or {}, "since")
    return seen - OVERLAP if seen else START


def _read_changes(stream: Stream, desk: Desk, cursor: dict[str, Any] | None) -> Iterator[Page]:
    """A list in the order of its changes: every page is a place to go on from."""
    seen = moment(cursor or {}, "since")
    for items, last in walk_changes(stream, desk, _start(cursor), stream.pager.since):
        seen = max(filter(None, (seen, last)), default=None)
        yield Page(fit_all(stream, items, desk), {"since": stamp(seen)} if seen else None)


def _read_unordered(stream: Stream, desk: Desk, cursor: dict[str, Any] | None) -> Iterator[Page]:
    """A list of what changed, in no order that is documented: only its end is a place to go on from."""
    seen = [when] if (when := moment(cursor or {}, "since")) else []
    for items, more in walk_links(stream, desk, stream.pager.first(cursor, desk)):
        seen += [when for one in items if (when := changed_at(one))]
        yield Page(fit_all(stream, items, desk), {"since": stamp(max(seen))} if seen and not more else None)


def _nothing(item: Mapping[str, Any], desk: Desk) -> Iterator[Handed]:
    yield from ()


def _company(item: Mapping[str, Any], desk: Desk) -> Iterator[Handed]:
    row = {"id": needed(item, "id"), "name": text(item, "name"), "domain_names": texts(item, "domains")}
    yield Put(SupportOrganization, row | {"created_at": moment(item, "created_at")})


def _contact(item: Mapping[str, Any], desk: Desk) -> Iterator[Handed]:
    yield Put(
        SupportUser,
        {
            "id": needed(item, "id"),
            "email": text(item, "email"),
            "verified": flag(item, "active"),
            "name": text(item, "name"),
            "role": "end-user",
            "organization_id": text(item, "company_id"),
            "external_id": text(item, "unique_external_id"),
            "deleted": flag(item, "deleted") is True,
            "created_at": moment(item, "created_at"),
        },
    )


def _deleted_contact(item: Mapping[str, Any], desk: Desk) -> Iterator[Handed]:
    yield Patch(SupportUser, needed(item, "id"), {"deleted": True})


def _agent(item: Mapping[str, Any], desk: Desk) -> Iterator[Handed]:
    who = mapping(item, "contact")
    row = {"id": needed(item, "id"), "email": text(who, "email"), "name": text(who, "name"), "role": "agent"}
    yield Put(SupportUser, row | {"created_at": moment(item, "created_at")})


def _group(item: Mapping[str, Any], desk: Desk) -> Iterator[Handed]:
    row = {"id": needed(item, "id"), "name": text(item, "name"), "created_at": moment(item, "created_at")}
    yield Put(SupportGroup, row)


def _ticket(item: Mapping[str, Any], desk: Desk) -> Iterator[Handed]:
    number, asker = needed(item, "id"), text(item, "requester_id")
    status = whole(item, "status")
    yield from _unlisted(mapping(item, "requester"), desk)
    yield Put(
        Ticket,
        {
            "id": number,
            "requester_id": asker,
            "assignee_id": text(item, "responder_id"),
            "group_id": text(item, "group_id"),
            "organization_id": text(item, "company_id"),
            "subject": text(item, "subject"),
            "status": _status(item, status),
            "priority": PRIORITIES.get(whole(item, "priority")),
            "kind": text(item, "type"),
            "channel": CHANNELS.get(whole(item, "source")),
            "tags": texts(item, "tags"),
            "created_at": moment(item, "created_at"),
            "updated_at": moment(item, "updated_at"),
        },
    )
    events = [*_conversations(number, desk), *_moves(number, item), *_promises(number, item, desk)]
    yield from (Put(TicketEvent, event | {"ticket_id": number}) for event in events)
    known = {*_moves_seen(desk).get(number, ()), *(event["id"] for event in events)}
    yield Only(TicketEvent, "ticket_id", number, frozenset(known))


def _status(item: Mapping[str, Any], status: int | None) -> str | None:
    """Our word for a status; deleted for what is in the bin or spam."""
    if flag(item, "deleted") or flag(item, "spam"):
        return "deleted"
    return None if status is None else STATUSES.get(status, "open")


def _unlisted(who: Mapping[str, Any], desk: Desk) -> Iterator[Handed]:
    """A requester whom no list holds, because the contact is blocked or deleted; the ticket says the least of them."""
    if who and needed(who, "id") not in desk.stored(SupportUser, "role"):
        row = {"id": needed(who, "id"), "email": text(who, "email"), "name": text(who, "name"), "role": "end-user"}
        yield Put(SupportUser, row)


def _moves_seen(desk: Desk) -> dict[str, list[str]]:
    """The changes of status that are stored, by ticket."""
    if "moves" not in desk.memory:
        seen: dict[str, list[str]] = {}
        for event, ticket in desk.stored(TicketEvent, "ticket_id").items():
            if event.startswith("status-"):
                seen.setdefault(ticket, []).append(event)
        desk.memory["moves"] = seen
    return desk.memory["moves"]


def _moves(number: str, item: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """That it was opened, and what `stats` knows of the status; one that was closed at once is not resolved before."""
    stats = mapping(item, "stats")
    closed = moment(stats, "closed_at")
    moves = [("open", moment(item, "created_at")), *((status, moment(stats, name)) for name, status in MOVES.items())]
    for status, when in moves:
        if when and not (status == "solved" and when == closed):
            event = f"status-{number}-{status}-{stamp(when)}"
            yield {"id": event, "kind": "status_change", "occurred_at": when, "to_value": status}


def _promises(number: str, item: Mapping[str, Any], desk: Desk) -> Iterator[dict[str, Any]]:
    """What became of the promised times. None is broken while a ticket waits for its customer: Freshdesk stops the clock then,
    and moves the time when it goes on."""
    stats, created = mapping(item, "stats"), moment(item, "created_at")
    solved, reopened = moment(stats, "resolved_at") or moment(stats, "closed_at"), moment(stats, "reopened_at")
    if solved and reopened and reopened > solved:
        solved = None
    waits = moment(stats, "pending_since") if _status(item, whole(item, "status")) in WAITING else None
    clocks = {
        "first_reply_time": (moment(item, "fr_due_by"), moment(stats, "first_responded_at")),
        "resolution_time": (moment(item, "due_by"), solved),
    }
    for metric, (due, done) in clocks.items():
        if due is None or created is None:
            continue
        target = round((due - created).total_seconds() / 60)
        is_late = due < (done or waits or desk.now)
        dated = {"sla_applied": created, "sla_fulfilled": done, "sla_breached": due if is_late else None}
        for kind, when in dated.items():
            if when:
                made = {"id": f"{kind}-{number}-{metric}", "kind": kind, "occurred_at": when}
                yield made | {"metric": metric, "instance": 1, "target_minutes": target}


def _conversations(number: str, desk: Desk) -> Iterator[dict[str, Any]]:
    """Replies and notes of a ticket. What is forwarded goes to somebody else, so it is no reply to the customer."""
    path = f"api/v2/tickets/{number}/conversations"
    listing = Stream("conversations", path, (), _nothing, "", BareList("Freshdesk"), {"per_page": 100})
    try:
        said = [one for items, _ in walk_links(listing, desk, {}) for one in items]
    except NotFound:
        return
    for one in said:
        if not isinstance(one, Mapping):
            raise Unfit("conversations: expected a list of objects")
        private, incoming, when = flag(one, "private"), flag(one, "incoming"), moment(one, "created_at")
        if private is None or when is None:
            raise Unfit(f"conversations: {'private' if private is None else 'created_at'}: missing")
        author = text(one, "user_id")
        yield {
            "id": f"conversation-{needed(one, 'id')}",
            "kind": "internal_note" if private or whole(one, "source") == FORWARDED else "public_reply",
            "occurred_at": when,
            "author_id": author,
            "author_role": None if incoming is None else "end-user" if incoming else "agent" if author else None,
        }


def _binned(item: Mapping[str, Any], desk: Desk) -> Iterator[Handed]:
    yield Patch(Ticket, needed(item, "id"), {"status": "deleted"})


def _removed(model: type[Record], record: str, desk: Desk) -> Handed | None:
    return Gone(model, record)


def _list(name: str, path: str, table: type[Record], records: Any, permission: str, **more: Any) -> Stream:
    more = {"pager": BareList("Freshdesk"), "params": {"per_page": 100}, "reader": read_links} | more
    return Stream(name, f"api/v2/{path}", (table,), records, permission, **more)


def _bin(name: str) -> Stream:
    params = {"per_page": 100, "filter": name}
    return _list(
        name,
        "tickets",
        Ticket,
        _binned,
        "tickets: view",
        pager=Changes("updated_since"),
        params=params,
        needs=("tickets",),
    )


STREAMS = (
    Stream("key", "api/v2/agents/me", (), _nothing, "an agent's API key", One("Freshdesk")),
    _list("companies", "companies", SupportOrganization, _company, "companies: view", missing=_removed),
    # One that is gone from the list stays here: the tickets that it had still name it.
    _list("groups", "groups", SupportGroup, _group, "admin: groups view"),
    _list(
        "agents",
        "agents",
        SupportUser,
        _agent,
        "admin: agents view",
        without="agents cannot be listed with this key: they have no names here",
        without_on=(NotFound, Forbidden),
    ),
    _list(
        "contacts",
        "contacts",
        SupportUser,
        _contact,
        "contacts: view",
        pager=Changes("_updated_since"),
        reader=_read_unordered,
    ),
    _list(
        "deleted_contacts",
        "contacts",
        SupportUser,
        _deleted_contact,
        "contacts: view",
        pager=Changes("_updated_since"),
        params={"per_page": 100, "state": "deleted"},
        needs=("contacts",),
        reader=_read_unordered,
    ),
    Stream(
        "tickets",
        "api/v2/tickets",
        (SupportUser, Ticket, TicketEvent),
        _ticket,
        "tickets: view",
        Changes("updated_since"),
        {"per_page": 100, "include": "stats,requester", "order_by": "updated_at", "order_type": "asc"},
        needs=("contacts",),
        reader=_read_changes,
    ),
    _bin("deleted"),
    _bin("spam"),
)


def _headers(source: Any, secret: str) -> Mapping[str, str]:
    if not secret:
        raise SourceError('key: missing; write key = "env:NAME" and put an agent\'s API key there')
    return {"Authorization": basic(secret, "X")}


CONNECTOR = Connector(
    kind="freshdesk",
    label="Freshdesk",
    open=api(_headers),
    streams=lambda source: STREAMS,
    settings='url = "https://YOURS.freshdesk.com", key = "env:…" (the API key of an agent who may see all tickets)',
)
