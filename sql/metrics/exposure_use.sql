-- metric: exposure_use
-- label: APIs and who they are meant for
-- question: Which tiers is each API meant for, and who calls it?
-- unit: rows
-- grain: one row a service that was called, or that program.toml names
-- good: -
-- definition: Calls of the period by service; outside are those made from a tier that the service is not meant for.
-- column meant_for: the tiers that it is meant for; null where nothing limits it
-- column accounts: accounts that called it
-- column calls: API calls
-- column accounts_outside: of these accounts, those that called from a tier it is not meant for
-- column calls_outside: their calls from that tier
-- column ok_outside: of these, answered with 2xx or 3xx

with limits as (
    select service, list(tier order by tier) as tiers
    from exposure
    group by service
),

used as (
    select account_id, service, tier, sum(calls) as calls, sum(ok) as ok
    from account_usage_day
    where surface = 'api' and service is not null
        and ($date_from is null or day >= cast($date_from as date))
        and ($date_to is null or day < cast($date_to as date))
    group by account_id, service, tier
),

sums as (
    select
        used.service,
        count(distinct used.account_id) as accounts,
        sum(used.calls) as calls,
        count(distinct used.account_id) filter (where not list_contains(limits.tiers, used.tier)) as accounts_outside,
        sum(used.calls) filter (where not list_contains(limits.tiers, used.tier)) as calls_outside,
        sum(used.ok) filter (where not list_contains(limits.tiers, used.tier)) as ok_outside
    from used
    left join limits using (service)
    group by used.service
)

select
    coalesce(sums.service, limits.service) as service,
    array_to_string(limits.tiers, ', ') as meant_for,
    coalesce(sums.accounts, 0) as accounts,
    cast(coalesce(sums.calls, 0) as bigint) as calls,
    coalesce(sums.accounts_outside, 0) as accounts_outside,
    cast(coalesce(sums.calls_outside, 0) as bigint) as calls_outside,
    cast(coalesce(sums.ok_outside, 0) as bigint) as ok_outside
from sums
full join limits using (service)
order by calls desc, service
