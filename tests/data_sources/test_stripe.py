"""What is Stripe's own: two shapes, lists inside objects, amounts, events, and what happens when events do not tell."""

import json
from datetime import datetime, timedelta

import pytest

from data_sources.billing.stripe import shapes, subscriptions
from data_sources.records import (
    BillingCustomer,
    Discount,
    Invoice,
    InvoiceLine,
    Payment,
    Price,
    Subscription,
    SubscriptionChange,
    SubscriptionItem,
)
from data_sources.streams import Desk, Only, Put, Rejected, fit
from tests.data_sources.test_connectors import LATER, NOW, Place
from tests.data_sources.vendors.stripe import BORN, MONTH, Vendor, invoice, subscription

NEWS = {"/v1/events", "/v1/balance_transactions"}
PERIOD = (datetime(2026, 1, 1), datetime(2026, 1, 31))


@pytest.fixture
def place(tmp_path):
    vendor = Vendor()
    with vendor.serve() as url:
        yield Place(tmp_path / "home", vendor, url)


def desk() -> Desk:
    return Desk(None, NOW, None)


def one(records, item) -> dict:
    """The first record of a payload."""
    return fit(records, item, desk())[0].row


def whole_lists(item: dict) -> dict:
    return item | {"lines": {"data": item["all_lines"], "has_more": False}}


def test_both_shapes_of_an_invoice_are_the_same_record():
    old, new = (fit(shapes.invoice, whole_lists(invoice(3, shape)), desk()) for shape in (False, True))
    assert old == new
    held = old[0].row
    assert (held["subscription_id"], held["tax"], held["total"], held["discount"]) == ("sub_3", 400, 4000, 0)
    lines = [handed.row for handed in old if isinstance(handed, Put) and handed.model is InvoiceLine]
    assert {(row["price_id"], row["subscription_item_id"], row["tax"], row["tax_inclusive"]) for row in lines} == {
        ("price_0", "si_3_0", 100, False)
    }


def test_both_shapes_of_a_subscription_are_the_same_record():
    old, new = (fit(subscriptions.subscription, subscription(3, shape), desk()) for shape in (False, True))
    assert old == new
    assert (old[0].row["current_period_started_at"], old[0].row["current_period_ends_at"]) == PERIOD
    assert [
        handed.row["quantity"] for handed in old if isinstance(handed, Put) and handed.model is SubscriptionItem
    ] == [1, 2]


def test_a_legacy_plan_is_the_price_of_its_item():
    item = subscription(1, True)
    for part in item["items"]["data"]:
        part["plan"] = {"id": "plan_old"}
        del part["price"]
    rows = [handed.row for handed in fit(subscriptions.subscription, item, desk()) if isinstance(handed, Put)]
    assert rows[1]["price_id"] == "plan_old"


@pytest.mark.parametrize(
    ("fields", "tax"),
    [
        ({"total": 1210, "total_excluding_tax": 1000, "tax": None}, 210),
        ({"total": 1210, "total_taxes": [{"amount": 200}, {"amount": 10}]}, 210),
        ({"total": 1210, "tax": 210}, 210),
        ({"total": 1000, "total_taxes": []}, 0),
        ({"total": 1000}, None),
    ],
)
def test_tax_where_stripe_says_it(fields, tax):
    assert one(shapes.invoice, {"id": "in_1", "lines": {"data": []}} | fields)["tax"] == tax


def test_amounts_stay_in_minor_units_whatever_the_currency(place):
    assert place.sync().errors == []
    assert (place.one(Payment, "ch_1").amount, place.one(Payment, "ch_1").currency) == (500, "jpy")
    assert (place.one(Payment, "ch_2").amount, place.one(Payment, "ch_2").currency) == (4000, "usd")


def test_all_lines_of_an_invoice_are_read(place):
    place.sync()
    lines = [row for row in place.all(InvoiceLine) if row.invoice_id == "in_5"]
    assert len(lines) == 4
    assert {(row.period_started_at, row.period_ends_at) for row in lines} == {PERIOD}


def test_a_price_per_tier_has_no_unit_amount():
    tiers = [{"up_to": 1000, "unit_amount": 2}, {"up_to": None, "unit_amount": 1}]
    item = {
        "id": "price_9",
        "unit_amount": None,
        "unit_amount_decimal": None,
        "tiers": tiers,
        "billing_scheme": "tiered",
    }
    row = one(shapes.price, item)
    assert (row["unit_amount"], row["tiers"], row["interval"]) == (None, tiers, None)


def test_a_price_by_the_package_keeps_its_size():
    row = one(
        shapes.price, {"id": "price_9", "unit_amount": 700, "transform_quantity": {"divide_by": 10, "round": "up"}}
    )
    assert (row["unit_amount"], row["package_size"], row["package_round"]) == (700, 10, "up")


def test_a_deleted_customer_object_is_no_crash():
    (handed,) = fit(shapes.customer, {"id": "cus_9", "object": "customer", "deleted": True}, desk())
    assert handed.row["deleted"] is True


@pytest.mark.parametrize(
    "name",
    ["customer", "product", "price", "subscription", "invoice", "credit_note", "charge", "refund", "dispute"],
)
def test_todays_documented_objects_become_records(cases, name):
    records = getattr(subscriptions if name == "subscription" else shapes, {"charge": "payment"}.get(name, name))
    item = json.loads((cases / "stripe" / "openapi_fixtures3" / f"{name}.json").read_text())
    handed = fit(records, item, desk())
    assert not any(isinstance(one, Rejected) for one in handed), handed
    assert handed[0].row["id"] == item["id"]
    assert all(isinstance(one, Put | Only) for one in handed)


def test_an_item_that_left_its_subscription_is_gone(place):
    place.sync()
    held = place.vendor.lists["subscriptions"][3]
    held["items"]["data"].pop()
    place.vendor.event("customer.subscription.updated", held, place.vendor.later)
    assert place.sync(LATER).errors == []
    assert {row.id for row in place.all(SubscriptionItem) if row.subscription_id == "sub_3"} == {"si_3_0"}


def test_a_cancelled_subscription_is_a_state_not_a_deletion(place):
    place.sync()
    held = place.vendor.lists["subscriptions"][2]
    held |= {"status": "canceled", "ended_at": BORN + MONTH}
    place.vendor.event("customer.subscription.deleted", held, place.vendor.later)
    place.sync(LATER)
    assert (place.one(Subscription, "sub_2").status, place.one(Subscription, "sub_2").ended_at) == (
        "canceled",
        PERIOD[1],
    )


def test_the_newest_event_of_an_object_wins(place):
    place.sync()
    held = place.vendor.lists["invoices"][4]
    for minutes, status in ((1, "open"), (3, "void"), (2, "paid")):
        place.vendor.event("invoice.updated", held | {"status": status}, place.vendor.later + 60 * minutes)
    place.sync(LATER)
    assert place.one(Invoice, "in_4").status == "void"


def test_two_events_in_one_second_are_settled_by_reading_the_object(place):
    place.sync()
    held = place.vendor.lists["invoices"][4]
    held["status"] = "paid"
    for status in ("paid", "open", "draft"):
        place.vendor.event("invoice.updated", held | {"status": status}, place.vendor.later)
    asked = len(place.vendor.requests)
    place.sync(LATER)
    assert place.one(Invoice, "in_4").status == "paid"
    assert "/v1/invoices/in_4" in [path for path, _, _ in place.vendor.requests[asked:]]
    asked = len(place.vendor.requests)
    place.sync(LATER + timedelta(minutes=5))
    assert "/v1/invoices/in_4" not in [path for path, _, _ in place.vendor.requests[asked:]], (
        "known events are not news"
    )


def test_an_older_event_that_comes_to_light_later_undoes_nothing(place):
    """The second run looks further back than the first: the bill was a draft an hour before it was paid."""
    held = place.vendor.lists["invoices"][4]
    held["status"] = "paid"
    now = place.vendor.later - 60
    place.vendor.event("invoice.created", held | {"status": "draft"}, now - 75 * 60)
    place.vendor.event("invoice.paid", held, now - 20 * 60)
    place.sync()
    place.sync(NOW + timedelta(minutes=30))
    assert place.one(Invoice, "in_4").status == "paid"


def test_a_price_keeps_its_tiers_when_an_event_leaves_them_out(place):
    tiers = [{"up_to": 10, "unit_amount": 200}, {"up_to": None, "unit_amount": 100}]
    held = place.vendor.lists["prices"][0]
    held |= {"billing_scheme": "tiered", "unit_amount": None, "tiers": tiers, "tiers_mode": "graduated"}
    place.sync()
    held["nickname"] = "renamed"
    told = {name: value for name, value in held.items() if name != "tiers"}
    place.vendor.event("price.updated", told, place.vendor.later)
    place.sync(LATER)
    price = place.one(Price, "price_0")
    assert (price.nickname, price.tiers) == ("renamed", tiers)


def test_a_tiered_price_that_is_gone_when_it_is_asked_for_stops_nothing(place):
    tiers = [{"up_to": None, "unit_amount": 100}]
    held = place.vendor.lists["prices"][0]
    held |= {"billing_scheme": "tiered", "unit_amount": None, "tiers": tiers}
    place.sync()
    place.vendor.lists["prices"].remove(held)
    told = {name: value for name, value in held.items() if name != "tiers"} | {"nickname": "renamed"}
    place.vendor.event("price.updated", told, place.vendor.later)
    result = place.sync(LATER)
    price = place.one(Price, "price_0")
    assert (price.nickname, price.tiers, result.ok) == ("renamed", tiers, True)


def test_a_credit_that_was_bought_before_lowers_the_line():
    credit = {"amount": 300, "type": "credit_balance_transaction", "credit_balance_transaction": "cbtxn_1"}
    again = {"amount": 100, "type": "discount", "discount": "di_1"}
    item = {"id": "in_1", "lines": {"data": [{"id": "il_1", "amount": 1_000, "discount_amounts": [{"amount": 100, "discount": "di_1"}],
                                              "pretax_credit_amounts": [credit, again]}], "has_more": False}}  # fmt: skip
    (row,) = [
        handed.row
        for handed in fit(shapes.invoice, item, desk())
        if isinstance(handed, Put) and handed.model is InvoiceLine
    ]
    assert row["discount"] == 400


def test_lines_of_old_versions_go_by_the_name_that_no_other_line_has():
    item = {"id": "in_1", "lines": {"data": [{"id": "sub_1", "unique_id": "il_1", "amount": 1_000}], "has_more": False}}
    (row,) = [
        handed.row
        for handed in fit(shapes.invoice, item, desk())
        if isinstance(handed, Put) and handed.model is InvoiceLine
    ]
    assert row["id"] == "il_1"


def test_after_the_first_time_lists_are_not_read_again(place):
    place.sync()
    asked = len(place.vendor.requests)
    place.sync(LATER)
    assert {path for path, _, _ in place.vendor.requests[asked:]} == NEWS


def test_a_pause_longer_than_events_are_kept_reads_the_lists_again(place):
    place.sync()
    place.vendor.lists["customers"][1]["email"] = "changed@acme.example"
    lost = place.vendor.lists["customers"].pop(4)
    assert place.sync(NOW + timedelta(days=40)).errors == []
    assert place.one(BillingCustomer, "cus_1").email == "changed@acme.example"
    assert place.one(BillingCustomer, lost["id"]).deleted
    asked = len(place.vendor.requests)
    place.sync(NOW + timedelta(days=40, hours=1))
    assert {path for path, _, _ in place.vendor.requests[asked:]} == NEWS


def test_a_key_that_may_not_read_events_reads_the_lists_each_time(place):
    place.vendor.forbidden = {"v1/events"}
    first = place.sync()
    assert first.errors == []
    assert "read whole each time" in first.streams[-1].note
    place.vendor.lists["customers"][1]["email"] = "changed@acme.example"
    second = place.sync(LATER)
    assert (second.errors, second.changed) == ([], 1)
    place.vendor.forbidden = set()
    assert place.sync(LATER).errors == []
    asked = len(place.vendor.requests)
    place.sync(LATER + timedelta(hours=1))
    assert {path for path, _, _ in place.vendor.requests[asked:]} == NEWS


def test_events_of_other_things_are_passed_over(place):
    place.sync()
    place.vendor.event("invoice.upcoming", {"object": "invoice", "lines": {}}, place.vendor.later)
    place.vendor.event("payment_intent.created", {"object": "payment_intent", "id": "pi_1"}, place.vendor.later)
    result = place.sync(LATER)
    assert (result.errors, result.changed, result.streams[-1].rejected) == ([], 0, 0)


def test_a_payment_knows_its_invoice_in_both_shapes_and_keeps_it(place):
    assert place.sync().errors == []
    assert {row.invoice_id for row in place.all(Payment)} == {f"in_{n}" for n in range(9)}
    charge = place.vendor.lists["charges"][2]
    charge["amount_refunded"] = 1000
    place.vendor.event("charge.refunded", charge, place.vendor.later)
    place.sync(LATER)
    assert (place.one(Payment, "ch_2").amount_refunded, place.one(Payment, "ch_2").invoice_id) == (1000, "in_2")


def test_the_invoice_of_a_new_payment_is_asked_for(place):
    place.sync()
    paid = {
        "id": "ch_new",
        "object": "charge",
        "payment_intent": "pi_4",
        "customer": "cus_4",
        "created": place.vendor.later,
    }
    place.vendor.event("charge.succeeded", paid, place.vendor.later)
    other = {"id": "ch_loose", "object": "charge", "payment_intent": "pi_none", "created": place.vendor.later}
    place.vendor.event("charge.succeeded", other, place.vendor.later)
    assert place.sync(LATER).errors == []
    assert (place.one(Payment, "ch_new").invoice_id, place.one(Payment, "ch_loose").invoice_id) == ("in_4", None)


def test_an_account_without_invoice_payments_is_read_all_the_same(place):
    del place.vendor.lists["invoice_payments"]
    assert place.sync().errors == []
    assert {row.invoice_id for row in place.all(Payment)} == {None, *(f"in_{n}" for n in (1, 3, 5, 7))}


def changes(place) -> list[tuple]:
    return [
        (row.subscription_id, row.cause, row.occurred_at, row.items[0]["quantity"])
        for row in sorted(place.all(SubscriptionChange), key=lambda row: row.occurred_at)
    ]


def test_every_event_of_a_subscription_says_what_it_was_then(place):
    place.sync()
    held = place.vendor.lists["subscriptions"][5]
    for minutes, quantity in ((1, 7), (2, 3)):
        held["items"]["data"][0]["quantity"] = quantity
        place.vendor.event("customer.subscription.updated", held, place.vendor.later + 60 * minutes)
    place.vendor.lists["events"].append(place.vendor.lists["events"][-1])
    for moment in (LATER, LATER + timedelta(hours=1)):
        assert place.sync(moment).errors == []
    updated = NOW + timedelta(seconds=60)
    assert changes(place) == [
        ("sub_5", "created", datetime(2026, 1, 1, 0, 0, 5), 1),
        ("sub_5", "updated", updated + timedelta(minutes=1), 7),
        ("sub_5", "updated", updated + timedelta(minutes=2), 3),
    ]
    assert place.one(SubscriptionItem, "si_5_0").quantity == 3


def test_without_events_a_changed_subscription_is_dated_when_it_was_seen(place):
    place.vendor.forbidden = {"v1/events"}
    place.sync()
    place.sync(LATER)
    assert changes(place) == []
    place.vendor.lists["subscriptions"][3]["items"]["data"][0]["quantity"] = 9
    later = LATER + timedelta(hours=1)
    place.sync(later)
    place.sync(later + timedelta(hours=1))
    assert changes(place) == [("sub_3", "seen", later, 9)]


@pytest.mark.parametrize("shape", ["spelled out", "coupon under source", "known by id", "one discount"])
def test_a_discount_is_what_its_coupon_says(place, shape):
    place.sync()
    coupon = {
        "id": "C",
        "object": "coupon",
        "percent_off": None,
        "amount_off": 250,
        "currency": "USD",
        "duration": "once",
    }
    given = {"id": "di_9", "object": "discount", "start": BORN, "end": BORN + MONTH, "subscription": "sub_6"}
    place.vendor.lists["coupons"] = [coupon | {"created": BORN}]
    held = place.vendor.lists["subscriptions"][6]
    if shape == "spelled out":
        sent = {"discounts": [given | {"coupon": coupon}]}
    elif shape == "coupon under source":
        sent = {"discounts": [given | {"source": {"type": "coupon", "coupon": "C"}}]}
    elif shape == "known by id":
        held["discounts"] = [given | {"coupon": coupon}]
        sent = {"discounts": ["di_9"]}
    else:
        sent = {"discount": given | {"coupon": coupon}, "discounts": None}
    place.vendor.event("customer.subscription.updated", held | sent, place.vendor.later)
    assert place.sync(LATER).errors == []
    row = place.one(Discount, "di_9")
    assert (row.coupon_id, row.amount_off, row.currency, row.duration, row.ends_at) == (
        "C",
        250,
        "usd",
        "once",
        PERIOD[1],
    )
    (told,) = place.one(SubscriptionChange, "evt_1").discounts
    assert (told["amount_off"], told["ends_at"]) == (250, "2026-01-31T00:00:00")
    assert place.one(Subscription, "sub_6").discounts == [told]


def test_a_credit_note_keeps_its_tax_and_what_refunds_give_back_of_it():
    fields = {"id": "cn_1", "total": 1210, "total_excluding_tax": 1000, "created": BORN, "currency": "usd"}
    refunds = [{"refund": "re_1", "amount_refunded": 700}, {"refund": "re_2", "amount_refunded": 10}]
    row = one(shapes.credit_note, fields | {"refunds": refunds})
    assert (row["total"], row["tax"], row["refunded"]) == (1210, 210, 710)
    older = {"id": "cn_1", "amount": 500, "tax_amounts": [{"amount": 87}], "refund": "re_1", "created": BORN}
    row = one(shapes.credit_note, older)
    assert (row["total"], row["tax"], row["refunded"]) == (500, 87, 500)


def test_a_dispute_says_when_the_bank_took_the_money_and_gave_it_back():
    moved = [{"amount": -4000, "created": BORN + 10}, {"amount": 4000, "created": BORN + MONTH}]
    row = one(shapes.dispute, {"id": "dp_1", "status": "won", "balance_transactions": moved})
    assert (row["withdrawn_at"], row["reinstated_at"]) == (datetime(2026, 1, 1, 0, 0, 10), PERIOD[1])
