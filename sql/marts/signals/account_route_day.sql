-- One row per day, account, service, route and version of API calls: how many, how they were answered, how many wrote. Calls of monitors and of
-- our own tests, routes that only answer probes, and paths that no route matched and nobody was answered on are left out. Where the
-- gateway names no route, `route` is the path's template as it may be shown. `version` is the one that the path names.

with answered as (
    select distinct route
    from usage_route_day
    where ok > 0
),

missing as (
    select distinct path_template as route
    from unmatched_day
    where reason = 'no_route' and path_template is not null
)

select
    usage_route_day.day,
    caller_account.account_id,
    usage_route_day.service,
    coalesce(shown_route.shown, usage_route_day.route) as route,
    usage_route_day.version,
    cast(sum(usage_route_day.calls) as bigint) as calls,
    cast(sum(usage_route_day.ok) as bigint) as ok,
    cast(sum(usage_route_day.client_errors) as bigint) as client_errors,
    cast(sum(usage_route_day.server_errors) as bigint) as server_errors,
    cast(coalesce(sum(usage_route_day.calls) filter (where usage_route_day.method in ('POST', 'PUT', 'PATCH', 'DELETE')), 0) as bigint) as writes
from usage_route_day
join caller using (caller_id)
join caller_account using (caller_id)
anti join test_caller using (caller_id)
anti join test_route on test_route.service = coalesce(usage_route_day.service, '') and test_route.route = usage_route_day.route
left join shown_route on shown_route.route = usage_route_day.route
left join missing on missing.route = usage_route_day.route
left join answered on answered.route = usage_route_day.route
where caller.surface = 'api' and usage_route_day.route is not null and (missing.route is null or answered.route is not null)
group by all
order by usage_route_day.day
