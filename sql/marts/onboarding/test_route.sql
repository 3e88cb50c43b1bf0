-- One row per service and route that answers probes and is no use of the API, as a rule of program.toml says. Service is '' where none is named.

select distinct coalesce(routes.service, '') as service, routes.route
from (
    select service, route, min(sample_path) as sample_path
    from usage_route_day
    where route is not null
    group by service, route
) as routes
join program_test_traffic as rule on rule.field = 'route'
    and (lower(routes.route) glob rule.pattern or lower(routes.sample_path) glob rule.pattern)
