-- materialise: table
-- One row per line of a cloud bill, and per day of a cost that a person entered, in the pool that program.toml puts it in, in the reporting
-- currency with the rate used. Lines of a whole month are shared out over the month, others over their day. No rate: null, never 0.
-- An entered cost is spread over its days so that they add up to it: each is what is due by its end less what was by its beginning.

with typed as (
    select
        id,
        pool,
        lower(currency) as currency,
        in_micros(amount, (select decimals from currency_unit where currency_unit.currency = lower(entered.currency))) as micros,
        starts_on,
        ends_on - starts_on + 1 as days,
        unnest(range(0, cast(ends_on - starts_on as bigint) + 1)) as n
    from raw_cost_entered as entered
    where undone_at is null and ends_on >= starts_on
),

entries as (
    select
        source,
        id,
        service_name,
        null as pool,
        lower(coalesce(currency, (select currency from setting))) as currency,
        case when (select cost_column from setting) = 'EffectiveCost' then effective_cost_micros else billed_cost_micros end as cost_micros,
        coalesce(charge_period_started_at, billing_period_started_at) as started_at,
        coalesce(charge_period_ends_at, charge_period_started_at + interval 1 day, billing_period_started_at + interval 1 month) as ends_at
    from raw_cost_entry

    union all

    select
        'entered',
        id || '-' || n,
        null,
        pool,
        currency,
        cast(cast(micros as hugeint) * (n + 1) // days - cast(micros as hugeint) * n // days as bigint),
        cast(starts_on + cast(n as integer) as timestamp),
        cast(starts_on + cast(n as integer) + 1 as timestamp)
    from typed
),

-- a service that is listed twice counts in the first pool only
listed as (
    select lower(cost_service) as service_name, arg_min(pool, position) as pool
    from program_cost_service
    group by 1
)

select
    entries.source,
    entries.id,
    entries.service_name,
    coalesce(cost_pool.pool, entries.pool, 'not in a pool') as pool,
    cost_pool.method,
    cost_pool.driver,
    cost_pool.service,
    cast(entries.started_at as date) as day,
    cast(date_trunc('month', entries.started_at) as date) as month,
    case when entries.ends_at > entries.started_at + interval 36 hour then 'month' else 'day' end as period_kind,
    entries.currency,
    entries.cost_micros as original_micros,
    fx_rate.rate,
    at_rate(entries.cost_micros, fx_rate.rate) as cost_micros,
    case
        when entries.cost_micros is null then 'no cost on the line'
        when fx_rate.rate is null then 'no rate for ' || entries.currency
    end as unpriced_reason
from entries
left join listed on listed.service_name = lower(entries.service_name)
left join program_cost_pool as cost_pool on lower(cost_pool.pool) = lower(coalesce(entries.pool, listed.pool))
left join fx_rate on fx_rate.currency = entries.currency and cast(entries.started_at as date) >= fx_rate.valid_from
    and cast(entries.started_at as date) < fx_rate.valid_to
