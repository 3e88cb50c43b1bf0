"""The stakeholder map: for each API who pays, builds, uses, watches and wants it, whose the relation is, and what is open."""

from typing import Any

import pandas as pd
import streamlit as st

from pages.shared import drawn, figures, filters, links, moves, reads, room_charts, room_words, states, tables, words

SILENT_DAYS = 90


def draw(view: Any) -> None:
    """The whole part."""
    found = moves.owned(
        reads.read("stakeholders", tier=view.tier, service=view.service, search=filters.asked("search"))
    )
    if found.empty:
        states.nothing("stakeholders: no API was called in the last 90 days", search=None)
        return
    figures.row(_cards(found))
    _map(found)
    _list(found)
    figures.about("stakeholders", n=words.plural(found["account_id"].nunique(), "account"))


def _cards(found: pd.DataFrame) -> list[dict]:
    """Accounts around the APIs, and how many of them nobody leads, asks something, or heard nothing from us."""
    once = found[found["account_id"].notna()].drop_duplicates("account_id")
    others = once[once["tier"] != "internal"]
    since = reads.current().as_of - pd.Timedelta(days=SILENT_DAYS)
    silent = others["last_contact_at"].isna() | (others["last_contact_at"] < since)
    common = {"metric": "stakeholders", "n": words.plural(len(once), "account") + " in the last 90 days of calls"}
    outside = {**common, "n": words.plural(len(others), "account") + " outside the house"}
    return [
        {"label": "APIs called", "value": words.count(found["service"].nunique()), **common},
        {"label": "Accounts around them", "value": words.count(len(once)), **common},
        {"label": "Without an owner", "value": words.count(others["owner"].isna().sum()), **outside},
        {"label": "With an open concern", "value": words.count((others["concerns"] > 0).sum()), **outside},
        {"label": "No contact on record in 90 days", "value": words.count(silent.sum()), **outside},
    ]


def _map(found: pd.DataFrame) -> None:
    """Roles by API."""
    told = found.assign(n=found["visitors"].astype("Int64").fillna(1).astype(int))
    told["owner"] = told["owner"].where(told["role"] != "reader", "nobody is asked")
    cells = told.groupby(["role", "service"], as_index=False).agg(
        n=("n", "sum"),
        nobodys=("owner", lambda owners: int(owners.isna().sum())),
        open=("concerns", lambda concerns: int((concerns > 0).sum())),
        silent=("last_contact_at", lambda contacts: int(contacts.isna().sum())),
    )
    cells = cells.assign(
        role_name=cells["role"].map(room_words.ROLES),
        share=(cells["nobodys"] / cells["n"]).astype(float),
        label=cells["n"].map(words.count),
        below=[f"{words.count(n)} open" if n else "" for n in cells["open"]],
    )
    most = cells.sort_values("n").iloc[-1]
    with st.container(border=True):
        st.markdown("##### Who is around each API", anchors=False)
        st.caption(
            "How many have each role, and how many of them have something open. An account may have several roles; only readers are addresses."
        )
        drawn.chart(
            room_charts.stakeholder_map,
            cells,
            drawn.dark(),
            alt=f"Roles by API; the most: {most['label']} {most['role_name'].lower()} of {most['service']}, {words.count(most['nobodys'])} of "
            "them without an owner",
        )


def _list(found: pd.DataFrame) -> None:
    """Everybody of the chosen role."""
    counted = found["role"].value_counts()
    named = {
        role: f"{label} {words.count(counted[role])}" for role, label in room_words.ROLES.items() if role in counted
    }
    role = filters.tabs("role", {"all": "All roles", **named}, "all", label="Role")
    shown = found if role == "all" else found[found["role"] == role]
    shown = shown.sort_values(["concerns", "calls"], ascending=False, na_position="last", kind="stable")
    tables.table(
        shown.assign(
            role_name=shown["role"].map(room_words.ROLES),
            tier_name=shown["tier"].map(words.TIERS),
            owner=shown["owner"].fillna("nobody").where(shown["role"] != "reader", None),
        ),
        {
            "name": tables.text("Who"),
            "service": tables.text("API"),
            "role_name": tables.text("Role"),
            "tier_name": tables.text("Tier"),
            "owner": tables.text("Owner"),
            "last_contact_at": tables.when("Last contact"),
            "last_contact": tables.text("How", width="medium"),
            "concern": tables.text("Open concern", width="medium"),
            "concern_since": tables.when("Since"),
            "concerns": tables.number("Open in all"),
            "people": tables.number("Developers"),
            "calls": tables.number("Calls"),
            "end_users": tables.number("End users a month"),
            "visitors": tables.number(
                "Visitors last month", help="Addresses that read its most read page and were never seen calling"
            ),
            "said": tables.text("What is said", width="medium"),
        },
        name="stakeholders",
        alt="Stakeholders of each API with role, owner, last contact and open concern",
        account="name",
        opens=links.account,
    )
