"""Apigee's registry: developers, their apps with the keys, the products that a key is for, and the proxies.

Every list is read whole each time. A key is known here as analytics records have it in `credential_ref`: hashed, never as it
is, and its secret is dropped unread. A key that is gone is kept with `revoked_at`, because old calls still name it.
https://cloud.google.com/apigee/docs/reference/apis/apigee/rest
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from data_sources import credentials
from data_sources.failures import BadPayload, SourceError
from data_sources.http import access_token
from data_sources.records import Application, Credential, Developer, Service
from data_sources.streams import Connector, Desk, Handed, Put, Stream, Unfit, api, epoch, needed, objects, text, texts

PAGE = 100
SCOPE = "https://www.googleapis.com/auth/cloud-platform"
TOKENS = "https://oauth2.googleapis.com/token"


class TokenPages:
    """`{"developer": […], "nextPageToken": "…"}`; Apigee leaves a list out where it is empty."""

    whole = True

    def __init__(self, name: str, paged: bool = True) -> None:
        self.name, self.asked = name, {"pageSize": PAGE} if paged else {}

    def first(self, cursor: dict[str, Any] | None, desk: Desk) -> dict[str, Any] | None:
        """From the start, whatever was read before."""
        return dict(self.asked)

    def items(self, body: Any) -> list[Any]:
        """The list of an answer."""
        found = body.get(self.name, []) if isinstance(body, Mapping) else None
        if not isinstance(found, list) or (not found and body.keys() - {self.name, "totalSize", "nextPageToken"}):
            raise BadPayload(f"Apigee: expected {{'{self.name}': […]}}")
        return found

    def following(self, body: Any, request: dict[str, Any]) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
        """The next page by its token; there is no cursor to keep."""
        token = text(body, "nextPageToken")
        return (self.asked | {"pageToken": token} if token else None), None


def _attributes(item: Mapping[str, Any]) -> dict[str, str]:
    return {needed(one, "name"): text(one, "value") or "" for one in objects(item, "attributes") if text(one, "name")}


def _named(attributes: Mapping[str, str], *names: str) -> str | None:
    return next((value for name, value in attributes.items() if value and name.lower() in names), None)


def _developer(item: Mapping[str, Any], desk: Desk) -> Iterator[Handed]:
    attributes = _attributes(item)
    yield Put(
        Developer,
        {
            "id": needed(item, "developerId"),
            "email": text(item, "email"),
            "name": " ".join(filter(None, (text(item, "firstName"), text(item, "lastName")))) or None,
            "organization_name": credentials.only(texts(item, "companies") or ()),
            "status": text(item, "status"),
            "attributes": {name: value for name, value in attributes.items() if name in ("referrer", "utm_source")}
            or None,
            "created_at": epoch(item, "createdAt"),
        },
    )


def _app(item: Mapping[str, Any], desk: Desk) -> Iterator[Handed]:
    app, attributes, keys = needed(item, "appId"), _attributes(item), objects(item, "credentials")
    developer = text(item, "developerId")
    products = {name for key in keys for name in _products(key)}
    yield Put(
        Application,
        {
            "id": app,
            "name": _named(attributes, "displayname") or text(item, "name"),
            "developer_id": developer,
            "plan": credentials.only(products),
            "environment": _named(attributes, "environment", "env"),
            "status": text(item, "status"),
            "created_at": epoch(item, "createdAt"),
        },
    )
    for key in keys:
        yield _credential(key, app, developer, attributes, desk)


def _credential(
    key: Mapping[str, Any], app: str, developer: str | None, attributes: Mapping[str, str], desk: Desk
) -> Put:
    raw = text(key, "consumerKey")
    if not raw:
        raise Unfit("consumerKey: missing")
    name, products, until = credentials.key_name(desk, raw), _products(key), text(key, "expiresAt")
    expired = epoch(key, "expiresAt") if until and not until.startswith("-") and until != "0" else None
    is_over = text(key, "status") == "revoked" or (expired is not None and expired <= desk.now)
    return Put(
        Credential,
        {
            "id": name,
            "kind": "key",
            "application_ref": app,
            "developer_ref": developer,
            "plan": credentials.only(products),
            "environment": _named(attributes, "environment", "env"),
            "groups": sorted(products) or None,
            "created_at": epoch(key, "issuedAt") if text(key, "issuedAt") not in (None, "-1", "0") else None,
            "revoked_at": credentials.ended(desk, name, expired if expired and expired <= desk.now else None)
            if is_over
            else None,
        },
    )


def _products(key: Mapping[str, Any]) -> list[str]:
    return [needed(one, "apiproduct") for one in objects(key, "apiProducts")]


def _proxy(item: Mapping[str, Any], desk: Desk) -> Iterator[Handed]:
    yield Put(Service, {"id": needed(item, "name"), "name": text(item, "name")})


def _gone(model: type, record: str, desk: Desk) -> Handed | None:
    return (credentials.revoked if model is Credential else credentials.removed)(model, record, desk)


def _streams(source: Any) -> Sequence[Stream]:
    def stream(
        name: str, path: str, tables: tuple[type, ...], records: Any, pager: TokenPages, **params: str
    ) -> Stream:
        permission = f"apigee.{path if path != 'apis' else 'proxies'}.list"
        where = f"v1/organizations/{source.organization}/{path}"
        return Stream(name, where, tables, records, permission, pager, params, missing=_gone)

    return (
        stream("developers", "developers", (Developer,), _developer, TokenPages("developer"), expand="true"),
        stream("apps", "apps", (Application, Credential), _app, TokenPages("app"), expand="true", includeCred="true"),
        stream("proxies", "apis", (Service,), _proxy, TokenPages("proxies", paged=False)),
    )


def _headers(source: Any, secret: str) -> Mapping[str, str]:
    if not secret:
        raise SourceError(
            'key: missing; write key = "secret:NAME" for a service account\'s JSON, or token for an access token'
        )
    if source.token:
        return {"Authorization": f"Bearer {secret}"}
    from authlib.integrations.requests_client import AssertionSession
    from joserfc.errors import JoseError
    from joserfc.jwk import RSAKey

    try:
        account = json.loads(secret)
        signed = {
            "key": RSAKey.import_key(account["private_key"]),
            "header": {"alg": "RS256", "kid": account["private_key_id"]},
        }
        session = AssertionSession(
            account.get("token_uri") or TOKENS,
            account["client_email"],
            None,
            claims={"scope": SCOPE},
            default_timeout=20,
            **signed,
        )
    except (ValueError, KeyError, TypeError, JoseError):
        raise SourceError("key: expected the JSON file of a service account in the secret that it names") from None
    return {"Authorization": f"Bearer {access_token('Apigee', session)}"}


CONNECTOR = Connector(
    kind="apigee",
    label="Apigee",
    open=api(_headers),
    streams=_streams,
    settings='organization = "…"; key = "secret:…" (the JSON of a service account that may read Apigee), or token = "env:…"',
)
