-- One row per rule of program.toml and value: the account belongs to `tier` when it has the attribute; the lowest position wins.

select
    cast(position as integer) as position,
    tier,
    lower(field) as field,
    nullif(lower(trim(value)), '') as value
from program_tier_rule
