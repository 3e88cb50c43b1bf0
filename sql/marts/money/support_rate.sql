-- One row per help desk, group of its tickets (null: all of them) and day from which an hour costs so much: a group's own rate, by its
-- name or id, and the rates for all. What a minute costs before its first rate is unknown.

with ticket_group as (
    select distinct source, group_id
    from ticket
    where group_id is not null
),

own as (
    select ticket_group.source, ticket_group.group_id, rate.valid_from, rate.micros_per_minute
    from ticket_group
    left join support_group on support_group.source = ticket_group.source and support_group.id = ticket_group.group_id
    join program_support_rate as rate on lower(rate.group_name) in (lower(support_group.name), ticket_group.group_id)
),

shared as (
    select distinct source, null as group_id, rate.valid_from, rate.micros_per_minute
    from ticket
    join program_support_rate as rate on rate.group_name is null
)

select
    source,
    group_id,
    coalesce(valid_from, date '0001-01-01') as valid_from,
    max(micros_per_minute) as micros_per_minute
from (
    select * from own
    union all
    select * from shared
)
group by all
