"""What is Chargebee's own: two catalogs, terms that end on a last second, milliseconds, states, notes, deleted records."""

from datetime import datetime, timedelta

import pytest

from data_sources.billing.chargebee import CATALOGS, catalog, shapes, subscriptions
from data_sources.billing.chargebee.subscriptions import last_second
from data_sources.failures import Patience
from data_sources.records import (
    CreditNote,
    Discount,
    Invoice,
    InvoiceLine,
    Price,
    Subscription,
    SubscriptionChange,
    SubscriptionItem,
)
from data_sources.streams import Desk, Gone, Only, Put, Rejected, fit
from tests.data_sources.test_connectors import LATER, NOW, Place
from tests.data_sources.vendors.chargebee import BORN, Vendor, at, event, item_price, subscription
from tests.data_sources.vendors.chargebee import LATER as TOUCHED

TERM = ("2026-01-10", "2026-02-10")
GROWTH = item_price("growth", 39_900)


@pytest.fixture
def place(tmp_path):
    vendor = Vendor()
    with vendor.serve() as url:
        yield Place(tmp_path / "home", vendor, url)


def desk(**stored) -> Desk:
    """A desk that knows these columns: `Price_interval={…}`."""
    return Desk(None, NOW, None, stored=lambda model, column: stored.get(f"{model.__name__}_{column}", {}))


def known() -> Desk:
    """A desk that knows the price of these tests."""
    return desk(
        Price_unit_amount={"growth-USD": 39_900, "growth": 39_900},
        Price_interval=dict.fromkeys(("growth-USD", "growth"), "month"),
        Price_interval_count=dict.fromkeys(("growth-USD", "growth"), 1),
    )


def put(handed, model) -> list[dict]:
    return [one.row for one in handed if isinstance(one, Put) and one.model is model]


def test_an_end_is_the_second_after_the_last_one():
    day, month = datetime(2026, 1, 10, 8, 30, 5), datetime(2026, 2, 10, 8, 30, 5)
    assert last_second(day, month - timedelta(seconds=1)) == month
    assert last_second(day, month) == month
    assert last_second(None, month) == month
    assert last_second(day, None) is None


def test_a_term_written_to_its_last_second_is_whole_and_half_a_term_is_a_part(place):
    line = place.vendor.lists["invoices"][0]["line_items"][0]
    place.vendor.lists["invoices"][0]["line_items"].append(line | {"id": "li-half", "date_from": at("2026-01-25")})
    assert place.sync().errors == []
    whole, half = place.one(InvoiceLine, "li-0-0"), place.one(InvoiceLine, "li-half")
    assert (whole.period_ends_at, whole.proration) == (datetime(2026, 2, 10), False)
    assert (half.period_ends_at, half.proration) == (datetime(2026, 2, 10), True)
    assert whole.subscription_item_id == half.subscription_item_id == "sub-acme0:plan"


def test_both_catalogs_say_the_same_of_a_subscription():
    new = subscription("ann", GROWTH, "2026-01-10", TERM, quantity=3)
    old = {key: value for key, value in new.items() if key != "subscription_items"}
    old |= {"plan_id": "growth-USD", "plan_quantity": 3, "plan_unit_price": 39_900, "addons": []}
    first, second = (fit(subscriptions.listed, one, known()) for one in (new, old))
    assert first == second
    (item,) = put(first, SubscriptionItem)
    assert (item["id"], item["price_id"], item["quantity"]) == ("sub-ann:plan", "growth-USD", 3)


def test_the_first_catalog_has_plans_and_addons(tmp_path):
    vendor = Vendor()
    prices = vendor.lists.pop("item_prices")
    del vendor.lists["items"]
    seats = {
        "id": "seats",
        "name": "Seats",
        "price": 500,
        "period": 1,
        "period_unit": "month",
        "charge_type": "recurring",
    }
    plans = [{**one, "pricing_model": "per_unit"} for one in prices]
    setup = seats | {"id": "setup", "charge_type": "non_recurring"}
    vendor.lists |= {
        "plans": plans,
        "addons": [one | {"status": "active", "updated_at": BORN} for one in (seats, setup)],
    }
    with vendor.serve() as url:
        place = Place(tmp_path / "home", vendor, url)
        place.program.sources[0].product_catalog = 1
        assert place.sync().errors == []
        assert (place.one(Price, "seats").interval, place.one(Price, "setup").interval) == ("month", None)
        asked = {request[0] for request in vendor.requests}
    assert {"/api/v2/plans", "/api/v2/addons"} <= asked
    assert not {"/api/v2/items", "/api/v2/item_prices"} & asked
    assert [stream.name for stream in CATALOGS[1]] == ["plans", "addons"]


@pytest.mark.parametrize(
    ("given", "more", "status", "ended", "leaves"),
    [
        ("in_trial", {"trial_end": at("2026-04-01")}, "trialing", None, None),
        ("active", {}, "active", None, None),
        ("non_renewing", {"cancelled_at": at("2026-04-10")}, "active", None, datetime(2026, 4, 10)),
        ("paused", {"pause_date": at("2026-03-01")}, "paused", None, None),
        ("cancelled", {"cancelled_at": at("2026-03-10")}, "canceled", datetime(2026, 3, 10), None),
        ("active", {"deleted": True, "updated_at": at("2026-03-11")}, "canceled", datetime(2026, 3, 11), None),
    ],
)
def test_states(given, more, status, ended, leaves):
    found = fit(
        subscriptions.listed, subscription("ann", GROWTH, "2026-01-10", TERM) | {"status": given} | more, known()
    )
    (row,) = put(found, Subscription)
    assert (row["status"], row["ended_at"], row["cancel_at"]) == (status, ended, leaves)
    assert row["cancel_at_period_end"] is (given == "non_renewing")


def test_chargebees_own_monthly_figure_is_kept():
    (row,) = put(fit(subscriptions.listed, subscription("ann", GROWTH, "2026-01-10", TERM), known()), Subscription)
    assert row["attributes"] == {"mrr": 39_900}


def test_a_price_agreed_otherwise_is_the_subscriptions_own():
    cheap = subscription("ann", GROWTH, "2026-01-10", TERM)
    cheap["subscription_items"][0]["unit_price"] = 30_000
    found = fit(subscriptions.listed, cheap, known())
    (price,), (item,) = put(found, Price), put(found, SubscriptionItem)
    assert item["price_id"] == price["id"] == "sub-ann:plan@30000"
    assert (price["unit_amount"], price["interval"], price["interval_count"], price["currency"]) == (
        30_000,
        "month",
        1,
        "usd",
    )


def test_events_are_dated_in_milliseconds_within_their_second():
    before = subscription("ann", GROWTH, "2026-01-10", TERM) | {"resource_version": at("2026-03-01") * 1000 + 250}
    after = before | {
        "status": "cancelled",
        "cancelled_at": at("2026-03-01"),
        "resource_version": at("2026-03-01") * 1000 + 900,
    }
    told = [
        put(fit(subscriptions.history, event(n, "changed", one, at("2026-03-01")), known()), SubscriptionChange)[0]
        for n, one in enumerate((before, after))
    ]
    assert [one["occurred_at"].microsecond for one in told] == [250_000, 900_000]
    assert [one["status"] for one in told] == ["active", "canceled"]
    assert told[0]["cause"] == "changed"


def test_a_pause_that_is_seen_counts_from_its_own_day(place):
    one = place.vendor.lists["subscriptions"][0]
    one |= {"status": "paused", "pause_date": at("2026-03-01"), "resume_date": at("2026-05-01")}
    assert place.sync().errors == []
    (change,) = [row for row in place.all(SubscriptionChange) if row.status == "paused"]
    assert (change.occurred_at, change.cause) == (datetime(2026, 3, 1), "seen")
    assert change.pause["resumes_at"] == at("2026-05-01")
    assert place.sync(LATER).changed == 0
    one |= {"status": "active", "pause_date": None, "updated_at": TOUCHED, "resource_version": TOUCHED * 1000}
    place.sync(LATER + timedelta(hours=1))
    again = [row.status for row in place.all(SubscriptionChange) if row.cause == "seen"]
    assert again == ["paused", "active"]


def test_a_coupon_of_a_subscription_ends_when_it_is_no_longer_applied():
    held = subscription(
        "ann", GROWTH, "2026-01-10", TERM, coupons=[{"coupon_id": "SPRING", "apply_till": at("2026-04-10")}]
    )
    found = fit(
        subscriptions.listed,
        held,
        desk(Discount_percent_off={"SPRING": 10.0}, Discount_duration={"SPRING": "repeating"}),
    )
    (row,) = put(found, Subscription)
    (discount,) = row["discounts"]
    assert (discount["id"], discount["percent_off"], discount["ends_at"]) == ("SPRING", 10.0, "2026-04-10T00:00:00")


def test_only_what_was_updated_is_asked_for_again(place):
    place.sync()
    place.vendor.requests.clear()
    place.sync(LATER)
    newest = max(one["updated_at"] for one in place.vendor.lists["invoices"])
    asked = {path: query for path, query, _ in place.vendor.requests}
    assert int(asked["/api/v2/invoices"]["updated_at[after]"]) == newest - 300
    assert "occurred_at[after]" in asked["/api/v2/events"]


def test_a_list_that_cannot_be_sorted_moves_its_cursor_at_its_end_alone(place):
    place.vendor.lists["credit_notes"][0]["updated_at"] = TOUCHED
    seen = {"count": 0}

    def second_page_fails(path):
        seen["count"] += path.endswith("credit_notes")
        return (500, {}, {}) if path.endswith("credit_notes") and seen["count"] > 1 else None

    place.vendor.always = second_page_fails
    assert place.sync(patience=Patience(attempts=1)).errors
    place.vendor.always = None
    place.sync(LATER)
    assert {row.id for row in place.all(CreditNote)} == {one["id"] for one in place.vendor.lists["credit_notes"]}


def test_a_deleted_bill_is_gone_with_its_lines(place):
    place.sync()
    place.vendor.lists["invoices"][1] |= {"deleted": True, "updated_at": TOUCHED}
    assert place.sync(LATER).errors == []
    assert place.one(Invoice, "inv-1") is None
    assert not [row for row in place.all(InvoiceLine) if row.invoice_id == "inv-1"]
    (gone, only) = fit(shapes.invoice, place.vendor.lists["invoices"][1], desk())
    assert (gone, only) == (Gone(Invoice, "inv-1"), Only(InvoiceLine, "invoice_id", "inv-1", frozenset()))


def test_a_note_whose_refund_failed_takes_back_all_of_it(place):
    place.sync()
    assert place.one(CreditNote, place.vendor.lists["credit_notes"][0]["id"]).refunded == 4_000
    back = next(one for one in place.vendor.lists["transactions"] if one["type"] == "refund")
    back |= {"status": "failure", "updated_at": TOUCHED}
    place.vendor.lists["credit_notes"][0]["updated_at"] = TOUCHED
    place.sync(LATER)
    assert place.one(CreditNote, place.vendor.lists["credit_notes"][0]["id"]).refunded == 0


def test_tax_inside_and_beside(place):
    bill = place.vendor.lists["invoices"][0] | {"price_type": "tax_inclusive"}
    for given, expected in (
        (bill, True),
        (bill | {"price_type": "tax_exclusive"}, False),
        (bill | {"price_type": None}, None),
    ):
        (line,) = put(fit(shapes.invoice, given, known()), InvoiceLine)
        assert line["tax_inclusive"] is expected


def test_tiers():
    tiers = [{"starting_unit": 1, "ending_unit": 10, "price": 500}, {"starting_unit": 11, "price": 300}]
    (volume,) = put(
        fit(catalog.item_price, GROWTH | {"pricing_model": "volume", "price": None, "tiers": tiers}, desk()), Price
    )
    assert (volume["tiers_mode"], volume["tiers"][1]) == ("volume", {"up_to": None, "unit_amount": 300})
    (stair,) = put(fit(catalog.item_price, GROWTH | {"pricing_model": "stairstep", "tiers": tiers}, desk()), Price)
    assert stair["tiers"][0] == {"up_to": 10, "unit_amount": 0, "flat_amount": 500}
    assert (stair["unit_amount"], stair["billing_scheme"]) == (None, "tiered")


@pytest.mark.parametrize("percent", [140, True, "ten"])
def test_a_coupon_of_no_percentage_is_rejected(percent):
    (found,) = fit(catalog.coupon, {"id": "X", "discount_percentage": percent}, desk())
    assert isinstance(found, Rejected)
    assert "discount_percentage" in found.reason


def test_a_coupon_for_some_months():
    given = {"id": "X", "discount_amount": 500, "currency_code": "EUR", "duration_type": "limited_period", "period": 1}
    (row,) = put(fit(catalog.coupon, given | {"period_unit": "year"}, desk()), Discount)
    assert (row["duration"], row["duration_months"], row["amount_off"], row["currency"]) == (
        "repeating",
        12,
        500,
        "eur",
    )
