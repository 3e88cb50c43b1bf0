-- One row per account and thing that shows that sales, and not the account alone, moves it: a negotiated contract, a step of its
-- procurement, an opportunity, an assigned owner, an answered sales ticket. `decides` is false for an answered ticket: an answer to a
-- question of price leads nobody. Drafts count from their first day, lost sales not at all.

with negotiated as (
    select contract_state.account_id, contract_state.state, contract.*
    from contract_state
    join contract using (node)
    where contract.terms is distinct from 'self_serve' and coalesce(contract.status, '') not in ('lost', 'rejected')
),

owners as (
    select account_owner.account_id, account_owner.owner, min(raw_account_owner.decided_at) as since
    from account_owner
    left join account_alias using (account_id)
    left join raw_account_owner on raw_account_owner.account_id = account_alias.alias_id and raw_account_owner.undone_at is null
    group by account_owner.account_id, account_owner.owner
),

found as (
    select account_id, 'contract' as kind, coalesce(created_at, signed_at, starts_at) as since,
        'contract ' || state || coalesce(', signed ' || strftime(signed_at, '%-d %b %Y'), '') as evidence, true as decides
    from negotiated

    union all

    select account_id, 'procurement', since, replace(step, '_', ' ') || coalesce(' since ' || strftime(since, '%-d %b %Y'), ''), true
    from procurement_step

    union all

    select account_member.account_id, 'opportunity', opportunity.created_at, 'opportunity' || coalesce(' (' || opportunity.stage || ')', ''), true
    from opportunity
    join account_member using (node)
    where coalesce(opportunity.stage, '') not in ('lost', 'closed lost', 'closedlost')

    union all

    select account_id, 'owner', since, 'looked after by ' || owner, true
    from owners

    union all

    select ticket_fact.account_id, 'sales ticket answered', ticket_fact.first_public_reply_at,
        '"' || coalesce(ticket_fact.subject, 'no subject') || '" answered ' || strftime(ticket_fact.first_public_reply_at, '%-d %b %Y'), false
    from ticket_fact
    join ticket_topic using (source, ticket_id)
    where ticket_topic.is_commercial and ticket_fact.first_public_reply_at is not null
)

select account_id, kind, since, evidence, decides
from found
where not starts_with(account_id, 'nobody:') and (since is null or since <= (select as_of from snapshot_info))
