-- One row per refund that went through, and the payment that it gave back. The intent is asked where no payment is named; with that in the
-- join's condition by itself, DuckDB joins without keys where statistics know it to be false.

select
    raw_refund.source,
    raw_refund.id,
    coalesce(raw_refund.payment_id, payment.id) as payment_id,
    lower(raw_refund.currency) as currency,
    raw_refund.amount,
    raw_refund.balance_transaction_id,
    raw_refund.created_at
from raw_refund
left join payment on
    payment.source = raw_refund.source
    and payment.payment_intent_id = case when raw_refund.payment_id is null then raw_refund.payment_intent_id end
    and payment.status = 'succeeded'
where coalesce(lower(raw_refund.status), 'succeeded') = 'succeeded'
