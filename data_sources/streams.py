"""What a stream of a source is, how it is read page by page, and what it hands over.

A stream is data: path, pager, record tables, permission, and one function that makes records of a vendor's payload.
A payload that does not fit is handed over as `Rejected` with the reason; it never stops the stream.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from data_sources.failures import BadPayload, NotFound, SourceError
from data_sources.http import Http
from data_sources.records import Record

LARGEST_INTEGER = 2**63 - 1
EXCERPT = 500
PUBLIC_HEADERS = re.compile("Accept|.*-Version")
SECRET_KEYS = re.compile(r"(?i)(secret|password|passwd|token|api_?key|authorization|^key$)")


class Unfit(ValueError):
    """A payload that cannot become a record; the message is the reason."""


class Put(NamedTuple):
    """A whole record: every column that the vendor gives, without `source` and `synced_at`."""

    model: type[Record]
    row: dict[str, Any]


class Patch(NamedTuple):
    """Some fields of a record that is already known; without effect where it is not."""

    model: type[Record]
    id: str
    fields: dict[str, Any]


class Gone(NamedTuple):
    """A record that the vendor has deleted."""

    model: type[Record]
    id: str


class Only(NamedTuple):
    """The records of `model` whose `column` is `value` are exactly `ids`; others are gone."""

    model: type[Record]
    column: str
    value: str
    ids: frozenset[str]


class Rejected(NamedTuple):
    """A payload that does not fit, with the reason and an excerpt without secrets."""

    id: str | None
    reason: str
    text: str | None = None
    file: str | None = None
    line_no: int | None = None


Handed = Put | Patch | Gone | Only | Rejected


@dataclass
class Page:
    """What one answer brought. `cursor` is to be stored once `handed` is; None leaves the cursor as it is.

    `whole` on the last page: together the pages were everything there is, so what was not among them is gone.
    """

    handed: list[Handed]
    cursor: dict[str, Any] | None = None
    whole: bool = False


@dataclass
class Desk:
    """What a stream may use while it reads one source: the session, its own name, and what is stored already.

    `memory` is shared by the streams of one sync; `cursors` holds every cursor of this source; `stored(model, column)`
    returns {id: value} of this source's records; `now` is naive UTC; `currency` is the program's, for amounts without one.
    """

    source: Any
    now: datetime
    home: Path
    currency: str = "usd"
    http: Http | None = None
    cursors: dict[str, dict[str, Any]] = field(default_factory=dict)
    memory: dict[str, Any] = field(default_factory=dict)
    stored: Callable[[type[Record], str], dict[str, Any]] = lambda _model, _column: {}


class Pager(Protocol):
    """Three methods say how a vendor pages. A request is a mapping of query parameters; None ends the stream."""

    def first(self, cursor: dict[str, Any] | None, desk: Desk) -> dict[str, Any] | None:
        """The first request, given the stored cursor."""

    def items(self, body: Any) -> list[Any]:
        """The payloads in an answer; raises BadPayload when they are not where they should be."""

    def following(self, body: Any, request: dict[str, Any]) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
        """The next request and the cursor to store after this answer."""


Reader = Callable[["Stream", Desk, dict[str, Any] | None], Iterator[Page]]


@dataclass(frozen=True)
class Stream:
    """One kind of thing that a source gives. `needs` names the streams that must have been read well before it.

    `permission` is what the token must be allowed, in the vendor's words. `missing` says what becomes of a stored record
    that a whole listing no longer holds (None: it stays). `without` makes the errors in `without_on` no failure: it is the
    note that says what happens instead. `layout` says how a sheet's columns are understood.
    """

    name: str
    path: str
    tables: tuple[type[Record], ...]
    records: Callable[[Mapping[str, Any], Desk], Iterable[Handed]]
    permission: str
    pager: Pager | None = None
    params: Mapping[str, Any] = field(default_factory=dict)
    needs: tuple[str, ...] = ()
    missing: Callable[[type[Record], str, Desk], Handed | None] | None = None
    without: str | None = None
    without_on: tuple[type[SourceError], ...] = (NotFound,)
    reader: Reader | None = None
    layout: Any = None

    def read(self, desk: Desk, cursor: dict[str, Any] | None) -> Iterator[Page]:
        """Page by page what the vendor has since `cursor`; raises SourceError."""
        try:
            yield from (self.reader or read_pages)(self, desk, cursor)
        except Unfit as error:
            raise BadPayload(f"{self.path}: {error}") from None


@dataclass(frozen=True)
class Connector:
    """A kind of source: how it is opened and which streams it has. `open` raises SourceError for wrong settings.

    `settings` names what a `[[source]]` of this kind needs in program.toml.
    """

    kind: str
    label: str
    open: Callable[..., AbstractContextManager[Desk]]
    streams: Callable[[Any], Sequence[Stream]]
    settings: str = ""


def api(headers: Callable[[Any, str], Mapping[str, str]]) -> Callable[..., AbstractContextManager[Desk]]:
    """An `open` for a vendor API: `headers(source, secret)` are the request headers, the token among them.

    What they say is hidden wherever it is shown, but for an API version and a content type.
    """

    @contextmanager
    def open_api(source: Any, *, desk: Desk, url: str, secret: str, **patience: Any) -> Iterator[Desk]:
        sent = headers(source, secret)
        hidden = (secret, *(value.split(" ")[-1] for name, value in sent.items() if not PUBLIC_HEADERS.fullmatch(name)))
        with Http(url, sent, secrets=hidden, now=lambda: desk.now, **patience) as http:
            desk.http = http
            yield desk

    return open_api


def walk(
    stream: Stream, desk: Desk, request: dict[str, Any] | None
) -> Iterator[tuple[list[Any], dict[str, Any] | None, dict[str, Any] | None]]:
    """The payloads of every answer from `request` on, with the next request and the pager's cursor.

    An answer that leads back to an earlier request would go round for ever: BadPayload.
    """
    asked: set[str] = set()
    while request is not None:
        fingerprint = json.dumps(request, sort_keys=True, default=str)
        if fingerprint in asked:
            raise BadPayload(f"{stream.path}: the paging goes round in a circle")
        asked.add(fingerprint)
        body = desk.http.get(stream.path, {**stream.params, **request})
        items = stream.pager.items(body)
        request, mark = stream.pager.following(body, request)
        yield items, request, mark


def walk_links(stream: Stream, desk: Desk, request: Mapping[str, Any]) -> Iterator[tuple[list[Any], bool]]:
    """The payloads of every answer from `request` on, each answer's `Link` header naming the next, with whether one follows.

    A page that brings the one before it again, or leads back, would go round for ever: BadPayload.
    """
    where, params = stream.path, {**stream.params, **request}
    asked: set[str] = set()
    before: list[Any] = []
    while where:
        items, following = stream.pager.items(desk.http.get(where, params)), desk.http.links.get("next")
        if (items and items == before) or following in asked:
            raise BadPayload(f"{stream.path}: the paging stands still")
        asked.add(following)
        yield items, following is not None
        before, where, params = items, following, None


def walk_changes(
    stream: Stream, desk: Desk, since: datetime | None, name: str
) -> Iterator[tuple[list[Any], datetime | None]]:
    """The payloads of a list in the order of their last change since `since` (naive UTC, sent as `name`), with the last
    change of each page.

    Every page asks for what changed since the page before, from a second earlier: a record that changes meanwhile moves to
    the end and would shift numbered pages, and vendors list some hundred pages only. Within a second the links lead on.
    """
    going = True
    while going:
        going = False
        for items, more in walk_links(stream, desk, {name: stamp(since)} if since else {}):
            last = max((when for one in items if (when := changed_at(one))), default=None)
            yield items, last
            if more and last and (since is None or last - timedelta(seconds=1) > since):
                since, going = last - timedelta(seconds=1), True
                break


def stamp(when: datetime) -> str:
    """Naive UTC as vendors write it, to the second."""
    return f"{when.isoformat(timespec='seconds')}Z"


def changed_at(item: Any) -> datetime | None:
    """When a payload last changed (`updated_at`), in naive UTC; None where it does not say so in a way to be understood."""
    try:
        return moment(item, "updated_at") if isinstance(item, Mapping) else None
    except Unfit:
        return None


class BareList:
    """A list that is not wrapped; `Link` leads on (see `walk_links`). The errors name the vendor."""

    def __init__(self, vendor: str) -> None:
        self.vendor = vendor

    def first(self, cursor: dict[str, Any] | None, desk: Desk) -> dict[str, Any] | None:
        """From the start."""
        return {}

    def items(self, body: Any) -> list[Any]:
        """The answer itself."""
        if not isinstance(body, list):
            raise BadPayload(f"{self.vendor}: expected a list")
        return body

    def following(self, body: Any, request: dict[str, Any]) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
        """Nothing that the body of an answer says."""
        return None, None


def read_links(stream: Stream, desk: Desk, cursor: dict[str, Any] | None) -> Iterator[Page]:
    """Read a list whole that `Link` headers lead through."""
    for items, more in walk_links(stream, desk, stream.pager.first(None, desk)):
        yield Page(fit_all(stream, items, desk), None, not more)


def read_pages(stream: Stream, desk: Desk, cursor: dict[str, Any] | None) -> Iterator[Page]:
    """Read a paged API by its pager alone."""
    whole = getattr(stream.pager, "whole", False)
    for items, following, mark in walk(stream, desk, stream.pager.first(cursor, desk)):
        yield Page(fit_all(stream, items, desk), mark, whole and following is None)


def fit(records: Callable[[Any, Desk], Iterable[Handed]], item: Any, desk: Desk) -> list[Handed]:
    """The records of one payload, all of them or one `Rejected`."""
    try:
        if not isinstance(item, Mapping):
            raise Unfit(f"expected an object, got {type(item).__name__}")
        return list(records(item, desk))
    except (Unfit, KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        reason = (
            str(error) if isinstance(error, Unfit) else f"not in the documented shape ({type(error).__name__}: {error})"
        )
        number = item.get("id") if isinstance(item, Mapping) else None
        redact = desk.http.redact if desk.http else str
        return [
            Rejected(None if number is None else str(number)[:200], redact(reason)[:EXCERPT], redact(excerpt(item)))
        ]


def fit_all(stream: Stream, items: Iterable[Any], desk: Desk) -> list[Handed]:
    """What a stream makes of the payloads of a page."""
    return [one for item in items for one in fit(stream.records, item, desk)]


def excerpt(item: Any) -> str:
    """The start of a payload as JSON, the values of anything named like a secret hidden."""
    return json.dumps(_hidden(item), default=str, ensure_ascii=False)[:EXCERPT]


def _hidden(value: Any, depth: int = 0) -> Any:
    if depth > 6:
        return "…"
    if isinstance(value, Mapping):
        return {k: "•••" if SECRET_KEYS.search(str(k)) else _hidden(v, depth + 1) for k, v in value.items()}
    if isinstance(value, list):
        return [_hidden(one, depth + 1) for one in value[:20]]
    return value


# Reading one field. Each returns None for an absent or null field and raises Unfit for one of another type.


def needed(item: Mapping[str, Any], name: str) -> str:
    """An id or another text without which there is no record."""
    value = text(item, name)
    if not value:
        raise Unfit(f"{name}: missing")
    return value


def text(item: Mapping[str, Any], name: str) -> str | None:
    """Text; a number becomes its digits. NUL bytes, which no database takes, are dropped."""
    value = item.get(name)
    if value is None or isinstance(value, str):
        return value.replace("\0", "") if value and "\0" in value else value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    raise Unfit(f"{name}: expected text, got {_shown(value)}")


def ref(item: Mapping[str, Any], name: str) -> str | None:
    """The id of another record, whether the vendor gives the id or the whole object."""
    value = item.get(name)
    return text(value, "id") if isinstance(value, Mapping) else text(item, name)


def whole(item: Mapping[str, Any], name: str) -> int | None:
    """A whole number of 64 bits, also where it is written as text."""
    value = item.get(name)
    if value is None:
        return None
    if (isinstance(value, float) and value.is_integer()) or (isinstance(value, str) and re.fullmatch(r"-?\d+", value)):
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) > LARGEST_INTEGER:
        raise Unfit(f"{name}: expected a whole number, got {_shown(item.get(name))}")
    return value


def flag(item: Mapping[str, Any], name: str) -> bool | None:
    """True or false."""
    value = item.get(name)
    if value is None or isinstance(value, bool):
        return value
    raise Unfit(f"{name}: expected true or false, got {_shown(value)}")


def texts(item: Mapping[str, Any], name: str) -> list[str] | None:
    """A list of texts; an empty one is no information and becomes None."""
    value = item.get(name)
    if value is None or value == {}:
        return None
    if not isinstance(value, list):
        raise Unfit(f"{name}: expected a list, got {_shown(value)}")
    return [str(one) for one in value] or None


def mapping(item: Mapping[str, Any], name: str) -> dict[str, Any]:
    """An object; {} where it is absent."""
    value = item.get(name)
    if value is None or value == []:
        return {}
    if not isinstance(value, Mapping):
        raise Unfit(f"{name}: expected an object, got {_shown(value)}")
    return dict(value)


def objects(item: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """A list of objects; [] where it is absent."""
    value = item.get(name)
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(one, Mapping) for one in value):
        raise Unfit(f"{name}: expected a list of objects, got {_shown(value)}")
    return value


def epoch(item: Mapping[str, Any], name: str) -> datetime | None:
    """Naive UTC of epoch seconds; a number too large for seconds is milliseconds."""
    value = item.get(name)
    if value is None:
        return None
    if isinstance(value, str) and re.fullmatch(r"\d+", value):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e14:
        raise Unfit(f"{name}: expected epoch seconds, got {_shown(value)}")
    return datetime.fromtimestamp(value / 1000 if value > 1e11 else value, UTC).replace(tzinfo=None)


def moment(item: Mapping[str, Any], name: str) -> datetime | None:
    """Naive UTC of an ISO 8601 time; one without a zone is UTC already."""
    value = item.get(name)
    if value is None or value == "":
        return None
    try:
        parsed = datetime.fromisoformat(value)
    except (ValueError, TypeError):
        raise Unfit(f"{name}: expected an ISO 8601 time, got {_shown(value)}") from None
    return parsed.astimezone(UTC).replace(tzinfo=None) if parsed.tzinfo else parsed


def _shown(value: Any) -> str:
    return f"{type(value).__name__} {str(value)[:60]!r}"
