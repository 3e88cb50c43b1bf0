-- One row per paid bill, refund and lost dispute: what it brought or took, net of tax, on its day, in both currencies.
-- A refund gives back tax too: only the share of it that was ours counts. No rate for the currency: null with the reason, never 0.

with paid as (
    select source, id, customer_id, currency, net, total, paid_at
    from invoice
    where status = 'paid'
),

back as (
    select 'refund' as kind, source, id, payment_id, currency, amount, created_at from refund
    union all
    select 'dispute', source, id, payment_id, currency, amount, created_at from dispute
),

events as (
    select 'invoice' as kind, source, id, id as invoice_id, customer_id, currency, cast(net as double) as net, paid_at as occurred_at
    from paid

    union all

    -- what was paid apart from any bill is not revenue here, so giving it back is none lost
    select
        back.kind,
        back.source,
        back.id,
        paid.id,
        paid.customer_id,
        back.currency,
        - round(cast(back.amount as double) * coalesce(paid.net / nullif(paid.total, 0), 1)),
        back.created_at
    from back
    join payment on payment.source = back.source and payment.id = back.payment_id
    join paid on paid.source = payment.source and paid.id = payment.invoice_id
)

select
    events.kind,
    events.source,
    events.id,
    events.invoice_id,
    events.customer_id,
    coalesce(customer_account.account_id, 'nobody:public') as account_id,
    coalesce(customer_account.resolved, false) as resolved,
    cast(events.occurred_at as date) as day,
    events.occurred_at,
    events.currency,
    cast(events.net as bigint) as net_minor,
    cast(round(events.net * (1000000 / pow(10, coalesce(currency_unit.decimals, 2))) * fx_rate.rate) as bigint) as net_micros,
    case
        when events.net is null then 'no amount on the bill'
        when fx_rate.rate is null then 'no rate for ' || coalesce(events.currency, 'an unnamed currency')
    end as unpriced_reason
from events
left join customer_account on customer_account.source = events.source and customer_account.customer_id = events.customer_id
left join currency_unit on currency_unit.currency = events.currency
left join fx_rate on fx_rate.currency = events.currency
    and cast(events.occurred_at as date) >= fx_rate.valid_from
    and cast(events.occurred_at as date) < fx_rate.valid_to
