"""The Rules page: what decides, what a change would move before it is saved, and what became of it."""

import shutil

import pytest

from data_sources import program, stall_reasons
from pages.shared import ruling, words
from sql import query, snapshot
from tests.pages.conftest import ended, press, said, with_companies
from tests.sql import small_home

PAGE = "data/rules.py"
HOSTILE = "**Evil** [pay](http://evil.example) <b>x</b>"
SHEET = f'id,name,domain,tags\no1,"{HOSTILE}",firm1.example,"Vip"\no2,Plain Ltd,firm2.example,"other"\n'


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A small home in which two organizations have tags; all accounts are public."""
    return with_companies(tmp_path_factory.mktemp("rules") / "home", SHEET, calls=200)


def begun(open_page, home, part: str = "tiers"):
    """The page with the rules of a part open for a change."""
    return press(open_page(PAGE, home=home, part=part), "begin_rules")


def order(app) -> list[str]:
    """The conditions of the rules while they are changed, in their order."""
    return [box.value for box in app.selectbox if (box.key or "").startswith("when_")]


def with_vip(open_page, home):
    """The page with a rule more: who has the tag vip is a partner."""
    app = press(begun(open_page, home), "add_rule")
    assert order(app) == ["internal_domain", "tag", "always"], "a new rule comes before the one that always holds"
    app.selectbox(key="gives_2").select("partner").run()
    app.multiselect(key="values_2_tag").select("vip").run()
    assert not app.exception, app.exception
    return app


def test_each_rule_stands_in_order_with_what_it_decides(open_page, demo_home):
    app = open_page(PAGE, period="all")
    assert not app.exception, app.exception
    text = said(app)
    setup = program.load(demo_home)
    places = [text.index(f":gray[{n}]") for n in range(1, len(setup.tier_rule) + 1)]
    assert places == sorted(places)
    used = query.run(snapshot.current(demo_home), "rule_use")
    tagged = used[(used["kind"] == "tier") & (used["field"] == "tag")].iloc[0]
    assert "a record of it has the tag **reviewed**" in text
    assert f"{words.plural(tagged['accounts'], 'account')} · {words.plural(tagged['calls'], 'call')}" in text


@pytest.mark.parametrize("part", ["tiers", "ladder", "apis", "reasons", "topics", "changes", "nonsense"])
def test_every_part_opens(open_page, part):
    app = open_page(PAGE, part=part)
    assert not app.exception, app.exception


def test_reasons_stand_in_order_with_what_they_hold_and_where_they_are(open_page, demo_home):
    app = open_page(PAGE, part="reasons")
    text = said(app)
    rules = query.run(snapshot.current(demo_home), "reason_rules")
    places = [text.index(f"**{label}**") for label in rules["reason_label"]]
    assert places == sorted(places)
    assert rules["accounts"].sum() == len(query.run(snapshot.current(demo_home), "stalled"))
    top = rules.loc[rules["accounts"].idxmax()]
    assert words.plural(top["accounts"], "stalled account") in text
    assert f"`{rules['condition'][0]}`" in text
    assert "a copy of it beside program.toml replaces it" in text.replace("\\", "")


def test_rules_of_a_home_are_shown_as_text(open_page, built, tmp_path):
    home = shutil.copytree(built, tmp_path / "own")
    rules = stall_reasons.RULES.default.read_text().replace('label = "Credentials refused"', f"label = '{HOSTILE}'")
    (home / stall_reasons.RULES.name).write_text(
        rules.replace('when = "refused_auth >= 3', "when = \"tier != '`x`' and refused_auth >= 3")
    )
    small_home.refreshed(home)
    text = said(open_page(PAGE, home=home, part="reasons"))
    assert words.plain(HOSTILE) in text
    assert "tier != ''x'' and" in text
    assert "stall\\_reasons.toml of this home" in text


def test_topics_stand_in_order_with_what_no_rule_knows(open_page, demo_home):
    app = open_page(PAGE, part="topics", period="all")
    topics = query.run(snapshot.current(demo_home), "ticket_topics")
    assert list(app.dataframe[0].value["topic_label"]) == list(topics["topic_label"])
    assert app.dataframe[0].value["topic_label"].iloc[-1] == "No rule knows it"


def test_a_change_says_what_would_move_before_it_is_saved(open_page, home):
    app = with_vip(open_page, home)
    moved = app.dataframe[0].value
    assert list(moved["becomes"]) == ["Partner"]
    known = query.run(snapshot.current(home), "directory", search="firm1.example")
    assert list(moved["calls"]) == list(known["calls"]), "all its calls are of the last 90 days"
    text = said(app)
    assert "**1 account moves today**" in text
    assert f"{words.plural(int(moved['calls'].sum()), 'call')} in the last 90 days" in text
    assert "revenue unknown: no biller is connected" in text
    assert "[pay](http" not in text
    assert (home / "program.toml").read_text().count("[[tier_rule]]") == 2, "nothing is written before it is saved"


def test_saved_with_reason_built_and_undone(open_page, home):
    app = with_vip(open_page, home)
    press(app, "save_rules")
    assert "Say why" in said(app)
    assert not ruling.changes()
    app.text_input(key="rule_reason").set_value("they signed").run()
    before = snapshot.current(home).name
    press(app, "save_rules")
    (kept,) = ruling.changes()
    assert (kept.author, kept.reason, kept.section) == ("local user", "they signed", "tier_rule")
    assert [rule.gives for rule in program.load(home).tier_rule] == ["internal", "partner", "public"]
    ended()
    assert snapshot.current(home).name > before, "a build follows by itself"
    app.run()
    assert not ruling.waits()
    partners = query.run(snapshot.current(home), "directory", tier="partner")
    assert list(partners["name"]) == [HOSTILE]

    listed = open_page(PAGE, home=home, part="changes")
    assert "they signed" in said(listed)
    assert '+tier = "partner"' in listed.code[0].value
    before = snapshot.current(home).name
    press(listed, f"undo_{kept.id}")
    ended()
    assert snapshot.current(home).name > before
    assert [rule.gives for rule in program.load(home).tier_rule] == ["internal", "public"]
    assert query.run(snapshot.current(home), "directory", tier="partner").empty
    again = open_page(PAGE, home=home, part="changes")
    assert "~~" in said(again)
    assert not [one for one in again.button if one.key == f"undo_{kept.id}"]


def test_rules_move_up_and_down_and_go(open_page, home):
    app = begun(open_page, home)
    assert order(app) == ["internal_domain", "always"]
    press(app, "down_0")
    assert order(app) == ["always", "internal_domain"]
    press(app, "up_0")
    assert order(app) == ["internal_domain", "always"]
    assert app.button(key="save_rules").disabled, "nothing is changed"
    press(app, "remove_0")
    assert order(app) == ["always"]
    assert "decide the same" in said(app), "nobody is at house.example"
    press(app, "discard_rules")
    assert (home / "program.toml").read_text().count("[[tier_rule]]") == 2
    assert "Change these rules" in [one.label for one in app.button]


def test_a_rule_without_its_value_cannot_be_saved(open_page, home):
    app = press(begun(open_page, home, "ladder"), "add_rule")
    app.selectbox(key="when_4").select("stage").run()
    assert "needs a value" in said(app)
    assert app.button(key="save_rules").disabled
    app.multiselect(key="values_4_stage").select("paying").run()
    assert "needs a value" not in said(app)


def test_a_file_that_changed_meanwhile_is_not_overwritten(open_page, home):
    app = with_vip(open_page, home)
    app.text_input(key="rule_reason").set_value("they signed").run()
    file = home / "program.toml"
    by_hand = file.read_text().replace('name = "Small"', 'name = "Smaller"')
    file.write_text(by_hand)
    press(app, "save_rules")
    assert "changed meanwhile" in said(app)
    assert file.read_text() == by_hand
    assert not ruling.changes()
    assert order(app) == ["internal_domain", "tag", "always"], "what was begun is still there"


def test_who_an_api_is_meant_for(open_page, home):
    app = begun(open_page, home, "apis")
    pills = next(one for one in app.get("button_group") if one.key == "exposure_rates")
    pills.set_value(["partner"]).run()
    assert not app.exception, app.exception
    found = app.dataframe[0].value
    assert set(found["service"]) == {"rates"}
    assert set(found["tier_name"]) == {"Public"}
    app.text_input(key="rule_reason").set_value("contracts").run()
    press(app, "save_rules")
    ended()
    assert [(one.service, one.tiers) for one in program.load(home).exposure] == [("rates", ["partner"])]
    assert len(query.run(snapshot.current(home), "exposure_findings")) == len(found)
    shown = open_page(PAGE, home=home, part="apis", period="all")
    assert "Exposure broken" in said(shown)
    assert len(shown.dataframe[1].value) == len(found)


def test_rules_changed_by_hand_are_said_to_wait(open_page, home):
    file = home / "program.toml"
    file.write_text(file.read_text().replace('tier = "public"', 'tier = "open"'))
    app = open_page(PAGE, home=home)
    assert "program.toml has other rules" in said(app)
    press(app, "build_rules")
    ended()
    assert "program.toml has other rules" not in said(open_page(PAGE, home=home))


def test_a_person_decides_the_tier_of_one_account_and_takes_it_back(open_page, home):
    account = query.run(snapshot.current(home), "directory", search="firm2.example")["account_id"].iloc[0]
    app = open_page("customers/account.py", home=home, account=account, part="notes")
    assert app.button(key="set_tier").disabled, "a tier needs a reason"
    app.selectbox(key="tier_to_be").select("partner").run()
    app.text_input(key="tier_reason").set_value("shakes *hands*").run()
    press(app, "set_tier")
    assert "shakes \\*hands\\*" in said(app)
    assert "still to come" in said(app)
    ended()
    app.run()
    assert "still to come" not in said(app)
    tiers = query.run(snapshot.current(home), "directory").set_index("account_id")["tier"]
    assert tiers[account] == "partner"
    assert list(tiers[tiers == "partner"].index) == [account]
    used = query.run(snapshot.current(home), "rule_use")
    assert used[used["field"] == "a person decided"]["accounts"].tolist() == [1]

    undo = next(one for one in app.button if (one.key or "").startswith("undo_tier_"))
    press(app, undo.key)
    ended()
    tiers = query.run(snapshot.current(home), "directory").set_index("account_id")["tier"]
    assert tiers[account] == "public"
    assert query.run(snapshot.current(home), "tier_overrides").empty
