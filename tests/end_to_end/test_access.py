"""Who comes in: on a server with `[auth]`, no deep link shows anything but the login."""

import re

import pytest

from tests.end_to_end import browser, oidc

pytestmark = pytest.mark.browser
PAGES = [
    "",
    "directory",
    "account?account=org%3Ax",
    "contribution",
    "funnel",
    "time_to_value",
    "retention",
    "stalled?tier=open",
    "demand",
    "sources",
    "metrics",
]
SECRETS = f"""
[auth]
redirect_uri = "http://127.0.0.1:{{port}}/oauth2callback"
cookie_secret = "only for this test, never for a server"
client_id = "{oidc.CLIENT}"
client_secret = "{oidc.SECRET}"
server_metadata_url = "%s/.well-known/openid-configuration"
"""


def configured(folder, provider):
    """A user's folder whose Streamlit secrets configure a login at a provider."""
    (folder / ".streamlit").mkdir()
    (folder / ".streamlit" / "secrets.toml").write_text(SECRETS % provider)
    return folder


@pytest.fixture(scope="module")
def closed(demo_home, tmp_path_factory):
    """A dashboard whose login is at a provider that is not there: nobody gets further than the login."""
    folder = configured(tmp_path_factory.mktemp("closed"), "http://127.0.0.1:9")
    with browser.dashboard(demo_home, "--server.address", "0.0.0.0", HOME=str(folder)) as address:
        yield address


@pytest.mark.parametrize("path", PAGES)
def test_a_deep_link_shows_only_the_login(closed, visit, path):
    page = visit(f"{closed}/{path}")
    page.get_by_role("heading", name="Log in").wait_for()
    main = page.locator('[data-testid="stMain"]')
    assert main.get_by_role("button").all_inner_texts()[-1].strip().endswith("Log in")
    for data in ("stMetric", "stDataFrame", "stVegaLiteChart", "stPageLink"):
        assert not page.locator(f'[data-testid="{data}"]').count(), data
    assert not page.get_by_role("dialog").count(), "the address is known, though its page is not shown"
    text = page.locator("body").inner_text()
    for word in ("stalled", "Revenue", "organizations", "as of"):
        assert word not in text


def test_beyond_loopback_without_a_login_it_refuses(demo_home, visit, tmp_path):
    with browser.dashboard(demo_home, "--server.address", "0.0.0.0", HOME=str(tmp_path)) as address:
        page = visit(f"{address}/stalled")
        page.get_by_role("heading", name="Not open to the network").wait_for()
        assert "127.0.0.1" in page.locator('[data-testid="stMain"]').inner_text()
        assert not page.locator('[data-testid="stMetric"]').count()


def test_a_deep_link_is_the_first_thing_a_fresh_server_is_asked(demo_home, visit):
    with browser.dashboard(demo_home) as address:
        page = visit(f"{address}/stalled?tier=partner")
        page.get_by_role("heading", name="Stalled", exact=True).wait_for()
        assert not page.get_by_role("dialog").count(), (
            "Streamlit's own look into pages/ says that there is no such page"
        )


@pytest.fixture
def guarded(demo_home, tmp_path):
    """A dashboard behind a login, and the provider where people log in."""
    with (
        oidc.provider() as provider,
        browser.dashboard(
            demo_home, "--server.address", "0.0.0.0", HOME=str(configured(tmp_path, provider.url))
        ) as address,
    ):
        yield address, provider


def test_through_the_login_to_the_page_that_was_asked_for_and_out_again(guarded, visit):
    address, provider = guarded
    page = visit(f"{address}/stalled?tier=partner&period=365d")
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("heading", name="Company login").wait_for()
    page.get_by_label("E-mail").fill("ana@example.com")
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url(f"{address}/stalled?tier=partner&period=365d")
    browser.settled(page)
    page.get_by_role("heading", name="Stalled", exact=True).wait_for()
    assert page.locator(".st-key-filter_tier input").input_value() == "Partner"
    assert page.locator('[data-testid="stMetric"]').count()
    assert (provider.tokens, provider.refused) == (1, [])

    page.goto(f"{address}/sources")
    browser.settled(page)
    page.get_by_role("heading", name="Sources", exact=True).wait_for()
    page.get_by_role("button", name="Ana").click()
    page.get_by_text(re.compile(r"ana@.?example\.com")).wait_for()
    page.get_by_role("button", name="Log out").click()
    page.get_by_role("heading", name="Log in").wait_for()
    assert provider.logouts == 1
    page.goto(f"{address}/directory")
    browser.settled(page)
    page.get_by_role("heading", name="Log in").wait_for()
    assert not page.locator('[data-testid="stMetric"]').count()


def test_who_gives_up_at_the_provider_stays_outside(guarded, visit):
    address, provider = guarded
    page = visit(f"{address}/directory")
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("heading", name="Log in").wait_for()
    browser.settled(page)
    assert page.url.startswith(address)
    assert not page.locator('[data-testid="stMetric"]').count()
    assert provider.tokens == 0


def test_a_made_up_cookie_or_callback_lets_nobody_in(guarded, visit):
    address, provider = guarded
    page = visit(f"{address}/directory")
    page.context.add_cookies([{"name": "_streamlit_user", "value": "2|1:0|made|up", "url": address}])
    for path in ("directory", "oauth2callback?code=made&state=up"):
        page.goto(f"{address}/{path}")
        browser.settled(page)
        page.get_by_role("heading", name="Log in").wait_for()
        assert not page.locator('[data-testid="stMetric"]').count()
    assert provider.tokens == 0
