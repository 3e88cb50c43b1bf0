-- metric: internal_teams
-- label: Showback by team
-- question: What does each of our own teams cost for what it uses?
-- unit: the reporting currency
-- grain: one row an internal account and service; service null is support, outreach and fees, which no service has
-- good: down
-- definition: The cost of an internal team is its share of each pool, its support and outreach; its efficiency is that cost for each 1,000 successful calls. Teams
--   have no revenue. Calls of a team's tier on that day count.
-- column account_id: the team's account
-- column name: its name
-- column service: the API; null for what no API has
-- column calls: API calls in the period
-- column ok: successful calls
-- column calls_before: API calls in the period before; so with ok_before and cost_before
-- column infrastructure_cost: share of the cloud bill
-- column support_cost: handling minutes × rate
-- column cost: infrastructure, support and outreach together
-- column developers: developers of the team

with periods as (
    select
        cast(coalesce($date_from, date '0001-01-01') as date) as since,
        cast(coalesce($date_to, date '9999-12-31') as date) as until,
        cast($before_from as date) as before_since,
        cast($before_to as date) as before_until
),

rows as (
    select account_id, service, day >= since and day < until as is_now, sum(calls) as calls, sum(ok) as ok, 0 as infrastructure, 0 as support,
        0 as cost
    from account_usage_day
    cross join periods
    where tier = 'internal' and surface = 'api'
        and ((day >= since and day < until) or (day >= before_since and day < before_until))
    group by all

    union all

    select account_id, service, day >= since and day < until, 0, 0, sum(infrastructure_cost_micros), sum(support_cost_micros),
        sum(coalesce(infrastructure_cost_micros, 0) + coalesce(support_cost_micros, 0) + coalesce(outreach_cost_micros, 0)
            + coalesce(fee_cost_micros, 0))
    from account_money_day
    cross join periods
    where tier = 'internal'
        and ((day >= since and day < until) or (day >= before_since and day < before_until))
    group by all
)

select
    rows.account_id,
    account.name,
    rows.service,
    cast(coalesce(sum(calls) filter (where is_now), 0) as bigint) as calls,
    cast(coalesce(sum(ok) filter (where is_now), 0) as bigint) as ok,
    case when has_costs then coalesce(sum(infrastructure) filter (where is_now), 0) / 1000000 end as infrastructure_cost,
    case when has_support_rate or not has_support then coalesce(sum(support) filter (where is_now), 0) / 1000000 end as support_cost,
    case when cost_is_known then coalesce(sum(cost) filter (where is_now), 0) / 1000000 end as cost,
    case when $before_from is not null then cast(coalesce(sum(calls) filter (where not is_now), 0) as bigint) end as calls_before,
    case when $before_from is not null then cast(coalesce(sum(ok) filter (where not is_now), 0) as bigint) end as ok_before,
    case when cost_is_known and $before_from is not null then coalesce(sum(cost) filter (where not is_now), 0) / 1000000 end as cost_before,
    account.developers
from rows
cross join money_known
left join account on account.account_id = rows.account_id
where rows.account_id not like 'nobody:%' or calls > 0 or cost > 0
group by rows.account_id, account.name, rows.service, account.developers, has_costs, has_support, has_support_rate, cost_is_known
order by cost desc nulls last, rows.account_id, rows.service
