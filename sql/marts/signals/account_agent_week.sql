-- One row per week (from its Monday), account, service, program and version: the days of `account_agent_day` added up, so that a long period is quickly
-- asked for. `last_day` is the last of them.

select
    cast(date_trunc('week', day) as date) as week,
    account_id,
    service,
    agent,
    version,
    cast(sum(calls) as bigint) as calls,
    max(day) as last_day
from account_agent_day
group by all
order by week
