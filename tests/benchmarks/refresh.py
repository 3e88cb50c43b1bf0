"""How long a refresh takes when little is new: 1 % more log lines against everything, and nothing new at all."""

import gzip
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import zstandard

REQUESTS = 10_000_000
SHARE = 0.01
REPEATS = 3
LONGEST = 7200  # seconds that one command may take
AS_OF = "2026-06-30"
ROOT = Path(__file__).parents[2]
_OPEN = {".gz": gzip.open, ".zst": zstandard.open}


def run(scale: float = 1.0) -> dict:
    """At `scale` × 10 million demo requests: one_percent ≤ 0.10 of the first refresh, nothing_new_s ≤ 3.

    The newest 1 % of the lines of all logs are held back from the first refresh and come before the second. Whole
    processes; nothing new is a median of three, the other two cannot be repeated on the same home.
    """
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        _run("data_sources", "demo", "--home", home, "--requests", int(REQUESTS * scale), "--as-of", AS_OF)
        held = _hold_back(home / "logs")
        lines = sum(map(len, held.values()))
        print(f"{int(REQUESTS * scale):,} requests; the newest {lines:,} lines are held back", flush=True)
        first = _run("sql", "refresh", "--home", home)
        print(f"first refresh {first:.1f} s", flush=True)
        _release(held)
        later = _run("sql", "refresh", "--home", home)
        print(f"with the held-back lines {later:.1f} s", flush=True)
        nothing = statistics.median(_run("sql", "refresh", "--home", home) for _ in range(REPEATS))
        print(f"with nothing new {nothing:.2f} s", flush=True)
    return {
        "one_percent": round(later / first, 3),
        "nothing_new_s": round(nothing, 2),
        "first_s": round(first, 1),
        "one_percent_s": round(later, 1),
    }


def _hold_back(logs: Path) -> dict[Path, list[bytes]]:
    """Cut the newest lines out of the logs, newest file first, and return them by file; a file cut whole is not there."""
    files = sorted((path for path in logs.rglob("*") if path.is_file()), key=lambda path: (_day(path), path.name))
    left = round(SHARE * sum(len(_lines(path)) for path in files))
    held: dict[Path, list[bytes]] = {}
    for path in reversed(files):
        if left <= 0:
            break
        lines = _lines(path)
        kept = max(0, len(lines) - left)
        held[path] = lines[kept:]
        left -= len(held[path])
        path.unlink()
        if kept:
            _write(path, lines[:kept])
    return held


def _release(held: dict[Path, list[bytes]]) -> None:
    for path, lines in held.items():
        _write(path, lines)


def _day(path: Path) -> str:
    """The day in a log's name; logs without one are the newest."""
    digits = "".join(c for c in path.name if c.isdigit())
    return digits[:8] if len(digits) >= 8 else "99999999"


def _lines(path: Path) -> list[bytes]:
    with _OPEN.get(path.suffix, open)(path, "rb") as file:
        return file.read().splitlines(keepends=True)


def _write(path: Path, lines: list[bytes]) -> None:
    """Append lines; to a compressed file as a member of its own."""
    with _OPEN.get(path.suffix, open)(path, "ab") as file:
        file.write(b"".join(lines))


def _run(*arguments: object, behind: bool = False) -> float:
    """Seconds of `python -m …` as a whole process; raises when it failed outright or took longer than LONGEST.

    `behind` gives all others the cores first, as script/refresh does.
    """
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    began = time.perf_counter()
    done = subprocess.run(
        [*(["nice"] if behind else []), sys.executable, "-m", *map(str, arguments)],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
        timeout=LONGEST,
    )
    took = time.perf_counter() - began
    if done.returncode not in (0, 1):
        raise RuntimeError(f"{' '.join(map(str, arguments))}: exit {done.returncode}\n{done.stderr}")
    return took
