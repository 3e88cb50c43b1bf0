"""Intercom: companies, contacts and teammates, and conversations as tickets, with what was said and when they were closed.

Contacts and conversations are listed whole once and again every RELIST_DAYS; in between a search gives what was updated
since the last run (OVERLAP earlier, because its index lags behind). What is missing from a list is asked for alone before
it counts as deleted: lists are sorted by what changes while they are read. The parts of a conversation come only with the
conversation itself, so that each one that changed is asked for; a listing that was cut short asks for none of them twice.
https://developers.intercom.com/docs/references/2.15/rest-api/api.intercom.io/conversations
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from data_sources.failures import BadPayload, NotFound, SourceError
from data_sources.records import Record, SupportGroup, SupportOrganization, SupportUser, Ticket, TicketEvent
from data_sources.streams import (
    Connector,
    Desk,
    Gone,
    Handed,
    Page,
    Patch,
    Put,
    Stream,
    api,
    epoch,
    fit,
    mapping,
    needed,
    objects,
    text,
    walk,
    whole,
)
from data_sources.support.intercom.conversation import names, told

VERSION = "2.15"  # the first one whose parts say which target of an SLA was applied or missed
PAGE = 150
COMPANIES_A_PAGE = 60
RELIST_DAYS = 7
OVERLAP = timedelta(minutes=10)
DAY = timedelta(days=1)
PATHS = {SupportOrganization: "companies", SupportUser: "contacts", Ticket: "conversations"}


class AfterPages:
    """`{KEY: […], "pages": {"next": {"starting_after": "…"}}}`: without `next` the list ends."""

    whole = True

    def __init__(self, key: str) -> None:
        self.key = key

    def first(self, cursor: dict[str, Any] | None, desk: Desk) -> dict[str, Any] | None:
        """From the start, whatever was read before."""
        return {"per_page": PAGE}

    def items(self, body: Any) -> list[Any]:
        """The payloads of an answer."""
        items = body.get(self.key) if isinstance(body, Mapping) else None
        if not isinstance(items, list):
            raise BadPayload(f"Intercom: expected {{{self.key!r}: […]}}")
        return items

    def following(self, body: Any, request: dict[str, Any]) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
        """The page that `starting_after` names."""
        after = text(mapping(mapping(body, "pages"), "next"), "starting_after")
        return (request | {"starting_after": after} if after else None), None


class NumberedPages(AfterPages):
    """`{"data": […], "pages": {"page": 1, "total_pages": 3}}`. Intercom refuses pages beyond 10,000 companies: an error, no loss."""

    def first(self, cursor: dict[str, Any] | None, desk: Desk) -> dict[str, Any] | None:
        """From the start."""
        return {"page": 1, "per_page": COMPANIES_A_PAGE}

    def following(self, body: Any, request: dict[str, Any]) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
        """The next number, up to the last one."""
        pages = mapping(body, "pages")
        if (page := whole(pages, "page")) not in (None, request["page"]):
            raise BadPayload(f"Intercom: the list of companies stands still at page={page}")
        over = request["page"] >= (whole(pages, "total_pages") or 0)
        return (None if over else request | {"page": request["page"] + 1}), None


class OnePage(AfterPages):
    """A list that is never paged."""

    whole = False

    def first(self, cursor: dict[str, Any] | None, desk: Desk) -> dict[str, Any] | None:
        """All of it."""
        return {}

    def following(self, body: Any, request: dict[str, Any]) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
        """Nothing follows."""
        return None, None


@dataclass(frozen=True)
class Kind:
    """What is searched for by its last update. `by_day`: the search knows days only, and leaves out the one it is given.

    `asked_alone`: each item costs a request of its own, which is spared where the stored record is as new.
    """

    model: type[Record]
    by_day: bool = False
    asked_alone: bool = False


# Records


def _admin(item: Mapping[str, Any], desk: Desk) -> Iterator[Handed]:
    row = {"id": needed(item, "id"), "email": text(item, "email"), "name": text(item, "name"), "role": "agent"}
    yield Put(SupportUser, row)


def _team(item: Mapping[str, Any], desk: Desk) -> Iterator[Handed]:
    yield Put(SupportGroup, {"id": needed(item, "id"), "name": text(item, "name")})


def _company(item: Mapping[str, Any], desk: Desk) -> Iterator[Handed]:
    host = _host(text(item, "website"))
    yield Put(
        SupportOrganization,
        {
            "id": needed(item, "id"),
            "name": text(item, "name"),
            "domain_names": [host] if host else None,
            "external_id": text(item, "company_id"),
            "tags": names(item),
            "created_at": epoch(item, "created_at"),
        },
    )


def _contact(item: Mapping[str, Any], desk: Desk) -> Iterator[Handed]:
    companies = mapping(item, "companies")
    linked = {needed(one, "id") for one in objects(companies, "data")}
    only = linked.pop() if len(linked) == 1 and not companies.get("has_more") else None
    yield Put(
        SupportUser,
        {
            "id": needed(item, "id"),
            "email": text(item, "email"),
            "name": text(item, "name"),
            "role": "end-user",
            "organization_id": only,
            "external_id": text(item, "external_id"),
            "deleted": False,
            "created_at": epoch(item, "created_at"),
        },
    )


def _conversation(item: Mapping[str, Any], desk: Desk) -> Iterator[Handed]:
    """A conversation, asked for alone. One that was deleted since the list was made keeps what was known of it."""
    number = needed(item, "id")
    try:
        found = desk.http.get(f"conversations/{number}", {"display_as": "plaintext"})
    except NotFound:
        yield Patch(Ticket, number, {"status": "deleted"})
        return
    if not isinstance(found, Mapping):
        raise BadPayload(f"Intercom: conversations/{number}: expected an object")
    yield from told(number, found, desk)


def _host(website: str | None) -> str | None:
    try:
        return urlsplit(website if "//" in website else f"//{website}").hostname if website else None
    except ValueError:
        return None


# Reading: whole lists, and between them what changed


def _read(kind: Kind, stream: Stream, desk: Desk, cursor: dict[str, Any] | None) -> Iterator[Page]:
    """All that there is where it was never read or long ago; else what changed since."""
    state, now = cursor or {}, desk.now.isoformat()
    since = datetime.fromisoformat(state["since"]) if "since" in state else None
    if since and desk.now - datetime.fromisoformat(state["listed"]) < timedelta(days=RELIST_DAYS):
        for items in _changed(kind, stream, desk, since - OVERLAP):
            yield Page([one for item in items for one in fit(stream.records, item, desk)])
        yield Page([], state | {"since": now})
        return
    begun = state.get("begun", now)
    yield Page([], state | {"begun": begun})
    settled = (since or datetime.fromisoformat(begun)) - OVERLAP
    for items, following, _ in walk(stream, desk, stream.pager.first(None, desk)):
        handed = [one for item in items for one in _once(kind, stream, item, desk, settled)]
        over = following is None
        yield Page(handed, {"listed": begun, "since": begun} if over else None, over)


def _once(kind: Kind, stream: Stream, item: Any, desk: Desk, settled: datetime) -> list[Handed]:
    """What an item of a list says; nothing new where it is stored and has not been updated after."""
    if kind.asked_alone and isinstance(item, Mapping) and isinstance(item.get("updated_at"), int):
        updated, number = epoch(item, "updated_at"), text(item, "id")
        if number and updated < settled and desk.stored(kind.model, "updated_at").get(number) == updated:
            return [Patch(kind.model, number, {})]
    return fit(stream.records, item, desk)


def _changed(kind: Kind, stream: Stream, desk: Desk, since: datetime) -> Iterator[list[Any]]:
    if kind.by_day:
        since = since.replace(hour=0, minute=0, second=0, microsecond=0) - DAY
    query = {"field": "updated_at", "operator": ">", "value": int(since.replace(tzinfo=UTC).timestamp())}
    request, asked = {"per_page": PAGE}, set()
    while request is not None:
        body = desk.http.search(f"{stream.path}/search", {"query": query, "pagination": request})
        yield stream.pager.items(body)
        asked.add(request.get("starting_after"))
        request, _ = stream.pager.following(body, request)
        if request and request["starting_after"] in asked:
            raise BadPayload(f"Intercom: the search of {stream.name} stands still")


def _missing(model: type[Record], record: str, desk: Desk) -> Handed | None:
    """What becomes of a record that a list no longer holds: nothing, unless Intercom says that it is not there."""
    if model not in PATHS or (model is SupportUser and desk.stored(model, "role").get(record) != "end-user"):
        return None
    known = {SupportUser: ("deleted", True), Ticket: ("status", "deleted")}.get(model)
    if known and desk.stored(model, known[0]).get(record) == known[1]:
        return None
    try:
        desk.http.get(f"{PATHS[model]}/{record}")
    except NotFound:
        return Patch(model, record, dict([known])) if known else Gone(model, record)
    return None


def _streams(source: Any) -> tuple[Stream, ...]:
    contacts, conversations = Kind(SupportUser, by_day=True), Kind(Ticket, asked_alone=True)
    return (
        Stream("admins", "admins", (SupportUser,), _admin, "Read admins", OnePage("admins")),
        Stream("teams", "teams", (SupportGroup,), _team, "Read admins", OnePage("teams")),
        Stream(
            "companies",
            "companies",
            (SupportOrganization,),
            _company,
            "Read and List users and companies",
            NumberedPages("data"),
            missing=_missing,
        ),
        Stream(
            "contacts",
            "contacts",
            (SupportUser,),
            _contact,
            "Read and List users and companies",
            AfterPages("data"),
            missing=_missing,
            reader=partial(_read, contacts),
        ),
        Stream(
            "conversations",
            "conversations",
            (Ticket, TicketEvent),
            _conversation,
            "Read conversations",
            AfterPages("conversations"),
            missing=_missing,
            reader=partial(_read, conversations),
        ),
    )


def _headers(source: Any, secret: str) -> Mapping[str, str]:
    if not secret:
        raise SourceError('token: missing; write token = "env:NAME" and put the access token of an app there')
    return {"Authorization": f"Bearer {secret}", "Intercom-Version": VERSION}


CONNECTOR = Connector(
    kind="intercom",
    label="Intercom",
    open=api(_headers),
    streams=_streams,
    settings='token = "env:…" (of an app of your workspace); url = "https://api.eu.intercom.io" or'
    ' "https://api.au.intercom.io" for workspaces hosted there',
)
