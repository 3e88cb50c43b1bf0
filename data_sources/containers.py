"""Container logs: takes off what Kubernetes (CRI) and Docker's json-file driver put around every line of a container.

Every line stays a line, so that line numbers are those of the file. A long line comes in parts: the whole stands where its
last part is, and the parts before it are empty lines. A part whose end is not there keeps what is around it.
"""

import json
import re

CRI, DOCKER = "cri", "docker"
LOOKED_AT = 20
_CRI = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d) (?:stdout|stderr) [FP](?::\S*)? ")
_DOCKER = re.compile(rb'\{"log":"(?:[^"\\]|\\.)*","stream":"(?:stdout|stderr)",')
_STREAMS = (b"stdout", b"stderr")


def wrapper_of(content: bytes) -> str | None:
    """What is around the first lines of a log, or some of them: "cri", "docker", or None."""
    lines = content.split(b"\n", LOOKED_AT)[:LOOKED_AT]
    found = (
        (name, line) for name, pattern in ((CRI, _CRI), (DOCKER, _DOCKER)) for line in lines if pattern.match(line)
    )
    return next((name for name, _ in found), None)


def settled(text: bytes, wrapper: str) -> int:
    """How many bytes of whole lines come before a part whose end is not among them."""
    if _has_no_part(text, wrapper):
        return len(text)
    is_open: set[bytes] = set()
    at = end = 0
    for line in text.split(b"\n")[:-1]:
        at += len(line) + 1
        _, stream, is_whole = _unwrapped(line, wrapper)
        if stream:
            (is_open.discard if is_whole else is_open.add)(stream)
        if not is_open:
            end = at
    return end


def unwrapped(text: bytes, wrapper: str, longest: int) -> bytes:
    """Whole lines without what is around each; a line that is not wrapped stays. A joined line ends after `longest` bytes."""
    lines = text.split(b"\n")
    last = lines.pop()
    inside = (_inside_cri if wrapper == CRI else _inside_docker)(lines)
    bare = _joined(lines, wrapper, longest) if inside is None else inside
    bare.append(last)
    return b"\n".join(bare)


def _inside_cri(lines: list[bytes]) -> list[bytes] | None:
    """The content of each line; None where one of them is a part, or has a tag."""
    bare = []
    for line in lines:
        at = line.find(b" std", 19, 40)
        mark = line[at : at + 10]
        if mark in (b" stdout F ", b" stderr F ") and line[10:11] == b"T":
            bare.append(line[at + 10 :])
        elif at < 0:
            bare.append(line)
        else:
            return None
    return bare


def _inside_docker(lines: list[bytes]) -> list[bytes] | None:
    """The same; most lines hold no escape but that of quotes, and reading those as JSON would take five times as long."""
    bare = []
    for line in lines:
        end = line.rfind(b'\\n","stream":"std')
        content = line[8:end].replace(b'\\"', b'"') if end > 0 and line.startswith(b'{"log":"') else b"\\"
        if b"\\" in content:
            content, _, is_whole = _unwrapped(line, DOCKER)
            if not is_whole:
                return None
        bare.append(content)
    return bare


def _joined(lines: list[bytes], wrapper: str, longest: int) -> list[bytes]:
    bare: list[bytes] = []
    parts: dict[bytes, list[bytes]] = {}
    at: dict[bytes, list[int]] = {}
    for number, line in enumerate(lines):
        content, stream, is_whole = _unwrapped(line, wrapper)
        if stream is None:
            bare.append(line)
        elif is_whole:
            bare.append(b"".join([*parts.pop(stream, ()), content])[:longest])
            at.pop(stream, None)
        else:
            parts.setdefault(stream, []).append(content)
            at.setdefault(stream, []).append(number)
            bare.append(b"")
    for number in (number for numbers in at.values() for number in numbers):
        bare[number] = lines[number]
    return bare


def _has_no_part(text: bytes, wrapper: str) -> bool:
    if wrapper == CRI:
        return b" stdout P" not in text and b" stderr P" not in text
    return text.count(b'\\n","stream":"std') == text.count(b"\n")


def _unwrapped(line: bytes, wrapper: str) -> tuple[bytes, bytes | None, bool]:
    """A line's content, its stream (None where it is not wrapped) and whether it is whole or the last part."""
    if wrapper == CRI:
        words = line.split(b" ", 3)
        if len(words) == 4 and words[1] in _STREAMS and words[0][10:11] == b"T" and words[2][:1] in (b"F", b"P"):
            return words[3], words[1], words[2][:1] == b"F"
        return line, None, True
    try:
        record = json.loads(line)
        content, stream = record["log"], record["stream"]
        is_whole = content.endswith("\n")
    except (ValueError, TypeError, KeyError, AttributeError):
        return line, None, True
    content = content.rstrip("\r\n").replace("\n", " ").replace("\0", "")
    return content.encode("utf-8", "replace"), str(stream).encode(), is_whole
