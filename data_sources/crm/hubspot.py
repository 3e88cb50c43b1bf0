"""HubSpot: companies, the people around them with their buying roles, and deals.

The lists (`/crm/v3/objects/…`) are read whole once and again every RELIST_DAYS. In between, the search endpoint gives what
was modified since the last run (OVERLAP earlier, because its index lags behind), and `archived=true` what was deleted. A
search never gives more than 10,000 results, so it is not paged: each question asks for greater record ids than the last
answer held. A search has no associations; they are read in a batch. What leaves no trace in a record (an association that
changed alone, a person deleted for good) shows with the next whole list.

Searches have a rate limit of their own, and HubSpot's 429 names the policy but no time: they are waited out by backoff,
but the daily one, which ends the run with HubSpot's words. https://developers.hubspot.com/docs/api-reference/crm-understanding-the-crm
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from data_sources import cells
from data_sources.failures import BadPayload, Forbidden, NotFound, SourceError
from data_sources.records import Contact, Opportunity, Organization, Record
from data_sources.streams import (
    LARGEST_INTEGER,
    Connector,
    Desk,
    Gone,
    Handed,
    Page,
    Put,
    Stream,
    Unfit,
    api,
    fit,
    mapping,
    moment,
    needed,
    objects,
    read_pages,
    text,
    walk,
    whole,
)

PAGE = 100
RELIST_DAYS = 7
OVERLAP = timedelta(minutes=10)
PRIMARY = {"contact_to_company", "deal_to_company"}  # others are …_unlabeled or an account's own labels


class AfterPages:
    """`{"results": […], "paging": {"next": {"after": "…"}}}`: `after` asks for the next page; without it the list ends."""

    whole = True

    def __init__(self, *archived: str) -> None:
        self.archived = archived or ("false",)

    def first(self, cursor: dict[str, Any] | None, desk: Desk) -> dict[str, Any] | None:
        """From the start, whatever was read before."""
        return {"limit": PAGE, "archived": self.archived[0]}

    def items(self, body: Any) -> list[Any]:
        """The `results` of an answer."""
        results = body.get("results") if isinstance(body, Mapping) else None
        if not isinstance(results, list):
            raise BadPayload("HubSpot: expected {'results': […]}")
        return results

    def following(self, body: Any, request: dict[str, Any]) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
        """The next page; after the last one of what lives, the first of what is archived where that is wanted."""
        after = text(mapping(mapping(body, "paging"), "next"), "after")
        if after:
            return request | {"after": after}, None
        later = self.archived[self.archived.index(request["archived"]) + 1 :]
        return ({"limit": PAGE, "archived": later[0]} if later else None), None


class WholePage:
    """A list that is never paged."""

    whole = True
    items = AfterPages.items

    def first(self, cursor: dict[str, Any] | None, desk: Desk) -> dict[str, Any] | None:
        """All of it."""
        return {}

    def following(self, body: Any, request: dict[str, Any]) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
        """Nothing follows."""
        return None, None


@dataclass(frozen=True)
class Kind:
    """A kind of CRM object: the property that dates its last change, and whose associations are read with it."""

    name: str
    modified: str
    properties: tuple[str, ...]
    associated: str | None = None


# Learning what ids mean


def _learn_owner(item: Mapping[str, Any], desk: Desk) -> Iterator[Handed]:
    name = " ".join(part for part in (text(item, "firstName"), text(item, "lastName")) if part)
    desk.memory.setdefault("owners", {})[needed(item, "id")] = name or text(item, "email")
    yield from ()


def _learn_stages(item: Mapping[str, Any], desk: Desk) -> Iterator[Handed]:
    for stage in objects(item, "stages"):
        closed = text(mapping(stage, "metadata"), "isClosed")
        desk.memory.setdefault("stages", {})[needed(stage, "id")] = (text(stage, "label"), closed)
    yield from ()


# Records


def _owner(held: Mapping[str, Any], desk: Desk) -> str | None:
    return desk.memory.get("owners", {}).get(text(held, "hubspot_owner_id"))


def _born(item: Mapping[str, Any], held: Mapping[str, Any]) -> datetime | None:
    return moment(held, "createdate") or moment(item, "createdAt")


def _named(held: Mapping[str, Any], *names: str) -> str | None:
    """The first of these properties that says something."""
    return next((value for value in (cells.text(text(held, name)) for name in names) if value), None)


def _kept(held: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any] | None:
    values = {name: cells.text(text(held, name)) for name in names}
    return {name: value for name, value in values.items() if value} or None


def _merged(model: type[Record], held: Mapping[str, Any]) -> Iterator[Handed]:
    """Records that were merged into this one are no longer there."""
    for loser in (text(held, "hs_merged_object_ids") or "").split(";"):
        if loser.strip():
            yield Gone(model, loser.strip())


def _company_of(item: Mapping[str, Any], primary: str | None) -> str | None:
    """The company of a contact or deal: the primary one, else the only one; of several, HubSpot does not say which."""
    if primary:
        return primary
    linked = objects(mapping(mapping(item, "associations"), "companies"), "results")
    first = {needed(one, "id") for one in linked if text(one, "type") in PRIMARY}
    every = {needed(one, "id") for one in linked}
    return next((ids.pop() for ids in (first, every) if len(ids) == 1), None)


def _company(item: Mapping[str, Any], desk: Desk, *, kept: tuple[str, ...]) -> Iterator[Handed]:
    held = mapping(item, "properties")
    employees = _number(held, "numberofemployees")
    yield Put(
        Organization,
        {
            "id": needed(item, "id"),
            "name": _named(held, "name"),
            "domain": _named(held, "domain", "website"),
            "parent_id": _named(held, "hs_parent_company_id"),
            "kind": cells.code(text(held, "type")),
            "employees": None if employees is None else int(employees),
            "country": _named(held, "hs_country_code", "country"),
            "owner": _owner(held, desk),
            "attributes": _kept(held, kept),
            "created_at": _born(item, held),
        },
    )
    yield from _merged(Organization, held)


def _contact(item: Mapping[str, Any], desk: Desk, *, kept: tuple[str, ...]) -> Iterator[Handed]:
    held = mapping(item, "properties")
    name = " ".join(part for part in (_named(held, "firstname"), _named(held, "lastname")) if part)
    yield Put(
        Contact,
        {
            "id": needed(item, "id"),
            "email": _named(held, "email"),
            "name": name or None,
            "title": _named(held, "jobtitle"),
            "role": cells.role(text(held, "hs_buying_role")),
            "organization_ref": _company_of(item, _named(held, "associatedcompanyid")),
            "organization_name": _named(held, "company"),
            "owner": _owner(held, desk),
            "country": _named(held, "hs_country_region_code", "country"),
            "attributes": _kept(held, kept),
            "created_at": _born(item, held),
        },
    )
    yield from _merged(Contact, held)


def _deal(item: Mapping[str, Any], desk: Desk, *, kept: tuple[str, ...]) -> Iterator[Handed]:
    held = mapping(item, "properties")
    stage, currency = text(held, "dealstage"), (_named(held, "deal_currency_code") or desk.currency).lower()
    label, ends = desk.memory.get("stages", {}).get(stage, (stage, None))
    closed = (text(held, "hs_is_closed") or ends or "").lower()
    yield Put(
        Opportunity,
        {
            "id": needed(item, "id"),
            "organization_ref": _company_of(item, _named(held, "hs_primary_associated_company")),
            "stage": label,
            "currency": currency,
            "amount": _minor(_number(held, "amount"), currency),
            "owner": _owner(held, desk),
            "created_at": _born(item, held),
            # of an open deal it is when somebody hopes to close it
            "closed_at": moment(held, "closedate") if closed == "true" else None,
        },
    )
    yield from _merged(Opportunity, held)


def _number(held: Mapping[str, Any], name: str) -> Decimal | None:
    try:
        return cells.decimal(text(held, name))
    except Unfit as error:
        raise Unfit(f"{name}: {error}") from None


def _minor(amount: Decimal | None, currency: str) -> int | None:
    """An amount as minor units; HubSpot keeps more decimals than a currency has where a deal is the sum of its lines."""
    if amount is None:
        return None
    minor = int(amount.scaleb(cells.minor_digits(currency)).to_integral_value())
    if abs(minor) > LARGEST_INTEGER:
        raise Unfit(f"amount: too large: {amount}")
    return minor


# Reading: whole lists, and between them what changed


def _read(kind: Kind, stream: Stream, desk: Desk, cursor: dict[str, Any] | None) -> Iterator[Page]:
    """All that there is where it was never read, long ago or with other properties; else what changed since."""
    now, asked = desk.now.isoformat(), stream.params["properties"]
    if cursor and cursor["properties"] == asked and not _outdated(desk, cursor):
        yield from _changes(kind, stream, desk, datetime.fromisoformat(cursor["since"]) - OVERLAP)
        yield from _archived(stream, desk)
        yield Page([], cursor | {"since": now})
        return
    fresh = {"listed": now, "since": now, "properties": asked}
    for page in read_pages(stream, desk, None):
        yield Page(page.handed, fresh if page.whole else None, page.whole)


def _outdated(desk: Desk, cursor: Mapping[str, Any]) -> bool:
    return desk.now - datetime.fromisoformat(cursor["listed"]) >= timedelta(days=RELIST_DAYS)


def _changes(kind: Kind, stream: Stream, desk: Desk, since: datetime) -> Iterator[Page]:
    greatest = 0
    while True:
        filters = [
            {"propertyName": kind.modified, "operator": "GTE", "value": str(_milliseconds(since))},
            {"propertyName": "hs_object_id", "operator": "GT", "value": str(greatest)},
        ]
        question = {
            "filterGroups": [{"filters": filters}],
            "sorts": [{"propertyName": "hs_object_id", "direction": "ASCENDING"}],
            "properties": stream.params["properties"].split(","),
            "limit": PAGE,
        }
        answer = desk.http.search(f"{stream.path}/search", question)
        items, left = stream.pager.items(answer), whole(answer, "total")
        ids = [int(one) for one in map(_id, items) if one and one.isdigit()]
        if kind.associated and ids:
            items = _with_associations(kind, items, desk)
        yield Page([one for item in items for one in fit(stream.records, item, desk)])
        if len(items) < PAGE and len(items) >= (left or 0):
            return
        if max(ids, default=0) <= greatest:
            raise BadPayload(f"HubSpot: the search of {kind.name} stands still at record {greatest}")
        greatest = max(ids)


def _with_associations(kind: Kind, items: list[Any], desk: Desk) -> list[Any]:
    """The items of a search as a list would give them: with their associations."""
    path = f"crm/v3/associations/{kind.name}/{kind.associated}/batch/read"
    answer = desk.http.search(path, {"inputs": [{"id": one} for one in map(_id, items) if one]})
    found: dict[str, list[Any]] = {}
    for one in AfterPages().items(answer):
        if not isinstance(one, Mapping):
            raise BadPayload(f"HubSpot: {path}: expected objects")
        found[needed(mapping(one, "from"), "id")] = list(objects(one, "to"))
    return [
        {**item, "associations": {kind.associated: {"results": found.get(_id(item), [])}}}
        if isinstance(item, Mapping)
        else item
        for item in items
    ]


def _archived(stream: Stream, desk: Desk) -> Iterator[Page]:
    """What was deleted in the last 90 days: HubSpot keeps it that long, and its list has no "since"."""
    bin_ = replace(stream, pager=AfterPages("true"))
    for items, _, _ in walk(bin_, desk, bin_.pager.first(None, desk)):
        yield Page([Gone(model, one) for model in stream.tables for one in map(_id, items) if one])


def _id(item: Any) -> str | None:
    held = item.get("id") if isinstance(item, Mapping) else None
    return None if held is None else str(held)


def _milliseconds(moment_: datetime) -> int:
    return int(moment_.replace(tzinfo=UTC).timestamp() * 1000)


def _removed(model: type[Record], record: str, desk: Desk) -> Handed:
    return Gone(model, record)


EVERY = ("createdate", "hubspot_owner_id", "hs_merged_object_ids")
COMPANY = (
    "name",
    "domain",
    "website",
    "type",
    "hs_parent_company_id",
    "numberofemployees",
    "country",
    "hs_country_code",
)
CONTACT = ("email", "firstname", "lastname", "jobtitle", "company", "associatedcompanyid", "hs_buying_role")
CONTACT += ("country", "hs_country_region_code")
DEAL = ("dealstage", "amount", "deal_currency_code", "closedate", "hs_is_closed", "hs_primary_associated_company")
KEPT_OF_COMPANY = ("industry", "lifecyclestage", "website", "hs_additional_domains")
KEPT_OF_CONTACT = ("hs_buying_role", "lifecyclestage", "hs_additional_emails")


def _stream(
    kind: Kind, model: type[Record], records: Any, permission: str, kept: tuple[str, ...], needs: tuple[str, ...]
) -> Stream:
    asked = {"properties": ",".join(dict.fromkeys((*EVERY, kind.modified, *kind.properties, *kept)))}
    if kind.associated:
        asked["associations"] = kind.associated
    return Stream(
        kind.name,
        f"crm/v3/objects/{kind.name}",
        (model,),
        partial(records, kept=kept),
        permission,
        AfterPages(),
        asked,
        needs,
        missing=_removed,
        reader=partial(_read, kind),
    )


def _streams(source: Any) -> tuple[Stream, ...]:
    more = tuple(getattr(source, "properties", ()))
    return (
        Stream(
            "owners",
            "crm/v3/owners",
            (),
            _learn_owner,
            "crm.objects.owners.read",
            AfterPages("false", "true"),
            without="companies, contacts and deals have no owners: the token lacks crm.objects.owners.read",
            without_on=(NotFound, Forbidden),
        ),
        Stream(
            "pipelines",
            "crm/v3/pipelines/deals",
            (),
            _learn_stages,
            "crm.objects.deals.read",
            WholePage(),
            without="deals have HubSpot's own ids of their stages",
            without_on=(NotFound, Forbidden),
        ),
        _stream(
            Kind("companies", "hs_lastmodifieddate", COMPANY),
            Organization,
            _company,
            "crm.objects.companies.read",
            KEPT_OF_COMPANY + more,
            ("owners",),
        ),
        _stream(
            Kind("contacts", "lastmodifieddate", CONTACT, "companies"),
            Contact,
            _contact,
            "crm.objects.contacts.read",
            KEPT_OF_CONTACT + more,
            ("owners",),
        ),
        _stream(
            Kind("deals", "hs_lastmodifieddate", DEAL, "companies"),
            Opportunity,
            _deal,
            "crm.objects.deals.read",
            more,
            ("owners", "pipelines"),
        ),
    )


def _headers(source: Any, secret: str) -> Mapping[str, str]:
    if not secret:
        raise SourceError('token: missing; write token = "env:NAME" and put the private app\'s access token there')
    return {"Authorization": f"Bearer {secret}"}


CONNECTOR = Connector(
    kind="hubspot",
    label="HubSpot",
    open=api(_headers),
    streams=_streams,
    settings='token = "env:…" (of a private app); properties = ["…"] for further properties to keep',
)
