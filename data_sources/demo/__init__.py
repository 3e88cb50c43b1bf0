"""The demo company Harborline: causes first, then the logs, bills and tickets that follow from them.

`write` makes a home; `server.serve` answers for its vendors. Everything but the number of log lines is the same at every
`requests`, and everything is the same for the same seed and as-of day.
"""

from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor, wait
from dataclasses import dataclass
from datetime import date, datetime
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from data_sources.demo import help_desk
from data_sources.demo.activity import Observer
from data_sources.demo.billing import Biller
from data_sources.demo.company import Account, Population
from data_sources.demo.logs import log_files, write_logs
from data_sources.demo.outsiders import competitors, end_users, outsiders_text
from data_sources.demo.program_file import write_program
from data_sources.demo.registry import kong_registry
from data_sources.demo.sheets import Office, write_csv
from data_sources.demo.stories import Storyteller
from data_sources.demo.support import Desk
from data_sources.demo.timeline import DAYS, Timeline, timeline
from data_sources.demo.traffic import Traffic
from data_sources.demo.truth import write_truth
from data_sources.demo.vendors import write_pages
from data_sources.program import now

Progress = Callable[[str, float], None]


@dataclass(frozen=True)
class Written:
    """What was written: accounts, developers, lines of each log, objects of each vendor endpoint, rows of each sheet."""

    accounts: int
    developers: int
    lines: dict[str, int]
    objects: dict[str, int]
    rows: dict[str, int]


def write(
    home: str | Path,
    requests: int = 2_000_000,
    seed: int = 7,
    as_of: date | str | None = None,
    progress: Progress | None = None,
) -> Written:
    """Write the demo company into `home`, which is made where it is not there.

    `requests` is about the number of log lines in all; the calls that date the stages are always written, so fewer than some
    30,000 are not possible. `as_of` is the day after the last one (default: today in UTC); where it is given, program.toml
    carries it. `progress(what, share done)` is called along the way.
    """
    say = progress or (lambda _what, _share: None)
    home = Path(home)
    home.mkdir(parents=True, exist_ok=True)
    time = timeline(as_of, seed, now().date())
    say("people and companies", 0.0)
    accounts = Population(time).accounts
    storyteller = Storyteller(time, accounts)
    say("what they do", 0.03)
    observer = Observer(time, accounts, storyteller.credentials)
    traffic = Traffic(time, observer.activity, requests)
    say("bills and tickets", 0.08)
    with ProcessPoolExecutor(1, get_context("spawn")) as beside:
        logs = beside.submit(write_logs, home, time, traffic)
        biller, desk = Biller(time, accounts), Desk(time, accounts)
        objects = _write_vendors(home, time, observer, biller, desk)
        rows = _write_sheets(home / "sheets", Office(time, accounts, biller), traffic)
        _write_end_users(home / "sheets", time, accounts, rows)
        write_truth(home, time, accounts, biller, competitors(time, accounts), observer.activity.wishes)
        lines = _watched(logs, home / "logs", say)
    # Last, because a home with a program counts as written.
    write_program(home, time, time.end.date() if as_of else None, outsiders_text(time, accounts))
    say("done", 1.0)
    return Written(len(accounts), sum(len(a.developers) for a in accounts), lines, objects, rows)


def _write_end_users(folder: Path, time: Timeline, accounts: list[Account], rows: dict[str, int]) -> None:
    rows["end_users"] = write_csv(folder / "end_users.csv", end_users(time, accounts))


def _watched(logs: Future, folder: Path, say: Progress) -> dict[str, int]:
    """Wait for the process that writes the logs, telling how many of their files are there."""
    while not logs.done():
        written = sum(1 for path in folder.glob("*/*") if path.is_file())
        say("logs", 0.1 + 0.9 * min(1.0, written / log_files()))
        wait([logs], timeout=0.3)
    return logs.result()


def _write_vendors(home: Path, time: Timeline, observer: Observer, biller: Biller, desk: Desk) -> dict[str, int]:
    counts = {}
    for name, rows in kong_registry(time, observer.activity.callers).items():
        write_pages(home / "vendors" / "kong" / f"{name}.jsonl", rows)
        counts[f"kong {name}"] = len(rows)
    for name, rows in biller.objects.items():
        write_pages(home / "vendors" / "stripe" / f"{name}.jsonl", rows[::-1], lambda row: row["created"])
        counts[f"stripe {name}"] = len(rows)
    for name, rows in desk.objects.items():
        write_pages(home / "vendors" / "zendesk" / f"{name}.jsonl", rows, _changed)
        counts[f"zendesk {name}"] = len(rows)
    settings = {
        "sla_policies": desk.policies(),
        "groups": help_desk.groups(time),
        "schedules": help_desk.schedules(time),
        "holidays": help_desk.holidays(time),
    }
    for name, rows in settings.items():
        write_pages(home / "vendors" / "zendesk" / f"{name}.jsonl", rows)
    return counts


def _changed(row: dict) -> int:
    """When Zendesk's export says that an object changed, in epoch seconds."""
    if "generated_timestamp" in row:
        return row["generated_timestamp"]
    if "timestamp" in row:
        return row["timestamp"]
    return int(datetime.fromisoformat(row.get("time") or row["updated_at"]).timestamp())


def _write_sheets(folder: Path, office: Office, traffic: Traffic) -> dict[str, int]:
    use = np.array([traffic.expected(day).sum() for day in range(DAYS)])
    sheets = {
        "organizations": office.organizations(),
        "developers": office.developers(),
        "applications": office.applications(),
        "portal_events": office.portal_events(),
        "contracts": office.contracts(),
        "opportunities": office.opportunities(),
        "outreach": office.outreach(),
        "plan": office.plan(),
        "eurofxref": office.rates(),
        "partner_payments": office.partner_payments(),
        "focus": office.focus(use / use.max()),
    }
    return {name: write_csv(folder / f"{name}.csv", rows) for name, rows in sheets.items()}
