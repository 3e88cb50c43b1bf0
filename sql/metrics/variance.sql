-- metric: variance
-- label: Against the period before, and against plan
-- question: What came out otherwise than before, and otherwise than planned?
-- unit: the reporting currency
-- grain: one row a tier and line: revenue, each cost, cost to serve, contribution
-- good: -
-- definition: Actual money of the period, of the period to compare with, and of the plan. A plan is by the month: of a month that lies only partly in the period,
--   its days count. Cost to serve is its own line, or the sum of its parts where every part that costs anything is
--   planned; contribution is planned where revenue and cost to serve are. Null where a month of the period has no plan, so that part of a plan is never
--   compared with all of the actual.
-- column tier: internal, partner, open or public
-- column line: revenue, infrastructure, support, outreach, fees, cost_to_serve or contribution
-- column position: the order of the lines
-- column is_cost: whether more of it is worse
-- column actual: money of the period; null where no source tells
-- column before: money of the period before
-- column plan: what was planned for its days

with periods as (
    select
        cast(coalesce($date_from, (select min(day) from account_money_day), date '2000-01-01') as date) as since,
        least(cast(coalesce($date_to, date '9999-12-31') as date), (select cast(as_of as date) + 1 from snapshot_info)) as until,
        cast($before_from as date) as before_since,
        cast($before_to as date) as before_until
),

lines as (
    select * from (values
        (1, 'revenue', false), (2, 'infrastructure', true), (3, 'support', true), (4, 'outreach', true), (5, 'fees', true),
        (6, 'cost_to_serve', true), (7, 'contribution', false)
    ) as lines (position, line, is_cost)
),

tiers as (
    select * from (values (1, 'internal'), (2, 'partner'), (3, 'open'), (4, 'public')) as tiers (place, tier)
),

money as (
    select
        tier,
        day >= since and day < until as is_now,
        coalesce(sum(revenue_micros), 0) as revenue,
        coalesce(sum(infrastructure_cost_micros), 0) as infrastructure,
        coalesce(sum(support_cost_micros), 0) as support,
        coalesce(sum(outreach_cost_micros), 0) as outreach,
        coalesce(sum(fee_cost_micros), 0) as fees
    from account_money_day
    cross join periods
    where (day >= since and day < until) or (day >= before_since and day < before_until)
    group by tier, is_now
),

known as (
    select
        tiers.tier,
        halves.is_now,
        case when has_billing and tiers.tier <> 'internal' then coalesce(money.revenue, 0) end as revenue,
        case when has_costs then coalesce(money.infrastructure, 0) end as infrastructure,
        case when has_support_rate or not has_support then coalesce(money.support, 0) end as support,
        coalesce(money.outreach, 0) as outreach,
        coalesce(money.fees, 0) as fees
    from tiers
    cross join (values (true), (false)) as halves (is_now)
    cross join money_known
    left join money using (tier, is_now)
),

actual as (
    select tier, is_now, line, amount
    from (
        select *, infrastructure + support + outreach + fees as cost_to_serve, revenue - (infrastructure + support + outreach + fees) as contribution
        from known
    )
    unpivot include nulls (amount for line in (revenue, infrastructure, support, outreach, fees, cost_to_serve, contribution))
),

months as (
    select
        cast(month as date) as month,
        (least(cast(month + interval 1 month as date), until) - greatest(cast(month as date), since))
            / (cast(month + interval 1 month as date) - cast(month as date)) as part
    from (
        select unnest(range(date_trunc('month', since), cast(until as timestamp), interval 1 month)) as month, since, until
        from periods
        where $date_from is not null
    )
),

planned as (
    select tiers.tier, months.part, months.month, plan_line.line, plan_line.plan_micros
    from tiers
    cross join months
    left join plan_line on plan_line.month = months.month and plan_line.tier = tiers.tier
),

by_line as (
    select tier, line, sum(plan_micros * part) as plan, count(distinct month) as months
    from planned
    where plan_micros is not null
    group by tier, line
),

unplanned as (
    select actual.tier
    from actual
    left join by_line using (tier, line)
    where actual.is_now and actual.line in ('infrastructure', 'support', 'outreach', 'fees') and actual.amount <> 0 and by_line.line is null
),

with_cost as (
    select tier, line, plan, months from by_line
    union all
    select tier, 'cost_to_serve', sum(plan), min(months)
    from by_line
    where line in ('infrastructure', 'support', 'outreach', 'fees')
        and tier not in (select tier from by_line where line = 'cost_to_serve')
        and tier not in (select tier from unplanned)
    group by tier
),

plans as (
    select tier, line, case when months = (select count(*) from months) then plan end as plan
    from with_cost
    union all
    select revenue.tier, 'contribution',
        case when revenue.months = (select count(*) from months) and cost.months = (select count(*) from months) then revenue.plan - cost.plan end
    from with_cost as revenue
    join with_cost as cost on cost.tier = revenue.tier and cost.line = 'cost_to_serve'
    where revenue.line = 'revenue' and revenue.tier not in (select tier from by_line where line = 'contribution')
)

select
    tiers.tier,
    lines.line,
    lines.position,
    lines.is_cost,
    now.amount / 1000000 as actual,
    case when before_since is not null then before.amount / 1000000 end as before,
    plans.plan / 1000000 as plan
from tiers
cross join lines
cross join periods
join actual as now on now.tier = tiers.tier and now.line = lines.line and now.is_now
join actual as before on before.tier = tiers.tier and before.line = lines.line and not before.is_now
left join plans on plans.tier = tiers.tier and plans.line = lines.line
where $tier is null or tiers.tier = $tier
order by tiers.place, lines.position
