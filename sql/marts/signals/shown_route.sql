-- One row per path template that stands for a route where the gateway names none, as it may be shown: it may hold what only looks like a word.

select route, shown_path(route) as shown
from (
    select route
    from usage_route_day
    where route is not null
    group by route
    having not bool_or(has_route)
)
