-- rollup: failure_day
-- partition: day
-- grain: one row a day, caller, service, route, method, depth, status and refusal
-- definition: Calls that were answered with 400 or more, or refused: which route, how, and one path of them as it may be shown. `route` is
--   the path's template where no route matched (has_route). `depth` is how many segments the path has.
select
    day,
    caller_id,
    service,
    route,
    matched_route is not null as has_route,
    method,
    length(rtrim(path_template, '/')) - length(replace(rtrim(path_template, '/'), '/', '')) as depth,
    status,
    refusal,
    count(*) as calls,
    shown_path(min(path)) as sample_path
from request
where status >= 400 or refusal is not null
group by
    day,
    caller_id,
    service,
    route,
    matched_route is not null,
    method,
    length(rtrim(path_template, '/')) - length(replace(rtrim(path_template, '/'), '/', '')),
    status,
    refusal
