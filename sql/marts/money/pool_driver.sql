-- materialise: view
-- One row per driver that a pool is shared by, day, account and service, with the account's tier on that day: how much of it was used, as a
-- whole number. Nobody has a row as well. Compute time is in thousandths of a millisecond.

with used as (
    select
        day,
        account_id,
        tier,
        service,
        sum(calls) as calls,
        cast(round(sum(compute_ms) * 1000) as bigint) as compute_ms,
        sum(request_bytes) as request_bytes,
        sum(response_bytes) as response_bytes,
        1 as even
    from account_usage_day
    where surface = 'api'
    group by day, account_id, tier, service
),

tickets as (
    select ticket_account.day, ticket_account.account_id, coalesce(account_tier.tier, 'public') as tier, cast(null as varchar) as service,
        count(*) as tickets
    from ticket_account
    left join account_tier on account_tier.account_id = ticket_account.account_id
        and ticket_account.day >= account_tier.covers_from and ticket_account.day < account_tier.covers_to
    group by all
),

drivers as (
    select distinct driver
    from program_cost_pool
),

people as (
    select drivers.driver, used.day, used.account_id, used.tier, used.service, count(distinct used.developer_node) as developers
    from developer_usage_day as used
    join drivers on drivers.driver = 'developers'
    group by all
),

amounts as (
    select
        drivers.driver,
        used.day,
        used.account_id,
        used.tier,
        used.service,
        cast(case drivers.driver
            when 'calls' then used.calls
            when 'compute_ms' then used.compute_ms
            when 'request_bytes' then used.request_bytes
            when 'response_bytes' then used.response_bytes
            when 'even' then used.even
        end as hugeint) as amount
    from used
    cross join drivers

    union all

    select driver, day, account_id, tier, service, tickets
    from tickets
    cross join drivers
    where driver = 'tickets'

    union all

    select driver, day, account_id, tier, service, developers
    from people
)

select driver, day, account_id, tier, service, amount
from amounts
where amount > 0
