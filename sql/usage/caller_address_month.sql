-- rollup: caller_address_month
-- partition: month
-- grain: one row a month and caller of the API
-- definition: From how many different addresses (by hash) a caller called in a month.
select
    month,
    caller_id,
    count(distinct client_ip) as addresses,
    count(*) as calls
from request
where surface = 'api' and client_ip is not null
group by month, caller_id
