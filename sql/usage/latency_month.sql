-- rollup: latency_month
-- partition: month
-- grain: one row a month, caller and bin
-- definition: The histogram of latency_day, for one caller over a month.
select
    month,
    caller_id,
    cast(floor(ln(greatest(latency_ms, 0.001)) / ln(1.02)) as integer) as bin,
    count(*) as calls
from request
where latency_ms is not null
group by month, caller_id, cast(floor(ln(greatest(latency_ms, 0.001)) / ln(1.02)) as integer)
