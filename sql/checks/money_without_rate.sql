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

select 'partner payment', partner_payment.source, partner_payment.id, partner_payment.currency, 'no rate for ' || partner_payment.currency
from partner_payment
left join fx_rate on fx_rate.currency = partner_payment.currency
    and cast(partner_payment.paid_at as date) >= fx_rate.valid_from
    and cast(partner_payment.paid_at as date) < fx_rate.valid_to
where fx_rate.rate is null

union all

select 'bill line', source, id, currency, unpriced_reason
from bill_line
where unpriced_reason is not null and status <> 'paid'

union all

select 'outreach', source, id, null, unpriced_reason
from outreach_cost
where cost_micros is null
