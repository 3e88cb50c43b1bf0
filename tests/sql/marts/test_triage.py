"""Free accounts told apart: traits that know nothing of what came later, who is free when, classes, evidence and signs of abuse."""

import random
from datetime import date, datetime, timedelta
from math import exp, log

import pytest

from tests.sql.marts.world import AS_OF, World, ask, rows

DAY = timedelta(days=1)
CUT = datetime(2026, 3, 1)
FACTS = (
    "t.tier, domain, company_named, developers, disposable, verified, applications, keys, docs_read, pricing_read, talks, tickets, calls, ok, client_errors,"
    " refused_auth, refused_quota, writes, active_days, ok_days, weekdays, silent_days, addresses, routes"
)


@pytest.fixture
def world(tmp_path):
    return World(tmp_path)


def person(world: World, id: str, begun: datetime, domain: str = "gmail.com", name: str | None = None) -> str:
    """Somebody with a key from the same moment; the id of the account of that one alone."""
    world.person(id, f"{id}@{domain}", created=begun, name=name or id)
    world.add("application", f"app_{id}", developer_id=id, created_at=begun)
    return f"dev:test:{id}"


def pays(world: World, id: str, paid: datetime, started: datetime, domain: str = "gmail.com") -> None:
    """A bill of ten dollars that the application's payer paid."""
    world.add("billing_customer", f"cus_{id}", email=f"{id}@{domain}", consumer_ref=f"app_{id}", created_at=started)
    world.add("invoice", f"in_{id}", customer_id=f"cus_{id}", status="paid", currency="usd", total=1000, tax=0,
              created_at=paid, finalized_at=paid, paid_at=paid)  # fmt: skip


def crowd(home, until: datetime) -> World:
    """A dozen accounts with whatever happens to accounts, of which only what was there before `until` is told."""
    world, dice = World(home), random.Random(5)

    def tell(table: str, id: str, at: datetime, **fields) -> None:
        if at < until:
            world.add(table, id, **fields)

    for number in range(12):
        begun = datetime(2026, 1, 5) + timedelta(days=dice.uniform(0, 60))
        domain = f"firm{number}.example" if number % 2 else "gmail.com"
        for member in range(dice.randint(1, 3)):
            id, joins = f"p{number}_{member}", begun + timedelta(days=member * dice.uniform(0, 40))
            verified = joins + timedelta(days=dice.uniform(0, 20))
            # a verified address is not told of before it was verified
            seen = verified if verified < until else None
            tell("developer", id, joins, email=f"{id}@{domain}", name=id, created_at=joins, verified_at=seen)
            if domain == "gmail.com" and member:
                continue
            app = joins + timedelta(days=dice.uniform(0, 5))
            tell("application", f"app_{id}", app, developer_id=id, created_at=app, plan="free")
            for _ in range(dice.randint(0, 25)):
                at = app + timedelta(days=dice.uniform(0, 50))
                given = {"ok": dice.randint(0, 4), "client_errors": dice.randint(0, 2), "writes_ok": dice.randint(0, 1)}
                limited, path, address = dice.randint(0, 1), f"/v1/{dice.randint(0, 4)}", f"ip{dice.randint(0, 3)}"
                if at < until.replace(hour=0):
                    world.calls(at.date(), application_ref=f"app_{id}", refused_quota=limited, distinct_ips=1, **given)
                    caller = world.usage[-1]["caller_id"]
                    world.routes.append((at.date(), caller, "rates", path, "GET", 1, given["ok"], at, path))
                    world.caller_addresses.append((at.date(), caller, address))
            for kind in ("docs_read", "pricing_read", "contact_requested"):
                at = joins + timedelta(days=dice.uniform(0, 60))
                tell("portal_event", f"{kind}{id}", at, kind=kind, occurred_at=at, developer_ref=id)
            at = joins + timedelta(days=dice.uniform(0, 60))
            tell("support_user", f"su_{id}", at, email=f"{id}@{domain}", verified=True, role="end-user", created_at=at)
            tell("ticket", f"t_{id}", at + DAY, requester_id=f"su_{id}", subject="What would more calls cost?",
                 status="solved", created_at=at + DAY, updated_at=at + DAY)  # fmt: skip
        paid = begun + timedelta(days=dice.uniform(20, 90))
        if number % 3 == 0 and paid < until:
            pays(world, f"p{number}_0", paid, paid - DAY, domain)
        if number % 4 == 1:
            signed = begun + timedelta(days=70)
            tell("contract", f"c{number}", signed, organization_name=f"Firm {number}", domain=domain, tier="partner",
                 status="signed", signed_at=signed, starts_at=signed, created_at=signed)  # fmt: skip
    return world


def known(con, table: str, columns: str) -> dict:
    """By first record and number of days, of those whose days were over at the cut."""
    found = rows(
        con,
        f"select a.first_node, t.window_day, {columns} from {table} as t join triage_window using (account_id, window_day)"
        f" join triage_account as a on a.account_id = t.account_id where triage_window.until <= date '{CUT:%Y-%m-%d}'",
    )
    return {row[:2]: row[2:] for row in found}


def test_nothing_that_came_later_changes_a_trait_a_score_or_who_was_free(tmp_path):
    """All that came after is deleted (calls, people, keys, tickets, bills, contracts): what was known of the first days stays as it was."""
    whole, cut = crowd(tmp_path / "whole", AS_OF).build(), crowd(tmp_path / "cut", CUT).build()
    for table, columns in (
        ("triage_fact", FACTS),
        ("triage_input", "company, developers, success_days, weekdays, silent, talks"),
        ("triage_score", "round(probability, 12)"),
        ("triage_class", "class"),
        ("triage_sign", "sign"),
    ):
        assert known(whole, table, columns) == known(cut, table, columns), table
    facts = known(whole, "triage_fact", FACTS)
    assert len(facts) >= 25
    assert sum(bool(row[12]) for row in facts.values()) >= 10, "of which many call"
    later = rows(whole, "select count(*) from triage_use where known_after >= 7")[0][0]
    assert later > 0, "and much came later that could have leaked"


def test_what_joins_an_account_later_was_not_its_own_before(world):
    """Two people of a company are one account once somebody says so; what the second did before is not the first one's."""
    first, second = datetime(2026, 1, 1), datetime(2026, 1, 2)
    person(world, "ann", first)
    person(world, "bob", second)
    for day in (3, 4):
        world.calls(date(2026, 1, day), ok=5, application_ref="app_bob")
    world.add("organization", "acme", name="Acme", created_at=datetime(2026, 4, 1), domain="acme.example")
    for id in ("ann", "bob"):
        world.add("contact", f"c_{id}", email=f"{id}@gmail.com", organization_ref="acme")
        world.add("billing_customer", f"b_{id}", email=f"{id}@gmail.com", organization_ref="acme",
                  created_at=datetime(2026, 4, 1))  # fmt: skip
    con = world.build()
    found = rows(con, "select account_id, developers, calls from triage_fact where window_day = 14 order by calls")
    assert [row[1:] for row in found] == [(1, 0)], "one account, which is that of the first"


def test_who_is_free_when(world):
    begun = datetime(2026, 1, 1)
    ever = person(world, "ever", begun)
    person(world, "soon", begun)
    pays(world, "soon", begun + 9 * DAY, begun + 8 * DAY)
    person(world, "young", AS_OF - 8 * DAY)
    person(world, "ours", begun, domain="house.example")
    person(world, "billed", begun)
    pays(world, "billed", AS_OF + 3 * DAY, begun)
    con = world.build()
    found: dict[str, list[int]] = {}
    for node, day in rows(
        con, "select first_node, window_day from triage_window join triage_account using (account_id) order by 2"
    ):
        found.setdefault(node.rsplit(":", 1)[1], []).append(day)
    assert found.pop("billed") == [3, 7, 14, 30]
    assert found == {"ever": [3, 7, 14, 30], "soon": [3, 7], "young": [3, 7]}
    shown = {
        node for (node,) in rows(con, "select first_node from triage_result join triage_account using (account_id)")
    }
    assert shown == {f"developer:test:{id}" for id in ("ever", "young", "billed")}, (
        "a bill of a later day is no payment yet"
    )
    assert ever in {row["account_id"] for row in ask(con, "triage_accounts")}


def test_the_prior_is_the_stated_weights_and_evidence_adds_up(world):
    account = person(world, "ann", datetime(2026, 6, 1), domain="acme.example")
    world.person("bob", "bob@acme.example", created=datetime(2026, 6, 3))
    world.daily(date(2026, 6, 2), 4, ok=10, writes_ok=4, application_ref="app_ann")
    con = world.build()
    values = dict(rows(con, "select trait, value from triage_value where window_day = 14"))
    prior = rows(con, "select trait, prior_weight, prior_mean from triage_trait")
    assert set(values) == {trait for trait, *_ in prior}, "every trait that is weighed is explained, and the reverse"
    odds = log(0.05 / 0.95) + sum(float(weight) * (values[trait] - float(mean)) for trait, weight, mean in prior)
    row = ask(con, "triage_accounts")[0]
    assert row["probability"] == pytest.approx(1 / (1 + exp(-odds)))
    assert row["class"] == "commercial"
    assert row["name"]
    assert row["account_id"] != account
    assert "company domain acme.example" in row["evidence"]
    assert "2 developers" in row["evidence"]
    evidence = {one["label"]: one for one in ask(con, "triage_evidence", account=account)}
    assert evidence["Developers"]["contribution"] == pytest.approx(0.7 * (1 - 0.15))
    assert evidence["Writes"]["evidence"] == "writes: 16 of 40 successful calls"
    assert evidence["Writes"]["odds"] == pytest.approx(exp(evidence["Writes"]["contribution"]))
    assert all(abs(one["contribution"]) >= 0.1 for one in evidence.values())
    assert ask(con, "triage_quality")[0]["kind"] == "prior"


def test_classes(world):
    begun = datetime(2026, 5, 1)
    person(world, "alone", begun)
    world.daily(date(2026, 5, 2), 2, ok=1, application_ref="app_alone")
    person(world, "silent", begun)
    person(world, "firm", begun, domain="firm.example")
    world.calls(date(2026, 5, 20), client_errors=5, refused_auth=5, application_ref="app_firm")
    person(world, "busy", begun, domain="busy.example")
    world.person("busy2", "busy2@busy.example", created=begun + DAY)
    world.daily(date(2026, 5, 4), 20, ok=30, writes_ok=9, application_ref="app_busy")
    con = world.build()
    found = dict(
        rows(
            con,
            "select split_part(first_node, ':', 3), class from triage_result join triage_account using (account_id)",
        )
    )
    assert found == {"alone": "hobby", "silent": "undetermined", "firm": "exploring", "busy": "commercial"}


def test_abuse_takes_two_signs_and_says_what_else_they_may_be(world):
    begun = datetime(2026, 5, 1)
    for number in range(5):
        person(world, f"same{number}", begun + number * DAY, domain="gmail.com", name="Max Muster")
        world.calls(date(2026, 5, 10), ok=3, application_ref=f"app_same{number}")
        world.caller_addresses.append((date(2026, 5, 10), world.usage[-1]["caller_id"], "hash-of-an-address"))
    for number in range(5):  # an office: one address, but their own names
        person(world, f"office{number}", begun, name=f"Person {number} Office")
        world.calls(date(2026, 5, 10), ok=3, application_ref=f"app_office{number}")
        world.caller_addresses.append((date(2026, 5, 10), world.usage[-1]["caller_id"], "hash-of-an-office"))
    con = world.build()
    found = {row["account_id"]: row["class"] for row in ask(con, "triage_accounts")}
    assert {found[f"dev:test:same{n}"] for n in range(5)} == {"abuse"}
    assert {found[f"dev:test:office{n}"] for n in range(5)} == {"hobby"}, "an address alone accuses nobody"
    signs = ask(con, "triage_signs", account="dev:test:office0")
    assert [sign["evidence"] for sign in signs] == ["shares an address with 4 other accounts"]
    assert "office" in signs[0]["caution"]


def test_the_chance_sinks_while_nothing_is_paid_and_ends_with_the_window(world):
    for id, age in (("new", 30), ("old", 120), ("over", 180)):
        person(world, id, AS_OF - age * DAY, domain=f"{id}.example")
    con = world.build()
    found = {row["account_id"]: row for row in ask(con, "triage_accounts")}
    new, old, over = (next(row for row in found.values() if row["age_days"] == age) for age in (30, 120, 180))
    assert new["probability"] == old["probability"] == over["probability"], "they did the same in their first days"
    assert new["chance_now"] > old["chance_now"] > over["chance_now"] == 0
    p, gone = old["probability"], 120 / 180  # the prior takes payers to come evenly
    assert old["chance_now"] == pytest.approx(p * (1 - gone) / (1 - p * gone))
    summary = {row["class"]: row for row in ask(con, "triage_summary")}
    assert sum(row["accounts"] for row in summary.values()) == 2
    assert sum(row["expected_payers"] for row in summary.values()) == pytest.approx(
        new["chance_now"] + old["chance_now"]
    )


def test_what_has_no_date_is_no_step_of_the_first_days(world):
    """A colleague, an application and talks that no source dates may have come on any day; a contract is dated by what it says."""
    account = person(world, "ann", datetime(2026, 1, 1), domain="acme.example")
    world.add(
        "developer", "bob", email="bob@acme.example", name="bob", verified_at=datetime(2026, 1, 1), created_at=None
    )
    world.add("application", "app_bob", developer_id="bob", created_at=None)
    world.calls(date(2026, 1, 5), ok=3, application_ref="app_bob")
    world.add("ticket", "t_1", requester_id="su_1", subject="Help", status="open", created_at=None)
    world.add("opportunity", "o_1", organization_name="Acme", domain="acme.example", created_at=None)
    world.add("contract", "k_1", organization_name="Acme", domain="acme.example", status="signed",
              signed_at=datetime(2026, 5, 1), starts_at=datetime(2026, 5, 2), created_at=None)  # fmt: skip
    con = world.build()
    found = rows(con, "select developers, applications, talks, tickets, calls from triage_fact where window_day = 30")
    assert found == [(1, 1, 0, 0, 3)], account
    assert rows(con, "select joined_at from triage_member where starts_with(node, 'contract:')") == [
        (datetime(2026, 5, 1),)
    ]


def test_an_account_whose_only_record_has_no_date_begins_with_its_first_call(world):
    world.add("developer", "ann", email="ann@acme.example", name="ann", verified_at=None, created_at=None)
    world.add("application", "app_ann", developer_id="ann", created_at=None)
    world.calls(date(2026, 3, 5), ok=3, application_ref="app_ann")
    assert rows(
        world.build(), "select entered_on, developers, domain, calls from triage_fact where window_day = 3"
    ) == [(date(2026, 3, 5), 1, "acme.example", 3)]


def test_an_address_joins_two_records_from_the_day_on_which_it_was_verified(world):
    """She asked what more costs on day 3, from an address that was verified as hers on day 20."""
    begun = datetime(2026, 1, 1)
    person(world, "ann", begun)
    world.records["developer"][-1]["verified_at"] = begun + 20 * DAY
    world.add("support_user", "su", email="ann@gmail.com", verified=True, role="end-user", created_at=begun)
    world.add("ticket", "t", requester_id="su", subject="What would more calls cost?", status="open",
              created_at=begun + 3 * DAY, updated_at=begun + 3 * DAY)  # fmt: skip
    con = world.build()
    found = dict(rows(con, "select window_day, talks from triage_fact"))
    assert found == {3: 0, 7: 0, 14: 0, 30: 1}


@pytest.mark.parametrize(
    ("rule", "given", "is_known"),
    [
        (("open", "tag", "reviewed"), {"tags": ["reviewed"]}, False),
        (("open", "plan", "growth"), {"plan": "growth"}, False),
        (("open", "approved", "growth"), {"plan": "growth"}, False),
        (("open", "approved", "free"), {"plan": "free"}, True),
        (("open", "approved", None), {"plan": "growth"}, True),
    ],
)
def test_a_tier_that_may_have_come_later_is_no_trait(world, rule, given, is_known):
    """A tag or a plan is what the record says today, whenever somebody put it there."""
    world.rules = [rule, ("public", "always", None)]
    world.plans = [(1, "free", True, True, None), (2, "growth", False, True, 49.0)]
    person(world, "ann", datetime(2026, 6, 1))
    world.records["application"][-1].update(given)
    con = world.build()
    assert rows(
        con, "select distinct tier, open_tier from triage_input join triage_fact using (account_id, window_day)"
    ) == [("open", float(is_known))]


def test_an_approval_of_a_known_day_makes_the_tier_of_a_tag_a_trait_from_then_on(world):
    """The tag decides, but the verified address would have led to the same tier on day 10."""
    begun = datetime(2026, 1, 1)
    world.rules = [("open", "tag", "reviewed"), ("open", "approved", "free"), ("public", "always", None)]
    world.plans = [(1, "free", True, True, None)]
    person(world, "ann", begun)
    world.records["developer"][-1]["verified_at"] = begun + 10 * DAY
    world.records["application"][-1].update(tags=["reviewed"], plan="free")
    con = world.build()
    assert set(rows(con, "select distinct rule from account_tier")) == {("tag = reviewed",)}
    assert dict(rows(con, "select window_day, open_tier from triage_input")) == {3: 0, 7: 0, 14: 1, 30: 1}


@pytest.mark.parametrize(
    ("rates", "hour", "advice"),
    [
        ({"support_rate_per_hour": 60}, 60, "Self-service only"),
        ({"support_rate_per_hour": None}, None, None),
        ({"support_rate_per_hour": None, "support_rate": [{"group": "desk", "per_hour": 60}]}, None, None),
        (
            {
                "support_rate_per_hour": 60,
                "support_rate": [
                    {"from": date(2025, 1, 1), "per_hour": 90},
                    {"from": date(2026, 1, 1), "per_hour": 1.2},
                    {"from": date(2027, 1, 1), "per_hour": 80},
                ],
            },
            1.2,
            "A personal mail; no call",
        ),
    ],
)
def test_what_follows_takes_the_rate_of_today_or_is_not_said(world, rates, hour, advice):
    world.settings |= rates
    world.costs = [("compute", "EC2", "calls", None)]
    world.add("cost_entry", "c", service_name="EC2", currency="usd", billed_cost_micros=1_000_000,
              charge_period_started_at=AS_OF - DAY, charge_period_ends_at=AS_OF)  # fmt: skip
    five_that_paid(world)
    row = shown_worth(world, "hobby")
    assert (row["hour_rate"], row["advice"]) == (hour, advice)
    assert row["brings"] == 10
    assert row["hours"] == (None if hour is None else pytest.approx(row["worth"] / hour))


def test_what_a_conversion_brings_is_not_known_without_costs(world):
    five_that_paid(world)
    row = shown_worth(world, "hobby")
    assert (row["conversions"], row["brings"], row["worth"], row["hours"], row["advice"]) == (5, None, None, None, None)


def five_that_paid(world: World) -> None:
    """A year ago, ten dollars each; and one that is free and new."""
    for number in range(5):
        begun = datetime(2025, 6, 1) + number * DAY
        person(world, f"old{number}", begun)
        pays(world, f"old{number}", begun + 40 * DAY, begun + 39 * DAY)
    person(world, "new", AS_OF - 20 * DAY)
    world.calls((AS_OF - 19 * DAY).date(), ok=1, application_ref="app_new")


def shown_worth(world: World, class_name: str) -> dict:
    (row,) = [one for one in ask(world.build(), "triage_worth") if one["class"] == class_name]
    return row
