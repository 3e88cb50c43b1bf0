"""One Chromium for all browser tests, one dashboard on the demo company."""

from pathlib import Path

import pytest

from tests.end_to_end import browser

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items):
    """A browser test that failed is run once more, and named as rerun: a busy machine is not a fault, what fails twice is."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.flaky(reruns=1))


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
        page = browser.watched(context.new_page())
        page.goto(url)
        return browser.settled(page)

    yield visited
    for context in contexts:
        context.close()
