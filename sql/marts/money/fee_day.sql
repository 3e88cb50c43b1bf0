-- One row per movement at the biller that cost a fee: whose payment it was, and the fee in the reporting currency.
-- A movement that is itself a fee (what the biller charges for its own software, interchange) costs what it takes.
-- Fees that belong to no customer's payment have no account: they stay unallocated.

with fees as (
    select
        *,
        coalesce(fee, 0)
            - case when kind in ('fee', 'stripe_fee', 'stripe_fx_fee', 'tax_fee', 'network_cost') then coalesce(amount, 0) else 0 end as fee_minor
    from raw_balance_fee
),

moved as (
    select id, source, id as payment_id from payment
    union all
    select id, source, payment_id from refund
    union all
    select distinct id, source, payment_id from dispute
)

select
    fees.source,
    fees.id,
    cast(fees.created_at as date) as day,
    case when payment.customer_id is not null then coalesce(customer_account.account_id, 'nobody:public') end as account_id,
    lower(fees.currency) as currency,
    fees.fee_minor,
    at_rate(in_micros(fees.fee_minor, currency_unit.decimals), fx_rate.rate) as cost_micros,
    case when fx_rate.rate is null then 'no rate for ' || lower(fees.currency) end as unpriced_reason
from fees
left join moved on moved.source = fees.source and moved.id = fees.source_ref
left join payment on payment.source = moved.source and payment.id = moved.payment_id
left join customer_account on customer_account.source = payment.source and customer_account.customer_id = payment.customer_id
left join currency_unit on currency_unit.currency = lower(fees.currency)
left join fx_rate on fx_rate.currency = lower(fees.currency)
    and cast(fees.created_at as date) >= fx_rate.valid_from
    and cast(fees.created_at as date) < fx_rate.valid_to
where fees.fee_minor <> 0
