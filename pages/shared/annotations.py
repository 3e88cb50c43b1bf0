"""Outreach on charts over time: one thin rule a day (or month, where the chart is by the month) on which something was done.

Every chart over time takes them through `drawn.chart(…, over=…)`; one switch in the URL shows or hides them everywhere.
"""

import copy
from dataclasses import dataclass
from typing import Any

import pandas as pd

CAP = 12
TITLES = 3
INK = "#5F6B78"


@dataclass(frozen=True)
class Rule:
    """One rule: the value on the chart's time axis (ISO), and what its tooltip says."""

    at: str
    label: str


@dataclass(frozen=True)
class Marks:
    """What a chart shows of outreach: its rules in order of time, and how many activities they tell of and leave out."""

    rules: tuple[Rule, ...] = ()
    shown: int = 0
    hidden: int = 0

    @property
    def spoken(self) -> str:
        """The same for those who cannot see the rules; empty where there are none."""
        if not self.rules:
            return ""
        rest = f"; {self.hidden} more are not marked" if self.hidden else ""
        return f"Outreach marked: {'; '.join(rule.label for rule in self.rules)}{rest}"


def on(spec: dict[str, Any], over: str, activities: pd.DataFrame) -> tuple[dict[str, Any], Marks]:
    """A chart's specification with a rule for outreach on its time axis, and what they say; the specification is not changed.

    `over` is the field on that axis. Takes day, title, hours. Only what lies within the chart's own span is marked, so that
    its axis stays what it is. At most CAP rules: those that took the most hours, then the newest.
    """
    encoding = _encoding(spec, over)
    span = _span(spec, over)
    if encoding is None or span is None or activities.empty:
        return spec, Marks()
    marks = chosen(activities, *span, monthly=_monthly(encoding))
    return (_layered(spec, over, encoding, marks), marks) if marks.rules else (spec, marks)


def chosen(activities: pd.DataFrame, first: pd.Timestamp, last: pd.Timestamp, *, monthly: bool) -> Marks:
    """Which activities are marked between two days (both included; of `last` the whole month where the chart is by the month)."""
    days = pd.to_datetime(activities["day"])
    until = last + pd.offsets.MonthEnd(0) if monthly else last
    within = activities[(days >= first) & (days <= until)].assign(day=days)
    if within.empty:
        return Marks()
    at = within["day"].dt.to_period("M").dt.start_time if monthly else within["day"]
    groups = [_rule(moment, rows, monthly) for moment, rows in within.groupby(at)]
    groups.sort(key=lambda group: (-group[1], -group[0].value))
    kept = sorted(groups[:CAP], key=lambda group: group[0])
    shown = sum(group[2] for group in kept)
    return Marks(tuple(group[3] for group in kept), shown, len(within) - shown)


def _rule(moment: pd.Timestamp, rows: pd.DataFrame, monthly: bool) -> tuple[pd.Timestamp, float, int, Rule]:
    """A rule with its moment, its hours and its number of activities."""
    rows = rows.sort_values("hours", ascending=False, na_position="last", kind="stable")
    titles = [str(title) if isinstance(title, str) and title.strip() else "untitled" for title in rows["title"]]
    more = f" and {len(titles) - TITLES} more" if len(titles) > TITLES else ""
    when = f"{moment:%b %Y}" if monthly else f"{moment.day} {moment:%b %Y}"
    label = f"{when}: {', '.join(titles[:TITLES])}{more}"
    return moment, float(rows["hours"].astype(float).sum()), len(rows), Rule(moment.isoformat(), label)


def _views(spec: dict[str, Any]) -> list[dict[str, Any]]:
    return [view for layer in spec["layer"] for view in _views(layer)] if "layer" in spec else [spec]


def _encoding(spec: dict[str, Any], over: str) -> dict[str, Any] | None:
    """How the chart lays the field on its x axis."""
    found = [view.get("encoding", {}).get("x") for view in _views(spec)]
    return next((one for one in found if one and one.get("field") == over), None)


def _monthly(encoding: dict[str, Any]) -> bool:
    return encoding.get("timeUnit") == "yearmonth"


def _span(spec: dict[str, Any], over: str) -> tuple[pd.Timestamp, pd.Timestamp] | None:
    """The first and the last moment of the field in the chart's data."""
    tables = [*spec.get("datasets", {}).values()]
    values = [row[over] for table in tables for row in table if isinstance(row, dict) and row.get(over)]
    return (pd.Timestamp(min(values)), pd.Timestamp(max(values))) if values else None


def _layered(spec: dict[str, Any], over: str, encoding: dict[str, Any], marks: Marks) -> dict[str, Any]:
    spec = copy.deepcopy(spec)
    if "layer" not in spec:
        inner = {key: spec.pop(key) for key in ("mark", "encoding", "transform", "params") if key in spec}
        spec["layer"] = [inner]
    rows = [{over: rule.at, "label": rule.label} for rule in marks.rules]
    tooltip = [{"field": "label", "type": "nominal", "title": "Outreach"}]
    x = copy.deepcopy(encoding)
    seen = {"mark": {"type": "rule", "color": INK, "strokeWidth": 1, "strokeDash": [4, 3], "opacity": 0.9}}
    caught = {"mark": {"type": "rule", "strokeWidth": 11, "opacity": 0}}  # a thin rule is hard to point at
    for rule, more in ((seen, {}), (caught, {"tooltip": tooltip})):
        spec["layer"].append({"data": {"values": rows}, **rule, "encoding": {"x": x, **more}})
    return spec
