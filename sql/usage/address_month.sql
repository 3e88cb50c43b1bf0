-- rollup: address_month
-- partition: month
-- from: month_part
-- grain: one row a month, address and caller
-- definition: Who else called from the addresses (by hash) that asked for something that no route matched in the month, and whether
--   anything was answered there. Other addresses are not kept.
with by_month as (
    select
        cast(date_trunc('month', day) as date) as month,
        client_ip,
        caller_id,
        cast(sum(calls) as bigint) as calls,
        cast(sum(ok) as bigint) as ok,
        cast(sum(asked) as bigint) as asked
    from month_part
    where kind = 'address'
    group by cast(date_trunc('month', day) as date), client_ip, caller_id
)

select
    by_month.month,
    by_month.client_ip,
    by_month.caller_id,
    by_month.calls,
    by_month.ok
from by_month
join (
    select distinct month, client_ip
    from by_month
    where asked > 0
) as asking on asking.month = by_month.month and asking.client_ip = by_month.client_ip
