-- metric: outreach_activated
-- label: Cost per activated developer
-- question: What did a developer cost who signed up through a channel of ours and then succeeded?
-- unit: money
-- grain: one row a direction and channel, and one for all of them where there are any
-- good: down
-- definition: Cost of mature activities ÷ the developers who signed up through their channel within the window and first succeeded within as many days from their
--   sign-up. A developer whom several activities may have brought counts in equal parts. Null where the cost of any of them is not known, or where nobody was
--   activated. The median is over the activities that activated somebody and whose cost is known. Mature: the last sign-up of its window has had its days.
-- column channel: null for activities that name no channel
-- column is_total: whether the row is that of all of them
-- column mature: activities that are mature
-- column without_cost: of them those whose cost is not known
-- column cost: of the mature ones, in the reporting currency; null where any is not known
-- column developers: who signed up in their windows, each counted once an activity
-- column activated: who of them was activated, each counted once
-- column cost_per_activated: cost ÷ activated
-- column median_cost: the median over activities of their cost ÷ what they activated
-- column activities_counted: the activities of that median
-- column brought_nobody: mature activities that activated nobody

select
    direction,
    channel,
    grouping(direction) = 1 as is_total,
    count(*) as activities,
    count(*) filter (is_mature) as mature,
    count(*) filter (is_mature and cost_micros is null) as without_cost,
    case when count(*) filter (is_mature and cost_micros is null) = 0 then sum(cost_micros) filter (is_mature) / 1000000 end as cost,
    cast(sum(developers) filter (is_mature) as bigint) as developers,
    round(sum(activated_shared) filter (is_mature), 6) as activated,
    case when count(*) filter (is_mature and cost_micros is null) = 0
        then sum(cost_micros) filter (is_mature) / 1000000 / nullif(round(sum(activated_shared) filter (is_mature), 6), 0) end as cost_per_activated,
    median(cost_micros / 1000000 / activated_shared) filter (is_mature and activated_shared > 0 and cost_micros is not null) as median_cost,
    count(*) filter (is_mature and activated_shared > 0 and cost_micros is not null) as activities_counted,
    count(*) filter (is_mature and activated_shared = 0) as brought_nobody
from outreach_brought
where ($date_from is null or day >= cast($date_from as date)) and ($date_to is null or day < cast($date_to as date))
group by grouping sets ((direction, channel), ())
having count(*) > 0
order by is_total, activated desc nulls last, direction, channel
