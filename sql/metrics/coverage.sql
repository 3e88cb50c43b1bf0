-- metric: coverage
-- label: Identity coverage
-- question: How much of the traffic, the people and the money has a name?
-- unit: share
-- grain: one row
-- good: up
-- definition: Calls resolve when their caller belongs to an account; developers when they belong to an organization; revenue when its
--   customer is tied to a developer, application, contract or organization, not to a bill alone. The rest is a row of its own
--   everywhere and is never spread over the others.
-- column calls: API calls in the period
-- column calls_resolved: of them, calls whose caller belongs to an account
-- column calls_share: calls resolved ÷ calls
-- column developers: people who signed up
-- column developers_resolved: of them, those who belong to an organization
-- column revenue: net revenue of the period, in the reporting currency; null without a billing source
-- column revenue_resolved: of it, from customers who are tied to what they use
-- column unpriced: bills, refunds and disputes without a currency rate, which are in neither sum

with calls as (
    select
        cast(coalesce(sum(calls), 0) as bigint) as calls,
        cast(coalesce(sum(calls) filter (where not starts_with(account_id, 'nobody:')), 0) as bigint) as resolved
    from account_usage_day
    where surface = 'api'
        and ($date_from is null or day >= cast($date_from as date))
        and ($date_to is null or day < cast($date_to as date))
),

people as (
    select count(*) as developers, count(*) filter (where starts_with(account_id, 'org:')) as resolved
    from developer_account
),

revenue as (
    select
        sum(net_micros) as revenue,
        sum(net_micros) filter (where resolved) as resolved,
        count(*) filter (where net_micros is null) as unpriced
    from revenue_event
    where ($date_from is null or day >= cast($date_from as date))
        and ($date_to is null or day < cast($date_to as date))
)

select
    calls.calls,
    calls.resolved as calls_resolved,
    calls.resolved / nullif(calls.calls, 0) as calls_share,
    people.developers,
    people.resolved as developers_resolved,
    case when money_known.has_billing then coalesce(revenue.revenue, 0) / 1000000 end as revenue,
    case when money_known.has_billing then coalesce(revenue.resolved, 0) / 1000000 end as revenue_resolved,
    revenue.unpriced
from calls
cross join people
cross join revenue
cross join money_known
