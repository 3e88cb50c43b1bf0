-- One row per ticket, metric and instance that a promise was made for: when it began, how many minutes were promised last, and how
-- it stands: achieved, breached, running, or ended without either (the ticket is solved and the promise was taken back).

with clocks as (
    select
        ticket_event.source,
        ticket_event.ticket_id,
        ticket_event.metric,
        coalesce(ticket_event.instance, 1) as instance,
        min(ticket_event.occurred_at) filter (where ticket_event.kind = 'sla_applied') as applied_at,
        arg_max(ticket_event.target_minutes, ticket_event.occurred_at) filter (where ticket_event.kind = 'sla_applied') as target_minutes,
        arg_max(ticket_event.sla_policy_id, ticket_event.occurred_at) filter (where ticket_event.kind = 'sla_applied') as sla_policy_id,
        max(ticket_event.occurred_at) filter (where ticket_event.kind = 'sla_fulfilled') as fulfilled_at,
        min(ticket_event.occurred_at) filter (where ticket_event.kind = 'sla_breached') as breached_at
    from ticket_event
    where ticket_event.kind in ('sla_applied', 'sla_fulfilled', 'sla_breached')
        and ticket_event.occurred_at <= (select as_of from snapshot_info)
    group by all
    having count(*) filter (where ticket_event.kind = 'sla_applied') > 0
)

select
    clocks.*,
    ticket_fact.account_id,
    ticket_fact.tier,
    case
        when clocks.breached_at is not null then 'breached'
        when clocks.fulfilled_at is not null then 'achieved'
        when ticket_fact.is_open then 'running'
        else 'ended'
    end as state
from clocks
join ticket_fact using (source, ticket_id)
