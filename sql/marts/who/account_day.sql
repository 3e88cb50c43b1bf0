-- One row per day and account that called an API: what onboarding looks at, services and environments together.

select
    day,
    account_id,
    cast(sum(calls) as bigint) as calls,
    cast(sum(ok) as bigint) as ok,
    cast(sum(client_errors) as bigint) as client_errors,
    cast(sum(server_errors) as bigint) as server_errors,
    cast(sum(refused_auth) as bigint) as refused_auth,
    cast(sum(refused_quota + refused_rate_limit) as bigint) as refused_quota,
    cast(sum(refused_validation) as bigint) as refused_validation,
    cast(sum(refused_no_route) as bigint) as refused_no_route,
    min(first_at) as first_at,
    max(last_at) as last_at,
    min(first_ok_at) as first_ok_at,
    min(first_ok_at) filter (where environment = 'production') as first_production_ok_at
from account_usage_day
where surface = 'api'
group by day, account_id
