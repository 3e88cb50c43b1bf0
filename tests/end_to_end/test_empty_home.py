"""The first minutes: an empty home, a log file that is recognised, and the demo company loaded by a click."""

import re

import pytest

from sql.refresh import locked
from tests.end_to_end import browser
from tests.sql import small_home

pytestmark = [pytest.mark.browser, pytest.mark.slow]
COMBINED = "".join(
    f'203.0.113.{n} - - [10/Oct/2025:13:{n:02d}:36 +0000] "GET /v1/rates/{n} HTTP/1.1" 200 2326 "-" "curl/8.0"\n'
    for n in range(1, 40)
)


@pytest.fixture
def empty(tmp_path):
    """The address of a dashboard on a home that is not there yet."""
    with browser.dashboard(tmp_path / "home") as address:
        yield address


def test_a_dropped_log_is_recognised_before_it_is_kept(empty, visit):
    page = visit(empty)
    page.locator('input[type="file"]').set_input_files(
        {"name": "access.log", "mimeType": "text/plain", "buffer": COMBINED.encode()}
    )
    page.get_by_text(re.compile("This is combined")).wait_for()
    page.get_by_role("button", name="Keep it and build").click()
    page.locator(".st-key-tier_public").wait_for(timeout=120_000)


def test_what_is_not_a_log_says_what_it_looks_like(empty, visit):
    page = visit(empty)
    page.locator('input[type="file"]').set_input_files(
        {"name": "photo.png", "mimeType": "image/png", "buffer": b"\x89PNG\r\n\x1a\n" + bytes(200)}
    )
    page.get_by_text("Nothing in it could be read").wait_for()
    assert not page.get_by_role("button", name="Keep it and build").count()


def test_the_demo_company_by_a_click(empty, visit):
    page = visit(empty)
    page.get_by_role("radio", name="Small").click()
    page.get_by_text("50,000 requests").wait_for()
    page.get_by_role("button", name="Load the demo company").click()
    page.get_by_text(re.compile("Loading the demo company: writing 18 months")).wait_for()
    page.get_by_text(re.compile("Loading the demo company: reading them")).wait_for(timeout=120_000)
    page.get_by_text(re.compile(r"count: counting|build: ")).first.wait_for(timeout=120_000)
    assert not page.get_by_role("button", name="Load the demo company").count(), "it cannot be asked for twice"
    for tier in ("internal", "partner", "open", "public"):
        page.locator(f".st-key-tier_{tier}").wait_for(timeout=240_000)
    browser.settled(page)
    page.get_by_role("heading", name="Tier board", exact=True).wait_for()
    assert page.locator('[class*="st-key-tier_"]').count() == 4
    assert re.search(r"\d organizations", page.locator(".st-key-tier_open").inner_text())
    assert not page.locator('[data-testid="stAlert"]').count(), "its data end today: nothing is old, nothing failed"


def test_refresh_now_shows_progress_and_a_second_click_says_so(tmp_path, visit):
    home = small_home.copy(tmp_path / "home")
    (home / "developers.csv").write_text("id,email\ndev_1,ann1@firm1.example\n")
    with browser.dashboard(home) as address:
        page, other = visit(f"{address}/sources"), visit(f"{address}/sources")
        with locked(home):  # Until both have clicked, the refresh waits for us.
            page.get_by_role("button", name="Refresh now").click()
            page.get_by_text(re.compile("Refreshing: reading the sources")).wait_for()
            page.get_by_text("waiting for it to end").wait_for()
            other.get_by_role("button", name="Refresh now").click()
            other.get_by_text("One is running already").first.wait_for()
        page.get_by_text(re.compile("Refreshing: done in")).wait_for(timeout=180_000)
        assert not page.locator('[data-testid="stException"]').count()
