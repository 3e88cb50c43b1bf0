"""GitHub issues as tickets: one repository's issues, their comments, and when they were closed and reopened.

Issues are read whole at every run, because one that was deleted, transferred or made a discussion leaves no trace in a list:
one that is missing is asked for by itself. A pull request is an issue with `pull_request`, and is left out everywhere. The
number is the record's id, as comments and events name an issue by it. All comments are public. `author_association` tells
the maintainers (agents) from their users; GitHub shows no e-mail addresses. Closed is solved, as it can be reopened.
https://docs.github.com/en/rest/issues/issues
"""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from data_sources.failures import BadPayload, NotFound, SourceError
from data_sources.records import Record, SupportUser, Ticket, TicketEvent
from data_sources.streams import (
    BareList,
    Connector,
    Desk,
    Gone,
    Handed,
    Page,
    Patch,
    Put,
    Stream,
    Unfit,
    api,
    fit_all,
    mapping,
    moment,
    needed,
    objects,
    read_links,
    stamp,
    text,
    walk_changes,
    walk_links,
    whole,
)

OVERLAP = timedelta(minutes=5)
STATES = {"open": "open", "closed": "solved"}
MOVES = {"closed": ("open", "solved"), "reopened": ("solved", "open")}
AGENTS = {"OWNER", "MEMBER", "COLLABORATOR"}
CUSTOMERS = {"CONTRIBUTOR", "FIRST_TIMER", "FIRST_TIME_CONTRIBUTOR", "NONE"}
COMMENT = "comment-"


class Named(BareList):
    """A list whose items get the id that their record has here, made of what they hold as `key`."""

    def __init__(self, key: str = "id", prefix: str = "") -> None:
        super().__init__("GitHub")
        self.key, self.prefix = key, prefix

    def items(self, body: Any) -> list[Any]:
        """The answer itself, with our ids."""
        return [one | {"id": self._id(one)} if isinstance(one, dict) else one for one in super().items(body)]

    def _id(self, item: Mapping[str, Any]) -> str | None:
        value = item.get(self.key)
        return None if value is None else f"{self.prefix}{value}"


class One(BareList):
    """The repository, an object."""

    def items(self, body: Any) -> list[Any]:
        """The answer itself."""
        if not isinstance(body, Mapping) or not body.get("full_name"):
            raise BadPayload(f"{self.vendor}: expected a repository")
        return [body]


def _read_comments(stream: Stream, desk: Desk, cursor: dict[str, Any] | None) -> Iterator[Page]:
    """Comments by their last change, then those that are gone."""
    seen = moment(cursor or {}, "since")
    for items, last in walk_changes(stream, desk, seen and seen - OVERLAP, "since"):
        seen = max(filter(None, (seen, last)), default=None)
        yield Page(fit_all(stream, items, desk), {"since": stamp(seen)} if seen else None)
    yield Page(list(_deleted_comments(desk)))


def _deleted_comments(desk: Desk) -> Iterator[Handed]:
    """Comments of issues that have fewer than are stored."""
    stored: dict[str, set[str]] = {}
    for event, ticket in desk.stored(TicketEvent, "ticket_id").items():
        if event.startswith(COMMENT):
            stored.setdefault(ticket, set()).add(event)
    counts = desk.memory.get("comments", {})
    for ticket, ids in sorted(stored.items()):
        if (count := counts.get(ticket)) is None or len(ids) <= count:
            continue
        path = f"{_path(desk.source)}/issues/{ticket}/comments"
        listing = Stream("comments", path, (), _comment, "", Named(prefix=COMMENT), {"per_page": 100})
        found = {one["id"] for items, _ in walk_links(listing, desk, {}) for one in items if isinstance(one, dict)}
        yield from (Gone(TicketEvent, one) for one in sorted(ids - found))


def _read_events(stream: Stream, desk: Desk, cursor: dict[str, Any] | None) -> Iterator[Page]:
    """Events from the newest back to a page of which all are known; GitHub cannot be asked for those since a time."""
    known = newest = (cursor or {}).get("number", 0)
    for items, more in walk_links(stream, desk, {}):
        numbers = [number for one in items if (number := _number(one)) is not None]
        newest = max([newest, *numbers])
        over = not more or all(number <= known for number in numbers)
        yield Page(fit_all(stream, items, desk), {"number": newest} if over else None)
        if over:
            return


def _number(item: Any) -> int | None:
    digits = str(item.get("id")).removeprefix("event-") if isinstance(item, Mapping) else ""
    return int(digits) if digits.isdecimal() else None


def _role(who: Mapping[str, Any], association: str | None) -> str | None:
    """agent, end-user or bot; None for an association that tells neither."""
    if text(who, "type") == "Bot":
        return "bot"
    return "agent" if association in AGENTS else "end-user" if association in CUSTOMERS else None


def _person(who: Mapping[str, Any], role: str | None) -> Iterator[Handed]:
    """Whoever wrote; an account that was deleted since is null at GitHub."""
    if who:
        row = {"id": needed(who, "id"), "name": text(who, "login"), "role": None if role == "bot" else role}
        yield Put(SupportUser, row)


def _learn_repository(item: Mapping[str, Any], desk: Desk) -> Iterator[Handed]:
    desk.memory["repository"] = needed(item, "url").casefold()
    yield from ()


def _issue(item: Mapping[str, Any], desk: Desk) -> Iterator[Handed]:
    if item.get("pull_request"):
        return
    number, author, created = needed(item, "id"), mapping(item, "user"), moment(item, "created_at")
    desk.memory.setdefault("comments", {})[number] = whole(item, "comments")
    yield from _person(author, _role(author, text(item, "author_association")))
    yield Put(
        Ticket,
        {
            "id": number,
            "requester_id": text(author, "id"),
            "submitter_id": text(author, "id"),
            "assignee_id": text(mapping(item, "assignee"), "id"),
            "subject": text(item, "title"),
            "status": STATES.get(text(item, "state")),
            "kind": text(mapping(item, "type"), "name"),
            "tags": [label for one in objects(item, "labels") if (label := text(one, "name"))] or None,
            "created_at": created,
            "updated_at": moment(item, "updated_at"),
        },
    )
    if created:
        opened = {"id": f"opened-{number}", "ticket_id": number, "kind": "status_change", "occurred_at": created}
        yield Put(TicketEvent, opened | {"to_value": "open"})


def _comment(item: Mapping[str, Any], desk: Desk) -> Iterator[Handed]:
    number = needed(item, "issue_url").rpartition("/")[2]
    if "/pull/" in (text(item, "html_url") or ""):
        return
    author = mapping(item, "user")
    role = _role(author, text(item, "author_association"))
    yield from _person(author, role)
    yield _event(item, number, "public_reply", author, role)


def _move(item: Mapping[str, Any], desk: Desk) -> Iterator[Handed]:
    """A closing or reopening. Besides its author only those who maintain a repository can do either."""
    issue, move = mapping(item, "issue"), MOVES.get(text(item, "event"))
    if move is None or not issue or issue.get("pull_request"):
        return
    actor, author = mapping(item, "actor"), mapping(issue, "user")
    is_author = text(actor, "id") == text(author, "id")
    role = _role(actor, text(issue, "author_association") if is_author else "MEMBER") if actor else None
    put = _event(item, needed(issue, "number"), "status_change", actor, role)
    yield Put(TicketEvent, put.row | {"from_value": move[0], "to_value": move[1]})


def _event(item: Mapping[str, Any], ticket: str, kind: str, who: Mapping[str, Any], role: str | None) -> Put:
    when = moment(item, "created_at")
    if when is None:
        raise Unfit("created_at: missing")
    row = {"id": needed(item, "id"), "ticket_id": ticket, "kind": kind, "occurred_at": when}
    return Put(TicketEvent, row | {"author_id": text(who, "id"), "author_role": role})


def _missing(model: type[Record], record: str, desk: Desk) -> Handed | None:
    """What became of an issue that is not listed. One that was transferred is answered from its new repository."""
    if model is not Ticket or desk.stored(Ticket, "status").get(record) == "deleted":
        return None
    try:
        found = desk.http.get(f"{_path(desk.source)}/issues/{record}")
    except NotFound:
        return Patch(Ticket, record, {"status": "deleted"})
    here, there = desk.memory.get("repository"), text(found, "repository_url") if isinstance(found, Mapping) else None
    return Patch(Ticket, record, {"status": "deleted"}) if here and there and there.casefold() != here else None


def _path(source: Any) -> str:
    return f"repos/{source.repository}"


def _streams(source: Any) -> tuple[Stream, ...]:
    path = _path(source)
    by_change = {"per_page": 100, "sort": "updated", "direction": "asc"}
    return (
        Stream("repository", path, (), _learn_repository, "Metadata: read", One("GitHub")),
        Stream(
            "issues",
            f"{path}/issues",
            (SupportUser, Ticket),
            _issue,
            "Issues: read",
            Named("number"),
            {"per_page": 100, "state": "all", "sort": "created", "direction": "asc"},
            missing=_missing,
            reader=read_links,
        ),
        Stream(
            "comments",
            f"{path}/issues/comments",
            (SupportUser, TicketEvent),
            _comment,
            "Issues: read",
            Named(prefix=COMMENT),
            by_change,
            needs=("issues",),
            reader=_read_comments,
        ),
        Stream(
            "events",
            f"{path}/issues/events",
            (TicketEvent,),
            _move,
            "Issues: read",
            Named(prefix="event-"),
            {"per_page": 100},
            needs=("issues",),
            reader=_read_events,
        ),
    )


def _headers(source: Any, secret: str) -> Mapping[str, str]:
    if not secret:
        raise SourceError('token: missing; write token = "env:NAME" and put the access token there')
    return {
        "Authorization": f"Bearer {secret}",
        "Accept": "application/vnd.github+json",
        "X-GitHub-Api-Version": "2022-11-28",
    }


CONNECTOR = Connector(
    kind="github",
    label="GitHub issues",
    open=api(_headers),
    streams=_streams,
    settings='repository = "OWNER/NAME", token = "env:…" (a fine-grained access token that may read issues and metadata);'
    ' url = "https://HOST/api/v3" for GitHub Enterprise Server',
)
