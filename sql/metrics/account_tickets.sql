-- metric: account_tickets
-- label: Tickets
-- question: What did they ask, and how long did they wait?
-- unit: rows
-- grain: one row a ticket of the account
-- good: -
-- definition: The first reply is the first public reply of a person of ours; notes, robots, the requester's own words and the text that a ticket of
--   ours opens with do not count.
-- column ticket_id: id at the help desk
-- column first_reply_minutes: calendar minutes from creation to the first reply; null where there is none yet
-- column breached: whether a promised time was missed

with missed as (
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
    round(ticket_fact.first_reply_minutes, 1) as first_reply_minutes,
    missed.ticket_id is not null as breached
from ticket_account
join ticket_fact using (source, ticket_id)
left join missed using (source, ticket_id)
where ticket_account.account_id in (select account_id from account_alias where alias_id = $account)
order by ticket_account.created_at desc
