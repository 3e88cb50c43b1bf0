-- One row per line of a bill: `net` is what is ours, after discounts and without tax. Lines of void bills and drafts are here, too.

select
    raw_invoice_line.source,
    raw_invoice_line.id,
    raw_invoice_line.invoice_id,
    raw_invoice_line.subscription_id,
    raw_invoice_line.subscription_item_id,
    raw_invoice_line.price_id,
    raw_invoice_line.description,
    lower(coalesce(raw_invoice_line.currency, raw_invoice.currency)) as currency,
    raw_invoice_line.quantity,
    raw_invoice_line.amount,
    coalesce(raw_invoice_line.discount, 0) as discount,
    raw_invoice_line.discounts,
    case when raw_invoice_line.tax_inclusive then coalesce(raw_invoice_line.tax, 0) else 0 end as tax_inside,
    raw_invoice_line.amount - coalesce(raw_invoice_line.discount, 0)
        - case when raw_invoice_line.tax_inclusive then coalesce(raw_invoice_line.tax, 0) else 0 end as net,
    coalesce(raw_invoice_line.proration, false) as proration,
    raw_invoice.customer_id,
    lower(raw_invoice.status) as status,
    coalesce(raw_invoice.finalized_at, raw_invoice.created_at) as billed_at,
    coalesce(raw_invoice_line.period_started_at, raw_invoice.period_started_at, raw_invoice.created_at) as starts_at,
    coalesce(raw_invoice_line.period_ends_at, raw_invoice_line.period_started_at, raw_invoice.period_ends_at, raw_invoice.created_at)
        as ends_at
from raw_invoice_line
join raw_invoice on raw_invoice.source = raw_invoice_line.source and raw_invoice.id = raw_invoice_line.invoice_id
