-- metric: tier_board
-- label: Tier board
-- question: Who are the customers of each tier, what do they cost and bring, and where do they stall?
-- unit: rows
-- grain: one row a tier; always internal, partner, open, public
-- good: -
-- definition: Each account counts in the tier that it had on the day of the call or payment. A customer is a distinct account that
--   pays or runs something: at least one successful call, or a contract in force, in the period. (Many programs count developers
--   here; a developer is the integration point, not the customer.) Stalls are as of the snapshot's day, whatever the period.
--   With a service chosen, revenue and contribution are missing, because bills do not say for which API they are,
--   and cost to serve is that API's infrastructure only.
-- column tier: internal, partner, open or public
-- column customers: accounts with a successful call, or a contract in force, in the period
-- column organizations: those of the customers that are organizations, not single developers
-- column developers: people who belong to accounts of the tier today
-- column active_developers: developers with at least one successful call in the period
-- column calls: API calls in the period, those of unknown callers included
-- column ok_calls: API calls answered with 2xx or 3xx
-- column revenue: paid bills net of tax, refunds and lost disputes, by paid date, in the reporting currency; null for internal teams
-- column cost_to_serve: infrastructure + support + outreach + payment fees of the tier's accounts
-- column contribution: revenue − cost to serve
-- column contribution_before: the same in the period before
-- column cost_per_1000_ok: cost to serve for each 1,000 successful calls
-- column cost_per_1000_ok_before: the same in the period before
-- column entrants: accounts that reached the tier's first stage in the period
-- column stalled: accounts that have stood in their stage longer than three of four of those who moved on
-- column top_stage: the stage where most of them stand
-- column top_reason: the commonest reason in that stage
-- column top_reason_label: the reason in words
-- column top_stalled: how many stand in that stage
-- column top_days: median days that they have stood there
-- column value_at_risk: expected first-year revenue of the stalled accounts; null where too few have ever paid to tell
-- column never_called_share: share of the tier's signed-up accounts, 14 days old or more, that have never called

with periods as (
    select
        cast(coalesce($date_from, date '0001-01-01') as date) as since,
        cast(coalesce($date_to, date '9999-12-31') as date) as until,
        cast($before_from as date) as before_since,
        cast($before_to as date) as before_until
),

used as materialized (
    select
        tier,
        account_id,
        sum(calls) filter (where day >= since and day < until) as calls,
        sum(ok) filter (where day >= since and day < until) as ok,
        sum(ok) filter (where day >= before_since and day < before_until) as ok_before
    from account_usage_day
    cross join periods
    where surface = 'api' and ($service is null or service = $service) and day >= least(since, coalesce(before_since, since)) and day < until
    group by tier, account_id
),

calls as (
    select tier, sum(calls) as calls, sum(ok) as ok, sum(ok_before) as ok_before
    from used
    group by tier
),

contracts as (
    select distinct tier, account_id
    from contract_span
    cross join periods
    where contract_span.since < periods.until and contract_span.until >= periods.since and $service is null
),

customers as (
    select tier, count(*) as customers, count(*) filter (where kind = 'organization') as organizations
    from (
        select tier, account_id from used where ok > 0
        union
        select tier, account_id from contracts
    )
    join (select account_id, kind from account where kind <> 'nobody') using (account_id)
    group by tier
),

active as (
    select tier, count(distinct developer_node) as active_developers
    from developer_usage_day
    cross join periods
    where ok > 0 and day >= since and day < until and ($service is null or service = $service)
    group by tier
),

money as (
    select
        tier,
        sum(revenue_micros) filter (where day >= since and day < until) as revenue,
        sum(coalesce(infrastructure_cost_micros, 0) + coalesce(support_cost_micros, 0) + coalesce(outreach_cost_micros, 0)
            + coalesce(fee_cost_micros, 0)) filter (where day >= since and day < until) as cost,
        sum(revenue_micros) filter (where day >= before_since and day < before_until) as revenue_before,
        sum(coalesce(infrastructure_cost_micros, 0) + coalesce(support_cost_micros, 0) + coalesce(outreach_cost_micros, 0)
            + coalesce(fee_cost_micros, 0)) filter (where day >= before_since and day < before_until) as cost_before
    from account_money_day
    cross join periods
    where ($service is null or service = $service) and day >= least(since, coalesce(before_since, since)) and day < until
    group by tier
),

-- what no source tells is null, not 0
sums as (
    select
        tiers.tier,
        case when has_billing and tiers.tier <> 'internal' and $service is null then coalesce(revenue, 0) / 1000000 end as revenue,
        case when cost_is_known then coalesce(cost, 0) / 1000000 end as cost,
        case when has_billing and tiers.tier <> 'internal' and $service is null and before_since is not null
            then coalesce(revenue_before, 0) / 1000000 end as revenue_before,
        case when cost_is_known and before_since is not null then coalesce(cost_before, 0) / 1000000 end as cost_before
    from tier_today as tiers
    cross join money_known
    cross join periods
    left join money using (tier)
),

entrants as (
    select tier, count(*) as entrants
    from account_stage
    cross join periods
    where position = 1 and reached_at >= since and reached_at < until
    group by tier
)

select
    tiers.tier,
    coalesce(customers.customers, 0) as customers,
    coalesce(customers.organizations, 0) as organizations,
    tiers.developers,
    coalesce(active.active_developers, 0) as active_developers,
    cast(coalesce(calls.calls, 0) as bigint) as calls,
    cast(coalesce(calls.ok, 0) as bigint) as ok_calls,
    round(sums.revenue, 2) as revenue,
    round(sums.cost, 2) as cost_to_serve,
    case when $service is null then round(sums.revenue - sums.cost, 2) end as contribution,
    case when $service is null then round(sums.revenue_before - sums.cost_before, 2) end as contribution_before,
    round(sums.cost * 1000 / nullif(calls.ok, 0), 4) as cost_per_1000_ok,
    round(sums.cost_before * 1000 / nullif(calls.ok_before, 0), 4) as cost_per_1000_ok_before,
    coalesce(entrants.entrants, 0) as entrants,
    tiers.stalled,
    tiers.top_stage,
    tiers.top_reason,
    tiers.top_reason_label,
    tiers.top_stalled,
    round(tiers.top_days, 1) as top_days,
    round(tiers.value_at_risk_micros / 1000000, 2) as value_at_risk,
    tiers.never_called_share
from tier_today as tiers
left join customers using (tier)
left join active using (tier)
left join calls using (tier)
left join sums using (tier)
left join entrants using (tier)
order by tiers.place
