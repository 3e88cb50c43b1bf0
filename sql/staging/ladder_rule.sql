-- One row per ladder rule and value: the account stands on this rung when it has the attribute; the lowest position wins.

select
    cast(position as integer) as position,
    ladder,
    lower(field) as field,
    nullif(lower(trim(value)), '') as value
from program_ladder_rule
