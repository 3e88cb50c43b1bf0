"""Conditions of rules: a small expression over named facts, such as `refused_auth >= 3 and auth_share >= 0.2`.

It is read with Python's own parser and never run: only facts, numbers, texts, comparisons, `in`, and, or, not are
understood. A comparison with a fact that is not known does not hold.
"""

import ast
from collections.abc import Mapping
from dataclasses import dataclass

from data_sources.sections import nearest

LONGEST = 1000
LARGEST = 10**15
TEXTS = ("text", "name")
NUMBERS = ("number", "share", "minutes", "money")
OPERATORS = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!="}
ALWAYS = "always"


@dataclass(frozen=True)
class Fact:
    """A fact by its name."""

    name: str


@dataclass(frozen=True)
class Always:
    """What holds whatever the facts are."""


@dataclass(frozen=True)
class Compare:
    """Two sides, each a fact, a number or a text, and one of < <= > >= == !=."""

    left: "Fact | float | str"
    operator: str
    right: "Fact | float | str"


@dataclass(frozen=True)
class Contains:
    """Whether the text of a fact holds another, capitals or not."""

    fact: Fact
    text: str


@dataclass(frozen=True)
class OneOf:
    """Whether a fact is one of these values."""

    fact: Fact
    values: tuple[float | str, ...]


@dataclass(frozen=True)
class Not:
    """What holds where its part does not."""

    part: "Condition"


@dataclass(frozen=True)
class Several:
    """Parts joined by `and` or by `or`."""

    word: str
    parts: "tuple[Condition, ...]"


Condition = Fact | Always | Compare | Contains | OneOf | Not | Several


def parse(text: str, facts: Mapping[str, str]) -> Condition:
    """The condition that a text says. `facts` are the known ones with their kind: number, share, minutes, money, text, name (a
    word of ours, such as a stage), date or flag (holds or not). Raises ValueError, which says what is wrong and what would be right."""
    if len(text) > LONGEST:
        raise ValueError(f"is longer than {LONGEST:,} characters")
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise ValueError(
            f"cannot be read ({getattr(error, 'msg', None) or error}); write it like refused_auth >= 3 and auth_share >= 0.2"
        ) from None
    return _condition(tree, facts)


def _condition(node: ast.expr, facts: Mapping[str, str]) -> Condition:
    if isinstance(node, ast.BoolOp):
        parts = tuple(_condition(part, facts) for part in node.values)
        return Several("and" if isinstance(node.op, ast.And) else "or", parts)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        return Not(_condition(node.operand, facts))
    if isinstance(node, ast.Compare):
        sides = [node.left, *node.comparators]
        parts = tuple(_comparison(*one, facts) for one in zip(sides, node.ops, sides[1:], strict=False))
        return parts[0] if len(parts) == 1 else Several("and", parts)
    if isinstance(node, ast.Name):
        if node.id == ALWAYS:
            return Always()
        fact, kind = _fact(node, facts)
        if kind != "flag":
            raise ValueError(
                f"'{fact.name}' alone says neither yes nor no; compare it, as in {_example(fact.name, kind)}"
            )
        return fact
    raise ValueError(
        f"'{ast.unparse(node)}' is no condition; there are facts, numbers, texts in quotes, comparisons, and, or, not"
    )


def _comparison(left: ast.expr, operator: ast.cmpop, right: ast.expr, facts: Mapping[str, str]) -> Condition:
    if isinstance(operator, ast.In | ast.NotIn):
        found = _membership(left, right, facts)
        return Not(found) if isinstance(operator, ast.NotIn) else found
    if type(operator) not in OPERATORS:
        raise ValueError("'is' compares nothing here; write == or !=")
    sign = OPERATORS[type(operator)]
    (one, its_kind), (other, other_kind) = _side(left, facts), _side(right, facts)
    if not isinstance(one, Fact) and not isinstance(other, Fact):
        raise ValueError(f"'{ast.unparse(left)} {sign} {ast.unparse(right)}' names no fact")
    if its_kind != other_kind:
        raise ValueError(f"'{ast.unparse(left)} {sign} {ast.unparse(right)}' compares a {its_kind} with a {other_kind}")
    if its_kind == "text" and sign not in ("==", "!="):
        raise ValueError(f"texts are compared by == and != or searched by in, not by {sign}")
    return Compare(one, sign, other)


def _membership(left: ast.expr, right: ast.expr, facts: Mapping[str, str]) -> Condition:
    if isinstance(right, ast.Tuple | ast.List | ast.Set):
        (fact, kind), values = _side(left, facts), [_side(one, facts) for one in right.elts]
        if not isinstance(fact, Fact) or not values or any(isinstance(value, Fact) for value, _ in values):
            raise ValueError(
                '\'in\' with a list has a fact on its left and values in it, as in stage in ("integrated", "in_production")'
            )
        if any(other != kind for _, other in values):
            raise ValueError(f"'{fact.name}' is a {kind}, and so must be all that it is compared with")
        return OneOf(fact, tuple(value for value, _ in values))
    (text, _), (fact, kind) = _side(left, facts), _side(right, facts)
    if not isinstance(text, str) or not isinstance(fact, Fact) or kind not in TEXTS:
        raise ValueError("'in' looks for a text in a fact that is a text, as in \"invoice\" in ticket_subject")
    return Contains(fact, text)


def _side(node: ast.expr, facts: Mapping[str, str]) -> tuple[Fact | float | str, str]:
    """A side of a comparison, and whether it is a number or a text."""
    if isinstance(node, ast.Name):
        fact, kind = _fact(node, facts)
        if kind in NUMBERS:
            return fact, "number"
        if kind in TEXTS:
            return fact, "text"
        use = "stands alone: write it, or not it" if kind == "flag" else "is a date; compare the days since it"
        raise ValueError(f"'{fact.name}' cannot be compared: it {use}")
    negative = isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub)
    value = node.operand if negative else node
    if isinstance(value, ast.Constant) and type(value.value) in (int, float) and abs(value.value) <= LARGEST:
        return (-value.value if negative else value.value), "number"
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        if not node.value.isprintable():
            raise ValueError(f"the text {ast.unparse(node)} holds a character that cannot be written")
        return node.value, "text"
    raise ValueError(f"'{ast.unparse(node)}' is no fact, number (up to {LARGEST:,}) or text in quotes")


def _fact(node: ast.Name, facts: Mapping[str, str]) -> tuple[Fact, str]:
    if node.id not in facts:
        raise ValueError(unknown_fact(node.id, facts))
    return Fact(node.id), facts[node.id]


def unknown_fact(name: str, facts: Mapping[str, str]) -> str:
    """That there is no such fact, and which was probably meant, or all that there are."""
    return f"there is no fact '{name}'" + (nearest(name, facts) or "; there are " + ", ".join(facts))


def _example(name: str, kind: str) -> str:
    if kind == "date":
        return "silent_days >= 14"
    return f'{name} == "some text"' if kind in TEXTS else f"{name} >= 3"
