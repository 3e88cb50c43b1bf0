"""A rule changed in the browser: what would move is said first, then it is saved, and the tier board shows what it did."""

import re
import shutil

import pytest

from data_sources import program
from sql import query, snapshot
from tests.end_to_end import browser
from tests.end_to_end.test_identity_review import until_built

pytestmark = pytest.mark.browser


@pytest.fixture
def home(demo_home, tmp_path):
    """A copy of the demo's home to change rules in."""
    folder = tmp_path / "home"
    shutil.copytree(demo_home, folder)
    return folder


def partners(page) -> str:
    """Who the partners are, as the tier board says it."""
    return page.locator(".st-key-tier_partner a").first.inner_text()


def test_a_changed_rule_is_foreseen_saved_and_seen_on_the_tier_board(home, visit):
    first = snapshot.current(home)
    rules = program.load(home).tier_rule
    place = next(n for n, rule in enumerate(rules) if rule.when == "approved")
    with browser.dashboard(home) as address:
        before = partners(visit(f"{address}/?period=all"))
        page = visit(f"{address}/rules?period=all")
        page.get_by_role("button", name="Change these rules").click()
        browser.settled(page)
        browser.choose(page, f"gives_{place}", "Partner")
        foreseen = page.get_by_text(re.compile(r"accounts? moves? today")).inner_text()
        moving = int(re.match(r"[\d,]+", foreseen)[0].replace(",", ""))
        assert moving > 0
        assert partners(visit(f"{address}/?period=all")) == before, "a preview changes nothing"

        page.get_by_placeholder("Why; it is kept").fill("approved means partner now")
        page.get_by_role("button", name="Save the rules").click()
        page.get_by_text("Tier rules: saved").wait_for()
        until_built(home, first.name)
        page.get_by_text("Built: every page shows them").wait_for(timeout=30_000)

        now = query.run(snapshot.current(home), "directory", tier="partner")
        then = query.run(first, "directory", tier="partner")
        assert len(now) - len(then) == moving, "what was foreseen is what moved"
        after = partners(visit(f"{address}/?period=all"))
        assert after != before

        listed = visit(f"{address}/rules?part=changes")
        assert "approved means partner now" in listed.locator(".st-key-change_1").inner_text()
        second = snapshot.current(home).name
        listed.get_by_role("button", name="Undo").click()
        until_built(home, second)
        assert partners(visit(f"{address}/?period=all")) == before


def test_the_rules_fit_a_phone(demo_dashboard, visit):
    page = visit(f"{demo_dashboard}/rules", width=390, scheme="dark")
    page.get_by_role("button", name="Change these rules").click()
    browser.settled(page)
    wide = page.evaluate("() => document.querySelector('[data-testid=stMain]').scrollWidth")
    assert wide <= 390
    assert page.locator(".st-key-rule_0").bounding_box()["width"] <= 390
