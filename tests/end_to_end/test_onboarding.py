"""From a bar of the funnel to those who are stalled there, in the browser; and a shared link of a comparison says the same."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.end_to_end import browser

pytestmark = pytest.mark.browser


def test_a_bar_of_the_funnel_opens_those_who_are_stalled_there(demo_dashboard, visit):
    page = visit(f"{demo_dashboard}/funnel?tier=open")
    chart = page.locator('[data-testid="stVegaLiteChart"]').first
    chart.scroll_into_view_if_needed()
    page.wait_for_timeout(800)
    chart.locator("[aria-roledescription='bar'][aria-label*='First success']").first.click(force=True)
    page.wait_for_url(re.compile(r"/stalled\?.*stage=first_success"))
    browser.settled(page)
    assert parse_qs(urlsplit(page.url).query)["tier"] == ["open"]
    page.get_by_role("heading", name="Stalled", exact=True).wait_for()


def test_a_shared_link_of_a_comparison_says_the_same(demo_dashboard, visit):
    page = visit(f"{demo_dashboard}/funnel?tier=open")
    page.get_by_role("radio", name="Segments").or_(page.get_by_role("button", name="Segments")).first.click()
    page.wait_for_url(re.compile("part=segments"))
    browser.settled(page)
    browser.choose(page, "filter_dimension", "Country")
    page.wait_for_url(re.compile("dimension=country"))
    browser.settled(page)
    said = page.get_by_text(re.compile("log-rank")).first.inner_text()
    assert "n = " in said
    assert visit(page.url).get_by_text(re.compile("log-rank")).first.inner_text() == said
