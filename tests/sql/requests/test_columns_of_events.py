"""Every format's SELECT has all columns of an event, each once and of its type, though it names only those that its log has."""

import pytest

from sql.engines import duckdb as engine
from sql.requests import ADDED_LATER, EVENT_TYPES, Format, formats
from sql.requests.sheets import layout_of


def selected(con: engine.Connection, form: Format) -> list[tuple[str, str]]:
    nothing = "(select cast(null as bigint) as line_no, cast(null as varchar) as line limit 0)"
    if form.sheet:
        form = form.for_file(form.example.encode() + b"\n")
        records = engine.careful_sheet(nothing, layout_of(form.sheet, form.example.encode() + b"\n"))
    else:
        records = engine.careful_records(nothing, form.shape)
    return [(name, kind.lower()) for name, kind, *_ in con.execute(f"describe {form.over(records)}").fetchall()]


@pytest.mark.parametrize("name", sorted(formats()))
def test_a_format_has_every_column_once_and_of_its_type(name):
    form = formats()[name]
    added = ADDED_LATER - {"environment"} if form.says_environment else ADDED_LATER
    wanted = {name: kind for name, kind in EVENT_TYPES.items() if name not in added}
    with engine.connect() as con:
        found = selected(con, form)
    assert sorted(found) == sorted((wanted | {"problem": "varchar", "line": "varchar"}).items())
