"""Every metric answers on an empty program and on a small one, with all its parameters and with none, and says what its columns are."""

import re
from datetime import date, datetime

import pytest

from sql.catalogue import metrics, read_header, sql_files
from tests.sql.marts.world import World, ask, rows

ALL = {
    "tier": "open",
    "service": "rates",
    "date_from": date(2026, 5, 1),
    "date_to": date(2026, 6, 30),
    "before_from": date(2026, 3, 1),
    "before_to": date(2026, 5, 1),
    "account": "dev:test:dev_1",
    "node": "developer:test:dev_1",
    "stage": "first_call",
    "reason": "auth_refused",
    "search": "ann",
    "owner": "kim",
    "status": "contacted",
    "window_days": 30,
    "flag": "stalled",
    "dimension": "bucket",
    "grain": "week",
    "period_from": date(2026, 6, 1),
    "from_state": "not there yet",
    "to_state": "new",
    "movement": "churn",
    "price_factor": 1.1,
    "support_factor": 0.9,
    "infrastructure_factor": 1.2,
    "share_points": 5.0,
    "cohort_from": date(2025, 6, 1),
    "cohort_to": date(2026, 6, 30),
    "value": "rates",
    "origin": "before",
    "triage_class": "commercial",
    "window_day": 14,
    "version": "prior",
}


@pytest.fixture(scope="module")
def empty(tmp_path_factory):
    return World(tmp_path_factory.mktemp("empty")).build()


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    world = World(tmp_path_factory.mktemp("small"))
    world.person("dev_1", "ann@gmail.com").add(
        "application", "app_1", developer_id="dev_1", created_at=datetime(2026, 1, 1)
    )
    world.daily(date(2026, 6, 1), 5, ok=3, client_errors=1, application_ref="app_1").calls(date(2026, 6, 2), ok=1)
    return world.build()


@pytest.mark.parametrize("name", sorted(metrics()))
def test_a_metric_answers_whatever_is_asked(name, empty, small):
    for con in (empty, small):
        ask(con, name)
        ask(con, name, **ALL)


@pytest.mark.parametrize("name", sorted(metrics()))
def test_the_columns_that_a_metric_describes_exist(name, empty):
    text = metrics()[name].sql
    names = {
        column[0] for column in empty.execute(text, {p: None for p in ALL if re.search(rf"\${p}\b", text)}).description
    }
    assert set(metrics()[name].columns) <= names


def test_the_board_always_has_four_rows(empty, small):
    for con in (empty, small):
        assert [row["tier"] for row in ask(con, "tier_board")] == ["internal", "partner", "open", "public"]
    board = {row["tier"]: row for row in ask(small, "tier_board")}
    assert (board["open"]["customers"], board["open"]["calls"], board["public"]["calls"]) == (1, 20, 1)
    assert all(row["revenue"] is None and row["cost_to_serve"] is None for row in board.values()), (
        "nobody told of money"
    )


def test_no_check_finds_anything(empty, small):
    for con in (empty, small):
        for path in sql_files("checks"):
            header = read_header(path.read_text()).fields
            assert header["check"] == path.stem
            assert header["severity"] in ("error", "warn")
            assert header["question"]
            assert rows(con, path.read_text()) == [], path.stem
