-- One row per account, day, service and route: all calls of its callers, and how many failed, 404s apart from other errors of the caller. Where the
-- gateway names no route, `route` is the path's template as it may be shown. Ordered by account, so that one account is quickly found.

select
    caller_account.account_id,
    usage_route_day.day,
    usage_route_day.service,
    coalesce(shown_route.shown, usage_route_day.route) as route,
    cast(sum(usage_route_day.calls) as bigint) as calls,
    cast(sum(usage_route_day.not_found) as bigint) as not_found,
    cast(sum(usage_route_day.client_errors) as bigint) as client_errors,
    cast(sum(usage_route_day.server_errors) as bigint) as server_errors,
    min(usage_route_day.sample_path) as sample_path
from usage_route_day
join caller_account using (caller_id)
left join shown_route on shown_route.route = usage_route_day.route
group by all
order by account_id, day
