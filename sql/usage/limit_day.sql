-- rollup: limit_day
-- partition: day
-- grain: one row a day, caller and window of a limit
-- definition: How near each caller came to its limits, where the answers say so: of several limits (a minute's, a month's) a call tells of
--   the one that had the least left. `used` is the highest share of the limit that was used up.
select
    day,
    caller_id,
    limit_window,
    max(limit_calls) as limit_calls,
    max(1.0 - cast(limit_left as double) / limit_calls) as used,
    count(*) as calls,
    max(occurred_at) as last_at
from request
where limit_calls > 0 and limit_left is not null
group by day, caller_id, limit_window
