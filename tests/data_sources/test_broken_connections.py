"""Connections of a real PostgreSQL that are ended at any moment: nothing but StoreAway is met, and what it says holds."""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from itertools import count, takewhile

import psycopg
import pytest
from sqlalchemy import insert
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import select

from data_sources.connected import StoreAway
from data_sources.judgements import AccountNote
from data_sources.ledger import Run
from data_sources.records import Ticket
from data_sources.store import open_store

NOW = datetime(2026, 6, 30, 12, 0, 0)
SECONDS = 4.0
ROWS = 100
KEPT, NOT_KEPT, UNSURE = "kept", "not kept", "unsure"
END = "select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and backend_type = 'client backend'"


@pytest.fixture
def store(tmp_path, monkeypatch, postgres_url):
    monkeypatch.setenv("DATABASE_URL", postgres_url)
    opened = open_store(tmp_path)
    yield opened
    opened.engine.dispose()


def ending(url: str, over: threading.Event) -> int:
    """End all connections but one's own again and again, at most 0.2 s apart; returns how many."""
    chance, ended = random.Random(7), 0
    with psycopg.connect(url, autocommit=True) as own:
        while not over.wait(chance.uniform(0.0, 0.2)):
            ended += own.execute(END).rowcount
    return ended


def tried(work: Callable[[int], object], until: float) -> dict[int, str]:
    """Do something numbered again and again; how each ended: kept, not kept, unsure, or what escaped."""
    ends = {}
    for number in takewhile(lambda _: time.monotonic() < until, count()):
        try:
            work(number)
            ends[number] = KEPT
        except StoreAway as away:
            ends[number] = UNSURE if away.is_unsure else NOT_KEPT
        except (SQLAlchemyError, psycopg.Error) as error:
            ends[number] = f"{type(error).__module__}.{type(error).__qualname__}: {str(error)[:90]}"
    return ends


@pytest.mark.postgres
def test_connections_that_end_at_any_moment_are_waited_for_or_said(store, postgres_url):
    def upsert(number: int) -> None:
        rows = [{"source": "desk", "id": f"{number}/{n}", "subject": "Help", "created_at": NOW} for n in range(ROWS)]
        store.upsert(Ticket, rows, NOW)

    def judge(number: int) -> None:
        store.judge_all([AccountNote(account_id="org:1", text=str(number), author="ada", decided_at=NOW)])

    def durable(number: int) -> None:
        with store.durable() as connection:
            connection.execute(insert(Run), [{"id": str(number), "started_at": NOW, "kind": "build", "status": "ok"}])

    def arrow(_: int) -> None:
        store.arrow("ticket")

    def session(_: int) -> None:
        with store.session() as session:
            assert all(one.subject for one in session.exec(select(Ticket).execution_options(yield_per=50)))

    def versions(_: int) -> None:
        store.records_versions()

    works = (upsert, judge, durable, arrow, session, versions)
    over, until = threading.Event(), time.monotonic() + SECONDS
    with ThreadPoolExecutor(1 + len(works)) as people:
        killer = people.submit(ending, postgres_url, over)
        them = {work.__name__: people.submit(tried, work, until) for work in works}
        ends = {name: one.result() for name, one in them.items()}
        over.set()
        ended = killer.result()
    met = {name: Counter(told.values()) for name, told in ends.items()}
    assert all(set(told) <= {KEPT, NOT_KEPT, UNSURE} for told in met.values()), met
    assert ended > 20, "connections were ended"
    assert all(told[KEPT] for told in met.values()), met
    assert sum(told[NOT_KEPT] for told in met.values()), met

    with store.session() as session:
        tickets = Counter(id.partition("/")[0] for id in session.exec(select(Ticket.id)))
        there = {
            "upsert": {number: n / ROWS for number, n in tickets.items()},
            "judge": Counter(session.exec(select(AccountNote.text))),
            "durable": Counter(session.exec(select(Run.id))),
        }
    for name, held in there.items():
        for number, how in ends[name].items():
            assert held.get(str(number), 0) in {KEPT: (1,), NOT_KEPT: (0,), UNSURE: (0, 1)}[how], (name, number, how)
