"""The pages of money: parts that tie out with each other, a plan typed in and taken back, what if."""

import re

import pytest

from tests.pages.conftest import ended, press, said, with_companies


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A small home that was refreshed; tests take copies of it."""
    return with_companies(tmp_path_factory.mktemp("money") / "home", "id,name\norg_1,Firm One\n", calls=200)


@pytest.mark.parametrize(
    ("path", "part"),
    [
        ("revenue", "movements"),
        ("revenue", "months"),
        ("revenue", "earned"),
        ("revenue", "bills"),
        ("freemium", "cohorts"),
        ("freemium", "months"),
        ("freemium", "support"),
        ("freemium", "talk"),
        ("internal", "teams"),
        ("internal", "services"),
        ("contribution", "accounts"),
        ("contribution", "statements"),
        ("contribution", "variance"),
        ("contribution", "months"),
        ("contribution", "costs"),
        ("contribution", "what_if"),
    ],
)
@pytest.mark.parametrize("tier", [None, "partner"])
def test_every_part_opens(open_page, path, part, tier):
    app = open_page(f"money/{path}.py", part=part, **({"tier": tier} if tier else {}))
    assert not app.exception, app.exception
    assert app.dataframe or app.get("table") or "No " in said(app) or "Nothing moved" in said(app)


def test_what_was_collected_is_the_sum_of_its_bills(open_page):
    app = open_page("money/revenue.py", part="bills", tier="partner")
    from pages.shared import reads, words

    frame = app.dataframe[0].value
    total = frame["amount"].sum()
    assert words.money(total, "usd", exact=True).replace("$", r"\$") in said(app)
    assert {metric.label: metric.value for metric in app.metric}["Collected"] == words.money(total, "usd")
    assert set(frame["tier_name"]) == {"Partner"}
    assert reads.currency() == "usd"


def test_a_movement_has_the_subscriptions_that_make_it(open_page):
    from pages.shared import reads

    app = open_page("money/revenue.py", period="365d", movement="churn")
    frame = app.dataframe[0].value
    assert set(frame["movement"]) == {"Churn"}
    months = reads.read("mrr_by_month", date_from=None)
    lost = months[months["month"].isin(frame["month"])]["churn"].astype(float).sum()
    assert frame["change"].sum() == pytest.approx(-lost, abs=0.005)


def test_the_statement_of_one_partner_can_be_read_and_printed(open_page):
    from pages.shared import reads

    open_page("money/partners.py")
    partner = reads.read("partners")["account_id"].iloc[0]
    app = open_page("money/partners.py", account=partner)
    assert "still owed today" in said(app)
    assert "Integration depth" in said(app)
    lines = app.dataframe[0].value
    assert lines["line"].iloc[0] == "Sourced revenue"
    assert lines["amount"].iloc[:-1].sum() == pytest.approx(lines["amount"].iloc[-1], abs=0.01), (
        "the lines add up to what is left"
    )
    sheet = open_page("money/partners.py", account=partner, print="1")
    assert not sheet.exception
    assert sheet.get("table")
    assert not sheet.dataframe


def test_what_if_moves_the_statements_and_saves_nothing(open_page):
    app = open_page("money/contribution.py", part="what_if")
    before = next(one.value for one in app.markdown if one.value.startswith("Left over"))
    app.slider(key="if_price").set_value(10).run()
    after = next(one.value for one in app.markdown if one.value.startswith("Left over"))
    assert before != after
    frame = app.dataframe[0].value
    assert frame["then_revenue"].sum() == pytest.approx(frame["revenue"].sum() * 1.1)
    assert frame["then_support"].sum() == pytest.approx(frame["support"].sum())
    fresh = open_page("money/contribution.py", part="what_if")
    assert next(one.value for one in fresh.markdown if one.value.startswith("Left over")) == before


def test_a_plan_is_typed_in_built_compared_and_taken_back(open_page, home):
    app = open_page("money/contribution.py", home=home, part="variance")
    assert "Nothing is planned" in said(app)
    from pages.shared import reads

    month = reads.current().as_of.date().replace(day=1)
    app.selectbox(key="plan_line").select("revenue")
    app.number_input(key="plan_amount").set_value(1234.5)
    app.text_input(key="plan_reason").set_value("the board's budget").run()
    press(app, "save_plan")
    assert re.search(r"1,234\.50.*the board's budget", said(app))
    ended()
    app = open_page("money/contribution.py", home=home, part="variance")
    assert "still to come" not in said(app)
    (row,) = reads.read("plan_entries").itertuples()
    assert (row.month.date(), row.tier, row.line, float(row.plan)) == (month, "open", "revenue", 1234.5)
    press(app, next(one.key for one in app.button if str(one.key).startswith("undo_plan_entered_")))
    ended()
    open_page("money/contribution.py", home=home, part="variance")
    assert reads.read("plan_entries").empty
