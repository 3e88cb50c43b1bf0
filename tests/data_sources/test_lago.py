"""What is Lago's own: whole lists and days, subscriptions that follow each other, fees, credit notes, disputes, wallets."""

import json
from datetime import datetime, timedelta

import pytest

from data_sources.billing.lago import invoices, subscriptions
from data_sources.records import (
    BillingCustomer,
    CreditNote,
    Dispute,
    Invoice,
    InvoiceLine,
    Payment,
    Price,
    Product,
    Refund,
    Subscription,
    SubscriptionItem,
)
from data_sources.streams import Desk, Gone, Put, Rejected, fit
from tests.data_sources.test_connectors import LATER, NOW, Place
from tests.data_sources.vendors.lago import (
    Vendor,
    applied,
    credit_note,
    customer,
    fee,
    invoice,
    payment,
    plan,
    subscription,
)

GROWTH = plan("growth", 39_900)


@pytest.fixture
def place(tmp_path):
    vendor = Vendor()
    with vendor.serve() as url:
        yield Place(tmp_path / "home", vendor, url)


def desk(**stored) -> Desk:
    """A desk that knows these columns: `Price_interval={…}`."""
    return Desk(None, NOW, None, stored=lambda model, column: stored.get(f"{model.__name__}_{column}", {}))


def named(item: dict) -> dict:
    """As the pager hands it over."""
    return item | {"id": item["lago_id"]}


def put(handed, model) -> list[dict]:
    return [one.row for one in handed if isinstance(one, Put) and one.model is model]


def asked(place, path: str) -> dict:
    return next(query for where, query, _ in place.vendor.requests if where == f"/api/v1/{path}")


def test_a_customer_is_named_by_its_id_outside():
    (row,) = put(fit(subscriptions.customer, named(customer("ann")), desk()), BillingCustomer)
    assert (row["id"], row["organization_ref"], row["consumer_ref"]) == ("cus-ann", "org-ann", "app-ann")
    assert row["attributes"]["external_id"] == "org-ann"


def test_subscriptions_that_ended_are_asked_for(place):
    assert place.sync().errors == []
    assert asked(place, "subscriptions")["status[]"] == "canceled", "the last of several"
    ended = place.one(Subscription, "sub-acme0-1")
    assert (ended.status, ended.ended_at) == ("canceled", datetime(2026, 1, 10))


def test_a_trial_is_what_its_plan_gives_until_lago_says_when_it_ended():
    told = desk()
    fit(subscriptions.plan, named(plan("growth", 39_900, trial=14.0)), told)
    begun = subscription("ann", 0, GROWTH, "2026-03-15")
    (row,) = put(fit(subscriptions.subscription, named(begun), told), Subscription)
    assert (row["status"], row["trial_ends_at"]) == ("trialing", datetime(2026, 3, 29))
    (row,) = put(
        fit(subscriptions.subscription, named(begun | {"trial_ended_at": "2026-03-20T00:00:00Z"}), told), Subscription
    )
    assert (row["status"], row["trial_ends_at"]) == ("active", datetime(2026, 3, 20))
    (row,) = put(fit(subscriptions.subscription, named(begun | {"previous_plan_code": "free"}), told), Subscription)
    assert row["trial_ends_at"] is None, "another plan of the same customer begins no other trial"


def test_one_that_waits_for_its_turn_and_one_that_never_began():
    pending = subscription("ann", 0, GROWTH, "2026-04-15", status="pending", started_at=None)
    canceled = subscription(
        "ann", 0, GROWTH, "2026-03-15", status="canceled", started_at=None, canceled_at="2026-03-16T00:00:00Z"
    )
    found = [put(fit(subscriptions.subscription, named(one), desk()), Subscription)[0] for one in (pending, canceled)]
    assert [row["status"] for row in found] == ["future", "incomplete_expired"]
    assert [row["started_at"] for row in found] == [datetime(2026, 4, 15), datetime(2026, 3, 15)]


def test_a_price_agreed_otherwise_is_the_subscriptions_own(place):
    place.vendor.lists["subscriptions"][0]["plan_amount_cents"] = 30_000
    assert place.sync().errors == []
    assert place.one(SubscriptionItem, "sub-acme0-0").price_id == "sub-acme0-0@30000"
    own = place.one(Price, "sub-acme0-0@30000")
    assert (own.unit_amount, own.interval, own.currency) == (30_000, "month", "usd")
    assert place.one(SubscriptionItem, "sub-acme1-0").price_id == "plan-growth"


def test_the_plan_of_a_subscription_may_have_been_deleted():
    held = subscription("ann", 0, GROWTH, "2026-01-10") | {
        "current_billing_period_started_at": "2026-01-10T00:00:00Z",
        "current_billing_period_ending_at": "2027-01-09T23:59:59Z",
    }
    (price,) = put(fit(subscriptions.subscription, named(held), desk()), Price)
    assert (price["unit_amount"], price["interval"], price["interval_count"]) == (39_900, "year", 1)


@pytest.mark.parametrize("days", [-1, True, "two", 1e9])
def test_a_trial_of_no_days_is_rejected(days):
    (found,) = fit(subscriptions.plan, named(plan("x", 1)) | {"trial_period": days}, desk())
    assert isinstance(found, Rejected)
    assert "trial_period" in found.reason


def test_intervals():
    found = [
        put(fit(subscriptions.plan, named(plan("x", 1, one)), desk()), Price)[0]
        for one in ("weekly", "quarterly", "yearly")
    ]
    assert [(row["interval"], row["interval_count"]) for row in found] == [("week", 1), ("month", 3), ("year", 1)]


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({"status": "draft"}, "draft"),
        ({"status": "voided"}, "void"),
        ({"status": "failed"}, "draft"),
        ({"payment_status": "failed"}, "open"),
        ({"payment_status": "pending"}, "open"),
        ({}, "paid"),
    ],
)
def test_states_of_a_bill(given, status):
    (row,) = put(fit(invoices.invoice, named(invoice("ann", "1", 10_000, "2026-01-10")) | given, desk()), Invoice)
    assert row["status"] == status


def test_a_bill_is_what_it_was_before_credit_paid_some_of_it():
    held = invoice("ann", "1", 10_000, "2026-01-10", coupons=1_000, taxes=1_800)
    held |= {
        "credit_notes_amount_cents": 3_000,
        "total_amount_cents": 7_800,
        "prepaid_granted_credit_amount_cents": 800,
    }
    (row,) = put(fit(invoices.invoice, named(held), desk()), Invoice)
    assert (row["subtotal"], row["discount"], row["tax"], row["total"]) == (10_000, 1_800, 1_800, 10_000)
    assert row["amount_due"] == 7_800


def test_what_is_paid_into_a_wallet_is_no_bill():
    held = invoice("ann", "1", 10_000, "2026-01-10", invoice_type="credit")
    assert fit(invoices.invoice, named(held), desk()) == [Gone(Invoice, "inv-1")]
    line = fee(held, 0, subscription("ann", 0, GROWTH, "2026-01-10"), 10_000, "2026-01-10", "2026-02-10")
    known = desk(Invoice_status={"inv-1": "paid"})
    assert fit(invoices.fee, named(line | {"item": {"type": "credit"}}), known) == [Gone(InvoiceLine, line["lago_id"])]


def test_a_bill_is_paid_when_its_last_payment_went_through():
    bill = invoice("ann", "1", 10_000, "2026-01-10")
    known = desk(
        Payment_invoice_id={"p1": "inv-1", "p2": "inv-1", "p3": "inv-1"},
        Payment_status={"p1": "succeeded", "p2": "succeeded", "p3": "failed"},
        Payment_created_at={"p1": datetime(2026, 1, 12), "p2": datetime(2026, 1, 15), "p3": datetime(2026, 1, 20)},
    )
    (row,) = put(fit(invoices.invoice, named(bill), known), Invoice)
    assert row["paid_at"] == datetime(2026, 1, 15)
    (row,) = put(fit(invoices.invoice, named(bill), desk()), Invoice)
    assert row["paid_at"] is None


def test_a_dispute_that_was_lost_takes_the_payment(place):
    assert place.sync().errors == []
    lost = place.one(Dispute, "inv-5:dispute")
    assert (lost.status, lost.payment_id, lost.amount, lost.withdrawn_at) == (
        "lost",
        "pay-inv-5-0",
        39_900,
        datetime(2026, 2, 20, 8),
    )


def test_a_fee_covers_the_second_that_lago_writes_as_its_last(place):
    bill, held = place.vendor.lists["invoices"][0], place.vendor.lists["subscriptions"][0]
    place.vendor.lists["fees"].append(fee(bill, 1, held, 20_000, "2026-01-26", "2026-02-10"))
    assert place.sync().errors == []
    whole, half = place.one(InvoiceLine, "fee-inv-0-0"), place.one(InvoiceLine, "fee-inv-0-1")
    assert (whole.period_ends_at, whole.proration) == (datetime(2026, 2, 10), False)
    assert (half.period_ends_at, half.proration) == (datetime(2026, 2, 10), True)


def test_a_fee_of_use_is_no_item_of_a_subscription():
    bill, held = invoice("ann", "1", 10_000, "2026-01-10"), subscription("ann", 0, GROWTH, "2026-01-10")
    use = fee(bill, 0, held, 126, "2026-01-10", "2026-02-10") | {
        "item": {"type": "charge", "name": "Seats"},
        "units": 12.6,
    }
    (row,) = put(fit(invoices.fee, named(use), desk(Invoice_status={"inv-1": "paid"})), InvoiceLine)
    assert (row["subscription_item_id"], row["price_id"], row["quantity"], row["proration"]) == (
        None,
        None,
        None,
        False,
    )


def test_a_draft_makes_its_fees_anew_so_they_are_none_yet(place):
    bill = place.vendor.lists["invoices"][3]
    bill["status"] = "draft"
    place.sync()
    assert place.one(InvoiceLine, "fee-inv-3-0") is None
    bill["status"] = "finalized"
    place.vendor.lists["fees"][3]["lago_id"] = "fee-anew"
    assert place.sync(LATER).errors == []
    assert {row.id for row in place.all(InvoiceLine) if row.invoice_id == "inv-3"} == {"fee-anew"}


def test_bills_are_asked_for_from_the_oldest_that_is_not_settled_and_whole_every_week(place):
    place.sync()
    assert "issuing_date_from" not in asked(place, "invoices")
    place.vendor.requests.clear()
    place.sync(LATER)
    assert asked(place, "invoices")["issuing_date_from"] == "2026-01-08", "the bill of 10 January is open"
    assert asked(place, "fees")["created_at_from"] == "2026-01-08"
    place.vendor.change()
    place.sync(LATER + timedelta(hours=1))
    place.vendor.requests.clear()
    place.vendor.lists["invoices"][1]["status"] = "voided"
    place.sync(LATER + timedelta(hours=2))
    assert asked(place, "invoices")["issuing_date_from"] == "2026-03-20"
    assert place.one(Invoice, "inv-1").status == "paid", "not asked for again yet"
    assert len(place.all(Invoice)) == 7, "what was not asked for is not gone"
    place.sync(LATER + timedelta(days=8))
    assert place.one(Invoice, "inv-1").status == "void"


def test_a_plan_that_was_deleted_stays_what_bills_name(place):
    place.sync()
    place.vendor.lists["plans"].pop(0)
    assert place.sync(LATER).errors == []
    assert place.one(Product, "plan-free") is not None
    assert place.one(Price, "plan-free") is not None


def test_the_part_of_a_note_that_was_refunded_is_told_by_its_refund():
    bill = invoice("ann", "1", 10_000, "2026-01-10")
    known = {
        "Payment_invoice_id": {"p1": "inv-1"},
        "Payment_status": {"p1": "succeeded"},
        "Payment_created_at": {"p1": NOW},
    }
    note = named(credit_note(bill, 0, 6_000, "2026-02-01", refund=4_000, taxes=1_000))
    (row,), (back,) = (put(fit(invoices.credit_note, note, desk(**known)), model) for model in (CreditNote, Refund))
    assert (row["total"], row["tax"], row["refunded"]) == (6_000, 1_000, 4_000)
    assert (back["payment_id"], back["amount"]) == ("p1", 4_000)
    for told, how in ((desk(**known), "pending"), (desk(**known), "failed"), (desk(), "succeeded")):
        found = fit(invoices.credit_note, note | {"refund_status": how}, told)
        assert (put(found, CreditNote)[0]["refunded"], put(found, Refund)) == (0, []), "the note takes all of it back"


def test_a_line_names_the_coupon_that_its_customer_had_then():
    told = desk(Invoice_status={"inv-1": "paid"})
    bill, held = invoice("ann", "1", 10_000, "2026-02-10"), subscription("ann", 0, GROWTH, "2026-01-10")
    line = named(fee(bill, 0, held, 10_000, "2026-02-10", "2026-03-10", off="1000.49999"))

    def discount() -> list[dict]:
        (row,) = put(fit(invoices.fee, line, told), InvoiceLine)
        return row["discounts"]

    assert discount() == [{"discount_id": None, "amount": 1_000}]
    fit(subscriptions.applied_coupon, named(applied("ann", 0)), told)
    fit(subscriptions.applied_coupon, named(applied("ann", 1, terminated_at="2026-01-20T00:00:00Z")), told)
    assert discount() == [{"discount_id": "ac-ann-0", "amount": 1_000}]
    fit(subscriptions.applied_coupon, named(applied("ann", 2)), told)
    assert discount() == [{"discount_id": None, "amount": 1_000}], "of several, nobody says which"


def test_without_payments_bills_are_paid_on_their_own_day(place):
    place.vendor.lists["payments"] = None
    result = place.sync()
    assert result.errors == []
    assert any("Lago tells no payments" in (stream.note or "") for stream in result.streams)
    assert place.one(Invoice, "inv-0").status == "paid"
    assert place.all(Refund) == []


@pytest.mark.parametrize("given", ["NaN", "Infinity", "much"])
def test_units_that_are_no_number_are_rejected(given):
    bill, held = invoice("ann", "1", 10_000, "2026-01-10"), subscription("ann", 0, GROWTH, "2026-01-10")
    line = named(fee(bill, 0, held, 126, "2026-01-10", "2026-02-10")) | {"units": given}
    (found,) = fit(invoices.fee, line, desk(Invoice_status={"inv-1": "paid"}))
    assert isinstance(found, Rejected)


def test_a_payment_of_several_bills_is_of_the_first():
    held = payment(invoice("ann", "1", 10_000, "2026-01-10"), 0, "2026-01-11") | {"invoice_ids": ["inv-1", "inv-2"]}
    (row,) = put(fit(invoices.payment, named(held | {"payment_status": "processing"}), desk()), Payment)
    assert (row["invoice_id"], row["status"]) == ("inv-1", "pending")


@pytest.mark.parametrize(
    ("name", "records", "model"),
    [
        ("customer", subscriptions.customer, BillingCustomer),
        ("subscription", subscriptions.subscription, Subscription),
        ("invoice", invoices.invoice, Invoice),
    ],
)
def test_documented_objects_become_records(cases, name, records, model):
    item = named(json.loads((cases / "lago" / f"{name}.json").read_text())[name])
    handed = fit(records, item, desk())
    assert not any(isinstance(one, Rejected) for one in handed), handed
    (row,) = put(handed, model)
    assert row["id"] == item["lago_id"]
    for number, line in enumerate(item.get("fees", ())):
        bill = {"lago_id": f"fee-{number}", "lago_invoice_id": item["lago_id"]}
        (found,) = put(
            fit(invoices.fee, named(line | bill), desk(Invoice_status={item["lago_id"]: "open"})), InvoiceLine
        )
        assert found["amount"] == line["amount_cents"]
