"""Snapshots: immutable builds of the warehouse, published by moving one pointer, read by a cursor a query.

`snapshots/CURRENT` holds the name of the published one; `snapshots/FAILED` tells why the last build was not.
"""

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from data_sources import durable

KEPT = 3
MISMATCH = (duckdb.CatalogException, duckdb.BinderException)

_lock = threading.Lock()
_open: dict[Path, duckdb.DuckDBPyConnection] = {}
_facts: dict[Path, dict[str, Any]] = {}


@dataclass(frozen=True)
class Snapshot:
    """One published build. Times are naive UTC; `failed` is the message of a build that failed after it, else None."""

    name: str
    path: Path
    as_of: datetime
    built_at: datetime
    fingerprint: str
    failed: str | None = None

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """A cursor of its own on the snapshot, read-only; safe in any thread. Close it when done."""
        return _connection(self.path).cursor()

    def execute(self, statement: str, values: Mapping[str, Any] | None = None) -> tuple[list[str], list[tuple]]:
        """Run one query and return its column names and rows."""
        with self.cursor() as cursor:
            cursor.execute(statement, dict(values or {}))
            return [column[0] for column in cursor.description], cursor.fetchall()


def current(home: str | Path) -> Snapshot | None:
    """The published snapshot of a home, or None before the first."""
    folder = Path(home) / "snapshots"
    for _ in range(3):  # a publication may remove the oldest file between two of these steps
        try:
            name = (folder / "CURRENT").read_text(encoding="utf-8").strip()
        except FileNotFoundError:
            return None
        path = folder / f"{name}.duckdb"
        try:
            facts = _read_facts(path)
        except duckdb.IOException:
            if path.exists():
                raise
            continue
        return Snapshot(name=name, path=path, failed=failure(home), **facts)
    raise FileNotFoundError(f"{folder / 'CURRENT'} names {name}, which is not there; run a refresh.")


def failure(home: str | Path) -> str | None:
    """The message of the last build, when it failed."""
    path = Path(home) / "snapshots" / "FAILED"
    try:
        return json.loads(path.read_text(encoding="utf-8"))["message"]
    except FileNotFoundError:
        return None


def publish(home: str | Path, aside: Path, name: str) -> Path:
    """Make a finished build the current snapshot: the file first, then the pointer, each durable before the next."""
    folder = Path(home) / "snapshots"
    target = folder / f"{name}.duckdb"
    durable.move_in(aside, target)
    durable.write_text(folder / "CURRENT", name + "\n")
    (folder / "FAILED").unlink(missing_ok=True)
    for old in sorted(folder.glob("*.duckdb"))[:-KEPT]:
        if old != target:
            old.unlink(missing_ok=True)
    return target


def fail(home: str | Path, at: datetime, message: str) -> None:
    """Note that a build failed; the last good snapshot stays the current one."""
    folder = Path(home) / "snapshots"
    folder.mkdir(parents=True, exist_ok=True)
    durable.write_text(folder / "FAILED", json.dumps({"at": at.isoformat(), "message": message}) + "\n")


def new_name(home: str | Path, at: datetime) -> str:
    """A name for a build that no snapshot of this home has, and that sorts after all of them."""
    folder = Path(home) / "snapshots"
    taken = {path.stem for path in folder.glob("*.duckdb")}
    stamp = at.strftime("%Y%m%dT%H%M%SZ")
    latest = max(taken, default="")
    if stamp > latest:
        return stamp
    base, _, number = latest.partition("-")
    return f"{base}-{int(number or 1) + 1:04d}"


def _connection(path: Path) -> duckdb.DuckDBPyConnection:
    """The one read-only connection of this process to a snapshot; those of files that are gone are let go."""
    with _lock:
        if path not in _open:
            for other in [other for other in _open if not other.exists()]:
                del _open[other]
                _facts.pop(other, None)
            _open[path] = duckdb.connect(str(path), read_only=True)
        return _open[path]


def _read_facts(path: Path) -> dict[str, Any]:
    if path not in _facts:
        with _connection(path).cursor() as cursor:
            row = cursor.execute("select as_of, built_at, fingerprint from snapshot_info").fetchone()
        _facts[path] = dict(zip(("as_of", "built_at", "fingerprint"), row, strict=True))
    return _facts[path]
