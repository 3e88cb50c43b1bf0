"""What to do about stalled accounts: the form that decides it for one or for many, what it would change, and its undo."""

from typing import Any

import pandas as pd
import streamlit as st

from data_sources.store import Overtaken
from pages.shared import access, moves, words

NAMED = 3
SAVED = "moves_saved"
SEEN = "moves_seen_"
AS_RULED = "As the rules say"


def form(rows: pd.DataFrame, key: str) -> bool:
    """Owner, status, action, day and note for these rows of the work list, and what would change. Says whether it was kept.

    Draw it in a fragment or a dialog, and run the page again where it was kept. Where somebody decided about these
    accounts since it was drawn, it says so and keeps nothing that was not seen beside it.
    """
    one = next(rows.itertuples()) if len(rows) == 1 else None
    overtaken = _overtaken(rows, key)
    change = _asked(one, f"{key}_{st.session_state.get(SAVED, 0)}_{_seen(one) if one else 'many'}")
    st.markdown(_foreseen(rows, change))
    if overtaken:
        _say_overtaken(overtaken)
    what = words.plural(len(rows), "account")
    pressed = st.button(
        f"Keep it for {what}",
        key=f"save_{key}",
        type="primary",
        icon=":material/check:",
        disabled=not change.is_ready,
    )
    if not pressed or overtaken:
        return False
    while True:
        seen = moves.versions()
        if overtaken := _overtaken(rows, key):
            _say_overtaken(overtaken)
            return False
        try:
            moves.save(rows, change, seen)
            break
        except Overtaken:  # in just that moment, and perhaps about others: look once more
            continue
    forget()
    st.session_state[SAVED] = st.session_state.get(SAVED, 0) + 1
    return True


def _overtaken(rows: pd.DataFrame, key: str) -> list[str]:
    """The names of the accounts of which something was decided or undone since the form was last drawn for the same ones."""
    now = moves.held(rows["account_id"])
    before = st.session_state.get(f"{SEEN}{key}")
    st.session_state[f"{SEEN}{key}"] = now
    if before is None or before.keys() != now.keys():
        return []
    return [one.name for one in rows.itertuples() if before[one.account_id] != now[one.account_id]]


def _say_overtaken(names: list[str]) -> None:
    st.warning(
        f"Something was decided about {_in_brief(names)} meanwhile, and nothing of this form was kept. It shows how "
        "things stand: look again, then keep it.",
        icon=":material/sync_problem:",
    )


def forget() -> None:
    """Let no form say that what the visitor decides or undoes here was decided meanwhile."""
    for key in [key for key in st.session_state if str(key).startswith(SEEN)]:
        del st.session_state[key]


def _in_brief(names: list[str]) -> str:
    """Up to three names, and how many more: Acme, Borealis, Cobalt and 4 more."""
    more = len(names) - NAMED
    shown = [words.plain(name) for name in names[:NAMED]]
    return words.listed([*shown, f"{words.count(more)} more"] if more > 0 else shown)


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
            [AS_RULED, *people],
            index=None,
            accept_new_options=True,
            placeholder=_or(one and one.owner, before),
            key=f"{key}_owner",
            help="Choose, or type a name or e-mail. As the rules say: whom the contract, the opportunity or program.toml names, else nobody",
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
        owner=moves.AS_RULED if owner == AS_RULED else _text(owner),
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
    who = _in_brief(list(rows["name"]))
    if change.is_misnamed:
        return f":orange[**{words.plain(change.owner)}** is nobody's name. To take an owner away choose *{AS_RULED}*.]"
    if change.status == "given_up" and not change.because:
        return f":orange[Say why {who} {'is' if len(rows) == 1 else 'are'} given up.]"
    parts = [_owner_foreseen(rows, change.owner), _status_foreseen(rows, change)]
    if change.next_action is not None:
        parts.append(f"next **{words.plain(change.next_action)}**" if change.next_action else "next as proposed")
    if change.due_on is not None:
        parts.append(f"due **{words.day(change.due_on)}**" if change.due_on else "due as proposed")
    parts.append("a note" if change.note else "")
    said = ", ".join(part for part in parts if part)
    return f"{who}: {said}" if said else f":gray[{who}: nothing is changed yet]"


def _owner_foreseen(rows: pd.DataFrame, owner: str | None) -> str:
    if owner is None:
        return ""
    if owner == moves.AS_RULED:
        named = int((rows["named_by"] == "person").sum())
        return f"owner **as the rules say** ({words.plural(named, 'was', 'were')} named by a person)"
    taken = int((rows["owner"].notna() & (rows["owner"].str.lower() != owner.lower())).sum())
    return f"owner **{words.plain(owner)}**" + (f" ({words.count(taken)} had another)" if taken else "")


def _status_foreseen(rows: pd.DataFrame, change: moves.Change) -> str:
    """The status, beside it how many have another than open already: those would be lost."""
    if not change.status:
        return ""
    before = rows.loc[~rows["status"].isin(["open", change.status]), "status"].value_counts()
    were = [f"{words.plural(n, 'was', 'were')} {moves.STATUSES[status].lower()}" for status, n in before.items()]
    because = f": {words.plain(change.because)}" if change.because and change.status == "given_up" else ""
    return f"status **{moves.STATUSES[change.status]}**{because}" + (f" ({', '.join(were)})" if were else "")


def just_decided(account: str | None = None) -> None:
    """What the visitor decided last, with its undo; nothing where that is long ago, or about others than `account`."""
    act = moves.last_act()
    if act is None or (account and ({*act.accounts} | act.again) != {account}):
        return
    said = words.listed([_in_short(kind, made) for kind, made in act.made.items()])
    again = words.plural(len(act.again), "account")
    with st.container(border=True, horizontal=True, vertical_alignment="center", gap="small", key="just_decided"):
        with st.container(gap="xxsmall", width="stretch"):
            st.markdown(f":material/check_circle: **{_in_brief(_names(act.accounts))}**: {said}")
            st.caption(
                f"{words.plain(access.who())}, {words.moment(act.at)}. It shows here at once, and enters every other "
                "page and figure with the next build."
                + (
                    f" About {again} something was decided again since, which an undo leaves as it is."
                    if act.again
                    else ""
                )
            )
        st.button("Undo", key="undo_act", icon=":material/undo:", on_click=_undo, args=(act,))


def _names(accounts: tuple[str, ...]) -> list[str]:
    """The accounts by their names; one that has left the work list by its id."""
    found = moves.work_list()
    named = dict(zip(found["account_id"], found["name"], strict=True))
    return [named.get(account, account) for account in accounts]


def _in_short(kind: str, made: list[Any]) -> str:
    if kind == "owner":
        return f"owner {words.listed(sorted({words.plain(one.owner) for one in made})[:NAMED])}"
    if kind == "move":
        return f"status {words.listed(sorted({moves.STATUSES[one.status].lower() for one in made}))}"
    return words.plural(len(made), "note")


def _undo(act: moves.Act) -> None:
    forget()
    for kind, made in act.made.items():
        moves.undo(kind, [one.id for one in made])
