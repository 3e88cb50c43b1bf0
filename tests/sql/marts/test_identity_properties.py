"""What must hold of identity whatever the records are: their order, a second build, a decision undone, one record more."""

import random
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from data_sources.judgements import IdentityDecision
from tests.benchmarks import companies
from tests.sql.marts.identity_chain import NOW, accounts, chain
from tests.sql.marts.identity_chain import resolve as resolved

DEVELOPERS = 60
ACTIONS = ("confirm", "reject", "merge", "split", "rename", "set_domain", "mark_internal")
FEW = settings(
    max_examples=6,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
    derandomize=True,
)


@pytest.fixture(scope="module")
def models():
    """The models from records to accounts."""
    return chain()


def resolve(*given, **more) -> dict[str, str]:
    """Node → account id."""
    return accounts(resolved(*given, **more))


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
def test_the_order_of_records_and_a_second_build_change_nothing(tmp_path_factory, models, seed):
    rows = companies.make(DEVELOPERS, seed).rows
    folder = tmp_path_factory.mktemp("order")
    first = resolve(folder / "first", models, rows)
    assert resolve(folder / "again", models, rows) == first
    assert resolve(folder / "shuffled", models, shuffled(rows, seed)) == first


@FEW
@given(seed=st.integers(0, 10_000), action=st.sampled_from(ACTIONS))
def test_a_decision_undone_is_as_if_it_had_never_been(tmp_path_factory, models, seed, action):
    rows = companies.make(DEVELOPERS, seed).rows
    folder = tmp_path_factory.mktemp("undone")
    never = resolve(folder / "never", models, rows)
    nodes = sorted(node for node in never if node.startswith("developer:"))
    done = decision(action, nodes, seed, undone_at=NOW + timedelta(days=1))
    assert resolve(folder / "undone", models, rows, [done]) == never


@FEW
@given(seed=st.integers(0, 10_000))
def test_decisions_hold(tmp_path_factory, models, seed):
    rows = companies.make(DEVELOPERS, seed).rows
    folder = tmp_path_factory.mktemp("decided")
    nodes = sorted(f"developer:portal:{row['id']}" for row in rows["developer"])
    for action in ("merge", "reject"):
        one = decision(action, nodes, seed)
        found = resolve(folder / action, models, rows, [one])
        left, right = (
            ":".join((one.left_kind, one.left_source, one.left_id)),
            ":".join((one.right_kind, one.right_source, one.right_id)),
        )
        assert (found[left] == found[right]) == (action == "merge")


@FEW
@given(seed=st.integers(0, 10_000))
def test_one_record_more_changes_only_what_it_touches(tmp_path_factory, models, seed):
    rows = companies.make(DEVELOPERS, seed).rows
    folder = tmp_path_factory.mktemp("more")
    before = resolve(folder / "before", models, rows)
    colleague = random.Random(seed).choice(rows["developer"])
    more = colleague | {"id": "newcomer", "email": f"newcomer@{colleague['email'].split('@')[1]}"}
    after = resolve(folder / "after", models, rows | {"developer": [*rows["developer"], more]})
    new = after.pop("developer:portal:newcomer")
    touched = {before[node] for node in before if after[node] == new}
    changed = {node for node in before if after[node] != before[node]}
    assert {before[node] for node in changed} <= touched
