"""Rules that stand in files of their own, as the snapshot was built by them: reasons for stalls and topics of tickets. Read only."""

from typing import Any

import streamlit as st

from data_sources import stall_reasons, ticket_topics
from pages.shared import links, reads, states, tables, words


def reasons(tier: str | None) -> None:
    """The reasons in order: what must hold, what is next, and how many stalled accounts each holds today."""
    _where(stall_reasons.RULES)
    for row in reads.read("reason_rules", tier=tier).itertuples():
        with st.container(border=True, gap="xxsmall", key=f"reason_{row.reason}"):
            with st.container(
                horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", gap="small"
            ):
                st.markdown(f":gray[{row.position}] &nbsp; **{words.plain(row.reason_label)}**", width="content")
                held = words.plural(row.accounts, "stalled account")
                beside = (
                    f" · {words.count(row.secondary_accounts)} more beside another reason"
                    if row.secondary_accounts
                    else ""
                )
                st.caption(held + beside, width="content")
            st.markdown(f":gray[when] {_code(row.condition)}")
            due = "today" if row.due_days == 0 else f"within {words.plural(row.due_days, 'day')}"
            st.caption(f"{words.plain(row.next_action)} · {row.whose_move.capitalize()}, {due}")
    links.link(links.STALLED, "The stalled accounts", icon=":material/hourglass_top:", tier=tier or "all")


def topics(tier: str | None, dates: dict[str, Any]) -> None:
    """What tickets are about, by the topics in order, and how many of them no rule knows."""
    _where(ticket_topics.RULES)
    found = reads.read("ticket_topics", tier=tier, **dates)
    if not found["tickets"].sum() and not found["open_tickets"].sum():
        states.empty("No ticket was opened in this period, and none is open.")
        return
    tables.table(
        found,
        {
            "topic_label": tables.text("Topic", pinned=True),
            "tickets": tables.number("Tickets"),
            "share": tables.part("of all"),
            "accounts": tables.number("Accounts"),
            "open_tickets": tables.number("Open"),
            "stalled_accounts": tables.number("Stalled accounts with one open"),
            "counts_as": tables.text(
                "Counts as", help="what the program concludes: a commercial contact, a security review, …"
            ),
        },
        name="ticket_topics",
        alt="Topics of tickets in the order of their rules, with the share that no rule knows",
    )
    subjects = reads.listed(found[found["topic"] == "unknown"].iloc[0]["sample_subjects"])
    if subjects:
        st.caption("No rule knows: " + "; ".join(f"“{words.plain(subject)}”" for subject in subjects))
    st.caption("A ticket with two topics counts in both.")


def _where(rules: Any) -> None:
    st.caption(f":material/description: {words.plain(rules.place(reads.home()))}.")


def _code(text: str) -> str:
    """A condition as code; it wraps where it is long, and no sign of it formats."""
    return "`" + " ".join(str(text).replace("`", "'").split()) + "`"
