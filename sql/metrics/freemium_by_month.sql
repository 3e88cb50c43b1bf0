-- metric: freemium_by_month
-- label: What free accounts cost by month
-- question: What do free accounts cost, and how much of the revenue is that?
-- unit: the reporting currency
-- grain: one row a month; the last one ends on the as-of day
-- good: down
-- definition: A free account is one of the open or public tier that nobody pays for, from its first day until its first paid bill. Its cost is its
--   infrastructure, support and outreach on those days. Freemium burden is that cost ÷ the revenue of all tiers in the month. Null without a cloud bill.
-- column month: first day of the month, UTC
-- column free_accounts: accounts that were free at some time of the month; outreach may have come before them
-- column infrastructure_cost: share of the cloud bill
-- column support_cost: handling minutes × rate
-- column outreach_cost: outreach that brought them
-- column cost: the three together, with payment fees
-- column cost_per_account: cost ÷ free accounts
-- column revenue: revenue of all tiers
-- column burden: cost ÷ revenue
-- column conversions: free accounts whose first paid bill is of this month

with free as (
    select
        month,
        count(distinct account_id) filter (where month >= cohort) as free_accounts,
        sum(infrastructure_cost_micros) as infrastructure,
        sum(support_cost_micros) as support,
        sum(outreach_cost_micros) as outreach,
        sum(cost_micros) as cost
    from free_account_month
    where was_free and ($tier is null or tier = $tier)
    group by month
),

revenue as (
    select month, sum(revenue_micros) as revenue from account_month group by month
),

converted as (
    select cast(date_trunc('month', first_paid_on) as date) as month, count(*) as conversions
    from free_account
    where outcome = 'paid' and ($tier is null or tier = $tier)
    group by 1
)

select
    free.month,
    free.free_accounts,
    case when has_costs then free.infrastructure / 1000000 end as infrastructure_cost,
    case when has_support_rate or not has_support then free.support / 1000000 end as support_cost,
    free.outreach / 1000000 as outreach_cost,
    case when cost_is_known then free.cost / 1000000 end as cost,
    case when cost_is_known then free.cost / 1000000 / nullif(free.free_accounts, 0) end as cost_per_account,
    case when has_billing then coalesce(revenue.revenue, 0) / 1000000 end as revenue,
    case when cost_is_known then free.cost / nullif(revenue.revenue, 0) end as burden,
    coalesce(converted.conversions, 0) as conversions
from free
cross join money_known
left join revenue using (month)
left join converted using (month)
where ($date_from is null or free.month >= date_trunc('month', cast($date_from as date)))
    and ($date_to is null or free.month < cast($date_to as date))
order by free.month
