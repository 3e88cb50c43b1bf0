"""The same lines read and counted by DuckDB in one process, by a Spark cluster of two workers, and by Sail, all on this machine."""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from tests.benchmarks.ingest import timed
from tests.benchmarks.scale import NIGHT, PROGRAM, said
from tests.sql.engines.cluster import Cluster, missing
from tests.sql.engines.conftest import sail_server

REQUESTS = 20_000_000
EXECUTOR_MB = 3_000
SETTINGS = {"spark.executor.extraJavaOptions": "-XX:+UseParallelGC"}


def run(scale: float = 1.0) -> dict[str, Any]:
    """At `scale` × 20 million requests, as one night would bring them. Returns

    - spark_vs_duckdb ≤ 6: seconds of ingest and roll-ups on Apache Spark with two workers of one core and three gigabytes, over those of
      DuckDB with all cores (whole processes; Spark itself is started before, and has run nothing yet): what distribution costs where
      there is nothing to distribute over. Null where there is no Java;
    - sail_vs_duckdb ≤ 2: the same of Sail.
    """
    requests = int(REQUESTS * scale)
    took: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder, _engines(Path(folder)) as engines:
        logs = Path(folder) / "logs"
        homes = {name: _home(Path(folder) / name, logs, address) for name, address in engines.items()}
        made = timed([sys.executable, "-m", "tests.benchmarks.scale_lines", str(logs), "0", str(requests)])[1]
        for name, home in homes.items():
            took[name], told = timed([sys.executable, "-c", NIGHT, str(home)])
            read = said(told)
            assert (read["lines"], read["rejected"], read["errors"]) == (requests, int(made), []), read
            print(
                f"{requests:,} requests, {name}: {took[name]:.1f} s (ingest {read['ingest_s']:.1f}, roll-ups {read['count_s']:.1f}, "
                f"of this process {read['cpu_s']:.1f} s of a processor), load {os.getloadavg()[0]:.1f}",
                flush=True,
            )
            shutil.rmtree(home)
    return {
        "requests": requests,
        "spark_vs_duckdb": round(took["spark"] / took["duckdb"], 2) if "spark" in took else None,
        "sail_vs_duckdb": round(took["sail"] / took["duckdb"], 2),
        **{f"{name}_s": round(seconds, 1) for name, seconds in took.items()},
    }


@contextmanager
def _engines(folder: Path) -> Iterator[dict[str, str | None]]:
    """The addresses of the engines that run here; DuckDB has none."""
    with ExitStack() as running:
        engines: dict[str, str | None] = {"duckdb": None}
        for name in ("sail-log", "cluster"):
            (folder / name).mkdir()
        engines["sail"] = running.enter_context(sail_server(folder / "sail-log"))
        if missing() is None:
            cluster = Cluster(folder / "cluster", EXECUTOR_MB, SETTINGS)
            running.callback(cluster.close)
            engines["spark"] = cluster.address
        yield engines


def _home(home: Path, logs: Path, address: str | None) -> Path:
    home.mkdir()
    on = f'engine = "spark"\nspark = "{address}"\n' if address else ""
    program = (
        PROGRAM.split("[[source]]")[0]
        + on
        + f'\n[[source]]\nname = "gateway"\nkind = "logs"\npaths = ["{logs}/*.log"]\n'
    )
    (home / "program.toml").write_text(program)
    return home
