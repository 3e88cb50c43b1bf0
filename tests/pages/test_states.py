"""The states that are not the usual one: an empty home, old data, a failed build, and who may come in."""

import shutil
from datetime import datetime
from pathlib import Path

import duckdb
import pytest
import streamlit as st

from pages.shared import reads
from sql import snapshot
from tests.pages.conftest import said


def test_an_empty_home_greets_with_two_ways_on(open_page, tmp_path):
    app = open_page(home=tmp_path / "nothing")
    assert not app.exception
    assert {b.label for b in app.button} == {"Load the demo company"}
    assert app.get("file_uploader")
    assert not app.dataframe


def test_old_data_are_said_on_every_page(open_page):
    for path in ("overview/tier_board.py", "data/metrics.py"):
        app = open_page(path)
        assert any("ago" in one.value for one in app.warning), "the demo of the tests ends long ago"


def test_a_failed_build_keeps_the_last_good_one_and_says_so(open_page, demo_home, tmp_path):
    home = tmp_path / "home"
    shutil.copytree(demo_home, home)
    snapshot.fail(home, datetime(2026, 7, 1), "stall.sql: no such column")
    for path in ("overview/tier_board.py", "money/contribution.py"):
        app = open_page(path, home=home)
        assert not app.exception
        assert "no such column" in app.error[0].value
        assert "last good build" in app.error[0].value


def test_a_run_reads_one_snapshot_though_another_is_published_meanwhile(demo_home, tmp_path, monkeypatch):
    home = tmp_path / "home"
    shutil.copytree(demo_home, home)
    monkeypatch.setenv("API_PROGRAM_HOME", str(home))
    with reads.one_snapshot():
        seen = reads.current()
        aside = shutil.copyfile(seen.path, home / "aside.duckdb")
        newer = snapshot.publish(home, Path(aside), snapshot.new_name(home, seen.built_at))
        assert reads.current() == seen
    assert reads.current().name == newer.stem != seen.name


def test_a_snapshot_of_another_version_offers_a_refresh(open_page, demo_home, tmp_path):
    home = tmp_path / "home"
    shutil.copytree(demo_home, home)
    name = (home / "snapshots" / "CURRENT").read_text().strip()
    with duckdb.connect(str(home / "snapshots" / f"{name}.duckdb")) as con:
        con.execute("alter table account_usage_day rename to usage_of_old")
    for path in ("overview/tier_board.py", "money/contribution.py"):
        app = open_page(path, home=home)
        assert not app.exception
        assert "Built by another version" in said(app)
        assert "Refresh now" in {button.label for button in app.button}


@pytest.mark.parametrize("address", [None, "0.0.0.0", "192.168.1.5", "::"])
def test_beyond_this_machine_it_refuses_and_explains(open_page, monkeypatch, address):
    st.config.set_option("server.address", address)
    try:
        app = open_page()
    finally:
        st.config.set_option("server.address", "127.0.0.1")
    text = said(app)
    assert "Not open to the network" in text
    assert not app.metric
    assert "WHO" not in text


@pytest.mark.parametrize("path", ["overview/tier_board.py", "onboarding/stalled.py", "customers/directory.py"])
def test_with_a_login_nobody_comes_in_without_it(open_page, monkeypatch, path):
    import pages.shared.access as access

    monkeypatch.setattr(access, "guarded", lambda: True)
    app = open_page()
    app.user = {"is_logged_in": False}
    app.run()
    assert "Log in" in said(app)
    assert "WHO" not in said(app)
    assert [b.label for b in app.button] == ["Log in"]
    app.user = {"is_logged_in": True, "email": "ana@example.com"}
    app.run()
    assert "WHO" in said(app)
