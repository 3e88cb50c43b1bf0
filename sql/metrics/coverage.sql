-- metric: coverage
-- label: Identity coverage
-- question: How much of the traffic, the people and the money belongs to a known organization?
-- unit: share
-- grain: one row
-- good: up
-- definition: Calls, developers and revenue resolve when their account is an organization that more than a bill tells of. Calls have a name already
--   when they belong to one person. The rest is a row of its own everywhere, each with why, and is never spread over the others.
-- column calls: API calls in the period
-- column calls_named: of them, calls whose caller belongs to an account, of an organization or a person
-- column calls_resolved: of them, calls of an organization
-- column calls_share: calls resolved ÷ calls
-- column developers: people who signed up
-- column developers_resolved: of them, those who belong to an organization
-- column revenue: net revenue of the period, in the reporting currency; null without a billing source
-- column revenue_resolved: of it, that of organizations that more than a bill tells of
-- column unpriced: bills, refunds and disputes without a currency rate, which are in neither sum

with known as (
    select account_id
    from account_coverage
    where resolved
),

used as (
    select account_id, sum(calls) as calls
    from account_usage_day
    where surface = 'api'
        and ($date_from is null or day >= cast($date_from as date))
        and ($date_to is null or day < cast($date_to as date))
    group by account_id
),

calls as (
    select
        cast(coalesce(sum(used.calls), 0) as bigint) as calls,
        cast(coalesce(sum(used.calls) filter (where not starts_with(used.account_id, 'nobody:')), 0) as bigint) as named,
        cast(coalesce(sum(used.calls) filter (where known.account_id is not null), 0) as bigint) as resolved
    from used
    left join known using (account_id)
),

people as (
    select count(*) as developers, count(known.account_id) as resolved
    from developer_account
    left join known using (account_id)
),

revenue as (
    select
        sum(revenue_event.net_micros) as revenue,
        sum(revenue_event.net_micros) filter (where known.account_id is not null) as resolved,
        count(*) filter (where revenue_event.net_micros is null) as unpriced
    from revenue_event
    left join known using (account_id)
    where ($date_from is null or revenue_event.day >= cast($date_from as date))
        and ($date_to is null or revenue_event.day < cast($date_to as date))
)

select
    calls.calls,
    calls.named as calls_named,
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
