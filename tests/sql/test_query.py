"""Questions to a snapshot: parameters are bound, periods are half-open UTC days, mistakes are named."""

import json
from datetime import date, datetime

import pytest

from sql import catalogue, query, render, snapshot
from sql.engines import duckdb as engine
from tests.sql import small_home
from tests.sql.small_home import command

AS_OF = datetime(2026, 3, 20, 6)


@pytest.fixture(scope="module")
def home():
    return small_home.ready()


@pytest.mark.parametrize(
    ("text", "first"),
    [("1d", date(2026, 3, 20)), ("90d", date(2025, 12, 21)), ("2w", date(2026, 3, 7))],
)
def test_a_period_ends_with_the_day_of_the_snapshot(text, first):
    span = query.period(AS_OF, text)
    assert (span.date_from, span.date_to) == (first, date(2026, 3, 21))
    days = span.date_to - span.date_from
    assert span.parameters()["before_to"] == first
    assert span.parameters()["before_from"] == first - days


def test_all_has_no_bounds():
    assert set(query.period(AS_OF, "all").parameters().values()) == {None}


@pytest.mark.parametrize("text", ["", "90", "0d", "d90", "90 days", "1y"])
def test_another_period_is_refused(text):
    with pytest.raises(query.QueryError, match="90d"):
        query.period(AS_OF, text)


def test_parameters_are_found_outside_of_comments_and_texts():
    statement = "-- $not_this\nselect '$nor_this', $tier, $date_from where a = $tier"
    assert query.parameters_of(statement) == ("date_from", "tier")


def test_a_value_is_bound_and_never_part_of_the_statement(home):
    found = snapshot.current(home)
    assert len(query.run(found, "directory", search="x' or 1 = 1 --")) == 0
    assert len(query.run(found, "directory")) > 0


def test_an_unknown_parameter_or_metric_is_named(home):
    found = snapshot.current(home)
    with pytest.raises(query.QueryError, match="no parameter colour"):
        query.run(found, "tier_board", colour="red")
    with pytest.raises(catalogue.CatalogueError, match="Did you mean tier_board"):
        query.run(found, "tier_bord")


def test_calls_of_a_period_are_those_of_its_days(home):
    found = snapshot.current(home)
    columns, rows = query.rows(found, "calls_by_day", date_from=date(2026, 2, 1), date_to=date(2026, 3, 1))
    total = sum(dict(zip(columns, row, strict=True))["calls"] for row in rows)
    expected = found.execute(
        "select sum(calls) from account_usage_day where day >= '2026-02-01' and day < '2026-03-01' and surface = 'api'"
    )
    assert [(total,)] == expected[1]


def test_the_command_answers_in_json(home):
    done = command("query", "calls_by_day", "--home", home, "--json", "--from", "2026-02-01", "--to", "2026-02-03")
    rows = json.loads(done.stdout)
    assert {row["day"] for row in rows} <= {"2026-02-01", "2026-02-02"}
    assert rows


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("tier_bord",), "Did you mean tier_board"),
        (("tier_board", "--period", "90"), "90d"),
        (("tier_board", "--from", "2026-03-02", "--to", "2026-03-01"), "must be before"),
        (("tier_board", "--tier", "gold"), "invalid choice"),
        (("tier_board", "--from", "yesterday"), "YYYY-MM-DD"),
    ],
)
def test_a_wrong_question_is_explained(home, arguments, says):
    done = command("query", *arguments, "--home", home)
    assert done.returncode == 2
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_everything_can_be_rendered():
    for name in render.names():
        assert render.render(name).strip()
    assert render.render("usage_day").startswith("create or replace temp view request")
    assert "from usage_day" in render.render("firsts")
    assert 'create or replace table "account"' in render.render("account")


def test_a_header_is_read_with_its_continuations():
    header = catalogue.read_header(
        "-- metric: m\n-- definition: one\n--   two\n-- column a_b: what it is\n--   more\n\n-- label: no\n"
    )
    assert header.fields == {"metric": "m", "definition": "one two"}
    assert header.columns == {"a_b": "what it is more"}


def test_a_metric_without_its_header_is_refused(tmp_path):
    (tmp_path / "metrics").mkdir()
    (tmp_path / "metrics" / "m.sql").write_text("-- metric: m\n-- label: M\nselect 1")
    with pytest.raises(catalogue.CatalogueError, match=r"m\.sql: .*question"):
        catalogue.metrics(tmp_path)


def test_a_snapshot_of_another_version_is_told_apart_from_a_mistake():
    with pytest.raises(query.OutdatedError, match="tier_board: the snapshot was built by another version"):
        query.run(_Older(), "tier_board")


class _Older:
    """A snapshot's connection to a database without its tables."""

    def cursor(self):
        return engine.connect()
