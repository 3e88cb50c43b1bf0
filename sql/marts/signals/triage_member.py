"""One row per record of an account: since when it was known to belong to it. Two records are known to be of one account from the moment at
which everything that joins them was there, so what arrives later changes nothing of what an account was at an earlier moment. An address joins
from the moment at which it was verified."""

from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa
from scipy.sparse import coo_array
from scipy.sparse.csgraph import breadth_first_order, minimum_spanning_tree

READS = ("account_member", "identity_link", "identity_member", "contract", "developer")

KINDS = "'developer', 'application', 'credential', 'organization', 'contract', 'billing_customer'"
# An account began with the oldest of the records that make one, people first, else with any.
NODES = f"""
create temp table nodes as
select
    identity_member.node,
    account_member.account_id,
    coalesce(identity_member.created_at, contract.signed_at, contract.starts_at) as known_at,
    coalesce(contract.created_at, contract.signed_at, contract.starts_at) as contract_at,
    account_member.account_id is not null and row_number() over (
        partition by account_member.account_id
        order by
            known_at is null or identity_member.kind not in ({KINDS}), known_at nulls first,
            not starts_with(identity_member.node, 'developer:'), identity_member.node
    ) = 1 as is_first,
    row_number() over (order by identity_member.node) as number
from identity_member
left join account_member using (node)
left join contract on contract.node = identity_member.node
"""
# One row per pair, numbered in order of time; greatest ignores what is null.
LINKS = """
create temp table links as
select low, high, linked_at, row_number() over (order by linked_at, low, high) as step
from (
    select
        least(one.number, other.number) as low,
        greatest(one.number, other.number) as high,
        min(greatest(timestamp '0001-01-01', link.linked_at, developer.verified_at, one.contract_at, other.contract_at)) as linked_at
    from identity_link as link
    join nodes as one on one.node = link.left_node
    join nodes as other on other.node = link.right_node
    left join developer on developer.node = case when link.evidence = 'verified e-mail' then link.left_node end
    where link.accepted and link.left_node != link.right_node
    group by 1, 2
)
"""
MEMBERS = """
create or replace table triage_member as
select
    nodes.account_id,
    nodes.node,
    greatest(timestamp '0001-01-01', nodes.known_at, links.linked_at) as joined_at,
    nodes.is_first,
    nodes.known_at is not null as is_dated
from nodes
join joined_steps using (number)
left join links using (step)
where nodes.account_id is not null
"""


def build(con: Any, now: datetime) -> None:
    """Make `triage_member(account_id, node, joined_at, is_first, is_dated)`; the first is the record that the account began with. When a
    record without a date came is not known: its dated calls are its account's from the start, but its being there is no step."""
    con.execute(NODES)
    con.execute(LINKS)
    first = con.execute("select number from nodes where is_first order by number").fetchnumpy()["number"]
    links = con.execute("select low, high, step from links order by step").fetchnumpy()
    numbers, steps = joined(first, links["low"], links["high"], links["step"])
    con.register("joined_steps", pa.table({"number": numbers, "step": steps}))
    con.execute(MEMBERS)
    con.unregister("joined_steps")
    con.execute("drop table nodes; drop table links")


def joined(first: np.ndarray, low: np.ndarray, high: np.ndarray, step: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """At which step each node was first connected with one of `first`, as (nodes, steps); those themselves at 0. Nodes and steps count
    from 1, a pair is there once. The last link of the path whose last link is earliest: it lies on the tree of earliest links."""
    if not len(first):
        return first, first
    size = max(first.max(), high.max(initial=0)) + 1
    # Node 0 stands for all of `first`, joined before any step.
    ends = np.concatenate([np.zeros_like(first), low]), np.concatenate([first, high])
    weights = np.concatenate([np.full(len(first), 0.5), step])
    tree = minimum_spanning_tree(coo_array((weights, ends), shape=(size, size)).tocsr())
    order, before = breadth_first_order(tree, 0, directed=False)
    edges = tree.tocoo()
    last = np.zeros(size)
    last[np.where(before[edges.col] == edges.row, edges.col, edges.row)] = edges.data
    nodes = order[1:]
    steps = last.tolist()
    for node, parent in zip(nodes.tolist(), before[nodes].tolist(), strict=True):
        steps[node] = max(steps[node], steps[parent])
    return nodes, np.floor(np.array(steps)[nodes]).astype(np.int64)
