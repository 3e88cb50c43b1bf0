-- One row per coupon that was applied to a subscription or a bill.

select
    source,
    id,
    coalesce(name, coupon_id, id) as name,
    percent_off,
    amount_off,
    lower(currency) as currency,
    lower(duration) as duration,
    started_at,
    ends_at
from raw_discount
