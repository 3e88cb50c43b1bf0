-- One row per dated change of a ticket.

select
    source,
    id,
    ticket_id,
    kind,
    occurred_at,
    author_id,
    lower(author_role) as author_role,
    from_value,
    to_value,
    metric,
    instance,
    sla_policy_id,
    target_minutes,
    minutes
from raw_ticket_event
