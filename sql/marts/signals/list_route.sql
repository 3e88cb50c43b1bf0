-- One row per service and route that lists a collection: a read whose path is another answered path without the id at its end. `is_only_list` is null
-- where the route was also answered on such an id (a route for all that begins alike): which of its calls were lists is not known.

with answered as (
    select distinct service, route, path_template(rtrim(sample_path, '/')) as template
    from usage_route_day
    where method = 'GET' and ok > 0 and sample_path is not null
),

collections as (
    select distinct service, regexp_replace(template, '/[{][a-z]+[}]$', '') as template
    from answered
    where template like '%/{%}'
),

items as (
    select distinct service, route
    from answered
    where regexp_matches(template, '/[{][a-z]+[}]$')
)

select distinct answered.service, answered.route, if(items.route is null, true, null) as is_only_list
from answered
join collections on collections.service is not distinct from answered.service and collections.template = answered.template
left join items on items.service is not distinct from answered.service and items.route = answered.route
