"""DuckDB, in process: the default engine for requests and roll-ups, and the only one for marts and metrics."""

import json
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from data_sources.program import engine_threads
from sql.requests.sheets import Layout

Connection = duckdb.DuckDBPyConnection
Error = duckdb.Error
Unreadable = duckdb.InvalidInputException
VERSION = f"duckdb {duckdb.__version__}"
MACROS = Path(__file__).with_name("duckdb.sql")
PARQUET = "format parquet, compression zstd, compression_level 1"
DAY = "utc_day(event.occurred_at)"
MAXIMUM_OBJECT_BYTES = 17 << 20
MAXIMUM_LINE_BYTES = 1 << 20
OTLP = {"resourceSpans": ("scopeSpans", "spans", "span"), "resourceLogs": ("scopeLogs", "logRecords", "log")}
OTLP_PARTS = {"span", "log"}
OTLP_RESOURCE = {"attributes": [{"key": "VARCHAR", "value": {"stringValue": "VARCHAR"}}]}


def connect(
    path: str | Path | None = None,
    read_only: bool = False,
    memory_limit: str | None = None,
    threads: int | None = None,
) -> duckdb.DuckDBPyConnection:
    """Open a DuckDB database (in memory without `path`) with the project's macros loaded.

    `memory_limit` is a size as DuckDB writes it ("1GB"). `threads` are those of `API_PROGRAM_THREADS` where they are not
    said, else one a core; ProgramError where that is no number. A database keeps its macros, so a read-only connection has
    those of the version that built it.
    """
    config: dict[str, str | int] = {}
    if memory_limit:
        config["memory_limit"] = memory_limit
    if threads := threads or engine_threads():
        config["threads"] = threads
    connection = duckdb.connect(str(path) if path else ":memory:", read_only=read_only, config=config)
    if not read_only and MACROS.exists():
        connection.execute(MACROS.read_text(encoding="utf-8"))
    return connection


def teach_places(
    connection: Connection, country: Callable[[str | None], str | None], network: Callable[[str | None], str | None]
) -> None:
    """Give a connection country_of_address(text) and network_of_address(text), which ask these functions."""
    for name, find in (("country_of_address", country), ("network_of_address", network)):
        connection.create_function(name, _each(find), ["VARCHAR"], "VARCHAR", type="arrow", null_handling="special")


def _each(find: Callable[[str | None], str | None]) -> Callable[[pa.Array], pa.Array]:
    return lambda column: pa.array([find(text) for text in column.to_pylist()], pa.string())


def record_type(shape: Any) -> str:
    """The DuckDB type of a format's shape, which is a type's name, a mapping of fields to shapes or a list of one shape."""
    if isinstance(shape, str):
        return shape
    if isinstance(shape, list):
        return record_type(shape[0]) + "[]"
    return "struct(" + ", ".join(f"{identifier(name)} {record_type(field)}" for name, field in shape.items()) + ")"


def quick_records(path: Path, shape: dict[str, Any], first_line_no: int) -> str:
    """A relation that reads a clean file of JSON lines at full speed, as `careful_records` would; for one thread only.

    Here `r` is the relation itself, so that only the fields that the format's SQL uses are read. A line that is not one
    JSON object, or not whole, is a row of nulls. A blank line is no row: line_no is right where there is none.
    """
    return (
        f"(select row_number() over () + {first_line_no - 1} as line_no, cast(null as varchar) as line, false as is_broken, * "
        f"from {_json_lines(path, shape)}) as r"
    )


def quick_parts(path: Path, shape: dict[str, Any], wrapper: str, first_line_no: int) -> str:
    """A relation as `quick_records`, of a file whose every line holds many records under its member `wrapper`.

    The records of a line share its line_no. A line without any is a row of nulls, so that every line but a blank one is
    there. `resourceSpans` and `resourceLogs` come apart as `otlp_parts` has them, any other member is a list of records.
    """
    numbered = f"select row_number() over () + {first_line_no - 1} as line_no, "
    if wrapper in OTLP:
        scope, many, one = OTLP[wrapper]
        inner = {"resource": OTLP_RESOURCE, scope: [{many: [shape[one]]}]}
        others = "".join(
            f", {name} := cast(null as {record_type(of)})" for name, of in shape.items() if name in OTLP_PARTS - {one}
        )
        parts = (
            f"select line_no, struct_pack(service := service, environment := environment, {one} := {one}{others}) as r from ("
            f"select line_no, service, environment, unnest(some_or_null(scope.{many})) as {one} from ("
            f"select line_no, otlp_service(resource) as service, otlp_environment(resource) as environment, "
            f"unnest(some_or_null(scopes)) as scope from ("
            f"select line_no, item.resource.attributes as resource, item.{scope} as scopes from ("
            f"{numbered}unnest(some_or_null({wrapper})) as item from {_json_lines(path, {wrapper: [inner]})}))))"
        )
    else:
        parts = f"{numbered}unnest(some_or_null({wrapper})) as r from {_json_lines(path, {wrapper: [shape]})}"
    return f"(select line_no, cast(null as varchar) as line, false as is_broken, r from ({parts})) as record"


def _json_lines(path: Path, shape: dict[str, Any]) -> str:
    columns = ", ".join(f"{quoted(name)}: {quoted(record_type(field))}" for name, field in shape.items())
    return (
        f"read_json({quoted(str(path))}, columns = {{{columns}}}, format = 'newline_delimited', records = true, "
        f"ignore_errors = true, maximum_object_size = {MAXIMUM_OBJECT_BYTES}, compression = 'uncompressed')"
    )


def quick_lines(path: Path, first_line_no: int) -> str:
    """A relation (line_no, line without its newline) of a clean text file at full speed; for one thread only.

    A blank line is no row, and so is a line that holds the separator that no text has: line_no is right where there is none.
    A file with carriage returns inside its lines is an error.
    """
    return (
        f"(select row_number() over () + {first_line_no - 1} as line_no, coalesce(line, '') as line "
        f"from read_csv({quoted(str(path))}, columns = {{'line': 'VARCHAR'}}, auto_detect = false, header = false, "
        "delim = '\x1f', quote = '', escape = '', comment = '', nullstr = '\x1e', new_line = '\\n', strict_mode = true, "
        f"ignore_errors = true, max_line_size = {MAXIMUM_LINE_BYTES}, compression = 'none')) as record"
    )


def careful_records(relation: str, shape: dict[str, Any] | None) -> str:
    """A relation of lines with each line's JSON as `r` and `is_broken` where it is none; the lines alone without a shape."""
    if shape is None:
        return f"{relation} as record"
    return (
        f"(select line_no, line, r is null as is_broken, r from (select line_no, line, "
        f"json_record(line, {quoted(json.dumps(shape))}) as r from {relation})) as record"
    )


def quick_sheet(path: Path, layout: Layout, first_line_no: int) -> str:
    """A relation that reads a clean sheet at full speed, as `careful_sheet` would; for one thread only.

    Here `r` is the relation itself. A line that is no row, or only part of one, is left out: line_no is right where there
    are as many rows as lines.
    """
    # One cell more than there may be, and missing ones as null: so a row of another width stays a row, and is known as such.
    columns = ", ".join(f"'c{number}': 'VARCHAR'" for number in range(1, layout.most + 2))
    cells = "".join(
        ", " + (f"nullif(c{number}, '')" if number else "cast(null as varchar)") + f" as {identifier(name)}"
        for name, number in layout.places
    )
    misfit = f"case when c{layout.fewest} is null or c{layout.most + 1} is not null then 'of another width' end"
    # A strict reader that is told of \r\n finds no rows at all.
    line_end = ", new_line = '\\n'" if layout.line_end == "\n" else ""
    return (
        f"(select row_number() over () + {first_line_no - 1} as line_no, cast(null as varchar) as line, "
        f"{misfit} as misfit{cells} from read_csv({quoted(str(path))}, columns = {{{columns}}}, "
        f"auto_detect = false, header = false, delim = {quoted(layout.delimiter)}, quote = '\"', escape = '\"', comment = '', "
        f"nullstr = '\x1e'{line_end}, strict_mode = true, ignore_errors = true, null_padding = true, parallel = false, "
        f"max_line_size = {MAXIMUM_LINE_BYTES}, compression = 'none')) as r"
    )


def count_rows(path: Path, layout: Layout) -> str:
    """A SELECT of how many rows `quick_sheet` finds."""
    return f"select count(*) from {quick_sheet(path, layout, 1)}"


def united(sheets: Iterable[str]) -> str:
    """One relation of several of `quick_sheet`."""
    return "(" + " union all ".join(f"select * from {sheet}" for sheet in sheets) + ") as r"


def careful_sheet(relation: str, layout: Layout) -> str:
    """A relation of lines with each line's cells as `r`, and as `misfit` why it is no row: null for a row."""
    cells = ", ".join(
        f"{identifier(name)} := {f'cell_value(cells[{number}])' if number else 'cast(null as varchar)'}"
        for name, number in layout.places
    )
    delimiter = quoted(layout.delimiter)
    few = f"{layout.fewest} to {layout.most}" if layout.fewest < layout.most else f"{layout.most}"
    wanted = "the header names" if layout.header is not None else "a row has"
    misfit = (
        "case when not is_whole then 'a quoted cell does not end on this line: it holds a line break, or was cut short' "
        f"when not len(cells) between {layout.fewest} and {layout.most} "
        f"then len(cells) || case when len(cells) = 1 then ' cell' else ' cells' end || ' where {wanted} {few}' end"
    )
    return (
        f"(select line_no, line, misfit, case when misfit is null then struct_pack({cells}) end as r from ("
        f"select *, case when {is_header('line', layout)} then 'the header' else {misfit} end as misfit from ("
        f"select *, array_to_string(cells, {delimiter}) = text as is_whole from ("
        f"select *, sheet_cells(text, {delimiter}) as cells from ("
        f"select line_no, line, rtrim(line, chr(13) || chr(10)) as text from {relation}))))) as record"
    )


def is_header(line: str, layout: Layout) -> str:
    """Whether a line (an expression) is the header, which also stands where sheets were put one after the other."""
    return "false" if layout.header is None else f"rtrim({line}, chr(13) || chr(10)) = {quoted(layout.header)}"


def shown_row(line: str, layout: Layout) -> str:
    """A rejected line (an expression) as it may be kept: no cell that holds a credential, or may hold one."""
    return (
        f"shown_row({line}, {quoted(layout.delimiter)}, cast({list(layout.secret)} as integer[]), "
        f"{layout.fewest}, {layout.most})"
    )


def shown_json(line: str, secret_keys: Iterable[str]) -> str:
    """A rejected line of JSON (an expression) of which little is known, as it may be kept: without these keys' values and
    without what looks like a key."""
    keys = "|".join(re.escape(key) for key in secret_keys)
    if keys:
        instead = r'\1"[redacted]"'
        valued = rf'("(?:{keys})"\s*:\s*)("(?:[^"\\]|\\.)*("|$)|[^",}}\s]+)'
        line = f"regexp_replace({line}, {quoted(valued)}, {quoted(instead)}, 'g')"
    return f"without_keys({line})"


def identifier(name: str) -> str:
    """A name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def given_lines(numbers: list[int], lines: list[str]) -> str:
    """A relation (line_no, line) of a few lines, spelled out: handing over Arrow would import pandas."""
    rows = ", ".join(f"({number}, {quoted(line)})" for number, line in zip(numbers, lines, strict=True))
    return f"(select * from (values {rows}) as given (line_no, line))"


def parquet(files: Iterable[str | Path], by_name: bool = False) -> str:
    """A relation over Parquet files, or globs of them, with the columns that are in the files and no others.

    `by_name` is for files whose columns differ: a file that lacks one has nulls in it.
    """
    listed = ", ".join(quoted(str(file)) for file in files)
    return f"read_parquet([{listed}], hive_partitioning = false{', union_by_name = true' if by_name else ''})"


def quoted(text: str) -> str:
    """A text as a SQL literal."""
    return "'" + text.replace("'", "''") + "'"
