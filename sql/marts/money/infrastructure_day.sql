-- One row per pool, day, account and service: its share of the pool in whole micros, or its usage at the unit cost then in force.
-- Largest remainder: everyone gets the floor of the exact share, the micros left over go to the largest fractions, so that the
-- shares of a pool and period add up to the bill exactly. A period in which nobody used the driver stays unallocated.

with days as (
    select
        part_id,
        driver,
        service,
        tier,
        unnest(range(
            cast(period_start as timestamp),
            period_start + case when period_kind = 'month' then interval 1 month else interval 1 day end,
            interval 1 day
        )) as day
    from pool_part
),

shares as (
    select days.part_id, pool_driver.day, pool_driver.account_id, pool_driver.service, pool_driver.amount
    from days
    join pool_driver on pool_driver.driver = days.driver and pool_driver.day = cast(days.day as date)
    where (days.service is null or pool_driver.service = days.service) and (days.tier is null or pool_driver.tier = days.tier)
),

totals as (
    select
        shares.part_id,
        cast(sum(shares.amount) as hugeint) as total,
        cast(abs(any_value(pool_part.cost_micros)) as hugeint) as cost,
        sign(any_value(pool_part.cost_micros)) as direction,
        any_value(pool_part.pool) as pool
    from shares
    join pool_part using (part_id)
    group by shares.part_id
),

-- The quotient as a double is off by less than one, which the remainder tells; dividing whole numbers of 128 bits takes far longer.
quotients as (
    select
        shares.*,
        totals.total,
        cast(floor(cast(totals.cost as double) * cast(shares.amount as double) / cast(totals.total as double)) as bigint) as quotient,
        totals.cost * shares.amount - quotient * totals.total as rest
    from shares
    join totals using (part_id)
),

floors as (
    select
        part_id,
        day,
        account_id,
        service,
        quotient + case when rest < 0 then -1 when rest >= total then 1 else 0 end as floor_micros,
        cast(rest + case when rest < 0 then total when rest >= total then -total else 0 end as bigint) as remainder
    from quotients
),

ranked as (
    select
        * exclude (remainder),
        row_number() over (partition by part_id order by remainder desc, account_id, service nulls first, day) as place
    from floors
),

left_overs as (
    select floors.part_id, any_value(totals.cost) - sum(floors.floor_micros) as left_over
    from floors
    join totals using (part_id)
    group by floors.part_id
)

select
    totals.pool,
    ranked.day,
    ranked.account_id,
    ranked.service,
    cast(totals.direction * (ranked.floor_micros + case when ranked.place <= left_overs.left_over then 1 else 0 end) as bigint) as cost_micros
from ranked
join totals using (part_id)
join left_overs using (part_id)

union all

select
    cost_pool.pool,
    pool_driver.day,
    pool_driver.account_id,
    pool_driver.service,
    cast(round(
        pool_driver.amount / case when cost_pool.driver = 'compute_ms' then 1000 when cost_pool.driver in ('even', 'developers') then 720720 else 1 end
        * unit.micros_per_unit
    ) as bigint)
from cost_pool
join pool_driver on pool_driver.driver = cost_pool.counted_by and (cost_pool.service is null or pool_driver.service = cost_pool.service)
asof left join program_unit_cost as unit on unit.pool = cost_pool.pool and pool_driver.day >= unit.valid_from
where cost_pool.method = 'unit'
