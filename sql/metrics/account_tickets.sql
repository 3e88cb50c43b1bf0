-- metric: account_tickets
-- label: Tickets
-- question: What did they ask, and how long did they wait?
-- unit: rows
-- grain: one row a ticket of the account
-- good: -
-- definition: The first reply is the first public reply of a person of ours; notes, robots and the requester's own words do not count.
-- column ticket_id: id at the help desk
-- column first_reply_minutes: calendar minutes from creation to the first reply; null where there is none yet
-- column breached: whether a promised time was missed

with replies as (
    select source, ticket_id, min(occurred_at) as first_reply_at
    from ticket_event
    where kind = 'public_reply' and author_role = 'agent'
    group by source, ticket_id
),

missed as (
    select distinct source, ticket_id
    from ticket_event
    where kind = 'sla_breached'
)

select
    ticket_account.ticket_id,
    ticket_account.subject,
    ticket_account.status,
    ticket_account.priority,
    ticket_account.created_at,
    round(date_diff('second', ticket_account.created_at, replies.first_reply_at) / 60.0, 1) as first_reply_minutes,
    missed.ticket_id is not null as breached
from ticket_account
left join replies using (source, ticket_id)
left join missed using (source, ticket_id)
where ticket_account.account_id in (select account_id from account_alias where alias_id = $account)
order by ticket_account.created_at desc
