"""Follows evidence from record to record: which belong together, and why a piece of evidence was not followed.

Links are followed turn by turn, strongest first. Refused, by whichever way round they come, are those that would bring together
records that a person keeps apart, those by which a single developer, payer or key would make two organizations one (an
agency's developer who works for a client joins the client, and the agency stays itself), and those by which two parties
would share their contracts. The order of records does not matter: ties go by the nodes' names.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

FOLLOWED, WEAK, APART = "followed", "below the threshold", "kept apart by a person"
TWO, CONTRACTS = "would make two organizations one", "would bring two parties' contracts together"

SAID, SPLIT = "a person", "split by a person"

ANCHORS = ("domain:", "team:", "organization:", "split:")
TURN_OF_ORGANIZATIONS, TURN_OF_DECISIONS = 2, 12

PARTIES = """
select node, list_filter(['reference ' || organization_ref, 'name ' || name_key], said -> said is not null)
from contract
join identity_node using (node)
"""


def turn_of(table: str) -> str:
    """The SQL expression for the turn in which a row of evidence is followed.

    What organizations say of themselves comes first, then keys and payers, people, names, and last a person's word, which then
    joins what the others have made. Only what organizations say and a person's word may make two organizations one.
    """
    return f"""
    case
        when {table}.evidence = '{SPLIT}' then 1
        when {table}.evidence = '{SAID}' then {TURN_OF_DECISIONS}
        when left_kind in ('organization', 'support_organization', 'contract', 'opportunity')
            and right_kind in ('organization', 'support_organization', 'domain', 'team') then {TURN_OF_ORGANIZATIONS}
        when left_kind in ('credential', 'application', 'billing_customer') and right_kind <> 'developer'
            and {table}.evidence in ('shared key', 'its consumer') then 3
        when {table}.evidence = 'its organization' then 4
        when {table}.evidence in ('its developer', 'shared key', 'consumer named by e-mail') and left_kind <> 'contract' then 5
        when right_kind = 'email' then 6
        when left_kind = 'billing_customer' then 7
        when {table}.evidence = 'help-desk organization' then 8
        when {table}.evidence in ('name and circumstances', 'similar name') then 9
        when left_kind = 'contract' then 11
        else 10
    end"""


class Clusters:
    """Disjoint sets over integers. `anchored` are the members that stand for an organization; `apart`, pairs never to meet;
    `parties`, what contracts say of whom they are with."""

    def __init__(
        self, size: int, anchored: set[int], apart: list[tuple[int, int]], parties: dict[int, frozenset[str]]
    ) -> None:
        self.parent = list(range(size))
        self.anchored = [node in anchored for node in range(size)]
        self.parties = dict(parties)
        self.apart: dict[int, set[int]] = {}
        for left, right in apart:
            self.apart.setdefault(left, set()).add(right)
            self.apart.setdefault(right, set()).add(left)

    def find(self, node: int) -> int:
        """The root of a node's set: its smallest member."""
        parent = self.parent
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    def union(self, left: int, right: int, may_bridge: bool, is_decision: bool) -> str:
        """Join two sets and say so, or why not. Only a link that `may_bridge` joins two sets that are anchored both."""
        left, right = self.find(left), self.find(right)
        if left == right:
            return FOLLOWED
        if self.apart and any(self.find(other) == right for other in self.apart.get(left, ())):
            return APART
        if not may_bridge and self.anchored[left] and self.anchored[right]:
            return TWO
        ours, theirs = self.parties.get(left), self.parties.get(right)
        if ours and theirs and not is_decision and ours.isdisjoint(theirs):
            return CONTRACTS
        if right < left:
            left, right = right, left
        self.parent[right] = left
        self.anchored[left] |= self.anchored[right]
        if ours or theirs:
            self.parties[left] = (ours or frozenset()) | (theirs or frozenset())
        if right in self.apart:
            self.apart.setdefault(left, set()).update(self.apart.pop(right))
        return FOLLOWED


@dataclass(frozen=True)
class Resolution:
    """Where the links led: all nodes in alphabetical order, for each the position of its cluster's smallest node, and for
    each link the position of its left node and why it was followed or not."""

    names: list[str]
    roots: np.ndarray
    left: np.ndarray
    why: list[str]

    @classmethod
    def of(cls, con: Any, links: pa.Table) -> "Resolution":
        """Follow `links` (left_node, right_node, confidence, turn; in their order) over a warehouse's nodes and decisions."""
        nodes = con.execute("select node from identity_node").to_arrow_table()["node"]
        (threshold,) = con.execute("select identity_threshold from setting").fetchone()
        apart = con.execute(
            "select left_node, right_node from identity_decision where action in ('reject', 'split')"
        ).fetchall()
        parties = con.execute(PARTIES).fetchall()
        return cls.follow(links, nodes, apart, parties, threshold)

    @classmethod
    def follow(
        cls,
        links: pa.Table,
        nodes: pa.ChunkedArray,
        apart: list[tuple[str, str]],
        parties: list[tuple[str, list[str]]],
        threshold: float,
    ) -> "Resolution":
        """The same from what is given: nodes without a link are clusters of their own."""
        columns = (links["left_node"], links["right_node"], nodes)
        ends = pa.chunked_array([chunk for column in columns for chunk in column.chunks], pa.string())
        encoded = ends.combine_chunks().dictionary_encode()
        order = pc.sort_indices(encoded.dictionary).to_numpy()
        names = encoded.dictionary.take(pa.array(order)).to_pylist()
        rank = np.empty_like(order)
        rank[order] = np.arange(len(order))
        codes = rank[encoded.indices.to_numpy()]
        index = {name: code for code, name in enumerate(names)}
        sets = Clusters(
            len(names),
            {code for code, name in enumerate(names) if name.startswith(ANCHORS)},
            [(index[a], index[b]) for a, b in apart if a in index and b in index],
            {index[node]: frozenset(said) for node, said in parties if said and node in index},
        )
        count = links.num_rows
        strong = links["confidence"].to_numpy() >= threshold
        turns = links["turn"].to_numpy()
        bridges = np.isin(turns, (TURN_OF_ORGANIZATIONS, TURN_OF_DECISIONS))
        followed = zip(
            codes[:count].tolist(),
            codes[count : 2 * count].tolist(),
            strong.tolist(),
            bridges.tolist(),
            (turns == TURN_OF_DECISIONS).tolist(),
            strict=True,
        )
        why = [sets.union(left, right, may, said) if ok else WEAK for left, right, ok, may, said in followed]
        roots = np.array([sets.find(node) for node in range(len(names))], dtype=np.int64)
        return cls(names, roots, codes[:count], why)
