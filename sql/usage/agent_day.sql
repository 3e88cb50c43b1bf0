-- rollup: agent_day
-- partition: day
-- grain: one row a day, caller, service, agent and version
-- definition: With which programs each caller called: the SDK, HTTP library or browser that the user agent begins with, and its version.
--   Both are null where the log has no user agent.
select
    day,
    caller_id,
    service,
    agent_name(user_agent) as agent,
    agent_version(user_agent) as version,
    sum(calls) as calls,
    sum(ok) as ok
from (
    select
        day,
        caller_id,
        service,
        user_agent,
        count(*) as calls,
        count(case when outcome = 'ok' then 1 end) as ok
    from request
    group by day, caller_id, service, user_agent
) as used
group by day, caller_id, service, agent_name(user_agent), agent_version(user_agent)
