-- metric: outreach_balance
-- label: Outreach balance
-- question: How is the effort of outreach spread over the three directions, against one third each?
-- unit: hours
-- grain: one row a direction, always three, and one for activities that name none where there are any
-- good: -
-- definition: Hours by direction ÷ hours of the three, and the same of cost, against one third each. Activities without hours, or without a known cost, are
--   counted and in neither sum; those that name no direction are in no share.
-- column direction: internal, partner, public; null for activities that name none of them
-- column without_hours: activities whose hours nobody tells
-- column hours_share: of the hours of the three directions
-- column hours_gap: the share less one third
-- column cost: money and priced hours, in the reporting currency
-- column without_cost: activities whose cost is not known
-- column hours_share_before: the share in the period before

with directions as (
    select * from (values (1, 'internal'), (2, 'partner'), (3, 'public')) as known (place, direction)
    union all
    select 4, null
),

sums as (
    select
        direction,
        count(*) filter (in_period) as activities,
        sum(hours) filter (in_period) as hours,
        count(*) filter (in_period and hours is null) as without_hours,
        sum(cost_micros) filter (in_period) as cost_micros,
        count(*) filter (in_period and cost_micros is null) as without_cost,
        sum(hours) filter (in_period_before) as hours_before
    from (
        select
            *,
            ($date_from is null or day >= cast($date_from as date)) and ($date_to is null or day < cast($date_to as date)) as in_period,
            coalesce(day >= cast($before_from as date) and day < cast($before_to as date), false) as in_period_before
        from outreach_done
    )
    group by direction
),

totals as (
    select sum(hours) as hours, sum(cost_micros) as cost_micros, sum(hours_before) as hours_before
    from sums
    where direction is not null
)

select
    directions.direction,
    coalesce(sums.activities, 0) as activities,
    case when coalesce(sums.activities, 0) = 0 then 0 else sums.hours end as hours,
    coalesce(sums.without_hours, 0) as without_hours,
    case when directions.direction is not null then coalesce(sums.hours, 0) / nullif(totals.hours, 0) end as hours_share,
    case when directions.direction is not null then coalesce(sums.hours, 0) / nullif(totals.hours, 0) - 1 / 3 end as hours_gap,
    case when coalesce(sums.activities, 0) = 0 then 0 else sums.cost_micros / 1000000 end as cost,
    coalesce(sums.without_cost, 0) as without_cost,
    case when directions.direction is not null then coalesce(sums.cost_micros, 0) / nullif(totals.cost_micros, 0) end as cost_share,
    case when directions.direction is not null then coalesce(sums.hours_before, 0) / nullif(totals.hours_before, 0) end as hours_share_before
from directions
cross join totals
left join sums on sums.direction is not distinct from directions.direction
where directions.direction is not null or sums.activities > 0
order by directions.place
