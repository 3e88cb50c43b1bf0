-- metric: open_mix
-- label: Who is in the open tier
-- question: Are the open tier's accounts commercial, hobby or exploring?
-- unit: accounts and the reporting currency
-- grain: one row a kind of use; accounts of the open tier with calls or money in the period
-- good: -
-- definition: Commercial: pays, or an organization with success on ten days of the period or more. Hobby: a lone developer who does not pay, with success on three
--   days or more. Exploring: the rest. A rule of thumb from what was used and paid, not a prediction.
-- column kind: commercial, hobby or exploring
-- column position: the order
-- column accounts: how many
-- column payers: those that paid in the period
-- column calls: API calls in the period
-- column revenue: what they paid
-- column cost_to_serve: what serving them cost
-- column contribution: revenue − cost to serve

with money as (
    select
        account_id,
        sum(revenue_micros) as revenue,
        sum(coalesce(infrastructure_cost_micros, 0) + coalesce(support_cost_micros, 0) + coalesce(outreach_cost_micros, 0)
            + coalesce(fee_cost_micros, 0)) as cost
    from account_money_day
    where tier = 'open'
        and ($date_from is null or day >= cast($date_from as date))
        and ($date_to is null or day < cast($date_to as date))
    group by account_id
),

used as (
    select account_id, sum(calls) as calls, count(distinct day) filter (where ok > 0) as days
    from account_usage_day
    where tier = 'open' and surface = 'api'
        and ($date_from is null or day >= cast($date_from as date))
        and ($date_to is null or day < cast($date_to as date))
    group by account_id
),

kinds as (
    select
        account.account_id,
        case
            when money.revenue > 0 or (account.kind = 'organization' and used.days >= 10) then 'commercial'
            when account.kind = 'developer' and used.days >= 3 then 'hobby'
            else 'exploring'
        end as kind,
        coalesce(money.revenue, 0) as revenue,
        coalesce(money.cost, 0) as cost,
        coalesce(used.calls, 0) as calls
    from account
    left join money using (account_id)
    left join used using (account_id)
    where account.kind <> 'nobody' and (money.account_id is not null or used.account_id is not null)
),

names as (
    select * from (values (1, 'commercial'), (2, 'hobby'), (3, 'exploring')) as names (position, kind)
)

select
    names.kind,
    names.position,
    count(kinds.account_id) as accounts,
    count(*) filter (where kinds.revenue > 0) as payers,
    cast(coalesce(sum(kinds.calls), 0) as bigint) as calls,
    case when has_billing then coalesce(sum(kinds.revenue), 0) / 1000000 end as revenue,
    case when cost_is_known then coalesce(sum(kinds.cost), 0) / 1000000 end as cost_to_serve,
    case when has_billing and cost_is_known then coalesce(sum(kinds.revenue - kinds.cost), 0) / 1000000 end as contribution
from names
cross join money_known
left join kinds using (kind)
group by names.kind, names.position, has_billing, cost_is_known
order by names.position
