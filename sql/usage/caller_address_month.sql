-- rollup: caller_address_month
-- partition: month
-- grain: one row a month, caller and address
-- definition: From which addresses (by keyed hash) each caller with a name called an API, since which day of the month: whether several share one.
select
    month,
    caller_id,
    client_ip as address,
    min(day) as first_day,
    count(*) as calls
from request
where
    client_ip is not null
    and coalesce(surface, 'api') = 'api'
    and coalesce(credential_ref, consumer_ref, application_ref, developer_ref) is not null
group by month, caller_id, client_ip
