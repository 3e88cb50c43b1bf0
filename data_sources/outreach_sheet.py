"""Outreach from a CSV that somebody drops on the page: read as any sheet is, each row what one activity was."""

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from data_sources import tables
from data_sources.judgements import OUTREACH_DIRECTIONS
from data_sources.records import OutreachActivity
from data_sources.streams import Rejected


@dataclass(frozen=True)
class Sheet:
    """What a file holds: the fields of `OutreachEntered` by row, and the rows that do not fit as (line of the file, reason)."""

    activities: list[dict[str, Any]]
    rejected: list[tuple[int | None, str]]


def read(name: str, content: bytes, currency: str) -> Sheet:
    """Read a CSV or Parquet file. Raises SourceError, saying what it looks like, for one that is neither or has no fitting header.

    Money is in whole units of the row's currency, else of `currency`; a date is written year first. Whom a row was for is not read here: a row
    that names an organization is rejected, as its cost would fall on others. Who did it and its link go into the note.
    """
    layout = tables.layout_of(OutreachActivity)
    activities, rejected = [], []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sheet"
        path.write_bytes(content)
        for number, handed in tables.numbered_rows(layout, path, name, {}, currency, {}):
            if isinstance(handed, Rejected):
                rejected.append((number, handed.reason))
            elif lacking := _lacking(handed.row):
                rejected.append((number, lacking))
            else:
                activities.append(_fields(handed.row))
    return Sheet(activities, rejected)


def _lacking(record: dict[str, Any]) -> str:
    if not record.get("title"):
        return "title: empty"
    if record.get("occurred_at") is None:
        return "date: empty"
    if (record.get("direction") or "").lower() not in OUTREACH_DIRECTIONS:
        return f"direction: {record.get('direction')!r} is none of {', '.join(OUTREACH_DIRECTIONS)}"
    if record.get("organization_ref"):
        return f"organization_ref: {record['organization_ref']!r}: log it by the form, which asks for the account, or name the sheet in program.toml"
    for name in ("hours", "cost"):
        if (record.get(name) or 0) < 0:
            return f"{name}: below 0"
    return ""


def _fields(record: dict[str, Any]) -> dict[str, Any]:
    note = " · ".join(text for text in (record.get("owner") and f"by {record['owner']}", record.get("url")) if text)
    return {
        **({"reason": note} if note else {}),
        "title": record["title"],
        "direction": record["direction"].lower(),
        "channel": (record.get("channel") or "").strip().lower() or None,
        "happened_on": record["occurred_at"].date(),
        "hours": record.get("hours"),
        "currency": (record.get("currency") or "").lower() or None,
        "cost": record.get("cost"),
    }
