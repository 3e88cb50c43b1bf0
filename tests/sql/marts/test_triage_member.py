"""When each record was first connected with the one that its account began with, against one link after another."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sql.marts.signals.triage_member import joined

NODES = 9
PAIRS = st.tuples(st.integers(1, NODES), st.integers(1, NODES)).filter(lambda pair: pair[0] < pair[1])


@settings(max_examples=300, deadline=None)
@given(links=st.lists(PAIRS, unique=True, max_size=14), first=st.sets(st.integers(1, NODES), min_size=1, max_size=3))
def test_each_is_joined_at_the_step_at_which_a_walk_first_reaches_it(links, first):
    low, high = (np.array([pair[side] for pair in links], dtype=np.int64) for side in (0, 1))
    steps = np.arange(1, len(links) + 1)
    nodes, found = joined(np.array(sorted(first)), low, high, steps)
    expected = dict.fromkeys(first, 0)
    for step in steps.tolist():
        for node in reached(first, links[:step]):
            expected.setdefault(node, step)
    assert dict(zip(nodes.tolist(), found.tolist(), strict=True)) == expected


def test_without_an_account_nobody_is_joined():
    none = np.array([], dtype=np.int64)
    nodes, steps = joined(none, np.array([1]), np.array([2]), np.array([1]))
    assert (len(nodes), len(steps)) == (0, 0)


def reached(first: set[int], links: list[tuple[int, int]]) -> set[int]:
    """Every node that these links connect with one of `first`."""
    here, before = set(first), set()
    while here != before:
        before = set(here)
        here |= {end for pair in links if here & set(pair) for end in pair}
    return here
