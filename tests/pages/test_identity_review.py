"""Identity review and what the Account page lets people say: decisions are stored with who and when, shown at once, and undone."""

import pytest

from pages.shared import deciding, jobs, ledger, reads
from sql import identity, query, snapshot
from tests.pages.conftest import ended, press, said, with_companies

HOSTILE = "**Evil** [pay](http://evil.example) <b>x</b>"
SHEET = f"""id,name
o1,"{HOSTILE} Inc."
o2,"{HOSTILE} GmbH"
o3,Acme Shipping Inc.
o4,ACME shipping GmbH
o5,Plain Ltd
"""
PAGE = "customers/identity_review.py"


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A small home with two pairs of organizations of like names."""
    return with_companies(tmp_path_factory.mktemp("review") / "home", SHEET, calls=60)


def in_front(app) -> list[str]:
    """The names of the two records in front."""
    return [one.value for one in app.container(key="in_front").markdown if one.value.startswith("#### ")]


def test_a_link_is_confirmed_and_the_next_comes_at_once(open_page, home):
    app = open_page(PAGE, home=home)
    assert not app.exception, app.exception
    waiting = query.run(snapshot.current(home), "identity_review")
    assert len(waiting) == 2
    before = in_front(app)
    app.text_input(key="identity_reason").set_value("they told me")
    press(app, "answer_Y")
    (kept,) = ledger.identity_decisions()
    assert (kept.action, kept.author, kept.reason) == ("confirm", "local user", "they told me")
    assert kept.decided_at is not None
    assert identity.nodes(kept) in {(row.left_node, row.right_node) for row in waiting.itertuples()}
    assert in_front(app) != before
    shown = "\n".join(one.value for one in (*app.container(key="last_decision").markdown, *app.caption))
    assert "are one organization" in shown
    assert "2 accounts become 1" in shown
    assert app.text_input(key="identity_reason").value == "", "the reason was that decision's alone"


def test_both_are_answered_and_nothing_waits(open_page, home):
    app = press(press(open_page(PAGE, home=home), "answer_Y"), "answer_N")
    assert [one.action for one in ledger.identity_decisions()] == ["reject", "confirm"]
    assert "Nothing waits" in said(app)
    ended()
    app.run()
    assert {one.state for one in deciding.kept()} == {deciding.APPLIED}
    assert "Nothing waits" in said(app), "what was decided does not come back with the build"


def test_an_undo_brings_the_link_back_and_dates_the_decision(open_page, home):
    app = open_page(PAGE, home=home)
    before = in_front(app)
    press(press(app, "answer_N"), "undo_last")
    (kept,) = ledger.identity_decisions()
    assert kept.undone_at is not None
    assert in_front(app) == before
    listed = open_page(PAGE, home=home, part="decided")
    assert "~~" in said(listed)
    assert "undone" in said(listed)


def test_what_is_put_off_comes_back(open_page, home):
    app = open_page(PAGE, home=home)
    before = in_front(app)
    press(app, "answer_S")
    assert in_front(app) != before
    press(app, "answer_S")
    assert "Nothing waits" in said(app)
    assert "2 links put off" in said(app)
    next(one for one in app.button if one.label.startswith("Bring back")).click().run()
    assert in_front(app) == before
    assert not ledger.identity_decisions()


def test_hostile_names_stay_text(open_page, home):
    for part in ("queue", "decided", "held"):
        app = open_page(PAGE, home=home, part=part)
        if part == "queue":
            app = press(app, "answer_Y")
        text = said(app)
        assert "[pay](http" not in text
        assert "**Evil**" not in text
        assert "<b>" not in text.replace("\\<b\\>", "")


def test_a_decision_is_built_by_itself_and_what_it_changed_is_counted(open_page, home):
    app = press(open_page(PAGE, home=home), "answer_Y")
    first = reads.current().name
    ended()
    app.run()
    assert reads.current().name > first
    assert [one.state for one in deciding.kept()] == [deciding.APPLIED]
    listed = open_page(PAGE, home=home, part="decided")
    assert "2 accounts → 1" in said(listed)
    assert not jobs.jobs().running, "nothing waits, so nothing is built"


def account(home, record: str) -> str:
    """The account of a record."""
    found = snapshot.current(home)
    return identity.known(found, [record])[record].account_id


def test_a_new_name_shows_at_once_and_its_undo_takes_it_back(open_page, home):
    mine = account(home, "organization:crm:o5")
    app = open_page("customers/account.py", home=home, account=mine, part="identity")
    app.selectbox(key="act").select("rename").run()
    app.text_input(key="act_name").set_value("New *name*").run()
    app.text_input(key="act_reason").set_value("they moved").run()
    press(app, "act_save")
    title = next(one.value for one in app.markdown if one.value.startswith("## "))
    assert "New \\*name\\*" in title
    (kept,) = ledger.identity_decisions()
    assert (kept.action, kept.value, kept.reason, kept.author) == ("rename", "New *name*", "they moved", "local user")
    assert any("build" in one.value and "local user" in one.value for one in app.info)
    ended()
    app.run()
    assert "New \\*name\\*" in next(one.value for one in app.markdown if one.value.startswith("## "))
    assert not app.info, "it is applied"
    press(app, f"undo_account_decisions_{kept.id}")
    ended()
    app.run()
    assert "Plain Ltd" in next(one.value for one in app.markdown if one.value.startswith("## "))


def test_accounts_are_merged_and_split_with_the_effect_shown_before(open_page, home):
    mine, other = account(home, "organization:crm:o5"), account(home, "organization:crm:o3")
    app = open_page("customers/account.py", home=home, account=mine, part="identity")
    app.text_input(key="act_search").set_value("acme shipping inc").run()
    assert app.selectbox(key="act_other").value == other
    assert "2 accounts become 1" in said(app)
    press(app, "act_save")
    ended()
    assert account(home, "organization:crm:o5") == account(home, "organization:crm:o3")
    app = open_page("customers/account.py", home=home, account=mine, part="identity")
    app.selectbox(key="act").select("split").run()
    assert "1 account becomes 2" in said(app)


@pytest.mark.parametrize(
    ("domain", "why_not"),
    [("gmail.com", "free mail"), ("co.uk", "no domain"), ("mail.house.example", "mark the account as internal")],
)
def test_a_domain_that_cannot_link_is_refused_with_the_reason(open_page, home, domain, why_not):
    mine = account(home, "organization:crm:o5")
    app = open_page("customers/account.py", home=home, account=mine, part="identity")
    app.selectbox(key="act").select("set_domain").run()
    app.text_input(key="act_domain").set_value(domain).run()
    assert why_not in said(app)
    assert "act_save" not in {one.key for one in app.button}


def test_a_domain_and_a_team_are_stored(open_page, home):
    mine = account(home, "organization:crm:o5")
    app = open_page("customers/account.py", home=home, account=mine, part="identity")
    app.selectbox(key="act").select("set_domain").run()
    app.text_input(key="act_domain").set_value("https://www.Plain.example/about").run()
    press(app, "act_save")
    app.selectbox(key="act").select("mark_internal").run()
    app.text_input(key="act_team").set_value("Pricing").run()
    press(app, "act_save")
    kept = {one.action: (one.value, identity.nodes(one)[0]) for one in ledger.identity_decisions()}
    assert kept == {
        "set_domain": ("plain.example", "organization:crm:o5"),
        "mark_internal": ("Pricing", "organization:crm:o5"),
    }
