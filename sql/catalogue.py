"""What each statement is: the header of a `.sql` file, and the metrics that pages ask for, by name."""

import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent
METRIC_FIELDS = ("metric", "label", "question", "unit", "grain", "good", "definition")

_ENTRY = re.compile(r"^--\s([a-z_]+)(?: ([a-z_0-9]+))?:\s*(.*)$")
_CONTINUED = re.compile(r"^--\s{2,}(.*)$")


class CatalogueError(ValueError):
    """A `.sql` file whose header does not say what it must; the message names the file."""


@dataclass(frozen=True)
class Header:
    """The comment lines that open a `.sql` file: its fields and the meaning of its columns."""

    fields: dict[str, str] = field(default_factory=dict)
    columns: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Metric:
    """One figure or table that a page asks for. `columns` maps a column to its meaning; `sql` is the whole file."""

    name: str
    label: str
    question: str
    unit: str
    grain: str
    good: str
    definition: str
    columns: dict[str, str]
    sql: str
    path: Path


def read_header(text: str) -> Header:
    """Read `-- field: text`, `-- column NAME: text` and the `--   more text` that continues either."""
    fields: dict[str, str] = {}
    columns: dict[str, str] = {}
    target: tuple[dict[str, str], str] | None = None
    for line in text.splitlines():
        if not line.startswith("--"):
            break
        if entry := _ENTRY.match(line):
            key, name, value = entry.groups()
            target = (columns, name) if key == "column" and name else (fields, key)
            target[0][target[1]] = value.strip()
        elif target and (more := _CONTINUED.match(line)):
            target[0][target[1]] = f"{target[0][target[1]]} {more.group(1).strip()}".strip()
    return Header(fields, columns)


def sql_files(folder: str, root: Path = ROOT) -> list[Path]:
    """The `.sql` files of a folder of `sql/` and below, ordered by name."""
    return sorted((root / folder).rglob("*.sql"))


@cache
def metrics(root: Path = ROOT) -> dict[str, Metric]:
    """Every metric by name, in the order of its file. Raises CatalogueError for a header that is not complete."""
    return {metric.name: metric for metric in map(_metric, sql_files("metrics", root))}


def metric(name: str, root: Path = ROOT) -> Metric:
    """One metric; CatalogueError with the nearest names where there is none of that name."""
    known = metrics(root)
    if name not in known:
        raise CatalogueError(f"There is no metric {name!r}. {nearest(name, list(known))}")
    return known[name]


def nearest(name: str, known: list[str]) -> str:
    """A sentence that helps after a wrong name."""
    from difflib import get_close_matches

    close = get_close_matches(name, known, n=3, cutoff=0.5)
    if close:
        return f"Did you mean {', '.join(close)}?"
    return f"There are: {', '.join(sorted(known))}." if known else "There are none."


def _metric(path: Path) -> Metric:
    text = path.read_text(encoding="utf-8")
    header = read_header(text)
    missing = [name for name in METRIC_FIELDS if not header.fields.get(name)]
    if missing:
        raise CatalogueError(f"{path.name}: its header lacks {', '.join(f'`-- {name}:`' for name in missing)}.")
    if header.fields["metric"] != path.stem:
        raise CatalogueError(
            f"{path.name}: its header says metric {header.fields['metric']!r}; file and metric share one name."
        )
    wanted = {name: header.fields[name] for name in METRIC_FIELDS if name != "metric"}
    return Metric(name=path.stem, columns=header.columns, sql=text, path=path, **wanted)
