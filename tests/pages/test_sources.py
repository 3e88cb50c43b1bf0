"""The Sources page: what could not be read is seen itself, of all sources or of one."""

import shutil
from datetime import timedelta

import pandas as pd
import pytest

from data_sources.lakes import FolderLake
from data_sources.program import SOURCE_KINDS, now
from data_sources.store import open_store
from sql import retention
from sql.requests import formats
from tests.pages.conftest import said
from tests.sql import small_home

HOSTILE = "=cmd() **bold** [pay](http://evil.example) <script>alert(1)</script>"


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A small home with rejected lines in two logs and a row of a sheet that does not fit."""
    folder = small_home.make(tmp_path_factory.mktemp("sources") / "home", calls=60)
    small_home.write_site(folder, "access.log", [HOSTILE])
    with (folder / "developers.csv").open("a") as file:
        file.write("dev_bad,a@firm1.example,Ann,yesterday,2026-01-01\n")
    small_home.refreshed(folder)
    return folder


def table(app, alt):
    """The rows of the table whose alternative text begins so."""
    return next(one.value for one in app.dataframe if one.proto.alt.startswith(alt))


def test_rejected_lines_are_seen_with_their_reasons(open_page, home):
    app = open_page("data/sources.py", home=home)
    assert not app.exception, app.exception
    lines = table(app, "Rejected log lines")
    assert set(lines["source"]) == {"gateway", "site"}
    assert table(app, "Reasons")["lines"].sum() == len(lines) == 3
    assert "newest 3 of 3" in said(app)
    assert HOSTILE in set(lines["text"])
    assert "evil" not in said(app), "a line of a log is a cell of a table, never Markdown or HTML"
    assert not any("<script" in one.proto.body for one in app.get("html"))


def test_one_source_alone_by_choice_and_by_link(open_page, home):
    app = open_page("data/sources.py", home=home)
    app.selectbox(key="filter_source").select("gateway").run()
    assert app.query_params["source"] == "gateway"
    assert set(table(app, "Rejected log lines")["source"]) == {"gateway"}
    assert "newest 2 of 2" in said(app)
    linked = open_page("data/sources.py", home=home, source="people")
    assert "No log line was rejected." in said(linked)


def test_rejected_lines_that_were_dropped_are_not_called_none(open_page, home, tmp_path):
    kept = shutil.copytree(home, tmp_path / "home")
    store = open_store(kept)
    retention.drop(FolderLake(kept / "lake"), store, 10, now() + timedelta(days=11))
    store.engine.dispose()
    app = open_page("data/sources.py", home=kept)
    assert not app.exception, app.exception
    assert "The text of 3 rejected log lines is gone" in said(app)


def test_rejected_records_are_seen_too(open_page, home):
    app = open_page("data/sources.py", home=home, part="records")
    rows = table(app, "Rejected records")
    assert list(rows["source"]) == ["people"]
    assert "yesterday" in rows["text"][0]
    assert rows["line_no"][0] == 22


@pytest.mark.parametrize(("part", "alt"), [("streams", "The last run"), ("checks", "Checks")])
def test_the_other_parts(open_page, home, part, alt):
    app = open_page("data/sources.py", home=home, part=part)
    assert not app.exception, app.exception
    assert len(table(app, alt))


def test_a_check_of_a_log_says_its_format(open_page, home):
    app = open_page("data/sources.py", home=home)
    app.selectbox(key="check_source").select("site")
    app.button(key="check").click().run()
    assert not app.exception, app.exception
    assert "This is combined: access.log" in str(app.success[0].proto)
    assert "15 of the first 16 lines are events" in app.success[0].value


def test_each_kind_and_format_with_its_last_run(open_page, home):
    app = open_page("data/sources.py", home=home, part="kinds")
    assert not app.exception, app.exception
    known = table(app, "Every kind of source").set_index("kind")
    assert set(known.index) == SOURCE_KINDS
    assert known.loc["csv", "named"]
    assert known.loc["csv", "last_run"] is not pd.NaT
    assert known.loc["stripe", "named"] is None
    assert "customers" in known.loc["stripe", "words"]
    read = table(app, "Every log format").set_index("format")
    assert set(read.index) == set(formats())
    assert read.loc["kong", "lines"] > 0
    of_logs = table(app, "Sources with last run").set_index("source").loc[["gateway", "site"]]
    assert read["lines"].sum() == of_logs["read"].sum()
    assert pd.isna(read.loc["aws_api_gateway", "lines"])


def test_a_program_without_sources_shows_what_can_be_read(open_page, tmp_path):
    (tmp_path / "program.toml").write_text('[program]\nname = "None yet"\n')
    small_home.refreshed(tmp_path)
    app = open_page("data/sources.py", home=tmp_path)
    assert not app.exception, app.exception
    assert "No source yet" in said(app)
    assert set(table(app, "Every kind of source")["kind"]) == SOURCE_KINDS
    assert table(app, "Every log format")["lines"].isna().all()
