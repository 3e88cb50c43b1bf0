-- One row per account that has a next stage: what its last 14 days of activity hold, and what stands open today.
-- The window ends with the account's last sign of life, so that one that gave up in March is judged by March.

with standing as (
    select account_id, tier, stage, next_stage, reached_at
    from account_stage_now
    where next_stage is not null
),

calls as (
    select onboarding_day.*
    from onboarding_day
    join standing using (account_id)
),

portal as (
    select coalesce(developer_account.account_id, organization.account_id) as account_id, portal_event.kind, portal_event.occurred_at
    from portal_event
    left join developer_account on developer_account.developer_id = portal_event.developer_ref
    left join account_member as organization on organization.kind = 'organization' and organization.id = portal_event.organization_ref
    where coalesce(developer_account.account_id, organization.account_id) is not null
),

signs as (
    select account_id, max(day) as day from calls group by account_id
    union all
    select account_id, max(cast(occurred_at as date)) from portal group by account_id
    union all
    select account_id, max(cast(greatest(created_at, updated_at) as date)) from ticket_account group by account_id
),

windows as (
    select
        standing.account_id,
        least(coalesce(max(signs.day), cast(standing.reached_at as date)), (select cast(as_of as date) from snapshot_info)) as until
    from standing
    left join signs using (account_id)
    group by standing.account_id, standing.reached_at
),

used as (
    select
        calls.account_id,
        sum(calls) as calls,
        sum(ok) as ok,
        sum(server_errors) as server_errors,
        sum(refused_auth) as refused_auth,
        sum(refused_quota) as refused_quota,
        sum(refused_validation) as refused_validation,
        sum(refused_no_route) as refused_no_route,
        sum(client_errors) as client_errors
    from calls
    join windows on windows.account_id = calls.account_id
        and calls.day > windows.until - (select reason_days from setting)
        and calls.day <= windows.until
    group by calls.account_id
),

-- 404s that no route matched, and 405s, whatever the gateway calls them
lost as (
    select caller_account.account_id, sum(unmatched_day.calls) as unmatched, arg_max(sample_path, (unmatched_day.calls, sample_path)) as sample_path
    from unmatched_day
    join caller_account using (caller_id)
    anti join test_caller using (caller_id)
    join windows on windows.account_id = caller_account.account_id
        and unmatched_day.day > windows.until - (select reason_days from setting)
        and unmatched_day.day <= windows.until
    group by caller_account.account_id
),

-- 404s of any kind, a gateway's catch-all route included
not_found as (
    select caller_account.account_id, sum(usage_route_day.not_found) as not_found,
        arg_max(usage_route_day.sample_path, (usage_route_day.not_found, usage_route_day.sample_path)) as sample_path
    from usage_route_day
    join caller_account using (caller_id)
    anti join test_caller using (caller_id)
    join windows on windows.account_id = caller_account.account_id
        and usage_route_day.day > windows.until - (select reason_days from setting)
        and usage_route_day.day <= windows.until
    where usage_route_day.not_found > 0
    group by caller_account.account_id
),

read as (
    select
        portal.account_id,
        count(*) filter (where kind in ('docs_read', 'docs')) as docs_read,
        count(*) filter (where kind like 'pricing%') as pricing_read
    from portal
    join windows on windows.account_id = portal.account_id
        and cast(portal.occurred_at as date) > windows.until - (select reason_days from setting)
    group by portal.account_id
),

keys as (
    select account_id, count(*) as credentials
    from account_member
    where kind in ('credential', 'application')
    group by account_id
),

lifetime as (
    select account_id, sum(calls) as calls, sum(ok) as ok, max(day) as last_day, max(day) filter (where ok > 0) as last_ok_day
    from calls
    group by account_id
),

tickets as (
    select
        account_id,
        count(*) as open_tickets,
        count(*) filter (where breached) as breached_tickets,
        arg_min(subject, (created_at, subject)) as subject,
        min(created_at) as open_since
    from open_ticket
    group by account_id
),

steps as (
    select
        account_member.account_id,
        arg_min(coalesce(contract_step.waiting_for, contract_step.step), (contract_step.started_at, contract_step.step)) as waiting_for,
        arg_min(contract_step.step, (contract_step.started_at, contract_step.step)) as step,
        min(contract_step.started_at) as waiting_since
    from contract_step
    join account_member using (node)
    where contract_step.done_at is null and contract_step.started_at <= (select as_of from snapshot_info)
    group by account_member.account_id
),

-- a way up: some self-serve plan above the account's highest one
ways as (
    select
        account_member.account_id,
        max(mine.position) < (select max(position) from program_plan where self_serve) as has_way_up
    from application
    join account_member using (node)
    join program_plan as mine on lower(mine.name) = application.plan
    group by account_member.account_id
)

select
    standing.*,
    windows.until as window_until,
    date_diff('day', coalesce(lifetime.last_day, cast(standing.reached_at as date)), (select cast(as_of as date) from snapshot_info)) as silent_days,
    coalesce(used.calls, 0) as calls,
    coalesce(used.ok, 0) as ok,
    coalesce(used.server_errors, 0) as server_errors,
    coalesce(used.refused_auth, 0) as refused_auth,
    coalesce(used.refused_quota, 0) as refused_quota,
    coalesce(used.refused_validation, 0) as refused_validation,
    greatest(coalesce(used.refused_no_route, 0), coalesce(lost.unmatched, 0)) as unmatched,
    coalesce(not_found.not_found, 0) as not_found,
    coalesce(lost.sample_path, not_found.sample_path) as sample_path,
    coalesce(used.client_errors, 0) as client_errors,
    coalesce(lifetime.calls, 0) as calls_ever,
    coalesce(lifetime.ok, 0) as ok_ever,
    lifetime.last_ok_day,
    coalesce(keys.credentials, 0) as credentials,
    coalesce(read.docs_read, 0) as docs_read,
    coalesce(read.pricing_read, 0) as pricing_read,
    coalesce(tickets.open_tickets, 0) as open_tickets,
    coalesce(tickets.breached_tickets, 0) as breached_tickets,
    tickets.subject as ticket_subject,
    tickets.open_since,
    steps.waiting_for,
    steps.step as waiting_step,
    steps.waiting_since,
    ways.has_way_up
from standing
join windows using (account_id)
left join used using (account_id)
left join lost using (account_id)
left join not_found using (account_id)
left join read using (account_id)
left join keys using (account_id)
left join lifetime using (account_id)
left join tickets using (account_id)
left join steps using (account_id)
left join ways using (account_id)
