"""Log files: which there are, which was read how far, and the next chunks of each.

A file is known by its content, not its name: the fingerprint of its first plain bytes, then its inode. So a log that is
renamed, copied and truncated, or compressed by rotation goes on where it was left and counts once. A chunk is named after
its file and where it starts: a run that was killed and runs again writes the same chunk again.
"""

import glob
import hashlib
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlmodel import select, update

from data_sources import plain
from data_sources.ledger import LogChunk, LogFile
from data_sources.plain import UnreadableError
from data_sources.store import Store

HEAD_BYTES = 64 << 10
WEAK_HEAD_BYTES = 1 << 10
CHUNK_BYTES = 240 << 20
SCANNED_BYTES = 1 << 20


class AlreadyReadError(Exception):
    """Another process stored this chunk first."""


@dataclass(frozen=True)
class Chunk:
    """A stretch of whole lines. `text_path` is a file of exactly these lines as clean UTF-8; offsets count plain bytes.

    `marks` are (byte of `text_path`, lines before it) at the starts of some lines, so that one line is soon found.
    `spooled` says that `text_path` is a copy to be deleted. Where it is the log itself, `is_settled` must hold after it was read.
    """

    id: str
    log: LogFile
    text_path: Path
    spooled: bool
    start: int
    end: int
    first_line_no: int
    lines: int
    marks: tuple[tuple[int, int], ...] = ()

    def is_settled(self) -> bool:
        """Whether the file that was read still ends where the chunk ends."""
        return self.spooled or self.text_path.stat().st_size == self.end

    def discard(self) -> None:
        """Delete the copy of the lines, where there is one."""
        if self.spooled:
            self.text_path.unlink(missing_ok=True)


def find(home: Path, patterns: Iterable[str]) -> list[Path]:
    """The files that globs (relative to the home) name, oldest first; each once, whatever links lead to it."""
    found = {}
    for pattern in patterns:
        for name in glob.glob(str(home / pattern), recursive=True):
            path = Path(name)
            if path.is_file():
                found[path.resolve()] = path
    return sorted(found.values(), key=lambda path: (path.stat().st_mtime_ns, str(path)))


def keep(home: Path, name: str, content: bytes) -> Path:
    """Put an uploaded file into the inbox under a safe name of its own, whole or not at all."""
    folder = Path(home) / "inbox"
    folder.mkdir(parents=True, exist_ok=True)
    safe = re.sub(r"[^A-Za-z0-9._-]+", "_", Path(name).name).lstrip(".") or "upload"
    digest = hashlib.sha256(content).hexdigest()[:8]
    target = folder / f"{digest}-{safe}"
    aside = folder / f".{target.name}.part"
    aside.write_bytes(content)
    os.replace(aside, target)
    return target


class Shelf:
    """The log files of one source as the ledger knows them; tells what a path on disk is."""

    def __init__(self, store: Store, source: str) -> None:
        self.store, self.source = store, source
        with store.session() as session:
            self.known = list(session.exec(select(LogFile).where(LogFile.source == source)))
        self._place_of = {log.id: place for place, log in enumerate(self.known)}
        self._named: dict[str, dict[str, LogFile]] = {}
        for log in self.known:
            self._named.setdefault(log.path, {})[log.id] = log

    def is_unchanged(self, path: Path) -> bool:
        """Whether the file was read to its end as it is now; asks the file system, not the file."""
        stat = path.stat()
        return any(
            (log.path, log.inode, log.size, log.modified_ns) == (str(path), stat.st_ino, stat.st_size, stat.st_mtime_ns)
            for log in self.known
        )

    def has(self, name: str, stamp: Any) -> bool:
        """Whether a remote log was read to its end in this version."""
        logs = self._named.get(name, {}).values()
        return any((log.inode, log.size) == (stamp.st_ino, stamp.st_size) for log in logs)

    def place(self, path: Path, head: plain.Head, now: datetime, name: str | None = None, stamp: Any = None) -> LogFile:
        """The ledger row of a file: the one of the same content, or a new one, stored before anything is read.

        A remote log has a `name` and a `stamp`, which stand for path and stat: only what has its name is the same log.
        """
        stat = stamp or path.stat()
        fingerprint = _digest(head.content)
        id = _digest(f"{self.source}\n{name or stat.st_ino}\n{fingerprint}".encode())[:24]
        log = self._same_content_named(name, head, id) if name else self._same_content(path, head, stat.st_ino)
        if log is None:
            log = LogFile(
                id=id, source=self.source, path=name or str(path), head_fingerprint=fingerprint, head_bytes=len(head.content),
                read_offset=0, lines_read=0, first_seen_at=now,
            )  # fmt: skip
        if len(head.content) > log.head_bytes:
            log.head_bytes, log.head_fingerprint = len(head.content), _digest(head.content)
        log.path, log.inode = name or str(path), stat.st_ino
        log.compression, log.encoding = head.compression, head.encoding
        log.size = log.modified_ns = None
        return self._save(log)

    def finish(self, log: LogFile, stat: os.stat_result, error: str | None, now: datetime) -> None:
        """Note that a file was read to the end that it had at `stat`."""
        log.size, log.modified_ns, log.error, log.last_read_at = stat.st_size, stat.st_mtime_ns, error, now
        self._save(log)

    def record(self, log: LogFile, chunk: LogChunk, physical_lines: int, now: datetime) -> None:
        """Store a chunk and move its file's offset in one transaction; raises AlreadyReadError if it was moved meanwhile."""
        moved = {"read_offset": chunk.end_offset, "lines_read": log.lines_read + physical_lines, "last_read_at": now}
        with self.store.session() as session:
            here = (LogFile.id == log.id) & (LogFile.read_offset == chunk.start_offset)
            if session.execute(update(LogFile).where(here).values(**moved)).rowcount != 1:
                raise AlreadyReadError(f"{log.path} was read by another process at the same time")
            session.add(chunk)
        for name, value in moved.items():
            setattr(log, name, value)

    def _same_content_named(self, name: str, head: plain.Head, id: str) -> LogFile | None:
        logs = self._named.get(name, {})
        if id in logs:
            # as it was when it was first seen, however it grew since
            return logs[id]
        logs = logs.values()
        same = [log for log in logs if _digest(head.content[: log.head_bytes]) == log.head_fingerprint]
        return max(same, key=lambda log: log.head_bytes, default=None)

    def _same_content(self, path: Path, head: plain.Head, inode: int) -> LogFile | None:
        digests: dict[int, str] = {}
        matches = []
        for log in self.known:
            size = log.head_bytes
            if 0 < size <= len(head.content):
                digest = digests.setdefault(size, _digest(head.content[:size]))
                if digest == log.head_fingerprint:
                    matches.append(log)
        matches.sort(key=lambda log: (log.inode == inode, log.head_bytes), reverse=True)
        for log in matches:
            if log.inode == inode or log.head_bytes >= WEAK_HEAD_BYTES or not _still_there(log, path):
                return log
        return None

    def _save(self, log: LogFile) -> LogFile:
        with self.store.session() as session:
            saved = session.merge(log)
        if saved.id in self._place_of:
            self.known[self._place_of[saved.id]] = saved
        else:
            self._place_of[saved.id] = len(self.known)
            self.known.append(saved)
        self._named.setdefault(saved.path, {})[saved.id] = saved
        return saved


def chunks(log: LogFile, path: Path, head: plain.Head, spool: Path, complete: bool) -> Iterator[Chunk]:
    """The lines of a file that were not read yet, in chunks of at most about `CHUNK_BYTES`.

    A whole plain file of clean UTF-8 is handed over as it is; anything else as a copy in `spool`. Raises UnreadableError
    after the last whole line of a damaged file.
    """
    size = path.stat().st_size
    marks = _marks_of_clean(path, head, size) if log.read_offset == 0 else None
    if marks:
        yield Chunk(_chunk_id(log, 0), log, path, False, 0, size, 1, marks[-1][1], marks)
        return
    yield from spooled(log, path, head, spool, complete)


def spooled(
    log: LogFile, path: Path, head: plain.Head, spool: Path, complete: bool, until: int | None = None
) -> Iterator[Chunk]:
    """As `chunks`, always as copies; not beyond plain offset `until`."""
    spool.mkdir(parents=True, exist_ok=True)
    start, line_no = log.read_offset, log.lines_read + 1
    source = plain.blocks(path, head, start, complete, until)
    failure: UnreadableError | None = None
    while failure is None:
        chunk = Chunk(
            _chunk_id(log, start), log, spool / f"{_chunk_id(log, start)}.log", True, start, start, line_no, 0
        )
        size, ended = 0, False
        with chunk.text_path.open("wb", buffering=0) as out:
            while size < CHUNK_BYTES and not ended:
                try:
                    block = next(source, None)
                except UnreadableError as error:
                    failure, block = error, None
                ended = block is None
                if block is not None:
                    out.write(block.text)
                    size += len(block.text)
                    lines = chunk.lines + block.lines
                    chunk = replace(chunk, end=block.end, lines=lines, marks=(*chunk.marks, (size, lines)))
        if chunk.lines:
            yield chunk
        else:
            chunk.discard()
        if ended:
            break
        start, line_no = chunk.end, line_no + chunk.lines
    if failure:
        raise failure


def _marks_of_clean(path: Path, head: plain.Head, size: int) -> tuple[tuple[int, int], ...] | None:
    """The marks of the first `size` bytes of a plain file, the last one at their end; None where they cannot be read as they are."""
    if (
        head.compression
        or head.container
        or head.envelope
        or head.encoding != "utf-8"
        or head.content[:1] == b"\xef"
        or not 0 < size <= CHUNK_BYTES
    ):
        return None
    marks = [(0, 0)]
    read, carry = 0, b""
    with path.open("rb", buffering=0) as file:
        while read < size and (piece := file.read(min(SCANNED_BYTES, size - read))):
            read += len(piece)
            if lines := plain.count_lines(piece):
                marks.append((read - len(piece) + piece.rindex(b"\n") + 1, marks[-1][1] + lines))
            if b"\0" in piece or read - marks[-1][0] > plain.LONGEST_LINE:
                return None
            if carry or not piece.isascii():
                whole = carry + piece
                cut = whole.rfind(b"\n") + 1
                if plain.cleaned(whole[:cut]) != whole[:cut]:
                    return None
                carry = whole[cut:]
    return tuple(marks) if marks[-1][0] == size else None


def _still_there(log: LogFile, other: Path) -> bool:
    """Whether the file that the ledger means is still on disk with that content, so that `other` is another file."""
    path = Path(log.path)
    if path == other or not path.is_file() or path.stat().st_ino != log.inode:
        return False
    content = plain.head(path, log.head_bytes).content
    return len(content) >= log.head_bytes and _digest(content[: log.head_bytes]) == log.head_fingerprint


def _chunk_id(log: LogFile, start: int) -> str:
    return _digest(f"{log.id}\n{start}".encode())[:24]


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
