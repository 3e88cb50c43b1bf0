-- rollup: latency_part
-- partition: day
-- kept: for months
-- grain: one row a day, caller and bin
-- definition: What a day brings to latency_month: the histogram of latency_day for one caller. By itself because it is the longest: with few calls a
--   caller nearly every call is a row.
select
    day,
    caller_id,
    cast(floor(ln(greatest(latency_ms, 0.001)) / ln(1.02)) as integer) as bin,
    count(*) as calls
from request
where latency_ms is not null
group by day, caller_id, cast(floor(ln(greatest(latency_ms, 0.001)) / ln(1.02)) as integer)
