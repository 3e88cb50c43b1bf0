-- One row per ticket and span of time with one schedule: the one that was applied; before that the one that it replaced, else the
-- help desk's oldest, which is its default. Spans touch and cover all time; a help desk without schedules has none.

with oldest as (
    select
        source,
        arg_min(id, row(coalesce(created_at, timestamp '9999-12-31'), length(id), id)) as schedule_id
    from support_schedule
    group by source
),

applied as (
    select
        source,
        ticket_id,
        from_value,
        to_value,
        occurred_at as since,
        row_number() over (partition by source, ticket_id order by occurred_at, length(id), id) as place
    from ticket_event
    where kind = 'schedule_applied'
),

starts as (
    select
        ticket.source,
        ticket.id as ticket_id,
        coalesce(applied.from_value, oldest.schedule_id) as schedule_id,
        timestamp '0001-01-01' as since,
        0 as place
    from ticket
    left join applied on applied.source = ticket.source and applied.ticket_id = ticket.id and applied.place = 1
    left join oldest on oldest.source = ticket.source

    union all

    select applied.source, applied.ticket_id, coalesce(applied.to_value, oldest.schedule_id), applied.since, applied.place
    from applied
    left join oldest using (source)
),

spans as (
    select
        source,
        ticket_id,
        schedule_id,
        since,
        lead(since, 1, timestamp '9999-12-31') over (partition by source, ticket_id order by since, place) as until
    from starts
)

select *
from spans
where schedule_id is not null and since < until
