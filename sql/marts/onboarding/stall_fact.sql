-- One row per account, stage and moment of stall_moment: what rules ask of it. Its window are the days up to its last sign of life by then, so
-- that one that gave up in March is judged by March. FACTS of data_sources/stall_reasons.py says what each column means.

with used as (
    select
        account_id,
        moment,
        sum(calls) as calls,
        sum(ok) as ok,
        sum(client_errors) as client_errors,
        sum(server_errors) as server_errors,
        sum(refused_auth) as refused_auth,
        sum(refused_quota) as refused_quota,
        sum(refused_validation) as refused_validation,
        sum(refused_no_route) as refused_no_route
    from stall_day
    group by account_id, moment
),

failures as (
    select
        account_id,
        moment,
        cast(sum(not_implemented) as bigint) as not_implemented,
        cast(sum(without_route) as bigint) as without_route,
        max(route) filter (where kind = 'auth') as auth_route,
        max(status) filter (where kind = 'auth') as auth_status,
        max(route_calls) filter (where kind = 'auth') as auth_route_calls,
        max(sample_path) filter (where kind = 'auth') as auth_path,
        max(route) filter (where kind = 'quota') as quota_route,
        max(status) filter (where kind = 'quota') as quota_status,
        max(route_calls) filter (where kind = 'quota') as quota_route_calls,
        max(sample_path) filter (where kind = 'quota') as quota_path,
        max(route) filter (where kind = 'error') as error_route,
        max(status) filter (where kind = 'error') as error_status,
        max(route_calls) filter (where kind = 'error') as error_route_calls,
        max(sample_path) filter (where kind = 'error') as error_path,
        max(route) filter (where kind = 'unmatched') as unmatched_route,
        max(status) filter (where kind = 'unmatched') as unmatched_status,
        max(route_calls) filter (where kind = 'unmatched') as unmatched_route_calls,
        max(sample_path) filter (where kind = 'unmatched') as unmatched_path,
        max(route) filter (where kind = 'not_found') as not_found_route,
        max(status) filter (where kind = 'not_found') as not_found_status,
        max(route_calls) filter (where kind = 'not_found') as not_found_route_calls,
        max(sample_path) filter (where kind = 'not_found') as not_found_path,
        max(route) filter (where kind = 'invalid') as invalid_route,
        max(status) filter (where kind = 'invalid') as invalid_status,
        max(route_calls) filter (where kind = 'invalid') as invalid_route_calls,
        max(sample_path) filter (where kind = 'invalid') as invalid_path,
        max(calls) filter (where kind = 'unmatched') as unmatched,
        max(calls) filter (where kind = 'not_found') as not_found
    from stall_failure
    group by account_id, moment
),

steps as (
    select
        account_id,
        moment,
        max(step) filter (where kind = 'security') as security_step,
        max(waiting_for) filter (where kind = 'security') as security_whom,
        max(waiting_since) filter (where kind = 'security') as security_since,
        max(step) filter (where kind = 'legal') as legal_step,
        max(waiting_for) filter (where kind = 'legal') as legal_whom,
        max(waiting_since) filter (where kind = 'legal') as legal_since,
        max(step) filter (where kind = 'decision') as decision_step,
        max(waiting_for) filter (where kind = 'decision') as decision_whom,
        max(waiting_since) filter (where kind = 'decision') as decision_since,
        max(step) filter (where kind = 'procurement') as procurement_step,
        max(waiting_for) filter (where kind = 'procurement') as procurement_whom,
        max(waiting_since) filter (where kind = 'procurement') as procurement_since
    from stall_step
    group by account_id, moment
),

visits as (
    select
        stall_window.account_id,
        stall_window.moment,
        count(*) filter (where portal_account.kind in ('docs_read', 'docs')) as docs_read,
        count(*) filter (where portal_account.kind like 'pricing%') as pricing_read
    from stall_window
    join portal_account on portal_account.account_id = stall_window.account_id
        and portal_account.occurred_at >= stall_window.after_day + 1
        and portal_account.occurred_at <= stall_window.moment
    where portal_account.kind in ('docs_read', 'docs') or portal_account.kind like 'pricing%'
    group by stall_window.account_id, stall_window.moment
),

registered as (
    select account_id, created_at
    from account_member
    where kind in ('credential', 'application')
),

-- the keys of the registry; of whom it has none, those that the portal tells of
issued as (
    select account_id, created_at
    from registered

    union all

    select account_id, occurred_at
    from portal_account
    anti join registered using (account_id)
    where kind = 'key_issued'
),

keys as (
    select stall_window.account_id, stall_window.moment, count(*) as credentials, min(issued.created_at) as key_at
    from stall_window
    join issued on issued.account_id = stall_window.account_id
        and coalesce(issued.created_at, timestamp '0001-01-01') <= stall_window.moment
    group by stall_window.account_id, stall_window.moment
),

contacted as (
    select stall_window.account_id, stall_window.moment, count(*) as contacts
    from stall_window
    join stage_event on stage_event.account_id = stall_window.account_id and stage_event.occurred_at <= stall_window.moment
    where stage_event.stage = 'commercial_contact' and stage_event.event not in ('invoice paid', 'self-service order')
    group by stall_window.account_id, stall_window.moment
),

-- what it is on, and the first plan above that it can take by itself
planned as (
    select account_member.account_id, account_member.created_at, program_plan.position
    from (
        select node, plan from application
        union
        select node, plan from credential
    ) as plans
    join account_member using (node)
    join program_plan on lower(program_plan.name) = plans.plan
),

highest as (
    select stall_window.account_id, stall_window.moment, max(planned.position) as position
    from stall_window
    join planned on planned.account_id = stall_window.account_id
        and coalesce(planned.created_at, timestamp '0001-01-01') <= stall_window.moment
    group by stall_window.account_id, stall_window.moment
),

ways as (
    select
        mine.position,
        any_value(mine.name) as plan,
        min(above.position) as above_position
    from program_plan as mine
    left join program_plan as above on above.position > mine.position and above.self_serve
    group by mine.position
)

select
    stall_moment.account_id,
    stall_moment.moment,
    stall_moment.is_now,
    stall_moment.tier,
    stall_moment.stage,
    stall_moment.next_stage,
    stall_moment.since,
    date_diff('day', stall_moment.since, stall_moment.moment) as stage_days,
    coalesce(stall_window.last_seen, cast(stall_moment.since as date)) as last_seen,
    date_diff('day', coalesce(stall_window.last_call_on, cast(stall_moment.since as date)), cast(stall_moment.moment as date)) as silent_days,
    cast(coalesce(used.calls, 0) as bigint) as calls,
    cast(coalesce(used.ok, 0) as bigint) as ok,
    cast(coalesce(used.client_errors, 0) as bigint) as client_errors,
    cast(greatest(0, coalesce(used.server_errors, 0) - coalesce(failures.not_implemented, 0)) as bigint) as server_errors,
    cast(coalesce(used.refused_auth, 0) as bigint) as refused_auth,
    cast(coalesce(used.refused_quota, 0) as bigint) as refused_quota,
    cast(coalesce(used.refused_validation, 0) as bigint) as refused_validation,
    cast(greatest(
        coalesce(used.refused_no_route, 0) - coalesce(failures.without_route, 0),
        coalesce(failures.unmatched, 0)
    ) as bigint) as unmatched,
    coalesce(failures.not_found, 0) as not_found,
    used.ok / nullif(used.calls, 0) as ok_share,
    used.refused_auth / nullif(used.calls, 0) as auth_share,
    used.refused_quota / nullif(used.calls, 0) as quota_share,
    greatest(0, used.server_errors - coalesce(failures.not_implemented, 0)) / nullif(used.calls, 0) as error_share,
    greatest(used.refused_no_route - coalesce(failures.without_route, 0), coalesce(failures.unmatched, 0)) / nullif(used.calls, 0)
        as unmatched_share,
    coalesce(failures.not_found, 0) / nullif(used.calls, 0) as not_found_share,
    used.refused_validation / nullif(used.calls, 0) as invalid_share,
    failures.auth_route,
    failures.auth_status,
    failures.auth_route_calls,
    failures.auth_path,
    failures.quota_route,
    failures.quota_status,
    failures.quota_route_calls,
    failures.quota_path,
    failures.error_route,
    failures.error_status,
    failures.error_route_calls,
    failures.error_path,
    failures.unmatched_route,
    failures.unmatched_status,
    failures.unmatched_route_calls,
    failures.unmatched_path,
    failures.not_found_route,
    failures.not_found_status,
    failures.not_found_route_calls,
    failures.not_found_path,
    failures.invalid_route,
    failures.invalid_status,
    failures.invalid_route_calls,
    failures.invalid_path,
    coalesce(stall_window.calls_ever, 0) as calls_ever,
    coalesce(stall_window.ok_ever, 0) as ok_ever,
    stall_window.last_call_on,
    stall_window.last_ok_on,
    coalesce(keys.credentials, 0) as credentials,
    cast(keys.key_at as date) as key_on,
    date_diff('day', keys.key_at, stall_moment.moment) as key_days,
    coalesce(visits.docs_read, 0) as docs_read,
    coalesce(visits.pricing_read, 0) as pricing_read,
    coalesce(contacted.contacts, 0) as contacts,
    coalesce(stall_ticket.open_tickets, 0) as open_tickets,
    stall_ticket.ticket_id,
    stall_ticket.ticket_subject,
    stall_ticket.ticket_topic,
    cast(stall_ticket.ticket_at as date) as ticket_on,
    date_diff('day', stall_ticket.ticket_at, stall_moment.moment) as ticket_days,
    coalesce(stall_ticket.late_tickets, 0) as late_tickets,
    stall_ticket.late_ticket_id,
    stall_ticket.late_ticket_subject,
    cast(stall_ticket.late_ticket_at as date) as late_ticket_on,
    date_diff('day', stall_ticket.late_ticket_at, stall_moment.moment) as late_ticket_days,
    stall_ticket.late_by,
    stall_ticket.late_word,
    steps.security_step,
    steps.security_whom,
    cast(steps.security_since as date) as security_since,
    date_diff('day', steps.security_since, stall_moment.moment) as security_days,
    steps.legal_step,
    steps.legal_whom,
    cast(steps.legal_since as date) as legal_since,
    date_diff('day', steps.legal_since, stall_moment.moment) as legal_days,
    steps.decision_step,
    steps.decision_whom,
    cast(steps.decision_since as date) as decision_since,
    date_diff('day', steps.decision_since, stall_moment.moment) as decision_days,
    steps.procurement_step,
    steps.procurement_whom,
    cast(steps.procurement_since as date) as procurement_since,
    date_diff('day', steps.procurement_since, stall_moment.moment) as procurement_days,
    ways.plan,
    above.name as plan_above,
    cast(above.monthly_price as double) as plan_above_price,
    above.position is not null as has_plan_above,
    ways.position is not null and above.position is null as no_plan_above
from stall_moment
left join stall_window using (account_id, moment)
left join used using (account_id, moment)
left join failures using (account_id, moment)
left join visits using (account_id, moment)
left join keys using (account_id, moment)
left join contacted using (account_id, moment)
left join stall_ticket using (account_id, moment)
left join steps using (account_id, moment)
left join highest using (account_id, moment)
left join ways using (position)
left join program_plan as above on above.position = ways.above_position
