"""DuckDB's SQL in Spark's words: the SELECTs of `sql/`, with every macro written out.

Only the syntax is sqlglot's work. Of functions it knows nothing here: each is a macro of `duckdb.sql`, one of `spark.sql`,
which come first, or has the same name and meaning in Spark. So there is one place that says how a function differs.
"""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from sqlglot import exp
from sqlglot.dialects.duckdb import DuckDB
from sqlglot.dialects.spark import Spark
from sqlglot.errors import SqlglotError

from sql.engines import patterns
from sql.engines.counters import EngineError
from sql.engines.patterns import Unportable

FOLDER = Path(__file__).parent
SYNTAX = ("CAST", "TRY_CAST", "EXTRACT")
SPARK_SYNTAX = (*SYNTAX, "TRIM")
HEAD = re.compile(r"\s*create\s+or\s+replace\s+macro\s+(\w+)\s*\(([^)]*)\)\s+as\s+(?!table\b)", re.IGNORECASE)
LATER = "later "
GROUPED = {exp.Group: ("expressions",), exp.Window: ("partition_by",)}
ATOMS = (exp.Column, exp.Identifier, exp.Literal, exp.Anonymous, exp.Paren, exp.Cast, exp.Case, exp.Lambda, exp.Null)


class UntranslatableError(EngineError):
    """A statement that Spark cannot be given; the message says which part of it."""


class _DuckDB(DuckDB):
    class Parser(DuckDB.parser_class):
        FUNCTIONS = {}
        FUNCTION_PARSERS = {name: read for name, read in DuckDB.parser_class.FUNCTION_PARSERS.items() if name in SYNTAX}


class _Spark(Spark):
    class Parser(Spark.parser_class):
        FUNCTIONS = {}
        FUNCTION_PARSERS = {
            name: read for name, read in Spark.parser_class.FUNCTION_PARSERS.items() if name in SPARK_SYNTAX
        }


Dialect = type[DuckDB] | type[Spark]


@dataclass(frozen=True)
class Macro:
    """One of an engine's macros: its parameters, and the expression that it stands for, in that engine's words."""

    name: str
    parameters: tuple[str, ...]
    body: str
    dialect: Dialect


@cache
def select(text: str) -> str:
    """A SELECT of DuckDB's in Spark's words. Raises UntranslatableError."""
    try:
        tree = _written_out(_parse(text, _DuckDB), _DuckDB)
        for call in tree.find_all(exp.Anonymous):
            if call.name.startswith(LATER):
                name, pattern = call.name.removeprefix(LATER), call.expressions[1]
                raise UntranslatableError(f"{name} with a pattern that is no literal: {pattern.sql(DuckDB)!r}")
        return tree.sql(Spark, normalize_functions=False, comments=False)
    except (SqlglotError, Unportable) as error:
        raise UntranslatableError(str(error)) from error


def reads(text: str, table: str) -> bool:
    """Whether a SELECT of DuckDB's reads a table of this name."""
    return any(found.name == table for found in _parse(text, _DuckDB).find_all(exp.Table))


def expression(text: str) -> str:
    """An expression of DuckDB's in Spark's words. Raises UntranslatableError."""
    return select(f"select {text}").removeprefix("SELECT ")


@cache
def macros() -> dict[tuple[str, int], Macro]:
    """Every macro by its name and the number of its parameters: Spark's own, and DuckDB's where Spark has none."""
    found = {}
    for file, dialect in (("duckdb.sql", _DuckDB), ("spark.sql", _Spark)):
        for statement in _statements((FOLDER / file).read_text(encoding="utf-8"), dialect):
            if head := HEAD.match(statement):
                parameters = tuple(name.strip() for name in head[2].split(",") if name.strip())
                name = head[1].lower()
                if dialect is _Spark:
                    # what calls it in DuckDB's file calls it with as many values; other numbers are builtins
                    found.pop((name, len(parameters)), None)
                found[name, len(parameters)] = Macro(name, parameters, statement[head.end() :], dialect)
    return found


def _statements(text: str, dialect: Dialect) -> list[str]:
    """The statements of a file, without the comments before and after them."""
    statements, start, end = [], None, 0
    for token in dialect().tokenize(text):
        if token.token_type.name == "SEMICOLON":
            statements.append(text[start : end + 1])
            start = None
        else:
            start, end = token.start if start is None else start, token.end
    return statements


def _parse(text: str, dialect: Dialect) -> exp.Expr:
    parsed = dialect().parse(text)
    if len(parsed) != 1 or parsed[0] is None:
        raise UntranslatableError(f"not one statement: {text[:60]!r}")
    return parsed[0]


@cache
def _body(macro: Macro) -> exp.Expr:
    """What a macro stands for, in Spark's words; one of Spark's may call the builtin of its own name."""
    kept = macro.name if macro.dialect is _Spark else None
    return _written_out(_parse(macro.body, macro.dialect), macro.dialect, kept)


def _written_out(tree: exp.Expr, dialect: Dialect, kept: str | None = None) -> exp.Expr:
    """The tree with its macros written out, but for calls of `kept`, and what is DuckDB's syntax in Spark's."""
    for node in reversed(list(tree.dfs())):
        new = node
        if isinstance(node, exp.Anonymous) and node.name.lower() != kept:
            new = _called(node)
        elif dialect is _DuckDB:
            new = _as_spark_has_it(node)
        if new is not node:
            tree = new if node is tree else tree
            node.replace(new)
    return tree


def _called(call: exp.Anonymous) -> exp.Expr:
    """A call's macro written out with the call's values; the call itself where no macro has its name."""
    name, values = call.name.lower(), call.expressions
    if name == "struct_pack":
        return _struct({pair.name: pair.expression for pair in values})
    if name == "regexp_extract" and len(values) == 3 and isinstance(values[2], exp.Array):
        return _groups(*values)
    if name.startswith("regexp_") or name == "string_split":
        if _text(values[1]) is None:
            # of a macro whose pattern holds one of its values: it is known where the macro is called
            return exp.Anonymous(this=LATER + name, expressions=values)
        if name == "string_split":
            separator = exp.Literal.string(patterns.quoted(_text(values[1])))
            return exp.Anonymous(this="split", expressions=[values[0], separator])
        values = _portable(name, values)
        call = exp.Anonymous(this=name, expressions=values)
    if name == "list_transform" and len(values[1].expressions) == 2:
        _count_from_one(values[1])
    macro = macros().get((name, len(values)))
    return _with_values(macro, values) if macro else call


def _struct(fields: dict[str, exp.Expr]) -> exp.Expr:
    """A struct of these fields, in order."""
    named = (part for name, value in fields.items() for part in (exp.Literal.string(name), value.copy()))
    return exp.Anonymous(this="named_struct", expressions=list(named))


def _groups(text: exp.Expr, pattern: exp.Expr, names: exp.Array) -> exp.Expr:
    """The groups of a pattern as a struct of texts, which are empty where it does not match."""
    text, pattern = _portable("regexp_extract", [text, pattern])
    numbers = enumerate((name.this for name in names.expressions), 1)
    return _struct(
        {
            name: exp.Anonymous(this="regexp_extract", expressions=[text, pattern, exp.Literal.number(number)])
            for number, name in numbers
        }
    )


def _with_values(macro: Macro, values: list[exp.Expr]) -> exp.Expr:
    given = dict(zip(macro.parameters, values, strict=True))
    body = _body(macro).copy()
    used = {identifier.name for value in values for identifier in value.find_all(exp.Identifier)}
    for function in list(body.find_all(exp.Lambda)):
        _rename(function, used)
    for column in list(body.find_all(exp.Column)):
        first, *fields = column.parts
        if first.name in given:
            value = _grouped(given[first.name].copy())
            for field in fields:
                value = exp.Dot(this=value, expression=field.copy())
            if column is body:
                return value
            column.replace(value)
    for call in list(body.find_all(exp.Anonymous)):
        if call.name.startswith(LATER):
            now = _called(exp.Anonymous(this=call.name.removeprefix(LATER), expressions=call.expressions))
            if call is body:
                return _grouped(now)
            call.replace(now)
    return _grouped(body)


def _count_from_one(function: exp.Lambda) -> None:
    """A lambda of an item and its place, which DuckDB counts from 1 and Spark from 0."""
    place = function.expressions[1].name
    for used in list(function.this.find_all(exp.Identifier)):
        if used.name == place and not isinstance(used.parent, exp.Dot | exp.PropertyEQ):
            used.replace(exp.Paren(this=exp.Add(this=used.copy(), expression=exp.Literal.number(1))))


def _rename(function: exp.Lambda, used: set[str]) -> None:
    """Give a lambda's parameters other names where a value that comes into it has one of the same name."""
    for parameter in list(function.expressions):
        if (name := parameter.name) not in used:
            continue
        other = next(new for number in range(1, len(used) + 2) if (new := f"{name}_{number}") not in used)
        for identifier in function.find_all(exp.Identifier):
            is_field = isinstance(identifier.parent, exp.Dot | exp.PropertyEQ) and identifier.arg_key != "this"
            if identifier.name == name and not is_field:
                identifier.set("this", other)


def _grouped(node: exp.Expr) -> exp.Expr:
    return node if isinstance(node, ATOMS) else exp.Paren(this=node)


def _as_spark_has_it(node: exp.Expr) -> exp.Expr:
    """DuckDB's syntax where the same means something else in Spark."""
    if isinstance(node, exp.Literal) and not node.is_string and "." in node.this:
        # a decimal, which DuckDB makes a double beside one; nothing that is counted needs its exactness
        return exp.Literal(this=f"{node.this}D", is_string=False)
    if isinstance(node, exp.Div):
        return exp.Div(this=exp.cast(_grouped(node.this), "double"), expression=node.expression)
    if isinstance(node, exp.Bracket):
        return _item(node)
    if isinstance(node, exp.CTE):
        node.set("materialized", None)
    for part in GROUPED.get(type(node), ()):
        # rows that are sorted to be grouped are told apart by the first column: of days there are few, of callers many
        node.set(part, sorted(node.args.get(part) or [], key=lambda column: column.name == "day"))
    return node


def _item(node: exp.Bracket) -> exp.Expr:
    """An item of a list by its place, counted from 1, or from the end below 0, or of a map; null where there is none."""
    if len(node.expressions) != 1 or isinstance(node.expressions[0], exp.Slice):
        raise UntranslatableError(f"some of a list's items: {node.sql(DuckDB)!r}")
    (place,) = node.expressions
    negative = isinstance(place, exp.Neg)
    number = place.this if negative else place
    if isinstance(number, exp.Literal) and not number.is_string:
        # the parser counts them from 0
        place = exp.Literal.number((-int(number.this) if negative else int(number.this)) + 1)
    elif not isinstance(number, exp.Literal):
        place = exp.Anonymous(this="nullif", expressions=[place, exp.Literal.number(0)])
    return exp.Anonymous(this="try_element_at", expressions=[_grouped(node.this), place])


def _portable(name: str, values: list[exp.Expr]) -> list[exp.Expr]:
    """The values of a function of regular expressions, its pattern and replacement as Spark's engines read them."""
    pattern = _text(values[1]) or ""
    if name != "regexp_replace":
        options = ""
        if name == "regexp_matches" and len(values) == 3:
            options, values = _text(values[2]) or "", values[:2]
        return [values[0], exp.Literal.string(patterns.portable(pattern, options)), *values[2:]]
    instead = _text(values[2])
    if instead is None:
        raise UntranslatableError(f"{name} with a replacement that is no literal: {values[2].sql(DuckDB)!r}")
    options = (_text(values[3]) or "") if len(values) == 4 else ""
    pattern = patterns.portable(pattern, options)
    if "g" in options:
        instead = patterns.replacement(instead)
    else:
        pattern, instead = patterns.only_first(pattern), patterns.replacement(instead, first=True)
    return [values[0], exp.Literal.string(pattern), exp.Literal.string(instead)]


def _text(node: exp.Expr) -> str | None:
    """The text that an expression of literals says; None where it is none."""
    if isinstance(node, exp.Literal) and node.is_string:
        return node.this
    if isinstance(node, exp.Paren):
        return _text(node.this)
    if isinstance(node, exp.DPipe):
        parts = _text(node.this), _text(node.expression)
        return None if None in parts else "".join(parts)
    return None
