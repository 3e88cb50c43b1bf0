"""Developers and Outreach: every list opens, what was done is marked on charts over time, logged, changed, removed and undone."""

import ast
import json
import re
from datetime import date, timedelta
from pathlib import Path

import altair as alt
import pandas as pd
import pytest

from pages.shared import annotations, charts, money_charts, outreach, reads, words
from sql import query, snapshot
from tests.pages.conftest import ended, press, said, with_companies

ROOT = Path(__file__).parents[2]
DAY = timedelta(days=1)
LISTS = ["today", "new", "no_call", "failing", "outgrew", "moved", "quiet", "champions"]


@pytest.mark.parametrize("part", LISTS)
def test_every_list_of_the_morning_opens_with_its_accounts(open_page, part):
    app = open_page("evangelism/developers.py", list=part)
    assert not app.exception, app.exception
    assert len(app.dataframe) + len(app.get("arrow_data_frame")) > 0, said(app)


@pytest.mark.parametrize("part", ["balance", "followed", "channels", "log"])
def test_every_part_of_outreach_opens(open_page, part):
    app = open_page("evangelism/outreach.py", part=part, period="365d")
    assert not app.exception, app.exception


def test_a_day_on_which_nobody_signed_up_offers_the_last_one_that_had_somebody(open_page, demo_home):
    days = {pd.Timestamp(day).date() for day in query.run(snapshot.current(demo_home), "sign_ups_by_day")["day"]}
    last = max(day for day in days if day + DAY not in days and day + DAY < max(days))
    app = open_page("evangelism/developers.py", list="new", day=str(last + DAY))
    assert "Nobody signed up" in said(app)
    (link,) = [one for one in app.get("page_link") if one.proto.label.startswith("The last who did")]
    assert link.proto.label.endswith(words.day(last))
    assert f"day={last}" in link.proto.query_string


def test_what_followed_is_called_a_correlation(open_page):
    text = said(open_page("evangelism/outreach.py", part="followed", period="all"))
    assert "A correlation, no proof" in text
    assert "by chance alone" in text
    assert "too early to have four whole weeks" in text


# What was done, on charts over time


def done(*days: tuple[str, float | None]) -> pd.DataFrame:
    rows = [{"day": pd.Timestamp(day), "title": f"Talk {n}", "hours": hours} for n, (day, hours) in enumerate(days, 1)]
    return pd.DataFrame(rows, columns=["day", "title", "hours"])


def weekly() -> dict:
    weeks = pd.date_range("2026-03-02", "2026-05-25", freq="W-MON")
    frame = pd.DataFrame(
        {"day": [day + pd.Timedelta(days=n) for day in weeks for n in range(7)], "tier": "open", "calls": 5}
    )
    return charts.calls_over_time(frame).to_dict()


def test_a_rule_a_day_with_its_label_and_nothing_outside_the_charts_own_days():
    spec, marks = annotations.on(
        weekly(), "week", done(("2026-01-01", 9), ("2026-04-07", 2), ("2026-04-07", 5), ("2026-09-01", 1))
    )
    assert [rule.label for rule in marks.rules] == ["7 Apr 2026: Talk 3, Talk 2"]
    assert (marks.shown, marks.hidden) == (2, 0)
    drawn = [layer for layer in spec["layer"] if layer.get("data", {}).get("values")]
    assert [layer["mark"]["type"] for layer in drawn] == ["rule", "rule"]
    assert drawn[0]["data"]["values"][0]["week"] == "2026-04-07T00:00:00"
    alt.Chart.from_dict(spec)  # what is no valid chart raises
    assert marks.spoken == "Outreach marked: 7 Apr 2026: Talk 3, Talk 2"


def test_a_chart_by_the_month_has_a_rule_a_month():
    months = pd.date_range("2026-01-01", "2026-04-01", freq="MS")
    frame = pd.DataFrame({"month": months, "infrastructure_cost": 1.0, "support_cost": 1.0, "outreach_cost": 1.0})
    spec, marks = annotations.on(
        money_charts.free_cost(frame, "usd").to_dict(),
        "month",
        done(("2026-04-30", 1), ("2026-02-03", None), ("2026-02-20", 4)),
    )
    assert [rule.label for rule in marks.rules] == ["Feb 2026: Talk 3, Talk 2", "Apr 2026: Talk 1"]
    alt.Chart.from_dict(spec)


def test_many_activities_do_not_drown_a_chart():
    many = [(str((pd.Timestamp("2026-03-02") + pd.Timedelta(days=n)).date()), float(n)) for n in range(60)]
    spec, marks = annotations.on(weekly(), "week", done(*many))
    assert (len(marks.rules), marks.shown, marks.hidden) == (annotations.CAP, annotations.CAP, 60 - annotations.CAP)
    assert marks.rules[-1].label.endswith("Talk 60"), "those that took the most hours"
    assert "48 more are not marked" in marks.spoken
    assert json.dumps(spec).count("Talk") == 2 * annotations.CAP


def test_every_chart_over_time_says_which_field_is_its_time():
    """A chart whose x axis is a time is drawn with `over`, so that what was done is marked on it."""
    over_time = set()
    for path in (ROOT / "pages").rglob("*charts.py"):
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                source = ast.unparse(node)
                if re.search(r"yearmonth|X\('\w+:T'|_month\(|_over_time\(|_stacked\(", source):
                    over_time.add(node.name)
    assert {
        "calls_over_time",
        "contribution_over_time",
        "activity",
        "earned_by_month",
        "over_cohorts",
        "sign_ups",
    } <= over_time
    lacking = []
    for path in (ROOT / "pages").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "drawn.chart":
                name = ast.unparse(node.args[0]).split(".")[-1]
                if name in over_time - {"followed"} and "over" not in {word.arg for word in node.keywords}:
                    lacking.append(f"{path.name}: {name}")
    assert not lacking


# Logging it


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A small home; tests take copies of it."""
    return with_companies(tmp_path_factory.mktemp("outreach") / "home", "id,name\norg_1,Firm One\n", calls=300)


def log(app, title: str, day: date, **fields):
    """Fill the form and press its button."""
    mark = next(
        one.key.removeprefix("outreach_title_") for one in app.text_input if str(one.key).startswith("outreach_title_")
    )
    app.text_input(key=f"outreach_title_{mark}").set_value(title)
    app.date_input(key=f"outreach_day_{mark}").set_value(day)
    app.get("button_group")
    app.segmented_control(key=f"outreach_way_{mark}").set_value("public")
    for name, value in fields.items():
        app.number_input(key=f"outreach_{name}_{mark}").set_value(value)
    app.run()
    return press(app, "save_outreach")


def test_an_activity_is_logged_marked_built_changed_and_removed(open_page, home):
    page = {"path": "evangelism/outreach.py", "home": home, "part": "log", "period": "all"}
    day = snapshot.current(home).as_of.date().replace(day=1)
    app = log(open_page(**page), "Meetup *one*", day, hours=2.0, cost=100.0)
    assert r"**Meetup \*one\*** was logged" in said(app)
    ended()
    (row,) = query.run(snapshot.current(home), "outreach_activities").itertuples()
    assert (row.title, row.direction, row.hours, row.source) == ("Meetup *one*", "public", 2.0, "entered")
    app = open_page(**page)
    edit = next(one.key for one in app.button if str(one.key).startswith("edit_"))
    app = log(press(app, edit), "Meetup two", day, hours=3.0)
    ended()
    (row,) = query.run(snapshot.current(home), "outreach_activities").itertuples()
    assert (row.title, row.hours) == ("Meetup two", 3.0)
    app = open_page(**page)
    app = press(app, next(one.key for one in app.button if str(one.key).startswith("remove_")))
    assert "was removed" in said(app)
    ended()
    assert query.run(snapshot.current(home), "outreach_activities").empty
    press(open_page(**page), "undo_outreach")
    ended()
    assert list(query.run(snapshot.current(home), "outreach_activities")["title"]) == ["Meetup two"]
    assert reads.read("outreach_typed").shape[0] == 2


def test_a_sheet_dropped_twice_has_nothing_new(open_page, home):
    open_page("evangelism/outreach.py", home=home, part="log")
    day = snapshot.current(home).as_of.date()
    activity = {
        "direction": "public",
        "channel": None,
        "happened_on": day,
        "hours": None,
        "currency": None,
        "cost": None,
    }
    sheet = [{"title": title, **activity} for title in ("Talk", "Talk", "Workshop")]
    assert outreach.count_new(sheet) == 2, "the same row twice is one activity"
    assert outreach.save_rows(sheet) == 2
    ended()
    assert outreach.count_new([*sheet, {"title": "Dinner", **activity}]) == 1
