-- materialise: table
-- One row per payment, with the bill that it paid. Newer billing APIs do not say which: there, the same customer, amount and day do.

with payments as (
    select
        source,
        id,
        customer_id,
        invoice_id,
        payment_intent_id,
        lower(status) as status,
        lower(currency) as currency,
        amount,
        created_at
    from raw_payment
),

guesses as (
    select
        payments.source,
        payments.id,
        arg_min(invoice.id, (abs(epoch(invoice.paid_at) - epoch(payments.created_at)), invoice.id)) as invoice_id
    from payments
    join invoice on
        invoice.source = payments.source
        and invoice.customer_id = payments.customer_id
        and invoice.currency = payments.currency
        and invoice.amount_paid = payments.amount
        and abs(epoch(invoice.paid_at) - epoch(payments.created_at)) <= 86400
    where payments.invoice_id is null and payments.status = 'succeeded'
    group by payments.source, payments.id
)

select payments.* replace (coalesce(payments.invoice_id, guesses.invoice_id) as invoice_id)
from payments
left join guesses using (source, id)
