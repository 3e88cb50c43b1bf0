"""What a file is and what would be read of it; stores nothing."""

import json
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO

import pandas as pd
from pydantic import ValidationError

from data_sources import files, plain
from data_sources.kinds import LogSource
from data_sources.ledger import LogFile
from data_sources.log_columns import TIMES, UNITS
from data_sources.program import ProgramError, default_home, load
from data_sources.program import now as clock
from sql.engines import duckdb as engine
from sql.looks import looks_like
from sql.requests import EVENT_COLUMNS, Format, FormatError, by_name
from sql.requests.columns import named_columns
from sql.requests.read import SAMPLE_BYTES, Counts, Reader, recognise

MEMORY_LIMIT = "700MB"
SHOWN = 10
SHOWN_OF_LINES = 10_000
ROWS_AT_ONCE = 5_000
BRIEF = ("occurred_at", "method", "path", "status", "latency_ms", "consumer_ref", "refusal")


@dataclass(frozen=True)
class Preview:
    """What was read of a file. `format` is None where none reads it; `message` says then what it looks like."""

    format: str | None
    lines: int
    accepted: int
    rejected: int
    blank: int
    events: pd.DataFrame
    rejects: pd.DataFrame
    message: str | None


def preview(
    path: str | Path,
    format: str | LogSource | None = None,
    limit: int | None = None,
    as_json: bool = False,
    out: TextIO | None = None,
) -> int:
    """Print a file's events and rejected lines; returns the exit status: 0 when something was read, else 2.

    `limit` is how many lines are read (all of them as JSON, else the first 10,000, of which ten are shown). As JSON every
    line of `out` is one object: events and rejected lines in the file's order, a summary last; messages go to stderr.
    `format` is a format's name, or a source of log files that says how its logs are written.
    """
    out = out or sys.stdout
    show = _show_json if as_json else _show_text
    totals, name, message = Counts(0, 0, 0, 0), None, None
    try:
        with _Opened(Path(path), format, limit if as_json else limit or SHOWN_OF_LINES) as opened:
            name = opened.form.name if opened.form else None
            for counts in opened.read():
                show(opened, out, limit, totals)
                totals = _sum(totals, counts)
            message = opened.message(totals)
    except (OSError, FormatError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        message = f"{path}: {reason}"
    summary = {"format": name, "lines": totals.lines, "accepted": totals.accepted, "rejected": totals.rejected,
               "blank": totals.blank}  # fmt: skip
    if as_json:
        out.write(json.dumps({"summary": summary}) + "\n")
    elif name:
        out.write(f"format {name}: {totals.lines:,} lines, {totals.accepted:,} accepted, {totals.rejected:,} rejected, "
                  f"{totals.blank:,} blank\n")  # fmt: skip
    out.flush()
    if message:
        sys.stderr.write(message + "\n")
    return 0 if totals.accepted else 2


def preview_bytes(name: str, content: bytes, limit: int = 200, format: str | LogSource | None = None) -> Preview:
    """The same for bytes that were uploaded: the first `limit` lines, as tables."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "upload"
        path.write_bytes(content)
        return preview_file(path, limit, format, name)


def preview_file(
    path: Path, limit: int = 200, format: str | LogSource | None = None, name: str | None = None
) -> Preview:
    """The first `limit` lines of a file, as tables; `name` stands for it in messages. Raises OSError where it cannot be opened."""
    totals, form, frames = Counts(0, 0, 0, 0), None, []
    try:
        with _Opened(path, format, limit, name) as opened:
            form = opened.form.name if opened.form else None
            for counts in opened.read():
                totals = _sum(totals, counts)
                frames.append((opened.events().df(), opened.rejects().df()))
            message = opened.message(totals)
    except FormatError as error:
        message = f"{name or path}: {error}"
    events = pd.concat([f[0] for f in frames]) if frames else pd.DataFrame(columns=list(EVENT_COLUMNS))
    rejects = pd.concat([f[1] for f in frames]) if frames else pd.DataFrame(columns=["line_no", "reason", "text"])
    return Preview(
        form, totals.lines, totals.accepted, totals.rejected, totals.blank, events.head(limit), rejects, message
    )


def _wanted(format: str | LogSource | None) -> Format | None:
    """The format that is named, or that a source describes; None where it is to be recognised."""
    if isinstance(format, LogSource):
        return named_columns(format) if format.columns else _wanted(format.format)
    return None if format in (None, "auto") else by_name(format)


class _Opened:
    """A file with its format, read chunk by chunk into the table `careful`."""

    def __init__(self, path: Path, format: str | LogSource | None, limit: int | None, name: str | None = None) -> None:
        self.path, self.limit, self.name = path, limit, name or str(path)
        self.wanted = _wanted(format)
        self.failure: str | None = None
        self.form: Format | None = None

    def __enter__(self) -> "_Opened":
        if self.path.is_dir():
            raise IsADirectoryError(21, "is a folder, not a file")
        self.folder = tempfile.TemporaryDirectory()
        self.con = engine.connect(memory_limit=MEMORY_LIMIT)
        try:
            self.con.execute("set temp_directory = ?", [str(Path(self.folder.name) / "spill")])
            self.con.execute(f"set variable now = timestamp '{clock()}'")
            self.head = self._head()
            text = plain.text_of(self.head)
            self.form = self.wanted.for_file(text) if self.wanted else recognise(Reader(self.con), text)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: Any) -> None:
        self.con.close()
        self.folder.cleanup()

    def _head(self) -> plain.Head:
        try:
            return plain.head(self.path, SAMPLE_BYTES)
        except plain.UnreadableError as error:
            self.failure = str(error)
            return plain.Head(plain.compression_of(self.path), "utf-8", b"")

    def read(self) -> Iterator[Counts]:
        """Read the file's lines, up to the limit; after each step the table `careful` holds what was counted."""
        if self.form is None:
            return
        reader = Reader(self.con)
        try:
            for chunk in self._chunks():
                yield reader.read(self.form, chunk)
                chunk.discard()
        except plain.UnreadableError as error:
            self.failure = str(error)

    def _chunks(self) -> Iterator[files.Chunk]:
        spool = Path(self.folder.name)
        log = LogFile(id="preview", source="", path=str(self.path), head_fingerprint="", head_bytes=0, read_offset=0,
                      lines_read=0, first_seen_at=datetime.min)  # fmt: skip
        if self.limit is None:
            yield from files.chunks(log, self.path, self.head, spool, complete=True)
            return
        left, target = self.limit, spool / "first.log"
        chunk = files.Chunk("preview", log, target, True, 0, 0, 1, 0)
        failure = None
        with target.open("wb") as out:
            try:
                for block in plain.blocks(self.path, self.head, 0, True):
                    taken = min(block.lines, left)
                    out.write(block.text if taken == block.lines else b"".join(_first_lines(block.text, taken)))
                    left -= taken
                    chunk = replace(chunk, lines=chunk.lines + taken)
                    if not left:
                        break
            except plain.UnreadableError as error:
                failure = error
        if chunk.lines:
            yield chunk
        if failure:
            raise failure

    def events(self) -> Any:
        """The events that were just read, in DESIGN order, before hashing."""
        missing = {"source", "environment", "client_country", "client_network"}
        if self.form and self.form.says_environment:
            missing.remove("environment")
        columns = ", ".join(f"cast(null as varchar) as {c}" if c in missing else c for c in EVENT_COLUMNS)
        return self.con.execute(f"select {columns} from careful where problem is null order by line_no")

    def rejects(self) -> Any:
        """The lines that were just rejected: line_no, reason, text (secrets removed)."""
        return self.con.execute(
            "select line_no, redacted(problem) as reason, redacted(line) as text from careful "
            "where problem is not null and problem <> 'blank' order by line_no"
        )

    def message(self, totals: Counts) -> str | None:
        """What to tell a person: why reading ended early, or what the file looks like where nothing was read."""
        if self.failure:
            return f"{self.name}, after line {totals.lines:,}: {self.failure}"
        if totals.accepted:
            return None
        looks = looks_like(self.name, self.head.content)
        if self.wanted:
            return f"{self.name}: nothing in it could be read as {self.wanted.name}; it looks like {looks}"
        return f"{self.name}: no log format reads it; it looks like {looks}"


def _first_lines(text: bytes, count: int) -> Iterator[bytes]:
    start = 0
    for _ in range(count):
        end = text.index(b"\n", start) + 1
        yield text[start:end]
        start = end


def _show_json(opened: _Opened, out: TextIO, limit: int | None, before: Counts) -> None:
    left = None if limit is None else limit - before.accepted
    for row in _rows(opened.events()):
        if left is not None:
            if left <= 0:
                break
            left -= 1
        moment = row["occurred_at"]
        row["occurred_at"] = moment.isoformat(timespec="milliseconds") + "Z"
        out.write(json.dumps({"event": row}, ensure_ascii=False) + "\n")
    for row in _rows(opened.rejects()):
        out.write(json.dumps({"rejected": row}, ensure_ascii=False) + "\n")


def _show_text(opened: _Opened, out: TextIO, limit: int | None, before: Counts) -> None:
    for row in list(_rows(opened.events()))[: max(0, (limit or SHOWN) - before.accepted)]:
        out.write("  ".join("-" if row[column] is None else str(row[column]) for column in BRIEF) + "\n")
    for row in list(_rows(opened.rejects()))[: max(0, (limit or SHOWN) - before.rejected)]:
        out.write(f"rejected, line {row['line_no']:,}: {row['reason']}\n    {row['text'][:160]}\n")


def _rows(result: Any) -> Iterator[dict[str, Any]]:
    names = [column[0] for column in result.description]
    while rows := result.fetchmany(ROWS_AT_ONCE):
        for row in rows:
            yield dict(zip(names, row, strict=True))


def _sum(left: Counts, right: Counts) -> Counts:
    return Counts(left.lines + right.lines, left.accepted + right.accepted, left.rejected + right.rejected,
                  left.blank + right.blank)  # fmt: skip


def main(argv: list[str]) -> int:
    """`preview FILE [--format F [--columns OURS=THEIRS,…] [--time T] [--latency-unit U] | --source NAME] [--json] [--limit N]`."""
    import argparse

    parser = argparse.ArgumentParser(prog="python -m sql preview", description=__doc__)
    parser.add_argument("file")
    parser.add_argument("--format", help="a format's name; json or csv with --columns")
    parser.add_argument(
        "--columns", help="names of a log of your own, as in occurred_at=ts,status=code,api_key=auth.key"
    )
    parser.add_argument("--time", help=f"how its times are written: {', '.join(TIMES)}")
    parser.add_argument("--latency-unit", help=f"what its latencies count: {', '.join(UNITS)}")
    parser.add_argument("--source", help="read it as this source of program.toml does")
    parser.add_argument("--home", type=Path, default=default_home())
    parser.add_argument("--limit", type=int)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(argv)
    try:
        format = _described(given)
    except ProgramError as error:
        print(error, file=sys.stderr)
        return 2
    return preview(given.file, format, given.limit, given.json)


def _described(given: Any) -> str | LogSource | None:
    if given.source:
        found = [one for one in load(given.home).sources if one.kind == "logs" and one.name == given.source]
        if not found:
            raise ProgramError(f"{given.home / 'program.toml'} has no source of log files named {given.source}")
        return found[0]
    if not (given.columns or given.time or given.latency_unit):
        return given.format
    pairs = [pair.partition("=") for pair in (given.columns or "").split(",") if pair]
    columns = {ours.strip(): int(theirs) if theirs.strip().isdigit() else theirs.strip() for ours, _, theirs in pairs}
    try:
        return LogSource(
            name="preview", kind="logs", paths=[given.file], format=given.format or "json", columns=columns,
            time=given.time, latency_unit=given.latency_unit,
        )  # fmt: skip
    except ValidationError as error:
        reasons = (
            ".".join(map(str, one["loc"])) + ": " + one["msg"].removeprefix("Value error, ") for one in error.errors()
        )
        raise ProgramError("\n".join(reason.removeprefix(": ") for reason in reasons)) from None
