-- One row per month and cost pool: what was spent, what accounts carry of it, and what nobody does. Ledger = allocated + unallocated.

with ledger as (
    select month, pool, 'driver share' as method, any_value(driver) as driver, sum(cost_micros) as ledger, sum(unpriced) as unpriced
    from pool_period
    group by month, pool

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
),

carried as (
    select cast(date_trunc('month', day) as date) as month, pool, sum(cost_micros) as allocated
    from infrastructure_day
    group by 1, 2

    union all

    select cast(date_trunc('month', day) as date), 'support', sum(cost_micros) from support_day group by 1

    union all

    select cast(date_trunc('month', day) as date), 'outreach', sum(cost_micros) from outreach_day group by 1

    union all

    select cast(date_trunc('month', day) as date), 'payment fees', sum(cost_micros) from fee_day where account_id is not null group by 1
)

select
    ledger.month,
    ledger.pool,
    case when ledger.driver is null then 'none' else ledger.method end as method,
    ledger.driver,
    cast(coalesce(ledger.ledger, 0) as bigint) as ledger_micros,
    cast(coalesce(carried.allocated, 0) as bigint) as allocated_micros,
    cast(coalesce(ledger.ledger, 0) - coalesce(carried.allocated, 0) as bigint) as unallocated_micros,
    cast(ledger.unpriced as bigint) as unpriced
from ledger
left join carried using (month, pool)
