"""Every log format against a peer on the same lines: text against GoAccess's report, JSON against DuckDB's bare typed read.

Whole processes, peer and ours in turn, medians. Ours writes Parquet, ledger and rejects on all cores; GoAccess has one
thread, DuckDB all cores and adds up the fields that ours reads, and once more copies them to Parquet as they are.
"""

import json
import os
import random
import shutil
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

from sql.requests import Format, formats
from tests.benchmarks.format_lines import GOACCESS, HEADERS, LINE_OF, Call
from tests.benchmarks.ingest import OURS, aggregate, copy, queried, speed, timed

LINES = 2_000_000
LINES_A_FILE = 250_000
REPEATS = 3
TEXT_AT_LEAST, JSON_AT_LEAST = 3.0, 0.4


def run(scale: float = 1.0) -> dict[str, Any]:
    """`<format>_vs_goaccess` (at least 3; null where GoAccess is not installed or cannot read it) and `<format>_vs_duckdb` (at
    least 0.4) with `<format>_vs_duckdb_copy` beside it: our lines a second over theirs; and `missed`, the names of those below.
    `BENCHMARK_FORMATS=kong,envoy` measures these alone."""
    lines = max(1000, int(LINES * scale))
    wanted = (
        os.environ.get("BENCHMARK_FORMATS", "").split(",") if os.environ.get("BENCHMARK_FORMATS") else sorted(LINE_OF)
    )
    if without := set(formats()) - set(LINE_OF):
        print(f"no lines are written for {', '.join(sorted(without))}: not measured", flush=True)
    figures: dict[str, Any] = {}
    for name in wanted:
        with tempfile.TemporaryDirectory() as folder:
            figures |= _format(Path(folder), formats()[name], lines)
    missed = [
        name
        for name, ratio in figures.items()
        if ratio is not None
        and not name.endswith("_copy")
        and ratio < (TEXT_AT_LEAST if name.endswith("goaccess") else JSON_AT_LEAST)
    ]
    return figures | {"missed": missed}


def _format(folder: Path, form: Format, lines: int) -> dict[str, float | None]:
    size = _write(folder / "logs", form.name, lines)
    peers = {"duckdb": _duckdb, "duckdb_copy": _duckdb_copy} if form.shape else {"goaccess": _goaccess}
    theirs: dict[str, list[float]] = {peer: [] for peer in peers}
    ours = []
    for _ in range(REPEATS):
        for peer, measured in peers.items():
            if (seconds := measured(folder, form)) is not None:
                theirs[peer].append(seconds)
        ours.append(_ours(folder, form, lines))
    print(f"{form.name}: {size / lines:.0f} bytes a line, ours {speed(lines, ours)}", end="", flush=True)
    print("".join(f", {peer} {speed(lines, took) if took else 'none'}" for peer, took in theirs.items()), flush=True)
    return {
        f"{form.name}_vs_{peer}": round(statistics.median(took) / statistics.median(ours), 2) if took else None
        for peer, took in theirs.items()
    }


def _write(logs: Path, name: str, lines: int) -> int:
    logs.mkdir(parents=True)
    chance, size = random.Random(11), 0
    for number, first in enumerate(range(0, lines, LINES_A_FILE)):
        path = logs / f"access-{number:02}.log"
        with path.open("w", encoding="utf-8") as file:
            file.write(HEADERS.get(name, ""))
            file.writelines(
                LINE_OF[name](Call(n, chance)) + "\n" for n in range(first, min(lines, first + LINES_A_FILE))
            )
        size += path.stat().st_size
    return size


def _ours(folder: Path, form: Format, lines: int) -> float:
    home = folder / "home"
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir()
    source = '[[source]]\nname = "gateway"\nkind = "logs"\npaths = ["logs/*.log"]\n'
    (home / "program.toml").write_text(f'[program]\nname = "Benchmark"\n{source}')
    (home / "logs").symlink_to(folder / "logs")
    seconds, said = timed_read(home)
    assert said["accepted"] == lines, (form.name, said)
    return seconds


def timed_read(home: Path) -> tuple[float, dict[str, Any]]:
    """Seconds of an ingest into a fresh home, and what it read."""
    seconds, out = timed([sys.executable, "-c", OURS, str(home)])
    return seconds, json.loads(out.splitlines()[-1])


def _goaccess(folder: Path, form: Format) -> float | None:
    goaccess = shutil.which("goaccess")
    if not goaccess or form.name not in GOACCESS:
        return None
    how = [
        f"--{option}={value}"
        for option, value in zip(("log-format", "date-format", "time-format"), GOACCESS[form.name], strict=False)
    ]
    report = folder / "report.json"
    files = [str(path) for path in sorted((folder / "logs").iterdir())]
    seconds, _ = timed([goaccess, *files, "-o", str(report), *how, "--no-progress", "--no-global-config"])
    assert (
        f'"valid_requests": {sum(path.read_text().count(chr(10)) for path in (folder / "logs").iterdir())}'
        in report.read_text()
    )
    return seconds


def _duckdb(folder: Path, form: Format) -> float:
    return queried(folder, f"select {aggregate(folder / 'logs', _shape_of_lines(form))}")


def _duckdb_copy(folder: Path, form: Format) -> float:
    return queried(folder, copy(folder / "logs", _shape_of_lines(form), folder / "peer.parquet"))


def _shape_of_lines(form: Format) -> dict[str, Any]:
    """The fields of a whole line: an OTLP line holds the records that a format's shape names."""
    from sql.engines.duckdb import OTLP_RESOURCE

    if form.name != "otel":
        return form.shape
    return {"resourceSpans": [{"resource": OTLP_RESOURCE, "scopeSpans": [{"spans": [form.shape["span"]]}]}]}
