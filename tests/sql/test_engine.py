"""The engine's connection."""

import pytest

from data_sources.program import ProgramError
from sql.engines import duckdb as engine


def threads(con) -> int:
    return con.execute("select current_setting('threads')").fetchone()[0]


def test_a_database_has_the_threads_that_are_said(monkeypatch):
    monkeypatch.setenv("API_PROGRAM_THREADS", "3")
    with engine.connect() as con:
        assert threads(con) == 3
    with engine.connect(threads=1) as con:
        assert threads(con) == 1


def test_without_a_word_it_has_one_a_core(monkeypatch):
    monkeypatch.delenv("API_PROGRAM_THREADS", raising=False)
    with engine.connect() as con, engine.duckdb.connect() as plain:
        assert threads(con) == threads(plain)


@pytest.mark.parametrize("said", ["many", "0", "-1", "1.5"])
def test_what_is_no_number_of_threads_is_said(monkeypatch, said):
    monkeypatch.setenv("API_PROGRAM_THREADS", said)
    with pytest.raises(ProgramError, match="API_PROGRAM_THREADS: expected a whole number from 1 on"):
        engine.connect()
