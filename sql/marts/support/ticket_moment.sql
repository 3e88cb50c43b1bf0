-- One row per ticket: who opened it, when one of our people answered, and when it was solved.
-- Only public replies of people of ours count: no notes, no robots, no words of the requester, and not the text that a ticket of
-- ours opened with (a ticket's first comment, within a minute of its creation).

with comments as (
    select
        ticket.source,
        ticket.id as ticket_id,
        ticket_event.occurred_at,
        ticket_event.kind = 'public_reply' and ticket_event.author_role = 'agent' and ticket_event.occurred_at >= ticket.created_at as is_reply,
        ticket_event.author_role = 'agent' as by_agent,
        ticket_event.occurred_at <= ticket.created_at + interval 1 minute and row_number() over (
            partition by ticket.source, ticket.id
            order by ticket_event.occurred_at, length(ticket_event.id), ticket_event.id
        ) = 1 as is_opening
    from ticket
    join ticket_event on ticket_event.source = ticket.source and ticket_event.ticket_id = ticket.id
    where ticket_event.kind in ('public_reply', 'internal_note')
),

replies as (
    select
        source,
        ticket_id,
        bool_or(is_opening and by_agent) as opened_by_agent,
        min(occurred_at) filter (where is_reply and not is_opening) as first_public_reply_at,
        count(*) filter (where is_reply and not is_opening) as public_replies
    from comments
    group by source, ticket_id
),

solves as (
    select
        source,
        ticket_id,
        min(since) filter (where is_solved and not was_solved) as first_solved_at,
        max(since) filter (where is_solved and not was_solved) as last_solved_at,
        count(*) filter (where was_solved and not is_solved) as reopened
    from ticket_status
    group by source, ticket_id
)

select
    ticket.source,
    ticket.id as ticket_id,
    ticket.created_at,
    ticket.status in ('solved', 'closed') as is_solved,
    coalesce(replies.opened_by_agent, false) as opened_by_agent,
    replies.first_public_reply_at,
    coalesce(replies.public_replies, 0) as public_replies,
    solves.first_solved_at,
    solves.last_solved_at,
    coalesce(solves.reopened, 0) as reopened
from ticket
left join replies on replies.source = ticket.source and replies.ticket_id = ticket.id
left join solves on solves.source = ticket.source and solves.ticket_id = ticket.id
