-- metric: sales_paths
-- label: Two paths to paying
-- question: How many get through by themselves, how many through sales, and where does each path lose them?
-- unit: accounts
-- grain: one row a tier, path and step
-- good: up
-- definition: Self-service: signed up, first success, integrated, ordered by itself, paying. Sales-led: contact (a ticket about price or quota, a request
--   in the portal, an opportunity, a drafted contract), procurement, contracted, paying. Steps come in order; the window runs from the first step.
--   Mature: accounts whose first step lies a whole window back; the younger are in progress. An account may be on both paths: whoever is put on a path
--   by how it ended makes that path look better. An order under a contract is not by itself, and no bill stands for a contract.
-- column position: the step's place on its path
-- column reached: accounts that have reached it, ever
-- column entrants: mature accounts at the first step: n of the row
-- column mature_reached: of them, those that reached this step within the window of the first
-- column conversion: mature reached ÷ mature reached of the step before; null for the first step
-- column from_start: mature reached ÷ entrants
-- column in_progress: younger accounts that have not reached the step yet
-- column median_days: from the first step to this one, among all that reached it
-- column p90_days: nine of ten took no longer

with params as (
    select coalesce(cast($window_days as integer), setting.conversion_window_days) as days, snapshot_info.as_of
    from setting
    cross join snapshot_info
),

entered as (
    select path_step.*, path_step.reached_at <= params.as_of - to_days(params.days) as is_mature, params.days
    from path_step
    cross join params
    where position = 1 and ($tier is null or tier = $tier)
),

tiers as (
    select distinct tier, path
    from entered
),

ladder as (
    select tiers.tier, path_of.path, path_of.position, path_of.step
    from tiers
    join path_of using (path)
),

totals as (
    select tier, path, count(*) filter (where is_mature) as entrants, count(*) filter (where not is_mature) as young
    from entered
    group by tier, path
),

sums as (
    select
        entered.tier,
        entered.path,
        path_step.position,
        count(*) as reached,
        count(*) filter (where entered.is_mature and path_step.reached_at <= entered.reached_at + to_days(entered.days)) as mature_reached,
        count(*) filter (where not entered.is_mature) as young_reached,
        median(date_diff('second', entered.reached_at, path_step.reached_at) / 86400.0) as median_days,
        quantile_cont(date_diff('second', entered.reached_at, path_step.reached_at) / 86400.0, 0.9) as p90_days
    from entered
    join path_step using (account_id, path)
    group by entered.tier, entered.path, path_step.position
),

steps as (
    select
        ladder.tier,
        ladder.path,
        ladder.position,
        ladder.step,
        coalesce(sums.reached, 0) as reached,
        totals.entrants,
        coalesce(sums.mature_reached, 0) as mature_reached,
        totals.young - coalesce(sums.young_reached, 0) as in_progress,
        sums.median_days,
        sums.p90_days
    from ladder
    join totals using (tier, path)
    left join sums using (tier, path, position)
)

select
    tier,
    path,
    position,
    step,
    reached,
    entrants,
    mature_reached,
    mature_reached / nullif(lag(mature_reached) over (partition by tier, path order by position), 0) as conversion,
    case when position > 1 then mature_reached / nullif(entrants, 0) end as from_start,
    in_progress,
    case when position > 1 then round(median_days, 2) end as median_days,
    case when position > 1 then round(p90_days, 2) end as p90_days
from steps
order by tier, path desc, position
