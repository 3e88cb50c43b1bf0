"""Kong's Admin API: consumers and their keys, the groups they are in, services and routes.

Every list is read whole each time: Kong has no "changed since", and a gateway's registry is small. A consumer or key that is
no longer listed is kept with `revoked_at`, because old calls still name it; a service or route that is gone is removed.
The key itself is never read into a record. https://developer.konghq.com/api/gateway/admin-ee/
"""

from collections.abc import Iterator, Mapping
from typing import Any

from data_sources.failures import BadPayload
from data_sources.records import Credential, Record, Route, Service
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
    mapping,
    needed,
    ref,
    text,
    texts,
)

PAGE = 1000


class OffsetPages:
    """`{"data": […], "offset": "…"}`: the offset of an answer asks for the next page; none ends the list."""

    whole = True

    def first(self, cursor: dict[str, Any] | None, desk: Desk) -> dict[str, Any] | None:
        """From the start, whatever was read before."""
        return {"size": PAGE}

    def items(self, body: Any) -> list[Any]:
        """The `data` of an answer; Kong writes an empty list as {}."""
        data = body.get("data") if isinstance(body, Mapping) else None
        if data == {}:
            return []
        if not isinstance(data, list):
            raise BadPayload("Kong: expected {'data': […]}; is this the Admin API, not the proxy?")
        return data

    def following(self, body: Any, request: dict[str, Any]) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
        """The next page by its offset; there is no cursor to keep."""
        offset = body.get("offset")
        return ({"size": PAGE, "offset": offset} if offset else None), None


def _learn_group(item: Mapping[str, Any], desk: Desk) -> Iterator[Handed]:
    consumer = ref(item, "consumer")
    if not consumer:
        raise Unfit("consumer: missing")
    desk.memory.setdefault("groups", {}).setdefault(consumer, set()).add(needed(item, "group"))
    yield from ()


def _groups(desk: Desk, consumer: str | None) -> list[str] | None:
    return sorted(desk.memory.get("groups", {}).get(consumer, ())) or None


def _tagged(tags: list[str] | None, *names: str) -> str | None:
    """The value of a `name:value` tag, the usual way to note a plan or environment in Kong."""
    pairs = (tag.split(":", 1) for tag in tags or () if ":" in tag)
    return next((value for name, value in pairs if name.lower() in names), None)


def _consumer(item: Mapping[str, Any], desk: Desk) -> Iterator[Handed]:
    consumer, tags = needed(item, "id"), texts(item, "tags")
    names = {"custom_id": text(item, "custom_id"), "username": text(item, "username")}
    desk.memory.setdefault("consumers", {})[consumer] = (names, tags)
    yield Put(
        Credential,
        {
            "id": consumer,
            "kind": "consumer",
            "consumer_id": consumer,
            **names,
            "plan": _tagged(tags, "plan"),
            "environment": _tagged(tags, "environment", "env"),
            "groups": _groups(desk, consumer),
            "tags": tags,
            "created_at": epoch(item, "created_at"),
        },
    )


def _key(item: Mapping[str, Any], desk: Desk) -> Iterator[Handed]:
    consumer, own_tags = ref(item, "consumer"), texts(item, "tags")
    names, tags = desk.memory.get("consumers", {}).get(consumer, ({"custom_id": None, "username": None}, None))
    yield Put(
        Credential,
        {
            "id": needed(item, "id"),
            "kind": "key",
            "consumer_id": consumer,
            **names,
            "plan": _tagged(own_tags, "plan") or _tagged(tags, "plan"),
            "environment": _tagged(own_tags, "environment", "env") or _tagged(tags, "environment", "env"),
            "groups": _groups(desk, consumer),
            "tags": own_tags,
            "created_at": epoch(item, "created_at"),
        },
    )


def _service(item: Mapping[str, Any], desk: Desk) -> Iterator[Handed]:
    yield Put(
        Service,
        {
            "id": needed(item, "id"),
            "name": text(item, "name"),
            "host": text(item, "host"),
            "tags": texts(item, "tags"),
            "created_at": epoch(item, "created_at"),
        },
    )


def _route(item: Mapping[str, Any], desk: Desk) -> Iterator[Handed]:
    yield Put(
        Route,
        {
            "id": needed(item, "id"),
            "service_id": mapping(item, "service").get("id"),
            "name": text(item, "name"),
            "paths": texts(item, "paths"),
            "methods": texts(item, "methods"),
            "tags": texts(item, "tags"),
            "created_at": epoch(item, "created_at"),
        },
    )


def _revoked(kind: str) -> Any:
    def missing(model: type[Record], record: str, desk: Desk) -> Handed | None:
        """Dated when it was first missed; a credential of the other kind is none of this list's business."""
        if desk.stored(Credential, "kind").get(record) != kind or desk.stored(Credential, "revoked_at").get(record):
            return None
        return Patch(Credential, record, {"revoked_at": desk.now})

    return missing


def _removed(model: type[Record], record: str, desk: Desk) -> Handed:
    return Gone(model, record)


STREAMS = (
    Stream("services", "services", (Service,), _service, "read /services", OffsetPages(), missing=_removed),
    Stream("routes", "routes", (Route,), _route, "read /routes", OffsetPages(), missing=_removed),
    Stream(
        "groups",
        "acls",
        (),
        _learn_group,
        "read /acls",
        OffsetPages(),
        without="Kong has no ACL plugin here: credentials have no groups",
    ),
    Stream(
        "consumers",
        "consumers",
        (Credential,),
        _consumer,
        "read /consumers",
        OffsetPages(),
        needs=("groups",),
        missing=_revoked("consumer"),
    ),
    Stream(
        "keys",
        "key-auths",
        (Credential,),
        _key,
        "read /key-auths",
        OffsetPages(),
        needs=("consumers",),
        missing=_revoked("key"),
    ),
)


def _headers(source: Any, secret: str) -> Mapping[str, str]:
    return {"Kong-Admin-Token": secret} if secret else {}


CONNECTOR = Connector(
    kind="kong",
    label="Kong Admin API",
    open=api(_headers),
    streams=lambda source: STREAMS,
    settings='url = "http://kong:8001" (with the workspace, if any), token = "env:…" where the Admin API asks for one',
)
