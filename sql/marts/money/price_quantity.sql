-- One row per price and quantity that was sold of it: what it costs for one interval and for a month, in millionths of the price's own
-- currency, before discounts. Null where no price says.
-- Graduated tiers charge each unit at its own tier's price, volume tiers all units at the price of the tier that the quantity reaches.
-- What is sold in packages is charged by whole packages.

with sold as (
    select source, price_id, quantity from invoice_line where price_id is not null
    union
    select source, price_id, quantity from raw_subscription_item where price_id is not null
    union
    select source, item.price_id, item.quantity
    from (select source, unnest(items) as item from subscription_change)
    where item.price_id is not null
),

licensed as (
    select
        sold.source,
        sold.price_id,
        sold.quantity,
        price.unit_minor,
        (sold.quantity + case when price.package_round = 'down' then 0 else price.package_size - 1 end) // price.package_size as packages,
        price.tiers,
        price.tiers_mode,
        price.currency,
        price.months_of,
        price.months_in,
        coalesce(price.nickname, price.id) as price_name
    from (select distinct source, price_id, coalesce(quantity, 1) as quantity from sold) as sold
    join price on price.source = sold.source and price.id = sold.price_id
    where not price.is_metered
),

steps as (
    select
        source,
        price_id,
        quantity,
        tiers_mode,
        tier.up_to,
        cast(coalesce(tier.unit_amount_decimal, tier.unit_amount, '0') as decimal(22, 12)) as unit_minor,
        cast(coalesce(tier.flat_amount_decimal, tier.flat_amount, '0') as decimal(22, 12)) as flat_minor
    from (select * exclude (tiers, unit_minor), unnest(tiers) as tier from licensed where unit_minor is null and tiers is not null)
),

bounds as (
    select
        *,
        coalesce(lag(up_to) over (partition by source, price_id, quantity order by up_to nulls last), 0) as above
    from steps
),

tiered as (
    select
        source,
        price_id,
        quantity,
        sum(case
            when tiers_mode = 'volume' then
                case when quantity > above or above = 0 then
                    case when up_to is null or quantity <= up_to then cast(quantity as decimal(14, 0)) * unit_minor + flat_minor end
                end
            when quantity > above or above = 0 then
                cast(greatest(least(quantity, coalesce(up_to, quantity)) - above, 0) as decimal(14, 0)) * unit_minor + flat_minor
        end) as amount
    from bounds
    group by source, price_id, quantity
),

amounts as (
    select
        licensed.*,
        cast(round(
            cast(coalesce(cast(licensed.packages as decimal(14, 0)) * licensed.unit_minor, tiered.amount) as decimal(28, 8))
            * cast(pow(10, 6 - coalesce(currency_unit.decimals, 2)) as decimal(7, 0))
        ) as bigint) as amount_micros
    from licensed
    left join tiered using (source, price_id, quantity)
    left join currency_unit on currency_unit.currency = licensed.currency
)

select
    source,
    price_id,
    quantity,
    amount_micros,
    cast((2 * amount_micros * months_of + months_in) // (2 * months_in) as bigint) as monthly_micros,
    case when quantity = 1 then '' else quantity || ' × ' end || price_name as what
from amounts
