"""Log groups of CloudWatch, read by time.

Each run reads from some hours before the end of the last one, because events arrive late; the ids of the events of these
hours are kept, as hashes, so that none counts twice. A stretch of time is fetched whole into the spool before anything of
it is read, with the ids beside it, and the ledger learns how far was read only after it has the events.
"""

import base64
import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlmodel import col, delete, select

from data_sources import aws
from data_sources.envelopes import one_line
from data_sources.files import Shelf
from data_sources.ledger import Cursor
from data_sources.remote import Failed, Fetched, Remote, Stamp
from data_sources.store import Store

OVERLAP = timedelta(hours=6)
FIRST_STRETCH = timedelta(days=1)
LONGEST_STRETCH = timedelta(days=32)
FEW_EVENTS, MANY_EVENTS = 50_000, 500_000
PERMISSION = "logs:FilterLogEvents"
_ID_BYTES = 8


def fetch(of: Remote, store: Store, shelf: Shelf, failed: Failed) -> Iterator[Fetched]:
    """The stretches of time that were not read yet, the oldest first. Raises SourceError."""
    folder = of.spool / "cloudwatch" / hashlib.sha256(of.pattern.encode()).hexdigest()[:16]
    folder.mkdir(parents=True, exist_ok=True)
    for unfinished in folder.glob("*.part"):
        shutil.rmtree(unfinished)
    seen = _seen(of, store)
    # what waits in the spool was fetched, too, though the ledger may not know it before it is read
    waiting = sorted(folder.iterdir())
    notes = [_note(batch) for batch in waiting]
    seen = seen.union(*(_ids_of(note["ids"]) for note in notes))
    begin, end = _begin(of, store, max((note["until"] for note in notes), default=0)), _milliseconds(of.now)
    for batch in waiting:
        yield _fetched(of, store, batch)
    stretch = _length(FIRST_STRETCH)
    with of.session("logs") as session:
        while begin < end:
            until = min(end, begin + stretch)
            batch, events = _stretch(session, of, folder, begin, until, seen)
            if batch:
                yield _fetched(of, store, batch)
            else:
                _settle(of, store, until, "")
            if events < FEW_EVENTS:
                stretch = min(2 * stretch, _length(LONGEST_STRETCH))
            elif events > MANY_EVENTS:
                stretch = max(stretch // 2, 60_000)
            begin = until


def look(of: Remote) -> tuple[str, bytes]:
    """What a check finds: the newest events' number, in words, and one of them. Raises SourceError."""
    since = _milliseconds(of.now - FIRST_STRETCH)
    with of.session("logs") as session:
        events: list[dict[str, Any]] = []
        for page in _pages(session, of, since, _milliseconds(of.now)):
            events += page
            if events:
                break
    if not events:
        return "no events in the last day", b""
    return f"events in the last day; the first at {_iso(events[0]['timestamp'])}", _message(events[0])


def _stretch(
    session: aws.Session, of: Remote, folder: Path, begin: int, until: int, seen: set[bytes]
) -> tuple[Path | None, int]:
    """Lay the new events of [begin, until) into the spool, and the ids of its last hours into `seen`; None where there are
    none; and how many were asked for."""
    name = f"{begin:015}-{until:015}"
    part = folder / f"{name}.part"
    part.mkdir()
    recent, written, events = [], 0, 0
    with (part / "events.log").open("wb") as out:
        for page in _pages(session, of, begin, until):
            events += len(page)
            for event in page:
                hashed = hashlib.blake2b(event["eventId"].encode(), digest_size=_ID_BYTES).digest()
                if hashed in seen:
                    continue
                out.write(_message(event) + b"\n")
                written += 1
                if event["timestamp"] >= until - _length(OVERLAP):
                    recent.append(hashed)
                    seen.add(hashed)
    if not written:
        shutil.rmtree(part)
        return None, events
    ids = base64.b64encode(b"".join(recent)).decode()
    (part / "note.json").write_text(json.dumps({"begin": begin, "until": until, "ids": ids}))
    # another stretch of the same times may wait for the ledger
    batch = next(path for n in range(1_000_000) if not (path := folder / f"{name}-{n}").exists())
    os.rename(part, batch)
    return batch, events


def _pages(session: aws.Session, of: Remote, begin: int, until: int) -> Iterator[list[dict[str, Any]]]:
    group, streams = of.place
    asked: dict[str, Any] = {"logGroupName": group, "startTime": begin, "endTime": until - 1}
    if streams:
        asked["logStreamNamePrefix"] = streams
    while True:
        page = session.call("filter_log_events", PERMISSION, **asked)
        # services that answer like AWS may take no notice of the streams' names
        yield [event for event in page.get("events", []) if event.get("logStreamName", "").startswith(streams)]
        # a page may be empty and others follow
        if not page.get("nextToken") or page["nextToken"] == asked.get("nextToken"):
            return
        asked["nextToken"] = page["nextToken"]


def _fetched(of: Remote, store: Store, batch: Path) -> Fetched:
    note = _note(batch)
    path = batch / "events.log"

    def done() -> None:
        _settle(of, store, note["until"], note["ids"])
        shutil.rmtree(batch)

    name = f"{of.pattern} {_iso(note['begin'])} to {_iso(note['until'])} {batch.name.rsplit('-', 1)[1]}"
    return Fetched(path, name, Stamp(note["until"], path.stat().st_size, note["until"] * 10**6), done, False)


def _settle(of: Remote, store: Store, until: int, ids: str) -> None:
    """Note how far was read, and the ids of the last hours of it; those that no run will meet again are dropped."""
    with store.session() as held:
        row = held.get(Cursor, (of.source.name, of.pattern))
        reached = max(until, int(row.value) if row else 0)
        rows = {of.pattern: str(reached)} | ({_ids_stream(of, until): ids} if ids else {})
        for stream, value in rows.items():
            before = held.get(Cursor, (of.source.name, stream)) if value == ids else None
            if before:
                value = base64.b64encode(b"".join(sorted(_ids_of(before.value) | _ids_of(value)))).decode()
            held.merge(Cursor(source=of.source.name, stream=stream, value=value, updated_at=of.now))
        mine = (Cursor.source == of.source.name) & col(Cursor.stream).startswith(_ids_stream(of), autoescape=True)
        held.exec(delete(Cursor).where(mine, Cursor.stream <= _ids_stream(of, reached - _length(OVERLAP))))


def _seen(of: Remote, store: Store) -> set[bytes]:
    with store.session() as held:
        mine = (Cursor.source == of.source.name) & col(Cursor.stream).startswith(_ids_stream(of), autoescape=True)
        return set().union(*map(_ids_of, held.exec(select(Cursor.value).where(mine))))


def _ids_stream(of: Remote, until: int | None = None) -> str:
    return f"{of.pattern} ids until {'' if until is None else f'{until:015}'}"


def _ids_of(text: str) -> set[bytes]:
    packed = base64.b64decode(text)
    return {packed[at : at + _ID_BYTES] for at in range(0, len(packed), _ID_BYTES)}


def _begin(of: Remote, store: Store, fetched: int) -> int:
    """Where to read from, in epoch milliseconds: some hours before what was read, at first as far back as events are kept."""
    with store.session() as held:
        row = held.get(Cursor, (of.source.name, of.pattern))
    if row or fetched:
        return max(int(row.value) if row else 0, fetched) - _length(OVERLAP)
    return _milliseconds(of.now - timedelta(days=of.program.program.retention_days))


def _note(batch: Path) -> dict[str, Any]:
    return json.loads((batch / "note.json").read_text())


def _message(event: dict[str, Any]) -> bytes:
    return one_line(event.get("message", "").encode("utf-8", "replace"))


def _milliseconds(moment: datetime) -> int:
    return int(moment.replace(tzinfo=UTC).timestamp() * 1000)


def _length(span: timedelta) -> int:
    return int(span.total_seconds() * 1000)


def _iso(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
