"""AWS API Gateway's registry through boto3: API keys, the usage plans that they are in, and the stages of REST APIs.

Every list is read whole each time: AWS has no "changed since". The id of a key is what access logs name as `apiKeyId`, and
`apiId/stage` is the service that they name, so calls find both. The value of a key is asked for nowhere, and dropped where
AWS sends it unasked. A key that is gone is kept with `revoked_at`, because old calls still name it. HTTP and WebSocket APIs
have no keys. https://docs.aws.amazon.com/apigateway/latest/api/API_Operations.html
"""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from data_sources import aws
from data_sources.failures import BadPayload, NotFound, Patience
from data_sources.records import Credential, Record, Service
from data_sources.streams import (
    Connector,
    Desk,
    Gone,
    Handed,
    Patch,
    Put,
    Stream,
    Unfit,
    flag,
    mapping,
    needed,
    objects,
    text,
    walk,
)

PAGE = 500
PATIENT = Patience()


class Calls(aws.Session):
    """A session with AWS that answers like `Http`: a path is the name of one of the client's operations."""

    def __init__(self, client: Any, secrets: tuple[str, ...]) -> None:
        super().__init__(client, secrets)
        client.meta.events.register("before-parse.api-gateway", _refuse_other_answers)

    def get(self, path: str, params: Mapping[str, Any] | None = None) -> Any:
        """What an operation answers, without the values of keys; or a SourceError."""
        answer = self.call(path, **(params or {}))
        for item in answer.get("items", ()):
            item.pop("value", None)
        return answer


def _refuse_other_answers(response_dict: Mapping[str, Any], **_: Any) -> None:
    """boto3 takes a login page of a proxy for an empty list, and an empty list would revoke every key."""
    if response_dict["status_code"] >= 300:
        return
    try:
        held = json.loads(response_dict["body"])
    except ValueError:
        held = None
    if not isinstance(held, dict):
        raise BadPayload("AWS: expected a JSON object; does a proxy answer instead?")


class PositionPages:
    """`{"items": […], "position": "…"}`: the position of an answer asks for the next page; none ends the list."""

    whole = True

    def first(self, cursor: dict[str, Any] | None, desk: Desk) -> dict[str, Any] | None:
        """From the start, whatever was read before."""
        return {"limit": PAGE}

    def items(self, body: Any) -> list[Any]:
        """The `items` of an answer; AWS leaves them out where there are none."""
        return body.get("items") or []

    def following(self, body: Any, request: dict[str, Any]) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
        """The next page by its position; there is no cursor to keep."""
        position = body.get("position")
        return ({"limit": PAGE, "position": position} if position else None), None


def _when(item: Mapping[str, Any], name: str) -> datetime | None:
    """Naive UTC of a time as boto3 gives it."""
    value = item.get(name)
    if value is not None and not isinstance(value, datetime):
        raise Unfit(f"{name}: expected a time, got {str(value)[:60]!r}")
    return value.astimezone(UTC).replace(tzinfo=None) if value else None


def _tagged(tags: Mapping[str, Any], *names: str) -> str | None:
    """The value of the first of these tags, however its name is spelled: Application-Id is application_id."""
    spelled = {re.sub(r"[\W_]+", "_", name.lower()): value for name, value in tags.items()}
    return next((str(spelled[name]) for name in names if spelled.get(name)), None)


def _tags(item: Mapping[str, Any]) -> list[str] | None:
    return [f"{name}:{value}" for name, value in sorted(mapping(item, "tags").items())] or None


def _learn_plan(item: Mapping[str, Any], desk: Desk) -> Iterator[Handed]:
    plan, plans = needed(item, "name"), desk.memory.setdefault("plans", {})
    stream = replace(PLAN_KEYS, params={"usagePlanId": needed(item, "id")})
    for keys, _, _ in walk(stream, desk, stream.pager.first(None, desk)):
        for key in keys:
            plans.setdefault(needed(key, "id"), set()).add(plan)
    yield from ()


def _key(item: Mapping[str, Any], desk: Desk) -> Iterator[Handed]:
    key, tags = needed(item, "id"), mapping(item, "tags")
    plans = sorted(desk.memory.get("plans", {}).get(key, ()))
    yield Put(
        Credential,
        {
            "id": key,
            "kind": "key",
            "custom_id": text(item, "customerId") or None,
            "username": text(item, "name"),
            "application_ref": _tagged(tags, "application_id", "app_id", "application", "app"),
            "developer_ref": _tagged(tags, "developer_id", "developer", "user_id"),
            # a key may be in a plan for each API; then no single one of them is its plan
            "plan": plans[0] if len(plans) == 1 else None,
            "environment": _tagged(tags, "environment", "env"),
            "groups": plans or None,
            "tags": _tags(item),
            "created_at": _when(item, "createdDate"),
            # AWS does not say when a key was disabled, only when it was last changed
            "revoked_at": _when(item, "lastUpdatedDate") or desk.now if flag(item, "enabled") is False else None,
        },
    )


def _stages(item: Mapping[str, Any], desk: Desk) -> Iterator[Handed]:
    """A service for each stage of a REST API."""
    api = needed(item, "id")
    try:
        answer = desk.http.get("get_stages", {"restApiId": api})
    except NotFound:
        return
    for stage in objects(answer, "item"):
        name = needed(stage, "stageName")
        yield Put(
            Service,
            {
                "id": f"{api}/{name}",
                "name": f"{text(item, 'name') or api}/{name}",
                "host": f"{api}.execute-api.{desk.source.region}.amazonaws.com",
                "tags": _tags(stage) or _tags(item),
                "created_at": _when(stage, "createdDate"),
            },
        )


def _revoked(model: type[Record], record: str, desk: Desk) -> Handed | None:
    """Dated when it was first missed."""
    if desk.stored(Credential, "revoked_at").get(record):
        return None
    return Patch(Credential, record, {"revoked_at": desk.now})


def _removed(model: type[Record], record: str, desk: Desk) -> Handed:
    return Gone(model, record)


def _nothing(item: Mapping[str, Any], desk: Desk) -> Iterator[Handed]:
    yield from ()


PLAN_KEYS = Stream(
    "plan_keys", "get_usage_plan_keys", (), _nothing, "apigateway:GET on /usageplans/*/keys", PositionPages()
)
STREAMS = (
    Stream("usage_plans", "get_usage_plans", (), _learn_plan, "apigateway:GET on /usageplans", PositionPages()),
    Stream(
        "keys",
        "get_api_keys",
        (Credential,),
        _key,
        "apigateway:GET on /apikeys",
        PositionPages(),
        {"includeValues": False},
        needs=("usage_plans",),
        missing=_revoked,
    ),
    Stream(
        "services",
        "get_rest_apis",
        (Service,),
        _stages,
        "apigateway:GET on /restapis",
        PositionPages(),
        missing=_removed,
    ),
)


@contextmanager
def _open(
    source: Any, *, desk: Desk, url: str | None, secret: str, patience: Patience = PATIENT, **_: Any
) -> Iterator[Desk]:
    client, secrets = aws.client("apigateway", source, url, secret, patience)
    desk.http = Calls(client, secrets)
    try:
        yield desk
    finally:
        client.close()


CONNECTOR = Connector(
    kind="aws_api_gateway",
    label="AWS API Gateway",
    open=_open,
    streams=lambda source: STREAMS,
    settings='region = "eu-central-1"; credentials as the AWS tools find them, or profile = "…", or key = "env:…" '
    "(ACCESS_KEY_ID:SECRET_ACCESS_KEY)",
)
