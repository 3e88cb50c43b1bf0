"""Log files on disk: rotation, compression, growth, padding; and that each line is handed over once."""

import bz2
import gzip
import os
from datetime import datetime
from pathlib import Path

import pytest
import zstandard
from sqlmodel import select

from data_sources import files, plain
from data_sources.ledger import LogChunk
from data_sources.plain import UnreadableError
from tests.new_store import new_store

NOW = datetime(2026, 6, 9, 12)


def lines(first: int, count: int) -> bytes:
    """Numbered lines, each of its own."""
    return b"".join(b"line %07d of a log that nobody else writes\n" % n for n in range(first, first + count))


class Reading:
    """Reads files as an ingest does, and keeps the lines that it was given."""

    def __init__(self, tmp_path: Path) -> None:
        self.store = new_store(tmp_path / "home")
        self.spool = tmp_path / "spool"
        self.numbers: list[int] = []

    def read(self, path: Path, complete: bool | None = None) -> list[bytes]:
        """The lines that are new in a file."""
        shelf = files.Shelf(self.store, "gateway")
        if shelf.is_unchanged(path):
            return []
        stat = path.stat()
        try:
            head = plain.head(path, files.HEAD_BYTES)
        except UnreadableError as failure:
            self.error = str(failure)
            return []
        if not head.content:
            return []
        log = shelf.place(path, head, NOW)
        found, error = [], None
        try:
            for chunk in files.chunks(
                log, path, head, self.spool, bool(head.compression) if complete is None else complete
            ):
                text = chunk.text_path.read_bytes()
                assert text.count(b"\n") == chunk.lines
                assert chunk.first_line_no == log.lines_read + 1
                found += text.splitlines(keepends=True)
                row = LogChunk(
                    id=chunk.id, file_id=log.id, source="gateway", path=str(path), start_offset=chunk.start,
                    end_offset=chunk.end, first_line_no=chunk.first_line_no, lines=chunk.lines, accepted=chunk.lines,
                    rejected=0, blank=0, read_at=NOW,
                )  # fmt: skip
                shelf.record(log, row, chunk.lines, NOW)
                chunk.discard()
        except UnreadableError as failure:
            error = str(failure)
        shelf.finish(log, stat, error, NOW)
        self.error = error
        return found


@pytest.fixture
def reading(tmp_path):
    return Reading(tmp_path)


def test_a_file_that_grew_is_read_from_where_it_ended(reading, tmp_path):
    path = tmp_path / "access.log"
    path.write_bytes(lines(0, 3))
    assert reading.read(path) == lines(0, 3).splitlines(True)
    assert reading.read(path) == []
    with path.open("ab") as log:
        log.write(lines(3, 2))
    assert reading.read(path) == lines(3, 2).splitlines(True)


def test_a_last_line_without_newline_waits(reading, tmp_path):
    path = tmp_path / "access.log"
    path.write_bytes(lines(0, 2) + b"half of")
    assert len(reading.read(path)) == 2
    with path.open("ab") as log:
        log.write(b" a line\n")
    assert reading.read(path) == [b"half of a line\n"]


def test_rotation_by_rename_and_compression(reading, tmp_path):
    path, older, oldest = (tmp_path / name for name in ("access.log", "access.log.1", "access.log.2.gz"))
    path.write_bytes(lines(0, 50))
    assert len(reading.read(path)) == 50
    with path.open("ab") as log:
        log.write(lines(50, 5))
    path.rename(older)
    path.write_bytes(lines(100, 7))
    assert reading.read(older) == lines(50, 5).splitlines(True)
    assert reading.read(path) == lines(100, 7).splitlines(True)
    oldest.write_bytes(gzip.compress(older.read_bytes()))
    older.unlink()
    assert reading.read(oldest) == []
    assert reading.read(path) == []


def test_rotation_by_copy_and_truncate(reading, tmp_path):
    path, copy = tmp_path / "access.log", tmp_path / "access.log.1"
    path.write_bytes(lines(0, 50))
    assert len(reading.read(path)) == 50
    with path.open("ab") as log:
        log.write(lines(50, 5))
    copy.write_bytes(path.read_bytes())
    with path.open("r+b") as log:
        log.truncate(0)
    assert reading.read(path) == []
    with path.open("ab") as log:
        log.write(lines(100, 3))
    found = reading.read(path) + reading.read(copy)
    assert sorted(found) == sorted((lines(100, 3) + lines(50, 5)).splitlines(True))


def test_a_file_read_first_when_it_was_short_is_known_when_it_is_long(reading, tmp_path):
    path = tmp_path / "access.log"
    path.write_bytes(lines(0, 1))
    assert len(reading.read(path)) == 1
    with path.open("ab") as log:
        log.write(lines(1, 4000))
    assert len(reading.read(path)) == 4000
    moved = tmp_path / "old.log"
    moved.write_bytes(path.read_bytes())
    path.unlink()
    assert reading.read(moved) == []


def test_two_hosts_that_begin_with_the_same_line_are_two_files(reading, tmp_path):
    one, two = tmp_path / "a.log", tmp_path / "b.log"
    one.write_bytes(lines(0, 1))
    two.write_bytes(lines(0, 1))
    assert len(reading.read(one)) == 1
    assert len(reading.read(two)) == 1


@pytest.mark.parametrize("compress", [gzip.compress, bz2.compress, zstandard.compress])
def test_several_members(reading, tmp_path, compress):
    path = tmp_path / "a.log.x"
    path.write_bytes(compress(lines(0, 10)) + compress(lines(10, 9)) + compress(b"no newline"))
    assert reading.read(path) == [*lines(0, 19).splitlines(True), b"no newline\n"]
    with path.open("ab") as log:
        log.write(compress(b"\n" + lines(30, 1)))
    assert reading.read(path)[-1:] == lines(30, 1).splitlines(True)


@pytest.mark.parametrize("compress", [gzip.compress, bz2.compress, zstandard.compress])
def test_a_compressed_file_that_is_still_being_written(reading, tmp_path, compress):
    path = tmp_path / "a.log.x"
    whole = compress(os.urandom(300_000).hex().encode() + b"\n" + lines(0, 9000))
    path.write_bytes(whole[: len(whole) * 9 // 10])
    first = reading.read(path)
    assert "ends in the middle" in reading.error
    path.write_bytes(whole)
    rest = reading.read(path)
    assert reading.error is None
    assert len(first) + len(rest) == 9001
    assert (first + rest)[1:] == lines(0, 9000).splitlines(True)


def test_a_damaged_file_gives_its_good_part(reading, tmp_path):
    path = tmp_path / "a.log.gz"
    content = bytearray(gzip.compress(lines(0, 200_000), 1))
    content[len(content) // 2 : len(content) // 2 + 40] = bytes(40)
    path.write_bytes(content)
    found = reading.read(path)
    assert "damaged" in reading.error
    assert 1000 < len(found) < 200_000


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf16_grows_too(reading, tmp_path, encoding):
    path = tmp_path / "a.log"
    path.write_bytes("\ufeffĊ one\r\ntwo Ċ\r\nthr".encode(encoding))
    assert reading.read(path) == ["Ċ one\r\n".encode(), "two Ċ\r\n".encode()]
    with path.open("ab") as log:
        log.write("ee\n".encode(encoding))
    assert reading.read(path) == [b"three\n"]


def test_nul_padding(reading, tmp_path):
    path = tmp_path / "a.log"
    with path.open("wb") as log:
        log.truncate(20 << 20)
        log.seek(0, os.SEEK_END)
        log.write(lines(0, 2) + b"\0" * 5000)
    assert reading.read(path) == lines(0, 2).splitlines(True)
    with path.open("r+b") as log:
        log.seek((20 << 20) + len(lines(0, 2)))
        log.write(lines(2, 1))
    assert reading.read(path) == lines(2, 1).splitlines(True)


def test_two_padded_files_are_not_one(reading, tmp_path):
    for number, name in enumerate(("a.log", "b.log")):
        (tmp_path / name).write_bytes(b"\0" * 100_000 + lines(number * 10, 3))
    assert len(reading.read(tmp_path / "a.log") + reading.read(tmp_path / "b.log")) == 6


def test_a_bom_is_not_part_of_the_first_line(reading, tmp_path):
    path = tmp_path / "a.log"
    path.write_bytes(b"\xef\xbb\xbf" + lines(0, 2))
    assert reading.read(path) == lines(0, 2).splitlines(True)


def test_a_line_that_never_ends_is_cut_and_the_next_is_whole(reading, tmp_path):
    path = tmp_path / "a.log"
    with path.open("wb") as log:
        for _ in range(20):
            log.write(b"x" * (2 << 20))
        log.write(b"\n" + lines(0, 2))
    found = reading.read(path)
    assert len(found) == 3
    assert found[1:] == lines(0, 2).splitlines(True)
    assert len(found[0]) < plain.LONGEST_LINE + 2 * plain.BLOCK_BYTES


def test_chunks_are_bounded_and_lose_nothing(reading, tmp_path, monkeypatch):
    monkeypatch.setattr(files, "CHUNK_BYTES", 1 << 20)
    monkeypatch.setattr(plain, "BLOCK_BYTES", 1 << 18)
    path = tmp_path / "a.log"
    path.write_bytes(lines(0, 100_000))
    assert b"".join(reading.read(path)) == lines(0, 100_000)
    with reading.store.session() as session:
        chunks = session.exec(select(LogChunk)).all()
    assert len(chunks) > 3
    assert len({chunk.id for chunk in chunks}) == len(chunks)


def test_a_chunk_has_the_same_name_when_it_is_read_again(reading, tmp_path):
    path = tmp_path / "a.log"
    path.write_bytes(lines(0, 5))
    names = []
    for _ in range(2):
        log = files.Shelf(reading.store, "gateway").place(path, plain.head(path, files.HEAD_BYTES), NOW)
        names.append([chunk.id for chunk in files.chunks(log, path, plain.head(path, 100), reading.spool, False)])
        path.write_bytes(lines(0, 9))
    assert names[0] == names[1]


def test_a_chunk_that_another_process_stored_is_not_stored_again(reading, tmp_path):
    path = tmp_path / "a.log"
    path.write_bytes(lines(0, 5))
    head = plain.head(path, files.HEAD_BYTES)
    shelves = [files.Shelf(reading.store, "gateway") for _ in range(2)]
    logs = [shelf.place(path, head, NOW) for shelf in shelves]
    assert logs[0].id == logs[1].id
    rows = [
        LogChunk(id="c", file_id=logs[0].id, source="gateway", path="a", start_offset=0, end_offset=9, first_line_no=1,
                 lines=1, accepted=1, rejected=0, blank=0, read_at=NOW)
        for _ in range(2)
    ]  # fmt: skip
    shelves[0].record(logs[0], rows[0], 1, NOW)
    with pytest.raises(files.AlreadyReadError):
        shelves[1].record(logs[1], rows[1], 1, NOW)


def test_globs_find_a_file_once(tmp_path):
    (tmp_path / "logs" / "kong").mkdir(parents=True)
    (tmp_path / "logs" / "kong" / "a.log").write_bytes(b"x\n")
    (tmp_path / "logs" / "b.log").symlink_to("kong/a.log")
    found = files.find(tmp_path, ["logs/**/*.log", "logs/kong/*", "logs/nothing*"])
    assert len(found) == 1


def test_an_upload_is_kept_whole_under_a_name_of_its_own(tmp_path):
    one = files.keep(tmp_path, "../../etc/pass wd.log", b"one\n")
    two = files.keep(tmp_path, "pass wd.log", b"two\n")
    assert one.parent == two.parent == tmp_path / "inbox"
    assert one != two
    assert (one.read_bytes(), two.read_bytes()) == (b"one\n", b"two\n")
    assert files.keep(tmp_path, "../../etc/pass wd.log", b"one\n") == one
