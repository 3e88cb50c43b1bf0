-- One row per dated change of a subscription: what it was from then on, until the next.

select
    source,
    id,
    subscription_id,
    occurred_at,
    cause,
    customer_id,
    lower(status) as status,
    lower(currency) as currency,
    trial_ends_at,
    ended_at,
    pause is not null as paused,
    case when pause is not null then make_timestamp(try_cast(json_extract_string(pause, '$.resumes_at') as bigint) * 1000000) end as resumes_at,
    from_json(items, '[{"item_id": "VARCHAR", "price_id": "VARCHAR", "quantity": "BIGINT"}]') as items,
    discounts
from raw_subscription_change
