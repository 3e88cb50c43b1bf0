"""Identity review: links too weak to be followed, one at a time; what was decided; what was held back."""

from typing import Any

import pandas as pd
import streamlit as st

from pages.shared import (
    account_words,
    charts,
    deciding,
    figures,
    filters,
    identity_decided,
    identity_held,
    identity_words,
    links,
    reads,
    tables,
    words,
)
from sql import identity

LATER, CHOSEN, REASON, OVERTAKEN = "identity_later", "identity_chosen", "identity_reason", "identity_overtaken"
ORDERS = {"calls": "Most calls first", "revenue": "Most revenue first", "confidence": "Surest first"}
PARTS = {"queue": "Waiting", "decided": "Decided", "held": "Held back"}
FACTS = {
    "email": "E-mail",
    "domain": "Domain",
    "organization_name": "Organization",
    "country": "Country",
    "created_at": "Created",
}


def key(row: Any) -> str:
    """What tells one waiting link from another."""
    return f"{row.left_node} {row.right_node}"


def undecided(found: pd.DataFrame, kept: list[Any]) -> pd.DataFrame:
    """The links whose two accounts nobody has spoken about since the snapshot was built."""
    fresh = [one.decision for one in kept if one.state == deciding.WAITS and one.decision.right_id]
    if found.empty or not fresh:
        return found
    known = deciding.known(fresh)
    pairs = [identity.nodes(one) for one in fresh]
    answered = {frozenset(pair) for pair in pairs}
    answered |= {frozenset(known[node].account_id for node in pair) for pair in pairs if set(pair) <= set(known)}
    open_still = [
        frozenset((row.left_node, row.right_node)) not in answered
        and frozenset((row.left_account, row.right_account)) not in answered
        for row in found.itertuples()
    ]
    return found[open_still]


def cards(waiting: pd.DataFrame, kept: list[Any]) -> list[dict]:
    """How many wait, what is at stake, what was decided, and how much has a name."""
    n = words.plural(len(waiting), "link")
    common = {"metric": "identity_review", "n": n}
    coverage = next(reads.read("coverage", **view.dates).itertuples())
    moving = sum(one.moving for one in kept)
    return [
        {"label": "Waiting", "value": words.count(len(waiting)), **common},
        {"label": "Calls at stake", "value": words.count(int(waiting["calls"].sum())), **common},
        {
            "label": "Revenue at stake",
            "value": words.money(waiting["revenue"].astype(float).sum(min_count=1) if len(waiting) else 0, currency),
            "lacking": "no biller is connected",
            **common,
        },
        {
            "label": "Decided",
            "value": words.count(sum(one.holds for one in kept)),
            "metric": "identity_decisions",
            "n": f"{words.plural(moving, 'change')} of them not built yet",
        },
        {
            "label": "Calls resolved",
            "value": words.share(coverage.calls_share, 1),
            "metric": "coverage",
            "n": words.plural(coverage.calls, "call"),
            "lacking": "no calls were logged in this period",
        },
    ]


def decide(action: str, row: Any, drawn: int | None) -> None:
    """Store the answer to the link in front; the next one comes at once. Not where somebody else answered it meanwhile."""
    known = deciding.known([identity.decision(action, row.left_node, row.right_node, author="", decided_at=None)])
    reason = st.session_state.get(REASON)
    stored = deciding.save(
        action, row.left_node, row.right_node, reason=reason, still=lambda: answer_to(row)[0] == drawn
    )
    if stored is None:
        st.session_state[OVERTAKEN] = (row.left_name, row.right_name, answer_to(row)[1])
        st.session_state.pop(CHOSEN, None)
        return
    change = identity_words.changed(stored, deciding.effect(stored))
    made = st.session_state.setdefault(deciding.DONE, [])
    made.append((stored.id, action, identity_words.says(stored, known), change))
    st.session_state[REASON] = ""
    st.session_state.pop(CHOSEN, None)


def answer_to(row: Any) -> tuple[int | None, str]:
    """The number of the decision that holds about a link's two records, and what it says; None where there is none."""
    pair = {row.left_node, row.right_node}
    held = [one.decision for one in deciding.kept() if one.holds and set(identity.nodes(one.decision)) == pair]
    if not held:
        return None, "taken back"
    return held[0].id, f"{identity_words.TITLES[held[0].action][0].lower()} by {identity_words.by(held[0])}"


def overtaken() -> None:
    """That somebody else answered the link that the visitor just answered, and how."""
    if told := st.session_state.pop(OVERTAKEN, None):
        left, right, said = told
        st.warning(
            f"{words.plain(left)} and {words.plain(right)} were answered meanwhile ({said}), and your answer was not kept. "
            "Under *Decided* it can be undone.",
            icon=":material/sync_problem:",
        )


def put_off(row: Any) -> None:
    """Not now: the link comes back with the next visit."""
    st.session_state.setdefault(LATER, []).append(key(row))
    st.session_state.pop(CHOSEN, None)


def bring_back() -> None:
    """All that were put off wait again."""
    st.session_state[LATER] = []


def choose(clicked: str, keys: tuple[str, ...]) -> None:
    """Put the link whose row was clicked in front."""
    click = st.session_state.get(clicked)
    if click is not None and click.row < len(keys):
        st.session_state[CHOSEN] = keys[click.row]


def last_decision() -> None:
    """What this visitor decided last, what it changes, and its undo."""
    made = st.session_state.get(deciding.DONE)
    if not made:
        return
    id, action, said, change = made[-1]
    kept = next((one for one in deciding.kept() if one.decision.id == id), None)
    if kept is None or not kept.holds:
        return
    title, icon = identity_words.TITLES[action]
    with st.container(border=True, horizontal=True, vertical_alignment="center", gap="small", key="last_decision"):
        with st.container(gap="xxsmall", width="stretch"):
            st.markdown(f"{icon} {title}: {said}")
            st.caption(f"{change} · {identity_words.by(kept.decision)} · {identity_words.stands(kept)}")
        st.button("Undo", key="undo_last", shortcut="U", icon=":material/undo:", on_click=deciding.undo, args=(id,))


def side(row: Any, other: Any) -> None:
    """One record with its account; what both records say alike is bold."""
    with st.container(border=True, height="stretch", gap="xsmall"):
        kind = account_words.record(row.kind)
        carried = row.kind in ("domain", "email", "team")
        where = f"carried by {words.plural(row.records, 'record')}" if carried else f"from {words.plain(row.source)}"
        st.caption(f"{kind} · {where}")
        st.markdown(f"#### {words.plain(row.name)}", anchors=False)
        said = [column for column in FACTS if not all(words.missing(getattr(one, column)) for one in (row, other))]
        st.markdown("  \n".join(f":gray[{FACTS[column]}] {fact(row, other, column)}" for column in said))
        st.space("stretch")
        with st.container(gap="xxsmall"):
            name = deciding.named(row.account_id, row.account_name)
            links.link(links.ACCOUNT, words.plain(name), icon=":material/badge:", account=row.account_id)
            st.caption(
                f"{charts.mark(row.tier)} {words.TIERS[row.tier]} · {words.plural(row.developers, 'developer')} · "
                f"{words.plural(row.applications, 'application')} · {words.plural(row.calls, 'call')} in 90 days"
            )


def fact(row: Any, other: Any, column: str) -> str:
    """What a record says of itself; bold where the other says the same."""
    value = getattr(row, column)
    if words.missing(value):
        return words.MISSING
    if column == "created_at":
        return words.day(value)
    said = words.plain(value)
    theirs = getattr(other, column)
    return f"**{said}**" if not words.missing(theirs) and str(value).casefold() == str(theirs).casefold() else said


def in_front(row: Any, left_over: int) -> None:
    """The link to decide: both records, the evidence, what confirming would change, and the keys."""
    with st.container(border=True, key="in_front"):
        st.markdown("##### Are these the same organization?", anchors=False)
        records = [reads.read("identity_record", node=node) for node in (row.left_node, row.right_node)]
        left, right = (next(found.itertuples()) for found in records)
        with st.grid(2, min_column_width=280, gap="small"):
            side(left, right)
            side(right, left)
        others = f" · {words.plural(row.others, 'further piece')} of evidence" if row.others else ""
        since = f" · since {words.day(row.linked_at)}" if not words.missing(row.linked_at) else ""
        st.markdown(
            f":material/link: {identity_words.evidence(row.evidence, row.left_value, row.right_value)}.  \n"
            f":small[:gray[{identity_words.waits(row.confidence)}{since}{others}]]"
        )
        asked = identity.decision("confirm", row.left_node, row.right_node, author="", decided_at=None)
        st.markdown(f":material/arrow_forward: If they are: {identity_words.changed(asked, deciding.effect(asked))}.")
        st.text_input(
            "Reason", key=REASON, max_chars=500, placeholder="Reason, if there is one", label_visibility="collapsed"
        )
        drawn, _ = answer_to(row)
        with st.container(horizontal=True, gap="small"):
            answers = (
                ("Same organization", "Y", "primary", ":material/join_inner:", decide, ("confirm", row, drawn)),
                ("Not the same", "N", "secondary", ":material/call_split:", decide, ("reject", row, drawn)),
                ("Later", "S", "tertiary", ":material/schedule:", put_off, (row,)),
            )
            for label, shortcut, kind, icon, act, arguments in answers:
                st.button(
                    label,
                    key=f"answer_{shortcut}",
                    type=kind,
                    shortcut=shortcut,
                    icon=icon,
                    on_click=act,
                    args=arguments,
                    wrap=True,
                )
        overtaken()
        st.caption(f"{words.plural(left_over, 'more waits', 'more wait')} after this one.")


def rest(waiting: pd.DataFrame) -> None:
    """All that wait, in their order; a click puts one in front."""
    st.markdown("##### All that wait", anchors=False)
    shown = pd.DataFrame(
        {
            "look": "Look",
            "left_name": waiting["left_name"],
            "right_name": waiting["right_name"],
            "evidence": waiting["evidence"],
            "confidence": waiting["confidence"],
            "calls": waiting["calls"],
            "revenue": waiting["revenue"],
            "linked_at": waiting["linked_at"],
        }
    )
    st.dataframe(
        shown,
        hide_index=True,
        column_config={
            "look": st.column_config.ButtonColumn(
                "",
                help="Puts it in front",
                key="look",
                on_click=choose,
                args=("look", tuple(key(row) for row in waiting.itertuples())),
                type="tertiary",
            ),
            "left_name": tables.text("This account"),
            "right_name": tables.text("and this one"),
            "evidence": tables.text("may be one by"),
            "confidence": tables.part("Confidence"),
            "calls": tables.number("Calls at stake"),
            "revenue": tables.money("Revenue at stake"),
            "linked_at": tables.when("Since"),
        },
        key="table_waiting",
        alt="Links that wait for a person, with both accounts, the evidence and what is at stake",
        height=36 * (min(len(shown), tables.ROWS_SEEN) + 1),
        placeholder=words.MISSING,
    )
    tables.download(waiting, "identity_review")


def nothing_waits(put_by: int) -> None:
    """The designed answer to an empty queue."""
    with st.container(border=True, horizontal_alignment="center", key="nothing_waits"):
        st.markdown("### :material/task_alt: Nothing waits", width="content")
        where = f"in the tier {words.TIERS[view.tier]}" if view.tier else "anywhere"
        if put_by:
            st.caption(f"{words.plural(put_by, 'link')} put off in this session; all others are answered.")
        else:
            st.caption(
                f"No link {where} is too weak to be followed and still open: each is followed, refused, or decided.",
                width="content",
            )
            if view.tier:
                links.link(links.IDENTITY_REVIEW, "Look in all tiers", icon=":material/restart_alt:", tier="all")
            links.link(
                links.DIRECTORY,
                "Who has no organization yet",
                icon=":material/help:",
                tier="all",
                kind="unresolved",
            )


def queue(waiting: pd.DataFrame) -> None:
    """What waits, but for what was put off."""
    last_decision()
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        order = filters.choice("first", "Order", ORDERS, "calls", 200) if len(waiting) else "calls"
        later = set(st.session_state.get(LATER, ())) & {key(row) for row in waiting.itertuples()}
        if later:
            st.button(f"Bring back {len(later)} put off", icon=":material/undo:", type="tertiary", on_click=bring_back)
    ahead = waiting[[key(row) not in later for row in waiting.itertuples()]] if len(waiting) else waiting
    if ahead.empty:
        overtaken()
        nothing_waits(len(later))
        return
    by = [order, *(name for name in ORDERS if name != order)]
    ahead = ahead.sort_values(by, ascending=False, kind="stable", na_position="last").reset_index(drop=True)
    rows = list(ahead.itertuples())
    first = next((row for row in rows if key(row) == st.session_state.get(CHOSEN)), rows[0])
    in_front(first, len(rows) - 1)
    rest(ahead)


view = filters.view()
currency = reads.currency()
everything = deciding.kept()
open_links = undecided(reads.read("identity_review", tier=view.tier, **view.dates), everything)

figures.row(cards(open_links, everything))
part = filters.tabs("part", PARTS, "queue")
if part == "queue":
    queue(open_links)
elif part == "decided":
    identity_decided.draw(everything, "decisions")
else:
    identity_held.draw(everything)
figures.about("identity_review", "identity_decisions", "identity_held", n=words.plural(len(open_links), "waiting link"))
deciding.watch()
