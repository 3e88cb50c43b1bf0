"""The stretches of a sheet in which every line is a row, so that one odd line slows down only the stretch that it is in."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby, pairwise
from pathlib import Path

from data_sources.files import Chunk
from sql.engines import duckdb as engine
from sql.requests.sheets import Layout


@dataclass(frozen=True)
class Stretch:
    """Whole lines of a chunk: from byte `start` to `end`, `lines` of them, the first numbered `first_line_no`."""

    start: int
    end: int
    first_line_no: int
    lines: int


@contextmanager
def clean_rows(con: engine.Connection, chunk: Chunk, layout: Layout, folder: Path) -> Iterator[tuple[str | None, int]]:
    """A relation, as `engine.quick_sheet`, over the stretches in which rows and lines are the same, and how many lines these
    are; no relation where there are none. It reads copies in `folder`, which go when the context ends."""
    folder.mkdir(parents=True)
    try:
        parts = list(_parts(chunk))
        paths = [_copied(chunk, part, folder) for part in parts]
        is_clean = {part: _rows(con, path, layout) == part.lines for part, path in zip(parts, paths, strict=True)}
        for path in paths:
            path.unlink()
        clean = [_joined(list(run)) for cleaned, run in groupby(parts, key=is_clean.__getitem__) if cleaned]
        relations = [engine.quick_sheet(_copied(chunk, one, folder), layout, one.first_line_no) for one in clean]
        yield engine.united(relations) if relations else None, sum(one.lines for one in clean)
    finally:
        shutil.rmtree(folder)


def _rows(con: engine.Connection, path: Path, layout: Layout) -> int | None:
    """How many rows a sheet has; None where it cannot be read as it stands."""
    try:
        return con.execute(engine.count_rows(path, layout)).fetchone()[0]
    except engine.Unreadable:
        return None


def _parts(chunk: Chunk) -> Iterator[Stretch]:
    """A chunk from mark to mark."""
    marks = sorted({(0, 0), *chunk.marks, (chunk.text_path.stat().st_size, chunk.lines)})
    for (start, before), (end, after) in pairwise(marks):
        yield Stretch(start, end, chunk.first_line_no + before, after - before)


def _joined(run: list[Stretch]) -> Stretch:
    return Stretch(run[0].start, run[-1].end, run[0].first_line_no, sum(part.lines for part in run))


def _copied(chunk: Chunk, part: Stretch, folder: Path) -> Path:
    target = folder / f"{part.start}.csv"
    with chunk.text_path.open("rb") as source, target.open("wb") as out:
        source.seek(part.start)
        left = part.end - part.start
        while left and (piece := source.read(min(left, 8 << 20))):
            out.write(piece)
            left -= len(piece)
    return target
