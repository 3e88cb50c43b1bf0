"""Free accounts told apart, drawn: classes beside those who pay, one account's evidence, and what was said against what came."""

import altair as alt
import pandas as pd

from pages.shared.charts import GAIN, LOSS, MUTED, legend

COLOURS = {
    "commercial": "#0072B2",
    "prototype": "#56B4E9",
    "exploring": "#009E73",
    "hobby": "#E69F00",
    "abuse": "#D55E00",
    "undetermined": "#8A96A3",
}
ROWS = ("Free accounts", "Expected to pay")


def classes(frame: pd.DataFrame) -> alt.LayerChart:
    """Two bars of 100 %: the accounts by class, and those expected to pay. Takes rows of `triage_summary`."""
    rows = []
    for name, column in zip(ROWS, ("accounts", "expected_payers"), strict=True):
        values = frame[column].astype(float)
        total = values.sum() or 1
        rows += [
            {"what": name, "class": one, "share": value / total, "count": value, "position": list(COLOURS).index(one)}
            for one, value in zip(frame["class"], values, strict=True)
        ]
    data = pd.DataFrame(rows)
    data["label"] = [
        f"{count:,.0f}" if share >= 0.06 else "" for count, share in zip(data["count"], data["share"], strict=True)
    ]
    data["start"] = data.groupby("what")["share"].cumsum() - data["share"]
    data["middle"] = data["start"] + data["share"] / 2
    present = [name for name in COLOURS if name in set(data["class"])]
    y = alt.Y("what:N", sort=list(ROWS), axis=alt.Axis(title=None, labelFontSize=13, labelLimit=150, ticks=False))
    base = alt.Chart(data).encode(y=y)
    bars = base.mark_bar().encode(
        x=alt.X("share:Q", axis=alt.Axis(title=None, format="%", tickCount=5), scale=alt.Scale(domain=[0, 1])),
        color=alt.Color(
            "class:N",
            scale=alt.Scale(domain=present, range=[COLOURS[name] for name in present]),
            legend=legend(),
        ),
        order=alt.Order("position:Q"),
        tooltip=[
            alt.Tooltip("what:N", title="Of"),
            alt.Tooltip("class:N", title="Class"),
            alt.Tooltip("count:Q", title="Accounts", format=",.1f"),
            alt.Tooltip("share:Q", title="Share", format=".1%"),
        ],
    )
    text = base.mark_text(color="white", fontWeight=600).encode(x="middle:Q", text="label:N")
    return (bars + text).properties(height=alt.Step(46))


def evidence(frame: pd.DataFrame) -> alt.LayerChart:
    """What moves one account's log-odds, the strongest first. Takes rows of `triage_evidence`."""
    frame = frame.head(12).assign(
        odds_label=[f"×{odds:.1f}" if odds >= 0.1 else f"×{odds:.2f}" for odds in frame.head(12)["odds"]],
        way=frame["contribution"].gt(0).map({True: "for", False: "against"}),
    )
    order = list(frame["evidence"])
    reach = float(frame["contribution"].abs().max()) * 1.25
    y = alt.Y("evidence:N", sort=order, axis=alt.Axis(title=None, labelLimit=230, ticks=False, labelFontSize=12))
    x = alt.X("contribution:Q", scale=alt.Scale(domain=[-reach, reach]), axis=alt.Axis(title="Log-odds", tickCount=5))
    base = alt.Chart(frame).encode(y=y, x=x)
    bars = base.mark_bar().encode(
        color=alt.Color("way:N", scale=alt.Scale(domain=["for", "against"], range=[GAIN, LOSS]), legend=None),
        tooltip=[
            alt.Tooltip("label:N", title="Trait"),
            alt.Tooltip("evidence:N", title="Seen"),
            alt.Tooltip("contribution:Q", title="Log-odds", format="+.2f"),
            alt.Tooltip("odds:Q", title="Odds ×", format=".2f"),
        ],
    )
    right = base.transform_filter("datum.contribution > 0").mark_text(align="left", dx=4, color=MUTED)
    left = base.transform_filter("datum.contribution <= 0").mark_text(align="right", dx=-4, color=MUTED)
    return (bars + right.encode(text="odds_label:N") + left.encode(text="odds_label:N")).properties(height=alt.Step(24))


def calibration(frame: pd.DataFrame) -> alt.LayerChart:
    """What was said against what came, by tenth, with intervals; on the line both agree. Takes rows of `triage_calibration`."""
    most = max(0.1, float(frame[["said", "high"]].max().max()))
    scale = alt.Scale(domain=[0, most], nice=True)
    line = (
        alt.Chart(pd.DataFrame({"at": [0.0, most]}))
        .mark_line(color=MUTED, strokeDash=[4, 3], strokeWidth=1.5)
        .encode(x=alt.X("at:Q", scale=scale), y=alt.Y("at:Q", scale=scale))
    )
    base = alt.Chart(frame).encode(
        x=alt.X(
            "said:Q", scale=scale, axis=alt.Axis(title="Said: mean probability of the tenth", format="%", tickCount=5)
        ),
        tooltip=[
            alt.Tooltip("tenth:O", title="Tenth, likeliest first"),
            alt.Tooltip("accounts:Q", title="Accounts", format=",d"),
            alt.Tooltip("said:Q", title="Said", format=".1%"),
            alt.Tooltip("came:Q", title="Came true", format=".1%"),
            alt.Tooltip("paid:Q", title="Paid", format=",d"),
        ],
    )
    axis = alt.Axis(title="Came true: share that paid", format="%", tickCount=5)
    rules = base.mark_rule(color=GAIN, strokeWidth=2, opacity=0.5).encode(
        y=alt.Y("low:Q", scale=scale, axis=axis), y2="high:Q"
    )
    points = base.mark_circle(size=90, color=GAIN, opacity=1).encode(y=alt.Y("came:Q", scale=scale))
    return (line + rules + points).properties(height=320)
