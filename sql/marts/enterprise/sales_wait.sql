-- One row per account and sales step that it waits behind: an open step of procurement, a contract that is not signed, a question of price or
-- quota without an answer, or plans that nobody can take or leave without us. Since when, and what shows it.

select account_id, 'procurement' as kind, since,
    replace(step, '_', ' ') || ' open' || coalesce(', waiting for ' || waiting_for, '') as evidence
from procurement_step
where is_open

union all

select contract_state.account_id, 'contract', contract.created_at, 'contract not signed'
from contract_state
join contract using (node)
where contract_state.state = 'not signed' and contract.terms is distinct from 'self_serve' and coalesce(contract.status, '') not in ('lost', 'rejected')

union all

select ticket_fact.account_id, 'ticket', ticket_fact.created_at, '"' || coalesce(ticket_fact.subject, 'no subject') || '" without an answer'
from ticket_fact
join ticket_topic using (source, ticket_id)
where ticket_topic.is_commercial and ticket_fact.is_open and ticket_fact.first_public_reply_at is null
    and not starts_with(ticket_fact.account_id, 'nobody:') and ticket_fact.created_at <= (select as_of from snapshot_info)

union all

select account_member.account_id, 'plan', min(application.created_at), 'on ' || string_agg(distinct application.plan, ', ' order by application.plan)
    || ', which cannot be ordered or left without us'
from application
join account_member using (node)
join program_plan on lower(program_plan.name) = application.plan
group by account_member.account_id
having not bool_or(program_plan.self_serve)
