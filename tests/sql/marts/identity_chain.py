"""Records → accounts through the models of identity alone, over a real store."""

from datetime import datetime
from pathlib import Path

import duckdb

from data_sources.program import Program, ProgramSection
from data_sources.records import RECORD_TABLES
from sql import load, models
from tests.new_store import new_store
from tests.sql.marts.world import loaded

NOW = datetime(2026, 6, 30)
WANTED = {"account_member", "account_name", "identity_held"}


def chain() -> list[models.Model]:
    """The models from records to accounts, in the order in which they are built."""
    return models.needed(models.find(), duckdb.connect(), WANTED)


def resolve(
    folder: Path, chosen: list[models.Model], rows: dict[str, list[dict]], decisions=(), **program
) -> duckdb.DuckDBPyConnection:
    """A database with the chain built over these records, stored in the order in which they come."""
    store = new_store(folder)
    for table, records in rows.items():
        store.upsert(RECORD_TABLES[table], records, NOW)
    for decision in decisions:
        store.judge(decision)
    con = loaded(store)
    section = ProgramSection(name="Test", internal_domains=["house.example"], **program)
    load.program(con, Program(program=section))
    store.engine.dispose()
    con.execute("create table snapshot_info as select timestamp '2026-06-30' as as_of")
    models.build(con, NOW, chosen)
    return con


def accounts(con: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Node → account id, of records."""
    return dict(con.execute("select node, account_id from account_member where source is not null").fetchall())
