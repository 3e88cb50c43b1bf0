"""The awkward cases of who belongs together: each a few records, and which of them are one account's."""

from datetime import datetime

import pytest

from tests.sql.marts.identity_chain import accounts, chain, resolve

DAY = datetime(2026, 1, 1)


def dev(id: str, email: str, verified: bool = True, **more) -> tuple[str, dict]:
    """A developer of the portal."""
    fields = {"email": email, "verified_at": DAY if verified else None, "created_at": DAY}
    return "developer", {"source": "portal", "id": id} | fields | more


def rec(table: str, id: str, source: str = "test", **fields) -> tuple[str, dict]:
    """A record of any table."""
    return table, {"source": source, "id": id} | fields


# name → (records, groups of ids that are one account each; ids of different groups are apart)
CASES = {
    "strangers at a free provider": ([dev("a", "a@gmail.com"), dev("b", "b@gmail.com")], ["a", "b"]),
    "a tag after a plus is the same mailbox": (
        [dev("a", "Ann+api@gmail.com"), rec("billing_customer", "c", email="ann@gmail.com")],
        ["a c"],
    ),
    "dots count for nothing at Gmail, under both its names": (
        [dev("a", "a.nn@googlemail.com"), rec("billing_customer", "c", email="ann@gmail.com")],
        ["a c"],
    ),
    "dots count elsewhere": ([dev("a", "a.nn@outlook.com"), rec("billing_customer", "c", email="ann@outlook.com")], ["a", "c"]),
    "an address that nobody verified": (
        [dev("a", "ann@gmail.com", verified=False), rec("billing_customer", "c", email="ann@gmail.com")],
        ["a", "c"],
    ),
    "subdomains are their company's": ([dev("a", "a@eu.mail.acme.co.uk"), dev("b", "b@acme.co.uk")], ["a b"]),
    "hosting that many share": ([dev("a", "a@one.github.io"), dev("b", "b@two.github.io")], ["a", "b"]),
    "one site on such hosting does not link its people either": ([dev("a", "a@one.github.io"), dev("b", "b@one.github.io")], ["a", "b"]),
    "a throw-away address": ([dev("a", "a@mailinator.com"), dev("b", "b@mailinator.com")], ["a", "b"]),
    "subsidiaries on one domain": (
        [dev("a", "a@acme.com", organization_name="Acme Rail"), dev("b", "b@acme.com", organization_name="Acme Road")],
        ["a b"],
    ),
    "one person at two companies": (
        [dev("a", "kim@acme.com", name="Kim Lee"), dev("b", "kim@other.org", name="Kim Lee")],
        ["a", "b"],
    ),
    "a consultant's domain": (
        [
            dev("own", "boss@build.dev", organization_name="Build"),
            dev("kim", "kim@build.dev", organization_name="Acme GmbH", country="DE"),
            dev("lee", "lee@build.dev", organization_name="Bolt", country="DE"),
            dev("a", "a@acme.de", country="DE"),
            dev("b", "b@bolt.com", country="DE"),
        ],
        ["own", "kim a", "lee b"],
    ),
    "a consultant whose clients nobody knows is not the consultancy's": (
        [
            dev("own", "boss@build.dev"),
            dev("kim", "kim@build.dev", organization_name="Acme", country="DE"),
            dev("lee", "lee@build.dev", organization_name="Bolt", country="DE"),
            dev("zoe", "zoe@build.dev", organization_name="Unheard Of", country="DE"),
            dev("a", "a@acme.de", country="DE"),
            dev("b", "b@bolt.com", country="DE"),
        ],
        ["own", "kim a", "lee b", "zoe"],
    ),
    "a company that changed its domain, as its contract says": (
        [
            rec("organization", "o", name="Acme", domain="acme.com"),
            rec("contract", "k", organization_ref="o", domain="acme-group.com"),
            dev("old", "a@acme.com"),
            dev("new", "b@acme-group.com"),
        ],
        ["o k old new"],
    ),
    "two domains of which nothing says that they are one company's": (
        [dev("old", "a@acme.com"), dev("new", "a@acme.io")],
        ["old", "new"],
    ),
    "a help desk that lists a free provider": (
        [rec("support_organization", "s", name="Acme", domain_names=["gmail.com", "acme.com"]), dev("a", "a@acme.com"), dev("b", "b@gmail.com")],
        ["s a", "b"],
    ),
    "a help desk's organization that lists its clients' domains": (
        [
            rec("support_organization", "s", name="Build", domain_names=["build.dev", "acme.com"]),
            dev("a", "a@build.dev"),
            dev("b", "b@acme.com"),
        ],
        ["s a", "b"],
    ),
    "one company's two domains at the help desk": (
        [
            rec("support_organization", "s", name="Acme Inc.", domain_names=["acme.com", "acme.de"]),
            dev("a", "a@acme.com"),
            dev("b", "b@acme.de"),
        ],
        ["s a b"],
    ),
    "a domain as people write it and as the network does": (
        [dev("a", "a@bücher.example"), dev("b", "b@xn--bcher-kva.example")],
        ["a b"],
    ),
    "non-ASCII names": (
        [rec("organization", "o", name="Łódź Öl Sp. z o.o.", domain="lodzol.pl", country="PL"), dev("a", "a@wp.pl", organization_name="LODZ OL", country="PL")],
        ["o a"],
    ),
    "an internal developer with a private address": (
        [
            rec("organization", "team", source="portal", name="Pricing", kind="team"),
            dev("a", "a@house.example", organization_id="team"),
            dev("b", "b@gmail.com", organization_id="team"),
            dev("c", "c@house.example", organization_name="Maps"),
        ],
        ["team a b", "c"],
    ),
    "the same consumer id in two gateways": (
        [
            rec("credential", "7", source="eu", kind="consumer", custom_id="app_1"),
            rec("credential", "k1", source="eu", kind="key", consumer_id="7"),
            rec("credential", "7", source="us", kind="consumer", custom_id="app_2"),
            rec("credential", "k2", source="us", kind="key", consumer_id="7"),
            rec("billing_customer", "c", consumer_ref="7"),
        ],
        ["eu:7 k1", "us:7 k2", "c"],
    ),
    "a name alone": ([rec("organization", "o", name="Acme", domain="acme.com"), dev("a", "a@gmail.com", organization_name="Acme")], ["o", "a"]),
    "a name alone, said twice": (
        [
            rec("organization", "o", name="Acme", domain="acme.com"),
            dev("a", "a@gmail.com", organization_name="Acme Inc"),
            rec("application", "p", source="portal", developer_id="a", name="Acme backend"),
        ],
        ["o", "a p"],
    ),
    "a name in the same country": (
        [
            rec("organization", "o", name="Acme Shipping BV", domain="acmeshipping.nl", country="NL"),
            dev("a", "a@gmail.com", organization_name="ACME Shipping", country="NL"),
        ],
        ["o a"],
    ),
    "a name in another country": (
        [
            rec("organization", "o", name="Acme Shipping BV", domain="acmeshipping.nl", country="NL"),
            dev("a", "a@gmail.com", organization_name="ACME Shipping", country="US"),
        ],
        ["o", "a"],
    ),
    "a name that two companies have": (
        [
            rec("organization", "o", name="Delta", domain="delta.com", country="US"),
            rec("organization", "p", name="Delta", domain="delta.nl", country="US"),
            dev("a", "a@gmail.com", organization_name="Delta", country="US"),
        ],
        ["o", "p", "a"],
    ),
    "a word for what it does is nobody's name": (
        [
            dev("t", "a@tracker.com", country="US"),
            *(dev(f"d{n}", f"d@company{n}.com", country="US") for n in range(4)),
            *(rec("application", f"p{n}", source="portal", developer_id=f"d{n}", name=f"My tracker {n}") for n in range(4)),
            dev("a", "a@gmail.com", country="US"),
            rec("application", "p", source="portal", developer_id="a", name="parcel tracker"),
        ],
        ["t", "a p", "d0 p0", "d1 p1", "d2 p2", "d3 p3"],
    ),
    "whom the CRM names with a private address": (
        [
            rec("organization", "o", source="crm", name="Acme", domain="acme.com"),
            rec("contact", "x", source="crm", email="ann@gmail.com", organization_ref="o"),
            dev("a", "ann@gmail.com"),
        ],
        ["o x a"],
    ),
    "contracts of two parties that write from one domain": (
        [
            rec("contract", "k", organization_ref="o1", organization_name="Acme Rail", domain="acme.com"),
            rec("contract", "l", organization_ref="o2", organization_name="Bolt Road", domain="acme.com"),
        ],
        ["k", "l"],
    ),
    "a contract and its renewal": (
        [
            rec("contract", "k", organization_ref="o1", organization_name="Acme Rail", domain="acme.com"),
            rec("contract", "l", organization_ref="o1", organization_name="Acme Rail and Road", domain="acme.com"),
        ],
        ["k l"],
    ),
    "a campus where every group is another organization": (
        [dev(f"d{n}", f"d{n}@campus.example", organization_name=name) for n, name in enumerate(("Rowing", "Physics", "Choir", "Robots", "Radio"))],
        ["d0", "d1", "d2", "d3", "d4"],
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def models():
    """The models from records to accounts."""
    return chain()


@pytest.mark.parametrize("name", CASES)
def test_who_belongs_together(tmp_path, models, name):
    records, groups = CASES[name]
    rows: dict[str, list[dict]] = {}
    for table, row in records:
        rows.setdefault(table, []).append(row)
    found = {
        node.split(":", 1)[1]: account for node, account in accounts(resolve(tmp_path / "home", models, rows)).items()
    }

    def account(id: str) -> str:
        return next(account for node, account in found.items() if node == id or node.split(":", 1)[1] == id)

    ours = [{account(id) for id in group.split()} for group in groups]
    assert [len(one) for one in ours] == [1] * len(groups), found
    assert len(set.union(*ours)) == len(groups), found


def test_what_was_held_back_is_reported(tmp_path, models):
    rows: dict[str, list[dict]] = {}
    for name in (
        "a campus where every group is another organization",
        "contracts of two parties that write from one domain",
    ):
        for table, row in CASES[name][0]:
            rows.setdefault(table, []).append(row)
    con = resolve(tmp_path / "home", models, rows)
    held = con.execute("select kind, what, organizations, len(account_ids) from identity_held order by kind").fetchall()
    assert ("many organizations on one domain", "campus.example", 5, 5) in held
    assert [row[0] for row in held] == ["contracts of two parties", "many organizations on one domain"]


def test_every_link_says_what_it_rests_on_and_since_when(tmp_path, models):
    records, _ = CASES["a name in the same country"]
    con = resolve(tmp_path / "home", models, {table: [row] for table, row in records})
    links = con.execute(
        "select evidence, confidence, left_value, right_value, linked_at from identity_link where evidence = 'name and circumstances'"
    ).fetchall()
    assert links == [("name and circumstances", 0.9, "ACME Shipping · NL", "acmeshipping · NL", DAY)]


def test_the_program_adds_domains_and_moves_the_threshold(tmp_path, models):
    people = {"developer": [row for _, row in (dev("a", "a@isp.net"), dev("b", "b@isp.net"))]}
    con = resolve(tmp_path / "free", models, people, free_mail_domains=["isp.net"])
    assert len(set(accounts(con).values())) == 2
    con = resolve(tmp_path / "strict", models, people, identity_threshold=0.9)
    assert len(set(accounts(con).values())) == 2
    assert len(set(accounts(resolve(tmp_path / "plain", models, people)).values())) == 1
