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
    """What the page's charts say to those who cannot see them."""
    return " ".join(
        page.locator("[aria-label], [alt]").evaluate_all("all => all.map(one => one.ariaLabel || one.alt || '')")
    )


def test_a_logged_activity_is_marked_on_a_chart_at_once_and_counted_by_the_build(home, visit):
    first = snapshot.current(home)
    with browser.dashboard(home) as address:
        page = visit(f"{address}/outreach?part=log")
        page.get_by_label("What it was").fill(TITLE)
        page.get_by_label("What it was").press("Tab")
        page.get_by_role("radio", name="Public").or_(page.get_by_role("button", name="Public")).first.click()
        hours = page.get_by_label("Hours", exact=True)
        hours.fill("40")
        hours.press("Tab")
        browser.settled(page)
        page.get_by_role("button", name="Log it").click()
        page.get_by_text("was logged").wait_for()
        assert TITLE not in spoken(visit(f"{address}/developers?outreach=off"))
        until_built(home, first.name)
        page = visit(f"{address}/outreach")
        assert "Hours of outreach" in page.locator("body").inner_text()
    found = query.run(snapshot.current(home), "outreach_activities")
    assert TITLE in set(found["title"])


def test_a_logged_activity_stands_in_the_charts_words(demo_dashboard, visit):
    page = visit(f"{demo_dashboard}/developers")
    assert "Outreach marked:" in spoken(page)
    page.get_by_text("marked").first.wait_for()
    assert page.evaluate("() => document.querySelector('[data-testid=stMain]').scrollWidth") <= 1440


@pytest.mark.parametrize("path", ["developers", "outreach?part=followed&period=all", "outreach?part=log"])
def test_evangelism_fits_a_phone(demo_dashboard, visit, path):
    page = visit(f"{demo_dashboard}/{path}", width=390)
    assert page.evaluate("() => document.querySelector('[data-testid=stMain]').scrollWidth") <= 390
