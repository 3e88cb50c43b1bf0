-- One row per part of a pool and period that is shared out by a driver: the whole of it, or with fixed shares a part for each tier. The parts
-- of a period add up to its shares exactly: each is what is due with it less what was due without it. What is left of 100 % is no part.

with due as (
    select
        pool_period.*,
        share.tier,
        share.position,
        sum(share.percent) over (partition by pool_period.period_id order by share.position) as percent,
        share.percent as own_percent
    from pool_period
    join program_cost_share as share on share.pool = pool_period.pool
    where pool_period.method = 'fixed'
),

parts as (
    select period_id, pool, driver, service, period_start, period_kind, cast(null as varchar) as tier, cost_micros
    from pool_period
    where coalesce(method, 'driver') in ('driver', 'even')

    union all

    select
        period_id,
        pool,
        driver,
        service,
        period_start,
        period_kind,
        tier,
        cast(round(cost_micros * percent / 100) - round(cost_micros * (percent - own_percent) / 100) as bigint)
    from due
)

select row_number() over (order by parts.period_id, parts.tier nulls first) as part_id, parts.* replace (cost_pool.counted_by as driver)
from parts
join cost_pool on cost_pool.pool = parts.pool
where parts.cost_micros <> 0 and parts.driver is not null
