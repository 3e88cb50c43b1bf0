"""The rules of program.toml as pages read and change them: as the file has them, as the snapshot was built by, and their draft."""

from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from data_sources import program, rules
from pages.shared import access, ledger, reads, rule_words, words
from sql import rules as previews

DRAFT = "rule_draft"
SAID = "rule_said"


@dataclass
class Row:
    """A rule of a draft; `id` stays with it when it moves."""

    id: int
    gives: str
    when: str
    values: list[str]


@dataclass
class Draft:
    """Rules that somebody is changing. `seen` is the file's text when it began; `tiers` are those of each API."""

    section: str
    seen: str
    rows: list[Row] = field(default_factory=list)
    tiers: dict[str, list[str]] = field(default_factory=dict)
    next_id: int = 0

    def add(self, gives: str, when: str, values: list[str]) -> Row:
        """A rule more, as the last."""
        row = Row(self.next_id, gives, when, list(values))
        self.rows.append(row)
        self.next_id += 1
        return row


def begin(section: str) -> None:
    """Start a draft with the rules as the file has them now."""
    setup = reads.the_program()
    draft = Draft(section, rules.as_it_is(reads.home()))
    if section == "exposure":
        draft.tiers = {one.service: list(one.tiers) for one in setup.exposure}
    else:
        for rule in written(setup, section):
            draft.add(rule.gives, rule.when, rule.values)
    st.session_state[DRAFT] = draft
    st.session_state.pop(SAID, None)


def draft(section: str) -> Draft | None:
    """The visitor's draft of a section, if there is one."""
    found = st.session_state.get(DRAFT)
    return found if found and found.section == section else None


def discard() -> None:
    """Give the draft up."""
    st.session_state.pop(DRAFT, None)


def written(setup: Any, section: str) -> list[Any]:
    """The rules that hold by the file: its own, or the usual ladder where it has none."""
    return {"tier_rule": setup.tier_rule, "ladder_rule": setup.ladder, "exposure": setup.exposure}[section]


def made(section: str, rows: list[Row]) -> tuple[list[Any], dict[int, str]]:
    """The rules that a draft's rows say, and what is wrong with those that say none, by row id."""
    kind, gives = (program.LadderRule, "ladder") if section == "ladder_rule" else (program.TierRule, "tier")
    good, wrong = [], {}
    for row in rows:
        try:
            good.append(kind(**{gives: row.gives}, when=row.when, value=row.values))
        except ValueError as error:
            wrong[row.id] = rule_words.problem(error)
    return good, wrong


def exposed(tiers: dict[str, list[str]]) -> list[Any]:
    """The exposure that a draft says: an API without a tier is meant for all and needs no entry."""
    return [program.Exposure(service=service, tiers=names) for service, names in tiers.items() if names]


def as_data(given: list[Any]) -> list[tuple]:
    """Rules as what they say, to compare."""
    return [
        (one.service, tuple(sorted(one.tiers)))
        if isinstance(one, program.Exposure)
        else (one.gives, one.when, tuple(sorted(value.strip().lower() for value in one.values)))
        for one in given
    ]


def moves(section: str, given: list[Any]) -> Any:
    """What these rules would move in the current snapshot: the rows of `sql.rules.preview_…`."""
    now = reads.current()
    return _moves(now.name, section, tuple(as_data(given)), now, given)


@st.cache_data(max_entries=60, show_spinner=False)
def _moves(name: str, section: str, said: tuple, _snapshot: Any, _given: list[Any]) -> Any:
    if section == "tier_rule":
        return previews.preview_tiers(_snapshot, _given)
    if section == "ladder_rule":
        return previews.preview_ladder(_snapshot, _given or program.DEFAULT_LADDER)
    return previews.preview_exposure(_snapshot, _given)


def save(section: str, given: list[Any], reason: str) -> bool:
    """Write the rules into program.toml, with author and reason; what went wrong is kept for the page to say."""
    seen = st.session_state[DRAFT].seen
    try:
        change = rules.save(
            reads.home(),
            ledger.the_store(),
            section,
            given,
            seen=seen,
            author=access.who(),
            reason=reason,
            now=program.now(),
        )
    except rules.RuleError as error:
        st.session_state[SAID] = ("error", str(error))
        return False
    discard()
    st.session_state[SAID] = ("saved", change.section)
    return True


def undo(id: int) -> bool:
    """Write back what a change replaced; what went wrong is kept for the page to say."""
    change = next(one for one in changes() if one.id == id)
    try:
        rules.undo(reads.home(), ledger.the_store(), change, program.now())
    except rules.RuleError as error:
        st.session_state[SAID] = ("error", str(error))
        return False
    st.session_state[SAID] = ("undone", change.section)
    return True


def changes() -> list[Any]:
    """Every change made in the pages, the newest first."""
    return rules.changes(ledger.the_store())


def can_undo(change: Any) -> bool:
    """Whether the file still has what a change wrote."""
    setup = reads.the_program()
    return setup is not None and rules.can_undo(setup, change)


def built() -> dict[str, list[tuple]]:
    """The rules by which the current snapshot was built, as `as_data` says them. Raises OutdatedError as metrics do."""
    used = reads.read("rule_use")
    used = used[used["position"].notna()].sort_values("position")
    found = {
        section: [
            (row.gives, row.field, tuple(sorted(str(value).strip().lower() for value in row.rule_values)))
            for row in used[used["kind"] == kind].itertuples()
        ]
        for section, kind in (("tier_rule", "tier"), ("ladder_rule", "ladder"))
    }
    limits = reads.read("exposure_use")
    limits = limits[limits["meant_for"].notna()]
    found["exposure"] = [
        (row.service, tuple(sorted(row.meant_for.split(", ")))) for row in limits.sort_values("service").itertuples()
    ]
    return found


def waits() -> bool:
    """Whether program.toml has other rules than the current snapshot was built by."""
    setup = reads.the_program()
    if setup is None:
        return False
    now = {section: as_data(written(setup, section)) for section in rules.SECTIONS}
    now["exposure"].sort()
    return now != built()


def pools_wait() -> bool:
    """Whether program.toml shares out costs otherwise than the current snapshot does."""
    setup = reads.the_program()
    if setup is None:
        return False
    now = [
        (
            pool.name,
            pool.method,
            pool.shared_by,
            pool.service,
            ", ".join(sorted(pool.services)) or None,
            ", ".join(f"{tier} {float(percent)} %" for tier, percent in pool.shares.items()) or None,
            ", ".join(
                f"{one.valid_from:%Y-%m-%d} {one.price * 1_000_000 / one.per}"
                for one in sorted(pool.unit_cost, key=lambda one: one.valid_from)
            )
            or None,
        )
        for pool in setup.costs.pool
    ]
    built = [
        tuple(None if words.missing(value) else value for value in row[1:])
        for row in reads.read("cost_pools").itertuples(index=False)
    ]
    return now != built
