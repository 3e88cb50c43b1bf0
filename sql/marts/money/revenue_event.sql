-- One row per paid bill and whatever took of it or gave back to it: credit note, refund, dispute, dispute won. What it brought or took, net
-- of tax, on its day, in its own currency and in the reporting one, with the rate used. What is given back holds tax as its bill does: only
-- the share of it that was ours counts. Null with the reason, never 0, where the currency has no rate.

with paid as (
    select source, id, customer_id, currency, net, total, paid_at
    from invoice
    where status = 'paid'
),

moved as (
    select 'refund' as kind, source, id, payment_id, currency, amount, created_at as occurred_at from refund
    union all
    select kind, source, id, payment_id, currency, amount, occurred_at from dispute
),

back as (
    select moved.kind, moved.source, moved.id, payment.invoice_id, moved.currency, moved.amount, moved.occurred_at
    from moved
    join payment on payment.source = moved.source and payment.id = moved.payment_id

    union all

    select 'credit note', source, id, invoice_id, currency, amount, created_at
    from credit_note
    where amount <> 0
),

events as (
    select 'invoice' as kind, source, id, id as invoice_id, customer_id, currency, net, paid_at as occurred_at
    from paid

    union all

    -- what was paid apart from any bill is not revenue here, so giving it back is none lost; nor is what is taken off a bill before it is paid
    select
        back.kind,
        back.source,
        back.id,
        paid.id,
        paid.customer_id,
        back.currency,
        -- half away from zero, in whole numbers
        case
            when coalesce(paid.total, 0) = 0 or paid.net = paid.total then - back.amount
            else - sign(back.amount) * sign(paid.net) * sign(paid.total)
                * ((2 * cast(abs(back.amount) as hugeint) * abs(paid.net) + abs(paid.total)) // (2 * abs(paid.total)))
        end,
        greatest(back.occurred_at, paid.paid_at)
    from back
    join paid on paid.source = back.source and paid.id = back.invoice_id
),

rated as (
    select events.*, fx_rate.rate, currency_unit.decimals
    from events
    left join currency_unit on currency_unit.currency = events.currency
    left join fx_rate on fx_rate.currency = events.currency
        and cast(events.occurred_at as date) >= fx_rate.valid_from
        and cast(events.occurred_at as date) < fx_rate.valid_to
)

select
    rated.kind,
    rated.source,
    rated.id,
    rated.invoice_id,
    rated.customer_id,
    coalesce(customer_account.account_id, 'nobody:public') as account_id,
    coalesce(customer_account.resolved, false) as resolved,
    cast(rated.occurred_at as date) as day,
    rated.occurred_at,
    rated.currency,
    cast(rated.net as bigint) as net_minor,
    rated.rate,
    at_rate(in_micros(rated.net, rated.decimals), rated.rate) as net_micros,
    case
        when rated.net is null then 'no amount on the bill'
        when rated.rate is null then 'no rate for ' || coalesce(rated.currency, 'an unnamed currency')
    end as unpriced_reason
from rated
left join customer_account on customer_account.source = rated.source and customer_account.customer_id = rated.customer_id
