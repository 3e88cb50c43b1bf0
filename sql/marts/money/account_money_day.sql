-- One row per day, account and service (null where the money is not by service): revenue and each cost, in whole micros.
-- The tier is the account's on that day. Unpriced counts what has no rate; such amounts are in no column.

with amounts as (
    select day, account_id, net_micros as revenue, null as infrastructure, null as support, null as outreach, null as fee,
        case when net_micros is null then 1 end as unpriced
    from revenue_event
    union all
    select day, account_id, null, cost_micros, null, null, null, case when cost_micros is null then 1 end
    from infrastructure_day
    where service is null
    union all
    select day, account_id, null, null, cost_micros, null, null, case when cost_micros is null then 1 end from support_day
    union all
    select day, account_id, null, null, null, cost_micros, null, case when cost_micros is null then 1 end from outreach_day
    union all
    select day, account_id, null, null, null, null, cost_micros, case when cost_micros is null then 1 end
    from fee_day
    where account_id is not null
),

-- only the cloud bill is by service: what is of one service needs no room for the rest
sums as (
    select
        day,
        account_id,
        cast(null as varchar) as service,
        cast(sum(revenue) as bigint) as revenue_micros,
        cast(sum(infrastructure) as bigint) as infrastructure_cost_micros,
        cast(sum(support) as bigint) as support_cost_micros,
        cast(sum(outreach) as bigint) as outreach_cost_micros,
        cast(sum(fee) as bigint) as fee_cost_micros,
        coalesce(sum(unpriced), 0) as unpriced
    from amounts
    group by day, account_id

    union all

    select day, account_id, service, null, cast(sum(cost_micros) as bigint), null, null, null, count(*) - count(cost_micros)
    from infrastructure_day
    where service is not null
    group by day, account_id, service
)

select
    sums.day,
    sums.account_id,
    coalesce(account_tier.tier, 'public') as tier,
    sums.* exclude (day, account_id)
from sums
left join account_tier on account_tier.account_id = sums.account_id and sums.day >= account_tier.covers_from and sums.day < account_tier.covers_to
order by sums.day
