"""A home whose logs are all there is: pages of money say which source they wait for, and nothing looks like zero."""

import pytest

from tests.pages.conftest import said
from tests.sql import small_home


@pytest.fixture(scope="module")
def logs_only(tmp_path_factory):
    """A small home with calls and developers: no biller, no bill, no help desk."""
    home = small_home.make(tmp_path_factory.mktemp("logs") / "home", calls=120)
    small_home.refreshed(home)
    return home


@pytest.mark.parametrize(
    ("page", "waits_for"),
    [("revenue", "No biller yet"), ("support", "No help desk yet"), ("contribution", "No money yet")],
)
def test_a_page_names_the_source_that_it_waits_for(open_page, logs_only, page, waits_for):
    app = open_page(f"money/{page}.py", home=logs_only, period="all")
    assert not app.exception
    text = said(app)
    assert waits_for in text
    assert "$0" not in text


@pytest.mark.parametrize("page", ["freemium", "partners", "internal", "costs"])
def test_what_is_unknown_is_a_dash(open_page, logs_only, page):
    app = open_page(f"money/{page}.py", home=logs_only, period="all")
    assert not app.exception
    assert "$0" not in said(app)
