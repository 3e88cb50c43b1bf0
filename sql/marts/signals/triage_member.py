"""One row per record of an account: since when it was known to belong to it. Two records are known to be of one account from the moment at
which everything that joins them was there, so what arrives later changes nothing of what an account was at an earlier moment. An address joins
from the moment at which it was verified."""

from datetime import datetime
from typing import Any

import pyarrow as pa

READS = ("account_member", "identity_link", "identity_member", "contract", "developer")

KINDS = "'developer', 'application', 'credential', 'organization', 'contract', 'billing_customer'"
NODES = f"""
select
    identity_member.node,
    account_member.account_id,
    coalesce(identity_member.created_at, contract.signed_at, contract.starts_at) as created_at,
    identity_member.kind in ({KINDS}) as can_begin
from identity_member
join account_member using (node)
left join contract on contract.node = identity_member.node
order by account_member.account_id, 3, identity_member.node
"""
# greatest ignores what is null
LINKS = """
select
    identity_link.left_node,
    identity_link.right_node,
    greatest(
        identity_link.linked_at, developer.verified_at, coalesce(one.created_at, one.signed_at, one.starts_at),
        coalesce(other.created_at, other.signed_at, other.starts_at)
    ) as linked_at
from identity_link
left join developer on developer.node = case when identity_link.evidence = 'verified e-mail' then identity_link.left_node end
left join contract as one on one.node = identity_link.left_node
left join contract as other on other.node = identity_link.right_node
where identity_link.accepted
order by 3 nulls first, 1, 2
"""
LONG_AGO = datetime(1, 1, 1)


def build(con: Any, now: datetime) -> None:
    """Make `triage_member(account_id, node, joined_at, is_first, is_dated)`; the first is the record that the account began with. When a
    record without a date came is not known: its dated calls are its account's from the start, but its being there is no step."""
    nodes = con.execute(NODES).fetchall()
    first = _first(nodes)
    joined = joined_at(con.execute(LINKS).fetchall(), set(first.values()))
    rows = [
        (account, node, max(joined[node], created or LONG_AGO), first.get(account) == node, created is not None)
        for node, account, created, _ in nodes
        if node in joined
    ]
    columns = ("account_id", "node", "joined_at", "is_first", "is_dated")
    kinds = (pa.string(), pa.string(), pa.timestamp("us"), pa.bool_(), pa.bool_())
    values = list(zip(*rows, strict=True)) or [()] * len(columns)
    table = pa.table([pa.array(v, k) for v, k in zip(values, kinds, strict=True)], names=columns)
    con.register("member_rows", table)
    con.execute("create or replace table triage_member as select * from member_rows")
    con.unregister("member_rows")


def _first(nodes: list[tuple]) -> dict[str, str]:
    """The record that each account began with: the oldest of those that make an account, people first, else any."""
    first: dict[str, tuple] = {}
    for node, account, created, can_begin in nodes:
        rank = (not can_begin or created is None, created or LONG_AGO, not node.startswith("developer:"), node)
        if account not in first or rank < first[account]:
            first[account] = rank
    return {account: rank[-1] for account, rank in first.items()}


def joined_at(links: list[tuple], first: set[str]) -> dict[str, datetime]:
    """When each node was first connected with one of `first`, by links in order of time; those themselves long ago."""
    parent: dict[str, str] = {}
    held: dict[str, list[str]] = {}
    joined = dict.fromkeys(first, LONG_AGO)

    def root(node: str) -> str:
        if node not in parent:
            parent[node], held[node] = node, [node]
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    for left, right, at in links:
        one, other = root(left), root(right)
        if one == other:
            continue
        one_is_joined = held[one][0] in joined
        if one_is_joined != (held[other][0] in joined):
            for node in held[other if one_is_joined else one]:
                joined[node] = at or LONG_AGO
        small, large = (one, other) if len(held[one]) <= len(held[other]) else (other, one)
        parent[small] = large
        # the first of a list says whether the whole component is joined
        held[large] = held[small] + held[large] if held[small][0] in joined else held[large] + held[small]
        del held[small]
    return joined
