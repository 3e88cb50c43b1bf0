"""What is done about one stalled account: where it stands, whose it is, until when, what was decided, and the form to decide it."""

from typing import Any

import pandas as pd
import streamlit as st

from pages.shared import charts, judging, links, move_form, moves, reads, words
from pages.shared.states import empty

SHOWN = 20
NAMED_BY = {
    "person": "",
    "contract": "as its contract says",
    "opportunity": "as its opportunity says",
    "rule": "by a rule of program.toml",
}


def standing(row: Any) -> None:
    """Owner, status and day in one line, what overdue is in colour; and the next action."""
    by = NAMED_BY.get(row.named_by, "")
    owner = f"**{words.plain(row.owner)}**" if not words.missing(row.owner) else ":orange[**nobody's**]"
    parts = [
        f":material/person: {owner}" + (f" :small[:gray[{by}]]" if by else ""),
        f"**{moves.STATUSES[row.status]}**",
    ]
    if not words.missing(row.given_up_because):
        parts.append(words.plain(row.given_up_because))
    if not words.missing(row.contacted_at):
        parts.append(f"last contact {words.day(row.contacted_at)}")
    if not words.missing(row.due_on):
        due = f"due {words.day(row.due_on)}"
        late = f":orange[**{due}, overdue**]" if row.taken_up else f"{due}, past its reason's days"
        parts.append(late if row.overdue else due)
    st.markdown(" · ".join(parts))
    if moved := moved_on(row):
        st.caption(moved)


def moved_on(row: Any) -> str:
    """That it left the stage at which something was decided; empty where it did not."""
    if words.missing(row.moved_at):
        return ""
    return f":material/trending_flat: moved on to {words.stage_at(row.moved_to)}, {words.day(row.moved_at)}"


def why(row: Any) -> None:
    """How long it stands where, why, what shows it, and what it is worth."""
    if row.stalled:
        st.markdown(
            f"{words.plural(round(row.days), 'day')} at {words.stage_at(row.stage)} · "
            f":orange[**{words.plain(row.reason_label)}**]"
        )
        rests_on(row)
    else:
        st.markdown(f"At {words.stage_at(row.stage)}, and not stalled there.")
    tickets(row.account_id)


def rests_on(row: Any) -> None:
    """What shows the reason of a stall, what it is worth, after how many days it counts as one, and the other reasons."""
    if not words.missing(row.evidence) and row.evidence:
        st.markdown(f"**What it rests on:** {words.plain(row.evidence)}")
    notes = []
    if not words.missing(row.value_at_risk):
        notes.append(f"{words.money(row.value_at_risk, reads.currency())} at risk".replace("$", r"\$"))
    if not words.missing(row.threshold_days):
        basis = "its tier" if words.missing(row.threshold_basis) else words.plain(row.threshold_basis)
        notes.append(f"stalled after {words.plural(round(row.threshold_days), 'day')} ({basis})")
    if also := secondary(row.secondary):
        notes.append(f"also: {also}")
    if notes:
        st.caption(" · ".join(notes))


def secondary(listed: Any) -> str:
    """The other reasons that hold, by their labels; empty where there is none. Takes their names as a metric lists them."""
    rules = reads.read("reason_rules")
    labels = dict(zip(rules["reason"], rules["reason_label"], strict=True))
    return ", ".join(words.plain(labels.get(one) or words.reason(one)) for one in reads.listed(listed))


def tickets(account: str) -> None:
    """The tickets that are open."""
    found = reads.read("account_tickets", account=account)
    for one in found[~found["status"].isin(["solved", "closed"])].head(3).itertuples():
        late = " · :orange[promise missed]" if one.breached else ""
        st.markdown(
            f":material/support_agent: Ticket {words.plain(one.ticket_id)}: {words.plain(one.subject)} · "
            f"{words.plain(one.status)} since {words.day(one.created_at)}{late}"
        )


def history(account: str) -> None:
    """What was decided and noted, the newest first; the newest of each kind can be undone."""
    said = moves.of(account)
    told = [(kind, one, n == 0) for kind in moves.KINDS for n, one in enumerate(getattr(said, kind))]
    told.sort(key=lambda entry: entry[1].decided_at, reverse=True)
    if not told:
        empty("Nothing was decided or noted yet.")
    for kind, one, is_newest in told[:SHOWN]:
        _entry(kind, one, can_undo=is_newest or kind == "note")
    if len(told) > SHOWN:
        st.caption(f"{words.count(len(told) - SHOWN)} older ones are on the account's timeline.")


def _entry(kind: str, one: Any, can_undo: bool) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        with st.container(gap="xxsmall", width="stretch"):
            st.markdown(_in_words(kind, one))
            st.caption(f"{words.plain(one.author)}, {words.moment(one.decided_at)}")
        if can_undo:
            st.button(
                "Undo",
                key=f"undo_{kind}_{one.id}",
                icon=":material/undo:",
                type="tertiary",
                on_click=_undo,
                args=(kind, one.id),
            )


def _undo(kind: str, judgement: int) -> None:
    move_form.forget()
    moves.undo(kind, [judgement])


def _in_words(kind: str, one: Any) -> str:
    if kind == "owner":
        return f":material/person: Owner **{words.plain(one.owner)}**"
    if kind == "note":
        return f":material/sticky_note_2: {words.plain(one.text)}"
    parts = [f"**{moves.STATUSES.get(one.status, one.status)}** at {words.stage_at(one.stage)}"]
    parts += [words.plain(one.given_up_because)] if one.given_up_because else []
    parts += [f"next: {words.plain(one.next_action)}"] if one.next_action else []
    parts += [f"due {words.day(one.due_on)}"] if one.due_on else []
    return f":material/flag: {' · '.join(parts)}"


def close() -> None:
    """Take the account out of the address."""
    st.query_params.pop("account", None)


def detail(account: str) -> None:
    """Everything that the work list knows of one account, and the form to decide what is next, in front of the page."""
    row = moves.row(account)
    title = "Account" if row is None else words.plain(row.name)
    st.dialog(title, width="large", on_dismiss=close)(_nothing_to_do if row is None else _detail)(account)


def desk(account: str, why: str | None = None) -> None:
    """Owner, note and what is next of any account, in front of the page; `why` is Markdown that says why it is looked at."""
    profile = reads.read("account_profile", account=account)
    title = "No such account" if profile.empty else words.plain(profile["name"].iloc[0])
    st.dialog(title, width="large", on_dismiss=close)(_desk)(account, why, profile)


def _desk(account: str, why: str | None, profile: pd.DataFrame) -> None:
    if profile.empty:
        empty("It is not in this snapshot: accounts that turn out to be one company are joined.")
        return
    if why:
        st.markdown(why)
    account = profile["account_id"].iloc[0]
    if moves.row(account) is not None:
        _detail(account)
        return
    tier = profile["tier"].iloc[0]
    st.markdown(f"{charts.mark(tier)} {words.TIERS[tier]} · at {words.stage_at(profile['stage'].iloc[0])}")
    links.link(links.ACCOUNT, "Everything about the account", icon=":material/badge:", account=account)
    left, right = st.columns(2, gap="large")
    with left:
        judging.own(account)
    with right:
        judging.note(account)


def _nothing_to_do(account: str) -> None:
    empty("Nothing is to be done about this account: it is not stalled, and nobody waits for it.")
    links.link(links.ACCOUNT, "Open the account", icon=":material/badge:", account=account)


def _detail(account: str) -> None:
    row = moves.row(account)
    st.markdown(f"{charts.mark(row.tier)} {words.TIERS[row.tier]}")
    standing(row)
    if not words.missing(row.next_action):
        st.markdown(f":material/arrow_forward: {words.plain(row.next_action)}")
    why(row)
    links.link(links.ACCOUNT, "Everything about the account", icon=":material/badge:", account=row.account_id)
    with st.container(border=True):
        if move_form.form(pd.DataFrame([row._asdict()]), "detail"):
            st.rerun()
    st.markdown("##### What was decided and noted", anchors=False)
    history(row.account_id)


@st.fragment
def decide(account: str) -> None:
    """The same form on the account's own page."""
    row = moves.row(account)
    if row is not None and move_form.form(pd.DataFrame([row._asdict()]), "account"):
        st.rerun()
