"""The page In the room: every part answers, its figures tie out with its lists, and a verdict shows at once and as the next build has it."""

import shutil

import pandas as pd
import pytest

from data_sources import judgements
from pages.shared import end_user_parts, reads, regulated_parts, scraper_acts, visitor_parts
from sql import query, snapshot
from tests.demo_home import command
from tests.pages.conftest import said
from tests.sql import small_home

ROOM = "signals/in_the_room.py"
PARTS = ("map", "scrapers", "visitors", "end_users", "regulated")


def figures(app) -> dict[str, str]:
    return {one.label: one.value for one in app.metric}


@pytest.fixture
def own_home(demo_home, tmp_path, monkeypatch):
    """A copy of the demo's home to decide in."""
    folder = tmp_path / "home"
    shutil.copytree(demo_home, folder)
    monkeypatch.setenv("API_PROGRAM_HOME", str(folder))
    return folder


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize(
    "asked", [{}, {"tier": "internal", "period": "30d"}, {"service": "rates", "search": "no such firm"}]
)
def test_every_part_answers(open_page, part, asked):
    app = open_page(ROOM, part=part, **asked)
    assert not app.exception, app.exception
    assert app.metric or "No " in said(app)


@pytest.mark.parametrize("part", PARTS)
def test_every_part_on_a_home_that_knows_little(open_page, part):
    app = open_page(ROOM, home=small_home.ready(), part=part, period="all")
    assert not app.exception, app.exception
    words = said(app)
    expected = {"scrapers": "Nobody asks for a look", "end_users": "Nobody tells of end users", "regulated": "declares no regulated data"}  # fmt: skip
    assert expected.get(part, "") in words


def test_the_map_counts_what_its_list_holds(open_page):
    app = open_page(ROOM)
    listed = app.dataframe[0].value
    found = reads.read("stakeholders")
    assert len(listed) == len(found)
    assert figures(app)["Accounts around them"] == f"{found['account_id'].nunique():,}"
    partners = open_page(ROOM, role="partner").dataframe[0].value
    assert set(partners["tier_name"]) == {"Partner"}
    assert len(partners) == (found["role"] == "partner").sum()


def test_visitors_are_called_addresses_and_crawlers_stand_apart(open_page):
    app = open_page(ROOM, part="visitors", period="365d")
    assert "Addresses, not people" in said(app)
    months = reads.read("visitors")
    whole = months[(months["agent"] == "reader") & ~months["is_unfinished"]].iloc[-1]
    assert figures(app)["Visitors"] == str(whole["visitors"])
    referrers = app.dataframe[0].value
    assert {"www.google.com", "github.com"} <= set(referrers["referrer_host"].dropna())
    assert not referrers["referrer_host"].dropna().str.contains("/").any()


def test_end_users_of_partners_are_never_added_to_measured_ones(open_page):
    app = open_page(ROOM, part="end_users", period="365d")
    shown = figures(app)
    newest = reads.read("end_users")
    newest = newest[newest["month"] == newest["month"].max()]
    kinds = newest.groupby("counted_as")["end_users"].agg(["count", "sum"])
    assert shown["Reported by partners"] == f"{kinds.loc[kinds['count'].idxmax(), 'sum']:,}"
    assert newest["end_users"].max() < 5_000, "a number of people is no amount of money"
    assert shown["Measured in our logs"] == "—"
    measured = newest.head(1).assign(how="measured", end_users=7, counted_as=None, source="logs")
    cards = {one["label"]: one["value"] for one in end_user_parts._cards(pd.concat([newest, measured]))}
    assert (cards["Measured in our logs"], cards["Reported by partners"]) == ("7", shown["Reported by partners"])


def test_without_a_database_every_country_is_unknown_and_it_says_so(open_page):
    app = open_page(ROOM, part="regulated", period="365d")
    assert figures(app)["Country unknown"].startswith("100")
    assert figures(app)["Calls from outside the regions"] == "—"
    assert any("names no database of countries" in one.value for one in app.info)


def regulated(*rows: tuple[str, str | None, int]) -> dict[str, str]:
    """The cards for rows of standing, country and calls."""
    found = pd.DataFrame(rows, columns=["standing", "country", "calls"]).assign(account_id="org:1")
    return {one["label"]: one["value"] for one in regulated_parts._cards(pd.DataFrame({"service": ["rates"]}), found)}


def test_any_country_is_no_standing_and_no_unknown_country():
    cards = regulated(("any", "DE", 6), ("any", None, 2))
    assert cards["Calls from outside the regions"] == "—", "no region is declared, so nothing can be outside"
    assert cards["Country unknown"].startswith("25")
    assert regulated(("allowed", "DE", 6), ("any", None, 2))["Calls from outside the regions"] == "0"


def test_what_the_log_cannot_tell_of_visitors_has_its_own_reason():
    row = {"month": pd.Timestamp("2026-05-01"), "is_unfinished": False}
    row |= dict.fromkeys(("visitors", "called", "never_called", "pricing_visitors", "signup_visitors"))
    for agent, reason in (("unknown", "names no user agent"), ("reader", "no address")):
        cards = visitor_parts._cards(pd.DataFrame([row | {"agent": agent}]))
        assert {one["value"] for one in cards} == {"—"}
        assert all(reason in one["lacking"] for one in cards)


def test_no_word_of_blocking(open_page):
    app = open_page(ROOM, part="scrapers")
    assert "block" not in said(app).lower()


def test_a_verdict_shows_at_once_holds_over_a_build_and_can_be_taken_back(own_home, open_page):
    app = open_page(ROOM, home=own_home, part="scrapers")
    before = figures(app)
    first, second = scraper_acts.queue().head(2).itertuples()
    for row, verdict in ((first, "dismissed"), (second, "watched")):
        found = scraper_acts.queue()
        scraper_acts.save(found[found["subject"] == row.subject], verdict, "known to us")
    app.run()
    now = figures(app)
    assert int(now["To look at"]) == int(before["To look at"]) - 2
    assert (now["Dismissed"], now["Watched"]) == ("1", "1")
    laid = scraper_acts.queue().set_index("subject")["status"].to_dict()
    assert (laid[first.subject], laid[second.subject]) == ("dismissed", "watched")

    command("sql", "build", "--home", own_home)
    built = query.run(snapshot.current(own_home), "scraper_queue").set_index("subject")["status"].to_dict()
    assert built == laid, "a build says what the page said"

    found = scraper_acts.queue()
    scraper_acts.undo(int(one) for one in found[found["status"] == "dismissed"]["verdict_id"])
    assert scraper_acts.queue().set_index("subject")["status"][first.subject] == scraper_acts.TO_LOOK_AT
    store = reads.module("pages.shared.ledger").everything(judgements.ScraperVerdict)
    assert len(store) == 2, "undone is dated, not deleted"
