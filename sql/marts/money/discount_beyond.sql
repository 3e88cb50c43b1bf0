-- One row per bill from which another share than before is left of a subscription's price beyond its own discounts: a coupon of the customer or
-- of an item, which its dated changes do not tell. Only for subscriptions that have such changes; the others are read from bills alone.

with own as (
    select distinct source, subscription_id, discount.id as discount_id
    from (select source, subscription_id, unnest(from_json(discounts, '[{"id": "VARCHAR"}]')) as discount from subscription_change)
),

bills as (
    select
        line.source,
        line.subscription_id,
        line.starts_at,
        line.id,
        any_value(line.amount) as amount,
        coalesce(sum(line_discount.amount) filter (where own.discount_id is null and not line_discount.is_once), 0) as off
    from invoice_line as line
    join (select distinct source, subscription_id from subscription_change) as changed using (source, subscription_id)
    left join price on price.source = line.source and price.id = line.price_id
    left join line_discount on line_discount.source = line.source and line_discount.id = line.id
    left join own on own.source = line.source and own.subscription_id = line.subscription_id and own.discount_id = line_discount.discount_id
    where not line.proration and line.amount > 0 and line.subscription_item_id is not null and not coalesce(price.is_metered, false)
        and coalesce(line.status, '') <> 'void'
    group by line.source, line.subscription_id, line.starts_at, line.id
)

select source, subscription_id, starts_at, 1 - sum(off) / sum(amount) as kept
from bills
group by source, subscription_id, starts_at
qualify kept is distinct from lag(kept, 1, 1.0) over (partition by source, subscription_id order by starts_at)
