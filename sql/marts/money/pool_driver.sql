-- materialise: view
-- One row per driver that a pool is shared by, day, account and service, with the account's tier on that day: how much of it was used, as a
-- whole number. Nobody has a row as well. Compute time is in thousandths of a millisecond. An account, and a developer, that used several APIs
-- is one: each API has its part of it, in 720720ths, which every number up to 16 divides. Of a pool for one API it counts there whole.

with used as (
    select
        day,
        account_id,
        tier,
        service,
        sum(calls) as calls,
        cast(round(sum(compute_ms) * 1000) as bigint) as compute_ms,
        sum(request_bytes) as request_bytes,
        sum(response_bytes) as response_bytes
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
    select distinct counted_by as driver
    from cost_pool
),

-- what no pool is shared by is not counted at all: each of these begins with its driver
developers as (
    select drivers.driver, used.day, used.account_id, used.tier, used.service, used.developer_node
    from drivers
    join developer_usage_day as used on drivers.driver in ('developers', 'developers_of_one')
    group by all
),

people as (
    select
        driver,
        day,
        account_id,
        tier,
        service,
        sum(case when driver = 'developers' then 720720 // apis else 720720 end) as developers
    from developers
    join (select driver, day, account_id, developer_node, count(*) as apis from developers group by all)
        using (driver, day, account_id, developer_node)
    group by driver, day, account_id, tier, service
),

everyone as (
    select drivers.driver, used.day, used.account_id, used.tier, used.service
    from drivers
    join used on drivers.driver = 'even'
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
            when 'even_of_one' then 720720
        end as hugeint) as amount
    from used
    cross join drivers

    union all

    select driver, day, account_id, tier, service, 720720 // apis
    from everyone
    join (select day, account_id, count(*) as apis from everyone group by all) using (day, account_id)

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
