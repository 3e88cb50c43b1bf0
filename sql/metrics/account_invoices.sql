-- metric: account_invoices
-- label: Bills
-- question: What were they charged, and what of it was ours?
-- unit: rows
-- grain: one row a bill of the account
-- good: -
-- definition: Net revenue is the paid total without tax, minus refunds and lost disputes of the same bill, in the reporting
--   currency at the rate of each day; null where the currency has no rate or the bill is not paid.
-- column number: the bill's number
-- column status: open, paid or uncollectible
-- column total: as billed, minor units of its own currency, with tax
-- column currency: of the total
-- column net_revenue: what was ours, in the reporting currency

with net as (
    select source, invoice_id, case when count(*) = count(net_micros) then sum(net_micros) end as net_micros
    from revenue_event
    group by source, invoice_id
)

select
    coalesce(invoice.number, invoice.id) as number,
    invoice.status,
    invoice.total,
    invoice.currency,
    invoice.created_at,
    invoice.paid_at,
    net.net_micros / 1000000 as net_revenue
from invoice
join customer_account on customer_account.source = invoice.source and customer_account.customer_id = invoice.customer_id
left join net on net.source = invoice.source and net.invoice_id = invoice.id
where customer_account.account_id in (select account_id from account_alias where alias_id = $account)
order by invoice.created_at desc
