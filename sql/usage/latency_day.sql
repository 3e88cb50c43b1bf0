-- rollup: latency_day
-- partition: day
-- grain: one row a day, service, route and bin
-- definition: A histogram of the time that calls took, where the log says it. Bin b holds 1.02^b to 1.02^(b+1) milliseconds,
--   so any quantile over any window of days is within 2 %.
select
    day,
    service,
    route,
    cast(floor(ln(greatest(latency_ms, 0.001)) / ln(1.02)) as integer) as bin,
    count(*) as calls
from request
where latency_ms is not null
group by day, service, route, cast(floor(ln(greatest(latency_ms, 0.001)) / ln(1.02)) as integer)
