-- rollup: latency_month
-- partition: month
-- from: latency_part
-- grain: one row a month, caller and bin
-- definition: The histogram of latency_day, for one caller over a month.
select
    cast(date_trunc('month', day) as date) as month,
    caller_id,
    bin,
    cast(sum(calls) as bigint) as calls
from latency_part
group by cast(date_trunc('month', day) as date), caller_id, bin
