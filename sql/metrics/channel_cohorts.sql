-- metric: channel_cohorts
-- label: Channels, from sign-up to paying
-- question: Of those who came through each channel, how many get how far?
-- unit: accounts
-- grain: one row a tier, channel and stage; with the grain month also a cohort
-- good: up
-- definition: Accounts that entered their tier's ladder, by the channel of their first developer, and which share reached each stage within the window from the
--   entry: of those who had the whole window. Channels without 30 such entrants show no share. Null channel: nobody tells.
-- column cohort: the month of entry; null for all of them together
-- column position: the stage's place in the tier's order
-- column entrants: who entered
-- column mature_entrants: of them who entered a whole window ago
-- column mature_reached: of those who reached the stage within it
-- column in_progress: younger, and not there yet
-- column conversion: mature_reached ÷ mature_entrants; null below 30
-- column median_days: from the entry, of the mature who reached it within the window; null below 30

with steps as (
    select
        conversion_step.*,
        entrant.channel,
        case when $grain = 'month' then entrant.cohort_month end as cohort,
        conversion_step.entered_at <= snapshot_info.as_of - to_days(coalesce(cast($window_days as integer), setting.conversion_window_days)) as is_mature,
        coalesce(
            conversion_step.reached_at
                <= conversion_step.entered_at + to_days(coalesce(cast($window_days as integer), setting.conversion_window_days)),
            false
        ) as in_window
    from conversion_step
    join entrant using (account_id)
    cross join setting
    cross join snapshot_info
    where ($tier is null or conversion_step.tier = $tier)
        and ($stage is null or conversion_step.stage = $stage)
        and ($cohort_from is null or conversion_step.entered_at >= cast($cohort_from as date))
        and ($cohort_to is null or conversion_step.entered_at < cast($cohort_to as date))
),

counts as (
    select
        tier,
        channel,
        cohort,
        position,
        stage,
        count(*) as entrants,
        count(*) filter (is_mature) as mature_entrants,
        count(*) filter (is_mature and in_window) as mature_reached,
        count(*) filter (not is_mature and reached_at is null) as in_progress,
        median(date_diff('second', entered_at, reached_at) / 86400) filter (is_mature and in_window) as median_days
    from steps
    group by tier, channel, cohort, position, stage
)

select
    tier,
    channel,
    cohort,
    position,
    stage,
    entrants,
    mature_entrants,
    mature_reached,
    in_progress,
    case when mature_entrants >= 30 then mature_reached / mature_entrants end as conversion,
    case when mature_entrants >= 30 then round(median_days, 2) end as median_days
from counts
order by tier, cohort nulls first, channel nulls last, position
