-- One row per movement of a dispute: the bank takes the payment when it opens one and gives it back when it is won. Inquiries move nothing.
-- Where no date of a movement is known: a lost one was taken when it began, any other moved nothing yet.

with disputes as (
    select
        raw_dispute.source,
        raw_dispute.id,
        coalesce(raw_dispute.payment_id, payment.id) as payment_id,
        lower(raw_dispute.status) as status,
        lower(raw_dispute.currency) as currency,
        raw_dispute.amount,
        coalesce(
            raw_dispute.withdrawn_at, raw_dispute.reinstated_at, case when lower(raw_dispute.status) = 'lost' then raw_dispute.created_at end
        ) as withdrawn_at,
        raw_dispute.reinstated_at
    from raw_dispute
    left join payment on
        payment.source = raw_dispute.source
        and payment.payment_intent_id = case when raw_dispute.payment_id is null then raw_dispute.payment_intent_id end
        and payment.status = 'succeeded'
    where coalesce(lower(raw_dispute.status), '') not like 'warning%'
)

select source, id, payment_id, status, currency, amount, 'dispute' as kind, withdrawn_at as occurred_at
from disputes
where withdrawn_at is not null

union all

select source, id, payment_id, status, currency, - amount, 'dispute won', reinstated_at
from disputes
where reinstated_at is not null
