"""One row per piece of evidence between two records: accepted or not, why, and the cluster that it led to.

Links are followed turn by turn, strongest first. Two kinds are refused, by whichever way round they come: one that would
bring together records that a person keeps apart, and one by which a single developer, payer or key would make two
organizations one: an agency's developer who works for a client joins the client, and the agency stays itself.
Order of records does not matter: ties go by the nodes' names.
"""

import numpy as np
import pyarrow as pa

READS = ("identity_candidate", "identity_node", "identity_decision", "setting")

LINKS = """
select left_node, right_node, evidence, confidence, left_value, right_value, turn
from identity_candidate
order by turn, confidence desc, evidence, left_node, right_node, left_value
"""
TURN_OF_ORGANIZATIONS, TURN_OF_DECISIONS = 2, 11
ANCHORS = ("domain:", "team:", "organization:")

HELD, WEAK, APART, TWO = "held", "below the threshold", "kept apart by a person", "would make two organizations one"


class Clusters:
    """Disjoint sets over integers. `anchored` are the members that stand for an organization; `apart`, pairs never to meet."""

    def __init__(self, size: int, anchored: set[int], apart: list[tuple[int, int]]) -> None:
        self.parent = list(range(size))
        self.anchored = [node in anchored for node in range(size)]
        self.apart: dict[int, set[int]] = {}
        for left, right in apart:
            self.apart.setdefault(left, set()).add(right)
            self.apart.setdefault(right, set()).add(left)

    def find(self, node: int) -> int:
        """The root of a node's set."""
        parent = self.parent
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    def union(self, left: int, right: int, may_bridge: bool) -> str:
        """Join two sets and say so, or why not. Only a link that `may_bridge` joins two sets that are anchored both."""
        left, right = self.find(left), self.find(right)
        if left == right:
            return HELD
        if self.apart and any(self.find(other) == right for other in self.apart.get(left, ())):
            return APART
        if not may_bridge and self.anchored[left] and self.anchored[right]:
            return TWO
        if right < left:
            left, right = right, left
        self.parent[right] = left
        self.anchored[left] |= self.anchored[right]
        if right in self.apart:
            self.apart.setdefault(left, set()).update(self.apart.pop(right))
        return HELD


def build(con, now) -> None:
    """Make the table `identity_link`; nothing here depends on `now`."""
    links = con.execute(LINKS).to_arrow_table()
    nodes = con.execute("select node from identity_node order by node").to_arrow_table()
    (threshold,) = con.execute("select identity_threshold from setting").fetchone()
    rejected = con.execute("select left_node, right_node from identity_decision where action = 'reject'").fetchall()
    ends = pa.chunked_array(
        [*links["left_node"].chunks, *links["right_node"].chunks, *nodes["node"].chunks], type=pa.string()
    )
    encoded = ends.combine_chunks().dictionary_encode()
    codes, names = encoded.indices.to_numpy(), encoded.dictionary.to_pylist()
    index = {name: code for code, name in enumerate(names)}
    apart = [(index[a], index[b]) for a, b in rejected if a in index and b in index]
    sets = Clusters(len(names), {code for code, name in enumerate(names) if name.startswith(ANCHORS)}, apart)
    count = links.num_rows
    strong = links["confidence"].to_numpy() >= threshold
    bridges = np.isin(links["turn"].to_numpy(), (TURN_OF_ORGANIZATIONS, TURN_OF_DECISIONS))
    ends_of = zip(
        codes[:count].tolist(), codes[count : 2 * count].tolist(), strong.tolist(), bridges.tolist(), strict=True
    )
    why = [sets.union(left, right, may) if ok else WEAK for left, right, ok, may in ends_of]
    roots = np.array([sets.find(node) for node in range(len(names))], dtype=np.int64)
    table = links.drop_columns("turn")
    table = table.append_column("accepted", pa.array([reason == HELD for reason in why], pa.bool_()))
    table = table.append_column("why", pa.array(why, pa.string()))
    table = table.append_column("cluster", pa.array(roots[codes[:count]], pa.int64()))
    con.register("link_rows", table)
    con.execute("create or replace table identity_link as select * from link_rows")
    con.unregister("link_rows")
