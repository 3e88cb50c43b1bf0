-- One row per week (from its Monday), account, service, route and version: the days of `account_route_day` added up, so that a long period is quickly
-- asked for. `last_day` is the last of them.

select
    cast(date_trunc('week', day) as date) as week,
    account_id,
    service,
    route,
    version,
    cast(sum(calls) as bigint) as calls,
    cast(sum(ok) as bigint) as ok,
    cast(sum(client_errors) as bigint) as client_errors,
    cast(sum(server_errors) as bigint) as server_errors,
    cast(sum(writes) as bigint) as writes,
    max(day) as last_day
from account_route_day
group by all
order by week
