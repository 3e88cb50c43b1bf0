"""The evangelist's morning: who is new, who fails, who has outgrown us or gone quiet, who moved, and whom to write to today."""

from datetime import date, timedelta

import pandas as pd
import streamlit as st

from pages.shared import (
    access,
    developer_charts,
    developer_lists,
    drawn,
    figures,
    filters,
    links,
    move_parts,
    reads,
    states,
    words,
)

DAYS_DRAWN = 60
PARTS = {
    "today": "Today's list",
    "new": "New",
    "no_call": "No first call",
    "failing": "Failing now",
    "outgrew": "Outgrew free",
    "moved": "Moved",
    "quiet": "Gone quiet",
    "champions": "Champions",
}
SPANS = {"day": "Yesterday", "week": "Last 7 days"}
MOVEMENTS = {"all": "All of them", "up": "Moved up", "held": "Held", "down": "Fell back"}


def read(metric: str, **more: object) -> pd.DataFrame:
    """A list of the page as its filters leave it, with owners as they are now."""
    found = reads.read(metric, tier=view.tier, search=filters.asked("search"), **more)
    return developer_lists.owned(found, filters.chosen("owner"))


def cards() -> list[dict]:
    """How many on each list of the morning."""
    new, week_ago = read("developers_new", **span(yesterday)), read("developers_new", **span(yesterday - WEEK))
    failing, outgrew, quiet = read("developers_failing"), read("developers_outgrew"), read("developers_quiet")
    per_side = failing.groupby("side")["account_id"].nunique()
    ways = outgrew["way"].isin(["none", "unknown"])
    return [
        {
            "label": "Signed up yesterday",
            "value": words.count(len(new)),
            "beside": f"{words.count(len(week_ago))} a week before",
            "metric": "developers_new",
            "n": f"{words.plural(len(new), 'developer')} on {words.day(yesterday)}",
        },
        {
            "label": "No first call yet",
            "value": words.count(len(read("developers_no_call"))),
            "beside": "of the last 90 days",
            "metric": "developers_no_call",
        },
        {
            "label": "Our errors now",
            "value": words.count(per_side.get("ours", 0)),
            "beside": f"{words.count(per_side.get('caller', 0))} refused, {words.count(per_side.get('throttled', 0))} throttled",
            "metric": "developers_failing",
            "n": f"accounts on {words.day(last_day)}, the last day of data",
        },
        {
            "label": "Outgrew free, no way up",
            "value": words.count(ways.sum()),
            "beside": f"of {words.count(len(outgrew))} that outgrew it",
            "metric": "developers_outgrew",
        },
        {
            "label": "Gone quiet, mattered",
            "value": words.count(len(quiet)),
            "beside": f"{words.count((quiet['revenue'].astype(float) > 0).sum())} of them paid",
            "metric": "developers_quiet",
        },
    ]


def span(day: date, days: int = 1) -> dict[str, date]:
    """The days that end with and include `day`, as parameters of a metric."""
    return {"date_from": day - timedelta(days=days - 1), "date_to": day + timedelta(days=1)}


def sign_ups() -> None:
    """Who signed up each day, with what was done to be found."""
    found = reads.read("sign_ups_by_day", tier=view.tier, **span(yesterday, DAYS_DRAWN))
    if found.empty:
        states.empty(f"Nobody signed up in the {DAYS_DRAWN} days to {words.day(yesterday)}.")
        return
    shown = developer_charts.named_channels(found)
    top = shown.groupby("channel")["developers"].sum()
    with st.container(border=True):
        st.markdown("##### Sign-ups a day, by channel", anchors=False)
        said = f"Sign-ups a day; most came through {top.idxmax()}, {top.max()} of {top.sum()} in {DAYS_DRAWN} days"
        drawn.chart(developer_charts.sign_ups, shown, alt=said, over="day")


def new() -> None:
    """Who signed up yesterday, or on the last day on which anybody did."""
    chosen = filters.tabs("span", SPANS, "day", label="Days")
    day = _day()
    found = read("developers_new", **span(day, 7 if chosen == "week" else 1))
    when = f"on {words.day(day)}" if chosen == "day" else f"in the 7 days to {words.day(day)}"
    st.caption(f"{words.plural(len(found), 'developer')} {when}, UTC days.")
    if found.empty:
        developer_lists.new(found, when)
        last = _last_day(day)
        if last:
            links.link(
                links.DEVELOPERS,
                f"The last who did: {words.day(last)}",
                icon=":material/history:",
                list="new",
                day=last,
            )
        return
    developer_lists.new(found, when)


def _day() -> date:
    """The day that the URL names, else yesterday."""
    try:
        return min(date.fromisoformat(filters.asked("day", "")), yesterday)
    except ValueError:
        return yesterday


def _last_day(before: date) -> date | None:
    """The last day before one on which somebody signed up whom the filters leave."""
    found = read("developers_new", date_to=before)
    return None if found.empty else pd.Timestamp(found["signed_up_at"].max()).date()


def failing() -> None:
    """Whose calls fail on the last day of data."""
    st.caption(
        f":material/schedule: Now is {words.day(last_day)}, the last day of data; nothing newer is known. Three calls or more and one in "
        "five. A count of a day does not keep each failing call's minute: the last call is that of the route."
    )
    developer_lists.failing(read("developers_failing"))


def moved() -> None:
    """Who moved up, held and fell back, month to month."""
    months = reads.read("developer_moves", tier=view.tier)
    compared = months[months["developers"] > 0]
    if compared.empty:
        states.empty("Nobody has used us in two months yet.")
        return
    whole = compared[~compared["is_unfinished"]]
    last = (whole if len(whole) else compared).iloc[-1]
    with st.container(border=True):
        st.markdown("##### Moved up and fell back, of those who use us", anchors=False)
        st.caption(
            f"In {pd.Timestamp(last.month):%B %Y}: {words.share(last.up_share)} moved up, {words.share(last.held_share)} held, "
            f"{words.share(last.down_share)} fell back, of {words.plural(last.developers, 'developer')}; "
            f"{words.count(last.new)} were new, {words.count(last.quiet)} quiet in both months. Pale: the month is not over."
        )
        said = f"Share that moved up and fell back by month; in the last whole one {words.share(last.up_share)} and {words.share(last.down_share)}"
        drawn.chart(developer_charts.moves, compared, alt=said, over="month")
    names = {f"{pd.Timestamp(month):%Y-%m-%d}": f"{pd.Timestamp(month):%B %Y}" for month in compared["month"][::-1]}
    with st.container(horizontal=True, gap="small"):
        month = filters.choice("month", "Month", names, f"{pd.Timestamp(last.month):%Y-%m-%d}", 190)
        movement = filters.choice("movement", "Movement", MOVEMENTS, "all", 160)
    st.caption(
        "quiet: no call · trying: calls, no success · using: success on up to three days · building: on four or more · relying: in at "
        "least four weeks"
    )
    developer_lists.moved(
        read(
            "developers_moved", period_from=date.fromisoformat(month), movement=None if movement == "all" else movement
        )
    )


def today() -> None:
    """Everything that wants a word this morning, in one list."""
    found = read("developers_today")
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        st.caption(
            f"{words.plural(len(found), 'account')}, the most pressing first. A click on one opens its owner and notes."
        )
        if access.guarded() and filters.asked("owner") != access.who():
            links.link(links.DEVELOPERS, "My list", icon=":material/person:", owner=access.who())
    developer_lists.today(found)


def why(account: str) -> str:
    """Why an account is on the list of the morning, as Markdown; empty where it is not."""
    found = reads.read("developers_today")
    mine = found[found["account_id"] == account]
    if mine.empty:
        return ""
    row = mine.iloc[0]
    return f":orange[**{developer_lists.LISTS[row['list']]}**] · {words.plain(row['evidence'])}"


WEEK = timedelta(days=7)
view = filters.view()
today_is = reads.current().as_of.date()
yesterday = today_is - timedelta(days=1)
calls = reads.read("calls_by_day", date_to=today_is + timedelta(days=1))
last_day = pd.Timestamp(calls["day"].max()).date() if len(calls) else yesterday
if account := filters.asked("account"):
    move_parts.desk(account, why(account))
figures.row(cards())
part = filters.tabs("list", PARTS, "today", label="List")
if part in ("today", "new"):
    sign_ups()
SHOWN = {
    "today": today,
    "new": new,
    "no_call": lambda: developer_lists.no_call(read("developers_no_call")),
    "failing": failing,
    "outgrew": lambda: developer_lists.outgrew(read("developers_outgrew")),
    "moved": moved,
    "quiet": lambda: developer_lists.quiet(read("developers_quiet")),
    "champions": lambda: developer_lists.champions(read("champions")),
}
SHOWN[part]()
figures.about(
    "developers_today", "developers_new", "developers_no_call", "developers_failing", "developers_outgrew", "developer_moves",
    "developers_quiet", "champions",
)  # fmt: skip
