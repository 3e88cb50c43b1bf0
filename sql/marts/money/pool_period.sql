-- One row per pool and period (a day, or the month of a bill that is by the month): what the cloud bill and people say, in whole micros.

select
    row_number() over (order by pool, period_start, period_kind) as period_id,
    pool,
    any_value(method) as method,
    any_value(driver) as driver,
    any_value(service) as service,
    case when period_kind = 'month' then month else day end as period_start,
    period_kind,
    month,
    cast(coalesce(sum(cost_micros), 0) as bigint) as cost_micros,
    count(*) filter (where cost_micros is null) as unpriced
from cost_entry
group by pool, period_start, period_kind, month
