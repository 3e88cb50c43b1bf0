"""Tables of the program's TOML files: what is wrong in one is named by file, line and key, with what would be right."""

import re
import tomllib
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError


class ProgramError(Exception):
    """program.toml, or a file of rules beside it, cannot be used; the message names the file, each line and key, and what
    would be right."""


class Section(BaseModel):
    """A table of a TOML file; unknown keys are mistakes."""

    model_config = ConfigDict(extra="forbid")


Model = TypeVar("Model", bound=BaseModel)


def read(path: Path, text: str, model: type[Model], tags: frozenset[str] = frozenset(), by_name: bool = False) -> Model:
    """What this text says; `path` names it in ProgramError, which names every mistake by line and key.

    `tags` are names of alternatives that are no keys of the file. `by_name` says the `name` of the table, too.
    """
    try:
        return model.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise ProgramError(f"{path}: not valid TOML: {error}") from error
    except ValidationError as error:
        raise ProgramError("\n".join(_mistake(path, text, item, tags, by_name) for item in error.errors())) from error


def nearest(name: str, known: Any) -> str:
    """The known name that was probably meant, as the end of a sentence; empty where none is near."""
    near = get_close_matches(name, list(known), n=1)
    return f"; did you mean '{near[0]}'?" if near else ""


def _mistake(path: Path, text: str, item: dict, tags: frozenset[str], by_name: bool) -> str:
    where = [part for part in item["loc"] if part not in tags]
    key = ".".join(str(part + 1) if isinstance(part, int) else part for part in where) or path.name
    reason = item["msg"].removeprefix("Value error, ")
    if item["type"] == "extra_forbidden":
        reason = "no such key; is it misspelt?"
    elif item["type"] == "missing":
        reason = "is missing"
    named = _name(text, where) if by_name else ""
    return f"{path}, line {line_of(text, where)}: {key}{named}: {reason}"


def _name(text: str, where: list) -> str:
    """The own name of the table in a list that a mistake is in, if it has one: (auth_refused)."""
    data: Any = tomllib.loads(text)
    for part in where:
        if isinstance(part, int) and isinstance(data, list) and isinstance(data[part], dict):
            name = data[part].get("name")
            return f" ({name})" if isinstance(name, str) else ""
        data = data.get(part) if isinstance(data, dict) else None
    return ""


def line_of(text: str, where: list) -> int:
    """The line of a key path such as ['source', 2, 'url']: that of the deepest part which the file holds."""
    headers = [part for part in where if isinstance(part, str)]
    wanted_index = {where[i - 1]: part for i, part in enumerate(where) if isinstance(part, int) and i}
    seen: dict[str, int] = {}
    best, depth, current = 1, 0, []
    for number, line in enumerate(text.splitlines(), start=1):
        header = re.match(r"\s*(\[\[?)\s*([\w.\-]+)\s*\]", line)
        if header:
            current = header[2].split(".")
            name = current[-1]
            if header[1] == "[[":
                seen[name] = seen.get(name, -1) + 1
            if name in wanted_index and seen.get(name, 0) != wanted_index[name]:
                current = [None]
            path = current
        else:
            key = re.match(r"\s*([\w\-]+)\s*=", line)
            path = [*current, key[1]] if key else []
        if path and headers[: len(path)] == path and len(path) > depth:
            best, depth = number, len(path)
    return best
