"""Log files in S3, or in a store that answers like it.

An object is known by its name, ETag and size: what the ledger has under these is not read again. One that was overwritten is
read as a log that grew where it begins with what was read, else as another log; it is fetched in the version that was
listed, or not at all. Names that lead to a date are listed from the last day that is settled on; once a day all are, so
that what was written late, or anew, far back is found within a day.
"""

import hashlib
import json
import os
import re
import shutil
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

from data_sources import aws, remote
from data_sources.failures import NotFound, Refused, SourceError, Unreachable
from data_sources.files import Shelf
from data_sources.ledger import Cursor
from data_sources.remote import Failed, Fetched, Remote, Stamp
from data_sources.store import Store

PAGE = 1000
SIDE_BY_SIDE = 8
LOOKED_AT = 10 * PAGE
PIECE_BYTES = 1 << 20
ATTEMPTS = 3
SETTLED_AFTER = timedelta(days=2)
LISTED_WHOLE_EVERY = timedelta(days=1)
LIST, GET = "s3:ListBucket", "s3:GetObject"
_DATE = re.compile(
    r"(?<!\d)20\d\d(?:[-_/](?:month=|m=)?(?:0[1-9]|1[0-2])(?!\d)|(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])(?!\d))"
)


def fetch(of: Remote, store: Store, shelf: Shelf, failed: Failed) -> Iterator[Fetched]:
    """The objects that the ledger does not have as they are, in the order of their names. Raises SourceError."""
    bucket, _ = of.place
    folder = of.spool / "s3" / hashlib.sha256(of.pattern.encode()).hexdigest()[:16]
    shutil.rmtree(folder, ignore_errors=True)  # of a run that was killed
    folder.mkdir(parents=True)
    with of.session("s3") as session, ThreadPoolExecutor(SIDE_BY_SIDE, "s3") as pool:
        waiting: deque[tuple[str, Future[Fetched]]] = deque()
        problem: SourceError | None = None
        try:
            for item in _new(session, of, store, shelf):
                waiting.append((item["Key"], pool.submit(_download, session, bucket, item, folder)))
                if len(waiting) >= SIDE_BY_SIDE:
                    yield from _arrived(waiting.popleft(), bucket, failed)
        except SourceError as error:
            problem = error
        while waiting:
            yield from _arrived(waiting.popleft(), bucket, failed)
        if problem:
            raise problem


def look(of: Remote) -> tuple[str, bytes]:
    """What a check finds: how many objects, up to a page of them, in words, and the start of their newest. Raises SourceError."""
    bucket, pattern = of.place
    with of.session("s3") as session:
        listed = islice(_listed(session, bucket, _prefix(pattern), {}), LOOKED_AT)
        items = list(islice((one for one in listed if one["Size"] and _matches(pattern, one["Key"])), PAGE))
        if not items:
            raise NotFound(f"no such object: {of.pattern}")
        newest = max(items, key=lambda one: (one["LastModified"], one["Key"]))
        with session.failing("get_object", GET):
            asked = {"Bucket": bucket, "Key": newest["Key"], "Range": f"bytes=0-{PIECE_BYTES - 1}"}
            start = session.client.get_object(**asked)["Body"].read()
    size = sum(one["Size"] for one in items)
    at_least = "at least " if len(items) == PAGE else ""
    return f"{at_least}{len(items):,} object(s), {size / 1e6:,.1f} MB; {newest['Key']}", start


def _new(session: aws.Session, of: Remote, store: Store, shelf: Shelf) -> Iterator[dict[str, Any]]:
    """The objects to fetch. Where all were listed, notes up to which name each run of dates is settled."""
    bucket, pattern = of.place
    with store.session() as held:
        row = held.get(Cursor, (of.source.name, of.pattern))
    known = json.loads(row.value) if row else {}
    is_whole = not row or of.now - datetime.fromisoformat(known["whole_at"]) >= LISTED_WHOLE_EVERY
    skipped = {} if is_whole else known["settled"]
    settled, moving = dict(skipped), set()
    for item in _listed(session, bucket, _prefix(pattern), skipped):
        key, stem = item["Key"], _stem(item["Key"])
        is_read = not item["Size"] or not _matches(pattern, key) or shelf.has(_name(bucket, key), _stamp(item))
        if not is_read:
            yield item
        modified = item["LastModified"].astimezone(UTC).replace(tzinfo=None)
        if stem is not None and stem not in moving:
            if is_read and modified < of.now - SETTLED_AFTER:
                settled[stem] = key
            else:
                moving.add(stem)
    whole_at = of.now.isoformat() if is_whole else known["whole_at"]
    with store.session() as held:
        value = json.dumps({"whole_at": whole_at, "settled": settled})
        held.merge(Cursor(source=of.source.name, stream=of.pattern, value=value, updated_at=of.now))


def _listed(session: aws.Session, bucket: str, prefix: str, skipped: dict[str, str]) -> Iterator[dict[str, Any]]:
    """Every object under a prefix in the order of names, but for those before the settled name of their run of dates."""
    after = ""
    while True:
        asked = {"Bucket": bucket, "Prefix": prefix, "MaxKeys": PAGE} | ({"StartAfter": after} if after else {})
        page = session.call("list_objects_v2", LIST, **asked)
        items = page.get("Contents", [])
        for item in items:
            # every name between this one and the settled one begins with the same stem
            stem = _stem(item["Key"])
            settled = skipped.get(stem) if stem is not None else None
            if settled and item["Key"] < settled:
                after = settled
                break
            yield item
        else:
            if not items or not page.get("IsTruncated"):
                return
            after = items[-1]["Key"]


def _arrived(waiting: tuple[str, Future[Fetched]], bucket: str, failed: Failed) -> Iterator[Fetched]:
    key, future = waiting
    try:
        yield future.result()
    except SourceError as error:
        failed(_name(bucket, key), remote.reason(error))


def _download(session: aws.Session, bucket: str, item: dict[str, Any], folder: Path) -> Fetched:
    """One version of an object, whole, in the spool. An object that changes meanwhile is asked for again."""
    key = item["Key"]
    target = folder / hashlib.sha256(key.encode()).hexdigest()[:24]
    for attempt in range(ATTEMPTS):
        try:
            with session.failing("get_object", GET), target.with_suffix(".part").open("wb") as out:
                body = session.client.get_object(Bucket=bucket, Key=key, IfMatch=item["ETag"])["Body"]
                for piece in body.iter_chunks(PIECE_BYTES):
                    out.write(piece)
        except Refused as error:
            if "HTTP 412" not in str(error) or attempt == ATTEMPTS - 1:
                raise
            head = session.call("head_object", GET, Bucket=bucket, Key=key)
            item = {
                "Key": key,
                "ETag": head["ETag"],
                "Size": head["ContentLength"],
                "LastModified": head["LastModified"],
            }
            continue
        except Unreachable:
            if attempt == ATTEMPTS - 1:
                raise
            continue
        break
    os.replace(target.with_suffix(".part"), target)
    return Fetched(target, _name(bucket, key), _stamp(item), lambda: target.unlink(missing_ok=True), True)


def _name(bucket: str, key: str) -> str:
    return f"s3://{bucket}/{key}"


def _stamp(item: dict[str, Any]) -> Stamp:
    tag = int.from_bytes(hashlib.sha256(item["ETag"].encode()).digest()[:8]) >> 1
    return Stamp(tag, item["Size"], int(item["LastModified"].timestamp()) * 10**9)


def _stem(key: str) -> str | None:
    """What stands before the first date in a name; None where there is none."""
    found = _DATE.search(key)
    return key[: found.start()] if found else None


def _prefix(pattern: str) -> str:
    return re.split(r"[*?\[]", pattern, maxsplit=1)[0]


def _matches(pattern: str, key: str) -> bool:
    return _glob(pattern).fullmatch(key) is not None


@cache
def _glob(pattern: str) -> re.Pattern[str]:
    """A glob over keys: ** is any number of folders, * and ? stay within one; what ends in / is all below it."""
    if pattern == "" or pattern.endswith("/"):
        pattern += "**"
    pieces = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    parts = re.split(r"(\*\*/|\*\*|\*|\?|\[[^\]/]+\])", pattern)
    return re.compile(
        "".join(
            pieces.get(part) or (part.replace("[!", "[^") if part[:1] == "[" and part[-1:] == "]" else re.escape(part))
            for part in parts
        ),
        re.S,
    )
