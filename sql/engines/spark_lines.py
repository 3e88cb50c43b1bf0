"""Reads log lines with Spark: the lines lie in a file that its workers see, the events go to files that they write.

Spark keeps what it is certain of. A line that it cannot read as it stands, or might read otherwise than DuckDB, is no event here,
and the caller reads it with DuckDB.
"""

import secrets
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from data_sources.lakes import Lake
from data_sources.program import Program
from sql.engines import duckdb as engine
from sql.engines import spark, translate
from sql.engines.readers import Wanted
from sql.requests import Format

RECORD = "record_of_chunk"
NUMBERS = {
    "INTEGER": ("int", "-?[0-9]{1,9}"),
    "BIGINT": ("bigint", "-?([0-9]{1,18}|[1-8][0-9]{18})"),
    "DOUBLE": ("double", "-?[0-9]{1,30}([.][0-9]{1,30})?([eE][+-]?[0-9]{1,2})?"),
}
MAP = "MAP(VARCHAR, VARCHAR)"
ENDS = ("}\n", "}\r\n", "}")
OBJECT = '{"a":"1"}'
BEHIND = (" x", " {}", ',"b":{}', "]")
STRICT = "map('allowSingleQuotes', 'false', 'allowNonNumericNumbers', 'false')"


class SparkLines:
    """See `sql.engines.readers.Lines`."""

    def __init__(self, program: Program, lake: Lake, writing: Path, salt: str, now: datetime) -> None:
        """Raises EngineError where the program's Spark cannot be used."""
        self._lake = lake
        self._session = spark.connect(program)
        try:
            # whatever stands in a line, it stops no other line
            self._session.conf.set("spark.sql.ansi.enabled", "false")
            spark.probe(self._session, lake, writing / "probe-lines")
            self._mark = secrets.token_hex(16) if _reads_on(self._session) else None
            # as rows and not in the text of a statement, which Spark shows and logs
            known = pa.table({"name": ["salt", "now"], "value": [salt, str(now)]})
            self._session.createDataFrame(known).createOrReplaceTempView("home_variable")
        except BaseException:
            self.close()
            raise

    def reads(self, form: Format) -> bool:
        """See `Lines`: a format of the program's own may say what Spark has no words for."""
        try:
            _events(form, Wanted("event.line_no", {}, "true"))
        except translate.UntranslatableError:
            return False
        return True

    def write(
        self,
        form: Format,
        wrapper: str | None,
        batches: Iterator[pa.RecordBatch],
        wanted: Wanted,
        folder: Path,
    ) -> None:
        """See `Lines`."""
        lines = folder.with_name("lines.parquet")
        _write(lines, batches)
        self._lake.share(lines)
        name = f"lines_of_{folder.parent.name}"
        try:
            with spark.said("Spark could not read the lines of a log"):
                given = self._session.read.schema("line_no bigint, line string").parquet(self._lake.url(lines))
                given.createOrReplaceTempView(name)
                # as one statement, since a server plans each one anew
                records = f"({_records(form, wrapper, name, self._mark)})"
                events = self._session.sql(_events(form, wanted).replace(RECORD, records))
                typed = [
                    f"cast({column} as {spark.type_of(kind.upper())}) as {column}"
                    for column, kind in wanted.types.items()
                ]
                whole = "min(is_event) over (partition by line_no)" if wrapper else "is_event"
                day = f"case when {whole} then cast(cast(occurred_at as date) as string) else '-' end as day"
                dealt = events.selectExpr(*typed, day)
                dealt.coalesce(1).write.partitionBy("day").option("compression", "zstd").parquet(self._lake.url(folder))
                self._session.catalog.dropTempView(name)
            self._lake.clear(folder / "day=-")
            self._lake.bring(folder)
        finally:
            self._lake.clear(lines)

    def close(self) -> None:
        """Let go of the session."""
        self._session.stop()


def _write(path: Path, batches: Iterator[pa.RecordBatch]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    schema = pa.schema([("line_no", pa.int64()), ("line", pa.string())])
    with pq.ParquetWriter(path, schema, compression="zstd", use_dictionary=False, write_statistics=False) as file:
        for batch in batches:
            file.write_batch(batch)


def _events(form: Format, wanted: Wanted) -> str:
    """Spark's SELECT of every line's columns and whether it `is_event`: a filter would be pushed below all that it rests on,
    which is then found twice."""
    over = form.over(f"{RECORD} as record")
    return translate.select(
        f"select {wanted.columns}, event.problem is null and {wanted.possible} as is_event from ({over}) as event"
    )


def _reads_on(session: spark.SparkSession) -> bool:
    """Whether the server takes a JSON object for one whatever stands behind it."""
    with spark.said("Spark could not read JSON"):
        objects = ", ".join(f"({_literal(OBJECT + behind)})" for behind in BEHIND)
        a = f"from_json(text, 'struct<a: string>', {STRICT}).a"
        [row] = session.sql(f"select count({a}) as objects from values {objects} as given (text)").collect()
    return row.objects > 0


def _records(form: Format, wrapper: str | None, lines: str, mark: str | None) -> str:
    """Spark's SELECT of lines as a format's SQL takes them, of those that are certain; see `_ones` for `mark`."""
    if form.layout:
        return translate.select(f"select * from {engine.careful_sheet(RECORD, form.layout)}").replace(RECORD, lines)
    if form.shape is None:
        return f"select line_no, line from {lines}"
    shape: Any = form.shape
    record = _typed("one", shape)
    if wrapper in engine.OTLP:
        parts, record, shape = _otlp_parts(form, wrapper, lines, mark)
    elif wrapper:
        ones = _ones(form, {wrapper: [shape]}, lines, mark)
        parts = f"select line_no, explode(one.{_name(wrapper)}) as one from {ones}"
    else:
        parts = f"select * from {_ones(form, shape, lines, mark)}"
    certain = " and ".join(["one is not null", *_certain("one", shape)])
    return (
        "select line_no, cast(null as string) as line, r is null as is_broken, r from "
        f"(select line_no, case when {certain} then {record} end as r from ({parts}))"
    )


def _ones(form: Format, shape: Any, lines: str, mark: str | None) -> str:
    """A relation (line_no, one) of lines with each one's JSON object as texts; where it is none, or not one, null or full of nulls.

    A server that reads a JSON object without a look at what stands behind it is given each line as the first of a list, whose second
    is an object with a `mark` that no line can know. Of a key that is there twice it tells the last value and DuckDB the first: a line
    with one is none, where the format's may have one.
    """
    if mark is None:
        whole, is_whole, one = f"from_json(line, {_literal(_texts(shape))}, {STRICT})", "whole is not null", "whole"
    else:
        schema = _literal(f"array<{_texts({**shape, mark: 'VARCHAR'})}>")
        whole = f"""from_json(concat('[', line, ',{{"{mark}":"."}}]'), {schema}, {STRICT})"""
        is_whole, one = f"size(whole) = 2 and whole[1].`{mark}` = '.'", "whole[0]"
    ends = " or ".join(f"endswith(line, {_literal(end)})" for end in ENDS)
    is_certain = f"{is_whole} and ({ends})"
    if not form.has_keys_once:
        is_certain += " and try_parse_json(line) is not null"
    record = f"case when {is_certain} then {one} end as one"
    return f"(select line_no, {record} from (select line_no, line, {whole} as whole from {lines}))"


def _otlp_parts(form: Format, wrapper: str, lines: str, mark: str | None) -> tuple[str, str, Any]:
    """A SELECT (line_no, resource, one) of what the resources of OTLP lines sent, as texts; a record of it as a format has it; and its shape."""
    shape: Any = form.shape
    scopes, many, kind = engine.OTLP[wrapper]
    whole = {wrapper: [{"resource": engine.OTLP_RESOURCE, scopes: [{many: [shape[kind]]}]}]}
    parts = (
        f"select line_no, resource, explode(scope.{many}) as one from (select line_no, resource, explode(scopes) as scope from ("
        f"select line_no, item.resource.attributes as resource, item.{scopes} as scopes from ("
        f"select line_no, explode(one.{wrapper}) as item from {_ones(form, whole, lines, mark)})))"
    )
    said = {
        "service": translate.expression("otlp_service(resource)"),
        "environment": translate.expression("otlp_environment(resource)"),
        kind: _typed("one", shape[kind]),
    }
    none = {name: f"cast(null as {_types(of)})" for name, of in shape.items() if name not in said}
    fields = ", ".join(f"{_literal(name)}, {({**none, **said})[name]}" for name in shape)
    return parts, f"named_struct({fields})", shape[kind]


def _texts(shape: Any) -> str:
    """A shape's type with each value as its text."""
    if isinstance(shape, str):
        return "map<string, string>" if shape == MAP else "string"
    if isinstance(shape, list):
        return f"array<{_texts(shape[0])}>"
    return "struct<" + ", ".join(f"{_name(name)}: {_texts(field)}" for name, field in shape.items()) + ">"


def _types(shape: Any) -> str:
    """A shape's type."""
    if isinstance(shape, str):
        return NUMBERS[shape][0] if shape in NUMBERS else _texts(shape)
    if isinstance(shape, list):
        return f"array<{_types(shape[0])}>"
    return "struct<" + ", ".join(f"{_name(name)}: {_types(field)}" for name, field in shape.items()) + ">"


def _typed(value: str, shape: Any, depth: int = 0) -> str:
    """An expression of texts as the shape has it."""
    if isinstance(shape, str):
        return f"try_cast({value} as {NUMBERS[shape][0]})" if shape in NUMBERS else value
    if _texts(shape) == _types(shape):
        return value
    if isinstance(shape, list):
        return f"transform({value}, item{depth} -> {_typed(f'item{depth}', shape[0], depth + 1)})"
    fields = ", ".join(
        f"{_literal(name)}, {_typed(f'{value}.{_name(name)}', field, depth)}" for name, field in shape.items()
    )
    return f"case when {value} is not null then named_struct({fields}) end"


def _certain(value: str, shape: Any, depth: int = 0) -> Iterator[str]:
    """Conditions under which every number of a record is written so that all engines read the same one."""
    if isinstance(shape, str):
        if shape in NUMBERS:
            whole = _literal(rf"\A({NUMBERS[shape][1]})\z")
            yield f"coalesce({value} rlike {whole}, true)"
    elif isinstance(shape, list):
        if of_item := list(_certain(f"item{depth}", shape[0], depth + 1)):
            yield f"coalesce(forall({value}, item{depth} -> {' and '.join(of_item)}), true)"
    else:
        for name, field in shape.items():
            yield from _certain(f"{value}.{_name(name)}", field, depth)


def _name(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def _literal(text: str) -> str:
    """A text as a literal of Spark's, in which a backslash escapes."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n").replace("\r", "\\r") + "'"
