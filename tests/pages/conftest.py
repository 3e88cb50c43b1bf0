"""A page as its visitor finds it: the whole dashboard, run in this process on the demo company."""

from collections.abc import Callable
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

ROOT = Path(__file__).parents[2]
TIMEOUT = 60


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
        return app

    return opened


def said(app: AppTest) -> str:
    """All text of a page: titles, Markdown, captions, figures, links and alerts."""
    parts = [e.value for kind in (app.title, app.markdown, app.caption, app.warning, app.error) for e in kind]
    parts += [f"{m.label} {m.value}" for m in app.metric] + [link.label for link in app.get("page_link")]
    return "\n".join(str(part) for part in parts)
