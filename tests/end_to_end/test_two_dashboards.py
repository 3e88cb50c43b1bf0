"""Two dashboards and a refresh on one record store: nothing is lost or overwritten unseen, and a database that goes away is said."""

import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from sqlmodel import select

from data_sources import program
from data_sources.judgements import AccountNote, AccountOwner, IdentityDecision, OutreachEntered, RuleChange
from data_sources.store import open_store
from sql import query, snapshot
from tests.demo_home import command
from tests.end_to_end import browser
from tests.sql import small_home
from tests.visitor import Visitor, visitor

pytestmark = [pytest.mark.browser, pytest.mark.slow]

AWAY = "The record store did not answer"
WRITERS = 2
EACH = 2
SETTLES_WITHIN = 300
POOL = 15
HELD_LINES = 400


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def home(request, demo_home, tmp_path, monkeypatch) -> Path:
    """A copy of the demo's home to write in, on a database of its own; its newest log lines are beside it, to come later."""
    folder = tmp_path / "home"
    monkeypatch.delenv("DATABASE_URL", raising=False)
    if request.param == "sqlite":
        shutil.copytree(demo_home, folder)
        return folder
    monkeypatch.setenv("DATABASE_URL", request.getfixturevalue("postgres_url"))
    shutil.copytree(demo_home, folder, ignore=shutil.ignore_patterns("lake", "snapshots", "store.db*"))
    command("sql", "refresh", "--home", folder)
    return folder


@pytest.fixture
def small(postgres_url, tmp_path, monkeypatch) -> Path:
    """A small home on PostgreSQL."""
    monkeypatch.setenv("DATABASE_URL", postgres_url)
    made = small_home.make(tmp_path / "home")
    small_home.refreshed(made)
    return made


@contextmanager
def two(home: Path) -> Iterator[list[str]]:
    """Two dashboards on one home; both are ended with all that they began."""
    with browser.dashboard(home) as first, browser.dashboard(home) as second:
        yield [first, second]


def shown(one: Visitor, path: str, query_of: str = "") -> str:
    """A page's words; fails where it shows an error."""
    view = one.open(path, query_of)
    assert not view.errors, view.errors
    assert AWAY not in view.text, view.text
    return view.text


def figures(one: Visitor) -> list[tuple[str, str]]:
    """The figures that the page shows, with their labels."""
    return [(metric.label, metric.body) for metric in one.last.of_kind("metric")]


def new_calls(home: Path) -> None:
    """More lines of a log that was read already: its last ones once more."""
    log = max(
        (one for one in home.glob("logs/*/*") if not one.suffix), default=None, key=lambda one: one.stat().st_size
    )
    log = log or max(home.glob("logs/*/*.log"), key=lambda one: one.stat().st_size)
    with log.open("rb") as file:
        lines = file.readlines()[-HELD_LINES:]
    with log.open("ab") as file:
        file.writelines(lines)


def writes(address: str, name: str, accounts: list[str], meeting: str) -> list[str]:
    """One person's morning: owners of accounts of their own, notes on one that all write about, what they did; the errors shown."""
    wrong: list[str] = []
    with visitor(address) as one:
        for n, account in enumerate(accounts):
            one.open("account", f"account={account}&part=notes")
            one.fill("text_input", "New owner", f"{name} {n}")
            wrong += one.press("Set owner").errors
            wrong += one.open("account", f"account={meeting}&part=notes").errors
            one.fill("text_area", "New note", f"note of {name} {n}")
            wrong += one.press("Add note").errors
            wrong += one.open("outreach", "part=log").errors
            one.fill("text_input", "What it was", f"talk of {name} {n}")
            one.fill("button_group", "Direction", "Public")
            wrong += one.again().errors
            view = one.press("Log it")
            wrong += view.errors
            if f"talk of {name} {n}" not in view.text:
                wrong.append(f"{name}: the talk is not shown: {view.text[:500]}")
    return wrong


def until(done, what: str) -> None:
    """Wait until something is so."""
    end = time.monotonic() + SETTLES_WITHIN
    while not done():
        assert time.monotonic() < end, what
        time.sleep(0.5)


def built_all(home: Path) -> bool:
    """Whether the published snapshot holds every talk that was logged and every decision about identity."""
    now = snapshot.current(home)
    store = open_store(home)
    try:
        with store.session() as session:
            talks = set(session.exec(select(OutreachEntered.id)).all())
            decided = set(session.exec(select(IdentityDecision.id).where(IdentityDecision.undone_at.is_(None))).all())
    finally:
        store.engine.dispose()
    return talks == set(query.run(now, "outreach_typed")["id"]) and decided == set(
        query.run(now, "identity_decisions")["id"]
    )


def test_people_write_in_both_while_a_refresh_runs(home, visit):
    before = snapshot.current(home)
    listed = query.run(before, "directory").query("kind == 'organization'").nlargest(40, "calls")["account_id"]
    meeting, *others = listed
    names = [f"{side}{n}" for side in ("left", "right") for n in range(WRITERS)]
    mine = {name: others[place * EACH : (place + 1) * EACH] for place, name in enumerate(names)}
    with two(home) as addresses:
        with visitor(addresses[0]) as one:
            shown(one, "directory", "period=all")
            figures_before = figures(one)
        new_calls(home)
        refreshing = subprocess.Popen(
            [sys.executable, "-m", "sql", "refresh", "--home", str(home)],
            cwd=browser.ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        with ThreadPoolExecutor(len(names)) as people:
            told = [
                people.submit(writes, addresses[place // WRITERS], name, mine[name], meeting)
                for place, name in enumerate(names)
            ]
            wrong = [text for one in told for text in one.result()]
        assert not wrong, wrong
        said, _ = refreshing.communicate(timeout=SETTLES_WITHIN)
        assert refreshing.returncode == 0, said
        until(lambda: built_all(home), "what was written was not built")

        expected = [f"{name} {n}" for name in names for n in range(EACH)]
        store = open_store(home)
        with store.session() as session:
            notes = sorted(one.text for one in session.exec(select(AccountNote)))
            talks = sorted(one.title for one in session.exec(select(OutreachEntered)))
            owners = {one.account_id: one.owner for one in session.exec(select(AccountOwner))}
        store.engine.dispose()
        assert notes == sorted(f"note of {one}" for one in expected), "each note is there once"
        assert talks == sorted(f"talk of {one}" for one in expected)
        assert owners == {account: f"{name} {n}" for name in names for n, account in enumerate(mine[name])}

        pages = []
        for address in addresses:
            with visitor(address) as one:
                page = shown(one, "account", f"account={meeting}&part=notes")
                assert [text for text in expected if f"note of {text}" not in page] == []
                assert f"{names[-1]} 0" in shown(one, "account", f"account={mine[names[-1]][0]}&part=notes")
                assert f"{names[0]} 0" in shown(one, "account", f"account={mine[names[0]][0]}&part=notes")
                shown(one, "directory", "period=all")
                pages.append(figures(one))
        assert pages[0] == pages[1] != figures_before, "both show the new snapshot"
        for address in addresses:
            page = visit(f"{address}/account?account={meeting}&part=notes")
            assert not page.locator('[data-testid="stException"]').count()
            assert "note of left0 0" in page.locator("body").inner_text()
            assert "note of right0 0" in page.locator("body").inner_text()
        assert_no_leak(home)
    until(lambda: connections() == [], "connections stay after both dashboards have ended")


def connections() -> list[str]:
    """The states of the connections to the test's database; none where it is a file."""
    if "DATABASE_URL" not in os.environ:
        return []
    with psycopg.connect(os.environ["DATABASE_URL"]) as asking:
        found = asking.execute(
            "select state from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
        )
        return [state for (state,) in found]


def assert_no_leak(home: Path) -> None:
    """That both dashboards hold no more than their pools may, and none in the middle of a transaction."""
    until(lambda: set(connections()) <= {"idle"}, f"a transaction stays open: {connections()}")
    assert len(connections()) <= 2 * POOL


def test_who_comes_second_is_told_and_overwrites_nothing(home):
    first = snapshot.current(home)
    account = query.run(first, "directory").query("kind == 'organization'").nlargest(1, "calls")["account_id"].iloc[0]
    place = next(n for n, rule in enumerate(program.load(home).tier_rule) if rule.when == "approved")
    with two(home) as addresses, visitor(addresses[0]) as left, visitor(addresses[1]) as right:
        for one in (left, right):
            shown(one, "account", f"account={account}&part=notes")
        left.fill("text_input", "New owner", "Ana")
        assert "Ana" in left.press("Set owner").text
        right.fill("text_input", "New owner", "Ben")
        view = right.press("Set owner")
        assert "meanwhile" in view.text
        assert "Ana" in view.text
        right.fill("text_input", "New owner", "Ben")
        assert "Ben" in right.press("Set owner").text, "who has seen it may change it"

        for one in (left, right):
            shown(one, "rules", "period=all")
            one.press("Change these rules")
            one.fill("selectbox", f"gives_{place}", "Partner" if one is left else "Internal")
            one.again()
            one.fill("text_input", "rule_reason", "tried")
            one.again()
        assert "Tier rules: saved" in left.press("Save the rules").text
        assert "changed meanwhile" in right.press("Save the rules").text

        for one in (left, right):
            shown(one, "identity_review", "period=all")
        assert not left.press("Same organization").errors
        view = right.press("Not the same")
        assert not view.errors
        assert "answered meanwhile" in view.text
        until(lambda: built_all(home), "the decision was not built")

        shown(left, "outreach", "part=log")
        left.fill("text_input", "What it was", "Meetup")
        left.fill("button_group", "Direction", "Public")
        left.again()
        left.press("Log it")
        for one, said in ((left, "Meetup in June"), (right, "Meetup in July")):
            shown(one, "outreach", "part=log")
            one.press("Change")
            one.fill("text_input", "What it was", said)
            one.again()
        assert "Meetup in June" in left.press("Keep the change").text
        assert "meanwhile" in right.press("Keep the change").text
    store = open_store(home)
    with store.session() as session:
        assert [one.owner for one in session.exec(select(AccountOwner).order_by(AccountOwner.id))] == ["Ana", "Ben"]
        assert len(session.exec(select(RuleChange)).all()) == 1
        assert [one.action for one in session.exec(select(IdentityDecision))] == ["confirm"]
        titles = [one.title for one in session.exec(select(OutreachEntered).order_by(OutreachEntered.id))]
    store.engine.dispose()
    assert titles == ["Meetup", "Meetup in June"]
    assert program.load(home).tier_rule[place].tier == "partner"


@pytest.fixture
def cluster(postgres_url):
    """Stops and starts the PostgreSQL server, by what it says of itself; it runs again afterwards."""
    with psycopg.connect(postgres_url) as asking:
        data = asking.execute("show data_directory").fetchone()[0]
    as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.geteuid() == 0 else []
    options = (Path(data) / "postmaster.opts").read_text().split(" ", 1)[1].replace('"', "").strip()
    stopped = False

    def act(name: str) -> None:
        nonlocal stopped
        more = ["-m", "fast"] if name == "stop" else ["-o", options.replace(f"-D {data}", ""), "-l", f"{data}/log"]
        run = [*as_user, shutil.which("pg_ctl") or _beside("pg_ctl"), "-D", data, "-w", *more, name]
        subprocess.run(run, check=True, stdout=subprocess.DEVNULL, cwd=data)
        stopped = name == "stop"

    yield act
    if stopped:
        act("start")


def _beside(name: str) -> str:
    return str(sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))[-1])


def noted(home: Path) -> list[str]:
    """The notes that are kept."""
    store = open_store(home)
    with store.session() as session:
        found = [one.text for one in session.exec(select(AccountNote).order_by(AccountNote.id))]
    store.engine.dispose()
    return found


@pytest.mark.postgres
def test_a_database_that_goes_away_is_waited_for_or_said(small, cluster):
    account = query.run(snapshot.current(small), "directory").nlargest(1, "calls")["account_id"].iloc[0]
    with browser.dashboard(small) as address, visitor(address) as one:
        shown(one, "account", f"account={account}&part=notes")

        def note(text: str):
            one.fill("text_area", "New note", text)
            return one.press("Add note")

        with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as other:
            other.execute("select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid()"
                          " and datname = current_database()")  # fmt: skip
        view = note("after the connections were ended")
        assert not view.errors
        assert "after the connections were ended" in view.text

        starting = threading.Timer(1.5, cluster, ["start"])
        cluster("stop")
        starting.start()
        view = note("while it started again")
        starting.join()
        assert not view.errors
        assert "while it started again" in view.text

        cluster("stop")
        view = note("while it was away")
        assert not view.errors, "no bare exception"
        assert AWAY in view.text
        assert "Nothing of what was being done was kept" in view.text
        assert os.environ["DATABASE_URL"] not in view.text
        cluster("start")
        view = one.press("Show the page again")
        assert not view.errors
        assert AWAY not in view.text
        note("when it was back")
    assert noted(small) == ["after the connections were ended", "while it started again", "when it was back"]
