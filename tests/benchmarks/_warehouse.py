"""What benchmarks of marts share: a process of its own, an empty warehouse with a program, and the time that some of its marts take."""

import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from data_sources.lakes import FolderLake
from data_sources.program import Program
from data_sources.store import open_store
from sql import load, models
from sql.engines import duckdb as engine

ROOT = Path(__file__).parents[2]


def apart(module: str, size: int) -> dict[str, Any]:
    """Run `python -m MODULE SIZE` in a process of its own, so that its peak memory is its own; its last line is JSON, the others are printed."""
    done = subprocess.run(
        [sys.executable, "-m", module, str(size)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(done.stderr)
    *said, figures = done.stdout.splitlines()
    print(*said, sep="\n", flush=True)
    return json.loads(figures)


def empty(folder: Path, name: str, program: Program, now: datetime) -> Any:
    """A database file with the records and counts of an empty home, and this program."""
    con = engine.connect(folder / f"{name}.duckdb", memory_limit="2GB")
    con.execute("set temp_directory = $path", {"path": str(folder / "spill")})
    con.execute("create table snapshot_info as select cast($now as timestamp) as as_of", {"now": now})
    load.prepare(con)
    load.records(con, open_store(folder))
    load.program(con, program)
    load.counts(con, FolderLake(folder / "lake"), [])
    return con


def timed(con: Any, now: datetime, wanted: Callable[[models.Model], bool]) -> dict[str, Any]:
    """Build what the wanted models rest on and them, then them alone once more: the seconds of that, and the peak memory of all."""
    found = models.find()
    ours = [model for model in found if wanted(model)]
    began = time.perf_counter()
    models.build(con, now, models.needed_by({model.name for model in ours}, found, con))
    print(f"everything that they rest on and them, the first time: {time.perf_counter() - began:.1f} s", flush=True)
    for model in ours:
        con.execute(f'drop {"view" if model.materialise == "view" else "table"} if exists "{model.name}"')
    con.execute("checkpoint")
    began, starts = time.perf_counter(), []
    models.build(con, now, ours, lambda model, n, of: starts.append((time.perf_counter() - began, model.name)))
    seconds = time.perf_counter() - began
    print("started at: " + ", ".join(f"{name} {at:.1f}" for at, name in starts), flush=True)
    return {"seconds": round(seconds, 1), "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)}
