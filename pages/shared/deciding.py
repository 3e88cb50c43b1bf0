"""Decisions about identity as pages make them: stored and shown at once, built into the next snapshot by themselves."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import streamlit as st

from data_sources import judgements, program
from pages.shared import access, jobs, ledger, reads, ruling
from sql import identity
from sql.query import OutdatedError

APPLIED, WAITS, UNDONE, UNDO_WAITS, REPLACED = "applied", "waits", "undone", "undo waits", "replaced"
DONE = "identity_done"


@dataclass(frozen=True)
class Kept:
    """A stored decision and where it stands: `state` is one of the five above."""

    decision: Any
    state: str

    @property
    def holds(self) -> bool:
        """Whether the next build applies it."""
        return self.state in (APPLIED, WAITS)

    @property
    def moving(self) -> bool:
        """Whether the snapshot does not show it yet as it stands."""
        return self.state in (WAITS, UNDO_WAITS)


def kept() -> list[Kept]:
    """All decisions of the store with where each stands, the newest first. Raises OutdatedError as metrics do."""
    decisions = ledger.identity_decisions()
    if not decisions:
        return []
    applied = set(reads.read("identity_decisions")["id"])
    holds = {one.id for one in identity.holding(decisions)}
    return [Kept(one, _state(one, one.id in holds, one.id in applied)) for one in decisions]


def _state(decision: Any, holds: bool, applied: bool) -> str:
    if decision.undone_at:
        return UNDO_WAITS if applied else UNDONE
    if not holds:
        return REPLACED
    return APPLIED if applied else WAITS


def save(
    action: str,
    left: str,
    right: str | None = None,
    value: str | None = None,
    reason: str | None = None,
    still: Callable[[], bool] = lambda: True,
) -> Any | None:
    """Store what the visitor decided, and start the build that applies it; None, and nothing is stored, where what they saw
    does not hold any more, as `still` says.
    """
    made = identity.decision(
        action,
        left,
        right,
        value,
        author=access.who(),
        decided_at=program.now(),
        reason=(reason or "").strip() or None,
    )
    made.id = ledger.keep_unless_overtaken(made, still)
    if made.id is None:
        return None
    keep_up()
    return made


def undo(id: int) -> None:
    """Date a decision's end, and start the build that takes it back."""
    for decision in ledger.identity_decisions():
        if decision.id == id and decision.undone_at is None:
            decision.undone_at = program.now()
            ledger.the_store().judge(decision)
    made = st.session_state.get(DONE, [])
    st.session_state[DONE] = [one for one in made if one[0] != id]
    keep_up()


def keep_up() -> None:
    """Start a build where decisions, tiers or changed rules wait for one and nothing runs; it takes all that were made before it.

    For the same of them it starts one only: where a build fails, Sources says why, and the next decision tries again.
    """
    versions = ledger.the_store().records_versions()
    version = tuple(
        versions.get(table, 0)
        for table in (
            "identity_decision",
            "rule_change",
            "tier_override",
            "plan_entered",
            "cost_entered",
            "outreach_entered",
        )
    )
    home = str(reads.home())
    if not any(version) or jobs.jobs().running or _built_for().get(home) == version:
        return
    try:
        waiting = any(one.moving for one in kept()) or ruling.waits() or _tiers_wait() or _entries_wait()
    except OutdatedError:
        return
    if not waiting or jobs.build():
        _built_for()[home] = version


def tier_is_built(override: Any) -> bool:
    """Whether the snapshot has applied a word about an account's tier."""
    return override.id in set(reads.read("tier_overrides")["id"])


def _tiers_wait() -> bool:
    """Whether the snapshot lacks a word about a tier that holds, or has one that was undone."""
    holds = {one.id for one in ledger.tier_overrides() if one.undone_at is None}
    return holds != set(reads.read("tier_overrides")["id"])


def _entries_wait() -> bool:
    """Whether the snapshot lacks a plan, a cost or outreach that was typed in, or has one that was undone, or shares out costs otherwise."""
    typed = (
        (judgements.PlanEntered, "plan_typed"),
        (judgements.CostEntered, "costs_typed"),
        (judgements.OutreachEntered, "outreach_typed"),
    )
    return ruling.pools_wait() or any(ledger.typed(model) != set(reads.read(metric)["id"]) for model, metric in typed)


@st.cache_resource
def _built_for() -> dict[str, tuple[int, ...]]:
    """The versions of decisions and rules for which this server last started a build, by home."""
    return {}


@st.fragment(run_every=2)
def _watch() -> None:
    if not jobs.jobs().running:
        st.rerun()


def watch() -> None:
    """While a build runs: move on to its result by itself when it is done."""
    if jobs.jobs().running:
        _watch()


def effect(decision: Any) -> Any:
    """What a decision, stored or not, changes in the current snapshot beside all others that hold."""
    others = [one for one in identity.holding(ledger.identity_decisions()) if one.id != decision.id or one.id is None]
    now = reads.current()
    return _effect(now.name, _facts(decision), tuple(_facts(one) for one in others), now, decision, others)


@st.cache_data(max_entries=300, show_spinner=False)
def _effect(name: str, asked: tuple, held: tuple, _snapshot: Any, _decision: Any, _others: list[Any]) -> Any:
    return identity.effect(_snapshot, _decision, _others)


def _facts(decision: Any) -> tuple:
    return decision.action, *identity.nodes(decision), decision.value


def known(decisions: list[Any]) -> dict[str, Any]:
    """What the snapshot knows of the records that decisions name: `sql.identity.Known` by node."""
    named = {node for one in decisions for node in identity.nodes(one) if node}
    return _known(reads.current().name, tuple(sorted(named)), reads.current()) if named else {}


@st.cache_data(max_entries=300, show_spinner=False)
def _known(name: str, named: tuple[str, ...], _snapshot: Any) -> dict[str, Any]:
    return identity.known(_snapshot, named)


def names() -> dict[str, str]:
    """The new names of accounts that no build has applied yet, by account id."""
    renamed = [one.decision for one in reversed(kept()) if one.state == WAITS and one.decision.action == "rename"]
    records = known(renamed)
    nodes = [(identity.nodes(one)[0], one.value) for one in renamed]
    return {records[node].account_id: value for node, value in nodes if node in records}


def named(account_id: str, name: Any) -> Any:
    """An account's name as it was decided last, else as the snapshot has it."""
    return names().get(account_id, name)


def of_account(nodes: set[str]) -> list[Kept]:
    """The decisions that name a record of an account, the newest first."""
    return [one for one in kept() if nodes.intersection(identity.nodes(one.decision))]
