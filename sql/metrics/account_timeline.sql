-- metric: account_timeline
-- label: Timeline
-- question: What happened with this account?
-- unit: rows
-- grain: one row an event, newest first; at most 300
-- good: -
-- definition: Stages reached, tickets, bills, refunds, contracts, portal visits, tier changes, notes, and decisions of ours, by date.
-- column occurred_at: when, UTC
-- column kind: stage, ticket, money, contract, portal, tier, note
-- column text: what

with here as (
    select distinct account_id
    from account_alias
    where alias_id = $account
),

portal as (
    select portal_event.occurred_at, portal_event.kind, portal_event.detail, developer_account.account_id
    from portal_event
    join developer_account on developer_account.developer_id = portal_event.developer_ref
    where developer_account.account_id in (select account_id from here)
),

events as (
    select account_id, reached_at as occurred_at, 'stage' as kind, replace(stage, '_', ' ') || ': ' || event as text from account_stage
    union all
    select account_id, created_at, 'ticket', coalesce(subject, 'no subject') || ' (' || coalesce(status, '?') || ')' from ticket_account
    union all
    select account_id, occurred_at, 'money', kind || ' ' || coalesce(printf('%.2f', net_micros / 1000000.0), '(' || unpriced_reason || ')')
    from revenue_event
    union all
    select account_member.account_id, contract_step.started_at, 'contract', replace(contract_step.step, '_', ' ') || ' began'
    from contract_step join account_member using (node)
    union all
    select account_member.account_id, contract_step.done_at, 'contract', replace(contract_step.step, '_', ' ') || ' done'
    from contract_step join account_member using (node)
    union all
    select account_member.account_id, contract.signed_at, 'contract', 'signed'
    from contract join account_member using (node)
    union all
    select account_id, occurred_at, 'portal', replace(kind, '_', ' ') || coalesce(': ' || detail, '') from portal
    union all
    select account_id, cast(valid_from as timestamp), 'tier', 'tier: ' || tier || ' (' || rule || ')' from account_tier
    union all
    select coalesce(account_alias.account_id, raw_account_note.account_id), decided_at, 'note', author || ': ' || text
    from raw_account_note left join account_alias on account_alias.alias_id = raw_account_note.account_id
    where undone_at is null
)

select occurred_at, kind, text
from events
where account_id in (select account_id from here) and occurred_at is not null
order by occurred_at desc, kind, text
limit 300
