-- rollup: usage_route_day
-- partition: day
-- grain: one row a day, caller, service, route, whether it is one, method and version
-- definition: Which routes each caller used (the path's template where no route matched: has_route), and how they answered.
--   `version` is the API's, where the path names one (v1).
select
    day,
    caller_id,
    service,
    route,
    matched_route is not null as has_route,
    method,
    count(*) as calls,
    count(case when outcome = 'ok' then 1 end) as ok,
    count(case when outcome = 'client_error' then 1 end) as client_errors,
    count(case when outcome = 'server_error' then 1 end) as server_errors,
    count(case when status = 404 then 1 end) as not_found,
    max(occurred_at) as last_at,
    min(path) as sample_path,
    api_version(path_template) as version
from request
group by day, caller_id, service, route, matched_route is not null, method, api_version(path_template)
