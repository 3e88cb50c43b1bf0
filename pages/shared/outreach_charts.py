"""Outreach drawn: effort by direction against one third each, what followed against its baseline, and channels by stage."""

import altair as alt
import pandas as pd

from pages.shared import words
from pages.shared.charts import GAIN, LOSS, MUTED

DIRECTION_COLOURS = {"internal": "#7A7F87", "partner": "#009E73", "public": "#CC79A7"}
VERDICTS = {"more": ("more than usual", GAIN), "usual": ("as usual", "#8A96A3"), "fewer": ("fewer than usual", LOSS)}
INK = {True: "#E8EDF2", False: "#16202A"}
NOT_KNOWN = "not known"


def balance(frame: pd.DataFrame) -> alt.LayerChart:
    """Hours by direction as shares, one third as a line. Takes direction, share, hours, cost_share."""
    shown = frame.assign(
        name=[words.TIERS[one] for one in frame["direction"]],
        label=[f"{words.share(one.share)} · {one.hours:,.0f} h" for one in frame.itertuples()],
    )
    y = alt.Y("name:N", sort=list(shown["name"]), axis=alt.Axis(title=None, labelFontSize=14, ticks=False))
    scale = alt.Scale(domain=list(DIRECTION_COLOURS), range=list(DIRECTION_COLOURS.values()))
    base = alt.Chart(shown).encode(y=y)
    x = alt.X("share:Q", axis=alt.Axis(title="of the hours", format="%", tickCount=5), scale=alt.Scale(domain=[0, 1]))
    bars = base.mark_bar(cornerRadiusEnd=3, size=26).encode(
        x=x,
        color=alt.Color("direction:N", scale=scale, legend=None),
        tooltip=[
            alt.Tooltip("name:N", title="Direction"),
            alt.Tooltip("hours:Q", title="Hours", format=",.1f"),
            alt.Tooltip("share:Q", title="of the hours", format=".1%"),
            alt.Tooltip("cost_share:Q", title="of the cost", format=".1%"),
        ],
    )
    labels = base.mark_text(align="left", dx=6, fontSize=13, color=MUTED).encode(x="share:Q", text="label:N")
    third = alt.Chart(pd.DataFrame({"third": [1 / 3], "label": ["one third"]}))
    rule = third.mark_rule(strokeDash=[5, 4], strokeWidth=1.5, color=MUTED).encode(x="third:Q")
    name = third.mark_text(align="left", dx=4, dy=-2, baseline="bottom", y=0, fontSize=11, color=MUTED).encode(
        x="third:Q", text="label:N"
    )
    return (bars + labels + rule + name).properties(height=alt.Step(44), padding={"top": 18, "left": 5, "right": 5})


def followed(frame: pd.DataFrame, title: str) -> alt.LayerChart:
    """What followed each activity as a dot, the interval of its baseline as a bar. Takes rows of outreach_followed with a verdict."""
    shown = frame.assign(verdict_name=[VERDICTS[one][0] for one in frame["verdict"]])
    x = alt.X("day:T", axis=alt.Axis(title="day of the activity", grid=False, tickCount=6, format="%-d %b %y"))
    tip = [
        alt.Tooltip("title:N", title="Activity"),
        alt.Tooltip("day:T", title="On", format="%-d %b %Y"),
        alt.Tooltip("followed:Q", title="Came", format=",d"),
        alt.Tooltip("expected:Q", title="To be expected", format=",.1f"),
        alt.Tooltip("expected_lower:Q", title="from", format=",.1f"),
        alt.Tooltip("expected_upper:Q", title="to", format=",.1f"),
        alt.Tooltip("overlapping:Q", title="Others in the same days", format=",d"),
    ]
    scale = alt.Scale(domain=[name for name, _ in VERDICTS.values()], range=[colour for _, colour in VERDICTS.values()])
    base = alt.Chart(shown)
    spans = base.mark_rule(strokeWidth=5, opacity=0.28, color=MUTED).encode(
        x=x, y=alt.Y("expected_lower:Q", axis=alt.Axis(title=title, tickCount=5)), y2="expected_upper:Q", tooltip=tip
    )
    middle = base.mark_tick(color=MUTED, thickness=2, size=9).encode(x=x, y="expected:Q")
    dots = base.mark_circle(size=70, opacity=1).encode(
        x=x,
        y="followed:Q",
        color=alt.Color("verdict_name:N", scale=scale, legend=alt.Legend(orient="top", title=None)),
        tooltip=tip,
    )
    return (spans + middle + dots).properties(height=280)


def channels(frame: pd.DataFrame, dark: bool) -> alt.LayerChart:
    """Which share of each channel's accounts reached each stage, shaded; too few are left blank. Takes channel_cohorts of one tier."""
    first = frame[frame["position"] == frame["position"].min()].sort_values("entrants", ascending=False)
    names = {one.channel: f"{one.channel} · {words.count(one.mature_entrants)}" for one in first.itertuples()}
    stages = list(dict.fromkeys(frame.sort_values("position")["stage"]))
    cells = frame[frame["channel"].isin(names)].assign(
        channel_name=lambda rows: rows["channel"].map(names),
        stage_name=lambda rows: rows["stage"].map(words.stage),
        share=lambda rows: rows["conversion"].astype(float),
        ink=INK[dark],
    )
    cells["shade"] = 0.06 + 0.94 * cells["share"].fillna(0)
    cells["label"] = ["" if pd.isna(one) else f"{100 * one:.0f}" for one in cells["share"]]
    if not dark:
        cells.loc[cells["shade"] > 0.62, "ink"] = "#FFFFFF"
    base = alt.Chart(cells).encode(
        x=alt.X(
            "stage_name:N",
            sort=[words.stage(one) for one in stages],
            axis=alt.Axis(title=None, orient="top", labelAngle=-35, ticks=False, domain=False, labelLimit=110),
        ),
        y=alt.Y(
            "channel_name:N",
            sort=list(names.values()),
            axis=alt.Axis(title=None, ticks=False, domain=False, labelLimit=150),
        ),
        tooltip=[
            alt.Tooltip("channel:N", title="Channel"),
            alt.Tooltip("stage_name:N", title="Stage"),
            alt.Tooltip("share:Q", title="Reached it", format=".1%"),
            alt.Tooltip("mature_reached:Q", title="Accounts", format=",d"),
            alt.Tooltip("mature_entrants:Q", title="of", format=",d"),
            alt.Tooltip("median_days:Q", title="Median days", format=",.1f"),
        ],
    )
    squares = base.mark_rect(cornerRadius=3, fill=GAIN).encode(fillOpacity=alt.FillOpacity("shade:Q", scale=None))
    numbers = base.mark_text(fontSize=11).encode(text="label:N", color=alt.Color("ink:N", scale=None))
    return (squares + numbers).properties(height=alt.Step(30))
