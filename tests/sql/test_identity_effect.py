"""What a decision is said to change is what the build that applies it changes."""

from datetime import date, datetime

import pytest

from data_sources.judgements import IdentityDecision
from sql import identity
from tests.sql import small_home
from tests.sql.marts.world import World, rows

EARLIER, NOW = datetime(2026, 5, 1), datetime(2026, 6, 1)
ANN, BEN, CAT, DEE = (f"developer:test:{name}" for name in ("ann", "ben", "cat", "dee"))
ACME, BETA, LONE = "domain:acme.com", "domain:beta.com", "organization:test:lone"


def decided(action: str, left: str, right: str | None = None, value: str | None = None, at=NOW, **more):
    made = identity.decision(action, left, right, value, author="kim", decided_at=at)
    return IdentityDecision(**made.model_dump() | more)


def built(home, *decisions):
    """Two companies, a person with a private address, and a company of which only the name is known."""
    world = World(home)
    world.add("organization", "acme", name="Acme", domain="acme.com").add("organization", "lone", name="Lone Ltd")
    world.person("ann", "ann@acme.com").person("ben", "ben@acme.com")
    world.person("cat", "cat@beta.com").person("eve", "eve@beta.com").person("dee", "dee@gmail.com")
    for person, calls in (("ann", 40), ("ben", 7), ("cat", 20), ("dee", 5)):
        world.add("application", f"app_{person}", developer_id=person)
        world.calls(date(2026, 6, 10), ok=calls, application_ref=f"app_{person}")
    world.calls(date(2026, 1, 10), ok=1000, application_ref="app_dee")
    world.add("billing_customer", "cus_cat", source="stripe", email="cat@beta.com")
    invoice = {"status": "paid", "currency": "usd", "subtotal": 5_000, "total": 5_000, "paid_at": datetime(2026, 6, 5)}
    world.add("invoice", "in_1", source="stripe", customer_id="cus_cat", **invoice)
    world.judgements = list(decisions)
    return world.build()


def grouped(con) -> set[tuple[str, ...]]:
    """The records of each account."""
    found: dict[str, list[str]] = {}
    for node, account in rows(con, "select node, account_id from account_member where source is not null"):
        found.setdefault(account, []).append(node)
    return {tuple(sorted(nodes)) for nodes in found.values()}


CASES = {
    "confirm": (decided("confirm", DEE, ACME), "joined", 1, 1, 5),
    "merge": (decided("merge", ACME, BETA), "joined", 2, 1, 20),
    "merge of a record": (decided("merge", LONE, BETA), "joined", 0, 0, 0),
    "reject": (decided("reject", BEN, ACME), "parted", 1, 1, 7),
    "reject of what is apart": (decided("reject", DEE, ACME), "nothing", 0, 0, 0),
    "split": (decided("split", ANN, ACME), "parted", 1, 1, 40),
    "set_domain": (decided("set_domain", DEE, value="beta.com"), "joined", 1, 1, 5),
    "set_domain that nobody has": (decided("set_domain", LONE, value="lone.com"), "nothing", 0, 0, 0),
    "rename": (decided("rename", ACME, value="Acme Group"), "nothing", 0, 0, 0),
    "mark_internal": (decided("mark_internal", ACME, value="Our Acme"), "nothing", 0, 0, 0),
}
OTHERS = {
    "alone": [],
    "beside another": [decided("merge", DEE, LONE, at=EARLIER)],
    "against another": [decided("reject", DEE, ACME, at=EARLIER), decided("merge", ANN, DEE, at=EARLIER)],
}


@pytest.fixture(scope="module")
def undecided(tmp_path_factory):
    """The two companies without a decision. Read only."""
    return built(tmp_path_factory.mktemp("undecided"))


@pytest.fixture(scope="module")
def groups_before(tmp_path_factory):
    """The records of each account with the other decisions alone, by their name in OTHERS."""
    return {name: groups(tmp_path_factory.mktemp("before"), *decisions) for name, decisions in OTHERS.items()}


def groups(home, *decisions) -> set[tuple[str, ...]]:
    """The records of each account, of which the build makes no more than it must."""
    return grouped(built(home, *decisions))


@pytest.mark.parametrize("beside", OTHERS)
@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_the_effect_is_what_the_build_does(tmp_path, undecided, groups_before, case, beside):
    decision, change, developers, applications, calls = case
    others = OTHERS[beside]
    found = identity.effect_on(undecided.cursor(), decision, others)
    before = groups_before[beside]
    after = groups(tmp_path / "after", *others, decision)
    assert {tuple(sorted(group.records)) for group in found.before} == before - after
    assert {tuple(sorted(group.records)) for group in found.after} == after - before
    if not others:
        assert (found.change, found.developers, found.applications, found.calls) == (
            change,
            developers,
            applications,
            calls,
        )


def test_the_effect_of_one_that_is_applied_already_is_the_same(tmp_path):
    decision = decided("merge", ACME, BETA)
    fresh = identity.effect_on(built(tmp_path / "a"), decision)
    applied = identity.effect_on(built(tmp_path / "b", decision), decision)
    assert [group.records for group in applied.before] == [group.records for group in fresh.before]
    assert [group.records for group in applied.after] == [group.records for group in fresh.after]
    assert (applied.developers, applied.calls, applied.revenue) == (fresh.developers, fresh.calls, fresh.revenue)


def test_it_names_the_accounts_and_counts_90_days_and_the_revenue(tmp_path):
    found = identity.effect_on(built(tmp_path), decided("merge", ACME, BETA))
    assert [(group.name, group.developers, group.applications) for group in found.before] == [
        ("Acme", 2, 2),
        ("cat@beta.com", 2, 1),
    ]
    assert [len(group.account_ids) for group in found.after] == [2]
    assert (found.calls, found.revenue) == (20, 50.0)


def test_an_unknown_biller_is_no_revenue_of_zero(tmp_path):
    world = World(tmp_path).person("ann", "ann@acme.com").person("dee", "dee@gmail.com")
    found = identity.effect_on(world.build(), decided("confirm", DEE, ANN))
    assert found.change == "joined"
    assert found.revenue is None


@pytest.mark.parametrize(
    ("node", "parts"),
    [
        ("developer:portal:dev_1", ("developer", "portal", "dev_1")),
        ("credential:kong:key:with:colons", ("credential", "kong", "key:with:colons")),
        ("domain:acme.com", ("domain", "", "acme.com")),
        ("email:a:b@acme.com", ("email", "", "a:b@acme.com")),
        ("team:house.example/data", ("team", "", "house.example/data")),
    ],
)
def test_a_decision_gives_back_the_nodes_that_it_was_made_of(node, parts):
    made = decided("merge", node, ACME)
    assert (made.left_kind, made.left_source, made.left_id) == parts
    assert identity.nodes(made) == (node, ACME)
    assert identity.nodes(decided("rename", node, value="x")) == (node, None)


def test_of_several_about_the_same_the_newest_holds_and_undone_ones_do_not(tmp_path):
    first = decided("confirm", DEE, ACME, id=1)
    newer = decided("reject", ACME, DEE, at=datetime(2026, 6, 2), id=2)
    renamed = decided("rename", ACME, value="A", id=3)
    undone = decided("merge", ACME, BETA, undone_at=datetime(2026, 6, 3), id=4)
    assert {one.id for one in identity.holding([newer, first, undone, renamed])} == {2, 3}
    con = built(tmp_path, first, newer, renamed, undone)
    assert {id for (id,) in rows(con, "select id from identity_decision")} == {2, 3}


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory):
    home = small_home.make(tmp_path_factory.mktemp("small") / "home", calls=40)
    program = (home / "program.toml").read_text()
    more = '\nfree_mail_domains = ["isp.example"]\nshared_domains = ["shops.example"]'
    (home / "program.toml").write_text(program.replace('["house.example"]', f'["house.example"]{more}'))
    small_home.refreshed(home)
    from sql import snapshot

    return snapshot.current(home)


@pytest.mark.parametrize(
    ("said", "domain", "why_not"),
    [
        (" https://www.Acme.co.uk/about ", "acme.co.uk", ""),
        ("xn--bcher-kva.example", "bücher.example", ""),
        ("gmail.com", None, "free mail"),
        ("mail.isp.example", None, "free mail"),
        ("one.shops.example", None, "shared hosting"),
        ("acme.github.io", None, "shared hosting"),
        ("co.uk", None, "no domain that anybody can register"),
        ("**bold**", None, "no domain that anybody can register"),
        ("mail.house.example", None, "mark the account as internal"),
    ],
)
def test_only_a_domain_of_one_organization_can_be_set(snapshot, said, domain, why_not):
    found, said_why = identity.linkable_domain(snapshot, said)
    assert found == domain
    assert why_not in said_why


def test_anchors_and_names_are_those_of_the_snapshot(snapshot):
    known = identity.known(snapshot, ["developer:people:dev_1", "domain:firm1.example", "developer:people:nobody"])
    assert set(known) == {"developer:people:dev_1", "domain:firm1.example"}
    account = known["domain:firm1.example"].account_id
    assert known["developer:people:dev_1"] == identity.Known("Ann 1", account, "Ann 1")
    assert identity.anchors(snapshot, [account, "dev:people:dev_1", "org:none"]) == {
        account: "domain:firm1.example",
        "dev:people:dev_1": "domain:firm1.example",
    }
