-- check: flow_ties_out
-- question: Does each flow begin with what the one before ended with, and end with as many accounts in each state as there were?
-- severity: error

with flows as (
    select account_state_flow.*, periods.period_to, periods.period_to = max(periods.period_to) over (partition by grain) as latest
    from account_state_flow
    join account_state_period as periods using (grain, period_from)
),

-- a period's end is the next one's start: what is in a state there, once from either side
seams as (
    select dimension, grain, period_to as day, to_state as state, accounts from flows where not latest
    union all
    select dimension, grain, period_from, from_state, - accounts from flows where from_state <> 'not there yet'
),

-- the same states counted from the spans, at the end of each month and of the latest week
ends as (
    select dimension, grain, period_to as day, to_state as state, accounts from flows where grain = 'month' or latest

    union all

    select account_state.dimension, periods.grain, periods.period_to, account_state.state, -1
    from account_state_period as periods
    join account_state on account_state.valid_from < periods.period_to and coalesce(account_state.valid_to >= periods.period_to, true)
    where periods.grain = 'month' or periods.period_to = (select max(period_to) from account_state_period where grain = 'week')
)

select dimension, grain, day, state, sum(accounts) as too_many, 'the next one begins with another number' as why
from seams
group by all
having sum(accounts) <> 0

union all

select dimension, grain, day, state, sum(accounts), 'the spans give another number'
from ends
group by all
having sum(accounts) <> 0
