-- One row per month and cost pool: what was spent, what accounts carry of it, what traffic of nobody carries, and what is left with no one.
-- Ledger = to accounts + to nobody + unallocated. The ledger of a pool at unit cost that has no bill is what was calculated.

with carried as (
    select
        cast(date_trunc('month', day) as date) as month,
        pool,
        sum(cost_micros) filter (where not starts_with(account_id, 'nobody:')) as to_accounts,
        sum(cost_micros) filter (where starts_with(account_id, 'nobody:')) as to_nobody,
        count(*) filter (where cost_micros is null) as unpriced
    from (
        select day, pool, account_id, cost_micros from infrastructure_day
        union all
        select day, 'support', account_id, cost_micros from support_day
        union all
        select day, 'outreach', account_id, cost_micros from outreach_day
        union all
        select day, 'payment fees', account_id, cost_micros from fee_day where account_id is not null
    )
    group by 1, 2
),

pools as (
    select
        pool,
        method,
        driver,
        case method
            when 'driver' then 'in proportion to use'
            when 'even' then 'the same for everyone who used it that day'
            when 'fixed' then 'fixed shares by tier, then in proportion to use'
            when 'unit' then 'use × unit cost'
        end as words
    from program_cost_pool
),

billed as (
    select
        pool_period.month,
        pool_period.pool,
        coalesce(any_value(pools.words), 'none: not in a pool of program.toml') as method,
        any_value(pools.driver) as driver,
        sum(pool_period.cost_micros) as ledger,
        sum(pool_period.unpriced) as unpriced
    from pool_period
    left join pools using (pool)
    group by pool_period.month, pool_period.pool
),

ledger as (
    select * from billed

    union all

    select carried.month, carried.pool, pools.words || ', without a bill', pools.driver,
        coalesce(carried.to_accounts, 0) + coalesce(carried.to_nobody, 0), carried.unpriced
    from carried
    join pools on pools.pool = carried.pool and pools.method = 'unit'
    left join billed on billed.pool = carried.pool and billed.month = carried.month
    where billed.pool is null

    union all

    select cast(date_trunc('month', day) as date), 'support', 'handling minutes × rate', 'minutes', sum(cost_micros),
        count(*) filter (where cost_micros is null)
    from support_day
    group by 1

    union all

    select cast(date_trunc('month', day) as date), 'outreach', 'even over the sign-ups it brought', 'sign-ups', sum(cost_micros),
        count(*) filter (where cost_micros is null)
    from outreach_cost
    group by 1

    union all

    select cast(date_trunc('month', day) as date), 'payment fees', 'as charged', 'payments', sum(cost_micros),
        count(*) filter (where cost_micros is null)
    from fee_day
    group by 1
)

select
    ledger.month,
    ledger.pool,
    ledger.method,
    ledger.driver,
    cast(coalesce(ledger.ledger, 0) as bigint) as ledger_micros,
    cast(coalesce(carried.to_accounts, 0) as bigint) as to_accounts_micros,
    cast(coalesce(carried.to_nobody, 0) as bigint) as to_nobody_micros,
    cast(coalesce(carried.to_accounts, 0) + coalesce(carried.to_nobody, 0) as bigint) as allocated_micros,
    cast(coalesce(ledger.ledger, 0) - coalesce(carried.to_accounts, 0) - coalesce(carried.to_nobody, 0) as bigint) as unallocated_micros,
    cast(coalesce(ledger.unpriced, 0) as bigint) as unpriced
from ledger
left join carried using (month, pool)
