"""Twenty people at once: how long a page takes, and whether anything fails, while a refresh publishes new snapshots."""

import os
import random
import re
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from sql import query, snapshot
from tests.benchmarks.refresh import _hold_back, _release, _run
from tests.end_to_end import browser
from tests.visitor import View, Visitor, visitor

REQUESTS = 2_000_000
AS_OF = "2026-06-30"
VISITORS, WITNESSES = 19, 1
THINK = (2.0, 8.0)
CLICKS = 0.5  # of a page opened, how often something on it is chosen before the next
PORTIONS = 8
BETWEEN = 10.0
APART = 0.5
LIMIT_SECONDS = 30.0
WORST = 6
WRONG = ("Built by another version", "The last build failed", "Page not found")


@dataclass
class Seen:
    """What the sessions met: (page, seconds) of each view, by those without and with a browser; and every error, in words."""

    views: list[tuple[str, float]] = field(default_factory=list)
    drawn: list[tuple[str, float]] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


def run(scale: float = 1.0) -> dict:
    """At `scale` × 2 million demo requests, twenty sessions: errors = 0, p95_s ≤ 1.5.

    Nineteen are websockets that speak the front end's protocol: twenty Chromiums would take more of two cores than the
    server that is measured. Their seconds go from the question to the end of the page's last run. One is a Chromium, a
    witness: its seconds go on until all is drawn, and are figures of their own. Each session opens every page in an order
    of its own, every other time chooses something on it (a filter, a part), and thinks for 2 to 8 seconds, at random, before
    the next; all come one after another. Meanwhile new log lines come, and `nice python -m sql refresh`, as of
    script/refresh and of the button on Sources, publishes them again and again. `limit_views_per_s` is what the same
    nineteen get when nobody thinks and nothing is refreshed; `load_before` is what else the machine had to do when they
    came: above 1 the seconds are somebody else's, too.
    """
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        _run("data_sources", "demo", "--home", home, "--requests", int(REQUESTS * scale), "--as-of", AS_OF)
        portions = _portions(_hold_back(home / "logs"))
        _run("sql", "refresh", "--home", home)
        first = snapshot.current(home)
        accounts = list(query.run(first, "directory").query("kind != 'nobody'").nlargest(100, "calls")["account_id"])
        with browser.dashboard(home) as address:
            seen, refreshes, over = Seen(), [], threading.Event()
            load = os.getloadavg()[0]
            began = time.monotonic()
            with ThreadPoolExecutor(VISITORS + WITNESSES + 1) as people:
                feeding = people.submit(_feed, home, portions, over, refreshes)
                them = [
                    people.submit(_come, n, _wander, address, n, accounts, THINK, None, seen) for n in range(VISITORS)
                ]
                them += [people.submit(_come, VISITORS + n, _witness, address, n, seen) for n in range(WITNESSES)]
                try:
                    wait(them)
                finally:
                    over.set()
                took = time.monotonic() - began
            seen.errors += _broken([*them, feeding])
            limit = _limit(address, accounts, seen)
        seen.errors += _logged(home)
    assert len({name for name, _ in refreshes}) > 1, "no new snapshot came while they looked"
    assert seen.views, seen.errors
    assert seen.drawn, seen.errors
    for text in seen.errors[:20]:
        print(f"error: {text}")
    for page, (middle, slow, n) in _by_page(seen.views).items():
        print(f"{page or 'tier_board':<18} median {middle:.2f} s, p95 {slow:.2f} s, {n} views")
    seconds = [one for _, one in seen.views]
    drawn = [one for _, one in seen.drawn]
    return {
        "errors": len(seen.errors),
        "p95_s": round(float(np.percentile(seconds, 95)), 2),
        "median_s": round(median(seconds), 2),
        "worst_s": round(max(seconds), 2),
        "views": len(seconds),
        "views_per_s": round(len(seconds) / took, 2),
        "slowest_pages_p95_s": {
            page or "tier_board": round(slow, 2) for page, (_, slow, _) in list(_by_page(seen.views).items())[:WORST]
        },
        "chromium_views": len(drawn),
        "chromium_median_s": round(median(drawn), 2),
        "chromium_p95_s": round(float(np.percentile(drawn, 95)), 2),
        "snapshots_published": len({name for name, _ in refreshes}),
        "refresh_s": round(median(one for _, one in refreshes), 1),
        "limit_views_per_s": round(limit, 2),
        "load_before": round(load, 1),
    }


def _come(place: int, look: Callable, *given: Any) -> None:
    """Come a little after the one before, and look."""
    time.sleep(place * APART)
    look(*given)


def _broken(sessions: list[Future]) -> list[str]:
    """What broke sessions off, or the refreshes beside them."""
    return [f"session broken: {type(error).__name__}: {error}" for one in sessions if (error := one.exception())]


def _wander(address: str, number: int, accounts: list[str], think: tuple, until: float | None, seen: Seen) -> None:
    """Every page in an order of its own, and something chosen on every other; `until` repeats that up to a moment."""
    chance = random.Random(number)
    with visitor(address) as one:
        _note(one, one.open(), "", seen)
        while True:
            for path in chance.sample(list(one.pages), len(one.pages)):
                if until is not None and time.monotonic() > until:
                    return
                time.sleep(chance.uniform(*think))
                query_of = f"account={chance.choice(accounts)}" if path == "account" else one.query
                _note(one, one.go(path, query_of), path, seen)
                if chance.random() < CLICKS and (choices := _choices(one)):
                    time.sleep(chance.uniform(*think))
                    one.put(*chance.choice(choices))
                    _note(one, one.again(), path, seen)
            if until is None:
                return


def _choices(one: Visitor) -> list[tuple]:
    """What may be chosen on the page: the other options of its select boxes, its other parts."""
    found = [
        (box, "selectbox", option)
        for box in one.last.of_kind("selectbox")
        if not box.disabled and not box.form_id and not box.accept_new_options
        for option in box.options[:6]
        if option != box.raw_value
    ]
    found += [
        (group, "button_group", option.content)
        for group in one.last.of_kind("button_group")
        for option in group.options
        if option.content not in group.raw_values
    ]
    return found


def _note(one: Visitor, view: View, path: str, seen: Seen) -> None:
    seen.views.append((path, view.seconds))
    title = one.menu[path][1]
    wrong = [text for text in WRONG if text in view.text]
    if title not in [heading.body for heading in view.of_kind("heading")]:
        wrong.append(f"{title} is not its title")
    seen.errors += [f"{path}: {text}" for text in [*view.errors, *wrong]]


def _witness(address: str, number: int, seen: Seen) -> None:
    """Every page in an order of its own, in a real browser; seconds from the click until nothing changes any more."""
    chance = random.Random(number)
    with visitor(address) as one:
        one.open()
        menu = one.menu
    with browser.chromium() as chromium:
        page = browser.watched(chromium.new_page())
        page.on("pageerror", lambda error: seen.errors.append(f"browser: {error}"))
        page.on("requestfailed", lambda asked: seen.errors.append(f"browser: {asked.url}: {asked.failure}"))
        page.on("response", lambda given: given.status >= 400 and seen.errors.append(f"browser: {given.url}"))
        page.goto(address)
        browser.settled(page)
        for path in chance.sample([path for path in menu if path], len(menu) - 1):
            section, title = menu[path]
            time.sleep(chance.uniform(*THINK))
            page.get_by_text(section, exact=True).first.click()
            entry = page.get_by_role("menuitem", name=re.compile(title)).first
            entry.wait_for()
            began = time.monotonic()
            entry.click()
            page.wait_for_url(f"**/{path}*")
            browser.settled(page)
            seen.drawn.append((path, time.monotonic() - began - browser.QUIET))
            shown = page.locator('[data-testid="stException"]').all_inner_texts()
            seen.errors += [f"browser, {path}: {text}" for text in shown]
            if page.locator("h1").first.inner_text() != title:
                seen.errors.append(f"browser: {path} has another title")


def _limit(address: str, accounts: list[str], seen: Seen) -> float:
    """Views a second of sessions that do not think, nothing else running; what fails counts with the other errors."""
    alone, began = Seen(), time.monotonic()
    until = began + LIMIT_SECONDS
    with ThreadPoolExecutor(VISITORS) as people:
        them = [people.submit(_wander, address, n, accounts, (0.0, 0.0), until, alone) for n in range(VISITORS)]
    seen.errors += alone.errors + _broken(them)
    return len(alone.views) / (time.monotonic() - began)


def _portions(held: dict[Path, list[bytes]]) -> list[dict[Path, list[bytes]]]:
    """Held-back lines in equal portions, the oldest first."""
    lines = [(path, line) for path in reversed(held) for line in held[path]]
    portions: list[dict[Path, list[bytes]]] = [{} for _ in range(PORTIONS)]
    for place, (path, line) in enumerate(lines):
        portions[place * PORTIONS // len(lines)].setdefault(path, []).append(line)
    return portions


def _feed(home: Path, portions: list, over: threading.Event, refreshes: list[tuple[str, float]]) -> None:
    """Let lines come and refresh, again and again, until the sessions are over; a refresh that runs then is not cut short."""
    for portion in portions:
        if over.wait(BETWEEN):
            return
        _release(portion)
        took = _run("sql", "refresh", "--home", home, behind=True)
        refreshes.append((snapshot.current(home).name, took))


def _logged(home: Path) -> list[str]:
    """What the server wrote about failures that no page may have shown."""
    text = "\n".join(log.read_text(errors="replace") for log in home.parent.glob("dashboard_*.log"))
    return [f"server: {found}" for found in re.findall(r"^(?:\w+\.)*\w*(?:Error|Exception): .*", text, re.M)]


def _by_page(views: list[tuple[str, float]]) -> dict[str, tuple[float, float, int]]:
    """Median, p95 (seconds) and number of views of each page, the slowest first."""
    pages: dict[str, list[float]] = {}
    for page, seconds in views:
        pages.setdefault(page, []).append(seconds)
    told = {page: (median(all_), float(np.percentile(all_, 95)), len(all_)) for page, all_ in pages.items()}
    return dict(sorted(told.items(), key=lambda entry: -entry[1][1]))
