"""What each kind of source is, needs and reads, in words: from the connectors, and from the examples of the sample program.toml."""

import re
from dataclasses import dataclass
from functools import cache

from data_sources.kinds import AnySource
from data_sources.program import SAMPLE, read
from data_sources.records import RECORD_TABLES
from data_sources.registry import connectors

LOGS = "logs"
_KEY = re.compile(r"# ?(\[\[source\]\]|\[source\.[a-z_]+\]|[a-z_]+ = .*)")
_OTHER = re.compile(r"#? ?\[(?!source\.)")


@dataclass(frozen=True)
class Kind:
    """A kind of source. `words` say what it tells and needs, `example` is its [[source]]; `reads` are (stream, record tables,
    permission), empty for logs."""

    kind: str
    label: str
    words: str
    example: str
    reads: tuple[tuple[str, tuple[str, ...], str], ...]

    @property
    def tables(self) -> tuple[str, ...]:
        """The record tables that it fills, each once."""
        return tuple(dict.fromkeys(table for _, tables, _ in self.reads for table in tables))

    @property
    def permissions(self) -> tuple[str, ...]:
        """What its secret must be allowed, in the vendor's words, each once."""
        return tuple(dict.fromkeys(permission for *_, permission in self.reads if permission))


@cache
def kinds() -> dict[str, Kind]:
    """Every kind that the sample program.toml shows, in its order. Raises ProgramError where an example is none."""
    found = {}
    for words, example in _examples(SAMPLE.read_text(encoding="utf-8")):
        source = _source(example)
        connector = connectors().get(source.kind)
        reads = tuple(
            (stream.name, tuple(model.__tablename__ for model in stream.tables), stream.permission)
            for stream in (connector.streams(source) if connector else ())
        )
        if hasattr(source, "table"):
            reads = (("one of", tuple(RECORD_TABLES), ""),)
        label = connector.label if connector else "Log files"
        found.setdefault(source.kind, Kind(source.kind, label, words, example, reads))
    return found


def _examples(text: str) -> list[tuple[str, str]]:
    """The comment before each [[source]] and its lines, with or without a # before them."""
    found = []
    for block in text.split("\n\n"):
        lines = block.strip().splitlines()
        begins = next((i for i, line in enumerate(lines) if line.lstrip("# ") == "[[source]]"), None)
        if begins is None:
            continue
        is_commented = lines[begins].startswith("#")
        words = " ".join(line.lstrip("# ") for line in lines[:begins])
        ends = next((i for i in range(begins + 1, len(lines)) if _OTHER.match(lines[i])), len(lines))
        given = [_uncommented(line) if is_commented else line for line in lines[begins:ends]]
        found.append((words, "\n".join(line for line in given if line)))
    return found


def _uncommented(line: str) -> str:
    held = _KEY.fullmatch(line)
    return held.group(1) if held else ""


def _source(example: str) -> AnySource:
    return read(SAMPLE, f'[program]\nname = "example"\n\n{example}\n').sources[0]
