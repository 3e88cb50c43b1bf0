-- One row per service and kind of regulated data that program.toml declares: where it may be called from, who watches over it, who of ours answers.
-- `countries` is null where any may call it.

select
    program_regulated.position,
    service,
    data,
    regions,
    regulator,
    owner,
    (select list(country order by country) from program_regulated_country where program_regulated_country.position = program_regulated.position) as countries
from program_regulated
