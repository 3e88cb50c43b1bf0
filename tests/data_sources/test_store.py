"""The record store on SQLite and PostgreSQL: the same behaviour, migrations from nothing, and what changed is known."""

import json
import os
import sqlite3
import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from threading import Barrier, Timer

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text
from sqlmodel import SQLModel, select

from data_sources import migrations
from data_sources.connected import StoreAway
from data_sources.judgements import AccountMove, AccountNote, AccountOwner
from data_sources.learned import TriageModel
from data_sources.ledger import LogChunk
from data_sources.records import RECORD_TABLES, Developer, Invoice, Ticket
from data_sources.store import TABLES, Overtaken, open_store, salt
from tests.new_store import new_store

NOW = datetime(2026, 6, 30, 12, 0, 0)
LATER = datetime(2026, 7, 1, 12, 0, 0)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def store(request, tmp_path, monkeypatch):
    monkeypatch.delenv("DATABASE_URL", raising=False)
    if request.param == "postgresql":
        monkeypatch.setenv("DATABASE_URL", request.getfixturevalue("postgres_url"))
    opened = new_store(tmp_path) if request.param == "sqlite" else open_store(tmp_path)
    yield opened
    opened.engine.dispose()


def tickets(count: int) -> list[dict]:
    return [
        {
            "source": "desk",
            "id": str(n),
            "subject": f"Help {n}",
            "tags": ["a", str(n)] if n % 2 else None,
            "created_at": NOW,
        }
        for n in range(count)
    ]


def test_migrations_make_exactly_the_models(store):
    with store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        assert compare_metadata(context, SQLModel.metadata) == []
        assert connection.execute(text("select version_num from alembic_version")).scalar() == migrations.newest()


def test_opening_again_changes_nothing(store):
    store.upsert(Ticket, tickets(3), NOW)
    again = open_store(store.home)
    assert again.arrow("ticket").equals(store.arrow("ticket"))
    again.engine.dispose()


def test_upsert_counts_only_what_differs(store):
    rows = tickets(2500)
    assert store.upsert(Ticket, rows, NOW) == 2500
    assert store.records_version("ticket") == 1
    assert store.upsert(Ticket, rows, LATER) == 0
    assert store.records_version("ticket") == 1, "nothing changed, so nothing is to be built again"
    changed = [rows[0] | {"status": "solved"}, rows[1] | {"tags": ["b"]}, rows[2]]
    assert store.upsert(Ticket, changed, LATER) == 2
    assert store.records_version("ticket") == 2
    synced = store.arrow("ticket").select(["id", "synced_at"]).to_pylist()
    assert sorted(row["id"] for row in synced if row["synced_at"] == LATER) == ["0", "1"]


def test_null_becomes_a_value_and_goes_again(store):
    row = {"source": "bill", "id": "in_1", "total": None, "tax": 0}
    store.upsert(Invoice, [row], NOW)
    assert store.upsert(Invoice, [row | {"total": 0}], NOW) == 1, "null and 0 are not the same"
    assert store.upsert(Invoice, [row], NOW) == 1
    assert store.arrow("invoice").to_pylist()[0]["total"] is None


def test_arrow_keeps_types(store):
    store.upsert(Ticket, tickets(2), NOW)
    first, second = store.arrow("ticket").to_pylist()
    assert first["created_at"] == NOW
    assert first["tags"] is None
    assert second["tags"] in ('["a", "1"]', '["a","1"]')
    big = {"source": "bill", "id": "in_2", "total": 9_007_199_254_740_993}
    store.upsert(Invoice, [big], NOW)
    assert store.arrow("invoice").to_pylist()[0]["total"] == 9_007_199_254_740_993


@pytest.mark.parametrize("table", sorted(TABLES))
def test_every_table_reads_empty(store, table):
    assert store.arrow(table).num_rows == 0


def test_one_key_in_two_sources_is_two_records(store):
    rows = [{"source": s, "id": "7", "email": f"a@{s}.example"} for s in ("portal", "sheet")]
    assert store.upsert(Developer, rows, NOW) == 2


def test_a_sheet_is_the_whole_truth_of_its_source(store):
    store.upsert(Developer, [{"source": "sheet", "id": str(n)} for n in range(1200)], NOW)
    store.upsert(Developer, [{"source": "portal", "id": "x"}], NOW)
    assert store.keep_only(Developer, "sheet", {"1", "2"}) == 1198
    assert store.ids(Developer, "sheet") == {"1", "2"}
    assert store.ids(Developer, "portal") == {"x"}
    assert store.records_version("developer") == 3


def test_a_failed_batch_leaves_nothing_behind(store):
    bad = [*tickets(2), {"source": "desk", "id": None}]
    with pytest.raises(Exception, match=r"(?i)null"):
        store.upsert(Ticket, bad, NOW)
    assert store.arrow("ticket").num_rows == 0
    assert store.records_version("ticket") == 0


def test_judgements_are_kept_and_move_their_version(store):
    note = store.judge(AccountNote(account_id="org:1", text="Called", author="ada", decided_at=NOW))
    assert note.id is not None
    note.undone_at = LATER
    store.judge(note)
    with store.session() as session:
        assert [n.undone_at for n in session.exec(select(AccountNote))] == [LATER]
    assert store.records_version("account_note") == 2


def test_a_version_of_a_model_is_kept_as_it_was_and_moves_no_version_of_records(store):
    first = {
        "version": "2026-06-30 abc",
        "window_day": 14,
        "learned_on": NOW.date(),
        "intercept": -3.1,
        "base_rate": 0.1 + 0.2,
    }
    first |= {
        "accounts": 900,
        "conversions": 60,
        "entered_from": NOW.date(),
        "entered_to": NOW.date(),
        "pace": [0.0, 1 / 3],
    }
    traits = [{"trait": "writes", "weight": 1 / 7, "mean": 0.1}]
    before = store.records_versions()
    assert store.keep_models([TriageModel(traits=traits, **first)]) == 1
    assert store.keep_models([TriageModel(traits=[], **(first | {"intercept": 9.0}))]) == 0
    kept = store.arrow("triage_model").to_pylist()[0]
    assert (kept["intercept"], kept["base_rate"]) == (-3.1, 0.1 + 0.2), "to the last bit"
    assert json.loads(kept["traits"]) == traits
    assert json.loads(kept["pace"]) == [0.0, 1 / 3]
    assert store.records_versions() == before


def decided(account: str) -> list:
    """An owner, a move and a note about an account, decided together."""
    by = {"author": "ada", "decided_at": NOW, "account_id": account}
    move = AccountMove(
        stage="first_call",
        stall_reason="auth_refused",
        status="contacted",
        due_on=date(2026, 7, 9),
        contacted_at=NOW,
        **by,
    )
    return [AccountOwner(owner="Kim", **by), move, AccountNote(text="Called", **by)]


def test_decisions_that_were_made_together_are_kept_together(store):
    ids = store.judge_all([one for n in range(3) for one in decided(f"org:{n}")])
    assert len(ids) == 9
    assert [store.records_version(table) for table in ("account_owner", "account_move", "account_note")] == [1, 1, 1]
    moves = store.arrow("account_move").to_pylist()
    assert [row["account_id"] for row in moves] == ["org:0", "org:1", "org:2"]
    assert (moves[0]["due_on"], moves[0]["contacted_at"], moves[0]["next_action"]) == (date(2026, 7, 9), NOW, None)


def test_where_one_decision_cannot_be_kept_none_is(store):
    wrong = AccountMove(account_id="org:9", stage=None, status="open", author="ada", decided_at=NOW)
    with pytest.raises(Exception, match=r"(?i)null"):
        store.judge_all([*decided("org:1"), wrong])
    assert store.arrow("account_owner").num_rows == store.arrow("account_move").num_rows == 0
    assert store.records_version("account_owner") == 0


def test_undoing_many_dates_their_end_once(store):
    ids = store.judge_all(
        [AccountNote(account_id=f"org:{n}", text="x", author="ada", decided_at=NOW) for n in range(1200)]
    )
    assert store.undo(AccountNote, ids[:700], NOW) == 700
    assert store.undo(AccountNote, ids, LATER) == 500, "what was undone before keeps its day"
    assert store.undo(AccountNote, ids, LATER) == 0
    undone = store.arrow("account_note").column("undone_at").to_pylist()
    assert (undone.count(NOW), undone.count(LATER)) == (700, 500)
    assert store.records_version("account_note") == 3, "nothing undone, nothing to build"


def test_foreign_keys_hold(store):
    chunk = {"id": "c", "file_id": "no such file", "source": "s", "path": "p", "start_offset": 0, "end_offset": 1,
             "first_line_no": 1, "lines": 1, "accepted": 1, "rejected": 0, "blank": 0, "read_at": NOW}  # fmt: skip
    with pytest.raises(Exception, match=r"(?i)foreign key"), store.session() as session:
        session.add(LogChunk(**chunk))


def test_sqlite_is_in_wal_mode(tmp_path, monkeypatch):
    monkeypatch.delenv("DATABASE_URL", raising=False)
    opened = open_store(tmp_path)
    with opened.engine.connect() as connection:
        assert connection.execute(text("PRAGMA journal_mode")).scalar() == "wal"
        assert connection.execute(text("PRAGMA foreign_keys")).scalar() == 1
    opened.engine.dispose()


def test_every_record_has_its_key_and_its_table(store):
    tables = set(inspect(store.engine).get_table_names())
    assert set(RECORD_TABLES) <= tables
    for model in RECORD_TABLES.values():
        assert [c.name for c in model.__table__.primary_key] == ["source", "id"]


def test_the_salt_is_made_once_and_is_private(tmp_path):
    first = salt(tmp_path)
    assert len(first) == 32
    assert salt(tmp_path) == first
    assert stat.S_IMODE(os.stat(tmp_path / "salt").st_mode) == 0o600


def test_what_rests_on_an_older_state_is_not_kept(store):
    seen = store.records_versions()
    store.judge_all(decided("org:1"), seen)
    with pytest.raises(Overtaken, match="account_owner"):
        store.judge_all(decided("org:1"), seen)
    assert store.arrow("account_owner").num_rows == store.arrow("account_note").num_rows == 1
    assert store.records_versions()["account_owner"] == 1
    store.judge_all(decided("org:2"), store.records_versions())
    assert store.arrow("account_owner").num_rows == 2


def test_of_many_at_the_same_moment_one_comes_first(store):
    seen = store.records_versions()
    together = Barrier(8)

    def decide(name: str) -> str | None:
        together.wait()
        try:
            store.judge_all([AccountOwner(account_id="org:1", owner=name, author=name, decided_at=NOW)], seen)
        except Overtaken:
            return None
        return name

    with ThreadPoolExecutor(8) as people:
        kept = [name for name in people.map(decide, "abcdefgh") if name]
    assert len(kept) == 1
    assert store.arrow("account_owner").column("owner").to_pylist() == kept


def test_a_writer_waits_for_another_and_says_when_it_took_too_long(tmp_path, monkeypatch):
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setattr("data_sources.store.BUSY_FOR", 0.5)
    patient = new_store(tmp_path)
    held = AccountNote(account_id="org:1", text="x", author="ada", decided_at=NOW)
    with sqlite3.connect(tmp_path / "store.db", isolation_level=None, check_same_thread=False) as other:
        other.execute("begin immediate")
        with pytest.raises(StoreAway, match=r"store\.db.*locked.*Nothing of what was being done was kept"):
            patient.judge(held)
        ending = Timer(0.2, other.execute, ["commit"])
        ending.start()
        patient.judge(held)
        ending.join()
    assert patient.arrow("account_note").num_rows == 1
    patient.engine.dispose()


@pytest.mark.postgres
def test_a_server_that_is_not_there_is_said_without_secrets(tmp_path, monkeypatch):
    monkeypatch.setattr("data_sources.connected.WITHIN", 0.3)
    monkeypatch.setenv("DATABASE_URL", "postgresql://someone:hidden@127.0.0.1:1/none")
    with pytest.raises(StoreAway, match=r"none at 127\.0\.0\.1:1.*refused") as said:
        open_store(tmp_path)
    assert "hidden" not in str(said.value)
