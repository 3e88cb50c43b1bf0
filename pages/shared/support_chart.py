"""How long each tier waits, drawn: half of its tickets within the bar, nine of ten within the line."""

import altair as alt
import pandas as pd

from pages.shared import durations, words
from pages.shared.charts import MUTED, TIER_COLOURS


def waits(frame: pd.DataFrame, title: str, business: bool) -> alt.LayerChart:
    """One bar a tier to the median and a line to the 90th percentile, in hours. Takes tier, median, p90 (minutes) and n."""
    frame = frame.assign(
        tier_name=frame["tier"].map(words.TIERS),
        median_hours=durations.in_hours(frame["median"]),
        p90_hours=durations.in_hours(frame["p90"]),
        label=[
            f"{words.TIERS[row.tier]}: half within {durations.spoken(row.median, business=business)}, "
            f"9 of 10 within {durations.spoken(row.p90, business=business)} · n = {words.count(row.n)}"
            for row in frame.itertuples()
        ],
        start=0,
    )
    order = [name for name in words.TIERS.values() if name in set(frame["tier_name"])]
    base = alt.Chart(frame).encode(
        y=alt.Y("tier_name:N", sort=order, axis=None),
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
    labels = base.mark_text(align="left", dy=-20, fontSize=13, color=MUTED).encode(x="start:Q", text="label:N")
    return (bars + lines + ends + labels).properties(height=64 * len(frame) + 20)
