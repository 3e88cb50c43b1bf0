-- metric: account_months
-- label: Month by month
-- question: What did this account use, bring and cost each month?
-- unit: the reporting currency
-- grain: one row a month
-- good: -
-- definition: Calls and money of one account by month; money in the reporting currency, null where no source tells of it.
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
    sum(revenue_micros) / 1000000 as revenue,
    sum(infrastructure_cost_micros) / 1000000 as infrastructure_cost,
    sum(support_cost_micros) / 1000000 as support_cost,
    sum(outreach_cost_micros) / 1000000 as outreach_cost,
    sum(fee_cost_micros) / 1000000 as fee_cost,
    sum(contribution_micros) / 1000000 as contribution
from account_month
where account_id in (select account_id from account_alias where alias_id = $account)
group by month
order by month
