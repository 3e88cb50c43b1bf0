"""Parts that tell free accounts apart: the classes, what each is worth, and the evidence of one account."""

from typing import Any

import pandas as pd
import streamlit as st

from pages.shared import charts, drawn, links, reads, tables, triage_charts, triage_model, words
from pages.shared.states import empty

CLASSES = {
    "commercial": "likely to pay, and in lasting use",
    "prototype": "likely to pay, not in lasting use yet",
    "exploring": "somebody of a company, or several people, looking around",
    "hobby": "one person without a company's address",
    "abuse": "two signs of abuse or more; a person decides what follows",
    "undetermined": "has not called: nothing to tell it by",
}


def classes(summary: pd.DataFrame) -> None:
    """How many of each class, beside how many of those who will pay."""
    shown = summary[summary["accounts"] > 0]
    if shown.empty:
        return
    top = shown.sort_values("expected_payers").iloc[-1]
    accounts, payers = shown["accounts"].sum(), shown["expected_payers"].astype(float).sum()
    of_payers, of_accounts = top["expected_payers"] / payers if payers else 0, top["accounts"] / accounts
    with st.container(border=True):
        st.markdown("##### Who they are, and who will pay", anchors=False)
        takeaway = f"{top['class'].capitalize()}: {words.share(of_accounts)} of the free accounts, {words.share(of_payers)} of those expected to pay"
        st.caption(f"{takeaway}. " + " · ".join(f"**{name}** {CLASSES[name]}" for name in shown["class"]))
        drawn.chart(triage_charts.classes, shown[["class", "accounts", "expected_payers"]], alt=takeaway)


def worth(tier: str | None) -> None:
    """What an account of each class may cost before it pays for itself."""
    found = reads.read("triage_worth", tier=tier)
    found = found[found["accounts"] > 0]
    if found.empty:
        return
    st.markdown("##### What each is worth our time", anchors=False)
    first = found.iloc[0]
    if words.missing(first["brings"]):
        lacking = reads.read("money_known").iloc[0]["missing"] or (
            "it takes five who paid within 180 days and have been watched for 180 since; "
            f"there are {words.count(first['conversions'])}"
        )
        empty(f"Not known: {lacking}.")
        return
    currency = reads.currency()
    brings = words.money(first["brings"], currency).replace("$", r"\$")
    st.caption(
        f"Who converts brings {brings} in the 180 days from the first paid bill, less what it costs (median of "
        f"{words.count(first['conversions'])}). Times the chance, that is what an account may cost before it pays for itself, if our time "
        "changes nothing. Whether it does, only an experiment can say."
    )
    tables.table(
        found.assign(class_name=found["class"].str.capitalize()),
        {
            "class_name": tables.text("Class"),
            "accounts": tables.number("Accounts"),
            "chance": tables.part("Mean chance now"),
            "worth": tables.money("May cost", form="%,.2f"),
            "hours": tables.number("Hours", form="%.1f"),
            "cost_month": tables.money("Costs a month", "While free, on average since it began", form="%,.2f"),
            "advice": tables.text("What follows", width="large"),
        },
        name="triage_worth",
        alt="What a free account of each class may cost, and what follows",
    )
    if words.missing(first["hour_rate"]):
        st.caption(
            "What follows from the money is not said: `program.toml` names no rate of an hour of support for all groups "
            "(`support_rate_per_hour` in `[costs]`)."
        )


def detail(account: str) -> None:
    """What one account's class rests on, in front of the page."""
    found = reads.read("triage_accounts", account=account).rename(columns={"class": "class_name"})
    title = "Account" if found.empty else words.plain(found.iloc[0]["name"])
    st.dialog(title, width="large", on_dismiss=_close)(_detail)(account, next(found.itertuples(), None))


def _close() -> None:
    st.query_params.pop("account", None)


def _detail(account: str, row: Any) -> None:
    if row is None:
        empty("This account is not free today, or has not had three days.")
    else:
        name = row.class_name
        st.markdown(
            f"{charts.mark(row.tier)} {words.TIERS[row.tier]} · **{name.capitalize()}**: {CLASSES[name]}\n\n{said(row)}"
        )
        evidence(row.account_id, row.window_day)
        by_day(row.account_id)
    links.link(links.ACCOUNT, "Open the account", icon=":material/badge:", account=account)


def said(row: Any) -> str:
    """The probability in a sentence, with what it rests on and what is left of it."""
    left = (
        "Its 180 days are over and it has not paid."
        if row.is_over
        else f"It has not paid in {words.plural(row.age_days, 'day')}, so its chance now is **{words.share(row.chance_now, 1)}**."
    )
    return (
        f"After its first {row.window_day} days it was **{words.share(row.probability, 1)}** likely to pay within 180 days of "
        f"{words.day(row.entered_on)}. {left}"
    )


def evidence(account: str, window_day: int) -> None:
    """Each trait that speaks for or against, with its weight."""
    found = reads.read("triage_evidence", account=account)
    signs = reads.read("triage_signs", account=account)
    for sign in signs.itertuples():
        st.markdown(f":orange[:material/flag: {words.plain(sign.evidence)}] — {sign.caution}")
    if found.empty:
        empty("No trait of it differs from the average account by much.")
        return
    strongest = found.iloc[0]
    drawn.chart(
        triage_charts.evidence,
        found[["evidence", "label", "contribution", "odds"]],
        alt=f"What moves its odds of paying; the most: {strongest['evidence']}, ×{strongest['odds']:.1f}",
    )
    prior = triage_model.by_judgement(window_day)
    measure = (
        "by judgement, as too few have paid to learn from"
        if prior
        else "as far as it went with paying among earlier accounts"
    )
    proof = "Nothing of it is measured." if prior else "It went together, it is no proof of a cause."
    st.caption(
        f"Blue speaks for paying, orange against, {measure}; × is what each multiplies the odds of the average account by. {proof}"
    )


def by_day(account: str) -> None:
    """How the probability moved in its first days."""
    found = reads.read("triage_by_day", account=account)
    steps = [
        f"{words.share(row.probability, 1)} after {words.plural(row.window_day, 'day')}" for row in found.itertuples()
    ]
    if steps:
        st.caption(f"As it stood: {', '.join(steps)}. Version {words.plain(found.iloc[-1]['version'])} of the model.")


def line(account: str) -> None:
    """One line for the account's own page; nothing where it is not free, or too young."""
    found = reads.read("triage_accounts", account=account)
    if found.empty:
        return
    row = found.iloc[0]
    over = "; its 180 days are over" if row["is_over"] else f", {words.share(row['chance_now'], 1)} now"
    st.markdown(
        f":material/troubleshoot: Free account, looks like **{row['class']}**: {words.share(row['probability'], 1)} likely to pay within 180 "
        f"days{over}. :gray[{words.plain(row['evidence'])}]"
    )
    links.link(links.TRIAGE, "What that rests on", icon=":material/help:", account=row["account_id"])
