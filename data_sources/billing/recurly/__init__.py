"""Recurly's API v2021-02-25: accounts, plans, add-ons, coupons, subscriptions, invoices, line items, transactions, credit payments.

Every list is read by `updated_at`, oldest first, and from there on only what was updated since (OVERLAP earlier). `next` is a
path with a cursor; only its query is taken, so it leads nowhere else. Amounts are whole units with decimals: they are read by
their digits, never calculated with as floats. `canceled` means "will not renew", and `expired` is over.
https://recurly.com/developers/api/v2021-02-25/
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from data_sources.billing.recurly import catalog, invoices, subscriptions
from data_sources.failures import BadPayload, Forbidden, NotFound, SourceError
from data_sources.http import basic
from data_sources.records import (
    BillingCustomer,
    CreditNote,
    Discount,
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
from data_sources.streams import Connector, Desk, Stream, Unfit, api, moment

VERSION = "application/vnd.recurly.v2021-02-25"
PAGE = 200
OVERLAP = timedelta(minutes=5)


class NextPaths:
    """`{"data": […], "has_more": true, "next": "/accounts?cursor=…"}`, the cursor moving with what was updated last."""

    whole = False

    def first(self, cursor: dict[str, Any] | None, desk: Desk) -> dict[str, Any] | None:
        """From the start, or what was updated since the cursor less the overlap."""
        request: dict[str, Any] = {"limit": PAGE, "sort": "updated_at", "order": "asc"}
        if cursor:
            since = datetime.fromisoformat(cursor["since"]) - OVERLAP
            request["begin_time"] = since.replace(tzinfo=UTC).isoformat().replace("+00:00", "Z")
        return request

    def items(self, body: Any) -> list[Any]:
        """The `data` of an answer."""
        data = body.get("data") if isinstance(body, Mapping) else None
        if not isinstance(data, list):
            raise BadPayload("Recurly: expected {'data': […], 'has_more': …}")
        return data

    def following(self, body: Any, request: dict[str, Any]) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
        """The next page by the query of its path, and when what came last was updated."""
        dates = [found for one in self.items(body) if (found := _updated(one))]
        mark = {"since": max(dates).isoformat()} if dates else None
        if body.get("has_more") is not True:
            return None, mark
        query = dict(parse_qsl(urlsplit(str(body.get("next") or "")).query))
        if not query:
            raise BadPayload("Recurly: has_more without a next page")
        return query, mark


def _updated(item: Any) -> datetime | None:
    try:
        return moment(item, "updated_at") if isinstance(item, Mapping) else None
    except Unfit:  # the record itself is rejected for it
        return None


PAGER = NextPaths()


def _list(name: str, tables: tuple[type[Record], ...], records: Any, **more: Any) -> Stream:
    return Stream(name, name, tables, records, f"{name.replace('_', ' ')}: read", PAGER, **more)


STREAMS = (
    _list("accounts", (BillingCustomer,), subscriptions.account),
    _list("plans", (Product, Price), catalog.plan),
    _list("add_ons", (Product, Price), catalog.add_on, needs=("plans",)),
    _list("coupons", (Discount,), catalog.coupon),
    _list("subscriptions", (Subscription, SubscriptionItem, SubscriptionChange, Price), subscriptions.listed),
    _list("invoices", (Invoice, CreditNote), invoices.invoice),
    _list("line_items", (InvoiceLine,), invoices.line),
    _list("transactions", (Payment, Refund), invoices.transaction),
    _list(
        "credit_payments",
        (CreditNote,),
        invoices.credit_payment,
        needs=("invoices",),
        without="the key may not read credit payments: credit that was given apart from any bill lowers none",
        without_on=(Forbidden, NotFound),
    ),
)


def _headers(source: Any, secret: str) -> Mapping[str, str]:
    if not secret:
        raise SourceError('key: missing; write key = "env:NAME" and put a private API key there')
    return {"Authorization": basic(secret, ""), "Accept": VERSION}


CONNECTOR = Connector(
    kind="recurly",
    label="Recurly",
    open=api(_headers),
    streams=lambda source: STREAMS,
    settings='key = "env:…" (a private API key); url = "https://v3.eu.recurly.com" for sites in the EU',
)
