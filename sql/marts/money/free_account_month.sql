-- One row per month and account that was free in it: what it cost until it paid, and, in the months after, what it brought. In millionths.

with spent as (
    select
        free_account.account_id,
        cast(date_trunc('month', money.day) as date) as month,
        money.day < free_account.free_until as was_free,
        sum(money.infrastructure_cost_micros) as infrastructure,
        sum(money.support_cost_micros) as support,
        sum(money.outreach_cost_micros) as outreach,
        sum(money.fee_cost_micros) as fees,
        sum(money.revenue_micros) as revenue
    from account_money_day as money
    join free_account using (account_id)
    where not free_account.paid_first
    group by all
),

months as (
    select
        account_id,
        unnest(range(
            date_trunc('month', started_on), least(free_until, (select cast(as_of as date) from snapshot_info)) + interval 1 day, interval 1 month
        )) as month
    from free_account
    where not paid_first
),

keys as (
    select account_id, cast(month as date) as month, true as was_free from months
    union
    select account_id, month, was_free from spent
)

select
    keys.month,
    keys.account_id,
    keys.was_free,
    free_account.cohort,
    free_account.tier,
    cast(coalesce(spent.infrastructure, 0) as bigint) as infrastructure_cost_micros,
    cast(coalesce(spent.support, 0) as bigint) as support_cost_micros,
    cast(coalesce(spent.outreach, 0) as bigint) as outreach_cost_micros,
    cast(coalesce(spent.fees, 0) as bigint) as fee_cost_micros,
    cast(coalesce(spent.revenue, 0) as bigint) as revenue_micros,
    cast(coalesce(spent.infrastructure, 0) + coalesce(spent.support, 0) + coalesce(spent.outreach, 0) + coalesce(spent.fees, 0) as bigint)
        as cost_micros
from keys
join free_account using (account_id)
left join spent on spent.account_id = keys.account_id and spent.month = keys.month and spent.was_free = keys.was_free
