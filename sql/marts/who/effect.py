"""What a decision about identity changes: the records that it reaches, put together with it and without it."""

from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from sql.marts.who.resolve import PARTIES, SAID, SPLIT, TURN_OF_DECISIONS, Resolution, turn_of

# Everything that a chain of evidence, followed or refused, leads to from a record.
REACHED = """
with recursive strong as (
    select left_node, right_node from identity_evidence where confidence >= (select identity_threshold from setting)
),

ends as (
    select left_node as node, right_node as other from strong
    union all
    select right_node, left_node from strong
),

reached (node) as (
    select unnest(cast($nodes as varchar[]))
    union
    select ends.other from reached join ends on ends.node = reached.node
)

select node from reached
"""
# Without what people said: those links are added for each question anew.
LINKS = f"""
select left_node, right_node, evidence, confidence, {turn_of("identity_evidence")} as turn
from identity_evidence
where evidence not in ('{SAID}', '{SPLIT}')
    and left_node in (select unnest(cast($nodes as varchar[])))
    and right_node in (select unnest(cast($nodes as varchar[])))
"""


@dataclass(frozen=True)
class Decision:
    """A decision as `identity_decision` holds it; `action` is confirm, merge, reject, split or set_domain."""

    action: str
    left: str
    right: str | None
    value: str | None = None

    @property
    def link(self) -> tuple[str, str] | None:
        """The two nodes that it ties together; null for a rejection."""
        if self.action in ("confirm", "merge"):
            return self.left, self.right
        if self.action == "set_domain":
            return self.left, f"domain:{(self.value or '').lower()}"
        return (self.left, f"split:{self.left}") if self.action == "split" else None

    @property
    def apart(self) -> tuple[str, str] | None:
        """The two nodes that it keeps apart."""
        return (self.left, self.right) if self.action in ("reject", "split") else None


@dataclass(frozen=True)
class Effect:
    """The groups that the records it reaches form without the decision and with it; only those groups that differ."""

    without: list[tuple[str, ...]]
    having: list[tuple[str, ...]]


def effects(con: Any, decisions: list[Decision], every: list[Decision]) -> list[Effect]:
    """What each of `decisions` changes, given `every` decision that holds (with or without it).

    `con` reads a warehouse with `identity_evidence`, `identity_node`, `identity_decision`, `contract` and `setting`.
    """
    (threshold,) = con.execute("select identity_threshold from setting").fetchone()
    parties = con.execute(PARTIES).fetchall()
    return [_effect(con, decision, every, parties, threshold) for decision in decisions]


def _effect(con: Any, decision: Decision, every: list[Decision], parties: list, threshold: float) -> Effect:
    reached = _reached(con, [node for node in decision.link or decision.apart if node])
    others = [one for one in every if one != decision and not reached.isdisjoint(one.link or one.apart)]
    further = {node for one in others for node in one.link or ()} - reached
    if further:
        reached = _reached(con, sorted(reached | further))
    nodes = sorted(reached)
    links = con.execute(LINKS, {"nodes": nodes}).to_arrow_table()
    groups = []
    for held in (others, [*others, decision]):
        found = Resolution.follow(
            _with(links, [one for one in held if one.link]),
            pa.chunked_array([pa.array(nodes, pa.string())]),
            [one.apart for one in held if one.apart],
            parties,
            threshold,
        )
        groups.append(_groups(found))
    without, having = groups
    return Effect(sorted(without - having), sorted(having - without))


def _reached(con: Any, nodes: list[str]) -> set[str]:
    return {node for (node,) in con.execute(REACHED, {"nodes": nodes}).fetchall()}


def _with(links: pa.Table, decisions: list[Decision]) -> pa.Table:
    """The links and those of decisions, in the order in which they are followed."""
    rows = [(*one.link, *((SPLIT, 1) if one.action == "split" else (SAID, TURN_OF_DECISIONS))) for one in decisions]
    columns = list(zip(*rows, strict=True)) if rows else [()] * 4
    added = {"confidence": [1.0] * len(rows)}
    added |= {
        name: list(column)
        for name, column in zip(("left_node", "right_node", "evidence", "turn"), columns, strict=True)
    }
    added = pa.table({field.name: pa.array(added[field.name], field.type) for field in links.schema})
    order = [("turn", "ascending"), ("confidence", "descending")]
    order += [(name, "ascending") for name in ("evidence", "left_node", "right_node")]
    return pa.concat_tables([links, added]).sort_by(order)


def _groups(found: Resolution) -> set[tuple[str, ...]]:
    groups: dict[int, list[str]] = {}
    for name, root in zip(found.names, found.roots.tolist(), strict=True):
        groups.setdefault(root, []).append(name)
    return {tuple(members) for members in groups.values()}
