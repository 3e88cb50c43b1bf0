"""A tier's revenue followed down to an invoice in the browser, and a bar of the waterfall that opens its movements."""

import csv
import re

import pytest

from tests.end_to_end import browser

pytestmark = pytest.mark.browser


def figure(page, label: str) -> str:
    """The value of the figure with that label."""
    cards = page.locator('[data-testid="stMetric"]')
    card = cards.filter(has=page.locator('[data-testid="stMetricLabel"]').get_by_text(label, exact=True))
    return card.locator('[data-testid="stMetricValue"]').inner_text()


def downloaded(page, name: str) -> list[dict[str, str]]:
    """The rows of a table's CSV."""
    with page.expect_download() as waiting:
        page.locator(f".st-key-csv_{name} button").click()
    with open(waiting.value.path(), encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_from_a_tiers_revenue_to_its_bills_and_an_invoice_of_an_account(demo_dashboard, visit):
    page = visit(f"{demo_dashboard}/contribution?tier=partner")
    revenue = figure(page, "Revenue")
    page.get_by_role("link", name="The bills behind this revenue").click()
    page.wait_for_url("**/revenue?*")
    browser.settled(page)
    assert figure(page, "Collected") == revenue
    bills = downloaded(page, "revenue_events")
    total = sum(float(row["amount"]) for row in bills)
    said = page.get_by_text(re.compile(r"\d+ events?, together")).inner_text()
    assert f"{total:,.2f}" in said, "the bills add up to the tier's revenue"

    grid = page.locator('[data-testid="stDataFrame"]').first
    grid.scroll_into_view_if_needed()
    box = grid.bounding_box()
    page.mouse.click(box["x"] + 60, box["y"] + 35 + 17)
    page.wait_for_url(re.compile(r"/account\?"))
    browser.settled(page)
    assert page.locator("h2").first.inner_text().startswith(bills[0]["name"])
    page.goto(f"{page.url}&part=money")
    browser.settled(page)
    invoices = downloaded(page, "invoices")
    assert bills[0]["number"] in {row["number"] for row in invoices}


def test_a_bar_of_the_waterfall_opens_its_subscriptions(demo_dashboard, visit):
    page = visit(f"{demo_dashboard}/revenue?period=365d")
    chart = page.locator('[data-testid="stVegaLiteChart"]').first
    chart.scroll_into_view_if_needed()
    page.wait_for_timeout(800)
    bar = chart.locator("[aria-roledescription='bar'][aria-label*='Churn']").first
    bar.click(force=True)
    page.wait_for_url(re.compile("movement=churn"))
    browser.settled(page)
    rows = downloaded(page, "mrr_movements")
    assert rows
    assert {row["movement"] for row in rows} == {"Churn"}


@pytest.mark.parametrize("path", ["revenue", "freemium", "partners", "internal", "contribution?part=statements"])
def test_the_pages_of_money_fit_a_phone(demo_dashboard, visit, path):
    page = visit(f"{demo_dashboard}/{path}", width=390, scheme="dark")
    wide = page.evaluate("() => document.querySelector('[data-testid=stMain]').scrollWidth")
    assert wide <= 390
    assert page.locator('[data-testid="stMetric"]').first.is_visible()
