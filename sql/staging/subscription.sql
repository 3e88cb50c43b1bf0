-- One row per customer's agreement to pay again and again.

select
    source,
    id,
    customer_id,
    lower(status) as status,
    lower(currency) as currency,
    coalesce(started_at, created_at) as started_at,
    trial_ends_at,
    current_period_ends_at,
    cancel_at_period_end,
    canceled_at,
    ended_at
from raw_subscription
