"""Log files as plain bytes: decompression, encodings, padding, what containers and AWS put around lines.

Nothing here holds more than a few blocks in memory.
"""

import bz2
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import zstandard

from data_sources import containers, envelopes

BLOCK_BYTES = 8 << 20
LONGEST_LINE = 16 << 20
KEPT_OF_LONG_LINE = 64 << 10
WRAPPING_BYTES = 64 << 10
_PIECE = 64 << 10
_CACHED = 256 << 10
_NEWLINE = 10
_MAGIC = {b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd", b"BZh": "bzip2"}
_BOMS = {b"\xef\xbb\xbf": "utf-8", b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}


class UnreadableError(Exception):
    """A file ends too early or is damaged; the message is the reason, without the file's name."""


@dataclass(frozen=True)
class Head:
    """The start of a log file: `content` is its first plain bytes between NUL padding, BOM included.

    `container` is what a container's log has around every line (see `containers`), None for other logs; `envelope` is what AWS
    put around its lines (see `envelopes`). Both are taken off before a format reads them.
    """

    compression: str | None
    encoding: str
    content: bytes
    container: str | None = None

    @cached_property
    def envelope(self) -> str | None:
        """As `envelopes.wrapping`; None in UTF-16."""
        return envelopes.wrapping(self.content[:WRAPPING_BYTES]) if self.encoding == "utf-8" else None


@dataclass(frozen=True)
class Block:
    """Whole lines as clean UTF-8, each with its newline. `end` is the plain offset after them; `lines` counts them."""

    text: bytes
    end: int
    lines: int


def compression_of(path: Path) -> str | None:
    """gzip, zstd, bzip2 or None, by the file's first bytes and not by its name."""
    with path.open("rb") as file:
        start = file.read(4)
    return next((name for magic, name in _MAGIC.items() if start.startswith(magic)), None)


def head(path: Path, size: int) -> Head:
    """The first `size` plain bytes of a file; fewer where it is shorter, or damaged further on."""
    compression = compression_of(path)
    content = b""
    try:
        for piece in _pieces(path, compression):
            content = (content + piece).lstrip(b"\0") if not content else content + piece
            if len(content) >= size:
                break
    except UnreadableError:
        if not content:
            raise
    content = content[:size]
    encoding = next((name for bom, name in _BOMS.items() if content.startswith(bom)), "utf-8")
    if encoding == "utf-8":
        content = content.rstrip(b"\0")
    container = containers.wrapper_of(content) if encoding == "utf-8" else None
    return Head(compression, encoding, content, container)


def blocks(path: Path, of: Head, start: int, complete: bool, until: int | None = None) -> Iterator[Block]:
    """Whole lines of a file from plain offset `start` (up to `until`), cleaned: UTF-8, no BOM, no NULs, nothing around them.

    A part of a container's line waits for the line's end, as a line without its newline does. `complete` says that nothing
    will be added to the file, so that a last line without its newline is taken as it is.
    A line longer than 16 MB is cut short. Raises UnreadableError after the last whole line of a damaged file.
    """
    newline = {"utf-16-le": b"\n\0", "utf-16-be": b"\0\n"}.get(of.encoding, b"\n")
    offset, gap, dropped, pending = start, 0, 0, b""
    for raw in _sized(path, of.compression, start, until):
        if not pending and newline == b"\n":
            content = raw.lstrip(b"\0")
            gap += len(raw) - len(content)
            raw = content
            if not raw:
                continue
        data = pending + raw
        cut = envelopes.end_of_whole(data) if of.envelope else _after_last(data, newline)
        if of.envelope and len(data) - cut > LONGEST_LINE:
            cut = max(cut, envelopes.end_of_some(data))
        if of.container and len(data) <= LONGEST_LINE:
            cut = containers.settled(data[:cut], of.container)
        if cut:
            lines, text = _lines(data[:cut], of, offset == 0)
            offset += gap + dropped + cut
            gap = dropped = 0
            yield Block(text, offset, lines)
        pending = data[cut:]
        if len(pending) > LONGEST_LINE:
            dropped += len(pending) - KEPT_OF_LONG_LINE
            pending = pending[:KEPT_OF_LONG_LINE]
    if complete and pending.strip(b"\0"):
        lines, text = _lines(pending, of, offset == 0)
        yield Block(text, offset + gap + dropped + len(pending), lines)


def _lines(raw: bytes, of: Head, at_start: bool) -> tuple[int, bytes]:
    """The number of lines and their text, each with its newline, without what is around them."""
    text = _clean(raw, of.encoding, at_start)
    if not text.endswith(b"\n"):
        text += b"\n"
    if of.container:
        return count_lines(text), containers.unwrapped(text, of.container, LONGEST_LINE)
    if of.envelope:
        text = envelopes.spread(text, of.envelope)
    return count_lines(text), text


def _after_last(data: bytes, newline: bytes) -> int:
    found = data.rfind(newline)
    while found > 0 and len(newline) == 2 and found % 2:
        found = data.rfind(newline, 0, found + 1)
    return found + len(newline) if found >= 0 else 0


def _clean(raw: bytes, encoding: str, at_start: bool) -> bytes:
    """The bytes as UTF-8; what is not valid in its encoding becomes U+FFFD."""
    if encoding != "utf-8":
        text = raw.decode(encoding, "replace")
        return text.removeprefix("\ufeff").replace("\0", "").encode("utf-8", "replace")
    return cleaned(raw.removeprefix(b"\xef\xbb\xbf") if at_start else raw)


def cleaned(raw: bytes) -> bytes:
    """The same bytes where they are valid UTF-8 without NULs, else without NULs and with U+FFFD for what is not."""
    if b"\0" in raw:
        raw = raw.replace(b"\0", b"")
    if not raw.isascii():
        try:
            raw.decode()
        except UnicodeDecodeError:
            return raw.decode("utf-8", "replace").encode()
    return raw


def _sized(path: Path, compression: str | None, start: int, until: int | None) -> Iterator[bytes]:
    """The plain bytes from `start` to `until` in blocks of about `BLOCK_BYTES`."""
    left = None if until is None else until - start
    held: list[bytes] = []
    size = 0
    failure: UnreadableError | None = None
    source = _pieces(path, compression, start)
    while left is None or left > size:
        try:
            piece = next(source, None)
        except UnreadableError as error:
            failure, piece = error, None
        if piece is None:
            break
        if left is not None:
            piece = piece[: left - size]
        held.append(piece)
        size += len(piece)
        if size >= BLOCK_BYTES:
            yield b"".join(held)
            left = None if left is None else left - size
            held, size = [], 0
    if held:
        yield b"".join(held)
    if failure:
        raise failure


def _pieces(path: Path, compression: str | None, start: int = 0) -> Iterator[bytes]:
    with path.open("rb", buffering=0) as file:
        if compression is None:
            file.seek(start)
            while piece := file.read(BLOCK_BYTES):
                yield piece
            return
        skip = start
        for piece in _unpacked(file, compression):
            if skip < len(piece):
                yield piece[skip:] if skip else piece
            skip = max(0, skip - len(piece))


def _unpacked(file: BinaryIO, compression: str) -> Iterator[bytes]:
    """The content of a compressed file. Firehose compresses what CloudWatch has compressed: gzip in gzip is unpacked twice."""
    content = _decompressed(iter(lambda: file.read(_PIECE), b""), compression)
    first = next(content, b"")
    content = chain([first], content)
    yield from _decompressed(content, "gzip") if first.startswith(b"\x1f\x8b") else content


def _decompressed(packed: Iterator[bytes], compression: str) -> Iterator[bytes]:
    """The content of all members of compressed bytes. Raises UnreadableError where they end early or are damaged."""
    decompressor, inside, done = _decompressor(compression), False, 0
    for piece in packed:
        while piece:
            try:
                content = decompressor.decompress(piece)
            except (zlib.error, OSError, ValueError, EOFError, zstandard.ZstdError) as error:
                raise UnreadableError(
                    f"the {compression} data is damaged after {done:,} plain bytes ({error})"
                ) from error
            inside = True
            done += len(content)
            if content:
                yield content
            if not decompressor.eof:
                break
            piece = decompressor.unused_data.lstrip(b"\0")
            decompressor, inside = _decompressor(compression), False
    if inside:
        raise UnreadableError(f"the {compression} data ends in the middle, after {done:,} plain bytes")


def _decompressor(compression: str) -> Any:
    if compression == "gzip":
        return zlib.decompressobj(31)
    if compression == "bzip2":
        return bz2.BZ2Decompressor()
    return zstandard.ZstdDecompressor(max_window_size=1 << 30).decompressobj()


def text_of(of: Head) -> bytes:
    """A head's content as clean UTF-8 without its BOM, cut at nothing, without what is around its lines."""
    text = _clean(of.content, of.encoding, True)
    if of.container:
        return containers.unwrapped(text, of.container, LONGEST_LINE)
    return envelopes.spread_head(text, of.envelope) if of.envelope else text


def count_lines(text: bytes) -> int:
    """The number of newlines; a third of the time of `bytes.count`, which looks for each by itself."""
    values = np.frombuffer(text, np.uint8)
    return sum(
        int(np.count_nonzero(values[start : start + _CACHED] == _NEWLINE)) for start in range(0, len(values), _CACHED)
    )


def has_newline(of: Head) -> bool:
    """Whether a head holds one whole line, or belongs to a file whose records end without a newline."""
    return b"\n" in of.content or of.envelope is not None
