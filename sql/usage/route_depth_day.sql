-- rollup: route_depth_day
-- partition: day
-- grain: one row a day, surface, service, route, method and depth
-- definition: Where calls succeed: on which routes, and with how many segments in the path. Gateways match routes by prefix, so a wrong path
--   often finds a route; it is told by its length, which nobody has had an answer under.
with templates as (
    select day, surface, service, route, method, path_template, count(*) as ok
    from request
    where outcome = 'ok'
    group by day, surface, service, route, method, path_template
)

select
    day,
    surface,
    service,
    route,
    method,
    length(rtrim(path_template, '/')) - length(replace(rtrim(path_template, '/'), '/', '')) as depth,
    cast(sum(ok) as bigint) as ok
from templates
group by
    day,
    surface,
    service,
    route,
    method,
    length(rtrim(path_template, '/')) - length(replace(rtrim(path_template, '/'), '/', ''))
