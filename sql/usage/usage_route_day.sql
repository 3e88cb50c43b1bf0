-- rollup: usage_route_day
-- partition: day
-- grain: one row a day, caller, service, route, whether it is one, method and version
-- definition: Which routes each caller used (the path's template where no route matched: has_route), and how they answered.
--   `version` is the API's, where the path names one (v1).
with versions as (
    select path_template, api_version(path_template) as version
    from (select distinct path_template from request) as templates
    where path_template is not null
)

select
    request.day,
    request.caller_id,
    request.service,
    request.route,
    request.matched_route is not null as has_route,
    request.method,
    count(*) as calls,
    count(case when request.outcome = 'ok' then 1 end) as ok,
    count(case when request.outcome = 'client_error' then 1 end) as client_errors,
    count(case when request.outcome = 'server_error' then 1 end) as server_errors,
    count(case when request.status = 404 then 1 end) as not_found,
    max(request.occurred_at) as last_at,
    min(request.path) as sample_path,
    versions.version
from request
left join versions on versions.path_template = request.path_template
group by
    request.day,
    request.caller_id,
    request.service,
    request.route,
    request.matched_route is not null,
    request.method,
    versions.version
