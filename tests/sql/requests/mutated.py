"""Lines of every format, and what a cut, a broken disk, a bad template or somebody hostile makes of them."""

import random
from collections.abc import Callable

from sql.requests import formats

ODD = (b"", b"-", b"null", b"\x00", b"\xff\xfe", b'"', b"\\", b"{", b"}", b"[", b"]", b",", b";", b"\t", b" ", b"\r", b"99999999999999999999",
       b"-1", b"1e400", b"0001-01-01T00:00:00Z", b"9999-12-31T23:59:59Z", b"\xe2\x80\xa8", b"\xf0\x9f\x9a\xa2", b"'", b"%00", b"\x1b[31m",
       b"\x1f", b"\x1e", b"?", b"=", b'""', b'\\"', b"\\u0000", b"\\x00")  # fmt: skip
STRANGERS = (
    b"2026/06/09 12:00:00 [error] 7#7: *1 upstream timed out",
    b"[Tue Jun 09 12:00:00.1 2026] [core:error] [pid 7] AH00126: Invalid URI",
    b"Traceback (most recent call last):",
    b'{"level":"info","msg":"started"}',
    b'{"records":[]}',
    b"[]",
    b"{}",
    b"a,b,c",
    b"-----BEGIN CERTIFICATE-----",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
)


def samples() -> dict[str, bytes]:
    """A good line of every format by its name, a sheet's without its header."""
    return {name: form.example.split("\n")[-1].encode() for name, form in formats().items()}


def header(name: str) -> bytes:
    """What stands before the lines of a format: the header of a sheet that has one, else nothing."""
    first, newline, _ = formats()[name].example.rpartition("\n")
    return (first + newline).encode()


def mutated(line: bytes, chance: random.Random) -> bytes:
    """The line with one to three things wrong with it; never a newline more, so that it stays one line."""
    for _ in range(chance.choice((1, 1, 2, 3))):
        line = chance.choice(_WAYS)(line, chance)
    return line.replace(b"\n", b" ")


def _cut(line: bytes, chance: random.Random) -> bytes:
    return line[: chance.randrange(len(line) + 1)]


def _beheaded(line: bytes, chance: random.Random) -> bytes:
    return line[chance.randrange(len(line) + 1) :]


def _swapped(line: bytes, chance: random.Random) -> bytes:
    if not line:
        return line
    place = chance.randrange(len(line))
    return line[:place] + bytes([chance.randrange(256)]) + line[place + 1 :]


def _inserted(line: bytes, chance: random.Random) -> bytes:
    place = chance.randrange(len(line) + 1)
    return line[:place] + chance.choice(ODD) + line[place:]


def _value_replaced(line: bytes, chance: random.Random) -> bytes:
    """What stands between two marks is another value."""
    marks = [n for n, byte in enumerate(line) if byte in b' ",:;[]=|']
    if len(marks) < 2:
        return line
    start = chance.randrange(len(marks) - 1)
    return line[: marks[start] + 1] + chance.choice(ODD) + line[marks[start + 1] :]


def _interleaved(line: bytes, chance: random.Random) -> bytes:
    other = chance.choice(list(samples().values()))
    place = chance.randrange(len(line) + 1)
    return line[:place] + other + line[place:]


def _doubled(line: bytes, chance: random.Random) -> bytes:
    return line + chance.choice((b"", b" ", b",")) + line


def _listed(line: bytes, chance: random.Random) -> bytes:
    return b"[" + b",".join([line] * chance.randrange(4)) + b"]"


def _stranger(line: bytes, chance: random.Random) -> bytes:
    return chance.choice(STRANGERS)


def _padded(line: bytes, chance: random.Random) -> bytes:
    return line[: len(line) // 2] + b"x" * chance.randrange(20_000) + line[len(line) // 2 :]


_WAYS: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    _cut, _beheaded, _swapped, _swapped, _inserted, _inserted, _value_replaced, _value_replaced, _value_replaced,
    _interleaved, _doubled, _listed, _stranger, _padded,
)  # fmt: skip
