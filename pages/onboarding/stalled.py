"""Who is stuck, why, what it is worth and whose move it is: the work list of evangelists, support and sales."""

import zlib
from typing import Any

import pandas as pd
import streamlit as st

from pages.shared import (
    access,
    charts,
    drawn,
    figures,
    filters,
    links,
    move_form,
    move_parts,
    moves,
    outcome_parts,
    reads,
    states,
    tables,
    words,
)

CARDS = 3
LISTED = 2_000
ORDERS = {"value": "Worth the most first", "due": "Due first", "days": "Longest first"}
KEYS = {  # the work list comes with the worth first
    "due": (["due_on", "value_at_risk", "account_id"], [True, False, True]),
    "days": (["days", "value_at_risk", "account_id"], [False, False, True]),
}
ALL_COLUMNS = [
    "account_id",
    "name",
    "tier",
    "stage",
    "stalled",
    "since",
    "days",
    "threshold_days",
    "reason",
    "reason_label",
    "secondary",
    "evidence",
    "value_at_risk",
    "owner",
    "named_by",
    "status",
    "given_up_because",
    "whose_move",
    "next_action",
    "due_on",
    "overdue",
    "taken_up",
    "contacted_at",
    "moved_at",
    "moved_to",
    "notes",
    "last_note",
]


def cards(frame: pd.DataFrame) -> list[dict]:
    """How many, worth what, how many are nobody's or late, and what became of those that were contacted."""
    common = {"metric": "stalled", "n": words.plural(len(frame), "account")}
    past = frame[frame["overdue"]]
    late = past[past["taken_up"]]
    return [
        {"label": "Stalled accounts", "value": words.count(frame["stalled"].sum()), **common},
        {
            "label": "Value at risk",
            "value": words.money(frame["value_at_risk"].astype(float).sum(min_count=1), currency),
            "lacking": "too few of this tier have converted to say what one is worth",
            **common,
        },
        {"label": "Without an owner", "value": words.count(frame["owner"].isna().sum()), **common},
        {
            "label": "Overdue",
            "value": words.count(len(late)),
            "metric": "stalled",
            "n": f"{words.plural(frame['taken_up'].sum(), 'account')} that somebody took up; of "
            f"{words.count(late['due_is_judged'].sum())} overdue ones a person set the day. "
            f"{words.count(len(past) - len(late))} more are past their reason's days, not taken up yet",
        },
        outcome_parts.card(view.tier, asked["reason"]),
    ]


def urgent(row: Any) -> None:
    """One account to act on first."""
    with st.container(border=True, height="stretch", gap="small"):
        st.markdown(f"#### {charts.mark(row.tier)} {words.plain(row.name)}", anchors=False)
        worth = words.money(row.value_at_risk, currency).replace("$", r"\$")
        st.markdown(f"**{worth} at risk** · {words.plural(round(row.days), 'day')} at {words.stage_at(row.stage)}")
        st.markdown(f":orange[{words.plain(row.reason_label)}]")
        if not words.missing(row.evidence) and row.evidence:
            st.caption(words.plain(row.evidence))
        if not words.missing(row.next_action) and row.next_action:
            st.markdown(f":material/arrow_forward: {words.plain(row.next_action)}")
        move_parts.standing(row)
        st.space("stretch")
        links.link(links.ACCOUNT, "Open the account", icon=":material/badge:", account=row.account_id)


def teams(frame: pd.DataFrame) -> pd.DataFrame:
    """The rows of whoever's move is chosen; the way to the visitor's own list beside the choice."""
    counted = frame["whose_move"].value_counts()
    named = {team: f"{team.capitalize()} {words.count(n)}" for team, n in counted.items()}
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="teams"):
        team = filters.tabs("move", {"all": "Everyone's move", **named}, "all", label="Whose move")
        if access.guarded() and asked["owner"] != access.who():
            links.link(links.STALLED, "My list", icon=":material/person:", owner=access.who())
    return frame if team == "all" else frame[frame["whose_move"] == team]


def reasons(frame: pd.DataFrame) -> None:
    """Why they stall."""
    why = frame[frame["stalled"]].groupby(["tier", "reason_label"], as_index=False)
    why = why.agg(accounts=("account_id", "size"), value_at_risk=("value_at_risk", "sum"))
    if why.empty:
        return
    with st.container(border=True):
        st.markdown("##### Why they stall", anchors=False)
        top = why.groupby("reason_label")["accounts"].sum()
        drawn.chart(charts.reasons, why, alt=f"Stalled accounts by reason; the most: {top.idxmax()}, {top.max()}")


def worth_most(frame: pd.DataFrame) -> None:
    """The first three that are not closed: worth the most where that is known, else stalled the longest."""
    first = frame[frame["stalled"] & ~frame["status"].isin(moves.CLOSED)].head(CARDS)
    if first.empty:
        return
    st.markdown(
        f"##### {'Worth the most' if first['value_at_risk'].notna().any() else 'Longest stalled'}", anchors=False
    )
    with st.grid(CARDS, min_column_width=260, gap="small"):
        for row in first.itertuples():
            urgent(row)


def work(frame: pd.DataFrame) -> None:
    """The list, what to do with the rows that are chosen, and what was just done."""
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.markdown("##### All of them", anchors=False)
        order = filters.choice("sort", "Order", ORDERS, "value", 210)
    if order in KEYS:
        by, ascending = KEYS[order]
        frame = frame.sort_values(by, ascending=ascending, na_position="last")
    shown = frame.head(LISTED)
    move_form.just_decided()
    moved = shown["moved_at"].notna().any()
    places = tables.table(
        shown.assign(
            tier_name=shown["tier"].map(words.TIERS),
            stage_name=shown["stage"].map(words.stage),
            status_name=shown["status"].map(moves.STATUSES),
            owner=shown["owner"].fillna("nobody"),
            late=[
                None if not one.overdue else "overdue" if one.taken_up else "past its reason's days"
                for one in shown.itertuples()
            ],
            team=shown["whose_move"].str.capitalize(),
            moved_name=shown["moved_to"].map(words.stage),
        ),
        {
            "name": tables.text("Account"),
            "tier_name": tables.text("Tier"),
            "reason_label": tables.text("Reason"),
            "value_at_risk": tables.money("Value at risk"),
            "owner": tables.text("Owner"),
            "status_name": tables.text("Status"),
            "due_on": tables.when("Due"),
            "late": tables.text("Overdue"),
            "next_action": tables.text("Next"),
            "team": tables.text("Whose move"),
            "stage_name": tables.text("Stage"),
            "days": tables.number("Days", form="%.0f"),
            "threshold_days": tables.number("Stalled after", form="%.0f"),
            "contacted_at": tables.when("Last contact"),
            **({"moved_at": tables.when("Moved on"), "moved_name": tables.text("to")} if moved else {}),
            "notes": tables.number("Notes"),
            "last_note": tables.text("Last note"),
            "evidence": tables.text("What it rests on"),
        },
        name="stalled",
        alt="Work list of stalled accounts with reason, value at risk, owner, status, day and next action",
        account="name",
        opens=_open,
        chosen=_these(shown),
        save=frame[ALL_COLUMNS],
    )
    if len(frame) > len(shown):
        st.caption(
            f"The first {words.count(len(shown))} of {words.count(len(frame))}; filters reach the others, and the CSV "
            "has all of them."
        )
    bulk(shown.iloc[places], frame)


def _open(account: str) -> None:
    st.query_params["account"] = account


def _these(shown: pd.DataFrame) -> str:
    """A short text that is another one where the list's rows or their order are, or something was decided."""
    saved = st.session_state.get(move_form.SAVED, 0)
    return f"_{zlib.crc32(' '.join(shown['account_id']).encode()):x}_{saved}"


def bulk(chosen: pd.DataFrame, frame: pd.DataFrame) -> None:
    """What to do with the rows that are chosen, or with the whole list."""
    with st.container(border=True, key="bulk"):
        whole = st.checkbox(f"All {words.count(len(frame))} of this list", key=f"bulk_all{_these(frame)}")
        rows = frame if whole else chosen
        if rows.empty:
            st.caption(
                ":material/checklist: Choose rows to assign them, set their status, next action or day, or note something."
            )
        else:
            decide(tuple(rows["account_id"]))


@st.fragment
def decide(accounts: tuple[str, ...]) -> None:
    """The form, drawn again by itself while it is filled in, of the accounts as they stand then."""
    if move_form.form(moves.rows(accounts), "bulk"):
        st.rerun()


def went_back() -> None:
    """Who was in production or paid, and does not any more: not all of them are stalled."""
    found = moves.owned(reads.read("went_back", tier=view.tier))
    st.markdown("##### Went back", anchors=False)
    if found.empty:
        states.empty("Nobody who was in production or paid has gone back.")
        return
    st.caption(
        "In production or paying once, and not any more. A lapsed production may be in the list above; a lost payer is not."
    )
    tables.table(
        found.assign(
            tier_name=found["tier"].map(words.TIERS),
            **{column: found[column].map(words.stage) for column in ("from_stage", "stage")},
        ),
        {
            "name": tables.text("Account"),
            "tier_name": tables.text("Tier"),
            "from_stage": tables.text("From"),
            "stage": tables.text("To"),
            "went_back_at": tables.when("Since"),
            "days": tables.number("Days"),
            "revenue": tables.money("Paid so far"),
            "owner": tables.text("Owner"),
            "event": tables.text("What shows it"),
        },
        name="went_back",
        alt="Accounts that stand lower than they have been, what they paid, and since when",
        account="name",
    )


view = filters.view()
currency = reads.currency()
asked = {name: filters.chosen(name) for name in ("stage", "reason", "owner", "status", "overdue")}
found = moves.work_list(tier=view.tier, stage=asked["stage"], reason=asked["reason"], search=filters.asked("search"))
listed = teams(moves.picked(found, asked["owner"], asked["status"], asked["overdue"]))
if account := filters.asked("account"):
    move_parts.detail(account)
if listed.empty:
    reset = dict.fromkeys(["stage", "reason", "search", "owner", "overdue", "move"])
    states.nothing("stalled accounts", **reset, status="all")
    move_form.just_decided()
else:
    figures.row(cards(listed))
    reasons(listed)
    worth_most(listed)
    work(listed)
went_back()
outcome_parts.draw(view.tier, asked["reason"])
figures.about("stalled", "work_list", "move_outcomes", "went_back", n=words.plural(len(listed), "account"))
