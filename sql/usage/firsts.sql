-- rollup: firsts
-- partition: none
-- grain: one row a caller
-- definition: When each caller first called, first succeeded, first wrote and first succeeded in production, since counting began.
select
    caller_id,
    min(first_at) as first_call,
    min(first_ok_at) as first_ok,
    min(first_write_ok_at) as first_write_ok,
    min(case when environment = 'production' then first_ok_at end) as first_production_ok
from usage_day
group by caller_id
