"""What people decide about an account in the pages: its owner, tier and notes, saved with who and when."""

from typing import Any

import streamlit as st

from data_sources import judgements, program
from pages.shared import access, ledger, moves, reads, tier_acts, words

OWNER_SEEN = "owner_seen_"


def draw(account: str) -> None:
    """The owner, the tier and the notes, with what is needed to change them."""
    account = _today(account)
    left, right = st.columns(2, gap="large")
    with left:
        own(account)
        st.space("small")
        tier_acts.draw(account)
    with right:
        note(account)
    st.caption(
        "All three are kept for good. Owners and notes show here and on the Stalled page at once, and elsewhere with the next "
        "build; a tier starts one."
    )


def own(account: str) -> None:
    """Who looks after an account, and the form that names another."""
    said = moves.of(account).owner
    newest = _newest(account)
    drawn = st.session_state.get(f"{OWNER_SEEN}{account}", newest)
    st.session_state[f"{OWNER_SEEN}{account}"] = newest
    st.markdown("##### Owner", anchors=False)
    if said:
        st.markdown(f"**{words.plain(said[0].owner)}**")
        st.caption(f"set by {words.plain(said[0].author)}, {words.moment(said[0].decided_at)}")
    elif known := owner(account):
        st.markdown(f"**{words.plain(known)}**")
        st.caption("as its contract, its opportunity or a rule of program.toml says; nobody has set another")
    else:
        st.caption("Nobody looks after this account.")
    with st.form("owner", clear_on_submit=True, border=False):
        name = st.text_input("New owner", max_chars=120, placeholder="Name or e-mail")
        if not st.form_submit_button("Set owner", icon=":material/person_add:") or not name.strip():
            return
    made = judgements.AccountOwner(account_id=account, owner=name.strip(), **_by())
    if ledger.keep_unless_overtaken(made, lambda: _newest(account) == drawn):
        del st.session_state[f"{OWNER_SEEN}{account}"]
        st.rerun()
    st.warning(
        f"The owner was changed meanwhile, and {words.plain(name.strip())} was not set. Look again, then set it.",
        icon=":material/sync_problem:",
    )


def _newest(account: str) -> int:
    """The number of the word about its owner that holds; 0 where nobody named one."""
    said = moves.of(account).owner
    return said[0].id if said else 0


def note(account: str) -> None:
    """What was noted about an account, and the form for another note."""
    said = moves.of(account).note
    st.markdown("##### Notes", anchors=False)
    for one in said:
        with st.container(border=True, gap="xxsmall"):
            st.markdown(words.plain(one.text))
            st.caption(f"{words.plain(one.author)}, {words.moment(one.decided_at)}")
    if not said:
        st.caption("No note yet.")
    with st.form("note", clear_on_submit=True, border=False):
        text = st.text_area("New note", max_chars=4000, height=100)
        if st.form_submit_button("Add note", icon=":material/add_comment:") and text.strip():
            _save(judgements.AccountNote(account_id=account, text=text.strip(), **_by()))


def written(account: str) -> None:
    """The owner, the tier and the notes as they are, to be read on paper."""
    name = owner(account)
    st.markdown(f"Owner: **{words.plain(name)}**" if name else "Nobody looks after this account.")
    tier_acts.written(account)
    for one in moves.of(_today(account)).note:
        st.markdown(
            f"{words.plain(one.text)}  \n:small[:gray[{words.plain(one.author)}, {words.moment(one.decided_at)}]]"
        )


def owner(account: str) -> str | None:
    """Who looks after an account: whom a person named until now, else as the snapshot has it."""
    today = _today(account)
    said, item = moves.of(today).owner, moves.row(today)
    if item is not None:
        name = item.owner
    else:
        name = said[0].owner if said else reads.read("account_profile", account=account)["owner"].iloc[0]
    return None if words.missing(name) else name


def _today(account: str) -> str:
    """The account's id today; an address may still have an older one."""
    return reads.read("account_profile", account=account)["account_id"].iloc[0]


def _by() -> dict[str, Any]:
    return {"author": access.who(), "decided_at": program.now()}


def _save(judgement: Any) -> None:
    ledger.the_store().judge(judgement)
    st.rerun()
