"""Charts of the two paths to paying, and of what was delivered of what was promised."""

import altair as alt
import pandas as pd

from pages.shared import words
from pages.shared.charts import GAIN, LOSS, MUTED, step_bars

PATHS = {"self-service": ("Self-service", "#0072B2"), "sales-led": ("Sales-led", "#E69F00")}
STEPS = {
    "signed_up": "Signed up",
    "first_success": "First success",
    "integrated": "Integrated",
    "ordered": "Ordered by itself",
    "commercial_contact": "Contact",
    "procurement": "Procurement",
    "contracted": "Contracted",
    "paying": "Paying",
}
SPENT = 1.0  # a budget spent more than twice is drawn as spent twice; its label says the rest


def path(frame: pd.DataFrame, name: str) -> alt.LayerChart:
    """One path's steps: mature accounts that reached each within the window, as a share of those that began. Takes step,
    position, mature_reached, entrants, conversion, in_progress, median_days, in the order of the steps."""
    frame = frame.sort_values("position").copy()
    frame["name"] = frame["step"].map(STEPS)
    frame["share"] = frame["mature_reached"] / frame["entrants"]
    frame["label"] = [
        words.count(row.mature_reached) + ("" if words.missing(row.conversion) else f" · {words.share(row.conversion)}")
        for row in frame.itertuples()
    ]
    return step_bars(
        frame,
        "share",
        1.5,
        PATHS[name][1],
        [
            alt.Tooltip("name:N", title="Step"),
            alt.Tooltip("mature_reached:Q", title="Reached it in the window", format=",d"),
            alt.Tooltip("entrants:Q", title="of mature entrants", format=",d"),
            alt.Tooltip("conversion:Q", title="of the step before", format=".1%"),
            alt.Tooltip("in_progress:Q", title="Still in progress", format=",d"),
            alt.Tooltip("median_days:Q", title="Median days from the first step", format=".1f"),
        ],
    )


def budget(frame: pd.DataFrame) -> alt.LayerChart:
    """The error budget that each month left: blue what is left of it, orange what was spent beyond. Takes month, in_progress,
    budget_left, delivered, target, n, failures."""
    frame = frame.dropna(subset=["budget_left"]).copy()
    left = frame["budget_left"].astype(float)
    frame["shown"] = left.clip(lower=-SPENT)
    frame["tone"] = ["left" if value >= 0 else "spent" for value in left]
    frame["label"] = [
        words.share(value) if value >= 0 else f"spent {1 - value:,.1f}×" if value > -99 else "spent 100× and more"
        for value in left
    ]
    frame["label"] = frame["label"] + ["*" if running else "" for running in frame["in_progress"]]
    frame["above"] = frame["shown"].clip(lower=0)
    x = alt.X(
        "yearmonth(month):O",
        axis=alt.Axis(title=None, format="%b %y", labelAngle=0, ticks=False, labelOverlap=True, domain=False),
    )
    tip = [
        alt.Tooltip("month:T", title="Month", format="%B %Y"),
        alt.Tooltip("budget_left:Q", title="Budget left", format=".0%"),
        alt.Tooltip("delivered:Q", title="Delivered %", format=".3f"),
        alt.Tooltip("target:Q", title="Promised %", format=".3f"),
        alt.Tooltip("failures:Q", title="Failed on our side", format=",d"),
        alt.Tooltip("n:Q", title="Calls that were judged", format=",d"),
    ]
    base = alt.Chart(frame)
    bars = base.mark_bar(cornerRadius=2).encode(
        x=x,
        y=alt.Y(
            "shown:Q",
            scale=alt.Scale(domain=[-SPENT, 1.15]),
            axis=alt.Axis(title="Error budget left", format="%", tickCount=5),
        ),
        color=alt.Color("tone:N", scale=alt.Scale(domain=["left", "spent"], range=[GAIN, LOSS]), legend=None),
        opacity=alt.condition("datum.in_progress", alt.value(0.55), alt.value(0.9)),
        tooltip=tip,
    )
    labels = base.mark_text(
        dy=-8, fontSize=alt.ExprRef("width < 480 ? 9 : 12"), color=MUTED, angle=alt.ExprRef("width < 480 ? 300 : 0")
    ).encode(x=x, y="above:Q", text="label:N")
    zero = alt.Chart(pd.DataFrame({"zero": [0]})).mark_rule(color=MUTED).encode(y="zero:Q")
    return (bars + zero + labels).properties(height=240)
