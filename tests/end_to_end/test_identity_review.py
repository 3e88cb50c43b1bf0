"""A decision by one key, its effect in the page and after the build, and its undo."""

import shutil
import time

import pytest

from sql import identity, query, snapshot
from tests.end_to_end import browser
from tests.end_to_end.test_revenue import figure

pytestmark = pytest.mark.browser

BUILT_WITHIN = 180


@pytest.fixture
def home(demo_home, tmp_path):
    """A copy of the demo's home to decide in."""
    folder = tmp_path / "home"
    shutil.copytree(demo_home, folder)
    return folder


def together(home, left: str, right: str) -> bool:
    """Whether two records are in one account of the published snapshot."""
    known = identity.known(snapshot.current(home), [left, right])
    return known[left].account_id == known[right].account_id


def until_built(home, after: str) -> str:
    """Wait for a newer snapshot than the one named; returns its name."""
    until = time.monotonic() + BUILT_WITHIN
    while snapshot.current(home).name == after and time.monotonic() < until:
        time.sleep(0.5)
    name = snapshot.current(home).name
    assert name > after, "no build came of the decision"
    return name


def names_in_front(page) -> list[str]:
    return page.locator(".st-key-in_front h4").all_inner_texts()


def test_one_key_decides_the_build_applies_it_and_undo_brings_the_old_state_back(home, visit):
    first = snapshot.current(home)
    row = next(query.run(first, "identity_review").itertuples())
    assert not together(home, row.left_node, row.right_node)
    with browser.dashboard(home) as address:
        page = visit(f"{address}/identity_review?period=all")
        before, count = names_in_front(page), figure(page, "Waiting")
        assert len(before) == 2
        foreseen = page.locator(".st-key-in_front").get_by_text("If they are").inner_text()
        assert "2 accounts become 1" in foreseen

        page.get_by_placeholder("Reason").fill("y and n are letters here")
        page.keyboard.press("y")
        browser.settled(page)
        assert names_in_front(page) == before, "who writes a reason decides nothing yet"
        page.locator("h1").click()
        browser.settled(page)

        page.keyboard.press("y")
        last = page.locator(".st-key-last_decision")
        last.wait_for()
        page.wait_for_function(
            "old => ![old, undefined].includes(document.querySelector('.st-key-in_front h4')?.innerText)", arg=before[0]
        )
        browser.settled(page)
        assert names_in_front(page) != before
        said = last.inner_text()
        assert "are one organization" in said
        assert foreseen.split("If they are: ")[1].rstrip(".") in said, "what was foreseen is what it says it changed"
        assert "build that runs now" in said

        second = until_built(home, first.name)
        assert together(home, row.left_node, row.right_node)
        last.get_by_text("· applied", exact=False).wait_for(timeout=30_000)
        page.wait_for_function("() => !document.body.innerText.includes('Building is running')")

        other = visit(f"{address}/identity_review?part=decided&period=all")
        assert "2 accounts → 1" in other.locator(".st-key-decisions_1").inner_text()
        assert other.locator('.st-key-decisions_1 a[href*="account"]').count() == 1, "both are one account now"

        page.keyboard.press("u")
        last.wait_for(state="detached")
        until_built(home, second)
        assert not together(home, row.left_node, row.right_node)
        again = visit(f"{address}/identity_review?period=all")
        assert names_in_front(again) == before
        assert figure(again, "Waiting") == count
        listed = visit(f"{address}/identity_review?part=decided")
        assert "undone" in listed.locator(".st-key-decisions_1").inner_text()
        assert listed.locator(".st-key-decisions_1 del").count(), "what was undone is struck out"
