"""Which free accounts are a company at work, which try things out, which play, and how well that has been told so far."""

import pandas as pd
import streamlit as st

from pages.shared import figures, filters, reads, states, tables, triage_model, triage_parts, words

PARTS = {"accounts": "Free accounts", "model": "How well it tells them apart"}
LISTED = 2_000


def cards(summary: pd.DataFrame) -> list[dict]:
    """How many are scored, how many of them will pay, what became of earlier ones, and how many cannot be told."""
    accounts, known = summary["accounts"].sum(), summary["known"].sum()
    expected = summary["expected_payers"].astype(float).sum()
    untold = summary.loc[summary["class"] == "undetermined", "accounts"].sum()
    common = {"metric": "triage_summary", "n": words.plural(accounts, "free account") + " within their 180 days"}
    return [
        {"label": "Free accounts scored", "value": words.count(accounts), **common},
        {
            "label": "Expected to pay",
            "value": f"{expected:.0f}" if accounts else words.MISSING,
            "beside": f"{words.share(expected / accounts, 1)} of them" if accounts else "",
            "lacking": "no free account is within its 180 days",
            **common,
        },
        {
            "label": "Known so far",
            "value": words.share(summary["known_paid"].sum() / known, 1) if known else words.MISSING,
            "beside": f"paid, of {words.count(known)}" if known else "",
            "metric": "triage_summary",
            "n": words.plural(known, "account") + " that were free after 14 days and have had 180",
            "lacking": "no account has had its 180 days yet",
        },
        {
            "label": "Undetermined",
            "value": words.share(untold / accounts) if accounts else words.MISSING,
            "lacking": "no free account is within its 180 days",
            **common,
        },
    ]


def listed(frame: pd.DataFrame) -> None:
    """The list; a row opens its evidence."""
    st.markdown("##### All of them", anchors=False)
    odds = (
        "by judgement the odds of paying are"
        if triage_model.by_judgement()
        else "among earlier accounts the odds of paying were"
    )
    st.caption(
        f"Likeliest first, by the latest of the first 3, 7, 14 and 30 days that each has had. ×4.0 beside a trait: {odds} four times "
        "those of the average with it, all else the same. A name opens what it rests on."
    )
    shown = frame.head(LISTED)
    tables.table(
        shown.assign(
            tier_name=shown["tier"].map(words.TIERS),
            class_name=shown["class"].str.capitalize(),
            owner=shown["owner"].fillna("nobody"),
            days=[f"first {row.window_day}" for row in shown.itertuples()],
            left=["over" if row.is_over else f"{180 - row.age_days} days" for row in shown.itertuples()],
        ),
        {
            "name": tables.text("Account"),
            "class_name": tables.text("Class"),
            "probability": tables.part("Pays within 180 days", "The probability, from its first days alone"),
            "evidence": tables.text("What it rests on", width="large"),
            "chance_now": tables.part("Chance now", "What is left of it, as it has not paid since"),
            "left": tables.text("Left of 180"),
            "tier_name": tables.text("Tier"),
            "days": tables.text("Days judged"),
            "entered_on": tables.when("Began"),
            "owner": tables.text("Owner"),
        },
        name="triage",
        alt="Free accounts with their class, the probability that they pay, and what it rests on",
        account="name",
        opens=_open,
        save=frame,
    )
    if len(frame) > len(shown):
        st.caption(f"The first {words.count(len(shown))} of {words.count(len(frame))}; the CSV has all of them.")


def _open(account: str) -> None:
    st.query_params["account"] = account


def accounts() -> None:
    """The first part: who they are."""
    asked = {"triage_class": filters.chosen("class"), "window_day": filters.chosen("day")}
    found = reads.read("triage_accounts", tier=view.tier, search=filters.asked("search"), **asked)
    if account := filters.asked("account"):
        triage_parts.detail(account)
    summary = reads.read("triage_summary", tier=view.tier)
    if not (summary["accounts"].sum() + summary["older"].sum()):
        states.nothing("free accounts", **{"class": "all", "day": "all", "search": None})
        return
    figures.row(cards(summary))
    triage_model.standing()
    triage_parts.classes(summary)
    triage_parts.worth(view.tier)
    if found.empty:
        states.nothing("free accounts", **{"class": "all", "day": "all", "search": None})
    else:
        listed(found)
    figures.about("triage_accounts", "triage_summary", "triage_worth", "triage_evidence", n=words.count(len(found)))


view = filters.view()
if filters.tabs("part", PARTS, "accounts") == "model":
    triage_model.card()
else:
    accounts()
