-- One row per day, account, service, program and version by which it called an API. Calls of monitors and of our own tests are left out.

select
    agent_day.day,
    caller_account.account_id,
    agent_day.service,
    agent_day.agent,
    agent_day.version,
    cast(sum(agent_day.calls) as bigint) as calls
from agent_day
join caller using (caller_id)
join caller_account using (caller_id)
anti join test_caller using (caller_id)
where caller.surface = 'api'
group by all
order by agent_day.day
