"""What shows that a rule holds, as a sentence with facts in braces: `{refused_auth} of {calls} calls[, such as {auth_path}]`.

A part in brackets is left out where one of its facts is not known. `{open_tickets:ticket}` counts things: 1 ticket, 3
tickets. `{{`, `}}`, `[[` and `]]` stand for the signs themselves.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from data_sources.conditions import unknown_fact

LONGEST = 1000
_SIGNS = re.compile(r"(\{\{|\}\}|\[\[|\]\]|[{}\[\]])")
_PLACE = re.compile(r"\s*(\w+)\s*(?::\s*([^:{}\[\]]+?)\s*)?$")


@dataclass(frozen=True)
class Place:
    """Where a fact is written; `counted` is what it is a number of."""

    fact: str
    counted: str | None = None


@dataclass(frozen=True)
class Optional:
    """A part that is there only where all its facts are known."""

    parts: tuple["str | Place", ...]


Part = str | Place | Optional


def parse(text: str, facts: Mapping[str, str]) -> tuple[Part, ...]:
    """The parts of a sentence. Raises ValueError for an unknown fact, a bracket without its other, or an optional part within one."""
    if len(text) > LONGEST:
        raise ValueError(f"is longer than {LONGEST:,} characters")
    outside: list[Part] = []
    inside: list[str | Place] | None = None
    tokens = [token for token in _SIGNS.split(text) if token]
    while tokens:
        token = tokens.pop(0)
        here = outside if inside is None else inside
        if token == "{":
            if len(tokens) < 2 or tokens[1] != "}":
                raise ValueError("a { has no }; write a fact as {calls}, and a brace itself as {{")
            here.append(_place(tokens[0], facts))
            del tokens[:2]
        elif token == "[":
            if inside is not None:
                raise ValueError("an optional part stands within another; a bracket itself is written [[")
            inside = []
        elif token == "]":
            if inside is None:
                raise ValueError("a ] has no [; a bracket itself is written ]]")
            if not any(isinstance(part, Place) for part in inside):
                raise ValueError("an optional part names no fact; a bracket itself is written [[")
            outside.append(Optional(tuple(inside)))
            inside = None
        elif token == "}":
            raise ValueError("a } has no {; a brace itself is written }}")
        else:
            here.append(token[0] if len(token) == 2 and token in ("{{", "}}", "[[", "]]") else token)
    if inside is not None:
        raise ValueError("a [ has no ]; a bracket itself is written [[")
    return tuple(outside)


def _place(text: str, facts: Mapping[str, str]) -> Place:
    found = _PLACE.match(text)
    if not found:
        raise ValueError(f"'{{{text}}}' is no fact; write {{calls}}, or {{calls:call}} to count them")
    name, counted = found.groups()
    if name not in facts:
        raise ValueError(unknown_fact(name, facts))
    if counted and facts[name] != "number":
        raise ValueError(f"'{name}' is no number of things, so that '{counted}' cannot be counted by it")
    return Place(name, counted)
