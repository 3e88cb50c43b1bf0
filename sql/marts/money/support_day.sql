-- One row per ticket and day that someone of ours worked on it: minutes recorded, else so many a reply or note, and their cost.

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
        ) as minutes
    from ticket_event
    cross join setting
    group by ticket_event.source, ticket_event.ticket_id, day
)

select
    minutes.day,
    ticket_account.account_id,
    ticket_account.source,
    ticket_account.ticket_id,
    minutes.minutes,
    cast(round(minutes.minutes * setting.support_micros_per_minute) as bigint) as cost_micros
from minutes
join ticket_account using (source, ticket_id)
cross join setting
where minutes.minutes > 0
