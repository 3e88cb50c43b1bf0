-- rollup: caller_pace_day
-- partition: day
-- grain: one row a day and caller of the API
-- definition: How a caller paces itself, for the parts of the scraper score. peak_hour_addresses: the most different addresses in one hour.
--   gap_pairs: two intervals between calls, one after the other, each of a tenth of a second or more; regular_pairs: of these, the
--   second within a tenth of the first, which happens to one in twenty by chance. numbered_pairs: two reads of one route, one after the
--   other, whose last path segment holds a number; next_pairs: of these, the numbers differ by one.
with hour_addresses as (
    select day, hour, caller_id, client_ip, count(*) as calls
    from request
    where surface = 'api'
    group by day, hour, caller_id, client_ip
),

hours as (
    select day, hour, caller_id, count(client_ip) as addresses, sum(calls) as calls
    from hour_addresses
    group by day, hour, caller_id
),

by_day as (
    select day, caller_id, max(addresses) as peak_hour_addresses, count(*) as hours, cast(sum(calls) as bigint) as calls
    from hours
    group by day, caller_id
),

moments as (
    select day, caller_id, occurred_at, count(*) as calls
    from request
    where surface = 'api'
    group by day, caller_id, occurred_at
),

-- of calls at one moment, all but one have no interval before them, and that one none before its own
gaps as (
    select
        day,
        caller_id,
        calls,
        milliseconds_between(lag(occurred_at) over (partition by day, caller_id order by occurred_at), occurred_at) as gap,
        milliseconds_between(
            lag(occurred_at, 2) over (partition by day, caller_id order by occurred_at),
            lag(occurred_at) over (partition by day, caller_id order by occurred_at)
        ) as gap_before
    from moments
),

paced as (
    select
        day,
        caller_id,
        count(case when calls = 1 and gap >= 100 and gap_before >= 100 then 1 end) as gap_pairs,
        count(
            case
                when calls = 1 and gap >= 100 and gap_before >= 100 and gap * 10 between gap_before * 9 and gap_before * 11
                    then 1
            end
        ) as regular_pairs
    from gaps
    group by day, caller_id
),

numbers as (
    select day, caller_id, route, occurred_at, trailing_number(path) as number
    from request
    where surface = 'api' and method = 'GET' and path <> path_template
),

steps as (
    select
        day,
        caller_id,
        number - lag(number) over (partition by day, caller_id, route order by occurred_at, number) as step
    from numbers
    where number is not null
),

stepped as (
    select
        day,
        caller_id,
        count(step) as numbered_pairs,
        count(case when step in (-1, 1) then 1 end) as next_pairs
    from steps
    group by day, caller_id
)

select
    by_day.day,
    by_day.caller_id,
    by_day.calls,
    by_day.hours,
    by_day.peak_hour_addresses,
    paced.gap_pairs,
    paced.regular_pairs,
    coalesce(stepped.numbered_pairs, 0) as numbered_pairs,
    coalesce(stepped.next_pairs, 0) as next_pairs
from by_day
join paced on paced.day = by_day.day and paced.caller_id = by_day.caller_id
left join stepped on stepped.day = by_day.day and stepped.caller_id = by_day.caller_id
