-- metric: segment_log_rank
-- label: Whether segments differ
-- question: Is the difference between these segments more than chance?
-- unit: accounts
-- grain: one row a pair of compared segments, each with itself included
-- good: -
-- definition: The sums of the log-rank test of the time from entry to the stage: for each segment the accounts that reached it and those that would have, had all
--   segments been alike, and the covariances of what is between; `sql/survival.py` makes the test statistic of them. Compared are the named segments with
--   30 mature entrants or more; where fewer than two have, or accounts are in several, there is no row. A difference that is no chance
--   is still not a cause. The test looks at the whole time, and may miss curves that cross.
-- column segment: one segment
-- column other: the same or another
-- column entrants: accounts of the segment
-- column observed: those of them that reached the stage
-- column expected: those that would have, were all segments alike
-- column covariance: of the two differences observed − expected

with params as (
    select
        coalesce(cast($window_days as integer), setting.conversion_window_days) as days,
        coalesce($dimension, 'channel') as dimension,
        snapshot_info.as_of
    from setting
    cross join snapshot_info
),

waits as materialized (
    select
        conversion_step.account_id,
        conversion_step.tier,
        conversion_segment.segment,
        days_between(entered_at, coalesce(reached_at, as_of)) as days,
        reached_at is not null as happened,
        entered_at <= as_of - to_days(params.days) as is_mature
    from conversion_step
    cross join params
    join conversion_segment on conversion_segment.account_id = conversion_step.account_id and conversion_segment.dimension = params.dimension
    where conversion_segment.place <= 12
        and ($tier is null or conversion_step.tier = $tier)
        and ($cohort_from is null or entered_at >= cast($cohort_from as date))
        and ($cohort_to is null or entered_at < cast($cohort_to as date))
        and (
            stage = $stage
            or ($stage is null and (conversion_step.tier, stage) in (select (tier, arg_max(stage, position)) from program_stage group by tier))
        )
),

compared as (
    select tier, segment, count(*) as entrants, count(*) filter (happened) as observed
    from waits
    group by tier, segment
    having count(*) filter (is_mature) >= 30
),

comparable as (
    select waits.tier
    from waits
    join compared using (tier, segment)
    group by waits.tier
    having count(distinct waits.segment) > 1 and count(*) = count(distinct waits.account_id)
),

subjects as (
    select tier as stratum, segment, days, happened
    from waits
    join compared using (tier, segment)
    join comparable using (tier)
)

select
    sums.stratum as tier,
    sums.segment,
    sums.other,
    compared.entrants,
    compared.observed,
    sums.expected,
    sums.covariance
from log_rank_sums('subjects') as sums
join compared on compared.tier = sums.stratum and compared.segment = sums.segment
order by tier, sums.segment, sums.other
