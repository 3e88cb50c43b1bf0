-- One row per credit note in force: what was taken back of a bill apart from what its refunds give back, and the tax in it.

select
    source,
    id,
    number,
    invoice_id,
    customer_id,
    lower(currency) as currency,
    total,
    tax,
    greatest(total - coalesce(refunded, 0), 0) as amount,
    created_at
from raw_credit_note
where coalesce(lower(status), 'issued') <> 'void'
