"""Conversion, drawn: stages of a tier, the share that got to one over time, segments beside each other, cohorts of entry."""

import altair as alt
import pandas as pd

from pages.shared import words
from pages.shared.charts import GAIN, LOSS, MUTED, TIER_COLOURS, end_labels, step_bars


def funnel(frame: pd.DataFrame, tier: str) -> alt.LayerChart:
    """How many of one tier reached each stage, with the conversion to it; the dashed end is in progress. Takes rows of `funnel`.

    A click chooses a stage: the selection is named `step`, its field is `stage`.
    """
    frame = frame[frame["stage"] != "discovered"].sort_values("position").copy()
    frame["name"] = [words.stage(stage) for stage in frame["stage"]]
    frame["end"] = frame["reached"] + frame["in_progress"]
    frame["label"] = [
        words.count(row.reached)
        + ("" if words.missing(row.conversion) else f" · {words.share(row.conversion)}")
        + (f" · +{words.count(row.in_progress)}" if row.in_progress else "")
        for row in frame.itertuples()
    ]
    return step_bars(
        frame,
        "reached",
        float(frame["end"].max() or 1) * 1.65,
        TIER_COLOURS[tier],
        [
            alt.Tooltip("name:N", title="Stage"),
            alt.Tooltip("reached:Q", title="Reached it", format=",d"),
            alt.Tooltip("mature_before:Q", title="Had the whole window, reached the one before", format=",d"),
            alt.Tooltip("mature_reached:Q", title="of whom reached it", format=",d"),
            alt.Tooltip("conversion:Q", title="Conversion", format=".1%"),
            alt.Tooltip("in_progress:Q", title="Still in progress", format=",d"),
            alt.Tooltip("median_days:Q", title="Median days to it", format=".1f"),
            alt.Tooltip("stalled:Q", title="Stalled in it", format=",d"),
        ],
        until="end",
        chosen=alt.selection_point(name="step", fields=["stage"], empty=False),
    )


def survival(frame: pd.DataFrame, window: int) -> alt.LayerChart:
    """The share of each tier that had reached a stage after so many days, with its 95 % band. Takes rows of `stage_survival`."""
    until = 2 * window
    frame = pd.concat([_until(curve, until) for _, curve in frame.groupby("tier")])
    frame["name"] = frame["tier"].map(words.TIERS)
    tiers = [tier for tier in words.TIERS if tier in set(frame["tier"])]
    scale = alt.Scale(domain=tiers, range=[TIER_COLOURS[tier] for tier in tiers])
    colour = alt.Color("tier:N", scale=scale, legend=None)
    x = alt.X(
        "days:Q", scale=alt.Scale(domain=[0, until], nice=False), axis=alt.Axis(title="Days", grid=False, tickCount=6)
    )
    base = alt.Chart(frame).encode(x=x, color=colour)
    axis = alt.Axis(title=None, format="%", tickCount=5)
    bands = base.mark_area(opacity=0.22, interpolate="step-after", clip=True).encode(
        y=alt.Y("reached_lower:Q", axis=axis, scale=alt.Scale(zero=True)), y2="reached_upper:Q"
    )
    lines = base.mark_line(strokeWidth=2.5, interpolate="step-after", clip=True).encode(y="reached:Q")
    points = base.mark_circle(size=60, opacity=0).encode(
        y="reached:Q",
        tooltip=[
            alt.Tooltip("name:N", title="Tier"),
            alt.Tooltip("days:Q", title="After days", format=",.1f"),
            alt.Tooltip("reached:Q", title="Reached it", format=".1%"),
            alt.Tooltip("reached_lower:Q", title="at least", format=".1%"),
            alt.Tooltip("reached_upper:Q", title="at most", format=".1%"),
            alt.Tooltip("at_risk:Q", title="Seen so long without it", format=",d"),
        ],
    )
    at = pd.DataFrame({"days": [window], "label": [f"{window} days"]})
    edge = alt.Chart(at).mark_rule(color=MUTED, strokeDash=[4, 3]).encode(x="days:Q")
    said = (
        alt.Chart(at).mark_text(color=MUTED, align="left", dx=4, baseline="top", y=2).encode(x="days:Q", text="label:N")
    )
    return (bands + lines + points + edge + said + _ends(frame, until)).properties(
        height=300, padding={"right": 84, "left": 5, "top": 5, "bottom": 5}
    )


def _until(curve: pd.DataFrame, days: float) -> pd.DataFrame:
    """A curve cut off after so many days, its last value drawn on to there if somebody was seen so long."""
    kept = curve[curve["days"] <= days]
    if len(kept) < len(curve):
        kept = pd.concat([kept, kept.tail(1).assign(days=days, events=0)])
    return kept


def _ends(frame: pd.DataFrame, until: float) -> alt.Chart:
    last = frame.groupby("tier", as_index=False).tail(1)
    named = len(last) > 1
    text = [
        (f"{words.TIERS[row.tier]} " if named else "") + words.share(row.reached, 0 if row.reached >= 0.1 else 1)
        for row in last.itertuples()
    ]
    tallest = frame["reached_upper"].max()
    return end_labels(last.assign(text=text, days=until), "days:Q", "reached", "text", tallest=tallest, dx=6, size=12)


def segments(frame: pd.DataFrame) -> alt.LayerChart:
    """Segments one below the other: what they reach in the end with its 95 % band, the mature conversion as a tick.

    Takes rows of `funnel_segments` with `name`; those with too few to tell have only their n.
    """
    frame = frame.assign(
        label=[
            f"{row.name} · n = {words.count(row.mature_entrants)}" + ("" if row.is_shown else ", too few")
            for row in frame.itertuples()
        ],
        tone=["known" if place <= 12 else "rest" for place in frame["place"]],
        zero=0,
    )
    for column in ("eventual", "eventual_lower", "eventual_upper", "conversion"):
        frame[column] = frame[column].astype(float)
    base = alt.Chart(frame).encode(
        y=alt.Y("name:N", sort=list(frame["name"]), axis=None, scale=alt.Scale(padding=0)),
        color=alt.Color("tone:N", scale=alt.Scale(domain=["known", "rest"], range=[GAIN, MUTED]), legend=None),
        tooltip=[
            alt.Tooltip("name:N", title="Segment"),
            alt.Tooltip("entrants:Q", title="Entrants", format=",d"),
            alt.Tooltip("mature_entrants:Q", title="had the whole window", format=",d"),
            alt.Tooltip("mature_reached:Q", title="of whom reached it", format=",d"),
            alt.Tooltip("conversion:Q", title="Mature conversion", format=".1%"),
            alt.Tooltip("eventual:Q", title="Estimate of all entrants", format=".1%"),
            alt.Tooltip("eventual_lower:Q", title="at least", format=".1%"),
            alt.Tooltip("eventual_upper:Q", title="at most", format=".1%"),
        ],
    )
    axis = alt.Axis(title="Reached it within the window", format="%", tickCount=5)
    bands = base.mark_rule(strokeWidth=6, opacity=0.35).encode(
        x=alt.X("eventual_lower:Q", axis=axis, scale=alt.Scale(zero=True)), x2="eventual_upper:Q"
    )
    dots = base.mark_circle(size=110, opacity=1).encode(x="eventual:Q")
    ticks = base.mark_tick(thickness=2.5, size=16, color=LOSS).encode(x="conversion:Q", color=alt.value(LOSS))
    labels = base.mark_text(align="left", dy=-15, fontSize=12, color=MUTED).encode(
        x="zero:Q", text="label:N", color=alt.value(MUTED)
    )
    return (bands + dots + ticks + labels).properties(height=alt.Step(46))


def over_cohorts(frame: pd.DataFrame, column: str, title: str, form: str, said: dict[str, str]) -> alt.LayerChart:
    """A figure by cohort and tier as lines; cohorts that are not complete have hollow points on a dashed line.

    Takes tier, cohort, `column`, is_open and the columns that `said` names with their titles, for the tooltip.
    """
    frame = frame.dropna(subset=[column]).assign(name=lambda rows: rows["tier"].map(words.TIERS))
    frame[column] = frame[column].astype(float)
    frame = frame.sort_values(["tier", "cohort"])
    tiers = [tier for tier in words.TIERS if tier in set(frame["tier"])]
    scale = alt.Scale(domain=tiers, range=[TIER_COLOURS[tier] for tier in tiers])
    colour = alt.Color("tier:N", scale=scale, legend=None)
    y = alt.Y(f"{column}:Q", axis=alt.Axis(title=title, format=form, tickCount=5), scale=alt.Scale(zero=True))
    base = alt.Chart(frame).encode(
        x=alt.X("cohort:T", axis=alt.Axis(title=None, grid=False, tickCount=6)), y=y, color=colour
    )
    # the dashed piece begins at the last complete cohort, so that the line does not break
    last = frame[~frame["is_open"]].groupby("tier").tail(1)
    dashed = alt.Chart(pd.concat([last, frame[frame["is_open"]]]).sort_values("cohort")).encode(
        x="cohort:T", y=y, color=colour
    )
    tips = [
        alt.Tooltip("name:N", title="Tier"),
        alt.Tooltip("cohort:T", title="From", format="%-d %b %Y"),
        alt.Tooltip(f"{column}:Q", title=title, format=form),
        *(alt.Tooltip(f"{name}:Q", title=text, format=",d") for name, text in said.items()),
    ]
    lines = base.mark_line(strokeWidth=2.5).transform_filter("!datum.is_open")
    rest = dashed.mark_line(strokeWidth=2, strokeDash=[4, 3])
    whole = base.mark_point(filled=True, size=60, opacity=1).encode(tooltip=tips).transform_filter("!datum.is_open")
    hollow = base.mark_point(size=60, strokeWidth=2, opacity=1).encode(tooltip=tips).transform_filter("datum.is_open")
    ends = (
        end_labels(frame, "cohort:T", column, "name", dx=10, size=12)
        if len(tiers) > 1
        else alt.Chart(frame.head(0)).mark_point()
    )
    return (lines + rest + whole + hollow + ends).properties(
        height=300, padding={"right": 70, "left": 5, "top": 8, "bottom": 5}
    )
