"""Changing the rules in program.toml: `[[tier_rule]]`, `[[ladder_rule]]`, `[[exposure]]` and `[[costs.pool]]`; all else stays as it is.

A rule that stays keeps its lines, with the comment directly above it. A change is refused when the file is no longer what
its author saw, or would not be valid; it is stored with author, reason, and the section before and after.
"""

import fcntl
import re
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import tomlkit
from pydantic import ValidationError
from sqlmodel import desc, select

from data_sources import durable
from data_sources.judgements import RuleChange
from data_sources.program import CostPool, Exposure, LadderRule, Program, ProgramError, TierRule, read
from data_sources.store import Store

SECTIONS: dict[str, type[TierRule] | type[LadderRule] | type[Exposure]] = {
    "tier_rule": TierRule,
    "ladder_rule": LadderRule,
    "exposure": Exposure,
}

COSTS = "costs.pool"
KINDS = {**SECTIONS, COSTS: CostPool}

_HEADER = re.compile(r"\s*\[(\[[^\]]+\]|[^\[\]]+)\]\s*(#.*)?$")


class RuleError(RuntimeError):
    """A change of the rules that was not made; the message says why and what to do."""


def as_it_is(home: str | Path) -> str:
    """The text of program.toml now; hand it to `save` later, so that nobody's change is overwritten."""
    return _text(_path(home))


def save(
    home: str | Path,
    store: Store,
    section: str,
    rules: list[Any],
    *,
    seen: str,
    author: str,
    reason: str,
    now: datetime,
) -> RuleChange:
    """Write these rules as the section of program.toml and keep who changed it and why. `seen` is what `as_it_is` said
    when the rules were shown.

    Raises RuleError when the file changed since, when there is no reason or no change, or when the result is not valid.
    """
    if not reason.strip():
        raise RuleError("Say why: the reason is kept with the change.")
    wanted = [_data(rule) for rule in rules]
    path = _path(home)
    with _alone(path):
        text = _text(path)
        if text != seen:
            raise RuleError(
                "program.toml was changed meanwhile by someone else. Look at it as it is now, then change it."
            )
        before = _blocks_text(text, section)
        changed = _with_section(path, text, section, wanted)
        if _given(changed, section) == _given(text, section):
            raise RuleError("Nothing was changed.")
        change = RuleChange(
            section=section,
            before=before,
            after=_blocks_text(changed, section),
            author=author,
            reason=reason.strip(),
            decided_at=now,
        )
        return _replaced(path, text, changed, lambda: store.judge(change))


def undo(home: str | Path, store: Store, change: RuleChange, now: datetime) -> RuleChange:
    """Write back what a change replaced, and date its undoing. Raises RuleError unless the file still has what it wrote."""
    path = _path(home)
    with _alone(path):
        text = _text(path)
        if change.undone_at or _given(text, change.section) != _given(change.after, change.section):
            raise RuleError(
                "These rules were changed again since, so undoing this would undo that too. Change them by hand."
            )
        changed = _with_section(path, text, change.section, _given(change.before, change.section), change.before)
        change.undone_at = now
        return _replaced(path, text, changed, lambda: store.judge(change))


def changes(store: Store) -> list[RuleChange]:
    """Every change that was made in the pages, the newest first."""
    with store.session() as session:
        return list(session.exec(select(RuleChange).order_by(desc(RuleChange.decided_at), desc(RuleChange.id))))


def can_undo(program: Program, change: RuleChange) -> bool:
    """Whether the file still has what this change wrote."""
    now = [_data(rule) for rule in written(program, change.section)]
    return change.undone_at is None and now == [_data(rule) for rule in parsed(change.section, change.after)]


def parsed(section: str, text: str) -> list[Any]:
    """The rules that a section's text says."""
    return [KINDS[section].model_validate(rule) for rule in _given(text, section)]


def written(program: Program, section: str) -> list[Any]:
    """The rules of a section as the program has them."""
    found: Any = program
    for name in section.split("."):
        found = getattr(found, name)
    return found


def _data(rule: Any) -> dict[str, Any]:
    """A rule as the file holds it: no empty value, one value as itself."""
    if isinstance(rule, CostPool):
        return rule.model_dump(by_alias=True, exclude_defaults=True)
    data = rule.model_dump(mode="json") if not isinstance(rule, dict) else dict(rule)
    if "value" in data:
        values = [data["value"]] if isinstance(data["value"], str) else data["value"]
        values = [value for value in values if value.strip()]
        data["value"] = values[0] if len(values) == 1 else values
        if not values:
            del data["value"]
    return data


def _given(text: str, section: str) -> list[dict[str, Any]]:
    found: Any = tomllib.loads(text.removeprefix("\ufeff"))
    for name in section.split("."):
        found = found.get(name, {})
    try:
        return [_data(CostPool.model_validate(rule) if section == COSTS else rule) for rule in found or []]
    except ValidationError:
        raise RuleError(
            "A cost pool has a table of its own below it; write shares = {…} and unit_cost = […] in its lines."
        ) from None


def _path(home: str | Path) -> Path:
    return (Path(home) / "program.toml").resolve()


def _text(path: Path) -> str:
    """The file as it is, with its own line ends; a byte order mark stays part of it."""
    try:
        return path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        raise RuleError(f"{path} is not there.") from None


def _blocks_text(text: str, section: str) -> str:
    return "\n".join(own.strip("\n") + "\n" for _, own in _split(text.removeprefix("\ufeff"), section)[1])


def _with_section(path: Path, text: str, section: str, wanted: list[dict], spare: str = "") -> str:
    """The file's text with these rules in the section; the lines of a rule that it has already, or that `spare` has, are kept."""
    bom, text = ("\ufeff", text[1:]) if text.startswith("\ufeff") else ("", text)
    end = "\r\n" if "\r\n" in text else "\n"
    head, blocks, tail = _split(text.replace("\r\n", "\n"), section)
    was = _given(text, section)
    if len(blocks) != len(was):
        raise RuleError(
            f"Write each rule of {path.name} under a [[{section}]] of its own; then it can be changed here."
        )
    own = [lines for _, lines in _split(spare, section)[1]]
    body, free = _chosen(section, wanted, list(zip(was, blocks, strict=True)), own)
    if not blocks and body:
        head = head.rstrip("\n") + "\n\n"
    made = head + body + (f"\n{free.strip(chr(10))}\n" if free else "") + tail
    made = made.rstrip("\n") + "\n"
    _check(path, text, made, section, wanted)
    return bom + made.replace("\n", end)


def _chosen(
    section: str, wanted: list[dict], kept: list[tuple[dict, tuple[str, str]]], spare: list[str]
) -> tuple[str, str]:
    """The lines of the wanted rules, and what stood free before those that are gone.

    A rule keeps the lines that say just that, those of the file before the spare ones; else those most like it are
    changed; else it gets new ones.
    """
    left = list(kept)
    texts: dict[int, str] = {}
    for n, rule in enumerate(wanted):
        if found := next((one for one in left if one[0] == rule), None):
            left.remove(found)
            texts[n] = "".join(found[1])
    for n, rule in enumerate(wanted):
        if n not in texts:
            like = next((one for one in left if any(one[0].get(key) == value for key, value in rule.items())), None)
            free, lines = like[1] if like else ("", "")
            if like:
                left.remove(like)
            same = next((lines for lines in spare if _given(lines, section) == [rule]), None)
            texts[n] = free + (same or (_edited(section, lines, rule) if like else _new(section, rule)))
    body = "\n".join(texts[n].strip("\n") + "\n" for n in range(len(wanted)))
    return body, "".join(free for _, (free, _) in left)


def _edited(section: str, block: str, rule: dict) -> str:
    """A rule's lines with its keys changed; comments stay."""
    document = tomlkit.parse(block)
    table: Any = document
    for name in section.split("."):
        table = table[name]
    table = table[0]
    for key in [key for key in table if key not in rule]:
        del table[key]
    for key, value in rule.items():
        if key not in table or table[key] != value:
            table[key] = _in_line(value)
    return tomlkit.dumps(document)


def _new(section: str, rule: dict) -> str:
    table = tomlkit.table()
    for key, value in rule.items():
        table[key] = _in_line(value)
    return f"[[{section}]]\n{tomlkit.dumps(table)}"


def _in_line(value: Any) -> Any:
    """A value as one line of TOML writes it: a mapping within braces, a list of them within brackets."""
    if isinstance(value, dict):
        made = tomlkit.inline_table()
        made.update(value)
        return made
    if isinstance(value, list) and value and isinstance(value[0], dict):
        made = tomlkit.array()
        for one in value:
            made.append(_in_line(one))
        return made
    return value


def _split(text: str, section: str) -> tuple[str, list[tuple[str, str]], str]:
    """A text as what comes before the section, its rules, and what comes after them.

    A rule is (what stands free between it and the one before, its own lines with the comment directly above). Other
    tables between two rules count as standing after all of them.
    """
    lines = text.splitlines(keepends=True)
    starts = [n for n, line in enumerate(lines) if _HEADER.match(line)]
    mine = [n for n in starts if _named(lines[n]) == f"[{section}]"]
    if not mine:
        return text, [], ""
    first = mine[0]
    head = "".join(lines[:first])
    blocks: list[tuple[str, str]] = []
    tail = ""
    between = ""
    for n, after in zip(starts, [*starts[1:], len(lines)], strict=True):
        if n < first:
            continue
        own, rest = _until_comment(lines[n:after])
        if n in mine:
            free, lead = _lead(between) if blocks and not tail else ("", "")
            tail += between if tail else ""
            blocks.append((free, lead + own))
            between = rest
        else:
            tail += between + own
            between = rest
    return head, blocks, tail + between


def _named(line: str) -> str:
    found = _HEADER.match(line)
    return re.sub(r"[\s\"']", "", found[1]) if found else ""


def _until_comment(lines: list[str]) -> tuple[str, str]:
    """A table's lines, and the blank lines and comments below it, which belong to what follows."""
    end = len(lines)
    while end > 1 and (not lines[end - 1].strip() or lines[end - 1].lstrip().startswith("#")):
        end -= 1
    return "".join(lines[:end]), "".join(lines[end:])


def _lead(between: str) -> tuple[str, str]:
    """What stands between two rules as what stands free, and the comment directly above the second."""
    lines = between.splitlines(keepends=True)
    start = len(lines)
    while start and lines[start - 1].lstrip().startswith("#"):
        start -= 1
    free = "".join(lines[:start])
    return (free.strip("\n") + "\n\n" if free.strip() else "", "".join(lines[start:]))


def _check(path: Path, text: str, made: str, section: str, wanted: list[dict]) -> None:
    """That the new text says what is wanted, nothing else has changed, and the program is valid."""
    try:
        was, now = tomllib.loads(text), tomllib.loads(made)
    except tomllib.TOMLDecodeError as error:
        raise RuleError(f"The rules cannot be written into {path.name}: {error}") from error
    if _without(was, section) != _without(now, section) or _given(made, section) != wanted:
        raise RuleError(f"{path.name} is written in a way that cannot be changed here; change it by hand.")
    try:
        read(path, made)
    except ProgramError as error:
        raise RuleError(str(error)) from error


def _without(data: dict[str, Any], section: str) -> dict[str, Any]:
    """What a file says beside a section."""
    name, _, rest = section.partition(".")
    kept = {key: value for key, value in data.items() if key != name}
    return {**kept, name: _without(data.get(name, {}), rest)} if rest else kept


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """One change at a time, whatever process makes it."""
    try:
        file = path.with_name(f".{path.name}.lock").open("a")
    except OSError as error:
        raise RuleError(f"{path} cannot be written: {error.strerror}.") from error
    with file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _replaced(path: Path, was: str, text: str, judge: Any) -> RuleChange:
    """Put the text in the file's place, and keep the judgement; both or neither."""
    _write(path, text)
    try:
        return judge()
    except BaseException:
        _write(path, was)
        raise


def _write(path: Path, text: str) -> None:
    try:
        durable.write_text(path, text)
    except OSError as error:
        raise RuleError(f"{path} cannot be written: {error.strerror}.") from error
