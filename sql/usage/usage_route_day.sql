-- rollup: usage_route_day
-- partition: day
-- grain: one row a day, caller, service, route, whether it is one, method and version
-- definition: Which routes each caller used (the path's template where no route matched: has_route), and how they answered.
--   `version` is the API's, where the path names one (v1).
with templates as (
    select
        day,
        caller_id,
        service,
        route,
        matched_route is not null as has_route,
        method,
        path_template,
        count(*) as calls,
        count(case when outcome = 'ok' then 1 end) as ok,
        count(case when outcome = 'client_error' then 1 end) as client_errors,
        count(case when outcome = 'server_error' then 1 end) as server_errors,
        count(case when status = 404 then 1 end) as not_found,
        max(occurred_at) as last_at,
        min(path) as sample_path
    from request
    group by day, caller_id, service, route, matched_route is not null, method, path_template
)

select
    day,
    caller_id,
    service,
    route,
    has_route,
    method,
    cast(sum(calls) as bigint) as calls,
    cast(sum(ok) as bigint) as ok,
    cast(sum(client_errors) as bigint) as client_errors,
    cast(sum(server_errors) as bigint) as server_errors,
    cast(sum(not_found) as bigint) as not_found,
    max(last_at) as last_at,
    min(sample_path) as sample_path,
    api_version(path_template) as version
from templates
group by day, caller_id, service, route, has_route, method, api_version(path_template)
