"""What can be read, as a page of documentation: every log format and every kind of source, from their own descriptions."""

from data_sources.described import LOGS, Kind, kinds
from sql.requests import formats

HEAD = """# What can be read

Written by `python -m sql describe > docs/sources.md`; a test keeps it true. Each source is a `[[source]]` of `program.toml`, and
`python -m data_sources check NAME` says whether it is reachable, authorised and what it would read.
"""
LOG_FORMATS = """## Log formats

A format is recognised by what the lines say, never by a file's name; `format = "NAME"` says it instead. Lines that are none are kept as
rejected lines with the reason, without secrets. `python -m sql preview FILE` shows what would be read of a file and stores nothing.
"""


def text() -> str:
    """docs/sources.md, whole."""
    logs, others = kinds()[LOGS], [kind for kind in kinds().values() if kind.kind != LOGS]
    parts = [HEAD, _kind(logs), LOG_FORMATS]
    parts += [
        f"### {form.label} (`{name}`)\n\n{form.definition}\n\n```\n{form.example}\n```\n"
        for name, form in formats().items()
    ]
    parts += ["## Registries, billing, help desks, sheets\n", *(_kind(kind) for kind in others)]
    return "\n".join(parts)


def _kind(kind: Kind) -> str:
    level = "##" if kind.kind == LOGS else "###"
    reads = "\n".join(f"- {stream} → {', '.join(tables)}" for stream, tables, _ in kind.reads if tables)
    needed = f"\nNeeds: {', '.join(kind.permissions)}.\n" if any(kind.permissions) else ""
    return f"{level} {kind.label} (`{kind.kind}`)\n\n{kind.words}\n\n```toml\n{kind.example}\n```\n{needed}" + (
        f"\n{reads}\n" if reads else ""
    )
