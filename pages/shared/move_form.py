"""What to do about stalled accounts: the form that decides it for one or for many, what it would change, and its undo."""

from typing import Any

import pandas as pd
import streamlit as st

from pages.shared import access, moves, words

NAMED = 3
SAVED = "moves_saved"


def form(rows: pd.DataFrame, key: str) -> bool:
    """Owner, status, action, day and note for these rows of the work list, and what would change. Says whether it was kept.

    Draw it in a fragment or a dialog, and run the page again where it was kept.
    """
    one = next(rows.itertuples()) if len(rows) == 1 else None
    change = _asked(one, f"{key}_{st.session_state.get(SAVED, 0)}_{_seen(one) if one else len(rows)}")
    st.markdown(_foreseen(rows, change))
    what = words.plural(len(rows), "account")
    if not st.button(
        f"Keep it for {what}",
        key=f"save_{key}",
        type="primary",
        icon=":material/check:",
        disabled=not change.is_ready,
    ):
        return False
    moves.save(rows, change)
    st.session_state[SAVED] = st.session_state.get(SAVED, 0) + 1
    return True


def _seen(one: Any) -> str:
    """What the fields were filled from: where somebody else decides meanwhile, they are filled again."""
    moved = moves.of(one.account_id).move
    return f"{one.account_id}_{moved[0].id if moved else 0}"


def _asked(one: Any | None, key: str) -> moves.Change:
    """The fields; for one account they hold what is so far, for many nothing."""
    before = "As it is" if one else "As they are"
    people = [name for name in moves.owners() if name.lower() not in moves.NO_NAMES]
    with st.grid(3, min_column_width=180, gap="small"):
        owner = st.selectbox(
            "Owner",
            people,
            index=None,
            accept_new_options=True,
            placeholder=_or(one and one.owner, before),
            key=f"{key}_owner",
            help="Choose, or type a name or e-mail",
        )
        status = st.selectbox(
            "Status",
            list(moves.STATUSES),
            index=None,
            format_func=moves.STATUSES.get,
            placeholder=moves.STATUSES[one.status] if one else before,
            key=f"{key}_status",
        )
        day = None if one is None or pd.isna(one.due_on) else pd.Timestamp(one.due_on).date()
        due_on = st.date_input("Due", value=day, key=f"{key}_due", format="YYYY-MM-DD")
    action = None if one is None or words.missing(one.next_action) else one.next_action
    said = st.text_input("Next action", value=action, max_chars=300, placeholder=before, key=f"{key}_action")
    because = None
    if status == "given_up":
        because = st.text_input(
            "Why it is given up", max_chars=300, placeholder="Needed; it is kept", key=f"{key}_because"
        )
    note = st.text_area("Note", max_chars=4000, height=68, placeholder="Kept with your name", key=f"{key}_note")
    return moves.Change(
        owner=_text(owner),
        status=status,
        because=_text(because),
        next_action=_changed(_text(said), action),
        due_on=_changed(due_on, day),
        note=_text(note),
    )


def _text(value: str | None) -> str | None:
    return (value or "").strip() or None


def _or(value: Any, other: str) -> str:
    return other if words.missing(value) else str(value)


def _changed(value: Any, before: Any) -> Any:
    """What was typed where it differs from what was there; what was emptied goes back to what is proposed."""
    return None if value == before else value or moves.AS_PROPOSED


def _foreseen(rows: pd.DataFrame, change: moves.Change) -> str:
    """What keeping it would do, to whom."""
    named = [words.plain(name) for name in rows["name"].head(NAMED)]
    more = len(rows) - len(named)
    who = words.listed([*named, f"{words.count(more)} more"] if more else named)
    parts = []
    if change.owner:
        taken = int((rows["owner"].notna() & (rows["owner"].str.lower() != change.owner.lower())).sum())
        parts.append(
            f"owner **{words.plain(change.owner)}**" + (f" ({words.count(taken)} had another)" if taken else "")
        )
    if change.status:
        because = f": {words.plain(change.because)}" if change.because else ""
        parts.append(f"status **{moves.STATUSES[change.status]}**{because if change.status == 'given_up' else ''}")
    if change.next_action is not None:
        parts.append(f"next **{words.plain(change.next_action)}**" if change.next_action else "next as proposed")
    if change.due_on is not None:
        parts.append(f"due **{words.day(change.due_on)}**" if change.due_on else "due as proposed")
    if change.note:
        parts.append("a note")
    if change.status == "given_up" and not change.because:
        return f":orange[Say why {who} {'is' if len(rows) == 1 else 'are'} given up.]"
    return f"{who}: {', '.join(parts)}" if parts else f":gray[{who}: nothing is changed yet]"


def just_decided() -> None:
    """What the visitor decided last, with its undo; nothing where that is long ago."""
    act = moves.last_act()
    if act is None:
        return
    said = words.listed([_in_short(kind, made) for kind, made in act.made.items()])
    with st.container(border=True, horizontal=True, vertical_alignment="center", gap="small", key="just_decided"):
        with st.container(gap="xxsmall", width="stretch"):
            st.markdown(f":material/check_circle: **{words.plural(act.accounts, 'account')}**: {said}")
            st.caption(
                f"{words.plain(access.who())}, {words.moment(act.at)}. It shows here at once, and enters every other "
                "page and figure with the next build."
            )
        st.button("Undo", key="undo_act", icon=":material/undo:", on_click=_undo, args=(act,))


def _in_short(kind: str, made: list[Any]) -> str:
    if kind == "owner":
        return f"owner {words.listed(sorted({words.plain(one.owner) for one in made})[:NAMED])}"
    if kind == "move":
        return f"status {words.listed(sorted({moves.STATUSES[one.status].lower() for one in made}))}"
    return words.plural(len(made), "note")


def _undo(act: moves.Act) -> None:
    for kind, made in act.made.items():
        moves.undo(kind, [one.id for one in made])
