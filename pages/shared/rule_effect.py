"""What a change of the rules would move: how many accounts, calls and how much revenue, and which; then the saving of it."""

from typing import Any

import pandas as pd
import streamlit as st

from pages.shared import account_words, deciding, reads, rule_words, ruling, tables, words
from sql import rules as previews

REASON = "rule_reason"
SPAN = f"in the last {previews.DAYS} days"
COLUMNS = {"tier_rule": "tier", "ladder_rule": "ladder"}


def draw(draft: Any) -> None:
    """The effect of a draft and, where it has none of its rows wrong, the way to save it."""
    given, wrong = (
        (ruling.exposed(draft.tiers), {}) if draft.section == "exposure" else ruling.made(draft.section, draft.rows)
    )
    st.markdown("##### What would move", anchors=False)
    before = ruling.written(reads.the_program(), draft.section)
    same = sorted(ruling.as_data(given)) == sorted(ruling.as_data(before))
    if draft.section != "exposure":
        same = ruling.as_data(given) == ruling.as_data(before)
    if wrong:
        st.caption(f":orange[:material/error:] {words.plural(len(wrong), 'rule')} above cannot be used yet.")
    elif same:
        st.caption("Nothing is changed yet: what you change above is tried at once, on the snapshot that pages show.")
    else:
        with st.spinner("Trying the rules on all accounts …", show_time=True):
            found = ruling.moves(draft.section, given)
        (_exposure if draft.section == "exposure" else _accounts)(found, draft.section)
    _save(draft, given, bool(wrong) or same)


def _accounts(found: pd.DataFrame, section: str) -> None:
    """The accounts that get another tier or rung."""
    if found.empty:
        st.caption(":material/check: No account moves: the rules read differently and decide the same.")
        return
    what = COLUMNS[section]
    today = found[found["is_today"]] if "is_today" in found else found
    accounts = today[~today["account_id"].str.startswith("nobody:")]
    n = accounts["account_id"].nunique()
    moved = [words.plural(n, "account moves", "accounts move") + (" today" if "is_today" in found else "")]
    moved.append(f"{words.plural(int(found['calls'].sum()), 'call')} {SPAN}")
    revenue = found["revenue"].astype(float).sum(min_count=1)
    moved.append(
        "revenue unknown: no biller is connected"
        if words.missing(revenue)
        else f"{words.money(revenue, reads.currency())} of revenue {SPAN}".replace("$", r"\$")
    )
    st.markdown(f"**{moved[0]}** · {' · '.join(moved[1:])}")
    earlier = set(found["account_id"]) - set(today["account_id"]) - {a for a in found["account_id"] if "nobody:" in a}
    if earlier:
        st.caption(f"{words.plural(len(earlier), 'more account')} would only count elsewhere on earlier days.")
    _pairs(found, what, section)
    columns = {
        "name": tables.text("Account"),
        "was": tables.text("Is"),
        "becomes": tables.text("Would be"),
        "calls": tables.number("Calls", help=f"API calls {SPAN} that would count elsewhere"),
        "revenue": tables.money("Revenue", help=f"Revenue {SPAN} that would count elsewhere"),
    }
    if section == "tier_rule":
        columns |= {
            "today": tables.text("When"),
            "since": tables.when("Since", help="The first UTC day that would count elsewhere; empty: always"),
            "rule_was": tables.text("Rule that decides"),
            "rule_is": tables.text("Rule that would"),
        }
    names = rule_words.given(section)
    shown = found.assign(was=found[f"{what}_was"].map(names), becomes=found[f"{what}_is"].map(names))
    if section == "tier_rule":
        shown = shown.assign(
            rule_was=shown["rule_was"].map(account_words.rule), rule_is=shown["rule_is"].map(account_words.rule)
        )
        shown["today"] = ["today" if one else "earlier days only" for one in shown["is_today"]]
    tables.table(
        shown,
        columns,
        name=f"moves_{what}",
        alt="Accounts that the changed rules would move, with their calls and revenue, most calls first",
        account="name",
    )


def _pairs(found: pd.DataFrame, what: str, section: str) -> None:
    """From where to where, the largest first."""
    sums = (
        found.groupby([f"{what}_was", f"{what}_is"], as_index=False)
        .agg(
            accounts=("account_id", "nunique"),
            calls=("calls", "sum"),
            revenue=("revenue", lambda r: r.astype(float).sum(min_count=1)),
        )
        .sort_values("calls", ascending=False)
    )
    lines = []
    for row in sums.itertuples(index=False):
        was, now = (rule_words.gives(section, getattr(row, f"{what}_{end}")) for end in ("was", "is"))
        money = words.money(row.revenue, reads.currency()).replace("$", r"\$")
        lines.append(
            f"- {was} → {now}: **{words.plural(row.accounts, 'account')}** · {words.plural(row.calls, 'call')} · {money}"
        )
    st.markdown("\n".join(lines))


def _exposure(found: pd.DataFrame, section: str) -> None:
    """The findings that would begin or end."""
    new, gone = (found[found["change"] == change] for change in ("new", "gone"))
    if found.empty:
        st.caption(":material/check: No finding begins or ends: nobody else calls these APIs.")
        return
    said = [
        f"**{words.plural(len(part), 'finding')} {verb}**, {words.plural(int(part['calls'].sum()), 'call')}"
        for part, verb in ((new, "would begin"), (gone, "would end"))
        if len(part)
    ]
    st.markdown(" · ".join(said))
    tables.table(
        found.assign(
            tier_name=found["tier"].map(words.TIERS), change=found["change"].map({"new": "begins", "gone": "ends"})
        ),
        {
            "name": tables.text("Account"),
            "service": tables.text("API"),
            "tier_name": tables.text("Its tier then"),
            "change": tables.text("The finding"),
            "finding": tables.text("Kind"),
            "calls": tables.number("Calls"),
            "ok": tables.number("Answered"),
            "last_day": tables.when("Last call"),
        },
        name="moves_exposure",
        alt="Findings that the changed exposure would begin or end, most calls first",
        account="name",
    )


def _save(draft: Any, given: list[Any], off: bool) -> None:
    st.text_input("Reason", key=REASON, max_chars=500, placeholder="Why; it is kept with the change and your name")
    with st.container(horizontal=True, gap="small"):
        st.button(
            "Save the rules",
            type="primary",
            icon=":material/save:",
            key="save_rules",
            disabled=off,
            on_click=_saved,
            args=(draft, given),
        )
        st.button("Discard", type="tertiary", icon=":material/close:", key="discard_rules", on_click=_discard)


def _saved(draft: Any, given: list[Any]) -> None:
    if ruling.save(draft.section, given, st.session_state.get(REASON) or ""):
        st.session_state[REASON] = ""
        deciding.keep_up()


def _discard() -> None:
    st.session_state[REASON] = ""
    ruling.discard()
