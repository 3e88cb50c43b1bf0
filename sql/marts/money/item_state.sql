-- One row per moment at which a bill says what an item of a subscription is: by the month, in millionths of the bill's currency, after
-- lasting discounts, before tax. Nothing after the period that the last bill with it covers, where later bills leave it out.
-- A bill's own amount is the price, tiers and discounts as they were; a part of a period is priced in full.

-- what a discount takes off one bill only is no lower price
with given_once as (
    select source, id, sum(amount) as amount
    from line_discount
    where is_once
    group by source, id
),

-- a part of a period may name its discounts without amounts: they are in its own amount already
folded as (
    select
        source,
        id,
        product(1 - coalesce(percent_off, 0) / 100) filter (where not is_once) as kept,
        sum(amount_off) filter (where not is_once) as amount_off
    from line_discount
    group by source, id
    having sum(amount) = 0
),

-- the share of a price that is ours where it holds the tax, as the last bill with it had it
ours as (
    select source, subscription_id, arg_max(share, starts_at) as share
    from tax_share
    group by source, subscription_id
),

only_item as (
    select source, subscription_id, min(id) as item
    from raw_subscription_item
    group by source, subscription_id
    having count(*) = 1
),

lines as (
    select
        line.source,
        line.subscription_id,
        coalesce(line.subscription_item_id, only_item.item, 'price ' || line.price_id) as item,
        line.customer_id,
        line.currency,
        line.id,
        line.billed_at,
        line.proration,
        line.amount,
        line.starts_at,
        line.ends_at,
        line.net + cast(round(coalesce(given_once.amount, 0)
            * coalesce(line.net / nullif(cast(line.amount - line.discount as double), 0), ours.share, 1)) as bigint) as lasting,
        in_micros(lasting, currency_unit.decimals) as net_micros,
        -- of the line's own amount, what is left after discounts and the tax inside it
        lasting / nullif(cast(line.amount as double), 0) as kept,
        coalesce(folded.kept, 1) as folded_kept,
        in_micros(coalesce(folded.amount_off, 0), currency_unit.decimals) as folded_off,
        price.months_of,
        price.months_in,
        price_quantity.monthly_micros,
        coalesce(price_quantity.what, line.description, 'an unnamed price') as what
    from invoice_line as line
    left join only_item on only_item.source = line.source and only_item.subscription_id = line.subscription_id
    left join given_once on given_once.source = line.source and given_once.id = line.id
    left join folded on folded.source = line.source and folded.id = case when line.proration then line.id end
    left join ours on ours.source = line.source and ours.subscription_id = line.subscription_id
    left join price on price.source = line.source and price.id = line.price_id
    left join price_quantity on price_quantity.source = line.source and price_quantity.price_id = line.price_id
        and price_quantity.quantity = coalesce(line.quantity, 1)
    left join currency_unit on currency_unit.currency = line.currency
    where line.subscription_id is not null
        and (line.subscription_item_id is not null or line.proration)
        and not coalesce(price.is_metered, false)
        and line.ends_at > line.starts_at
),

states as (
    select
        *,
        case
            -- what was not used of an earlier price ends it, unless the same moment begins another
            when proration and amount < 0 then 0
            when proration and monthly_micros is not null then greatest(0, cast(round(
                (monthly_micros * folded_kept - folded_off * coalesce(months_of / months_in, 1)) * coalesce(kept, 1)) as bigint))
            when proration then cast(round(net_micros * (365.0 / 12) / (epoch(ends_at - starts_at) / 86400)) as bigint)
            when months_in is not null then
                cast(sign(net_micros) * ((2 * abs(net_micros) * months_of + months_in) // (2 * months_in)) as bigint)
            else cast(round(net_micros / greatest(1, round(epoch(ends_at - starts_at) / 86400 / (365.0 / 12)))) as bigint)
        end as monthly
    from lines
),

-- of several that say what an item is at one moment, what is charged comes before what is given back, the newest bill first
chosen as (
    select
        source,
        subscription_id,
        item,
        starts_at as since,
        arg_max(struct_pack(id, customer_id, currency, monthly, what, ends_at, billed_at), (amount >= 0, billed_at, id)) as said
    from states
    group by source, subscription_id, item, starts_at
),

-- the last period that a whole bill covered of the subscription, to tell a removed item from one that waits for its next bill
last_bill as (
    select source, subscription_id, max(starts_at) as starts_at
    from states
    where not proration
    group by source, subscription_id
),

last_said as (
    select source, subscription_id, item, max(since) as since, arg_max(said, since) as said
    from chosen
    group by source, subscription_id, item
)

select
    source,
    subscription_id,
    item,
    since,
    said.customer_id,
    said.currency,
    said.monthly as monthly_micros,
    said.what,
    'bill' as basis,
    said.id as basis_id
from chosen

union all

select
    last_said.source,
    last_said.subscription_id,
    last_said.item,
    last_said.said.ends_at,
    last_said.said.customer_id,
    last_said.said.currency,
    0,
    null,
    'left out of the next bill',
    last_said.said.id
from last_said
join last_bill on last_bill.source = last_said.source and last_bill.subscription_id = last_said.subscription_id
where last_bill.starts_at >= last_said.said.ends_at and last_said.said.monthly <> 0
