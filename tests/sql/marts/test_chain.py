"""Who pays for what, and how we know: the chain with its two-step cases, the people around an account, and its findings."""

from datetime import date, datetime

import pytest

from sql import models
from sql.catalogue import ROOT
from tests.sql.marts.world import World, ask, rows

SIGNED = datetime(2026, 2, 1)
TODAY = date(2026, 6, 30)


@pytest.fixture
def world(tmp_path):
    """A world with a biller, so that who does not pay is known not to."""
    return World(tmp_path).add("billing_customer", "cus_0", source="stripe", email="someone@elsewhere.org")


def team(world: World, name: str, app: str, calls: int = 10, **organization) -> World:
    """An organization at <name>.com with one developer and one application that calls."""
    world.add("organization", f"org_{name}", name=name.title(), domain=f"{name}.com", **organization)
    world.person(f"dev_{name}", f"dev@{name}.com").add(
        "application", app, name=f"{name} app", developer_id=f"dev_{name}"
    )
    return world.calls(TODAY, ok=calls, application_ref=app)


def subscribed(world: World, customer: str, price: int = 4900, **fields) -> World:
    """A customer of the biller with a running subscription at a price a month, in cents."""
    world.add("billing_customer", customer, source="stripe", **fields)
    world.add(
        "subscription", f"sub_{customer}", source="stripe", customer_id=customer, status="active", started_at=SIGNED
    )
    world.add(
        "price", f"price_{customer}", source="stripe", currency="usd", unit_amount=price, billing_scheme="per_unit"
    )
    return world.add(
        "subscription_item", f"it_{customer}", source="stripe", subscription_id=f"sub_{customer}", price_id=f"price_{customer}"
    )  # fmt: skip


def chains(con) -> dict[str, tuple]:
    """Application id → its organization, its payer, the relation, and how a partner stands between."""
    found = rows(
        con,
        "select split_part(chain.node, ':', 3), owner.name, payer.name, relation, two_step from chain"
        " left join account_name as owner on owner.account_id = chain.account_id"
        " left join account_name as payer on payer.account_id = chain.payer_account_id where chain.kind = 'application'",
    )
    return {row[0]: row[1:] for row in found}


def test_an_employer_pays_by_a_contract_or_by_a_subscription(world):
    team(world, "acme", "a1").add("contract", "k1", organization_ref="org_acme", signed_at=SIGNED)
    subscribed(team(world, "birch", "b1"), "cus_b", email="accounts@birch.com")
    con = world.build()
    assert chains(con) == {
        "a1": ("Acme", "Acme", "employer pays", None),
        "b1": ("Birch", "Birch", "employer pays", None),
    }
    assert rows(con, "select payer_evidence, contract_node, billing_customer_node from chain order by node") == [
        ("contract of the organization", "contract:test:k1", None),
        ("subscription", None, "billing_customer:stripe:cus_b"),
    ]


def test_a_developer_who_stands_alone_pays_and_a_free_plan_is_no_payment(world):
    for name, price in (("payer", 900), ("guest", 0)):
        world.person(name, f"{name}@gmail.com").add("application", f"app_{name}", developer_id=name)
        subscribed(world, f"cus_{name}", price, email=f"{name}@gmail.com")
    found = chains(world.build())
    assert found["app_payer"][2] == "developer pays"
    assert found["app_guest"][1:3] == (None, "nobody pays")


def test_a_trial_a_draft_and_an_ended_contract_pay_for_nothing(world):
    team(world, "acme", "a1").add(
        "contract", "k1", organization_ref="org_acme", status="negotiating", created_at=SIGNED
    )
    team(world, "birch", "b1").add(
        "contract", "k2", organization_ref="org_birch", signed_at=SIGNED, ends_at=datetime(2026, 5, 1)
    )
    team(world, "cedar", "c1").add("billing_customer", "cus_c", source="stripe", email="x@cedar.com")
    world.add("subscription", "s", source="stripe", customer_id="cus_c", status="trialing", started_at=SIGNED)
    con = world.build()
    assert {row[2] for row in chains(con).values()} == {"nobody pays"}
    assert sorted(rows(con, "select node, state from contract_state")) == [
        ("contract:test:k1", "not signed"),
        ("contract:test:k2", "ended"),
    ]


def test_without_a_biller_nobody_knows_who_pays(tmp_path):
    con = team(World(tmp_path), "acme", "a1").build()
    assert chains(con)["a1"] == ("Acme", None, "unknown", None)


def test_an_internal_team_is_charged_back_whatever_else_holds(world):
    world.person("in", "in@house.example", organization_name="Maps").add("application", "app_1", developer_id="in")
    assert chains(world.build())["app_1"][2:] == ("internal team", None)


def test_an_isv_by_its_contract_its_record_or_a_share_of_its_revenue(world):
    team(world, "acme", "a1").add("contract", "k1", organization_ref="org_acme", relation="ISV", signed_at=SIGNED)
    team(world, "birch", "b1", kind="isv").add("contract", "k2", organization_ref="org_birch", signed_at=SIGNED)
    team(world, "cedar", "c1").add(
        "contract", "k3", organization_ref="org_cedar", revenue_share_percent=20.0, signed_at=SIGNED
    )
    con = world.build()
    assert {row[2:] for row in chains(con).values()} == {("partner pays", "isv")}
    assert rows(con, "select two_step_evidence, two_step_confidence from chain order by 2 desc") == [
        ("the contract says so", 0.98),
        ("its organization's record says so", 0.9),
        ("it shares its revenue with us", 0.7),
    ]


@pytest.mark.parametrize("said", ["reseller", "Partner pays", "partner_pays", "resale (distributor)"])
def test_a_reseller_pays_for_its_client_s_application_and_for_no_other(world, said):
    team(team(world, "client", "app_1"), "seller", "app_s").add("application", "app_2", developer_id="dev_client")
    world.add("contract", "k", organization_ref="org_seller", application_ref="app_1", relation=said, signed_at=SIGNED)
    con = world.build()
    found = chains(con)
    assert found["app_1"] == ("Client", "Seller", "partner pays", "reseller")
    assert found["app_2"][1:3] == (None, "nobody pays")
    assert found["app_s"][1:3] == (None, "nobody pays"), "a contract for another's application pays for none of its own"


def test_an_agency_builds_and_its_client_pays(world):
    team(team(world, "client", "app_c"), "agency", "app_a")
    world.person("kim", "kim@agency.com")
    world.add("application", "app_1", developer_id="kim", organization_id="org_client")
    subscribed(world, "cus_c", email="accounts@client.com", consumer_ref="app_1")
    con = world.build()
    assert chains(con)["app_1"] == ("Client", "Client", "employer pays", "agency")
    assert chains(con)["app_a"] == ("Agency", None, "nobody pays", None)


def test_an_agency_builds_and_pays_itself(world):
    team(team(world, "client", "app_c"), "agency", "app_a")
    world.person("kim", "kim@agency.com")
    world.add("application", "app_1", developer_id="kim", organization_id="org_client")
    subscribed(world, "cus_a", email="accounts@agency.com")
    found = chains(world.build())
    assert found["app_1"] == ("Client", "Agency", "partner pays", "agency")
    assert found["app_c"][1] is None, "what the client built itself nobody pays for"


@pytest.mark.parametrize(("said", "payer"), [("agency", "Agency"), ("agency (client pays)", "Client")])
def test_a_contract_of_an_agency_says_which_of_the_two_pays(world, said, payer):
    team(team(world, "client", "app_1"), "agency", "app_a")
    world.add("contract", "k", organization_ref="org_agency", application_ref="app_1", relation=said, signed_at=SIGNED)
    assert chains(world.build())["app_1"][:2] == ("Client", payer)


def test_a_bill_to_another_organization_s_address_is_that_organization_s_payment(world):
    team(team(world, "client", "app_1"), "payer", "app_p")
    world.add("application", "app_2", developer_id="dev_client", organization_id="org_client")
    subscribed(world, "cus_p", email="accounts@payer.com", consumer_ref="app_2")
    con = world.build()
    assert chains(con)["app_2"][:2] == ("Client", "Payer")
    assert chains(con)["app_p"][1] is None
    assert rows(con, "select payer_confidence from chain where payer_account_id <> account_id") == [(0.85,)]


def test_each_link_says_what_it_rests_on(world):
    team(world, "acme", "a1").add("contract", "k1", organization_ref="org_acme", signed_at=SIGNED)
    world.person("ann", "ann@gmail.com").add("application", "app_2", developer_id="ann")
    con = world.build()
    columns = "developer_evidence, developer_confidence, account_evidence, account_confidence, payer_evidence"
    assert rows(con, f"select {columns} from chain order by name nulls last") == [
        ("its developer", 1.0, "domain", 0.85, "contract of the organization"),
        ("its developer", 1.0, "stands alone", 1.0, None),
    ]


def test_every_application_credential_and_caller_is_in_one_chain(world):
    team(world, "acme", "a1")
    world.add("credential", "con", source="kong", kind="consumer", custom_id="a1")
    world.add("credential", "key", source="kong", kind="key", consumer_id="con")
    world.add("credential", "lone", source="kong", kind="consumer", username="dev@acme.com")
    world.add("credential", "k1", source="kong", kind="key", consumer_id="lone")
    world.add("credential", "k2", source="kong", kind="key", consumer_id="lone")
    world.calls(TODAY, ok=1, credential_ref="key").calls(TODAY, ok=2, credential_ref="k1").calls(
        TODAY, ok=3, credential_ref="k2"
    )
    world.calls(TODAY, ok=4).calls(TODAY, ok=5, credential_ref="never heard of")
    con = world.build()
    assert rows(con, "select kind, name, relation, calls_90d from chain order by calls_90d, name") == [
        ("caller", "anonymous", "unknown", 4),
        ("credential", "dev@acme.com", "nobody pays", 5),
        ("caller", "unknown key", "unknown", 5),
        ("application", "acme app", "nobody pays", 11),
    ]
    assert rows(con, (ROOT / "checks" / "chain_covers_all.sql").read_text()) == []
    con.execute("delete from chain where kind = 'application'")
    assert {row[0] for row in rows(con, (ROOT / "checks" / "chain_covers_all.sql").read_text())} == {
        "application",
        "calls",
    }


def test_a_key_leads_to_the_application_that_names_it(world):
    world.person("ann", "ann@acme.com").add("application", "app_1", developer_id="ann", credential_ref="key_1")
    world.add("credential", "key_1", source="aws", kind="key")
    world.calls(TODAY, ok=7, source="aws", credential_ref="key_1")
    assert rows(world.build(), "select kind, developer_node, calls_90d from chain") == [
        ("application", "developer:test:ann", 7)
    ]


def test_end_users_are_counted_where_the_log_names_them_and_else_unknown(world):
    team(team(world, "acme", "a1"), "birch", "b1")
    con = world.build()
    for month, users in ((date(2026, 5, 1), 90), (date(2026, 6, 1), 70)):
        con.execute("insert into end_user_month values (?, ?, ?)", [month, world.usage[0]["caller_id"], users])
    con.execute(models.statement(next(model for model in models.find() if model.name == "chain")))
    assert rows(con, "select end_users, end_users_month from chain order by node") == [
        (70, date(2026, 6, 1)),
        (None, None),
    ]


def test_an_account_s_relation_is_that_of_most_of_its_calls(world):
    team(team(world, "client", "app_1", calls=100), "seller", "app_s")
    world.add("application", "app_2", developer_id="dev_client").calls(TODAY, ok=3, application_ref="app_2")
    world.add(
        "contract", "k", organization_ref="org_seller", application_ref="app_1", relation="reseller", signed_at=SIGNED
    )
    world.add("contract", "alone", organization_name="Silent Ltd", signed_at=SIGNED)
    con = world.build()
    found = {
        name: rest
        for name, *rest in rows(
            con, "select name, relation, rule from account join account_relation using (account_id, relation)"
        )
    }
    assert found["Client"] == ["partner pays", "most calls"]
    assert found["Silent Ltd"] == ["employer pays", "how it pays"]


def roles(con) -> set[tuple]:
    """Role, e-mail and evidence of everybody."""
    return set(rows(con, "select role, email, evidence from account_person"))


def test_people_have_the_roles_that_contract_crm_tickets_and_bills_show(world):
    team(world, "acme", "a1").add(
        "contract", "k", organization_ref="org_acme", signed_at=SIGNED,
        people=[{"name": "Bo", "email": "Bo@acme.com", "role": "Economic buyer"}, {"name": "Eve", "email": "eve@acme.com", "role": "evaluator"}],
    )  # fmt: skip
    contact = {"source": "crm", "organization_ref": "org_acme"}
    world.add("contact", "c1", email="lee@acme.com", name="Lee", title="General Counsel", **contact)
    world.add("contact", "c2", email="cfo@acme.com", name="Flo", title="CFO", **contact)
    world.add("contact", "c3", email="pat@acme.com", name="Pat", role="procurement", **contact)
    for n, (email, subject) in enumerate(
        [("sec@acme.com", "SOC 2 report"), ("law@acme.com", "Redlines on the DPA"), ("fin@acme.com", "Wrong invoice"),
         ("dev@acme.com", "401 again"), ("buy@acme.com", "Purchase order")]
    ):  # fmt: skip
        world.add("support_user", f"u{n}", source="desk", email=email, verified=True)
        world.add(
            "ticket", f"t{n}", source="desk", requester_id=f"u{n}", subject=subject, status="open", created_at=SIGNED
        )
    subscribed(world, "cus", email="bills@acme.com")
    assert roles(world.build()) == {
        ("developer", "dev@acme.com", "signed up and calls"),
        ("support", "dev@acme.com", "asked: 401 again"),
        ("economic_buyer", "bo@acme.com", "named in the contract"),
        ("evaluator", "eve@acme.com", "named in the contract"),
        ("legal", "lee@acme.com", "title in the CRM: General Counsel"),
        (None, "cfo@acme.com", "title in the CRM: CFO"),
        ("procurement", "pat@acme.com", "the CRM says so"),
        ("security", "sec@acme.com", "asked: SOC 2 report"),
        ("legal", "law@acme.com", "asked: Redlines on the DPA"),
        ("billing_contact", "fin@acme.com", "asked: Wrong invoice"),
        ("procurement", "buy@acme.com", "asked: Purchase order"),
        ("billing_contact", "bills@acme.com", "the bill goes to this address"),
        ("billing_contact", "someone@elsewhere.org", "the bill goes to this address"),
    }


def test_who_stands_alone_and_pays_is_the_buyer(world):
    world.person("ann", "ann@gmail.com").add("application", "app_1", developer_id="ann")
    subscribed(world, "cus", email="ann@gmail.com")
    assert ("economic_buyer", "ann@gmail.com", "pays for own use") in roles(world.build())


def findings(con) -> dict[tuple, tuple]:
    """(Account's name, finding) → severity and since when."""
    found = rows(con, "select name, finding, severity, since from account_finding join account_name using (account_id)")
    return {(name, finding): (severity, since) for name, finding, severity, since in found}


def test_live_usage_without_a_known_buyer_is_found_where_it_counts(world):
    team(world, "plain", "p1")
    subscribed(team(world, "billed", "b1"), "cus", email="accounts@billed.com")
    team(world, "deal", "d1").add("contract", "k", organization_ref="org_deal", tier="partner", signed_at=SIGNED)
    team(world, "known", "k1").add(
        "contact", "c", organization_ref="org_known", email="bo@known.com", role="economic_buyer"
    )
    world.person("hobby", "hobby@gmail.com", name="Hobby").add("application", "h1", developer_id="hobby").calls(
        TODAY, ok=1, application_ref="h1"
    )
    world.person("heavy", "heavy@gmail.com", name="Heavy").add("application", "h2", developer_id="heavy").calls(
        TODAY, ok=99, application_ref="h2"
    )
    world.person("in", "in@house.example", organization_name="Maps").add("application", "i1", developer_id="in").calls(
        TODAY, ok=9, application_ref="i1"
    )
    team(world, "gone", "g1", calls=0).calls(date(2026, 3, 1), ok=9, application_ref="g1")
    con = world.build()
    found = {name: said for (name, finding), said in findings(con).items() if finding == "no_economic_buyer"}
    assert found == {
        "Plain": ("medium", TODAY),
        "Billed": ("low", TODAY),
        "Deal": ("high", TODAY),
        "Heavy": ("medium", TODAY),
    }
    listed = ask(con, "no_economic_buyer")
    assert [row["name"] for row in listed] == ["Deal", "Heavy", "Plain", "Billed"], "the gravest and busiest first"
    assert [row["name"] for row in ask(con, "no_economic_buyer", tier="partner")] == ["Deal"]


def test_somebody_else_who_pays_a_contract_without_usage_and_usage_without_contract(world):
    team(team(world, "client", "app_1"), "seller", "app_s")
    world.add(
        "contract", "k", organization_ref="org_seller", application_ref="app_1", relation="reseller", signed_at=SIGNED
    )
    world.add("organization", "org_idle", name="Idle", domain="idle.com").add(
        "contract", "k2", organization_ref="org_idle", signed_at=SIGNED
    )
    ends = datetime(2026, 6, 15)
    team(world, "late", "l1").add("contract", "k3", organization_ref="org_late", signed_at=SIGNED, ends_at=ends)
    team(world, "renewed", "r1").add("contract", "k4", organization_ref="org_renewed", signed_at=SIGNED, ends_at=ends)
    world.add("contract", "k5", organization_ref="org_renewed", signed_at=ends)
    subscribed(team(world, "moved", "m1"), "cus", email="a@moved.com").add(
        "contract", "k6", organization_ref="org_moved", signed_at=SIGNED, ends_at=ends
    )
    found = {key: said for key, said in findings(world.build()).items() if key[1] != "no_economic_buyer"}
    assert found == {
        ("Client", "payer_differs"): ("low", SIGNED.date()),
        ("Idle", "contract_without_usage"): ("medium", SIGNED.date()),
        ("Late", "usage_after_contract"): ("high", ends.date()),
        ("Moved", "usage_after_contract"): ("low", ends.date()),
    }


def test_calls_to_an_api_that_is_not_meant_for_them_are_found(world):
    world.exposure = {"rates": ["partner"]}
    con = team(world, "acme", "a1").build()
    assert findings(con)["Acme", "exposure_broken"] == ("high", TODAY)
    assert (
        "meant for partner" in rows(con, "select evidence from account_finding where finding = 'exposure_broken'")[0][0]
    )


def test_a_merge_that_was_held_back_is_a_finding_of_both(world):
    for name, host in (("Acme Rail", "acme.com"), ("Bolt Road", "acme.com")):
        world.add("contract", name[0], organization_ref=f"org_{name[0]}", organization_name=name, domain=host)
    held = rows(
        world.build(),
        "select name, label, severity, evidence from account_finding join account using (account_id)"
        " where finding = 'held_back' order by name",
    )
    assert [row[:3] for row in held] == [
        ("Acme Rail", "Merge held back", "medium"),
        ("Bolt Road", "Merge held back", "medium"),
    ]
    assert "Bolt Road, which has a contract of its own" in held[0][3]


def test_the_timeline_holds_everything_dated(world):
    team(world, "acme", "a1").add(
        "contract", "k", organization_ref="org_acme", signed_at=SIGNED, created_at=datetime(2026, 1, 9),
        people=[{"name": "Bo", "email": "bo@acme.com", "role": "economic_buyer"}],
        steps=[{"step": "legal_review", "started_on": "2026-01-10", "done_on": "2026-01-20", "waiting_for": "legal"}],
    )  # fmt: skip
    subscribed(world, "cus", email="bills@acme.com")
    world.add(
        "invoice",
        "in_1",
        source="stripe",
        customer_id="cus",
        status="paid",
        currency="usd",
        total=4900,
        tax=0,
        paid_at=SIGNED,
    )
    world.add("support_user", "u", source="desk", email="dev@acme.com", verified=True, created_at=SIGNED)
    world.add("ticket", "t", source="desk", requester_id="u", subject="401 again", status="open", created_at=SIGNED)
    world.add("outreach_activity", "o", organization_ref="org_acme", title="Workshop", occurred_at=SIGNED)
    world.add("portal_event", "p", kind="verified", developer_ref="dev_acme", occurred_at=SIGNED)
    con = world.build()
    account = rows(con, "select account_id from account where name = 'Acme'")[0][0]
    events = ask(con, "account_timeline", account=account)
    assert {event["kind"] for event in events} == {
        "stage", "call", "ticket", "money", "contract", "portal", "outreach", "person", "tier", "ladder", "bucket", "link",
    }  # fmt: skip
    texts = {event["text"] for event in events}
    assert {"legal review began", "legal review done", "contract signed", "bill paid: 49.00 USD", "401 again"} <= texts
    assert {"Workshop", "first success of acme app", "Bo seen first as economic buyer", "subscription began"} <= texts
    assert [event["occurred_at"] for event in events] == sorted((e["occurred_at"] for e in events), reverse=True)


def test_a_partner_s_page_shows_what_it_pays_for_and_the_client_s_who_pays(world):
    team(team(world, "client", "app_1"), "seller", "app_s")
    world.add(
        "contract", "k", organization_ref="org_seller", application_ref="app_1", relation="reseller", signed_at=SIGNED
    )
    con = world.build()
    ids = dict(rows(con, "select name, account_id from account"))
    assert {(row["application"], row["side"]) for row in ask(con, "account_chain", account=ids["Seller"])} == {
        ("client app", "paid"),
        ("seller app", "own"),
    }
    (mine,) = ask(con, "account_chain", account=ids["Client"])
    assert (mine["side"], mine["payer"], mine["contract_since"]) == ("own", "Seller", SIGNED.date())
    assert [row["held_by"] for row in ask(con, "account_contracts", account=ids["Client"])] == ["Seller"]
