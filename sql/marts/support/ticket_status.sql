-- One row per ticket and span of time in one status, from its creation to now. A ticket whose changes nobody tells has none,
-- unless it is new: then nothing has changed yet.

with changes as (
    select
        ticket.source,
        ticket.id as ticket_id,
        ticket.created_at,
        greatest(ticket_event.occurred_at, ticket.created_at) as since,
        lower(ticket_event.from_value) as before,
        lower(ticket_event.to_value) as status,
        row_number() over (
            partition by ticket.source, ticket.id
            order by ticket_event.occurred_at, length(ticket_event.id), ticket_event.id
        ) as place
    from ticket
    join ticket_event on ticket_event.source = ticket.source and ticket_event.ticket_id = ticket.id
    where ticket_event.kind = 'status_change' and ticket.created_at is not null
),

starts as (
    select source, ticket_id, status, since, place from changes
    union all
    select source, ticket_id, before, created_at, 0 from changes where place = 1 and before is not null
    union all
    select source, id, 'new', created_at, 0
    from ticket
    where status = 'new' and created_at is not null and not exists (
        select 1 from changes where changes.source = ticket.source and changes.ticket_id = ticket.id
    )
),

spans as (
    select
        source,
        ticket_id,
        status,
        lag(status) over history as before,
        since,
        lead(since, 1, greatest(since, (select as_of from snapshot_info))) over history as until
    from starts
    window history as (partition by source, ticket_id order by since, place)
)

select
    *,
    status in ('solved', 'closed') as is_solved,
    coalesce(before in ('solved', 'closed'), false) as was_solved
from spans
