"""The walk that the product is for: tier board → a stalled cell → the account → its link, opened by someone else."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.end_to_end import browser

pytestmark = pytest.mark.browser


def figures(page) -> list[str]:
    """Every figure of the page with its label."""
    return [text.replace("\n", " ") for text in page.locator('[data-testid="stMetric"]').all_inner_texts()]


def test_from_the_board_to_an_account_and_its_link_elsewhere(demo_dashboard, visit):
    page = visit(f"{demo_dashboard}/?period=365d")
    row = page.locator(".st-key-tier_open")
    row.locator('a[href*="stalled"]').first.click()
    page.wait_for_url("**/stalled?*")
    browser.settled(page)
    asked = parse_qs(urlsplit(page.url).query)
    assert asked["tier"] == ["open"]
    assert asked["period"] == ["365d"], "the view is kept"
    assert asked["stage"], "the cell's stage is kept"
    page.get_by_role("heading", name="Stalled", exact=True).wait_for()

    page.get_by_role("link", name="Open the account").first.click()
    page.wait_for_url("**/account?*")
    browser.settled(page)
    name = page.locator("h2").first.inner_text()
    here = figures(page)
    assert name
    assert len(here) == 5
    assert "Stalled at" in page.locator("h4").first.inner_text()

    other = visit(page.url)
    other.locator('[data-testid="stMetric"]').nth(len(here) - 1).wait_for()
    assert other.locator("h2").first.inner_text() == name
    assert figures(other) == here


def test_a_row_of_a_table_opens_the_account(demo_dashboard, visit):
    page = visit(f"{demo_dashboard}/directory?tier=open")
    grid = page.locator('[data-testid="stDataFrame"]').first
    grid.scroll_into_view_if_needed()
    box = grid.bounding_box()
    page.mouse.click(box["x"] + 60, box["y"] + 35 + 17)
    page.wait_for_url(re.compile(r"/account\?"))
    browser.settled(page)
    asked = parse_qs(urlsplit(page.url).query)
    assert asked["tier"] == ["open"]
    assert asked["account"]


def test_a_filter_is_in_the_url_and_a_menu_keeps_it(demo_dashboard, visit):
    page = visit(f"{demo_dashboard}/directory")
    browser.choose(page, "filter_tier", "Partner")
    page.wait_for_url("**tier=partner**")
    page.get_by_text("Money", exact=True).first.click()
    page.get_by_role("menuitem", name=re.compile("Contribution")).first.click()
    page.wait_for_url(re.compile(r"/contribution\?.*tier=partner"))
    browser.settled(page)
    assert page.locator(".st-key-filter_tier input").input_value() == "Partner"


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("path", ["?period=365d", "account", "contribution", "sources"])
def test_no_link_and_no_figure_is_cut(demo_dashboard, visit, path, width):
    page = visit(f"{demo_dashboard}/{path}", width=width)
    if path == "account":
        listed = page.locator('[data-testid="stDataFrame"]').first.bounding_box()
        page.mouse.click(listed["x"] + 60, listed["y"] + 35 + 17)
        page.wait_for_url(re.compile(r"/account\?.*account="))
        browser.settled(page)
    cut = page.evaluate(
        """() => [...document.querySelectorAll(
            'a[data-testid="stPageLink-NavLink"] *, [data-testid="stMetricValue"] *, [data-testid="stMetricDeltaDescription"] *'
        )].filter(e => e.scrollWidth > e.clientWidth + 1 && e.clientWidth).map(e => e.textContent)"""
    )
    assert not cut


@pytest.mark.parametrize(
    "path",
    [
        "",
        "directory",
        "account",
        "identity_review",
        "rules",
        "contribution",
        "funnel",
        "funnel?tier=open&part=segments",
        "funnel?part=cohorts",
        "time_to_value",
        "time_to_value?part=stages",
        "retention",
        "stalled?tier=open",
        "developers",
        "developers?list=moved",
        "outreach?part=followed",
        "outreach?part=log",
        "sources",
        "metrics",
    ],
)
def test_no_page_overflows_or_fails(demo_dashboard, visit, path):
    page = visit(f"{demo_dashboard}/{path}", scheme="dark")
    for width in browser.at_widths(page, 1440, 390):
        assert not page.locator('[data-testid="stException"]').count()
        assert page.evaluate("document.documentElement.scrollWidth") <= width, "it scrolls sideways"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_are_as_light_as_the_system(demo_dashboard, visit, scheme):
    page = visit(demo_dashboard, scheme=scheme)
    background = page.locator('[data-testid="stApp"]').evaluate("e => getComputedStyle(e).backgroundColor")
    assert (sum(int(part) for part in re.findall(r"\d+", background)[:3]) > 380) == (scheme == "light")
