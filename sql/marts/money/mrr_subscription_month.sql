-- One row per month, account and subscription that was worth something at its end or at the end of the month before, in millionths: the
-- subscription's own currency, and the reporting currency at the rate of each month's end. The month that is not over ends on the as-of day.
-- What the rate alone changed is apart, and so is what a first rate or price brought to light. Null, counted as unpriced, without them.

with months as (
    select
        cast(month as date) as month,
        least(month + interval 1 month, (select as_of from snapshot_info)) as ends_at
    from (
        select unnest(range(
            (select date_trunc('month', min(starts_at)) from subscription_span), (select as_of from snapshot_info), interval 1 month
        )) as month
    )
),

ends as (
    select
        months.month,
        span.source,
        span.subscription_id,
        coalesce(customer_account.account_id, 'nobody:public') as account_id,
        span.currency,
        span.monthly_micros,
        span.what
    from months
    join subscription_span as span on span.starts_at < months.ends_at and span.ends_at >= months.ends_at
        and coalesce(span.monthly_micros, 1) > 0
    left join customer_account on customer_account.source = span.source and customer_account.customer_id = span.customer_id
),

pairs as (
    select
        month,
        source,
        subscription_id,
        account_id,
        currency,
        case when not bool_or(now_micros is null) then sum(now_micros) end as own_micros,
        case when not bool_or(before_micros is null) then sum(before_micros) end as own_before_micros,
        max(what) as what,
        max(was) as was
    from (
        select month, source, subscription_id, account_id, currency, monthly_micros as now_micros, 0 as before_micros, what, null as was
        from ends
        union all
        select cast(month + interval 1 month as date), source, subscription_id, account_id, currency, 0, monthly_micros, null, what
        from ends
        where month < (select max(month) from months)
    )
    group by month, source, subscription_id, account_id, currency
),

rates as (
    select months.month, fx_rate.currency, fx_rate.rate
    from months
    join fx_rate on cast(months.ends_at - interval 1 microsecond as date) >= fx_rate.valid_from
        and cast(months.ends_at - interval 1 microsecond as date) < fx_rate.valid_to
),

converted as (
    select
        pairs.*,
        rates.rate,
        at_rate(pairs.own_micros, rates.rate) as mrr_micros,
        at_rate(pairs.own_before_micros, rates.rate) as before_at_this_rate,
        case
            when pairs.own_before_micros = 0 then 0
            else at_rate(pairs.own_before_micros, earlier.rate)
        end as mrr_before_micros
    from pairs
    left join rates on rates.month = pairs.month and rates.currency = pairs.currency
    left join rates as earlier on earlier.month = cast(pairs.month - interval 1 month as date) and earlier.currency = pairs.currency
)

select
    converted.month,
    converted.account_id,
    coalesce(account_tier.tier, 'public') as tier,
    converted.source,
    converted.subscription_id,
    converted.currency,
    cast(converted.own_micros as bigint) as own_micros,
    cast(converted.own_before_micros as bigint) as own_before_micros,
    converted.rate,
    converted.mrr_before_micros,
    case when is_comparable then converted.mrr_micros - converted.before_at_this_rate else 0 end as change_micros,
    case
        when is_comparable then converted.before_at_this_rate - converted.mrr_before_micros
        else coalesce(converted.mrr_micros, 0) - coalesce(converted.mrr_before_micros, 0)
    end as currency_effect_micros,
    converted.mrr_micros,
    converted.was,
    converted.what,
    case
        when converted.own_micros is null then 'a price of it is not known'
        when converted.mrr_micros is null then 'no rate for ' || converted.currency
    end as unpriced_reason
from (select *, mrr_micros is not null and mrr_before_micros is not null as is_comparable from converted) as converted
join months using (month)
left join account_tier on account_tier.account_id = converted.account_id
    and cast(months.ends_at - interval 1 microsecond as date) >= account_tier.covers_from
    and cast(months.ends_at - interval 1 microsecond as date) < account_tier.covers_to
