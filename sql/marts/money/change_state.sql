-- One row per moment from which a dated change says what a subscription is by the month, in millionths of its currency: when it changed,
-- and when a trial, a pause or a discount of it ended on its own. Trials, pauses and what was never begun count nothing; what is past due counts.
-- What bills take off beyond the subscription's own discounts (a coupon of the customer or of an item) lowers it, too, from bill to bill.
-- Null, never 0, where a price of it is not known.

with spans as (
    select
        *,
        lead(occurred_at, 1, timestamp '9999-12-31') over (partition by source, subscription_id order by occurred_at, id) as until
    from subscription_change
),

given as (
    select source, id, occurred_at, until, currency, unnest(from_json(discounts, '[{"id": "VARCHAR", "percent_off": "DOUBLE",
        "amount_off": "BIGINT", "currency": "VARCHAR", "duration": "VARCHAR", "started_at": "TIMESTAMP", "ends_at": "TIMESTAMP"}]')) as discount
    from spans
),

lasting as (
    select * from given where coalesce(discount.duration, 'forever') <> 'once'
),

causes as (
    select source, id, occurred_at as since, cause from spans
    union
    select spans.source, spans.id, beyond.starts_at, 'discount of the bill'
    from discount_beyond as beyond
    join spans on spans.source = beyond.source and spans.subscription_id = beyond.subscription_id
        and beyond.starts_at > spans.occurred_at and beyond.starts_at < spans.until
    union
    select source, id, trial_ends_at, 'trial over' from spans where trial_ends_at > occurred_at and trial_ends_at < until
    union
    select source, id, resumes_at, 'pause over' from spans where resumes_at > occurred_at and resumes_at < until
    union
    select source, id, ended_at, 'ended' from spans where ended_at > occurred_at and ended_at < until
    union
    select source, id, discount.ends_at, 'discount over' from lasting where discount.ends_at > occurred_at and discount.ends_at < until
),

moments as (
    select source, id, since, string_agg(cause, ', ' order by cause) as cause
    from causes
    group by source, id, since
),

-- the share of a price that is ours where the price holds the tax, as bills had it then; before the first such bill as that one has it
first_taxed as (
    select source, subscription_id, arg_min(share, starts_at) as share
    from tax_share
    group by source, subscription_id
),

ours as (
    select spans.source, spans.id, coalesce(taxed.share, first_taxed.share) as share
    from spans
    join first_taxed using (source, subscription_id)
    asof left join tax_share as taxed on taxed.source = spans.source and taxed.subscription_id = spans.subscription_id
        and spans.occurred_at >= taxed.starts_at
),

items as (
    select
        spans.source,
        spans.id,
        coalesce(cast(sum(case
            when price.tax_inclusive then round(price_quantity.monthly_micros * coalesce(ours.share, 1))
            else price_quantity.monthly_micros
        end) as bigint), 0) as monthly,
        min(price.months_of / price.months_in) as per_month,
        min(case when price.tax_inclusive then coalesce(ours.share, 1) else 1 end) as share,
        count(*) filter (where price_quantity.monthly_micros is null and not coalesce(price.is_metered, false)) > 0 as is_unpriced,
        string_agg(price_quantity.what, ' + ' order by item.item_id) as what
    from (select source, id, subscription_id, unnest(items) as item from spans) as spans
    left join price on price.source = spans.source and price.id = spans.item.price_id
    left join price_quantity on price_quantity.source = spans.source and price_quantity.price_id = spans.item.price_id
        and price_quantity.quantity = coalesce(spans.item.quantity, 1)
    left join ours on ours.source = spans.source and ours.id = spans.id
    group by spans.source, spans.id
),

off as (
    select
        moments.source,
        moments.id,
        moments.since,
        product(1 - coalesce(lasting.discount.percent_off, 0) / 100) as kept,
        sum(in_micros(coalesce(lasting.discount.amount_off, 0), currency_unit.decimals))
            filter (where coalesce(lower(lasting.discount.currency), lasting.currency) = lasting.currency) as amount
    from moments
    join lasting using (source, id)
    left join currency_unit on currency_unit.currency = lasting.currency
    where coalesce(lasting.discount.started_at, moments.since) <= moments.since
        and (lasting.discount.ends_at is null or lasting.discount.ends_at > moments.since)
    group by moments.source, moments.id, moments.since
)

select
    spans.source,
    spans.subscription_id,
    moments.since,
    spans.customer_id,
    spans.currency,
    case
        when spans.status in ('incomplete', 'incomplete_expired', 'unpaid', 'paused', 'canceled', 'cancelled') then 0
        when spans.ended_at <= moments.since then 0
        when spans.trial_ends_at > moments.since then 0
        when spans.paused and (spans.resumes_at is null or spans.resumes_at > moments.since) then 0
        when items.is_unpriced then null
        else greatest(0, cast(round((
            coalesce(items.monthly, 0) * coalesce(off.kept, 1) - coalesce(off.amount, 0) * coalesce(items.per_month, 1) * coalesce(items.share, 1)
        ) * coalesce(beyond.kept, 1)) as bigint))
    end as monthly_micros,
    items.what,
    moments.cause as basis,
    spans.id as basis_id
from moments
join spans using (source, id)
left join items using (source, id)
left join off using (source, id, since)
asof left join discount_beyond as beyond on beyond.source = spans.source and beyond.subscription_id = spans.subscription_id and moments.since >= beyond.starts_at
