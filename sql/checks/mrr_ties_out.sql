-- check: mrr_ties_out
-- question: Does each month's recurring revenue follow from the month before and what moved it?
-- severity: error

with steps as (
    select
        *,
        coalesce(lag(mrr_micros) over (partition by account_id order by month), 0) as end_before
    from mrr_month
)

select month, account_id, 'does not add up' as why, mrr_micros
from steps
where start_micros + new_micros + expansion_micros + reactivation_micros - contraction_micros - churn_micros + currency_effect_micros
    <> mrr_micros

union all

select month, account_id, 'does not begin where the month before ended', start_micros
from steps
where start_micros <> end_before

union all

select null, null, 'not the subscriptions'' sum', sum(mrr_micros)
from (
    select sum(mrr_micros) as mrr_micros from mrr_month
    union all
    select - sum(mrr_micros) from mrr_subscription_month
)
having coalesce(sum(mrr_micros), 0) <> 0
