-- metric: time_to_first_call_trend
-- label: Time to first call, by cohort
-- question: Do those who sign up later get there sooner?
-- unit: days
-- grain: one row a tier and week or month of sign-up
-- good: down
-- definition: As the time to the first call, by the week (from Monday) or month of sign-up, UTC. A cohort is unfinished until its last possible member signed up
--   14 days ago: the slow ones of it have not called yet, so its median is too low, and it is marked.
-- column tier: internal, partner, open or public
-- column cohort: first day of the week or month of sign-up
-- column signed_up: accounts that signed up
-- column succeeded: those with a success after it; the n of the times
-- column median_days: half took no longer
-- column p90_days: nine of ten took no longer
-- column old_enough: signed up at least 14 days ago
-- column never_called: of them, those without any call
-- column never_called_share: never called ÷ old enough
-- column is_unfinished: whether some have had less than 14 days

with accounts as (
    select
        *,
        cast(date_trunc(coalesce($grain, 'month'), signed_up_at) as date) as cohort,
        signed_up_at <= (select as_of - interval 14 day from snapshot_info) as is_old_enough
    from conversion_first_call
    where ($tier is null or tier = $tier)
        and ($cohort_from is null or signed_up_at >= cast($cohort_from as date))
        and ($cohort_to is null or signed_up_at < cast($cohort_to as date))
        and ($dimension is null or $value is null or account_id in (
            select account_id from conversion_segment where dimension = $dimension and segment = $value
        ))
)

select
    tier,
    cohort,
    count(*) as signed_up,
    count(days) as succeeded,
    median(days) as median_days,
    quantile_cont(days, 0.9) as p90_days,
    count(*) filter (is_old_enough) as old_enough,
    count(*) filter (is_old_enough and first_call_at is null) as never_called,
    count(*) filter (is_old_enough and first_call_at is null) / nullif(count(*) filter (is_old_enough), 0) as never_called_share,
    cohort + case when $grain = 'week' then interval 7 day else interval 1 month end
        > (select as_of - interval 14 day from snapshot_info) as is_unfinished
from accounts
group by tier, cohort
order by tier, cohort
