-- One row per outreach activity: what it cost, money and hours, in the reporting currency. Null with the reason where unknown.

with costs as (
    select
        outreach_activity.source,
        outreach_activity.id,
        outreach_activity.channel,
        outreach_activity.organization_ref,
        outreach_activity.account_ref,
        cast(outreach_activity.occurred_at as date) as day,
        case
            when outreach_activity.cost is not null then at_rate(in_micros(outreach_activity.cost, currency_unit.decimals), fx_rate.rate)
        end as money_micros,
        cast(round(outreach_activity.hours * setting.outreach_micros_per_hour) as bigint) as hours_micros,
        outreach_activity.cost is not null and fx_rate.rate is null as no_rate,
        outreach_activity.currency
    from outreach_activity
    cross join setting
    left join currency_unit on currency_unit.currency = outreach_activity.currency
    left join fx_rate on fx_rate.currency = outreach_activity.currency
        and cast(outreach_activity.occurred_at as date) >= fx_rate.valid_from
        and cast(outreach_activity.occurred_at as date) < fx_rate.valid_to
    where outreach_activity.occurred_at is not null
)

select
    source,
    id,
    channel,
    organization_ref,
    account_ref,
    day,
    case
        when no_rate then null
        when money_micros is null and hours_micros is null then null
        else coalesce(money_micros, 0) + coalesce(hours_micros, 0)
    end as cost_micros,
    case
        when no_rate then 'no rate for ' || currency
        when money_micros is null and hours_micros is null then 'neither money nor priced hours'
    end as unpriced_reason
from costs
