-- materialise: view
-- One row per discount on a line of a bill: what it took off in minor units, and what its coupon says. Parts of periods may name discounts with
-- an amount of 0, which are in the line's own amount already.

select
    line.source,
    line.id,
    line.part.discount_id as discount_id,
    line.part.amount as amount,
    coalesce(discount.duration, 'forever') = 'once' as is_once,
    discount.percent_off,
    discount.amount_off
from (
    select source, id, unnest(from_json(discounts, '[{"discount_id": "VARCHAR", "amount": "BIGINT"}]')) as part
    from raw_invoice_line
    where discounts is not null
) as line
left join discount on discount.source = line.source and discount.id = line.part.discount_id
