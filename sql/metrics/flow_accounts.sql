-- metric: flow_accounts
-- label: Accounts behind a flow
-- question: Which accounts went from one state to another in a week or month?
-- unit: rows
-- grain: one row an account of one period
-- good: -
-- definition: The accounts that the flow counts in one period, with their state at its start and at its end. Left out, the dimension is the bucket,
--   the period a week, and of those the latest that is over. Calls are those of the period.
-- column from_state: the state at the period's start, or not there yet
-- column to_state: the state at its end
-- column changed_on: the last UTC day of the period on which the state changed; null where it did not
-- column changes: how often it changed in the period
-- column calls: API calls in the period
-- column tier: today's tier
-- column bucket: today's bucket
-- column owner: who of ours looks after it

with period as (
    select period_from, period_to
    from account_state_period
    where grain = coalesce($grain, 'week')
        and case
            when $period_from is null then finished
            else period_from = cast($period_from as date)
        end
    order by period_from desc
    limit 1
),

spans as (
    select account_state.*, period.period_from, period.period_to
    from account_state
    join period on account_state.valid_from < period.period_to and coalesce(account_state.valid_to >= period.period_from, true)
    where account_state.dimension = coalesce($dimension, 'bucket') and ($tier is null or account_state.account_tier = $tier)
),

ways as (
    select
        account_id,
        any_value(period_from) as period_from,
        any_value(period_to) as period_to,
        coalesce(max(state) filter (where valid_from < period_from), 'not there yet') as from_state,
        max(state) filter (where coalesce(valid_to >= period_to, true)) as to_state,
        max(valid_from) filter (where valid_from >= period_from) as changed_on,
        count(*) filter (where valid_from >= period_from) as changes
    from spans
    group by account_id
),

used as (
    select account_usage_day.account_id, sum(account_usage_day.calls) as calls
    from account_usage_day
    join period on account_usage_day.day >= period.period_from and account_usage_day.day < period.period_to
    where account_usage_day.surface = 'api'
    group by account_usage_day.account_id
)

select
    ways.account_id,
    account.name,
    account.tier,
    account.bucket,
    account.ladder,
    ways.from_state,
    ways.to_state,
    ways.changed_on,
    ways.changes,
    cast(coalesce(used.calls, 0) as bigint) as calls,
    account.owner
from ways
join account using (account_id)
left join used using (account_id)
where ($from_state is null or ways.from_state = $from_state)
    and ($to_state is null or ways.to_state = $to_state)
order by calls desc, account.name, ways.account_id
