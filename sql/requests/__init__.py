"""Log formats: one `.sql` a format turns its lines into request events. Adding a file here adds a format."""

import json
import re
from dataclasses import dataclass, replace
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from sql.requests.sheets import Layout, Sheet, layout_of, missing, sheet_of

EVENT_TYPES = {
    "occurred_at": "timestamp", "source": "varchar", "surface": "varchar", "environment": "varchar", "request_id": "varchar",
    "method": "varchar", "path": "varchar", "path_template": "varchar", "route": "varchar", "service": "varchar",
    "status": "integer", "latency_ms": "double", "upstream_latency_ms": "double", "request_bytes": "bigint",
    "response_bytes": "bigint", "credential_ref": "varchar", "consumer_ref": "varchar", "application_ref": "varchar",
    "developer_ref": "varchar", "plan_ref": "varchar", "end_user_ref": "varchar", "client_ip": "varchar",
    "user_agent": "varchar", "refusal": "varchar", "limit_window": "varchar", "limit_calls": "bigint", "limit_left": "bigint",
    "line_no": "bigint", "referrer_host": "varchar", "client_country": "varchar", "client_network": "varchar",
}  # fmt: skip
EVENT_COLUMNS = tuple(EVENT_TYPES)
ADDED_LATER = {"source", "environment", "client_country", "client_network"}


class FormatError(Exception):
    """A format that is not known, or its SQL file lacks what a format needs; the message names it."""


@dataclass(frozen=True, eq=False)
class Format:
    """A log format. `sql` selects events from `record`; `shape` names the JSON fields it uses, None for text lines.

    `sign` is what no text of this format is without, so that a text that lacks it need not be tried. `definition` says in
    words what is read and what the format does not say; `example` is a line of it, made up (a sheet's stands below its header). `wrappers` are the members of a
    line under which many records may come at once. `says_environment` tells that the events have the column `environment`,
    which the others lack. `sheet` says which
    sheets a format reads; then `layout` is that of the file at hand, see `for_file`. `secret_keys` are keys of its JSON whose
    values are credentials; `is_own` says that program.toml describes it, so that nothing is known of its other keys.
    `has_keys_once` says that whoever writes its JSON encodes a table or a message of typed fields, so that no object has a key twice.
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

    sheet: Sheet | None = None
    layout: Layout | None = None
    secret_keys: tuple[str, ...] = ()
    is_own: bool = False
    has_keys_once: bool = False

    @cached_property
    def _statement(self) -> str:
        return _completed(self.sql, self.says_environment)

    def over(self, relation: str) -> str:
        """The format's SELECT over a relation; only its first `from record` is one, because later a literal may hold any text."""
        return self._statement.replace("from record", f"from {relation}", 1)

    def fits(self, beginning: bytes) -> "Format | None":
        """The format as a file that begins with this text (clean UTF-8) needs it; None where its header is another's."""
        if self.sheet is None:
            return self
        layout = layout_of(self.sheet, beginning)
        return layout and _laid_out(self, layout)

    def for_file(self, beginning: bytes) -> "Format":
        """As `fits`; raises FormatError that says what the header lacks."""
        found = self.fits(beginning)
        if found is None:
            raise FormatError(f"not read as {self.name}: {missing(self.sheet, beginning)}")
        return found


def _completed(sql: str, says_environment: bool) -> str:
    """A format's SELECT with the columns that it does not name, as nulls of their types."""
    before, _, rest = sql.rpartition("\nselect\n")
    listed, _, after = rest.partition("\nfrom ")
    named = re.findall(r"^    (?:.* as |(?:\w+\.)?)(\w+),?$", listed, re.M)
    added = ADDED_LATER - {"environment"} if says_environment else ADDED_LATER
    nulls = [
        f"    cast(null as {kind}) as {name},\n" for name, kind in EVENT_TYPES.items() if name not in {*named, *added}
    ]
    return f"{before}\nselect\n{''.join(nulls)}{listed}\nfrom {after}"


@cache
def _laid_out(form: Format, layout: Layout) -> Format:
    return replace(form, layout=layout)


@cache
def formats() -> dict[str, Format]:
    """All formats by name."""
    return {path.stem: _read(path) for path in sorted(Path(__file__).parent.glob("*.sql"))}


def by_name(name: str) -> Format:
    """The format of that name; raises FormatError that lists the names there are."""
    if name in ("json", "csv"):
        raise FormatError(
            f"format '{name}' is a log of your own: say its columns, in [source.columns] of its source or --columns"
        )
    if name not in formats():
        raise FormatError(f"format '{name}' is not known; there are {', '.join(formats())} (or auto)")
    return formats()[name]


def _read(path: Path) -> Format:
    """A format's file. `call` in its header names the file of `templates/` with the SELECT that several formats end in."""
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
    if "call" in fields:
        text += (path.parent / "templates" / f"{fields['call']}.sql").read_text(encoding="utf-8")
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
        fields["example"].replace("\\n", "\n") if fields["record"] == "sheet" else fields["example"],
        wrappers,
        "environment" in fields.get("says", ""),
        sheet_of(fields) if fields["record"] == "sheet" else None,
        has_keys_once=fields.get("keys") == "once",
    )
