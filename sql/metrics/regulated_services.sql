-- metric: regulated_services
-- label: What program.toml declares as regulated
-- question: Which services handle regulated data, and may be called from where?
-- unit: rows
-- grain: one row a declaration
-- good: -
-- definition: [[regulated]] of program.toml, and whether a database of countries is named there.
-- column has_countries: program.toml names a database of countries
-- column is_logged: a service of this name is in the logs

select
    regulated.service,
    regulated.data,
    regulated.regions,
    regulated.regulator,
    regulated.owner,
    exists (select 1 from program_setting where key = 'country_database' and value is not null) as has_countries,
    exists (select 1 from usage_day where usage_day.service = regulated.service) as is_logged
from regulated
where $service is null or regulated.service = $service
order by regulated.position
