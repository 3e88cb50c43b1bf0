"""What a change of the rules would move, on a published snapshot and without writing to it.

The models that read the rules are built again from their own files, as temporary tables of one cursor, so a preview and
the build that follows cannot differ. A preview looks at the last `DAYS` days up to the snapshot's.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from data_sources.program import CostPool, Exposure, LadderRule, TierRule
from sql import load, models
from sql.query import same_version
from sql.snapshot import Snapshot

if TYPE_CHECKING:
    import pandas as pd

DAYS = 90
RULE_TABLES = {"tier": "program_tier_rule", "ladder": "program_ladder_rule", "exposure": "program_exposure"}

_SPAN = f"""
    select cast(as_of as date) as today, cast(as_of as date) - {DAYS - 1} as since, has_billing
    from snapshot_info
    cross join money_known
"""

TIER_MOVES = f"""
with span as ({_SPAN}),

-- days on which an account would be in another tier than it is
moves as (
    select
        was.account_id,
        was.tier as tier_was,
        account_tier.tier as tier_is,
        greatest(was.covers_from, account_tier.covers_from) as since,
        least(was.covers_to, account_tier.covers_to) as until
    from was_account_tier as was
    join account_tier on account_tier.account_id = was.account_id
        and account_tier.covers_from < was.covers_to
        and was.covers_from < account_tier.covers_to
        and account_tier.tier <> was.tier
),

recent as (
    select moves.*, span.today >= moves.since and span.today < moves.until as is_today
    from moves
    cross join span
    where moves.since <= span.today and moves.until > span.since
),

known as (
    select recent.account_id, recent.tier_was, recent.tier_is, usage.calls, null as revenue
    from recent
    cross join span
    join account_usage_day as usage on usage.account_id = recent.account_id
        and usage.day >= recent.since and usage.day < recent.until and usage.day between span.since and span.today
    where usage.surface = 'api'

    union all

    select recent.account_id, recent.tier_was, recent.tier_is, null, revenue_event.net_micros
    from recent
    cross join span
    join revenue_event on revenue_event.account_id = recent.account_id
        and revenue_event.day >= recent.since and revenue_event.day < recent.until
        and revenue_event.day between span.since and span.today
),

sums as (
    select account_id, tier_was, tier_is, sum(calls) as calls, sum(revenue) as revenue
    from known
    group by account_id, tier_was, tier_is
),

accounts as (
    select account_id, tier_was, tier_is, min(since) as since, bool_or(is_today) as is_today
    from recent
    group by account_id, tier_was, tier_is
),

-- calls of unknown callers belong to the tier that a rule gives to their plan
nobody as (
    select
        was.account_id,
        split_part(was.account_id, ':', 2) as tier_was,
        split_part(caller_account.account_id, ':', 2) as tier_is,
        min(usage_day.day) as since,
        sum(usage_day.calls) as calls
    from was_caller_account as was
    join caller_account on caller_account.caller_id = was.caller_id and caller_account.account_id <> was.account_id
    join usage_day on usage_day.caller_id = was.caller_id
    cross join span
    where usage_day.surface = 'api' and usage_day.day between span.since and span.today
    group by all
)

select
    accounts.account_id,
    account.name,
    accounts.tier_was,
    accounts.tier_is,
    was_account_tier_now.rule as rule_was,
    account_tier_now.rule as rule_is,
    accounts.is_today,
    nullif(accounts.since, date '0001-01-01') as since,
    cast(coalesce(sums.calls, 0) as bigint) as calls,
    case when span.has_billing then coalesce(sums.revenue, 0) / 1000000 end as revenue
from accounts
cross join span
left join sums using (account_id, tier_was, tier_is)
left join account using (account_id)
left join was_account_tier_now using (account_id)
left join account_tier_now using (account_id)

union all

select nobody.account_id, 'Nobody we know', nobody.tier_was, nobody.tier_is, null, null, false, nobody.since,
    cast(nobody.calls as bigint), case when span.has_billing then 0 end
from nobody
cross join span
order by calls desc, account_id, tier_was, tier_is
"""

LADDER_MOVES = f"""
with span as ({_SPAN}),

moves as (
    select was.account_id, was.ladder as ladder_was, now.ladder as ladder_is
    from was_account_ladder_now as was
    join account_ladder_now as now using (account_id)
    where now.ladder <> was.ladder
),

calls as (
    select account_id, sum(calls) as calls
    from account_usage_day
    cross join span
    where surface = 'api' and day between span.since and span.today
    group by account_id
),

revenue as (
    select account_id, sum(net_micros) as revenue
    from revenue_event
    cross join span
    where day between span.since and span.today
    group by account_id
)

select
    moves.account_id,
    account.name,
    account.tier,
    moves.ladder_was,
    moves.ladder_is,
    cast(coalesce(calls.calls, 0) as bigint) as calls,
    case when span.has_billing then coalesce(revenue.revenue, 0) / 1000000 end as revenue
from moves
cross join span
join account using (account_id)
left join calls using (account_id)
left join revenue using (account_id)
order by calls desc, account_id
"""

EXPOSURE_MOVES = """
select
    account_id,
    account.name,
    service,
    finding.tier,
    if(was.finding is null, 'new', 'gone') as change,
    coalesce(now.finding, was.finding) as finding,
    coalesce(now.calls, was.calls) as calls,
    coalesce(now.ok, was.ok) as ok,
    coalesce(now.last_day, was.last_day) as last_day
from (
    select account_id, service, tier from was_exposure_finding
    union
    select account_id, service, tier from exposure_finding
) as finding
left join was_exposure_finding as was using (account_id, service, tier)
left join exposure_finding as now using (account_id, service, tier)
left join account using (account_id)
where was.finding is null or now.finding is null
order by calls desc, account_id, service, finding.tier
"""


COST_MOVES = f"""
with span as ({_SPAN}),

was as (
    select account_id, tier, sum(infrastructure_cost_micros) as cost
    from was_account_money_day
    cross join span
    where day between span.since and span.today
    group by account_id, tier
),

now as (
    select account_id, tier, sum(infrastructure_cost_micros) as cost
    from account_money_day
    cross join span
    where day between span.since and span.today
    group by account_id, tier
)

select
    account_id,
    coalesce(account.name, 'Nobody we know') as name,
    tier,
    coalesce(was.cost, 0) / 1000000 as cost_was,
    coalesce(now.cost, 0) / 1000000 as cost_is,
    (coalesce(now.cost, 0) - coalesce(was.cost, 0)) / 1000000 as change
from was
full join now using (account_id, tier)
left join account using (account_id)
order by abs(change) desc, account_id
"""
UNALLOCATED = f"""
with span as ({_SPAN})

select
    (select coalesce(sum(unallocated_micros), 0) from was_cost_pool_month cross join span where month >= date_trunc('month', since)) / 1000000 as was,
    (select coalesce(sum(unallocated_micros), 0) from cost_pool_month cross join span where month >= date_trunc('month', since)) / 1000000 as now
"""


def preview_costs(snapshot: Snapshot, pools: list[CostPool]) -> "tuple[pd.DataFrame, float, float]":
    """What these cost pools would move in the last DAYS days: a row an account and tier (account_id, name, tier, cost_was,
    cost_is, change, in the reporting currency, the largest change first), and what is unallocated now and would be, in the
    months of those days."""
    with same_version("the preview of cost pools"), snapshot.cursor() as con:
        for table in ("account_money_day", "cost_pool_month"):
            con.execute(f"create or replace temp table was_{table} as select * from {table}")
        load.cost_pools(con, pools, temporary=True)
        changed = {"program_cost_pool", "program_cost_service", "program_cost_share", "program_unit_cost"}
        for model in models.between(models.find(), con, changed, {"account_money_day", "cost_pool_month"}):
            con.execute(models.statement(model, temporary=True))
        moved = con.execute(COST_MOVES).df()
        return moved, *con.execute(UNALLOCATED).fetchone()


def preview_tiers(snapshot: Snapshot, rules: list[TierRule]) -> "pd.DataFrame":
    """The accounts that these tier rules would move: a row an account and pair of tiers, the most calls first.

    account_id, name, tier_was, tier_is, rule_was, rule_is, is_today (its tier of today changes; else only earlier days
    count elsewhere), since (null: always), calls and revenue of those days. Revenue is in the reporting currency, null
    where no biller is known. Raises OutdatedError for a snapshot of another version.
    """
    return _asked(snapshot, lambda con: tier_moves(con, rules))


def preview_ladder(snapshot: Snapshot, rules: list[LadderRule]) -> "pd.DataFrame":
    """The accounts that these ladder rules would move: account_id, name, tier, ladder_was, ladder_is, calls, revenue."""
    return _asked(snapshot, lambda con: ladder_moves(con, rules))


def preview_exposure(snapshot: Snapshot, exposure: list[Exposure]) -> "pd.DataFrame":
    """The findings that this exposure would make or end: account_id, name, service, tier, change (new, gone), finding,
    calls, ok, last_day."""
    return _asked(snapshot, lambda con: exposure_moves(con, exposure))


def tier_moves(con: Any, rules: list[TierRule]) -> Any:
    """The same on a connection of its own: it keeps the temporary tables. Returns a result to fetch from."""
    _again(con, {"account_tier", "account_tier_now", "caller_account"}, tier=rules)
    return con.execute(TIER_MOVES)


def ladder_moves(con: Any, rules: list[LadderRule]) -> Any:
    """The same on a connection of its own."""
    _again(con, {"account_ladder_now"}, ladder=rules)
    return con.execute(LADDER_MOVES)


def exposure_moves(con: Any, exposure: list[Exposure]) -> Any:
    """The same on a connection of its own."""
    _again(con, {"exposure_finding"}, exposure=exposure)
    return con.execute(EXPOSURE_MOVES)


def _asked(snapshot: Snapshot, moves: Callable[[Any], Any]) -> "pd.DataFrame":
    with same_version("the preview of rules"), snapshot.cursor() as con:
        return moves(con).df()


def _again(con: Any, wanted: set[str], **rules: list) -> None:
    """Build the wanted tables again with these rules, beside what they are now, which stays as `was_<table>`."""
    for table in wanted:
        con.execute(f"create or replace temp table was_{table} as select * from {table}")
    load.rules(con, **rules, temporary=True)
    changed = {RULE_TABLES[section] for section in rules}
    for model in models.between(models.find(), con, changed, wanted):
        con.execute(models.statement(model, temporary=True))
