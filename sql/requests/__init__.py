"""Log formats: one `.sql` a format turns its lines into request events. Adding a file here adds a format."""

import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

EVENT_COLUMNS = (
    "occurred_at", "source", "surface", "environment", "request_id", "method", "path", "path_template", "route", "service",
    "status", "latency_ms", "upstream_latency_ms", "request_bytes", "response_bytes", "credential_ref", "consumer_ref",
    "application_ref", "developer_ref", "plan_ref", "end_user_ref", "client_ip", "user_agent", "refusal", "limit_window", "limit_calls", "limit_left",
    "line_no", "referrer_host", "client_country", "client_network",
)  # fmt: skip


class FormatError(Exception):
    """A format that is not known, or its SQL file lacks what a format needs; the message names it."""


@dataclass(frozen=True, eq=False)
class Format:
    """A log format. `sql` selects events from `record`; `shape` names the JSON fields it uses, None for text lines.

    `sign` is what no text of this format is without, so that a text that lacks it need not be tried. `definition` says in
    words what is read and what the format does not say; `example` is a line of it, made up. `wrappers` are the members of a
    line under which many records may come at once. `says_environment` tells that the events have the column `environment`,
    which the others lack.
    """

    name: str
    label: str
    sql: str
    shape: dict[str, Any] | None
    sign: re.Pattern[bytes]
    definition: str
    example: str
    wrappers: tuple[str, ...] = ()
    says_environment: bool = False

    def wrapper_of(self, head: bytes) -> str | None:
        """The member under which the first line of a text holds its records; None where it is a record itself."""
        first = head[: head.find(b"\n") + 1] or head
        return next(
            (name for name in self.wrappers if re.search(rb'^\s*\{[^\\]*?"%s"\s*:\s*\[' % name.encode(), first)), None
        )


@cache
def formats() -> dict[str, Format]:
    """All formats by name."""
    return {path.stem: _read(path) for path in sorted(Path(__file__).parent.glob("*.sql"))}


def by_name(name: str) -> Format:
    """The format of that name; raises FormatError that lists the names there are."""
    if name not in formats():
        raise FormatError(f"format '{name}' is not known; there are {', '.join(formats())} (or auto)")
    return formats()[name]


def _read(path: Path) -> Format:
    text = path.read_text(encoding="utf-8")
    fields: dict[str, str] = {}
    key = ""
    for line in text.splitlines():
        if not line.startswith("--"):
            break
        if line.startswith("--   ") and key:
            fields[key] += " " + line[5:].strip()
        else:
            key, _, value = line[2:].strip().partition(":")
            fields[key] = value.strip()
    if missing := {"format", "label", "record", "definition", "example"} - fields.keys():
        raise FormatError(f"{path.name}: the header lacks {', '.join(sorted(missing))}")
    shape = json.loads(fields["shape"]) if fields["record"] == "json" else None
    sign = re.compile(fields.get("sign", "").encode())
    wrappers = tuple(fields.get("wrappers", "").replace(",", " ").split())
    return Format(
        fields["format"],
        fields["label"],
        text,
        shape,
        sign,
        fields["definition"],
        fields["example"],
        wrappers,
        "environment" in fields.get("says", ""),
    )
