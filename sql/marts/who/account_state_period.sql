-- One row per ISO week and per month of UTC days, from the first state of any account to the snapshot's day; `period_to` is no part of it.
-- `finished` is false where the snapshot ends before the period does.

with range_of_days as (
    select min(account_state.valid_from) as first_day, any_value(snapshot_info.as_of) as as_of
    from account_state
    cross join snapshot_info
),

grains as (
    select * from (values ('week', interval 7 day), ('month', interval 1 month)) as known(grain, length)
)

select
    grain,
    cast(period_from as date) as period_from,
    cast(period_from + length as date) as period_to,
    period_from + length <= as_of as finished
from (
    select
        grain,
        length,
        as_of,
        unnest(generate_series(cast(date_trunc(grain, first_day) as timestamp), as_of, length)) as period_from
    from range_of_days
    cross join grains
    where first_day is not null
)
