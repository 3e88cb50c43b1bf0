"""One Chromium for all browser tests, one dashboard on the demo company."""

import pytest

from tests.end_to_end import browser


@pytest.fixture(scope="session")
def chromium():
    """A headless Chromium."""
    with browser.chromium() as running:
        yield running


@pytest.fixture(scope="session")
def demo_dashboard(demo_home):
    """The address of a dashboard on the demo company."""
    with browser.dashboard(demo_home) as address:
        yield address


@pytest.fixture
def visit(chromium):
    """Opens an address in a fresh session (its own cookies and cache) of a width and colour scheme."""
    contexts = []

    def visited(url: str, width: int = 1440, height: int = 1000, scheme: str = "light"):
        context = chromium.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
        contexts.append(context)
        page = context.new_page()
        page.goto(url)
        return browser.settled(page)

    yield visited
    for context in contexts:
        context.close()
