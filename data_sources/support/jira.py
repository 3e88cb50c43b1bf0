"""Jira Service Management: requests as tickets, with their comments, the history of their status, and their SLAs.

A project is read whole at every run, page by page (`/rest/api/3/search/jql`, `nextPageToken`): JQL knows minutes of the
user's own time zone only, and a deleted issue leaves no trace in a search. What a search cuts short (comments, changelog)
is asked for issue by issue. Keys change when an issue moves, ids do not: the id is the record's.

SLAs and organizations are custom fields of an issue, told by their types. An SLA field holds what
`/rest/servicedeskapi/request/{id}/sla` answers, so that no issue must be asked for alone.
https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-search/
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from data_sources import cells
from data_sources.failures import BadPayload, NotFound, SourceError
from data_sources.http import basic
from data_sources.records import Record, SupportOrganization, SupportUser, Ticket, TicketEvent
from data_sources.streams import (
    Connector,
    Desk,
    Handed,
    Only,
    Page,
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
    read_pages,
    text,
    texts,
    whole,
)

PAGE = 100
FIELDS = "summary,status,priority,issuetype,reporter,creator,assignee,labels,created,updated,comment"
CATEGORIES = {"new": "new", "indeterminate": "open", "done": "solved"}
ROLES = {"customer": "end-user", "app": "bot", "atlassian": "agent"}
CUT_AT = {"comments": 20, "histories": 40}  # a search gives no more of them, whatever it says of the total
SLA_FIELD = "com.atlassian.servicedesk:sd-sla-field"
ORGANIZATIONS_FIELD = "com.atlassian.servicedesk:sd-customer-organizations"


class Tokens:
    """`{"issues": […], "nextPageToken": "…"}`: without a token the search is over."""

    whole = True

    def first(self, cursor: dict[str, Any] | None, desk: Desk) -> dict[str, Any] | None:
        """From the start, with the custom fields that this site has."""
        custom = desk.memory.get("fields", {})
        return {
            "jql": f'project = "{desk.source.project}" ORDER BY created ASC',
            "maxResults": PAGE,
            "fields": ",".join([FIELDS, *sorted(field for fields in custom.values() for field in fields)]),
        }

    def items(self, body: Any) -> list[Any]:
        """The issues of an answer."""
        return _list(body, "issues")

    def following(self, body: Any, request: dict[str, Any]) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
        """The page that the token names."""
        token = text(body, "nextPageToken")
        return (request | {"nextPageToken": token} if token else None), None


class Starts:
    """`{"values": […], "isLastPage": false}`, asked for by `start`."""

    whole = True

    def first(self, cursor: dict[str, Any] | None, desk: Desk) -> dict[str, Any] | None:
        """From the start."""
        return {"start": 0, "limit": 50}

    def items(self, body: Any) -> list[Any]:
        """The values of an answer."""
        return _list(body, "values")

    def following(self, body: Any, request: dict[str, Any]) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
        """After what the answer held, as long as it is not the last."""
        got = _distinct(self.items(body))
        _right_place(body, "start", request["start"])
        over = not got or flag(body, "isLastPage") is not False
        return (None if over else request | {"start": request["start"] + got}), None


class Bare:
    """A list that is neither wrapped nor paged."""

    def first(self, cursor: dict[str, Any] | None, desk: Desk) -> dict[str, Any] | None:
        """All of it."""
        return {}

    def items(self, body: Any) -> list[Any]:
        """The answer itself."""
        if not isinstance(body, list):
            raise BadPayload("Jira: expected a list")
        return body

    def following(self, body: Any, request: dict[str, Any]) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
        """Nothing follows."""
        return None, None


def _list(body: Any, key: str) -> list[Any]:
    items = body.get(key) if isinstance(body, Mapping) else None
    if not isinstance(items, list):
        raise BadPayload(f"Jira: expected {{{key!r}: […]}}")
    return items


def _distinct(items: list[Any]) -> int:
    """How many items an answer brought; one sent twice must not make the next page begin too late."""
    return len({one.get("id", one.get("accountId")) if isinstance(one, Mapping) else None for one in items})


def _right_place(body: Mapping[str, Any], name: str, asked: int) -> None:
    """An answer says where it begins; one that begins elsewhere would be read for ever."""
    if (begins := whole(body, name)) not in (None, asked):
        raise BadPayload(f"Jira: the list stands still at {name}={begins}")


def _status(name: str | None, category: str | None) -> str | None:
    """Our word for a status. Only its name tells that the customer's answer is awaited; an unknown category is null."""
    if category == "indeterminate" and "waiting for customer" in (name or "").lower():
        return "pending"
    return CATEGORIES.get(category)


def _learn_status(item: Mapping[str, Any], desk: Desk) -> Iterator[Handed]:
    known = _status(text(item, "name"), text(mapping(item, "statusCategory"), "key"))
    desk.memory.setdefault("statuses", {})[needed(item, "id")] = known
    yield from ()


def _learn_field(item: Mapping[str, Any], desk: Desk) -> Iterator[Handed]:
    kind = text(mapping(item, "schema"), "custom")
    if kind in (SLA_FIELD, ORGANIZATIONS_FIELD):
        desk.memory.setdefault("fields", {}).setdefault(kind, set()).add(needed(item, "id"))
    yield from ()


def _read_organizations(stream: Stream, desk: Desk, cursor: dict[str, Any] | None) -> Iterator[Page]:
    """All organizations; whose members are known is told only once all were asked for theirs."""
    yield from read_pages(stream, desk, cursor)
    desk.memory["member_of"] = desk.memory.pop("members", {})


def _organization(item: Mapping[str, Any], desk: Desk) -> Iterator[Handed]:
    """An organization, with its members, who are asked for alone. One deleted between the two questions is left out."""
    number, request = needed(item, "id"), Starts().first(None, desk)
    while request is not None:
        try:
            body = desk.http.get(f"rest/servicedeskapi/organization/{number}/user", request)
        except NotFound:
            return
        for one in Starts().items(body):
            if isinstance(one, Mapping) and (person := text(one, "accountId")):
                desk.memory.setdefault("members", {}).setdefault(person, set()).add(number)
        request, _ = Starts().following(body, request)
    yield Put(SupportOrganization, {"id": number, "name": text(item, "name")})


def _home(person: str | None, desk: Desk) -> str | None:
    """The organization of a person: null where there are several, what is stored where members could not be read."""
    if "member_of" not in desk.memory:
        return desk.stored(SupportUser, "organization_id").get(person)
    found = desk.memory["member_of"].get(person, ())
    return next(iter(found)) if len(found) == 1 else None


def _organization_of(held: Mapping[str, Any], asker: str | None, desk: Desk) -> str | None:
    """The organization that a request is shared with, else the reporter's; of several, Jira does not say whose it is."""
    fields = desk.memory.get("fields", {}).get(ORGANIZATIONS_FIELD, ())
    shared = {needed(one, "id") for field in fields for one in objects(held, field)}
    home = _home(asker, desk)
    if not shared or home in shared:
        return home
    return shared.pop() if len(shared) == 1 else None


def _person(who: Mapping[str, Any], desk: Desk) -> Iterator[Handed]:
    if who:
        number, role = needed(who, "accountId"), ROLES.get(text(who, "accountType"))
        row = {"id": number, "email": text(who, "emailAddress"), "name": text(who, "displayName")}
        yield Put(
            SupportUser,
            row | {"role": None if role == "bot" else role, "organization_id": _home(number, desk)},
        )


def _issue(item: Mapping[str, Any], desk: Desk) -> Iterator[Handed]:
    number, held = needed(item, "id"), mapping(item, "fields")
    reporter, status = mapping(held, "reporter"), mapping(held, "status")
    asker = text(reporter, "accountId")
    try:
        events = [*_comments(number, mapping(held, "comment"), desk), *_moves(number, mapping(item, "changelog"), desk)]
    except NotFound:  # deleted since the search: it is missing from the list like one that was deleted before
        return
    events += [({}, event) for event in _promises(number, held, desk)]
    yield from _person(reporter, desk)
    yield Put(
        Ticket,
        {
            "id": number,
            "requester_id": asker,
            "submitter_id": text(mapping(held, "creator"), "accountId"),
            "assignee_id": text(mapping(held, "assignee"), "accountId"),
            "organization_id": _organization_of(held, asker, desk),
            "subject": text(held, "summary"),
            "status": _status(text(status, "name"), text(mapping(status, "statusCategory"), "key")),
            "priority": text(mapping(held, "priority"), "name"),
            "kind": text(mapping(held, "issuetype"), "name"),
            "tags": texts(held, "labels"),
            "created_at": moment(held, "created"),
            "updated_at": moment(held, "updated"),
        },
    )
    for author, event in events:
        who = text(author, "accountId")
        role = "end-user" if who and who == asker else ROLES.get(text(author, "accountType"))
        if event["occurred_at"] is None:
            raise Unfit("created: missing")
        yield Put(TicketEvent, event | {"ticket_id": number, "author_id": who, "author_role": role})
    yield Only(TicketEvent, "ticket_id", number, frozenset(event["id"] for _, event in events))


def _all(first: Mapping[str, Any], key: str, path: str, again: str, desk: Desk) -> Iterator[Mapping[str, Any]]:
    """All items of a list that a search may have cut short; `again` is their key where they are asked for alone."""
    found = objects(first, key)
    if len(found) < CUT_AT[key] and len(found) >= (whole(first, "total") or 0):
        yield from found
        return
    start = 0
    while True:
        body = desk.http.get(path, {"startAt": start, "maxResults": PAGE})
        found = _list(body, again)
        _right_place(body, "startAt", start)
        yield from found
        start += _distinct(found)
        if not found or start >= (whole(body, "total") or 0):
            return


def _comments(number: str, first: Mapping[str, Any], desk: Desk) -> Iterator[tuple[Mapping[str, Any], dict[str, Any]]]:
    for one in _all(first, "comments", f"rest/api/3/issue/{number}/comment", "comments", desk):
        public = flag(one, "jsdPublic")
        if public is None:
            raise Unfit("jsdPublic: missing, so a reply cannot be told from a note")
        kind = "public_reply" if public else "internal_note"
        row = {"id": f"comment-{needed(one, 'id')}", "kind": kind, "occurred_at": moment(one, "created")}
        yield mapping(one, "author"), row


def _moves(number: str, first: Mapping[str, Any], desk: Desk) -> Iterator[tuple[Mapping[str, Any], dict[str, Any]]]:
    """Changes of the status; one whose status was deleted since is unknown (null)."""
    known = desk.memory.get("statuses", {})
    for one in _all(first, "histories", f"rest/api/3/issue/{number}/changelog", "values", desk):
        for change in objects(one, "items"):
            if change.get("field") == "status":
                row = {
                    "id": f"status-{needed(one, 'id')}",
                    "kind": "status_change",
                    "occurred_at": moment(one, "created"),
                }
                row |= {"from_value": known.get(text(change, "from")), "to_value": known.get(text(change, "to"))}
                yield mapping(one, "author"), row


def _promises(number: str, held: Mapping[str, Any], desk: Desk) -> Iterator[dict[str, Any]]:
    """What became of every SLA's cycles, the ended ones before the one that runs. Targets are minutes of its calendar.

    `breachTime` is there for cycles that were kept, too, and is missing while one is paused: a breach without it is dated
    on the earliest moment that it can have happened.
    """
    for field in sorted(desk.memory.get("fields", {}).get(SLA_FIELD, ())):
        sla = mapping(held, field)
        cycles = sorted(objects(sla, "completedCycles"), key=lambda cycle: _when(cycle, "startTime"))
        cycles += [running] if (running := mapping(sla, "ongoingCycle")) else []
        for instance, cycle in enumerate(cycles, 1):
            began, goal = _when(cycle, "startTime"), whole(mapping(cycle, "goalDuration"), "millis")
            what = {"metric": cells.code(text(sla, "name")) or field, "instance": instance}
            what |= {"target_minutes": None if goal is None else round(goal / 60_000)}
            dated = {"sla_applied": began, "sla_fulfilled": epoch(mapping(cycle, "stopTime"), "epochMillis")}
            if flag(cycle, "breached"):
                missed = epoch(mapping(cycle, "breachTime"), "epochMillis")
                dated["sla_breached"] = missed or began + timedelta(milliseconds=goal or 0)
            for kind, occurred_at in dated.items():
                if occurred_at:
                    yield what | {"id": f"{kind}-{number}-{field}-{instance}", "kind": kind, "occurred_at": occurred_at}


def _when(cycle: Mapping[str, Any], name: str) -> datetime:
    if (found := epoch(mapping(cycle, name), "epochMillis")) is None:
        raise Unfit(f"{name}: missing")
    return found


def _missing(model: type[Record], record: str, desk: Desk) -> Handed | None:
    return Patch(Ticket, record, {"status": "deleted"}) if model is Ticket else None


def _streams(source: Any) -> tuple[Stream, ...]:
    return (
        Stream("statuses", "rest/api/3/status", (), _learn_status, "read:jira-work", Bare()),
        Stream("fields", "rest/api/3/field", (), _learn_field, "read:jira-work", Bare()),
        Stream(
            "organizations",
            "rest/servicedeskapi/organization",
            (SupportOrganization,),
            _organization,
            "read:servicedesk-request",
            Starts(),
            reader=_read_organizations,
        ),
        Stream(
            "issues",
            "rest/api/3/search/jql",
            (SupportUser, Ticket, TicketEvent),
            _issue,
            "read:jira-work",
            Tokens(),
            {"expand": "changelog"},
            needs=("statuses", "fields"),
            missing=_missing,
        ),
    )


def _headers(source: Any, secret: str) -> Mapping[str, str]:
    if not secret:
        raise SourceError('token: missing; write token = "env:NAME" and put the API token there')
    return {"Authorization": basic(source.email, secret)}


CONNECTOR = Connector(
    kind="jira",
    label="Jira Service Management",
    open=api(_headers),
    streams=_streams,
    settings='url = "https://SITE.atlassian.net", email = "you@company", token = "env:…" (an API token), project = "SUP"',
)
