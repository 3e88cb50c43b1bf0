"""Chargebee: customers, the catalog, subscriptions and their events, invoices, credit notes and transactions.

Every list is read by `updated_at`, oldest first where Chargebee sorts it so, and from there on only what was updated since
(OVERLAP earlier, because its lists lag behind). Deleted records are listed, too (`include_deleted`). A site has Product
Catalog 1 (plans, addons) or 2 (items, item prices); it refuses the lists of the other, so program.toml says which it is.

Amounts are minor units, times are epoch seconds, but `resource_version` is in milliseconds and so orders changes within a
second. The end of a term may be written as its last second. https://apidocs.chargebee.com/docs/api
"""

from collections.abc import Iterator, Mapping
from typing import Any

from data_sources.billing.chargebee import catalog, shapes, subscriptions
from data_sources.failures import BadPayload, Forbidden, NotFound, SourceError
from data_sources.http import basic
from data_sources.records import (
    BillingCustomer,
    CreditNote,
    Discount,
    Dispute,
    Invoice,
    InvoiceLine,
    Payment,
    Price,
    Product,
    Record,
    Refund,
    Subscription,
    SubscriptionChange,
    SubscriptionItem,
)
from data_sources.streams import Connector, Desk, Page, Stream, api, fit, walk

PAGE = 100
OVERLAP = 300


class Offsets:
    """`{"list": [{"customer": {…}}], "next_offset": "…"}`, read by the time that `dated` names; `sorted` where it sorts by it."""

    whole = False

    def __init__(self, entity: str, dated: str = "updated_at", *, ordered: bool = True, **more: str) -> None:
        self.entity, self.dated, self.ordered, self.more = entity, dated, ordered, more

    def first(self, cursor: dict[str, Any] | None, desk: Desk) -> dict[str, Any] | None:
        """From the start, or what is newer than the cursor less the overlap."""
        request: dict[str, Any] = {"limit": PAGE, **self.more}
        if self.ordered:
            request["sort_by[asc]"] = self.dated
        if cursor:
            request[f"{self.dated}[after]"] = max(0, cursor["since"] - OVERLAP)
        return request

    def items(self, body: Any) -> list[Any]:
        """The entities of an answer, each out of its wrapping."""
        listed = body.get("list") if isinstance(body, Mapping) else None
        if not isinstance(listed, list):
            raise BadPayload("Chargebee: expected {'list': […]}")
        return [one.get(self.entity) if isinstance(one, Mapping) else one for one in listed]

    def following(self, body: Any, request: dict[str, Any]) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
        """The next page by its offset. The reader makes the cursor, because only it knows what came before."""
        offset = body.get("next_offset")
        return ({**request, "offset": offset} if offset else None), None


def _read(stream: Stream, desk: Desk, cursor: dict[str, Any] | None) -> Iterator[Page]:
    """What was updated since the cursor, which moves with every page of a sorted list, else at the end."""
    pager, since = stream.pager, (cursor or {}).get("since", 0)
    for items, following, _ in walk(stream, desk, pager.first(cursor, desk)):
        handed = [one for item in items for one in fit(stream.records, item, desk)]
        dates = [one.get(pager.dated) for one in items if isinstance(one, Mapping)]
        since = max([since, *(at for at in dates if isinstance(at, int) and not isinstance(at, bool))])
        yield Page(handed, {"since": since} if pager.ordered or following is None else None)


def _list(entity: str, tables: tuple[type[Record], ...], records: Any, permission: str, **more: Any) -> Stream:
    name = f"{entity}s"
    told = {key: more.pop(key) for key in ("without", "without_on", "needs") if key in more}
    return Stream(name, f"api/v2/{name}", tables, records, permission, Offsets(entity, **more), reader=_read, **told)


DELETED = {"include_deleted": "true"}
CATALOGS = {
    1: (
        _list("plan", (Product, Price), catalog.plan, "plans: read", ordered=False),
        _list("addon", (Product, Price), catalog.addon, "addons: read", ordered=False),
    ),
    2: (
        _list("item", (Product,), catalog.item, "items: read"),
        _list("item_price", (Price,), catalog.item_price, "item prices: read"),
    ),
}
STREAMS = (
    _list("coupon", (Discount,), catalog.coupon, "coupons: read", ordered=False),
    _list("customer", (BillingCustomer,), shapes.customer, "customers: read", **DELETED),
    _list(
        "subscription",
        (Subscription, SubscriptionItem, SubscriptionChange, Price),
        subscriptions.listed,
        "subscriptions: read",
        **DELETED,
    ),
    _list("transaction", (Payment, Refund, Dispute), shapes.transaction, "transactions: read", **DELETED),
    _list("invoice", (Invoice, InvoiceLine), shapes.invoice, "invoices: read", **DELETED),
    _list("credit_note", (CreditNote,), shapes.credit_note, "credit notes: read", ordered=False, **DELETED),
    Stream(
        "subscription_history",
        "api/v2/events",
        (SubscriptionChange, Price),
        subscriptions.history,
        "events: read",
        Offsets("event", "occurred_at", **{"event_type[in]": subscriptions.EVENTS}),
        reader=_read,
        needs=("subscriptions",),
        without="the key may not read events: what subscriptions were before is known from bills and from when they were read",
        without_on=(Forbidden, NotFound),
    ),
)


def _headers(source: Any, secret: str) -> Mapping[str, str]:
    if not secret:
        raise SourceError('key: missing; write key = "env:NAME" and put a read-only API key there')
    return {"Authorization": basic(secret, "")}


CONNECTOR = Connector(
    kind="chargebee",
    label="Chargebee",
    open=api(_headers),
    streams=lambda source: CATALOGS[getattr(source, "product_catalog", 2)] + STREAMS,
    settings='url = "https://yours.chargebee.com", key = "env:…" (read-only), product_catalog = 1 where the site has plans',
)
