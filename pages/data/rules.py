"""Rules: what decides the tier and the rung of every account and whom an API is meant for; changing it shows first what moves.

Beside them the rules that stand in files of their own, to read."""

import difflib
from typing import Any

import pandas as pd
import streamlit as st

from pages.shared import (
    account_words,
    deciding,
    figures,
    file_rules,
    filters,
    jobs,
    links,
    reads,
    rule_editor,
    rule_effect,
    rule_words,
    ruling,
    states,
    tables,
    words,
)

PARTS = {
    rule_words.TIERS: "Tiers",
    rule_words.LADDER: "Ladder",
    rule_words.APIS: "APIs",
    rule_words.REASONS: "Stall reasons",
    rule_words.TOPICS: "Ticket topics",
    rule_words.CHANGES: "Changes",
}
ABOUT = {
    rule_words.TIERS: "On each day an account is in the tier of the first rule that holds; a person's decision comes before all of them.",
    rule_words.LADDER: "How far a relationship has grown, beside its tier: on each day the first rule that holds says the rung.",
    rule_words.APIS: "The tiers that each API is meant for. Calls from another tier are a finding; they are counted as ever.",
    rule_words.REASONS: "The first rule that holds for a stalled account is its reason; those that hold after it are secondary.",
    rule_words.TOPICS: "A ticket has every topic that holds for it; the first is the topic. A tag or a form comes before words.",
}


def cards(used: pd.DataFrame, outside: pd.DataFrame, moved: pd.DataFrame) -> list[dict]:
    """What rules decide, what they do not, what moved on the ladder, and what is called from outside."""
    tier = used[used["kind"] == "tier"]
    by_rule, by_person = tier[tier["position"].notna()], tier[tier["field"] == "a person decided"]
    n = words.plural(int(tier["accounts"].sum()), "account")
    steps = moved["move"].value_counts()
    return [
        {"label": "Decided by a rule", "value": words.count(int(by_rule["accounts"].sum())), "metric": "rule_use", "n": n},
        {"label": "By a person", "value": words.count(int(by_person["accounts"].sum())), "metric": "rule_use", "n": n},
        *(
            {
                "label": f"{name.capitalize()}s",
                "value": words.count(int(steps.get(name, 0))),
                "metric": "ladder_moves",
                "n": words.plural(len(moved), "step"),
            }
            for name in ("promotion", "demotion")
        ),
        {
            "label": "Exposure broken",
            "value": words.count(outside["account_id"].nunique()),
            "metric": "exposure_findings",
            "n": words.plural(len(outside), "finding"),
        },
    ]  # fmt: skip


def said_last() -> None:
    """What became of the visitor's last change."""
    said = st.session_state.get(ruling.SAID)
    if said and said[0] == "error":
        st.error(words.plain(said[1]), title="The rules were not changed", icon=":material/error:")
    elif said:
        verb = "saved" if said[0] == "saved" else "put back as they were"
        st.success(
            "The next build applies them; it starts by itself, and these pages move on to its result."
            if ruling.waits()
            else "Built: every page shows them.",
            title=f"{rule_words.NAMES[said[1]]}: {verb}",
            icon=":material/check:",
        )


def not_built_yet() -> None:
    """That the file says other rules than those by which the pages' numbers came about."""
    if not ruling.waits():
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="rules_wait"):
        st.caption(
            ":material/pending: program.toml has other rules than those by which these numbers were built; a build applies them.",
            width="content",
        )
        st.button(
            "Build now",
            icon=":material/sync:",
            type="tertiary",
            on_click=jobs.build,
            disabled=jobs.jobs().running,
            key="build_rules",
        )


def rules_as_they_are(section: str, used: pd.DataFrame) -> None:
    """A row a rule, in order, with what it decides today; below it what no rule decides."""
    kind = "ladder" if section == "ladder_rule" else "tier"
    decided = {int(row.position): row for row in used[(used["kind"] == kind) & used["position"].notna()].itertuples()}
    built = not ruling.waits()
    for position, rule in enumerate(ruling.written(setup, section), 1):
        with st.container(
            border=True, horizontal=True, vertical_alignment="center", gap="small", horizontal_alignment="distribute"
        ):
            st.markdown(
                f":gray[{position}] &nbsp; **{rule_words.gives(section, rule.gives)}** "
                f":gray[when] {rule_words.condition(rule.when, rule.values)}",
                width="content",
            )
            if built and position in decided:
                one = decided[position]
                st.caption(
                    f"{words.plural(one.accounts, 'account')} · {words.plural(one.calls, 'call')}", width="content"
                )
    others = used[(used["kind"] == kind) & used["position"].isna()]
    said = [
        f"{rule_words.NO_RULE.get(row.field, row.field)}: "
        + (f"{words.plural(row.accounts, 'account')} · " if row.accounts else "")
        + words.plural(row.calls, "call")
        for row in others.itertuples()
    ]
    if said:
        st.caption(" — ".join(said))
    if section == "ladder_rule" and not setup.ladder_rule:
        st.caption("program.toml has no ladder rule, so these usual ones hold; a change writes them into it.")


def tier_part(used: pd.DataFrame) -> None:
    """The tier rules."""
    rules_as_they_are("tier_rule", used)
    links.link(links.TIER_BOARD, "What the tiers cost and bring", icon=":material/view_agenda:")


def ladder_part(used: pd.DataFrame, moved: pd.DataFrame) -> None:
    """The ladder rules, and whose relationship grew or shrank in the period."""
    rules_as_they_are("ladder_rule", used)
    st.markdown("##### Promotions and demotions", anchors=False)
    if moved.empty:
        states.empty(f"Nobody moved on the ladder in this view: {view.in_words}.")
        return
    shown = moved.assign(
        step=moved["move"].map({"promotion": "▲ promotion", "demotion": "▼ demotion"}),
        tier_name=moved["tier"].map(words.TIERS),
        was=moved["ladder_was"].map(rule_words.RUNGS),
        becomes=moved["ladder_is"].map(rule_words.RUNGS),
        rule=moved["rule"].map(account_words.rule),
    )
    tables.table(
        shown,
        {
            "name": tables.text("Account"),
            "moved_on": tables.when("On"),
            "step": tables.text("Step"),
            "was": tables.text("From"),
            "becomes": tables.text("To"),
            "tier_name": tables.text("Tier"),
            "rule": tables.text("Because", width="medium"),
        },
        name="ladder_moves",
        alt="Steps of accounts up and down the ladder, the newest first",
        account="name",
    )


def api_part(outside: pd.DataFrame) -> None:
    """Whom each API is meant for, and who calls it from outside."""
    use = reads.read("exposure_use", **view.dates)
    if use.empty:
        states.empty("No API was called in this period, and program.toml names none.")
        return
    tables.table(
        use.assign(tiers=[rule_words.tiers([] if words.missing(m) else m.split(", ")) for m in use["meant_for"]]),
        {
            "service": tables.text("API"),
            "tiers": tables.text("Meant for", width="medium"),
            "accounts": tables.number("Accounts"),
            "calls": tables.number("Calls"),
            "accounts_outside": tables.number("Accounts outside"),
            "calls_outside": tables.number("Calls outside"),
            "ok_outside": tables.number("of these answered"),
        },
        name="exposure_use",
        alt="APIs with the tiers that they are meant for and the calls from others",
    )
    st.markdown("##### Exposure broken", anchors=False)
    if outside.empty:
        states.empty("Nobody called an API that is not meant for them in this period.")
        return
    tables.table(
        outside.assign(tier_name=outside["tier"].map(words.TIERS)),
        {
            "name": tables.text("Account"),
            "service": tables.text("API"),
            "tier_name": tables.text("Its tier then"),
            "finding": tables.text("Finding", help="breach: answered at least once; attempt: never answered"),
            "calls": tables.number("Calls"),
            "ok": tables.number("Answered"),
            "refused": tables.number("Refused by key"),
            "first_day": tables.when("First call"),
            "last_day": tables.when("Last call"),
        },
        name="exposure_findings",
        alt="Accounts that call an API which is not meant for their tier, the latest first",
        account="name",
    )


def changed_by_people() -> None:
    """Every change made here, with author, reason and what it replaced; the last of a section can be undone."""
    found = ruling.changes()
    if not found:
        states.empty("Nobody has changed the rules here yet.")
        return
    for change in found:
        with st.container(border=True, gap="xsmall", key=f"change_{change.id}"):
            with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
                title = f"**{rule_words.NAMES[change.section]}**: {words.plain(change.reason)}"
                with st.container(gap="xxsmall", width="content"):
                    st.markdown(f"~~{title}~~" if change.undone_at else title)
                    undone = f" · undone {words.moment(change.undone_at)}" if change.undone_at else ""
                    st.caption(f"{words.plain(change.author)}, {words.moment(change.decided_at)}{undone}")
                if ruling.can_undo(change):
                    st.button("Undo", key=f"undo_{change.id}", icon=":material/undo:", on_click=undo, args=(change.id,))
            with st.expander("What was changed", icon=":material/difference:"):
                lines = difflib.unified_diff(change.before.splitlines(), change.after.splitlines(), lineterm="", n=100)
                st.code("\n".join(list(lines)[3:]) or "Its rules only changed their order.", language="diff")


def undo(id: int) -> None:
    """Take a change back and build."""
    if ruling.undo(id):
        deciding.keep_up()


def begin(section: str) -> None:
    """The button that opens the rules of a part for a change."""
    st.button(
        "Change these rules" if section != "exposure" else "Change who an API is meant for",
        icon=":material/edit:",
        key="begin_rules",
        on_click=ruling.begin,
        args=(section,),
    )


def change(draft: Any) -> None:
    """The rules of a part while they are changed, and what that would move."""
    if draft.section == "exposure":
        rule_editor.apis(draft, reads.read("exposure_use"))
    else:
        rule_editor.rows(draft)
    rule_effect.draw(draft)


def parts() -> None:
    """The figures, what became of the last change, and the part that is chosen."""
    used = reads.read("rule_use", **view.dates)
    broken = reads.read("exposure_findings", tier=view.tier, **view.dates)
    moved = reads.read("ladder_moves", tier=view.tier, **view.dates)
    figures.row(cards(used, broken, moved))
    said_last()
    not_built_yet()
    part = filters.tabs("part", PARTS, rule_words.TIERS)
    if part == rule_words.CHANGES:
        changed_by_people()
        return
    st.caption(ABOUT[part])
    if part == rule_words.REASONS:
        file_rules.reasons(view.tier)
        return
    if part == rule_words.TOPICS:
        file_rules.topics(view.tier, view.dates)
        return
    draft = ruling.draft(rule_words.SECTIONS[part])
    if draft:
        change(draft)
        return
    begin(rule_words.SECTIONS[part])
    if part == rule_words.TIERS:
        tier_part(used)
    elif part == rule_words.LADDER:
        ladder_part(used, moved)
    else:
        api_part(broken)


view = filters.view()
setup = reads.the_program()
if setup is None:
    states.empty("program.toml cannot be read: `python -m data_sources list` says which line is wrong.")
else:
    parts()
    figures.about(
        "rule_use", "ladder_moves", "exposure_findings", "exposure_use", "rule_values", "reason_rules", "ticket_topics"
    )
    deciding.watch()
