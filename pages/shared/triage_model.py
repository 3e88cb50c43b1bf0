"""The model's card: from what it was learned, how well it told accounts apart that it had not seen, what it weighs, what it is not for."""

from typing import Any

import pandas as pd
import streamlit as st

from pages.shared import drawn, figures, filters, reads, tables, triage_charts, words
from pages.shared.states import empty

DAYS = {"3": "After 3 days", "7": "7 days", "14": "14 days", "30": "30 days"}
NOT_FOR = """
- **Not to refuse, slow down or cut off anyone.** It says who is likely to pay, nothing about anybody's worth or right to be served. Abuse is a reason to look, by a person.
- **Not to price by.** What somebody would pay is no part of it.
- **Not about people.** The unit is the account; no trait that it weighs is a person's country, name, sex or age.
- **Not to measure our own effect.** Weights are what went together with paying. Who is called because of a high score and then pays proves neither the call nor the score.
- **Not for accounts of another kind** than those that it was learned from: a new plan, price or audience needs new cohorts first.
"""


def standing() -> None:
    """Above the accounts: whether a model or the prior speaks, in a sentence."""
    rows = reads.read("triage_quality")
    told = rows[rows["window_day"] == 14]
    if told.empty:
        return
    row = told.iloc[0]
    if row["kind"] == "prior":
        st.warning(
            f"{words.plural(row['conversions'], 'free account')} paid so far; a model takes 50. Until then the probabilities come from "
            "stated weights, a judgement and no measurement: read them as an order, not as chances.",
            icon=":material/balance:",
        )
    elif not words.missing(row["auc"]):
        st.caption(
            f":material/verified: On {words.count(row['tested'])} accounts that it had not seen, one who paid was ranked above one who did not in "
            f"{words.share(row['auc'])} of all pairs, after 14 days."
        )


def by_judgement(window_day: int = 14) -> bool:
    """Whether the stated prior speaks after so many days, and not a model."""
    rows = reads.read("triage_quality")
    return bool((rows.loc[rows["window_day"] == window_day, "kind"] == "prior").any())


def card() -> None:
    """The whole card, for one of the numbers of days."""
    rows = reads.read("triage_quality")
    if rows.empty:
        empty("No free account has had three days yet.")
        return
    day = filters.tabs("after", DAYS, "14", label="Days judged")
    row = next(rows[rows["window_day"] == int(day)].itertuples())
    figures.row(cards(row))
    learned_from(row)
    said_and_came(row)
    by_day(rows)
    weights(row)
    versions(row)
    st.markdown("##### What it must not be used for", anchors=False)
    st.markdown(NOT_FOR)
    figures.about("triage_quality", "triage_calibration", "triage_weights", "triage_versions")


def cards(row: Any) -> list[dict]:
    """How well it ranked, how far off it was, and how much better than a guess."""
    common = {
        "metric": "triage_quality",
        "n": f"{words.plural(row.tested, 'account')} that no model had seen, {words.count(row.tested_paid)} paid",
        "lacking": "fewer than ten that no model had seen have paid and had their 180 days",
    }
    return [
        {"label": "AUC", "value": _number(row.auc, 2), **common},
        {
            "label": "Brier score",
            "value": _number(row.brier, 4),
            "beside": ""
            if words.missing(row.brier)
            else f"{row.brier_base_rate:.4f} for one guess, {row.brier_company_domain:.4f} by domain",
            **common,
        },
        {"label": "Calibration error", "value": words.share(row.calibration_error, 1), **common},
        {
            "label": "Lift of the top tenth",
            "value": words.MISSING if words.missing(row.lift) else f"{row.lift:.1f} ×",
            **common,
        },
    ]


def _number(value: Any, digits: int) -> str:
    return words.MISSING if words.missing(value) else f"{value:.{digits}f}"


def learned_from(row: Any) -> None:
    """Where the probabilities come from, in two sentences."""
    if row.kind == "prior":
        st.caption(
            f"Stated weights, no measurement: of {words.plural(row.accounts, 'account')} {words.count(row.conversions)} have paid so far, and a "
            "model takes 50. The reasons of the weights are below."
        )
        return
    st.caption(
        f"Logistic regression, calibrated on accounts left out. Version {words.plain(row.version)}, learned on {words.day(row.learned_on)} from "
        f"{words.plural(row.accounts, 'account')} that began from {words.day(row.entered_from)} to {words.day(row.entered_to)}, of which "
        f"{words.count(row.conversions)} are known to have paid. Who is younger than 180 days and has not paid counts in part as one that will, by how "
        "many of those who paid had done so by its age."
    )


def said_and_came(row: Any) -> None:
    """Calibration by tenth."""
    found = reads.read("triage_calibration", window_day=row.window_day)
    with st.container(border=True):
        st.markdown("##### Said, and come true", anchors=False)
        if found.empty:
            empty("Nobody that a model had not seen has had the 180 days yet.")
            return
        top = found.iloc[0]
        takeaway = (
            f"Of the likeliest tenth {words.share(top['said'])} were said to pay, {words.share(top['came'])} did "
            f"({words.count(top['paid'])} of {words.count(top['accounts'])})"
        )
        st.caption(f"{takeaway}. On the dashed line both agree; upright lines are 95 % intervals.")
        drawn.chart(triage_charts.calibration, found, alt=takeaway)


def by_day(rows: pd.DataFrame) -> None:
    """The same figures after 3, 7, 14 and 30 days."""
    st.markdown("##### The longer we look", anchors=False)
    tables.table(
        rows.assign(days=[f"first {day}" for day in rows["window_day"]], by=rows["kind"]),
        {
            "days": tables.text("Days judged"),
            "by": tables.text("By"),
            "conversions": tables.number("Learned from payers"),
            "accounts": tables.number("of accounts"),
            "tested": tables.number("Tested on"),
            "tested_paid": tables.number("of whom paid"),
            "tested_from": tables.when("since"),
            "auc": tables.number("AUC", form="%.3f"),
            "brier": tables.number("Brier", form="%.4f"),
            "brier_base_rate": tables.number("of one guess", form="%.4f"),
            "brier_company_domain": tables.number("of the domain", form="%.4f"),
            "calibration_error": tables.part("Calibration error"),
            "lift": tables.number("Lift", form="%.1f"),
        },
        name="triage_quality",
        alt="How well free accounts were told apart after 3, 7, 14 and 30 days",
    )


def weights(row: Any) -> None:
    """The traits with their weights."""
    st.markdown("##### What it weighs", anchors=False)
    st.caption(
        "Log-odds per unit of each trait, all others the same. Traits that come together share their weight, so a small or odd one may only "
        "say that another says it already."
    )
    tables.table(
        reads.read("triage_weights", window_day=row.window_day),
        {
            "label": tables.text("Trait"),
            "weight": tables.number("Weight", form="%+.2f"),
            "odds": tables.number("Odds ×", form="%.2f"),
            "mean": tables.number("Mean", form="%.2f"),
            "trait_unit": tables.text("Counted as"),
            "prior_weight": tables.number("By judgement", form="%+.1f"),
            "because": tables.text("because"),
        },
        name="triage_weights",
        alt="The model's weights by trait",
    )


def versions(row: Any) -> None:
    """When it was learned anew."""
    found = reads.read("triage_versions")
    found = found[found["window_day"] == row.window_day]
    with st.expander(f"Versions ({len(found)})", icon=":material/history:"):
        st.caption(
            "Learned anew when a tenth more have paid, ten at the least. Each is kept: "
            '`python -m sql query triage_by_day --version "<name>"` gives the scores of its time.'
        )
        tables.table(
            found.assign(now=found["is_current"].map({True: "holds now", False: ""})),
            {
                "version": tables.text("Version"),
                "now": tables.text(""),
                "learned_on": tables.when("Learned"),
                "accounts": tables.number("Accounts"),
                "conversions": tables.number("Paid"),
                "base_rate": tables.part("Expected to pay"),
            },
            name="triage_versions",
            alt="Versions of the model",
        )
