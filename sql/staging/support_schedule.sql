-- One row per schedule of a help desk; its hours as spans are in business_span.

select
    source,
    id,
    name,
    time_zone,
    created_at
from raw_support_schedule
