-- One row per ticket that is not solved or closed: since when, and whether a promised time was missed.

with missed as (
    select distinct source, ticket_id
    from ticket_event
    where kind = 'sla_breached'
)

select
    ticket_account.*,
    missed.ticket_id is not null as breached
from ticket_account
left join missed using (source, ticket_id)
where ticket_account.status not in ('solved', 'closed')
