"""What is Recurly's own: amounts with decimals, `canceled` that goes on, prices in several currencies, credit invoices, pages."""

from datetime import datetime, timedelta

import pytest

from data_sources.billing.recurly import catalog, invoices, subscriptions
from data_sources.records import (
    CreditNote,
    Discount,
    Invoice,
    InvoiceLine,
    Payment,
    Price,
    Refund,
    Subscription,
    SubscriptionChange,
    SubscriptionItem,
)
from data_sources.streams import Desk, Gone, Put, Rejected, fit
from tests.data_sources.test_connectors import LATER, NOW, Place
from tests.data_sources.vendors.recurly import TOUCHED, Vendor, credit, invoice, line, plan, subscription, transaction

PERIOD = ("2026-01-10", "2026-02-10")
GROWTH = plan("growth", 49.99)


@pytest.fixture
def place(tmp_path):
    vendor = Vendor()
    with vendor.serve() as url:
        yield Place(tmp_path / "home", vendor, url)


def desk(**stored) -> Desk:
    """A desk that knows these columns: `Price_interval={…}`."""
    return Desk(None, NOW, None, stored=lambda model, column: stored.get(f"{model.__name__}_{column}", {}))


def put(handed, model) -> list[dict]:
    return [one.row for one in handed if isinstance(one, Put) and one.model is model]


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [(49.99, "USD", 4_999), (1.1, "USD", 110), (0.29, "USD", 29), (1_234_567.89, "USD", 123_456_789), (500.0, "JPY", 500),
     (1.005, "KWD", 1_005), ("19.90", "EUR", 1_990), (0.005, "USD", 1), (-100.1, "USD", -10_010), (None, "USD", None)],
)  # fmt: skip
def test_amounts_are_read_by_their_digits(amount, currency, minor):
    given = transaction({"id": "inv-1", "account": {"id": "a"}, "total": amount, "currency": currency}, 0, "2026-01-10")
    (row,) = put(fit(invoices.transaction, given, desk()), Payment)
    assert row["amount"] == (None if minor is None else abs(minor))


def test_an_amount_without_a_currency_is_rejected_not_guessed():
    given = transaction({"id": "inv-1", "account": {"id": "a"}, "total": 5.0, "currency": None}, 0, "2026-01-10")
    (found,) = fit(invoices.transaction, given, desk())
    assert isinstance(found, Rejected)
    assert "without a currency" in found.reason


@pytest.mark.parametrize("amount", [True, "much", {"of": 1}, [5]])
def test_an_amount_that_is_none_is_rejected(amount):
    (found,) = fit(invoices.invoice, invoice("ann", "1", [line("1", 0, "sub-ann", GROWTH, 1.0, *PERIOD)], "2026-01-10") | {"total": amount}, desk())  # fmt: skip
    assert isinstance(found, Rejected)


def test_a_plan_has_a_price_in_each_currency(place):
    place.vendor.lists["plans"][0]["currencies"].append(
        {"currency": "JPY", "unit_amount": 45_000.0, "tax_inclusive": True}
    )
    assert place.sync().errors == []
    dollars, yen = place.one(Price, "plan-growth:usd"), place.one(Price, "plan-growth:jpy")
    assert (dollars.unit_amount, dollars.tax_behavior, dollars.interval, dollars.interval_count) == (
        39_900,
        "exclusive",
        "month",
        1,
    )
    assert (yen.unit_amount, yen.tax_behavior) == (45_000, "inclusive")
    place.vendor.lists["plans"][0]["currencies"].pop()
    place.vendor.lists["plans"][0]["updated_at"] = TOUCHED
    place.sync(LATER)
    assert place.one(Price, "plan-growth:jpy") is None
    assert place.one(Price, "plan-growth:usd") is not None


def test_a_price_below_a_minor_unit_keeps_its_digits():
    small = GROWTH | {"currencies": [{"currency": "USD", "unit_amount": 0.0, "unit_amount_decimal": "0.000125"}]}
    (row,) = put(fit(catalog.plan, small, desk()), Price)
    assert (row["unit_amount"], row["unit_amount_decimal"]) == (None, "0.0125")


def test_tiers_are_in_the_currency_of_their_price():
    tiers = [
        {"ending_quantity": 10, "currencies": [{"currency": "USD", "unit_amount": 5.0}, {"currency": "EUR", "unit_amount": 4.0}]},
        {"ending_quantity": None, "currencies": [{"currency": "USD", "unit_amount": 3.5}, {"currency": "EUR", "unit_amount": 3.0}]},
    ]  # fmt: skip
    held = {
        "id": "ao-1",
        "name": "Calls",
        "plan_id": "p",
        "add_on_type": "fixed",
        "tier_type": "tiered",
        "tiers": tiers,
    }
    held |= {"currencies": [{"currency": "USD"}, {"currency": "EUR"}], "state": "active"}
    dollars, euros = put(
        fit(catalog.add_on, held, desk(Price_product_id={"p:usd": "p"}, Price_interval={"p:usd": "month"})), Price
    )
    assert dollars["tiers"] == [
        {"up_to": 10, "unit_amount_decimal": "500"},
        {"up_to": None, "unit_amount_decimal": "350"},
    ]
    assert [tier["unit_amount_decimal"] for tier in euros["tiers"]] == ["400", "300"]
    assert (dollars["tiers_mode"], dollars["interval"], dollars["usage_type"]) == ("graduated", "month", "licensed")


@pytest.mark.parametrize(
    ("given", "more", "status", "ended"),
    [
        ("active", {}, "active", None),
        ("active", {"trial_ends_at": "2026-04-01T00:00:00Z"}, "trialing", None),
        ("canceled", {"canceled_at": "2026-03-01T00:00:00Z"}, "active", None),
        ("past_due", {}, "past_due", None),
        ("paused", {"paused_at": "2026-03-01T00:00:00Z"}, "paused", None),
        ("expired", {"expires_at": "2026-03-10T00:00:00Z"}, "canceled", datetime(2026, 3, 10)),
        ("failed", {"expires_at": "2026-01-10T00:00:00Z"}, "incomplete_expired", datetime(2026, 1, 10)),
    ],
)
def test_canceled_goes_on_until_it_expires(given, more, status, ended):
    found = fit(
        subscriptions.listed, subscription("ann", GROWTH, "2026-01-10", PERIOD) | {"state": given} | more, desk()
    )
    (row,) = put(found, Subscription)
    assert (row["status"], row["ended_at"]) == (status, ended)
    assert row["cancel_at_period_end"] is (given == "canceled")
    assert row["cancel_at"] == (datetime(2026, 2, 10) if given == "canceled" else None)


def test_an_add_on_that_expired_is_no_item():
    one = {"id": "s1", "add_on": {"id": "ao-1"}, "quantity": 2, "unit_amount": 5.0, "expired_at": None}
    held = subscription(
        "ann", GROWTH, "2026-01-10", PERIOD, add_ons=[one, one | {"expired_at": TOUCHED, "add_on": {"id": "ao-2"}}]
    )
    items = put(fit(subscriptions.listed, held, desk()), SubscriptionItem)
    assert [(item["id"], item["quantity"]) for item in items] == [("sub-ann:plan", 1), ("sub-ann:ao-1", 2)]


def test_what_a_subscription_was_is_seen_when_it_differs(place):
    place.sync()
    place.vendor.lists["subscriptions"][0] |= {"quantity": 4, "updated_at": TOUCHED}
    assert place.sync(LATER).errors == []
    (change,) = [row for row in place.all(SubscriptionChange) if row.subscription_id == "sub-acme0"]
    assert (change.occurred_at, change.cause) == (datetime(2026, 3, 22, 0, 30), "seen")
    assert change.items == [{"item_id": "sub-acme0:plan", "price_id": "plan-growth:usd", "quantity": 4}]
    assert place.sync(LATER + timedelta(hours=1)).changed == 0


def test_a_credit_invoice_is_a_note_on_the_bill_that_it_credits():
    bill = invoice("ann", "1", [line("1", 0, "sub-ann", GROWTH, 49.99, *PERIOD)], "2026-01-10")
    back = transaction(bill, 1, "2026-02-01", type="refund", amount=10.5, original_transaction_id="txn-1")
    (note,) = put(fit(invoices.invoice, credit(bill, "9", 20.0, "2026-02-01", [back], tax=4.0), desk()), CreditNote)
    assert (note["invoice_id"], note["total"], note["tax"], note["refunded"]) == ("inv-1", 2_400, 400, 1_050)
    (refund,) = put(fit(invoices.transaction, back, desk()), Refund)
    assert (refund["payment_id"], refund["amount"], refund["status"]) == ("txn-1", 1_050, "succeeded")
    failed = credit(bill, "9", 20.0, "2026-02-01", [back | {"status": "declined"}])
    assert put(fit(invoices.invoice, failed, desk()), CreditNote)[0]["refunded"] == 0


def test_credit_of_no_bill_lowers_the_bill_that_it_pays(place):
    gift = place.vendor.lists["credit_payments"][0]
    (row,) = put(fit(invoices.credit_payment, gift, desk()), CreditNote)
    assert (row["invoice_id"], row["total"]) == ("inv-4", 1_050)
    noted = desk(CreditNote_invoice_id={"inv-gift": "inv-2"})
    assert fit(invoices.credit_payment, gift, noted) == [Gone(CreditNote, "cp-0")]


def test_a_line_names_the_coupon_of_its_bill(place):
    place.vendor.lists["line_items"][0] |= {"discount": 39.9, "amount": 359.1}
    place.vendor.lists["line_items"][1] |= {"discount": 39.9, "amount": 359.1}
    coupon = {"id": "cr-1", "coupon": {"id": "cpn-spring", "code": "spring"}}
    place.vendor.redemptions = {"inv-0": [coupon], "inv-1": [coupon, {"id": "cr-2", "coupon": {"id": "cpn-other"}}]}
    assert place.sync().errors == []
    assert place.one(InvoiceLine, "li-0-0").discounts == [{"discount_id": "cpn-spring", "amount": 3_990}]
    assert place.one(InvoiceLine, "li-1-0").discounts == [{"discount_id": None, "amount": 3_990}], "nobody says which"
    assert place.one(InvoiceLine, "li-2-0").discounts is None


def test_parts_of_a_period_by_their_rate_or_by_their_time():
    known = desk(Price_interval={"plan-growth:usd": "month"}, Price_interval_count={"plan-growth:usd": 1})
    rated = [line("1", 0, "sub-ann", GROWTH, 25.0, *PERIOD, proration_rate=rate) for rate in (0.5, 1.0)]
    timed = [line("1", 0, "sub-ann", GROWTH, 25.0, start, "2026-02-10") for start in ("2026-01-25", "2026-01-10")]
    found = [put(fit(invoices.line, one, known), InvoiceLine)[0]["proration"] for one in (*rated, *timed)]
    assert found == [True, False, True, False]


def test_a_line_that_is_on_no_bill_yet_is_none():
    waiting = line("1", 0, "sub-ann", GROWTH, 25.0, *PERIOD, state="pending", invoice_id=None)
    assert fit(invoices.line, waiting, desk()) == [Gone(InvoiceLine, "li-1-0")]


def test_only_what_was_updated_is_asked_for_again(place):
    place.sync()
    place.vendor.requests.clear()
    place.sync(LATER)
    asked = {path: query for path, query, _ in place.vendor.requests}
    newest = max(one["updated_at"] for one in place.vendor.lists["invoices"])
    since = datetime.fromisoformat(asked["/invoices"]["begin_time"])
    assert since == datetime.fromisoformat(newest) - timedelta(minutes=5)


def test_a_next_page_on_another_host_is_not_followed(place):
    answer = place.vendor.answer

    def astray(path, query):
        body = answer(path, query)
        return body | {"next": "https://elsewhere.example" + body["next"]} if body and body.get("next") else body

    place.vendor.answer = astray
    assert place.sync().errors == []
    assert {row.id for row in place.all(Invoice)} == place.vendor.ids()[Invoice]


def test_a_coupon_of_several_currencies_and_some_months():
    given = {"id": "c", "code": "ten", "duration": "temporal", "temporal_unit": "year", "temporal_amount": 1}
    amounts = [{"currency": "EUR", "amount": 10.5}, {"currency": "USD", "amount": 12.0}]
    (row,) = put(fit(catalog.coupon, given | {"discount": {"type": "fixed", "currencies": amounts}}, desk()), Discount)
    assert (row["amount_off"], row["currency"], row["duration"], row["duration_months"]) == (
        1_050,
        "eur",
        "repeating",
        12,
    )
