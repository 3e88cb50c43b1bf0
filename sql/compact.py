"""Merges the many small files of a day's request events, and those of rejected lines, into few; the rows stay the same.

A chunk's part of a day has its name for good, wherever it lies, so nothing is counted again. A merged file is written aside
and moved in, the ledger then names it in place of the small ones, and these are removed. Killed between any two of these,
a run leaves a file that nobody reads, and the next one removes it.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlmodel import select

from data_sources.lakes import REJECTED, REQUESTS, Lake, Stored, writing
from data_sources.ledger import LogChunk
from data_sources.store import Store
from sql.count import Progress, base_sql
from sql.engines import duckdb as engine
from sql.lake import day_of, remove_unnamed, rename

MEMORY_LIMIT = "1500MB"
MERGED_BYTES = 128_000_000
SMALL_BYTES = MERGED_BYTES // 2  # so that two that are smaller fit into one, and one that is not is left alone
MOST_FILES = 5_000  # opened for one merged file


@dataclass
class Compacted:
    """What a run merged: so many `files` `into` so many; bytes before and after. `left` are files that a run before had left.

    `errors` say what could not be merged and why; it stays as it was.
    """

    files: int = 0
    into: int = 0
    bytes_before: int = 0
    bytes_after: int = 0
    left: int = 0
    errors: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        left = f"; removed {self.left:,} files that a stopped run had left" if self.left else ""
        if not self.files:
            return f"nothing to merge{left}"
        size = f"{self.bytes_before / 1e6:,.1f} MB became {self.bytes_after / 1e6:,.1f} MB"
        return f"merged {self.files:,} files into {self.into:,}, {size}; counts stay as they are{left}"


@dataclass(frozen=True)
class _Group:
    """Small files that become one: of the events of a day, or of the lines of a source that were rejected on a day."""

    folder: str
    shown: str
    files: tuple[str, ...]

    @property
    def target(self) -> str:
        """The merged file, named after what it holds; relative to the lake."""
        return f"{self.folder}/{hashlib.sha256(chr(10).join(self.files).encode()).hexdigest()[:24]}.parquet"


def compact(lake: Lake, store: Store, progress: Progress = lambda *_: None) -> Compacted:
    """Merge until each day has at most one small file. Only for who holds the home's lock."""
    done = Compacted(left=remove_unnamed(store, lake).files)
    aside = writing(lake) / "compact"
    lake.clear(aside)
    con = engine.connect(memory_limit=MEMORY_LIMIT)
    try:
        aside.mkdir(parents=True)
        con.execute("set temp_directory = $path", {"path": str(aside / "spill")})
        named = _Named(store)
        failed: set[str] = set()
        while groups := [group for group in named.groups(lake) if group.shown not in failed]:
            for number, group in enumerate(groups):
                progress("compact", f"merging {len(group.files):,} files of {group.shown}", number, len(groups))
                try:
                    _merge(con, lake, named, aside / "merged.parquet", group, done)
                except (engine.Error, OSError, _MiscountError) as error:
                    failed.add(group.shown)
                    done.errors.append(f"{group.shown}: {error}")
    finally:
        con.close()
        lake.clear(aside)
    return done


class _MiscountError(Exception):
    """A merged file has not the rows of the small ones."""


def _merge(con: Any, lake: Lake, named: "_Named", aside: Path, group: _Group, done: Compacted) -> None:
    with lake.lent(group.files) as small:
        before = sum(path.stat().st_size for path in small)
        rows = f"select * from {engine.parquet(small, by_name=True)}"
        if group.folder != REJECTED:
            # what an older version wrote lacks columns that came since
            rows = f"{base_sql('no_request')} union all by name {rows}"
        (written,) = con.execute(f"copy ({rows}) to {engine.quoted(str(aside))} ({engine.PARQUET})").fetchone()
        (wanted,) = con.execute(
            "select sum(num_rows) from parquet_file_metadata($files)", {"files": [str(path) for path in small]}
        ).fetchone()
    if written != wanted:
        raise _MiscountError(f"{wanted:,} rows became {written:,}; nothing was changed")
    after = aside.stat().st_size
    lake.put({group.target: aside}, is_last=True)
    named.rename(group)
    lake.remove(group.files)
    done.files += len(group.files)
    done.into += 1
    done.bytes_before += before
    done.bytes_after += after


class _Named:
    """The files that the ledger names. It is read once: nobody else writes it meanwhile."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.chunks: dict[str, dict[str, Any]] = {}
        self.chunks_of: dict[str, list[str]] = {}
        columns = (LogChunk.id, LogChunk.files, LogChunk.rejected_file, LogChunk.source, LogChunk.read_at)
        order = (LogChunk.source, LogChunk.path, LogChunk.start_offset)
        with store.session() as session:
            for chunk_id, files, rejected, source, read_at in session.exec(select(*columns).order_by(*order)):
                self.chunks[chunk_id] = {
                    "id": chunk_id,
                    "files": files or [],
                    "rejected_file": rejected,
                    "rejected_of": f"{source}, rejected lines read on {read_at:%Y-%m-%d}",
                }
                for file in filter(None, (*(files or ()), rejected)):
                    self.chunks_of.setdefault(file, []).append(chunk_id)

    def groups(self, lake: Lake) -> Iterator[_Group]:
        """What to merge next. Lines of one log stay beside each other; rejected ones are apart by source and the day they were
        read, because they are shown by source and dropped by day."""
        of: dict[tuple[str, str], dict[str, None]] = {}
        for chunk in self.chunks.values():
            for file in chunk["files"]:
                of.setdefault((f"{REQUESTS}/day={day_of(file)}", day_of(file)), {})[file] = None
            if chunk["rejected_file"]:
                of.setdefault((REJECTED, chunk["rejected_of"]), {})[chunk["rejected_file"]] = None
        stored = lake.stored([REQUESTS, REJECTED])
        for (folder, shown), files in sorted(of.items()):
            yield from _packed(stored, folder, shown, files)

    def rename(self, group: _Group) -> None:
        """Let the ledger name the merged file instead of the small ones."""
        merged, target = set(group.files), group.target
        of_target = sorted({chunk for file in group.files for chunk in self.chunks_of.pop(file)})
        for chunk_id in of_target:
            chunk = self.chunks[chunk_id]
            chunk["files"] = [target if file in merged else file for file in chunk["files"]]
            chunk["rejected_file"] = target if chunk["rejected_file"] in merged else chunk["rejected_file"]
        rename(self.store, [self.chunks[chunk_id] for chunk_id in of_target])
        self.chunks_of[target] = of_target


def _packed(stored: Mapping[str, Stored], folder: str, shown: str, files: dict[str, None]) -> Iterator[_Group]:
    batch: list[str] = []
    size = 0
    for file in files:
        bytes_of = stored[file].bytes if file in stored else 0  # one that is missing is an error when it is merged
        if bytes_of >= SMALL_BYTES:
            continue
        if batch and (size + bytes_of > MERGED_BYTES or len(batch) == MOST_FILES):
            if len(batch) > 1:
                yield _Group(folder, shown, tuple(batch))
            batch, size = [], 0
        batch.append(file)
        size += bytes_of
    if len(batch) > 1:
        yield _Group(folder, shown, tuple(batch))
