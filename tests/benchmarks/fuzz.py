"""A million mutated lines of every format through a real ingest: nothing crashes, and every line is accounted for."""

import random
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlmodel import select

from data_sources.ledger import LogChunk
from data_sources.program import load
from data_sources.store import open_store
from sql.ingest import ingest
from sql.requests import formats
from tests.sql.requests.mutated import header, mutated, samples

LINES = 1_000_000
GOOD = 0.3


def run(scale: float = 1.0) -> dict[str, Any]:
    """lines (a million at scale 1), crashed and unaccounted (0), accepted and rejected as shares of the lines."""
    each = max(1, int(LINES * scale) // len(formats()))
    sums, written, crashed = {"lines": 0, "accepted": 0, "rejected": 0, "blank": 0}, 0, 0
    for number, form in enumerate(formats()):
        with tempfile.TemporaryDirectory() as folder:
            written += _write(Path(folder), form, each, random.Random(number))
            read, errors = _read(Path(folder))
        crashed += len(errors)
        for error in errors:
            print(f"{form}: {error}", flush=True)
        for name in sums:
            sums[name] += read[name]
        print(f"{form}: {read}", flush=True)
    return {
        "lines": sums["lines"],
        "written": written,
        "crashed": crashed,
        "unaccounted": sums["lines"] - sums["accepted"] - sums["rejected"] - sums["blank"],
        "accepted": round(sums["accepted"] / sums["lines"], 3),
        "rejected": round(sums["rejected"] / sums["lines"], 3),
    }


def _write(home: Path, form: str, lines: int, chance: random.Random) -> int:
    (home / "logs").mkdir()
    source = f'[[source]]\nname = "gateway"\nkind = "logs"\npaths = ["logs/*"]\nformat = "{form}"\n'
    (home / "program.toml").write_text(f'[program]\nname = "Fuzz"\n{source}')
    good = samples()[form]
    with (home / "logs" / "access.log").open("wb") as file:
        file.write(header(form))
        for _ in range(lines):
            file.write((good if chance.random() < GOOD else mutated(good, chance)) + b"\n")
    return lines


def _read(home: Path) -> tuple[dict[str, int], list[Any]]:
    store = open_store(home)
    errors = ingest(store, load(home), None, datetime(2026, 6, 10)).errors
    with store.session() as session:
        chunks = list(session.exec(select(LogChunk)))
    store.engine.dispose()
    return {
        name: sum(getattr(one, name) for one in chunks) for name in ("lines", "accepted", "rejected", "blank")
    }, errors
