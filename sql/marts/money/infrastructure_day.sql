-- One row per pool, day, account and service: its share of the cloud bill in whole micros.
-- Largest remainder: everyone gets the floor of the exact share, the micros left over go to the largest fractions, so that the
-- shares of a pool and period add up to the bill exactly. A period in which nobody used the driver stays unallocated.

with days as (
    select
        period_id,
        driver,
        service,
        unnest(range(
            cast(period_start as timestamp),
            period_start + case when period_kind = 'month' then interval 1 month else interval 1 day end,
            interval 1 day
        )) as day
    from pool_period
    where cost_micros <> 0
),

shares as (
    select days.period_id, pool_driver.day, pool_driver.account_id, pool_driver.service, pool_driver.amount
    from days
    join pool_driver on pool_driver.driver = days.driver and pool_driver.day = cast(days.day as date)
    where days.service is null or pool_driver.service = days.service
),

totals as (
    select
        shares.period_id,
        cast(sum(shares.amount) as hugeint) as total,
        cast(abs(any_value(pool_period.cost_micros)) as hugeint) as cost,
        sign(any_value(pool_period.cost_micros)) as direction,
        any_value(pool_period.pool) as pool
    from shares
    join pool_period using (period_id)
    group by shares.period_id
),

-- The quotient as a double is off by less than one, which the remainder tells; dividing whole numbers of 128 bits takes far longer.
quotients as (
    select
        shares.*,
        totals.pool,
        totals.direction,
        totals.cost,
        totals.total,
        cast(floor(cast(totals.cost as double) * cast(shares.amount as double) / cast(totals.total as double)) as bigint) as quotient,
        totals.cost * shares.amount - quotient * totals.total as rest
    from shares
    join totals using (period_id)
),

floors as (
    select
        * exclude (quotient, rest),
        quotient + case when rest < 0 then -1 when rest >= total then 1 else 0 end as floor_micros,
        rest + case when rest < 0 then total when rest >= total then -total else 0 end as remainder
    from quotients
),

ranked as (
    select
        *,
        row_number() over (partition by period_id order by remainder desc, account_id, service nulls first, day) as place,
        cost - sum(floor_micros) over (partition by period_id) as left_over
    from floors
)

select
    pool,
    day,
    account_id,
    service,
    cast(direction * (floor_micros + case when place <= left_over then 1 else 0 end) as bigint) as cost_micros
from ranked
