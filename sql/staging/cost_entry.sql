-- One row per line of a cloud bill, in the pool that program.toml puts its service in, in the reporting currency.
-- Lines of a whole month are shared out over the month, others over their day. No rate for the currency: null, never 0.

with entries as (
    select
        source,
        id,
        service_name,
        lower(coalesce(currency, (select currency from setting))) as currency,
        case when (select cost_column from setting) = 'EffectiveCost' then effective_cost_micros else billed_cost_micros end as cost_micros,
        coalesce(charge_period_started_at, billing_period_started_at) as started_at,
        coalesce(charge_period_ends_at, charge_period_started_at + interval 1 day, billing_period_started_at + interval 1 month) as ends_at
    from raw_cost_entry
),

-- a service that is listed twice counts in the first pool only
pools as (
    select
        lower(cost_service) as service_name,
        arg_min(pool, position) as pool,
        arg_min(driver, position) as driver,
        arg_min(service, position) as service
    from program_cost
    group by 1
)

select
    entries.source,
    entries.id,
    entries.service_name,
    coalesce(pools.pool, 'not in a pool') as pool,
    pools.driver,
    pools.service,
    cast(entries.started_at as date) as day,
    cast(date_trunc('month', entries.started_at) as date) as month,
    case when entries.ends_at > entries.started_at + interval 36 hour then 'month' else 'day' end as period_kind,
    entries.currency,
    entries.cost_micros as original_micros,
    cast(round(entries.cost_micros * fx_rate.rate) as bigint) as cost_micros,
    case
        when entries.cost_micros is null then 'no cost on the line'
        when fx_rate.rate is null then 'no rate for ' || entries.currency
    end as unpriced_reason
from entries
left join pools on pools.service_name = lower(entries.service_name)
left join fx_rate on fx_rate.currency = entries.currency and cast(entries.started_at as date) >= fx_rate.valid_from
    and cast(entries.started_at as date) < fx_rate.valid_to
