"""Accounts with the moments at which they reached their tier's stages, and the tables that conversion is asked of, built of them by the product's SQL."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import duckdb
import pyarrow as pa

from sql.catalogue import ROOT
from sql.engines import duckdb as engine

LADDER = ["signed_up", "credential_issued", "first_call", "paying"]
TABLES = {
    "account_stage": "account_id varchar, tier varchar, stage varchar, position integer, reached_at timestamp, event varchar, event_ref varchar",
    "entrant": "account_id varchar, tier varchar, entered_at timestamp",
    "entrant_segment": "account_id varchar, tier varchar, dimension varchar, value varchar",
    "program_stage": "tier varchar, stage varchar, position integer",
    "stall": "account_id varchar, tier varchar, stage varchar, stalled boolean",
    "portal_event": "visitor_ref varchar, developer_ref varchar, kind varchar, occurred_at timestamp",
}
MARTS = ("stage_mover", "conversion_step", "conversion_segment")


@dataclass
class Dated:
    """One account: the moments of its stages in order, never falling; its values by dimension.

    `at_once` are the places of stages that one event dated together with the stage before.
    """

    id: str
    moments: list[datetime]
    tier: str = "open"
    values: list[tuple[str, str | None]] = field(default_factory=list)
    at_once: frozenset[int] = frozenset()

    @property
    def entered(self) -> datetime:
        """The moment of its first stage."""
        return self.moments[0]


def built(
    accounts: list[Dated], as_of: datetime, window: int = 30, stages: list[str] | None = None
) -> duckdb.DuckDBPyConnection:
    """A database that funnel, segments and survival can be asked of."""
    names = stages or LADDER
    con = engine.connect()
    con.execute("create table snapshot_info as select cast(? as timestamp) as as_of", [as_of])
    con.execute("create table setting as select cast(? as integer) as conversion_window_days", [window])
    tiers = sorted({account.tier for account in accounts} | {"open"})
    data: dict[str, list[tuple]] = {
        "program_stage": [(tier, name, place) for tier in tiers for place, name in enumerate(names, 1)],
        "entrant": [(one.id, one.tier, one.entered) for one in accounts],
        "entrant_segment": [(one.id, one.tier, name, value) for one in accounts for name, value in one.values],
        "account_stage": [
            (one.id, one.tier, names[place], place + 1, moment, "event", f"{one.id}-{place}")
            for one in accounts
            for place, moment in enumerate(one.moments)
        ],
    }
    for table, columns in TABLES.items():
        con.execute(f"create table {table} ({columns})")
        fill(con, table, data.get(table, []))
    for mart in MARTS:
        con.execute(f"create table {mart} as {(ROOT / 'marts' / 'onboarding' / f'{mart}.sql').read_text()}")
    return con


def fill(con: duckdb.DuckDBPyConnection, table: str, rows: list[tuple[Any, ...]]) -> None:
    """Put rows into a table, in the order of its columns."""
    if rows:
        con.register("arrived", pa.table({f"c{n}": list(column) for n, column in enumerate(zip(*rows, strict=True))}))
        con.execute(f"insert into {table} select * from arrived")
        con.unregister("arrived")
