"""The lists of the morning: each a table of developers or accounts, down to the account, with its owner."""

import json
from typing import Any

import pandas as pd
import streamlit as st

from pages.shared import moves, states, tables, words

LISTS = {
    "failing": "Failing now",
    "quiet": "Gone quiet",
    "outgrew": "No way up",
    "fell": "Fell back",
    "new": "Signed up yesterday",
    "no_call": "No first call",
}
SIDES = {
    "caller": ("Refused (4xx)", "what they send is refused: keys, paths, fields"),
    "throttled": ("Throttled (429)", "over their quota or rate"),
    "ours": ("Our errors (5xx)", "we failed, whatever they sent"),
}
WAYS = {"none": "no way up", "unknown": "plan not known", "plan": "a plan to take", "led": "somebody leads a sale"}


def owned(frame: pd.DataFrame, owner: str | None) -> pd.DataFrame:
    """The rows with their owners as they are now; only those of the owner that is asked for."""
    frame = moves.owned(frame)
    if owner == moves.NOBODY:
        return frame[frame["owner"].isna()]
    return frame[frame["owner"].str.lower() == owner.lower()] if owner else frame


def draw(frame: pd.DataFrame, columns: dict[str, Any], name: str, alt: str, none: str) -> None:
    """One list: a click on its account opens owner and note."""
    if frame.empty:
        states.empty(none)
        return
    shown = frame.assign(
        tier_name=frame["tier"].map(words.TIERS),
        stage_name=frame["stage"].map(words.stage),
        owner=frame["owner"].fillna("nobody"),
    )
    tables.table(
        shown,
        {
            "name": tables.text("Account"),
            **columns,
            "owner": tables.text("Owner"),
            "tier_name": tables.text("Tier"),
            "stage_name": tables.text("Stage"),
        },
        name=name,
        alt=alt,
        account="name",
        opens=_open,
    )


def _open(account: str) -> None:
    st.query_params["account"] = account


def today(frame: pd.DataFrame) -> None:
    """Whom to write to this morning, the most pressing first."""
    listed = [[LISTS[one] for one in json.loads(value)] for value in frame["lists"]]
    also = [", ".join(names[1:]) for names in listed]
    draw(
        frame.assign(why=[LISTS[one] for one in frame["list"]], also=also),
        {
            "why": tables.text("Why"),
            "evidence": tables.text("What shows it", width="large"),
            "developer": tables.text("Developer"),
            "also": tables.text("Also"),
        },
        "developers_today",
        "Accounts to write to this morning with why, what shows it, and whose they are",
        "Nobody needs a word this morning.",
    )


def new(frame: pd.DataFrame, when: str) -> None:
    """Who signed up, from where, and how far they are."""
    draw(
        frame.assign(channel=frame["channel"].fillna("not known"), standing=_standing(frame)),
        {
            "developer": tables.text("Developer"),
            "signed_up_at": tables.when("Signed up (UTC)", form="D MMM HH:mm"),
            "channel": tables.text("Channel"),
            **({"referrer": tables.text("From")} if frame["referrer"].notna().any() else {}),
            "standing": tables.text("Is at"),
            "is_first": st.column_config.CheckboxColumn("First of its account"),
        },
        "developers_new",
        f"Developers who signed up {when}, through which channel, and how far they are",
        f"Nobody signed up {when}.",
    )


def _standing(frame: pd.DataFrame) -> list[str]:
    said = []
    for one in frame.itertuples():
        if not pd.isna(one.first_success_at):
            said.append("first success")
        elif not pd.isna(one.first_call_at):
            said.append("called, no success")
        else:
            said.append("has a key, no call" if one.has_key else "no key yet")
    return said


def no_call(frame: pd.DataFrame) -> None:
    """Who signed up in the last 90 days and has not called."""
    key = frame["has_key"].map({True: "has a key", False: "no key yet"})
    colleagues = frame["account_calls"].map({True: "colleagues call", False: ""})
    draw(
        frame.assign(key=key, colleagues=colleagues, channel=frame["channel"].fillna("not known")),
        {
            "developer": tables.text("Developer"),
            "signed_up_at": tables.when("Signed up"),
            "days": tables.number("Days ago"),
            "key": tables.text("Key"),
            "colleagues": tables.text("Account"),
            "channel": tables.text("Channel"),
            **({"referrer": tables.text("From")} if frame["referrer"].notna().any() else {}),
        },
        "developers_no_call",
        "Developers of the last 90 days without a call, when they signed up and through which channel",
        "Everyone who signed up in the last 90 days has called.",
    )


def failing(frame: pd.DataFrame) -> None:
    """Whose calls fail: what they are refused for, what is throttled, and what is our fault, each by itself."""
    for side in ("ours", "caller", "throttled"):
        label, about = SIDES[side]
        mine = frame[frame["side"] == side]
        st.markdown(f"##### {label}: {words.plural(mine['account_id'].nunique(), 'account')}", anchors=False)
        st.caption(f"{about.capitalize()}.")
        draw(
            mine,
            {
                "status": tables.number("Status", form="%d"),
                "failed": tables.number("Calls with it"),
                "calls": tables.number("of its calls"),
                "ok": tables.number("that worked"),
                "route": tables.text("Mostly on"),
                "route_last_at": tables.when("Last call there (UTC)", form="D MMM HH:mm"),
                "developer": tables.text("Developer"),
            },
            f"developers_failing_{side}",
            f"Accounts with {label}: status, calls, route and last call",
            "Nobody.",
        )


def outgrew(frame: pd.DataFrame) -> None:
    """Who has outgrown the free plan, those without a way up first."""
    draw(
        frame.assign(way_name=frame["way"].map(WAYS)),
        {
            "way_name": tables.text("Way up"),
            "refused": tables.number("Over the limit", help="Calls refused for quota or rate in 30 days"),
            "ok": tables.number("Answered", help="Calls answered in 30 days"),
            "median_payer_ok": tables.number("A payer's median", form="%,.0f"),
            "plan": tables.text("Plan"),
            "plan_above": tables.text("Plan above"),
            "plan_above_price": tables.money("a month"),
        },
        "developers_outgrew",
        "Free accounts that have outgrown it, with their use, their plan and their way up",
        "No free account has outgrown its plan.",
    )


def moved(frame: pd.DataFrame) -> None:
    """Who moved up, held or fell back."""
    draw(
        frame.assign(moved=frame["movement"].map({"up": "moved up", "held": "held", "down": "fell back"})),
        {
            "developer": tables.text("Developer"),
            "moved": tables.text("Moved"),
            "use_before": tables.text("The month before"),
            "use": tables.text("That month"),
            "ok_days": tables.number("Days with a success"),
            "calls": tables.number("Calls"),
        },
        "developers_moved",
        "Developers by their use in a month against the month before",
        "Nobody moved.",
    )


def quiet(frame: pd.DataFrame) -> None:
    """Who mattered and has gone quiet."""
    draw(
        frame,
        {
            "last_ok_on": tables.when("Last success"),
            "days_quiet": tables.number("Days ago"),
            "weeks": tables.number("Weeks before", help="Of the eight weeks before, those with a success"),
            "ok": tables.number("Answered in them"),
            "revenue": tables.money("Paid in a year"),
            "why": tables.text("Why it mattered"),
        },
        "developers_quiet",
        "Accounts that mattered and have gone quiet, since when, and why they mattered",
        "Nobody who mattered has gone quiet.",
    )


def champions(frame: pd.DataFrame) -> None:
    """Who carries us where it works."""
    draw(
        frame,
        {
            "developer": tables.text("Developer"),
            "why": tables.text("What shows it", width="large"),
            "signs": tables.number("Signs, of 4"),
            "weeks": tables.number("Weeks, of 8"),
            "ok": tables.number("Answered"),
            "followers": tables.number("Came after"),
            "routes": tables.number("Routes"),
        },
        "champions",
        "Developers who carry us where it works, and what shows it",
        "Nobody shows the signs of a champion yet.",
    )
