-- rollup: limit_day
-- partition: day
-- grain: one row a day, caller and window of a limit
-- definition: How near each caller came to its limits, where the answers say so: of several limits (a minute's, a month's) a call tells of
--   the one that had the least left. `used` is the highest utilization of one window, (allowed + refused) ÷ limit: above 1 more was asked for than the
--   limit allows. Of a month or a year only the day's own refusals are in it; `refused` has them, so that they can be added up over its days.
with windows as (
    select
        day,
        caller_id,
        limit_window,
        case limit_window
            when 'second' then date_trunc('second', occurred_at)
            when 'minute' then date_trunc('minute', occurred_at)
            when 'hour' then date_trunc('hour', occurred_at)
            else cast(day as timestamp)
        end as since,
        max(limit_calls) as limit_calls,
        max(1.0 - cast(limit_left as double) / limit_calls) as allowed,
        count(case when status = 429 then 1 end) as refused,
        count(*) as calls,
        max(occurred_at) as last_at
    from request
    where limit_calls > 0 and limit_left is not null
    group by 1, 2, 3, 4
)

select
    day,
    caller_id,
    limit_window,
    max(limit_calls) as limit_calls,
    max(allowed + refused * 1.0 / limit_calls) as used,
    cast(sum(calls) as bigint) as calls,
    max(last_at) as last_at,
    cast(sum(refused) as bigint) as refused
from windows
group by day, caller_id, limit_window
