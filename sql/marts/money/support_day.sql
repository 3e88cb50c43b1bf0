-- One row per ticket and day that someone of ours worked on it: minutes recorded, else so many a reply or note, and their cost by the
-- rate of the ticket's group, else the rate for all groups, else the one rate of program.toml; null where there is none.

with minutes as (
    select
        ticket_event.source,
        ticket_event.ticket_id,
        cast(ticket_event.occurred_at as date) as day,
        sum(
            case
                when ticket_event.minutes is not null then ticket_event.minutes
                when ticket_event.author_role = 'agent' and ticket_event.kind = 'public_reply' then setting.minutes_per_public_reply
                when ticket_event.author_role = 'agent' and ticket_event.kind = 'internal_note' then setting.minutes_per_internal_note
            end
        ) as minutes,
        coalesce(sum(ticket_event.minutes), 0) as recorded_minutes
    from ticket_event
    cross join setting
    group by ticket_event.source, ticket_event.ticket_id, day
),

handled as (
    select
        minutes.source,
        minutes.ticket_id,
        minutes.day,
        ticket_account.account_id,
        ticket.group_id,
        minutes.minutes,
        minutes.recorded_minutes
    from minutes
    join ticket_account using (source, ticket_id)
    join ticket on ticket.source = minutes.source and ticket.id = minutes.ticket_id
    -- below zero where a total was corrected downwards
    where minutes.minutes <> 0
)

select
    handled.day,
    handled.account_id,
    handled.source,
    handled.ticket_id,
    handled.group_id,
    handled.minutes,
    handled.recorded_minutes,
    -- desks log seconds, and a third of a minute is no number with an end: whole seconds are priced exactly
    cast(round(round(handled.minutes * 60, 3) * coalesce(
        own.micros_per_minute,
        shared.micros_per_minute,
        setting.support_micros_per_minute
    ) / 60) as bigint) as cost_micros
from handled
cross join setting
asof left join (select * from support_rate where group_id is not null) as own
    on own.source = handled.source and own.group_id = handled.group_id and handled.day >= own.valid_from
asof left join (select * from support_rate where group_id is null) as shared
    on shared.source = handled.source and handled.day >= shared.valid_from
