"""What people decide about identity: what it would change on a published snapshot, found by the resolver that the build uses.

A node names a record as `kind:source:id`, a shared domain, e-mail or team as `kind:id`.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from data_sources.judgements import IdentityDecision
from sql.query import same_version
from sql.snapshot import Snapshot

DAYS = 90
TOGETHER = ("confirm", "reject", "merge", "split")
UNSOURCED = ("domain", "email", "team", "split")
MAKES_AN_ACCOUNT = {"developer", "application", "credential", "organization", "contract", "billing_customer"}

RECORDS = f"""
with span as (select cast(as_of as date) - {DAYS - 1} as since from snapshot_info),

asked as (select unnest(cast($nodes as varchar[])) as node),

calls as (
    select caller_account.node, sum(usage_day.calls) as calls
    from usage_day
    join caller_account using (caller_id)
    join asked using (node)
    cross join span
    where usage_day.surface = 'api' and usage_day.day >= span.since
    group by caller_account.node
),

revenue as (
    select customer_account.node, sum(revenue_event.net_micros) / 1000000 as revenue
    from revenue_event
    join customer_account on customer_account.source = revenue_event.source and customer_account.customer_id = revenue_event.customer_id
    join asked using (node)
    cross join span
    where revenue_event.day >= span.since
    group by customer_account.node
)

select
    asked.node,
    account_member.account_id,
    account.name,
    coalesce(calls.calls, 0) as calls,
    coalesce(revenue.revenue, 0) as revenue
from asked
left join account_member using (node)
left join account using (account_id)
left join calls using (node)
left join revenue using (node)
"""
HAS_BILLING = "select has_billing from money_known"
KNOWN = """
select
    account_member.node,
    coalesce(identity_node.name, account_member.id, substr(account_member.node, len(account_member.kind) + 2)) as name,
    account_member.account_id,
    account.name as account_name
from account_member
join account using (account_id)
left join identity_node using (node)
where account_member.node in (select unnest(cast($nodes as varchar[])))
"""
ANCHORS = """
select account_alias.alias_id, account_cluster.anchor
from account_alias
join account_cluster using (account_id)
where account_alias.alias_id in (select unnest(cast($ids as varchar[])))
"""
FREE_DOMAINS = "select lower(domain) from program_free_mail_domain"
SHARED_DOMAINS = "select lower(domain) from program_shared_domain"
INTERNAL_DOMAINS = "select lower(domain) from program_internal_domain"


@dataclass(frozen=True)
class Known:
    """A record's name, and the account that it is in."""

    name: str
    account_id: str
    account_name: str


@dataclass(frozen=True)
class Group:
    """Records that belong together: the accounts that they are in now, and what the largest of these is called."""

    records: tuple[str, ...]
    account_ids: tuple[str, ...]
    name: str
    developers: int
    applications: int


@dataclass(frozen=True)
class Change:
    """What a decision changes: the accounts that differ, before and after it, and what moves from one to another.

    Calls and revenue (in the reporting currency, null without a biller) are those of the last `DAYS` days.
    """

    change: str
    before: list[Group] = field(default_factory=list)
    after: list[Group] = field(default_factory=list)
    developers: int = 0
    applications: int = 0
    calls: int = 0
    revenue: float | None = None


def parts(node: str | None) -> tuple[str | None, str | None, str | None]:
    """Kind, source and id of a node; the source of a shared domain, e-mail or team is empty."""
    if not node:
        return None, None, None
    kind, _, rest = node.partition(":")
    if kind in UNSOURCED:
        return kind, "", rest
    source, _, id = rest.partition(":")
    return kind, source, id


def decision(
    action: str,
    left: str,
    right: str | None = None,
    value: str | None = None,
    *,
    author: str,
    decided_at: datetime,
    reason: str | None = None,
) -> IdentityDecision:
    """A decision about one or two nodes, ready to be stored."""
    (left_kind, left_source, left_id), (right_kind, right_source, right_id) = parts(left), parts(right)
    return IdentityDecision(
        action=action,
        left_kind=left_kind,
        left_source=left_source,
        left_id=left_id,
        right_kind=right_kind,
        right_source=right_source,
        right_id=right_id,
        value=value,
        author=author,
        decided_at=decided_at,
        reason=reason,
    )


def nodes(decision: IdentityDecision) -> tuple[str, str | None]:
    """The nodes that a decision is about; the second is null where it is about one."""
    left = _node(decision.left_kind, decision.left_source, decision.left_id)
    return left, _node(decision.right_kind, decision.right_source, decision.right_id) if decision.right_id else None


def holding(decisions: Iterable[IdentityDecision]) -> list[IdentityDecision]:
    """Those that hold, as the next build will see it: not undone, and of several about the same records the newest."""
    newest: dict[tuple, IdentityDecision] = {}
    for one in sorted(decisions, key=lambda one: (one.decided_at, one.id or 0)):
        if one.undone_at is None:
            left, right = nodes(one)
            question = "together" if one.action in TOGETHER else one.action
            newest[question, min(left, right or left), max(left, right or left)] = one
    return list(newest.values())


def effect(snapshot: Snapshot, decision: IdentityDecision, others: Iterable[IdentityDecision] = ()) -> Change:
    """What a decision changes beside `others` that hold, whether the snapshot has applied them or not; or in place of one of
    them, where that is about the same records.

    A name or a mark moves no record: its change is "nothing". Raises OutdatedError for a snapshot of another version.
    """
    with same_version("the effect of a decision"), snapshot.cursor() as con:
        return effect_on(con, decision, others)


def effect_on(con: Any, decision: IdentityDecision, others: Iterable[IdentityDecision] = ()) -> Change:
    """The same on a connection to a built warehouse."""
    from sql.marts.who.effect import effects

    asked = _plain(decision)
    if asked is None:
        return Change("nothing")
    held = [plain for plain in (_plain(one) for one in others) if plain]
    replaced = [one for one in held if _same_question(one, asked)]
    held = [one for one in held if one not in replaced]
    found, *was = effects(con, [asked, *replaced], held)
    without, having = _instead(found, was[0]) if was else (found.without, found.having)
    named = sorted({node for group in (*without, *having) for node in group})
    if not named:
        return Change("nothing")
    records = {row[0]: row[1:] for row in con.execute(RECORDS, {"nodes": named}).fetchall()}
    (has_billing,) = con.execute(HAS_BILLING).fetchone()
    before, after = _differing(_accounts(without), _accounts(having))
    if not before and not after:
        return Change("nothing")
    moved = _moved(before, after, records)
    return Change(
        "joined" if len(after) < len(before) else "parted" if len(after) > len(before) else "moved",
        [_group(one, records) for one in before],
        [_group(one, records) for one in after],
        sum(node.startswith("developer:") for node in moved),
        sum(node.startswith("application:") for node in moved),
        int(sum(records[node][2] for node in moved)),
        float(sum(records[node][3] for node in moved)) if has_billing else None,
    )


def known(snapshot: Snapshot, named: Iterable[str]) -> dict[str, Known]:
    """What the snapshot calls each of these nodes, and its account; nodes that are in no account are left out."""
    with same_version("names of records"):
        return {node: Known(*row) for node, *row in snapshot.execute(KNOWN, {"nodes": sorted(set(named))})[1]}


def anchors(snapshot: Snapshot, ids: Iterable[str]) -> dict[str, str]:
    """The node that stands for each of these accounts, by any of its ids: what a decision about the account names."""
    with same_version("anchors of accounts"):
        return dict(snapshot.execute(ANCHORS, {"ids": sorted(set(ids))})[1])


def linkable_domain(snapshot: Snapshot, said: str) -> tuple[str | None, str]:
    """The registrable domain of what somebody typed, or null and why no account can have it."""
    from sql.marts.who.domain_of import by_program, host_of

    with same_version("domains of the program"), snapshot.cursor() as con:
        free, shared, internal = (
            {host_of(domain) for (domain,) in con.execute(asked).fetchall()}
            for asked in (FREE_DOMAINS, SHARED_DOMAINS, INTERNAL_DOMAINS)
        )
    host = host_of(said.strip().lower())
    domain, linkable, why = by_program(host, free, shared)
    if domain is None:
        return None, f"{said.strip()} is no domain that anybody can register."
    if not linkable:
        return None, f"{domain} is {why}: people of many organizations have it, so it cannot tell whose they are."
    if domain in internal:
        return None, f"{domain} is our own: mark the account as internal instead."
    return domain, ""


def _node(kind: str | None, source: str | None, id: str | None) -> str:
    return ":".join(part for part in (kind, source, id) if part)


def _plain(decision: IdentityDecision) -> Any | None:
    """The decision as the resolver takes it; null for one that says nothing about which records belong together."""
    from sql.marts.who.effect import Decision

    if decision.action in TOGETHER or (decision.action == "set_domain" and (decision.value or "").strip()):
        return Decision(decision.action, *nodes(decision), (decision.value or "").strip() or None)
    return None


def _same_question(one: Any, other: Any) -> bool:
    """Whether one decision takes the place of the other."""
    if (one.action in TOGETHER) != (other.action in TOGETHER):
        return False
    return {one.left, one.right} == {other.left, other.right}


def _instead(found: Any, was: Any) -> tuple[list, list]:
    """The groups before and after a decision that takes the place of another: what differs between the one and the other."""
    old, old_gone, new, new_gone = (set(groups) for groups in (was.having, was.without, found.having, found.without))
    return sorted((old - new) | (new_gone - old_gone)), sorted((new - old) | (old_gone - new_gone))


def _accounts(groups: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """The groups that are accounts: those of shared keys, contacts and help-desk users alone are none."""
    return [group for group in groups if any(parts(node)[0] in MAKES_AN_ACCOUNT for node in group)]


def _differing(before: list[tuple[str, ...]], after: list[tuple[str, ...]]) -> tuple[list, list]:
    """The groups of both sides without those that hold the same records, whatever keys these share."""
    held, found = ({_records(group) for group in groups} for groups in (before, after))
    return [one for one in before if _records(one) not in found], [one for one in after if _records(one) not in held]


def _records(group: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(node for node in group if parts(node)[0] not in UNSOURCED)


def _moved(before: list[tuple], after: list[tuple], records: dict[str, tuple]) -> list[str]:
    """The records that change accounts. Of what is joined, the account with the most calls (then records) is what stays;
    of what is parted, that which was not split off."""
    where = {node: n for n, group in enumerate(before) for node in group}
    shared: dict[tuple[int, int], list[str]] = {}
    for n, group in enumerate(after):
        for node in group:
            if node in where:
                shared.setdefault((where[node], n), []).append(node)
    known = set(where)

    def size(pair: tuple[int, int]) -> tuple:
        split_off = any(node.startswith("split:") and node not in known for node in after[pair[1]])
        calls = sum(records[node][2] for node in shared[pair])
        return (not split_off, calls, len(shared[pair]), -pair[0], -pair[1])

    stays: dict[int, int] = {}
    for earlier, later in sorted(shared, key=size, reverse=True):
        if earlier not in stays and later not in stays.values():
            stays[earlier] = later
    return [node for (earlier, later), some in shared.items() if stays.get(earlier) != later for node in some]


def _group(group: tuple[str, ...], records: dict[str, tuple]) -> Group:
    """A group with the names that its accounts have in the snapshot, that with the most calls and records first."""
    weight: dict[tuple[str, str], list[float]] = {}
    for node in group:
        account_id, name, calls, _ = records[node]
        if account_id:
            held = weight.setdefault((account_id, name), [0, 0])
            held[0] += calls
            held[1] += 1
    order = sorted(weight, key=lambda key: (weight[key], key), reverse=True)
    kinds = [parts(node)[0] for node in group]
    return Group(
        _records(group),
        tuple(account_id for account_id, _ in order),
        order[0][1] if order else parts(group[0])[2],
        kinds.count("developer"),
        kinds.count("application"),
    )
