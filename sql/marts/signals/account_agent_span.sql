-- materialise: view
-- One row per span (`days` of them from `since` on: a day, or a week from its Monday), account, service, program and version. Every call is in a day and in
-- a week: who asks for a period takes the spans that `is_span_of` says.

select since, days, account_id, service, agent, version, calls, last_day
from (
    select *, week as since, 7 as days
    from account_agent_week

    union all by name

    select *, day as since, 1 as days, day as last_day
    from account_agent_day
)
