"""The work list in a browser: from the funnel to the stalled, choose, assign, note; it stays, it is built, and a link shows the same."""

import re
import shutil
from urllib.parse import parse_qs, urlsplit

import pytest

from pages.shared import words
from sql import query, snapshot
from tests.demo_home import command
from tests.end_to_end import browser
from tests.end_to_end.test_revenue import downloaded, figure

pytestmark = pytest.mark.browser
NEW = "ana.new@firm.example"
ADDRESSES = "https://evil.example www.evil.example ana@evil.example"


@pytest.fixture
def home(demo_home, tmp_path):
    """A copy of the demo's home to decide in."""
    folder = tmp_path / "home"
    shutil.copytree(demo_home, folder)
    return folder


def place_of_list(page) -> dict[str, float]:
    """Where the list stands, in the middle of the window: at its edge the page's head would lie over the first row."""
    grid = page.locator('[class*="st-key-table_stalled"]').first
    grid.evaluate("e => e.scrollIntoView({block: 'center'})")
    page.wait_for_timeout(500)
    return grid.bounding_box()


def choose(page, *places: int) -> None:
    """Tick rows of the list."""
    box = place_of_list(page)
    for place in places:
        page.mouse.click(box["x"] + 18, box["y"] + 35 + 17 + 36 * place)
        browser.settled(page)


def typed(page, label: str, value: str) -> None:
    """Type into the form below the list."""
    form = page.locator(".st-key-bulk")
    box = form.get_by_label(label, exact=True)
    box.fill(value)
    box.press("Enter" if label == "Owner" else "Tab")
    browser.settled(page)


def rows(page) -> dict[str, dict[str, str]]:
    """The list's CSV by account."""
    return {row["account_id"]: row for row in downloaded(page, "stalled")}


def said(page) -> list[str]:
    """The page's figures, as somebody reads them."""
    return page.locator('[data-testid="stMetricValue"]').all_inner_texts()


def test_from_the_funnel_to_an_owner_that_stays_and_is_seen_by_others(home, visit):
    with browser.dashboard(home) as address:
        page = visit(f"{address}/funnel?tier=open")
        page.locator('[data-testid="stMain"] a[href*="stalled"]').first.click()
        page.wait_for_url("**/stalled?*")
        browser.settled(page)
        asked = parse_qs(urlsplit(page.url).query)
        assert asked["tier"] == ["open"]
        assert asked["stage"]
        listed = list(rows(page))
        assert figure(page, "Stalled accounts").replace(",", "") == str(len(listed))

        choose(page, 0, 2)
        typed(page, "Owner", NEW)
        typed(page, "Note", "Rang them; *call* again")
        preview = page.locator(".st-key-bulk").get_by_text("a note").inner_text()
        assert NEW in preview.replace(words.JOINER, "")
        page.get_by_role("button", name="Keep it for 2 accounts").click()
        page.locator(".st-key-just_decided").get_by_text("2 notes").wait_for()
        browser.settled(page)
        chosen = {account for account, row in rows(page).items() if row["owner"] == NEW}
        assert chosen == {listed[0], listed[2]}

        page.reload()
        browser.settled(page)
        mine = f"{page.url}&owner={NEW}"
        now = rows(page)
        assert {account for account, row in now.items() if row["owner"] == NEW} == chosen
        assert {now[account]["last_note"] for account in chosen} == {"Rang them; *call* again"}

        other = visit(mine)
        assert set(rows(other)) == chosen
        assert other.locator(".st-key-filter_owner input").input_value() == NEW
        here = said(other)

        before = snapshot.current(home)
        assert set(query.run(before, "stalled", owner=NEW)["account_id"]) == set()
        command("sql", "refresh", "--home", home)
        built = query.run(snapshot.current(home), "stalled", owner=NEW)
        assert snapshot.current(home).name > before.name
        assert set(built["account_id"]) == chosen
        assert set(built["notes"]) == {1}

        again = visit(mine)
        assert set(rows(again)) == chosen
        assert said(again) == here, "the link says the same before and after the build"


def test_a_name_opens_the_account_in_front_and_what_is_decided_there_can_be_undone(home, visit):
    with browser.dashboard(home) as address:
        page = visit(f"{address}/stalled?tier=open&sort=days")
        first = next(iter(rows(page)))
        box = place_of_list(page)
        page.mouse.click(box["x"] + 90, box["y"] + 35 + 17)
        page.wait_for_url(re.compile(r"[?&]account="))
        browser.settled(page)
        assert parse_qs(urlsplit(page.url).query)["account"] == [first]
        dialog = page.get_by_role("dialog")
        dialog.get_by_text("What it rests on").wait_for()
        dialog.get_by_label("Next action", exact=True).fill(f"Call their engineer, {ADDRESSES}")
        dialog.get_by_label("Next action", exact=True).press("Tab")
        browser.settled(page)
        dialog.get_by_role("button", name="Keep it for 1 account").click()
        dialog.get_by_text("next: Call their engineer").wait_for()
        browser.settled(page)
        assert not page.locator('[data-testid="stMarkdown"] a').all_inner_texts(), "what people write is text"

        other = visit(page.url)
        other.get_by_role("dialog").get_by_text("next: Call their engineer").wait_for()
        other.get_by_role("dialog").get_by_role("button", name="Undo").click()
        other.get_by_role("dialog").get_by_text("Nothing was decided or noted yet.").wait_for()
        browser.settled(other)
        other.keyboard.press("Escape")
        browser.settled(other)
        assert "account=" not in other.url
        assert not [row for row in rows(other).values() if "Call their engineer" in row["next_action"]]


def test_the_work_list_fits_a_phone(demo_dashboard, visit):
    page = visit(f"{demo_dashboard}/stalled?tier=open", width=390, scheme="dark")
    choose(page, 0)
    wide = page.evaluate("() => document.querySelector('[data-testid=stMain]').scrollWidth")
    assert wide <= 390
    assert page.locator(".st-key-bulk").bounding_box()["width"] <= 390
