"""A page as its visitor finds it: the whole dashboard, run in this process on the demo company."""

import json
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import altair
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from pages.shared import jobs
from tests.sql import small_home

ROOT = Path(__file__).parents[2]
TIMEOUT = 60
BUILT_WITHIN = 120
COMPANIES = '\n[[source]]\nname = "crm"\nkind = "csv"\ntable = "organization"\npath = "organizations.csv"\n'


@pytest.fixture
def open_page(demo_home, monkeypatch) -> Callable[..., AppTest]:
    """Opens a page (its path below pages/) with URL parameters on a home, the demo's unless another is named."""
    st.cache_data.clear()

    def opened(path: str = "overview/tier_board.py", home: Path = demo_home, **params: str) -> AppTest:
        monkeypatch.setenv("API_PROGRAM_HOME", str(home))
        app = AppTest.from_file(str(ROOT / "dashboard.py"), default_timeout=TIMEOUT)
        for name, value in params.items():
            app.query_params[name] = value
        app.run()
        if path != "overview/tier_board.py":
            app.switch_page(f"pages/{path}")
            for name, value in params.items():
                app.query_params[name] = value
            app.run()
        for chart in app.get("vega_lite_chart"):
            altair.Chart.from_dict(json.loads(chart.proto.spec))  # pages draw without checking
        return app

    return opened


def said(app: AppTest) -> str:
    """All text of a page: titles, Markdown, captions, figures, links and alerts."""
    parts = [e.value for kind in (app.title, app.markdown, app.caption, app.warning, app.error) for e in kind]
    parts += [f"{m.label} {m.value}" for m in app.metric] + [link.label for link in app.get("page_link")]
    return "\n".join(str(part) for part in parts)


def with_companies(folder: Path, sheet: str, calls: int) -> Path:
    """A small home that was refreshed, with a sheet of organizations beside its developers."""
    home = small_home.make(folder, calls=calls)
    program = home / "program.toml"
    program.write_text(program.read_text().replace("\n[[tier_rule]]", f"{COMPANIES}\n[[tier_rule]]", 1))
    (home / "organizations.csv").write_text(sheet)
    small_home.refreshed(home)
    return home


@pytest.fixture
def home(built, tmp_path, monkeypatch):
    """A copy of the module's `built` home to decide in; the builds that decisions start have ended when it goes."""
    folder = tmp_path / "home"
    shutil.copytree(built, folder)
    monkeypatch.setenv("API_PROGRAM_HOME", str(folder))
    yield folder
    ended()


def ended() -> None:
    """Wait for the build that runs."""
    until = time.monotonic() + BUILT_WITHIN
    while jobs.jobs().running and time.monotonic() < until:
        time.sleep(0.1)
    assert not jobs.jobs().running


def press(app: AppTest, key: str) -> AppTest:
    """Press the button of that key."""
    app.button(key=key).click().run()
    assert not app.exception, app.exception
    return app
