"""Lago: customers, plans, applied coupons, subscriptions, payments, invoices, fees (their lines) and credit notes.

Lago has no "updated since". Its small lists are read whole each time. Invoices are asked for by `issuing_date_from` and fees by
`created_at_from`: from the oldest bill that is not settled yet, and whole again every RELIST_DAYS, because a settled bill may
still be voided or its payment contested. A change of plan ends one subscription of Lago and begins another with the same
`external_id`, so its history is in the list; wallets are not read, and what was paid into them is no bill of a use.

Amounts are minor units (`amount_cents`, whole yen too). https://getlago.com/docs/api-reference/intro
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from data_sources.billing.lago import invoices, subscriptions
from data_sources.failures import BadPayload, Forbidden, NotFound, SourceError
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
    SubscriptionItem,
)
from data_sources.streams import Connector, Desk, Gone, Handed, Page, Patch, Stream, api, mapping, read_pages, whole

PAGE = 100
RELIST_DAYS = 7
OVERLAP = timedelta(days=2)


class Numbered:
    """`{"customers": […], "meta": {"next_page": 2}}`. A record's own id is `lago_id`."""

    whole = True

    def __init__(self, name: str) -> None:
        self.name = name

    def first(self, cursor: dict[str, Any] | None, desk: Desk) -> dict[str, Any] | None:
        """From the start, whatever was read before."""
        return {"page": 1, "per_page": PAGE}

    def items(self, body: Any) -> list[Any]:
        """The list of an answer, under its own name; `lago_id` is told as `id`."""
        listed = body.get(self.name) if isinstance(body, Mapping) else None
        if not isinstance(listed, list):
            raise BadPayload(f"Lago: expected {{'{self.name}': […], 'meta': …}}")
        return [{**one, "id": one.get("lago_id")} if isinstance(one, Mapping) else one for one in listed]

    def following(self, body: Any, request: dict[str, Any]) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
        """The next page by its number; there is no cursor to keep."""
        page = whole(mapping(body, "meta"), "next_page")
        return ({**request, "page": page} if page else None), None


class Since(Numbered):
    """The same, from a day on where the cursor allows."""

    def __init__(self, name: str, parameter: str) -> None:
        super().__init__(name)
        self.parameter = parameter

    def first(self, cursor: dict[str, Any] | None, desk: Desk) -> dict[str, Any] | None:
        """All of it, or what is no older than the oldest bill that was not settled."""
        since = self.since(cursor, desk)
        return {"page": 1, "per_page": PAGE} | ({self.parameter: since} if since else {})

    def since(self, cursor: dict[str, Any] | None, desk: Desk) -> str | None:
        """The day from which to read; None for a whole reading."""
        if not cursor or desk.now - datetime.fromisoformat(cursor["listed"]) >= timedelta(days=RELIST_DAYS):
            return None
        return cursor["since"]


def _read_since(stream: Stream, desk: Desk, cursor: dict[str, Any] | None) -> Iterator[Page]:
    """Pages whose cursor is stored with the last; only a whole reading tells what is gone."""
    everything = stream.pager.since(cursor, desk) is None
    for page in read_pages(stream, desk, cursor):
        mark = None
        if page.whole:
            listed = desk.now.isoformat() if everything else cursor["listed"]
            mark = {"listed": listed, "since": _unsettled(desk)}
        yield Page(page.handed, mark, page.whole and everything)


def _unsettled(desk: Desk) -> str:
    """The day, less OVERLAP, of the oldest bill that may still change by itself; of this one where all are settled."""
    waiting = [born for status, born in invoices.bills(desk).values() if status in ("draft", "open") and born]
    return (min([desk.now, *waiting]) - OVERLAP).date().isoformat()


def _gone(model: type[Record], record: str, desk: Desk) -> Handed | None:
    return Patch(model, record, {"deleted": True}) if model is BillingCustomer else Gone(model, record)


def _kept(model: type[Record], record: str, desk: Desk) -> Handed | None:
    """A plan or coupon that was deleted is still what bills name."""


def _list(name: str, tables: tuple[type[Record], ...], records: Any, **more: Any) -> Stream:
    told = {
        key: more.pop(key) for key in ("missing", "pager", "reader", "needs", "without", "without_on") if key in more
    }
    how = {"missing": _gone, "pager": Numbered(name)} | told
    return Stream(name, f"api/v1/{name}", tables, records, f"{name.replace('_', ' ')}: read", params=more, **how)


STREAMS = (
    _list("customers", (BillingCustomer,), subscriptions.customer),
    _list("plans", (Product, Price), subscriptions.plan, missing=_kept),
    _list("applied_coupons", (Discount,), subscriptions.applied_coupon, missing=_kept),
    _list(
        "subscriptions",
        (Subscription, SubscriptionItem, Price),
        subscriptions.subscription,
        needs=("plans",),
        missing=lambda model, record, desk: None if model is Price else Gone(model, record),
        **{"status[]": ["active", "pending", "terminated", "canceled"]},
    ),
    _list(
        "payments",
        (Payment,),
        invoices.payment,
        without="Lago tells no payments here: bills are paid on their own day, and refunds are in credit notes",
        without_on=(NotFound, Forbidden),
    ),
    _list(
        "invoices",
        (Invoice, Dispute),
        invoices.invoice,
        pager=Since("invoices", "issuing_date_from"),
        reader=_read_since,
    ),
    _list(
        "fees",
        (InvoiceLine,),
        invoices.fee,
        pager=Since("fees", "created_at_from"),
        reader=_read_since,
        needs=("invoices",),
    ),
    _list("credit_notes", (CreditNote, Refund), invoices.credit_note, needs=("payments",)),
)


def _headers(source: Any, secret: str) -> Mapping[str, str]:
    if not secret:
        raise SourceError('key: missing; write key = "env:NAME" and put an API key there')
    return {"Authorization": f"Bearer {secret}"}


CONNECTOR = Connector(
    kind="lago",
    label="Lago",
    open=api(_headers),
    streams=lambda source: STREAMS,
    settings='key = "env:…" (an API key that may read); url = "http://lago:3000" where you host it yourself',
)
