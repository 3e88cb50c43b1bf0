"""One story told by four billers, by Chargebee in both its catalogs, comes out the same: movements, bills, revenue, payments."""

from contextlib import ExitStack
from datetime import date, datetime

import pytest
from sqlmodel import select

from data_sources import program as programs
from data_sources.ledger import RejectedRecord
from data_sources.sync import sync_all
from sql.catalogue import ROOT
from tests.data_sources.vendors import one_story, vendor_of
from tests.data_sources.vendors.server import TOKEN
from tests.new_store import new_store
from tests.sql.marts.world import World, ask, rows

NOW = datetime(2026, 6, 30)
KINDS = ("stripe", "lago", "chargebee", "first_catalog", "recurly")
USD_FOR_YEN = 0.01
TOLD = [(kind, who) for kind in KINDS for who in one_story.WHO if (kind, who) != ("lago", "fay")]  # Lago knows no pause

MOVEMENTS = {
    "ann": [("02", "new", 100.0), ("03", "expansion", 210.0), ("05", "churn", -310.0), ("06", "reactivation", 100.0)],
    "bob": [("01", "new", 100.0)],
    "cat": [("01", "new", 40.0), ("03", "expansion", 24.0)],
    "dai": [("02", "new", 50.0)],
    "eve": [("03", "new", 49.9)],
    "fay": [("02", "new", 100.0), ("04", "churn", -100.0)],
    "gus": [("05", "new", 100.0)],
}
REVENUE = {
    "ann": [("01", 0), ("02", 10_000), ("03", 20_500), ("04", 31_000), ("06", 10_000)],
    "bob": [("01", 120_000)],
    "cat": [("01", 4_000), ("02", 4_000), *((f"{month:02d}", 6_400) for month in range(3, 7))],
    "dai": [("02", 3_000), *((f"{month:02d}", 5_000) for month in range(3, 7))],
    "eve": [(f"{month:02d}", 4_990) for month in range(3, 7)],
    "fay": [(f"{month:02d}", 10_000) for month in range(2, 5)],
    "gus": [("05", 10_000)],
}
# ann's are left out: what was not used of a month is a line of one bill at Stripe, a note on an earlier one elsewhere
BILLS = {
    "bob": [(date(2026, 1, 24), "usd", 120_000, 120_000)],
    "cat": [(date(2026, month, 1), "usd", 4_800 if month < 3 else 7_680, 4_000 if month < 3 else 6_400) for month in range(1, 7)],
    "dai": [(date(2026, month, 1), "jpy", 5_000, 5_000) for month in range(2, 7)],
    "eve": [(date(2026, month, 4 if month == 3 else 1), "usd", 5_988, 4_990) for month in range(3, 7)],
    "gus": [(date(2026, 5, 1), "usd", 10_000, 10_000), (None, "usd", 10_000, 10_000)],
}  # fmt: skip


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """The marts over one home whose five sources tell the story, synced twice."""
    home = tmp_path_factory.mktemp("story")
    (home / "secrets").mkdir()
    (home / "secrets" / "vendor").write_text(TOKEN)
    sections = ['[program]\nname = "t"\n']
    with ExitStack() as stack:
        for kind in KINDS:
            vendor = vendor_of("chargebee" if kind == "first_catalog" else kind)
            vendor.page = 20
            lists = getattr(one_story, f"of_{kind}")()
            vendor.lists = lists[0] if kind == "recurly" else lists
            if kind == "recurly":
                vendor.redemptions = lists[1]
            settings = vendor.settings(stack.enter_context(vendor.serve())) | {"name": kind}
            lines = [f'{name} = "{value}"' for name, value in settings.items()]
            lines += ["product_catalog = 1"] if kind == "first_catalog" else []
            sections.append("\n".join(["[[source]]", *lines, ""]))
        (home / "program.toml").write_text("\n".join(sections))
        store = new_store(home)
        results = sync_all(store, programs.load(home), NOW)
        assert [error for result in results for error in result.errors] == []
        again = sync_all(store, programs.load(home), NOW)
        assert [result.changed for result in again] == [0, 0, 0, 0, 0]
    with store.session() as session:
        assert session.exec(select(RejectedRecord)).all() == []
    world = World(home, NOW)
    world.rates = [("jpy", date(2025, 1, 1), USD_FOR_YEN)]
    return world.build()


def of(found: list[tuple], kind: str, who: str) -> list[tuple]:
    return [tuple(row[2:]) for row in found if row[0] == kind and row[1].endswith(who)]


@pytest.mark.parametrize(("kind", "who"), TOLD)
def test_the_movements_are_the_same(told, kind, who):
    moved = ask(told, "mrr_movements")
    customers = dict(
        rows(told, "select account_id, min(source || ' ' || customer_id) from customer_account group by all")
    )
    found: dict[tuple[str, str], float] = {}
    for row in moved:
        if customers[row["account_id"]].startswith(kind) and customers[row["account_id"]].endswith(who):
            key = (f"{row['month']:%m}", row["movement"])
            found[key] = round(found.get(key, 0.0) + row["change"], 2)
    assert [(*key, change) for key, change in sorted(found.items())] == MOVEMENTS[who]


@pytest.mark.parametrize(("kind", "who"), TOLD)
def test_the_revenue_is_the_same(told, kind, who):
    found = rows(
        told,
        "select source, customer_id, strftime(day, '%m'), cast(sum(net_minor) as bigint) from revenue_event group by 1, 2, 3 order by 3",
    )
    assert of(found, kind, who) == REVENUE[who]


@pytest.mark.parametrize("who", BILLS)
@pytest.mark.parametrize("kind", KINDS)
def test_the_bills_are_the_same(told, kind, who):
    found = rows(
        told, "select source, customer_id, cast(paid_at as date), currency, total, net from invoice order by paid_at"
    )
    assert of(found, kind, who) == BILLS[who]


@pytest.mark.parametrize("kind", KINDS)
def test_a_payment_failed_before_it_went_through(told, kind):
    found = rows(
        told, "select source, customer_id, status, cast(created_at as date) from payment order by created_at, status"
    )
    assert of(found, kind, "eve")[:2] == [("failed", date(2026, 3, 1)), ("succeeded", date(2026, 3, 4))]


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_given_back(told, kind):
    found = rows(told, "select source, kind, day, net_minor from revenue_event where kind <> 'invoice' order by day")
    expected = [("refund", date(2026, 2, 10), -2_000)]
    if kind != "stripe":
        expected.append(("credit note", date(2026, 3, 16), -5_000))
    assert [tuple(row[1:]) for row in found if row[0] == kind] == expected


@pytest.mark.parametrize("name", ["mrr_ties_out", "revenue_ties_out", "recognised_ties_out", "money_without_rate"])
def test_the_checks_of_money_find_nothing(told, name):
    assert rows(told, (ROOT / "checks" / f"{name}.sql").read_text()) == []
