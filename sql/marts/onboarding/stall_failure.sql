-- One row per account, moment of stall_moment and kind of failure in its window: how many calls, and of the route and status of most of them
-- what they are and a path as it may be shown. Kinds are auth, quota, error, unmatched, not_found and invalid.
-- A 404 on a known route means that a thing is not there (not_found). It counts as unmatched where no route matched; where the route was
-- found by its prefix and answers nobody under a path of this length; and where it has answered nobody, and three have tried.

with answered as (
    select service, route, method, depth
    from route_depth_day
    where surface = 'api'
    group by all
),

answering as (
    select distinct service, route, method
    from answered
),

tried as (
    select service, route, method, count(distinct caller_id) as callers
    from failure_day
    where has_route and status = 404
    group by service, route, method
),

failures as (
    select
        caller_account.account_id,
        failure_day.day,
        failure_day.route,
        failure_day.has_route,
        failure_day.method,
        failure_day.status,
        failure_day.calls,
        failure_day.sample_path,
        failure_day.refusal,
        failure_day.status = 404 or coalesce(failure_day.refusal = 'no_route', false) as is_404,
        case
            when answered.depth is not null then true
            when not failure_day.has_route or answering.is_there then false
            else coalesce(tried.callers, 0) < 3
        end as is_path
    from failure_day
    join caller_account using (caller_id)
    join caller using (caller_id)
    anti join test_caller using (caller_id)
    anti join test_route on test_route.service = coalesce(failure_day.service, '') and test_route.route = failure_day.route
    left join answered on answered.service is not distinct from failure_day.service
        and answered.route is not distinct from failure_day.route
        and answered.method is not distinct from failure_day.method
        and answered.depth = failure_day.depth
    left join (select *, true as is_there from answering) as answering on answering.service is not distinct from failure_day.service
        and answering.route is not distinct from failure_day.route
        and answering.method is not distinct from failure_day.method
    left join tried on tried.service is not distinct from failure_day.service
        and tried.route is not distinct from failure_day.route
        and tried.method is not distinct from failure_day.method
    where caller.surface = 'api'
),

kinds as (
    select
        account_id,
        day,
        case
            when refusal = 'auth' then 'auth'
            when refusal in ('quota', 'rate_limit') then 'quota'
            when status in (405, 501) then 'unmatched'
            when is_404 then if(is_path, 'not_found', 'unmatched')
            when refusal = 'validation' then 'invalid'
            when status between 500 and 599 then 'error'
        end as kind,
        concat_ws(' ', method, if(has_route, route, shown_path(route))) as route,
        status,
        sum(calls) as calls,
        coalesce(sum(calls) filter (where status = 501), 0) as not_implemented,
        coalesce(sum(calls) filter (where refusal = 'no_route' and is_path), 0) as without_route,
        min(sample_path) as sample_path
    from failures
    group by all
),

routes as (
    select
        stall_day.account_id,
        stall_day.moment,
        kinds.kind,
        kinds.route,
        kinds.status,
        sum(kinds.calls) as calls,
        sum(kinds.not_implemented) as not_implemented,
        sum(kinds.without_route) as without_route,
        min(kinds.sample_path) as sample_path
    from stall_day
    join kinds using (account_id, day)
    where kinds.kind is not null
    group by stall_day.account_id, stall_day.moment, kinds.kind, kinds.route, kinds.status
)

select
    account_id,
    moment,
    kind,
    calls,
    not_implemented,
    without_route,
    nullif(most.route, '') as route,
    most.status as status,
    most.calls as route_calls,
    -- masked once more: the count may be older than today's masks
    shown_path(most.sample_path) as sample_path
from (
    select
        account_id,
        moment,
        kind,
        cast(sum(calls) as bigint) as calls,
        cast(sum(not_implemented) as bigint) as not_implemented,
        cast(sum(without_route) as bigint) as without_route,
        -- as one value: arg_max would pass over a null
        arg_max(
            struct_pack(route := route, status := status, calls := cast(calls as bigint), sample_path := sample_path),
            (calls, route, coalesce(status, 0))
        ) as most
    from routes
    group by account_id, moment, kind
)
