"""Demand and Usage value in a real browser: a link opens a path to who asks for it, and both pages fit a phone."""

import pytest

from sql import query, snapshot
from tests.end_to_end.test_revenue import downloaded

pytestmark = pytest.mark.browser


def test_a_link_opens_a_path_to_who_asks_and_closes_again(demo_dashboard, demo_home, visit):
    found = query.run(snapshot.current(demo_home), "unmet_demand")
    duties = found[found["path"] == "/v1/customs/duties"].iloc[0]
    page = visit(f"{demo_dashboard}/demand?period=all&asked={duties['key']}")
    assert "Who asks for POST /v1/customs/duties" in page.locator(".st-key-who_asks").inner_text()
    who = downloaded(page, "unmet_accounts")
    assert len(who) == duties["accounts"]
    assert {row["basis_name"] for row in who} == {"inferred by address"}
    page.locator(".st-key-close_path button").click()
    page.locator(".st-key-who_asks").wait_for(state="detached")
    assert "asked=" not in page.url


@pytest.mark.parametrize("path", ["demand", "demand?part=limits", "usage_value", "usage_value?part=together"])
def test_signals_fit_a_phone(demo_dashboard, visit, path):
    page = visit(f"{demo_dashboard}/{path}", width=390, scheme="dark")
    assert page.evaluate("() => document.querySelector('[data-testid=stMain]').scrollWidth") <= 390
    assert page.locator('[data-testid="stMetric"]').first.is_visible()
