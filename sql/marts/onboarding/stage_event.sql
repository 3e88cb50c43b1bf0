-- One row per account and event that can date a stage: the first and every later one, because one that comes too early does not count.

with ok_days as materialized (
    select account_id, day, first_ok_at, first_production_ok_at
    from onboarding_day
    where ok > 0
),

-- successes on so many days within so many: the day that completes them
lasting as (
    select account_id, first_ok_at
    from (
        select account_id, day, first_ok_at,
            lag(day, (select integrated_days - 1 from setting)) over (partition by account_id order by day) as day_before
        from ok_days
    )
    where day_before is not null and day - day_before < (select integrated_within_days from setting)
),

routes as (
    select account_id, first_ok, row_number() over (partition by account_id order by first_ok, service, route, method) as place
    from (
        select caller_account.account_id, usage_route_day.service, usage_route_day.route, method, min(day) as first_ok
        from usage_route_day
        join caller_account using (caller_id)
        left join test_caller using (caller_id)
        left join test_route on test_route.service = coalesce(usage_route_day.service, '') and test_route.route = usage_route_day.route
        where usage_route_day.ok > 0 and test_caller.caller_id is null and test_route.route is null
        group by all
    )
),

broad as (
    select ok_days.account_id, ok_days.first_ok_at
    from routes
    join ok_days using (account_id)
    where routes.place = (select integrated_routes from setting) and ok_days.day >= routes.first_ok
),

weeks as (
    select account_id, date_trunc('week', day) as week, min(first_ok_at) as first_ok_at
    from ok_days
    group by account_id, week
),

steady as (
    select account_id, first_ok_at
    from (
        select account_id, week, first_ok_at,
            lag(week, (select production_weeks - 1 from setting)) over (partition by account_id order by week) as week_before
        from weeks
    )
    where date_diff('week', week_before, week) = (select production_weeks - 1 from setting)
),

-- a production credential says something only where the account also holds one that is not for production
sandboxed as (
    select distinct account_id
    from application
    join account_member using (node)
    where application.environment is not null and application.environment not in ('production', 'live')

    union

    select caller_account.account_id
    from caller_environment
    join caller_account using (caller_id)
    where caller_environment.environment = 'sandbox'
),

paid as (
    select account_id, occurred_at, invoice_id, currency, net_minor,
        first(net_minor) over (partition by account_id, currency order by occurred_at, invoice_id) as first_net
    from revenue_event
    where kind = 'invoice' and net_minor > 0
),

contracts as (
    select account_member.account_id, contract.*
    from contract
    join account_member using (node)
),

portal as (
    select coalesce(developer_account.account_id, application_account.account_id, organization.account_id) as account_id,
        portal_event.kind, portal_event.occurred_at, portal_event.id
    from portal_event
    left join developer_account on developer_account.developer_id = portal_event.developer_ref
    left join application_account on application_account.application_id = portal_event.application_ref
    left join account_member as organization on organization.kind = 'organization' and organization.id = portal_event.organization_ref
)

select account_id, 'signed_up' as stage, signed_up_at as occurred_at, 'first record' as event, null as event_ref
from account_seen
where signed_up_at is not null

union all

select account_id, 'credential_issued', created_at, kind, id
from account_member
where kind in ('credential', 'application') and created_at is not null

union all

select account_id, 'credential_issued', occurred_at, 'portal: key issued', id from portal where kind = 'key_issued'

union all

-- whoever calls by a credential has one; a day's last call counts where its first one came too early
select account_id, unnest(['credential_issued', 'first_call', 'credential_issued', 'first_call']),
    unnest([first_at, first_at, last_at, last_at]), 'call', null
from onboarding_day

union all

select account_id, 'first_success', first_ok_at, 'successful call', null from ok_days

union all

select account_id, 'integrated', first_ok_at, 'successes on several days', null from lasting

union all

select account_id, 'integrated', first_ok_at, 'several routes in use', null from broad

union all

select account_id, 'in_production', first_ok_at, 'active weeks in a row', null from steady

union all

select ok_days.account_id, 'in_production', ok_days.first_production_ok_at, 'production credential', null
from ok_days
join sandboxed using (account_id)
where ok_days.first_production_ok_at is not null

union all

select ticket_account.account_id, 'commercial_contact', ticket_account.created_at, 'ticket: ' || coalesce(ticket_account.subject, '?'),
    ticket_account.ticket_id
from ticket_account
join ticket_topic using (source, ticket_id)
where ticket_topic.is_commercial

union all

select account_id, 'commercial_contact', occurred_at, 'portal: ' || replace(kind, '_', ' '), id
from portal
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

select account_id, 'agreement', occurred_at, 'portal: agreement signed', id from portal where kind = 'agreement_signed'

union all

select account_id, 'certified', occurred_at, 'portal: certified', id from portal where kind = 'certified'

union all

select contracts.account_id, 'certified', contract_step.done_at, contract_step.step, contracts.id
from contract_step
join contracts using (node)
where contract_step.done_at is not null and contract_step.step like 'certif%'

union all

select paid.account_id, 'revenue_share', paid.occurred_at, 'invoice paid under a revenue share', paid.invoice_id
from paid
join (select distinct account_id from contracts where revenue_share_percent > 0) as sharing using (account_id)
