-- metric: contribution_by_account
-- label: Contribution by account
-- question: Which accounts carry the program, and which does it carry?
-- unit: the reporting currency
-- grain: one row an account with calls or money in the period
-- good: up
-- definition: Contribution of each account in the period, best first, with the running sum. Accounts are in the tier that they have today,
--   so that an account is one row.
-- column calls: API calls in the period
-- column revenue: paid bills net of tax, refunds and lost disputes; null for internal teams
-- column infrastructure_cost: share of the cloud bill
-- column support_cost: handling minutes × rate
-- column outreach_cost: outreach that brought it
-- column fee_cost: payment fees
-- column cost_to_serve: the four together
-- column contribution: revenue − cost to serve (internal: minus the cost)
-- column why: why it costs more than it brings, in words; null where it does not
-- column cumulative_contribution: running sum from the best down

with used as (
    select account_id, sum(calls) as calls
    from account_usage_day
    where surface = 'api'
        and ($date_from is null or day >= cast($date_from as date))
        and ($date_to is null or day < cast($date_to as date))
    group by account_id
),

money as (
    select
        account_id,
        sum(revenue_micros) as revenue,
        sum(infrastructure_cost_micros) as infrastructure,
        sum(support_cost_micros) as support,
        sum(outreach_cost_micros) as outreach,
        sum(fee_cost_micros) as fees
    from account_money_day
    where ($date_from is null or day >= cast($date_from as date))
        and ($date_to is null or day < cast($date_to as date))
    group by account_id
),

known as (
    select
        account.account_id,
        account.name,
        account.tier,
        cast(coalesce(used.calls, 0) as bigint) as calls,
        case when has_billing and account.tier <> 'internal' then cast(coalesce(money.revenue, 0) as bigint) end as revenue,
        case when has_costs then cast(coalesce(money.infrastructure, 0) as bigint) end as infrastructure_cost,
        case when has_support_rate or not has_support then cast(coalesce(money.support, 0) as bigint) end as support_cost,
        cast(coalesce(money.outreach, 0) as bigint) as outreach_cost,
        cast(coalesce(money.fees, 0) as bigint) as fee_cost
    from account
    cross join money_known
    left join used using (account_id)
    left join money using (account_id)
    where (used.account_id is not null or money.account_id is not null) and ($tier is null or account.tier = $tier)
),

sums as (
    select
        *,
        infrastructure_cost + support_cost + outreach_cost + fee_cost as cost_to_serve,
        case when tier = 'internal' then 0 else revenue end - (infrastructure_cost + support_cost + outreach_cost + fee_cost) as contribution
    from known
)

select
    * replace (
        revenue / 1000000 as revenue,
        infrastructure_cost / 1000000 as infrastructure_cost,
        support_cost / 1000000 as support_cost,
        outreach_cost / 1000000 as outreach_cost,
        fee_cost / 1000000 as fee_cost,
        cost_to_serve / 1000000 as cost_to_serve,
        contribution / 1000000 as contribution
    ),
    case when sums.contribution < 0 then concat_ws(
        '; ',
        case when tier = 'internal' then 'our own team' when coalesce(sums.revenue, 0) <= 0 then 'pays nothing' end,
        case greatest(sums.infrastructure_cost, sums.support_cost, sums.outreach_cost, sums.fee_cost)
            when 0 then 'more was given back than paid'
            when sums.infrastructure_cost then round(100 * sums.infrastructure_cost / sums.cost_to_serve) || ' % of its cost is infrastructure'
            when sums.support_cost then round(100 * sums.support_cost / sums.cost_to_serve) || ' % of its cost is support'
            when sums.outreach_cost then round(100 * sums.outreach_cost / sums.cost_to_serve) || ' % of its cost is the outreach that brought it'
            else round(100 * sums.fee_cost / sums.cost_to_serve) || ' % of its cost is payment fees'
        end
    ) end as why,
    sum(sums.contribution) over (order by sums.contribution desc nulls last, account_id rows unbounded preceding) / 1000000 as cumulative_contribution
from sums
order by contribution desc nulls last, account_id
