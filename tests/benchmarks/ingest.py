"""Log lines to the lake, against DuckDB's bare read of the same JSON and GoAccess's report on the same combined lines.

Whole processes, peer and ours in turn, medians of three. Ours writes Parquet, ledger and rejects; DuckDB only adds up the
fields that ours reads, and once more copies them to Parquet as they are; GoAccess makes its report.
"""

import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

LINES = 2_000_000
LINES_A_FILE = 250_000
REPEATS = 3
ROOT = Path(__file__).parents[2]
PROGRAM = '[program]\nname = "Benchmark"\ncurrency = "usd"\n[[source]]\nname = "gateway"\nkind = "logs"\npaths = ["logs/*.log"]\n'
PATHS = (
    "/v1/rates",
    "/v1/shipments/{}",
    "/v1/tracking/{}/events",
    "/v1/labels",
    "/v1/addresses/validate",
    "/v2/quotes/{}",
)
OURS = (
    "import json, resource, sys\n"
    "from data_sources.program import load\n"
    "from data_sources.store import open_store\n"
    "from sql.ingest import ingest\n"
    "read = ingest(open_store(sys.argv[1]), load(sys.argv[1]))\n"
    "peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024\n"
    "print(json.dumps({'lines': read.lines, 'accepted': read.accepted, 'rejected': read.rejected, 'peak_mb': peak}))\n"
)
PEER = (
    "import sys\n"
    "from pathlib import Path\n"
    "import duckdb\n"
    "print(duckdb.connect(config={'threads': int(sys.argv[2])}).execute(Path(sys.argv[1]).read_text()).fetchall())\n"
)


def run(scale: float) -> dict[str, float]:
    """Measure at `scale` times two million lines. Returns ratios of lines a second: kong_vs_duckdb, kong_vs_duckdb_copy
    (against a copy of the same fields to Parquet) and combined_vs_goaccess (null where GoAccess is not installed); and
    peak_mb, the largest resident size of ours in megabytes."""
    lines = max(1000, int(LINES * scale))
    with tempfile.TemporaryDirectory() as folder:
        return {**_kong(Path(folder) / "kong", lines), **_combined(Path(folder) / "combined", lines)}


def _kong(folder: Path, lines: int) -> dict[str, float]:
    logs = folder / "logs"
    size = _write(logs, lines, _kong_lines)
    print(f"Kong: {lines:,} lines of {size / lines:.0f} bytes in {len(list(logs.iterdir()))} files")
    reads, copies, ours, peak = [], [], [], 0.0
    for _ in range(REPEATS):
        reads.append(queried(folder, peer_query(logs)))
        copies.append(queried(folder, copy(logs, _shape(), folder / "peer.parquet")))
        seconds, read = _ours(folder, lines)
        ours.append(seconds)
        peak = max(peak, read["peak_mb"])
    print(f"  DuckDB read_json {speed(lines, reads)}, the same to Parquet {speed(lines, copies)}")
    print(f"  ours {speed(lines, ours)}, {peak:.0f} MB")
    of_read, of_copy = (statistics.median(peer) / statistics.median(ours) for peer in (reads, copies))
    return {"kong_vs_duckdb": round(of_read, 3), "kong_vs_duckdb_copy": round(of_copy, 3), "peak_mb": round(peak)}


def _combined(folder: Path, lines: int) -> dict[str, float | None]:
    logs = folder / "logs"
    size = _write(logs, lines, _combined_lines)
    print(f"combined: {lines:,} lines of {size / lines:.0f} bytes")
    goaccess = shutil.which("goaccess")
    theirs, ours = [], []
    for _ in range(REPEATS):
        if goaccess:
            report = ["-o", str(folder / "report.json"), "--log-format=COMBINED", "--no-progress", "--no-global-config"]
            theirs.append(timed([goaccess, *map(str, sorted(logs.iterdir())), *report])[0])
        ours.append(_ours(folder, lines)[0])
    if not goaccess:
        print(f"  ours {speed(lines, ours)}; GoAccess is not installed (apt-get install goaccess): not compared")
        return {"combined_vs_goaccess": None}
    print(f"  GoAccess {speed(lines, theirs)}, ours {speed(lines, ours)}")
    return {"combined_vs_goaccess": round(statistics.median(theirs) / statistics.median(ours), 2)}


def _ours(folder: Path, lines: int) -> tuple[float, dict]:
    """Seconds of an ingest into a fresh home, and what it read."""
    home = folder / "home"
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir()
    (home / "program.toml").write_text(PROGRAM)
    (home / "logs").symlink_to(folder / "logs")
    seconds, out = timed([sys.executable, "-c", OURS, str(home)])
    read = json.loads(out.splitlines()[-1])
    assert read["lines"] == lines, read
    assert read["rejected"] == lines // LINES_A_FILE, read
    return seconds, read


def timed(command: list[str]) -> tuple[float, str]:
    """Seconds of a command that must succeed, and what it printed."""
    begun = time.perf_counter()
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - begun
    assert done.returncode == 0, done.stderr
    return seconds, done.stdout


def speed(lines: int, seconds: list[float]) -> str:
    """Lines a second, and the median of the seconds."""
    median = statistics.median(seconds)
    return f"{lines / median:,.0f} lines/s ({median:.1f} s)"


def queried(folder: Path, sql: str) -> float:
    """Seconds of a process that runs one query in DuckDB on all cores."""
    query = folder / "peer.sql"
    query.write_text(sql)
    return timed([sys.executable, "-c", PEER, str(query), str(os.cpu_count() or 1)])[0]


def peer_query(logs: Path) -> str:
    """One aggregate over every field that the Kong format reads, typed alike."""
    return f"select min(started_at), max(started_at), sum(response.size), {aggregate(logs, _shape())}"


def aggregate(logs: Path, shape: dict) -> str:
    """How often each field of JSON lines of this shape is there, after SELECT."""
    return f"count(*), {', '.join(f'count({leaf})' for leaf in leaves(shape))} from {_read_json(logs, shape)}"


def copy(logs: Path, shape: dict, target: Path) -> str:
    """The same fields as they are, one Parquet column each."""
    from sql.engines.duckdb import PARQUET

    fields = ", ".join(f"{leaf} as field_{number}" for number, leaf in enumerate(leaves(shape)))
    return f"copy (select {fields} from {_read_json(logs, shape)}) to '{target}' ({PARQUET})"


def _shape() -> dict:
    from sql.requests import by_name

    return by_name("kong").shape


def _read_json(logs: Path, shape: dict) -> str:
    from sql.engines.duckdb import record_type

    columns = ", ".join(f"'{name}': '{record_type(field)}'" for name, field in shape.items())
    options = f"format = 'newline_delimited', records = true, ignore_errors = true, columns = {{{columns}}}"
    return f"read_json('{logs}/*.log', {options})"


def leaves(shape: dict, prefix: str = "") -> list[str]:
    """The paths of all fields of a format's shape."""
    found = []
    for name, field in shape.items():
        path = f'{prefix}"{name}"'
        found += leaves(field, f"{path}.") if isinstance(field, dict) else [path]
    return found


def _write(logs: Path, lines: int, make) -> int:
    """Write about `lines` lines in files of `LINES_A_FILE`, one bad line a file; returns their size in bytes."""
    logs.mkdir(parents=True)
    size = 0
    generator = random.Random(11)
    for number, first in enumerate(range(0, lines, LINES_A_FILE)):
        count = min(LINES_A_FILE, lines - first)
        bad = count == LINES_A_FILE
        path = logs / f"access-{number:03}.log"
        with path.open("w", encoding="utf-8") as file:
            file.writelines(make(generator, first, count - bad))
            if bad:
                file.write("2026/06/09 12:00:00 [error] 7#7: *1 upstream timed out\n")
        size += path.stat().st_size
    return size


def _kong_lines(generator: random.Random, first: int, count: int):
    for number in range(first, first + count):
        path = PATHS[generator.randrange(6)].format(generator.randrange(10**6, 10**9))
        status = generator.choices((200, 201, 401, 404, 429, 502), (84, 8, 2, 3, 2, 1))[0]
        app = generator.randrange(20_000)
        took = generator.randrange(4, 300)
        yield (
            f'{{"started_at":{1781006400000 + number * 35},"client_ip":"198.51.{app % 250}.{app // 250}",'
            f'"request":{{"id":"{generator.getrandbits(128):032x}","method":"{("GET", "POST")[number % 2]}","uri":"{path}?page={number % 9}",'
            f'"url":"https://api.example.com{path}","size":{generator.randrange(100, 900)},"querystring":{{"page":"{number % 9}"}},'
            f'"headers":{{"host":"api.example.com","user-agent":"harbor-sdk/2.{app % 7}","accept":"*/*"}}}},'
            f'"response":{{"status":{status},"size":{generator.randrange(200, 9000)},"headers":{{"content-type":"application/json",'
            f'"x-ratelimit-remaining-minute":"{number % 60}"}}}},"latencies":{{"kong":1,"proxy":{took},"request":{took + 2}}},'
            f'"route":{{"id":"0f1a4101","name":"r{app % 6}"}},"service":{{"id":"fb4eecf8","name":"shipping","host":"up.example"}},'
            f'"consumer":{{"id":"{app:08}-1111","custom_id":"app_{app:05}"}},"authenticated_entity":{{"id":"key-{app:05}"}},'
            f'"upstream_status":"{status}","tries":[{{"ip":"10.0.0.{app % 9}","port":80}}]}}\n'
        )


def _combined_lines(generator: random.Random, first: int, count: int):
    for number in range(first, first + count):
        stamp = time.strftime("%d/%b/%Y:%H:%M:%S", time.gmtime(1781006400 + number // 28))
        path = PATHS[generator.randrange(6)].format(generator.randrange(10**6, 10**9))
        app = generator.randrange(20_000)
        yield (
            f'198.51.{app % 250}.{app // 250} - - [{stamp} +0000] "GET {path} HTTP/1.1" {(200, 200, 200, 404)[number % 4]} '
            f'{generator.randrange(200, 90_000)} "-" "Mozilla/5.0 (X11; Linux x86_64) harbor/2.{app % 7}"\n'
        )


if __name__ == "__main__":
    print(json.dumps(run(float(sys.argv[1]) if len(sys.argv) > 1 else 1.0)))
