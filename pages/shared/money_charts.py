"""Charts of money: what moved recurring revenue, what was collected and earned, who carries the rest."""

import math

import altair as alt
import pandas as pd

from pages.shared import words
from pages.shared.charts import GAIN, GAIN_TEXT, LOSS, LOSS_TEXT, MUTED, legend, money_axis

NAMED = 8  # marks of a scatter with their names beside them
MOVEMENTS = {
    "tier": ("Changed tier", 1),
    "new": ("New", 1),
    "expansion": ("Expansion", 1),
    "reactivation": ("Reactivation", 1),
    "contraction": ("Contraction", -1),
    "churn": ("Churn", -1),
    "currency": ("Currency", 1),
}
EARNED = {
    "recurring": ("Recurring", "#0072B2"),
    "usage": ("Usage", "#56B4E9"),
    "one_off": ("One-off", "#9AD0F0"),
    "taken_back": ("Given back or given up", LOSS),
}


def waterfall(steps: dict[str, float], start: float, end: float, currency: str) -> alt.LayerChart:
    """From the MRR at the beginning to the one at the end, a bar a movement. `steps` are signed, by movement.

    A click on a movement's bar chooses it: the selection is named `movement`, its field is `movement`.
    """
    bars, level = [_bar("start", "Start", 0, start, "total", currency)], start
    for name, change in steps.items():
        bars.append(_bar(name, MOVEMENTS[name][0], level, level + change, "gain" if change >= 0 else "loss", currency))
        level += change
    bars.append(_bar("end", "End", 0, end, "total", currency))
    frame = pd.DataFrame(bars)
    chosen = alt.selection_point(name="movement", fields=["movement"], on="click", empty=False)
    slant = {"labelAngle": "width < 420 ? -40 : 0", "labelAlign": "width < 420 ? 'right' : 'center'"}
    axis = alt.Axis(
        title=None, labelLimit=90, ticks=False, labelOverlap=False, **{k: alt.ExprRef(v) for k, v in slant.items()}
    )
    x = alt.X("label:N", sort=list(frame["label"]), axis=axis)
    columns = (
        alt.Chart(frame)
        .mark_bar(cursor="pointer", cornerRadius=2)
        .encode(
            x=x,
            y=alt.Y("from:Q", axis=money_axis(currency, "MRR")),
            y2="to:Q",
            color=alt.Color(
                "tone:N",
                scale=alt.Scale(domain=["total", "gain", "loss"], range=[MUTED, GAIN, LOSS]),
                legend=None,
            ),
            tooltip=[alt.Tooltip("label:N", title="What"), alt.Tooltip("text:N", title="By the month")],
        )
        .add_params(chosen)
    )
    numbers = (
        alt.Chart(frame)
        .mark_text(dy=-8, fontSize=alt.ExprRef("width < 420 ? 10 : 13"), fontWeight=600)
        .encode(
            x=x,
            y="top:Q",
            text="text:N",
            color=alt.Color(
                "tone:N",
                scale=alt.Scale(domain=["total", "gain", "loss"], range=[MUTED, GAIN_TEXT, LOSS_TEXT]),
                legend=None,
            ),
        )
    )
    return (columns + numbers).resolve_scale(color="independent").properties(height=300)


def _bar(movement: str, label: str, begin: float, end: float, tone: str, currency: str) -> dict[str, object]:
    value = end - begin
    text = words.money(value, currency, sign=tone != "total")
    return {
        "movement": movement,
        "label": label,
        "from": begin,
        "to": end,
        "top": max(begin, end),
        "tone": tone,
        "text": text,
    }


def _stacked(
    frame: pd.DataFrame, kinds: dict[str, tuple[str, str]], currency: str, title: str | None, what: str
) -> alt.Chart:
    """Amounts by month as bars, a part a column of the frame; `kinds` are column → (name, colour). Months to come are pale."""
    long = pd.concat(
        pd.DataFrame(
            {
                "month": frame["month"],
                "amount": frame[column].astype(float),
                "what": name,
                "ahead": frame.get("is_ahead", False),
            }
        )
        for column, (name, _) in kinds.items()
    ).dropna(subset=["amount"])
    return (
        alt.Chart(long)
        .mark_bar()
        .encode(
            x=_month("month", None),
            y=alt.Y("amount:Q", axis=money_axis(currency, title)),
            color=_kinds(kinds),
            opacity=alt.condition("datum.ahead", alt.value(0.35), alt.value(0.9)),
            tooltip=[
                alt.Tooltip("what:N", title=what),
                alt.Tooltip("month:T", title="Month", format="%B %Y"),
                alt.Tooltip("amount:Q", title=currency.upper(), format=",.2f"),
            ],
        )
    )


def _month(column: str, title: str | None) -> alt.X:
    return alt.X(
        f"yearmonth({column}):O",
        axis=alt.Axis(title=title, format="%b %y", labelAngle=0, labelOverlap=True, ticks=False),
    )


def _kinds(kinds: dict[str, tuple[str, str]]) -> alt.Color:
    names, colours = zip(*kinds.values(), strict=True)
    return alt.Color("what:N", scale=alt.Scale(domain=list(names), range=list(colours)), legend=legend())


def earned_by_month(frame: pd.DataFrame, currency: str) -> alt.LayerChart:
    """What was earned a month by kind as bars, what was collected as a line. Takes revenue_by_month."""
    bars = _stacked(frame, EARNED, currency, None, "Earned")
    paid = frame[~frame["is_ahead"]].assign(collected=lambda rows: rows["collected"].astype(float))
    line = (
        alt.Chart(paid)
        .mark_line(color=MUTED, strokeWidth=2, point={"size": 40, "color": MUTED})
        .encode(
            x=_month("month", None),
            y="collected:Q",
            tooltip=[alt.Tooltip("collected:Q", title="Collected", format=",.2f")],
        )
    )
    return (bars + line).properties(height=340)


OUTCOMES = {
    "paid": ("Paid", "#0072B2"),
    "still_free": ("Still free", "#56B4E9"),
    "gone": ("Gone", "#B8BEC6"),
    "never_used": ("Never used", "#E3D5A3"),
}


def cohorts(frame: pd.DataFrame) -> alt.LayerChart:
    """What became of the free accounts of each month, as shares; cohorts that are still in progress are pale. Takes freemium_cohorts."""
    parts = []
    for column, (name, _) in OUTCOMES.items():
        share = frame[column].astype(float) / frame["entrants"].astype(float).where(frame["entrants"] > 0)
        parts.append(
            pd.DataFrame(
                {
                    "cohort": frame["cohort"],
                    "what": name,
                    "share": share,
                    "accounts": frame[column],
                    "entrants": frame["entrants"],
                    "mature": frame["is_mature"],
                }
            )
        )
    long = pd.concat(parts).dropna(subset=["share"])
    long["order"] = long["what"].map({name: n for n, (name, _) in enumerate(OUTCOMES.values())})
    return (
        alt.Chart(long)
        .mark_bar()
        .encode(
            x=_month("cohort", "Began in"),
            y=alt.Y("share:Q", axis=alt.Axis(title=None, format="%", tickCount=5), scale=alt.Scale(domain=[0, 1])),
            color=_kinds(OUTCOMES),
            opacity=alt.condition("datum.mature", alt.value(1), alt.value(0.45)),
            order="order:Q",
            tooltip=[
                alt.Tooltip("cohort:T", title="Began in", format="%B %Y"),
                alt.Tooltip("what:N", title="What became of them"),
                alt.Tooltip("accounts:Q", title="Accounts", format=",d"),
                alt.Tooltip("entrants:Q", title="of", format=",d"),
                alt.Tooltip("share:Q", title="Share", format=".1%"),
            ],
        )
        .properties(height=340)
    )


FREE_COSTS = {
    "infrastructure_cost": ("Infrastructure", "#D55E00"),
    "support_cost": ("Support", "#E69F00"),
    "outreach_cost": ("Outreach", "#F3C766"),
}


def free_cost(frame: pd.DataFrame, currency: str) -> alt.Chart:
    """What free accounts cost a month, by kind of cost. Takes freemium_by_month."""
    return _stacked(frame, FREE_COSTS, currency, "Cost of free accounts", "What").properties(height=340)


def partners(frame: pd.DataFrame, currency: str) -> alt.LayerChart:
    """What was put into each partner against what it brought after serving its clients; above the line it pays.

    Takes partners. A click chooses one: the selection is named `partner`, its field is `account_id`.
    """
    shown = frame.assign(
        investment=frame["investment"].astype(float),
        value=frame["value"].astype(float),
        pays=(frame["value"].astype(float) >= frame["investment"].astype(float)).map({True: "pays", False: "does not"}),
        text=[
            words.money(v, currency, sign=True)
            for v in frame["value"].astype(float) - frame["investment"].astype(float)
        ],
    ).dropna(subset=["investment", "value"])
    most = max(float(shown["investment"].max() or 0), float(shown["value"].max() or 0), 1.0)
    chosen = alt.selection_point(name="partner", fields=["account_id"], on="click", empty=False)
    scale = alt.Scale(type="symlog", constant=most / 200)
    steps = [sign * step * 10**power for power in range(-2, 12) for step in (1, 5) for sign in (1, -1)]
    ticks = [0, *(at for at in steps if most / 50 <= abs(at) <= 2 * most)]
    axes = [money_axis(currency, title) for title in ("Put in", "Came back (sourced, after serving)")]
    for axis in axes:
        axis.values = ticks
    x, y = alt.X("investment:Q", axis=axes[0], scale=scale), alt.Y("value:Q", axis=axes[1], scale=scale)
    line = (
        alt.Chart(pd.DataFrame({"investment": [0, *[most * n / 40 for n in range(1, 41)]]}))
        .transform_calculate(value="datum.investment")
        .mark_line(color=MUTED, strokeDash=[4, 4])
        .encode(x=x, y="value:Q")
    )
    points = (
        alt.Chart(shown)
        .mark_circle(size=130, opacity=0.85, cursor="pointer")
        .encode(
            x=x,
            y=y,
            color=alt.Color("pays:N", scale=alt.Scale(domain=["pays", "does not"], range=[GAIN, LOSS]), legend=None),
            tooltip=[
                alt.Tooltip("name:N", title="Partner"),
                alt.Tooltip("investment:Q", title="Put in", format=",.0f"),
                alt.Tooltip("value:Q", title="Came back", format=",.0f"),
                alt.Tooltip("text:N", title="Left"),
            ],
        )
        .add_params(chosen)
    )
    names = (
        alt.Chart(_apart(shown.sort_values("value", key=abs, ascending=False), most / 200))
        .mark_text(align="left", dx=9, fontSize=12, color=MUTED, opacity=alt.ExprRef("width < 420 ? 0 : 1"))
        .encode(x=x, y=y, text="name:N")
    )
    return (line + points + names).properties(height=340)


def _apart(frame: pd.DataFrame, constant: float) -> pd.DataFrame:
    """The first rows whose names do not run into each other where both axes are logarithms from the constant on."""
    places: list[tuple[float, float]] = []
    kept = []
    for row in frame.head(20).itertuples():
        x, y = (math.copysign(math.log1p(abs(v) / constant), v) for v in (row.investment, row.value))
        if all(abs(x - left) > 0.9 or abs(y - up) > 0.4 for left, up in places):
            places.append((x, y))
            kept.append(row.Index)
    return frame.loc[kept[:NAMED]]


def teams(frame: pd.DataFrame, currency: str) -> alt.LayerChart:
    """The cost of 1,000 successful calls by team, the period before as a mark. Takes name, per_1000, per_1000_before."""
    shown = frame.dropna(subset=["per_1000"]).sort_values("per_1000", ascending=False)
    before_at = shown["per_1000_before"].astype(float)
    near = before_at.between(shown["per_1000"], shown["per_1000"] + shown["per_1000"].max() * 0.1)
    shown = shown.assign(
        label=[words.money(value, currency) for value in shown["per_1000"]],
        label_at=shown["per_1000"].mask(near, before_at),
    )
    y = alt.Y(
        "name:N", sort=list(shown["name"]), axis=alt.Axis(title=None, labelFontSize=13, labelLimit=200, ticks=False)
    )
    tip = [
        alt.Tooltip("name:N", title="Team"),
        alt.Tooltip("per_1000:Q", title="For 1,000 successful calls", format=",.2f"),
        alt.Tooltip("per_1000_before:Q", title="Before", format=",.2f"),
    ]
    base = alt.Chart(shown)
    bars = base.mark_bar(color="#7A7F87", cornerRadiusEnd=2).encode(
        y=y, x=alt.X("per_1000:Q", axis=money_axis(currency, "For 1,000 successful calls")), tooltip=tip
    )
    before = base.mark_tick(color=LOSS, thickness=3, size=24).encode(y=y, x="per_1000_before:Q", tooltip=tip)
    text = base.mark_text(align="left", dx=6, fontWeight=600, color=MUTED).encode(y=y, x="label_at:Q", text="label:N")
    return (bars + before + text).properties(height=alt.Step(38))


CARRIED = {
    "to_accounts": ("On accounts", "#D55E00"),
    "to_nobody": ("On nobody's traffic", "#CC79A7"),
    "unallocated": ("Unallocated", "#B8BEC6"),
}


def carried(frame: pd.DataFrame, currency: str) -> alt.Chart:
    """What was spent a month by who carries it. Takes cost_tie_out."""
    months = frame.groupby("month", as_index=False)[list(CARRIED)].sum()
    return _stacked(months, CARRIED, currency, "Spent a month", "Carried").properties(height=340)
