-- metric: revenue_events
-- label: Bills and what was given back
-- question: Which bills, refunds and disputes make up the revenue?
-- unit: the reporting currency
-- grain: one row a paid bill, credit note, refund or movement of a dispute in the period
-- good: up
-- definition: Every event of collected revenue with its bill, its own currency and the rate used. Their sum is the revenue of the period, except for those
--   in a currency without a rate, which are counted and not added.
-- column occurred_at: when, UTC
-- column kind: invoice, credit note, refund, dispute or dispute won
-- column account_id: the account that pays
-- column name: its name
-- column tier: its tier on that day
-- column number: the bill's number
-- column invoice_id: the biller's id of the bill
-- column customer_id: the biller's id of the customer
-- column source: the biller
-- column own_amount: net of tax in its own currency, whole units
-- column currency: that currency
-- column rate: reporting currency for one unit on that day
-- column amount: net of tax in the reporting currency
-- column unpriced_reason: why there is none

select
    revenue_event.occurred_at,
    revenue_event.kind,
    revenue_event.account_id,
    account.name,
    coalesce(account_tier.tier, 'public') as tier,
    invoice.number,
    revenue_event.invoice_id,
    revenue_event.customer_id,
    revenue_event.source,
    revenue_event.net_minor / pow(10, coalesce(currency_unit.decimals, 2)) as own_amount,
    revenue_event.currency,
    cast(revenue_event.rate as double) as rate,
    revenue_event.net_micros / 1000000 as amount,
    revenue_event.unpriced_reason
from revenue_event
left join account using (account_id)
left join account_tier on account_tier.account_id = revenue_event.account_id
    and revenue_event.day >= account_tier.covers_from and revenue_event.day < account_tier.covers_to
left join invoice on invoice.source = revenue_event.source and invoice.id = revenue_event.invoice_id
left join currency_unit on currency_unit.currency = revenue_event.currency
where ($tier is null or coalesce(account_tier.tier, 'public') = $tier)
    and ($account is null or revenue_event.account_id = $account)
    and ($date_from is null or revenue_event.day >= cast($date_from as date))
    and ($date_to is null or revenue_event.day < cast($date_to as date))
order by revenue_event.occurred_at desc, revenue_event.kind, revenue_event.source, revenue_event.id
