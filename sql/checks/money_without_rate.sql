-- check: money_without_rate
-- question: Is there money in a currency that program.toml has no rate for?
-- severity: warn

select 'revenue' as what, source, id, currency, unpriced_reason
from revenue_event
where net_micros is null

union all

select 'payment fee', source, id, currency, unpriced_reason
from fee_day
where cost_micros is null

union all

select 'cloud bill', source, id, currency, unpriced_reason
from cost_entry
where cost_micros is null

union all

select 'outreach', source, id, null, unpriced_reason
from outreach_cost
where cost_micros is null
