"""Tyk's registry by the Dashboard API: policies, developers of the portal, keys and APIs.

Every list is read whole each time. A key is known here as Tyk's logs have it in `credential_ref`: hashed once more, whether
Tyk keeps hashes or raw keys. A key that is gone is kept with `revoked_at`, because old calls still name it. Tyk's classic
portal has no applications; a key is the smallest thing that a developer owns. https://tyk.io/docs/api-reference/
"""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from data_sources import credentials
from data_sources.failures import BadPayload, SourceError
from data_sources.records import Credential, Developer, Service
from data_sources.streams import (
    Connector,
    Desk,
    Handed,
    Page,
    Put,
    Stream,
    api,
    epoch,
    fit,
    flag,
    mapping,
    moment,
    needed,
    text,
    texts,
    walk,
    whole,
)

NEVER = (None, 0, -1)


class NumberedPages:
    """`{"Data": […], "Pages": n}`, pages numbered from 1; other lists write `keys` or `apis`, and `pages`."""

    whole = True

    def __init__(self, name: str) -> None:
        self.name = name

    def first(self, cursor: dict[str, Any] | None, desk: Desk) -> dict[str, Any] | None:
        """From the start, whatever was read before."""
        return {"p": 1}

    def items(self, body: Any) -> list[Any]:
        """The list of an answer; Tyk writes an empty one as null."""
        if not isinstance(body, Mapping) or not isinstance(body.get(self.name, 0), list | None):
            raise BadPayload(f"Tyk: expected {{'{self.name}': […]}}; is this the Dashboard, not the gateway?")
        return body[self.name] or []

    def following(self, body: Any, request: dict[str, Any]) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
        """The next number as long as there are pages; there is no cursor to keep."""
        pages = whole(body, "Pages") or whole(body, "pages") or 1
        return ({"p": request["p"] + 1} if request["p"] < pages else None), None


def _read(stream: Stream, desk: Desk, cursor: dict[str, Any] | None) -> Iterator[Page]:
    """The pages; a number that brings the page before it again is an error, as numbers alone would never tell."""
    before: list[Any] = []
    for items, following, _ in walk(stream, desk, stream.pager.first(cursor, desk)):
        if items and items == before:
            raise BadPayload(f"{stream.path}: the paging stands still")
        before = list(items)
        yield Page([one for item in items for one in fit(stream.records, item, desk)], None, following is None)


def _learn_policy(item: Mapping[str, Any], desk: Desk) -> Iterator[Handed]:
    desk.memory.setdefault("policies", {})[text(item, "id") or needed(item, "_id")] = needed(item, "name")
    yield from ()


def _developer(item: Mapping[str, Any], desk: Desk) -> Iterator[Handed]:
    developer, fields = needed(item, "_id"), mapping(item, "fields")
    for key in mapping(item, "keys"):
        desk.memory.setdefault("owners", {})[key] = developer
    inactive = flag(item, "inactive")
    yield Put(
        Developer,
        {
            "id": developer,
            "email": text(item, "email"),
            "name": _field(fields, "name"),
            "organization_name": _field(fields, "company", "organisation", "organization"),
            "status": None if inactive is None else "inactive" if inactive else "active",
            "country": _field(fields, "country"),
            "created_at": moment(item, "date_created"),
        },
    )


def _field(fields: Mapping[str, Any], *names: str) -> str | None:
    return next((text(fields, name) for name in fields if name.lower() in names and fields[name]), None)


def _key(item: Mapping[str, Any], desk: Desk) -> Iterator[Handed]:
    listed, session = needed(item, "key_id"), mapping(item, "data")
    told, name = mapping(session, "meta_data"), credentials.key_name(desk, text(item, "key_hash") or listed)
    known = desk.memory.get("policies", {})
    policies = [known.get(policy, policy) for policy in texts(session, "apply_policies") or ()]
    expires = whole(session, "expires")
    expired = epoch(session, "expires") if expires not in NEVER else None
    is_over = flag(session, "is_inactive") or (expired is not None and expired <= desk.now)
    yield Put(
        Credential,
        {
            "id": name,
            "kind": "key",
            "username": text(session, "alias") or None,
            "application_ref": text(told, "application_id") or text(told, "app_id"),
            "developer_ref": text(told, "tyk_developer_id")
            or desk.memory.get("owners", {}).get(listed)
            or text(told, "email"),
            "plan": credentials.only(policies),
            "environment": text(told, "environment"),
            "groups": sorted(policies) or None,
            "tags": texts(session, "tags"),
            "created_at": moment(session, "date_created"),
            "revoked_at": credentials.ended(desk, name, expired if expired and expired <= desk.now else None)
            if is_over
            else None,
        },
    )


def _api(item: Mapping[str, Any], desk: Desk) -> Iterator[Handed]:
    held = mapping(item, "api_definition")
    target = text(mapping(held, "proxy"), "target_url")
    yield Put(
        Service,
        {
            "id": needed(held, "api_id"),
            "name": text(held, "name"),
            "host": urlsplit(target or "").hostname,
            "tags": texts(held, "tags"),
        },
    )


STREAMS = (
    Stream("policies", "api/portal/policies", (), _learn_policy, "policies: read", NumberedPages("Data"), reader=_read),
    Stream(
        "developers",
        "api/portal/developers",
        (Developer,),
        _developer,
        "portal: read",
        NumberedPages("Data"),
        missing=credentials.removed,
        reader=_read,
    ),
    Stream(
        "keys",
        "api/keys/detailed",
        (Credential,),
        _key,
        "keys: read",
        NumberedPages("keys"),
        needs=("policies", "developers"),
        missing=credentials.revoked,
        reader=_read,
    ),
    Stream(
        "apis",
        "api/apis",
        (Service,),
        _api,
        "apis: read",
        NumberedPages("apis"),
        missing=credentials.removed,
        reader=_read,
    ),
)


def _headers(source: Any, secret: str) -> Mapping[str, str]:
    if not secret:
        raise SourceError('token: missing; write token = "env:NAME" for a user\'s Dashboard API access credentials')
    return {"Authorization": secret}


CONNECTOR = Connector(
    kind="tyk",
    label="Tyk Dashboard",
    open=api(_headers),
    streams=lambda source: STREAMS,
    settings='url = "https://…" (of the Dashboard), token = "env:…" (a user\'s Dashboard API access credentials)',
)
