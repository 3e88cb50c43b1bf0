-- One row per month and account with recurring revenue at its end or the end of the month before, in millionths of the reporting currency:
-- start + new + expansion − contraction − churn + reactivation + currency effect = end. One movement an account and month: churn only when
-- nothing else of it is active; new when it never had any at a month's end before. A first rate or price is no movement but the currency's effect.

with sums as (
    select
        month,
        account_id,
        any_value(tier) as tier,
        count(*) filter (where own_micros > 0) as subscriptions,
        coalesce(sum(mrr_before_micros), 0) as start_micros,
        coalesce(sum(change_micros), 0) as change_micros,
        coalesce(sum(currency_effect_micros), 0) as currency_effect_micros,
        coalesce(sum(mrr_micros), 0) as mrr_micros,
        count(*) filter (where unpriced_reason is not null) as unpriced
    from mrr_subscription_month
    group by month, account_id
),

named as (
    select
        *,
        case
            when change_micros = 0 then null
            when mrr_micros > 0 and mrr_micros - change_micros = 0 then
                case when min(month) filter (where mrr_micros > 0) over (partition by account_id) < month then 'reactivation' else 'new' end
            when mrr_micros = 0 then 'churn'
            when change_micros > 0 then 'expansion'
            else 'contraction'
        end as movement
    from sums
)

select
    month,
    account_id,
    tier,
    cast(subscriptions as bigint) as subscriptions,
    cast(start_micros as bigint) as start_micros,
    cast(case when movement = 'new' then change_micros else 0 end as bigint) as new_micros,
    cast(case when movement = 'expansion' then change_micros else 0 end as bigint) as expansion_micros,
    cast(case when movement = 'contraction' then - change_micros else 0 end as bigint) as contraction_micros,
    cast(case when movement = 'churn' then - change_micros else 0 end as bigint) as churn_micros,
    cast(case when movement = 'reactivation' then change_micros else 0 end as bigint) as reactivation_micros,
    cast(currency_effect_micros as bigint) as currency_effect_micros,
    cast(mrr_micros as bigint) as mrr_micros,
    movement,
    cast(unpriced as bigint) as unpriced
from named
