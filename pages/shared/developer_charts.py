"""Developers drawn: who signed up each day, and who moved up or fell back each month."""

import altair as alt
import pandas as pd

from pages.shared.charts import GAIN, LOSS, MUTED, legend

CHANNELS = ("#0072B2", "#56B4E9", "#009E73", "#E69F00", "#CC79A7", "#F0E442", "#D55E00")
NOT_KNOWN, OTHERS = "not known", "others"
MOVES = {"up": ("Moved up", GAIN), "held": ("Held", "#B8BEC6"), "down": ("Fell back", LOSS)}


def named_channels(frame: pd.DataFrame) -> pd.DataFrame:
    """Days with their channels by name: the six that brought the most, the others together, the unknown apart."""
    frame = frame.assign(channel=frame["channel"].fillna(NOT_KNOWN))
    sizes = frame[frame["channel"] != NOT_KNOWN].groupby("channel")["developers"].sum().sort_values(ascending=False)
    few = set(sizes.index[: len(CHANNELS) - 1]) | {NOT_KNOWN}
    frame = frame.assign(channel=[one if one in few else OTHERS for one in frame["channel"]])
    return frame.groupby(["day", "channel"], as_index=False)["developers"].sum()


def sign_ups(frame: pd.DataFrame) -> alt.Chart:
    """Sign-ups a day by channel. Takes day, channel, developers, as `named_channels` gives them."""
    sizes = frame.groupby("channel")["developers"].sum().sort_values(ascending=False)
    names = [name for name in sizes.index if name not in (OTHERS, NOT_KNOWN)]
    tail = [name for name in (OTHERS, NOT_KNOWN) if name in set(sizes.index)]
    colours = [*CHANNELS[: len(names)], *["#B8BEC6", "#E3D5A3"][2 - len(tail) :]] if tail else [*CHANNELS[: len(names)]]
    order = {name: n for n, name in enumerate([*names, *tail])}
    return (
        alt.Chart(frame.assign(order=frame["channel"].map(order)))
        .mark_bar(binSpacing=0)
        .encode(
            x=alt.X("yearmonthdate(day):T", axis=alt.Axis(title=None, grid=False, tickCount=6, format="%-d %b")),
            y=alt.Y("developers:Q", axis=alt.Axis(title="Sign-ups a day", tickMinStep=1, tickCount=4)),
            color=alt.Color(
                "channel:N", scale=alt.Scale(domain=[*names, *tail], range=colours), legend=legend(), sort=None
            ),
            order="order:Q",
            tooltip=[
                alt.Tooltip("day:T", title="Day (UTC)", format="%a %-d %b %Y"),
                alt.Tooltip("channel:N", title="Channel"),
                alt.Tooltip("developers:Q", title="Developers", format=",d"),
            ],
        )
        .properties(height=240)
    )


def moves(frame: pd.DataFrame) -> alt.LayerChart:
    """Developers who moved up (above) and fell back (below) each month, as shares of those compared. Takes developer_moves.

    A month that is not over is pale.
    """
    parts = []
    for name, sign in (("up", 1), ("down", -1)):
        part = frame[["month", "developers", "is_unfinished"]].assign(
            share=sign * frame[f"{name}_share"].astype(float),
            said=frame[f"{name}_share"].astype(float),
            count=frame[name],
            what=MOVES[name][0],
        )
        parts.append(part)
    long = pd.concat(parts).dropna(subset=["share"])
    names = [MOVES[name][0] for name in ("up", "down")]
    x = alt.X(
        "yearmonth(month):O",
        axis=alt.Axis(title=None, format="%b %y", labelAngle=0, labelOverlap=True, ticks=False, domain=False),
    )
    bars = (
        alt.Chart(long)
        .mark_bar()
        .encode(
            x=x,
            y=alt.Y(
                "share:Q",
                axis=alt.Axis(
                    title="of those who use us",
                    labelExpr="format(abs(datum.value), '.0%')",
                    tickCount=5,
                ),
            ),
            color=alt.Color("what:N", scale=alt.Scale(domain=names, range=[GAIN, LOSS]), legend=legend()),
            opacity=alt.condition("datum.is_unfinished", alt.value(0.4), alt.value(0.9)),
            tooltip=[
                alt.Tooltip("month:T", title="Month", format="%B %Y"),
                alt.Tooltip("what:N", title="What"),
                alt.Tooltip("count:Q", title="Developers", format=",d"),
                alt.Tooltip("developers:Q", title="of", format=",d"),
                alt.Tooltip("said:Q", title="Share", format=".1%"),
            ],
        )
    )
    zero = alt.Chart(pd.DataFrame({"zero": [0]})).mark_rule(color=MUTED).encode(y="zero:Q")
    return (bars + zero).properties(height=260)
