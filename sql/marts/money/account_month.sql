-- One row per month, account and tier that it had in it: calls, refusals, revenue, each cost, contribution, in whole micros.
-- Contribution is null where revenue or infrastructure cost is not known to any source; internal accounts have no revenue.

with months as (
    select
        cast(date_trunc('month', day) as date) as month,
        account_id,
        tier,
        sum(calls) as calls,
        sum(ok) as ok,
        sum(refused_auth + refused_quota + refused_rate_limit + refused_validation + refused_no_route) as refusals,
        null as revenue_micros,
        null as infrastructure_cost_micros,
        null as support_cost_micros,
        null as outreach_cost_micros,
        null as fee_cost_micros,
        null as unpriced
    from account_usage_day
    where surface = 'api'
    group by all

    union all

    select
        cast(date_trunc('month', day) as date),
        account_id,
        tier,
        null,
        null,
        null,
        sum(revenue_micros),
        sum(infrastructure_cost_micros),
        sum(support_cost_micros),
        sum(outreach_cost_micros),
        sum(fee_cost_micros),
        sum(unpriced)
    from account_money_day
    group by all
),

sums as (
    select
        month,
        account_id,
        tier,
        cast(coalesce(sum(calls), 0) as bigint) as calls,
        cast(coalesce(sum(ok), 0) as bigint) as ok,
        cast(coalesce(sum(refusals), 0) as bigint) as refusals,
        case when tier <> 'internal' and has_billing then cast(coalesce(sum(revenue_micros), 0) as bigint) end as revenue_micros,
        case when has_costs then cast(coalesce(sum(infrastructure_cost_micros), 0) as bigint) end as infrastructure_cost_micros,
        case when not has_support then 0 when has_support_rate then cast(coalesce(sum(support_cost_micros), 0) as bigint) end
            as support_cost_micros,
        cast(coalesce(sum(outreach_cost_micros), 0) as bigint) as outreach_cost_micros,
        cast(coalesce(sum(fee_cost_micros), 0) as bigint) as fee_cost_micros,
        cast(coalesce(sum(unpriced), 0) as bigint) as unpriced
    from months
    cross join money_known
    group by month, account_id, tier, has_billing, has_costs, has_support, has_support_rate
)

select
    *,
    infrastructure_cost_micros + support_cost_micros + outreach_cost_micros + fee_cost_micros as cost_to_serve_micros,
    revenue_micros - (infrastructure_cost_micros + support_cost_micros + outreach_cost_micros + fee_cost_micros) as contribution_micros
from sums
