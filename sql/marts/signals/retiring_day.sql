-- One row per day, thing to retire ([[retire]] of program.toml, by its position) and account that called it: how many calls, and how many were
-- answered. Callers that are monitors or tests of our own are left out.

with patterns as (
    select position, what, pattern
    from program_retire
),

named as (
    select patterns.position, routes.service, routes.route, routes.version
    from (select distinct service, route, version from account_route_day) as routes
    join patterns on case patterns.what
        when 'version' then lower(coalesce(routes.version, ''))
        when 'service' then lower(coalesce(routes.service, ''))
        when 'route' then lower(routes.route)
    end glob patterns.pattern
    group by all
),

agents as (
    select patterns.position, agents.agent, agents.version
    from (select distinct agent, version from agent_day where agent is not null) as agents
    join patterns on patterns.what = 'agent' and lower(concat_ws('/', agents.agent, agents.version)) glob patterns.pattern
    group by all
)

select account_route_day.day, named.position, account_route_day.account_id, cast(sum(calls) as bigint) as calls, cast(sum(ok) as bigint) as ok
from account_route_day
join named on named.service is not distinct from account_route_day.service and named.route = account_route_day.route
    and named.version is not distinct from account_route_day.version
group by account_route_day.day, named.position, account_route_day.account_id

union all

select agent_day.day, agents.position, caller_account.account_id, cast(sum(agent_day.calls) as bigint), cast(sum(agent_day.ok) as bigint)
from agent_day
join agents on agents.agent = agent_day.agent and agents.version is not distinct from agent_day.version
join caller using (caller_id)
join caller_account using (caller_id)
anti join test_caller using (caller_id)
where caller.surface = 'api'
group by agent_day.day, agents.position, caller_account.account_id
