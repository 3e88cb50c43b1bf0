"""The heatmap of who moved where: a cell opens its accounts, by mouse and by keyboard, on a desk and on a phone."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.end_to_end import browser

pytestmark = pytest.mark.browser


def asked(page) -> dict[str, list[str]]:
    """What the URL asks for."""
    return parse_qs(urlsplit(page.url).query)


def listed(page) -> int:
    """How many accounts the list under the chart says that it has."""
    text = page.get_by_text(re.compile(r"^[\d,]+ accounts?( that came or moved)?$")).first.inner_text()
    return int(re.match(r"[\d,]+", text)[0].replace(",", ""))


@pytest.mark.parametrize("width", [1440, 390])
def test_a_cell_opens_the_accounts_behind_it(demo_dashboard, visit, width):
    page = visit(f"{demo_dashboard}/directory?part=flow&grain=month&starts=2026-05-01", width=width)
    chart = page.locator('[data-testid="stVegaLiteChart"]').first
    chart.scroll_into_view_if_needed()
    square = chart.locator("svg path[aria-label*='At its start: Active; At its end: Inactive']").first
    number = int(re.search(r"Accounts: ([\d,]+)", square.get_attribute("aria-label"))[1].replace(",", ""))
    box = square.bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.wait_for_url(re.compile("from_state=active"))
    browser.settled(page)
    assert asked(page)["to_state"] == ["inactive"]
    assert listed(page) == number
    other = visit(page.url, width=width)
    assert listed(other) == number, "a link is a view"


def test_the_boxes_do_the_same_by_keyboard_and_a_row_opens_its_account(demo_dashboard, visit):
    page = visit(f"{demo_dashboard}/directory?part=flow&grain=month&starts=2026-05-01&to_state=inactive")
    everyone = listed(page)
    browser.opened(page, "filter_from_state")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("from_state="))
    browser.settled(page)
    assert 0 < listed(page) < everyone
    grid = page.locator('[data-testid="stDataFrame"]').first
    grid.scroll_into_view_if_needed()
    box = grid.bounding_box()
    page.mouse.click(box["x"] + 50, box["y"] + 35 + 17)
    page.wait_for_url(re.compile(r"/account\?.*account="))


@pytest.mark.parametrize(
    "path", ["directory?part=flow", "directory?part=flow&dimension=ladder", "directory?kind=unresolved"]
)
def test_no_part_overflows_or_fails(demo_dashboard, visit, path):
    page = visit(f"{demo_dashboard}/{path}", scheme="dark")
    for width in browser.at_widths(page, 1440, 390):
        assert not page.locator('[data-testid="stException"]').count()
        assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize(("scheme", "ink"), [("light", "#16202A"), ("dark", "#E8EDF2")])
def test_the_numbers_of_the_heatmap_can_be_read_in_both_themes(demo_dashboard, visit, scheme, ink):
    page = visit(f"{demo_dashboard}/directory?part=flow", scheme=scheme)
    page.wait_for_function("document.querySelectorAll('[data-testid=stVegaLiteChart] svg text').length > 20")
    inks = page.locator('[data-testid="stVegaLiteChart"] svg g.mark-text.role-mark text').evaluate_all(
        "all => [...new Set(all.map(e => e.getAttribute('fill').toUpperCase()))]"
    )
    assert ink.upper() in inks
    assert set(inks) <= {ink.upper(), "#FFFFFF"}
