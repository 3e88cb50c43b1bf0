"""The pages Sales path and Enterprise: figures that tie out with their lists, the sheet of an account, and what people say about it."""

import shutil

import pytest

from tests.pages.conftest import press, said, with_companies
from tests.sql import small_home

SALES, ENTERPRISE = "onboarding/sales_path.py", "onboarding/enterprise.py"


@pytest.fixture
def own_home(demo_home, tmp_path):
    """A copy of the demo's home to decide in."""
    folder = tmp_path / "home"
    shutil.copytree(demo_home, folder)
    return folder


@pytest.mark.parametrize("part", ["unowned", "held_up", "crossings", "steps"])
@pytest.mark.parametrize("tier", [None, "open", "partner", "internal"])
def test_every_part_of_the_sales_path(open_page, part, tier):
    app = open_page(SALES, part=part, **({"tier": tier} if tier else {}))
    assert not app.exception, app.exception
    if tier == "internal":
        assert "No accounts with a path" in said(app)
    else:
        assert app.dataframe or "No account looks" in said(app) or "No small" in said(app) or "Nobody crossed" in said(app)  # fmt: skip


@pytest.mark.parametrize("part", ["accounts", "steps", "people", "promises"])
@pytest.mark.parametrize("tier", [None, "open", "partner"])
def test_every_part_of_enterprise(open_page, part, tier):
    app = open_page(ENTERPRISE, part=part, **({"tier": tier} if tier else {}))
    assert not app.exception, app.exception
    assert len(app.dataframe[0].value) > 0


@pytest.mark.parametrize(
    ("path", "part", "frame"),
    [(SALES, "crossings", "path_crossing_accounts"), (ENTERPRISE, "people", "evaluator_approver")],
)
def test_the_search_box_reaches_the_lists(open_page, path, part, frame):
    from pages.shared import reads

    open_page(path, part=part)
    name = reads.read(frame).iloc[0]["name"]
    found = reads.read(frame, search=name)
    app = open_page(path, part=part, search=name)
    assert 0 < len(found) < len(reads.read(frame))
    assert set(app.dataframe[0].value["name"]) == set(found["name"])


@pytest.mark.parametrize(
    ("path", "part", "frame", "what"),
    [
        (SALES, "crossings", "path_crossing_accounts", "No crossings"),
        (ENTERPRISE, "promises", "sla_delivered", "No promises"),
    ],
)
def test_a_search_that_finds_nothing_of_a_part_says_so(open_page, path, part, frame, what):
    """The search is for an enterprise of which the part has no row: the page itself has something to show."""
    from pages.shared import reads

    open_page(path, part=part)
    with_rows = set(reads.read(frame)["account_id"])
    others = reads.read("enterprise_accounts")
    name = next(one.name for one in others.itertuples(index=False) if one.account_id not in with_rows)
    app = open_page(path, part=part, search=name)
    assert not app.exception
    assert any(what in one.value for one in app.markdown)


def test_the_figures_of_the_sales_path_are_those_of_its_lists(open_page):
    from pages.shared import reads, words

    app = open_page(SALES)
    shown = {metric.label: metric.value for metric in app.metric}
    unowned, crossed = app.dataframe[0].value, reads.read("path_crossing_accounts")
    held = open_page(SALES, part="held_up").dataframe[0].value
    assert shown["Enterprises without an owner"] == words.count(len(unowned))
    assert shown["Median days lost, without an owner"] == words.count(round(unowned["days_lost"].median()))
    assert shown["Small and held up"] == words.count(len(held))
    assert shown["Crossed over"] == words.count(len(crossed))
    assert unowned["evidence"].notna().all()
    assert held["evidence"].notna().all()
    charts = app.get("vega_lite_chart")
    assert len(charts) >= 2, "the two paths stand side by side"


def test_the_board_holds_every_open_step_with_its_age_in_words(open_page):
    app = open_page(ENTERPRISE)
    steps = open_page(ENTERPRISE, part="steps").dataframe[0].value
    board = "\n".join(one.value for one in app.container(key="board").markdown)
    assert sum(board.count(f"badge[{int(days)} day") for days in set(steps["days_waiting"])) == len(steps)
    assert "longer than three of four" in board
    cards = [button for button in app.button if str(button.key).startswith("card_")]
    assert len(cards) == len(steps)
    name = cards[0].label.strip("*")
    app = press(app, cards[0].key)
    assert app.query_params["account"]
    assert f"## {name}" in said(app)
    app = press(app, "all_enterprises")
    assert "account" not in app.query_params
    captions = "\n".join(one.value for one in app.container(key="board").caption)
    assert "fewer than 30" in captions, "what is not compared with its kind says so"


def test_the_sheet_of_an_account_on_screen_and_paper(open_page):
    from pages.shared import reads

    open_page(ENTERPRISE)
    promised = reads.read("sla_delivered")
    account = promised[promised["budget_left"] < 0]["account_id"].iloc[0]
    app = open_page(ENTERPRISE, account=account)
    assert not app.exception, app.exception
    text = said(app)
    for title in ("Readiness", "Open steps", "Evaluator and approver", "Delivered against contracted", "peers"):
        assert title in text
    assert app.get("vega_lite_chart")
    items = app.dataframe[0].value
    assert list(items["label"])[:2] == ["Security documents", "Legal review"]
    assert {metric.label.split(",")[0] for metric in app.metric} >= {"Ready", "Error budget"}
    sheet = open_page(ENTERPRISE, account=account, print="1")
    assert not sheet.exception, sheet.exception
    assert len(sheet.get("table")) >= 3
    assert not sheet.dataframe


def test_an_unknown_account_and_one_of_our_own_are_explained(open_page):
    from pages.shared import reads

    assert "No such account" in said(open_page(ENTERPRISE, account="org:nobody"))
    directory = reads.read("directory")
    ours = directory[directory["tier"] == "internal"]["account_id"].iloc[0]
    assert "No such account" in said(open_page(ENTERPRISE, account=ours))


def test_what_a_person_says_of_an_item_shows_at_once_and_can_be_taken_back(open_page, own_home):
    from data_sources import judgements
    from pages.shared import ledger, reads

    open_page(ENTERPRISE, home=own_home)
    found = reads.read("enterprise_readiness")
    row = found[found["state"] == "not_known"].iloc[0]
    app = open_page(ENTERPRISE, home=own_home, account=row["account_id"])
    app.selectbox(key="readiness_item").select(row["item"])
    app.selectbox(key="readiness_state").select("done")
    app.text_input(key="readiness_owner").set_value("Kim")
    app.text_input(key="readiness_reason").set_value("mail of *today*")
    press(app, "save_readiness")
    shown = app.dataframe[0].value.set_index("label").loc[row["label"]]
    assert (shown["state_name"], shown["owner"]) == ("Done", "Kim")
    assert "mail of *today*" in shown["evidence"]
    (kept,) = ledger.judged(judgements.ReadinessDecision, row["account_id"])
    assert (kept.item, kept.state, kept.author) == (row["item"], "done", "local user")
    press(app, f"undo_readiness_{kept.id}")
    assert app.dataframe[0].value.set_index("label").loc[row["label"]]["state_name"] == "Not known"
    assert ledger.judged(judgements.ReadinessDecision, row["account_id"]) == []


def test_one_that_a_person_puts_aside_is_no_enterprise_after_the_next_build(open_page, own_home):
    from pages.shared import reads
    from sql.refresh import build_only

    open_page(SALES, home=own_home)
    account = reads.read("path_mismatch")["account_id"].iloc[0]
    app = open_page(ENTERPRISE, home=own_home, account=account)
    app.selectbox(key="readiness_item").select("sales_path")
    press(app, "save_readiness")
    assert "it is no enterprise" in said(app)
    build_only(own_home)
    open_page(SALES, home=own_home)
    assert account not in set(reads.read("path_mismatch")["account_id"])
    (path,) = reads.read("account_path", account=account).itertuples()
    assert (path.fits, path.is_dismissed) == ("self-service", True)


@pytest.fixture(scope="module")
def logs_only(tmp_path_factory):
    """A small home with calls and developers: no contract, no sale, no help desk."""
    home = small_home.make(tmp_path_factory.mktemp("logs") / "home", calls=120)
    small_home.refreshed(home)
    return home


def test_without_sales_records_the_pages_say_what_they_wait_for(open_page, logs_only):
    app = open_page(SALES, home=logs_only)
    assert not app.exception, app.exception
    assert "No source tells of contracts, opportunities and tickets" in said(app)
    app = open_page(ENTERPRISE, home=logs_only)
    assert not app.exception, app.exception
    assert "No contract or sale yet" in said(app)


def test_companies_without_a_contract_may_still_look_like_enterprises(open_page, tmp_path):
    home = with_companies(tmp_path / "home", "id,name,domain,employees\norg_1,Firm One,firm1.example,9000\n", calls=200)
    app = open_page(SALES, home=home)
    assert not app.exception, app.exception
    assert not open_page(ENTERPRISE, home=home).exception


def test_an_owner_shows_on_both_pages_before_the_next_build(open_page, own_home, monkeypatch):
    from data_sources import judgements, program
    from pages.shared import ledger
    from sql import query, snapshot

    monkeypatch.setenv("API_PROGRAM_HOME", str(own_home))
    now = snapshot.current(own_home)
    mismatches, waiting = query.run(now, "path_mismatch"), query.run(now, "procurement_aging")
    chosen = [mismatches.loc[mismatches["mismatch"] == "unowned", "account_id"].iloc[0], waiting["account_id"].iloc[0]]
    by = {"owner": "Kim", "author": "me", "decided_at": program.now()}
    ledger.the_store().judge_all([judgements.AccountOwner(account_id=one, **by) for one in dict.fromkeys(chosen)])
    app = open_page(SALES, home=own_home)
    assert "assigned to **Kim** today" in said(app)
    assert list(app.dataframe[0].value["named_since"].dropna()) == ["Kim"]
    app = open_page(ENTERPRISE, home=own_home, part="steps")
    assert set(app.dataframe[0].value.loc[waiting["account_id"] == chosen[1], "owner"]) == {"Kim"}
    assert "· Kim" in said(app), "on its card too"
    assert "owner: Kim" in said(open_page(ENTERPRISE, home=own_home, account=chosen[1]))
