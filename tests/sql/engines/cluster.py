"""A real Spark cluster on loopback: a master, two workers, each a process of its own, and a Connect server."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from tests.sql.engines.conftest import free_port, wait_for_port

INSTALLED = Path(sys.prefix) / "spark" / "pyspark"
START_SECONDS = 180
OVERHEAD_MB = 224  # of a worker, beside its executor's heap


def missing() -> str | None:
    """Why no cluster can be started here; None where one can."""
    if shutil.which("java") is None:
        return "Java is not installed"
    return (
        None
        if (_spark_home() / "bin" / "spark-class").exists()
        else f"Spark is neither at SPARK_HOME nor in {INSTALLED}"
    )


class Cluster:
    """Started at once; `close` ends it. Each worker runs one executor with one core and `memory_mb` of heap, and `settings` are the cluster's."""

    def __init__(self, folder: Path, memory_mb: int = 800, settings: Mapping[str, str] | None = None) -> None:
        self._folder = folder
        self._worker_mb = memory_mb + OVERHEAD_MB
        self._processes: list[subprocess.Popen] = []
        self._workers: list[subprocess.Popen] = []
        self._master = f"spark://127.0.0.1:{(port := free_port())}"
        try:
            self._start("master", "spark-class", "org.apache.spark.deploy.master.Master",
                        "--host", "127.0.0.1", "--port", port, "--webui-port", 0, port=port)  # fmt: skip
            self.add_worker()
            self.add_worker()
            port = free_port()
            own = {
                "spark.connect.grpc.binding.address": "127.0.0.1",
                "spark.connect.grpc.binding.port": port,
                "spark.driver.host": "127.0.0.1",
                "spark.executor.memory": f"{memory_mb}m",
                "spark.executor.cores": 1,
                "spark.sql.shuffle.partitions": 4,
                "spark.ui.enabled": "false",
            }
            given = [
                part for name, value in {**own, **(settings or {})}.items() for part in ("--conf", f"{name}={value}")
            ]
            self._start("connect", "spark-submit", "--master", self._master, *given, "--class",
                        "org.apache.spark.sql.connect.service.SparkConnectServer", "spark-internal", port=port)  # fmt: skip
            self.address = f"sc://127.0.0.1:{port}"
            self._until("connect", "Granted executor ID", 2)
        except BaseException:
            self.close()
            raise

    def add_worker(self) -> None:
        """Start a worker and wait until the master knows it."""
        number = len(self._workers)
        port = free_port()
        self._workers.append(
            self._start(f"worker-{number}", "spark-class", "org.apache.spark.deploy.worker.Worker", "--host", "127.0.0.1",
                        "--port", port, "--webui-port", 0, "--cores", 1, "--memory", f"{self._worker_mb}m",
                        "--work-dir", self._folder / f"work-{number}", self._master, port=port)
        )  # fmt: skip
        self._until(f"worker-{number}", "Successfully registered with master", 1)

    def kill_worker(self) -> None:
        """End the newest worker that lives and its executor, at once."""
        worker = next(worker for worker in reversed(self._workers) if worker.poll() is None)
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()

    def executors_lost(self) -> int:
        """How many executors the Connect server has lost since it was started."""
        return len(re.findall("Lost executor", self._log("connect")))

    def close(self) -> None:
        """End every process."""
        for process in reversed(self._processes):
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()

    def _start(self, name: str, program: str, *arguments: object, port: int) -> subprocess.Popen:
        home = _spark_home()
        env = {key: value for key, value in os.environ.items() if not key.startswith("SPARK_")}
        env |= {
            "SPARK_HOME": str(home),
            "SPARK_LOCAL_IP": "127.0.0.1",
            "SPARK_DAEMON_MEMORY": "1g" if name == "connect" else "256m",
        }
        env |= {"SPARK_LOCAL_DIRS": str(self._folder / "local")}
        log = self._folder / f"{name}.log"
        with log.open("wb") as out:
            # a group of its own: the executors that a worker starts belong to it
            process = subprocess.Popen(
                [home / "bin" / program, *map(str, arguments)],
                cwd=self._folder,
                env=env,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )
        self._processes.append(process)
        wait_for_port(port, process, log, START_SECONDS)
        return process

    def _log(self, name: str) -> str:
        return (self._folder / f"{name}.log").read_text(errors="replace")

    def _until(self, name: str, text: str, times: int) -> None:
        until = time.monotonic() + START_SECONDS
        while self._log(name).count(text) < times:
            assert time.monotonic() < until, f"{name} never said {text!r}:\n{self._log(name)[-2000:]}"
            time.sleep(0.1)


def _spark_home() -> Path:
    return Path(os.environ.get("SPARK_HOME") or INSTALLED)
