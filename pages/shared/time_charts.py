"""Times and staying, drawn: how the first calls spread, how long each stage takes, and who of a cohort is still there."""

import altair as alt
import pandas as pd

from pages.shared import words
from pages.shared.charts import GAIN, MUTED, TIER_COLOURS

WAITING = ("not yet", "too early to tell")
INK = {True: "#E8EDF2", False: "#16202A"}


def spread(frame: pd.DataFrame) -> alt.LayerChart:
    """Accounts by the time to their first call that worked, one panel of bars, tiers stacked. Takes time_to_first_call_bins.

    Those without one are pale: they are no span of time.
    """
    total = frame.groupby(["place", "span"], as_index=False)["accounts"].sum().sort_values("place")
    everyone = int(total["accounts"].sum())
    total["label"] = [f"{words.count(n)} · {words.share(n / everyone)}" for n in total["accounts"]]
    order = [span.capitalize() for span in total["span"]]
    tiers = [tier for tier in words.TIERS if tier in set(frame["tier"])]
    frame = frame.assign(
        name=[span.capitalize() for span in frame["span"]],
        tier_name=frame["tier"].map(words.TIERS),
        waits=frame["span"].isin(WAITING),
        order=[tiers.index(tier) for tier in frame["tier"]],
    )
    y = alt.Y("name:N", sort=order, axis=alt.Axis(title=None, labelLimit=150, ticks=False, domain=False))
    scale = alt.Scale(domain=[words.TIERS[t] for t in tiers], range=[TIER_COLOURS[t] for t in tiers])
    legend = None if len(tiers) < 2 else alt.Legend(orient="top", title=None, symbolType="square")
    widest = float(total["accounts"].max() or 1)
    x = alt.X("accounts:Q", axis=None, scale=alt.Scale(domain=[0, widest * 1.5]))
    bars = (
        alt.Chart(frame)
        .mark_bar()
        .encode(
            y=y,
            x=x,
            color=alt.Color("tier_name:N", scale=scale, legend=legend),
            order="order:Q",
            opacity=alt.condition("datum.waits", alt.value(0.4), alt.value(1)),
            tooltip=[
                alt.Tooltip("name:N", title="From sign-up to first call"),
                alt.Tooltip("tier_name:N", title="Tier"),
                alt.Tooltip("accounts:Q", title="Accounts", format=",d"),
                alt.Tooltip("share:Q", title="of the tier's", format=".1%"),
            ],
        )
    )
    labels = (
        alt.Chart(total.assign(name=order))
        .mark_text(align="left", dx=6, color=MUTED, fontSize=12)
        .encode(y=y, x=alt.X("accounts:Q", stack=None), text="label:N")
    )
    return (bars + labels).properties(height=alt.Step(34))


def stage_times(frame: pd.DataFrame, tier: str) -> alt.LayerChart:
    """For each stage of a tier the middle half of the days to it as a bar, the median as a tick, nine of ten as a line.

    Takes rows of `time_to_stage`. The axis is logarithmic: a step may take minutes or months.
    """
    frame = frame[frame["moved"] > 0].sort_values("position").copy()
    least = 1 / 1440
    for column in ("p25_days", "p50_days", "p75_days", "p90_days"):
        frame[column] = frame[column].astype(float).clip(lower=least)
    frame["name"] = [words.stage(stage) for stage in frame["stage"]]
    top = float(frame["p90_days"].max()) * 1.4
    base = alt.Chart(frame).encode(
        y=alt.Y(
            "name:N", sort=list(frame["name"]), axis=alt.Axis(title=None, labelLimit=150, ticks=False, domain=False)
        ),
        tooltip=[
            alt.Tooltip("name:N", title="To"),
            alt.Tooltip("p25_days:Q", title="A quarter within days", format=",.2f"),
            alt.Tooltip("p50_days:Q", title="Half", format=",.2f"),
            alt.Tooltip("p75_days:Q", title="Three quarters", format=",.2f"),
            alt.Tooltip("p90_days:Q", title="Nine of ten", format=",.2f"),
            alt.Tooltip("moved:Q", title="Accounts", format=",d"),
        ],
    )
    ticks = [1 / 1440, 1 / 24, 1, 7, 30, 90, 365]
    said = "{'0.000694': '1 min', '0.041667': '1 h', '1.000000': '1 day', '7.000000': '7', '30.000000': '30', '90.000000': '90', '365.000000': '365'}"
    axis = alt.Axis(
        title="days, logarithmic",
        values=ticks,
        labelExpr=f"{said}[format(datum.value, '.6f')]",
        grid=True,
        labelOverlap=True,
    )
    lowest = min(float(frame["p25_days"].min()) * 0.8, 1.0)
    scale = alt.Scale(type="log", domain=[max(lowest, least * 0.9), top], nice=False)
    colour = TIER_COLOURS[tier]
    middle = base.mark_bar(color=colour, size=14, opacity=0.85).encode(
        x=alt.X("p25_days:Q", scale=scale, axis=axis), x2="p75_days:Q"
    )
    long = base.mark_rule(color=colour, strokeWidth=2).encode(x="p75_days:Q", x2="p90_days:Q")
    end = base.mark_tick(color=colour, thickness=2, size=12).encode(x="p90_days:Q")
    half = base.mark_tick(color="#FFFFFF", thickness=3, size=14).encode(x="p50_days:Q")
    return (middle + long + end + half).properties(height=alt.Step(32))


def retention(frame: pd.DataFrame, column: str, unit: str, dark: bool) -> alt.LayerChart:
    """Cohorts down, weeks or months since across, shaded by the share that is still there; unfinished cells are dashed and pale.

    Takes cohort_name, accounts, period, `column` (a share), is_unfinished, in the order to show.
    """
    cells = frame.assign(share=frame[column].astype(float))
    cells["shade"] = (0.06 + 0.94 * cells["share"]) * cells["is_unfinished"].map({True: 0.4, False: 1.0})
    cells["ink"] = INK[dark]
    if not dark:
        cells.loc[cells["shade"] > 0.62, "ink"] = "#FFFFFF"
    cells["label"] = [f"{100 * share:.0f}" for share in cells["share"]]
    rows = list(dict.fromkeys(cells["cohort_name"]))
    x = alt.X(
        "period:O",
        scale=alt.Scale(paddingInner=0.05),
        axis=alt.Axis(
            title=f"{unit}s since the first success",
            orient="top",
            domain=False,
            ticks=False,
            labelAngle=0,
            labelOverlap=True,
        ),
    )
    y = alt.Y(
        "cohort_name:N",
        sort=rows,
        scale=alt.Scale(domain=rows, paddingInner=0.08),
        axis=alt.Axis(title=None, domain=False, ticks=False, labelLimit=150, labelFontSize=11, labelOverlap=False),
    )
    base = alt.Chart(cells).encode(
        x=x,
        y=y,
        tooltip=[
            alt.Tooltip("cohort_name:N", title="Cohort"),
            alt.Tooltip("period:Q", title=f"{unit}s since", format="d"),
            alt.Tooltip("share:Q", title="Still there", format=".1%"),
            alt.Tooltip("still:Q", title="Accounts", format=",d"),
            alt.Tooltip("accounts:Q", title="of", format=",d"),
            alt.Tooltip("state:N", title="Period"),
        ],
    )
    squares = base.mark_rect(cornerRadius=3, fill=GAIN).encode(fillOpacity=alt.FillOpacity("shade:Q", scale=None))
    frames = base.mark_rect(
        cornerRadius=3, fill="transparent", stroke=MUTED, strokeDash=[3, 2], strokeWidth=1.4
    ).transform_filter("datum.is_unfinished")
    columns = int(cells["period"].nunique())
    shown = f"width / {columns} > 24 ? 11 : 0"
    numbers = base.mark_text(fontSize=alt.ExprRef(shown)).encode(text="label:N", color=alt.Color("ink:N", scale=None))
    return (squares + frames + numbers).properties(height=alt.Step(26))
