-- metric: funnel_segments
-- label: Conversion by segment
-- question: Who gets to this stage, and who does not?
-- unit: accounts
-- grain: one row a tier and segment: the 12 values with the most entrants, the others together, and those of whom it is not known
-- good: up
-- definition: Of the segment's accounts that entered the whole window ago or more, the share that reached the stage (the tier's last where none is chosen)
--   within the window of its entry. No share, no estimate and no median below 30 mature entrants: too few to tell. `Eventual` is 1 − the Kaplan–Meier survival at
--   the window, and uses everyone. An account with several values is in several segments. A difference between segments is not its cause:
--   those who come by another way may differ in everything else too.
-- column segment: the value; others; not known
-- column place: 1 to 12 by entrants, 13 for others, 14 for not known
-- column entrants: accounts that entered
-- column mature_entrants: of them, those that entered the whole window ago or more; the n
-- column mature_reached: of the mature ones, those that reached the stage within the window
-- column conversion: mature reached ÷ mature entrants; null below 30
-- column in_progress: younger entrants that have not reached it yet
-- column eventual: share that reaches it within the window, Kaplan–Meier; null below 30
-- column eventual_lower: lower end of its 95 % band; null where nobody or everybody got there
-- column eventual_upper: upper end
-- column median_days: median days from entry to the stage, among those who reached it; null below 30
-- column is_shown: whether there are 30

with params as (
    select
        coalesce(cast($window_days as integer), setting.conversion_window_days) as days,
        coalesce($dimension, 'channel') as dimension,
        snapshot_info.as_of
    from setting
    cross join snapshot_info
),

steps as materialized (
    select
        conversion_step.*,
        conversion_segment.segment,
        conversion_segment.place,
        entered_at <= as_of - to_days(params.days) as is_mature,
        coalesce(reached_at <= entered_at + to_days(params.days), false) as in_window,
        params.days as window_days,
        as_of
    from conversion_step
    cross join params
    join conversion_segment on conversion_segment.account_id = conversion_step.account_id and conversion_segment.dimension = params.dimension
    where ($tier is null or conversion_step.tier = $tier)
        and ($cohort_from is null or entered_at >= cast($cohort_from as date))
        and ($cohort_to is null or entered_at < cast($cohort_to as date))
        and ($value is null or conversion_segment.segment = $value)
        and (
            stage = $stage
            or ($stage is null and (conversion_step.tier, stage) in (select (tier, arg_max(stage, position)) from program_stage group by tier))
        )
),

subjects as (
    select
        struct_pack(tier := tier, place := place, segment := segment) as series,
        least(days_between(entered_at, coalesce(reached_at, as_of)), window_days + 1) as days,
        in_window as happened
    from steps
),

curves as (
    select
        series.tier,
        series.place,
        series.segment,
        max(days) >= any_value(window_days) or min(survival) = 0 as is_seen,
        coalesce(arg_max(survival, days) filter (days <= window_days), 1) as survival,
        arg_max(lower, days) filter (days <= window_days) as lower,
        arg_max(upper, days) filter (days <= window_days) as upper
    from kaplan_meier('subjects')
    cross join (select days as window_days from params)
    group by series
),

counts as (
    select
        tier,
        any_value(stage) as stage,
        segment,
        place,
        count(*) as entrants,
        count(*) filter (is_mature) as mature_entrants,
        count(*) filter (is_mature and in_window) as mature_reached,
        count(*) filter (not is_mature and reached_at is null) as in_progress,
        median(days_between(entered_at, reached_at)) as median_days,
        count(*) filter (is_mature) >= 30 as is_shown
    from steps
    group by tier, segment, place
)

select
    counts.tier,
    counts.stage,
    counts.segment,
    counts.place,
    counts.entrants,
    counts.mature_entrants,
    counts.mature_reached,
    case when is_shown then mature_reached / mature_entrants end as conversion,
    counts.in_progress,
    case when is_shown and is_seen then 1 - survival end as eventual,
    case when is_shown and is_seen and survival > 0 and survival < 1 then 1 - upper end as eventual_lower,
    case when is_shown and is_seen and survival > 0 and survival < 1 then 1 - lower end as eventual_upper,
    case when is_shown then round(median_days, 2) end as median_days,
    counts.is_shown
from counts
join curves using (tier, place, segment)
order by counts.tier, counts.place, counts.segment
