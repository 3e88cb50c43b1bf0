"""Writes what the vendors hold, an object a line, so that the vendor server can page through it without parsing it."""

import json
from pathlib import Path
from typing import Any


def write_pages(path: Path, rows: list[dict[str, Any]], time_of=None) -> None:
    """One object a line in the order of `rows`: its id, its time (epoch seconds, 0 for none) and its JSON, by tabs."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as file:
        for row in rows:
            body = json.dumps(row, separators=(",", ":"), ensure_ascii=False)
            file.write(f"{row['id']}\t{time_of(row) if time_of else 0}\t{body}\n")


def read_pages(path: Path) -> tuple[list[bytes], list[int], list[bytes]]:
    """Ids, times and JSON of every object, as `write_pages` left them. A file that is not there holds nothing."""
    if not path.is_file():
        return [], [], []
    rows = [line.split(b"\t", 2) for line in path.read_bytes().split(b"\n") if line]
    return [row[0] for row in rows], [int(row[1]) for row in rows], [row[2] for row in rows]
