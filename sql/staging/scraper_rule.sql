-- One row: what program.toml's [scraper_rules] sets, typed: when a part of the scraper score stands out.

select
    cast(coalesce(max(value) filter (where key = 'scraper_within_days'), '90') as integer) as within_days,
    cast(coalesce(max(value) filter (where key = 'scraper_calls_needed'), '20') as integer) as calls_needed,
    cast(coalesce(max(value) filter (where key = 'scraper_parts_needed'), '2') as integer) as parts_needed,
    cast(coalesce(max(value) filter (where key = 'scraper_addresses_an_hour'), '5') as integer) as addresses_an_hour,
    cast(coalesce(max(value) filter (where key = 'scraper_addresses_a_month'), '10') as integer) as addresses_a_month,
    cast(coalesce(max(value) filter (where key = 'scraper_sequential_share'), '0.5') as double) as sequential_share,
    cast(coalesce(max(value) filter (where key = 'scraper_regular_share'), '0.5') as double) as regular_share,
    cast(coalesce(max(value) filter (where key = 'scraper_list_share'), '0.25') as double) as list_share
from program_setting
