"""Who belongs together: each kind of evidence, what must never merge, and what a person decides."""

from datetime import date, datetime

import pytest

from data_sources.judgements import IdentityDecision, TierOverride
from tests.sql.marts.world import World, rows

NOW = datetime(2026, 6, 1)


@pytest.fixture
def world(tmp_path):
    return World(tmp_path)


def accounts(con) -> dict[str, str]:
    """Record id → account id."""
    return dict(rows(con, "select id, account_id from account_member where source is not null"))


def test_a_shared_key_brings_bill_and_gateway_to_the_application(world):
    world.person("dev_1", "ann@gmail.com").add("application", "app_1", developer_id="dev_1")
    world.add("credential", "con_1", source="kong", kind="consumer", custom_id="app_1")
    world.add("credential", "key_1", source="kong", kind="key", consumer_id="con_1")
    world.add("billing_customer", "cus_1", source="stripe", consumer_ref="app_1")
    world.calls(date(2026, 6, 1), ok=3, credential_ref="key_1")
    con = world.build()
    assert len(set(accounts(con).values())) == 1
    assert rows(con, "select account_id, application_node, developer_node from caller_account") == [
        ("dev:test:dev_1", "application:test:app_1", "developer:test:dev_1")
    ]


def test_company_domains_link_and_free_disposable_shared_ones_never_do(world):
    for n, domain in enumerate(["acme.co.uk", "gmail.com", "mailinator.com", "someone.github.io", "co.uk"]):
        world.person(f"a{n}", f"a@{domain}").person(f"b{n}", f"b@{domain}")
    world.person("sub", "c@mail.acme.co.uk")
    found = accounts(world.build())
    assert found["a0"] == found["b0"] == found["sub"]
    assert len({found[name] for name in found if name not in ("a0", "b0", "sub")}) == 8


def test_the_program_names_more_free_and_shared_domains(world):
    world.domains = {"free_mail_domains": ["isp.net"], "shared_domains": ["shops.com"]}
    for n, domain in enumerate(["isp.net", "mail.isp.net", "one.shops.com"]):
        world.person(f"a{n}", f"a@{domain}").person(f"b{n}", f"b@{domain}")
    assert len(set(accounts(world.build()).values())) == 6


def test_the_same_address_links_only_when_it_is_verified(world):
    world.person("dev_1", "ann@gmail.com").add("billing_customer", "cus_1", email="Ann@Gmail.com")
    world.person("dev_2", "bob@gmail.com", verified=False).add("billing_customer", "cus_2", email="bob@gmail.com")
    con = world.build()
    found = accounts(con)
    assert found["dev_1"] == found["cus_1"]
    assert found["dev_2"] != found["cus_2"]
    waiting = (
        "select why from identity_link where left_node = 'developer:test:dev_2' and evidence = 'unverified e-mail'"
    )
    assert rows(con, waiting) == [("below the threshold",)]


def test_names_alone_wait_for_a_person(world):
    world.add("organization", "o1", name="Acme Shipping, Inc.").add("organization", "o2", name="ACME shipping GmbH")
    con = world.build()
    assert len(set(accounts(con).values())) == 2
    assert rows(con, "select evidence, accepted from identity_link") == [("similar name", False)]


def decision(action: str, left: str, right: str, **more) -> IdentityDecision:
    return IdentityDecision(
        author="kim", decided_at=NOW, action=action, left_kind="developer", left_source="test", left_id=left,
        right_kind="developer", right_source="test", right_id=right, **more,
    )  # fmt: skip


def test_a_person_can_join_what_no_evidence_joins_and_part_what_a_domain_joins(world):
    world.person("a", "a@gmail.com").person("b", "b@gmail.com").person("c", "c@acme.com").person("d", "d@acme.com")
    world.judgements = [decision("confirm", "a", "b"), decision("reject", "d", "c")]
    con = world.build()
    found = accounts(con)
    assert found["a"] == found["b"]
    assert found["c"] != found["d"]
    assert rows(con, "select count(*) from identity_link where why = 'kept apart by a person'") == [(1,)]


def test_an_undone_decision_counts_no_more(world):
    world.person("a", "a@gmail.com").person("b", "b@gmail.com")
    world.judgements = [decision("confirm", "a", "b", undone_at=NOW)]
    assert len(set(accounts(world.build()).values())) == 2


def test_colleagues_are_one_team_by_name_and_not_one_by_domain(world):
    world.person("a", "a@house.example", organization_name="Pricing").person(
        "b", "b@house.example", organization_name="pricing"
    )
    world.person("c", "c@house.example", organization_name="Maps").person("d", "d@house.example")
    con = world.build()
    found = accounts(con)
    assert found["a"] == found["b"]
    assert len(set(found.values())) == 3
    assert {tier for (tier,) in rows(con, "select tier from account_tier_now")} == {"internal"}


def test_ids_do_not_depend_on_the_order_and_old_ids_stay_known(tmp_path):
    people = [("a", "a@acme.com"), ("b", "b@acme.com"), ("c", "c@other.org")]
    ids = []
    for n, order in enumerate((people, people[::-1])):
        world = World(tmp_path / str(n))
        for id, email in order:
            world.person(id, email)
        ids.append(accounts(world.build()))
    assert ids[0] == ids[1]
    world = World(tmp_path / "grown")
    for id, email in people:
        world.person(id, email)
    world.judgements = [decision("confirm", "a", "c")]
    con = world.build()
    aliases = dict(rows(con, "select alias_id, account_id from account_alias"))
    assert aliases[ids[0]["a"]] == aliases[ids[0]["c"]] == accounts(con)["a"]


def test_calls_of_nobody_are_a_row_of_their_own(world):
    world.person("dev_1", "ann@acme.com").add("application", "app_1", developer_id="dev_1")
    world.calls(date(2026, 6, 1), ok=5, application_ref="app_1")
    world.calls(date(2026, 6, 1), ok=2).calls(date(2026, 6, 1), ok=1, credential_ref="gone")
    con = world.build()
    assert rows(con, "select sum(calls) from account_usage_day") == [(8,)]
    assert rows(
        con, "select account_id, sum(calls) from account_usage_day where account_id like 'nobody:%' group by 1"
    ) == [("nobody:public", 3)]
    assert sorted(rows(con, "select evidence from caller_account")) == [
        ("anonymous",),
        ("application",),
        ("unknown key",),
    ]


def test_the_help_desk_finds_its_company_by_domain_list_key_and_membership(world):
    world.add("organization", "org_1", domain="acme.com").person("dev_1", "ann@acme.com")
    world.add("support_organization", "z1", source="zendesk", domain_names=["acme.com"])
    world.add(
        "support_user",
        "u1",
        source="zendesk",
        email="x@gmail.com",
        role="end-user",
        organization_id="z1",
        verified=True,
    )
    world.add("organization", "org_2", name="Other")
    world.add("support_organization", "z2", source="zendesk", external_id="org_2")
    found = accounts(world.build())
    assert found["z1"] == found["u1"] == found["dev_1"] == found["org_1"]
    assert found["z2"] == found["org_2"] != found["org_1"]


def test_a_key_that_names_two_records_is_only_a_candidate(world):
    world.add("organization", "7", source="portal").add("organization", "7", source="crm")
    world.add("contract", "k", organization_ref="7")
    con = world.build()
    assert rows(con, "select distinct evidence, accepted from identity_link") == [("ambiguous key", False)]


def test_tiers_follow_the_rules_and_change_on_their_day(world):
    world.person("dev_1", "ann@acme.com", created=datetime(2026, 1, 1)).add(
        "application", "app_1", developer_id="dev_1", plan="free", created_at=datetime(2026, 1, 3)
    )
    world.add(
        "contract", "k", domain="acme.com", tier="partner", starts_at=datetime(2026, 3, 1), ends_at=datetime(2026, 5, 1)
    )
    world.person("dev_2", "bob@gmail.com", verified=False)
    con = world.build()
    acme = rows(con, "select account_id from account_member where id = 'dev_1'")[0][0]
    spans = rows(con, f"select tier, valid_from, valid_to from account_tier where account_id = '{acme}' order by 2")
    assert spans == [
        ("public", date(2026, 1, 1), date(2026, 1, 3)),
        ("open", date(2026, 1, 3), date(2026, 3, 1)),
        ("partner", date(2026, 3, 1), date(2026, 5, 1)),
        ("open", date(2026, 5, 1), None),
    ]
    assert rows(con, "select tier from account_tier_now where account_id = 'dev:test:dev_2'") == [("public",)]


def test_a_person_overrides_every_rule(world):
    world.person("dev_1", "ann@gmail.com")
    world.judgements = [TierOverride(author="kim", decided_at=NOW, account_id="dev:test:dev_1", tier="partner")]
    assert rows(world.build(), "select tier, rule from account_tier_now") == [("partner", "a person decided")]


def test_a_developer_of_an_agency_joins_the_client_who_pays_and_the_agency_stays_itself(world):
    world.add("organization", "org_a", domain="agency.com").person("boss", "boss@agency.com")
    world.person("dev_1", "kim@agency.com").add("application", "app_1", developer_id="dev_1")
    world.add("billing_customer", "cus_1", source="stripe", consumer_ref="app_1", email="bills@client.com")
    world.person("dev_2", "ann@client.com")
    con = world.build()
    found = accounts(con)
    assert found["app_1"] == found["dev_1"] == found["cus_1"] == found["dev_2"]
    assert found["boss"] == found["org_a"] != found["dev_1"]
    assert rows(con, "select left_value from identity_link where why = 'would make two organizations one'") == [
        ("kim@agency.com",)
    ]


def test_a_developer_who_names_a_client_waits_before_the_agency_s_domain_counts(world):
    world.person("kim", "kim@agency.com", organization_name="Client Ltd").person("boss", "boss@agency.com")
    world.person("ann", "ann@client.com", organization_name="Client")
    con = world.build()
    found = accounts(con)
    assert len({found["kim"], found["boss"], found["ann"]}) == 3
    assert rows(con, "select accepted from identity_link where evidence = 'domain, but names another company'") == [
        (False,)
    ]


def test_a_partner_that_pays_for_its_client_is_not_its_client(world):
    world.add("organization", "org_p", domain="partner.com").person("ann", "ann@client.com")
    world.add("application", "app_1", developer_id="ann")
    world.add(
        "contract", "k", organization_ref="org_p", application_ref="app_1", relation="partner_pays", signed_at=NOW
    )
    found = accounts(world.build())
    assert found["org_p"] == found["k"] != found["app_1"]


def test_sheets_of_different_sources_may_name_each_other(world):
    world.person("dev_1", "ann@gmail.com", source="people").add(
        "application", "app_1", source="apps", developer_id="dev_1"
    )
    assert len(set(accounts(world.build()).values())) == 1


def test_a_consumer_named_by_an_address_belongs_to_who_registered_with_it(world):
    world.person("dev_1", "ann@gmail.com", verified=False)
    world.add("credential", "con_1", source="kong", kind="consumer", username="Ann@Gmail.com")
    world.calls(date(2026, 6, 1), ok=1, consumer_ref="ann@gmail.com")
    con = world.build()
    assert rows(con, "select account_id, developer_node from caller_account") == [
        ("dev:test:dev_1", "developer:test:dev_1")
    ]
