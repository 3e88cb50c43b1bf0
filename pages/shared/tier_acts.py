"""The tier of an account as a person decides it, whatever the rules say: stored with who and why, undoable, then built."""

from typing import Any

import streamlit as st

from data_sources import judgements, program
from pages.shared import access, account_words, deciding, ledger, links, reads, words

FIELDS = ("tier_to_be", "tier_reason")
OVERTAKEN = "tier_overtaken"


def draw(account: str) -> None:
    """The account's tier with what decided it, and what is needed to decide it otherwise."""
    row = next(reads.read("account_profile", account=account).itertuples())
    st.markdown("##### Tier", anchors=False)
    if row.kind == "nobody":
        st.caption(
            f"**{words.TIERS[row.tier]}**: these are calls of nobody we know; a rule for their plan can move them."
        )
        return
    held = holding(row.account_id)
    for n, one in enumerate(held):
        _said(one, in_force=n == 0)
    if not held:
        st.markdown(f"**{words.TIERS[row.tier]}** by the rule: {words.plain(account_words.rule(row.tier_rule))}")
    if st.session_state.pop(OVERTAKEN, False):
        st.warning(
            "The tier was decided meanwhile, and yours was not set. Look again, then set it.",
            icon=":material/sync_problem:",
        )
    st.selectbox(
        "Another tier", list(words.TIERS), index=None, format_func=words.TIERS.get, key=FIELDS[0], placeholder="Choose"
    )
    st.text_input("Why this tier", key=FIELDS[1], max_chars=500, placeholder="Reason; it is kept with your name")
    tier, reason = (st.session_state.get(field) for field in FIELDS)
    st.button(
        "Set the tier",
        key="set_tier",
        icon=":material/layers:",
        disabled=not tier or not (reason or "").strip(),
        on_click=_save,
        args=(row.account_id, [one.id for one in held]),
    )
    links.link(links.RULES, ":small[The rules for everyone]", icon=":material/rule:")


def holding(account_id: str) -> list[Any]:
    """The overrides of an account that hold, the newest, which decides, first."""
    applied = reads.read("tier_overrides", account=account_id)
    known = set(applied["decided_for"]) | {account_id}
    return [one for one in ledger.tier_overrides() if one.undone_at is None and one.account_id in known]


def written(account: str) -> None:
    """The tier and what decided it, to be read on paper."""
    row = next(reads.read("account_profile", account=account).itertuples())
    held = holding(row.account_id)
    if held:
        _said(held[0], in_force=True, can_undo=False)
    else:
        st.markdown(f"Tier: **{words.TIERS[row.tier]}**, {words.plain(account_words.rule(row.tier_rule))}")


def _said(one: Any, in_force: bool, can_undo: bool = True) -> None:
    with st.container(border=can_undo, horizontal=True, vertical_alignment="center", gap="small"):
        with st.container(gap="xxsmall", width="stretch"):
            st.markdown(f"**{words.TIERS[one.tier]}**: {words.plain(one.reason)}")
            waits = "" if deciding.tier_is_built(one) else " · the build that applies it is still to come"
            older = "" if in_force else " · a newer one holds"
            st.caption(f"{words.plain(one.author)}, {words.moment(one.decided_at)}{older}{waits}")
        if can_undo:
            st.button("Undo", key=f"undo_tier_{one.id}", icon=":material/undo:", on_click=_undo, args=(one.id,))


def _save(account_id: str, drawn: list[int]) -> None:
    """Keep the visitor's word, unless others hold than those that the page was drawn with."""
    tier, reason = (st.session_state.get(field) for field in FIELDS)
    by = {"author": access.who(), "decided_at": program.now()}
    made = judgements.TierOverride(account_id=account_id, tier=tier, reason=reason.strip(), **by)
    kept = ledger.keep_unless_overtaken(made, lambda: [one.id for one in holding(account_id)] == drawn)
    if not kept:
        st.session_state[OVERTAKEN] = True
        return
    for field in FIELDS:
        st.session_state.pop(field, None)
    deciding.keep_up()


def _undo(id: int) -> None:
    for one in ledger.tier_overrides():
        if one.id == id and one.undone_at is None:
            one.undone_at = program.now()
            ledger.the_store().judge(one)
    deciding.keep_up()
