-- One row per refund that went through, and the payment that it gave back.

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
    raw_refund.payment_id is null
    and payment.source = raw_refund.source
    and payment.payment_intent_id = raw_refund.payment_intent_id
    and payment.status = 'succeeded'
where coalesce(lower(raw_refund.status), 'succeeded') = 'succeeded'
