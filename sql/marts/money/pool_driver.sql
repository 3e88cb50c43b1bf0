-- One row per driver, day, account and service: how much of a pool's driver it used, as a whole number. Nobody has a row as well.

with used as (
    select
        day,
        account_id,
        service,
        sum(calls) as calls,
        cast(round(sum(compute_ms) * 1000) as bigint) as compute_ms,
        sum(request_bytes) as request_bytes,
        sum(response_bytes) as response_bytes,
        1 as even
    from account_usage_day
    where surface = 'api'
    group by day, account_id, service
),

tickets as (
    select day, account_id, cast(null as varchar) as service, count(*) as tickets
    from ticket_account
    group by day, account_id
),

people as (
    select day, account_id, service, count(distinct developer_node) as developers
    from developer_usage_day
    group by day, account_id, service
)

select 'calls' as driver, day, account_id, service, cast(calls as hugeint) as amount from used where calls > 0
union all
select 'compute_ms', day, account_id, service, compute_ms from used where compute_ms > 0
union all
select 'request_bytes', day, account_id, service, request_bytes from used where request_bytes > 0
union all
select 'response_bytes', day, account_id, service, response_bytes from used where response_bytes > 0
union all
select 'even', day, account_id, service, even from used
union all
select 'tickets', day, account_id, service, tickets from tickets
union all
select 'developers', day, account_id, service, developers from people
