"""From a card of the board to the account's sheet, what is said about an item, and both pages on a phone."""

import shutil

import pytest

from tests.end_to_end import browser
from tests.end_to_end.test_revenue import downloaded

pytestmark = pytest.mark.browser


@pytest.fixture
def home(demo_home, tmp_path):
    """A copy of the demo's home to decide in."""
    folder = tmp_path / "home"
    shutil.copytree(demo_home, folder)
    return folder


def test_a_card_opens_the_sheet_and_what_is_said_there_holds(home, visit):
    with browser.dashboard(home) as address:
        page = visit(f"{address}/enterprise")
        card = page.locator('.st-key-board [class*="st-key-card_"] button').first
        name = card.inner_text().strip()
        card.click()
        page.wait_for_url("**account=*")
        browser.settled(page)
        assert page.locator("h2").first.inner_text() == name
        items = {row["label"]: row["state_name"] for row in downloaded(page, "enterprise_readiness")}
        assert len(items) == 7
        page.get_by_text("Say how far an item is").click()
        browser.settled(page)
        page.locator(".st-key-readiness_owner input").fill("Kim")
        page.locator(".st-key-readiness_reason input").fill("they told us")
        page.locator(".st-key-save_readiness button").click()
        page.wait_for_function("document.body.innerText.includes('they told us')")
        browser.settled(page)
        after = {row["label"]: (row["state_name"], row["owner"]) for row in downloaded(page, "enterprise_readiness")}
        assert after["Security documents"] == ("Done", "Kim")
        assert "they told us" in visit(page.url).locator("body").inner_text(), "a shared link shows the same"
        page.locator(".st-key-all_enterprises button").click()
        browser.settled(page)
        assert "account=" not in page.url
        assert page.locator(".st-key-board").is_visible()


@pytest.mark.parametrize("path", ["sales_path", "sales_path?part=crossings", "enterprise", "enterprise?part=promises"])
def test_the_sales_path_and_enterprises_fit_a_phone(demo_dashboard, visit, path):
    page = visit(f"{demo_dashboard}/{path}", width=390, scheme="dark")
    assert page.evaluate("() => document.querySelector('[data-testid=stMain]').scrollWidth") <= 390
    assert page.locator('[data-testid="stMetric"]').first.is_visible()


def test_the_board_stands_side_by_side_and_below_each_other_on_a_phone(demo_dashboard, visit):
    def columns(width: int) -> list[dict]:
        page = visit(f"{demo_dashboard}/enterprise", width=width)
        found = page.locator('.st-key-board [class*="st-key-board_"]')
        return [found.nth(n).bounding_box() for n in range(found.count())]

    wide, narrow = columns(1440), columns(390)
    assert len({box["y"] for box in wide}) == 1
    assert len({box["x"] for box in narrow}) == 1
    assert len(wide) == len(narrow) > 1
