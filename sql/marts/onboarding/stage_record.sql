-- One row per account and event that a record tells of and that can date a stage: sign-up, keys, portal, tickets, sales, contracts, bills. The first
-- and every later one, because one that comes too early does not count.

with paid as (
    select account_id, occurred_at, invoice_id, currency, net_minor,
        first(net_minor) over (partition by account_id, currency order by occurred_at, invoice_id) as first_net
    from revenue_event
    where kind = 'invoice' and net_minor > 0
),

contracts as (
    select account_member.account_id, contract.*
    from contract
    join account_member using (node)
)

select account_id, 'signed_up' as stage, signed_up_at as occurred_at, 'first record' as event, null as event_ref
from account_seen
where signed_up_at is not null

union all

select account_id, 'credential_issued', created_at, kind, id
from account_member
where kind in ('credential', 'application') and created_at is not null

union all

select account_id, 'credential_issued', occurred_at, 'portal: key issued', id from portal_account where kind = 'key_issued'

union all

select ticket_account.account_id, 'commercial_contact', ticket_account.created_at, 'ticket: ' || coalesce(ticket_account.subject, '?'),
    ticket_account.ticket_id
from ticket_account
join ticket_topic using (source, ticket_id)
where ticket_topic.is_commercial

union all

select account_id, 'commercial_contact', occurred_at, 'portal: ' || replace(kind, '_', ' '), id
from portal_account
where kind like 'contact%' or kind like 'quote%'

union all

select account_member.account_id, 'commercial_contact', opportunity.created_at, 'opportunity', opportunity.id
from opportunity
join account_member using (node)
where opportunity.created_at is not null

union all

select account_id, 'commercial_contact', created_at, 'contract drafted', id from contracts where created_at is not null

union all

-- whoever buys by self-service has nothing to negotiate: the order is contact, procurement and contract at once
select customer_account.account_id, unnest(['commercial_contact', 'procurement', 'contracted']), subscription.started_at,
    'self-service order', subscription.id
from subscription
join customer_account on customer_account.source = subscription.source and customer_account.customer_id = subscription.customer_id
where subscription.started_at is not null

union all

select contracts.account_id, 'procurement', contract_step.started_at, contract_step.step, contracts.id
from contract_step
join contracts using (node)
where contract_step.started_at is not null

union all

-- signed without a recorded step: procurement ended with the signature at the latest
select account_id, unnest(['procurement', 'contracted']), signed_at, 'contract signed', id from contracts where signed_at is not null

union all

-- whoever pays has been in contact and has agreed by then, whether or not it was written down
select account_id, unnest(['commercial_contact', 'procurement', 'contracted', 'paying']), occurred_at, 'invoice paid', invoice_id
from paid

union all

select account_id, 'expanded', occurred_at, 'bill a quarter above the first', invoice_id from paid where net_minor >= 1.25 * first_net

union all

select account_id, 'agreement', coalesce(signed_at, starts_at), 'contract', id
from contracts
where coalesce(signed_at, starts_at) is not null

union all

select account_id, 'agreement', occurred_at, 'portal: agreement signed', id from portal_account where kind = 'agreement_signed'

union all

select account_id, 'certified', occurred_at, 'portal: certified', id from portal_account where kind = 'certified'

union all

select contracts.account_id, 'certified', contract_step.done_at, contract_step.step, contracts.id
from contract_step
join contracts using (node)
where contract_step.done_at is not null and contract_step.step like 'certif%'

union all

select paid.account_id, 'revenue_share', paid.occurred_at, 'invoice paid under a revenue share', paid.invoice_id
from paid
join (select distinct account_id from contracts where revenue_share_percent > 0) as sharing using (account_id)
