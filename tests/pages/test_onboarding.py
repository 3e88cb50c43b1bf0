"""Funnel, time to value and retention: every part opens, says what the metrics say, and hides what too few make."""

import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.conftest import said


@pytest.mark.parametrize("tier", ["", "open", "partner", "internal", "public"])
@pytest.mark.parametrize(
    ("path", "parts"),
    [
        ("onboarding/funnel.py", ["steps", "segments", "cohorts"]),
        ("onboarding/time_to_value.py", ["spread", "trend", "stages"]),
    ],
)
def test_every_part_opens(open_page, path, parts, tier):
    for part in parts:
        app = open_page(path, part=part, **({"tier": tier} if tier else {}))
        assert not app.exception, app.exception
        assert all(chart.proto.alt for chart in app.get("vega_lite_chart"))


@pytest.mark.parametrize("grain", ["week", "month"])
@pytest.mark.parametrize("mode", ["on", "after"])
def test_retention_in_every_form(open_page, grain, mode):
    app = open_page("onboarding/retention.py", grain=grain, mode=mode, tier="open")
    assert not app.exception, app.exception
    column = {"on": "retained", "after": "retained_or_later"}[mode]
    assert f"After 1 {grain}" in said(app)
    from pages.shared import reads, words

    frame = reads.read("retention", tier="open", grain=grain)
    whole = frame[(frame["period"] == 1) & ~frame["is_unfinished"]]
    share = (whole[column] * whole["accounts"]).sum() / whole["accounts"].sum()
    assert next(one.value for one in app.metric if one.label == f"After 1 {grain}") == words.share(share)


def test_the_figures_of_the_funnel_are_those_of_the_metric(open_page):
    from pages.shared import reads, words

    app = open_page("onboarding/funnel.py", tier="open", window="30")
    frame = reads.read("funnel", tier="open", window_days=30)
    worst = frame[frame["mature_before"] >= 10].sort_values("conversion").iloc[0]
    shown = {one.label: one.value for one in app.metric}
    assert shown["Entered"] == words.count(frame["reached"].iloc[0])
    assert shown[f"Weakest step: to {words.stage_at(worst['stage'])}"] == words.share(worst["conversion"])
    table = app.dataframe[0].value
    assert list(table["mature_reached"]) == list(frame.loc[frame["stage"] != "discovered", "mature_reached"])
    first = frame[frame["stage"] == "first_success"].iloc[0]
    assert f"**{words.share(first['eventual'])}**" in said(app), "the estimate stands beside the curve"
    assert f"n = {words.count(first['entrants'])}" in said(app)


def test_a_stage_opens_its_stalled_list(open_page):
    app = open_page("onboarding/funnel.py", tier="open")
    link = next(one for one in app.get("page_link") if "stalled at" in one.label)
    asked = dict(pair.split("=") for pair in link.proto.query_string.split("&"))
    assert asked["tier"] == "open"
    count = link.label.split()[0]
    listed = open_page("onboarding/stalled.py", tier="open", stage=asked["stage"])
    assert next(one.value for one in listed.metric if one.label == "Stalled accounts") == count


def test_where_only_the_docs_were_read_visitors_are_said_once_and_cohorts_say_so():
    def page():
        import pandas as pd

        from pages.shared import funnel_parts

        tiers = ["open", "partner"]
        visits = pd.DataFrame({"tier": tiers, "stage": "discovered", "position": 0, "reached": 9})
        funnel_parts.visitors(visits)
        funnel_parts.by_cohort(visits, None, 90, [])

    app = AppTest.from_function(page).run()
    assert not app.exception, app.exception
    first, second = app.caption
    assert first.value.startswith("9 visitors read the docs")
    assert "Nobody has entered yet" in second.value


def test_segments_below_thirty_are_named_and_not_compared(open_page):
    from pages.shared import reads

    app = open_page("onboarding/funnel.py", tier="open", part="segments", dimension="size", to="paying")
    frame = reads.read("funnel_segments", tier="open", dimension="size", stage="paying", window_days=90)
    few = frame[~frame["is_shown"]]
    assert len(few), "the demo has segments that are too small"
    text = said(app)
    for row in few.itertuples():
        assert f"(n = {row.mature_entrants})" in text
    table = app.dataframe[0].value
    assert table.loc[table["mature_entrants"] < 30, ["conversion", "eventual", "median_days"]].isna().all(axis=None)
    assert "no proof that they are alike" in text or "no cause" in text


def test_what_differs_is_said_not_to_be_a_cause(open_page):
    app = open_page("onboarding/funnel.py", tier="open", part="segments", dimension="plan", to="paying")
    text = said(app)
    assert "more than chance would make" in text
    assert "That is no cause" in text
    assert "as of today" in text, "a plan is taken after the entry"
    tags = said(open_page("onboarding/funnel.py", tier="open", part="segments", dimension="tag", to="paying"))
    assert "cannot be tested" in tags


def test_without_a_tier_segments_ask_for_one(open_page):
    app = open_page("onboarding/funnel.py", part="segments")
    assert "Segments are compared within one tier" in said(app)
    assert {link.label for link in app.get("page_link")} >= {"Internal", "Partner", "Open", "Public"}


def test_a_tier_whose_segments_are_all_small_says_so(open_page):
    assert "so nothing can be compared" in said(open_page("onboarding/funnel.py", part="segments", tier="internal"))


def test_time_to_value_of_one_segment_is_of_its_accounts(open_page):
    from pages.shared import reads

    app = open_page("onboarding/time_to_value.py", tier="open", dimension="channel", value="search")
    (whole,) = (
        reads.read("time_to_first_call", tier="open", dimension="channel", value="search")
        .query("tier == 'all'")
        .signed_up
    )
    assert next(one.value for one in app.metric if one.label == "Signed up") == f"{whole:,}"
    assert 0 < whole < reads.read("time_to_first_call", tier="open").query("tier == 'all'").signed_up.item()


def test_the_figures_of_time_to_value_are_those_of_the_metric(open_page):
    from pages.shared import conversion_words, reads, words

    app = open_page("onboarding/time_to_value.py", tier="public")
    frame = reads.read("time_to_first_call", tier="public")
    row = frame[frame["tier"] == "public"].iloc[0]
    shown = {one.label: one.value for one in app.metric}
    assert shown["Half succeed within"] == conversion_words.days(row["median_days"])
    assert shown["Never called"] == words.share(row["never_called"] / row["old_enough"])
