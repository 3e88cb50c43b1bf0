-- One row per day and account that called for itself: what retention and the time to the first call rest on.
-- materialise: view

select day, account_id, first_at, first_ok_at
from onboarding_day
