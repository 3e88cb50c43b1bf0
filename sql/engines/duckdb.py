"""DuckDB, in process: the default engine for requests and roll-ups, and the only one for marts and metrics."""

from pathlib import Path

import duckdb

MACROS = Path(__file__).with_name("duckdb.sql")


def connect(
    path: str | Path | None = None,
    read_only: bool = False,
    memory_limit: str | None = None,
    threads: int | None = None,
) -> duckdb.DuckDBPyConnection:
    """Open a DuckDB database (in memory without `path`) with the project's macros loaded.

    `memory_limit` is a size as DuckDB writes it ("1GB"). A read-only connection has no macros: it only asks.
    """
    config: dict[str, str | int] = {}
    if memory_limit:
        config["memory_limit"] = memory_limit
    if threads:
        config["threads"] = threads
    connection = duckdb.connect(str(path) if path else ":memory:", read_only=read_only, config=config)
    if not read_only and MACROS.exists():
        connection.execute(MACROS.read_text(encoding="utf-8"))
    return connection
