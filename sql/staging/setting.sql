-- One row: what program.toml sets and the marts use, typed; money in millionths of the reporting currency.

with named as (
    select regexp_replace(key, '^.*\.', '') as key, value
    from program_setting
)

select
    lower(coalesce(max(value) filter (where key = 'currency'), 'usd')) as currency,
    cast(coalesce(max(value) filter (where key = 'identity_threshold'), '0.8') as double) as identity_threshold,
    cast(coalesce(max(value) filter (where key = 'integrated_days'), '3') as integer) as integrated_days,
    cast(coalesce(max(value) filter (where key = 'integrated_within_days'), '14') as integer) as integrated_within_days,
    cast(coalesce(max(value) filter (where key = 'integrated_routes'), '3') as integer) as integrated_routes,
    cast(coalesce(max(value) filter (where key = 'production_weeks'), '4') as integer) as production_weeks,
    cast(coalesce(max(value) filter (where key = 'lapsed_after_days'), '60') as integer) as lapsed_after_days,
    coalesce(max(value) filter (where key = 'cost_column'), 'BilledCost') as cost_column,
    cast(round(try_cast(max(value) filter (where key = 'support_rate_per_hour') as double) * 1000000 / 60) as bigint)
        as support_micros_per_minute,
    cast(coalesce(max(value) filter (where key = 'minutes_per_public_reply'), '12') as double) as minutes_per_public_reply,
    cast(coalesce(max(value) filter (where key = 'minutes_per_internal_note'), '4') as double) as minutes_per_internal_note,
    cast(round(try_cast(max(value) filter (where key = 'outreach_rate_per_hour') as double) * 1000000) as bigint)
        as outreach_micros_per_hour,
    cast(coalesce(max(value) filter (where key = 'outreach_window_days'), '30') as integer) as outreach_window_days,
    cast(coalesce(max(value) filter (where key = 'conversion_window_days'), '90') as integer) as conversion_window_days,
    30 as active_days,
    14 as reason_days,
    30 as movers_needed,
    14 as attention_days,
    56 as attention_history_days,
    7 as attention_window_days
from named
