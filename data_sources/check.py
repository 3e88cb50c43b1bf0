"""Look at a source without storing anything: reachable? authorised, and if not, which permission is missing? what would come?"""

import shlex
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from data_sources import cloudwatch, plain, remote, s3, sync
from data_sources.failures import Forbidden, NotFound, Patience, SourceError, Unauthorised, Unreachable
from data_sources.kinds import LogSource
from data_sources.program import Program
from data_sources.registry import connectors
from data_sources.streams import Desk, Put, Rejected, Stream, fit
from data_sources.tables import files_of, match, open_sheet

QUICK = Patience(attempts=3, connect=5.0, read=20.0, total=30.0, longest_wait=10.0)
ONE = {"limit": 1, "size": 1}
SHOWN = 100


@dataclass
class Finding:
    """What was seen of one stream: `ok`, words for people, and the first record as it would be stored.

    Of log files it is `newest`, the file to recognise, with the `format` that its source names, or the source itself where
    that names the columns.
    """

    stream: str
    ok: bool
    text: str
    first: dict[str, Any] | None = None
    newest: Path | None = None
    format: str | LogSource | None = None

    @property
    def preview(self) -> str | None:
        """The command that shows what format the newest file has and what would be read of it."""
        if self.newest is None:
            return None
        named = f" --format {self.format}" if self.format else ""
        if isinstance(self.format, LogSource):
            named = f" --source {self.format.name}"
        return f"python -m sql preview {shlex.quote(str(self.newest))}{named}"


@dataclass
class Checked:
    """What was seen of a source. `reachable` and `authorised` are None where the question does not arise."""

    source: str
    kind: str
    reachable: bool | None = None
    authorised: bool | None = None
    findings: list[Finding] = field(default_factory=list)
    would_read: str = ""

    @property
    def ok(self) -> bool:
        """Whether a sync could read everything."""
        return all(finding.ok for finding in self.findings)


def check(program: Program, source: Any, now: datetime, patience: Patience = QUICK) -> Checked:
    """Look at one source of the program; raises no SourceError."""
    if source.kind == "logs":
        return _check_logs(program, source, now, patience)
    checked = Checked(source.name, source.kind)
    desk = sync.desk_of(None, program, source, now)
    try:
        with ExitStack() as stack:
            demo = sync.demo_server(stack, program, [source])
            stack.enter_context(sync.opened(source, program, desk, demo, patience=patience))
            streams = connectors()[source.kind].streams(source)
            checked.would_read = ", ".join(f"{one.name} → {_tables(one)}" for one in streams if one.tables)
            for stream in streams:
                finding = _look(stream, desk, checked) if desk.http else _look_at_file(stream, desk, source)
                checked.findings.append(finding)
                if checked.reachable is False or checked.authorised is False:
                    break
    except SourceError as error:
        checked.findings.append(Finding("", False, desk.http.redact(str(error)) if desk.http else str(error)))
    return checked


def _tables(stream: Stream) -> str:
    return " + ".join(model.__tablename__ for model in stream.tables)


def _look(stream: Stream, desk: Desk, checked: Checked) -> Finding:
    """Ask for the first page of a stream, as small as the vendor makes it."""
    request = stream.pager.first(None, desk)
    asked = {name: ONE.get(name, value) for name, value in {**stream.params, **request}.items()}
    try:
        items = stream.pager.items(desk.http.get(stream.path, asked))
    except Unreachable as error:
        checked.reachable = False
        return Finding(stream.name, False, str(error))
    except Unauthorised as error:
        checked.reachable, checked.authorised = True, False
        return Finding(stream.name, False, f"the token is refused: {error}")
    except Forbidden as error:
        checked.reachable = True
        named = f" ({error.permission})" if error.permission else ""
        ok = Forbidden in stream.without_on and stream.without is not None
        return Finding(stream.name, ok, f"missing permission: {stream.permission}{named}. {stream.without or error}")
    except NotFound as error:
        checked.reachable = True
        return Finding(stream.name, stream.without is not None, stream.without or str(error))
    except SourceError as error:
        checked.reachable = True
        return Finding(stream.name, False, str(error))
    checked.reachable = checked.authorised = True
    handed = fit(stream.records, items[0], desk) if items else []
    return Finding(
        stream.name, True, f"{stream.permission}: granted; " + _first_words(handed, items), _first_row(handed)
    )


def _first_row(handed: list[Any]) -> dict[str, Any] | None:
    return next((one.row for one in handed if isinstance(one, Put)), None)


def _first_words(handed: list[Any], items: list[Any]) -> str:
    rejected = next((one for one in handed if isinstance(one, Rejected)), None)
    if rejected:
        return f"the first record does not fit: {rejected.reason}"
    row = _first_row(handed)
    if row is None:
        return "it has records" if items else "no records yet"
    held = ", ".join(f"{name}={value}" for name, value in row.items() if value is not None)
    return f"first record: {held[: 2 * SHOWN]}"


def _look_at_file(stream: Stream, desk: Desk, source: Any) -> Finding:
    """Read the head of a sheet: which headers were matched, which not, and its first record."""
    files = files_of(desk.home, source.path)
    renamed = getattr(source, "columns", {})
    with open_sheet(files[0]) as (header, _):
        matched = match(stream.layout, header, renamed, files[0].name)
    pages = stream.read(desk, None)
    handed = next(pages).handed[:SHOWN]
    bad = [one for one in handed if isinstance(one, Rejected)]
    understood = ", ".join(matched.understood)
    extra = [name for _, name in matched.extra]
    words = [f"{len(files)} file(s), {len(header)} columns; understood: {understood}"]
    words += [f"not understood: {', '.join(extra)}"] if extra else []
    words += [f"{bad[0].file}, line {bad[0].line_no}: {bad[0].reason}"] if bad else []
    words.append(_first_words([one for one in handed if isinstance(one, Put)], handed))
    return Finding(stream.name, len(bad) < len(handed) or not handed, ". ".join(words), _first_row(handed))


def _check_logs(program: Program, source: Any, now: datetime, patience: Patience) -> Checked:
    """Which files match, how large they are, and the first line of the newest."""
    checked = Checked(source.name, source.kind, would_read=", ".join(source.paths))
    for pattern in source.paths:
        if remote.is_remote(pattern):
            place = remote.Remote(program, source, pattern, now, patience)
            checked.findings.append(_look_far(place, checked))
            continue
        try:
            files = files_of(Path(program.home), pattern)
            size = sum(path.stat().st_size for path in files)
            newest = max(files, key=_age)
            line = _first_line(newest)
        except (SourceError, OSError, plain.UnreadableError) as error:
            checked.findings.append(Finding(pattern, False, str(error)))
            continue
        words = f"{len(files)} file(s), {size / 1e6:,.1f} MB, format {source.format}; {newest.name} begins: {line}"
        named = source if source.columns else None if source.format == "auto" else source.format
        checked.findings.append(Finding(pattern, True, words, newest=newest, format=named))
    return checked


def _look_far(place: remote.Remote, checked: Checked) -> Finding:
    """List a remote path and read the start of its newest log, as a refresh would."""
    of = s3 if place.pattern.startswith("s3:") else cloudwatch
    try:
        words, start = of.look(place)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "start"
            path.write_bytes(start)
            line = _first_line(path)
    except Unreachable as error:
        checked.reachable = False
        return Finding(place.pattern, False, str(error))
    except Unauthorised as error:
        checked.reachable, checked.authorised = True, False
        return Finding(place.pattern, False, f"the credentials are refused: {error}")
    except (SourceError, plain.UnreadableError) as error:
        # the region or the profile may be wrong, before anything is asked
        checked.reachable = checked.reachable or isinstance(error, (Forbidden, NotFound)) or None
        return Finding(place.pattern, False, remote.reason(error) if isinstance(error, SourceError) else str(error))
    checked.reachable = checked.authorised = True
    return Finding(place.pattern, True, f"{words}; format {place.source.format}; it begins: {line}")


def _age(path: Path) -> tuple[bool, int, str]:
    """Orders logs by age, the newest last; one that was just rotated and is still empty counts as the oldest."""
    seen = path.stat()
    return seen.st_size > 0, seen.st_mtime_ns, path.name


def _first_line(path: Path) -> str:
    """The start of a log's first line, decompressed."""
    head = plain.head(path, 4 * SHOWN)
    lines = head.content.decode("utf-8-sig" if head.encoding == "utf-8" else "utf-16", "replace").splitlines()
    return lines[0][:SHOWN] if lines else "(empty)"
