"""One row per piece of evidence between two records: accepted or not, why, and the cluster that it led to.

Links are taken strongest first; one that would bring together two records that a person keeps apart is refused, by
whichever way round it comes. Order of records does not matter: ties go by the nodes' names.
"""

import numpy as np
import pyarrow as pa

READS = ("identity_candidate", "identity_node", "identity_decision", "setting")

LINKS = """
select left_node, right_node, evidence, confidence, left_value, right_value
from identity_candidate
order by confidence desc, evidence, left_node, right_node, left_value
"""


class Clusters:
    """Disjoint sets over integers with pairs that must stay apart. Roots are the smallest member."""

    def __init__(self, size: int, apart: list[tuple[int, int]]) -> None:
        self.parent = list(range(size))
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

    def union(self, left: int, right: int) -> bool:
        """Join two sets; false where a pair that must stay apart would meet."""
        left, right = self.find(left), self.find(right)
        if left == right:
            return True
        if self.apart and any(self.find(other) == right for other in self.apart.get(left, ())):
            return False
        if right < left:
            left, right = right, left
        self.parent[right] = left
        if right in self.apart:
            self.apart.setdefault(left, set()).update(self.apart.pop(right))
        return True


def cluster(left: list[int], right: list[int], strong: list[bool], size: int, apart: list[tuple[int, int]]) -> tuple:
    """Go through links in their order; return for each whether it holds, and for each node its root."""
    sets = Clusters(size, apart)
    held = [ok and sets.union(a, b) for a, b, ok in zip(left, right, strong, strict=True)]
    return held, [sets.find(node) for node in range(size)]


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
    count = links.num_rows
    strong = (links["confidence"].to_numpy() >= threshold).tolist()
    held, roots = cluster(codes[:count].tolist(), codes[count : 2 * count].tolist(), strong, len(names), apart)
    why = [
        "held" if ok else "kept apart by a person" if able else "below the threshold"
        for ok, able in zip(held, strong, strict=True)
    ]
    table = links.append_column("accepted", pa.array(held, pa.bool_())).append_column("why", pa.array(why, pa.string()))
    table = table.append_column(
        "cluster", pa.array(np.array(roots, dtype=np.int64)[codes[:count]] if count else [], pa.int64())
    )
    con.register("link_rows", table)
    con.execute("create or replace table identity_link as select * from link_rows")
    con.unregister("link_rows")
