-- One row per account and status that it was refused or failed with on the last day of data: how many calls, the route of most of them, and the last.
-- `side` is caller (4xx), throttled (429) or ours (5xx); they are never added. An account `is_failing` on a side where at least three of its calls
-- of that day, and one in five, ended there. Monitors, probes and tests of our own are left out.

with last_day as (
    select max(day) as day
    from account_day
    where day <= (select cast(as_of as date) from snapshot_info)
),

last_calls as (
    select day, caller_id, service, route, method, max(last_at) as last_at
    from usage_route_day
    join last_day using (day)
    group by all
),

routes as (
    select
        caller_account.account_id,
        caller_account.developer_node,
        failure_day.day,
        failure_day.status,
        failure_day.method,
        failure_day.route,
        failure_day.has_route,
        failure_day.sample_path,
        failure_day.calls,
        last_calls.last_at
    from failure_day
    join last_day using (day)
    join caller_account using (caller_id)
    join caller using (caller_id)
    anti join test_caller using (caller_id)
    anti join test_route on test_route.service = coalesce(failure_day.service, '') and test_route.route = failure_day.route
    left join last_calls on last_calls.caller_id = failure_day.caller_id
        and last_calls.service is not distinct from failure_day.service
        and last_calls.route = failure_day.route
        and last_calls.method is not distinct from failure_day.method
    where caller.surface = 'api' and failure_day.status between 400 and 599 and not starts_with(caller_account.account_id, 'nobody:')
),

statuses as (
    select
        account_id,
        day,
        status,
        case when status = 429 then 'throttled' when status < 500 then 'caller' else 'ours' end as side,
        cast(sum(calls) as bigint) as failed,
        arg_max(concat_ws(' ', method, if(has_route, route, sample_path)), (calls, route)) as route,
        arg_max(sample_path, (calls, route)) as sample_path,
        arg_max(developer_node, (calls, developer_node)) as developer_node,
        max(last_at) as route_last_at
    from routes
    group by account_id, day, status
),

days as (
    select account_id, calls, ok, last_at
    from onboarding_day
    join last_day using (day)
)

select
    statuses.account_id,
    statuses.day,
    statuses.side,
    statuses.status,
    statuses.failed,
    cast(sum(statuses.failed) over sides as bigint) as side_failed,
    cast(days.calls as bigint) as calls,
    cast(days.ok as bigint) as ok,
    statuses.route,
    statuses.sample_path,
    statuses.developer_node,
    -- the route's last call of the day, failed or not: the counts do not keep each status' own time
    least(statuses.route_last_at, days.last_at) as route_last_at,
    days.last_at as account_last_at,
    sum(statuses.failed) over sides >= 3 and 5 * sum(statuses.failed) over sides >= days.calls as is_failing
from statuses
join days using (account_id)
window sides as (partition by statuses.account_id, statuses.side)
