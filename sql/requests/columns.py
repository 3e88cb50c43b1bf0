"""Formats of a company's own, from the columns that program.toml names. They are never recognised by themselves.

Names from the file become field names of a JSON shape, or are compared with a header: they are quoted, never SQL.
"""

import json
from functools import cache
from pathlib import Path
from re import compile as pattern
from typing import Any

from data_sources.kinds import LogSource
from data_sources.log_columns import LogColumns
from sql.engines import duckdb as engine
from sql.requests import Format, FormatError
from sql.requests.sheets import DELIMITERS, Sheet

TEMPLATE = Path(__file__).parent / "templates" / "columns.sql"
LABELS = {"json": "JSON with columns of its own", "csv": "CSV with columns of its own"}
MOMENTS = {
    "iso": "iso_time(occurred_at)",
    "epoch_s": "epoch_ms_time(1000 * try_cast(occurred_at as double))",
    "epoch_ms": "epoch_ms_time(try_cast(occurred_at as double))",
    "clf": "clf_time(ltrim(rtrim(occurred_at, ']'), '['))",
}
FACTORS = {"s": "1000", "ms": "1", "us": "0.001", "ns": "0.000001", None: "1"}


def named_columns(source: LogSource) -> Format:
    """The format of a source that names its columns; raises FormatError where it names none."""
    if source.columns is None:
        raise FormatError(f"format '{source.format}' needs [source.columns] in program.toml")
    return _format(source.format, tuple(source.columns.named.items()), source.time or "iso", source.latency_unit)


@cache
def _format(kind: str, named: tuple[tuple[str, Any], ...], time: str, unit: str | None) -> Format:
    columns = dict(named)
    shape = _shape(str(name) for name in columns.values()) if kind == "json" else None
    fields = ", ".join(f"{_value(kind, columns, ours)} as {ours}" for ours in LogColumns.model_fields)
    broken = "case when is_broken then 'not a JSON object: cut short, interleaved or plain text' end"
    what = (
        f"{columns['occurred_at']}"
        if kind == "json" or isinstance(columns["occurred_at"], str)
        else f"cell {columns['occurred_at']}"
    )
    filled = {
        "{misfit}": broken if kind == "json" else "misfit",
        "{fields}": fields,
        "{moment}": MOMENTS[time],
        "{factor}": FACTORS[unit],
        "{no_time}": engine.quoted(f"no {what}, which is its time"),
        "{wrong_time}": engine.quoted(f"{what} is no time as written for {time}: "),
    }
    text = TEMPLATE.read_text(encoding="utf-8")
    for mark, value in filled.items():
        text = text.replace(mark, value)
    secret_keys = _spellings(columns["api_key"]) if kind == "json" and "api_key" in columns else ()
    sheet = _sheet(columns) if kind == "csv" else None
    return Format(
        kind, LABELS[kind], text, shape, pattern(b""), "", "", sheet=sheet, secret_keys=secret_keys, is_own=True
    )


def _value(kind: str, columns: dict[str, Any], ours: str) -> str:
    """A column of ours as an expression over `r`, without the dash that stands for none; a key that holds dots also by that name."""
    if ours not in columns:
        return "cast(null as varchar)"
    if kind == "csv":
        return f"said(r.{engine.identifier(ours)})"
    path = columns[ours]
    nested = ".".join(engine.identifier(part) for part in path.split("."))
    return f"said(r.{nested})" if "." not in path else f"said(coalesce(r.{engine.identifier(path)}, r.{nested}))"


def _spellings(path: str) -> tuple[str, ...]:
    """How a key may be written in JSON, as it stands and escaped; of a path the whole and its last key."""
    names = (path, path.rsplit(".", 1)[-1])
    return tuple({json.dumps(name, ensure_ascii=ascii)[1:-1]: None for name in names for ascii in (True, False)})


def _shape(paths: Any) -> dict[str, Any]:
    shape: dict[str, Any] = {}
    for path in paths:
        shape[path] = "VARCHAR"
        *above, last = path.split(".")
        level = shape
        for part in above:
            level = level.setdefault(part, {})
        level[last] = "VARCHAR"
    return shape


def _sheet(columns: dict[str, Any]) -> Sheet:
    secret = ("api_key",) if "api_key" in columns else ()
    if isinstance(columns["occurred_at"], int):
        return Sheet(secret=secret, positions=tuple(columns.items()))
    return Sheet(tuple((ours, (name,)) for ours, name in columns.items()), tuple(columns), DELIMITERS, None, secret)
