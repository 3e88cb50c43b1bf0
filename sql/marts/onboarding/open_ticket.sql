-- One row per ticket that is not solved or closed: since when, and whether a promised reply came late or not at all.
-- That its solution takes longer than promised is what being open means; a missed reply is a reason of its own.

with missed as (
    select distinct source, ticket_id
    from ticket_event
    where kind = 'sla_breached' and (metric is null or metric like '%reply%' or metric like '%update%')
)

select
    ticket_account.*,
    missed.ticket_id is not null as breached
from ticket_account
left join missed using (source, ticket_id)
where ticket_account.status not in ('solved', 'closed')
