"""The rejected lines of a home: those that the ledger names, the newest first, within bounds, without secrets."""

import pytest

from data_sources.lakes import FolderLake
from data_sources.store import open_store
from sql import rejects
from tests.sql import small_home

SECRET = "sk_live_abcdefghijklmnop"


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A home that was refreshed twice; the second time brought a line with a secret and a very long one."""
    folder = small_home.make(tmp_path_factory.mktemp("rejects"), calls=60)
    small_home.refreshed(folder)
    small_home.write_site(folder, "access.log", ["once upon a time", f"key={SECRET} from 198.51.100.7", "x" * 9_000])
    small_home.refreshed(folder)
    return folder


def of(home, source=None, **bounds):
    store = open_store(home)
    named = rejects.files(store, source)
    store.engine.dispose()
    return named, rejects.read(FolderLake(home / "lake"), named, **bounds)


def test_all_of_them_the_newest_first_with_where_and_why(home):
    named, found = of(home)
    assert sum(file.lines for file in named) == found.counted == len(found.lines) == 5
    assert list(found.lines["source"]) == ["site"] * 3 + ["gateway"] * 2
    assert list(found.lines["file"]) == ["logs/site/access.log"] * 3 + ["logs/kong/a.log"] * 2
    assert list(found.lines["line_no"]) == [18, 17, 16, 63, 62]
    assert found.lines["reason"].str.len().min() > 5
    assert found.reasons["lines"].sum() == 5
    assert found.reasons["lines"].is_monotonic_decreasing


def test_neither_secrets_nor_addresses_and_cut_to_a_length(home):
    _, found = of(home, "site")
    texts = list(found.lines["text"])
    assert texts[2] == "once upon a time"
    assert SECRET not in texts[1]
    assert "198.51.100.7" not in texts[1]
    assert len(texts[0]) == rejects.SHOWN_TEXT
    assert texts[0].endswith("x…")


def test_of_one_source(home):
    assert set(of(home, "gateway")[1].lines["source"]) == {"gateway"}
    assert of(home, "nobody")[1].lines.empty


def test_no_more_than_asked_for_though_all_are_counted(home):
    _, found = of(home, shown=1)
    assert list(found.lines["line_no"]) == [18]
    assert found.counted == 5


def test_nothing_is_opened_beyond_the_bounds(home, monkeypatch):
    monkeypatch.setattr(rejects, "COUNTED_LINES", 3)
    assert of(home)[1].counted == 3
    monkeypatch.setattr(rejects, "COUNTED_FILES", 0)
    _, found = of(home)
    assert (found.counted, len(found.lines), len(found.reasons)) == (0, 0, 0)


def test_only_files_of_the_ledger_and_one_that_is_gone_is_left_out(home):
    named, found = of(home)
    there = home / "lake" / named[0].name
    stray = there.with_name("0000000000000000.parquet")
    stray.write_bytes(there.read_bytes())
    assert len(of(home)[1].lines) == len(found.lines)
    away = there.rename(there.with_suffix(".away"))
    assert of(home)[1].counted == 2
    away.rename(there)
    stray.unlink()
