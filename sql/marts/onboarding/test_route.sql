-- One row per service and route that answers probes and is no use of the API, as a rule of program.toml says: by the route's own name or template, or
-- because every path that was called on it is a probe's. One stranger's call to /health on a catch-all route makes it no probe.
-- Service is '' where none is named.

with samples as (
    select distinct coalesce(service, '') as service, route, lower(sample_path) as path
    from usage_route_day
    where route is not null
),

rules as (
    select pattern
    from program_test_traffic
    where field = 'route'
)

select distinct service, route
from (
    select samples.service, samples.route
    from samples
    cross join rules
    group by samples.service, samples.route, rules.pattern
    having lower(samples.route) glob rules.pattern or bool_and(coalesce(samples.path glob rules.pattern, false))
)
