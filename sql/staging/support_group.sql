-- One row per team of a help desk.

select
    source,
    id,
    nullif(trim(name), '') as name
from raw_support_group
