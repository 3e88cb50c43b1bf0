"""Writes the log files: Kong's as weeks in zstd and the last days plain, the others in gzip, with the bad lines that real
files have."""

import gzip
from pathlib import Path
from typing import BinaryIO

import zstandard

from data_sources.demo.lines import AwsLines, DocsLines, KongLines, Lines
from data_sources.demo.timeline import DAYS, Timeline
from data_sources.demo.traffic import Traffic

PLAIN_DAYS = 8
_TRUNCATED = b'{"service":{"id":"3f0c","name":"tracking","host":"tracking.internal","port":8080},"request":{"method":"GET","uri":"/v1/track\n'
_ERROR_LINE = b'2025/01/01 00:00:00 [error] 1291#0: *417 upstream timed out (110: Connection timed out) while reading response header from upstream, client: 198.18.4.9, server: kong, request: "POST /v1/rates/quote HTTP/1.1"\n'
_NOT_HTTP = b'203.0.113.77 - - [01/Jan/2025:00:00:00 +0000] "\\x16\\x03\\x01\\x02\\x00\\x01" 400 157 "-" "-"\n'
_BAD_LINES = {
    "kong": (_TRUNCATED, _ERROR_LINE, b"\n"),
    "aws": (b'{"apiId":"h4rb0rl1n3","stage":"prod","httpMeth\n', b"\n"),
    "docs": (_NOT_HTTP, b"-\n"),
}
_KINDS = ((KongLines, 7, ".zst"), (AwsLines, 28, ".gz"), (DocsLines, 28, ".gz"))


def _spans(weekly: int) -> list[tuple[int, int, bool]]:
    """(first day, day after the last, plain?) of every file."""
    edge = DAYS - PLAIN_DAYS
    spans = [(day, min(day + weekly, edge), False) for day in range(0, edge, weekly)]
    return spans + [(day, day + 1, True) for day in range(edge, DAYS)]


def log_files() -> int:
    """How many log files there are, but for days without a call."""
    return sum(len(_spans(weekly)) for _, weekly, _ in _KINDS)


def write_logs(home: Path, time: Timeline, traffic: Traffic) -> dict[str, int]:
    """Write logs/kong, logs/aws and logs/docs; returns the lines of each, bad and blank ones included."""
    written = {}
    for renderer, weekly, ending in _KINDS:
        lines = renderer(time, traffic.activity)
        if isinstance(lines, KongLines):
            lines.month_use, lines.month_quota = traffic.month_use(), traffic.month_quota()
        folder = home / "logs" / lines.gateway
        folder.mkdir(parents=True, exist_ok=True)
        written[lines.gateway] = 0
        for number, (first, last, plain) in enumerate(_spans(weekly)):
            stem = time.day(first)
            bad = _BAD_LINES[lines.gateway][number % len(_BAD_LINES[lines.gateway])] if number % 2 == 0 else b""
            path = folder / f"access-{stem}.log{'' if plain and lines.gateway != 'aws' else ending}"
            written[lines.gateway] += _write_file(path, lines, traffic, first, last, bad)
    return written


def _compressed(raw: BinaryIO, suffix: str) -> BinaryIO:
    if suffix == ".zst":
        return zstandard.ZstdCompressor(level=1).stream_writer(raw, closefd=False)
    # mtime=0 keeps the file the same from run to run.
    return gzip.GzipFile("", "wb", 1, raw, mtime=0) if suffix == ".gz" else raw


def _write_file(path: Path, lines: Lines, traffic: Traffic, first: int, last: int, bad: bytes) -> int:
    """Write the days [first, last) to one file; returns its lines. Days without a call leave no file."""
    count = 0
    with path.open("wb") as raw:
        out = _compressed(raw, path.suffix)
        for block in traffic.blocks(lines.gateway, first, last):
            out.write(lines.render(block))
            count += len(block.outcome)
        if bad and count:
            out.write(bad)
            count += 1
        if out is not raw:
            out.close()
    if not count:
        path.unlink()
    return count
