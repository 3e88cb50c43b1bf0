"""An activity logged in the browser: the chart of sign-ups marks it at once, and the build counts it."""

import shutil

import pytest

from sql import query, snapshot
from tests.end_to_end import browser
from tests.end_to_end.test_identity_review import until_built

pytestmark = pytest.mark.browser
TITLE = "Meetup in the harbour"


@pytest.fixture
def home(demo_home, tmp_path):
    """A copy of the demo's home to log in."""
    folder = tmp_path / "home"
    shutil.copytree(demo_home, folder)
    return folder


def spoken(page) -> str:
    """What the page's charts say to those who cannot see them; the page has one of sign-ups."""
    page.locator('[aria-label*="Sign-ups a day"], [alt*="Sign-ups a day"]').first.wait_for(state="attached")
    return " ".join(
        page.locator("[aria-label], [alt]").evaluate_all("all => all.map(one => one.ariaLabel || one.alt || '')")
    )


def test_a_logged_activity_is_marked_on_charts_at_once_and_counted_by_the_build(home, visit):
    first = snapshot.current(home)
    with browser.dashboard(home) as address:
        page = visit(f"{address}/outreach?part=log")
        page.get_by_label("What it was").fill(TITLE)
        page.get_by_label("What it was").press("Tab")
        page.get_by_test_id("stButtonGroup").filter(has_text="Internal").get_by_text("Public").click()
        page.get_by_label("Day", exact=True).get_by_role("spinbutton").first.click()
        page.keyboard.type("20260619")
        hours = page.get_by_label("Hours", exact=True)
        hours.fill("40")
        hours.press("Tab")
        browser.settled(page)
        page.get_by_role("button", name="Log it").click()
        page.get_by_text("was logged").wait_for()
        assert f"19 Jun 2026: {TITLE}" in spoken(visit(f"{address}/developers")), "before any build"
        hidden = spoken(visit(f"{address}/developers?outreach=off"))
        assert "Sign-ups a day" in hidden
        assert TITLE not in hidden
        until_built(home, first.name)
        page = visit(f"{address}/outreach")
        assert "Hours by direction" in page.locator("body").inner_text()
    (row,) = query.run(snapshot.current(home), "outreach_activities").query("title == @TITLE").itertuples()
    assert (row.direction, row.hours, row.source) == ("public", 40, "entered")
    assert row.cost == 40 * 60, "hours at the program's rate"


def test_a_row_of_the_morning_opens_owner_and_note(demo_dashboard, visit):
    page = visit(f"{demo_dashboard}/developers?list=quiet")
    listed = page.locator('[data-testid="stDataFrame"]').first
    listed.evaluate("e => e.scrollIntoView({block: 'center'})")
    browser.settled(page)
    box = listed.bounding_box()
    page.mouse.click(box["x"] + 60, box["y"] + 35 + 17)
    page.get_by_role("dialog").get_by_text("Gone quiet").wait_for()
    assert page.get_by_role("dialog").get_by_role("link", name="Everything about the account").count()
