-- metric: flow
-- label: Flow between states
-- question: How many accounts moved between buckets, tiers or rungs of the ladder, week by week or month by month?
-- unit: accounts
-- grain: one row a dimension, week or month, state at its start and state at its end
-- good: -
-- definition: Each account by its state at the end of the day before the period (its start) and at the end of the period's last day. Who was in no
--   source before is "not there yet", so the rows of a period add up to all accounts at its end, and the rows of one first state to those who
--   were in it. Weeks are ISO weeks of UTC days; the period in which the snapshot ends is not finished. A tier chosen is that of today. Calls
--   of nobody are no account here, and what no source dates has a tier and a rung but no bucket.
-- column dimension: bucket, tier or ladder
-- column grain: week or month
-- column period_from: its first UTC day
-- column period_to: the first UTC day after it
-- column finished: whether it was over when the data end
-- column from_state: the state at its start, or not there yet
-- column to_state: the state at its end
-- column accounts: how many accounts went that way, or stayed

select
    flows.dimension,
    flows.grain,
    flows.period_from,
    periods.period_to,
    periods.finished,
    flows.from_state,
    flows.to_state,
    cast(sum(flows.accounts) as bigint) as accounts
from account_state_flow as flows
join account_state_period as periods using (grain, period_from)
where ($dimension is null or flows.dimension = $dimension)
    and ($grain is null or flows.grain = $grain)
    and ($tier is null or flows.account_tier = $tier)
    and ($date_from is null or periods.period_to > cast($date_from as date))
    and ($date_to is null or periods.period_from < cast($date_to as date))
    and ($period_from is null or flows.period_from = cast($period_from as date))
    and ($from_state is null or flows.from_state = $from_state)
    and ($to_state is null or flows.to_state = $to_state)
group by all
order by flows.dimension, flows.grain, flows.period_from, flows.from_state, flows.to_state
