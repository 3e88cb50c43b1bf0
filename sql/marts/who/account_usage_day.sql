-- One row per day, account, service, surface and environment: calls as they were counted, the tier as it was on that day.

select
    usage_day.day,
    usage_day.account_id,
    account_tier.tier,
    usage_day.service,
    usage_day.surface,
    usage_day.environment,
    cast(sum(usage_day.calls) as bigint) as calls,
    cast(sum(usage_day.ok) as bigint) as ok,
    cast(sum(usage_day.client_errors) as bigint) as client_errors,
    cast(sum(usage_day.server_errors) as bigint) as server_errors,
    cast(sum(usage_day.no_status) as bigint) as no_status,
    cast(sum(usage_day.refused_auth) as bigint) as refused_auth,
    cast(sum(usage_day.refused_quota) as bigint) as refused_quota,
    cast(sum(usage_day.refused_rate_limit) as bigint) as refused_rate_limit,
    cast(sum(usage_day.refused_validation) as bigint) as refused_validation,
    cast(sum(usage_day.refused_no_route) as bigint) as refused_no_route,
    cast(sum(usage_day.refused_upstream) as bigint) as refused_upstream,
    cast(sum(usage_day.client_gone) as bigint) as client_gone,
    cast(sum(usage_day.writes) as bigint) as writes,
    cast(sum(usage_day.writes_ok) as bigint) as writes_ok,
    cast(sum(usage_day.request_bytes) as bigint) as request_bytes,
    cast(sum(usage_day.response_bytes) as bigint) as response_bytes,
    cast(sum(round(usage_day.compute_ms * 1000)) as bigint) / 1000 as compute_ms,
    min(usage_day.first_at) as first_at,
    max(usage_day.last_at) as last_at,
    min(usage_day.first_ok_at) as first_ok_at
from caller_usage_day as usage_day
join account_tier on account_tier.account_id = usage_day.account_id
    and usage_day.day >= account_tier.covers_from
    and usage_day.day < account_tier.covers_to
group by all
order by usage_day.day
