-- metric: time_to_first_call
-- label: Time to first call
-- question: How long from sign-up to the first call that works?
-- unit: days
-- grain: one row a tier, and one for all
-- good: down
-- definition: First authenticated success − sign-up, of an organization's first developer (or of a developer who belongs to none). Median and nine of ten, of those who
--   succeeded: both leave out who has not, so the share that never called stands beside them, of those that signed up at least 14 days ago. Who succeeded
--   before the first sign-up that a source tells of has no such time, and is counted apart. (Others call it TTFHW and give its mean, which
--   one forgotten account moves.)
-- column tier: internal, partner, open, public, or all
-- column signed_up: accounts that signed up
-- column succeeded: those of them with a time: a success after the sign-up; the n of the times
-- column median_days: half took no longer
-- column p90_days: nine of ten took no longer
-- column old_enough: signed up at least 14 days ago
-- column never_called: of them, those without any call
-- column never_called_share: never called ÷ old enough
-- column never_succeeded: of them, those without a success, the never called included
-- column never_succeeded_share: never succeeded ÷ old enough
-- column success_is_older: accounts that succeeded before they signed up, as far as sources tell

with accounts as (
    select
        *,
        signed_up_at <= (select as_of - interval 14 day from snapshot_info) as is_old_enough
    from conversion_first_call
    where ($tier is null or tier = $tier)
        and ($cohort_from is null or signed_up_at >= cast($cohort_from as date))
        and ($cohort_to is null or signed_up_at < cast($cohort_to as date))
        and ($dimension is null or $value is null or account_id in (
            select account_id from conversion_segment where dimension = $dimension and segment = $value
        ))
),

counts as (
    select
        coalesce(tier, 'all') as tier,
        count(*) as signed_up,
        count(days) as succeeded,
        median(days) as median_days,
        quantile_cont(days, 0.9) as p90_days,
        count(*) filter (is_old_enough) as old_enough,
        count(*) filter (is_old_enough and first_call_at is null) as never_called,
        count(*) filter (is_old_enough and first_success_at is null) as never_succeeded,
        count(*) filter (success_is_older) as success_is_older
    from accounts
    group by grouping sets ((tier), ())
)

select
    tier,
    signed_up,
    succeeded,
    median_days,
    p90_days,
    old_enough,
    never_called,
    never_called / nullif(old_enough, 0) as never_called_share,
    never_succeeded,
    never_succeeded / nullif(old_enough, 0) as never_succeeded_share,
    success_is_older
from counts
where signed_up > 0
order by tier
