"""The chain drawn: from the rows of `account_chain` to nodes and edges with their places, and from those to an Altair chart."""

from typing import Any

import altair as alt
import pandas as pd

from pages.shared import account_words, words
from pages.shared.charts import GAIN, MUTED

LAYERS = {
    "Developers": ("developer", MUTED),
    "Applications": ("application", MUTED),
    "Organization": ("organization", GAIN),
    "Payer": ("payer", "#E69F00"),
    "Contract": ("contract", "#8A6BBE"),
}
SEEN = 5  # nodes of a layer; where there are more, the last of them stands for all the others
TOP, BOTTOM = 0.2, 0.94
NARROW = "width < 620"
MORE = "more"

Node = tuple[int, str]


def graph(found: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The nodes and edges of the rows of `account_chain`, laid out twice: side by side (wide) and one below another (narrow).

    Nodes: layer, name, label, calls, and wide_x, wide_y, narrow_x, narrow_y, label_x as parts of one. Edges: both ends in both layouts,
    left and right, evidence, confidence (of the weakest where they are many), links, calls.
    """
    rows = [_path(row) for row in found.to_dict("records")]
    calls: dict[Node, int] = {}
    names: dict[Node, str] = {}
    for row in rows:
        for layer, (key, name) in enumerate(row["path"]):
            calls[layer, key] = calls.get((layer, key), 0) + row["calls"]
            names[layer, key] = name
    drawn = _drawn(calls)
    nodes: dict[Node, dict[str, Any]] = {}
    for node, stands in drawn.items():
        one = nodes.setdefault(stands, {"name": names.get(stands), "calls": 0, "of": 0})
        one["calls"] += calls[node]
        one["of"] += 1
    for (layer, key), one in nodes.items():
        if key == MORE:
            one["name"] = f"{one['of']} more {list(LAYERS.values())[layer][0]}s"
    edges: dict[tuple[Node, Node], dict[str, Any]] = {}
    for row in rows:
        steps = [drawn[layer, key] for layer, (key, _) in enumerate(row["path"])]
        for left, right, (evidence, confidence) in zip(steps, steps[1:], row["links"], strict=False):
            edge = edges.setdefault((left, right), {"evidence": set(), "confidence": 1.0, "calls": 0, "links": 0})
            edge["evidence"].add(evidence)
            edge["confidence"] = min(edge["confidence"], confidence)
            edge["calls"] += row["calls"]
            edge["links"] += 1
    return _laid_out(nodes, edges)


def _drawn(calls: dict[Node, int]) -> dict[Node, Node]:
    """Which drawn node stands for each: itself for the busiest of a layer, one for all the others."""
    drawn = {}
    for layer in range(len(LAYERS)):
        ranked = sorted((node for node in calls if node[0] == layer), key=lambda node: (-calls[node], node[1]))
        kept = ranked if len(ranked) <= SEEN else ranked[: SEEN - 1]
        drawn |= {node: node if node in kept else (layer, MORE) for node in ranked}
    return drawn


def _path(row: dict[str, Any]) -> dict[str, Any]:
    """One row of the chain: its path of (key, name), the (evidence, confidence) between them, and its calls."""

    def has(column: str) -> bool:
        return not words.missing(row[column])

    def sure(link: str) -> float:
        return float(row[f"{link}_confidence"]) if has(f"{link}_confidence") else 0.0

    known = has("developer_node")
    name = row["developer"] if has("developer") else "A developer"
    path = [(row["developer_node"], name) if known else ("none", "No developer known")]
    path += [(row["node"], row["application"]), (row["account_id"], row["organization"])]
    links = [(row["developer_evidence"], sure("developer")) if known else ("not known", 0.0)]
    links += [(row["account_evidence"] if has("account_evidence") else "not known", sure("account"))]
    if not has("payer_account_id"):
        unknown = row["relation"] == "unknown"
        path.append((row["relation"], account_words.RELATIONS[row["relation"]]))
        links.append(("not known", 0.0) if unknown else ("no contract, subscription or paid bill now", 1.0))
    else:
        path.append((row["payer_account_id"], row["payer"]))
        links.append((row["payer_evidence"], sure("payer")))
        if has("contract_node"):
            path.append((row["contract_node"], row["contract"]))
            links.append((f"its contract: {row['contract_evidence']}", sure("contract")))
        elif has("customer"):
            path.append((f"bills to {row['customer']}", f"Bills to {row['customer']}"))
            links.append((row["payer_evidence"], sure("payer")))
    return {"path": path, "links": links, "calls": int(row["calls_90d"])}


def _laid_out(nodes: dict[Node, dict], edges: dict[tuple[Node, Node], dict]) -> tuple[pd.DataFrame, pd.DataFrame]:
    ordered = sorted(nodes, key=lambda node: (node[0], node[1] == MORE, -nodes[node]["calls"], node[1]))
    place: dict[Node, dict[str, float]] = {}
    for n, node in enumerate(ordered):
        beside = [other for other in ordered if other[0] == node[0]]
        share = (beside.index(node) + 0.5) / len(beside)
        place[node] = {
            "wide_x": 0.1 + 0.2 * node[0],
            "wide_y": TOP + (BOTTOM - TOP) * share,
            "narrow_x": 0.03 + 0.055 * node[0],
            "narrow_y": (n + 0.5) / len(ordered),
        }
    titles, kinds = list(LAYERS), [kind for kind, _ in LAYERS.values()]
    node_rows = [
        {
            "layer": titles[layer],
            "name": nodes[layer, key]["name"],
            "label": f"{nodes[layer, key]['name']} ({kinds[layer]})",
            "calls": nodes[layer, key]["calls"],
            "label_x": 0.34,
            **place[layer, key],
        }
        for layer, key in ordered
    ]
    edge_rows = [
        {f"{name}_from": value for name, value in place[left].items()}
        | {f"{name}_to": value for name, value in place[right].items()}
        | {"left": nodes[left]["name"], "right": nodes[right]["name"]}
        | edge
        | {"evidence": ", ".join(sorted(edge["evidence"]))}
        for (left, right), edge in edges.items()
    ]
    return pd.DataFrame(node_rows), pd.DataFrame(edge_rows)


def chain(nodes: pd.DataFrame, edges: pd.DataFrame, ink: str) -> alt.LayerChart:
    """Developers → applications → organization → payer → contract; side by side, on a phone one below the other.

    Takes the nodes and edges of `graph`, which has their places in both layouts; `ink` is the colour of text.
    """

    def placed(frame: pd.DataFrame, said: str, *ends: str) -> alt.Chart:
        calculated = {"said": said} | {
            f"{axis}{end}": f"{NARROW} ? datum.narrow_{axis}{end} : datum.wide_{axis}{end}"
            for axis in "xy"
            for end in ends
        }
        return alt.Chart(frame).transform_calculate(**calculated)

    def at(column: str) -> alt.X | alt.Y:
        down = column.startswith("y")
        channel = alt.Y if down else alt.X
        return channel(f"{column}:Q", axis=None, scale=alt.Scale(domain=[1, 0] if down else [0, 1], nice=False))

    wide, narrow = alt.ExprRef(f"{NARROW} ? 0 : 1"), alt.ExprRef(f"{NARROW} ? 1 : 0")
    lines = placed(edges, "datum.left + ' to ' + datum.right + ': ' + datum.evidence", "_from", "_to").encode(
        x=at("x_from"), y=at("y_from"), x2="x_to:Q", y2="y_to:Q"
    )
    seen = lines.mark_rule(color=MUTED, strokeWidth=1.5, aria=False).encode(
        strokeDash=alt.condition("datum.confidence < 0.9", alt.value([4, 3]), alt.value([1, 0]))
    )
    touched = lines.mark_rule(strokeWidth=14, strokeOpacity=0.001).encode(
        description="said:N",
        tooltip=[
            alt.Tooltip("left:N", title="From"),
            alt.Tooltip("right:N", title="To"),
            alt.Tooltip("evidence:N", title="Evidence"),
            alt.Tooltip("confidence:Q", title="Confidence", format=".0%"),
            alt.Tooltip("links:Q", title="Links", format=",d"),
            alt.Tooltip("calls:Q", title="Calls, 90 days", format=",d"),
        ],
    )
    base = placed(nodes, "datum.label", "")
    dots = base.mark_circle(size=220, opacity=1).encode(
        x=at("x"),
        y=at("y"),
        description="said:N",
        color=alt.Color(
            "layer:N",
            scale=alt.Scale(domain=list(LAYERS), range=[colour for _, colour in LAYERS.values()]),
            legend=None,
        ),
        tooltip=[
            alt.Tooltip("layer:N", title="What"),
            alt.Tooltip("name:N", title="Name"),
            alt.Tooltip("calls:Q", title="Calls, 90 days", format=",d"),
        ],
    )
    below = base.mark_text(
        aria=False, dy=18, fontSize=13, color=ink, opacity=wide, limit=alt.ExprRef("width / 5 - 12")
    ).encode(x=at("x"), y=at("y"), text="name:N")
    beside = base.mark_text(
        aria=False, align="left", fontSize=13, color=ink, opacity=narrow, limit=alt.ExprRef("width * 0.64")
    ).encode(x=at("label_x"), y=at("y"), text="label:N")
    heads = pd.DataFrame({"layer": list(LAYERS), "x": [0.1 + 0.2 * n for n in range(len(LAYERS))], "y": 0.05})
    titles = (
        alt.Chart(heads)
        .mark_text(aria=False, fontSize=12, fontWeight=600, color=MUTED, opacity=wide)
        .encode(x=at("x"), y=at("y"), text="layer:N")
    )
    tallest = int(nodes["layer"].value_counts().max())
    return (seen + touched + dots + below + beside + titles).properties(height=max(170, 64 * tallest, 30 * len(nodes)))
