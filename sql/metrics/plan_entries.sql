-- metric: plan_entries
-- label: What is planned
-- question: What was planned for each tier and month?
-- unit: the reporting currency
-- grain: one row a month, tier and line
-- good: -
-- definition: The plan as variances use it: what was typed in on the Contribution page before what a sheet says, the newest of each.
-- column month: first day of the month
-- column tier: internal, partner, open or public
-- column line: revenue, infrastructure, support, outreach, fees, cost_to_serve or contribution
-- column plan: the amount; null where its currency has no rate

select month, tier, line, plan_micros / 1000000 as plan
from plan_line
where ($tier is null or tier = $tier)
order by month desc, tier, line
