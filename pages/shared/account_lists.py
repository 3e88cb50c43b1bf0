"""The lists of the Account page: people and roles, what ties the records together, tickets, contracts, and the timeline."""

import pandas as pd
import streamlit as st

from pages.shared import account_words, reads, tables, words
from pages.shared.states import empty


def people(account: str) -> None:
    """Everyone around the account with the role that shows, its developers, and what ties the records together."""
    _roles(account)
    _developers(account)
    _links(account)


def _roles(account: str) -> None:
    found = reads.read("account_roles", account=account)
    st.markdown("##### People and roles", anchors=False)
    if found.empty:
        empty("Nobody is known.")
        return
    if not (found["role"] == "economic_buyer").any():
        st.caption(":material/person_search: Nobody is known who decides to buy.")
    tables.table(
        found.assign(role=found["role"].map(account_words.role, na_action=None)),
        {
            "role": tables.text("Role"),
            "name": tables.text("Name"),
            "email": tables.text("E-mail"),
            "title": tables.text("Title"),
            "evidence": tables.text("Because", width="large"),
            "source": tables.text("Source"),
            "first_seen_at": tables.when("First seen"),
            "last_seen_at": tables.when("Last seen"),
        },
        name="roles",
        alt="People around the account with their roles, and what shows it",
    )


def _developers(account: str) -> None:
    found = reads.read("account_people", account=account)
    st.markdown("##### Developers", anchors=False)
    if found.empty:
        empty("No developer is known.")
        return
    tables.table(
        found,
        {
            "name": tables.text("Name"),
            "email": tables.text("E-mail"),
            "signed_up_at": tables.when("Signed up"),
            "evidence": tables.text("Belongs here by"),
            "confidence": tables.part("Confidence"),
            "first_call_at": tables.when("First call"),
            "last_call_at": tables.when("Last call"),
        },
        name="people",
        alt="Developers with the evidence that they belong to this account",
    )


def _links(account: str) -> None:
    found = reads.read("account_links", account=account)
    st.markdown("##### What ties the records together", anchors=False)
    if found.empty:
        empty("No link to a record of another source.")
        return
    tables.table(
        found.assign(
            left_kind=found["left_kind"].map(account_words.record),
            right_kind=found["right_kind"].map(account_words.record),
        ),
        {
            "left_kind": tables.text("This"),
            "left_name": tables.text("called"),
            "right_kind": tables.text("and this"),
            "right_name": tables.text("known as"),
            "evidence": tables.text("are linked by"),
            "confidence": tables.part("Confidence"),
            "why": tables.text("Result"),
            "linked_at": tables.when("Since"),
        },
        name="links",
        alt="Links between records with their evidence, confidence and date",
    )


def support(account: str) -> None:
    """The tickets."""
    tickets = reads.read("account_tickets", account=account)
    if tickets.empty:
        empty("No ticket.")
        return
    tables.table(
        tickets,
        {
            "subject": tables.text("Subject"),
            "status": tables.text("Status"),
            "priority": tables.text("Priority"),
            "created_at": tables.when("Opened"),
            "first_reply_minutes": tables.number("First reply (min)", form="%,.0f"),
            "breached": st.column_config.CheckboxColumn("SLA breached"),
        },
        name="tickets",
        alt="Support tickets with status and first reply",
    )


def contracts(account: str) -> None:
    """What was agreed, whether it is in force, and what it waits for."""
    found = reads.read("account_contracts", account=account)
    if found.empty:
        empty("No contract is known.")
        return
    waits = found["waiting_for"].notna()
    tables.table(
        found.assign(
            annual_value=[words.major(*pair) for pair in zip(found["annual_value"], found["currency"], strict=True)],
            currency=found["currency"].str.upper(),
            relation=[
                None if words.missing(relation) else account_words.relation(relation, step)
                for relation, step in zip(found["relation"], found["two_step"], strict=True)
            ],
            terms=found["terms"].str.replace("_", " "),
            revenue_share=found["revenue_share_percent"] / 100,
            waiting=(found["step"].str.replace("_", " ") + ": " + found["waiting_for"]).where(waits),
        ),
        {
            "held_by": tables.text("With"),
            "state": tables.text("State"),
            "terms": tables.text("Terms"),
            "relation": tables.text("Who pays"),
            "application": tables.text("For the application"),
            "annual_value": tables.number("A year", form="%,.2f"),
            "currency": tables.text("Currency"),
            "revenue_share": tables.part("Revenue share"),
            "signed_at": tables.when("Signed"),
            "ends_at": tables.when("Ends"),
            "waiting": tables.text("Waiting for"),
            "waiting_since": tables.when("since"),
            "owner": tables.text("Owner"),
        },
        name="contracts",
        alt="Contracts with state, value, dates and what they wait for",
    )


def timeline(account: str) -> None:
    """Everything dated, the latest first."""
    events = reads.read("account_timeline", account=account)
    if events.empty:
        empty("Nothing is known to have happened.")
        return
    tables.table(
        pd.DataFrame(
            {
                "occurred_at": events["occurred_at"],
                "what": events["kind"].map(account_words.EVENTS),
                "text": [_sentence(text) for text in events["text"]],
                "detail": [_detail(*pair) for pair in zip(events["kind"], events["detail"], strict=True)],
            }
        ),
        {
            "occurred_at": tables.when("When (UTC)", form="D MMM YYYY HH:mm"),
            "what": tables.text("What"),
            "text": tables.text("More", width="large"),
            "detail": tables.text("Detail"),
        },
        name="timeline",
        alt="Events of this account, the latest first",
    )


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _detail(kind: str, detail: object) -> str | None:
    if words.missing(detail):
        return None
    return account_words.rule(detail) if kind in ("tier", "ladder") else str(detail).replace("_", " ")
