"""Stripe: customers, products, prices, subscriptions, invoices, payments, refunds, disputes and the fees they cost.

Lists come newest first and have no "changed since", so each list is read whole once (resumed where a run was killed), and
from then on `/v1/events` says what changed: the newest event of an object carries its state; where two events of one object
share the newest second, the object is read again. Events are kept for 30 days; a pause longer than RELIST_DAYS, or a
key that may not read events, means that the lists are read whole again. Balance transactions have no events and do not
change: they are read by `created`, with an overlap. Which invoice a charge pays is asked of invoice payments, whole when
the charges are listed and one by one for those that events bring.

What subscriptions were before is kept: each event says what one was from its moment on, and a subscription that is
read again and differs says since when that was seen.

Lists are asked for in one version of the API; events come in the account's own. Both shapes are accepted, before and after the API version 2025-03-31 (periods on subscription items, `parent` and
`pricing` on invoices and lines, no `charge.invoice`). Amounts are minor units as Stripe gives them, so those of
zero-decimal currencies are too. https://docs.stripe.com/api
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC
from typing import Any

from data_sources.billing.stripe import shapes, subscriptions
from data_sources.failures import BadPayload, Forbidden, NotFound, Refused, SourceError
from data_sources.records import (
    BalanceFee,
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
from data_sources.streams import (
    Connector,
    Desk,
    Gone,
    Handed,
    Page,
    Patch,
    Stream,
    api,
    fit,
    mapping,
    needed,
    text,
    walk,
    whole,
)

VERSION = "2025-03-31.basil"
PAGE = 100
OVERLAP = 3600
RELIST_DAYS = 28
DAY = 86_400
CHANGES = "changes"


class NewestFirst:
    """A Stripe list: `starting_after` the last id, while `has_more`."""

    whole = True

    def first(self, cursor: dict[str, Any] | None, desk: Desk) -> dict[str, Any] | None:
        """The whole list, or the rest of one that was interrupted; None once it is complete and events are enough."""
        if cursor and cursor["state"] == "complete" and not _outdated(desk):
            return None
        if cursor and cursor["state"] == "loading":
            return {"limit": PAGE, "created[lte]": cursor["oldest"]}
        return {"limit": PAGE}

    def items(self, body: Any) -> list[Any]:
        """The `data` of an answer."""
        data = body.get("data") if isinstance(body, Mapping) else None
        if not isinstance(data, list):
            raise BadPayload("Stripe: expected {'data': […], 'has_more': …}")
        return data

    def following(self, body: Any, request: dict[str, Any]) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
        """The next page. The reader makes the cursor, because it knows when the list was begun."""
        items = self.items(body)
        last = next((one["id"] for one in reversed(items) if isinstance(one, Mapping) and one.get("id")), None)
        if body.get("has_more") and last is None:
            raise BadPayload("Stripe: has_more without a last id")
        return ({**request, "starting_after": last} if body.get("has_more") else None), None


PAGER = NewestFirst()


def _seconds(desk: Desk) -> int:
    return int(desk.now.replace(tzinfo=UTC).timestamp())


def _outdated(desk: Desk) -> bool:
    """Whether events cannot tell any more what changed since the lists were read."""
    changes = desk.cursors.get(CHANGES)
    return bool(changes) and (
        changes.get("unavailable", False) or _seconds(desk) - changes["since"] > RELIST_DAYS * DAY
    )


def _read_list(stream: Stream, desk: Desk, cursor: dict[str, Any] | None) -> Iterator[Page]:
    """A whole list, its cursor holding when it was begun and how far back it came."""
    request = PAGER.first(cursor, desk)
    if request is None:
        return
    resumed = bool(cursor) and cursor["state"] == "loading"
    started = cursor["started"] if resumed else _seconds(desk) - OVERLAP
    oldest = cursor["oldest"] if resumed else None
    for items, following, _ in walk(stream, desk, request):
        handed = [one for item in items for one in fit(stream.records, item, desk)]
        oldest = min([*_created(items), *([oldest] if oldest is not None else [])], default=None)
        mark = {"state": "complete", "started": started}
        if following is not None:
            mark = {"state": "loading", "started": started, "oldest": oldest} if oldest is not None else None
        yield Page(handed, mark, whole=following is None and not resumed)


def _read_subscriptions(stream: Stream, desk: Desk, cursor: dict[str, Any] | None) -> Iterator[Page]:
    """The list of subscriptions, with what was seen to have changed since they were read."""
    yield from _read_list(replace(stream, records=subscriptions.listed), desk, cursor)


def _read_payments(stream: Stream, desk: Desk, cursor: dict[str, Any] | None) -> Iterator[Page]:
    """The list of charges, after the list of what they pay; an account that has none of that is read without."""
    if PAGER.first(cursor, desk) is not None:
        learning = Stream("", shapes.INVOICE_PAYMENTS, (), shapes.learn_invoice, stream.permission, PAGER)
        try:
            for items, _, _ in walk(learning, desk, {"limit": PAGE}):
                for item in items:
                    fit(learning.records, item, desk)
        except (Forbidden, NotFound, Refused):
            desk.memory[shapes.INVOICE_OF] = {}
        desk.memory[shapes.ALL_LEARNED] = True
    yield from _read_list(stream, desk, cursor)
    desk.memory.pop(shapes.ALL_LEARNED, None)


def _created(items: list[Any]) -> list[int]:
    found = [item.get("created") for item in items if isinstance(item, Mapping)]
    return [second for second in found if isinstance(second, int) and not isinstance(second, bool)]


def _read_by_creation(stream: Stream, desk: Desk, cursor: dict[str, Any] | None) -> Iterator[Page]:
    """What was created since the greatest `created` that is stored; newest first, so the cursor moves at the end."""
    since = (cursor or {}).get("newest")
    newest = since or 0
    request: dict[str, Any] | None = {"limit": PAGE}
    if since is not None:
        request["created[gte]"] = max(0, since - OVERLAP)
    elif cursor:
        request["created[lte]"], newest = cursor["oldest"], cursor["reached"]
    for items, following, _ in walk(stream, desk, request):
        handed = [one for item in items for one in fit(stream.records, item, desk)]
        created = _created(items)
        newest = max([newest, *created])
        if following is None:
            mark = {"newest": newest}
        else:
            mark = {"oldest": min(created), "reached": newest} if since is None and created else None
        yield Page(handed, mark)


def _read_changes(stream: Stream, desk: Desk, cursor: dict[str, Any] | None) -> Iterator[Page]:
    """Events since the last time. The cursor is stored at the end, since the newest come first."""
    listed = [desk.cursors[name]["started"] for name in LISTED if name in desk.cursors]
    begun = min(listed, default=_seconds(desk) - OVERLAP)
    # Lists read again since then know more than events that came before them.
    since = max(cursor["since"], begun) if cursor and not cursor.get("unavailable") else begun
    known_events = set((cursor or {}).get("events", ()))
    newest, recent = max(since, _seconds(desk) - OVERLAP), {}
    seen: dict[str, tuple[int, bool]] = {}
    again: dict[str, Stream] = {}
    request = {"limit": PAGE, "created[gte]": since - OVERLAP if cursor else since}

    def changed(event: Mapping[str, Any], desk: Desk) -> Iterator[Handed]:
        return _event(event, desk, known_events, seen, again, recent)

    try:
        for events, _, _ in walk(stream, desk, request):
            handed = [one for event in events for one in fit(changed, event, desk)]
            newest = max([newest, *recent.values()])
            yield Page(handed)
    except (Forbidden, NotFound):
        yield Page([], {"since": since, "unavailable": True})
        raise
    yield Page(_read_again(desk, again))
    keep = sorted(event for event, created in recent.items() if created >= newest - 2 * OVERLAP)
    yield Page([], {"since": newest, "events": keep})


def _event(
    event: Mapping[str, Any],
    desk: Desk,
    known: set[str],
    seen: dict[str, tuple[int, bool]],
    again: dict[str, Stream],
    recent: dict[str, int],
) -> Iterator[Handed]:
    """The state that an event leaves its object in; nothing for objects that we do not read or have newer news of.

    `seen` holds the second of the newest event of each object, and whether an earlier run has read it: an event that was known
    then is newer than an older one that comes to light now.
    """
    name, created, kind = needed(event, "id"), whole(event, "created"), text(event, "type") or ""
    thing = mapping(mapping(event, "data"), "object")
    stream, identifier = BY_OBJECT.get(thing.get("object")), thing.get("id")
    recent[name] = created or 0
    if stream is None or not identifier:
        return
    was_known = name in known
    if identifier in seen:
        if seen[identifier][0] == created and not (was_known and seen[identifier][1]):
            again[identifier] = stream
        return
    seen[identifier] = (created or 0, was_known)
    if was_known:
        return
    if kind == f"{thing['object']}.deleted":
        yield _deleted(stream.tables[0], identifier, desk)
    else:
        yield from stream.records(thing, desk)


def _read_again(desk: Desk, again: Mapping[str, Stream]) -> list[Handed]:
    handed: list[Handed] = []
    for identifier, stream in again.items():
        try:
            item = desk.http.get(f"{stream.path}/{identifier}")
        except NotFound:
            handed.append(_deleted(stream.tables[0], identifier, desk))
        else:
            handed += fit(stream.records, item, desk)
    return handed


def _deleted(model: type[Record], identifier: str, desk: Desk) -> Handed:
    """A customer is kept and marked, because their invoices are; anything else that Stripe deletes never cost anyone money."""
    if model is BillingCustomer:
        return Patch(BillingCustomer, identifier, {"deleted": True})
    return Gone(model, identifier)


def _list(name: str, path: str, tables: tuple[type[Record], ...], records: Any, permission: str, **more: Any) -> Stream:
    told = {key: more.pop(key) for key in ("without", "without_on") if key in more}
    reader = more.pop("reader", _read_list)
    missing = _deleted_if_first(tables[0])
    return Stream(name, path, tables, records, permission, PAGER, more, missing=missing, reader=reader, **told)


def _deleted_if_first(first: type[Record]) -> Any:
    """Items and lines go with their parent, by `Only`; here only the listed objects themselves can be missing."""

    def missing(model: type[Record], identifier: str, desk: Desk) -> Handed | None:
        return _deleted(model, identifier, desk) if model is first else None

    return missing


BY_OBJECT = {
    "product": _list("products", "v1/products", (Product,), shapes.product, "Products: read"),
    "price": _list("prices", "v1/prices", (Price,), shapes.price, "Prices: read", **{"expand[]": "data.tiers"}),
    "customer": _list("customers", "v1/customers", (BillingCustomer,), shapes.customer, "Customers: read"),
    "subscription": _list(
        "subscriptions",
        "v1/subscriptions",
        (Subscription, SubscriptionItem, SubscriptionChange, Discount),
        subscriptions.subscription,
        "Subscriptions: read",
        reader=_read_subscriptions,
        status="all",
        **{"expand[]": "data.discounts"},
    ),
    "invoice": _list(
        "invoices",
        "v1/invoices",
        (Invoice, InvoiceLine, Discount),
        shapes.invoice,
        "Invoices: read",
        **{"expand[]": "data.discounts"},
    ),
    "credit_note": _list(
        "credit_notes",
        "v1/credit_notes",
        (CreditNote,),
        shapes.credit_note,
        "Credit notes: read",
        without="the key may not read credit notes: what they take back is not known",
        without_on=(Forbidden, NotFound),
    ),
    "charge": _list(
        "payments", "v1/charges", (Payment,), shapes.payment, "Charges and refunds: read", reader=_read_payments
    ),
    "refund": _list("refunds", "v1/refunds", (Refund,), shapes.refund, "Charges and refunds: read"),
    "dispute": _list("disputes", "v1/disputes", (Dispute,), shapes.dispute, "Disputes: read"),
}
LISTED = tuple(stream.name for stream in BY_OBJECT.values())
STREAMS = (
    *BY_OBJECT.values(),
    Stream(
        "balance_fees",
        "v1/balance_transactions",
        (BalanceFee,),
        shapes.balance_fee,
        "Balance: read",
        PAGER,
        reader=_read_by_creation,
    ),
    Stream(
        "subscription_history",
        "v1/events",
        (SubscriptionChange, Discount),
        subscriptions.history,
        "Events: read",
        PAGER,
        {"type": "customer.subscription.*"},
        needs=("subscriptions",),
        without="the key may not read events: what subscriptions were before is known from bills alone",
        without_on=(Forbidden, NotFound),
        reader=_read_by_creation,
    ),
    Stream(
        CHANGES,
        "v1/events",
        (),
        shapes.nothing,
        "Events: read",
        PAGER,
        needs=LISTED,
        without="the key may not read events: every list is read whole each time instead",
        without_on=(Forbidden, NotFound),
        reader=_read_changes,
    ),
)


def _headers(source: Any, secret: str) -> Mapping[str, str]:
    if not secret:
        raise SourceError('key: missing; write key = "env:NAME" and put a restricted key there')
    return {"Authorization": f"Bearer {secret}", "Stripe-Version": VERSION}


CONNECTOR = Connector(
    kind="stripe",
    label="Stripe",
    open=api(_headers),
    streams=lambda source: STREAMS,
    settings='key = "env:…" (a restricted key that may read what is billed, and events)',
)
