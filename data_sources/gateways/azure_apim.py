"""Azure API Management's registry: users, products, subscriptions (what holds the keys) and APIs, by the Resource Manager.

Every list is read whole each time. The name of a subscription is what gateway logs carry as `apimSubscriptionId`, that of a
user as `userId`, of a product as `productId`, of an API as `apiId`, so calls find all four. Azure has no applications: a
subscription is what a developer made for one, so it is handed over as one too. Keys themselves are asked for nowhere.
A subscription that is gone is kept with `revoked_at`, because old calls still name it; a user who is gone is removed.
https://learn.microsoft.com/rest/api/apimanagement/
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from data_sources import credentials
from data_sources.failures import BadPayload, SourceError
from data_sources.http import access_token
from data_sources.records import Application, Credential, Developer, Service
from data_sources.streams import Connector, Desk, Handed, Put, Stream, api, flag, mapping, moment, needed, objects, text

VERSION = "2024-05-01"
ENDED = ("cancelled", "expired", "rejected")
SCOPE = "https://management.azure.com/.default"


class LinkPages:
    """`{"value": […], "nextLink": "https://…?$skip=…"}`: what the link asks for is asked of the same address."""

    whole = True

    def first(self, cursor: dict[str, Any] | None, desk: Desk) -> dict[str, Any] | None:
        """From the start, whatever was read before."""
        return {"api-version": VERSION}

    def items(self, body: Any) -> list[Any]:
        """The `value` of an answer."""
        value = body.get("value") if isinstance(body, Mapping) else None
        if not isinstance(value, list):
            raise BadPayload("Azure: expected {'value': […]}")
        return value

    def following(self, body: Any, request: dict[str, Any]) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
        """The next page by its link; there is no cursor to keep."""
        link = text(body, "nextLink")
        return (dict(parse_qsl(urlsplit(link).query)) if link else None), None


def _held(item: Mapping[str, Any]) -> Mapping[str, Any]:
    return mapping(item, "properties")


def _last(path: str | None, kind: str) -> str | None:
    """The name at the end of `…/products/starter`, where the path is of that kind."""
    pieces = (path or "").rstrip("/").split("/")
    return pieces[-1] if len(pieces) > 1 and pieces[-2] == kind and pieces[-1] else None


def _user(item: Mapping[str, Any], desk: Desk) -> Iterator[Handed]:
    held = _held(item)
    groups = [
        name
        for name in (
            text(mapping(one, "properties") or one, "displayName") or text(one, "name")
            for one in objects(held, "groups")
        )
        if name
    ]
    yield Put(
        Developer,
        {
            "id": needed(item, "name"),
            "email": text(held, "email"),
            "name": " ".join(filter(None, (text(held, "firstName"), text(held, "lastName")))) or None,
            "status": text(held, "state"),
            "tags": sorted(groups) or None,
            "created_at": moment(held, "registrationDate"),
        },
    )


def _learn_product(item: Mapping[str, Any], desk: Desk) -> Iterator[Handed]:
    desk.memory.setdefault("products", {})[needed(item, "name")] = text(_held(item), "displayName")
    yield from ()


def _subscription(item: Mapping[str, Any], desk: Desk) -> Iterator[Handed]:
    name, held = needed(item, "name"), _held(item)
    product, owner = _last(text(held, "scope"), "products"), _last(text(held, "ownerId"), "users")
    label = desk.memory.get("products", {}).get(product)
    state, created = text(held, "state"), moment(held, "createdDate")
    yield Put(
        Application,
        {
            "id": name,
            "name": text(held, "displayName"),
            "developer_id": owner,
            "plan": product,
            "status": state,
            "credential_ref": name,
            "created_at": created,
        },
    )
    yield Put(
        Credential,
        {
            "id": name,
            "kind": "key",
            "username": text(held, "displayName"),
            "application_ref": name,
            "developer_ref": owner,
            "plan": product,
            "groups": [label] if label else None,
            "created_at": created,
            "revoked_at": credentials.ended(desk, name, moment(held, "endDate")) if state in ENDED else None,
        },
    )


def _api(item: Mapping[str, Any], desk: Desk) -> Iterator[Handed]:
    held = _held(item)
    name = needed(item, "name")
    if flag(held, "isCurrent") is False:
        return
    yield Put(
        Service,
        {
            "id": name,
            "name": text(held, "displayName") or name,
            "host": urlsplit(text(held, "serviceUrl") or "").hostname,
        },
    )


def _gone(model: type, record: str, desk: Desk) -> Handed | None:
    return (credentials.revoked if model is Credential else credentials.removed)(model, record, desk)


def _streams(source: Any) -> Sequence[Stream]:
    service = (
        f"subscriptions/{source.subscription}/resourceGroups/{source.resource_group}"
        f"/providers/Microsoft.ApiManagement/service/{source.service}"
    )

    def stream(name: str, tables: tuple[type, ...], records: Any, path: str = "", **more: Any) -> Stream:
        permission = f"Microsoft.ApiManagement/service/{path or name}/read"
        return Stream(name, f"{service}/{path or name}", tables, records, permission, LinkPages(), **more)

    return (
        stream("products", (), _learn_product),
        stream("users", (Developer,), _user, params={"expandGroups": "true"}, missing=_gone),
        stream("keys", (Application, Credential), _subscription, "subscriptions", needs=("products",), missing=_gone),
        stream("apis", (Service,), _api, missing=_gone),
    )


def _headers(source: Any, secret: str) -> Mapping[str, str]:
    if not secret:
        raise SourceError('key: missing; write key = "env:NAME" for a client secret, or token for an access token')
    if source.token:
        return {"Authorization": f"Bearer {secret}"}
    from authlib.integrations.requests_client import OAuth2Session

    session = OAuth2Session(source.client_id, secret, scope=SCOPE, token_endpoint_auth_method="client_secret_post")
    url = f"{source.login_url.rstrip('/')}/{source.tenant}/oauth2/v2.0/token"
    return {"Authorization": f"Bearer {access_token('Azure', session, url)}"}


CONNECTOR = Connector(
    kind="azure_apim",
    label="Azure API Management",
    open=api(_headers),
    streams=_streams,
    settings='subscription = "…", resource_group = "…", service = "…"; tenant, client_id and key = "env:…" (a client secret of an '
    'app that may read the service), or token = "env:…"',
)
