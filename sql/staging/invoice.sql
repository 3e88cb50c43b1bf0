-- One row per bill that was paid or is still owed: `net` is what is ours, without tax; refunds and disputes come apart.

with taxes as (
    select line.source, line.invoice_id, sum(line.tax) as tax
    from raw_invoice_line as line
    join raw_invoice on raw_invoice.source = line.source and raw_invoice.id = line.invoice_id
    where raw_invoice.tax is null
    group by line.source, line.invoice_id
)

select
    raw_invoice.source,
    raw_invoice.id,
    raw_invoice.number,
    raw_invoice.customer_id,
    raw_invoice.subscription_id,
    lower(raw_invoice.status) as status,
    lower(raw_invoice.currency) as currency,
    raw_invoice.total,
    coalesce(raw_invoice.tax, taxes.tax, 0) as tax,
    raw_invoice.total - coalesce(raw_invoice.tax, taxes.tax, 0) as net,
    raw_invoice.amount_paid,
    raw_invoice.created_at,
    raw_invoice.finalized_at,
    case
        when lower(raw_invoice.status) = 'paid' then coalesce(raw_invoice.paid_at, raw_invoice.finalized_at, raw_invoice.created_at)
    end as paid_at,
    raw_invoice.period_started_at,
    raw_invoice.period_ends_at
from raw_invoice
left join taxes on taxes.source = raw_invoice.source and taxes.invoice_id = raw_invoice.id
where coalesce(lower(raw_invoice.status), '') <> 'void'
