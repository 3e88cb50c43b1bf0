"""What AWS puts around log lines on their way: CloudWatch exports, subscription records, query results, joined JSON.

A file is looked at once, at its head: one that is wrapped is turned into plain lines, one a message, before any format reads
it; so every format can be inside, JSON or text. Lines are then counted as messages: an envelope of n counts n, and one
that carries no log (a control message, an empty result) is one blank line. What cannot be unwrapped stays as it is.
"""

import base64
import binascii
import json
import re
import zlib
from collections.abc import Iterator
from typing import Any

LARGEST_RECORD = 64 << 20
_GZIP_AS_BASE64 = b"H4sI"
# Exports stamp milliseconds; a container runtime stamps nanoseconds and names the stream.
_STAMPED = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (?!std(?:out|err) )(?=\S)")
# `aws logs tail`: the time, the stream, the message; syslog names a program after the host
_TAILED = re.compile(rb'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?\+00:00 [^ "{\[]+ (?![\w./-]+(?:\[\d+\])?: )(?=\S)')
# `aws logs … --output text`: the fields of an event in the order of their names
_TABLED = re.compile(rb"EVENTS\t(?:\d+\t\d+\t[^\t]*\t|\d+\t)(.*)\t\d+\s*$", re.S)
_TABLE_REST = re.compile(rb"(?:SEARCHEDLOGSTREAMS\t|[bf]/\d+(?:/s)?\t[bf]/\d+)")
# Azure and Apigee write `records` too, and those are theirs.
_ENVELOPE = re.compile(
    rb'\{\s*"(?:(?:messageType|events|logEvents|awslogs|Records|owner|logGroup|nextToken)"\s*:'
    rb'|records"\s*:\s*\[\s*\{\s*"(?:recordId|data|kinesis)")'
)
_LAID_OUT = re.compile(
    rb'\s*\{\s*\n\s*"(?:messageType|events|owner|logGroup|nextToken)"\s*:|\{\s*"records"\s*:\s*\[\s*\{\s*"(?:recordId|data|kinesis)"'
)
_LAID_OUT_MESSAGE = re.compile(rb'\s*"message"\s*:\s*("(?:[^"\\]|\\.)*")\s*,?\s*$')
_LAID_OUT_OTHER = re.compile(
    rb'\s*(?:[\[\]{}][\[\]{}, ]*|"(?:timestamp|ingestionTime|eventId|id|logStreamName|searchedCompletely|messageType|owner'
    rb'|logGroup|logStream|nextToken|nextForwardToken|nextBackwardToken)"\s*:.*|"(?:events|logEvents|searchedLogStreams'
    rb'|subscriptionFilters)"\s*:\s*\[.*|"[^"]*",?)\s*$'
)
_MESSAGES = re.compile(rb'"message"\s*:\s*("(?:[^"\\]|\\.)*")')
_BETWEEN = re.compile(rb'\}\s*\{\s*"')
_SPACE = re.compile(rb"\s*")
_DOCUMENT = json.JSONDecoder(strict=False)


def wrapping(content: bytes) -> str | None:
    """What the first plain bytes of a file are: "lines" that are wrapped one by one (or JSON without newlines between), a
    "document" laid out over lines, or None for lines as they are."""
    content = content.removeprefix(b"\xef\xbb\xbf").lstrip()
    line = content.split(b"\n", 1)[0]
    if _LAID_OUT.match(content):
        return "document"
    if content.startswith(b"{"):
        known = bool(_ENVELOPE.match(content)) or _is_joined(line)
    elif line.startswith(_GZIP_AS_BASE64):
        known = re.fullmatch(rb"[A-Za-z0-9+/]+=*\s*", line) is not None
    else:
        known = any(shape.match(line) for shape in (_STAMPED, _TAILED, _TABLED, _TABLE_REST))
    return "lines" if known else None


def _is_joined(line: bytes) -> bool:
    try:
        _, end = _DOCUMENT.raw_decode(line.decode("latin-1"))
    except ValueError:
        # a template may leave a bare dash where a number should be
        return _BETWEEN.search(line) is not None
    return line[end:].lstrip().startswith(b"{")


def end_of_whole(data: bytes) -> int:
    """Where the last whole line or JSON document ends: joined documents have no newline between them."""
    cut = data.rfind(b"\n") + 1
    if data[cut:].lstrip().startswith(b"{"):
        cut += sum(len(piece) for piece in _documents(data[cut:], False))
    return cut


def end_of_some(data: bytes) -> int:
    """Where a document may end in what is too long to be one."""
    return data.rfind(b"}{") + 1


def spread(text: bytes, kind: str) -> bytes:
    """The messages in whole lines of a wrapped file, each with a newline."""
    lines = text.split(b"\n")[:-1]
    if kind == "document":
        return b"".join(message + b"\n" for line in lines for message in _messages_of_part(line))
    return b"".join(message + b"\n" for line in lines for message in _messages_of_line(line))


def spread_head(text: bytes, kind: str) -> bytes:
    """As `spread`, for the head of a file: of a record that is cut short, the messages that are whole."""
    whole = text.rfind(b"\n") + 1
    done, rest = spread(text[:whole], kind), text[whole:]
    if kind == "document" or not rest.strip():
        return done
    if rest.startswith(_GZIP_AS_BASE64):
        rest = _unpacked(rest[: len(rest) // 4 * 4], whole=False) or rest
    if cut := end_of_whole(rest):
        done, rest = done + spread(rest[:cut] + b"\n", kind), rest[cut:]
    inside = [_message(found) for found in _MESSAGES.findall(rest)] if _ENVELOPE.match(rest) else []
    return done + b"\n".join(inside or _messages_of_line(rest) if rest.strip() else ())


def _messages_of_part(line: bytes) -> Iterator[bytes]:
    """The message in a line of a document that is laid out; what is between messages is none."""
    if found := _LAID_OUT_MESSAGE.match(line):
        yield _message(found[1])
    elif line.strip() and not _LAID_OUT_OTHER.match(line):
        yield line


def _messages_of_line(line: bytes) -> Iterator[bytes]:
    start = line.lstrip()
    if start.startswith(b"{"):
        for document in _documents(line, True):
            yield from _messages_of_document(document)
    elif line.startswith(_GZIP_AS_BASE64):
        unpacked = _unpacked(line)
        if unpacked is None:
            yield line
        else:
            for inner in unpacked.split(b"\n") if unpacked.strip() else [b""]:
                yield from _messages_of_line(inner)
    elif found := _STAMPED.match(line) or _TAILED.match(line):
        yield line[found.end() :]
    elif found := _TABLED.match(line):
        yield found[1]
    elif not _TABLE_REST.match(line):
        yield line


def _documents(text: bytes, is_all: bool) -> Iterator[bytes]:
    """The JSON documents that stand one after another in `text`. What is no JSON is one of its own, up to where the next may
    begin; unless `is_all`, an end that may go on stays out."""
    # one character a byte, so that places in both are the same
    characters, start = text.decode("latin-1"), 0
    while start < len(text):
        begin = _SPACE.match(text, start).end()
        if begin == len(text):
            if is_all and start == 0:
                yield text
            return
        try:
            _, end = _DOCUMENT.raw_decode(characters, begin)
        except (ValueError, RecursionError) as error:
            following = text.find(b"}{", begin)
            if not is_all and (following < 0 or _is_cut(error, len(text))):
                return
            end = len(text) if following < 0 else following + 1
        yield text[start:end]
        start = end


def _is_cut(error: Exception, length: int) -> bool:
    """Whether a JSON text ends too early and may go on, rather than being none."""
    return isinstance(error, json.JSONDecodeError) and (error.msg.startswith("Unterminated") or error.pos > length - 8)


def _messages_of_document(document: bytes) -> Iterator[bytes]:
    if not _ENVELOPE.match(document.lstrip()):
        yield document.strip(b" \t")
        return
    try:
        held = json.loads(document)
    except (ValueError, RecursionError):
        yield document
        return
    found = _inside(held)
    yield from [document] if found is None else found or [b""]


def _inside(held: Any) -> list[bytes] | None:
    """The messages in an envelope; None where it is none. A control message carries none."""
    if held.get("messageType") == "CONTROL_MESSAGE":
        return []
    events = held.get("logEvents", held.get("events"))
    if isinstance(events, list) and all(
        isinstance(one, dict) and isinstance(one.get("message"), str) for one in events
    ):
        return [one_line(one["message"].encode("utf-8", "replace")) for one in events]
    if isinstance(held.get("awslogs"), dict):
        packed = [held["awslogs"].get("data")]
    else:
        records = held.get("Records", held.get("records"))
        if not isinstance(records, list) or not all(isinstance(one, dict) for one in records):
            return None
        records = [one["kinesis"] if isinstance(one.get("kinesis"), dict) else one for one in records]
        packed = [one.get("Data", one.get("data")) for one in records]
    found: list[bytes] = []
    for data in packed:
        content = _unpacked(data.encode("utf-8", "replace")) if isinstance(data, str) else None
        if content is None:
            return None
        for line in content.rstrip(b"\n").split(b"\n"):
            found += _messages_of_line(line)
    return found


def _unpacked(data: bytes, whole: bool = True) -> bytes | None:
    """What base64 holds, decompressed where it is gzip; None where it is damaged or too large. Not `whole`: as far as it goes."""
    try:
        content = base64.b64decode(data.strip(), validate=True)
        if not content.startswith(b"\x1f\x8b"):
            return content
        unpacking = zlib.decompressobj(31)
        plain = unpacking.decompress(content, LARGEST_RECORD)
    except (binascii.Error, ValueError, zlib.error):
        return None
    return plain if unpacking.eof or not whole else None


def _message(quoted: bytes) -> bytes:
    try:
        return one_line(_DOCUMENT.decode(quoted.decode("utf-8", "replace")).encode("utf-8", "replace"))
    except ValueError:
        return quoted


def one_line(message: bytes) -> bytes:
    """A message is one line, whatever breaks are in it."""
    return message.rstrip(b"\r\n").replace(b"\r\n", b" ").replace(b"\n", b" ").replace(b"\0", b"")
