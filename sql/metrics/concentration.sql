-- metric: concentration
-- label: Concentration
-- question: How few accounts carry how much?
-- unit: shares
-- grain: one row a top: the first 1, 5, 10 and 20 accounts, and the first tenth
-- good: down
-- definition: The share of revenue, of calls and of cost to serve that the largest accounts have, each ranked by that same figure. Nobody's traffic is no account.
-- column top: 1, 5, 10, 20, or 'tenth'
-- column position: the order
-- column accounts: how many accounts that is
-- column revenue_share: share of the revenue of all accounts
-- column calls_share: share of all calls
-- column cost_share: share of the cost to serve

with money as (
    select
        account_id,
        sum(revenue_micros) as revenue,
        sum(coalesce(infrastructure_cost_micros, 0) + coalesce(support_cost_micros, 0) + coalesce(outreach_cost_micros, 0)
            + coalesce(fee_cost_micros, 0)) as cost
    from account_money_day
    where ($date_from is null or day >= cast($date_from as date)) and ($date_to is null or day < cast($date_to as date))
    group by account_id
),

used as (
    select account_id, sum(calls) as calls
    from account_usage_day
    where surface = 'api'
        and ($date_from is null or day >= cast($date_from as date))
        and ($date_to is null or day < cast($date_to as date))
    group by account_id
),

accounts as (
    select
        account.account_id,
        coalesce(money.revenue, 0) as revenue,
        coalesce(money.cost, 0) as cost,
        coalesce(used.calls, 0) as calls
    from account
    left join money using (account_id)
    left join used using (account_id)
    where account.kind <> 'nobody' and ($tier is null or account.tier = $tier) and (money.account_id is not null or used.account_id is not null)
),

ranked as (
    select
        *,
        row_number() over (order by revenue desc, account_id) as by_revenue,
        row_number() over (order by calls desc, account_id) as by_calls,
        row_number() over (order by cost desc, account_id) as by_cost,
        count(*) over () as n
    from accounts
),

tops as (
    select * from (values (1, '1', 1), (2, '5', 5), (3, '10', 10), (4, '20', 20), (5, 'tenth', null)) as tops (position, top, size)
)

select
    tops.top,
    tops.position,
    least(max(coalesce(tops.size, ceil(n / 10.0))), max(n)) as accounts,
    sum(revenue) filter (where by_revenue <= coalesce(tops.size, ceil(n / 10.0))) / nullif(sum(revenue), 0) as revenue_share,
    sum(calls) filter (where by_calls <= coalesce(tops.size, ceil(n / 10.0))) / nullif(sum(calls), 0) as calls_share,
    sum(cost) filter (where by_cost <= coalesce(tops.size, ceil(n / 10.0))) / nullif(sum(cost), 0) as cost_share
from tops
cross join ranked
group by tops.top, tops.position
order by tops.position
