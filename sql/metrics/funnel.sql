-- metric: funnel
-- label: Onboarding funnel
-- question: Where between sign-up and payment do they stay behind?
-- unit: accounts
-- grain: one row a tier and stage
-- good: up
-- definition: Conversion is mature and ordered, and its window runs from the entry, the first event of the tier's first stage: of the accounts that entered
--   the whole window ago or more and reached the stage before within the window, the share that reached this one within it too. Younger entrants are in
--   progress, never dropped. Stages come in order: an event before the stage before it does not count. (Many funnels divide this month's arrivals by this
--   month's sign-ups, which mixes two groups; others start the window anew at each step.) `Eventual` is 1 − the Kaplan–Meier survival at the window,
--   of the time from entry to this stage: it uses everyone, the youngest for as long as they were seen. Times are of those who moved on; one order that is
--   contact, procurement and contract at once counts for none of their times. Discovery is anonymous: only those who read docs or
--   prices by the portal's events are counted, once for all tiers, whoever they were.
-- column position: the stage's place in the tier's order
-- column reached: accounts that have reached it, ever
-- column entrants: accounts that entered
-- column mature_entrants: of them, those that entered the whole window ago or more
-- column mature_before: mature entrants that reached the stage before within the window
-- column mature_reached: mature entrants that reached this stage within the window
-- column conversion: mature reached ÷ mature before; null for the first stage and where there is nobody to divide by
-- column share_of_entrants: mature reached ÷ mature entrants
-- column in_progress: entrants younger than the window that reached the stage before, and not this one yet
-- column eventual: share that reaches it within the window, Kaplan–Meier; null for the first stage, and where nobody was seen for the whole window
-- column eventual_lower: lower end of its 95 % band; null where nobody or everybody got there
-- column eventual_upper: upper end
-- column moved: accounts that the times rest on
-- column median_days: median days from the stage before, among those who moved
-- column p90_days: nine of ten took no longer
-- column stalled: accounts that stand in this stage too long

with params as (
    select
        coalesce(cast($window_days as integer), setting.conversion_window_days) as days,
        snapshot_info.as_of
    from setting
    cross join snapshot_info
),

stages as (
    select tier, stage, position, lag(stage) over (partition by tier order by position) as before
    from program_stage
    where stage <> 'discovered' and ($tier is null or tier = $tier)
),

steps as materialized (
    select
        conversion_step.*,
        entered_at <= as_of - to_days(params.days) as is_mature,
        coalesce(before_at <= entered_at + to_days(params.days), false) as before_in_window,
        coalesce(reached_at <= entered_at + to_days(params.days), false) as in_window,
        params.days as window_days,
        as_of
    from conversion_step
    cross join params
    where ($tier is null or tier = $tier)
        and ($cohort_from is null or entered_at >= cast($cohort_from as date))
        and ($cohort_to is null or entered_at < cast($cohort_to as date))
        and ($dimension is null or $value is null or account_id in (
            select account_id from conversion_segment where dimension = $dimension and segment = $value
        ))
),

counts as (
    select
        tier,
        stage,
        count(reached_at) as reached,
        count(*) as entrants,
        count(*) filter (is_mature) as mature_entrants,
        count(*) filter (is_mature and before_in_window) as mature_before,
        count(*) filter (is_mature and in_window) as mature_reached,
        count(*) filter (not is_mature and before_at is not null and reached_at is null) as in_progress
    from steps
    group by tier, stage
),

-- what follows after the window does not change the survival at its end
subjects as (
    select
        struct_pack(tier := tier, stage := stage) as series,
        least(days_between(entered_at, coalesce(reached_at, as_of)), window_days + 1) as days,
        in_window as happened
    from steps
    where position > 1
),

curves as (
    select
        series.tier,
        series.stage,
        max(days) >= any_value(window_days) or min(survival) = 0 as is_seen,
        coalesce(arg_max(survival, days) filter (days <= window_days), 1) as survival,
        arg_max(lower, days) filter (days <= window_days) as lower,
        arg_max(upper, days) filter (days <= window_days) as upper
    from kaplan_meier('subjects')
    cross join (select days as window_days from params)
    group by series
),

times as (
    select stage_mover.tier, stage_mover.stage as before, count(*) as moved, median(days) as median_days, quantile_cont(days, 0.9) as p90_days
    from stage_mover
    join (select account_id from steps where position = 1) using (account_id)
    group by stage_mover.tier, stage_mover.stage
),

stalls as (
    select stall.tier, stall.stage, count(*) as stalled
    from stall
    join (select account_id from steps where position = 1) using (account_id)
    where stalled
    group by stall.tier, stall.stage
),

-- a visitor whom one event names as a developer is that developer
visitor_developers as (
    select visitor_ref, min(developer_ref) as developer_ref
    from portal_event
    where visitor_ref is not null and developer_ref is not null
    group by visitor_ref
),

visitors as (
    select count(distinct coalesce(portal_event.developer_ref, visitor_developers.developer_ref, portal_event.visitor_ref)) as visitors
    from portal_event
    left join visitor_developers using (visitor_ref)
    where portal_event.occurred_at <= (select as_of from snapshot_info)
        and (portal_event.kind like 'docs%' or portal_event.kind like 'pricing%' or portal_event.kind like '%visit%')
)

select
    stages.tier,
    cast(stages.position as integer) as position,
    stages.stage,
    coalesce(counts.reached, 0) as reached,
    coalesce(counts.entrants, 0) as entrants,
    coalesce(counts.mature_entrants, 0) as mature_entrants,
    case when stages.before is not null then coalesce(counts.mature_before, 0) end as mature_before,
    coalesce(counts.mature_reached, 0) as mature_reached,
    counts.mature_reached / nullif(case when stages.before is not null then counts.mature_before end, 0) as conversion,
    counts.mature_reached / nullif(counts.mature_entrants, 0) as share_of_entrants,
    coalesce(counts.in_progress, 0) as in_progress,
    case when curves.is_seen then 1 - curves.survival end as eventual,
    case when curves.is_seen and curves.survival > 0 and curves.survival < 1 then 1 - curves.upper end as eventual_lower,
    case when curves.is_seen and curves.survival > 0 and curves.survival < 1 then 1 - curves.lower end as eventual_upper,
    coalesce(times.moved, 0) as moved,
    round(times.median_days, 2) as median_days,
    round(times.p90_days, 2) as p90_days,
    coalesce(stalls.stalled, 0) as stalled
from stages
left join counts using (tier, stage)
left join curves using (tier, stage)
left join times on times.tier = stages.tier and times.before = stages.before
left join stalls on stalls.tier = stages.tier and stalls.stage = stages.stage

union all

select tier, cast(position as integer), stage, visitors.visitors, null, null, null, null, null, null, 0, null, null, null, 0, null, null, 0
from program_stage
cross join visitors
where stage = 'discovered' and ($tier is null or tier = $tier)

order by tier, position
