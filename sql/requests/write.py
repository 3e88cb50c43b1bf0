"""Writes what was read of a chunk as Parquet: events by UTC day, hashed, and rejected lines without secrets."""

import os
from collections.abc import Sequence
from pathlib import Path

from data_sources.kinds import LogSource
from data_sources.places import Places
from sql.engines import duckdb as engine
from sql.requests import EVENT_COLUMNS, Format
from sql.requests.read import ADDRESS, Counts, Quick

CLOSED_DAY = "the events of its day were dropped after retention_days, so that the day cannot be counted again"


def lake_columns(source: LogSource, chunk_id: str, places: Places | None = None, form: Format | None = None) -> str:
    """The lake's columns as a SELECT list over a format's events, named `event`.

    What the source says of its environment goes before what the log says, where the format has that.
    Where `places` knows countries or networks, the connection must have been taught them (`engine.teach_places`).
    """
    service = f"with_side(event.service, {_literal(source.service)})" if source.service else "event.service"
    environment = f"cast({_literal(source.environment)} as varchar)"
    if form and form.says_environment and not source.environment:
        environment = "event.environment"
    made = {
        "source": _literal(source.name),
        "surface": _literal(source.surface),
        "environment": environment,
        "service": service,
        # no call takes a hundred days: such a number, or an infinite one, is none
        "latency_ms": "case when event.latency_ms < 1e10 then event.latency_ms end",
        "upstream_latency_ms": "case when event.upstream_latency_ms < 1e10 then event.upstream_latency_ms end",
        "end_user_ref": "keyed_hash(event.end_user_ref)",
        "client_ip": "keyed_hash(event.client_ip)",
        "client_country": _place("country", places is not None and places.knows_countries),
        "client_network": _place("network", places is not None and places.knows_networks),
    }
    columns = [f"{made.get(name, f'event.{name}')} as {name}" for name in EVENT_COLUMNS]
    return ", ".join([*columns, f"{_literal(chunk_id)} as chunk_id"])


def columns_with_address(source: LogSource, chunk_id: str, form: Format | None = None) -> str:
    """The same for an engine that cannot look addresses up: without places, and with the address itself."""
    return f"{lake_columns(source, chunk_id, None, form)}, event.client_ip as {ADDRESS}"


def write_events(con: engine.Connection, quick: Quick, counts: Counts, folder: Path) -> list[str]:
    """Write the events of a chunk as `DAY.parquet` files into `folder`; returns the days ("2026-11-24"), ordered."""
    files = quick.files
    careful = f"select {quick.columns} from careful as event where problem is null"
    if not files and counts.accepted:
        quick.write(con, "careful as event where problem is null")
        files = quick.files
    elif counts.careful_accepted:
        days = con.execute(f"select distinct {engine.DAY} from careful as event where problem is null").fetchall()
        for (day,) in days:
            parts = [f"select * from {engine.parquet(files[day])}"] if day in files else []
            of_day = f"{careful} and {engine.DAY} = {engine.quoted(day)}"
            files[day] = [_copy(con, " union all ".join([*parts, of_day]), folder / "mended" / f"{day}.parquet")]
    for day, written in files.items():
        whole = (
            written[0] if len(written) == 1 else _copy(con, f"from {engine.parquet(written)}", folder / "whole.parquet")
        )
        os.replace(whole, folder / f"{day}.parquet")
    return sorted(files)


def _copy(con: engine.Connection, select: str, target: Path) -> Path:
    target.parent.mkdir(exist_ok=True)
    con.execute(f"copy ({select}) to {engine.quoted(str(target))} ({engine.PARQUET})")
    return target


def write_rejects(
    con: engine.Connection,
    source: LogSource,
    chunk_id: str,
    shown_path: str,
    folder: Path,
    closed: Sequence[Path] = (),
) -> Path:
    """Write the careful lines that are no event: source, file, line_no, reason, text. No secrets, no addresses.

    `closed` are files of events whose days are closed; their lines are rejected, too, without their text.
    """
    target = folder / "rejected.parquet"
    of_closed_days = (
        f" union all select line_no, {_literal(CLOSED_DAY)}, cast(null as varchar) from {engine.parquet(closed)}"
        if closed
        else ""
    )
    con.execute(
        f"copy (select {_literal(source.name)} as source, {_literal(shown_path)} as file, line_no, reason, text, "
        f"{_literal(chunk_id)} as chunk_id from (select line_no, without_addresses(redacted(problem)) as reason, "
        "without_addresses(redacted(line)) as text from careful where problem is not null and problem <> 'blank'"
        f"{of_closed_days}) order by line_no) to {engine.quoted(str(target))} ({engine.PARQUET})"
    )
    return target


def count_events(con: engine.Connection, files: Sequence[Path]) -> int:
    """How many events files hold."""
    return con.execute(f"select count(*) from {engine.parquet(files)}").fetchone()[0] if files else 0


def _place(what: str, is_known: bool) -> str:
    return f"{what}_of_address(event.client_ip)" if is_known else "cast(null as varchar)"


def _literal(value: str | None) -> str:
    return "null" if value is None else engine.quoted(value)
