"""End users behind applications: measured in the logs, and reported by partners, never added to each other."""

from typing import Any

import pandas as pd
import streamlit as st

from pages.shared import drawn, figures, filters, links, reads, room_charts, states, tables, words

NOT_SAID = "not said"
HOWS = {"measured": "Measured in our logs", "reported": "Reported by partners"}


def draw(view: Any) -> None:
    """The whole part."""
    found = reads.read("end_users", tier=view.tier, search=filters.asked("search"), **view.dates)
    figures.row(_cards(found))
    if found.empty and len(reads.read("end_users")):
        states.nothing("end users", search=None)
        return
    if found.empty:
        states.empty(
            "Nobody tells of end users: the logs name none, and no partner has reported any. A gateway that logs its users' ids (AWS: the subject "
            "of a token) gives the one, a sheet of table end_user_report the other."
        )
        return
    alike = pd.concat([_alike(found, how) for how in HOWS])
    months = alike.groupby(["how", "month"], as_index=False).agg(
        end_users=("end_users", "sum"), accounts=("name", "nunique")
    )
    with st.container(border=True):
        st.markdown("##### End users a month", anchors=False)
        st.caption(
            "Two things that cannot be added: different hashes in our logs, and what partners say of their own applications. Of these only what is "
            "counted alike stands in a sum: the list has the others."
        )
        with st.grid(2, min_column_width=300, gap="medium"):
            for how, label in HOWS.items():
                with st.container(gap="xsmall"):
                    _line(months[months["how"] == how], label)
    _list(found)
    figures.about("end_users")


def _alike(found: pd.DataFrame, how: str) -> pd.DataFrame:
    """Of one side what may be added: one kind of what is counted by one source, that of the most accounts in the newest month."""
    mine = found[found["how"] == how]
    if mine.empty:
        return mine
    kinds = mine["counted_as"].fillna(NOT_SAID) + ", " + mine["source"]
    newest = mine["month"] == mine["month"].max()
    return mine[kinds == kinds[newest].value_counts().sort_index().idxmax()]


def _line(mine: pd.DataFrame, label: str) -> None:
    """What one side tells, month by month."""
    st.markdown(f"**{label}**")
    if mine.empty:
        states.empty("Nobody tells of any.")
        return
    last = mine.sort_values("month").iloc[-1]
    said = f"{words.count(last['end_users'])} in {pd.Timestamp(last['month']):%b %Y}, of {words.plural(last['accounts'], 'account')}"
    drawn.chart(room_charts.end_users, mine, alt=f"{label}, end users a month: {said}", over="month")
    st.caption(said)


def _cards(found: pd.DataFrame) -> list[dict]:
    """The newest month of each, apart."""
    cards = []
    for how, label in HOWS.items():
        mine, alike = found[found["how"] == how], _alike(found, how)
        newest = alike[alike["month"] == alike["month"].max()]
        named = "" if mine.empty else f"in {pd.Timestamp(mine['month'].max()):%B %Y}"
        counted = "" if mine.empty or words.missing(alike["counted_as"].iloc[0]) else alike["counted_as"].iloc[0]
        others = mine.loc[(mine["month"] == mine["month"].max()) & ~mine.index.isin(alike.index), "name"].nunique()
        rest = f"; {words.plural(others, 'account')} more by another count or source" if others else ""
        lacking = "the logs name no end user" if how == "measured" else "no partner has reported any"
        value = words.MISSING if mine.empty else words.count(newest["end_users"].sum())
        cards.append({"label": label, "value": value, "metric": "end_users", "n": words.plural(newest["name"].nunique(), "account") + f" {named}{rest}", "beside": " ".join(part for part in (words.plain(counted), named) if part), "lacking": lacking})  # fmt: skip
        cards.append({"label": f"Accounts {'with measured ones' if how == 'measured' else 'that report'}", "value": words.count(mine["name"].nunique()), "metric": "end_users"})  # fmt: skip
    return cards


def _list(found: pd.DataFrame) -> None:
    """The newest of each account; the CSV has all months."""
    newest = found[found["is_newest"]].sort_values("end_users", ascending=False)
    tables.table(
        newest.assign(tier_name=newest["tier"].map(words.TIERS), how_name=newest["how"].map(HOWS)),
        {
            "name": tables.text("Account"),
            "tier_name": tables.text("Tier"),
            "end_users": tables.number("End users a month"),
            "how_name": tables.text("How it is known"),
            "counted_as": tables.text("Counted as"),
            "month": tables.when("Month", form="MMM YYYY"),
            "counted": tables.number("Keys or reports"),
            "source": tables.text("Source"),
        },
        name="end_users",
        alt="Accounts by end users, measured or reported",
        account="name",
        opens=links.account,
        save=found,
    )
