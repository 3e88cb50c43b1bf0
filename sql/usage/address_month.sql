-- rollup: address_month
-- partition: month
-- grain: one row a month, address and caller
-- definition: Who else called from the addresses (by hash) that asked for something that no route matched in the month, and whether
--   anything was answered there. Other addresses are not kept.
select
    request.month,
    request.client_ip,
    request.caller_id,
    count(*) as calls,
    count(case when request.outcome = 'ok' then 1 end) as ok
from request
join (
    select distinct month, client_ip
    from request
    where client_ip is not null
        and (status in (405, 501) or refusal = 'no_route' or (status = 404 and matched_route is null))
) as asking on asking.month = request.month and asking.client_ip = request.client_ip
group by request.month, request.client_ip, request.caller_id
