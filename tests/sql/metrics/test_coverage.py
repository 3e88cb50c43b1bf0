"""What has no known organization: each reason in words, and sums that add up with what resolves."""

from datetime import date, datetime

import pytest

from tests.sql.marts.world import World, ask, rows

JUNE = date(2026, 6, 10)
CREATED = datetime(2026, 1, 1)


def bill(world: World, id: str, customer: str, total: int) -> None:
    """A paid bill of June, in cents."""
    world.add(
        "invoice",
        id,
        source="stripe",
        customer_id=customer,
        status="paid",
        currency="usd",
        total=total,
        tax=0,
        amount_paid=total,
        paid_at=datetime(2026, 6, 10),
    )


@pytest.fixture(scope="module")
def con(tmp_path_factory):
    """One of each: a company, a free-mail person, a throw-away address, keys and bills of nobody we know, a lone payer."""
    world = World(tmp_path_factory.mktemp("coverage"))
    for id, email in {"co": "ann@acme.com", "free": "bob@gmail.com", "gone": "x@guerrillamail.com"}.items():
        world.person(id, email).add("application", f"app_{id}", developer_id=id, created_at=CREATED)
        world.calls(JUNE, ok=10, application_ref=f"app_{id}")
    world.person("none", None, verified=False)
    world.person("host", "dan@house.example")
    world.add("credential", "key_1", source="kong", kind="key", created_at=CREATED)
    world.calls(JUNE, ok=7, credential_ref="key_1").calls(JUNE, ok=5).calls(JUNE, ok=3, credential_ref="who knows")
    for customer, of in {"cus_1": "app_co", "cus_2": "app_free", "cus_3": None}.items():
        world.add(
            "billing_customer", customer, source="stripe", consumer_ref=of, currency="usd", name=f"Name {customer}"
        )
    for n, customer in enumerate(["cus_1", "cus_2", "cus_3", "cus_9"], 1):
        bill(world, f"in_{n}", customer, 1000 * n)
    return world.build()


def test_each_reason_is_named_with_what_it_rests_on(con):
    found = {(one["why"], one["detail"]): one for one in ask(con, "unresolved")}
    assert {key: (one["calls"], one["revenue"]) for key, one in found.items()} == {
        ("free mail", "gmail.com"): (10, 20),
        ("disposable mail", "guerrillamail.com"): (10, 0),
        ("no owner", None): (7, 0),
        ("anonymous", "logs"): (5, 0),
        ("unknown key", "logs, 1 key"): (3, 0),
        ("unknown customer", "1 bill, refund or dispute"): (0, 40),
        ("only a bill", None): (0, 30),
        ("no address", None): (0, 0),
        ("no team", "house.example"): (0, 0),
    }
    assert all(one["why_label"] and one["what_settles_it"] for one in found.values())
    assert [one["calls"] for one in ask(con, "unresolved")] == sorted(
        (one["calls"] for one in found.values()), reverse=True
    )


@pytest.mark.parametrize("dates", [{}, {"date_from": date(2026, 6, 1), "date_to": date(2026, 6, 11)}])
def test_what_resolves_and_what_does_not_is_all_there_is(con, dates):
    (covered,) = ask(con, "coverage", **dates)
    rest = ask(con, "unresolved", **dates)
    assert covered["calls_resolved"] + sum(one["calls"] for one in rest) == covered["calls"] == 45
    assert covered["revenue_resolved"] + sum(one["revenue"] for one in rest) == covered["revenue"] == 100
    assert covered["developers_resolved"] + sum(one["developers"] for one in rest) == covered["developers"] == 5
    assert (covered["calls_resolved"], covered["calls_named"]) == (10, 37)


def test_a_period_without_calls_has_no_share(con):
    (covered,) = ask(con, "coverage", date_from=date(2024, 1, 1), date_to=date(2024, 2, 1))
    assert (covered["calls"], covered["calls_share"], covered["revenue"]) == (0, None, 0)


def test_the_directory_says_how_sure_it_is_and_what_is_flagged(con):
    listed = {one["account_id"]: one for one in ask(con, "directory")}
    company = next(one for one in listed.values() if one["domain"] == "acme.com")
    assert company["certainty"] == 0.85
    assert company["why_unresolved"] is None
    alone = listed["dev:test:free"]
    assert (alone["certainty"], alone["why_unresolved"]) == (None, "A free-mail address")
    assert listed["nobody:public"]["why_unresolved"] == "Calls or bills of nobody"
    for flag, label in {"no_economic_buyer": "No economic buyer", "stalled": "Stalled"}.items():
        flagged = {one["account_id"] for one in ask(con, "directory", flag=flag)}
        assert flagged == {id for id, one in listed.items() if label in (one["flags"] or "")}
    assert any(one["flags"] for one in listed.values())


def test_a_link_that_waits_and_a_merge_held_back_come_before_the_address(tmp_path):
    world = World(tmp_path)
    world.person("dev_1", "bob@gmail.com", verified=False).person("dev_2", "eve@gmail.com")
    world.add("billing_customer", "cus_1", source="stripe", email="bob@gmail.com")
    built = world.build()
    assert dict(rows(built, "select account_id, why from account_coverage where why <> 'only a bill'")) == {
        "dev:test:dev_1": "in review",
        "dev:test:dev_2": "free mail",
    }
