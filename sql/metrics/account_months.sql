-- metric: account_months
-- label: Month by month
-- question: What did this account use, bring and cost each month?
-- unit: micros
-- grain: one row a month
-- good: -
-- definition: Calls and money of one account by month; money in micros of the reporting currency, null where no source tells of it.
-- column month: first day of the month, UTC
-- column calls: API calls
-- column ok: answered with 2xx or 3xx
-- column refusals: refused for credentials, quota, rate, validity or a path without a route
-- column revenue: paid bills net of tax, refunds and lost disputes
-- column infrastructure_cost: its share of the cloud bill
-- column support_cost: handling minutes × rate
-- column outreach_cost: its share of the outreach that brought it
-- column fee_cost: payment fees as charged
-- column contribution: revenue − costs

select
    month,
    cast(sum(calls) as bigint) as calls,
    cast(sum(ok) as bigint) as ok,
    cast(sum(refusals) as bigint) as refusals,
    cast(sum(revenue_micros) as bigint) as revenue,
    cast(sum(infrastructure_cost_micros) as bigint) as infrastructure_cost,
    cast(sum(support_cost_micros) as bigint) as support_cost,
    cast(sum(outreach_cost_micros) as bigint) as outreach_cost,
    cast(sum(fee_cost_micros) as bigint) as fee_cost,
    cast(sum(contribution_micros) as bigint) as contribution
from account_month
where account_id in (select account_id from account_alias where alias_id = $account)
group by month
order by month
