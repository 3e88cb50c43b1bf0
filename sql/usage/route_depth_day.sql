-- rollup: route_depth_day
-- partition: day
-- grain: one row a day, surface, service, route, method and depth
-- definition: Where calls succeed: on which routes, and with how many segments in the path. Gateways match routes by prefix, so a wrong path
--   often finds a route; it is told by its length, which nobody has had an answer under.
select
    day,
    surface,
    service,
    route,
    method,
    length(rtrim(path_template, '/')) - length(replace(rtrim(path_template, '/'), '/', '')) as depth,
    count(*) as ok
from request
where outcome = 'ok'
group by
    day,
    surface,
    service,
    route,
    method,
    length(rtrim(path_template, '/')) - length(replace(rtrim(path_template, '/'), '/', ''))
