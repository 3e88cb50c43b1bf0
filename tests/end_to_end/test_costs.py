"""A cost entered in the browser: the tie-out follows it and equals the ledger, and its undo takes it back."""

import re
import shutil

import pytest

from sql import query, snapshot
from tests.end_to_end import browser
from tests.end_to_end.test_identity_review import until_built

pytestmark = pytest.mark.browser
AMOUNT = re.compile(r"\$([\d,]+\.\d\d)")


@pytest.fixture
def home(demo_home, tmp_path):
    """A copy of the demo's home to enter costs in."""
    folder = tmp_path / "home"
    shutil.copytree(demo_home, folder)
    return folder


def tie_out(page) -> list[float]:
    """The four amounts of the tie-out, as they are read."""
    return [float(found.replace(",", "")) for found in AMOUNT.findall(page.locator(".st-key-tie_out").inner_text())]


def test_an_entered_cost_moves_the_tie_out_which_equals_the_ledger(home, visit):
    first = snapshot.current(home)
    with browser.dashboard(home) as address:
        page = visit(f"{address}/costs?period=all&part=enter")
        before = tie_out(page)
        ledger = query.run(first, "cost_tie_out")
        assert before[3] == pytest.approx(float(ledger["ledger"].sum()), abs=0.005)
        assert sum(before[:3]) == pytest.approx(before[3], abs=0.011), "each is rounded for itself"
        amount = page.locator(".st-key-cost_amount input")
        amount.fill("1234.56")
        amount.press("Tab")
        page.get_by_placeholder("What it is; kept with your name").fill("office rent")
        page.get_by_placeholder("What it is; kept with your name").press("Tab")
        browser.settled(page)
        page.get_by_role("button", name="Enter the cost").click()
        page.get_by_text("office rent").wait_for()
        until_built(home, first.name)
        page = visit(f"{address}/costs?period=all&part=enter")
        after = tie_out(page)
        assert after[3] - before[3] == pytest.approx(1234.56, abs=0.011)
        assert sum(after[:3]) == pytest.approx(after[3], abs=0.011)

        second = snapshot.current(home).name
        page.get_by_role("button", name="Undo").first.click()
        until_built(home, second)
        assert tie_out(visit(f"{address}/costs?period=all&part=enter")) == before


@pytest.mark.parametrize("part", ["pools", "enter", "rules"])
def test_the_costs_fit_a_phone(demo_dashboard, visit, part):
    page = visit(f"{demo_dashboard}/costs?part={part}", width=390)
    assert page.evaluate("() => document.querySelector('[data-testid=stMain]').scrollWidth") <= 390
