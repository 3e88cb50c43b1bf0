"""Charts. Every function takes a table and returns an Altair chart; the pages draw them and say what they show."""

from datetime import datetime

import altair as alt
import pandas as pd

from pages.shared import words

TIER_COLOURS = {"internal": "#7A7F87", "partner": "#009E73", "open": "#56B4E9", "public": "#CC79A7"}
GAIN, LOSS, MUTED = "#0072B2", "#D55E00", "#8A96A3"
GAIN_TEXT, LOSS_TEXT = "#2A8AC2", "#DE6A12"  # readable on light and on dark
COSTS = {
    "infrastructure_cost": ("Infrastructure", "#D55E00"),
    "support_cost": ("Support", "#E69F00"),
    "outreach_cost": ("Outreach", "#F3C766"),
    "fee_cost": ("Fees", "#A89F91"),
}


def mark(tier: str) -> str:
    """The tier's colour as a small square in Markdown."""
    return f':color[■]{{foreground="{TIER_COLOURS[tier]}"}}'


def _tier(column: str = "tier:N", **more: object) -> alt.Color:
    scale = alt.Scale(domain=list(TIER_COLOURS), range=list(TIER_COLOURS.values()))
    return alt.Color(column, scale=scale, legend=None, **more)


def legend() -> alt.Legend:
    """A legend above the chart, in fewer columns where all its entries do not fit beside each other."""
    return alt.Legend(
        orient="top", title=None, symbolType="square", columns=alt.ExprRef("width < 260 ? 1 : width < 480 ? 2 : 6")
    )


def _named(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(tier_name=frame["tier"].map(words.TIERS))


def _symbol(currency: str) -> str:
    return words.SYMBOLS.get(currency, currency.upper() + " ")


def money_axis(currency: str, title: str | None = None) -> alt.Axis:
    """An axis of money: $20k, −$1.2m."""
    symbol = _symbol(currency)
    text = f"(datum.value < 0 ? '−' : '') + '{symbol}' + replace(replace(format(abs(datum.value), '~s'), 'G', 'bn'), 'M', 'm')"
    return alt.Axis(title=title, labelExpr=text, tickCount=5)


def end_labels(
    frame: pd.DataFrame, x: str, y: str, text: str, *, tallest: float | None = None, dx: int = 8, size: int = 13
) -> alt.Chart:
    """What stands at the ends of the tiers' lines, moved apart where it would overlap.

    Takes tier and the columns that `x` (with its type, as month:T), `y` and `text` name; `tallest` is the highest that is
    drawn beside the lines.
    """
    last = frame.sort_values(x.partition(":")[0], kind="stable").groupby("tier", as_index=False).tail(1).sort_values(y)
    highest = float(frame[y].max() if tallest is None else tallest)
    apart = 0.075 * float(highest - min(float(frame[y].min()), 0) or 1)
    heights: list[float] = []
    for value in last[y].astype(float):
        heights.append(max(value, heights[-1] + apart) if heights else value)
    return (
        alt.Chart(last.assign(label_height=heights))
        .mark_text(align="left", dx=dx, fontSize=size, fontWeight=600)
        .encode(x=x, y="label_height:Q", text=f"{text}:N", color=_tier())
    )


def _over_time(frame: pd.DataFrame, x: str, y: str, y_axis: alt.Axis, form: str, title: str) -> alt.LayerChart:
    """Lines by tier with their names at their ends; the names take the place of a legend."""
    frame = _named(frame)
    near = alt.selection_point(nearest=True, on="pointerover", fields=[x], empty=False)
    base = alt.Chart(frame).encode(x=alt.X(f"{x}:T", axis=alt.Axis(title=None, grid=False, tickCount=6)))
    lines = base.mark_line(strokeWidth=3).encode(
        y=alt.Y(f"{y}:Q", axis=y_axis, scale=alt.Scale(zero=True)), color=_tier()
    )
    points = (
        base.mark_circle(size=70)
        .encode(
            y=f"{y}:Q",
            color=_tier(),
            opacity=alt.condition(near, alt.value(1), alt.value(0)),
            tooltip=[
                alt.Tooltip("tier_name:N", title="Tier"),
                alt.Tooltip(f"{x}:T", title="From", format="%-d %b %Y"),
                alt.Tooltip(f"{y}:Q", title=title, format=form),
            ],
        )
        .add_params(near)
    )
    zero = alt.Chart(pd.DataFrame({"zero": [0]})).mark_rule(color=MUTED, strokeWidth=1).encode(y="zero:Q")
    labels = end_labels(frame, f"{x}:T", y, "tier_name")
    return (zero + lines + points + labels).properties(
        height=300, padding={"right": 70, "left": 5, "top": 5, "bottom": 5}
    )


def whole_months(frame: pd.DataFrame, as_of: datetime) -> pd.DataFrame:
    """The rows of months that are over, and of tiers that have a contribution; all rows where no month is over."""
    months = pd.to_datetime(frame["month"])
    over = frame[(months + pd.offsets.MonthBegin(1) <= as_of) & frame["contribution"].notna()]
    return over if len(over) else frame


def contribution_over_time(frame: pd.DataFrame, currency: str) -> alt.LayerChart:
    """Contribution a month by tier. Takes month, tier, contribution."""
    axis = money_axis(currency, "Contribution a month")
    return _over_time(frame, "month", "contribution", axis, ",.0f", f"Contribution ({currency.upper()})")


def calls_over_time(frame: pd.DataFrame) -> alt.LayerChart:
    """Calls a week by tier. Takes day, tier, calls; the weeks that the period cuts are left out."""
    weekly = frame.assign(week=pd.to_datetime(frame["day"]).dt.to_period("W-SUN").dt.start_time)
    whole = weekly.groupby("week")["day"].nunique()
    weekly = (
        weekly[weekly["week"].isin(whole[whole == 7].index)].groupby(["week", "tier"], as_index=False)["calls"].sum()
    )
    return _over_time(weekly, "week", "calls", alt.Axis(title="Calls a week", format="~s", tickCount=5), ",d", "Calls")


def money_by_tier(frame: pd.DataFrame, currency: str) -> alt.LayerChart:
    """What each tier brings (right) and costs (left), its contribution as a mark. Takes tier, revenue, cost_to_serve, contribution."""
    frame = _named(frame).copy()
    for column in ("revenue", "cost_to_serve", "contribution"):
        frame[column] = frame[column].astype(float)
    frame["cost"] = -frame["cost_to_serve"]
    frame["label"] = [words.money(value, currency, sign=True) for value in frame["contribution"]]
    frame["tone"] = ["loss" if value < 0 else "gain" for value in frame["contribution"]]
    order = [name for name in words.TIERS.values() if name in set(frame["tier_name"])]
    base = alt.Chart(frame).encode(
        y=alt.Y(
            "tier_name:N", sort=order, axis=alt.Axis(title=None, labelFontSize=14, labelFontWeight=600, ticks=False)
        )
    )
    tip = [
        alt.Tooltip("tier_name:N", title="Tier"),
        alt.Tooltip("revenue:Q", title="Revenue", format=",.0f"),
        alt.Tooltip("cost_to_serve:Q", title="Cost to serve", format=",.0f"),
        alt.Tooltip("contribution:Q", title="Contribution", format=",.0f"),
    ]
    axis = money_axis(currency, "← cost to serve · revenue →")
    costs = base.mark_bar(color=LOSS, opacity=0.75, size=24).encode(x=alt.X("cost:Q", axis=axis), tooltip=tip)
    revenue = base.mark_bar(color=GAIN, opacity=0.75, size=24).encode(x="revenue:Q", tooltip=tip)
    mark = base.mark_tick(thickness=4, size=38, color=MUTED).encode(x="contribution:Q", tooltip=tip)
    label = base.mark_text(align="left", dx=6, dy=-24, fontSize=14, fontWeight=700).encode(
        x="contribution:Q",
        text="label:N",
        color=alt.Color("tone:N", scale=alt.Scale(domain=["gain", "loss"], range=[GAIN_TEXT, LOSS_TEXT]), legend=None),
    )
    return (costs + revenue + mark + label).properties(height=76 * len(frame) + 40)


def money_by_month(frame: pd.DataFrame, currency: str) -> alt.LayerChart:
    """One account's revenue above zero, its costs below, contribution as a line. Takes month, revenue, the costs, contribution."""
    parts = [(frame["revenue"].astype(float), "Revenue")]
    parts += [(-frame[column].astype(float), name) for column, (name, _) in COSTS.items() if column in frame]
    long = pd.concat(
        [pd.DataFrame({"month": frame["month"], "amount": amount, "what": name}) for amount, name in parts]
    )
    names = ["Revenue", *(name for name, _ in COSTS.values())]
    colours = [GAIN, *(colour for _, colour in COSTS.values())]
    x = alt.X("yearmonth(month):T", axis=alt.Axis(title=None, grid=False, format="%b %y", labelOverlap=True))
    bars = (
        alt.Chart(long)
        .mark_bar(opacity=0.85)
        .encode(
            x=x,
            y=alt.Y("amount:Q", axis=money_axis(currency)),
            color=alt.Color(
                "what:N",
                scale=alt.Scale(domain=names, range=colours),
                legend=legend(),
            ),
            tooltip=[
                alt.Tooltip("what:N", title="What"),
                alt.Tooltip("month:T", title="Month", format="%B %Y"),
                alt.Tooltip("amount:Q", title=currency.upper(), format=",.2f"),
            ],
        )
    )
    line = (
        alt.Chart(frame.assign(contribution=frame["contribution"].astype(float)))
        .mark_line(color=MUTED, strokeWidth=2, point={"size": 40, "color": MUTED})
        .encode(x=x, y="contribution:Q", tooltip=[alt.Tooltip("contribution:Q", title="Contribution", format=",.2f")])
    )
    return (bars + line).properties(height=280)


def activity(frame: pd.DataFrame) -> alt.Chart:
    """Calls a day by what became of them. Takes day, ok, throttled, client_errors, server_errors."""
    kinds = {
        "ok": ("Answered", "#56B4E9"),
        "throttled": ("Throttled (429)", "#F0E442"),
        "client_errors": ("Caller's errors (4xx)", "#E69F00"),
        "server_errors": ("Our errors (5xx)", "#D55E00"),
    }
    days = frame.groupby("day", as_index=False)[[k for k in kinds if k in frame]].sum()
    if {"throttled", "client_errors"} <= set(days):
        days["client_errors"] = (days["client_errors"] - days["throttled"]).clip(lower=0)
    long = days.melt("day", var_name="kind", value_name="calls")
    long["what"] = long["kind"].map({k: name for k, (name, _) in kinds.items()})
    long["order"] = long["kind"].map({k: i for i, k in enumerate(kinds)})
    return (
        alt.Chart(long)
        .mark_bar(binSpacing=0)
        .encode(
            x=alt.X("yearmonthdate(day):T", axis=alt.Axis(title=None, grid=False, tickCount=6, format="%-d %b")),
            y=alt.Y("calls:Q", axis=alt.Axis(title="Calls a day", format="~s", tickCount=5)),
            color=alt.Color(
                "what:N",
                scale=alt.Scale(domain=[n for n, _ in kinds.values()], range=[c for _, c in kinds.values()]),
                legend=legend(),
            ),
            order="order:Q",
            tooltip=[
                alt.Tooltip("day:T", title="Day (UTC)", format="%-d %b %Y"),
                alt.Tooltip("what:N", title="What"),
                alt.Tooltip("calls:Q", title="Calls", format=",d"),
            ],
        )
        .properties(height=260)
    )


def step_bars(
    frame: pd.DataFrame,
    x: str,
    widest: float,
    colour: str,
    tooltip: list[alt.Tooltip],
    *,
    until: str | None = None,
    chosen: alt.Parameter | None = None,
) -> alt.LayerChart:
    """A bar a step in the frame's order, as long as `x` says of `widest`, with its label. Takes name, label and `x`.

    From `x` to the column `until` goes a dashed end: those in progress. A click on a bar makes the selection `chosen`.
    """
    axis = alt.Axis(title=None, labelLimit=180, ticks=False, domain=False)
    base = alt.Chart(frame).encode(y=alt.Y("name:N", sort=list(frame["name"]), axis=axis), tooltip=tooltip)
    bars = base.mark_bar(color=colour, cornerRadiusEnd=3, cursor="pointer" if chosen else "default").encode(
        x=alt.X(f"{x}:Q", axis=None, scale=alt.Scale(domain=[0, widest]))
    )
    labels = base.mark_text(align="left", dx=6, fontSize=12, color=MUTED).encode(x=f"{until or x}:Q", text="label:N")
    layers = bars.add_params(chosen) if chosen else bars
    if until:
        young = base.mark_bar(color=colour, fillOpacity=0.15, stroke=colour, strokeDash=[3, 2], strokeWidth=1.2)
        layers += young.encode(x=f"{x}:Q", x2=f"{until}:Q").transform_filter(f"datum['{until}'] > datum['{x}']")
    return (layers + labels).properties(height=alt.Step(34))


def reasons(frame: pd.DataFrame) -> alt.LayerChart:
    """Stalled accounts by reason, tiers side by side in one bar. Takes tier, reason_label, accounts, value_at_risk."""
    total = frame.groupby("reason_label", as_index=False)["accounts"].sum().sort_values("accounts", ascending=False)
    order = list(total["reason_label"])
    frame = _named(
        frame.groupby(["tier", "reason_label"], as_index=False)[["accounts", "value_at_risk"]].sum(min_count=1)
    )
    tiers = [tier for tier in words.TIERS if tier in set(frame["tier"])]
    y = alt.Y("reason_label:N", sort=order, axis=alt.Axis(title=None, labelLimit=260, labelFontSize=13, ticks=False))
    bars = (
        alt.Chart(frame)
        .mark_bar()
        .encode(
            y=y,
            x=alt.X("accounts:Q", axis=alt.Axis(title="Stalled accounts", tickMinStep=1, tickCount=5)),
            color=alt.Color(
                "tier_name:N",
                scale=alt.Scale(domain=[words.TIERS[t] for t in tiers], range=[TIER_COLOURS[t] for t in tiers]),
                legend=legend(),
            ),
            order=alt.Order("tier:N"),
            tooltip=[
                alt.Tooltip("reason_label:N", title="Reason"),
                alt.Tooltip("tier_name:N", title="Tier"),
                alt.Tooltip("accounts:Q", title="Accounts", format=",d"),
                alt.Tooltip("value_at_risk:Q", title="Value at risk", format=",.0f"),
            ],
        )
    )
    labels = alt.Chart(total).mark_text(align="left", dx=5, color=MUTED).encode(y=y, x="accounts:Q", text="accounts:Q")
    return (bars + labels).properties(height=alt.Step(30))


def concentration(frame: pd.DataFrame, currency: str) -> alt.LayerChart:
    """Accounts from the most to the least contributing: the running sum rises, then those that cost more take from it."""
    ranked = frame.sort_values("contribution", ascending=False).reset_index(drop=True)
    ranked["rank"] = ranked.index + 1
    ranked["running"] = ranked["contribution"].astype(float).cumsum()
    if len(ranked) > 2000:
        ranked = ranked.iloc[sorted({*range(200), *range(0, len(ranked), len(ranked) // 1000), len(ranked) - 1})]
    base = alt.Chart(ranked).encode(x=alt.X("rank:Q", axis=alt.Axis(title="Accounts, best first", grid=False)))
    area = base.mark_area(color=GAIN, opacity=0.15).encode(y="running:Q")
    line = base.mark_line(color=GAIN, strokeWidth=3).encode(
        y=alt.Y("running:Q", axis=money_axis(currency, "Running contribution")),
        tooltip=[
            alt.Tooltip("rank:Q", title="Accounts"),
            alt.Tooltip("name:N", title="This one"),
            alt.Tooltip("contribution:Q", title="contributes", format=",.0f"),
            alt.Tooltip("running:Q", title="Together", format=",.0f"),
        ],
    )
    return (area + line).properties(height=280)


def bars_by_tier(frame: pd.DataFrame, column: str, title: str) -> alt.LayerChart:
    """One bar a tier with its number at its end. Takes tier and `column`."""
    frame = _named(frame)
    order = list(words.TIERS.values())
    base = alt.Chart(frame).encode(
        y=alt.Y("tier_name:N", sort=order, axis=alt.Axis(title=None, labelFontSize=14, ticks=False)),
        x=alt.X(f"{column}:Q", axis=alt.Axis(title=title, format="~s", tickCount=5)),
    )
    bars = base.mark_bar(cornerRadiusEnd=3).encode(
        color=_tier(),
        tooltip=[alt.Tooltip("tier_name:N", title="Tier"), alt.Tooltip(f"{column}:Q", title=title, format=",d")],
    )
    labels = base.mark_text(align="left", dx=6, color=MUTED, fontSize=13).encode(
        text=alt.Text(f"{column}:Q", format=",d")
    )
    return (bars + labels).properties(height=alt.Step(44))


def arrivals(frame: pd.DataFrame) -> alt.Chart:
    """Calls a day as they were logged, so that a gap is seen. Takes day, calls."""
    days = frame.groupby("day", as_index=False)["calls"].sum()
    return (
        alt.Chart(days)
        .mark_bar(color=GAIN, opacity=0.8, binSpacing=0)
        .encode(
            x=alt.X("yearmonthdate(day):T", axis=alt.Axis(title=None, grid=False, tickCount=6, format="%-d %b")),
            y=alt.Y("calls:Q", axis=alt.Axis(title="Calls a day", format="~s", tickCount=4)),
            tooltip=[
                alt.Tooltip("day:T", title="Day (UTC)", format="%-d %b %Y"),
                alt.Tooltip("calls:Q", title="Calls", format=",d"),
            ],
        )
        .properties(height=200)
    )


def by_stage(frame: pd.DataFrame, tier: str) -> alt.LayerChart:
    """Accounts of a tier by the stage that they are in. Takes stage, accounts, in the order to show."""
    frame = frame.assign(name=[words.stage(stage) for stage in frame["stage"]])
    base = alt.Chart(frame).encode(
        y=alt.Y("name:N", sort=list(frame["name"]), axis=alt.Axis(title=None, labelLimit=180, ticks=False)),
        x=alt.X("accounts:Q", axis=alt.Axis(title="Accounts", format="~s", tickMinStep=1, tickCount=5)),
    )
    bars = base.mark_bar(color=TIER_COLOURS[tier], cornerRadiusEnd=3).encode(
        tooltip=[alt.Tooltip("name:N", title="Stage"), alt.Tooltip("accounts:Q", title="Accounts", format=",d")]
    )
    labels = base.mark_text(align="left", dx=6, color=MUTED).encode(text=alt.Text("accounts:Q", format=",d"))
    return (bars + labels).properties(height=alt.Step(28))


def by_why(frame: pd.DataFrame) -> alt.LayerChart:
    """Calls of no known organization by why it is not known. Takes why_label, calls, accounts, in the order to show."""
    base = alt.Chart(frame).encode(
        y=alt.Y("why_label:N", sort=list(frame["why_label"]), axis=alt.Axis(title=None, labelLimit=230, ticks=False)),
        x=alt.X("calls:Q", axis=alt.Axis(title="Calls", format="~s", tickMinStep=1, tickCount=5)),
    )
    bars = base.mark_bar(color=MUTED, cornerRadiusEnd=3).encode(
        tooltip=[
            alt.Tooltip("why_label:N", title="Why"),
            alt.Tooltip("calls:Q", title="Calls", format=",d"),
            alt.Tooltip("accounts:Q", title="Accounts", format=",d"),
        ]
    )
    labels = base.mark_text(align="left", dx=6, color=MUTED).encode(text=alt.Text("calls:Q", format=",d"))
    return (bars + labels).properties(height=alt.Step(28))


def flow(frame: pd.DataFrame, states: list[str], chosen: tuple[str | None, str | None], dark: bool) -> alt.LayerChart:
    """Accounts by their state at a period's start (down) and end (across), with the sums beside and below.

    Takes from_state, to_state, accounts; `states` are all of them in order, `chosen` is the cell to frame. The more moved, the
    bluer; those who stayed are grey, so that they do not outshine the moves.
    """
    grid, sums, rows, columns = _flow_cells(frame, states, dark)
    grid["framed"] = (grid["from_state"] == chosen[0]) & (grid["to_state"] == chosen[1])
    ink = "#E8EDF2" if dark else "#16202A"
    slanted = "width < 420 ? -50 : 0"
    x = alt.X(
        "to_name:N",
        sort=columns,
        scale=alt.Scale(domain=columns, paddingInner=0.06, paddingOuter=0.03),
        axis=alt.Axis(
            title="at its end",
            orient="top",
            domain=False,
            ticks=False,
            labelAngle=alt.ExprRef(slanted),
            labelAlign=alt.ExprRef("width < 420 ? 'left' : 'center'"),
            labelOverlap=False,
            labelLimit=100,
        ),
    )
    y = alt.Y(
        "from_name:N",
        sort=rows,
        scale=alt.Scale(domain=rows, paddingInner=0.06, paddingOuter=0.03),
        axis=alt.Axis(title=None, domain=False, ticks=False, labelLimit=110),
    )
    cell = alt.selection_point(name="cell", fields=["from_state", "to_state"], empty=False)
    squares = (
        alt.Chart(grid)
        .mark_rect(cornerRadius=4, cursor="pointer", strokeWidth=2.5)
        .encode(
            x=x,
            y=y,
            fill=alt.Fill("tone:N", scale=alt.Scale(domain=["moved", "stayed"], range=[GAIN, MUTED]), legend=None),
            fillOpacity=alt.FillOpacity("shade:Q", scale=None),
            stroke=alt.condition("datum.framed", alt.value(LOSS), alt.value("transparent")),
            tooltip=[
                alt.Tooltip("from_name:N", title="At its start"),
                alt.Tooltip("to_name:N", title="At its end"),
                alt.Tooltip("accounts:Q", title="Accounts", format=",d"),
                alt.Tooltip("share:Q", title="of those at its start", format=".1%"),
            ],
        )
        .add_params(cell)
    )
    numbers = (
        alt.Chart(grid)
        .mark_text(fontSize=alt.ExprRef("width < 420 ? 11 : 14"), fontWeight=600, cursor="pointer")
        .encode(
            x=x,
            y=y,
            text=alt.Text("accounts:Q", format=",d"),
            color=alt.Color("ink:N", scale=None),
        )
    )
    totals = (
        alt.Chart(sums)
        .mark_text(fontSize=alt.ExprRef("width < 420 ? 11 : 13"), color=ink, opacity=0.75)
        .encode(x=x, y=y, text=alt.Text("accounts:Q", format=",d"))
    )
    return (squares + numbers + totals).properties(height=40 * len(rows) + 70)


def _flow_cells(
    frame: pd.DataFrame, states: list[str], dark: bool
) -> tuple[pd.DataFrame, pd.DataFrame, list[str], list[str]]:
    """The cells with their shade and ink, the sums, and the names of rows and columns in order."""
    names = {state: state.capitalize() for state in states}
    grid = frame[["from_state", "to_state", "accounts"]].copy()
    stayed = grid["from_state"] == grid["to_state"]
    most = float(grid.loc[~stayed, "accounts"].max()) if (~stayed).any() else 1.0
    grid["tone"] = stayed.map({True: "stayed", False: "moved"})
    grid["shade"] = (0.15 + 0.85 * (grid["accounts"] / most) ** 0.5).where(~stayed, 0.22)
    plain = "#E8EDF2" if dark else "#16202A"
    grid["ink"] = ["#FFFFFF" if shade > 0.82 else plain for shade in grid["shade"]]
    grid["share"] = grid["accounts"] / grid.groupby("from_state")["accounts"].transform("sum")
    starts = grid.groupby("from_state", as_index=False)["accounts"].sum().assign(to_state="sum")
    ends = grid.groupby("to_state", as_index=False)["accounts"].sum().assign(from_state="sum")
    sums = pd.concat(
        [starts, ends, pd.DataFrame([{"from_state": "sum", "to_state": "sum", "accounts": grid["accounts"].sum()}])]
    )
    names["sum"] = "All"
    for table in (grid, sums):
        table["from_name"] = table["from_state"].map(names)
        table["to_name"] = table["to_state"].map(names)
    rows = [names[state] for state in states if state in set(grid["from_state"])]
    columns = [names[state] for state in states if state in set(grid["to_state"])]
    return grid, sums, [*rows, "All"], [*columns, "All"]
