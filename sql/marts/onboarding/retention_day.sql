-- One row per day and account that called: what retention and the time to the first call rest on.
-- materialise: view

select day, account_id, first_at, first_ok_at
from account_day
