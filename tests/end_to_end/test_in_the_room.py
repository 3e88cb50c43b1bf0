"""In the room in a browser: a scraper is dismissed, is gone for others and after a build, and comes back when that is undone."""

import shutil

import pytest

from sql import query, snapshot
from tests.demo_home import command
from tests.end_to_end import browser
from tests.end_to_end.test_revenue import downloaded, figure

pytestmark = pytest.mark.browser


@pytest.fixture
def home(demo_home, tmp_path):
    """A copy of the demo's home to decide in."""
    folder = tmp_path / "home"
    shutil.copytree(demo_home, folder)
    return folder


def names(page) -> list[str]:
    """Who is in the list."""
    return [row["name"] for row in downloaded(page, "scrapers")]


def test_a_dismissed_scraper_is_gone_for_others_and_after_a_build(home, visit):
    with browser.dashboard(home) as address:
        page = visit(f"{address}/in_the_room?part=scrapers")
        before = names(page)
        assert figure(page, "To look at") == str(len(before))
        grid = page.locator('[class*="st-key-table_scrapers"]').first
        grid.evaluate("e => e.scrollIntoView({block: 'center'})")
        browser.settled(page)
        box = grid.bounding_box()
        page.mouse.click(box["x"] + 18, box["y"] + 35 + 17)
        browser.settled(page)
        verdict = page.locator(".st-key-verdict")
        verdict.get_by_text(before[0]).wait_for()
        verdict.get_by_label("Why", exact=True).fill("Our *reseller*, https://evil.example")
        verdict.get_by_label("Why", exact=True).press("Tab")
        browser.settled(page)
        verdict.get_by_role("button", name="Dismiss").click()
        page.locator(".st-key-just_said").get_by_text("dismissed").wait_for()
        browser.settled(page)
        assert names(page) == before[1:]

        other = visit(f"{address}/in_the_room?part=scrapers")
        assert names(other) == before[1:]
        command("sql", "build", "--home", home)
        built = query.run(snapshot.current(home), "scraper_queue")
        assert list(built[built["status"] == "dismissed"]["name"]) == before[:1]
        after = visit(f"{address}/in_the_room?part=scrapers")
        assert names(after) == before[1:]
        told = visit(f"{address}/in_the_room?part=scrapers&status=dismissed")
        (row,) = downloaded(told, "scrapers")
        assert (row["name"], row["reason"], row["author"]) == (
            before[0],
            "Our *reseller*, https://evil.example",
            "local user",
        )

        page.locator(".st-key-just_said").get_by_role("button", name="Undo").click()
        browser.settled(page)
        assert names(page) == before
        assert "block" not in page.locator("body").inner_text().lower()


def test_every_part_fits_a_phone(demo_dashboard, visit):
    page = visit(f"{demo_dashboard}/in_the_room?part=scrapers", width=390, scheme="dark")
    assert page.evaluate("() => document.querySelector('[data-testid=stMain]').scrollWidth") <= 390
