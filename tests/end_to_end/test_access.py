"""Who comes in: on a freshly started server with `[auth]`, no deep link shows anything but the login."""

import pytest

from tests.end_to_end import browser

pytestmark = pytest.mark.browser
PAGES = [
    "",
    "directory",
    "account?account=org%3Ax",
    "contribution",
    "funnel",
    "stalled?tier=open",
    "sources",
    "metrics",
]
SECRETS = """
[auth]
redirect_uri = "http://127.0.0.1:8501/oauth2callback"
cookie_secret = "only for this test, never for a server"
client_id = "test"
client_secret = "test"
server_metadata_url = "http://127.0.0.1:9/.well-known/openid-configuration"
"""


@pytest.fixture
def with_login(tmp_path):
    """A user's folder whose Streamlit secrets configure a login."""
    (tmp_path / ".streamlit").mkdir()
    (tmp_path / ".streamlit" / "secrets.toml").write_text(SECRETS)
    return tmp_path


@pytest.mark.parametrize("path", PAGES)
def test_a_deep_link_on_a_fresh_server_shows_only_the_login(demo_home, with_login, visit, path):
    with browser.dashboard(demo_home, "--server.address", "0.0.0.0", HOME=str(with_login)) as address:
        page = visit(f"{address}/{path}")
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
