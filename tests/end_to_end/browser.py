"""A real dashboard in a process of its own, and a real Chromium to look at it."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

ROOT = Path(__file__).parents[2]
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
DONE = (
    '[data-testid="stApp"][data-test-script-state="notRunning"][data-test-connection-state="CONNECTED"]'
    ' [data-testid="stMain"] [data-testid="stElementContainer"]'
)
WAITING = ", ".join(
    f'[data-testid="stMain"] {part}'
    for part in (
        '[data-testid="stSkeleton"]',
        '[data-testid="stElementContainer"][data-stale="true"]',
        '[data-testid="stVegaLiteChart"]:not(:has(svg, canvas))',
    )
)
UNCHANGED = """([quiet, call]) => {
    if (!document.body) return false
    let now = window.looked_at
    if (now?.call !== call) {
        now?.changes.disconnect()
        now = window.looked_at = {call}
        const changed = () => Object.assign(now, {since: performance.now(), waits: false, idle: false})
        now.changes = new MutationObserver(changed)
        now.changes.observe(document.body, {childList: true, characterData: true, subtree: true})
        changed()
    }
    const since = now.since
    if (!now.waits && performance.now() - since >= quiet) {
        now.waits = true
        requestIdleCallback(() => { now.idle = now.since === since }, {timeout: 5000})
    }
    return now.idle
}"""  # one that waits in the page itself would wait forever where the page does not come to it
STARTS_WITHIN = 60
QUIET = 0.4
NO_ANSWER = 10
PATIENCE = (5, 10, 30)  # seconds that a list is waited for, each time that it is opened
unanswered: WeakKeyDictionary[Any, float | None] = WeakKeyDictionary()  # when a page asked its server last


def free_port() -> int:
    """A loopback port that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def program() -> str | None:
    """Chromium's program: `TEST_BROWSER`, else the system's; None for the one that Playwright brought."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return os.environ.get("TEST_BROWSER") or next((found for name in names if (found := shutil.which(name))), None)


@contextmanager
def dashboard(home: Path, *arguments: str, **environment: str) -> Iterator[str]:
    """`streamlit run dashboard.py` on a home; yields its address and ends it afterwards."""
    port = free_port()
    command = [sys.executable, "-m", "streamlit", "run", "dashboard.py", "--server.port", str(port)]
    command += ["--server.headless", "true", "--server.fileWatcherType", "none", *arguments]
    log = Path(home).parent / f"dashboard_{port}.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, "API_PROGRAM_HOME": str(home), **environment},
            stdout=out,
            stderr=subprocess.STDOUT,
        )
        try:
            _wait(f"http://127.0.0.1:{port}/_stcore/health", process, log)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            try:
                process.wait(10)
            finally:
                process.kill()


def _wait(url: str, process: subprocess.Popen, log: Path) -> None:
    until = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < until:
        if process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise RuntimeError(f"the dashboard did not start:\n{log.read_text(errors='replace')[-2000:]}")


@contextmanager
def chromium() -> Iterator[Any]:
    """A headless Chromium; `new_context` makes a session of its own."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program(), args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


def at_widths(page: Any, *widths: int) -> Iterator[int]:
    """The page at one width after another, settled at each."""
    for width in widths:
        page.set_viewport_size({"width": width, "height": 1000})
        settled(page)
        yield width


def watched(page: Any) -> Any:
    """Note for each question of the page to its server whether an answer has come since; before the page is opened."""
    unanswered[page] = None

    def heard(socket: Any) -> None:
        socket.on("framesent", lambda _: unanswered.update({page: time.monotonic()}))
        socket.on("framereceived", lambda _: unanswered.update({page: None}))

    page.on("websocket", heard)
    return page


def answered(page: Any) -> bool:
    """Whether the server has said something since the page asked last; a question older than a while wants no answer."""
    asked = unanswered.get(page)
    return asked is None or time.monotonic() - asked > NO_ANSWER


def settled(page: Any, timeout: float = 60) -> Any:
    """Wait until the page's script has run and all that it sent is drawn.

    Before its first run and between two of them an app also says that none is running. So something must have been
    drawn, nothing may wait for its turn (a skeleton, a stale element, an empty chart), the server must have answered
    what was asked last, and the page may not have changed for a while of its own time.
    """
    from playwright.sync_api import TimeoutError as Late

    until = time.monotonic() + timeout

    def left() -> float:
        return max(1.0, (until - time.monotonic()) * 1000)

    while time.monotonic() < until:
        try:
            page.wait_for_selector(DONE, state="attached", timeout=left())
            page.wait_for_function(UNCHANGED, arg=[QUIET * 1000, time.monotonic()], polling=50, timeout=left())
        except Late:
            break
        if answered(page) and page.locator(DONE).count() and not page.locator(WAITING).count():
            return page
    raise TimeoutError(f"{page.url} was still changing after {timeout} s: {page.locator(WAITING).count()} parts wait")


def opened(page: Any, key: str, name: str | None = None) -> Any:
    """Open the list of the select box of a key by the keyboard, as somebody without a mouse does; its option of a name.

    A list that opens while the page still moves closes again, and is opened once more.
    """
    from playwright.sync_api import TimeoutError as Late

    box = page.locator(f".st-key-{key} input")
    option = page.get_by_role("option", name=name, exact=bool(name)).first
    for patience in PATIENCE:
        box.scroll_into_view_if_needed()
        page.wait_for_timeout(QUIET * 1000)
        box.press("ArrowDown")
        try:
            option.click(timeout=patience * 1000, trial=True)
        except Late as late:
            waited = late
        else:
            return option
    raise waited


def choose(page: Any, key: str, name: str) -> None:
    """Choose an option of the select box of a key."""
    opened(page, key, name).click()
    settled(page)
