"""The Account page: the chain in words, people and roles, findings, contracts, and the sheet for the printer."""

import pytest

from pages.shared import account_words, identity_words, words
from sql import query, snapshot
from tests.pages.conftest import said

PAGE = "customers/account.py"
PARTS = (
    "Chain",
    "Activity",
    "Money",
    "Stages",
    "People",
    "Tickets",
    "Contracts",
    "Timeline",
    "Who it is",
    "Owner, tier, notes",
)


@pytest.fixture
def now(demo_home):
    """The demo's snapshot."""
    return snapshot.current(demo_home)


def some(now, condition: str) -> str:
    """The account with the most developers and applications of those for which a condition holds."""
    most = f"select account_id from account where {condition} order by applications desc, developers desc, account_id limit 1"
    _, found = now.execute(most)
    assert found, condition
    return found[0][0]


def shown(app, column: str):
    """The rows of the table that has this column."""
    return next(one.value for one in app.dataframe if column in one.value)


@pytest.mark.parametrize(
    "condition",
    [
        "relation = 'employer pays'",
        "relation = 'developer pays'",
        "relation = 'internal team'",
        "relation = 'nobody pays' and kind = 'organization'",
        "two_step = 'isv'",
        "two_step = 'reseller'",
        "two_step = 'agency'",
        "kind = 'nobody'",
    ],
)
def test_the_chain_says_who_pays_and_how_we_know(open_page, now, condition):
    account = some(now, condition)
    app = open_page(PAGE, account=account)
    assert not app.exception, app.exception
    chain = query.run(now, "account_chain", account=account)
    row = query.run(now, "account_profile", account=account).iloc[0]
    assert account_words.relation(row["relation"], row["two_step"]) in said(app)
    table = shown(app, "calls_90d")
    assert list(table["calls_90d"]) == list(chain["calls_90d"])
    assert set(table["payer"].dropna()) == {name for name in chain["payer"] if not words.missing(name)}
    (drawn,) = app.get("vega_lite_chart")
    own = chain[chain["side"] == "own"]
    assert (
        f"{words.plural(own['developer_node'].nunique(), 'developer')} and {words.plural(len(own), 'application')}"
        in drawn.proto.alt
    )


def test_people_stand_with_their_roles_and_why(open_page, now):
    account = some(now, "tier = 'partner'")
    app = open_page(PAGE, account=account, part="people")
    roles = query.run(now, "account_roles", account=account)
    assert len(roles)
    assert list(shown(app, "role")["role"]) == [account_words.role(role) for role in roles["role"]]
    assert shown(app, "role")["evidence"].notna().all()


def test_findings_stand_above_the_parts(open_page, now):
    worst = query.run(now, "account_findings").iloc[0]
    app = open_page(PAGE, account=worst["account_id"], part="timeline")
    text = said(app)
    assert f"**{words.plain(worst['label'])}**" in text
    assert words.plain(worst["evidence"]) in text


def test_a_merge_that_was_held_back_leads_to_the_review(open_page, now):
    found = query.run(now, "account_findings")
    held = found[found["finding"] == "held_back"]
    assert len(held)
    app = open_page(PAGE, account=held["account_id"].iloc[0])
    (way,) = [link for link in app.get("page_link") if link.label == "Decide about what was held back"]
    assert "part=held" in way.proto.query_string


def test_contracts_say_whether_they_are_in_force(open_page, now):
    account = some(now, "account_id in (select account_id from contract_state where state = 'in force')")
    app = open_page(PAGE, account=account, part="contracts")
    assert "in force" in set(shown(app, "state")["state"])


def test_what_is_not_known_is_not_zero(open_page, now):
    """A team of ours brings no revenue; that is no zero."""
    app = open_page(PAGE, account=some(now, "tier = 'internal'"))
    values = {metric.label: metric.value for metric in app.metric}
    assert values["Revenue"] == words.MISSING
    assert values["Contribution"] == words.MISSING
    assert values["Calls"] != words.MISSING


def test_the_sheet_for_the_printer_holds_every_part_in_full(open_page, now):
    account = some(now, "tier = 'partner'")
    app = open_page(PAGE, account=account, print="1")
    assert not app.exception, app.exception
    titles = [one.value.removeprefix("#### ") for one in app.markdown if one.value.startswith("#### ")]
    assert [title for title in titles if title in PARTS] == list(PARTS)
    assert not app.dataframe, "a printer cannot scroll"
    assert len(app.table) > 5
    assert not app.get("download_button")
    assert not app.button
    timeline = query.run(now, "account_timeline", account=account)
    assert any(len(one.value) == min(60, len(timeline)) for one in app.table)


def test_every_kind_of_evidence_has_words(now):
    _, kinds = now.execute("select distinct evidence from identity_link")
    assert {kind for (kind,) in kinds} <= set(identity_words.EVIDENCE)
