"""Records → accounts through the models of identity alone, over a real store."""

from datetime import datetime
from pathlib import Path

import duckdb

from data_sources.program import Program, ProgramSection
from data_sources.records import RECORD_TABLES
from data_sources.store import TABLES, open_store
from sql import load, models

NOW = datetime(2026, 6, 30)
WANTED = {"account_member", "account_name", "identity_held"}


def chain() -> list[models.Model]:
    """The models from records to accounts, in the order in which they are built."""
    inputs = {f"raw_{table}" for table in TABLES}
    found = models.find()
    setting = [model for model in found if model.name == "setting"]
    return setting + [m for m in models.between(found, duckdb.connect(), inputs, WANTED) if m not in setting]


def resolve(
    folder: Path, chosen: list[models.Model], rows: dict[str, list[dict]], decisions=(), **program
) -> duckdb.DuckDBPyConnection:
    """A database with the chain built over these records, stored in the order in which they come."""
    folder.mkdir(exist_ok=True)
    store = open_store(folder)
    for table, records in rows.items():
        store.upsert(RECORD_TABLES[table], records, NOW)
    for decision in decisions:
        store.judge(decision)
    con = duckdb.connect()
    load.prepare(con)
    load.records(con, store)
    section = ProgramSection(name="Test", internal_domains=["house.example"], **program)
    load.program(con, Program(program=section))
    store.engine.dispose()
    con.execute("create table snapshot_info as select timestamp '2026-06-30' as as_of")
    models.build(con, NOW, chosen)
    return con


def accounts(con: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Node → account id, of records."""
    return dict(con.execute("select node, account_id from account_member where source is not null").fetchall())
