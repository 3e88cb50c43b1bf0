-- One row per movement at the biller that cost a fee: whose payment it was, and the fee in the reporting currency.
-- Fees that belong to no customer's payment have no account: they stay unallocated.

with moved as (
    select id, source, id as payment_id from payment
    union all
    select id, source, payment_id from refund
    union all
    select distinct id, source, payment_id from dispute
)

select
    raw_balance_fee.source,
    raw_balance_fee.id,
    cast(raw_balance_fee.created_at as date) as day,
    case when payment.customer_id is not null then coalesce(customer_account.account_id, 'nobody:public') end as account_id,
    lower(raw_balance_fee.currency) as currency,
    raw_balance_fee.fee as fee_minor,
    at_rate(in_micros(raw_balance_fee.fee, currency_unit.decimals), fx_rate.rate) as cost_micros,
    case when fx_rate.rate is null then 'no rate for ' || lower(raw_balance_fee.currency) end as unpriced_reason
from raw_balance_fee
left join moved on moved.source = raw_balance_fee.source and moved.id = raw_balance_fee.source_ref
left join payment on payment.source = moved.source and payment.id = moved.payment_id
left join customer_account on customer_account.source = payment.source and customer_account.customer_id = payment.customer_id
left join currency_unit on currency_unit.currency = lower(raw_balance_fee.currency)
left join fx_rate on fx_rate.currency = lower(raw_balance_fee.currency)
    and cast(raw_balance_fee.created_at as date) >= fx_rate.valid_from
    and cast(raw_balance_fee.created_at as date) < fx_rate.valid_to
where raw_balance_fee.fee <> 0
