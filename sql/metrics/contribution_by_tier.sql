-- metric: contribution_by_tier
-- label: Contribution by tier
-- question: What does each tier bring, and what does serving it cost?
-- unit: the reporting currency
-- grain: one row a tier; always four
-- good: up
-- definition: Contribution is revenue − cost to serve, money attributed to accounts only; cost that no account caused is in the tie-out below,
--   not here. Others call this contribution margin, or leave support and outreach out of it.
-- column accounts: accounts with money or calls in the period; nobody is none
-- column revenue: paid bills net of tax, refunds and lost disputes; null for internal teams and without a billing source
-- column infrastructure_cost: share of the cloud bill; null without one
-- column support_cost: handling minutes × rate
-- column outreach_cost: outreach that brought them
-- column fee_cost: payment fees as charged
-- column cost_to_serve: the four together
-- column contribution: revenue − cost to serve
-- column revenue_before: revenue in the period before; so with cost_to_serve_before and contribution_before
-- column unpriced_reason: what is missing and why; null where nothing is

with periods as (
    select
        cast(coalesce($date_from, date '0001-01-01') as date) as since,
        cast(coalesce($date_to, date '9999-12-31') as date) as until,
        cast($before_from as date) as before_since,
        cast($before_to as date) as before_until
),

tiers as (
    select *
    from (values (1, 'internal'), (2, 'partner'), (3, 'open'), (4, 'public')) as tiers (place, tier)
),

money as (
    select
        tier,
        day >= since and day < until as is_now,
        coalesce(sum(revenue_micros), 0) as revenue,
        coalesce(sum(infrastructure_cost_micros), 0) as infrastructure,
        coalesce(sum(support_cost_micros), 0) as support,
        coalesce(sum(outreach_cost_micros), 0) as outreach,
        coalesce(sum(fee_cost_micros), 0) as fees,
        sum(unpriced) as unpriced
    from account_money_day
    cross join periods
    where (day >= since and day < until) or (day >= before_since and day < before_until)
    group by tier, is_now
),

seen as (
    select tier, count(distinct account_id) as accounts
    from (
        select tier, account_id, day from account_money_day
        union all
        select tier, account_id, day from account_usage_day where surface = 'api'
    )
    cross join periods
    where day >= since and day < until and not starts_with(account_id, 'nobody:')
    group by tier
),

known as (
    select
        tiers.place,
        tiers.tier,
        is_now,
        coalesce(seen.accounts, 0) as accounts,
        case when has_billing and tiers.tier <> 'internal' then coalesce(money.revenue, 0) end as revenue,
        case when has_costs then coalesce(money.infrastructure, 0) end as infrastructure,
        case when has_support_rate or not has_support then coalesce(money.support, 0) end as support,
        coalesce(money.outreach, 0) as outreach,
        coalesce(money.fees, 0) as fees,
        coalesce(money.unpriced, 0) as unpriced,
        missing
    from tiers
    cross join (values (true), (false)) as halves (is_now)
    cross join money_known
    left join money using (tier, is_now)
    left join seen on seen.tier = tiers.tier
),

sums as (
    select *, infrastructure + support + outreach + fees as cost
    from known
)

select
    now.tier,
    now.accounts,
    now.revenue / 1000000 as revenue,
    now.infrastructure / 1000000 as infrastructure_cost,
    now.support / 1000000 as support_cost,
    now.outreach / 1000000 as outreach_cost,
    now.fees / 1000000 as fee_cost,
    now.cost / 1000000 as cost_to_serve,
    (now.revenue - now.cost) / 1000000 as contribution,
    case when has_before then before.revenue / 1000000 end as revenue_before,
    case when has_before then before.cost / 1000000 end as cost_to_serve_before,
    case when has_before then (before.revenue - before.cost) / 1000000 end as contribution_before,
    nullif(concat_ws(
        '; ',
        nullif(now.missing, ''),
        case when now.unpriced > 0 then 'left out, without a currency rate or price: ' || cast(now.unpriced as bigint) end
    ), '') as unpriced_reason
from sums as now
join sums as before on before.tier = now.tier and not before.is_now
cross join (select before_since is not null as has_before from periods)
where now.is_now
order by now.place
