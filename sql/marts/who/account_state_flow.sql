-- One row per dimension, week or month, tier today, state at the period's start and state at its end: how many accounts went that way.
-- The start is the end of the day before; 'not there yet' are those that no source knew then. What stayed is what was there less what changed,
-- so the work grows with the changes and not with accounts × periods.

with moved as (
    select
        account_state.dimension,
        grains.grain,
        account_state.account_tier,
        account_state.account_id,
        cast(date_trunc(grains.grain, account_state.valid_from) as date) as period_from,
        arg_min(account_state.came_from, account_state.valid_from) as from_state,
        arg_max(account_state.state, account_state.valid_from) as to_state
    from account_state
    cross join (select distinct grain from account_state_period) as grains
    group by all
),

moves as (
    select dimension, grain, account_tier, period_from, from_state, to_state, count(*) as accounts
    from moved
    group by all
),

gains as (
    select dimension, grain, account_tier, state, period_from, sum(accounts) as accounts
    from (
        select dimension, grain, account_tier, period_from, to_state as state, accounts from moves
        union all
        select dimension, grain, account_tier, period_from, from_state, - accounts from moves
    )
    where state <> 'not there yet'
    group by all
),

left_it as (
    select dimension, grain, account_tier, period_from, from_state as state, sum(accounts) as accounts
    from moves
    group by all
),

starts as (
    select
        held.dimension,
        held.grain,
        held.account_tier,
        held.state,
        account_state_period.period_from,
        coalesce(
            sum(gains.accounts) over (
                partition by held.dimension, held.grain, held.account_tier, held.state
                order by account_state_period.period_from
                rows between unbounded preceding and 1 preceding
            ),
            0
        ) as accounts
    from (select distinct dimension, grain, account_tier, state from gains) as held
    join account_state_period using (grain)
    left join gains using (dimension, grain, account_tier, state, period_from)
),

stayed as (
    select dimension, grain, account_tier, period_from, state, starts.accounts - coalesce(left_it.accounts, 0) as accounts
    from starts
    left join left_it using (dimension, grain, account_tier, state, period_from)
)

select dimension, grain, account_tier, period_from, from_state, to_state, cast(sum(accounts) as bigint) as accounts
from (
    select dimension, grain, account_tier, period_from, from_state, to_state, accounts from moves
    union all
    select dimension, grain, account_tier, period_from, state, state, accounts from stayed
)
group by all
having sum(accounts) <> 0
