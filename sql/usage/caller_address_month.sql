-- rollup: caller_address_month
-- partition: month
-- from: month_part
-- grain: one row a month, caller and address
-- definition: From which addresses (by keyed hash) each caller with a name called an API, since which day of the month: whether several share one.
select
    cast(date_trunc('month', day) as date) as month,
    caller_id,
    client_ip as address,
    min(day) as first_day,
    cast(sum(calls) as bigint) as calls
from month_part
where kind = 'address' and coalesce(surface, 'api') = 'api' and is_named
group by cast(date_trunc('month', day) as date), caller_id, client_ip
