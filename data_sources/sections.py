"""Tables of the program's TOML files: what is wrong in one is named by file, line and key, with what would be right."""

import re
import tomllib
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
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


def once(names: list[str], what: str) -> None:
    """Raises ValueError where a name comes twice; `what` says of what, in the plural."""
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise ValueError(f"{what} have names of their own; twice: {', '.join(twice)}")


@dataclass(frozen=True)
class RulesFile:
    """A file of rules, one list named `part` in the shape of `model`: a home's own replaces the one beside this module."""

    name: str
    model: type[Section]
    part: str

    @property
    def default(self) -> Path:
        """The file that holds where a home has none of its own."""
        return Path(__file__).with_name(self.name)

    def path(self, home: str | Path) -> Path:
        """The file that holds for a home: its own, or the usual one."""
        own = Path(home) / self.name
        return own if own.is_file() else self.default

    def place(self, home: str | Path) -> str:
        """Where the rules of a home are, and how to have others, as people read it."""
        if self.path(home) != self.default:
            return f"{self.name} of this home"
        return (
            f"data_sources/{self.name}, as this home has none of its own; a copy of it beside program.toml replaces it"
        )

    def load(self, home: str | Path) -> list[Any]:
        """The rules of a home, in order. Raises ProgramError naming every mistake by file, line and rule."""
        file = self.path(home)
        return self.usual() if file == self.default else self._read(file)

    @cache  # noqa: B019 (there is one of each file, as long as the program runs)
    def usual(self) -> list[Any]:
        """The rules that hold where a home has no file of its own."""
        return self._read(self.default)

    def _read(self, file: Path) -> list[Any]:
        return getattr(read(file, file.read_text(encoding="utf-8-sig"), self.model, by_name=True), self.part)
