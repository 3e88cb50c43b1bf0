"""Writes what was read of a chunk as Parquet: events by UTC day, hashed, and rejected lines without secrets."""

import os
from pathlib import Path

from data_sources.program import LogSource
from sql.engines import duckdb as engine
from sql.requests import EVENT_COLUMNS
from sql.requests.read import Counts, Quick


def lake_columns(source: LogSource, chunk_id: str) -> str:
    """The lake's columns as a SELECT list over a format's events, named `event`."""
    service = _literal(source.service) if source.service else "event.service"
    made = {
        "source": _literal(source.name),
        "surface": _literal(source.surface),
        "environment": f"cast({_literal(source.environment)} as varchar)",
        "service": service,
        "end_user_ref": "keyed_hash(event.end_user_ref)",
        "client_ip": "keyed_hash(event.client_ip)",
    }
    columns = [f"{made.get(name, f'event.{name}')} as {name}" for name in EVENT_COLUMNS]
    return ", ".join([*columns, f"{_literal(chunk_id)} as chunk_id"])


def write_events(con: engine.Connection, quick: Quick, counts: Counts, folder: Path) -> list[str]:
    """Write the events of a chunk as `DAY.parquet` files into `folder`; returns the days ("2026-11-24"), ordered."""
    if not counts.accepted:
        return []
    first, last = (str(moment.date()) for moment in (counts.first_at, counts.last_at))
    is_quick = quick.path.exists()
    if is_quick and first == last and counts.careful_accepted == 0:
        os.replace(quick.path, folder / f"{first}.parquet")
        return [first]
    ways = [f"select {quick.columns} from careful as event where problem is null"]
    if is_quick:
        ways.insert(0, f"select * from read_parquet({engine.quoted(str(quick.path))})")
    con.execute(f"create or replace temp view lake_event as {' union all '.join(ways)}")
    days = [first]
    if first != last:
        found = con.execute("select distinct utc_day(occurred_at) as day from lake_event order by day").fetchall()
        days = [day for (day,) in found]
    for day in days:
        only = f"where occurred_at >= timestamp '{day}' and occurred_at < timestamp '{day}' + interval 1 day"
        target = engine.quoted(str(folder / f"{day}.parquet"))
        con.execute(f"copy (select * from lake_event {only if len(days) > 1 else ''}) to {target} ({engine.PARQUET})")
    return days


def write_rejects(con: engine.Connection, source: LogSource, chunk_id: str, shown_path: str, folder: Path) -> Path:
    """Write the careful lines that are no event: source, file, line_no, reason, text. No secrets, no addresses."""
    target = folder / "rejected.parquet"
    con.execute(
        f"copy (select {_literal(source.name)} as source, {_literal(shown_path)} as file, line_no, "
        "without_addresses(redacted(problem)) as reason, without_addresses(redacted(line)) as text, "
        f"{_literal(chunk_id)} as chunk_id from careful where problem is not null and problem <> 'blank' "
        f"order by line_no) to {engine.quoted(str(target))} ({engine.PARQUET})"
    )
    return target


def _literal(value: str | None) -> str:
    return "null" if value is None else engine.quoted(value)
