-- metric: mrr_movements
-- label: What moved recurring revenue
-- question: Which subscription changes make up a movement?
-- unit: the reporting currency, a month
-- grain: one row a month, account and subscription whose MRR changed
-- good: -
-- definition: The subscriptions behind the movements of their accounts, with what they were and became and the bill or event that says so. The rows of an
--   account and month add up to its movement, so that one that fell can stand under expansion where another of the account rose by more.
-- column month: first day of the month, UTC
-- column account_id: the account that pays
-- column name: its name
-- column tier: its tier at the month's end
-- column movement: new, expansion, reactivation, contraction or churn, of the account; currency where only the rate moved; tier where the account came
--   into the chosen tier or left it with what it had
-- column subscription_id: the biller's id
-- column was: what the subscription was
-- column became: what it is; null where it ended
-- column change: what the subscription added or took
-- column currency_effect: what the rate alone changed
-- column currency: its own currency
-- column own_change: the change in its own currency, whole units
-- column rate: reporting currency for one unit, at the month's end
-- column changed_at: when, UTC; the last change of the month
-- column basis: what says so: a bill, or the biller's event
-- column basis_id: its id

with moved as (
    select * replace (if(tier = $tier, mrr_before_micros, - mrr_before_micros) as change_micros), 'tier' as movement
    from (
        select *, lag(tier) over (partition by source, subscription_id, account_id order by month) as tier_before
        from mrr_subscription_month
    )
    where tier_before <> tier and (tier = $tier or tier_before = $tier) and mrr_before_micros <> 0
        and ($date_from is null or month >= date_trunc('month', cast($date_from as date)))
        and ($date_to is null or month < cast($date_to as date))
        and ($account is null or account_id = $account)
        and ($movement is null or $movement = 'tier')
),

changed as (
    select
        mrr_subscription_month.*,
        coalesce(mrr_month.movement, 'currency') as movement,
        least(mrr_subscription_month.month + interval 1 month, (select as_of from snapshot_info)) as ends_at
    from mrr_subscription_month
    join mrr_month using (month, account_id)
    where (mrr_subscription_month.change_micros <> 0 or mrr_subscription_month.currency_effect_micros <> 0)
        and ($tier is null or mrr_subscription_month.tier = $tier)
        and ($date_from is null or mrr_subscription_month.month >= date_trunc('month', cast($date_from as date)))
        and ($date_to is null or mrr_subscription_month.month < cast($date_to as date))
        and ($account is null or mrr_subscription_month.account_id = $account)
        and ($movement is null or coalesce(mrr_month.movement, 'currency') = $movement
            or ($movement = 'currency' and mrr_subscription_month.currency_effect_micros <> 0))

    union all by name

    select * exclude (tier_before) replace (0 as currency_effect_micros), least(month + interval 1 month, (select as_of from snapshot_info)) as ends_at
    from moved
),

causes as (
    select
        changed.month,
        changed.source,
        changed.subscription_id,
        arg_max(struct_pack(span.starts_at, span.basis, span.basis_id), span.starts_at) as cause
    from changed
    join subscription_span as span on span.source = changed.source and span.subscription_id = changed.subscription_id
        and span.starts_at >= changed.month and span.starts_at < changed.ends_at
    group by changed.month, changed.source, changed.subscription_id
)

select
    changed.month,
    changed.account_id,
    account.name,
    changed.tier,
    changed.movement,
    changed.subscription_id,
    changed.was,
    changed.what as became,
    changed.change_micros / 1000000 as change,
    changed.currency_effect_micros / 1000000 as currency_effect,
    changed.currency,
    case when changed.movement <> 'tier' then (changed.own_micros - changed.own_before_micros) / 1000000 end as own_change,
    cast(changed.rate as double) as rate,
    causes.cause.starts_at as changed_at,
    causes.cause.basis as basis,
    causes.cause.basis_id as basis_id
from changed
left join account on account.account_id = changed.account_id
left join causes on causes.month = changed.month and causes.source = changed.source
    and causes.subscription_id = changed.subscription_id
order by changed.month desc, abs(changed.change_micros) desc, changed.account_id, changed.subscription_id
