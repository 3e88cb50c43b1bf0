-- metric: funnel
-- label: Onboarding funnel
-- question: Where between sign-up and payment do they stay behind?
-- unit: accounts
-- grain: one row a tier and stage
-- good: up
-- definition: Mature conversion: of the accounts that reached the stage before at least the whole window ago, the share that reached this stage
--   within the window. Younger ones are in progress, never dropped. Stages come in order: an event before the stage before it does
--   not count. (Many funnels divide this month's arrivals by this month's sign-ups, which mixes two groups.) Times are of those who
--   moved on; one order that is contact, procurement and contract at once counts for none of their times. Discovery is anonymous:
--   only visitors are counted.
-- column position: the stage's place in the tier's order
-- column reached: accounts that have reached it, ever
-- column mature_entrants: accounts that reached the stage before, a whole window or more ago
-- column mature_reached: of them, those that reached this one within the window
-- column conversion: mature reached ÷ mature entrants; null for the first stage and where nobody is mature
-- column in_progress: accounts that reached the stage before less than a window ago, and not this one yet
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

reached as (
    select tier, stage, count(*) as reached
    from account_stage
    group by tier, stage
),

steps as (
    select
        entered.tier,
        entered.stage as before,
        count(*) filter (where entered.reached_at <= as_of - to_days(params.days)) as mature_entrants,
        count(*) filter (
            where entered.reached_at <= as_of - to_days(params.days) and moved.reached_at <= entered.reached_at + to_days(params.days)
        ) as mature_reached,
        count(*) filter (where entered.reached_at > as_of - to_days(params.days) and moved.reached_at is null) as in_progress
    from account_stage as entered
    cross join params
    left join account_stage as moved on moved.account_id = entered.account_id and moved.position = entered.position + 1
    group by entered.tier, entered.stage
),

times as (
    select tier, stage as before, median(days) as median_days, quantile_cont(days, 0.9) as p90_days
    from stage_mover
    group by tier, stage
),

stalls as (
    select tier, stage, count(*) as stalled
    from stall
    where stalled
    group by tier, stage
),

visitors as (
    select count(distinct coalesce(visitor_ref, developer_ref)) as visitors
    from portal_event
)

select
    stages.tier,
    cast(stages.position as integer) as position,
    stages.stage,
    coalesce(reached.reached, 0) as reached,
    steps.mature_entrants,
    steps.mature_reached,
    steps.mature_reached / nullif(steps.mature_entrants, 0) as conversion,
    steps.in_progress,
    round(times.median_days, 2) as median_days,
    round(times.p90_days, 2) as p90_days,
    coalesce(stalls.stalled, 0) as stalled
from stages
left join reached using (tier, stage)
left join steps on steps.tier = stages.tier and steps.before = stages.before
left join times on times.tier = stages.tier and times.before = stages.before
left join stalls on stalls.tier = stages.tier and stalls.stage = stages.stage

union all

select tier, cast(position as integer), stage, visitors.visitors, null, null, null, null, null, null, 0
from program_stage
cross join visitors
where stage = 'discovered' and ($tier is null or tier = $tier)

order by tier, position
