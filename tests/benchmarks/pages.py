"""How fast pages are: from the command to the tier board, each page's warm rerun, each metric's query."""

import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.end_to_end import browser

REQUESTS = 2_000_000
REPEATS = 3
TIMEOUT = 1800


def run(scale: float = 1.0) -> dict:
    """At `scale` × 2 million demo requests: first_page_s ≤ 60, worst_rerun_s ≤ 0.3, worst_query_s ≤ 0.1."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        first = first_page(home, int(REQUESTS * scale))
        print(f"first page {first:.1f} s")
        os.environ["API_PROGRAM_HOME"] = str(home)
        reruns, queries = warm_reruns(), query_times(home)
        for name, seconds in sorted({**reruns, **queries}.items(), key=lambda pair: -pair[1])[:12]:
            print(f"{name:<32} {seconds * 1000:7.1f} ms")
    return {
        "first_page_s": round(first, 1),
        "worst_rerun_s": round(max(reruns.values()), 3),
        "worst_query_s": round(max(queries.values()), 3),
    }


def first_page(home: Path, requests: int) -> float:
    """Seconds from `script/demo`, with the install done, to the tier board in a browser."""
    port = browser.free_port()
    command = ["script/demo", "--requests", str(requests), "--port", str(port), "--headless"]
    began = time.monotonic()
    with subprocess.Popen(
        command,
        cwd=browser.ROOT,
        env={**os.environ, "API_PROGRAM_HOME": str(home)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            with browser.chromium() as chromium:
                page = chromium.new_page()
                while not _answers(port):  # A browser that tries again and again would take the time that it measures.
                    if process.poll() is not None or time.monotonic() - began > TIMEOUT:
                        raise RuntimeError("script/demo did not open")
                    time.sleep(0.2)
                page.goto(f"http://127.0.0.1:{port}")
                page.locator(".st-key-tier_public").wait_for(timeout=60_000)
                return time.monotonic() - began
        finally:
            process.terminate()


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def warm_reruns() -> dict[str, float]:
    """Seconds that the server takes to run each page again: the median of several runs, whole script."""
    from streamlit.testing.v1 import AppTest

    from tests.pages.test_pages import PAGES

    took = {}
    for path in PAGES:
        app = AppTest.from_file(str(browser.ROOT / "dashboard.py"), default_timeout=120).run()
        app.switch_page(f"pages/{path}").run()
        assert not app.exception, app.exception
        took[path] = statistics.median(_timed(app.run) for _ in range(REPEATS))
    return took


def query_times(home: Path) -> dict[str, float]:
    """Seconds of each metric's query over the last 90 days, nothing cached by the pages."""
    from datetime import timedelta

    from sql import catalogue, query, snapshot

    found = snapshot.current(home)
    until = found.as_of.date() + timedelta(days=1)
    params = {"date_from": until - timedelta(days=90), "date_to": until}
    params |= {"before_from": until - timedelta(days=180), "before_to": until - timedelta(days=90), "window_days": 90}
    busiest = query.run(found, "directory", **params).sort_values("calls", ascending=False)["account_id"].iloc[0]
    took = {}
    for name in catalogue.metrics():
        more = {"account": busiest} if name.startswith("account_") else {}
        took[name] = statistics.median(
            _timed(lambda n=name, m=more: query.run(found, n, **params, **m)) for _ in range(REPEATS)
        )
    return took


def _timed(work) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


if __name__ == "__main__":
    print(run(float(sys.argv[1]) if len(sys.argv) > 1 else 1.0))
