-- rollup: usage_day
-- partition: day
-- grain: one row a day, caller, environment and service
-- definition: How much each caller used each service: calls = ok + client_errors + server_errors + no_status, each refusal
--   by its reason, writes, bytes, compute time (upstream time, or the whole time where the log gives no other; null where
--   it gives neither), first and last times, distinct routes and addresses. Times are added as
--   whole microseconds, so that the sum does not depend on the order.
select
    day,
    caller_id,
    source,
    surface,
    environment,
    service,
    count(*) as calls,
    count(case when outcome = 'ok' then 1 end) as ok,
    count(case when outcome = 'client_error' then 1 end) as client_errors,
    count(case when outcome = 'server_error' then 1 end) as server_errors,
    count(case when outcome = 'other' then 1 end) as no_status,
    count(case when refusal = 'auth' then 1 end) as refused_auth,
    count(case when refusal = 'quota' then 1 end) as refused_quota,
    count(case when refusal = 'rate_limit' then 1 end) as refused_rate_limit,
    count(case when refusal = 'validation' then 1 end) as refused_validation,
    count(case when refusal = 'no_route' then 1 end) as refused_no_route,
    count(case when refusal = 'upstream' then 1 end) as refused_upstream,
    count(case when refusal = 'client_gone' then 1 end) as client_gone,
    count(case when is_write = 1 then 1 end) as writes,
    count(case when is_write = 1 and outcome = 'ok' then 1 end) as writes_ok,
    cast(sum(request_bytes) as bigint) as request_bytes,
    cast(sum(response_bytes) as bigint) as response_bytes,
    sum(cast(round(coalesce(upstream_latency_ms, latency_ms) * 1000) as bigint)) / 1000.0 as compute_ms,
    min(occurred_at) as first_at,
    max(occurred_at) as last_at,
    min(case when outcome = 'ok' then occurred_at end) as first_ok_at,
    min(case when outcome = 'ok' and is_write = 1 then occurred_at end) as first_write_ok_at,
    count(distinct route) as distinct_routes,
    count(distinct client_ip) as distinct_ips
from request
group by day, caller_id, source, surface, environment, service
