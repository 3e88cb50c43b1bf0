"""Says in plain words what a file looks like that no log format reads."""

import json
import re

_MAGIC = {
    b"PAR1": "a Parquet file",
    b"SQLite format 3": "an SQLite database",
    b"%PDF": "a PDF document",
    b"\x89PNG": "a picture (PNG)",
    b"\xff\xd8\xff": "a picture (JPEG)",
    b"GIF8": "a picture (GIF)",
    b"\x7fELF": "a program",
    b"7z\xbc\xaf": "a 7-Zip archive",
}
CUT_JSON = "JSON that is cut short"
_ERROR_LOG = re.compile(
    r"^\d{4}/\d\d/\d\d \d\d:\d\d:\d\d \[\w+\]|^\[[A-Z][a-z]{2} [A-Z][a-z]{2} +\d+ [\d:.]+ \d{4}\] \[", re.M
)


def looks_like(name: str, content: bytes) -> str:
    """What the first plain bytes of a file look like: a phrase that completes "it looks like …"."""
    if not content.strip(b"\0 \t\r\n\xef\xbb\xbf"):
        return "an empty file" if not content else "a file of nothing but blanks"
    if known := next((what for magic, what in _MAGIC.items() if content.startswith(magic)), None):
        return known
    if content.startswith(b"PK\x03\x04"):
        sheet = name.lower().endswith((".xlsx", ".ods")) or b"xl/" in content
        return "a spreadsheet (save it as CSV)" if sheet else "a ZIP archive (unpack it first)"
    if content[257:262] == b"ustar":
        return "a tar archive (unpack it first)"
    if content[:2] not in (b"\xff\xfe", b"\xfe\xff") and _is_binary(content):
        return "a binary file"
    encoding = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}.get(content[:2], "utf-8")
    return _text_looks_like(content.decode(encoding, "replace").lstrip("\ufeff"))


def _is_binary(content: bytes) -> bool:
    head = content[:4096]
    odd = sum(byte < 9 or 13 < byte < 32 for byte in head)
    return odd > len(head) / 20


def _text_looks_like(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    first = lines[0].strip()
    if _ERROR_LOG.search(text):
        return "an error log of nginx, Apache or Kong; the access log is beside it"
    if first[0] in "{[":
        return _json_looks_like(text, first)
    if re.match(r"<(!doctype html|html)", first, re.I):
        return "an HTML page"
    if first.startswith("<"):
        return "XML"
    for mark, what in ((",", "a CSV sheet"), ("\t", "a tab-separated sheet"), (";", "a CSV sheet with semicolons")):
        widths = [line.count(mark) for line in lines[:20]]
        if widths[0] >= 1 and min(widths[: len(widths) - 1] or widths) >= 1 and '" ' not in first:
            if is_log_header(first, mark):
                what = f"{what.replace('sheet', 'log')} of a kind that is not known (a source can name its columns)"
            return f"{what} with the columns {', '.join(cell.strip()[:30] for cell in first.split(mark)[:6])}"
    if re.search(r"\d{1,3}(\.\d{1,3}){3}|\b\d\d:\d\d:\d\d\b", first):
        return f"a log of a kind that is not known; its first line begins: {first[:80]}"
    return f"plain text; its first line begins: {first[:60]}"


def is_log_header(line: str, delimiter: str) -> bool:
    """Whether a header names a status or a method, and a path or a time taken, as only logs of requests do."""
    cells = {re.sub(r"[\W_]+", "", cell).lower() for cell in line.split(delimiter)}
    return any(cell.endswith(("statuscode", "responsecode", "httpmethod", "method", "verb")) for cell in cells) and any(
        cell.endswith(("url", "uri", "path", "latency", "duration", "totaltime", "responsetime", "requesttime"))
        for cell in cells
    )


def _json_looks_like(text: str, first: str) -> str:
    try:
        record = json.loads(first)
    except ValueError:
        try:
            json.loads(text)
        except ValueError:
            pretty = re.fullmatch(r"[\[{]\s*", first)
            return "JSON laid out over several lines; a log has one record a line" if pretty else CUT_JSON
        return "one JSON document laid out over several lines; a log has one record a line"
    record = record[0] if isinstance(record, list) and record else record
    if not isinstance(record, dict):
        return "JSON that holds no records"
    if "session" in record and "request" not in record:
        return "Kong's log of TCP streams, which has no requests"
    keys = ", ".join(str(key)[:30] for key in list(record)[:8])
    return f"JSON, but no access log that is known: its first record has the keys {keys or '(none)'}"


def line_shape(content: bytes) -> str | None:
    """What the first line shares with every line written alike: the fields of its JSON, or its text up to the first quote
    with words and numbers replaced. None for a blank line and for JSON that is cut short."""
    line = content.split(b"\n", 1)[0].decode("utf-8", "replace").strip()
    if not line.startswith(("{", "[")):
        return re.sub(r"\w+", "w", line.split('"', 1)[0]) or None
    try:
        record = json.loads(line)
    except ValueError:
        return None
    return json.dumps(sorted(record)) if isinstance(record, dict) else None
