-- One row per day and account that called an API for itself: what onboarding looks at, services and environments together. As account_day, without
-- monitors, probes and tests of our own. A day's probes are taken off its calls; its first success is another one where any is left.

with probes as (
    select
        usage_route_day.day,
        usage_route_day.caller_id,
        test_route.service,
        sum(usage_route_day.calls) as calls,
        sum(usage_route_day.ok) as ok,
        sum(usage_route_day.client_errors) as client_errors,
        sum(usage_route_day.server_errors) as server_errors
    from usage_route_day
    join test_route on test_route.service = coalesce(usage_route_day.service, '') and test_route.route = usage_route_day.route
    group by all
),

probe_refusals as (
    select
        failure_day.day,
        failure_day.caller_id,
        test_route.service,
        sum(failure_day.calls) filter (where refusal = 'auth') as refused_auth,
        sum(failure_day.calls) filter (where refusal in ('quota', 'rate_limit')) as refused_quota,
        sum(failure_day.calls) filter (where refusal = 'validation') as refused_validation,
        sum(failure_day.calls) filter (where refusal = 'no_route') as refused_no_route
    from failure_day
    join test_route on test_route.service = coalesce(failure_day.service, '') and test_route.route = failure_day.route
    where failure_day.refusal is not null
    group by all
),

used as (
    select
        usage_day.day,
        usage_day.account_id,
        usage_day.caller_id,
        coalesce(usage_day.service, '') as service,
        sum(usage_day.calls) as calls,
        sum(usage_day.ok) as ok,
        sum(usage_day.client_errors) as client_errors,
        sum(usage_day.server_errors) as server_errors,
        sum(usage_day.refused_auth) as refused_auth,
        sum(usage_day.refused_quota + usage_day.refused_rate_limit) as refused_quota,
        sum(usage_day.refused_validation) as refused_validation,
        sum(usage_day.refused_no_route) as refused_no_route,
        min(usage_day.first_at) as first_at,
        max(usage_day.last_at) as last_at,
        min(usage_day.first_ok_at) as first_ok_at,
        min(usage_day.first_ok_at) filter (where usage_day.environment = 'production') as first_production_ok_at
    from caller_usage_day as usage_day
    where usage_day.surface = 'api' and usage_day.caller_id not in (select caller_id from test_caller)
    group by all
),

left_over as (
    select
        used.day,
        used.account_id,
        used.calls - coalesce(probes.calls, 0) as calls,
        used.ok - coalesce(probes.ok, 0) as ok,
        used.client_errors - coalesce(probes.client_errors, 0) as client_errors,
        used.server_errors - coalesce(probes.server_errors, 0) as server_errors,
        greatest(0, used.refused_auth - coalesce(probe_refusals.refused_auth, 0)) as refused_auth,
        greatest(0, used.refused_quota - coalesce(probe_refusals.refused_quota, 0)) as refused_quota,
        greatest(0, used.refused_validation - coalesce(probe_refusals.refused_validation, 0)) as refused_validation,
        greatest(0, used.refused_no_route - coalesce(probe_refusals.refused_no_route, 0)) as refused_no_route,
        used.first_at,
        used.last_at,
        case when used.ok > coalesce(probes.ok, 0) then used.first_ok_at end as first_ok_at,
        case when used.ok > coalesce(probes.ok, 0) then used.first_production_ok_at end as first_production_ok_at
    from used
    left join probes on probes.day = used.day and probes.caller_id = used.caller_id and probes.service = used.service
    left join probe_refusals on probe_refusals.day = used.day
        and probe_refusals.caller_id = used.caller_id
        and probe_refusals.service = used.service
    where used.calls > coalesce(probes.calls, 0)
)

select
    day,
    account_id,
    cast(sum(calls) as bigint) as calls,
    cast(sum(ok) as bigint) as ok,
    cast(sum(client_errors) as bigint) as client_errors,
    cast(sum(server_errors) as bigint) as server_errors,
    cast(sum(refused_auth) as bigint) as refused_auth,
    cast(sum(refused_quota) as bigint) as refused_quota,
    cast(sum(refused_validation) as bigint) as refused_validation,
    cast(sum(refused_no_route) as bigint) as refused_no_route,
    min(first_at) as first_at,
    max(last_at) as last_at,
    min(first_ok_at) as first_ok_at,
    min(first_production_ok_at) as first_production_ok_at
from left_over
group by day, account_id
