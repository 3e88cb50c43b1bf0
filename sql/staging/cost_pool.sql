-- One row per cost pool of program.toml. `counted_by` is its driver as use of it is counted: accounts and developers of all APIs are others than
-- those of one.

select
    *,
    driver || case when service is not null and driver in ('even', 'developers') then '_of_one' else '' end as counted_by
from program_cost_pool
