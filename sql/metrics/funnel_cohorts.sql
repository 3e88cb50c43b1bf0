-- metric: funnel_cohorts
-- label: Conversion by cohort
-- question: Do those who enter later get further?
-- unit: accounts
-- grain: one row a tier and week or month in which accounts entered
-- good: up
-- definition: Of the accounts that entered in a week (from Monday) or month, UTC, the share that reached the stage (the tier's last where none is chosen) within
--   the window of its entry; only those count that entered the whole window ago or more. A cohort is mature when its last possible entrant has had the
--   window; until then its figure may still change, and it is marked.
-- column cohort: first day of the week or month
-- column entrants: accounts that entered in it
-- column mature_entrants: of them, those that entered the whole window ago or more
-- column mature_reached: of the mature ones, those that reached the stage within the window
-- column conversion: mature reached ÷ mature entrants; null where nobody is mature
-- column in_progress: younger entrants that have not reached it yet
-- column reached: accounts that have reached it, ever
-- column is_mature: whether all of them have had the window

with params as (
    select
        coalesce(cast($window_days as integer), setting.conversion_window_days) as days,
        coalesce($grain, 'month') as grain,
        snapshot_info.as_of
    from setting
    cross join snapshot_info
),

steps as (
    select
        tier,
        stage,
        cast(date_trunc(params.grain, entered_at) as date) as cohort,
        entered_at <= as_of - to_days(params.days) as is_mature,
        coalesce(reached_at <= entered_at + to_days(params.days), false) as in_window,
        reached_at,
        params.*
    from conversion_step
    cross join params
    where ($tier is null or tier = $tier)
        and ($cohort_from is null or entered_at >= cast($cohort_from as date))
        and ($cohort_to is null or entered_at < cast($cohort_to as date))
        and ($dimension is null or $value is null or account_id in (
            select account_id from conversion_segment where dimension = $dimension and segment = $value
        ))
        and (
            stage = $stage
            or ($stage is null and (tier, stage) in (select (tier, arg_max(stage, position)) from program_stage group by tier))
        )
)

select
    tier,
    any_value(stage) as stage,
    cohort,
    count(*) as entrants,
    count(*) filter (is_mature) as mature_entrants,
    count(*) filter (is_mature and in_window) as mature_reached,
    count(*) filter (is_mature and in_window) / nullif(count(*) filter (is_mature), 0) as conversion,
    count(*) filter (not is_mature and reached_at is null) as in_progress,
    count(reached_at) as reached,
    cohort + case when any_value(grain) = 'week' then interval 7 day else interval 1 month end
        <= any_value(as_of) - to_days(any_value(days)) as is_mature
from steps
group by tier, cohort
order by tier, cohort
