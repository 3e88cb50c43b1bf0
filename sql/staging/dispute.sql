-- One row per payment that the payer's bank took back for good. Inquiries and disputes still open have cost nothing yet.

select
    raw_dispute.source,
    raw_dispute.id,
    coalesce(raw_dispute.payment_id, payment.id) as payment_id,
    lower(raw_dispute.currency) as currency,
    raw_dispute.amount,
    raw_dispute.created_at
from raw_dispute
left join payment on
    raw_dispute.payment_id is null
    and payment.source = raw_dispute.source
    and payment.payment_intent_id = raw_dispute.payment_intent_id
    and payment.status = 'succeeded'
where lower(raw_dispute.status) = 'lost'
