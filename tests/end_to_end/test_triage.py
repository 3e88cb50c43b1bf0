"""A row of the triage in a browser: it opens what its class rests on, and from there the account, which says it in a line."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.end_to_end import browser
from tests.end_to_end.test_revenue import downloaded

pytestmark = pytest.mark.browser


def test_a_row_opens_its_evidence_and_the_account(demo_dashboard, visit):
    page = visit(f"{demo_dashboard}/triage?tier=open&class=commercial")
    listed = downloaded(page, "triage")
    assert {row["class"] for row in listed} == {"commercial"}
    grid = page.locator('[data-testid="stDataFrame"]').last
    grid.evaluate("e => e.scrollIntoView({block: 'center'})")
    browser.settled(page)
    box = grid.bounding_box()
    page.mouse.click(box["x"] + 60, box["y"] + 35 + 17)
    page.wait_for_url(re.compile(r"[?&]account="))
    browser.settled(page)
    assert parse_qs(urlsplit(page.url).query)["account"] == [listed[0]["account_id"]]
    dialog = page.get_by_role("dialog")
    said = dialog.inner_text()
    assert listed[0]["name"] in said
    assert "likely to pay within 180 days" in said
    assert "no proof of a cause" in said
    dialog.get_by_text("Open the account").click()
    page.wait_for_url("**/account?*")
    browser.settled(page)
    page.get_by_text("looks like commercial").first.wait_for()


@pytest.mark.parametrize("path", ["triage", "triage?part=model"])
def test_it_fits_a_phone(demo_dashboard, visit, path):
    page = visit(f"{demo_dashboard}/{path}", width=390, scheme="dark")
    assert page.evaluate("() => document.querySelector('[data-testid=stMain]').scrollWidth") <= 390
    assert page.locator('[data-testid="stMetric"]').first.is_visible()
