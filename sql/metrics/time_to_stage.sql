-- metric: time_to_stage
-- label: Time to each stage
-- question: How long does each step take those who make it?
-- unit: days
-- grain: one row a tier and stage after the first
-- good: down
-- definition: Days from the stage before (or, with origin `entry`, from the entry) to the stage, among those who reached it: a quarter, half, three quarters and nine
--   of ten took no longer. Who has not reached it is in none of them; the Kaplan–Meier curve of the funnel counts those too. One order that is contact,
--   procurement and contract at once is no time between them.
-- column position: the stage's place in the tier's order, discovery left out
-- column stage: the stage
-- column moved: accounts that the times rest on; the n
-- column p25_days: a quarter took no longer
-- column p50_days: half
-- column p75_days: three quarters
-- column p90_days: nine of ten

with steps as (
    select distinct tier, position, stage, stage_before
    from conversion_step
    where position > 1 and ($tier is null or tier = $tier)
),

waits as (
    select stage_mover.tier, stage_mover.next_stage as stage, stage_mover.days
    from stage_mover
    join entrant using (account_id)
    where coalesce($origin, 'before') = 'before'
        and ($cohort_from is null or entered_at >= cast($cohort_from as date))
        and ($cohort_to is null or entered_at < cast($cohort_to as date))
        and ($dimension is null or $value is null or account_id in (
            select account_id from conversion_segment where dimension = $dimension and segment = $value
        ))

    union all

    select tier, stage, days_between(entered_at, reached_at)
    from conversion_step
    where $origin = 'entry' and position > 1 and reached_at is not null
        and ($cohort_from is null or entered_at >= cast($cohort_from as date))
        and ($cohort_to is null or entered_at < cast($cohort_to as date))
        and ($dimension is null or $value is null or account_id in (
            select account_id from conversion_segment where dimension = $dimension and segment = $value
        ))
)

select
    steps.tier,
    steps.position,
    steps.stage,
    count(waits.days) as moved,
    quantile_cont(waits.days, 0.25) as p25_days,
    quantile_cont(waits.days, 0.5) as p50_days,
    quantile_cont(waits.days, 0.75) as p75_days,
    quantile_cont(waits.days, 0.9) as p90_days
from steps
left join waits using (tier, stage)
group by steps.tier, steps.position, steps.stage
order by steps.tier, steps.position
