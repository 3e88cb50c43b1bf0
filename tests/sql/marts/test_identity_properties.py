"""What must hold of identity whatever the records are: their order, a second build, a decision undone, one record more."""

import random
from datetime import datetime, timedelta

import duckdb
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from data_sources.judgements import IdentityDecision
from data_sources.program import Program, ProgramSection
from data_sources.records import RECORD_TABLES
from data_sources.store import TABLES, open_store
from sql import load, models
from tests.benchmarks import companies

NOW = datetime(2026, 6, 30)
DEVELOPERS = 60
ACTIONS = ("confirm", "reject", "merge", "split", "rename", "set_domain", "mark_internal")
FEW = settings(
    max_examples=6, deadline=None, phases=[Phase.explicit, Phase.generate], suppress_health_check=list(HealthCheck), derandomize=True
)


@pytest.fixture(scope="module")
def chain():
    """The models from records to accounts."""
    con = duckdb.connect()
    inputs = {f"raw_{table}" for table in TABLES}
    return models.between(models.find(), con, inputs, {"account_member", "account_name"})


def resolve(folder, chain, rows: dict[str, list[dict]], decisions=()) -> dict[str, str]:
    """Node → account id, from records as they are stored, in the order in which they come."""
    folder.mkdir()
    store = open_store(folder)
    for table, records in rows.items():
        store.upsert(RECORD_TABLES[table], records, NOW)
    for decision in decisions:
        store.judge(decision)
    con = duckdb.connect()
    load.prepare(con)
    load.records(con, store)
    load.program(con, Program(program=ProgramSection(name="Test", internal_domains=["house.example"])))
    store.engine.dispose()
    con.execute("create table snapshot_info as select timestamp '2026-06-30' as as_of")
    setting = [model for model in models.find() if model.name == "setting"]
    models.build(con, NOW, [*setting, *(model for model in chain if model.name != "setting")])
    return dict(con.execute("select node, account_id from account_member where source is not null").fetchall())


def shuffled(rows: dict[str, list[dict]], seed: int) -> dict[str, list[dict]]:
    """The same records in another order, the tables too."""
    order = random.Random(seed)
    tables = list(rows)
    order.shuffle(tables)
    return {table: order.sample(rows[table], len(rows[table])) for table in tables}


def decision(action: str, nodes: list[str], seed: int, **more) -> IdentityDecision:
    """A decision about one or two of the nodes."""
    left, right = random.Random(seed).sample(nodes, 2)
    ends = dict(zip(("left_kind", "left_source", "left_id"), left.split(":", 2), strict=True))
    if action in ("confirm", "reject", "merge", "split"):
        ends |= dict(zip(("right_kind", "right_source", "right_id"), right.split(":", 2), strict=True))
    value = {"rename": "Another name", "set_domain": "another.example", "mark_internal": "Pricing"}.get(action)
    return IdentityDecision(author="kim", decided_at=NOW, action=action, value=value, **ends, **more)


@FEW
@given(seed=st.integers(0, 10_000))
def test_the_order_of_records_and_a_second_build_change_nothing(tmp_path_factory, chain, seed):
    rows = companies.make(DEVELOPERS, seed).rows
    folder = tmp_path_factory.mktemp("order")
    first = resolve(folder / "first", chain, rows)
    assert resolve(folder / "again", chain, rows) == first
    assert resolve(folder / "shuffled", chain, shuffled(rows, seed)) == first


@FEW
@given(seed=st.integers(0, 10_000), action=st.sampled_from(ACTIONS))
def test_a_decision_undone_is_as_if_it_had_never_been(tmp_path_factory, chain, seed, action):
    rows = companies.make(DEVELOPERS, seed).rows
    folder = tmp_path_factory.mktemp("undone")
    never = resolve(folder / "never", chain, rows)
    nodes = sorted(node for node in never if node.startswith("developer:"))
    done = decision(action, nodes, seed, undone_at=NOW + timedelta(days=1))
    assert resolve(folder / "undone", chain, rows, [done]) == never


@FEW
@given(seed=st.integers(0, 10_000))
def test_decisions_hold(tmp_path_factory, chain, seed):
    rows = companies.make(DEVELOPERS, seed).rows
    folder = tmp_path_factory.mktemp("decided")
    nodes = sorted(f"developer:portal:{row['id']}" for row in rows["developer"])
    for action in ("merge", "reject"):
        one = decision(action, nodes, seed)
        found = resolve(folder / action, chain, rows, [one])
        left, right = (
            ":".join((one.left_kind, one.left_source, one.left_id)),
            ":".join((one.right_kind, one.right_source, one.right_id)),
        )
        assert (found[left] == found[right]) == (action == "merge")


@FEW
@given(seed=st.integers(0, 10_000))
def test_one_record_more_changes_only_what_it_touches(tmp_path_factory, chain, seed):
    rows = companies.make(DEVELOPERS, seed).rows
    folder = tmp_path_factory.mktemp("more")
    before = resolve(folder / "before", chain, rows)
    colleague = random.Random(seed).choice(rows["developer"])
    more = colleague | {"id": "newcomer", "email": f"newcomer@{colleague['email'].split('@')[1]}"}
    after = resolve(folder / "after", chain, rows | {"developer": [*rows["developer"], more]})
    new = after.pop("developer:portal:newcomer")
    touched = {before[node] for node in before if after[node] == new}
    changed = {node for node in before if after[node] != before[node]}
    assert {before[node] for node in changed} <= touched
