-- metric: contribution_by_month
-- label: Contribution by month
-- question: Is it getting better?
-- unit: the reporting currency
-- grain: one row a month and tier
-- good: up
-- definition: Revenue, cost to serve and contribution by UTC month, in the reporting currency, in the tier that accounts had then.
-- column month: first day of the month, UTC
-- column tier: internal, partner, open or public
-- column revenue: null for internal teams and without a billing source
-- column cost_to_serve: infrastructure + support + outreach + fees; null without a cloud bill
-- column contribution: revenue − cost to serve

select
    month,
    tier,
    sum(revenue_micros) / 1000000 as revenue,
    sum(cost_to_serve_micros) / 1000000 as cost_to_serve,
    sum(contribution_micros) / 1000000 as contribution
from account_month
where ($tier is null or tier = $tier)
    and ($date_from is null or month >= date_trunc('month', cast($date_from as date)))
    and ($date_to is null or month < cast($date_to as date))
group by month, tier
order by month, tier
