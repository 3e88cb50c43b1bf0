"""python -m sql: preview a file, refresh or build the warehouse, merge small files, check it, show a statement, ask for a metric."""

import argparse
import json
import sys
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from data_sources.lakes import LakeError
from data_sources.program import ProgramError, default_home

OK, PARTIAL, UNUSABLE, BUSY, INTERRUPTED = 0, 1, 2, 3, 130


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit status: 0 done, 1 done in part or a check failed, 2 not done, 3 busy."""
    arguments = sys.argv[1:] if arguments is None else arguments
    if arguments[:1] == ["preview"]:
        from sql.preview import main as preview

        return preview(arguments[1:])
    given = _parser().parse_args(arguments)
    try:
        return given.run(given)
    except KeyboardInterrupt:
        print("Stopped. Run it again: it goes on where it was.", file=sys.stderr)
        return INTERRUPTED
    except (ProgramError, LakeError, ValueError) as error:
        print(error, file=sys.stderr)
        return UNUSABLE
    except BrokenPipeError:
        sys.stderr.close()
        return OK


def _refresh(given: argparse.Namespace) -> int:
    from sql.progress import shown
    from sql.refresh import refresh
    from sql.retention import Dropped

    def work() -> int:
        with shown() as progress:
            done = refresh(given.home, given.as_of, progress, not given.no_wait, given.from_scratch)
        print(
            f"{done.lines:,} new log lines ({done.accepted:,} accepted, {done.rejected:,} rejected), "
            f"{done.records_changed:,} records changed: "
            + (f"nothing new to build, {done.built.name} stays" if done.built.skipped else f"built {done.built.name}")
        )
        if done.dropped != Dropped():
            print(done.dropped)
        _warn(done.built)
        for failure in done.failures:
            print(f"failed: {failure}", file=sys.stderr)
        return PARTIAL if done.failures else OK

    return _guarded(work)


def _build(given: argparse.Namespace) -> int:
    from sql.progress import shown
    from sql.refresh import build_only

    def work() -> int:
        with shown() as progress:
            built = build_only(given.home, given.as_of, progress, not given.no_wait, given.from_scratch)
        print(f"nothing new, {built.name} stays" if built.skipped else f"built {built.name}")
        _warn(built)
        return OK

    return _guarded(work)


def _compact(given: argparse.Namespace) -> int:
    from sql.progress import shown
    from sql.refresh import compact_only

    def work() -> int:
        with shown() as progress:
            done = compact_only(given.home, progress, not given.no_wait)
        print(done)
        for error in done.errors:
            print(f"not merged: {error}", file=sys.stderr)
        return PARTIAL if done.errors else OK

    return _guarded(work)


def _guarded(work: Callable[[], int]) -> int:
    from data_sources.connected import StoreAway
    from sql.build import BuildError
    from sql.refresh import Busy

    try:
        return work()
    except Busy as error:
        print(error, file=sys.stderr)
        return BUSY
    except StoreAway as error:
        print(error, file=sys.stderr)
        return UNUSABLE
    except BuildError as error:
        print(f"Not built; the last good snapshot stays.\n{error}", file=sys.stderr)
        return PARTIAL


def _warn(built: Any) -> None:
    for result in built.failing_checks:
        print(f"check {result}", file=sys.stderr)
    for said in built.older:
        print(f"no longer counted again, as its events were dropped: {said}")


def _check(given: argparse.Namespace) -> int:
    from data_sources import program
    from data_sources.lakes import open_lake
    from data_sources.store import open_store
    from sql import checks

    snapshot = _snapshot(given.home)
    with snapshot.cursor() as cursor:
        results = checks.run(cursor)
    store = open_store(given.home)
    results += checks.run_on_lake(open_lake(given.home, program.load(given.home)), store)
    store.engine.dispose()
    failing = [result for result in results if not result.passed]
    for result in failing:
        print(f"{result.severity}: {result}")
    print(f"{len(results)} checks of {snapshot.name}, {len(failing)} failed")
    return PARTIAL if failing else OK


def _digest(given: argparse.Namespace) -> int:
    from data_sources import program
    from data_sources.store import open_store
    from sql import digest

    snapshot, settings = _snapshot(given.home), program.load(given.home)
    found = digest.changes(snapshot)
    if given.dry_run:
        said = digest.message(settings.program.name, found, snapshot.as_of, settings.digest.dashboard).text
        print(said if found else "nothing to say", end="" if found else "\n")
        return OK
    store = open_store(given.home)
    try:
        sent = digest.send(found, snapshot.as_of, store, settings, program.now())
    finally:
        store.engine.dispose()
    for channel, new in sent.new.items():
        if not any(failure.startswith(f"{channel}:") for failure in sent.failures):
            print(f"{channel}: {f'{new} new, sent' if new else 'nothing new to say'}")
    for warning in sent.warnings:
        print(f"not to everybody: {warning}", file=sys.stderr)
    for failure in sent.failures:
        print(f"not delivered: {failure}", file=sys.stderr)
    return PARTIAL if sent.failures or sent.warnings else OK


def _render(given: argparse.Namespace) -> int:
    from sql.render import render

    print(render(given.name).rstrip())
    return OK


def _describe(given: argparse.Namespace) -> int:
    from sql.describe import text

    print(text(), end="")
    return OK


def _query(given: argparse.Namespace) -> int:
    from sql import query
    from sql.catalogue import metric

    asked = metric(given.metric)
    snapshot = _snapshot(given.home)
    span = query.period(snapshot.as_of, given.period)
    if given.date_from or given.date_to:
        span = query.Period(given.date_from, given.date_to)
    if span.date_from and span.date_to and span.date_from >= span.date_to:
        raise query.QueryError(
            f"--from {span.date_from} must be before --to {span.date_to}, which is not in the period."
        )
    chosen = ("tier", "service", "account", "stage", "reason", "search", "version", "window_days")
    columns, rows = query.rows(
        snapshot, given.metric, **span.parameters(), **{name: getattr(given, name) for name in chosen}
    )
    if given.json:
        print(json.dumps([dict(zip(columns, row, strict=True)) for row in rows], default=_plain, ensure_ascii=False))
        return OK
    _print_table(asked.label, asked.question, columns, rows, f"as of {snapshot.as_of:%Y-%m-%d %H:%M} UTC")
    return OK


def _print_table(label: str, question: str, columns: list[str], rows: list[tuple], caption: str) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(title=f"{label}: {question}", caption=caption, title_justify="left")
    numeric = [any(isinstance(row[n], int | float | Decimal) for row in rows) for n in range(len(columns))]
    for column, right in zip(columns, numeric, strict=True):
        table.add_column(column, justify="right" if right else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(_cell(value)) for value in row))
    wide = {} if sys.stdout.isatty() else {"width": 40 * max(1, len(columns))}
    Console(**wide).print(table)


def _cell(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float | Decimal):
        return f"{value:,.2f}"
    return str(value)


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    return value.isoformat() if isinstance(value, date) else str(value)


def _snapshot(home: str | Path) -> Any:
    from sql.snapshot import current

    found = current(home)
    if found is None:
        raise ProgramError(f"{home} has no snapshot yet: run `python -m sql refresh --home {home}` first.")
    if found.failed:
        print(f"The last build failed, this is the one before: {found.failed}", file=sys.stderr)
    return found


def _day(text: str) -> date:
    return date.fromisoformat(text)


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo:
        raise argparse.ArgumentTypeError("write it in UTC, without a zone")
    return moment


_day.__name__, _moment.__name__ = "date (YYYY-MM-DD)", "date or time (YYYY-MM-DD[THH:MM])"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m sql", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="command")
    commands.add_parser("preview", help="what a log file is and what would be read of it; stores nothing")
    for name, run, text in (
        ("refresh", _refresh, "fetch from every source, read new log lines, count and build"),
        ("build", _build, "build a snapshot of what is stored, reading no source"),
    ):
        command = _command(commands, name, run, text)
        command.add_argument("--as-of", type=_moment, help="build as of this day (UTC) instead of the program's or now")
        command.add_argument(
            "--no-wait", action="store_true", help="do not wait for another refresh: exit with status 3"
        )
        command.add_argument("--from-scratch", action="store_true", help="take nothing from the snapshot before")
    command = _command(
        commands,
        "compact",
        _compact,
        "merge the many small files of a day's request events into few; counts stay as they are",
    )
    command.add_argument("--no-wait", action="store_true", help="do not wait for a refresh: exit with status 3")
    _command(commands, "check", _check, "run every check on the current snapshot, the lake and the ledger")
    command = _command(
        commands, "digest", _digest, "send what changed and matters by e-mail and to a chat ([digest] of program.toml)"
    )
    command.add_argument(
        "--dry-run", action="store_true", help="print it, with what was said already, and send nothing"
    )
    command = commands.add_parser("render", help="the SQL text of a metric, mart, roll-up or check")
    command.add_argument("name")
    command.set_defaults(run=_render)
    command = commands.add_parser(
        "describe", help="every log format and kind of source that can be read, as docs/sources.md has it"
    )
    command.set_defaults(run=_describe)
    command = _command(commands, "query", _query, "ask for a metric")
    command.add_argument("metric")
    command.add_argument("--period", default="90d", help="90d, 12w or all; ends with the snapshot's day (default 90d)")
    command.add_argument("--from", dest="date_from", type=_day, help="first UTC day")
    command.add_argument("--to", dest="date_to", type=_day, help="the UTC day after the last")
    command.add_argument("--tier", choices=("internal", "partner", "open", "public"))
    for name in ("service", "account", "stage", "reason", "search", "version"):
        command.add_argument(f"--{name}")
    command.add_argument("--window-days", type=int, help="how long an entrant has to move on")
    command.add_argument("--json", action="store_true", help="a list of objects instead of a table")
    return parser


def _command(commands: Any, name: str, run: Callable, text: str) -> argparse.ArgumentParser:
    command = commands.add_parser(name, help=text, description=text)
    command.add_argument("--home", type=Path, default=default_home(), help="the home folder (default %(default)s)")
    command.set_defaults(run=run)
    return command


if __name__ == "__main__":
    sys.exit(main())
