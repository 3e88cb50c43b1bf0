-- rollup: usage_route_day
-- partition: day
-- grain: one row a day, caller, service, route and method
-- definition: Which routes each caller used (the path's template where the gateway names no route), and how they answered.
select
    day,
    caller_id,
    service,
    route,
    method,
    count(*) as calls,
    count(case when outcome = 'ok' then 1 end) as ok,
    count(case when outcome = 'client_error' then 1 end) as client_errors,
    count(case when outcome = 'server_error' then 1 end) as server_errors,
    count(case when status = 404 then 1 end) as not_found,
    max(occurred_at) as last_at,
    min(path) as sample_path
from request
group by day, caller_id, service, route, method
