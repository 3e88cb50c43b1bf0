"""The Stalled page as a work list: choose, decide, see it at once, undo it, and find the same in the next build."""

from datetime import date, datetime, timedelta

import pandas as pd
import pytest

from data_sources import judgements, program
from pages.shared import jobs, move_parts, moves, outcome_parts, reads, tables, words
from sql import query, snapshot
from tests.pages.conftest import press, said, with_companies
from tests.sql import small_home

PAGE = "onboarding/stalled.py"
SAID = [
    "owner",
    "named_by",
    "status",
    "judged_stage",
    "next_action",
    "due_on",
    "due_is_judged",
    "given_up_because",
    "contacted_at",
    "notes",
    "last_note",
]


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A small home with seven accounts that never came further than their sign-up; tests take copies of it."""
    return with_companies(tmp_path_factory.mktemp("stalled") / "home", "id,name\norg_1,Firm One\n", calls=300)


def listed(app) -> pd.DataFrame:
    """The work list as it is shown."""
    return next(one.value for one in app.dataframe if "status_name" in one.value)


def choose(app, *places: int):
    """Choose rows of the list."""
    grid = next(one for one in app.dataframe if "status_name" in one.value)
    key = grid.proto.id.rsplit("-", 1)[-1]
    app.session_state[key] = {"selection": {"rows": list(places), "columns": [], "cells": []}}
    app.run()
    assert not app.exception, app.exception
    return app


def field(app, kind: str, label: str):
    """A field of the form, by its label."""
    return next(one for one in getattr(app, kind) if one.label == label and not one.key.startswith("filter_"))


def decide(app, owner=None, status=None, because=None, action=None, due=None, note=None):
    """Fill in the form that is shown and keep it."""
    fill(app, owner, status, because, action, due, note)
    (key,) = [one.key for one in app.button if one.key in ("save_bulk", "save_detail", "save_account")]
    return press(app, key)


def fill(app, owner=None, status=None, because=None, action=None, due=None, note=None) -> None:
    """Fill in the form that is shown."""
    asked = {
        ("selectbox", "Owner"): owner,
        ("selectbox", "Status"): status,
        ("text_input", "Why it is given up"): because,
        ("text_input", "Next action"): action,
        ("date_input", "Due"): due,
        ("text_area", "Note"): note,
    }
    for (kind, label), value in asked.items():
        if value is not None:
            field(app, kind, label).set_value(value).run()
            assert not app.exception, app.exception


def whole(app):
    """The box that chooses the whole list."""
    return next(one for one in app.checkbox if one.label.startswith("All "))


def figure(app, label: str) -> str:
    return next(metric.value for metric in app.metric if metric.label == label)


def named(home, monkeypatch, *owners: str) -> None:
    """Let somebody else have named these owners, one of the last accounts each: the form offers those that there are."""
    monkeypatch.setenv("API_PROGRAM_HOME", str(home))
    ids = list(query.run(snapshot.current(home), "stalled")["account_id"])
    by = {"author": "someone else", "decided_at": program.now()}
    made = [judgements.AccountOwner(account_id=ids[-1 - n], owner=owner, **by) for n, owner in enumerate(owners)]
    moves.ledger.the_store().judge_all(made)


def test_chosen_accounts_are_assigned_at_once_and_without_a_build(open_page, home, monkeypatch):
    named(home, monkeypatch, "Kim", "Lee")
    app = open_page(PAGE, home=home)
    name = snapshot.current(home).name
    before = listed(app)
    assert (len(before), figure(app, "Without an owner")) == (7, "5")
    assert set(before["late"]) == {"past its reason's days"}
    assert figure(app, "Overdue") == "0", "nobody has taken any of them up"
    choose(app, 1, 5)
    fill(app, owner="Kim")
    assert "owner **Kim** (1 had another)" in said(app)
    assert {one.label for one in app.button} >= {"Keep it for 2 accounts"}
    decide(app)
    after = listed(app)
    assert list(after["owner"]) == ["nobody", "Kim", "nobody", "nobody", "nobody", "Kim", "Kim"]
    assert figure(app, "Without an owner") == "4"
    kept = [one for _, _, one in moves.known().newest if one.author == "local user"]
    assert {one.owner for one in kept} == {"Kim"}
    assert {one.account_id for one in kept} == set(query.run(snapshot.current(home), "stalled")["account_id"][[1, 5]])
    assert snapshot.current(home).name == name
    assert not jobs.jobs().running


def test_nothing_stays_chosen_once_something_was_decided(open_page, home):
    """The same places may be other accounts now."""
    app = choose(open_page(PAGE, home=home, status="open"), 0, 1)
    decide(app, status="waiting")
    assert len(listed(app)) == 5
    assert "Choose rows" in said(app)


def test_many_are_given_up_with_a_reason_and_taken_back_at_once(open_page, home):
    app = open_page(PAGE, home=home, status="all")
    whole(app).check().run()
    fill(app, status="given_up")
    assert "Say why" in said(app)
    assert app.button(key="save_bulk").disabled
    decide(app, because="*a class project*", note="See mail")
    assert set(listed(app)["status_name"]) == {"Given up"}
    assert listed(app)["due_on"].isna().all(), "nothing is left to do"
    assert figure(app, "Overdue") == "0"
    assert "status given up and 7 notes" in said(app)
    assert not whole(app).value, "what was decided is not decided again"
    press(app, "undo_act")
    assert set(listed(app)["status_name"]) == {"Open"}
    assert set(listed(app)["notes"]) == {0}
    assert len(moves.ledger.everything(judgements.AccountMove)) == 7, "nothing is deleted"


def test_what_others_decided_is_not_undone_with_it(open_page, home):
    app = open_page(PAGE, home=home)
    moves.ledger.the_store().judge(
        judgements.AccountOwner(account_id="org:x", owner="Lee", author="someone else", decided_at=program.now())
    )
    assert not [one for one in app.run().button if one.key == "undo_act"]


def test_what_somebody_decides_meanwhile_is_not_overwritten_unseen(open_page, home):
    app = choose(open_page(PAGE, home=home), 1, 5)
    fill(app, status="waiting")
    account = query.run(snapshot.current(home), "stalled")["account_id"][5]
    theirs = {"author": "someone else", "decided_at": program.now()}
    move = judgements.AccountMove(
        account_id=account, stage="signed_up", status="contacted", next_action="Ring", **theirs
    )
    moves.ledger.the_store().judge(move)
    press(app, "save_bulk")
    assert "meanwhile" in said(app)
    assert "1 was contacted" in said(app), "the form shows what would be lost"
    assert moves.row(account).status == "contacted"
    press(app, "save_bulk")
    assert "meanwhile" not in said(app)
    assert (moves.row(account).status, moves.row(account).next_action) == ("waiting", "Ring")


def test_only_what_is_still_the_newest_is_undone(open_page, home):
    app = choose(open_page(PAGE, home=home), 1, 5)
    decide(app, status="waiting")
    first, other = query.run(snapshot.current(home), "stalled")["account_id"][[1, 5]]
    theirs = {"author": "someone else", "decided_at": program.now()}
    moves.ledger.the_store().judge(
        judgements.AccountMove(account_id=other, stage="signed_up", status="contacted", **theirs)
    )
    app.run()
    assert "About 1 account something was decided again" in said(app)
    press(app, "undo_act")
    assert (moves.row(first).status, moves.row(other).status) == ("open", "contacted")
    assert len(moves.of(other).move) == 2


def test_the_whole_list_is_chosen_only_as_long_as_it_is_the_same(open_page, home):
    app = open_page(PAGE, home=home)
    whole(app).check().run()
    assert whole(app).value
    app.query_params["search"] = listed(app)["name"].iloc[0]
    app.run()
    assert not whole(app).value


def test_one_row_more_keeps_what_was_typed(open_page, home):
    app = choose(open_page(PAGE, home=home), 1, 5)
    fill(app, action="Call them")
    choose(app, 1, 5, 6)
    assert field(app, "text_input", "Next action").value == "Call them"


def test_an_owner_is_taken_away_again(open_page, home, monkeypatch):
    named(home, monkeypatch, "Kim", "Lee")
    app = open_page(PAGE, home=home)
    places = [n for n, owner in enumerate(listed(app)["owner"]) if owner in ("Kim", "Lee")]
    choose(app, *places, 0)
    fill(app, owner="As the rules say")
    assert "owner **as the rules say** (2 were named by a person)" in said(app)
    decide(app)
    assert set(listed(app)["owner"]) == {"nobody"}


@pytest.mark.parametrize("name", ["nobody", "Nobody", "ALL", moves.NOBODY])
def test_a_word_for_everybody_or_nobody_is_no_owner(name):
    assert not moves.Change(owner=name).is_ready
    assert moves.Change(owner="Ally").is_ready


def test_a_secondary_reason_is_said_by_its_label(home):
    rules = query.run(snapshot.current(home), "reason_rules")
    row = rules[rules["reason_label"] != rules["reason"].map(words.reason)].iloc[0]
    assert move_parts.secondary(f'["{row["reason"]}"]') == words.plain(row["reason_label"])


def outcomes(**columns) -> pd.DataFrame:
    return pd.DataFrame({"mature": [40, 60], "moved": [10, 30], "matched": [20, 40], **columns})


def test_what_followed_a_contact_stands_beside_the_comparable():
    """Of 20 and 40 matched contacts 10 % and 40 % moved: 30 %; of those compared 40 % and 10 %, weighed alike: 20 %."""
    shares = {"matched_share": [0.1, 0.4], "compared_share": [0.4, 0.1]}
    value, beside, held = outcome_parts.summed(outcomes(compared=[20, 20], **shares))
    assert (value, beside) == (words.share(0.3), f"comparable {words.share(0.2)}")
    assert "40 of 100 accounts" in held
    value, beside, _ = outcome_parts.summed(outcomes(compared=[9, 20], **shares))
    assert (value, beside) == (words.share(0.4), "too few to compare")
    assert outcome_parts.summed(outcomes(compared=[0, 0], **shares).head(0))[0] == words.MISSING


@pytest.fixture
def decided(home, monkeypatch):
    """Four of the seven accounts with something decided; their ids in the list's order."""
    monkeypatch.setenv("API_PROGRAM_HOME", str(home))
    ids = list(query.run(snapshot.current(home), "stalled")["account_id"])
    rows = {row.account_id: pd.DataFrame([row._asdict()]) for row in moves.work_list().itertuples()}
    today = reads.current().as_of.date()
    moves.save(rows[ids[0]], moves.Change(owner="Kim", status="contacted"))
    moves.save(rows[ids[1]], moves.Change(owner="kim@firm.example", due_on=today - timedelta(days=1)))
    moves.save(rows[ids[2]], moves.Change(owner="Kim", status="waiting", due_on=today + timedelta(days=9)))
    moves.save(rows[ids[3]], moves.Change(status="won_back"))
    return ids


FOUND = [
    ({"owner": "Kim"}, [0, 2]),
    ({"owner": "kIM"}, [0, 2]),
    ({"owner": moves.NOBODY}, [4, 5, 6]),
    ({"owner": moves.NOBODY, "status": "all"}, [3, 4, 5, 6]),
    ({"status": "won_back"}, [3]),
    ({"status": "all"}, [0, 1, 2, 3, 4, 5, 6]),
    ({"status": "contacted"}, [0]),
    ({"status": "open", "owner": moves.NOBODY}, [4, 5, 6]),
    ({"overdue": "yes"}, [1]),
    ({"overdue": "past"}, [4, 5, 6]),
    ({"overdue": "set"}, [1]),
    ({"owner": "Kim", "status": "waiting", "move": "evangelist"}, [2]),
    ({"status": "?", "overdue": "?", "move": "?", "sort": "?"}, [0, 1, 2, 4, 5, 6]),
]


@pytest.mark.parametrize(("params", "places"), FOUND, ids=lambda v: "-".join(v.values()) if isinstance(v, dict) else "")
def test_a_link_shows_what_its_filters_say(open_page, home, decided, params, places):
    app = open_page(PAGE, home=home, **params)
    assert not app.exception, app.exception
    names = dict(zip(decided, query.run(snapshot.current(home), "stalled")["name"], strict=True))
    assert sorted(listed(app)["name"]) == sorted(names[decided[n]] for n in places)
    for name, value in params.items():
        if value not in ("?", "kIM") and name in ("owner", "status", "overdue"):
            assert app.selectbox(key=f"filter_{name}").value == value


def test_an_order_is_part_of_the_link(open_page, home, decided):
    app = open_page(PAGE, home=home, sort="due")
    due = list(listed(app)["due_on"].dropna())
    assert due == sorted(due)
    assert len(set(due)) > 1


def test_nothing_left_is_designed(open_page, home):
    app = open_page(PAGE, home=home, status="contacted", owner=moves.NOBODY)
    assert not app.exception
    text = said(app)
    assert "No stalled accounts" in text
    assert "for Nobody's · Contacted" in text, "the filters that the page has, and no period"
    (way,) = [link for link in app.get("page_link") if link.label == "Show all of them"]
    assert "status=all" in way.proto.query_string


@pytest.mark.parametrize(
    ("name", "value", "label"),
    [("owner", "Ghost", "Ghost"), ("stage", "expanded", "Expanded"), ("reason", "nope", "nope")],
)
def test_what_nobody_holds_leaves_nobody_and_stays_chosen(open_page, home, name, value, label):
    app = open_page(PAGE, home=home, **{name: value})
    assert not app.exception, app.exception
    assert "No stalled accounts" in said(app)
    box = app.selectbox(key=f"filter_{name}")
    assert (box.value, label in box.options) == (value, True)


def test_one_account_in_front_of_the_list(open_page, home):
    account = query.run(snapshot.current(home), "stalled")["account_id"][2]
    app = open_page(PAGE, home=home, account=account)
    assert not app.exception, app.exception
    text = said(app)
    row = query.run(snapshot.current(home), "stalled").iloc[2]
    assert "What it rests on" in text
    assert row["evidence"].split(",")[0] in text.replace("\\", "")
    assert field(app, "text_input", "Next action").value == row["next_action"]
    fill(app, status="contacted", action="Call them", due=date(2026, 4, 1), note="**rang**, nobody there")
    press(app, "save_detail")
    text = said(app)
    assert r"\*\*rang\*\*" in text, "what people write is text"
    assert "**Contacted** at sign-up · next: Call them · due 1 Apr 2026" in text
    assert list(listed(app)["status_name"])[2] == "Contacted"
    held = moves.of(account)
    assert [(one.status, one.stall_reason, one.stage) for one in held.move] == [
        ("contacted", row["reason"], "signed_up")
    ]
    assert held.move[0].contacted_at == held.move[0].decided_at
    press(app, f"undo_note_{held.note[0].id}")
    assert moves.of(account).note == []
    assert moves.of(account).move, "only the note"


def test_an_action_and_a_day_go_back_to_what_is_proposed(open_page, home):
    row = query.run(snapshot.current(home), "stalled").iloc[0]
    app = open_page(PAGE, home=home, account=row["account_id"])
    fill(app, action="Call them", due=date(2026, 4, 1))
    press(app, "save_detail")
    assert (moves.row(row["account_id"]).next_action, moves.row(row["account_id"]).due_is_judged) == ("Call them", True)
    fill(app, action="")
    field(app, "date_input", "Due").set_value(None).run()
    press(app, "save_detail")
    now = moves.row(row["account_id"])
    assert (now.next_action, now.due_on, now.due_is_judged) == (row["next_action"], row["due_on"], False)


def test_a_status_leaves_action_and_day_as_they_were(open_page, home, decided):
    account = decided[2]
    before = moves.row(account)
    row = pd.DataFrame([before._asdict()])
    moves.save(row, moves.Change(status="contacted"))
    now = moves.row(account)
    assert (now.status, now.due_on, now.owner) == ("contacted", before.due_on, "Kim")


def test_an_account_offers_only_the_undo_of_what_was_decided_about_it(open_page, home):
    before, last = query.run(snapshot.current(home), "stalled")["account_id"][[0, 3]]
    for account, minutes in ((before, 2), (last, 1)):
        at = program.now() - timedelta(minutes=minutes)
        by = {"author": "local user", "decided_at": at}
        moves.ledger.the_store().judge(
            judgements.AccountMove(account_id=account, stage="signed_up", status="waiting", **by)
        )
    app = open_page("customers/account.py", home=home, account=before)
    assert "**Waiting**" in said(app)
    assert not [one for one in app.button if one.key == "undo_act"], "the last act was about another account"
    app = open_page("customers/account.py", home=home, account=last)
    assert f"**{words.plain(moves.row(last).name)}**: status waiting" in said(app)
    press(app, "undo_act")
    assert (moves.row(before).status, moves.row(last).status) == ("waiting", "open")


def test_an_unknown_account_in_the_link_is_explained(open_page, home):
    assert "Nothing is to be done" in said(open_page(PAGE, home=home, account="org:none"))


def test_the_account_page_says_and_changes_it(open_page, home, decided, monkeypatch):
    named(home, monkeypatch, "Lee")
    app = open_page("customers/account.py", home=home, account=decided[0])
    assert not app.exception, app.exception
    assert "**Contacted** · last contact" in said(app)
    assert "owner: Kim" in said(app)
    decide(app, status="given_up", because="went elsewhere", owner="Lee")
    text = said(app)
    assert "**Given up** · went elsewhere" in text
    assert "owner: Lee" in text
    assert moves.row(decided[0]).status == "given_up"


def test_the_visitors_own_list_is_one_click_away(open_page, home, decided, monkeypatch):
    import pages.shared.access as access

    app = open_page(PAGE, home=home)
    monkeypatch.setattr(access, "guarded", lambda: True)
    app.user = {"is_logged_in": True, "email": "kim@firm.example"}
    app.run()
    (mine,) = [link for link in app.get("page_link") if link.label == "My list"]
    assert "owner=kim%40firm.example" in mine.proto.query_string
    app.query_params["owner"] = "kim@firm.example"
    app.run()
    assert len(listed(app)) == 1
    choose(app, 0)
    decide(app, note="mine")
    assert moves.of(decided[1]).note[0].author == "kim@firm.example"


def test_the_csv_has_every_column_and_starts_no_formula(open_page, home, decided):
    rows = pd.DataFrame([moves.row(decided[0])._asdict()])
    moves.save(rows, moves.Change(owner='=HYPERLINK("http://x")', note="+1 call"))
    frame = moves.work_list()
    text = tables.csv(frame).decode("utf-8-sig")
    assert "'=HYPERLINK" in text
    assert "'+1 call" in text
    app = open_page(PAGE, home=home, status="all")
    assert "CSV · 7 rows" in [button.proto.label for button in app.get("download_button")]


def states(frame: pd.DataFrame) -> list[dict]:
    """What judgements decide of each row, as plain values."""
    rows = frame.sort_values("account_id")[["account_id", *SAID]].to_dict("records")
    return [{k: None if pd.isna(v) else v for k, v in row.items()} for row in rows]


def test_what_shows_at_once_is_what_the_next_build_says(open_page, home, decided):
    """Laid over the old snapshot, and read from the new one: the same, undone and older judgements included."""
    store = moves.ledger.the_store()
    at = datetime(2026, 2, 10)
    by = {"author": "me", "decided_at": at}
    move = judgements.AccountMove(account_id=decided[4], stage="signed_up", status="contacted", contacted_at=at, **by)
    gone = judgements.AccountMove(account_id=decided[4], stage="signed_up", status="given_up", **by, undone_at=at)
    other = judgements.AccountMove(
        account_id=decided[5],
        stage="credential_issued",
        status="contacted",
        author="me",
        decided_at=datetime(2025, 6, 1),
    )
    note = judgements.AccountNote(account_id=decided[5], text="older", **by)
    store.judge_all([move, gone, other, note])
    moves.save(
        pd.DataFrame([moves.row(decided[6])._asdict()]),
        moves.Change(status="given_up", because="no", next_action="Wait"),
    )
    moves.undo("owner", [one.id for one in moves.of(decided[1]).owner])
    first = states(moves.work_list())
    assert {row["status"] for row in first} == {"open", "contacted", "waiting", "won_back", "given_up"}
    old = reads.current().name
    small_home.refreshed(home)
    assert reads.current().name != old
    assert not moves.known().changed
    assert states(moves.work_list()) == first
    assert states(query.run(snapshot.current(home), "work_list")) == first
    moves.undo("move", [one.id for one in moves.of(decided[0]).move])
    moves.undo("owner", [one.id for one in moves.of(decided[0]).owner])
    undone = states(moves.work_list())
    assert undone != first
    small_home.refreshed(home)
    assert states(moves.work_list()) == undone
