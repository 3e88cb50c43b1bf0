"""How long each tier waits, drawn: half of its tickets within the bar, nine of ten within the line."""

import altair as alt
import pandas as pd

from pages.shared import durations, words
from pages.shared.charts import MUTED, TIER_COLOURS

NARROW = "width < 480"


def waits(frame: pd.DataFrame, title: str, business: bool) -> alt.LayerChart:
    """One bar a tier to the median and a line to the 90th percentile, in hours. Takes tier, median, p90 (minutes) and n."""
    half, most = ([durations.spoken(value, business=business) for value in frame[part]] for part in ("median", "p90"))
    names, n = [words.TIERS[tier] for tier in frame["tier"]], [words.count(value) for value in frame["n"]]
    said = list(zip(names, half, most, n, strict=True))
    frame = frame.assign(
        tier_name=names,
        median_hours=durations.in_hours(frame["median"]),
        p90_hours=durations.in_hours(frame["p90"]),
        long=[f"{name}: half within {a}, 9 of 10 within {b} · n = {count}" for name, a, b, count in said],
        short=[f"{name}: half {a}, 9 of 10 {b}, n = {count}" for name, a, b, count in said],
        start=0,
    )
    order = [name for name in words.TIERS.values() if name in set(frame["tier_name"])]
    base = alt.Chart(frame).encode(
        y=alt.Y("tier_name:N", sort=order, axis=None, scale=alt.Scale(padding=0)),
        tooltip=[
            alt.Tooltip("tier_name:N", title="Tier"),
            alt.Tooltip("median_hours:Q", title="Median (h)", format=",.1f"),
            alt.Tooltip("p90_hours:Q", title="9 of 10 within (h)", format=",.1f"),
            alt.Tooltip("n:Q", title="Tickets", format=",d"),
        ],
    )
    axis = alt.Axis(title=f"{title} ({'business ' if business else ''}hours)", tickCount=6, grid=True)
    scale = alt.Scale(domain=list(TIER_COLOURS), range=list(TIER_COLOURS.values()))
    colour = alt.Color("tier:N", scale=scale, legend=None)
    bars = base.mark_bar(size=18).encode(x=alt.X("median_hours:Q", axis=axis, scale=alt.Scale(zero=True)), color=colour)
    lines = base.mark_rule(strokeWidth=3).encode(x="median_hours:Q", x2="p90_hours:Q", color=colour)
    ends = base.mark_tick(thickness=3, size=18).encode(x="p90_hours:Q", color=colour)
    label = {"align": "left", "dy": -20, "color": MUTED}
    wide = base.mark_text(fontSize=13, opacity=alt.ExprRef(f"{NARROW} ? 0 : 1"), **label)
    narrow = base.mark_text(fontSize=11, opacity=alt.ExprRef(f"{NARROW} ? 1 : 0"), **label)
    labels = wide.encode(x="start:Q", text="long:N") + narrow.encode(x="start:Q", text="short:N")
    return (bars + lines + ends + labels).properties(height=alt.Step(62))
