"""python -m data_sources list | check NAME… | sync [NAME…] | init | demo: what comes in, from the command line."""

import argparse
import shutil
import sys
from datetime import date
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from data_sources import program as programs
from data_sources.check import check
from data_sources.failures import SourceError
from data_sources.lakes import REQUESTS, LakeError, open_lake
from data_sources.program import Program, ProgramError
from data_sources.registry import connectors
from data_sources.store import open_store
from data_sources.sync import sync_all

OK, SOME_FAILED, UNUSABLE = 0, 1, 2
out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)


def main(arguments: list[str] | None = None) -> int:
    """Run one command. 0: all well, 1: a source failed, 2: nothing could be done; the reason is on standard error."""
    asked = _parser().parse_args(arguments)
    try:
        return asked.run(asked)
    except (ProgramError, SourceError) as error:
        err.print(str(error), markup=False)
        return UNUSABLE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m data_sources", description="What comes in.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    home = argparse.ArgumentParser(add_help=False)
    home.add_argument("--home", type=Path, default=programs.default_home(), help="the folder that holds everything")

    def command(name: str, run, words: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=words, description=words, parents=[home])
        sub.set_defaults(run=run)
        return sub

    command("list", _list, "the sources of program.toml, and what every kind needs")
    sub = command("check", _check, "look at sources without storing anything")
    sub.add_argument("names", nargs="*", metavar="NAME")
    sub = command("sync", _sync, "fetch from sources (all that are not log files) into the record store")
    sub.add_argument("names", nargs="*", metavar="NAME")
    command("init", _init, "write a commented program.toml to start from")
    sub = command("demo", _demo, "write the demo company and a program.toml for it")
    sub.add_argument("--requests", type=int, default=2_000_000, help="how many API calls (default 2,000,000)")
    sub.add_argument("--seed", type=int, default=7, help="the same seed writes the same company")
    sub.add_argument(
        "--as-of", type=date.fromisoformat, default=None, metavar="DATE", help="the day after its last (default today)"
    )
    return parser


def _chosen(program: Program, names: list[str]) -> list:
    known = {source.name: source for source in program.sources}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise ProgramError(f"no source {', '.join(unknown)} in program.toml; there are: {', '.join(known) or 'none'}")
    return [known[name] for name in names] if names else list(program.sources)


def _list(asked: argparse.Namespace) -> int:
    program = programs.load(asked.home)
    program.check_files()
    for source in program.sources:
        label = connectors()[source.kind].label if source.kind in connectors() else "log files"
        named = (getattr(source, name, None) for name in ("url", "path", "region"))
        where = ", ".join(getattr(source, "paths", ())) or next(filter(None, named), "")
        out.print(f"{source.name:<20} {source.kind:<15} {label}: {where}", markup=False)
    if not program.sources:
        out.print("no sources yet")
    if program.lake:
        out.print(f"{'[lake]':<20} request events and counts lie in {program.lake.path}", markup=False)
    out.print("\nkinds that a [[source]] can have:", markup=False)
    out.print(
        '  logs            paths = ["logs/*.log*"], s3://bucket/prefix/*.gz or cloudwatch:GROUP',
        markup=False,
    )
    for kind, connector in sorted(connectors().items()):
        out.print(f"  {kind:<15} {connector.settings}", markup=False)
    return OK


def _check(asked: argparse.Namespace) -> int:
    program = programs.load(asked.home)
    program.check_files()
    all_well = True
    for source in _chosen(program, asked.names):
        found = check(program, source, programs.now())
        all_well &= found.ok
        state = {True: "yes", False: "NO", None: "-"}
        out.print(
            f"{found.source} ({found.kind}): reachable: {state[found.reachable]}, authorised: {state[found.authorised]}",
            markup=False,
        )
        for finding in found.findings:
            out.print(f"  {'ok ' if finding.ok else 'NO '} {finding.stream}: {finding.text}", markup=False)
            if finding.preview:
                out.print(f"      its format and what would be read of it: {finding.preview}", markup=False)
        if found.would_read:
            out.print(f"  would read: {found.would_read}", markup=False)
    if program.lake and not asked.names:
        all_well &= _check_lake(asked.home, program)
    return OK if all_well else SOME_FAILED


def _check_lake(home: Path, program: Program) -> bool:
    try:
        days = open_lake(home, program, is_quick=True).folders(REQUESTS)
    except LakeError as error:
        out.print(f"[lake]: reachable: NO, {error}", markup=False)
        return False
    out.print(f"[lake]: reachable: yes, events of {len(days):,} days in {program.lake.path}", markup=False)
    return True


def _sync(asked: argparse.Namespace) -> int:
    program = programs.load(asked.home)
    chosen = _chosen(program, asked.names)
    if asked.names and (logs := [source.name for source in chosen if source.kind == "logs"]):
        raise ProgramError(f"{', '.join(logs)}: log files are read by `python -m sql refresh`, not by sync")
    store = open_store(asked.home)
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TextColumn("{task.completed:,} records"))
    with Progress(*columns, TimeElapsedColumn(), console=err, transient=True) as bars:
        tasks: dict[str, int] = {}

        def progress(source: str, stream: str, records: int) -> None:
            name = f"{source}: {stream}"
            if name not in tasks:
                tasks[name] = bars.add_task(name, total=None)
            bars.update(tasks[name], completed=records)

        results = sync_all(store, program, programs.now(), progress, [source.name for source in chosen])
    for result in results:
        for stream in result.streams:
            words = f"{stream.records:>9,} records, {stream.changed:,} changed, {stream.rejected:,} rejected"
            note = f" ({stream.note})" if stream.note else ""
            out.print(f"{result.source:<16} {stream.stream:<22} {words}{note}", markup=False)
        for error in result.errors:
            err.print(error, markup=False)
    if results and not any(result.ok for result in results):
        return UNUSABLE if not any(result.streams for result in results) else SOME_FAILED
    return OK if all(result.ok for result in results) else SOME_FAILED


def _init(asked: argparse.Namespace) -> int:
    if programs.exists(asked.home):
        raise ProgramError(f"{asked.home / 'program.toml'}: is there already; nothing was written")
    for folder in ("logs", "sheets", "inbox"):
        (asked.home / folder).mkdir(parents=True, exist_ok=True)
    shutil.copyfile(programs.SAMPLE, asked.home / "program.toml")
    out.print(f"wrote {asked.home / 'program.toml'}: edit it, then `python -m data_sources check --home {asked.home}`")
    return OK


def _demo(asked: argparse.Namespace) -> int:
    from data_sources import demo

    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True) as bars:
        task = bars.add_task("the demo company", total=1.0)

        def progress(words: str, share: float) -> None:
            bars.update(task, completed=share, description=words)

        demo.write(asked.home, asked.requests, asked.seed, asked.as_of, progress)
    out.print(f"wrote the demo company to {asked.home}; read it with `python -m sql refresh --home {asked.home}`")
    return OK


if __name__ == "__main__":
    sys.exit(main())
