-- One row per stretch of time in which a subscription is worth the same by the month to the same customer: from its bills until its first
-- dated change, from its changes after that, else from what it is now. It ends when the subscription does. Zero stretches are rows, too;
-- null where a price is not known.

with first_change as (
    select source, subscription_id, min(occurred_at) as since
    from subscription_change
    group by source, subscription_id
),

moves as (
    select
        *,
        monthly_micros - coalesce(lag(monthly_micros) over item_time, 0) as delta,
        lag(what) over item_time as was
    from item_state
    window item_time as (partition by source, subscription_id, item order by since, monthly_micros desc)
),

-- a bill says what an item is, not since when: between two bills the same stays
by_bill as (
    select
        source,
        subscription_id,
        since,
        arg_max(customer_id, delta) as customer_id,
        arg_max(currency, delta) as currency,
        sum(delta) as delta,
        string_agg(distinct was, ' + ') filter (where delta <> 0) as was,
        string_agg(distinct what, ' + ') filter (where delta <> 0) as what,
        arg_max(basis, abs(delta)) as basis,
        arg_max(basis_id, abs(delta)) as basis_id
    from moves
    group by source, subscription_id, since
),

billed as (
    select
        * exclude (delta),
        cast(sum(delta) over (partition by source, subscription_id order by since) as bigint) as monthly_micros
    from by_bill
),

priced as (
    select
        item.source,
        item.subscription_id,
        case when count(*) filter (where price_quantity.monthly_micros is null) = 0 then sum(price_quantity.monthly_micros) end as monthly_micros,
        count(*) as items,
        string_agg(price_quantity.what, ' + ' order by item.id) as what
    from raw_subscription_item as item
    left join price on price.source = item.source and price.id = item.price_id
    left join price_quantity on price_quantity.source = item.source and price_quantity.price_id = item.price_id
        and price_quantity.quantity = coalesce(item.quantity, 1)
    where not coalesce(price.is_metered, false)
    group by item.source, item.subscription_id
),

-- what has neither bill nor dated change: as it is now, since it began
now as (
    select
        subscription.source,
        subscription.id as subscription_id,
        greatest(subscription.started_at, coalesce(subscription.trial_ends_at, subscription.started_at)) as since,
        subscription.customer_id,
        subscription.currency,
        case
            when subscription.status in ('incomplete', 'incomplete_expired', 'unpaid', 'paused') then 0
            when priced.items is null then 0
            else priced.monthly_micros
        end as monthly_micros,
        priced.what
    from subscription
    left join priced on priced.source = subscription.source and priced.subscription_id = subscription.id
    left join (select distinct source, subscription_id from item_state) as billed
        on billed.source = subscription.source and billed.subscription_id = subscription.id
    left join first_change on first_change.source = subscription.source and first_change.subscription_id = subscription.id
    where billed.subscription_id is null and first_change.subscription_id is null
),

moments as (
    select billed.source, billed.subscription_id, billed.since, billed.customer_id, billed.currency, billed.monthly_micros, billed.was,
        billed.what, billed.basis, billed.basis_id
    from billed
    left join first_change using (source, subscription_id)
    left join subscription on subscription.source = billed.source and subscription.id = billed.subscription_id
    where (first_change.since is null or billed.since < first_change.since)
        and coalesce(subscription.status, '') <> 'incomplete_expired'

    union all

    select source, subscription_id, since, customer_id, currency, monthly_micros, null, what, basis, basis_id
    from change_state

    union all

    -- nothing is known of the time before the first change: it was then what it is after it, unless it began with it
    select change_state.source, change_state.subscription_id, subscription.started_at, change_state.customer_id, change_state.currency,
        change_state.monthly_micros, null, change_state.what, 'begun', change_state.basis_id
    from change_state
    join first_change on first_change.source = change_state.source and first_change.subscription_id = change_state.subscription_id
        and first_change.since = change_state.since
    join subscription on subscription.source = change_state.source and subscription.id = change_state.subscription_id
        and subscription.started_at < first_change.since
    left join (select distinct source, subscription_id from item_state) as billed
        on billed.source = change_state.source and billed.subscription_id = change_state.subscription_id
    where billed.subscription_id is null and coalesce(change_state.monthly_micros, 1) > 0

    union all

    select source, subscription_id, since, customer_id, currency, monthly_micros, null, what, 'begun', null
    from now

    union all

    select
        source,
        id,
        coalesce(ended_at, case when status in ('canceled', 'cancelled') then coalesce(canceled_at, current_period_ends_at) end),
        customer_id,
        currency,
        0,
        null,
        null,
        'ended',
        null
    from subscription
),

placed as (
    select
        moments.*,
        min(since) filter (where basis = 'ended') over (partition by source, subscription_id) as over_at,
        row_number() over (partition by source, subscription_id, since order by basis = 'ended' desc, basis_id desc) as place
    from moments
    where since is not null
),

kept as (
    select
        source,
        subscription_id,
        since,
        customer_id,
        currency,
        case when monthly_micros < 0 then 0 else monthly_micros end as monthly_micros,
        was,
        what,
        basis,
        basis_id,
        lag(case when monthly_micros < 0 then 0 else monthly_micros end, 1, 0) over run as monthly_before,
        lag(customer_id) over run as customer_before,
        lag(currency) over run as currency_before,
        lag(what) over run as what_before
    from placed
    where place = 1 and (over_at is null or since <= over_at)
    window run as (partition by source, subscription_id order by since)
)

select
    source,
    subscription_id,
    customer_id,
    currency,
    since as starts_at,
    lead(since, 1, timestamp '9999-12-31') over (partition by source, subscription_id order by since) as ends_at,
    cast(monthly_micros as bigint) as monthly_micros,
    coalesce(was, what_before) as was,
    case when coalesce(monthly_micros, 1) > 0 then what end as what,
    basis,
    basis_id
from kept
where monthly_micros is distinct from monthly_before or (coalesce(monthly_micros, 1) > 0
    and (customer_id is distinct from customer_before or currency is distinct from currency_before))
