"""The Account page in a browser: the chain is drawn and said, a tier is set by hand and taken back, and paper holds it all."""

import re
import shutil

import pytest

from sql import query, snapshot
from tests.end_to_end import browser
from tests.end_to_end.test_identity_review import until_built

pytestmark = pytest.mark.browser


@pytest.fixture
def partner(demo_home) -> str:
    """The partner that brings most."""
    found = query.run(snapshot.current(demo_home), "directory", tier="partner")
    return found.sort_values("revenue", ascending=False)["account_id"].iloc[0]


@pytest.mark.parametrize("width", [1440, 390])
def test_the_chain_is_drawn_and_said(demo_dashboard, visit, partner, width):
    page = visit(f"{demo_dashboard}/account?account={partner}", width=width)
    chart = page.locator('[data-testid="stVegaLiteChart"]').first
    chart.scroll_into_view_if_needed()
    page.wait_for_timeout(800)
    drawn = chart.locator("svg")
    assert "developer" in chart.get_attribute("aria-label")
    marks = chart.locator("[role=graphics-symbol]").evaluate_all("es => es.map(e => e.getAttribute('aria-label'))")
    assert any(mark.endswith("(developer)") for mark in marks), marks
    assert any(" to " in mark and mark.endswith(": its developer") for mark in marks), marks
    assert not [mark for mark in marks if "x_from" in mark], "places on the screen are nothing to read aloud"
    box = drawn.first.bounding_box()
    assert box["x"] + box["width"] <= width + 1
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_paper_holds_every_part_and_nothing_to_click(demo_dashboard, visit, partner):
    page = visit(f"{demo_dashboard}/account?account={partner}")
    page.get_by_role("link", name="Print").wait_for()
    sheet = visit(f"{demo_dashboard}/account?account={partner}&print=1&embed=true&embed_options=light_theme", width=760)
    sheet.get_by_role("heading", name="Owner, tier, notes").wait_for()
    browser.settled(sheet)
    sheet.emulate_media(media="print")
    titles = sheet.locator("h4").all_inner_texts()
    for part in ("Chain", "Activity", "Money", "People", "Tickets", "Contracts", "Timeline", "Who it is"):
        assert part in titles
    clickable = '[data-testid="stButton"], [data-testid="stDownloadButton"], [data-testid="stPopover"], [data-testid="stPageLink"]'
    assert not sheet.locator(clickable).filter(visible=True).count()
    assert not sheet.locator('[data-testid="stDataFrame"]').count(), "what scrolls is lost on paper"
    last = sheet.locator('[class*="st-key-section_"]').last.bounding_box()
    tall = sheet.evaluate("document.scrollingElement.scrollHeight")
    assert tall + 1 >= last["y"] + last["height"] > 1000, "the page is as long as what it holds, not as its window"
    pages = len(re.findall(rb"/Type\s*/Page\b", sheet.pdf(prefer_css_page_size=True)))
    assert pages >= 2


def test_a_tier_set_by_hand_is_built_and_undone(demo_home, tmp_path, visit):
    home = shutil.copytree(demo_home, tmp_path / "home")
    first = snapshot.current(home)
    row = (
        query.run(first, "directory", tier="public")
        .sort_values("calls", ascending=False)
        .query("kind != 'nobody'")
        .iloc[0]
    )
    with browser.dashboard(home) as address:
        page = visit(f"{address}/account?account={row['account_id']}&part=notes")
        browser.choose(page, "tier_to_be", "Open")
        page.get_by_placeholder("Reason; it is kept with your name").fill("reviewed by phone")
        page.keyboard.press("Tab")
        browser.settled(page)
        page.get_by_role("button", name="Set the tier").click()
        page.get_by_text("reviewed by phone").wait_for()
        second = until_built(home, first.name)
        tiers = query.run(snapshot.current(home), "directory").set_index("account_id")["tier"]
        assert tiers[row["account_id"]] == "open"
        page = visit(f"{address}/account?account={row['account_id']}&part=notes")
        page.get_by_role("button", name="Undo").click()
        until_built(home, second)
        tiers = query.run(snapshot.current(home), "directory").set_index("account_id")["tier"]
        assert tiers[row["account_id"]] == "public"
