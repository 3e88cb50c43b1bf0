-- rollup: usage_hour
-- partition: day
-- grain: one row an hour, source, surface, service, route and status
-- definition: Calls by the hour, for today's health and for the hours of the week.
select
    day,
    hour,
    source,
    surface,
    service,
    route,
    status,
    count(*) as calls
from request
group by day, hour, source, surface, service, route, status
