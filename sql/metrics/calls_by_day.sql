-- metric: calls_by_day
-- label: Calls by day
-- question: How much is called, and does it work?
-- unit: calls
-- grain: one row a UTC day and tier
-- good: up
-- definition: API calls by the day on which they began (UTC), in the tier that the account had then. Errors of the caller (4xx) and ours
--   (5xx) are kept apart; throttled calls are counted among the 4xx and shown on their own too.
-- column day: UTC day
-- column tier: internal, partner, open or public
-- column calls: all calls
-- column ok: answered with 2xx or 3xx
-- column client_errors: answered with 4xx
-- column server_errors: answered with 5xx
-- column throttled: refused over a quota or rate limit

select
    day,
    tier,
    cast(sum(calls) as bigint) as calls,
    cast(sum(ok) as bigint) as ok,
    cast(sum(client_errors) as bigint) as client_errors,
    cast(sum(server_errors) as bigint) as server_errors,
    cast(sum(refused_quota + refused_rate_limit) as bigint) as throttled
from account_usage_day
where surface = 'api'
    and ($date_from is null or day >= cast($date_from as date))
    and ($date_to is null or day < cast($date_to as date))
    and ($tier is null or tier = $tier)
    and ($service is null or service = $service)
    and ($account is null or account_id in (select account_id from account_alias where alias_id = $account))
group by day, tier
order by day, tier
