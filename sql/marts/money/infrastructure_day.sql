-- One row per pool, day, account and service: its share of the cloud bill in whole micros.
-- Largest remainder: everyone gets the floor of the exact share, the micros left over go to the largest fractions, so that the
-- shares of a pool and period add up to the bill exactly. A period in which nobody used the driver stays unallocated.

with shares as (
    select
        pool_period.pool,
        pool_period.period_start,
        pool_period.period_kind,
        pool_driver.day,
        pool_driver.account_id,
        pool_driver.service,
        abs(pool_period.cost_micros) as cost,
        sign(pool_period.cost_micros) as direction,
        pool_driver.amount,
        sum(pool_driver.amount) over (partition by pool_period.pool, pool_period.period_start, pool_period.period_kind) as total
    from pool_period
    join pool_driver on pool_driver.driver = pool_period.driver
        and (pool_period.service is null or pool_driver.service = pool_period.service)
        and pool_driver.day >= pool_period.period_start
        and pool_driver.day < case when pool_period.period_kind = 'month' then pool_period.period_start + interval 1 month
            else pool_period.period_start + interval 1 day end
    where pool_period.cost_micros <> 0
),

floors as (
    select
        *,
        cast((cost * amount) // cast(total as hugeint) as bigint) as floor_micros,
        (cost * amount) % cast(total as hugeint) as remainder
    from shares
),

ranked as (
    select
        *,
        row_number() over (periods order by remainder desc, account_id, service nulls first, day) as place,
        cost - sum(floor_micros) over (partition by pool, period_start, period_kind) as left_over
    from floors
    window periods as (partition by pool, period_start, period_kind)
)

select
    pool,
    day,
    account_id,
    service,
    cast(direction * (floor_micros + case when place <= left_over then 1 else 0 end) as bigint) as cost_micros
from ranked
