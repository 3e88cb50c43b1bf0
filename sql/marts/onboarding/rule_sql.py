"""Conditions and evidence of rules as SQL over the columns of `stall_fact`. A helper of stall_reason.py, and no model.

Names are those of known facts, in quotes; numbers and texts are the parsed ones, written as literals.
"""

import re

from data_sources import conditions, evidence
from data_sources.conditions import Always, Compare, Condition, Contains, Fact, Not, OneOf

LONGEST_TEXT = 200
_SIGNS = {"==": "=", "!=": "<>"}
_WRITTEN = {
    "number": "format('{{:,}}', cast({0} as bigint))",
    "share": "case when {0} > 0 and {0} < 0.005 then '< 1 %' else cast(round(100 * {0}) as integer) || ' %' end",
    "money": "regexp_replace(format('{{:,.2f}}', {0}), '[.]00$', '') || (select ' ' || upper(currency) from setting)",
    "date": "strftime({0}, '%-d %b %Y')",
    "flag": "if({0}, 'yes', 'no')",
    "text": f"left({{0}}, {LONGEST_TEXT})",
    "name": "replace({0}, '_', ' ')",
}


def condition(tree: Condition) -> str:
    """A condition as SQL that is true or false and never null: a comparison with what is not known does not hold."""
    if isinstance(tree, Always):
        return "true"
    if isinstance(tree, Not):
        return f"(not {condition(tree.part)})"
    if isinstance(tree, Fact | Compare | Contains | OneOf):
        return f"coalesce({_simple(tree)}, false)"
    return "(" + f" {tree.word} ".join(condition(part) for part in tree.parts) + ")"


def sentence(parts: tuple[evidence.Part, ...], kinds: dict[str, str]) -> str:
    """Evidence as SQL that is a text and never null, its first letter a capital."""
    whole = " || ".join(_part(part, kinds) for part in parts) or "''"
    return f"(select upper(left(line, 1)) || substr(line, 2) from (select {whole} as line))"


def _simple(tree: Condition) -> str:
    if isinstance(tree, Fact):
        return _name(tree)
    if isinstance(tree, Contains):
        return f"contains(lower({_name(tree.fact)}), lower({literal(tree.text)}))"
    if isinstance(tree, OneOf):
        return f"{_name(tree.fact)} in ({', '.join(map(literal, tree.values))})"
    return f"{_side(tree.left)} {_SIGNS.get(tree.operator, tree.operator)} {_side(tree.right)}"


def _part(part: evidence.Part, kinds: dict[str, str]) -> str:
    if isinstance(part, str):
        return literal(part)
    if isinstance(part, evidence.Place):
        return f"coalesce({_written(part, kinds)}, 'unknown')"
    known = " and ".join(
        f"{_known(place, kinds)} is not null" for place in part.parts if isinstance(place, evidence.Place)
    )
    return f"case when {known} then {' || '.join(_part(one, kinds) for one in part.parts)} else '' end"


def _known(place: evidence.Place, kinds: dict[str, str]) -> str:
    name = _name(Fact(place.fact))
    return f"nullif(trim({name}), '')" if kinds[place.fact] in conditions.TEXTS else name


def _written(place: evidence.Place, kinds: dict[str, str]) -> str:
    kind, value = kinds[place.fact], _known(place, kinds)
    if kind == "minutes":
        return _duration(value)
    text = _WRITTEN[kind].format(value)
    return f"{text} || {_plural(value, place.counted)}" if place.counted else text


def _duration(minutes: str) -> str:
    spans = ((120, 1, "minute"), (2880, 60, "hour"), (None, 1440, "day"))
    cases = " ".join(
        (f"when {minutes} < {until} then " if until else "when true then ")
        + f"(cast({minutes} as bigint) // {unit}) || {_plural(f'(cast({minutes} as bigint) // {unit})', name)}"
        for until, unit, name in spans
    )
    return f"case when {minutes} is null then null {cases} end"


def _plural(value: str, noun: str) -> str:
    many = (
        f"{noun[:-1]}ies"
        if re.search(r"[^aeiou]y$", noun)
        else noun + ("es" if re.search(r"(s|x|ch|sh)$", noun) else "s")
    )
    return f"if({value} = 1, {literal(f' {noun}')}, {literal(f' {many}')})"


def _side(side: Fact | float | str) -> str:
    return _name(side) if isinstance(side, Fact) else literal(side)


def _name(fact: Fact) -> str:
    return f'"{fact.name}"'


def literal(value: float | str) -> str:
    """A parsed number or text as SQL writes it."""
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return str(value) if isinstance(value, int) else f"cast({value!r} as double)"


def compiled(when: str, shows: str, kinds: dict[str, str]) -> tuple[str, str]:
    """A rule's condition and evidence as SQL, from their texts. Raises ValueError as parsing does."""
    return condition(conditions.parse(when, kinds)), sentence(evidence.parse(shows, kinds), kinds)
