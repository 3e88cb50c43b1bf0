"""Identity in words: what a piece of evidence says, why a link waits, what a decision says and what it changes."""

from typing import Any

from pages.shared import account_words, deciding, jobs, reads, words
from sql import identity

EVIDENCE = {
    "shared key": "Both carry the same key, {left}",
    "ambiguous key": "Both carry the key {left}, but records of several sources do",
    "its developer": "The one names the other as its developer",
    "its organization": "The one names the other as its organization",
    "its consumer": "The one belongs to the other at the gateway",
    "consumer named by e-mail": "The consumer is named by the address {left}",
    "verified e-mail": "Both have the address {right}, which was verified",
    "unverified e-mail": "Both have the address {right}, which nobody has verified",
    "domain": "{left} is at the domain {right}",
    "domain of a consultancy": "{left} is at {right}, but that is a consultancy's domain: its people build for clients",
    "domain, but names another company": "{left} is at {right}, but the record names another company as its own",
    "domain of many organizations": "{left} is at {right}, but many organizations write from there",
    "help-desk domain": "The help desk lists {left} as the organization's domain",
    "help-desk domain of another name": "The help desk lists {left} for an organization of another name",
    "help-desk organization": "The help desk says that the person belongs to it",
    "internal team": "Both are of our own team {right}",
    "named in the contract": "The contract names {left}",
    "similar name": "Their names are alike: {left} and {right}",
    "name and circumstances": "Names and circumstances fit: {left}, and {right}",
    "a person": "{left} said so",
}
SAYS = {
    "confirm": "{left} and {right} are one organization",
    "merge": "{left} and {right} are one organization",
    "reject": "{left} and {right} are not the same organization",
    "split": "{left} stands apart from {right}",
    "rename": "{left} is called {value}",
    "set_domain": "the domain of {left} is {value}",
    "mark_internal": "{left} is ours: {value}",
}
TITLES = {
    "confirm": ("Confirmed", ":material/join_inner:"),
    "merge": ("Merged", ":material/merge:"),
    "reject": ("Kept apart", ":material/call_split:"),
    "split": ("Split off", ":material/call_split:"),
    "rename": ("Renamed", ":material/edit:"),
    "set_domain": ("Domain set", ":material/language:"),
    "mark_internal": ("Marked as internal", ":material/home_work:"),
}


def evidence(kind: str, left: Any, right: Any) -> str:
    """What a piece of evidence says, in a sentence without its full stop; safe inside Markdown."""
    sides = {"left": f"**{words.plain(left)}**", "right": f"**{words.plain(right)}**"}
    return EVIDENCE.get(kind, f"{words.plain(kind).capitalize()}: {{left}}, {{right}}").format(**sides)


def waits(confidence: float) -> str:
    """Why a link is not followed: how sure it is, and how sure it would have to be."""
    found = reads.the_program()
    least = words.share(found.program.identity_threshold) if found else "the program's threshold"
    return f"{words.share(confidence)} sure; links are followed from {least} on, so it waits for a person"


def record(node: str | None, known: dict[str, Any]) -> str:
    """A record as a decision names it: **Clara Iyer** (developer). Safe inside Markdown."""
    kind, _, id = identity.parts(node)
    name = known[node].name if node in known else id
    return f"**{words.plain(name)}** ({account_words.record(kind).lower()})"


def says(decision: Any, known: dict[str, Any]) -> str:
    """What a decision says, safe inside Markdown."""
    left, right = identity.nodes(decision)
    about = record(left, known)
    if decision.action in ("rename", "mark_internal", "set_domain") and left in known:
        about = f"**{words.plain(known[left].account_name)}**"
    value = f"**{words.plain(decision.value)}**"
    return SAYS[decision.action].format(left=about, right=record(right, known) if right else "", value=value)


def by(decision: Any) -> str:
    """Who decided, when and why, safe inside Markdown."""
    why = f", because: {words.plain(decision.reason)}" if decision.reason else ""
    return f"{words.plain(decision.author)}, {words.moment(decision.decided_at)}{why}"


def stands(kept: Any) -> str:
    """Where a decision stands: applied, undone, or waiting for the build."""
    building = "applied by the build that runs now" if jobs.jobs().running else "applied by the next build"
    return {
        deciding.APPLIED: "applied",
        deciding.WAITS: building,
        deciding.UNDONE: f"undone {words.moment(kept.decision.undone_at)}",
        deciding.UNDO_WAITS: f"undone {words.moment(kept.decision.undone_at)}, taken back by the "
        f"{'build that runs now' if jobs.jobs().running else 'next build'}",
        deciding.REPLACED: "replaced by a newer decision",
    }[kept.state]


def changed(decision: Any, change: Any, *, done: bool = False) -> str:
    """What a decision changes or, once it is `done`, has changed: accounts before and after, and what moves."""
    if decision.action == "rename":
        return "It is called so on every page; no record moves"
    if decision.action == "mark_internal":
        return "It counts as a team of ours, in the tier internal; no record moves"
    if change.change == "nothing":
        apart = decision.action in ("reject", "split")
        return "They stay apart as they are, and nobody is asked again" if apart else "No record moves"
    names = _some(group.name for group in (change.before if change.change == "joined" else change.after))
    became = "became" if done else "becomes" if len(change.before) == 1 else "become"
    accounts = f"{words.plural(len(change.before), 'account')} {became} {len(change.after)}: {names}"
    if change.change == "moved":
        accounts = f"Records {'moved' if done else 'move'} between {names}"
    moved = [words.plural(change.developers, "developer"), words.plural(change.applications, "application")]
    moved += [words.plural(change.calls, "call")]
    if change.revenue is not None:
        moved.append(f"{words.money(change.revenue, reads.currency())} of revenue".replace("$", r"\$"))
    return f"{accounts}. What {'moved' if done else 'moves'}: {', '.join(moved)} (calls and revenue of 90 days)"


def counted(row: Any) -> str:
    """What an applied decision changes by the snapshot's own count: a row of the metric identity_decisions."""
    if words.missing(row.change):
        return ""
    if row.change == "nothing":
        return "changes nothing that other evidence does not"
    of = f"{words.plural(row.developers, 'developer')}, {words.plural(row.applications, 'application')}"
    return f"{words.plural(row.organizations_without, 'account')} → {words.count(row.organizations_with)}, {of}"


def _some(names: Any, most: int = 4) -> str:
    found = list(dict.fromkeys(words.plain(name) for name in names))
    return ", ".join(found[:most]) + (f" and {len(found) - most} more" if len(found) > most else "")
