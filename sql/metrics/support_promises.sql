-- metric: support_promises
-- label: Promises kept
-- question: Which promises do we keep, and which do we break?
-- unit: promises
-- grain: one row a metric that is promised
-- good: up
-- definition: SLA attainment is achieved ÷ (achieved + breached), over promises that began in the period. One that still runs is in neither (others
--   divide by all, so that the young look broken); one that was taken back before the ticket was solved is in none.
-- column sla_metric: what is promised, by the help desk's name: reply_time, requester_wait_time, …
-- column achieved: kept
-- column breached: broken, even if fulfilled later
-- column running: neither yet
-- column attainment: achieved ÷ (achieved + breached)
-- column attainment_before: the same in the period before
-- column median_target_minutes: half of the promises were no longer than this

with periods as (
    select
        cast(coalesce($date_from, date '0001-01-01') as date) as since,
        cast(coalesce($date_to, date '9999-12-31') as date) as until,
        cast($before_from as date) as before_since,
        cast($before_to as date) as before_until
),

clocks as (
    select
        sla_clock.*,
        cast(applied_at as date) >= since and cast(applied_at as date) < until as is_now,
        coalesce(cast(applied_at as date) >= before_since and cast(applied_at as date) < before_until, false) as is_before
    from sla_clock
    cross join periods
    where $tier is null or tier = $tier
),

sums as (
    select
        metric as sla_metric,
        count(*) filter (where is_now and state = 'achieved') as achieved,
        count(*) filter (where is_now and state = 'breached') as breached,
        count(*) filter (where is_now and state = 'running') as running,
        count(*) filter (where is_before and state = 'achieved') as achieved_before,
        count(*) filter (where is_before and state = 'breached') as breached_before,
        median(target_minutes) filter (where is_now) as median_target_minutes
    from clocks
    group by metric
)

select
    sla_metric,
    achieved,
    breached,
    running,
    achieved / nullif(achieved + breached, 0) as attainment,
    achieved_before / nullif(achieved_before + breached_before, 0) as attainment_before,
    median_target_minutes
from sums
where achieved + breached + running > 0
order by achieved + breached + running desc, sla_metric
