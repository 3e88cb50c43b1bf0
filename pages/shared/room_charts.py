"""Charts of the page In the room: parts of the scraper score, the stakeholder map, visitors, end users, countries."""

import altair as alt
import pandas as pd

from pages.shared import room_words, words
from pages.shared.charts import GAIN, MUTED, legend

READERS = {"never seen calling": "#56B4E9", "seen calling": "#0072B2", "crawlers": "#A89F91"}
STANDINGS = {"outside": "#D55E00", "unknown": "#A89F91", "allowed": "#0072B2", "any": "#56B4E9"}


def scraper_parts(frame: pd.DataFrame, dark: bool) -> alt.LayerChart:
    """Callers by the four parts of the score: a filled square where one stands out. Takes name, part_name, state, said."""
    callers, parts = list(dict.fromkeys(frame["name"])), list(room_words.SCORE.values())
    base = alt.Chart(frame).encode(
        y=alt.Y("name:N", sort=callers, axis=alt.Axis(title=None, labelLimit=170, labelFlush=False, ticks=False, domain=False)),
        x=alt.X(
            "part_name:N",
            sort=parts,
            axis=alt.Axis(
                title=None,
                orient="top",
                labelAngle=0,
                ticks=False,
                domain=False,
                labelOverlap=False,
                labelFlush=False,
                labelExpr="width < 480 ? split(datum.value, ' ') : datum.value",
                labelPadding=alt.ExprRef("width < 480 ? 18 : 6"),
                labelFontSize=alt.ExprRef("width < 480 ? 9 : 12"),
            ),
        ),
        tooltip=[
            alt.Tooltip("name:N", title="Caller"),
            alt.Tooltip("part_name:N", title="Part"),
            alt.Tooltip("said:N", title="Seen"),
            alt.Tooltip("state:N", title="It"),
        ],
    )  # fmt: skip
    pale = "#2A333D" if dark else "#EDF1F5"
    colours = alt.Scale(domain=["stands out", "does not", "unknown"], range=["#E69F00", pale, "rgba(0,0,0,0)"])
    squares = base.mark_rect(cornerRadius=3, stroke=MUTED, strokeWidth=0.6).encode(
        color=alt.Color("state:N", scale=colours, legend=legend())
    )
    text = base.mark_text(fontSize=alt.ExprRef("width < 480 ? 8 : 11")).encode(
        text=alt.condition("datum.state == 'unknown'", alt.value("?"), "brief:N"),
        color=alt.condition("datum.state == 'stands out'", alt.value("#1B1B1B"), alt.value(MUTED)),
    )
    return (squares + text).properties(height=alt.Step(30))


def stakeholder_map(frame: pd.DataFrame, dark: bool) -> alt.LayerChart:
    """Roles by API: how many have each, the paler the more of them have an owner. Takes role_name, service, n, label, nobodys, open, share."""
    roles, services = list(room_words.ROLES.values()), sorted(set(frame["service"]))
    base = alt.Chart(frame).encode(
        x=alt.X("service:N", sort=services, axis=alt.Axis(title=None, orient="top", labelAngle=0, ticks=False, domain=False, labelFontWeight=600, labelOverlap=False, labelFlush=False, labelFontSize=alt.ExprRef("width < 480 ? 8 : 12"))),
        y=alt.Y("role_name:N", sort=roles, axis=alt.Axis(title=None, ticks=False, domain=False, labelFontSize=13, labelFlush=False)),
        tooltip=[
            alt.Tooltip("role_name:N", title="Role"),
            alt.Tooltip("service:N", title="API"),
            alt.Tooltip("n:Q", title="Of them", format=",d"),
            alt.Tooltip("nobodys:Q", title="Without an owner", format=",d"),
            alt.Tooltip("open:Q", title="With an open concern", format=",d"),
            alt.Tooltip("silent:Q", title="No contact on record", format=",d"),
        ],
    )  # fmt: skip
    pale = "#20303C" if dark else "#E8F1F8"
    squares = base.mark_rect(cornerRadius=4, stroke="#1118" if dark else "#FFF8", strokeWidth=2).encode(
        color=alt.Color(
            "share:Q",
            scale=alt.Scale(domain=[0, 1], range=[pale, "#E69F00"], interpolate="rgb"),
            legend=alt.Legend(orient="top", title="Without an owner", format="%", gradientLength=120, tickCount=2),
        )
    )
    ink = alt.condition("datum.share > 0.45", alt.value("#1B1B1B"), alt.value("#E6EDF3" if dark else "#1B1B1B"))
    numbers = base.mark_text(dy=-7, fontSize=15, fontWeight=700).encode(text="label:N", color=ink)
    below = base.mark_text(dy=9, fontSize=alt.ExprRef("width < 480 ? 8 : 11")).encode(text="below:N", color=ink)
    return (squares + numbers + below).properties(height=alt.Step(48))


def visitors(frame: pd.DataFrame) -> alt.Chart:
    """Visitors a month, readers and crawlers side by side. Takes month, what, visitors, state."""
    return (
        alt.Chart(frame)
        .mark_bar()
        .encode(
            x=alt.X("yearmonth(month):O", axis=alt.Axis(title=None, format="%b %y", labelAngle=0, labelOverlap=True, ticks=False)),
            xOffset=alt.XOffset("side:N", sort=["readers", "crawlers"]),
            y=alt.Y("visitors:Q", axis=alt.Axis(title="Visitors (addresses)", format="~s", tickCount=5)),
            color=alt.Color("what:N", scale=alt.Scale(domain=list(READERS), range=list(READERS.values())), legend=legend()),
            opacity=alt.condition("datum.state == 'not over'", alt.value(0.5), alt.value(0.9)),
            tooltip=[
                alt.Tooltip("month:T", title="Month", format="%B %Y"),
                alt.Tooltip("what:N", title="Who"),
                alt.Tooltip("visitors:Q", title="Addresses", format=",d"),
                alt.Tooltip("state:N", title="The month is"),
            ],
        )
        .properties(height=260)
    )  # fmt: skip


def end_users(frame: pd.DataFrame) -> alt.Chart:
    """End users a month, as one side tells them. Takes month, end_users, accounts."""
    return (
        alt.Chart(frame)
        .mark_line(point={"color": GAIN, "size": 50}, strokeWidth=3, color=GAIN)
        .encode(
            x=alt.X("yearmonth(month):T", axis=alt.Axis(title=None, format="%b %y", grid=False, tickCount=6)),
            y=alt.Y("end_users:Q", axis=alt.Axis(title=None, format="~s", tickCount=4), scale=alt.Scale(zero=True)),
            tooltip=[
                alt.Tooltip("month:T", title="Month", format="%B %Y"),
                alt.Tooltip("end_users:Q", title="End users", format=",d"),
                alt.Tooltip("accounts:Q", title="Accounts that tell", format=",d"),
            ],
        )
        .properties(height=180)
    )


def countries(frame: pd.DataFrame) -> alt.Chart:
    """Calls of regulated services by country, outside the regions in orange. Takes country_name, standing_name, calls, label."""
    order = list(dict.fromkeys(frame.sort_values("calls", ascending=False)["country_name"]))
    base = alt.Chart(frame).encode(
        y=alt.Y("country_name:N", sort=order, axis=alt.Axis(title=None, ticks=False, domain=False, labelLimit=180)),
        x=alt.X("calls:Q", axis=alt.Axis(title="Calls", format="~s", tickCount=4)),
    )
    bars = base.mark_bar(cornerRadiusEnd=2).encode(
        color=alt.Color(
            "standing_name:N",
            scale=alt.Scale(domain=[room_words.STANDINGS[one] for one in STANDINGS], range=list(STANDINGS.values())),
            legend=legend(),
        ),
        tooltip=[
            alt.Tooltip("country_name:N", title="From"),
            alt.Tooltip("standing_name:N", title="Standing"),
            alt.Tooltip("calls:Q", title="Calls", format=",d"),
        ],
    )
    return bars.properties(height=alt.Step(30))


def brief(value: object) -> str:
    """A share as it fits a square."""
    return "" if words.missing(value) else words.share(value)
