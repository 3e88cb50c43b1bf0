-- One row per service and route that lists a collection: a read whose path is another answered path without the id at its end.

with answered as (
    select distinct service, route, path_template(rtrim(sample_path, '/')) as template
    from usage_route_day
    where method = 'GET' and ok > 0 and sample_path is not null
),

collections as (
    select distinct service, regexp_replace(template, '/[{][a-z]+[}]$', '') as template
    from answered
    where template like '%/{%}'
)

select distinct answered.service, answered.route
from answered
join collections on collections.service is not distinct from answered.service and collections.template = answered.template
